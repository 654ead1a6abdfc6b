/** The messages of an evidence file: who said what to whom, each signed by its sender, and each the answer to the one before. */
import { receiptDigest } from '#node/exchange/answering.ts'
import { TrustError } from '#protocols/errors.ts'
import { type EvidenceFile, type MemberOf, membersOf } from '#protocols/evidence.ts'
import type { Message } from '#protocols/exchange/messages.ts'
import { messageDigest, releaseDigest, requestDigest, verifyAgreement, verifyMessage } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, didOf, msOf } from '#protocols/ids.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { checkSigned, noticeDigest } from '#protocols/notice.ts'
import { type EvidenceKeys, type Naming, naming } from './offline-exchange-evidence-keys.ts'

type Of<Type extends Message['type']> = Extract<Message, { type: Type }>

export interface Walk {
  readonly requester: Did
  readonly holder: Did
  /** Undefined where nothing was sent. */
  readonly request: Of<'request'> | undefined
  readonly terms: Of<'terms'> | undefined
  readonly acceptance: Of<'acceptance'> | undefined
  readonly offer: Of<'offer'> | undefined
  readonly refusal: Of<'refusal'> | undefined
  readonly receipt: Of<'receipt'> | undefined
  readonly closing: Of<'closing'> | undefined
  readonly presentation: Of<'presentation'> | undefined
  readonly release: MemberOf<'release'> | undefined
  readonly messages: readonly Message[]
  /** Of the exporter’s log; that they are in there is checked by itself. */
  readonly entries: readonly LogEntry[]
  /** Of the other side's. */
  readonly theirs: readonly LogEntry[]
}

/** @throws {TrustError} DFFT_EVIDENCE where parts are missing or not of one exchange; DFFT_SCHEMA */
export function walkOf(file: EvidenceFile): Walk {
  const messages = membersOf(file, 'message').map(({ message }) => message)
  const of = <Type extends Message['type']>(type: Type): Of<Type> | undefined => {
    const found = messages.filter((message) => message.type === type)
    if (found.length > 1) throw apart(`there are two of the ${type}`)
    return found[0] as Of<Type> | undefined // Filtered by its type.
  }
  const releases = membersOf(file, 'release')
  if (releases.length > 1) throw apart('there are two releases')
  const request = of('request')
  const parties = partiesOf(file, messages)
  return {
    ...parties,
    request,
    terms: of('terms'),
    acceptance: of('acceptance'),
    offer: of('offer'),
    refusal: of('refusal'),
    receipt: of('receipt'),
    closing: of('closing'),
    presentation: of('presentation'),
    release: releases[0],
    messages,
    entries: entriesOf(file, file.manifest.exporter),
    theirs: entriesOf(file, otherSide(file, parties)),
  }
}

/** Than the one that put the file together. */
export function otherSide({ manifest }: EvidenceFile, { requester, holder }: Pick<Walk, 'requester' | 'holder'>): Did {
  return manifest.exporter === requester ? holder : requester
}

function entriesOf(file: EvidenceFile, log: Did): LogEntry[] {
  return membersOf(file, 'entry')
    .filter(({ of }) => of === log)
    .map(({ entry }) => readEntry(Buffer.from(entry)))
}

function partiesOf(file: EvidenceFile, messages: readonly Message[]): Pick<Walk, 'requester' | 'holder'> {
  const byRequester = (type: Message['type']) => ['request', 'acceptance', 'receipt'].includes(type)
  // A refusal goes either way: it refuses a Request, or an Offer.
  const spoken = messages
    .filter(({ type }) => type !== 'refusal')
    .map(({ type, from, to }) => (byRequester(type) ? { requester: from, holder: to } : { requester: to, holder: from }))
  const [question] = membersOf(file, 'decision').map((one) => one.question)
  const asked = question ? [{ requester: question.importer as Did, holder: question.exporter as Did }] : [] // Read whole before it is decided.
  const [first, ...others] = [...spoken, ...asked]
  if (!first) throw apart('the file has neither messages nor a decision')
  if (others.some(({ requester, holder }) => requester !== first.requester || holder !== first.holder)) throw apart('the parts are of other parties')
  const sides = [first.requester, first.holder]
  if (!sides.includes(file.manifest.exporter)) throw apart('whoever put the file together is no side of the exchange')
  if (membersOf(file, 'entry').some(({ of }) => !sides.includes(of))) throw apart('an entry is of the log of no side of the exchange')
  return first
}

/** @throws {TrustError} DFFT_EVIDENCE, DFFT_SIGNATURE, DFFT_KEY_NOT_FOUND, DFFT_DID_* */
export function checkMessages(walk: Walk, file: EvidenceFile, keys: EvidenceKeys): void {
  const { requester, holder, messages } = walk
  for (const message of messages) {
    const { type, exchange, from, to, signature } = message
    if (exchange !== file.manifest.exchange) throw apart(`the ${type} is of another exchange`)
    if (![requester, holder].includes(from) || ![requester, holder].includes(to) || from === to) throw apart(`the ${type} is of other parties`)
    if (didOf(signature.keyId) !== from) throw new TrustError('DFFT_SIGNATURE', `the ${type} is signed by another party than its sender`)
    verifyMessage(message, keys.at(signature.keyId, 'authentication', [msOf(message.at), ...timesOf(walk)], namingOf(type, walk)))
  }
  checkLinks(walk)
}

function namingOf(type: Message['type'], walk: Walk): Naming {
  switch (type) {
    case 'receipt':
      return naming.receipt
    case 'closing':
      return naming.nothing
    case 'presentation':
      return naming.released
    case 'terms':
    case 'acceptance':
      return walk.acceptance ? settling(walk.acceptance.agreement.hash) : naming.request
    default:
      return naming.request
  }
}

/** The acceptance of terms, or what was done on it. */
function settling(hash: Digest): Naming {
  return ({ facts }) => facts.terms !== undefined || (facts.release !== undefined && facts.agreement === hash)
}

/** When the exporter wrote down what it did. */
export function timesOf({ entries }: Pick<Walk, 'entries'>): number[] {
  return entries.map(({ at }) => msOf(at))
}

function checkLinks({ request, terms, acceptance, offer, refusal, receipt, closing, presentation, release, messages }: Walk): void {
  const asked = request && requestDigest(request)
  const named = messages.flatMap((message) => (message.type !== 'request' && 'request' in message && message.request !== null ? [message.request] : []))
  if ([...named, ...(release ? [release.request] : [])].some((digest) => digest !== asked)) throw apart('a message answers another request')
  if (acceptance && acceptance.terms !== (terms && messageDigest(terms))) throw apart('the acceptance is of other terms')
  if (request && request.offer !== (offer ? messageDigest(offer) : null)) throw apart('the request answers another offer')
  if (refusal && release) throw apart('something was released, and refused')
  if (presentation && release && (releaseDigest(presentation) !== release.release || presentation.agreement.value !== release.agreement.value))
    throw apart('what was presented is not what was released')
  if (release?.credentials && request && releaseDigest({ ...release, exchange: request.exchange, credentials: release.credentials }) !== release.release)
    throw apart('the credentials are not those of the release')
  if (receipt && (receipt.release !== release?.release || receipt.agreement !== release.agreement.hash)) throw apart('the receipt is of another release')
  if (closing && closing.receipt !== (receipt && receiptDigest(receipt))) throw apart('the closing is of another receipt')
}

/** What the requester signed last. */
export function requestersAgreement({ request, acceptance }: Walk) {
  return acceptance?.agreement ?? request?.agreement
}

/** @returns the hash that is signed, and whether by both; null where nothing was. @throws {TrustError} DFFT_AGREEMENT_MISMATCH, DFFT_SIGNATURE, … */
export function checkAgreement(walk: Walk, keys: EvidenceKeys): { readonly hash: Digest; readonly inputs: Digest; readonly both: boolean } | null {
  const { requester, holder, request, acceptance, terms, release } = walk
  const theirs = requestersAgreement(walk)
  if (!theirs || !request) return null
  const said = [request, acceptance, terms].flatMap((message) => (message ? [msOf(message.at)] : []))
  const agreed = ({ facts }: LogEntry) => facts.agreement === theirs.hash
  const signed: readonly { readonly by: Did; readonly agreement: typeof theirs; readonly named: Naming }[] = [
    // Where nothing came of it, it is part of the Request and no more.
    { by: requester, agreement: request.agreement, named: release && !acceptance ? agreed : naming.request },
    ...(acceptance ? [{ by: requester, agreement: acceptance.agreement, named: settling(acceptance.agreement.hash) }] : []),
    ...(release ? [{ by: holder, agreement: release.agreement, named: naming.released }] : []),
  ]
  for (const { by, agreement, named } of signed) {
    if (didOf(agreement.keyId) !== by) throw new TrustError('DFFT_SIGNATURE', 'an agreement is signed by another party than it ought to be')
    verifyAgreement(agreement, keys.at(agreement.keyId, 'authentication', [...said, ...timesOf(walk)], named))
  }
  if (terms && acceptance && acceptance.agreement.hash !== terms.agreement) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the terms state another agreement')
  const differ = release && (release.agreement.hash !== theirs.hash || release.agreement.inputs !== theirs.inputs)
  if (differ) throw new TrustError('DFFT_AGREEMENT_MISMATCH', 'the two sides signed different agreements')
  return { hash: theirs.hash, inputs: theirs.inputs, both: release !== undefined }
}

/** @returns how many, and how many were acknowledged. @throws {TrustError} DFFT_EVIDENCE, DFFT_SIGNATURE, … */
export function checkNotices(walk: Walk, file: EvidenceFile, keys: EvidenceKeys): { readonly notices: number; readonly acknowledged: number } {
  const parties = [walk.requester, walk.holder]
  const members = membersOf(file, 'notice')
  for (const { notice, acknowledgement } of members) {
    if (notice.exchange !== file.manifest.exchange || !parties.includes(notice.from) || !parties.includes(notice.to) || notice.from === notice.to)
      throw apart('a notice is of another exchange')
    if (didOf(notice.signature.keyId) !== notice.from) throw new TrustError('DFFT_SIGNATURE', 'a notice is signed by another party than its sender')
    const told = acknowledgement ? [msOf(acknowledgement.at)] : []
    const digest = noticeDigest(notice)
    const named = ({ facts }: LogEntry) => facts.notice === digest
    checkSigned(notice, keys.at(notice.signature.keyId, 'authentication', [msOf(notice.at), ...told, ...timesOf(walk)], named))
    if (!acknowledgement) continue
    const fits = acknowledgement.notice === digest && acknowledgement.exchange === notice.exchange
    if (!fits || acknowledgement.from !== notice.to || acknowledgement.to !== notice.from || didOf(acknowledgement.signature.keyId) !== notice.to)
      throw apart('an acknowledgement is of another notice')
    // The sender writes it down when it came, the other side when it gave it.
    const acknowledged = (entry: LogEntry) => named(entry) && (entry.kind === 'acknowledged' || entry.kind.startsWith('partner-'))
    checkSigned(acknowledgement, keys.at(acknowledgement.signature.keyId, 'authentication', [msOf(acknowledgement.at), ...timesOf(walk)], acknowledged))
  }
  return { notices: members.length, acknowledged: members.filter(({ acknowledgement }) => acknowledgement !== null).length }
}

export function apart(message: string, facts: Readonly<Record<string, string | number>> = {}): TrustError {
  return new TrustError('DFFT_EVIDENCE', message, facts)
}
