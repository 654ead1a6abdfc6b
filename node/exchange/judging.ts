/**
 * The requester's judgement of what a holder shows or an issuer delivers: all of it holds and is kept, or none of it.
 *
 *     settle      the outcome, with what is kept, written down before anything is answered
 *     judge       the agreement, the holder's log, then each credential: verified, no more than was agreed, and what was asked for
 */
import assert from 'node:assert/strict'
import { expectedWrites } from '#node/attachments/attachment-record.ts'
import { copiesIn, copyWrites } from '#node/credentials/copies.ts'
import { anyElement, covers, type Encoding, type Kept } from '#node/credentials/wallet.ts'
import type { Write } from '#node/ports.ts'
import { type Expectation, type Parsed, type Surroundings, verify } from '#node/verify.ts'
import { digestOf } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Cosignature, Presentation, Request, Shown, Terms } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import { type Did, instant, type JsonPointer } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { waysOf } from '#protocols/query/exchange-query.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { answersAsShown, vouchedAsAsked } from './choosing.ts'
import { checkAgreementBy, type ExchangeNeeds, surroundingsUnder, witness } from './exchange-needs.ts'
import { type ExchangeRecord, emptied, getMessage, keptOpen, type RecordPart, recordWrites, together } from './exchange-record.ts'
import { releaseKept } from './release-core.ts'
import { checkRights, delivers } from './rights.ts'

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
  const expected = expectedWrites(
    record,
    judged.shown.map(({ parsed }) => parsed.claims),
  ) // Files that what was shown names.
  // What was shown and does not hold may be more than we may have.
  const message = accepted ? presentation : emptied(presentation)
  const kept = [...recordWrites(settled, { messages: [message] }), releaseKept(presentation)]
  const writes = [...judged.writes, ...expected, ...kept, keptOpen(record.id)] // A rejected one too is open until its receipt is acknowledged.
  await audit.append(
    [{ kind: accepted ? 'received' : 'rejected', exchange: record.id, facts }],
    await needs.obligations.received(settled, writes, await delivers(request, needs)),
  )
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
    checkDecided(record)
    const witnessed = await witness(presentation, needs, signal)
    const delivery = await delivers(request, needs)
    if (!delivery) checkRightsNow(record, request, needs)
    const transfers = await transfersAgreed(record, request, needs)
    const shown: JudgedPart[] = []
    for (const { part, encodings } of presentedParts(presentation, record, delivery))
      shown.push(await judgePart(part, encodings, { record, request, delivery, transfers }, needs, signal))
    if (!delivery) checkRightsNow(record, request, needs) // To verify took its time, too.
    return { code: null, shown, writes: [...shown.flatMap(({ writes }) => writes), ...witnessed.writes], cosignature: witnessed.cosignature }
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL') throw thrown
    needs.log('warn', 'presentation rejected', { exchange: record.id, partner: record.partner, code })
    return { code, shown: [], writes: [], cosignature: null }
  }
}

/**
 * Once more, since an agency may have taken a right back while the holder, or a person there, took his time: from the holder, or from us.
 *
 * @throws {TrustError} DFFT_RIGHTS, DFFT_ACCREDITATION
 */
function checkRightsNow({ partner }: ExchangeRecord, request: Request, { trust, clock }: ExchangeNeeds): void {
  const [requester, holder] = [request.accreditation.subject, partner].map((party) => {
    const accreditation = trust.accreditationOf(party, clock.nowMs())
    if (!accreditation) throw new TrustError('DFFT_ACCREDITATION', `\`${party}\` is no longer accredited`, { party })
    return accreditation
  }) as [AnyAccreditation, AnyAccreditation] // As many as parties.
  checkRights({ requester, holder }, request)
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
  /** How what is shown came to the holder, by credential; null where it is to be the holder's own. */
  readonly transfers: ReadonlyMap<string, NonNullable<Terms['credentials'][number]['transfers']>> | null
}

/** As the terms that we agreed to told them: they were checked then. @throws {TrustError} DFFT_TRANSFER where nothing was told */
async function transfersAgreed({ id, credentials }: ExchangeRecord, { origin }: Request, { store }: ExchangeNeeds): Promise<JudgedIn['transfers']> {
  if (origin === undefined) return null
  const terms = await getMessage(store, id, 'terms')
  const told = new Map(terms?.credentials.flatMap((one) => (one.transfers ? [[one.id, one.transfers] as const] : [])))
  if (!credentials.every((part) => told.has(part.id)))
    throw new TrustError('DFFT_TRANSFER', 'the holder showed data of another origin without saying how they came to it', { origin })
  return told
}

/**
 * Whose proof of holding the credential has to bring, made for whom, on which question: the holder's for us; of what came to it, the first
 * exporter's for the first recipient, whenever that was.
 */
function provedBy({ id }: RecordPart, { record, request, delivery, transfers }: JudgedIn, { self }: ExchangeNeeds): Partial<Expectation> {
  if (delivery) return {}
  const first = transfers?.get(id)?.[0]?.request
  if (transfers === null) return { binding: { nonce: request.nonce, audience: self.did }, holder: record.partner }
  if (!first) throw new TrustError('DFFT_TRANSFER', 'nothing is agreed on how the data came to the holder', { credential: id })
  return { binding: { nonce: first.nonce, audience: first.from, past: true }, holder: first.to }
}

async function judgePart(part: RecordPart, encodings: readonly Shown[], within: JudgedIn, needs: ExchangeNeeds, signal: AbortSignal): Promise<JudgedPart> {
  const parsed: Parsed[] = []
  for (const { text } of encodings) parsed.push(await judgeOne(text, part, within, needs, signal))
  const [first] = parsed
  if (!first) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'nothing was shown')
  const { id } = part
  if (within.delivery && first.type?.about === 'person') return { id, parsed: first, read: parsed, ...(await takeCopies(parsed, within, needs)) }
  // Its token list says of a suspension, too; of the two lists of the other encoding one would be kept.
  const selective = parsed.find(({ sdJwt }) => sdJwt !== null) ?? first
  const as = await keptAs(selective, part, within, needs)
  // Delivered once more it is the same credential: what its holder knows of the data stays said.
  const { dataFlags = [] } = (within.delivery ? await needs.wallet.find(as) : undefined) ?? {}
  const kept = { ...keptOf(as, encodings, selective, within), dataFlags }
  return { id, parsed: first, read: parsed, kept, writes: needs.wallet.write(kept) }
}

async function checkAgreement({ agreement, from }: Presentation, record: ExchangeRecord, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  if (agreement.hash !== record.agreement) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the holder signed another agreement')
  await checkAgreementBy(from, agreement, needs, signal)
}

/** A person who is asked may take days, and what was decided before is nobody's permit by then: the holder states terms of that time first. */
function checkDecided({ state }: ExchangeRecord): void {
  if (state === 'pending') throw new TrustError('DFFT_TERMS_REJECTED', 'a person was asked, and nothing was agreed on since')
}

async function judgeOne(text: string, part: RecordPart, within: JudgedIn, needs: ExchangeNeeds, signal: AbortSignal): Promise<Parsed> {
  const { record, request, delivery } = within
  const expectation = { nowMs: needs.clock.nowMs(), type: part.type, ...provedBy(part, within, needs) }
  const recognises: Surroundings['recognises'] = (issuer, type, issuedAtMs) =>
    needs.trust.judge(issuer, type, expectation.nowMs, { purpose: request.purpose, issuedAtMs })
  const { report, parsed } = await verify(text, { ...surroundingsUnder(part.obligations, needs), recognises }, expectation, signal)
  const failed = report.steps.find(({ outcome }) => outcome === 'failed')
  if (failed?.code) throw new TrustError(failed.code as 'DFFT_SIGNATURE', failed.detail) // The report's codes come from TrustErrors.
  if (!parsed || !report.verified) throw new TrustError('DFFT_NOT_CHECKED', 'the credential could not be verified whole')
  if (delivery) checkDelivered(parsed, record, needs)
  else {
    checkShown(parsed, part.disclosed)
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
  if (!vouchedAsAsked(way, trust.recognises(issuer, type, clock.nowMs(), { purpose: request.purpose })))
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

/** More than was agreed is as wrong as a forgery: it must not be kept. @throws {TrustError} DFFT_DISCLOSURE */
export function checkShown(parsed: Pick<Parsed, 'claims' | 'sdJwt'>, disclosed: readonly JsonPointer[]): void {
  // The way to an agreed claim may lead through an outer one, which tells no more than that it is there.
  const agreed = disclosed.map(anyElement)
  const within = (pointer: JsonPointer) => agreed.some((wanted) => covers(wanted, pointer) || covers(pointer, wanted))
  const beyond = pointersIn(parsed).find((pointer) => !within(anyElement(pointer)))
  if (beyond !== undefined) throw new TrustError('DFFT_DISCLOSURE', 'more was disclosed than was agreed', { path: beyond })
}

/** Of what was agreed, what the credential has and shows. */
function shownPointers(parsed: Parsed, agreed: readonly JsonPointer[]): string[] {
  const there = pointersIn(parsed).map(anyElement)
  return agreed.filter((wanted) => {
    const open = anyElement(wanted)
    return there.some((pointer) => covers(open, pointer))
  })
}

/** Whatever stands in the open, and each disclosure. */
function pointersIn({ claims, sdJwt }: Pick<Parsed, 'claims' | 'sdJwt'>): JsonPointer[] {
  return [...Object.keys(claims).map((name) => `/${name}`), ...(sdJwt?.disclosures.map(({ pointer }) => pointer) ?? [])]
}

/**
 * A credential about a person that we serve: one entry with its copies. The keys they are bound to wait no longer.
 *
 * @throws {TrustError} as `copiesIn`
 */
async function takeCopies(
  parsed: readonly Parsed[],
  within: JudgedIn,
  { wallet, holderKeys, self }: ExchangeNeeds,
): Promise<Pick<JudgedPart, 'kept' | 'writes'>> {
  const copies = await copiesIn(parsed, within.record, holderKeys)
  const [first] = parsed
  assert(first, 'nothing was shown is refused before')
  const batch = { holder: self.did, copies: copies.length, claims: digestOf(first.claims) }
  const kept: Kept = { ...keptOf(heldAs(within), [], first, within), batch }
  const claimed = parsed.flatMap(({ sdJwt }) => (sdJwt?.holderKey ? [holderKeys.claimed(sdJwt.holderKey)] : []))
  return { kept, writes: [...wallet.write(kept), ...copyWrites(kept, copies), ...claimed] }
}

/** Where its issuer names it, and nothing else here bears that name, by its own; else no delivery could take another credential's place. */
async function keptAs({ id, issuer }: Parsed, part: RecordPart, within: JudgedIn, { wallet }: ExchangeNeeds): Promise<string> {
  const { record, delivery } = within
  // A partial copy is another thing than the credential: several may be received of one.
  if (!delivery) return `urn:dfft:received:${record.id}${record.credentials.length > 1 ? `:${part.id}` : ''}`
  if (id === null || !nameable.test(id)) return heldAs(within)
  const before = await wallet.find(id)
  return before === undefined || (before.role === 'held' && before.issuer === issuer) ? id : heldAs(within)
}

function heldAs({ record }: JudgedIn): string {
  return `urn:dfft:held:${record.id}`
}

/** What can be a part of a key in the store, and is no name of ours; a `urn:uuid` has 45 characters. */
const nameable = /^(?!urn:dfft:)[!-.0-~]{1,128}$/

function keptOf(id: string, encodings: readonly Encoding[], parsed: Parsed, { record, delivery }: JudgedIn): Kept {
  const { issuer, type, subject, issuedAtMs, validUntilMs, status } = parsed
  assert(type && issuedAtMs !== null, 'verify() was asked for a known type, and so for its time')
  return {
    id,
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
