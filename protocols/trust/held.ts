/** Trust documents as a framework holds them: grouped into lines of versions, their instants read once. */
import { type Did, type Digest, type Instant, type Jurisdiction, msOf } from '../ids.ts'
import type { AnyAccreditation } from './accreditation.ts'
import type { Recognition, RecognitionAgreement } from './agreement.ts'
import type { TrustAnchor } from './anchor.ts'
import { authorsOf, type Lined, type LineName } from './document.ts'
import type { SuspensionHead } from './suspension.ts'

export interface Stated<Document> {
  readonly document: Document
  /** Statement digest. */
  readonly digest: Digest
}

export interface Counted<Document> extends Stated<Document> {
  /** Until when a quorum of those who sign for its authors stands behind it; not said: as long as it lasts itself. */
  readonly countsUntilMs?: number
}

export interface PinnedAnchor {
  readonly did: Did
  readonly jurisdictions: readonly Jurisdiction[]
  /** The operator's own word: what is under it is recognised without an agreement. */
  readonly withoutAgreement: boolean
  /** What the anchor says of itself, newest; null where nothing but the pin is held. */
  readonly said: Stated<TrustAnchor> | null
  readonly head: Stated<SuspensionHead> | null
}

/** The clock of a signer may be ahead of ours. */
export const skewMs = 120_000

interface Version<Document> {
  readonly stated: Counted<Document>
  readonly countsUntilMs: number
  readonly serial: number
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * Documents of which one counts at a time: that with the highest serial among those that have begun, from then on and past its end. What no
 * quorum stands behind any more is as if it had not been said.
 */
export interface Line<Held extends Version<unknown>> {
  readonly name: LineName
  readonly id: string
  /** Newest first. */
  versions: readonly Held[]
}

/** An accreditation. */
export interface Held extends Version<AnyAccreditation> {
  /** Credential type → since when; null: of any age (version 1). */
  readonly issues: ReadonlyMap<string, number | null>
}

export interface Covered {
  readonly recognition: Recognition
  readonly issuedFromMs: number
}

/** An agreement; a route is `of>by`. */
export interface Agreed extends Version<RecognitionAgreement> {
  readonly recognitions: ReadonlyMap<string, readonly Covered[]>
  readonly admissions: ReadonlySet<string>
}

export interface Anchored extends PinnedAnchor {
  /** For which it is pinned, and says that it speaks. */
  readonly speaksFor: ReadonlySet<Jurisdiction>
  readonly headFromMs: number
  readonly freshUntilMs: number
  readonly islandUntilMs: number
  readonly saidFromMs: number
  readonly saidUntilMs: number
  /** Who is stopped: for these types, or (null) whatever it does. */
  readonly participants: ReadonlyMap<Did, ReadonlySet<string> | null>
  /** By kind and id what is stopped, for each entry with those who are among its authors; nobody: whoever gave the id. */
  readonly documents: ReadonlyMap<string, readonly (readonly Did[])[]>
}

/** Whether an anchor has stopped an accreditation or an agreement. */
export function stopped(
  { documents }: Pick<Anchored, 'documents'>,
  document: Extract<Lined, { readonly type: 'Accreditation' | 'RecognitionAgreement' }>,
): boolean {
  const entries = documents.get(`${document.type === 'Accreditation' ? 'accreditation' : 'agreement'} ${document.id}`)
  if (!entries) return false
  const authors = authorsOf(document)
  return entries.some((named) => named.every((did) => authors.includes(did)))
}

export function routeOf(of: Jurisdiction, by: Jurisdiction): string {
  return `${of}>${by}`
}

/** The version that counts at that time; undefined where none has begun. */
export function currentOf<Of extends Version<unknown>>({ versions }: Line<Of>, nowMs: number): Of | undefined {
  return versions.find(({ fromMs, countsUntilMs }) => fromMs <= nowMs + skewMs && nowMs < countsUntilMs)
}

/** Two statements with one serial exclude each other. Accreditations of version 1 have none: of them the later one counts. */
export function torn<Of extends Version<unknown>>({ versions }: Line<Of>, held: Of, nowMs: number): boolean {
  return held.serial > 0 && versions.some((other) => other !== held && other.serial === held.serial && nowMs < other.countsUntilMs)
}

/** Whether the newest of a line, begun or not, are two that exclude each other. */
export function contested<Of extends Version<unknown>>({ versions }: Line<Of>, nowMs: number): boolean {
  const [top, next] = versions.filter(({ countsUntilMs }) => nowMs < countsUntilMs)
  return top !== undefined && next !== undefined && top.serial === next.serial && (top.serial > 0 || top.fromMs === next.fromMs)
}

/** In the place of what is there already. @returns false where it is there, and counts as long */
export function enter<Of extends Version<unknown>>(line: Line<Of>, stated: Of['stated'], held: () => Of): boolean {
  const before = line.versions.find(({ stated: { digest } }) => digest === stated.digest)
  if (before && before.countsUntilMs === (stated.countsUntilMs ?? Number.POSITIVE_INFINITY)) return false
  line.versions = [...line.versions.filter((one) => one !== before), held()].sort(newestFirst)
  return true
}

/** An order that does not depend on what came first. */
function newestFirst(one: Version<unknown>, other: Version<unknown>): number {
  return other.serial - one.serial || other.fromMs - one.fromMs || (one.stated.digest < other.stated.digest ? -1 : 1)
}

export function heldOf(stated: Counted<AnyAccreditation>): Held {
  const { document } = stated
  const issues = new Map<string, number | null>()
  if (document.version === 1) for (const type of document.issues) issues.set(type, null)
  else for (const { credential, since } of document.issues) issues.set(credential, Math.max(issues.get(credential) ?? 0, msOf(since)))
  return { ...boundsOf(stated), serial: document.version === 1 ? 0 : document.serial, issues }
}

export function agreedOf(stated: Counted<RecognitionAgreement>): Agreed {
  const { serial, recognises, admits, parties } = stated.document
  const recognitions = new Map<string, Covered[]>()
  for (const recognition of recognises) {
    const route = routeOf(recognition.of, recognition.by)
    const issuedFromMs = recognition.issuedFrom === null ? Number.NEGATIVE_INFINITY : msOf(recognition.issuedFrom)
    recognitions.set(route, [...(recognitions.get(route) ?? []), { recognition, issuedFromMs }])
  }
  const admissions = new Set<string>()
  for (const of of admits) {
    const other = parties.find(({ jurisdictions }) => !jurisdictions.includes(of))
    for (const by of other?.jurisdictions ?? []) admissions.add(routeOf(of, by))
  }
  return { ...boundsOf(stated), serial, recognitions, admissions }
}

function boundsOf<Document extends { readonly validFrom: Instant; readonly validUntil: Instant }>(stated: Counted<Document>) {
  const { document, countsUntilMs = Number.POSITIVE_INFINITY } = stated
  return { stated, fromMs: msOf(document.validFrom), untilMs: msOf(document.validUntil), countsUntilMs }
}

export function anchored(pinned: PinnedAnchor): Anchored {
  const said = pinned.said?.document
  const head = pinned.head?.document
  const headFromMs = head ? msOf(head.at) : 0
  // Without a head: never.
  const lives = (until: Instant, longestMs: number) => Math.min(msOf(until), headFromMs + longestMs)
  const freshUntilMs = said && head ? lives(head.validUntil, said.freshness.connectedMinutes * 60_000) : 0
  const islandUntilMs = said && head ? lives(head.islandUntil, said.freshness.islandHours * 3_600_000) : 0
  return {
    ...pinned,
    speaksFor: new Set(pinned.jurisdictions.filter((place) => said?.jurisdictions.includes(place) ?? true)),
    headFromMs,
    freshUntilMs,
    // To be alone is no reason to believe less.
    islandUntilMs: Math.max(freshUntilMs, islandUntilMs),
    saidFromMs: said ? msOf(said.validFrom) : 0,
    saidUntilMs: said ? msOf(said.validUntil) : 0,
    ...stopsOf(head),
  }
}

function stopsOf(head: SuspensionHead | undefined): Pick<Anchored, 'participants' | 'documents'> {
  const participants = new Map<Did, ReadonlySet<string> | null>()
  const documents = new Map<string, (readonly Did[])[]>()
  for (const { stops } of head?.entries ?? []) {
    if (stops.kind !== 'participant') {
      const name = `${stops.kind} ${stops.id}`
      documents.set(name, [...(documents.get(name) ?? []), stops.authors ?? []])
    } else {
      const before = participants.get(stops.did)
      const all = stops.credentials === null || before === null
      participants.set(stops.did, all ? null : new Set([...(before ?? []), ...(stops.credentials ?? [])]))
    }
  }
  return { participants, documents }
}
