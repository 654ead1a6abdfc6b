/** The exporter's side of data that go on: what it is told of it, and its questions that nobody answered in time. */
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import { checkReleased, type Following, type NoticeOf } from '#node/exchange/notices.ts'
import { getJson } from '#node/stored.ts'
import { instant, msOf } from '#protocols/ids.ts'
import { noticeDigest } from '#protocols/notice.ts'
import { type Duty, dutyKey, dutyWrites, freeMs, passedOnDuty } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

/** What follows from a notice `passed-on`. @throws {TrustError} DFFT_RECEIPT when it is of something else than what was released */
export async function toldOfPassing(notice: NoticeOf<'passed-on'>, record: ExchangeRecord, { store }: Pick<ObligationNeeds, 'store'>): Promise<Following> {
  checkReleased(notice, record)
  const { about, from } = notice
  const atMs = await freeMs('passed-on', record, msOf(about.passed), store)
  const statement = `${about.to} in ${about.jurisdiction} by ${about.agreed}: ${about.onto}`
  const told = passedOnDuty(record, { atMs, notice: noticeDigest(notice), statement, toldBy: from })
  return { facts: { to: about.to, onto: about.onto, agreed: about.agreed }, writes: dutyWrites(told) }
}

/** Nobody answered while it could be answered: nothing goes on. */
export async function overOnward(due: Duty, { store, audit, clock }: ObligationNeeds): Promise<void> {
  if ((await getJson<Duty>(store, dutyKey(due)))?.state !== 'open') return
  const over: Duty = { ...due, state: 'done', doneAt: instant(clock.nowMs()), late: true }
  await audit.append([{ kind: 'onward-unanswered', exchange: due.exchange, facts: { partner: due.partner, notice: due.notice } }], dutyWrites(over))
}
