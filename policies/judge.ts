/**
 * The judgement of one side: which rules apply, and which paths they release.
 *
 * Unknown facts count as matched for a deny or a duty and as not met for a permit (rule 6), so less knowledge never
 * releases more. Coverage is judged path by path: a path is released when, in every policy that speaks of the flow, a
 * satisfied permit covers it and is an exception to each deny of that policy that touches it.
 */

import { add, type Bits, indexesOf, keep, meet } from './bits.ts'
import type { CompiledRule, Dimension, PolicyIndex, RuleIndex, Side } from './compile.ts'
import { type Clause, type Known, knownCount, knownWord, knownWords, met } from './facts.ts'
import type { Relation } from './packs/packs.ts'
import { touches } from './packs/packs.ts'
import { contains } from './places.ts'
import type { Suspension } from './policy.ts'
import type { DataItem, Question } from './question.ts'

export type Code = 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA' | 'NO_RULE' | 'NO_POLICY' | 'POLICY_NOT_IN_FORCE' | 'SUSPENDED'

export interface ItemOutcome {
  readonly path: string
  readonly category: string
  readonly code: 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA'
  /** The permits that cover it, one a policy. */
  readonly permits: readonly CompiledRule[]
  /** The denies no permit is an exception to. */
  readonly denies: readonly CompiledRule[]
}

export interface Judgement {
  readonly code: Code
  readonly items: readonly ItemOutcome[]
  readonly suspensions: readonly Suspension[]
  /** What the question's facts leave standing. */
  readonly flow: Flow | null
}

export interface Flow {
  /** Rules whose match holds, data aside. */
  readonly rules: Bits
  /** Positions of the policies that speak of the flow: a permit's match holds or, were the unknown known, could. */
  readonly speaking: readonly number[]
  /** Legal relations that hold with all they ask, by id. */
  readonly relations: readonly Relation[]
}

export function judge(index: PolicyIndex, side: Side, question: Question): Judgement {
  const refuse = (code: Code, suspensions: readonly Suspension[] = []): Judgement => ({ code, items: [], suspensions, flow: null })
  if (index.policies.length === 0) return refuse('NO_POLICY')
  if (index.policies.some(({ validFrom, validUntil }) => question.at < validFrom || question.at >= validUntil)) return refuse('POLICY_NOT_IN_FORCE')
  const suspensions = index.suspensions.filter((suspension) => suspends(suspension, side, question, index))
  if (suspensions.length > 0) return refuse('SUSPENDED', suspensions)
  const flow = flowOf(index, side, question)
  const items = question.data.map((item) => judgeItem(index, index[side], question, flow, item))
  return { code: codeOf(items, question.selective, meet(flow.rules, index[side].permits)), items, suspensions, flow }
}

function codeOf(items: readonly ItemOutcome[], selective: boolean, permitInFlow: boolean): Code {
  if (items.some(({ code }) => code === 'DENIED_BY_RULE')) return 'DENIED_BY_RULE'
  const covered = items.filter(({ code }) => code === 'PERMITTED').length
  if (covered === items.length) return 'PERMITTED'
  if (covered > 0) return selective ? 'PERMITTED' : 'UNCOVERED_DATA'
  if (items.some(({ code }) => code === 'CONDITIONS_NOT_MET')) return 'CONDITIONS_NOT_MET'
  return permitInFlow ? 'UNCOVERED_DATA' : 'NO_RULE'
}

// --- One path.

function judgeItem(index: PolicyIndex, side: RuleIndex, question: Question, flow: Flow, item: DataItem): ItemOutcome {
  const concerned = side.category.get(item.category) ?? side.unknownCategory
  const permits: CompiledRule[] = []
  const unexcepted: CompiledRule[] = []
  let missed: ItemOutcome['code'] | null = null
  for (const [policy, own] of side.ofPolicy.entries()) {
    const denies = rulesOf(side, indexesOf(flow.rules, concerned, side.denies, own)).filter(({ clauses }) => !lifted(clauses, question, index))
    if (denies.length === 0 && !flow.speaking.includes(policy)) continue
    const covering = rulesOf(side, indexesOf(flow.rules, concerned, side.permits, own)).filter((rule) => coversItem(index, question, flow, rule, item))
    const chosen = covering.find((rule) => denies.every(({ number }) => rule.excepts.has(number)) && satisfied(rule, question, index))
    if (chosen) permits.push(chosen)
    else if (denies.length > 0) unexcepted.push(...denies)
    else missed = covering.length > 0 && missed !== 'UNCOVERED_DATA' ? 'CONDITIONS_NOT_MET' : 'UNCOVERED_DATA'
  }
  const { path, category } = item
  if (unexcepted.length > 0) return { path, category, code: 'DENIED_BY_RULE', permits: [], denies: unexcepted }
  if (missed !== null || permits.length === 0) return { path, category, code: missed ?? 'UNCOVERED_DATA', permits: [], denies: [] }
  return { path, category, code: 'PERMITTED', permits, denies: [] }
}

function rulesOf(side: RuleIndex, numbers: readonly number[]): CompiledRule[] {
  return numbers.flatMap((number) => side.rules[number] ?? [])
}

export function satisfied({ clauses }: CompiledRule, question: Question, { packs }: PolicyIndex): boolean {
  return clauses.every((clause) => met(clause, question, packs))
}

/** Whether an `unless` holds. One that asks nothing lifts nothing. */
export function lifted(clauses: readonly Clause[], question: Question, { packs }: PolicyIndex): boolean {
  return clauses.length > 0 && clauses.every((clause) => met(clause, question, packs))
}

/** Whether a permit that matches the flow and the category covers the path as well: its `disclose`, and what its legal relation leaves out. */
export function coversItem(index: PolicyIndex, question: Question, flow: Flow, compiled: CompiledRule, { path, category }: DataItem): boolean {
  const { rule } = compiled
  if (rule.effect !== 'permit') return false
  const { allow, deny } = rule.disclose ?? {}
  if (allow && !allow.some((pointer) => isUnder(path, pointer))) return false
  // What holds a denied path inside cannot be released whole.
  if (deny?.some((pointer) => isUnder(path, pointer) || isUnder(pointer, path))) return false
  return reached(index, question, compiled) || relationFor(index, flow, compiled, category) !== undefined
}

/** Whether the recipient's place is met without any legal relation. */
export function reached(index: PolicyIndex, question: Question, { rule, relations }: CompiledRule): boolean {
  if (relations.length === 0 || rule.match.to === undefined) return true
  const to = knownWord(question, 'to', index.packs)
  return to !== undefined && contains(index.packs, rule.match.to, to, question.at)
}

/** The first legal relation, by id, that the rule names, that holds, and that does not leave the category out. */
export function relationFor({ packs }: PolicyIndex, flow: Flow, { relations }: CompiledRule, category: string): Relation | undefined {
  return flow.relations.find(({ kind, excludedData }) => relations.includes(kind) && !(excludedData && touches(packs, new Set(excludedData), category)))
}

function isUnder(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`)
}

// --- The flow.

function flowOf(index: PolicyIndex, side: Side, question: Question): Flow {
  const rules = index[side]
  const relations = relationsOf(index, side, question)
  const certain = matching(index, rules, question, relations, 'certain')
  // With one policy, every category needs a permit of it anyway.
  const possible = rules.ofPolicy.length > 1 ? matching(index, rules, question, relations, 'possible') : rules.every
  const speaking = [...rules.ofPolicy.keys()].filter((policy) => meets(possible, rules.permits, rules.ofPolicy[policy]))
  return { rules: certain, speaking, relations: relations.certain }
}

function meets(possible: Bits, permits: Bits, own: Bits | undefined): boolean {
  return own !== undefined && indexesOf(possible, permits, own).length > 0
}

/**
 * @param reading `certain`: permits match on what is known only; `possible`: the unknown counts as matched for them too
 */
function matching(index: PolicyIndex, rules: RuleIndex, question: Question, relations: Relations, reading: 'certain' | 'possible'): Bits {
  const { packs } = index
  const whole = reading === 'possible' ? rules.every : undefined
  const found = rules.every.slice()
  const ask = (dimension: Dimension, known: Known | undefined) => keep(found, bitsOf(dimension, known, whole))
  ask(rules.credential, packs.terms.credential.has(question.credential) ? { words: [question.credential], foreign: false } : undefined)
  ask(rules.purpose, knownWords(question, 'purpose', packs))
  ask(rules.sector, knownWords(question, 'sector', packs))
  ask(rules.certification, knownWords(question, 'certification', packs))
  ask(rules.dataFlags, knownWords(question, 'dataFlags', packs))
  const from = knownWord(question, 'from', packs)
  const to = knownWord(question, 'to', packs)
  const places = rules.places(from, to, question.at)
  keep(found, from === undefined && whole ? whole : places.from)
  keep(found, to === undefined && whole ? whole : recipientBits(rules, places.to, relations, whole))
  for (const number of indexesOf(found, rules.counted)) if (!countHolds(rules.rules[number], question, reading)) keep(found, without(rules.every, number))
  return found
}

function bitsOf(dimension: Dimension, known: Known | undefined, whole: Bits | undefined): Bits {
  const unknown = whole ?? dimension.unknown
  if (known === undefined) return unknown
  const [first = ''] = known.words
  if (known.words.length < 2 && !known.foreign) return dimension.byWord.get(first) ?? dimension.free
  const bits = known.foreign ? unknown.slice() : dimension.free.slice()
  for (const word of known.words) add(bits, dimension.byWord.get(word) ?? dimension.free)
  return bits
}

function recipientBits(rules: RuleIndex, plain: Bits, relations: Relations, whole: Bits | undefined): Bits {
  if (relations.certain.length === 0 && relations.possible.size === 0) return plain
  const bits = plain.slice()
  for (const { kind } of relations.certain) add(bits, rules.byRelation.get(kind) ?? plain)
  for (const kind of relations.possible) add(bits, rules.byRelation.get(kind) ?? plain, whole ?? rules.strict)
  return bits
}

function countHolds(compiled: CompiledRule | undefined, question: Question, reading: 'certain' | 'possible'): boolean {
  const counter = compiled?.rule.match.counter
  if (counter === undefined) return true
  const count = knownCount(question, `counter:${counter.name}`)
  if (count === undefined) return reading === 'possible' || compiled?.rule.effect !== 'permit'
  return count >= counter.atLeast
}

function without(every: Bits, number: number): Bits {
  const bits = every.slice()
  bits[number >>> 5] = (bits[number >>> 5] ?? 0) & ~(1 << (number & 31))
  return bits
}

// --- Legal relations.

interface Relations {
  /** Entries that hold with all they ask. */
  readonly certain: readonly Relation[]
  /** Kinds that could hold, were the unknown known. */
  readonly possible: ReadonlySet<string>
}

function relationsOf(index: PolicyIndex, side: Side, question: Question): Relations {
  const from = knownWord(question, 'from', index.packs)
  const to = knownWord(question, 'to', index.packs)
  const recorded = index[side].places(from, to, question.at).relations
  if (recorded === undefined) return { certain: [], possible: index.packs.terms.relation }
  const standing = recorded.map((entry) => ({ entry, holds: scopeHolds(entry, question, index) }))
  return {
    certain: standing.filter(({ holds }) => holds === true).map(({ entry }) => entry),
    possible: new Set(standing.filter(({ holds }) => holds === undefined).map(({ entry }) => entry.kind)),
  }
}

/** Whether the scope of a relation holds; undefined where a fact it asks for is unknown. */
function scopeHolds(entry: Relation, question: Question, { packs }: PolicyIndex): boolean | undefined {
  const answers = [
    oneOf(entry.recipientSector, knownWords(question, 'sector', packs)),
    oneOf(entry.exporterSector, knownWords(question, 'exporterSector', packs)),
    oneOf(entry.certification === undefined ? undefined : [entry.certification], knownWords(question, 'certification', packs)),
    noneOf(entry.excludedPurposes, knownWords(question, 'purpose', packs)),
  ]
  if (answers.includes(false)) return false
  return answers.includes(undefined) ? undefined : true
}

function oneOf(wanted: readonly string[] | undefined, known: Known | undefined): boolean | undefined {
  if (wanted === undefined) return true
  if (known === undefined) return undefined
  if (known.words.some((word) => wanted.includes(word))) return true
  return known.foreign ? undefined : false
}

function noneOf(excluded: readonly string[] | undefined, known: Known | undefined): boolean | undefined {
  if (excluded === undefined) return true
  if (known === undefined) return undefined
  return !known.words.some((word) => excluded.includes(word))
}

// --- Suspensions restrict: the unknown counts as matched.

function suspends({ metadata, match }: Suspension, side: Side, question: Question, { packs }: PolicyIndex): boolean {
  if (question.at < metadata.validFrom || question.at >= metadata.validUntil) return false
  const counterparty = side === 'export' ? question.importer : question.exporter
  const from = knownWord(question, 'from', packs)
  const to = knownWord(question, 'to', packs)
  const purpose = knownWord(question, 'purpose', packs)
  return (
    (match.counterpartyNode?.includes(counterparty) ?? true) &&
    (match.from === undefined || from === undefined || contains(packs, match.from, from, question.at)) &&
    (match.to === undefined || to === undefined || contains(packs, match.to, to, question.at)) &&
    (match.credential === undefined || !packs.terms.credential.has(question.credential) || match.credential.includes(question.credential)) &&
    (match.purpose === undefined || purpose === undefined || match.purpose.includes(purpose))
  )
}
