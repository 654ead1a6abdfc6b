/** The exporter's side of retention: the partner's word that what it received is gone, or that no such word came. */
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import { checkReleased, type Following, type NoticeOf } from '#node/exchange/notices.ts'
import { getJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import { instant, msOf } from '#protocols/ids.ts'
import { noticeDigest } from '#protocols/notice.ts'
import { type Duty, dutiesOf, dutyKey, dutyWrites, settledWrites } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

/**
 * What follows from a notice `deleted`: the duty that waited for it is done. One that comes twice, as after a restore of the partner's
 * store, changes nothing more.
 *
 * @throws {TrustError} DFFT_RECEIPT when it attests something else than what was released and agreed on
 */
export async function attestedBy(notice: NoticeOf<'deleted'>, record: ExchangeRecord, { store, clock }: ObligationNeeds): Promise<Following> {
  checkReleased(notice, record)
  const { about } = notice
  const expected = (await dutiesOf(store, record.id)).find(({ kind, until }) => kind === 'attestation' && until === about.due)
  if (!expected) throw new TrustError('DFFT_RECEIPT', 'the attestation names another end than was agreed on', { exchange: record.id, due: about.due })
  if (msOf(about.deleted) > clock.nowMs() + skewMs || msOf(about.deleted) < record.startedMs)
    throw new TrustError('DFFT_RECEIPT', 'the attestation names a time at which it cannot have been', { exchange: record.id, deleted: about.deleted })
  const facts = { release: about.release, due: about.due, deleted: about.deleted, late: expected.state === 'missed' }
  if (expected.state === 'done') return { facts: { ...facts, again: true }, writes: [] }
  const done: Duty = { ...expected, state: 'done', doneAt: about.deleted, notice: noticeDigest(notice), late: expected.state === 'missed' }
  return { facts, writes: settledWrites(done) }
}

/** As far as clocks of partners may be apart. */
const skewMs = 120_000

/** The grace is over: from now on it is a breach, until the word comes after all. */
export async function findMissing(due: Duty, record: ExchangeRecord | undefined, { store, audit, clock, log }: ObligationNeeds): Promise<void> {
  if ((await getJson<Duty>(store, dutyKey(due)))?.state !== 'open') return
  const { exchange, partner, until } = due
  const facts = { partner, release: record?.release ?? null, agreement: record?.agreement ?? null, due: until, receipted: (record?.receipts ?? 0) > 0 }
  const missed: Duty = { ...due, state: 'missed', doneAt: instant(clock.nowMs()) }
  await audit.append([{ kind: 'breach-suspected', exchange, facts }], dutyWrites(missed))
  log('warn', 'deletion not attested', { exchange, partner })
}
