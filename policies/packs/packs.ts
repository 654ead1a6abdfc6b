/**
 * Vocabulary and dated law, as data with a digest.
 *
 * The vocabulary says which words a rule may use; the legal pack says which jurisdiction belongs to which group and
 * which legal relation held on which day, with source and confidence of each entry. A policy names both by digest, so
 * that nobody can change what a signed rule means by changing a pack.
 */
import { z } from 'zod'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import type { Digest } from '#protocols/ids.ts'
import dpvJson from './dpv.json' with { type: 'json' }
import extensionJson from './extension.json' with { type: 'json' }
import legalJson from './legal.json' with { type: 'json' }
import { LegalDocument, type LegalPack, readLegal, Sector } from './legal-pack.ts'
import { Numbers } from './numbers.ts'
import { readVocabulary, type Vocabulary, VocabularyDocument } from './vocabulary-pack.ts'

export type Relation = LegalPack['relations'][number]

export interface Packs {
  readonly vocabulary: Vocabulary
  readonly legal: LegalPack
  readonly digests: { readonly vocabulary: Digest; readonly legal: Digest }
  /** What these were read from, by digest: as it is kept and handed on. */
  readonly documents: ReadonlyMap<Digest, unknown>
  /** The words of each kind. */
  readonly terms: Readonly<Record<TermKind, ReadonlySet<string>>>
  /** Their numbers, for those that a question is asked with. */
  readonly numbers: Readonly<Record<QuestionKind, Numbers>>
  /** A category and all that stand above it. */
  readonly above: ReadonlyMap<string, ReadonlySet<string>>
  readonly parents: ReadonlyMap<string, readonly string[]>
  /** Every instant at which a group or a relation changes, sorted. */
  readonly changes: readonly string[]
}

export type TermKind =
  | 'credential'
  | 'purpose'
  | 'category'
  | 'legalBasis'
  | 'transferTool'
  | 'evidence'
  | 'certification'
  | 'dataFlag'
  | 'counter'
  | 'supplementaryRule'
  | 'jurisdiction'
  | 'group'
  | 'relation'
  | 'sector'

/** Kinds of which a question says words. */
export const questionKinds = [
  'credential',
  'purpose',
  'category',
  'legalBasis',
  'transferTool',
  'evidence',
  'certification',
  'dataFlag',
  'jurisdiction',
  'sector',
] as const satisfies readonly TermKind[]
export type QuestionKind = (typeof questionKinds)[number]

/**
 * Packs from their JSON, of this version of the software or of an earlier one.
 *
 * @param vocabularyValue `{ dpv, extension }`, or the one document of an earlier version
 * @throws {TrustError} DFFT_SCHEMA, naming the entry
 */
export function readPacks(vocabularyValue: unknown, legalValue: unknown): Packs {
  const { vocabulary, digest } = readVocabulary(vocabularyValue)
  const words = wordsOf(vocabulary)
  const legal = readLegal(legalValue, words)
  const parents = new Map(vocabulary.categories.map(({ id, parents }) => [id, parents]))
  const terms = {
    ...words,
    jurisdiction: new Set(Object.keys(legal.jurisdictions)),
    group: ids(legal.groups),
    relation: ids(legal.kinds.filter(({ tool }) => tool)),
    sector: new Set(Sector.options),
  }
  return {
    vocabulary,
    legal,
    digests: { vocabulary: digest, legal: digestOf(legalValue) },
    documents: new Map([...documentsOf(vocabularyValue), legalValue].map((value) => [digestOf(value), value])),
    terms,
    numbers: Object.fromEntries(questionKinds.map((kind) => [kind, new Numbers(terms[kind])])) as Packs['numbers'], // These are its keys.
    parents,
    changes: changesOf(legal),
    above: new Map([...parents.keys()].map((id) => [id, ancestors(id, parents)])),
  }
}

function documentsOf(vocabularyValue: unknown): unknown[] {
  const { dpv, extension } = vocabularyValue as { readonly dpv?: unknown; readonly extension?: unknown } // It was read as one of both forms.
  return extension === undefined ? [vocabularyValue] : [dpv, extension]
}

/**
 * The packs under two digests, from documents that are held one by one.
 *
 * @param held by digest; it throws for one that is not there
 */
export function assemblePacks({ vocabulary, legal }: Packs['digests'], held: (digest: Digest, what: 'vocabulary' | 'legal') => unknown): Packs {
  const extension = held(vocabulary, 'vocabulary')
  const beside = VocabularyDocument.safeParse(extension).data
  return readPacks(beside?.format === 'dfft-vocabulary/2' ? { dpv: held(beside.dpv, 'vocabulary'), extension } : extension, held(legal, 'legal'))
}

/** A document of a pack by its schema, before it is kept. @throws {TrustError} DFFT_SCHEMA */
export function checkPackDocument(value: unknown): void {
  parse(value, z.union([VocabularyDocument, LegalDocument]))
}

/** The packs this version of the software ships. */
export const shippedPacks: Packs = readPacks({ dpv: dpvJson, extension: extensionJson }, legalJson)

function wordsOf(vocabulary: Vocabulary) {
  return {
    credential: ids(vocabulary.credentials),
    purpose: ids(vocabulary.purposes),
    category: ids(vocabulary.categories),
    legalBasis: ids(vocabulary.legalBases),
    transferTool: ids(vocabulary.transferTools),
    evidence: ids(vocabulary.evidence),
    certification: ids(vocabulary.certifications),
    dataFlag: ids(vocabulary.dataFlags),
    counter: ids(vocabulary.counters),
    supplementaryRule: ids(vocabulary.supplementaryRules),
  }
}

/** Every instant at which a group or a relation changes, sorted: between two of them places stay as they are. */
function changesOf(legal: LegalPack): string[] {
  const members = legal.groups.flatMap((group) => group.members.flatMap(({ from, until }) => [from, until]))
  const relations = legal.relations.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil])
  const instants = new Set([...members, ...relations].filter((instant) => typeof instant === 'string'))
  return [...instants].sort()
}

function ids(list: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(list.map(({ id }) => id))
}

/** There are no cycles: `readVocabulary` refuses them. */
function ancestors(id: string, parents: ReadonlyMap<string, readonly string[]>, found = new Set<string>()): ReadonlySet<string> {
  found.add(id)
  for (const parent of parents.get(id) ?? []) ancestors(parent, parents, found)
  return found
}

/**
 * Whether a permit that lists `listed` covers `category`: the category itself is listed, or every one of its parents
 * is covered. Under one parent of two it is not: a permit for registrations does not release the representatives in
 * them, who are personal data as well.
 */
export function covers(packs: Packs, listed: ReadonlySet<string>, category: string): boolean {
  if (listed.has(category)) return packs.terms.category.has(category)
  const parents = packs.parents.get(category)
  return parents !== undefined && parents.length > 0 && parents.every((parent) => covers(packs, listed, parent))
}

/** Whether a deny or a duty that lists `listed` concerns `category`: one stands above the other, or the category is unknown. */
export function touches(packs: Packs, listed: ReadonlySet<string>, category: string): boolean {
  const above = packs.above.get(category)
  if (!above) return true
  for (const term of listed) if (above.has(term) || packs.above.get(term)?.has(category)) return true
  return false
}
