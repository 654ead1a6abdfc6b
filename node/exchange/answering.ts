/** The holder's leaves of the walk: what `answer()` in exchange.ts tells in order. */

import { covers, type Kept, present } from '#node/credentials/wallet.ts'
import { getJson, putJson } from '#node/stored.ts'
import { reveal } from '#policies/reveal.ts'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Acceptance, Closing, Offer, Presentation, Receipt, Refusal, Request, Shown, Terms, TransferRecord } from '#protocols/exchange/messages.ts'
import { messageDigest, releaseDigest, requestDigest, signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, instant, type JsonPointer, msOf } from '#protocols/ids.ts'
import type { CredentialQuery } from '#protocols/query/dcql.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { checkNotCancelled } from './cancelling.ts'
import { type Answer, type Chosen, decidedOf, denialOf, groundsOf, type Looked, mayAnswer, partsOf } from './choosing.ts'
import { explained } from './evaluation.ts'
import { checkAgreementBy, checkFresh, type ExchangeNeeds, envelope, limits, surroundingsUnder, witness } from './exchange-needs.ts'
import {
  type ExchangeRecord,
  getMessage,
  getRecord,
  headKey,
  movedTo,
  nothingShown,
  type RecordPart,
  recordWrites,
  standing,
  together,
  withdrawnKey,
} from './exchange-record.ts'
import { typeAsked } from './facts.ts'
import { type HeldFor, lookAtHeld } from './holding.ts'
import { grantedIn } from './origin-consent.ts'
import { checkNotOvertaken, sidesNow } from './overtaken.ts'
import { coreWrite, type ReleaseCore, wholeCore } from './release-core.ts'
import { ofOurHouse } from './retrying.ts'
import { checkRights, delivers } from './rights.ts'
import { checkCopies, type Showing, showingOf } from './showing.ts'
import { passedOn } from './telling-origins.ts'
import type { Transferred } from './transfers.ts'

/** What a holder knows of a Request after looking at its own side. */
export interface Considered {
  readonly request: Request
  readonly digest: Digest
  readonly holder: AnyAccreditation
  readonly chosen: Chosen
  /** Of each credential of the query how far it came. */
  readonly tried: readonly Answer[]
  /** The Offer of ours that the Request answers. */
  readonly offered: ExchangeRecord | null
  /** A person consented before it was decided. */
  readonly resumed: boolean
  /** What the policies were before it was decided. */
  readonly sides: ReturnType<typeof sidesNow>
}

/** A refusal that the policy gives reasons for; other refusals have a code only. */
export class Denied extends TrustError {
  readonly considered: Pick<Considered, 'request' | 'digest' | 'holder'> & { readonly looked: Looked }

  constructor(considered: Pick<Considered, 'request' | 'digest' | 'holder'> & { readonly looked: Looked }) {
    super('DFFT_POLICY_DENIED', 'the policies of both sides do not permit it', { policy: denialOf(considered.looked) })
    this.considered = considered
  }
}

/**
 * What was answered to this very Request before, if anything.
 *
 * @throws {TrustError} DFFT_REPLAY when the id was used with other content or by another party, DFFT_EXPIRED, DFFT_CANCELLED
 */
export async function answeredBefore(request: Request, needs: ExchangeNeeds): Promise<ExchangeRecord | null> {
  const known = await getRecord(needs.store, request.exchange)
  if (!known) await checkNotCancelled(request, needs)
  if (!known || known.state === 'offered') return null
  // The Request may have crossed the news of it; of an Offer that is cancelled no Request is known here.
  if (known.role === 'holder' && known.partner === request.from && known.state === 'cancelled')
    throw new TrustError('DFFT_CANCELLED', 'the exchange was cancelled', { exchange: request.exchange })
  if (known.role !== 'holder' || known.partner !== request.from || known.request !== requestDigest(request))
    throw new TrustError('DFFT_REPLAY', 'the exchange id was used before with other content', { exchange: request.exchange })
  if (known.expiresMs <= needs.clock.nowMs()) throw new TrustError('DFFT_EXPIRED', 'the request is past its end', { exchange: request.exchange })
  return known
}

/**
 * Everything about a new Request that can be looked at before data is touched, and the decisions of both halves.
 *
 * @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_UNRECEIPTED, DFFT_ACCREDITATION, DFFT_RIGHTS, DFFT_REPLAY
 * @param resumed a person consented meanwhile: the Request may be old, and is decided as of now
 * @throws {Denied} when the decisions, or what is held, leave nothing that answers: both look the same outside
 */
export async function consider(request: Request, resumed: boolean, needs: ExchangeNeeds, signal: AbortSignal): Promise<Considered> {
  const { clock, debts } = needs
  const nowMs = clock.nowMs()
  const sides = sidesNow(request, needs)
  if (!resumed) checkNew(request, nowMs)
  debts.check(request.from)
  if (request.seen > needs.audit.size) throw new TrustError('DFFT_LOG_FORK', 'the requester saw more of our log than there is', { seen: request.seen })
  const offered = await offeredRecord(request, needs)
  const holder = await checkParties(request, needs, signal)
  const digest = requestDigest(request)
  const at = resumed ? instant(nowMs) : request.at
  const patience = AbortSignal.any([signal, clock.timeout(limits.answerMs)]) // The requester waits no longer than that.
  const check: HeldFor['check'] = async (credential, duties) => {
    await checkCopies(credential, needs)
    await checkOwn(credential, { duties, purpose: request.purpose }, needs, patience)
  }
  const looked = await lookAtHeld({ request, holder, about: offered, at, check }, needs)
  if (looked.chosen === null) throw new Denied({ request, digest, holder, looked })
  return { request, digest, holder, chosen: looked.chosen, tried: looked.tried, offered, resumed, sides }
}

/**
 * Whether both belong here and may do this, now.
 *
 * @returns our own accreditation
 * @throws {TrustError} DFFT_ACCREDITATION, DFFT_RIGHTS; as `trust.check`
 */
export async function checkParties(request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<AnyAccreditation> {
  const { clock, trust, self } = needs
  const nowMs = clock.nowMs()
  const { accreditation: requester, from } = request
  await trust.check(requester, nowMs, signal)
  if (requester.subject !== from) throw new TrustError('DFFT_ACCREDITATION', 'the accreditation is of another party', { subject: requester.subject })
  const holder = trust.accreditationOf(self.did, nowMs)
  if (!holder) throw new TrustError('DFFT_ACCREDITATION', 'this node holds no accreditation in force')
  if (!(await delivers(request, needs))) checkRights({ requester, holder }, request)
  return holder
}

function checkNew(request: Request, nowMs: number): void {
  checkFresh(request, nowMs)
  if (Math.abs(msOf(request.at) - nowMs) > limits.skewMs) throw new TrustError('DFFT_EXPIRED', 'the request proposes a time too far from now')
}

async function offeredRecord(request: Request, { store }: ExchangeNeeds): Promise<ExchangeRecord | null> {
  const record = await getRecord(store, request.exchange)
  if (record?.state === 'pending') return record // A person consented to this very credential.
  if (!record) {
    if (request.offer !== null) throw new TrustError('DFFT_REPLAY', 'the request answers an offer that was not made')
    return null
  }
  const offer = await getMessage(store, request.exchange, 'offer')
  if (record.state !== 'offered' || record.partner !== request.from || !offer || request.offer !== messageDigest(offer))
    throw new TrustError('DFFT_REPLAY', 'the exchange id was used before with other content', { exchange: request.exchange })
  return record
}

/** How our decision stands to the one the requester signed. @throws {TrustError} DFFT_AGREEMENT_MISMATCH, DFFT_SIGNATURE */
export async function compare({ request, chosen }: Considered, needs: ExchangeNeeds, signal: AbortSignal): Promise<'same' | 'other inputs'> {
  const { agreement } = request
  await checkAgreementBy(request.from, agreement, needs, signal)
  if (agreement.hash === chosen.agreement) return 'same'
  if (agreement.inputs !== chosen.inputs) return 'other inputs'
  throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the same inputs gave another agreement', { exchange: request.exchange })
}

export async function termsOf({ request, digest, holder, chosen, offered }: Considered, needs: ExchangeNeeds): Promise<Terms> {
  const [first] = chosen.answers
  if (!first) throw new TrustError('DFFT_EXCHANGE_STATE', 'a denial has no terms')
  const { policies } = first.evaluation // Of both jurisdictions at one time, whatever the credential.
  const origins = [...new Set(chosen.answers.flatMap(({ evaluation }) => evaluation.policies.origins ?? []).flat())]
  const unsigned: Unsigned<Terms> = {
    type: 'terms',
    ...envelope(needs, request.exchange, request.from),
    request: digest,
    options: [...chosen.options],
    credentials: await Promise.all(
      chosen.answers.map(async ({ way: { id, claimSet }, evaluation: { question }, known: { transfers } }) => {
        const told = transfers ? { transfers: await toldOf(transfers, offered, needs) } : {}
        return { id, claimSet, question: { ...question }, ...told }
      }),
    ),
    policies: { export: [...policies.export], import: [...policies.import], ...(origins.length > 0 ? { origins } : {}) },
    holderAccreditation: holder,
    agreement: chosen.agreement,
  }
  return signMessage<Terms>(unsigned, needs.self.signer)
}

/** The records of how data came here; the last with its exporter's yes, where one was asked for. */
function toldOf(transfers: readonly Transferred[], asked: ExchangeRecord | null, needs: ExchangeNeeds): Promise<TransferRecord[]> {
  return Promise.all(
    transfers.map(async ({ record }) => {
      const granted = await grantedIn(asked, record.request.exchange, needs)
      return granted ? { ...record, granted } : record
    }),
  )
}

/** @throws {TrustError} DFFT_TERMS_REJECTED, DFFT_SIGNATURE */
export async function checkAcceptance(acceptance: Acceptance, terms: Terms, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { agreement } = acceptance
  if (acceptance.terms !== messageDigest(terms) || agreement.hash !== terms.agreement)
    throw new TrustError('DFFT_TERMS_REJECTED', 'the acceptance is of other terms')
  await checkAgreementBy(acceptance.from, agreement, needs, signal)
}

/** What every record of a holder begins with. @param before what there is of the exchange: an Offer, or that a person was asked */
export function recordFor(request: Request, digest: Digest, before: ExchangeRecord | null, nowMs: number): ExchangeRecord {
  return {
    id: request.exchange,
    role: 'holder',
    partner: request.from,
    state: 'requested',
    purpose: request.purpose,
    startedMs: before?.startedMs ?? nowMs,
    updatedMs: nowMs,
    // The requester goes on asking for as long as a person had to answer; what is released to it then may be lost on its way, too.
    expiresMs: before?.state === 'pending' ? before.expiresMs : msOf(request.expires),
    request: digest,
    agreement: null,
    release: null,
    code: null,
    ...together([]),
    receipts: 0,
    consented: false,
    cosignature: null,
  }
}

/**
 * Cuts each credential to what was agreed, and writes `released` down, with the use of a copy where it is in copies. When this
 * returns, the record is on disk and not a byte has left.
 */
export async function release(
  considered: Considered,
  terms: { terms: Terms; acceptance: Acceptance } | null,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<ExchangeRecord> {
  const inCopies = new Set(considered.chosen.answers.flatMap(({ credential }) => (credential?.batch ? `copies of ${credential.id}` : [])))
  if (inCopies.size === 0) return releaseAll(considered, terms, needs, signal)
  // One after another: of two exchanges that picked the same copy one would fail. Of each credential by itself, since its issuer may be slow.
  const released = await needs.locks.runAll([...inCopies], () => releaseAll(considered, terms, needs, signal))
  // The release is on disk: a keystore that refuses now is asked again at the next release, and at the next start.
  await needs.holderKeys.destroySpent().catch((thrown) => needs.log('warn', 'keys of shown copies not destroyed yet', { code: codeOf(thrown) }))
  return released
}

async function releaseAll(
  considered: Considered,
  terms: { terms: Terms; acceptance: Acceptance } | null,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<ExchangeRecord> {
  const { request, digest, chosen, offered } = considered
  const parts = partsOf(chosen.answers)
  const showings: Showing[] = []
  for (const { credential } of chosen.answers) if (credential) showings.push(await showingOf(credential, request.exchange, needs))
  const credentials: Shown[] = []
  for (const [at, showing] of showings.entries()) {
    await checkOwn(showing.credential, { duties: parts[at]?.obligations ?? [], purpose: request.purpose }, needs, signal)
    credentials.push(...(await shownOf(request, parts[at], showing, needs)))
  }
  const agreement = await signAgreement({ hash: chosen.agreement, inputs: chosen.inputs }, needs.self.signer)
  const core: ReleaseCore = { request: digest, agreement, credentials }
  const record: ExchangeRecord = {
    ...recordFor(request, digest, offered, needs.clock.nowMs()),
    state: 'released',
    agreement: chosen.agreement,
    release: releaseDigest({ exchange: request.exchange, ...core }),
    ...together(parts),
    consented: considered.resumed,
    ...(offered?.consent ? { consent: offered.consent } : {}),
  }
  const basis = needs.basis.of(record.id, { requester: request.accreditation, holder: considered.holder, ...groundsOf(chosen) })
  const facts = {
    partner: request.from,
    request: digest,
    agreement: record.agreement,
    release: record.release,
    credentials: showings.map(({ credential }) => encodingsDigest(credential)),
    basis: basis.digest,
  }
  const used = showings.flatMap(({ writes }) => writes)
  const passed = await passedOn(considered, record, needs)
  const told = { messages: [request, terms?.terms, terms?.acceptance], decided: decidedOf(considered) }
  const writes = [...recordWrites(record, told), coreWrite(record, core, receivedIn(chosen)), ...used, ...basis.writes]
  writes.push(...needs.obligations.released(record, await delivers(request, needs)), ...passed.writes)
  const ifAbsent = [...new Set(showings.flatMap(({ unused }) => unused)), ...(offered || considered.resumed ? [] : [headKey(record.id)])]
  if (terms) await checkParties(request, needs, signal) // They were out for as long as the requester took.
  const counted = await needs.counters.reserve({ exchange: record.id, to: record.partner, shown: countable(chosen) })
  try {
    checkNotOvertaken(considered, needs)
    await needs.audit.append([{ kind: 'released', exchange: record.id, facts }], [...writes, ...counted.writes], { ifAbsent })
  } catch (thrown) {
    counted.dropped()
    throw thrown
  }
  counted.kept()
  basis.kept()
  for (const origin of passed.origins) needs.obligations.tell(origin)
  return record
}

/** Of what is held, which is shown many times as it lies. */
const encodingsDigests = new WeakMap<Kept['encodings'], Digest>()

function encodingsDigest({ encodings }: Kept): Digest {
  const digest = encodingsDigests.get(encodings) ?? digestOf(encodings)
  encodingsDigests.set(encodings, digest)
  return digest
}

/** What came from others, and goes on. */
function receivedIn({ answers }: Chosen): ReadonlySet<string> {
  return new Set(answers.flatMap(({ way, credential }) => (credential?.role === 'received' ? [way.id] : [])))
}

function countable({ answers }: Chosen) {
  return answers.flatMap(({ credential, evaluation: { question } }) => (credential ? [{ credential, question }] : []))
}

interface ShownFor {
  /** What both sides agreed on for it. */
  readonly duties: Parameters<typeof surroundingsUnder>[0]
  readonly purpose: string
}

/**
 * An honest holder does not show what is over: its end, its status, as fresh as both sides' duties ask for, and an issuer
 * that is not recognised for this purpose.
 *
 * @throws {TrustError} DFFT_EXPIRED, DFFT_STATUS_*, DFFT_ISSUER_NOT_RECOGNISED
 */
export async function checkOwn(credential: Kept, { duties, purpose }: ShownFor, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { clock, self, trust } = needs
  if (credential.validUntil !== null && Date.parse(credential.validUntil) <= clock.nowMs())
    throw new TrustError('DFFT_EXPIRED', 'the credential is past its end')
  const ask = surroundingsUnder(duties, needs).status
  const status = credential.status && ask ? await ask(credential.issuer, credential.status, signal) : 'valid'
  if (status !== 'valid') throw new TrustError(status === 'revoked' ? 'DFFT_STATUS_REVOKED' : 'DFFT_STATUS_SUSPENDED', `the issuer ${status} the credential`)
  // What it delivers itself, an issuer does not have to recognise.
  if (credential.issuer === self.did) return
  if (!trust.recognises(credential.issuer, credential.type, clock.nowMs(), { purpose }))
    throw new TrustError('DFFT_ISSUER_NOT_RECOGNISED', 'the issuer is no longer recognised')
}

async function shownOf(request: Request, part: RecordPart | undefined, { credential, signer }: Showing, { clock }: ExchangeNeeds): Promise<readonly Shown[]> {
  if (!part) throw new TrustError('DFFT_EXCHANGE_STATE', 'nothing was agreed on the credential')
  const { id, disclosed } = part
  if (credential.role === 'issued') return delivered(id, credential, request.from, disclosed)
  // As it came: its holder's proof, which we cannot make, says by which exchange.
  if (credential.role === 'received')
    return credential.encodings.filter(({ format }) => format === 'dc+sd-jwt').map(({ format, text }) => ({ id, format, text }))
  const text = await present(credential, { disclosed, nonce: request.nonce, audience: request.from, issuedAtMs: clock.nowMs() }, signer)
  return [{ id, format: 'dc+sd-jwt', text }]
}

/**
 * The issuer hands its subject the credential itself, in every encoding; there is nothing to bind yet. Nobody else gets
 * it, and nobody gets it in part: no encoding but one could withhold anything. A person's goes to the node that serves him, in all copies.
 */
function delivered(id: string, credential: Kept, to: Did, disclosed: readonly JsonPointer[]): readonly Shown[] {
  if ((credential.batch?.holder ?? credential.subject) !== to) throw new TrustError('DFFT_POLICY_DENIED', 'a credential is handed whole to its subject only')
  const concealed = credential.encodings.filter(({ format }) => format === 'dc+sd-jwt').flatMap(({ text }) => readSdJwt(text).disclosures)
  const beyond = concealed.find(({ pointer }) => !disclosed.some((agreed) => covers(agreed, pointer)))
  if (beyond) throw new TrustError('DFFT_POLICY_DENIED', 'the policies do not permit the whole credential to be handed over', { path: beyond.pointer })
  return credential.encodings.map(({ format, text }) => ({ id, format, text }))
}

/** The Presentation of a release, as often as it takes, with the log as it is at the sending. */
export async function presentationOf(record: ExchangeRecord, seen: number, needs: ExchangeNeeds): Promise<Presentation> {
  return needs.witnessing.withHeadSince(seen, async (log) => {
    const { request, agreement, credentials } = await wholeCore(needs.store, record)
    const unsigned: Unsigned<Presentation> = {
      type: 'presentation',
      ...envelope(needs, record.id, record.partner),
      request,
      agreement,
      credentials,
      log,
      seen: await needs.witnessing.seen(record.partner),
    }
    return signMessage<Presentation>(unsigned, needs.self.signer)
  })
}

/**
 * Checks the Receipt against what was released and writes it down with the Closing that answers it, once.
 *
 * @returns with the Closing where it is new; to a Receipt that comes again another one is made
 * @throws {TrustError} DFFT_RECEIPT, DFFT_LOG_FORK, DFFT_CHECKPOINT
 */
export async function settleReceipt(
  receipt: Receipt,
  needs: ExchangeNeeds,
  signal: AbortSignal,
): Promise<{ readonly closed: ExchangeRecord; readonly closing: Closing }> {
  const record = await getRecord(needs.store, receipt.exchange)
  if (!record || record.role !== 'holder' || record.partner !== receipt.from || record.release !== receipt.release || record.agreement !== receipt.agreement)
    throw new TrustError('DFFT_RECEIPT', 'the receipt fits no release to this party', { exchange: receipt.exchange })
  if (record.receipts > 0) return { closed: record, closing: await closingKept(record, receipt, needs) }
  const { cosignature, writes } = await witness(receipt, needs, signal)
  const rejected = receipt.outcome.kind === 'rejected' ? receipt.outcome.code : null
  const closed: ExchangeRecord = {
    ...movedTo(record, rejected === null ? 'closed' : 'rejected'),
    code: rejected,
    updatedMs: needs.clock.nowMs(),
    receipts: 1,
    cosignature,
  }
  const facts = { partner: record.partner, release: record.release, outcome: rejected ?? 'accepted' }
  const ours = await needs.witnessing.cosigned(receipt.from, receipt.cosignature, signal)
  const closing = await closingOf(closed, receipt, needs)
  const told = recordWrites(closed, { messages: [receipt, closing] })
  await needs.audit.append([{ kind: 'receipted', exchange: record.id, facts }], [...writes, ...ours, ...told])
  return { closed, closing }
}

/** Asked for again after it went bad, a release is not shown again; whether it ever arrived is not known here. A receipt may still come. */
export async function withdraw(record: ExchangeRecord, thrown: TrustError, needs: ExchangeNeeds): Promise<void> {
  const { audit, clock, debts, store } = needs
  const { code, facts } = thrown
  const noted = withdrawnKey(record.id)
  const released = standing(record) === 'released'
  if (!released && (await getJson(store, noted))) return // Sent again and refused as before: one entry.
  const withdrawn: ExchangeRecord = { ...movedTo(record, 'withdrawn'), code, updatedMs: clock.nowMs() }
  const said = { partner: record.partner, release: record.release, code, ...(typeof facts.policy === 'string' ? { policy: facts.policy } : {}) }
  // What was receipted has come to its end before.
  const writes = released ? recordWrites(withdrawn) : [putJson(noted, {})]
  await audit.append([{ kind: 'withdrawn', exchange: record.id, facts: said }], writes)
  debts.clear(record)
}

/** Digest of a receipt's core: the same for every time it is sent. */
export function receiptDigest({ exchange, release: released, agreement, outcome }: Pick<Receipt, 'exchange' | 'release' | 'agreement' | 'outcome'>): Digest {
  return digestOf({ exchange, release: released, agreement, outcome })
}

function closingOf(record: ExchangeRecord, receipt: Receipt, needs: ExchangeNeeds): Promise<Closing> {
  const unsigned: Unsigned<Closing> = {
    type: 'closing',
    ...envelope(needs, record.id, record.partner),
    receipt: receiptDigest(receipt),
    cosignature: record.cosignature,
  }
  return signMessage<Closing>(unsigned, needs.self.signer)
}

/** Writes a policy's denial down, with the Refusal that tells it, before it is told. */
export async function recordDenial(denied: Denied, needs: ExchangeNeeds): Promise<void> {
  const { request, digest, holder, looked } = denied.considered
  const before = (await getRecord(needs.store, request.exchange)) ?? null
  const record: ExchangeRecord = {
    ...recordFor(request, digest, before, needs.clock.nowMs()),
    state: 'refused',
    code: 'DFFT_POLICY_DENIED',
    ...nothingShown({ credentials: partsOf(looked.tried).map((part) => ({ ...part, credential: null })) }),
  }
  const refusal = await refusalOf(denied, request.from, request, needs)
  const decided = decidedOf(looked)
  const basis = needs.basis.of(record.id, { requester: request.accreditation, holder, ...groundsOf({ answers: looked.tried }) })
  const said = { partner: request.from, request: digest, code: 'DFFT_POLICY_DENIED', policy: denialOf(looked) }
  const writes = [...recordWrites(record, { messages: [request, refusal], decided }), ...basis.writes]
  await needs.audit.append([{ kind: 'refused', exchange: record.id, facts: { ...said, decided: digestOf(decided), basis: basis.digest } }], writes)
  basis.kept()
}

/** The same inputs and another agreement: one of the two nodes is wrong, and both have to be looked at. The Request is kept with it. */
export async function recordIncident(request: Request, needs: ExchangeNeeds): Promise<void> {
  const known = (await getRecord(needs.store, request.exchange)) ?? null
  if (known && known.state !== 'offered') return // Sent again and refused as before: one incident is one entry.
  const digest = requestDigest(request)
  const code = 'DFFT_AGREEMENT_MISMATCH'
  const record: ExchangeRecord = {
    ...recordFor(request, digest, known, needs.clock.nowMs()),
    state: 'refused',
    code,
    ...together(request.query.credentials.map(askedPart)),
  }
  const facts = { partner: request.from, request: digest, code, signed: request.agreement.hash }
  await needs.audit.append([{ kind: 'incident', exchange: record.id, facts }], recordWrites(record, { messages: [request] }))
}

/** A credential that was asked for, before anything came of it. */
function askedPart(asked: CredentialQuery): RecordPart {
  return { id: asked.id, claimSet: null, type: typeAsked(asked), disclosed: [], withheld: [], obligations: [], credential: null }
}

/** The Closing as it was written down with the receipt; under another key by now, anew. */
async function closingKept(record: ExchangeRecord, receipt: Receipt, needs: ExchangeNeeds): Promise<Closing> {
  const kept = await getMessage(needs.store, record.id, 'closing')
  return kept?.signature.keyId === needs.self.keyId && kept.receipt === receiptDigest(receipt) ? kept : closingOf(record, receipt, needs)
}

/** What the policies of the refusing side let be shown of a denial. */
export function refusalOf(thrown: TrustError, to: Did, request: Request | Offer, needs: ExchangeNeeds): Promise<Refusal> {
  const retryAfterMs = thrown.facts.retryAfterMs
  const unsigned: Unsigned<Refusal> = {
    type: 'refusal',
    ...envelope(needs, request.exchange, to),
    request: request.type === 'request' ? requestDigest(request) : null,
    // A disk or a maintenance of ours is nobody's business, and ends nothing of the partner's.
    code: ofOurHouse.includes(thrown.code) ? 'DFFT_BUSY' : thrown.code,
    reveal: thrown instanceof Denied ? revealOf(thrown.considered.looked, needs) : null,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  }
  return signMessage<Refusal>(unsigned, needs.self.signer)
}

function revealOf({ tried, permitted }: Looked, { shelf }: ExchangeNeeds): Refusal['reveal'] {
  // There was nothing to release: the rules that would have permitted it are nobody's business.
  if (permitted) return null
  const revealed = tried
    .filter((answer) => !mayAnswer(answer))
    .map(({ evaluation }) => {
      const { decision, exporting } = explained(evaluation, shelf)
      return reveal(decision.export, exporting)
    })
  if (revealed.every(({ rules }) => rules === undefined)) return null
  const rules = new Set(revealed.flatMap((one) => one.rules ?? []))
  const nearest = new Map(revealed.flatMap((one) => (one.nearest ?? []).map((near) => [canonical(near), near] as const)))
  return { rules: [...rules].slice(0, 64), nearest: [...nearest.values()].slice(0, 8).map((near) => ({ ...near })) }
}
