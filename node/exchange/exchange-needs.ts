/** What an exchange asks of its node, and the frame every message of it has. */

import type { AuditLog } from '#node/audit/audit.ts'
import type { EvidenceKeeper } from '#node/audit/evidence-keeper.ts'
import type { Witnessed, Witnessing } from '#node/audit/witnessing.ts'
import type { HolderKeys } from '#node/credentials/holder-keys.ts'
import type { Wallet } from '#node/credentials/wallet.ts'
import type { Basis } from '#node/evidence/basis.ts'
import type { KeyFinder, NamedKeys } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { Addresses, RecordsClient } from '#node/network/records.ts'
import type { Obligations } from '#node/obligations/obligations.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Log, Network, Random, Store } from '#node/ports.ts'
import type { Introductions } from '#node/trust/introductions.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { Surroundings } from '#node/verify.ts'
import type { CredentialStatus } from '#protocols/credential/check-status.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { type Code, isCode, TrustError } from '#protocols/errors.ts'
import { type AgreementSignature, type LogHead, type Message, version } from '#protocols/exchange/messages.ts'
import { verifyAgreement, verifyMessage } from '#protocols/exchange/signing.ts'
import { type Did, didOf, type ExchangeId, instant } from '#protocols/ids.ts'
import type { Arrivals } from './arrivals.ts'
import type { Counters } from './counters.ts'
import type { Debts } from './debts.ts'
import type { Locks } from './locks.ts'
import type { Notices } from './notices.ts'

export interface ExchangeNeeds {
  readonly self: Self
  readonly store: Store
  readonly audit: AuditLog
  readonly witnessing: Witnessing
  readonly trust: Trust
  readonly shelf: PolicyShelf
  readonly wallet: Wallet
  readonly holderKeys: HolderKeys
  readonly surroundings: Surroundings
  /** Status from a list of at most this age, where that is less than the node's own limit. */
  readonly freshStatus: (issuer: Did, reference: StatusReference, signal: AbortSignal, ageMsMax?: number) => Promise<CredentialStatus>
  readonly keys: KeyFinder
  /** A party's keys of all times, for what stands inside its messages. */
  readonly named: NamedKeys
  readonly network: Network
  readonly peers: Addresses
  readonly records: RecordsClient
  /** To partners that do not know us. */
  readonly introductions: Pick<Introductions, 'before' | 'to'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Acts on one exchange, one after another. */
  readonly locks: Locks
  readonly debts: Debts
  /** What was released before. */
  readonly counters: Counters
  /** What is told of an exchange behind its walk. */
  readonly notices: Notices
  /** What a decision rests on, kept for whoever asks for evidence of it. */
  readonly basis: Pick<Basis, 'of'>
  /** Who is waited for. */
  readonly arrivals: Arrivals
  /** What follows from an exchange: sealed as it comes, carried out when it is due. */
  readonly obligations: Pick<Obligations, 'received' | 'released' | 'tell'>
  /** Of credentials that are kept: lets them outlive their issuer's key. */
  readonly keeper: Pick<EvidenceKeeper, 'want'>
  /** Whether anything new may be begun or answered. */
  readonly maintenance: { check(): void }
}

export const limits = {
  /** Clocks of partners: NTP keeps them within seconds; two minutes forgive a bad one without opening a replay window. */
  skewMs: 120_000,
  /** A Request is answered within this; long enough for a node that restarts, short enough for a captured one to be useless. */
  requestLifeMs: 300_000,
  /** A partner that does not answer in this time has lost the channel; the exchange goes on over another. */
  answerMs: 10_000,
  /** How long a person may take to consent; then the requester asks anew. */
  consentMs: 3 * 86_400_000,
  /** How long a draft waits for its partner where nobody says otherwise: over a long weekend. And at most, as policies change by the quarter. */
  queueMs: { usual: 7 * 86_400_000, longest: 90 * 86_400_000 },
  /** Whoever asks hears after this that the partner is away; the draft is dialled behind. */
  awayMs: 10_000,
  /**
   * First and longest wait before a broken walk is taken up again; a person is not asked for every five
   * seconds, and a partner that refuses our receipt is not offered it as often. The connection of one that was away ends the wait.
   */
  retryMs: { first: 250, longest: 5_000, forPerson: 60_000, away: 300_000, refused: 3_600_000 },
} as const

/** Codes that an honest node never causes: bytes that do not read, and words that are not its own. */
export const faults: ReadonlySet<Code> = new Set([
  'DFFT_FRAME',
  'DFFT_FRAME_TOO_LONG',
  'DFFT_NOT_UTF8',
  'DFFT_NOT_JSON',
  'DFFT_JSON_DUPLICATE_KEY',
  'DFFT_JSON_TOO_DEEP',
  'DFFT_JSON_VALUE',
  'DFFT_BASE64URL',
  'DFFT_SCHEMA',
  'DFFT_REPLAY',
  'DFFT_SIGNATURE',
  'DFFT_AUDIENCE',
  'DFFT_PEER_BINDING',
  'DFFT_AGREEMENT_MISMATCH',
])

/** The members every message begins with. */
export function envelope(needs: Pick<ExchangeNeeds, 'self' | 'clock'>, exchange: ExchangeId, to: Did) {
  return { version, floor: version, exchange, from: needs.self.did, to, at: instant(needs.clock.nowMs()) } as const
}

/**
 * Whether a message is from the party at the other end, to us, about this exchange, and signed by its key.
 *
 * @throws {TrustError} DFFT_AUDIENCE, DFFT_PEER_BINDING, DFFT_FRAME, DFFT_SIGNATURE, DFFT_KEY_NOT_FOUND
 */
export async function checkMessage(
  message: Message,
  expected: { readonly from: Did; readonly exchange?: ExchangeId },
  needs: Pick<ExchangeNeeds, 'self' | 'keys' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const { type, from, to, exchange, signature } = message
  if (to !== needs.self.did) throw new TrustError('DFFT_AUDIENCE', `the ${type} is for somebody else`, { to })
  if (from !== expected.from) throw new TrustError('DFFT_PEER_BINDING', `the ${type} is from another party than the channel`, { from })
  if (expected.exchange !== undefined && exchange !== expected.exchange) throw new TrustError('DFFT_FRAME', `the ${type} is of another exchange`, { exchange })
  if (didOf(signature.keyId) !== from) throw new TrustError('DFFT_SIGNATURE', `the ${type} is signed by another party than its sender`)
  verifyMessage(message, await needs.keys(signature.keyId, 'authentication', needs.clock.nowMs(), signal))
}

/** Whether a message was made lately and is not past its end. @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID */
export function checkFresh({ at, expires }: { at: string; expires: string }, nowMs: number): void {
  const atMs = Date.parse(at)
  const untilMs = Date.parse(expires)
  if (atMs > nowMs + limits.skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the message comes from the future', { aheadMs: atMs - nowMs })
  if (untilMs <= nowMs || untilMs > atMs + limits.requestLifeMs)
    throw new TrustError('DFFT_EXPIRED', 'the message is past its end, or asks to live too long', { untilMs })
}

/** The log head that came with a message, measured and co-signed. @throws {TrustError} DFFT_LOG_FORK, DFFT_CHECKPOINT */
export async function witness(
  { from, log }: { readonly from: Did; readonly log: LogHead },
  { witnessing }: Pick<ExchangeNeeds, 'witnessing'>,
  signal: AbortSignal,
): Promise<Witnessed> {
  return witnessing.witness(from, log, signal)
}

/**
 * An agreement that stands in a message of `by`, and its signature. The message is of a key in force; the agreement may be older than the
 * last rotation, as in a release that is shown again.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND, DFFT_SIGNATURE
 */
export async function checkAgreementBy(by: Did, agreement: AgreementSignature, { named }: Pick<ExchangeNeeds, 'named'>, signal: AbortSignal): Promise<void> {
  if (!agreement.keyId.startsWith(`${by}#`)) throw new TrustError('DFFT_SIGNATURE', 'the agreement is signed by another party than its sender')
  const found = (await named(by, signal)).find(({ keyId }) => keyId === agreement.keyId)
  if (!found) throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${by}\` never named the key of the agreement`, { keyId: agreement.keyId })
  verifyAgreement(agreement, found.key)
}

/** A partner's code as an error of ours; one we do not know stays a refusal. */
export function errorOf(code: string, what: string): TrustError {
  const known: Code = isCode(code) ? code : 'DFFT_POLICY_DENIED'
  return new TrustError(known, what, { code })
}

/** What verification asks while these duties are agreed on: a status may have to be fresher than this node asks for by itself. */
export function surroundingsUnder(
  duties: readonly Readonly<Record<string, unknown>>[],
  { surroundings, freshStatus }: Pick<ExchangeNeeds, 'surroundings' | 'freshStatus'>,
): Surroundings {
  const seconds = duties.filter(({ type }) => type === 'status-age').map(({ withinSeconds }) => Number(withinSeconds))
  if (seconds.length === 0) return surroundings
  const ageMsMax = Math.min(...seconds) * 1000
  return { ...surroundings, status: (issuer, reference, signal) => freshStatus(issuer, reference, signal, ageMsMax) }
}
