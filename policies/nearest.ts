/**
 * The nearest permit: what would have to be shown, at the least, for a refusal to become a permit.
 *
 * A search of bounded width proposes; only what the judge itself then permits is reported, with nothing in it that
 * could be left out. So a near miss is a promise, and never a guess.
 */
import type { CompiledRule, PolicyIndex, Side } from './compile.ts'
import { type Clause, factValue, knownWord, knownWords, met } from './facts.ts'
import { type Judgement, judge } from './judge.ts'
import { discloses } from './matching.ts'
import { distinct } from './obligations.ts'
import type { Relation } from './packs/packs.ts'
import { contains, entriesOf, membersOf, relationsBetween } from './places.ts'
import type { Cite, Place } from './policy.ts'
import { type DataItem, deliveryPurpose, type Fact, type FactName, factRow, type PlainFactName, type Question } from './question.ts'

/** One thing to be shown: any of the words, at least the level, or a count below the limit. */
export type Unmet =
  | { readonly need: PlainFactName; readonly anyOf: readonly string[]; readonly have: readonly (string | number)[] }
  | { readonly need: 'issuerAssurance' | 'counterpartyAssurance'; readonly atLeast: string; readonly have: readonly (string | number)[] }
  | { readonly need: FactName; readonly below: number; readonly have: readonly (string | number)[] }

export interface NearMiss {
  /** The permits it leads to and the denies it lifts. */
  readonly rules: readonly string[]
  readonly unmet: readonly Unmet[]
  readonly cite: readonly Cite[]
}

// A refusal is explained to a person: three ways are enough, and the search must not cost more than a signature.
const reportedMax = 3
const judgementsMax = 120
const depthMax = 6
const widthMax = 6

interface Step {
  readonly rules: readonly CompiledRule[]
  readonly unmet: readonly Unmet[]
}

/** Empty where nothing that could be shown would help: no policy, not in force, suspended, or no rule comes near. */
export function nearestPermits(index: PolicyIndex, side: Side, question: Question, judgement: Judgement): NearMiss[] {
  if (judgement.items.length === 0) return []
  const search = new Search(index, side)
  const wanted = judgement.code === 'PERMITTED' ? firstOfEachCategory(judgement) : [undefined]
  return wanted.flatMap((item) => search.run(question, item, judgement)).slice(0, reportedMax)
}

function firstOfEachCategory({ items }: Judgement): DataItem[] {
  const withheld = items.filter(({ code }) => code !== 'PERMITTED')
  return withheld.filter(({ category }, position) => withheld.findIndex((other) => other.category === category) === position)
}

/** The question with exactly this shown, by an origin that may vouch for it. */
export function withShown(question: Question, unmet: readonly Unmet[]): Question {
  const facts: Partial<Record<FactName, Fact>> = { ...question.facts }
  for (const one of unmet) {
    const row = factRow(one.need)
    const before = facts[one.need]
    const origin = row.origins[0] ?? 'holder'
    const kept = before && row.origins.includes(before.origin) && typeof before.value === 'object' ? before.value : []
    const [first = ''] = 'anyOf' in one ? one.anyOf : 'atLeast' in one ? [one.atLeast] : []
    const value = 'below' in one ? one.below - 1 : row.shape === 'set' ? [...new Set([...kept, first])] : first
    facts[one.need] = { value, origin }
  }
  return { ...question, facts }
}

class Search {
  readonly #index: PolicyIndex
  readonly #side: Side
  #judgements = 0

  constructor(index: PolicyIndex, side: Side) {
    this.#index = index
    this.#side = side
  }

  /** Ways to a permit, or to the release of `item`, shortest first. */
  run(question: Question, item: DataItem | undefined, judgement: Judgement): NearMiss[] {
    const found: Step[] = []
    this.#judgements = 0
    this.#walk(question, item, { rules: [], unmet: [] }, found, judgement)
    const minimal = found.map(({ rules, unmet }) => ({ rules, unmet: this.#minimal(question, item, unmet) }))
    const misses = minimal.map(({ rules, unmet }) => ({
      rules: [...new Set(rules.map(({ rule }) => rule.id))],
      unmet,
      cite: distinct(rules.flatMap(({ rule }) => rule.cite ?? [])),
    }))
    const byUnmet = new Map(misses.toReversed().map((miss) => [JSON.stringify(miss.unmet), miss]))
    return [...byUnmet.values()].sort((a, b) => effort(a.unmet) - effort(b.unmet) || (String(a.rules) < String(b.rules) ? -1 : 1)).slice(0, reportedMax)
  }

  /** @param known the judgement of the question, where it was made already */
  #walk(question: Question, item: DataItem | undefined, step: Step, found: Step[], known?: Judgement): void {
    if (++this.#judgements > judgementsMax) return
    const judgement = known ?? judge(this.#index, this.#side, question)
    if (reaches(judgement, item)) {
      found.push(step)
      return
    }
    if (step.rules.length >= depthMax) return
    for (const next of this.#steps(question, judgement, item))
      this.#walk(withShown(question, next.unmet), item, { rules: [...step.rules, ...next.rules], unmet: [...step.unmet, ...next.unmet] }, found)
  }

  #steps(question: Question, judgement: Judgement, item: DataItem | undefined): Step[] {
    const targets = item ? [item] : judgement.items.filter(({ code }) => code !== 'PERMITTED')
    const steps = targets.flatMap((target) => [...this.#lifts(question, judgement), ...this.#permits(question, target)]).flatMap(advisable)
    const distinctSteps = [...new Map(steps.map((step) => [JSON.stringify(step.unmet), step])).values()]
    return distinctSteps
      .filter(({ unmet }) => unmet.length > 0)
      .sort((a, b) => effort(a.unmet) - effort(b.unmet))
      .slice(0, widthMax)
  }

  /** What would lift each deny that stands. */
  #lifts(question: Question, { items }: Judgement): Step[] {
    const denies = [...new Set(items.flatMap(({ denies }) => denies))]
    return denies.map((deny) => ({ rules: [deny], unmet: unmetOf(deny.clauses, question, this.#index) }))
  }

  #permits(question: Question, item: DataItem): Step[] {
    const rules = this.#index[this.#side]
    return rules.rules
      .filter((compiled) => compiled.rule.effect === 'permit' && rules.concerns(compiled, item.category))
      .flatMap((compiled) => this.#approach(question, compiled, item))
  }

  /** What one permit lacks to match, to be satisfied and to cover the path; none where no fact would help. */
  #approach(question: Question, compiled: CompiledRule, item: DataItem): Step[] {
    const { rule } = compiled
    if (rule.match.credential && !rule.match.credential.includes(question.credential)) return []
    const place = placeNeeds(this.#index, question, compiled)
    if (place === undefined || !discloses(compiled.disclose, item.path)) return []
    const matched = matchNeeds(this.#index, question, compiled)
    const required = unmetOf(compiled.clauses, question, this.#index)
    return place.map((needs) => ({ rules: [compiled], unmet: mergeNeeds([...matched, ...needs, ...required]) }))
  }

  /** Leaves out what is not needed, until each that is left is: one that could stay for another may go without it. */
  #minimal(question: Question, item: DataItem | undefined, unmet: readonly Unmet[]): readonly Unmet[] {
    const spare = unmet.find((one) => {
      const rest = unmet.filter((other) => other !== one)
      return reaches(judge(this.#index, this.#side, withShown(question, rest)), item)
    })
    return spare === undefined
      ? unmet
      : this.#minimal(
          question,
          item,
          unmet.filter((other) => other !== spare),
        )
  }
}

/** A requester has no right to the purpose of a delivery: the way stays open where another one leads to the permit too. */
function advisable({ rules, unmet }: Step): Step[] {
  const named = unmet.map((one): Unmet => (one.need === 'purpose' && 'anyOf' in one ? { ...one, anyOf: one.anyOf.filter(isNotDelivery) } : one))
  return named.some((one) => 'anyOf' in one && one.anyOf.length === 0) ? [] : [{ rules, unmet: named }]
}

const isNotDelivery = (purpose: string) => purpose !== deliveryPurpose

/** A document can be brought; another purpose, party or place is another flow. */
const changesTheFlow: readonly FactName[] = ['purpose', 'sector', 'exporterSector', 'from', 'to']

function effort(unmet: readonly Unmet[]): number {
  return unmet.reduce((sum, { need }) => sum + (changesTheFlow.includes(need) ? 10 : 1), 0)
}

function reaches({ code, items }: Judgement, item: DataItem | undefined): boolean {
  return code === 'PERMITTED' && (item === undefined || items.some((outcome) => outcome.path === item.path && outcome.code === 'PERMITTED'))
}

function unmetOf(clauses: readonly Clause[], question: Question, { packs }: PolicyIndex): Unmet[] {
  return clauses
    .filter((clause) => !met(clause, question, packs))
    .flatMap((clause): Unmet[] => {
      const have = factValue(question, clause.fact)
      if (clause.kind === 'anyOf') return [{ need: clause.fact, anyOf: clause.words, have }]
      if (clause.kind === 'atLeast') return [{ need: clause.fact, atLeast: clause.level, have }]
      return clause.kind === 'reaches' || clause.limit === 0 ? [] : [{ need: clause.fact, below: clause.limit, have }]
    })
}

function matchNeeds({ packs }: PolicyIndex, question: Question, { rule: { match } }: CompiledRule): Unmet[] {
  const asked: [PlainFactName, readonly string[] | undefined][] = [
    ['purpose', match.purpose],
    ['sector', match.recipient?.sector],
    ['certification', match.recipient?.certification],
    ['dataFlags', match.dataFlags],
  ]
  return asked.flatMap(([need, wanted]) => needOf(question, need, wanted, knownWords(question, need, packs)))
}

function needOf(question: Question, need: PlainFactName, wanted: readonly string[] | undefined, known: readonly string[]): Unmet[] {
  if (wanted === undefined || known.some((word) => wanted.includes(word))) return []
  return [{ need, anyOf: wanted, have: factValue(question, need) }]
}

/** What is lacking about places, in each way there is; undefined where the flow goes elsewhere. */
function placeNeeds(index: PolicyIndex, question: Question, compiled: CompiledRule): Unmet[][] | undefined {
  const { packs } = index
  const { match } = compiled.rule
  const from = knownWord(question, 'from', packs)
  const to = knownWord(question, 'to', packs)
  if (from !== undefined && match.from && !contains(packs, match.from, from, question.at)) return undefined
  const fromNeeds = from === undefined && match.from ? [placeNeed(index, question, 'from', match.from)] : []
  if (match.to === undefined) return [fromNeeds]
  if (to === undefined) return [[...fromNeeds, placeNeed(index, question, 'to', match.to)]]
  if (contains(packs, match.to, to, question.at)) return [fromNeeds]
  if (from === undefined) return undefined
  if (compiled.relations.length === 0) return undefined
  const recorded = relationsBetween(packs, from, to, question.at).filter(({ kind }) => compiled.relations.includes(kind))
  return recorded.length === 0 ? undefined : recorded.map((entry) => relationNeeds(index, question, entry))
}

function placeNeed({ packs }: PolicyIndex, question: Question, need: 'from' | 'to', place: Place): Unmet {
  const codes = entriesOf(place).flatMap((entry) => (typeof entry === 'string' ? [entry] : 'group' in entry ? membersOf(packs, entry.group, question.at) : []))
  return { need, anyOf: codes, have: factValue(question, need) }
}

function relationNeeds({ packs }: PolicyIndex, question: Question, entry: Relation): Unmet[] {
  const asked: [PlainFactName, readonly string[] | undefined][] = [
    ['sector', entry.recipientSector],
    ['exporterSector', entry.exporterSector],
    ['certification', entry.certification === undefined ? undefined : [entry.certification]],
  ]
  return asked.flatMap(([need, wanted]) => needOf(question, need, wanted, knownWords(question, need, packs)))
}

/** Two demands on one single-valued fact become what both admit. */
function mergeNeeds(needs: readonly Unmet[]): Unmet[] {
  const merged: Unmet[] = []
  for (const need of needs) {
    const position = merged.findIndex((other) => other.need === need.need && 'anyOf' in other && factRow(need.need).shape === 'one')
    const other = merged[position]
    if (other && 'anyOf' in other && 'anyOf' in need) merged[position] = { ...other, anyOf: other.anyOf.filter((word) => need.anyOf.includes(word)) }
    else merged.push(need)
  }
  return merged
}
