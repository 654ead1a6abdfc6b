/**
 * A person's consent, where a policy asks for one: the exchange waits on both sides, and after a yes it is decided
 * anew, at that time, under the same exchange id.
 */
import { digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Pending } from '#protocols/exchange/messages.ts'
import { signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Digest, type ExchangeId, instant } from '#protocols/ids.ts'
import { type Considered, checkOwn, consider, recordFor } from './answering.ts'
import { type Chosen, decidedOf, dutiesIn, groundsOf, partsOf } from './choosing.ts'
import { type ExchangeNeeds, envelope, limits } from './exchange-needs.ts'
import {
  type Consent,
  type ExchangeRecord,
  getMessage,
  getRecord,
  headKey,
  nothingShown,
  openRecords,
  type RecordPart,
  recordNamed,
  recordWrites,
  together,
} from './exchange-record.ts'
import { askOrigins, asksHere, heardBack } from './origin-consent.ts'

/** Whether one of the policies asks for a person's consent. */
export function needsConsent({ answers }: Chosen): boolean {
  return answers.some(({ evaluation: { decision } }) => decision.joint?.obligations.some(({ type }) => type === 'consent'))
}

/** Whether those whom the policies ask said yes to all of what would be shown: another policy may permit more, or ask for another, by now. */
export function consentedTo({ chosen, offered, resumed }: Considered, { self }: Pick<ExchangeNeeds, 'self'>): boolean {
  if (!resumed) return false
  // The yes of an origin is nobody's here: a rule that came since may ask for one.
  if (offered?.alone && !offered.consented && asksHere(chosen)) return false
  const parts = partsOf(chosen.answers)
  if (asksSubject(parts) && offered?.consent?.of !== 'subject') return false
  const foreign = chosen.answers.some(({ credential }) => credential !== null && credential.subject !== self.did)
  if (asksSubject(parts) && foreign && !offered?.consent?.record) return false
  const contents = contentsOf(chosen)
  return parts.every(({ id, credential, disclosed }) => {
    const asked = offered?.credentials.find((part) => part.id === id && part.credential === credential)
    // By its id alone another content could have come into its place.
    const same = offered?.shown?.[id] !== undefined && offered.shown[id] === contents[id]
    return asked !== undefined && same && disclosed.every((pointer) => asked.disclosed.includes(pointer))
  })
}

/** What each credential says, whichever of its copies is shown. */
function contentsOf({ answers }: Chosen): Readonly<Record<string, Digest>> {
  return Object.fromEntries(
    answers.flatMap(({ way, credential }) => (credential ? [[way.id, credential.batch?.claims ?? digestOf(credential.encodings)]] : [])),
  )
}

/** For the log: of this Request, whose nonce keeps others from guessing what it is the digest of. */
function shownDigest({ request, credentials, shown = {} }: Pick<ExchangeRecord, 'request' | 'credentials' | 'shown'>): Digest {
  return digestOf({ request, shown: credentials.map(({ id, disclosed }) => ({ id, content: shown[id] ?? null, disclosed: [...disclosed] })) })
}

/** Whether the subject of what is shown has to consent, and not just whoever runs the node. */
function asksSubject(parts: readonly Pick<RecordPart, 'obligations'>[]): boolean {
  return parts.some(({ obligations }) => obligations.some(({ type, of }) => type === 'consent' && of === 'subject'))
}

/** Writes down that a person is asked. Nothing is cut or signed before the answer. */
export async function askConsent(considered: Considered, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const { request, digest, chosen, offered } = considered
  const nowMs = needs.clock.nowMs()
  // Asked once more, of something else: the time that both sides wait is the same in all.
  const expiresMs = offered?.state === 'pending' ? offered.expiresMs : nowMs + limits.consentMs
  const asked = await askOrigins(considered, instant(expiresMs), needs)
  const record: ExchangeRecord = {
    ...recordFor(request, digest, offered, nowMs),
    state: 'pending',
    expiresMs,
    ...together(partsOf(chosen.answers)),
    shown: contentsOf(chosen),
    ...asked.record,
  }
  const basis = needs.basis.of(record.id, { requester: request.accreditation, holder: considered.holder, ...groundsOf(chosen) })
  const back = record.back ? { asked: record.back.map(({ notice }) => notice) } : {}
  const facts = { partner: request.from, request: digest, basis: basis.digest, shown: shownDigest(record), ...back }
  const writes = [...recordWrites(record, { messages: [request], decided: decidedOf(considered) }), ...basis.writes, ...asked.writes]
  await needs.audit.append([{ kind: 'pending', exchange: record.id, facts }], writes, offered ? {} : { ifAbsent: [headKey(record.id)] })
  basis.kept()
  return record
}

export function pendingOf(record: ExchangeRecord, digest: Digest, needs: ExchangeNeeds): Promise<Pending> {
  const unsigned: Unsigned<Pending> = { type: 'pending', ...envelope(needs, record.id, record.partner), request: digest, until: instant(record.expiresMs) }
  return signMessage<Pending>(unsigned, needs.self.signer)
}

/** What a person who is asked says. */
export interface Answered {
  readonly id: ExchangeId
  readonly consented: boolean
  /** Digest of the record of the subject's consent, where the credential is somebody else's. */
  readonly record?: Digest | undefined
}

/**
 * A person's answer. After a yes the requester, which asks again by itself, is sent Terms of that moment; a no that comes while
 * they are out waits for what the requester says to them, so that nothing leaves after it.
 *
 * Where a policy asks for the consent of the subject, the operator of the subject's own node gives it; for a credential of somebody else,
 * a person's too, whoever approves names the record in which the subject consented, and its digest is written down with the yes.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_EXCHANGE_STATE when nobody is asked, a yes was given already, or it was released meanwhile,
 * DFFT_EXPIRED, DFFT_CONSENT
 */
export function answerConsent(answered: Answered, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  return needs.locks.run(answered.id, () => recordAnswer(answered, needs))
}

/**
 * Whether all who are asked have said yes.
 *
 * @throws {TrustError} DFFT_POLICY_DENIED when an origin said no, or does not take the question; it is written down
 */
export async function consentGiven(record: ExchangeRecord, needs: ExchangeNeeds): Promise<boolean> {
  const heard = await heardBack(record, needs)
  if (heard === 'refused') {
    const refused: ExchangeRecord = { ...record, state: 'refused', code: 'DFFT_POLICY_DENIED', updatedMs: needs.clock.nowMs(), ...nothingShown(record) }
    const facts = { partner: record.partner, request: record.request, origins: (record.back ?? []).map(({ partner }) => partner) }
    await needs.audit.append([{ kind: 'origin-declined', exchange: record.id, facts }], recordWrites(refused))
    throw new TrustError('DFFT_POLICY_DENIED', 'the origin does not agree that the data go on', { exchange: record.id })
  }
  return heard === 'granted' && (record.consented || record.alone === true)
}

async function recordAnswer({ id, consented, record: given }: Answered, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const record = await asked(id, needs)
  if (consented) checkWanted(record)
  const updatedMs = needs.clock.nowMs()
  const consent = consented ? await consentOf(record, given ?? null, needs) : undefined
  const answered: ExchangeRecord = consent
    ? { ...record, consented, consent, updatedMs }
    : { ...record, state: 'refused', code: 'DFFT_POLICY_DENIED', updatedMs, ...nothingShown(record) }
  const facts = { partner: record.partner, request: record.request, shown: shownDigest(record), ...(consent ? { of: consent.of, record: consent.record } : {}) }
  await needs.audit.append([{ kind: consented ? 'consented' : 'declined', exchange: id, facts }], recordWrites(answered))
  return answered
}

/** The exchange about which a person is asked. */
async function asked(id: ExchangeId, { store, clock }: ExchangeNeeds): Promise<ExchangeRecord> {
  const record = await recordNamed(store, id)
  if (record.state === 'expired') throw new TrustError('DFFT_EXPIRED', 'the time to consent is over', { exchange: id })
  if (record.role !== 'holder' || record.state !== 'pending')
    throw new TrustError('DFFT_EXCHANGE_STATE', 'nobody is asked to consent to this exchange', { exchange: id })
  if (clock.nowMs() >= record.expiresMs) throw new TrustError('DFFT_EXPIRED', 'the time to consent is over', { exchange: id })
  return record
}

/** A second yes may have another record of the subject's consent in mind: whoever gives it is told, and the log says one yes. @throws {TrustError} DFFT_EXCHANGE_STATE */
function checkWanted({ id, alone, consented }: ExchangeRecord): void {
  if (alone) throw new TrustError('DFFT_EXCHANGE_STATE', 'it is for the origin of the data to consent', { exchange: id })
  if (consented) throw new TrustError('DFFT_EXCHANGE_STATE', 'consent to this exchange was given already', { exchange: id })
}

/** Whose yes it is. @throws {TrustError} DFFT_CONSENT where it would have to be another person's, of whom there is no record */
async function consentOf({ id, credentials }: ExchangeRecord, record: Digest | null, { wallet, self }: ExchangeNeeds): Promise<Consent> {
  if (!asksSubject(credentials)) return { of: 'operator', record }
  const shown = await Promise.all(credentials.flatMap(({ credential }) => (credential === null ? [] : [wallet.find(credential)])))
  const own = shown.every((kept) => kept?.subject === self.did)
  if (!own && record === null)
    throw new TrustError('DFFT_CONSENT', 'the policy asks for the consent of the subject, who is not this node: name the record of it', { exchange: id })
  return { of: 'subject', record }
}

/**
 * What a yes would disclose, if the requester asked at this moment: decided anew, and nothing is written.
 *
 * @throws {TrustError} as `answerConsent`, and as `consider` for what would be refused
 */
export async function foreseen(id: ExchangeId, needs: ExchangeNeeds, signal: AbortSignal): Promise<ExchangeRecord> {
  const record = await asked(id, needs)
  checkWanted(record)
  const request = await getMessage(needs.store, id, 'request')
  if (!request) throw new TrustError('DFFT_STORE', 'the request is not in the store', { exchange: id })
  const { chosen } = await consider(request, true, needs, signal)
  for (const { credential, evaluation } of chosen.answers)
    if (credential) await checkOwn(credential, { duties: dutiesIn(evaluation.decision), purpose: request.purpose }, needs, signal)
  return { ...record, ...together(partsOf(chosen.answers)) }
}

/** How often it is looked for exchanges whose time is over: their end is in days, and nobody can answer them behind it in any case. */
const lookMs = 3_600_000

/** Ends what a partner or a person did not answer in time, so that nothing is listed as open that is not. Until the signal. */
export async function endUnanswered(needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { id } of (await openRecords(needs.store)).filter((record) => unanswered(record, needs))) await needs.locks.run(id, () => endOne(id, needs))
    await needs.clock.sleep(lookMs, signal).catch(() => undefined)
  }
}

/** An Offer is taken up by its partner, which may come within the time that clocks are apart. */
function unanswered({ role, state, expiresMs }: ExchangeRecord, { clock }: ExchangeNeeds): boolean {
  return role === 'holder' && (state === 'pending' || state === 'offered') && clock.nowMs() >= expiresMs + limits.skewMs
}

async function endOne(id: ExchangeId, needs: ExchangeNeeds): Promise<void> {
  const record = await getRecord(needs.store, id)
  if (!record || !unanswered(record, needs)) return // It was answered in the last moment.
  const ended: ExchangeRecord = { ...record, state: 'expired', code: 'DFFT_EXPIRED', updatedMs: needs.clock.nowMs(), ...nothingShown(record) }
  const facts = { partner: record.partner, request: record.request, code: ended.code }
  await needs.audit.append([{ kind: 'expired', exchange: id, facts }], recordWrites(ended))
}
