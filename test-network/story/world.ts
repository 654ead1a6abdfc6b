/** Where every story begins: twelve jurisdictions, forty agreements between them, two hundred issuers; and four nodes that know them all. */
import { type Did, instant, type Jurisdiction } from '#protocols/ids.ts'
import { type Accreditation, type AccreditationV2, type AnyAccreditation, type Assurance, assuranceLevels } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import type { TrustAnchor } from '#protocols/trust/anchor.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type { SuspensionHead } from '#protocols/trust/suspension.ts'
import { ManualClock } from '../manual-clock.ts'
import { Seeded } from '../seeded.ts'
import { Keyring, type KeyringState } from './keyring.ts'
import { type Place, RelyingNode, type Stopped } from './relying-node.ts'

export const places = ['JP', 'DE', 'FR', 'US', 'GB', 'KR', 'SG', 'AU', 'CA', 'BR', 'IN', 'CH'] as Jurisdiction[]
export const types = ['Licence', 'Diploma', 'Registration', 'Permit']
export const beginMs = Date.UTC(2026, 2, 1)
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
const issuersInAll = 200
const agreementsInAll = 40

/** An anchor as it is in truth, whatever anybody has heard. */
export interface Anchor {
  readonly place: Jurisdiction
  readonly did: Did
  readonly signers: readonly Did[]
  readonly quorum: number
  /** Null: it is a pin and promises nothing. */
  readonly statement: TrustAnchor | null
  readonly head: SuspensionHead | null
}

/** All that a story changes; a copy is a beginning. */
export interface Truth {
  readonly anchors: Anchor[]
  /** The newest of each line, by id. */
  readonly accreditations: Map<string, AnyAccreditation>
  readonly agreements: Map<string, RecognitionAgreement>
  readonly issuers: readonly Did[]
  readonly published: TrustDocument[]
}

export interface Beginning {
  readonly truth: Truth
  readonly keys: KeyringState
  readonly nodes: readonly { readonly place: Place; readonly stopped: Stopped }[]
}

export function copyOf({ anchors, accreditations, agreements, issuers, published }: Truth): Truth {
  return { anchors: [...anchors], accreditations: new Map(accreditations), agreements: new Map(agreements), issuers, published: [...published] }
}

export function uuid(chance: Seeded): string {
  const hex = Buffer.from(chance.bytes(16)).toString('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** @param variant an odd one has anchors with a did:webvh, whose keys rotate */
export async function beginning(variant: number): Promise<Beginning> {
  const chance = new Seeded('story world', variant)
  const clock = new ManualClock(beginMs)
  const keyring = new Keyring(chance, clock)
  const truth: Truth = { anchors: [], accreditations: new Map(), agreements: new Map(), issuers: [], published: [] }
  for (const place of places) truth.anchors.push(await newAnchor({ place, variant, keyring, chance }))
  await clock.advance(minute)
  await accredit(truth, { variant, keyring, chance })
  for (const [one, other] of pairs(truth.anchors, chance)) {
    const agreement = await newAgreement(one, other, { keyring, chance })
    truth.agreements.set(agreement.id, agreement)
  }
  truth.published.push(
    ...truth.anchors.flatMap(({ statement, head }) => [statement, head].flatMap((one) => one ?? [])),
    ...truth.accreditations.values(),
    ...truth.agreements.values(),
  )
  const heard = new Map<string, Stopped>()
  const nodes: { place: Place; stopped: Stopped }[] = []
  for (const place of relyingPlaces(truth.anchors)) {
    // Who pins the same anchors keeps the same documents.
    const pins = place.pins.map(({ did }) => did).join(' ')
    const stopped = heard.get(pins) ?? (await told(place, truth.published, keyring, clock.nowMs()))
    heard.set(pins, stopped)
    nodes.push({ place, stopped })
  }
  return { truth, keys: keyring.state(), nodes }
}

async function told(place: Place, documents: readonly TrustDocument[], keyring: Keyring, nowMs: number): Promise<Stopped> {
  const node = await RelyingNode.open(place, nowMs, keyring)
  for (const { did } of keyring.logs) await node.learnLog(did)
  for (const document of documents) {
    const { said, expected } = await node.learn(document)
    if (said !== expected) throw new Error(`at the beginning ${place.name} says ${said} and the checker ${expected} of ${document.type}`)
  }
  return node.stop()
}

interface Making {
  readonly keyring: Keyring
  readonly chance: Seeded
}

async function newAnchor({ place, variant, keyring, chance }: Making & { place: Jurisdiction; variant: number }): Promise<Anchor> {
  const at = places.indexOf(place)
  const did = variant % 2 === 1 && at < 6 ? await keyring.logged(`anchor.${place.toLowerCase()}.example`) : keyring.fixed('anchor', variant, place)
  const several = at % 3 === 1
  const signers = several ? [did, keyring.fixed('signer', variant, place, 1), keyring.fixed('signer', variant, place, 2)] : [did]
  const bare: Anchor = { place, did, signers, quorum: several ? 2 : 1, statement: null, head: null }
  if (at >= 10) return { ...bare, signers: [did], quorum: 1 }
  const statement = await statementOf(bare, {}, keyring, beginMs, chance)
  return { ...bare, statement, head: await headOf({ ...bare, statement }, [], keyring, beginMs + minute) }
}

/** The next statement of an anchor about itself, signed by all its signers. */
export async function statementOf(anchor: Anchor, change: Partial<TrustAnchor>, keyring: Keyring, atMs: number, chance: Seeded): Promise<TrustAnchor> {
  const { place, did, signers, quorum } = anchor
  const said = {
    type: 'TrustAnchor' as const,
    version: 1 as const,
    anchor: did,
    serial: 1,
    previous: null,
    jurisdictions: [place],
    name: { en: `Anchor of ${place}` },
    signers: [...signers],
    quorum,
    depth: chance.between(1, 4),
    freshness: { connectedMinutes: 240, islandHours: 24 },
    validFrom: instant(atMs),
    validUntil: instant(atMs + 365 * day),
    ...change,
  }
  return keyring.signed<TrustAnchor>(said, [...new Set([did, ...signers, ...said.signers])], atMs)
}

export async function headOf(anchor: Anchor, entries: SuspensionHead['entries'], keyring: Keyring, atMs: number, by?: readonly Did[]): Promise<SuspensionHead> {
  const head = {
    type: 'SuspensionHead' as const,
    version: 1 as const,
    anchor: anchor.did,
    serial: (anchor.head?.serial ?? 0) + 1,
    at: instant(atMs),
    validUntil: instant(atMs + 5 * hour),
    islandUntil: instant(atMs + 20 * hour),
    entries,
  }
  return keyring.signed<SuspensionHead>(head, by ?? anchor.signers.slice(0, anchor.quorum), atMs)
}

/** Two accreditors under each anchor that lets others accredit, one below the first; and the issuers, wherever chance puts them. */
async function accredit(truth: Truth, { variant, keyring, chance }: Making & { variant: number }): Promise<void> {
  const issuers: Did[] = []
  const put = (one: AnyAccreditation) => truth.accreditations.set(one.id, one)
  const accreditors = new Map<Jurisdiction, AccreditationV2[]>()
  for (const anchor of truth.anchors.filter(({ statement }) => statement)) {
    const one = await accreditation(anchor, { to: keyring.fixed('accreditor', variant, anchor.place, 1), depth: 2 }, { keyring, chance })
    const other = await accreditation(anchor, { to: keyring.fixed('accreditor', variant, anchor.place, 2), depth: 0 }, { keyring, chance })
    const below = await accreditation(anchor, { to: keyring.fixed('accreditor', variant, anchor.place, 3), depth: 1, under: one }, { keyring, chance })
    accreditors.set(anchor.place, [one, other, below])
    for (const each of [one, other, below]) put(each)
  }
  for (let number = 0; number < issuersInAll; number++) {
    const anchor = truth.anchors[number % truth.anchors.length] as Anchor // In bounds.
    const to = keyring.fixed('issuer', variant, number)
    issuers.push(to)
    const above = accreditors.get(anchor.place)
    if (anchor.quorum === 1 && chance.chance(0.15)) put(await firstVersion(anchor, to, { keyring, chance }))
    else put(await accreditation(anchor, { to, ...(above && chance.chance(0.6) && { under: chance.pick(above) }) }, { keyring, chance }))
  }
  Object.assign(truth, { issuers })
}

export interface Wish {
  readonly to: Did
  /** Of accreditors: how many may stand below. */
  readonly depth?: number
  readonly under?: AccreditationV2
  readonly change?: Partial<AccreditationV2>
  readonly atMs?: number
}

export async function accreditation(
  anchor: Anchor,
  { to, depth, under, change, atMs = beginMs + minute }: Wish,
  { keyring, chance }: Making,
): Promise<AccreditationV2> {
  const may = under?.passes?.issues ?? types
  const known = under?.passes?.assurance ?? 'high'
  const assurance = chance.pick(assuranceLevels.slice(0, assuranceLevels.indexOf(known) + 1))
  const issues = may.filter(() => chance.chance(0.85))
  const said = {
    type: 'Accreditation' as const,
    version: 2 as const,
    id: uuid(chance),
    serial: 1,
    issuer: under?.subject ?? anchor.did,
    subject: to,
    jurisdiction: anchor.place,
    sector: chance.pick(['public', 'private'] as const),
    assurance,
    under: under?.id ?? null,
    issues: issues.map((credential) => ({ credential, since: instant(beginMs - chance.between(0, 9) ** 2 * 5 * day) })),
    rights: [],
    passes: depth === undefined ? null : { issues: [...may], rights: [], assurance: under ? known : ('high' as Assurance), depth },
    // Who accredits has been accredited for longer than anybody has issued anything.
    validFrom: instant(depth === undefined ? atMs : beginMs - 450 * day),
    validUntil: instant(depth === undefined && chance.chance(0.1) ? atMs + chance.between(2, 20) * hour : atMs + 300 * day),
    ...change,
  }
  return keyring.signed<AccreditationV2>(said, under ? [under.subject] : anchor.signers.slice(0, anchor.quorum), atMs)
}

export function firstVersion(anchor: Anchor, to: Did, { keyring, chance }: Making, atMs = beginMs + minute): Promise<Accreditation> {
  const said = {
    type: 'Accreditation' as const,
    version: 1 as const,
    id: uuid(chance),
    issuer: anchor.did,
    subject: to,
    jurisdiction: anchor.place,
    sector: 'public' as const,
    assurance: chance.pick(assuranceLevels),
    issues: types.filter(() => chance.chance(0.85)),
    validFrom: instant(atMs),
    validUntil: instant(atMs + 300 * day),
  }
  return keyring.signed<Accreditation>(said, [anchor.did], atMs)
}

function pairs(anchors: readonly Anchor[], chance: Seeded): readonly (readonly [Anchor, Anchor])[] {
  const all = anchors.flatMap((one, at) => anchors.slice(at + 1).map((other) => ({ pair: [one, other] as const, turn: chance.between(0, 1 << 30) })))
  return all
    .sort((one, other) => one.turn - other.turn)
    .slice(0, agreementsInAll)
    .map(({ pair }) => pair)
}

export async function newAgreement(
  one: Anchor,
  other: Anchor,
  { keyring, chance }: Making,
  { change = {}, by, atMs = beginMs + minute }: { change?: Partial<RecognitionAgreement>; by?: readonly Did[]; atMs?: number } = {},
): Promise<RecognitionAgreement> {
  const recognition = (of: Jurisdiction, to: Jurisdiction) => ({
    of,
    by: to,
    credentials: [types[0] as string, ...types.slice(1).filter(() => chance.chance(0.7))],
    purposes: chance.chance(0.7) ? ('*' as const) : ['customs'],
    assurance: {
      low: chance.chance(0.6) ? ('low' as const) : null,
      substantial: chance.pick(['low', 'substantial'] as const),
      high: chance.pick(['substantial', 'high'] as const),
    },
    issuedFrom: chance.chance(0.8) ? null : instant(beginMs - chance.between(0, 100) * day),
  })
  const said = {
    type: 'RecognitionAgreement' as const,
    version: 1 as const,
    id: uuid(chance),
    serial: 1,
    previous: null,
    title: { en: `${one.place} and ${other.place}` },
    memorandum: null,
    parties: [one, other].map(({ did, place }) => ({ anchor: did, jurisdictions: [place] })) as RecognitionAgreement['parties'],
    recognises: [recognition(one.place, other.place), recognition(other.place, one.place)],
    admits: [one.place, other.place],
    validFrom: instant(atMs),
    validUntil: instant(chance.chance(0.15) ? atMs + chance.between(2, 20) * hour : atMs + 300 * day),
    ...change,
  }
  return keyring.signed<RecognitionAgreement>(said, by ?? [one, other].flatMap(({ signers, quorum }) => signers.slice(0, quorum)), atMs)
}

/** One pins them all; one leaves one out; one has the operator's word for one; one sits where the anchor is but a pin. */
function relyingPlaces(anchors: readonly Anchor[]): readonly Place[] {
  const pins = (own: number, none: number) =>
    anchors.filter((_, at) => at !== none).map(({ did, place }, at) => ({ did, jurisdictions: [place], withoutAgreement: at === own }))
  const at = (number: number) => places[number] as Jurisdiction // In bounds.
  return [
    { name: 'Tokyo', by: at(0), pins: pins(-1, -1) },
    { name: 'Bonn', by: at(1), pins: pins(-1, 8) },
    { name: 'Washington', by: at(3), pins: pins(5, -1) },
    { name: 'Delhi', by: at(10), pins: pins(-1, -1) },
  ]
}
