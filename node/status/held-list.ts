/** A status list of somebody else as we hold it: how much longer it may be believed, and what may take its place. */

import type { Clock } from '#node/ports.ts'
import { readBitstringList, readTokenList, type SignedStatusList } from '#protocols/credential/signed-status-list.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

/** As between partners: clocks of issuer and verifier may differ by this. */
export const skewMs = 120_000
/** What the records service carries; a list of 1 MiB that does not compress is longer, and nobody has one. */
export const listCharactersMax = 900_000

export interface HeldList {
  readonly list: SignedStatusList
  readonly text: string
  /** When this text first came, by our clock and by the one that never goes back. */
  readonly arrivedMs: number
  readonly arrivedMonotonicMs: number
  /** Our clock is behind where it was when the list came: nobody knows how old it is. */
  readonly unsure: boolean
  /** When its issuer last said that this is its list. */
  confirmedMonotonicMs: number
  usedMonotonicMs: number
  /** The least age that anybody who uses it allows. */
  limitMs: number
  /** How often the issuer said that its list changed, and how many of these the list we hold comes after. */
  hints: number
  answered: number
}

/** Both clocks, read once for all that is asked of one moment. */
export interface Now {
  readonly wallMs: number
  readonly monotonicMs: number
}

export function nowOf(clock: Clock): Now {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
}

/** A list that came just now. */
export function arrived(list: SignedStatusList, text: string, { wallMs, monotonicMs }: Now, limitMs: number): HeldList {
  const times = { arrivedMs: wallMs, arrivedMonotonicMs: monotonicMs, confirmedMonotonicMs: monotonicMs, usedMonotonicMs: monotonicMs }
  return { list, text, ...times, unsure: false, limitMs, hints: 0, answered: 0 }
}

/** A list that was on disk when the node started. */
export function loaded(text: string, noted: number | undefined, now: Now, limitMs: number): HeldList {
  const list = readList(text)
  const fresh = arrived(list, text, now, limitMs)
  const arrivedMs = noted ?? list.issuedAtMs ?? 0
  const confirmedMonotonicMs = fresh.confirmedMonotonicMs - Math.max(0, fresh.arrivedMs - arrivedMs)
  return { ...fresh, arrivedMs, confirmedMonotonicMs, usedMonotonicMs: Number.NEGATIVE_INFINITY, unsure: fresh.arrivedMs < arrivedMs - skewMs }
}

/** Our clock, but never behind the list's arrival and the time since: setting it back does not make a list younger. */
export function wallFor({ arrivedMs, arrivedMonotonicMs }: HeldList, { wallMs, monotonicMs }: Now): number {
  return Math.max(wallMs, arrivedMs + monotonicMs - arrivedMonotonicMs)
}

/**
 * How long the list may still be believed; negative when it may not.
 *
 * Age counts from the issuer's signature, not from arrival: a partner may hand over an old list. It counts without the skew that
 * partners' clocks are forgiven: how long a revocation may go unnoticed is a promise. Only a cache's time to live counts from the last answer.
 */
export function leftMs(held: HeldList, limitMs: number, now: Now): number {
  const { issuedAtMs, expiresAtMs, ttlMs } = held.list
  if (superseded(held) || held.unsure || issuedAtMs === null) return Number.NEGATIVE_INFINITY
  // It was signed before it came, whatever its issuer's clock says.
  const agedMs = Math.min(issuedAtMs, held.arrivedMs) + limitMs
  const untilMs = expiresAtMs === null ? agedMs : Math.min(agedMs, expiresAtMs - 1)
  const left = untilMs - wallFor(held, now)
  return ttlMs === null ? left : Math.min(left, held.confirmedMonotonicMs + ttlMs - now.monotonicMs)
}

/** Its issuer said that there is a newer one. */
export function superseded({ hints, answered }: HeldList): boolean {
  return hints > answered
}

/** The issuer, asked after so many hints, has this very list. */
export function confirm(held: HeldList, hints: number, { monotonicMs }: Now): void {
  held.confirmedMonotonicMs = monotonicMs
  held.answered = Math.max(held.answered, hints)
}

/** What a newer list has of the one it replaces. From another hand than the issuer's it answers only the hints it must come after. */
export function follow(taken: HeldList, held: HeldList, hintsBefore: number | undefined): void {
  taken.usedMonotonicMs = held.usedMonotonicMs
  taken.limitMs = held.limitMs
  taken.hints = held.hints
  const counted = (taken.list.sequence ?? 0) - (held.list.sequence ?? 0)
  taken.answered = Math.min(held.hints, Math.max(hintsBefore ?? 0, held.answered + counted))
}

export function older(list: SignedStatusList, held: SignedStatusList): boolean {
  return (list.issuedAtMs ?? 0) < (held.issuedAtMs ?? 0) || (list.sequence ?? 0) < (held.sequence ?? 0)
}

export function newer(list: SignedStatusList, held: SignedStatusList): boolean {
  return !older(list, held) && older(held, list)
}

export function bytesOf({ text, list }: HeldList): number {
  return text.length + list.list.bytes.length
}

/**
 * A list somebody offers, with all that can be said of it before its signature.
 *
 * @throws {TrustError} DFFT_STATUS_LIST, DFFT_LIMIT, and the codes of the two readers
 */
export function readOffered(
  text: string,
  wanted: { readonly issuer: Did; readonly uri: string },
  nowMs: number,
): SignedStatusList & { readonly issuedAtMs: number } {
  if (text.length > listCharactersMax) throw new TrustError('DFFT_LIMIT', 'the status list is too long', { characters: text.length, listCharactersMax })
  const list = readList(text)
  const { issuer, uri, issuedAtMs } = list
  if (uri !== wanted.uri || issuer !== wanted.issuer) throw refused('the status list is of another issuer or address', wanted.issuer)
  if (issuedAtMs === null) throw refused('the status list does not say when it was made', wanted.issuer)
  // Held, it would make every honest one look old.
  if (issuedAtMs > nowMs + skewMs) throw refused('the status list is from the future', wanted.issuer)
  return { ...list, issuedAtMs }
}

function readList(text: string): SignedStatusList {
  // A VCDM credential names its context; a token list is a JWT of its own type.
  return Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').includes('statuslist+jwt') ? readTokenList(text) : readBitstringList(text)
}

export function refused(message: string, issuer: Did): TrustError {
  return new TrustError('DFFT_STATUS_LIST', message, { issuer })
}
