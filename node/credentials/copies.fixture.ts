/** A nurse, her qualification, what an operator does with it, and what those see to whom it is shown. */

import type { ExchangeView } from '#node/api/exchanges.ts'
import { fromBase64url } from '#protocols/base64url.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import vectors from '#protocols/credential-types/qualification/vectors.json' with { type: 'json' }
import type { Jurisdiction } from '#protocols/ids.ts'
import { type Party, startParty, type ThreeNodes } from '#test-network/fixture.ts'

const everything = vectors.good.find(({ name }) => name === 'everything there can be')?.subject as unknown as JsonObject
/** Every member that the type has, save the files, which would have to be handed over before. */
export const nurse: JsonObject = Object.fromEntries(Object.entries(everything).filter(([name]) => name !== 'attachments'))
/** Another person. */
export const graduate = vectors.good.find(({ name }) => name === 'the least there can be')?.subject as unknown as JsonObject
export const typeName = 'QualificationCredential'
export const licensing = { purpose: 'employment.licensing', legalBasis: 'subject-request' } as const

/** Issued by the Japanese agency and delivered to the business that serves the person. @returns ids at the issuer and at the holder */
export async function issuePerson(net: ThreeNodes, copies = 10, claims = nurse): Promise<{ readonly issued: string; readonly held: string }> {
  const { credential, delivery } = await net.jp.node.issue({ type: typeName, claims, holder: net.biz.did, copies })
  if (delivery?.state !== 'closed') throw new Error(`the delivery ended ${delivery?.state} ${delivery?.code}`)
  return { issued: credential.id, held: `urn:dfft:held:${delivery.id}` }
}

/** Shown to an authority in Germany at the person's request. */
export function showPerson(net: ThreeNodes, credential: string, to = net.de.did): Promise<ExchangeView> {
  return net.biz.node.present({ to, credential, ...licensing })
}

/** Another authority in Germany, which knows and is known by all. */
export async function fourthParty(net: ThreeNodes): Promise<Party> {
  const { jp, biz, de } = net
  const other = await startParty({ name: 'DE other', jurisdiction: 'DE' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
  await other.node.peerAdd({ address: de.address })
  await other.node.peerAdd({ address: jp.address })
  await other.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await other.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  for (const { document } of jp.parts.trust.shelf.agreements()) await other.node.trustApply({ document })
  await de.node.trustAccredit({ subject: other.did, sector: 'public' })
  await other.node.peerAdd({ address: biz.address })
  return other
}

/** The texts that were shown to a node, newest last. */
export async function seenBy({ parts, node }: Pick<Party, 'parts' | 'node'>): Promise<readonly string[]> {
  const { exchanges } = await node.exchangeList({})
  const received = exchanges.filter(({ role, credentialType, state }) => role === 'requester' && credentialType === typeName && state === 'closed')
  const texts = await Promise.all(received.map(async ({ credential }) => (await parts.wallet.get(credential ?? '')).encodings.map(({ text }) => text)))
  return texts.flat().reverse()
}

/** The thumb of a copy: the key that it is bound to. */
export function copyKey(text: string): string {
  return JSON.stringify(readSdJwt(text).holderKey)
}

/** All that somebody to whom it is shown can read: headers, payloads, disclosures, signatures, as text and decoded. */
export function readable(text: string): { readonly strings: ReadonlySet<string>; readonly numbers: ReadonlySet<number> } {
  const parts = text.split('~')
  const [token = '', binding = ''] = [parts[0], parts.at(-1)]
  const values: unknown[] = [parts.slice(1, -1), token.split('.'), binding.split('.')]
  for (const part of [...token.split('.').slice(0, 2), ...binding.split('.').slice(0, 2), ...parts.slice(1, -1)])
    values.push(JSON.parse(Buffer.from(fromBase64url(part)).toString()))
  const strings = new Set<string>()
  const numbers = new Set<number>()
  walk(values, (leaf) => {
    if (typeof leaf === 'string') strings.add(leaf)
    if (typeof leaf === 'number') numbers.add(leaf)
  })
  return { strings, numbers }
}

/** Every value of a JSON tree, and every name of a member. */
export function walk(value: unknown, visit: (leaf: unknown) => void): void {
  if (typeof value !== 'object' || value === null) visit(value)
  else walkMembers(value, visit)
}

function walkMembers(value: object, visit: (leaf: unknown) => void): void {
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) visit(name)
    walk(member, visit)
  }
}
