/**
 * Rights as an operator writes them, wherever a command takes them: `act:types:purposes:counterparties`, each part a list with commas, or `*`
 * for any; what is left out is any. Or `@file`: a list of them, in the same form or as the document has them, in YAML or JSON.
 */
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { textOfFile } from './files.ts'

export type Right = NonNullable<Parameters<NodeApi['enrolApply']>[0]['rights']>[number]

/** Told once, for every command that takes it. */
export const rightOption = {
  flags: '--right <act:types:purposes:parties|@file>',
  about:
    '`request` or `provide`, which types, for which purposes, with which jurisdictions or DIDs: lists with commas, or * for any; what is left out is any. `@file`: a list of them in YAML or JSON (may be repeated)',
  kind: 'list',
} as const

const acts = ['request', 'provide'] as const
const members = ['act', 'credentials', 'purposes', 'counterparties'] as const
const anything = { credentials: '*', purposes: '*', counterparties: '*' } as const

/**
 * Undefined where none was given.
 *
 * @throws {TrustError} DFFT_USAGE for what is no right, or has a word that looks like a slip of a known one; those of textOfFile
 */
export async function rightsOf(session: Session, texts: readonly string[] | undefined): Promise<Right[] | undefined> {
  if (texts === undefined) return undefined
  const read = await Promise.all(texts.map(async (text) => (text.startsWith('@') ? rightsOfFile(session, text.slice(1)) : [rightOf(text)])))
  const rights = read.flat()
  await checkWords(rights)
  return rights
}

async function rightsOfFile(session: Session, file: string): Promise<Right[]> {
  const text = await textOfFile(session, file)
  const { parse } = await import('yaml')
  try {
    const value: unknown = parse(text, { schema: 'core', maxAliasCount: 0 })
    return (Array.isArray(value) ? value : [value]).map(rightFrom)
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    throw new TrustError('DFFT_USAGE', `\`@${file}\` is neither YAML nor JSON`, {}, { cause })
  }
}

/** As a document or a file has it: what is left out is any. @throws {TrustError} DFFT_USAGE */
export function rightFrom(value: unknown): Right {
  if (typeof value === 'string') return rightOf(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(JSON.stringify(value))
  for (const name of Object.keys(value)) checkKnown(name, members, 'is no part of a right')
  const right = { ...anything, ...value } as Right // The node's door reads the rest.
  checkKnown(String(right.act), acts, 'is nothing that a right is for')
  return right
}

/** @throws {TrustError} DFFT_USAGE */
export function rightOf(text: string): Right {
  // A DID has colons of its own, so the parties stand last.
  const [, act = '', types = '*', purposes = '*', parties = '*'] = /^([^:]*)(?::([^:]+)(?::([^:]+)(?::(.+))?)?)?$/.exec(text) ?? []
  if (act === '') throw unreadable(text)
  checkKnown(act, acts, 'is nothing that a right is for')
  return { act: act as Right['act'], credentials: listOf(types), purposes: listOf(purposes), counterparties: partiesOf(parties) } // Just looked at.
}

export function rightText({ act, credentials, purposes, counterparties }: Right): string {
  const parties = counterparties === '*' ? '*' : [...counterparties.jurisdictions, ...counterparties.dids].join(',')
  return [act, credentials, purposes].map(String).concat(parties).join(':')
}

function unreadable(text: string): TrustError {
  return new TrustError('DFFT_USAGE', `\`${text}\` is no right: write it as \`request:BusinessRegistrationCredential:trade.supplier-verification:DE,FR\``)
}

/** So few that the likeliest is the one with the same beginning. */
function checkKnown(word: string, known: readonly string[], what: string): void {
  if (known.includes(word)) return
  const near = known.find((one) => one[0] === word[0]?.toLowerCase())
  throw new TrustError('DFFT_USAGE', `\`${word}\` ${what}; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean \`${near}\`?`}`, {
    nearest: near ?? null,
  })
}

/** A right for a mistyped purpose permits nothing, and says so to nobody. The words are loaded only where there are any to look at. */
async function checkWords(rights: readonly Right[]): Promise<void> {
  const words = rights.flatMap(({ credentials, purposes }) => [...named('credential', credentials), ...named('purpose', purposes)])
  if (words.length === 0) return
  const { nearestWord } = await import('#node/offline.ts')
  for (const { kind, word } of words) {
    const nearest = nearestWord(kind, word)
    if (nearest !== null) throw new TrustError('DFFT_USAGE', `unknown ${kind} \`${word}\`; did you mean \`${nearest}\`?`, { nearest })
  }
}

function named<Kind extends 'credential' | 'purpose'>(kind: Kind, list: unknown): { readonly kind: Kind; readonly word: string }[] {
  return Array.isArray(list) ? list.map((word) => ({ kind, word: String(word) })) : []
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
