/**
 * Cancelling an exchange that has released nothing: written down, and told to the partner, where it ends too.
 *
 * What was released is never undone by it. Where the partner had released before it was told, it refuses the notice; the requester then
 * fetches that release and receipts it as rejected, so that neither side is left with a release nobody answered for.
 */
import type { ExchangeState } from '#node/api/exchanges.ts'
import type { Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Presentation } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { dutiesIn } from './choosing.ts'
import { type ExchangeNeeds, limits } from './exchange-needs.ts'
import {
  type ExchangeRecord,
  emptied,
  getDecided,
  getMessage,
  keptOpen,
  nothingShown,
  notOpen,
  recordNamed,
  recordWrites,
  together,
  wishKey,
} from './exchange-record.ts'
import type { Notices } from './notices.ts'
import { releaseKept } from './release-core.ts'
import { delivers } from './rights.ts'

const code = 'DFFT_CANCELLED'

/** Nothing was released yet, or nothing of it has come. */
const cancellable: ReadonlySet<ExchangeState> = new Set(['drafted', 'offered', 'requested', 'agreed', 'pending'])

/**
 * The notice, where the partner knows of the exchange, waits on disk with the act; it has yet to be delivered.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE when it is over, or was released
 */
export function cancel(id: ExchangeId, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(id, async () => {
    const record = await recordNamed(needs.store, id)
    if (!cancellable.has(record.state))
      throw new TrustError('DFFT_EXCHANGE_STATE', 'only what has released nothing yet can be cancelled', { exchange: id, state: record.state })
    const notice = record.state === 'drafted' ? null : await needs.notices.draft(record, { kind: 'cancelled' })
    const cancelled = cancelledFrom(record, needs.clock.nowMs())
    const facts = { partner: record.partner, request: record.request, ...(notice ? { notice: notice.digest } : {}) }
    const writes = [...recordWrites(cancelled), ...openUntilTold(cancelled, notice !== null), { del: wishKey(id) }, ...(notice?.writes ?? [])]
    await needs.audit.append([{ kind: 'cancelled', exchange: id, facts }], writes)
    return cancelled
  })
}

function cancelledFrom(record: ExchangeRecord, updatedMs: number): ExchangeRecord {
  return { ...record, state: 'cancelled', code, updatedMs, ...nothingShown(record) }
}

/** A Request that may have been heard stays open until the partner has said what came of it. */
function openUntilTold({ id, role }: ExchangeRecord, told: boolean): Write[] {
  return role === 'requester' && told ? [keptOpen(id)] : []
}

/**
 * The partner no longer wants an answer. It cannot take back what was released. One that comes before what it cancels is remembered for as
 * long as that could still be answered.
 */
export function heedCancellations(needs: Pick<ExchangeNeeds, 'store' | 'clock'> & { readonly notices: Notices }): void {
  needs.notices.on('cancelled', async (_, record) => {
    if (record.release !== null) throw new TrustError('DFFT_EXCHANGE_STATE', 'it was released before', { exchange: record.id })
    return { writes: cancellable.has(record.state) ? recordWrites(cancelledFrom(record, needs.clock.nowMs())) : [] }
  })
  needs.notices.onUnknown('cancelled', async ({ exchange, from }) => ({ facts: { early: true }, writes: await remembered(exchange, from, needs) }))
}

/** Behind this nothing that was signed before can be answered any more. */
const earlyMs = limits.requestLifeMs + limits.skewMs
/** Of one partner at a time: what overtakes is one or two of those that cross a lost line. More would let a partner fill our disk. */
const earlyMax = 32

const earlyPrefix = 'exchange/cancelled/'

async function remembered(exchange: ExchangeId, from: Did, { store, clock }: Pick<ExchangeNeeds, 'store' | 'clock'>): Promise<Write[]> {
  const nowMs = clock.nowMs()
  const over: Write[] = []
  let kept = 0
  for await (const [key, { sinceMs }] of scanJson<{ readonly sinceMs: number }>(store, `${earlyPrefix}${from}/`)) {
    if (sinceMs + earlyMs < nowMs) over.push({ del: key })
    else kept++
  }
  if (kept >= earlyMax) throw new TrustError('DFFT_LIMIT', 'as many cancellations of what never came are kept as may be', { kept })
  return [...over, putJson(earlyKey(from, exchange), { sinceMs: nowMs })]
}

function earlyKey(from: Did, exchange: ExchangeId): string {
  return `${earlyPrefix}${from}/${exchange}`
}

/** Of what comes for the first time. @throws {TrustError} DFFT_CANCELLED */
export async function checkNotCancelled({ from, exchange }: { from: Did; exchange: ExchangeId }, { store }: Pick<ExchangeNeeds, 'store'>): Promise<void> {
  if (await store.get(earlyKey(from, exchange))) throw new TrustError(code, 'the exchange was cancelled before it came', { exchange })
}

/** How the partner took the cancellation. */
export async function told({ id }: Pick<ExchangeRecord, 'id'>, { notices }: Pick<ExchangeNeeds, 'notices'>): Promise<'waits' | 'released before' | 'ended'> {
  const sent = (await notices.of(id)).find(({ direction, notice }) => direction === 'sent' && notice.about.kind === 'cancelled')
  if (sent && sent.acknowledgement === null && sent.refused === null) return 'waits'
  return sent?.refused === 'DFFT_EXCHANGE_STATE' ? 'released before' : 'ended'
}

/** Nothing is left to hear of a cancelled exchange. */
export async function leave(record: ExchangeRecord, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  await needs.store.batch([notOpen(record.id)])
  return record
}

/** A release that crossed the cancellation: receipted, and nothing of it is kept. @throws {TrustError} DFFT_REPLAY */
export async function settleCancelled(presentation: Presentation, record: ExchangeRecord, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  if (presentation.request !== record.request) throw new TrustError('DFFT_REPLAY', 'the presentation answers another request')
  const release = releaseDigest(presentation)
  // The holder waits for the word that it is gone, as after any release: what was agreed on is owed, though nothing is kept.
  const decided = (await getDecided(needs.store, record.id)) ?? []
  const owed = new Map(decided.filter(({ chosen }) => chosen).map(({ id, decision }) => [id, dutiesIn(decision)]))
  const parts = together(record.credentials.map((part) => ({ ...part, obligations: owed.get(part.id) ?? [] })))
  const rejected: ExchangeRecord = { ...record, state: 'rejected', code, updatedMs: needs.clock.nowMs(), release, ...parts, receipts: 1 }
  const facts = { partner: record.partner, release, agreement: record.agreement, outcome: code }
  const open = keptOpen(record.id) // Until the receipt is acknowledged.
  const kept = [...recordWrites(rejected, { messages: [emptied(presentation)] }), releaseKept(presentation)]
  const request = await getMessage(needs.store, record.id, 'request')
  const delivery = request !== undefined && (await delivers(request, needs))
  await needs.audit.append([{ kind: 'rejected', exchange: record.id, facts }], await needs.obligations.received(rejected, [...kept, open], delivery))
  return rejected
}
