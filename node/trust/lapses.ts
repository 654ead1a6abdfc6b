/** What this node relies on that comes to an end by itself, the soonest first: what an operator on an island has to know. */
import type { Held } from '#node/policy/shelved.ts'
import { type Did, type Instant, instant, msOf } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import type { TrustAnchor } from '#protocols/trust/anchor.ts'
import { type KindOf, lineOf, type TrustDocument } from '#protocols/trust/document.ts'
import { type Counted, skewMs } from '#protocols/trust/framework.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'

export interface Lapse {
  readonly kind: 'anchor' | 'accreditation' | 'agreement' | 'suspensions' | 'policy' | 'status-list' | 'bundle'
  /** What it is called where it is listed. */
  readonly id: string
  readonly at: Instant
  /** What is denied from then on. */
  readonly code: 'DFFT_EXPIRED' | 'DFFT_TRUST_QUORUM' | 'DFFT_AGREEMENT' | 'DFFT_TRUST_STALE' | 'DFFT_STATUS_STALE' | 'DFFT_POLICY_DENIED'
}

export interface Relied {
  readonly documents: Iterable<Counted<TrustDocument>>
  readonly policies: readonly Held[]
  /** Status lists of others, and until when each may be believed. */
  readonly lists: Iterable<{ readonly issuer: Did; readonly uri: string; readonly untilMs: number }>
  readonly bundles: readonly { readonly publisher: Did; readonly validUntil: Instant }[]
  readonly island: boolean
}

/** As many as an operator reads. */
const shownMax = 8

/** @param nowMs what is over already is listed too, for a day: it is why something is denied */
export function lapses({ documents, policies, lists, bundles, island }: Relied, nowMs: number, most = shownMax): readonly Lapse[] {
  const all: { readonly lapse: Omit<Lapse, 'at'>; readonly atMs: number }[] = []
  const anchors = new Map<Did, TrustAnchor>()
  const heads = new Map<Did, SuspensionHead>()
  const held: TrustDocument[] = []
  /** Of what the quorum before today's signed: until when that is enough. */
  const graceMs = new Map<TrustDocument, number>()
  for (const { document, countsUntilMs = Number.POSITIVE_INFINITY } of documents) {
    held.push(document)
    graceMs.set(document, countsUntilMs)
  }
  for (const document of held) {
    if (document.type === 'TrustAnchor' && document.serial >= (anchors.get(document.anchor)?.serial ?? 0)) anchors.set(document.anchor, document)
    if (document.type === 'SuspensionHead' && document.serial >= (heads.get(document.anchor)?.serial ?? 0)) heads.set(document.anchor, document)
  }
  const ends = (lapse: Omit<Lapse, 'at'>, document: AnyAccreditation | RecognitionAgreement) => {
    const [untilMs, countsMs = untilMs] = [msOf(document.validUntil), graceMs.get(document)]
    all.push(countsMs < untilMs ? { lapse: { ...lapse, code: 'DFFT_TRUST_QUORUM' }, atMs: countsMs } : { lapse, atMs: untilMs })
  }
  for (const document of counting(held.filter(isAccreditation), nowMs, lineOf))
    ends({ kind: 'accreditation', id: document.subject, code: 'DFFT_EXPIRED' }, document)
  for (const document of counting(held.filter(isAgreement), nowMs, lineOf)) ends({ kind: 'agreement', id: document.id, code: 'DFFT_AGREEMENT' }, document)
  for (const [did, anchor] of anchors) {
    all.push({ lapse: { kind: 'anchor', id: did, code: 'DFFT_EXPIRED' }, atMs: msOf(anchor.validUntil) })
    const head = heads.get(did)
    all.push({ lapse: { kind: 'suspensions', id: did, code: 'DFFT_TRUST_STALE' }, atMs: head ? staleMs(head, anchor, island) : nowMs })
  }
  for (const { policy } of policies)
    all.push({ lapse: { kind: 'policy', id: policy.metadata.id, code: 'DFFT_POLICY_DENIED' }, atMs: msOf(policy.metadata.validUntil) })
  for (const { issuer, uri, untilMs } of lists) all.push({ lapse: { kind: 'status-list', id: `${issuer} ${uri}`, code: 'DFFT_STATUS_STALE' }, atMs: untilMs })
  for (const { publisher, validUntil } of bundles) all.push({ lapse: { kind: 'bundle', id: publisher, code: 'DFFT_EXPIRED' }, atMs: msOf(validUntil) })
  return all
    .filter(({ atMs }) => atMs > nowMs - 86_400_000)
    .sort((one, other) => one.atMs - other.atMs)
    .slice(0, most)
    .map(({ lapse, atMs }) => ({ ...lapse, at: instant(Math.max(0, atMs)) }))
}

const isAccreditation = (document: TrustDocument) => document.type === 'Accreditation'
const isAgreement = (document: TrustDocument) => document.type === 'RecognitionAgreement'

/**
 * Of each line the version that counts now, as the framework has it; where none has begun, the newest. What was superseded comes to its end
 * without denying anything, and so does a version 1 that its author has replaced.
 */
function counting<Document extends KindOf<'Accreditation'> | KindOf<'RecognitionAgreement'>>(
  documents: readonly Document[],
  nowMs: number,
  keyOf: (document: Document) => string,
): readonly Document[] {
  const begun = (document: Document) => msOf(document.validFrom) <= nowMs + skewMs
  const lines = [...Map.groupBy(documents, keyOf).values()].map((versions) => versions.toSorted(newestFirst))
  const current = lines.flatMap((versions) => versions.find(begun) ?? versions.slice(0, 1))
  const nextVersions = new Set(
    documents.filter(begun).flatMap((document) => (document.type === 'Accreditation' && document.version === 2 ? nameOf(document) : [])),
  )
  return current.filter((document) => document.type !== 'Accreditation' || document.version === 2 || !nextVersions.has(nameOf(document)))
}

function newestFirst(one: AnyAccreditation | RecognitionAgreement, other: AnyAccreditation | RecognitionAgreement): number {
  return serialOf(other) - serialOf(one) || msOf(other.validFrom) - msOf(one.validFrom)
}

/** Of accreditations of version 1, which have none, the later one counts. */
function serialOf(document: AnyAccreditation | RecognitionAgreement): number {
  return 'serial' in document ? document.serial : 0
}

function nameOf({ issuer, subject }: AnyAccreditation): string {
  return `${issuer} ${subject}`
}

/** As the framework counts it. */
function staleMs({ at, validUntil, islandUntil }: SuspensionHead, { freshness }: TrustAnchor, island: boolean): number {
  const freshUntilMs = Math.min(msOf(validUntil), msOf(at) + freshness.connectedMinutes * 60_000)
  return island ? Math.max(freshUntilMs, Math.min(msOf(islandUntil), msOf(at) + freshness.islandHours * 3_600_000)) : freshUntilMs
}
