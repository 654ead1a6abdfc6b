/**
 * Disputes: one side says, signed, that it does not accept what was released, or what is said of it; the other acknowledges that it was told.
 * The exchange stands as `disputed` on both sides until whoever disputes is content, and then where it stood, or has come to meanwhile.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Digest, ExchangeId } from '#protocols/ids.ts'
import { type About, noticeDigest } from '#protocols/notice.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { type Dispute, type ExchangeRecord, recordNamed, recordWrites, standing } from './exchange-record.ts'
import type { Notices } from './notices.ts'

/**
 * The notice waits on disk with the act; it has yet to be delivered.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE when nothing was released, or we dispute it already
 */
export function dispute(id: ExchangeId, statement: string, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(id, async () => {
    const record = await recordNamed(needs.store, id)
    if (record.release === null) throw new TrustError('DFFT_EXCHANGE_STATE', 'only what was released can be disputed', { exchange: id, state: record.state })
    if (ours(record)) throw new TrustError('DFFT_EXCHANGE_STATE', 'this node disputes it already', { exchange: id })
    return tell(record, { kind: 'disputed', statement }, (digest) => disputed(record, { by: 'us', notice: digest }, needs), needs)
  })
}

/** @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE when this node does not dispute it */
export function resolve(id: ExchangeId, statement: string, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(id, async () => {
    const record = await recordNamed(needs.store, id)
    const mine = ours(record)
    if (!mine) throw new TrustError('DFFT_EXCHANGE_STATE', 'whoever disputes it resolves it, and this node does not', { exchange: id })
    return tell(record, { kind: 'resolved', dispute: mine.notice, statement }, () => resolved(record, mine, needs), needs)
  })
}

/** What the partner disputes, and that it is content. */
export function heedDisputes(needs: Pick<ExchangeNeeds, 'clock'> & { readonly notices: Notices }): void {
  needs.notices.on('disputed', async (notice, record) => {
    if (record.release === null) throw new TrustError('DFFT_EXCHANGE_STATE', 'nothing was released', { exchange: record.id })
    const digest = noticeDigest(notice)
    // Its end was told before it: notices of one second come in any order.
    if (await ended(digest, record.id, needs.notices)) return { writes: [] }
    return { writes: recordWrites(disputed(record, { by: 'partner', notice: digest }, needs)) }
  })
  needs.notices.on('resolved', async ({ about }, record) => {
    const open = (record.disputes ?? []).find(({ by, notice }) => by === 'partner' && notice === about.dispute)
    return { writes: open ? recordWrites(resolved(record, open, needs)) : [] }
  })
}

async function ended(dispute: Digest, exchange: ExchangeId, notices: Notices): Promise<boolean> {
  const kept = await notices.of(exchange)
  return kept.some(({ direction, notice: { about } }) => direction === 'received' && about.kind === 'resolved' && about.dispute === dispute)
}

async function tell(record: ExchangeRecord, about: About, after: (notice: Digest) => ExchangeRecord, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const { digest, writes } = await needs.notices.draft(record, about)
  const told = after(digest)
  const facts = { partner: record.partner, release: record.release, notice: digest }
  await needs.audit.append([{ kind: about.kind, exchange: record.id, facts }], [...recordWrites(told), ...writes])
  return told
}

function disputed(record: ExchangeRecord, open: Dispute, { clock }: Pick<ExchangeNeeds, 'clock'>): ExchangeRecord {
  return { ...record, state: 'disputed', before: standing(record), disputes: [...(record.disputes ?? []), open], updatedMs: clock.nowMs() }
}

function resolved({ before, disputes = [], ...record }: ExchangeRecord, done: Dispute, { clock }: Pick<ExchangeNeeds, 'clock'>): ExchangeRecord {
  const left = disputes.filter((one) => one !== done)
  const updatedMs = clock.nowMs()
  if (before === undefined) return { ...record, updatedMs }
  return left.length > 0 ? { ...record, before, disputes: left, updatedMs } : { ...record, state: before, updatedMs }
}

function ours({ disputes = [] }: ExchangeRecord): Dispute | undefined {
  return disputes.find(({ by }) => by === 'us')
}
