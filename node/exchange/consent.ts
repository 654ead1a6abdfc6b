/**
 * A person's consent, where a policy asks for one: the exchange waits on both sides, and after a yes it is decided
 * anew, at that time, under the same exchange id.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Pending } from '#protocols/exchange/messages.ts'
import { signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { type Considered, recordFor } from './answering.ts'
import { type Chosen, decidedOf, partsOf } from './choosing.ts'
import { type ExchangeNeeds, envelope, limits } from './exchange-needs.ts'
import { type ExchangeRecord, getRecord, headKey, recordWrites, together } from './exchange-record.ts'
import { askOrigins, heardBack } from './origin-consent.ts'

/** Whether one of the policies asks for a person's consent. */
export function needsConsent({ answers }: Chosen): boolean {
  return answers.some(({ evaluation: { decision } }) => decision.joint?.obligations.some(({ type }) => type === 'consent'))
}

/** Whether a person said yes to all of what would be shown: another policy may permit more by now. */
export function consentedTo({ chosen, offered, resumed }: Considered): boolean {
  if (!resumed) return false
  return partsOf(chosen.answers).every(({ id, credential, disclosed }) => {
    const asked = offered?.credentials.find((part) => part.id === id && part.credential === credential)
    return asked !== undefined && disclosed.every((pointer) => asked.disclosed.includes(pointer))
  })
}

/** Writes down that a person is asked. Nothing is cut or signed before the answer. */
export async function askConsent(considered: Considered, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const { request, digest, chosen, offered } = considered
  const nowMs = needs.clock.nowMs()
  const expiresMs = nowMs + limits.consentMs
  const asked = await askOrigins(considered, instant(expiresMs), needs)
  const record: ExchangeRecord = {
    ...recordFor(request, digest, offered, nowMs),
    state: 'pending',
    expiresMs,
    ...together(partsOf(chosen.answers)),
    ...asked.record,
  }
  const facts = { partner: request.from, request: digest, ...(record.back ? { asked: record.back.map(({ notice }) => notice) } : {}) }
  const writes = [...recordWrites(record, { message: request, decided: decidedOf(considered) }), ...asked.writes]
  await needs.audit.append([{ kind: 'pending', exchange: record.id, facts }], writes, offered ? {} : { ifAbsent: [headKey(record.id)] })
  return record
}

export function pendingOf(record: ExchangeRecord, digest: Digest, needs: ExchangeNeeds): Promise<Pending> {
  const unsigned: Unsigned<Pending> = { type: 'pending', ...envelope(needs, record.id, record.partner), request: digest, until: instant(record.expiresMs) }
  return signMessage<Pending>(unsigned, needs.self.signer)
}

/**
 * A person's answer. After a yes the requester, which asks again by itself, is sent Terms of that moment; a no that comes while
 * they are out waits for what the requester says to them, so that nothing leaves after it.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE when nobody is asked, or it was released meanwhile
 */
export function answerConsent(id: ExchangeId, consented: boolean, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(id, () => recordAnswer(id, consented, needs))
}

/**
 * Whether all who are asked have said yes.
 *
 * @throws {TrustError} DFFT_POLICY_DENIED when an origin said no, or does not take the question; it is written down
 */
export async function consentGiven(record: ExchangeRecord, needs: ExchangeNeeds): Promise<boolean> {
  const heard = await heardBack(record, needs)
  if (heard === 'refused') {
    const refused: ExchangeRecord = { ...record, state: 'refused', code: 'DFFT_POLICY_DENIED', updatedMs: needs.clock.nowMs() }
    const facts = { partner: record.partner, request: record.request, origins: (record.back ?? []).map(({ partner }) => partner) }
    await needs.audit.append([{ kind: 'origin-declined', exchange: record.id, facts }], recordWrites(refused))
    throw new TrustError('DFFT_POLICY_DENIED', 'the origin does not agree that the data go on', { exchange: record.id })
  }
  return heard === 'granted' && (record.consented || record.alone === true)
}

async function recordAnswer(id: ExchangeId, consented: boolean, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const record = await getRecord(needs.store, id)
  if (!record) throw new TrustError('DFFT_NOT_FOUND', `there is no exchange \`${id}\``)
  if (record.role !== 'holder' || record.state !== 'pending')
    throw new TrustError('DFFT_EXCHANGE_STATE', 'nobody is asked to consent to this exchange', { exchange: id })
  if (consented && record.alone) throw new TrustError('DFFT_EXCHANGE_STATE', 'it is for the origin of the data to consent', { exchange: id })
  const updatedMs = needs.clock.nowMs()
  if (updatedMs >= record.expiresMs) throw new TrustError('DFFT_EXPIRED', 'the time to consent is over', { exchange: id })
  const answered: ExchangeRecord = consented ? { ...record, consented, updatedMs } : { ...record, state: 'refused', code: 'DFFT_POLICY_DENIED', updatedMs }
  const facts = { partner: record.partner, request: record.request }
  await needs.audit.append([{ kind: consented ? 'consented' : 'declined', exchange: id, facts }], recordWrites(answered))
  return answered
}
