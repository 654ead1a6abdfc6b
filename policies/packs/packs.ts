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
import { type Digest, Instant, Jurisdiction } from '#protocols/ids.ts'
import legalJson from './legal.json' with { type: 'json' }
import vocabularyJson from './vocabulary.json' with { type: 'json' }

/** Lower-case words joined by `.`, `-` or `+`. */
export const Term = z
  .string()
  .max(96)
  .regex(/^[a-z0-9]+(?:[.+-][a-z0-9]+)*$/)
const text = z.string().max(2048)
const Label = z.strictObject({ en: text, ja: text })
const Entry = z.strictObject({ id: Term, iri: z.string().max(256), label: Label })
const entries = z.array(Entry).max(1024)

export const Vocabulary = z.strictObject({
  format: z.literal('dfft-vocabulary/1'),
  version: text,
  namespace: text,
  note: text,
  credentials: z.array(z.strictObject({ ...Entry.shape, id: z.string().regex(/^[A-Z][A-Za-z0-9]{2,63}$/) })).max(256),
  purposes: entries,
  /** A category may have several parents; see `covers` and `touches`. */
  categories: z.array(z.strictObject({ ...Entry.shape, parents: z.array(Term).max(8) })).max(4096),
  legalBases: entries,
  transferTools: entries,
  evidence: entries,
  certifications: entries,
  dataFlags: entries,
  counters: entries,
  supplementaryRules: entries,
})
export type Vocabulary = z.infer<typeof Vocabulary>

const Sector = z.enum(['public', 'private'])
const GroupId = z
  .string()
  .max(64)
  .regex(/^[A-Z][A-Z0-9-]*$/)

const Group = z.strictObject({
  id: GroupId,
  name: Label,
  /** A scheme (certification, mutual recognition) permits nothing by its membership alone. */
  scheme: z.boolean(),
  members: z
    .array(
      z.strictObject({
        code: Jurisdiction,
        /** Part of the jurisdiction only: such a member never stands for the whole. */
        subdivision: text.optional(),
        from: Instant.optional(),
        /** Exclusive. */
        until: Instant.optional(),
        note: text.optional(),
        source: text.optional(),
        confidence: text.optional(),
        uncertain: z.boolean().optional(),
      }),
    )
    .max(512),
  asOf: text.optional(),
  source: text,
  confidence: text,
  note: text.optional(),
  warning: text.optional(),
  uncertain: z.boolean(),
})

export const Relation = z.strictObject({
  id: Term,
  kind: Term,
  /** False for what is recorded but permits nothing: trade agreements, known absences. */
  tool: z.boolean(),
  from: GroupId,
  to: GroupId,
  instrument: text,
  /** Null where the source does not say since when; then it counts as in force before every date. */
  validFrom: Instant.nullable(),
  /** Exclusive. */
  validUntil: Instant.optional(),
  recipientSector: z.array(Sector).max(2).optional(),
  exporterSector: z.array(Sector).max(2).optional(),
  certification: Term.optional(),
  excludedData: z.array(Term).max(64).optional(),
  excludedPurposes: z.array(Term).max(64).optional(),
  /** Why the entry is read more narrowly than its source. */
  narrowed: text.optional(),
  scopeAsRead: z.record(z.string(), z.unknown()).optional(),
  source: z.array(text).max(16),
  confidence: text,
  uncertain: z.boolean(),
  note: text.optional(),
  litigation: text.optional(),
})
export type Relation = z.infer<typeof Relation>

export const LegalPack = z.strictObject({
  format: z.literal('dfft-legal/1'),
  version: text,
  disclaimer: text,
  newestSourceSeen: text,
  jurisdictions: z.record(Jurisdiction, Label),
  groups: z.array(Group).max(256),
  relations: z.array(Relation).max(4096),
  laws: z.array(z.strictObject({ id: text, jurisdiction: Jurisdiction, name: Label, validFrom: Instant.optional(), confidence: text })).max(1024),
  /** For people: how each jurisdiction's transfer law is built. No rule reads it. */
  regimes: z.array(z.record(z.string(), z.unknown())).max(256),
  sources: z.record(z.string(), z.strictObject({ url: text.nullable(), title: text, date: text.nullable(), read: text.nullable() })),
})
export type LegalPack = z.infer<typeof LegalPack>

export interface Packs {
  readonly vocabulary: Vocabulary
  readonly legal: LegalPack
  readonly digests: { readonly vocabulary: Digest; readonly legal: Digest }
  /** The words of each kind. */
  readonly terms: Readonly<Record<TermKind, ReadonlySet<string>>>
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

/** Packs from their JSON. @throws {TrustError} DFFT_SCHEMA */
export function readPacks(vocabularyValue: unknown, legalValue: unknown): Packs {
  const vocabulary = parse(vocabularyValue, Vocabulary)
  const legal = parse(legalValue, LegalPack)
  const parents = new Map(vocabulary.categories.map(({ id, parents }) => [id, parents]))
  return {
    vocabulary,
    legal,
    digests: { vocabulary: digestOf(vocabularyValue), legal: digestOf(legalValue) },
    terms: {
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
      jurisdiction: new Set(Object.keys(legal.jurisdictions)),
      group: ids(legal.groups),
      relation: new Set(legal.relations.filter(({ tool }) => tool).map(({ kind }) => kind)),
      sector: new Set(Sector.options),
    },
    parents,
    changes: changesOf(legal),
    above: new Map([...parents.keys()].map((id) => [id, ancestors(id, parents)])),
  }
}

/** The packs this version of the software ships. */
export const shippedPacks: Packs = readPacks(vocabularyJson, legalJson)

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

function ancestors(id: string, parents: ReadonlyMap<string, readonly string[]>, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(id)) return found
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
