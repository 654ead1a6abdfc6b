/** Trust documents for tests of what they mean: as short to write as what they say. Nobody has signed them. */
import { type Did, type Instant, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { Accreditation, AccreditationV2, AnyAccreditation, Passes, Right } from './accreditation.ts'
import type { RecognitionAgreement } from './agreement.ts'
import type { TrustAnchor } from './anchor.ts'
import type { LineName } from './document.ts'
import { Framework, type PinnedAnchor, type Stated, type Statements } from './framework.ts'
import { statementDigest } from './proof.ts'
import type { SuspensionHead } from './suspension.ts'

export const t0 = Date.UTC(2026, 0, 1)
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** Some days after the first of January 2026. */
export const on = (days: number): Instant => instant(t0 + days * day)
export const did = (name: string): Did => `did:example:${name}` as Did
export const place = (code: string): Jurisdiction => code as Jurisdiction
export const uuid = (number: number): string => `urn:uuid:00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

export const proof: Accreditation['proof'] = {
  type: 'DataIntegrityProof',
  cryptosuite: 'eddsa-jcs-2022',
  created: on(0),
  verificationMethod: 'did:example:nobody#key',
  proofPurpose: 'assertionMethod',
  proofValue: 'z1',
}

export const anyRight: Right = { act: 'provide', credentials: '*', purposes: '*', counterparties: '*' }

export function stated<Document extends object>(document: Document): Stated<Document> {
  return { document, digest: statementDigest(document) }
}

type Change<Document> = Partial<Omit<Document, 'issuer' | 'subject' | 'jurisdiction' | 'id' | 'issues' | 'passes'>>

export interface Wish {
  readonly id?: number
  readonly by: string
  readonly to: string
  readonly in?: string
  /** Types, each since the first day. */
  readonly issues?: readonly string[]
  /** The accreditor's own accreditation. */
  readonly under?: number
  readonly passes?: Partial<Passes> | null
}

export function v2(
  { id = 1, by, to, in: where = 'JP', issues = ['Licence'], under, passes = null }: Wish,
  change: Change<AccreditationV2> = {},
): AccreditationV2 {
  return {
    type: 'Accreditation',
    version: 2,
    id: uuid(id),
    serial: 1,
    issuer: did(by),
    subject: did(to),
    jurisdiction: place(where),
    sector: 'public',
    assurance: 'high',
    under: under === undefined ? null : uuid(under),
    issues: issues.map((credential) => ({ credential, since: on(0) })),
    rights: [],
    passes: passes && { issues: ['Licence'], rights: [], assurance: 'high', depth: 3, ...passes },
    validFrom: on(0),
    validUntil: on(365),
    proof,
    ...change,
  }
}

export function v1({ id = 1, by, to, in: where = 'JP', issues = ['Licence'] }: Wish, change: Change<Accreditation> = {}): Accreditation {
  return {
    type: 'Accreditation',
    version: 1,
    id: uuid(id),
    issuer: did(by),
    subject: did(to),
    jurisdiction: place(where),
    sector: 'public',
    assurance: 'high',
    issues: [...issues],
    validFrom: on(0),
    validUntil: on(365),
    proof,
    ...change,
  }
}

export function saidBy(name: string, jurisdictions: readonly string[], change: Partial<TrustAnchor> = {}): TrustAnchor {
  return {
    type: 'TrustAnchor',
    version: 1,
    anchor: did(name),
    serial: 1,
    previous: null,
    jurisdictions: jurisdictions.map(place),
    name: { en: name },
    signers: [did(name)],
    quorum: 1,
    depth: 4,
    freshness: { connectedMinutes: 60, islandHours: 48 },
    validFrom: on(0),
    validUntil: on(365),
    proof,
    ...change,
  }
}

type Stops = SuspensionHead['entries'][number]['stops']

/** Signed on the tenth day; it may live as long as the anchor lets it. */
export function headBy(name: string, stops: readonly Stops[] = [], change: Partial<SuspensionHead> = {}): SuspensionHead {
  return {
    type: 'SuspensionHead',
    version: 1,
    anchor: did(name),
    serial: 1,
    at: on(10),
    validUntil: on(20),
    islandUntil: on(30),
    entries: stops.map((one, number) => ({ id: uuid(9000 + number), stops: one, since: on(9), by: did(name), reason: { en: 'for a reason' } })),
    proof,
    ...change,
  }
}

export const stopsAll = (name: string): Stops => ({ kind: 'participant', did: did(name), credentials: null })
export const stopsTypes = (name: string, ...credentials: string[]): Stops => ({ kind: 'participant', did: did(name), credentials })
export const stopsAccreditation = (id: number): Stops => ({ kind: 'accreditation', id: uuid(id) })
export const stopsAgreement = (id: number): Stops => ({ kind: 'agreement', id: uuid(id) })

/** An anchor that says nothing of itself. */
export function pin(name: string, jurisdictions: readonly string[], change: Partial<PinnedAnchor> = {}): PinnedAnchor {
  return { did: did(name), jurisdictions: jurisdictions.map(place), withoutAgreement: false, said: null, head: null, ...change }
}

/** One that says who it is, and what it has stopped. */
export function pinned(
  name: string,
  jurisdictions: readonly string[],
  { said = {}, head = {}, stops = [] }: { said?: Partial<TrustAnchor>; head?: Partial<SuspensionHead>; stops?: readonly Stops[] } = {},
): PinnedAnchor {
  return pin(name, jurisdictions, { said: stated(saidBy(name, jurisdictions, said)), head: stated(headBy(name, stops, head)) })
}

/** Between `jp` and `de`, which recognise each other's licences. */
export function pact(change: Partial<RecognitionAgreement> = {}, id = 100): RecognitionAgreement {
  const same = { low: 'low', substantial: 'substantial', high: 'high' } as const
  const one = { credentials: ['Licence'], purposes: '*', assurance: same, issuedFrom: null } as const
  const recognition = (of: string, by: string) => ({ ...one, of: place(of), by: place(by), credentials: [...one.credentials] })
  return {
    type: 'RecognitionAgreement',
    version: 1,
    id: uuid(id),
    serial: 1,
    previous: null,
    title: { en: 'on licences' },
    memorandum: null,
    parties: [
      { anchor: did('jp'), jurisdictions: [place('JP')] },
      { anchor: did('de'), jurisdictions: [place('DE')] },
    ],
    recognises: [recognition('JP', 'DE'), recognition('DE', 'JP')],
    admits: [place('JP'), place('DE')],
    validFrom: on(0),
    validUntil: on(365),
    proof,
    ...change,
  }
}

interface Documents {
  readonly anchors?: readonly PinnedAnchor[]
  readonly accreditations?: readonly AnyAccreditation[]
  readonly agreements?: readonly RecognitionAgreement[]
  readonly forked?: readonly LineName[]
}

/** With the anchors `jp` and `de` where none are given. */
export function statements({
  anchors = [pinned('jp', ['JP']), pinned('de', ['DE'])],
  accreditations = [],
  agreements = [],
  forked = [],
}: Documents): Statements {
  return { anchors, accreditations: accreditations.map(stated), agreements: agreements.map(stated), forked: new Set(forked) }
}

export function framework(documents: Documents): Framework {
  return new Framework(statements(documents))
}
