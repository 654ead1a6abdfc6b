/**
 * The dated law: which jurisdiction belongs to which group, which legal relation held on which day and how far, how
 * each jurisdiction's law of transfers is built, and the laws that policies cite. Each entry keeps its source and how
 * far it is to be believed.
 */
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Instant, Jurisdiction } from '#protocols/ids.ts'
import { Label, refuseCycles, refuseTwice, Term, text } from './vocabulary-pack.ts'

export const Sector = z.enum(['public', 'private'])
const GroupId = z
  .string()
  .max(64)
  .regex(/^[A-Z][A-Z0-9-]*$/)

const Member = z.strictObject({
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
})

const Group = z.strictObject({
  id: GroupId,
  name: Label,
  /** A scheme (certification, mutual recognition) permits nothing by its membership alone. */
  scheme: z.boolean(),
  members: z.array(Member).max(512),
  asOf: text.optional(),
  source: text,
  confidence: text,
  note: text.optional(),
  warning: text.optional(),
  uncertain: z.boolean(),
})

const Kind = z.strictObject({
  id: Term,
  /** False for what is recorded but permits nothing: trade agreements, known absences. */
  tool: z.boolean(),
  label: Label,
})

const Relation = z.strictObject({
  id: Term,
  kind: Term,
  /** As its kind. */
  tool: z.boolean(),
  from: GroupId,
  to: GroupId,
  instrument: text,
  /** Null where the source does not say since when; then it counts as in force before every date. */
  validFrom: Instant.nullable(),
  /** Exclusive. */
  validUntil: Instant.optional(),
  /** Said of what is recorded and permits nothing; a tool holds one way only. */
  bidirectional: z.boolean().optional(),
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

const Law = z.strictObject({
  id: text,
  jurisdiction: Jurisdiction,
  name: Label,
  /** Where DPV names the law. */
  iri: z.string().max(256).optional(),
  validFrom: Instant.optional(),
  /** Exclusive. */
  validUntil: Instant.optional(),
  confidence: text,
})

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A way out of a closed regime, in the words of the source and in ours. */
const Tool = z.strictObject({
  text,
  relation: Term.optional(),
  transferTools: z.array(Term).max(16).optional(),
  certifications: z.array(Term).max(16).optional(),
})

const Threshold = z.strictObject({
  data: z.enum(['non-sensitive', 'sensitive', 'important', 'otherwise']),
  atLeast: count.optional(),
  below: count.optional(),
  /** Any of these transfer tools; empty where none is needed. */
  requires: z.array(Term).max(8),
})

/** How a jurisdiction's law of transfers is built. For people and for the analysis: no rule reads it. */
const Regime = z.strictObject({
  jurisdiction: Jurisdiction,
  law: text,
  model: z.enum(['default-closed', 'default-open', 'comparable-protection', 'threshold', 'localisation', 'targeted-deny']),
  tools: z.array(Tool).max(32),
  /** Of a regime that is open by default. */
  negativeList: z.array(Jurisdiction).max(300).optional(),
  thresholds: z.strictObject({ period: z.literal('calendar-year'), rules: z.array(Threshold).max(32) }).optional(),
  /** Of a regime that denies what it names. */
  denies: z.strictObject({ text, dataFlags: z.array(Term).max(16), to: GroupId }).optional(),
  validFrom: Instant.optional(),
  /** As the source says it: a day, or a month. */
  enforceableFrom: text.optional(),
  note: text.optional(),
  source: z.array(text).max(16),
  confidence: text,
  uncertain: z.boolean(),
})
export type Regime = z.infer<typeof Regime>

const common = {
  version: text,
  disclaimer: text,
  newestSourceSeen: text,
  jurisdictions: z.record(Jurisdiction, Label),
  groups: z.array(Group).max(256),
  relations: z.array(Relation).max(4096),
  laws: z.array(Law).max(1024),
  sources: z.record(z.string(), z.strictObject({ url: text.nullable(), title: text, date: text.nullable(), read: text.nullable() })),
}

const Current = z.strictObject({ format: z.literal('dfft-legal/2'), ...common, kinds: z.array(Kind).max(256), regimes: z.array(Regime).max(256) })
/** Before regimes were typed and kinds of relation were listed. */
const Earlier = z.strictObject({ format: z.literal('dfft-legal/1'), ...common, regimes: z.array(z.record(z.string(), z.unknown())).max(256) })

export const LegalDocument = z.discriminatedUnion('format', [Current, Earlier])
export type LegalPack = Omit<z.infer<typeof Current>, 'format'>

/** The words of the vocabulary that an entry of the law may name. */
interface Words {
  readonly category: ReadonlySet<string>
  readonly purpose: ReadonlySet<string>
  readonly certification: ReadonlySet<string>
  readonly transferTool: ReadonlySet<string>
  readonly dataFlag: ReadonlySet<string>
}

/** @throws {TrustError} DFFT_SCHEMA, naming the entry that stands twice, contains itself, or names what the packs do not have */
export function readLegal(value: unknown, words: Words): LegalPack {
  const legal = isEarlier(value) ? upgrade(parse(value, Earlier)) : parse(value, Current)
  refuseTwice('groups', legal.groups)
  refuseTwice('relations', legal.relations)
  refuseTwice('laws', legal.laws)
  refuseTwice('kinds', legal.kinds)
  refuseTwice(
    'regimes',
    legal.regimes.map(({ jurisdiction }) => ({ id: jurisdiction })),
  )
  refuseCycles('group', new Map(legal.groups.map(({ id, members }) => [id, members.map(({ code }) => code)])))
  for (const group of legal.groups) checkGroup(group, legal)
  for (const relation of legal.relations) checkRelation(relation, legal, words)
  for (const { id, jurisdiction, validFrom, validUntil } of legal.laws) {
    known(id, 'jurisdiction', [jurisdiction], Object.keys(legal.jurisdictions))
    checkSpan(id, validFrom, validUntil)
  }
  for (const regime of legal.regimes) checkRegime(regime, legal, words)
  return legal
}

function isEarlier(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 'dfft-legal/1'
}

/** Its regimes were free records that nothing read; its kinds are those its relations have. */
function upgrade({ format: _, regimes: __, ...rest }: z.infer<typeof Earlier>): LegalPack {
  const kinds = new Map(rest.relations.map(({ kind, tool }) => [kind, { id: kind, tool, label: { en: kind, ja: kind } }]))
  return { ...rest, kinds: [...kinds.values()], regimes: [] }
}

function checkGroup({ id, members, source }: LegalPack['groups'][number], { jurisdictions, sources }: LegalPack): void {
  known(id, 'source', [source], Object.keys(sources))
  for (const { code, from, until, source: own } of members) {
    known(id, 'jurisdiction', [code], Object.keys(jurisdictions))
    if (own !== undefined) known(id, 'source', [own], Object.keys(sources))
    checkSpan(id, from, until)
  }
}

function checkRelation(relation: Relation, { jurisdictions, groups, kinds, sources }: LegalPack, words: Words): void {
  const { id, kind, tool, bidirectional, validFrom, validUntil } = relation
  const entry = kinds.find((one) => one.id === kind)
  if (!entry) throw new TrustError('DFFT_SCHEMA', `relation \`${id}\` is of the unknown kind \`${kind}\``, { entry: id })
  if (entry.tool !== tool)
    throw new TrustError('DFFT_SCHEMA', `relation \`${id}\` is ${tool ? 'a' : 'no'} tool and its kind \`${kind}\` is not so`, { entry: id })
  if (tool && bidirectional) throw new TrustError('DFFT_SCHEMA', `relation \`${id}\` is a tool, which holds one way only`, { entry: id })
  known(id, 'place', [relation.from, relation.to], [...Object.keys(jurisdictions), ...groups.map((group) => group.id)])
  known(id, 'source', relation.source, Object.keys(sources))
  known(id, 'category', relation.excludedData, words.category)
  known(id, 'purpose', relation.excludedPurposes, words.purpose)
  known(id, 'certification', relation.certification === undefined ? [] : [relation.certification], words.certification)
  checkSpan(id, validFrom ?? undefined, validUntil)
}

function checkRegime(regime: Regime, { jurisdictions, groups, kinds, sources }: LegalPack, words: Words): void {
  const { jurisdiction: id, tools, thresholds, denies } = regime
  known(id, 'jurisdiction', [id, ...(regime.negativeList ?? [])], Object.keys(jurisdictions))
  known(id, 'source', regime.source, Object.keys(sources))
  for (const tool of tools) {
    known(id, 'kind of relation', tool.relation === undefined ? [] : [tool.relation], new Set(kinds.map((kind) => kind.id)))
    known(id, 'transfer tool', tool.transferTools, words.transferTool)
    known(id, 'certification', tool.certifications, words.certification)
  }
  for (const { requires } of thresholds?.rules ?? []) known(id, 'transfer tool', requires, words.transferTool)
  known(id, 'data flag', denies?.dataFlags, words.dataFlag)
  known(
    id,
    'group',
    denies && [denies.to],
    groups.map((group) => group.id),
  )
}

function known(entry: string, what: string, words: readonly string[] = [], list: Iterable<string>): void {
  const all = list instanceof Set ? list : new Set(list)
  for (const word of words) if (!all.has(word)) throw new TrustError('DFFT_SCHEMA', `\`${entry}\` names the unknown ${what} \`${word}\``, { entry, word })
}

function checkSpan(entry: string, from: string | undefined, until: string | undefined): void {
  if (from !== undefined && until !== undefined && from >= until)
    throw new TrustError('DFFT_SCHEMA', `\`${entry}\` ends before it begins`, { entry, from, until })
}
