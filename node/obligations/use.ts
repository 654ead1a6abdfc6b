/**
 * Using what was received once more: a new decision for a purpose, on the agreement that the data came under and on the importing policy of
 * now. It is recorded whichever way it goes, and the claims are given only with a permit.
 */
import type { Kept, Wallet } from '#node/credentials/wallet.ts'
import { type Decided, type ExchangeRecord, getDecided, getRecord, type RecordPart } from '#node/exchange/exchange-record.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { putJson } from '#node/stored.ts'
import { decideSide, type Half } from '#policies/decide.ts'
import { factTable } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Message } from '#protocols/exchange/messages.ts'
import { type ExchangeId, type Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { dutiesOf, obligationsOf, retentionEnd, usesPrefix } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

export interface UseNeeds extends Pick<ObligationNeeds, 'store' | 'audit' | 'clock'> {
  readonly wallet: Wallet
  readonly shelf: PolicyShelf
}

export interface Used {
  readonly kept: Kept
  readonly exchange: ExchangeId
  readonly decision: Half
}

/**
 * @throws {TrustError} DFFT_POLICY_DENIED, with what decided in `policy`, after it is recorded; DFFT_DATA_DESTROYED; DFFT_NOT_FOUND;
 *   DFFT_NOT_ALLOWED for what was not received
 */
export async function useFor({ id, purpose }: { readonly id: string; readonly purpose: string }, needs: UseNeeds): Promise<Used> {
  const { store, audit, clock, wallet } = needs
  const { kept, record, part } = await receivedAs(id, needs)
  const before = ((await getDecided(store, record.id)) ?? []).find((one) => one.chosen && one.id === part.id)
  if (!before) throw new TrustError('DFFT_STORE', 'the decision on the received credential is not in the store', { exchange: record.id })
  const nowMs = clock.nowMs()
  const at = instant(nowMs)
  const decision = decidedFor(purpose, before, nowMs, needs)
  const agreedUntil = before.decision.joint?.validUntil
  const refusal = refusalOf(purpose, decision, { part, record, nowMs, agreedUntil })
  const said = { purpose, at, code: refusal ?? 'PERMITTED', decision }
  const digest = digestOf(said)
  const facts = { partner: record.partner, credential: kept.id, purpose, code: said.code, agreement: record.agreement, decision: digest }
  const kind = refusal === null ? 'used' : 'use-denied'
  await audit.append([{ kind, exchange: record.id, facts }], [putJson(`${usesPrefix(record.id)}${digest}`, said)])
  if (refusal !== null) throw new TrustError('DFFT_POLICY_DENIED', `the use for \`${purpose}\` is not permitted`, { exchange: record.id, policy: refusal })
  // Its end may have come while this was decided.
  return { kept: await wallet.get(id), exchange: record.id, decision }
}

/** A credential that was received, and what it was received under. */
async function receivedAs(id: string, { store, wallet }: UseNeeds): Promise<{ kept: Kept; record: ExchangeRecord; part: RecordPart }> {
  const kept = await wallet.find(id)
  if (kept && kept.role !== 'received') throw new TrustError('DFFT_NOT_ALLOWED', 'only what was received is used for a purpose', { id, role: kept.role })
  const exchange = (kept?.exchange ?? idOfReceived.exec(id)?.[1]) as ExchangeId | undefined // As judging names what is received.
  const record = exchange && (await getRecord(store, exchange))
  const part = record?.credentials.find(({ credential }) => credential === id)
  if (!record || !part) throw new TrustError('DFFT_NOT_FOUND', `no credential \`${id.slice(0, 100)}\` was received here`)
  if (kept) return { kept, record, part }
  const ended = (await dutiesOf(store, record.id)).some(({ kind, state }) => kind === 'retention' && state === 'done')
  throw new TrustError('DFFT_DATA_DESTROYED', ended ? 'the retention of the credential is over' : 'the key of the credential is lost', { exchange: record.id })
}

const idOfReceived = /^urn:dfft:received:([0-9a-f]{32})(?::|$)/

/** The same question for another purpose, as of now, to our own side alone: what left the exporter, his policy let go. */
function decidedFor(purpose: string, { question }: Decided, nowMs: number, { shelf }: UseNeeds): Half {
  const [origin] = factTable.purpose.origins
  const { exchange: _, request: __, ...asked } = question
  const facts = { ...asked.facts, purpose: { value: purpose, origin } }
  const to = asked.facts.to?.value as Jurisdiction // As both sides agreed on it.
  return decideSide(shelf.side(to, nowMs), 'import', { ...asked, at: instant(nowMs), facts }, { nearest: false })
}

/** A message that came, as it is shown without a purpose: of each credential in it only the digest. */
export function withoutClaims(message: Message): Record<string, unknown> {
  if (message.type !== 'presentation') return { ...message }
  return { ...message, credentials: message.credentials.map(({ text, ...shown }) => ({ ...shown, digest: digestOf(text) })) }
}

interface Within {
  readonly part: RecordPart
  readonly record: ExchangeRecord
  readonly nowMs: number
  /** The end of what both sides agreed on: of the policies that they agreed by. */
  readonly agreedUntil: Instant | undefined
}

/** Why not; null where it may be. What both sides agreed on comes first: no policy of ours widens it. */
function refusalOf(purpose: string, { verdict, code, disclosed, obligations }: Half, { part, record, nowMs, agreedUntil }: Within): string | null {
  const end = retentionEnd(part)
  if (end !== null && msOf(end) <= nowMs) return 'RETENTION_OVER'
  if (agreedUntil === undefined || msOf(agreedUntil) <= nowMs) return 'AGREEMENT_OVER'
  if (obligationsOf(part, 'purpose-limit').some(({ allow }) => !allow.includes(purpose))) return 'PURPOSE_LIMIT'
  if (verdict !== 'permit') return code
  if (!part.disclosed.every((path) => disclosed.includes(path))) return 'UNCOVERED_DATA'
  return obligations.some(({ type }) => type === 'consent') && !record.consented ? 'CONDITIONS_NOT_MET' : null
}
