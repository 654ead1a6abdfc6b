/** Rights as an operator writes them: `act:types:purposes:counterparties`, each part a list with commas, or `*` for any; what is left out is any. */
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'

export type Right = NonNullable<Parameters<NodeApi['enrolApply']>[0]['rights']>[number]

export const rightForm = '<act:types:purposes:parties>'
export const rightAbout = 'request or provide, which types, for which purposes, with which jurisdictions or DIDs: lists with commas, or * (may be repeated)'

/** @throws {TrustError} DFFT_USAGE */
export function rightOf(text: string): Right {
  // A DID has colons of its own, so the parties stand last.
  const [, act, types = '*', purposes = '*', parties = '*'] = /^(request|provide)(?::([^:]+)(?::([^:]+)(?::(.+))?)?)?$/.exec(text) ?? []
  if (act !== 'request' && act !== 'provide')
    throw new TrustError('DFFT_USAGE', `\`${text}\` is no right: write it as \`request:BusinessRegistrationCredential:trade.supplier-verification:DE,FR\``)
  return { act, credentials: listOf(types), purposes: listOf(purposes), counterparties: partiesOf(parties) }
}

export function rightText({ act, credentials, purposes, counterparties }: Right): string {
  const parties = counterparties === '*' ? '*' : [...counterparties.jurisdictions, ...counterparties.dids].join(',')
  return [act, credentials, purposes].map(String).concat(parties).join(':')
}

function partiesOf(text: string): Right['counterparties'] {
  const parties = listOf(text)
  if (parties === '*') return '*'
  const dids = parties.filter((party) => party.startsWith('did:'))
  return { dids, jurisdictions: parties.filter((party) => !dids.includes(party)) }
}

function listOf(text: string): '*' | string[] {
  return text === '*' ? '*' : text.split(',')
}
