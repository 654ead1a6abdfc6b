/** Data that came into wrong hands, or may have: told to the exporter within the hours that the agreement states, and heard of there. */
import { type ExchangeRecord, recordNamed } from '#node/exchange/exchange-record.ts'
import { checkReleased, type Following, type NoticeOf } from '#node/exchange/notices.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type ExchangeId, type Instant, instant, msOf } from '#protocols/ids.ts'
import { noticeDigest } from '#protocols/notice.ts'
import { breachDuty, type Duty, dutyWrites, freeMs, obligationsOf } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

interface BreachNeeds extends Pick<ObligationNeeds, 'store' | 'audit' | 'notices' | 'locks' | 'clock'> {
  readonly self: { readonly did: Did }
}

interface Told {
  readonly exchange: ExchangeId
  readonly statement: string
  /** Now, where it is left out. */
  readonly discovered?: Instant | undefined
}

/**
 * Writes the notice down; the caller has it sent.
 *
 * @throws {TrustError} DFFT_NOT_FOUND; DFFT_EXCHANGE_STATE where nothing was received; DFFT_USAGE for a discovery to come
 */
export async function tellBreach({ exchange, statement, discovered }: Told, needs: BreachNeeds): Promise<Duty> {
  const { store, audit, notices, locks, clock, self } = needs
  return locks.run(exchange, async () => {
    const record = await recordNamed(store, exchange)
    const { role, release, agreement } = record
    if (role !== 'requester' || release === null || agreement === null)
      throw new TrustError('DFFT_EXCHANGE_STATE', 'nothing was received in this exchange', { exchange, state: record.state })
    const nowMs = clock.nowMs()
    const at = discovered ?? instant(nowMs)
    if (msOf(at) > nowMs) throw new TrustError('DFFT_USAGE', 'a breach is not discovered in the future', { discovered: at })
    const { digest, writes } = await notices.draft(record, { kind: 'breached', release, agreement, discovered: at, statement })
    const told = breachDuty(record, {
      atMs: await freeMs('breach', record, nowMs, store),
      notice: digest,
      discovered: at,
      late: lateBy(record, at, nowMs),
      statement,
      toldBy: self.did,
    })
    const facts = { partner: record.partner, release, agreement, discovered: at, late: told.late, notice: digest }
    await audit.append([{ kind: 'breached', exchange, facts }], [...writes, ...dutyWrites(told)])
    return told
  })
}

/** What follows from a notice `breached`. @throws {TrustError} DFFT_RECEIPT when it is of something else than what was released */
export async function toldOfBreach(
  notice: NoticeOf<'breached'>,
  record: ExchangeRecord,
  { store, log }: Pick<ObligationNeeds, 'store' | 'log'>,
): Promise<Following> {
  checkReleased(notice, record)
  const { about, at, from } = notice
  const { discovered, statement } = about
  const late = lateBy(record, discovered, msOf(at))
  const told = breachDuty(record, {
    atMs: await freeMs('breach', record, msOf(at), store),
    notice: noticeDigest(notice),
    discovered,
    late,
    statement,
    toldBy: from,
  })
  log('warn', 'a partner tells of a breach', { exchange: record.id, partner: record.partner, late })
  return { facts: { release: about.release, discovered, late }, writes: dutyWrites(told) }
}

/** Whether it is told behind the hours that were agreed on; without any it is never late. */
function lateBy(record: ExchangeRecord, discovered: Instant, toldMs: number): boolean {
  const hours = obligationsOf(record, 'breach-notice').map(({ withinHours }) => withinHours)
  return hours.length > 0 && toldMs > msOf(discovered) + Math.min(...hours) * 3_600_000
}
