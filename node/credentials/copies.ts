/**
 * The copies of a credential about a person: one entry in the wallet, many copies beside it, each shown once.
 *
 * That a copy is used is a record of its own, written in the batch of its release and only where there is none yet: the store itself
 * refuses a second use, whatever two exchanges do at once and wherever a crash falls.
 */

import { type ExchangeRecord, getRecord } from '#node/exchange/exchange-record.ts'
import type { KeyRef, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import type { Parsed } from '#node/verify.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type ExchangeId, type Instant, msOf } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import type { HolderKeys } from './holder-keys.ts'
import type { Kept, Wallet } from './wallet.ts'

/** One copy: a dc+sd-jwt. */
export interface Copy {
  readonly text: string
  readonly status: StatusReference | null
  /** Of the key it is bound to; null at the issuer. */
  readonly key: KeyRef | null
}

/** A copy picked for one exchange: the credential as that copy shows it, who signs for it, and what makes the use last. */
export interface Picked {
  readonly credential: Kept
  readonly signer: Signer
  readonly writes: readonly Write[]
  /** Must not be in the store yet. */
  readonly unused: string
}

type Of = Pick<Kept, 'id' | 'role'>

export function copyWrites({ id, role }: Of, copies: readonly Copy[]): readonly Write[] {
  return copies.map((copy, at) => putJson(`${copyPrefix({ id, role })}${numbered(at)}`, copy))
}

/** All of them, used or not, in the order in which they were issued. */
export async function copiesOf(store: Store, kept: Of): Promise<readonly Copy[]> {
  const copies: Copy[] = []
  for await (const [, copy] of scanJson<Copy>(store, copyPrefix(kept))) copies.push(copy)
  return copies
}

/**
 * What an issuer delivered, as copies to keep: each bound to a key that was made for this very issuer and type, and nothing in them by
 * which two that are shown could be told to belong together.
 *
 * @throws {TrustError} DFFT_LIMIT, DFFT_HOLDER_BINDING for a key that is not waiting or stands twice, DFFT_COPIES_LINKED
 */
export async function copiesIn(parsed: readonly Parsed[], { partner }: Pick<ExchangeRecord, 'partner'>, holderKeys: HolderKeys): Promise<readonly Copy[]> {
  const copies: Copy[] = []
  for (const { sdJwt, type, status } of parsed) {
    const key = sdJwt?.holderKey && type && (await holderKeys.waiting(sdJwt.holderKey, { issuer: partner, credentialType: type.name }))
    if (!key) throw new TrustError('DFFT_HOLDER_BINDING', 'a copy is bound to a key that was not made for its issuer and type')
    copies.push({ text: sdJwt.shown, status: status[0] ?? null, key })
  }
  if (new Set(copies.map(({ key }) => key)).size < copies.length) throw new TrustError('DFFT_HOLDER_BINDING', 'two copies are bound to one key')
  checkUnlinked(parsed)
  return copies
}

/** Two copies have the claims in common, the type, the issuer and a day; every salt, digest and place in a status list is one copy's. */
function checkUnlinked(parsed: readonly Parsed[]): void {
  const seen = new Set<string>()
  const [first] = parsed
  for (const { id, subject, claims, sdJwt, status, issuedAtMs, validFromMs, validUntilMs } of parsed) {
    if (id !== null || subject !== null) throw linked('a copy names itself or its subject')
    if (digestOf(claims) !== digestOf(first?.claims ?? {})) throw linked('the copies do not say the same')
    if (issuedAtMs !== first?.issuedAtMs || validFromMs !== first.validFromMs || validUntilMs !== first.validUntilMs) throw linked('the copies differ in time')
    const own = [...(sdJwt?.disclosures ?? []).map(({ text }) => text), ...status.map(({ uri, index }) => `${uri}#${index}`)]
    if (status.length !== 1 || own.some((value) => seen.has(value))) throw linked('two copies share a salt or a place in the status list')
    for (const value of own) seen.add(value)
  }
}

function linked(why: string): TrustError {
  return new TrustError('DFFT_COPIES_LINKED', why)
}

/** The texts of all copies that this node issued, one at a time: a large agency's do not fit into memory. */
export async function* issuedCopyTexts(store: Store): AsyncGenerator<string> {
  for await (const [, { text }] of scanJson<Copy>(store, rolePrefix('issued'))) yield text
}

/** Every place in a status list that has to change with the credential. */
export async function placesOf(kept: Kept, store: Store): Promise<readonly StatusReference[]> {
  const places = kept.batch ? (await copiesOf(store, kept)).map(({ status }) => status) : [kept.status]
  return places.filter((place) => place !== null)
}

/**
 * Of a store that was restored: which copies a later state of it showed, nobody can tell here. So those that it had are not shown any more, and
 * the issuer sends others; two showings of one copy would join what a person showed to two verifiers.
 */
export const doubtKey = 'credential-copy-doubt'

export function doubtWrite(at: Instant): Write {
  return putJson(doubtKey, { at })
}

/** A batch that was delivered since then is none of it. */
async function doubted({ exchange, issuedAt }: Pick<Kept, 'exchange' | 'issuedAt'>, store: Store): Promise<boolean> {
  const doubt = await getJson<{ readonly at: Instant }>(store, doubtKey)
  if (!doubt) return false
  const delivery = exchange === null ? undefined : await getRecord(store, exchange as ExchangeId) // As a delivery wrote it.
  return (delivery?.startedMs ?? msOf(issuedAt)) <= msOf(doubt.at)
}

/** How many can still be shown. */
export async function copiesLeft(store: Store, kept: Pick<Kept, 'id' | 'batch' | 'exchange' | 'issuedAt' | 'role'>): Promise<number> {
  const { id, batch, role } = kept
  if (role === 'held' && (await doubted(kept, store))) return 0
  let left = batch?.copies ?? 0
  for await (const _ of scanJson(store, usePrefix(id))) left--
  return left
}

interface Keeping {
  readonly store: Store
  readonly holderKeys: HolderKeys
}

/** A copy that no exchange has used, for this one. @throws {TrustError} DFFT_COPIES_USED */
export async function pickCopy(kept: Kept, exchange: ExchangeId, keeping: Keeping): Promise<Picked> {
  const { copy, key, signer, unused } = await nextCopy(kept, keeping)
  return { credential: withCopies(kept, [copy]), signer, writes: [putJson(unused, { exchange }), keeping.holderKeys.spent(key)], unused }
}

/** The first copy that can still be shown. @throws {TrustError} DFFT_COPIES_USED */
export async function nextCopy(kept: Kept, { store, holderKeys }: Keeping) {
  if (await doubted(kept, store)) throw new TrustError('DFFT_COPIES_USED', 'the copies are from before a restore, and may have been shown since')
  for (let at = 0; at < (kept.batch?.copies ?? 0); at++) {
    const unused = `${usePrefix(kept.id)}${numbered(at)}`
    if (await store.get(unused)) continue
    const copy = await getJson<Copy>(store, `${copyPrefix(kept)}${numbered(at)}`)
    const signer = copy?.key ? await signerOf(copy.key, holderKeys) : undefined
    if (copy?.key && signer) return { copy, key: copy.key, signer, unused }
  }
  throw new TrustError('DFFT_COPIES_USED', 'every copy of the credential was shown', { copies: kept.batch?.copies ?? 0 })
}

/** A key that is gone was destroyed after its copy was shown: the store is older than the vault. */
async function signerOf(key: KeyRef, holderKeys: HolderKeys): Promise<Signer | undefined> {
  try {
    return await holderKeys.signer(key)
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_KEY_UNKNOWN') return undefined
    throw thrown
  }
}

/** The credential as the copy shows it that this exchange used; as it is kept when it is not in copies. */
export async function shownIn(kept: Kept, exchange: ExchangeId, store: Store): Promise<Kept> {
  if (!kept.batch) return kept
  for await (const [key, use] of scanJson<{ exchange: ExchangeId }>(store, usePrefix(kept.id))) {
    if (use.exchange !== exchange) continue
    const copy = await getJson<Copy>(store, `${copyPrefix(kept)}${key.slice(key.lastIndexOf('/') + 1)}`)
    if (copy) return withCopies(kept, [copy])
  }
  return kept
}

/** @param copies whose texts become the encodings; the status is the first one's */
export function withCopies(kept: Kept, copies: readonly Copy[]): Kept {
  return { ...kept, status: copies[0]?.status ?? null, encodings: copies.map(({ text }) => ({ format: 'dc+sd-jwt', text })) }
}

/**
 * The credential of a type about persons that is meant when nobody says which: the only one this node could show. With two persons'
 * there is no telling whose, and none is meant.
 *
 * Two batches with the same claims are one credential, issued again; the newer one with a copy left is taken.
 */
export async function onlyHeld(wallet: Wallet, store: Store, type: string, now: Instant): Promise<Kept | undefined> {
  let found: Kept | undefined
  for await (const kept of wallet.held(type, now)) {
    if (found && found.batch?.claims !== kept.batch?.claims) return undefined
    if (!found || (await copiesLeft(store, found)) === 0) found = kept
  }
  return found
}

function copyPrefix({ id, role }: Of): string {
  return `${rolePrefix(role)}${id}/`
}

function rolePrefix(role: Kept['role']): string {
  return `credential-copy/${role}/`
}

function usePrefix(id: string): string {
  return `credential-copy-used/${id}/`
}

function numbered(at: number): string {
  return String(at).padStart(3, '0')
}
