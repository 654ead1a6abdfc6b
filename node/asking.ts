/** The requester's leaves of the walk: what `ask()` in exchange.ts tells in order. */

import assert from 'node:assert/strict'
import { toBase64url } from '#protocols/base64url.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Acceptance, Cosignature, Offer, Pending, Presentation, Receipt, Request, Shown, Terms } from '#protocols/exchange/messages.ts'
import { messageDigest, releaseDigest, requestDigest, signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, type ExchangeId, Instant, instant, type JsonPointer, msOf } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type ExchangeQuery, type Way, waysOf } from '#protocols/query/exchange-query.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'
import {
  type Answer,
  answersAsShown,
  type Chosen,
  chosenAs,
  decidedOf,
  denialOf,
  type Looked,
  type Looking,
  look,
  mayAnswer,
  partsOf,
  permittedPart,
  vouchedAsAsked,
  waysNamed,
} from './choosing.ts'
import { copiesIn, copyWrites } from './copies.ts'
import { evaluate } from './evaluation.ts'
import { checkAgreementBy, type ExchangeNeeds, envelope, limits, surroundingsUnder, witness } from './exchange-needs.ts'
import { type Decided, type ExchangeRecord, getDecided, getMessage, headKey, nothingShown, type RecordPart, recordWrites, together } from './exchange-record.ts'
import { type Asked, type Known, typeOf } from './facts.ts'
import type { Write } from './ports.ts'
import { type Parsed, verify } from './verify.ts'
import { anyElement, covers, type Encoding, type Kept } from './wallet.ts'

export interface Wish {
  readonly to: Did
  readonly query: ExchangeQuery
  /** A credential that lacks a claim does not answer; else it shows what it has of those asked for. */
  readonly whole: boolean
  readonly purpose: string
  readonly legalBasis: string | null
  readonly transferTools: readonly string[]
  /** The Offer this answers, if the partner began. */
  readonly offer?: Offer
}

/**
 * Decides both halves of each credential, signs, and stores; nothing is sent yet.
 *
 * @returns a record in state `requested`, or `refused` when our own decisions leave nothing that answers the query
 * @throws {TrustError} DFFT_ACCREDITATION when this node or the holder shows none, DFFT_CREDENTIAL_TYPE, DFFT_SCHEMA
 */
export async function propose(wish: Wish, needs: ExchangeNeeds): Promise<{ record: ExchangeRecord; request: Request | null }> {
  const { audit, clock, self } = needs
  const id = wish.offer?.exchange ?? (Buffer.from(needs.random.bytes(16)).toString('hex') as ExchangeId) // 16 bytes are 32 hex digits.
  const nowMs = clock.nowMs()
  const wished: Asked = { type: 'request', ...envelope(needs, id, wish.to), ...askedFor(wish, await needs.witnessing.seen(wish.to), needs, nowMs) }
  const { asked, looked } = lookedAt(wished, accreditationOf(wish.to, needs), needs)
  const record = recordOf(wish, id, nowMs, requestDigest(asked), looked)
  const decided = decidedOf(looked)
  if (looked.chosen === null) {
    const facts = { partner: wish.to, request: record.request, code: 'DFFT_POLICY_DENIED', policy: denialOf(looked) }
    await audit.append([{ kind: 'denied', exchange: id, facts }], recordWrites(record, { decided }), { ifAbsent: [headKey(id)] })
    return { record, request: null }
  }
  const agreement = await signAgreement({ hash: looked.chosen.agreement, inputs: looked.chosen.inputs }, self.signer)
  const request = await signMessage<Request>({ ...asked, agreement }, self.signer)
  const facts = { partner: wish.to, request: record.request, agreement: record.agreement }
  const writes = [...recordWrites(record, { message: request, decided }), ...recordWrites(record, { message: wish.offer })]
  await audit.append([{ kind: 'requested', exchange: id, facts }], writes, { ifAbsent: [headKey(id)] })
  return { record, request }
}

function askedFor(wish: Wish, seen: number, needs: ExchangeNeeds, nowMs: number) {
  return {
    query: wish.query,
    ...(wish.whole ? { whole: true as const } : {}),
    purpose: wish.purpose,
    legalBasis: wish.legalBasis,
    transferTools: [...wish.transferTools],
    accreditation: accreditationOf(needs.self.did, needs),
    offer: wish.offer ? messageDigest(wish.offer) : null,
    nonce: toBase64url(needs.random.bytes(32)),
    expires: instant(nowMs + limits.requestLifeMs),
    seen,
  }
}

/** What we come to from what we know of the holder; of the query, only what our decisions let us ask for is left. */
function lookedAt(wished: Asked, holder: Accreditation, needs: ExchangeNeeds): { readonly asked: Asked; readonly looked: Looked } {
  const lookAt = (asked: Asked) => look(asked.query, { ...supposing(holder, needs), decide: (way, known) => evaluate(asked, way, known, needs.shelf) })
  const looked = lookAt(wished)
  const query = looked.chosen ? permittedPart(wished.query, looked) : wished.query
  if (query === wished.query) return { asked: wished, looked }
  const asked = { ...wished, query }
  return { asked, looked: lookAt(asked) }
}

/** A requester supposes that the holder has whatever it asks for, of the issuer that is likely. */
export function supposing(holder: Accreditation, { trust, clock }: Pick<ExchangeNeeds, 'trust' | 'clock'>): Pick<Looking, 'candidates' | 'answers'> {
  return {
    candidates: (way) => [{ known: { holder, issuer: likelyIssuer(way, holder, trust, clock.nowMs()), dataFlags: [] }, credential: null }],
    answers: () => true,
  }
}

/** A delivery is issued by its holder; of anything else, the issuer that the holder's jurisdiction names. */
function likelyIssuer(way: Way, { subject, jurisdiction }: Accreditation, trust: ExchangeNeeds['trust'], nowMs: number): Known['issuer'] {
  const { name } = typeOf(way)
  const own = trust.recognises(subject, name, nowMs)
  return [...(own ? [own] : []), ...trust.issuersOf(name, jurisdiction, nowMs)].find((issuer) => vouchedAsAsked(way, issuer))
}

function accreditationOf(did: Did, { trust, clock }: ExchangeNeeds): Accreditation {
  const held = trust.accreditationOf(did, clock.nowMs())
  if (!held) throw new TrustError('DFFT_ACCREDITATION', `no accreditation in force of \`${did}\` is held`, { did })
  return held
}

function recordOf(wish: Wish, id: ExchangeId, nowMs: number, request: Digest, { chosen, tried }: Looked): ExchangeRecord {
  const parts = together(partsOf(chosen?.answers ?? tried))
  return {
    id,
    role: 'requester',
    partner: wish.to,
    state: chosen ? 'requested' : 'refused',
    purpose: wish.purpose,
    startedMs: nowMs,
    updatedMs: nowMs,
    expiresMs: nowMs + limits.requestLifeMs,
    request,
    agreement: chosen?.agreement ?? null,
    release: null,
    code: chosen ? null : 'DFFT_POLICY_DENIED',
    ...(chosen ? parts : nothingShown(parts)),
    receipts: 0,
    consented: false,
    cosignature: null,
  }
}

/**
 * The holder decided on other inputs (a newer policy, a fact only it knows), or answers another alternative than the first. We
 * take its inputs, as far as they are the holder's to state, and its choice, if it is one that answers our query; decide again,
 * and sign if it is still a permit that gives the same agreement.
 *
 * @throws {TrustError} DFFT_TERMS_REJECTED, DFFT_AGREEMENT_MISMATCH
 */
export async function accept(
  terms: Terms,
  record: ExchangeRecord,
  request: Request,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<{ record: ExchangeRecord; acceptance: Acceptance }> {
  const { self, audit, clock } = needs
  await checkHolder(terms, needs, signal)
  await fetchPolicies([...terms.policies.export, ...terms.policies.import], record.partner, needs, signal)
  const chosen = decideOn(terms, request, needs)
  const { agreement: hash, inputs } = chosen
  const agreement = await signAgreement({ hash, inputs }, self.signer)
  const unsigned: Unsigned<Acceptance> = { type: 'acceptance', ...envelope(needs, record.id, record.partner), terms: messageDigest(terms), agreement }
  const acceptance = await signMessage<Acceptance>(unsigned, self.signer)
  const agreed: ExchangeRecord = { ...record, state: 'agreed', updatedMs: clock.nowMs(), agreement: hash, ...together(partsOf(chosen.answers)) }
  const facts = { partner: record.partner, terms: acceptance.terms, agreement: agreed.agreement }
  const before = (await getDecided(needs.store, record.id)) ?? []
  const decided = [...passedOver(before, chosen), ...decidedOf({ chosen, tried: chosen.answers })]
  const writes = [...recordWrites(agreed, { message: terms, decided }), ...recordWrites(agreed, { message: acceptance })]
  await audit.append([{ kind: 'accepted-terms', exchange: record.id, facts }], writes)
  return { record: agreed, acceptance }
}

/** What we had looked at and the holder does not answer: whoever asks why is told of it too. */
function passedOver(before: readonly Decided[], { answers }: Chosen): Decided[] {
  return before.filter(({ id }) => !answers.some(({ way }) => way.id === id)).map((one) => ({ ...one, chosen: false }))
}

/** Our own decision on what the holder would answer. @throws {TrustError} DFFT_TERMS_REJECTED, DFFT_AGREEMENT_MISMATCH */
function decideOn(terms: Terms, request: Request, needs: ExchangeNeeds): Chosen {
  const { agreement: _agreement, signature: _signature, ...asked } = request
  const nowMs = needs.clock.nowMs()
  const ways = waysNamed(request.query, terms.options, terms.credentials)
  if (!ways) throw new TrustError('DFFT_TERMS_REJECTED', 'the holder’s terms choose what the query does not offer')
  const answers = ways.map((way, at): Answer => {
    const question = terms.credentials[at]?.question ?? {}
    const time = termsTime(question, request, nowMs)
    const known = knownFrom(terms, question, way, needs)
    return { way, known, evaluation: evaluate(asked, way, known, needs.shelf, time), credential: null }
  })
  const chosen = chosenAs(terms.options, answers)
  if (!chosen) {
    const code = answers.find((answer) => !mayAnswer(answer))?.evaluation.decision.code
    throw new TrustError('DFFT_TERMS_REJECTED', 'on the holder’s terms our own decision is a denial', { code: code ?? null })
  }
  if (chosen.agreement === terms.agreement) return chosen
  const sameInputs = answers.every(({ evaluation: { question } }, at) => digestOf(question) === digestOf(terms.credentials[at]?.question))
  throw new TrustError(sameInputs ? 'DFFT_AGREEMENT_MISMATCH' : 'DFFT_TERMS_REJECTED', 'the holder’s terms are not what we come to')
}

/** A question as the holder states it: nothing of it is believed before it was looked at. */
type Stated = Terms['credentials'][number]['question']

/** The time of the Request; after a consent the holder decides anew, at a time that is now for both. */
function termsTime({ at: stated }: Stated, request: Request, nowMs: number): Instant {
  const at = parse(stated, Instant)
  if (at !== request.at && Math.abs(msOf(at) - nowMs) > limits.skewMs)
    throw new TrustError('DFFT_TERMS_REJECTED', 'the holder decided at a time too far from now')
  return at
}

/** Notes that a person has to consent first; the exchange lives as long as that may take. */
export async function wait(pending: Pending, record: ExchangeRecord, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  if (record.state === 'pending') return record
  const nowMs = needs.clock.nowMs()
  const waiting: ExchangeRecord = { ...record, state: 'pending', updatedMs: nowMs, expiresMs: Math.min(msOf(pending.until), nowMs + limits.consentMs) }
  const facts = { partner: record.partner, request: record.request }
  await needs.audit.append([{ kind: 'pending', exchange: record.id, facts }], recordWrites(waiting, { message: pending }))
  return waiting
}

/** @throws {TrustError} DFFT_ACCREDITATION */
async function checkHolder({ holderAccreditation: holder, from }: Terms, { trust, clock }: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  await trust.check(holder, clock.nowMs(), signal)
  if (holder.subject !== from) throw new TrustError('DFFT_ACCREDITATION', 'the accreditation in the terms is of another party', { subject: holder.subject })
}

/** Of the holder's question only what is the holder's to say is taken; the rest is ours, or proved by a document. */
function knownFrom({ holderAccreditation: holder }: Terms, question: Stated, way: Way, { trust, clock }: ExchangeNeeds): Known {
  const facts = (question.facts ?? {}) as Readonly<Record<string, { readonly value?: unknown; readonly source?: unknown } | undefined>> // Each use below looks before it believes.
  const flags = facts.dataFlags?.value
  const dataFlags = Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : []
  const source = facts.issuerAssurance?.source
  const issuers = trust.issuersOf(typeOf(way).name, holder.jurisdiction, clock.nowMs())
  return { holder, issuer: issuers.find((recognition) => recognition.source === source && vouchedAsAsked(way, recognition)), dataFlags }
}

async function fetchPolicies(digests: readonly Digest[], from: Did, { shelf, records, store }: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  for (const digest of digests) {
    if (shelf.get(digest)) continue
    const { document } = await records.ask(from, { type: 'policy', digest }, 'policy', signal)
    const { write } = await shelf.learn(document, signal)
    if (write) await store.batch([write])
  }
}

/**
 * Verifies what was shown and writes down the outcome, with the credential, before anything is answered. A rejection has
 * a code and is receipted like an acceptance.
 *
 * @throws {TrustError} when the message itself is not the partner's word on this exchange; then there is nothing to receipt
 */
export async function settle(
  presentation: Presentation,
  record: ExchangeRecord,
  request: Request,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<ExchangeRecord> {
  const { audit, clock } = needs
  if (presentation.request !== record.request) throw new TrustError('DFFT_REPLAY', 'the presentation answers another request')
  const release = releaseDigest(presentation)
  const judged = await judge(presentation, record, request, needs, signal)
  const accepted = judged.code === null
  const settled: ExchangeRecord = {
    ...record,
    state: accepted ? 'receipted' : 'rejected',
    code: judged.code,
    updatedMs: clock.nowMs(),
    release,
    ...together(record.credentials.map((part) => settledPart(part, judged))),
    receipts: 1,
    cosignature: judged.cosignature,
  }
  const facts = { partner: record.partner, release, agreement: record.agreement, outcome: judged.code ?? 'accepted' }
  const open: Write = { put: `exchange/open/${record.id}`, value: Buffer.from('{}') }
  const writes = [...judged.writes, ...recordWrites(settled, { message: presentation }), open] // A rejected one too is open until its receipt is acknowledged.
  await audit.append([{ kind: accepted ? 'received' : 'rejected', exchange: record.id, facts }], writes)
  for (const { read } of judged.shown) for (const parsed of read) wantEvidence(parsed, needs, signal)
  return settled
}

/** Not for a person's: its issuer, who is asked for it, would learn where a copy was shown. */
function wantEvidence({ issuer, signatures, type }: Parsed, { keeper }: ExchangeNeeds, signal: AbortSignal): void {
  if (type?.about === 'person') return
  for (const signature of signatures) keeper.want(issuer, signature.digest(), signal)
}

/** What came of what was agreed on one credential. */
function settledPart(part: RecordPart, { shown }: Judged): RecordPart {
  const own = shown.find(({ id }) => id === part.id)
  return { ...part, disclosed: own ? shownPointers(own.parsed, part.disclosed) : [], credential: own?.kept.id ?? null }
}

interface Judged {
  readonly code: string | null
  /** One for each credential of the agreement; none where anything did not hold. */
  readonly shown: readonly JudgedPart[]
  /** What makes the credentials and the partner's log head last. */
  readonly writes: readonly Write[]
  readonly cosignature: Cosignature | null
}

interface JudgedPart {
  readonly id: string
  readonly parsed: Parsed
  /** All encodings, the first among them. */
  readonly read: readonly Parsed[]
  readonly kept: Kept
  readonly writes: readonly Write[]
}

async function judge(presentation: Presentation, record: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<Judged> {
  try {
    await checkAgreement(presentation, record, needs, signal)
    const witnessed = await witness(presentation, needs, signal)
    const delivery = (await getMessage(needs.store, record.id, 'offer'))?.kind === 'delivery'
    const shown: JudgedPart[] = []
    for (const { part, encodings } of presentedParts(presentation, record, delivery))
      shown.push(await judgePart(part, encodings, { record, request, delivery }, needs, signal))
    return { code: null, shown, writes: [...shown.flatMap(({ writes }) => writes), ...witnessed.writes], cosignature: witnessed.cosignature }
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL') throw thrown
    needs.log('warn', 'presentation rejected', { exchange: record.id, partner: record.partner, code })
    return { code, shown: [], writes: [], cosignature: null }
  }
}

/**
 * What was presented of each credential of the agreement: one encoding, and of a delivery every encoding.
 *
 * @throws {TrustError} DFFT_QUERY_UNANSWERED for fewer, more, other or doubled credentials
 */
function presentedParts({ credentials }: Presentation, { credentials: parts }: ExchangeRecord, delivery: boolean) {
  const presented = parts.map((part) => ({ part, encodings: credentials.filter(({ id }) => id === part.id) }))
  const count = presented.reduce((sum, { encodings }) => sum + encodings.length, 0)
  if (count !== credentials.length || presented.some(({ encodings: { length } }) => (delivery ? length === 0 : length !== 1)))
    throw new TrustError('DFFT_QUERY_UNANSWERED', 'not exactly the agreed credentials were presented', { agreed: parts.length, presented: credentials.length })
  return presented
}

interface JudgedIn {
  readonly record: ExchangeRecord
  readonly request: Request
  readonly delivery: boolean
}

async function judgePart(part: RecordPart, encodings: readonly Shown[], within: JudgedIn, needs: ExchangeNeeds, signal: AbortSignal): Promise<JudgedPart> {
  const parsed: Parsed[] = []
  for (const { text } of encodings) parsed.push(await judgeOne(text, part, within, needs, signal))
  const [first] = parsed
  if (!first) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'nothing was shown')
  const { id } = part
  if (within.delivery && first.type?.about === 'person') return { id, parsed: first, read: parsed, ...(await takeCopies(parsed, part, within, needs)) }
  // Its token list says of a suspension, too; of the two lists of the other encoding one would be kept.
  const selective = parsed.find(({ sdJwt }) => sdJwt !== null) ?? first
  const kept = keptOf(encodings, selective, part, within)
  return { id, parsed: first, read: parsed, kept, writes: needs.wallet.write(kept) }
}

async function checkAgreement({ agreement, from }: Presentation, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  if (agreement.hash !== record.agreement) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the holder signed another agreement')
  await checkAgreementBy(from, agreement, needs, signal)
}

async function judgeOne(text: string, part: RecordPart, within: JudgedIn, needs: ExchangeNeeds, signal: AbortSignal): Promise<Parsed> {
  const { record, request, delivery } = within
  const expectation = {
    nowMs: needs.clock.nowMs(),
    type: part.type,
    ...(delivery ? {} : { binding: { nonce: request.nonce, audience: needs.self.did }, holder: record.partner }),
  }
  const { report, parsed } = await verify(text, surroundingsUnder(part.obligations, needs), expectation, signal)
  const failed = report.steps.find(({ outcome }) => outcome === 'failed')
  if (failed?.code) throw new TrustError(failed.code as 'DFFT_SIGNATURE', failed.detail) // The report's codes come from TrustErrors.
  if (!parsed || !report.verified) throw new TrustError('DFFT_NOT_CHECKED', 'the credential could not be verified whole')
  if (delivery) checkDelivered(parsed, record, needs)
  else {
    checkShown(parsed, part)
    checkAnswers(parsed, part, request, needs)
  }
  return parsed
}

/** What was shown is what was asked for: each value, each claim of a set, from whom it was to come. @throws {TrustError} DFFT_QUERY_UNANSWERED */
function checkAnswers({ claims, issuer }: Parsed, { id, claimSet, type, disclosed }: RecordPart, request: Request, { trust, clock }: ExchangeNeeds): void {
  const credential = request.query.credentials.find((one) => one.id === id)
  const way = credential && waysOf(credential).find((one) => one.claimSet === claimSet)
  const shown = claims as Json // Read from JSON.
  const whole = request.whole === true
  if (!way || !answersAsShown(way, disclosed, whole, shown))
    throw new TrustError('DFFT_QUERY_UNANSWERED', 'what was shown is not what was asked for', { credential: id })
  if (!vouchedAsAsked(way, trust.recognises(issuer, type, clock.nowMs())))
    throw new TrustError('DFFT_QUERY_UNANSWERED', 'the credential is of another authority than was asked for', { credential: id, issuer })
}

/** A delivered credential must be about us, from the partner, and bound to a key of ours; about a person, see `copiesIn`. */
function checkDelivered({ issuer, subject, sdJwt, type }: Parsed, record: ExchangeRecord, { self }: ExchangeNeeds): void {
  if (issuer !== record.partner) throw new TrustError('DFFT_ISSUER_NOT_RECOGNISED', 'the delivered credential is of another issuer', { issuer })
  if (type?.about === 'person') return
  if (subject !== self.did) throw new TrustError('DFFT_HOLDER_BINDING', 'the delivered credential is about somebody else')
  if (sdJwt && !(sdJwt.holderKey && self.signerOf(sdJwt.holderKey)))
    throw new TrustError('DFFT_HOLDER_BINDING', 'the delivered credential is bound to another key')
}

/** More than was agreed is as wrong as a forgery: it must not be kept. */
function checkShown(parsed: Parsed, part: RecordPart): void {
  // The way to an agreed claim may lead through an outer one, which tells no more than that it is there.
  const agreed = (pointer: JsonPointer) =>
    part.disclosed.some((wanted) => covers(anyElement(wanted), anyElement(pointer)) || covers(anyElement(pointer), anyElement(wanted)))
  const beyond = pointersIn(parsed).find((pointer) => !agreed(pointer))
  if (beyond !== undefined) throw new TrustError('DFFT_DISCLOSURE', 'more was disclosed than was agreed', { path: beyond })
}

/** Of what was agreed, what the credential has and shows. */
function shownPointers(parsed: Parsed, agreed: readonly JsonPointer[]): string[] {
  const there = pointersIn(parsed).map(anyElement)
  return agreed.filter((wanted) => there.some((pointer) => covers(anyElement(wanted), pointer)))
}

/** Whatever stands in the open, and each disclosure. */
function pointersIn({ claims, sdJwt }: Parsed): JsonPointer[] {
  return [...Object.keys(claims).map((name) => `/${name}`), ...(sdJwt?.disclosures.map(({ pointer }) => pointer) ?? [])]
}

/**
 * A credential about a person that we serve: one entry with its copies. The keys they are bound to wait no longer.
 *
 * @throws {TrustError} as `copiesIn`
 */
async function takeCopies(
  parsed: readonly Parsed[],
  part: RecordPart,
  within: JudgedIn,
  { wallet, holderKeys, self }: ExchangeNeeds,
): Promise<Pick<JudgedPart, 'kept' | 'writes'>> {
  const copies = await copiesIn(parsed, within.record, holderKeys)
  const [first] = parsed
  assert(first, 'nothing was shown is refused before')
  const batch = { holder: self.did, copies: copies.length, claims: digestOf(first.claims) }
  const kept: Kept = { ...keptOf([], first, part, within), id: `urn:dfft:held:${within.record.id}`, batch }
  const claimed = parsed.flatMap(({ sdJwt }) => (sdJwt?.holderKey ? [holderKeys.claimed(sdJwt.holderKey)] : []))
  return { kept, writes: [...wallet.write(kept), ...copyWrites(kept, copies), ...claimed] }
}

function keptOf(encodings: readonly Encoding[], parsed: Parsed, part: RecordPart, { record, delivery }: JudgedIn): Kept {
  const { issuer, type, subject, issuedAtMs, validUntilMs, status } = parsed
  assert(type && issuedAtMs !== null, 'verify() was asked for a known type, and so for its time')
  return {
    // A partial copy is another thing than the credential: several may be received of one.
    id: delivery && parsed.id ? parsed.id : `urn:dfft:received:${record.id}${record.credentials.length > 1 ? `:${part.id}` : ''}`,
    role: delivery ? 'held' : 'received',
    type: type.name,
    issuer,
    subject: type.about === 'person' ? null : ((subject ?? record.partner) as Did), // verify() compared it with the partner or with us.
    title: type.title(parsed.claims),
    issuedAt: instant(issuedAtMs),
    validUntil: validUntilMs === null ? null : instant(validUntilMs),
    status: status[0] ?? null,
    encodings: encodings.map(({ format, text }) => ({ format, text })),
    dataFlags: [],
    exchange: record.id,
  }
}

/** The receipt as it stands to this exchange, with our log as it is now. Made anew for every sending; its core is the same. */
export async function receiptOf(record: ExchangeRecord, presentation: Presentation, needs: ExchangeNeeds): Promise<Receipt> {
  const { id, partner, release, agreement, code, cosignature } = record
  if (release === null || agreement === null) throw new TrustError('DFFT_EXCHANGE_STATE', 'there is nothing to receipt yet', { exchange: id })
  const outcome: Receipt['outcome'] = code === null ? { kind: 'accepted' } : { kind: 'rejected', code }
  const log = await needs.witnessing.headSince(presentation.seen)
  return signMessage<Receipt>({ type: 'receipt', ...envelope(needs, id, partner), release, agreement, outcome, log, cosignature }, needs.self.signer)
}
