/**
 * What may come next on a line of trust documents, and whose signatures that takes: pure, so that nodes that hold the same documents come
 * to the same verdict.
 */
import { type Missing, missingOf, type Signers } from '#policies/quorum.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant, msOf } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import { graceHoursDefault, type TrustAnchor } from '#protocols/trust/anchor.ts'
import { serialIn, type TrustDocument } from '#protocols/trust/document.ts'
import { type Stated, skewMs } from '#protocols/trust/framework.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'

/** A document, its digest, and whose signatures count. */
export interface Signed<Document extends TrustDocument = TrustDocument> extends Stated<Document> {
  readonly by: ReadonlySet<Did>
}

/** Who signs for a party, and until when what they signed counts. */
export interface Authority {
  readonly signers: Signers
  readonly untilMs: number
}

/** Of versions that are accepted the newest first; several with the highest serial are a fork. */
export type Line<Document extends TrustDocument = TrustDocument> = readonly Signed<Document>[]

/** What a document is on its line; what cannot be on it at all is thrown. */
export type Verdict =
  | { readonly kind: 'next' }
  /** A partner has told us of what was replaced since: nothing to say. */
  | { readonly kind: 'past' }
  /** `missing`: of each side that has not signed, who and how many. */
  | { readonly kind: 'proposed'; readonly missing: readonly Missing[] }
  | { readonly kind: 'fork' }

/** An honest signer renews its head each minute for nineteen years before he reaches it; a dishonest one does not reach the end of all numbers. */
const headJumpMax = 10_000_000

export function newestOf<Document extends TrustDocument>(line: Line<Document>): Line<Document> {
  const [top] = line
  return top ? line.filter(({ document }) => sameRank(document, top.document)) : []
}

/** Of two accreditations of version 1, which have no serial, the one that begins later is the newer. */
export function sameRank(one: TrustDocument, other: TrustDocument): boolean {
  if (serialIn(one) !== serialIn(other)) return false
  return one.type !== 'Accreditation' || other.type !== 'Accreditation' || one.version === 2 || one.validFrom === other.validFrom
}

export function signersIn(anchor: Pick<TrustAnchor, 'signers' | 'quorum'>): Signers {
  return { of: anchor.signers, quorum: anchor.quorum }
}

/**
 * Who signs for an anchor, and who has signed for it before: of each statement that changes who signs, those of all before it count until
 * its grace is over. A statement in the middle ends as much as the last one does, so that nobody comes back whom it let go at once.
 *
 * @param line of its statements; where there is none it signs by its DID alone, as it did before the first
 */
export function authoritiesOf(anchor: Did, line: Line<TrustAnchor>): readonly [Authority, ...Authority[]] {
  const alone = { of: [anchor], quorum: 1 }
  const [top] = line
  const all: [Authority, ...Authority[]] = [{ signers: top ? signersIn(top.document) : alone, untilMs: Number.POSITIVE_INFINITY }]
  let untilMs = Number.POSITIVE_INFINITY
  for (let here = top?.document; here; ) {
    const { previous, validFrom, graceHours = graceHoursDefault } = here
    const before = line.find(({ digest }) => digest === previous)?.document
    const signers = before ? signersIn(before) : previous === null ? alone : undefined
    if (!signers) return all
    if (!sameSigners(signers, signersIn(here))) untilMs = Math.min(untilMs, msOf(validFrom) + graceHours * 3_600_000)
    all.push({ signers, untilMs })
    here = before
  }
  return all
}

/** Until when a quorum stands behind what `by` signed: of all its authors. */
export function countsUntil(authors: readonly (readonly Authority[])[], by: ReadonlySet<Did>): number {
  return Math.min(...authors.map((all) => untilOf(all, by)))
}

/** Asked of every document that is held: those who sign today come first and count for ever, so that mostly nobody else is looked at. */
function untilOf(all: readonly Authority[], by: ReadonlySet<Did>): number {
  let latestMs = Number.NEGATIVE_INFINITY
  for (const { signers, untilMs } of all) if (untilMs > latestMs && !missingOf(signers, by)) latestMs = untilMs
  return latestMs
}

/** Of each author behind whom no quorum stands that counts now, who is missing of those who sign today. */
export function missingNow(authors: readonly (readonly [Authority, ...Authority[]])[], by: ReadonlySet<Did>, nowMs: number): readonly Missing[] {
  return authors.flatMap((all) => (countsUntil([all], by) > nowMs ? [] : (missingOf(all[0].signers, by) ?? [])))
}

/**
 * The first that is held is signed by the pinned DID and by the quorum it names; what ends a fork is signed by the pinned DID as well.
 *
 * The pinned DID alone takes an anchor from its signers nowhere: a place that is taken is contested by the signers of the statement before
 * it, and where none before it is held, so that the pinned DID may contest it, only the quorums of all halves go on from there.
 */
export function judgeAnchor(line: Line<TrustAnchor>, { document, by }: Signed<TrustAnchor>, nowMs: number): Verdict {
  if (msOf(document.validFrom) > nowMs + skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the anchor’s statement begins in the future', factsOf(document))
  const pinned = { of: [document.anchor], quorum: 1 }
  const own = signersIn(document)
  const [top] = line
  if (!top) return verdict([pinned, own], by)
  refuseOlder(top.document, document)
  const before = line.find(({ digest }) => digest === document.previous)
  const halves = newestOf(line)
  const unfounded = halves.length === line.length
  if (document.serial === top.document.serial) {
    const follows = unfounded || before?.document.serial === document.serial - 1
    const missing = missingIn(before ? [signersIn(before.document), own] : [pinned, own], by)
    if (!follows || missing.length > 0) throw taken(document)
    return { kind: 'fork' }
  }
  if (!before || !halves.includes(before) || document.serial !== top.document.serial + 1)
    throw new TrustError('DFFT_TRUST_CHAIN', 'the anchor’s statement does not follow the one that is held', factsOf(document))
  const followed = unfounded ? halves : [before]
  const needed = followed.map((half) => signersIn(half.document))
  const changed = followed.some((half) => !sameSigners(signersIn(half.document), own))
  return verdict([...needed, ...(changed ? [own] : []), ...(halves.length > 1 ? [pinned] : [])], by)
}

/**
 * @param line what counts of it now
 * @param missing of those who sign for the issuer
 */
export function judgeAccreditation(line: Line<AnyAccreditation>, { document }: Stated<AnyAccreditation>, missing: readonly Missing[], nowMs: number): Verdict {
  const [top] = line
  const over = nowMs >= msOf(document.validUntil)
  // Of a line that is held, an end is a statement too: it takes the place of one that would go on.
  if (over && (document.version === 1 || !top)) throw new TrustError('DFFT_EXPIRED', 'the accreditation is past its end', { subject: document.subject })
  if (document.version === 1) return judgeFirstVersion(line, document, missing, nowMs)
  if (!top) return nextOr(missing)
  refuseOlder(top.document, document)
  if (document.serial > serialIn(top.document)) return nextOr(missing)
  if (missing.length > 0) throw taken(document)
  return { kind: 'fork' }
}

/** It has no serial: of two with one id the one that begins later counts. */
function judgeFirstVersion(
  line: Line<AnyAccreditation>,
  document: Extract<AnyAccreditation, { version: 1 }>,
  missing: readonly Missing[],
  nowMs: number,
): Verdict {
  const { subject, issuer, validFrom } = document
  if (nowMs + skewMs < msOf(validFrom)) throw new TrustError('DFFT_NOT_YET_VALID', 'the accreditation begins in the future', { subject })
  if (missing.length > 0)
    throw new TrustError('DFFT_TRUST_QUORUM', 'the anchor signs together with others, which an accreditation of version 1 cannot carry', { subject, issuer })
  const [top] = line
  if (!top) return { kind: 'next' }
  if (top.document.subject !== subject || top.document.issuer !== issuer)
    throw new TrustError('DFFT_CONFLICT', 'another accreditation has this id', factsOf(document))
  if (top.document.version === 2 || top.document.validFrom > validFrom) return { kind: 'past' }
  return top.document.validFrom === validFrom ? { kind: 'fork' } : { kind: 'next' }
}

/**
 * @param line what counts of it now
 * @param missing of those who sign for each of the two anchors
 */
export function judgeAgreement(line: Line<RecognitionAgreement>, { document }: Stated<RecognitionAgreement>, missing: readonly Missing[]): Verdict {
  const [top] = line
  if (!top) return nextOr(missing)
  refuseOlder(top.document, document)
  if (document.serial === top.document.serial) {
    if (missing.length > 0) throw taken(document)
    return { kind: 'fork' }
  }
  const follows = document.serial > top.document.serial + 1 || newestOf(line).some(({ digest }) => digest === document.previous)
  if (!follows) throw new TrustError('DFFT_TRUST_CHAIN', 'the agreement does not follow the one that is held', factsOf(document))
  return nextOr(missing)
}

/**
 * Whoever stops something is enough; whatever is stopped no longer takes who stopped it, or the quorum. What a node has not heard of it
 * cannot miss: there the next head of the one who stopped it says it again.
 */
export function judgeHead(line: Line<SuspensionHead>, { document, by }: Signed<SuspensionHead>, authority: Signers, nowMs: number): Verdict {
  if (msOf(document.at) > nowMs + skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the head is of the future', factsOf(document))
  const halves = newestOf(line)
  const [top] = halves
  const whole = missingIn([authority], by)
  if (!top || document.serial > top.document.serial) {
    if (halves.some((half) => msOf(half.document.at) > msOf(document.at)))
      throw new TrustError('DFFT_TRUST_ROLLBACK', 'the head is earlier than the one that is held', factsOf(document))
    const far = document.serial > (top?.document.serial ?? 0) + headJumpMax
    const allowed = !far && liftedBy(halves, document).every((maker) => by.has(maker))
    return allowed || whole.length === 0 ? { kind: 'next' } : { kind: 'proposed', missing: whole }
  }
  refuseOlder(top.document, document)
  return { kind: 'fork' }
}

/**
 * What the next head goes on from: what is held, and the furthest of those that wait because they leave out what somebody has stopped.
 * Whoever took that one takes nothing behind it, so that what was stopped meanwhile would be heard by nobody.
 */
export function headToFollow(line: Line<SuspensionHead>, waiting: readonly SuspensionHead[]): Pick<SuspensionHead, 'serial' | 'at' | 'entries'> {
  const { serial, at, entries } = wholeHead(newestOf(line))?.document ?? { serial: 0, at: instant(0), entries: [] }
  const [ahead] = waiting.filter((head) => head.serial > serial && head.serial < serial + headJumpMax).sort((one, other) => other.serial - one.serial)
  if (!ahead) return { serial, at, entries }
  const all = new Map([...entries, ...ahead.entries].map((entry) => [canonical(entry), entry]))
  return { serial: ahead.serial, at: msOf(ahead.at) > msOf(at) ? ahead.at : at, entries: [...all.values()] }
}

/** Who made the entries that are not in the head any more, or not as they were. */
function liftedBy(before: Line<SuspensionHead>, { entries }: SuspensionHead): readonly Did[] {
  const kept = new Set(entries.map(canonical))
  return before.flatMap(({ document }) => document.entries.filter((entry) => !kept.has(canonical(entry))).map(({ by }) => by))
}

/** Of a head that forked: whatever one of the halves stops, and until the earlier of both ends. */
export function wholeHead(halves: Line<SuspensionHead>): Stated<SuspensionHead> | null {
  const [first, ...others] = halves
  if (!first) return null
  if (others.length === 0) return first
  const all = halves.map(({ document }) => document)
  const earliest = (name: 'at' | 'validUntil' | 'islandUntil') => all.map((head) => head[name]).reduce((one, other) => (one < other ? one : other))
  const entries = new Map(all.flatMap((head) => head.entries.map((entry) => [canonical(entry), entry] as const)))
  const document = {
    ...first.document,
    entries: [...entries.values()],
    at: earliest('at'),
    validUntil: earliest('validUntil'),
    islandUntil: earliest('islandUntil'),
  }
  return { document, digest: first.digest }
}

export function sameSigners(one: Signers, other: Signers): boolean {
  return one.quorum === other.quorum && one.of.length === other.of.length && one.of.every((did) => other.of.includes(did))
}

export function missingIn(groups: readonly Signers[], by: ReadonlySet<Did>): readonly Missing[] {
  return groups.flatMap((signers) => missingOf(signers, by) ?? [])
}

function verdict(groups: readonly Signers[], by: ReadonlySet<Did>): Verdict {
  return nextOr(missingIn(groups, by))
}

function nextOr(missing: readonly Missing[]): Verdict {
  return missing.length === 0 ? { kind: 'next' } : { kind: 'proposed', missing }
}

function refuseOlder(held: TrustDocument, document: TrustDocument): void {
  if (serialIn(document) < serialIn(held))
    throw new TrustError('DFFT_TRUST_ROLLBACK', `serial ${serialIn(document)} is older than ${serialIn(held)}, which is held`, factsOf(document))
}

function taken(document: TrustDocument): TrustError {
  return new TrustError('DFFT_TRUST_ROLLBACK', 'the serial is taken by another document, and this one is not signed by enough', factsOf(document))
}

export function factsOf(document: TrustDocument): Readonly<Record<string, string | number>> {
  const name = 'id' in document ? { id: document.id } : {}
  const author = document.type === 'Accreditation' ? { issuer: document.issuer } : document.type === 'RecognitionAgreement' ? {} : { anchor: document.anchor }
  return { type: document.type, serial: serialIn(document), ...name, ...author }
}
