/**
 * The request back to the origin: where what came may go on to a place only after it agreed, it is asked, and nothing is released before its
 * signed yes. A notice each way, on the exchange by which the data came.
 *
 *     holder      askOrigins     writes the questions down with the exchange that waits for them
 *                 heardBack      what came of them: a no, a question that is not taken, and silence end in no release
 *     origin      heedQuestions  takes a question down for a person, until its time is over
 *                 answerOnward   the person's answer, signed
 *     recipient   checkGranted   the yes is the origin's, and about this very Request
 *
 * Only who transferred the data to the holder itself can be asked; what an origin before that reserved does not go on.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import { passingTable } from '#node/network/limits.ts'
import { dutyWrites, questionDuty, questionKey } from '#node/obligations/duties.ts'
import type { Clock, Store, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { requestDigest } from '#protocols/exchange/signing.ts'
import { type Digest, type ExchangeId, type Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { checkSigned, type Notice, noticeDigest } from '#protocols/notice.ts'
import type { Chosen } from './choosing.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { type AskedBack, type ExchangeRecord, getRecord } from './exchange-record.ts'
import type { Locks } from './locks.ts'
import { checkReleased, type KeptNotice, type NoticeOf, type Notices } from './notices.ts'
import { type Transferred, transferIn } from './transfers.ts'

/** Whether data that came by this may go there only after its exporter agreed. */
function reserved(transfer: Transferred, to: Jurisdiction): boolean {
  return transferIn(transfer).obligations.some((duty) => duty.type === 'onward-transfer' && duty.else !== undefined && !duty.allow.includes(to))
}

/** Whether whoever would have to agree can be asked at all. */
export function askable(transfers: readonly Transferred[], to: Jurisdiction): boolean {
  return !transfers.slice(0, -1).some((transfer) => reserved(transfer, to))
}

// The holder.

export interface Back {
  readonly back?: readonly AskedBack[]
  /** No rule of today asks for a person here: the origin's yes is enough. */
  readonly alone?: boolean
}

/** @param offered where they were asked before, on this exchange: none is asked twice */
export async function askOrigins(
  {
    request,
    digest,
    chosen,
    offered,
  }: { readonly request: Request; readonly digest: Digest; readonly chosen: Chosen; readonly offered: ExchangeRecord | null },
  until: Instant,
  { notices, store }: ExchangeNeeds,
): Promise<{ readonly record: Back; readonly writes: readonly Write[] }> {
  const to = request.accreditation.jurisdiction
  const last = chosen.answers.flatMap(({ known: { transfers = [] } }) => transfers.at(-1) ?? []).filter((transfer) => reserved(transfer, to))
  const origins = new Map(last.map(({ record }) => [record.request.exchange, record]))
  if (origins.size === 0) return { record: {}, writes: [] }
  const back: AskedBack[] = []
  const writes: Write[] = []
  for (const [exchange, { request: first, exporter }] of origins) {
    const before = offered?.back?.find((one) => one.exchange === exchange)
    if (before) {
      back.push(before)
      continue
    }
    const release = (await getRecord(store, exchange))?.release
    if (!release) throw new TrustError('DFFT_STORE', 'the exchange by which the data came is not in the store', { exchange })
    const asked = { onto: request.exchange, request: digest, to: request.from, jurisdiction: to, purpose: request.purpose, until }
    const drafted = await notices.draft({ id: exchange, partner: first.to }, { kind: 'onward-asked', release, agreement: exporter.hash, ...asked })
    back.push({ exchange, partner: first.to, notice: drafted.digest })
    writes.push(...drafted.writes)
  }
  return { record: { back, alone: !asksHere(chosen) }, writes }
}

/** Whether a rule asks for a person at the holder, and not only an origin to be asked. */
export function asksHere({ answers }: Chosen): boolean {
  return answers.some(({ evaluation: { decision } }) =>
    [decision.export, decision.import, ...(decision.origins ?? [])].some(({ obligations }) => obligations.some(({ type }) => type === 'consent')),
  )
}

/** What the origins said; `granted` where none had to be asked. */
export async function heardBack({ back = [] }: ExchangeRecord, { notices }: Pick<ExchangeNeeds, 'notices'>): Promise<'granted' | 'waits' | 'refused'> {
  let heard: 'granted' | 'waits' = 'granted'
  for (const { exchange, notice } of back) {
    const all = await notices.of(exchange)
    const sent = all.find((one) => one.direction === 'sent' && noticeDigest(one.notice) === notice)
    const answer = answerTo(notice, all)
    if (sent?.refused || answer?.about.granted === false) return 'refused'
    if (!answer) heard = 'waits'
  }
  return heard
}

type Answered = NoticeOf<'onward-answered'>

function answerTo(asked: Digest, all: readonly KeptNotice[]): Answered | undefined {
  return all
    .map(({ direction, notice }) => (direction === 'received' ? notice : undefined))
    .find((one): one is Answered => one?.about.kind === 'onward-answered' && one.about.asked === asked)
}

/** The yes to a question about this exchange, for the recipient. */
export async function grantedIn(
  offered: ExchangeRecord | null,
  exchange: ExchangeId,
  { notices }: Pick<ExchangeNeeds, 'notices'>,
): Promise<Notice | undefined> {
  const asked = offered?.back?.find((one) => one.exchange === exchange)
  return asked && answerTo(asked.notice, await notices.of(exchange))
}

// The origin.

interface OriginNeeds {
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly notices: Notices
  readonly clock: Pick<Clock, 'nowMs'>
  readonly locks: Locks
}

/** A question as it lies before a person. */
interface Lying {
  readonly exchange: ExchangeId
  readonly notice: NoticeOf<'onward-asked'>
  readonly dueMs: number
  readonly answered: boolean
}

export function heedQuestions({ notices, store, clock }: OriginNeeds): void {
  notices.on('onward-asked', async (notice, record) => {
    const { about } = notice
    checkReleased(notice, record)
    const untilMs = msOf(about.until)
    if (untilMs <= clock.nowMs() || untilMs > clock.nowMs() + passingTable.questionMs.value)
      throw new TrustError('DFFT_EXPIRED', 'the question is past its end, or waits too long')
    if (await getJson(store, questionKey(about.onto))) throw new TrustError('DFFT_REPLAY', 'the exchange was asked about before', { exchange: about.onto })
    const statement = `${about.to} in ${about.jurisdiction} for ${about.purpose}: ${about.onto}`
    const duty = questionDuty(record, { until: about.until, notice: noticeDigest(notice), statement, toldBy: notice.from })
    const lying: Lying = { exchange: record.id, notice, dueMs: duty.dueMs, answered: false }
    return { facts: { to: about.to, purpose: about.purpose, onto: about.onto }, writes: [...dutyWrites(duty), putJson(questionKey(about.onto), lying)] }
  })
  notices.on('onward-answered', async ({ about, from }, record) => {
    if (record.role !== 'requester') throw new TrustError('DFFT_RECEIPT', 'nobody was asked', { party: from })
    const asked = (await notices.of(record.id)).some(({ direction, notice }) => direction === 'sent' && noticeDigest(notice) === about.asked)
    if (!asked) throw new TrustError('DFFT_RECEIPT', 'the answer is to no question of ours', { exchange: record.id })
    return { facts: { asked: about.asked, granted: about.granted }, writes: [] }
  })
}

/**
 * A person's answer to a question about data that this node released before.
 *
 * @param onto the exchange for which the holder asks, as the question names it
 * @returns the exchange by which the data left; its partner has yet to be told
 * @throws {TrustError} DFFT_NOT_FOUND; DFFT_EXCHANGE_STATE where it was answered; DFFT_EXPIRED
 */
export async function answerOnward(onto: ExchangeId, granted: boolean, needs: OriginNeeds): Promise<ExchangeRecord> {
  const { store, audit, notices, clock, locks } = needs
  const found = await getJson<Lying>(store, questionKey(onto))
  if (!found) throw new TrustError('DFFT_NOT_FOUND', `there is no exchange \`${onto}\``)
  return locks.run(found.exchange, async () => {
    const lying = (await getJson<Lying>(store, questionKey(onto))) ?? found
    const record = await getRecord(store, lying.exchange)
    const { about } = lying.notice
    if (!record || lying.answered) throw new TrustError('DFFT_EXCHANGE_STATE', 'the question was answered', { exchange: onto })
    if (clock.nowMs() >= msOf(about.until)) throw new TrustError('DFFT_EXPIRED', 'the time to answer is over', { exchange: onto })
    const { request, to, until } = about
    const asked = noticeDigest(lying.notice)
    const drafted = await notices.draft(record, { kind: 'onward-answered', asked, onto, request, to, until, granted })
    const statement = `${to} in ${about.jurisdiction} for ${about.purpose}: ${onto}`
    const duty = questionDuty(record, { until, notice: drafted.digest, statement, toldBy: lying.notice.from }, lying.dueMs)
    const facts = { partner: record.partner, onto, to, notice: drafted.digest }
    const writes = [
      ...drafted.writes,
      putJson(questionKey(onto), { ...lying, answered: true }),
      ...dutyWrites({ ...duty, state: 'done', doneAt: instant(clock.nowMs()) }),
    ]
    await audit.append([{ kind: granted ? 'onward-granted' : 'onward-declined', exchange: record.id, facts }], writes)
    return record
  })
}

// The recipient.

/** @throws {TrustError} DFFT_TRANSFER where an origin that reserved it has not agreed, or cannot be asked; DFFT_SIGNATURE, DFFT_KEY_NOT_FOUND */
export async function checkGranted(transfers: readonly Transferred[], request: Request, { named, clock }: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const to = request.accreditation.jurisdiction
  if (!askable(transfers, to)) throw new TrustError('DFFT_TRANSFER', 'an origin that nobody could ask has reserved this transfer', { to })
  for (const transfer of transfers) {
    if (!reserved(transfer, to)) continue
    const { granted, request: first } = transfer.record
    if (!granted || !isYes(granted, request, clock.nowMs()) || granted.from !== first.to || granted.exchange !== first.exchange)
      throw new TrustError('DFFT_TRANSFER', 'the origin has not agreed that the data go on here', { origin: first.to })
    const found = (await named(granted.from, signal)).find(({ keyId }) => keyId === granted.signature.keyId)
    if (!found) throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${granted.from}\` never named the key of its answer`, { keyId: granted.signature.keyId })
    checkSigned(granted, found.key)
  }
}

function isYes({ about }: Notice, request: Request, nowMs: number): boolean {
  if (about.kind !== 'onward-answered' || !about.granted || msOf(about.until) <= nowMs) return false
  return about.onto === request.exchange && about.request === requestDigest(request) && about.to === request.from
}
