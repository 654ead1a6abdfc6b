/**
 * What IRIs mean in our words, as an argument of import: the default is made from the packs, and another one (for the terms of a
 * partner, or of a published suite) is made by adding to it. An IRI that is not in it has no meaning here, and is refused.
 */
import type { Packs } from '../packs/packs.ts'
import type { Obligation, Place, Require } from '../policy.ts'
import { dfft, odrl, placeIri } from './names.ts'

export type Direction = 'export' | 'import'
export type PlaceEntry = Extract<Place, readonly unknown[]>[number]

export interface ActionMeaning {
  /** A rule on it becomes one of each. */
  readonly directions: readonly Direction[]
  /** The purposes it stands for; without them it is any. */
  readonly purposes?: readonly string[]
}

/** A duty of a permission: what the recipient owes, and what is asked before. */
export interface DutyMeaning {
  readonly obligations: readonly Obligation[]
  readonly require?: Require
}

export type AssetMeaning = { readonly data: string } | { readonly credential: string }
export type RecipientMeaning = { readonly sector: 'public' | 'private' } | { readonly certification: string }

export interface OdrlMapping {
  readonly actions: ReadonlyMap<string, ActionMeaning>
  /** A rule without an action, which ODRL does not have; refused where this is left out. */
  readonly noAction?: ActionMeaning
  /** Duties whose action alone says all. Those with a time, a place or a purpose are known without the mapping. */
  readonly duties: ReadonlyMap<string, DutyMeaning>
  readonly assets: ReadonlyMap<string, AssetMeaning>
  /** Parties by name, and what the operand `recipient` may hold. */
  readonly recipients: ReadonlyMap<string, RecipientMeaning>
  readonly places: ReadonlyMap<string, PlaceEntry>
  readonly words: Readonly<Record<WordKind, ReadonlyMap<string, string>>>
}

export const wordKinds = ['purpose', 'legalBasis', 'transferTool', 'evidence', 'certification', 'dataFlag', 'counter', 'supplementaryRule'] as const
export type WordKind = (typeof wordKinds)[number]

/** The IRI of each word of the packs, by kind. Of two words with one IRI both have one of our profile instead. */
export interface Names {
  readonly words: Readonly<Record<WordKind, ReadonlyMap<string, string>>>
  readonly credentials: ReadonlyMap<string, string>
  readonly categories: ReadonlyMap<string, string>
}

export const sectorIri = (sector: string) => dfft(`sector:${sector}`)
export const levelIri = (level: string) => dfft(`assurance:${level}`)

export function entryIri(entry: PlaceEntry): string {
  if (typeof entry === 'string') return placeIri(entry)
  return 'group' in entry ? dfft(`group:${entry.group}`) : dfft(`relation:${entry.relation}`)
}

export function namesOf({ vocabulary }: Packs): Names {
  return {
    words: {
      purpose: irisOf('purpose', vocabulary.purposes),
      legalBasis: irisOf('legalBasis', vocabulary.legalBases),
      transferTool: irisOf('transferTool', vocabulary.transferTools),
      evidence: irisOf('evidence', vocabulary.evidence),
      certification: irisOf('certification', vocabulary.certifications),
      dataFlag: irisOf('dataFlag', vocabulary.dataFlags),
      counter: irisOf('counter', vocabulary.counters),
      supplementaryRule: irisOf('supplementaryRule', vocabulary.supplementaryRules),
    },
    credentials: irisOf('credential', vocabulary.credentials),
    categories: irisOf('category', vocabulary.categories),
  }
}

function irisOf(kind: string, entries: readonly { readonly id: string; readonly iri: string }[]): ReadonlyMap<string, string> {
  const shared = (iri: string) => entries.filter((entry) => entry.iri === iri).length > 1
  return new Map(entries.map(({ id, iri }) => [id, shared(iri) ? dfft(`${kind}:${id}`) : iri]))
}

export function mappingOf(packs: Packs): OdrlMapping {
  const { words, credentials, categories } = namesOf(packs)
  const inverse = Object.fromEntries(wordKinds.map((kind) => [kind, turned(words[kind])])) as OdrlMapping['words'] // Of exactly these kinds.
  const certifications = [...inverse.certification].map(([iri, certification]) => [iri, { certification }] as const)
  const sectors = (['public', 'private'] as const).map((sector) => [sectorIri(sector), { sector }] as const)
  const entries: PlaceEntry[] = [
    ...codesOf(packs),
    ...[...packs.terms.group].map((group) => ({ group })),
    ...[...packs.terms.relation].map((relation) => ({ relation })),
  ]
  return {
    actions: new Map([
      // What is used is received, and to supply others is a use as well.
      [odrl('use'), { directions: ['export', 'import'] }],
      [odrl('distribute'), { directions: ['export'] }],
      [dfft('receive'), { directions: ['import'] }],
    ]),
    duties: new Map(),
    assets: new Map<string, AssetMeaning>([
      ...[...turned(credentials)].map(([iri, credential]) => [iri, { credential }] as const),
      ...[...turned(categories)].map(([iri, data]) => [iri, { data }] as const),
    ]),
    recipients: new Map<string, RecipientMeaning>([...certifications, ...sectors]),
    places: new Map(entries.map((entry) => [entryIri(entry), entry])),
    words: inverse,
  }
}

function codesOf({ legal }: Packs): Extract<PlaceEntry, string>[] {
  return Object.keys(legal.jurisdictions) as Extract<PlaceEntry, string>[] // Keys of a record that the schema has read as jurisdictions.
}

function turned(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...names].map(([word, iri]) => [iri, word]))
}
