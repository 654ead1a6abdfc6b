/**
 * A question to a decision: each side's half, and what both together release, owe and sign.
 *
 * Pure and total: no clock, no chance, default deny. The same documents, packs and question give the same bytes on
 * every machine, which is what makes the agreement's digest worth signing.
 */
import { digestOf } from '#protocols/canonical.ts'
import type { Digest, Instant, JsonPointer } from '#protocols/ids.ts'
import { add, indexesOf, noBits } from './bits.ts'
import type { CompiledRule, PolicyIndex, PolicyRef, Side } from './compile.ts'
import { knownWord } from './facts.ts'
import { type Code, type Flow, type Judgement, judge, lifted, reached, relationFor, satisfied } from './judge.ts'
import { type NearMiss, nearestPermits } from './nearest.ts'
import { distinct, type JointObligation, uniteObligations } from './obligations.ts'
import type { Relation } from './packs/packs.ts'
import type { Cite, Obligation } from './policy.ts'
import type { Question } from './question.ts'

export type Verdict = 'permit' | 'deny'

export interface Withheld {
  readonly path: JsonPointer
  readonly category: string
  readonly code: Code
}

export interface Half {
  /** In the order of the side. */
  readonly policies: readonly PolicyRef[]
  readonly verdict: Verdict
  readonly code: Code
  /** What decided: the permits used, the denies, or the suspensions. */
  readonly rules: readonly string[]
  /** Permits that would have done as well. */
  readonly alternatives: readonly string[]
  /** Rules that only add duties. */
  readonly added: readonly string[]
  readonly cite: readonly Cite[]
  readonly obligations: readonly Obligation[]
  readonly disclosed: readonly JsonPointer[]
  readonly withheld: readonly Withheld[]
  readonly nearest: readonly NearMiss[]
  /** Exclusive; null for a refusal. */
  readonly validUntil: Instant | null
}

export interface Joint {
  readonly disclosed: readonly JsonPointer[]
  readonly withheld: readonly Withheld[]
  readonly obligations: readonly JointObligation[]
  readonly validUntil: Instant
}

export interface Decision {
  readonly version: 'dfft-decision/1'
  readonly verdict: Verdict
  readonly code: Code
  readonly at: Instant
  readonly export: Half
  readonly import: Half
  /** Vocabulary and legal pack of the export side, then those of the import side, each once. */
  readonly packs: readonly Digest[]
  readonly joint: Joint | null
  /** Null for a refusal, and for a question that belongs to no exchange. */
  readonly agreement: Digest | null
}

export interface AgreementBody {
  readonly version: 'dfft-agreement/1'
  readonly exchange: string
  readonly request: Digest
  readonly at: Instant
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[] }
  readonly packs: readonly Digest[]
  readonly question: Question
  readonly joint: Joint
}

export interface DecideOptions {
  /** Whether to look for the nearest permit of a refusal, which costs up to some hundred judgements; true where it is not given. */
  readonly nearest?: boolean
}

export function decide(exportIndex: PolicyIndex, importIndex: PolicyIndex, question: Question, options: DecideOptions = {}): Decision {
  const halves = { export: decideSide(exportIndex, 'export', question, options), import: decideSide(importIndex, 'import', question, options) }
  const joint = jointOf(halves, question, exportIndex)
  const refused = halves.export.verdict === 'deny' ? halves.export.code : halves.import.verdict === 'deny' ? halves.import.code : 'UNCOVERED_DATA'
  const decision: Decision = {
    version: 'dfft-decision/1',
    verdict: joint ? 'permit' : 'deny',
    code: joint ? 'PERMITTED' : refused,
    at: question.at,
    ...halves,
    packs: [...new Set([exportIndex, importIndex].flatMap(({ packs: { digests } }) => [digests.vocabulary, digests.legal]))],
    joint,
    agreement: null,
  }
  const body = agreementBody(question, decision)
  return body ? { ...decision, agreement: digestOf(body) } : decision
}

/** What both sides hash and sign; null for a refusal, and for a question that belongs to no exchange. */
export function agreementBody(question: Question, decision: Decision): AgreementBody | null {
  const { exchange, request } = question
  if (decision.joint === null || exchange === undefined || request === undefined) return null
  const digests = ({ policies }: Half) => policies.map(({ digest }) => digest)
  return {
    version: 'dfft-agreement/1',
    exchange,
    request,
    at: decision.at,
    policies: { export: digests(decision.export), import: digests(decision.import) },
    packs: decision.packs,
    question,
    joint: decision.joint,
  }
}

function jointOf(halves: { readonly export: Half; readonly import: Half }, question: Question, { packs }: PolicyIndex): Joint | null {
  const { export: exporting, import: importing } = halves
  if (exporting.validUntil === null || importing.validUntil === null) return null
  const disclosed = exporting.disclosed.filter((path) => importing.disclosed.includes(path))
  if (disclosed.length === 0) return null
  const purpose = knownWord(question, 'purpose', packs)
  return {
    disclosed,
    withheld: withheldByEither(exporting.withheld, importing.withheld),
    obligations: uniteObligations([...exporting.obligations, ...importing.obligations], { at: question.at, purpose, packs }),
    validUntil: exporting.validUntil < importing.validUntil ? exporting.validUntil : importing.validUntil,
  }
}

/** Sorted by path; where both sides withhold, the exporter's reason. */
function withheldByEither(exporting: readonly Withheld[], importing: readonly Withheld[]): Withheld[] {
  const others = importing.filter(({ path }) => !exporting.some((own) => own.path === path))
  return [...exporting, ...others].sort((a, b) => (a.path < b.path ? -1 : 1))
}

// --- One side.

export function decideSide(index: PolicyIndex, side: Side, question: Question, { nearest = true }: DecideOptions = {}): Half {
  const judgement = judge(index, side, question)
  const { flow, items, suspensions } = judgement
  const common = {
    policies: index.policies.map(({ id, jurisdiction, serial, digest }) => ({ id, jurisdiction, serial, digest })),
    code: judgement.code,
    withheld: items.filter(({ code }) => code !== 'PERMITTED').map(({ path, category, code }) => ({ path, category, code })),
    nearest: nearest && !items.every(({ code }) => code === 'PERMITTED') ? nearestPermits(index, side, question, judgement) : [],
  }
  if (judgement.code === 'PERMITTED' && flow !== null) return { ...common, verdict: 'permit', ...releaseOf(index, side, question, judgement, flow) }
  const denies = distinctRules(items.flatMap(({ denies }) => denies))
  return {
    ...common,
    verdict: 'deny',
    rules: [...denies.map(({ rule }) => rule.id), ...suspensions.map(({ metadata }) => metadata.id)],
    alternatives: [],
    added: [],
    cite: distinct(denies.flatMap(({ rule }) => rule.cite ?? [])),
    obligations: [],
    disclosed: [],
    validUntil: null,
  }
}

type Release = Pick<Half, 'rules' | 'alternatives' | 'added' | 'cite' | 'obligations' | 'disclosed' | 'validUntil'>

function releaseOf(index: PolicyIndex, side: Side, question: Question, { items }: Judgement, flow: Flow): Release {
  const used = distinctRules(items.flatMap(({ permits }) => permits))
  const duties = concerning(index, side, question, flow, 'obliges').filter(({ clauses }) => !lifted(clauses, question, index))
  const alternatives = concerning(index, side, question, flow, 'permits').filter((rule) => !used.includes(rule) && satisfied(rule, question, index))
  const relations = new Map(used.map((rule) => [rule, relationsUsed(index, question, flow, rule, items)]))
  const ends = [...index.policies.map(({ validUntil }) => validUntil), ...[...relations.values()].flat().flatMap(({ validUntil }) => validUntil ?? [])]
  return {
    rules: used.map(({ rule }) => rule.id),
    alternatives: alternatives.map(({ rule }) => rule.id),
    added: duties.map(({ rule }) => rule.id),
    cite: distinct([...used, ...duties].flatMap((rule) => citesOf(rule, relations.get(rule) ?? []))),
    obligations: distinct([...used, ...duties].flatMap(({ rule }) => (rule.effect === 'deny' ? [] : (rule.obligations ?? [])))),
    disclosed: items.filter(({ code }) => code === 'PERMITTED').map(({ path }) => path),
    validUntil: ends.reduce((soonest, end) => (end < soonest ? end : soonest)),
  }
}

/** Rules of one effect whose match holds for the flow and for any category of the question. */
function concerning(index: PolicyIndex, side: Side, question: Question, flow: Flow, effect: 'obliges' | 'permits'): CompiledRule[] {
  const rules = index[side]
  const concerned = noBits(rules.rules.length)
  for (const { category } of question.data) add(concerned, rules.category.get(category) ?? rules.unknownCategory)
  return indexesOf(flow.rules, rules[effect], concerned).flatMap((number) => rules.rules[number] ?? [])
}

function relationsUsed(index: PolicyIndex, question: Question, flow: Flow, rule: CompiledRule, items: Judgement['items']): Relation[] {
  if (reached(index, question, rule)) return []
  return distinctRules(items.filter(({ permits }) => permits.includes(rule)).flatMap(({ category }) => relationFor(index, flow, rule, category) ?? []))
}

function citesOf({ rule }: CompiledRule, relations: readonly Relation[]): Cite[] {
  return (rule.cite ?? []).flatMap(({ legalRelation, ...cite }) => {
    if (legalRelation === undefined) return [cite]
    if (legalRelation !== '$matched') return [{ ...cite, legalRelation }]
    return relations.length === 0 ? [cite] : relations.map(({ id }) => ({ ...cite, legalRelation: id }))
  })
}

function distinctRules<T>(rules: readonly T[]): T[] {
  return [...new Set(rules)]
}
