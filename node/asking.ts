/** The requester's leaves of the walk: what `ask()` in exchange.ts tells in order. */

import assert from 'node:assert/strict'
import { toBase64url } from '#protocols/base64url.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Acceptance, Cosignature, Offer, Pending, Presentation, Receipt, Request, Terms } from '#protocols/exchange/messages.ts'
import { messageDigest, releaseDigest, requestDigest, signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, type ExchangeId, Instant, instant, type JsonPointer, msOf } from '#protocols/ids.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'
import { type Evaluation, evaluate } from './evaluation.ts'
import { checkAgreementBy, type ExchangeNeeds, envelope, limits, surroundingsUnder, witness } from './exchange-needs.ts'
import { type ExchangeRecord, getMessage, headKey, recordWrites } from './exchange-record.ts'
import { type Asked, type Known, queryOf } from './facts.ts'
import type { Write } from './ports.ts'
import { type Parsed, verify } from './verify.ts'
import { anyElement, covers, type Kept } from './wallet.ts'

export interface Wish {
  readonly to: Did
  readonly type: string
  readonly claims: readonly JsonPointer[]
  readonly purpose: string
  readonly legalBasis: string | null
  readonly transferTools: readonly string[]
  /** The Offer this answers, if the partner began. */
  readonly offer?: Offer
}

/**
 * Decides both halves, signs, and stores; nothing is sent yet.
 *
 * @returns a record in state `requested`, or `refused` when our own decision is a denial
 * @throws {TrustError} DFFT_ACCREDITATION when this node or the holder shows none, DFFT_CREDENTIAL_TYPE, DFFT_SCHEMA
 */
export async function propose(wish: Wish, needs: ExchangeNeeds): Promise<{ record: ExchangeRecord; request: Request | null }> {
  const { audit, clock, self } = needs
  const id = wish.offer?.exchange ?? (Buffer.from(needs.random.bytes(16)).toString('hex') as ExchangeId) // 16 bytes are 32 hex digits.
  const nowMs = clock.nowMs()
  const asked: Asked = { type: 'request', ...envelope(needs, id, wish.to), ...askedFor(wish, await needs.witnessing.seen(wish.to), needs, nowMs) }
  const holder = accreditationOf(wish.to, needs)
  const evaluation = evaluate(asked, { holder, issuer: likelyIssuer(wish, holder, needs), dataFlags: [] }, needs.shelf)
  const { decision, inputs } = evaluation
  const record = recordOf(wish, id, nowMs, requestDigest(asked), evaluation)
  const decided = { question: evaluation.question, decision }
  if (decision.agreement === null) {
    const facts = { partner: wish.to, request: record.request, code: 'DFFT_POLICY_DENIED', policy: decision.code }
    await audit.append([{ kind: 'denied', exchange: id, facts }], recordWrites(record, { decided }), { ifAbsent: [headKey(id)] })
    return { record, request: null }
  }
  const agreement = await signAgreement({ hash: decision.agreement, inputs }, self.signer)
  const request = await signMessage<Request>({ ...asked, agreement }, self.signer)
  const facts = { partner: wish.to, request: record.request, agreement: record.agreement }
  const writes = [...recordWrites(record, { message: request, decided }), ...recordWrites(record, { message: wish.offer })]
  await audit.append([{ kind: 'requested', exchange: id, facts }], writes, { ifAbsent: [headKey(id)] })
  return { record, request }
}

function askedFor(wish: Wish, seen: number, needs: ExchangeNeeds, nowMs: number) {
  return {
    query: queryOf(credentialTypeNamed(wish.type), wish.claims),
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

function accreditationOf(did: Did, { trust, clock }: ExchangeNeeds): Accreditation {
  const held = trust.accreditationOf(did, clock.nowMs())
  if (!held) throw new TrustError('DFFT_ACCREDITATION', `no accreditation in force of \`${did}\` is held`, { did })
  return held
}

/** A delivery is issued by its holder; of anything else, the issuer that the holder's jurisdiction names. */
function likelyIssuer(wish: Wish, holder: Accreditation, { trust, clock }: ExchangeNeeds): Known['issuer'] {
  const nowMs = clock.nowMs()
  return trust.recognises(wish.to, wish.type, nowMs) ?? trust.issuersOf(wish.type, holder.jurisdiction, nowMs)[0]
}

function recordOf(wish: Wish, id: ExchangeId, nowMs: number, request: Digest, { decision }: Evaluation): ExchangeRecord {
  const permitted = decision.agreement !== null
  return {
    id,
    role: 'requester',
    partner: wish.to,
    state: permitted ? 'requested' : 'refused',
    credentialType: wish.type,
    purpose: wish.purpose,
    startedMs: nowMs,
    updatedMs: nowMs,
    expiresMs: nowMs + limits.requestLifeMs,
    request,
    agreement: decision.agreement,
    release: null,
    code: permitted ? null : 'DFFT_POLICY_DENIED',
    ...jointOf(decision),
    credential: null,
    receipts: 0,
    consented: false,
    cosignature: null,
  }
}

export function jointOf({
  joint,
  export: exporting,
  import: importing,
}: Evaluation['decision']): Pick<ExchangeRecord, 'disclosed' | 'withheld' | 'obligations'> {
  if (joint) return { disclosed: joint.disclosed, withheld: [...joint.withheld], obligations: joint.obligations.map((duty) => ({ ...duty })) }
  return { disclosed: [], withheld: [...exporting.withheld, ...importing.withheld], obligations: [] }
}

/**
 * The holder decided on other inputs: a newer policy, a fact only it knows. We take its inputs, as far as they are
 * the holder's to state, decide again, and sign if it is still a permit that gives the same agreement.
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
  const known = await knownFrom(terms, needs, signal)
  await fetchPolicies([...terms.policies.export, ...terms.policies.import], record.partner, needs, signal)
  const { agreement: _agreement, signature: _signature, ...asked } = request
  const at = termsTime(terms, request, clock.nowMs())
  const { question, decision, inputs } = evaluate(asked, known, needs.shelf, at)
  if (decision.agreement === null) throw new TrustError('DFFT_TERMS_REJECTED', 'on the holder’s terms our own decision is a denial', { code: decision.code })
  if (decision.agreement !== terms.agreement) {
    const sameInputs = digestOf(question) === digestOf(terms.question)
    throw new TrustError(sameInputs ? 'DFFT_AGREEMENT_MISMATCH' : 'DFFT_TERMS_REJECTED', 'the holder’s terms are not what we come to')
  }
  const agreement = await signAgreement({ hash: decision.agreement, inputs }, self.signer)
  const unsigned: Unsigned<Acceptance> = { type: 'acceptance', ...envelope(needs, record.id, record.partner), terms: messageDigest(terms), agreement }
  const acceptance = await signMessage<Acceptance>(unsigned, self.signer)
  const agreed: ExchangeRecord = { ...record, state: 'agreed', updatedMs: clock.nowMs(), agreement: decision.agreement, ...jointOf(decision) }
  const facts = { partner: record.partner, terms: acceptance.terms, agreement: agreed.agreement }
  const writes = [...recordWrites(agreed, { message: terms, decided: { question, decision } }), ...recordWrites(agreed, { message: acceptance })]
  await audit.append([{ kind: 'accepted-terms', exchange: record.id, facts }], writes)
  return { record: agreed, acceptance }
}

/** The time of the Request; after a consent the holder decides anew, at a time that is now for both. */
function termsTime({ question }: Terms, request: Request, nowMs: number): Instant {
  const at = parse(question.at, Instant)
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

/** Of the holder's question only what is the holder's to say is taken; the rest is ours, or proved by a document. */
async function knownFrom(terms: Terms, needs: ExchangeNeeds, signal: AbortSignal): Promise<Known> {
  const nowMs = needs.clock.nowMs()
  const { holderAccreditation: holder, question } = terms
  await needs.trust.check(holder, nowMs, signal)
  if (holder.subject !== terms.from)
    throw new TrustError('DFFT_ACCREDITATION', 'the accreditation in the terms is of another party', { subject: holder.subject })
  const facts = (question.facts ?? {}) as Readonly<Record<string, { readonly value?: unknown; readonly source?: unknown } | undefined>> // Each use below looks before it believes.
  const flags = facts.dataFlags?.value
  const dataFlags = Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : []
  const source = facts.issuerAssurance?.source
  const type = String(question.credential)
  const issuer = needs.trust.issuersOf(type, holder.jurisdiction, nowMs).find((recognition) => recognition.source === source)
  return { holder, issuer, dataFlags }
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
    disclosed: judged.parsed ? shownPointers(judged.parsed, record.disclosed) : [],
    credential: judged.kept[0]?.id ?? null,
    receipts: 1,
    cosignature: judged.cosignature,
  }
  const facts = { partner: record.partner, release, agreement: record.agreement, outcome: judged.code ?? 'accepted' }
  const kept = judged.kept.flatMap((credential) => needs.wallet.write(credential))
  const open: Write = { put: `exchange/open/${record.id}`, value: Buffer.from('{}') }
  const writes = [...kept, ...judged.seen, ...recordWrites(settled, { message: presentation }), open] // A rejected one too is open until its receipt is acknowledged.
  await audit.append([{ kind: accepted ? 'received' : 'rejected', exchange: record.id, facts }], writes)
  for (const { issuer, signatures } of judged.read) for (const signature of signatures) needs.keeper.want(issuer, signature.digest(), signal)
  return settled
}

interface Judged {
  readonly code: string | null
  readonly parsed: Parsed | null
  readonly kept: readonly Kept[]
  /** All encodings of what is kept. */
  readonly read: readonly Parsed[]
  /** What makes the partner's log head last. */
  readonly seen: readonly Write[]
  readonly cosignature: Cosignature | null
}

async function judge(presentation: Presentation, record: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<Judged> {
  try {
    await checkAgreement(presentation, record, needs, signal)
    const witnessed = await witness(presentation, needs, signal)
    const delivery = (await getMessage(needs.store, record.id, 'offer'))?.kind === 'delivery'
    const parsed: Parsed[] = []
    for (const { text } of presentation.credentials) parsed.push(await judgeOne(text, record, request, delivery, needs, signal))
    const [first] = parsed
    if (!first) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'nothing was shown')
    // Its token list says of a suspension, too; of the two lists of the other encoding one would be kept.
    const selective = parsed.find(({ sdJwt }) => sdJwt !== null) ?? first
    const kept = [keptOf(presentation, selective, record, delivery)]
    return { code: null, parsed: first, kept, read: parsed, seen: witnessed.writes, cosignature: witnessed.cosignature }
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL') throw thrown
    needs.log('warn', 'presentation rejected', { exchange: record.id, partner: record.partner, code })
    return { code, parsed: null, kept: [], read: [], seen: [], cosignature: null }
  }
}

async function checkAgreement({ agreement, from }: Presentation, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  if (agreement.hash !== record.agreement) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the holder signed another agreement')
  await checkAgreementBy(from, agreement, needs, signal)
}

async function judgeOne(text: string, record: ExchangeRecord, request: Request, delivery: boolean, needs: ExchangeNeeds, signal: AbortSignal): Promise<Parsed> {
  const expectation = {
    nowMs: needs.clock.nowMs(),
    type: record.credentialType,
    ...(delivery ? {} : { binding: { nonce: request.nonce, audience: needs.self.did }, holder: record.partner }),
  }
  const { report, parsed } = await verify(text, surroundingsUnder(record.obligations, needs), expectation, signal)
  const failed = report.steps.find(({ outcome }) => outcome === 'failed')
  if (failed?.code) throw new TrustError(failed.code as 'DFFT_SIGNATURE', failed.detail) // The report's codes come from TrustErrors.
  if (!parsed || !report.verified) throw new TrustError('DFFT_NOT_CHECKED', 'the credential could not be verified whole')
  if (delivery) checkDelivered(parsed, record, needs)
  else checkShown(parsed, record)
  return parsed
}

/** A delivered credential must be about us, from the partner, and bound to a key of ours. */
function checkDelivered({ issuer, subject, sdJwt }: Parsed, record: ExchangeRecord, { self }: ExchangeNeeds): void {
  if (issuer !== record.partner) throw new TrustError('DFFT_ISSUER_NOT_RECOGNISED', 'the delivered credential is of another issuer', { issuer })
  if (subject !== self.did) throw new TrustError('DFFT_HOLDER_BINDING', 'the delivered credential is about somebody else')
  if (sdJwt && !(sdJwt.holderKey && self.signerOf(sdJwt.holderKey)))
    throw new TrustError('DFFT_HOLDER_BINDING', 'the delivered credential is bound to another key')
}

/** More than was agreed is as wrong as a forgery: it must not be kept. */
function checkShown(parsed: Parsed, record: ExchangeRecord): void {
  // The way to an agreed claim may lead through an outer one, which tells no more than that it is there.
  const agreed = (pointer: JsonPointer) =>
    record.disclosed.some((wanted) => covers(anyElement(wanted), anyElement(pointer)) || covers(anyElement(pointer), anyElement(wanted)))
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

function keptOf({ credentials }: Presentation, parsed: Parsed, record: ExchangeRecord, delivery: boolean): Kept {
  const { issuer, type, subject, issuedAtMs, validUntilMs, status } = parsed
  assert(type && issuedAtMs !== null, 'verify() was asked for a known type, and so for its time')
  return {
    // A partial copy is another thing than the credential: several may be received of one.
    id: delivery && parsed.id ? parsed.id : `urn:dfft:received:${record.id}`,
    role: delivery ? 'held' : 'received',
    type: type.name,
    issuer,
    subject: (subject ?? record.partner) as Did, // verify() compared it with the partner or with us.
    title: type.title(parsed.claims),
    issuedAt: instant(issuedAtMs),
    validUntil: validUntilMs === null ? null : instant(validUntilMs),
    status: status[0] ?? null,
    encodings: credentials.map(({ format, text }) => ({ format, text })),
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
