/** What a signed list says of one credential. Fails closed: a list of somebody else, of another name, or too old says nothing. */
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { SignedStatusList } from './signed-status-list.ts'
import { Status, statusAt } from './status-list.ts'
import type { StatusReference } from './status-reference.ts'

export interface StatusQuestion extends StatusReference {
  /** Of the credential: only its own issuer's list counts. */
  readonly issuer: Did
  /** Of a bitstring entry; a token list has none. */
  readonly purpose?: string
  readonly bits?: number
}

export interface StatusFreshness {
  readonly nowMs: number
  /** How old a list may be, counted from when its issuer signed it: a server that replays an old one gains nothing. */
  readonly ageMsMax: number
  readonly skewMs: number
}

export type CredentialStatus = 'valid' | 'revoked' | 'suspended'

/**
 * Returns when the credential is in force. The list's signature was checked before.
 *
 * @throws {TrustError} DFFT_STATUS_REVOKED, DFFT_STATUS_SUSPENDED, DFFT_STATUS_STALE, DFFT_STATUS_LIST
 * @see Bitstring Status List 1.0, 3.2; draft-ietf-oauth-status-list, 8.3
 */
export function checkStatus(signed: SignedStatusList, question: StatusQuestion, freshness: StatusFreshness): void {
  const status = statusIn(signed, question, freshness)
  if (status === 'revoked') throw new TrustError('DFFT_STATUS_REVOKED', 'the issuer revoked the credential', { index: question.index })
  if (status === 'suspended') throw new TrustError('DFFT_STATUS_SUSPENDED', 'the issuer suspended the credential', { index: question.index })
}

/** What the list says, as checkStatus. @throws {TrustError} DFFT_STATUS_STALE, DFFT_STATUS_LIST */
export function statusIn(signed: SignedStatusList, question: StatusQuestion, freshness: StatusFreshness): CredentialStatus {
  checkIdentity(signed, question)
  checkFreshness(signed, freshness)
  const status = statusAt(signed.list, question.index)
  if (status === Status.valid) return 'valid'
  const meaning = signed.format === 'token' ? status : purposeStatus(status, question.purpose)
  if (meaning === Status.invalid) return 'revoked'
  if (meaning === Status.suspended) return 'suspended'
  throw refused('the status has a value without a meaning here')
}

function checkIdentity(signed: SignedStatusList, question: StatusQuestion): void {
  if (signed.issuer !== question.issuer) throw refused('the list is of another issuer than the credential')
  if (signed.uri !== question.uri) throw refused('the list has another name than the credential gives')
  if (signed.format === 'token') return
  if (question.purpose === undefined || !signed.purposes.includes(question.purpose)) throw refused('the list is for another purpose')
  if ((question.bits ?? 1) !== signed.list.bits) throw refused('the list has entries of another width')
}

function checkFreshness({ issuedAtMs, expiresAtMs }: SignedStatusList, { nowMs, ageMsMax, skewMs }: StatusFreshness): void {
  if (issuedAtMs === null) throw stale('the list does not say when it was made', {})
  const ageMs = nowMs - issuedAtMs
  if (ageMs < -skewMs) throw refused('the list is from the future')
  if (ageMs > ageMsMax + skewMs) throw stale('the list is too old', { ageMs, ageMsMax })
  if (expiresAtMs !== null && nowMs - skewMs > expiresAtMs) throw stale('the list is past its end', { expiresAtMs, nowMs })
}

/** A bitstring says only "set"; what that means is its purpose. */
function purposeStatus(status: number, purpose: string | undefined): number | null {
  if (status !== 1) return null
  return purpose === 'revocation' ? Status.invalid : purpose === 'suspension' ? Status.suspended : null
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_STATUS_LIST', message)
}

function stale(message: string, facts: Readonly<Record<string, number>>): TrustError {
  return new TrustError('DFFT_STATUS_STALE', message, facts)
}
