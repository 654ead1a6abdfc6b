/** The requester's leaves of the walk: what `ask()` in exchange.ts tells in order. */

import { fetchPolicy } from '#node/policy/policy-chain.ts'
import { putJson } from '#node/stored.ts'
import { refusal } from '#node/trust/trust.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Acceptance, Offer, Pending, Presentation, Receipt, Request, Terms } from '#protocols/exchange/messages.ts'
import { messageDigest, requestDigest, signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, type ExchangeId, Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { type ExchangeQuery, type Way } from '#protocols/query/exchange-query.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import {
  type Answer,
  type Chosen,
  chosenAs,
  decidedOf,
  denialOf,
  groundsOf,
  type Looked,
  type Looking,
  look,
  mayAnswer,
  partsOf,
  permittedPart,
  vouchedAsAsked,
  waysNamed,
} from './choosing.ts'
import { type CounterCount, nothingCounted } from './counters.ts'
import { evaluate } from './evaluation.ts'
import { type ExchangeNeeds, envelope, limits } from './exchange-needs.ts'
import { type Decided, type ExchangeRecord, getDecided, getMessage, headKey, nothingShown, recordWrites, together, wishKey } from './exchange-record.ts'
import { type Asked, type Known, typeAsked, typeOf } from './facts.ts'
import { checkGranted } from './origin-consent.ts'
import { checkRights, delivers } from './rights.ts'
import { checkTransfers, type Transferred } from './transfers.ts'

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
  /** How long a draft waits for a partner that is away; else the usual time. */
  readonly untilMs?: number
  /** Uses what is held lawfully from this partner, where it answers, instead of asking. */
  readonly reuse?: boolean
  /** Whose credential is wanted, where it is not the partner's own: who transferred it first. */
  readonly origin?: Did
}

/** A wish with what our policies say to it, before anything is signed or written. */
export interface Prepared {
  readonly wish: Wish
  readonly asked: Asked
  readonly holder: AnyAccreditation
  readonly looked: Looked
  readonly nowMs: number
}

/**
 * Decides both halves of each credential, as of now.
 *
 * @param id of the draft that is dialled
 * @throws {TrustError} DFFT_ACCREDITATION when this node or the holder shows none, DFFT_RIGHTS, DFFT_CREDENTIAL_TYPE, DFFT_SCHEMA
 */
export async function prepare(wish: Wish, needs: ExchangeNeeds, id = wish.offer?.exchange ?? newId(needs)): Promise<Prepared> {
  const nowMs = needs.clock.nowMs()
  const wished: Asked = { type: 'request', ...envelope(needs, id, wish.to), ...askedFor(wish, await needs.witnessing.seen(wish.to), needs, nowMs) }
  const holder = accreditationOf(wish.to, needs)
  const { asked, looked } = lookedAt(wished, holder, needs)
  if (looked.chosen !== null && wish.offer?.kind !== 'delivery') checkRights({ requester: asked.accreditation, holder }, asked)
  return { wish, asked, holder, looked, nowMs }
}

/** The same for what begins now: all that is refused before anything is written. @throws {TrustError} DFFT_MAINTENANCE; as `queuedUntil` and `prepare` */
export async function prepareNew(wish: Wish, needs: ExchangeNeeds): Promise<Prepared> {
  needs.maintenance.check()
  queuedUntil(wish.untilMs, needs.clock.nowMs())
  return prepare(wish, needs)
}

/**
 * Six bytes of time before ten of chance. What is written of exchanges then lies in the store in the order of its writing: of ids that
 * were all chance, the engine would merge each flush with everything it holds.
 */
export function newId({ random, clock }: Pick<ExchangeNeeds, 'random' | 'clock'>): ExchangeId {
  const time = clock.nowMs().toString(16).padStart(12, '0').slice(-12)
  return `${time}${Buffer.from(random.bytes(10)).toString('hex')}` as ExchangeId // 16 bytes are 32 hex digits.
}

/**
 * Signs what was prepared, and stores; nothing is sent yet.
 *
 * @param draft where it was written down before, for a partner that was away
 * @returns a record in state `requested`, or `refused` when our own decisions leave nothing that answers the query
 */
export async function propose(
  prepared: Prepared,
  needs: ExchangeNeeds,
  draft: ExchangeRecord | null = null,
): Promise<{ record: ExchangeRecord; request: Request | null }> {
  const { wish, asked, holder, looked } = prepared
  const { audit, self } = needs
  const id = asked.exchange
  const record: ExchangeRecord = { ...recordOf(prepared), ...(draft ? { startedMs: draft.startedMs } : {}) }
  const decided = decidedOf(looked)
  const unique = draft ? {} : { ifAbsent: [headKey(id)] }
  const dialled = draft ? [{ del: wishKey(id) }] : []
  if (looked.chosen === null) {
    const basis = needs.basis.of(id, { requester: asked.accreditation, holder, ...groundsOf({ answers: looked.tried }) })
    const said = { partner: wish.to, request: record.request, code: 'DFFT_POLICY_DENIED', policy: denialOf(looked) }
    const facts = { ...said, decided: digestOf(decided), basis: basis.digest }
    await audit.append([{ kind: 'denied', exchange: id, facts }], [...recordWrites(record, { decided }), ...basis.writes, ...dialled], unique)
    basis.kept()
    return { record, request: null }
  }
  const agreement = await signAgreement({ hash: looked.chosen.agreement, inputs: looked.chosen.inputs }, self.signer)
  const request = await signMessage<Request>({ ...asked, agreement }, self.signer)
  const basis = needs.basis.of(id, { requester: asked.accreditation, holder, ...groundsOf(looked.chosen) })
  const facts = { partner: wish.to, request: record.request, agreement: record.agreement, basis: basis.digest }
  const writes = [...recordWrites(record, { messages: [request, wish.offer], decided }), ...basis.writes, ...dialled]
  await audit.append([{ kind: 'requested', exchange: id, facts }], writes, unique)
  basis.kept()
  return { record, request }
}

/** Writes a wish down for a partner that is away: what it comes to is decided, dated and signed when it is dialled. */
export async function draft(prepared: Prepared, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  const { wish } = prepared
  const { id, startedMs, ...rest } = recordOf(prepared)
  const expiresMs = queuedUntil(wish.untilMs, startedMs)
  const record: ExchangeRecord = { ...rest, id, startedMs, state: 'drafted', request: null, agreement: null, expiresMs, ...nothingShown(rest) }
  const facts = { partner: wish.to, purpose: wish.purpose, until: instant(expiresMs) }
  await needs.audit.append([{ kind: 'drafted', exchange: id, facts }], [...recordWrites(record), putJson(wishKey(id), wish)], { ifAbsent: [headKey(id)] })
  return record
}

/** @throws {TrustError} DFFT_SCHEMA for an end that is past, or too far away for the policies of that day to be foreseen */
export function queuedUntil(untilMs: number | undefined, nowMs: number): number {
  const { usual, longest } = limits.queueMs
  const end = untilMs ?? nowMs + usual
  if (end <= nowMs || end > nowMs + longest) throw new TrustError('DFFT_SCHEMA', 'a draft waits until a time to come, and for ninety days at most', { end })
  return end
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
    ...(wish.origin === undefined ? {} : { origin: wish.origin }),
    nonce: toBase64url(needs.random.bytes(32)),
    expires: instant(nowMs + limits.requestLifeMs),
    seen,
  }
}

/** What we come to from what we know of the holder; of the query, only what our decisions let us ask for is left. */
function lookedAt(wished: Asked, holder: AnyAccreditation, needs: ExchangeNeeds): { readonly asked: Asked; readonly looked: Looked } {
  const lookAt = (asked: Asked) => look(asked.query, { ...supposing(holder, asked, needs), decide: (way, known) => evaluate(asked, way, known, needs.shelf) })
  const looked = lookAt(wished)
  const query = looked.chosen ? permittedPart(wished.query, looked) : wished.query
  if (query === wished.query) return { asked: wished, looked }
  const asked = { ...wished, query }
  return { asked, looked: lookAt(asked) }
}

/** A requester supposes that the holder has whatever it asks for, of the issuer that is likely. */
export function supposing(
  holder: AnyAccreditation,
  { accreditation: { jurisdiction: by }, purpose, origin }: Pick<Asked, 'accreditation' | 'purpose' | 'origin'>,
  { trust, clock }: Pick<ExchangeNeeds, 'trust' | 'clock'>,
): Pick<Looking, 'candidates' | 'answers'> {
  const nowMs = clock.nowMs()
  const issuer = (way: Way) =>
    origin === undefined ? likelyIssuer(way, holder, { by, purpose }, trust, nowMs) : likelyAbroad(way, origin, { by, purpose }, trust, nowMs)
  return {
    candidates: (way) => [{ known: { holder, issuer: issuer(way), dataFlags: [], counters: nothingCounted }, credential: null }],
    answers: () => true,
  }
}

/** A delivery is issued by its holder; of anything else, the issuer that the holder's jurisdiction names. */
function likelyIssuer(
  way: Way,
  { subject, jurisdiction }: AnyAccreditation,
  about: { readonly by: Jurisdiction; readonly purpose: string },
  trust: ExchangeNeeds['trust'],
  nowMs: number,
): Known['issuer'] {
  const { name } = typeOf(way)
  const own = trust.seenFrom(about.by, subject, name, nowMs, { purpose: about.purpose })
  return [...(own ? [own] : []), ...trust.issuersOf(name, jurisdiction, nowMs, about)].find((issuer) => vouchedAsAsked(way, issuer))
}

/** Of data that came from elsewhere: an issuer of the origin's jurisdiction; where that is not known here, of any. */
function likelyAbroad(
  way: Way,
  origin: Did,
  about: { readonly by: Jurisdiction; readonly purpose: string },
  trust: ExchangeNeeds['trust'],
  nowMs: number,
): Known['issuer'] {
  const known = trust.accreditationOf(origin, nowMs)?.jurisdiction
  const places = known ? [known] : [...new Set(trust.roots.flatMap(({ jurisdictions }) => jurisdictions))].sort()
  return places.flatMap((place) => trust.issuersOf(typeOf(way).name, place, nowMs, about)).find((issuer) => vouchedAsAsked(way, issuer))
}

export function accreditationOf(did: Did, { trust, clock }: ExchangeNeeds): AnyAccreditation {
  const nowMs = clock.nowMs()
  const held = trust.accreditationOf(did, nowMs)
  if (held) return held
  const standing = trust.standingOf(did, nowMs)
  throw standing.ok ? new TrustError('DFFT_ACCREDITATION', `no accreditation in force of \`${did}\` is held`, { did }) : refusal(standing)
}

export function recordOf({ wish, asked, nowMs, looked: { chosen, tried } }: Prepared): ExchangeRecord {
  const parts = together(partsOf(chosen?.answers ?? tried))
  return {
    id: asked.exchange,
    role: 'requester',
    partner: wish.to,
    state: chosen ? 'requested' : 'refused',
    purpose: wish.purpose,
    startedMs: nowMs,
    updatedMs: nowMs,
    expiresMs: nowMs + limits.requestLifeMs,
    request: requestDigest(asked),
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
 * @throws {TrustError} DFFT_TERMS_REJECTED, DFFT_AGREEMENT_MISMATCH, DFFT_RIGHTS; as `transfersStated`
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
  if (!(await delivers(request, needs))) checkRights({ requester: request.accreditation, holder: terms.holderAccreditation }, request)
  const transfers = await transfersStated(terms, request, needs, signal)
  await fetchPolicies([...terms.policies.export, ...terms.policies.import, ...(terms.policies.origins ?? [])], record.partner, needs, signal)
  const chosen = decideOn(terms, transfers, request, needs)
  const { agreement: hash, inputs } = chosen
  const agreement = await signAgreement({ hash, inputs }, self.signer)
  const unsigned: Unsigned<Acceptance> = { type: 'acceptance', ...envelope(needs, record.id, record.partner), terms: messageDigest(terms), agreement }
  const acceptance = await signMessage<Acceptance>(unsigned, self.signer)
  const agreed: ExchangeRecord = { ...record, state: 'agreed', updatedMs: clock.nowMs(), agreement: hash, ...together(partsOf(chosen.answers)) }
  const basis = needs.basis.of(record.id, { requester: request.accreditation, holder: terms.holderAccreditation, ...groundsOf(chosen) })
  const facts = { partner: record.partner, terms: acceptance.terms, agreement: agreed.agreement, basis: basis.digest }
  const before = (await getDecided(needs.store, record.id)) ?? []
  const decided = [...passedOver(before, chosen), ...decidedOf({ chosen, tried: chosen.answers })]
  const writes = [...recordWrites(agreed, { messages: [terms, acceptance], decided }), ...basis.writes]
  await audit.append([{ kind: 'accepted-terms', exchange: record.id, facts }], writes)
  basis.kept()
  return { record: agreed, acceptance }
}

/** What we had looked at and the holder does not answer: whoever asks why is told of it too. */
function passedOver(before: readonly Decided[], { answers }: Chosen): Decided[] {
  return before.filter(({ id }) => !answers.some(({ way }) => way.id === id)).map((one) => ({ ...one, chosen: false }))
}

type Stations = ReadonlyMap<string, readonly Transferred[]>

/**
 * How each credential came to the holder, by its id. What is its own came from nobody; what is not has an origin, which we have asked for.
 *
 * @throws {TrustError} DFFT_TRANSFER where none is stated, or one where nobody asked; as `checkTransfers`
 */
async function transfersStated(terms: Terms, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<Stations> {
  const { origin, query } = request
  const stated = new Map<string, readonly Transferred[]>()
  for (const { id, transfers } of terms.credentials) {
    if ((origin === undefined) !== (transfers === undefined))
      throw new TrustError('DFFT_TRANSFER', 'the holder does not say how the data came to it', { credential: id })
    const credential = query.credentials.find((one) => one.id === id)
    if (origin === undefined || !transfers || !credential) continue
    const checked = await checkTransfers(transfers, { origin, holder: terms.from, type: typeAsked(credential) }, needs, signal)
    await checkGranted(checked, request, needs, signal)
    stated.set(id, checked)
  }
  return stated
}

/** Our own decision on what the holder would answer. @throws {TrustError} DFFT_TERMS_REJECTED, DFFT_AGREEMENT_MISMATCH */
function decideOn(terms: Terms, transfers: Stations, request: Request, needs: ExchangeNeeds): Chosen {
  const { agreement: _agreement, signature: _signature, ...asked } = request
  const nowMs = needs.clock.nowMs()
  const ways = waysNamed(request.query, terms.options, terms.credentials)
  if (!ways) throw new TrustError('DFFT_TERMS_REJECTED', 'the holder’s terms choose what the query does not offer')
  const answers = ways.map((way, at): Answer => {
    const question = terms.credentials[at]?.question ?? {}
    const time = termsTime(question, request, nowMs)
    const known = knownFrom(terms, { question, way, transfers: transfers.get(way.id) }, asked, needs)
    return { way, known, evaluation: evaluate(asked, way, known, needs.shelf, time), credential: null }
  })
  const chosen = chosenAs(terms.options, answers)
  if (!chosen) {
    const code = answers.find((answer) => !mayAnswer(answer))?.evaluation.decision.code
    throw new TrustError('DFFT_TERMS_REJECTED', 'on the holder’s terms our own decision is a denial', { code: code ?? null })
  }
  if (chosen.agreement === terms.agreement) return chosen
  const sameQuestions = answers.every(({ evaluation: { question } }, at) => digestOf(question) === digestOf(terms.credentials[at]?.question))
  // One of the two may have heard of a new policy before the other.
  const sameInputs = sameQuestions && answers.every(({ evaluation: { policies } }) => samePolicies(policies, terms.policies))
  throw new TrustError(sameInputs ? 'DFFT_AGREEMENT_MISMATCH' : 'DFFT_TERMS_REJECTED', 'the holder’s terms are not what we come to')
}

/** Those of origins stand in the terms for all credentials together, each once. */
function samePolicies(ours: Answer['evaluation']['policies'], stated: Terms['policies']): boolean {
  const sides = (['export', 'import'] as const).every((side) => ours[side].join() === stated[side].join())
  return sides && (ours.origins ?? []).flat().every((one) => stated.origins?.includes(one))
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

/** Notes that a person has to consent first; the exchange lives as long as that may take, and not anew from each time that it is said. */
export async function wait(pending: Pending, record: ExchangeRecord, needs: ExchangeNeeds): Promise<ExchangeRecord> {
  if (record.state === 'pending') return record
  const nowMs = needs.clock.nowMs()
  const waitedBefore = (await getMessage(needs.store, record.id, 'pending')) !== undefined
  const longestMs = waitedBefore ? record.expiresMs : nowMs + limits.consentMs
  const waiting: ExchangeRecord = { ...record, state: 'pending', updatedMs: nowMs, expiresMs: Math.min(msOf(pending.until), longestMs) }
  const facts = { partner: record.partner, request: record.request }
  await needs.audit.append([{ kind: 'pending', exchange: record.id, facts }], recordWrites(waiting, { messages: [pending] }))
  return waiting
}

/** @throws {TrustError} DFFT_ACCREDITATION */
async function checkHolder({ holderAccreditation: holder, from }: Terms, { trust, clock }: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  await trust.check(holder, clock.nowMs(), signal)
  if (holder.subject !== from) throw new TrustError('DFFT_ACCREDITATION', 'the accreditation in the terms is of another party', { subject: holder.subject })
}

/** Of the holder's question only what is the holder's to say is taken; the rest is ours, or proved by a document. */
function knownFrom(
  { holderAccreditation: holder }: Terms,
  { question, way, transfers }: { readonly question: Stated; readonly way: Way; readonly transfers: readonly Transferred[] | undefined },
  { purpose }: Pick<Asked, 'purpose'>,
  { trust, clock }: ExchangeNeeds,
): Known {
  const facts = (question.facts ?? {}) as Readonly<Record<string, { readonly value?: unknown; readonly source?: unknown } | undefined>> // Each use below looks before it believes.
  const flags = facts.dataFlags?.value
  const dataFlags = Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : []
  const source = facts.issuerAssurance?.source
  const place = transfers?.[0]?.record.accreditation.jurisdiction ?? holder.jurisdiction
  const issuers = trust.issuersOf(typeOf(way).name, place, clock.nowMs(), { purpose })
  const issuer = issuers.find((recognition) => recognition.source === source && vouchedAsAsked(way, recognition))
  return { holder, issuer, dataFlags, counters: countersIn(facts), ...(transfers ? { transfers } : {}) }
}

/** What was released before is the holder's to count: it signs the count with its terms. */
function countersIn(facts: Readonly<Record<string, { readonly value?: unknown } | undefined>>): CounterCount {
  const counted = Object.entries(facts).flatMap(([name, fact]) => {
    const value = fact?.value
    return name.startsWith('counter:') && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? [[name.slice(8), value] as const] : []
  })
  return Object.fromEntries(counted)
}

async function fetchPolicies(digests: readonly Digest[], from: Did, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  for (const digest of digests) await fetchPolicy(digest, from, needs, signal)
}

/** The receipt as it stands to this exchange, with our log as it is now. Made anew for every sending; its core is the same. */
export async function receiptOf(record: ExchangeRecord, presentation: Presentation, needs: ExchangeNeeds): Promise<Receipt> {
  const { id, partner, release, agreement, code, cosignature } = record
  if (release === null || agreement === null) throw new TrustError('DFFT_EXCHANGE_STATE', 'there is nothing to receipt yet', { exchange: id })
  const outcome: Receipt['outcome'] = code === null ? { kind: 'accepted' } : { kind: 'rejected', code }
  return needs.witnessing.withHeadSince(presentation.seen, (log) =>
    signMessage<Receipt>({ type: 'receipt', ...envelope(needs, id, partner), release, agreement, outcome, log, cosignature }, needs.self.signer),
  )
}
