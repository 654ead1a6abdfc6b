/** Documents of two jurisdictions and the agreement between them, unsigned: what is decided by them has its signatures counted before. */
import { type Did, type Digest, type Instant, instant, type Jurisdiction } from '../ids.ts'
import type { AccreditationV2, AnyAccreditation } from './accreditation.ts'
import type { RecognitionAgreement } from './agreement.ts'
import type { TrustAnchor } from './anchor.ts'
import type { LineName } from './document.ts'
import { Framework, type PinnedAnchor, type Stated } from './framework.ts'
import { statementDigest } from './proof.ts'
import type { Registry } from './registry.ts'
import type { Stopped, SuspensionHead } from './suspension.ts'

export const nowMs = Date.UTC(2026, 9, 1, 9)
export const dayMs = 86_400_000
export const at = (days: number): Instant => instant(nowMs + days * dayMs)

const did = (name: string) => `did:web:${name}.example` as Did
export const jp = did('anchor-jp')
export const de = did('anchor-de')
export const fr = did('anchor-fr')
export const registrar = did('houmukyoku')
export const handelsregister = did('handelsregister')
export const shop = did('shop-jp')
export const JP = 'JP' as Jurisdiction
export const DE = 'DE' as Jurisdiction
export const EU = 'EU' as Jurisdiction
export const FR = 'FR' as Jurisdiction
export const registration = 'BusinessRegistrationCredential'

const uuid = (number: number) => `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
export const agreementId = uuid(100)

export function stated<Document extends object>(document: Document): Stated<Document> {
  return { document, digest: statementDigest(document) as Digest }
}

export function anchorDocument(anchor: Did, jurisdictions: readonly Jurisdiction[]): TrustAnchor {
  return {
    type: 'TrustAnchor',
    version: 1,
    anchor,
    serial: 1,
    previous: null,
    jurisdictions: [...jurisdictions],
    name: { en: anchor },
    signers: [anchor],
    quorum: 1,
    depth: 2,
    freshness: { connectedMinutes: 60, islandHours: 48 },
    validFrom: at(-100),
    validUntil: at(300),
    proof: [],
  }
}

export function headDocument(anchor: Did, stops: readonly Stopped[], own: Partial<SuspensionHead> = {}): SuspensionHead {
  const entries = stops.map((one, number) => ({ id: uuid(500 + number), stops: one, since: at(-1), by: anchor, reason: { en: 'a test' } }))
  return {
    type: 'SuspensionHead',
    version: 1,
    anchor,
    serial: 1,
    at: instant(nowMs - 60_000),
    validUntil: instant(nowMs + 30 * 60_000),
    islandUntil: at(2),
    entries,
    proof: [],
    ...own,
  }
}

export function pinned(
  did: Did,
  jurisdictions: readonly Jurisdiction[],
  own: Partial<PinnedAnchor> & { readonly stops?: readonly Stopped[] } = {},
): PinnedAnchor {
  const { stops = [], ...rest } = own
  return { did, jurisdictions, withoutAgreement: false, said: stated(anchorDocument(did, jurisdictions)), head: stated(headDocument(did, stops)), ...rest }
}

export function accreditation(own: Partial<AccreditationV2> & Pick<AccreditationV2, 'issuer' | 'subject' | 'jurisdiction'>): AccreditationV2 {
  return {
    type: 'Accreditation',
    version: 2,
    id: uuid([...own.subject].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1e9, 7)),
    serial: 1,
    sector: 'public',
    assurance: 'high',
    under: null,
    issues: [],
    rights: [],
    passes: null,
    validFrom: at(-10),
    validUntil: at(100),
    proof: [],
    ...own,
  }
}

export function agreement(own: Partial<RecognitionAgreement> = {}): RecognitionAgreement {
  return {
    type: 'RecognitionAgreement',
    version: 1,
    id: agreementId,
    serial: 1,
    previous: null,
    title: { en: 'Memorandum on business registers' },
    memorandum: null,
    parties: [
      { anchor: jp, jurisdictions: [JP] },
      { anchor: de, jurisdictions: [DE, EU] },
    ],
    recognises: [
      { of: DE, by: JP, credentials: [registration], purposes: '*', assurance: { low: null, substantial: 'low', high: 'substantial' }, issuedFrom: at(-50) },
      {
        of: JP,
        by: DE,
        credentials: [registration],
        purposes: ['trade.supplier-verification'],
        assurance: { low: null, substantial: null, high: 'high' },
        issuedFrom: null,
      },
    ],
    admits: [DE],
    validFrom: at(-10),
    validUntil: at(50),
    proof: [],
    ...own,
  }
}

export const registrarsPaper = accreditation({ issuer: jp, subject: registrar, jurisdiction: JP, issues: [{ credential: registration, since: at(-5) }] })
export const shopsPaper = accreditation({
  issuer: jp,
  subject: shop,
  jurisdiction: JP,
  sector: 'private',
  rights: [
    { act: 'request', credentials: [registration], purposes: ['trade.supplier-verification'], counterparties: { dids: [], jurisdictions: [DE] } },
    { act: 'provide', credentials: '*', purposes: '*', counterparties: '*' },
  ],
})
const handelsregistersPaper = accreditation({ issuer: de, subject: handelsregister, jurisdiction: DE, issues: [{ credential: registration, since: at(-60) }] })

export interface World {
  readonly anchors?: readonly PinnedAnchor[]
  readonly accreditations?: readonly AnyAccreditation[]
  readonly agreements?: readonly RecognitionAgreement[]
  readonly forked?: ReadonlySet<LineName>
  readonly atMs?: number
  readonly island?: boolean
}

/** Japan and Germany with an agreement; France is pinned and has none. */
export function registryOf(world: World = {}): Registry {
  const { atMs = nowMs, island = false, forked = new Set() } = world
  const anchors = world.anchors ?? [pinned(jp, [JP]), pinned(de, [DE, EU]), pinned(fr, [FR])]
  const agreements = (world.agreements ?? [agreement()]).map(stated)
  const accreditations = (world.accreditations ?? [registrarsPaper, shopsPaper, handelsregistersPaper]).map(stated)
  return {
    framework: new Framework({ anchors, agreements, accreditations, forked }),
    when: () => ({ nowMs: atMs, island }),
    between: () => ({ anchors, agreements, forked }),
    accreditations: () => accreditations,
  }
}
