/**
 * One side's rules, and the answer to a question in well under a microsecond.
 *
 *     rule      in force? suspended? else
 *     enter     the facts as numbers; the rules that are left of the flow
 *     find      of these the ones that concern any path
 *     byOne     the ruling where one rule decides, as it mostly does; else
 *     settle    path by path, then the code and the duties: a key
 *     of        the ruling with that key
 *
 * Nothing of a question outlives its answer.
 */
import { hasBit } from './bits.ts'
import { ByPath, conditions, noRule, type PathRuling, permitted, uncovered, withoutRules } from './by-path.ts'
import type { CompiledRule, Side } from './compiled-rule.ts'
import { Concerned } from './concerned.ts'
import { Flow } from './flow.ts'
import { suspends } from './matching.ts'
import type { Moments } from './moments.ts'
import type { Packs } from './packs/packs.ts'
import type { Suspension } from './policy.ts'
import type { Question } from './question.ts'
import { type Ruling, type Rulings, refusal } from './rulings.ts'
import { orderIn, type Tables, trait } from './tables.ts'

export type { PathRuling } from './by-path.ts'

export interface Judged {
  readonly ruling: Ruling
  /** None where no rule was looked at. */
  readonly paths: readonly PathRuling[]
  /** Permits that would have done as well as those of the ruling, in the order of choice. */
  readonly alternatives: readonly string[]
}

export interface Parts {
  readonly side: Side
  readonly rules: readonly CompiledRule[]
  readonly packs: Packs
  readonly tables: Tables
  readonly moments: Moments
  readonly rulings: Rulings
}

const noPolicy = refusal('NO_POLICY')
const notInForce = refusal('POLICY_NOT_IN_FORCE')

export class RuleIndex {
  readonly #rules: readonly CompiledRule[]
  readonly #side: Side
  readonly #packs: Packs
  readonly #tables: Tables
  readonly #moments: Moments
  readonly #rulings: Rulings
  /** What is said where not every policy is in force. */
  readonly #absent: Ruling

  // What is worked in, for one question at a time.
  readonly #flow: Flow
  readonly #concerned: Concerned
  readonly #byPath: ByPath

  constructor({ side, rules, packs, tables, moments, rulings }: Parts) {
    this.#rules = Object.freeze([...rules])
    this.#side = side
    this.#packs = packs
    this.#tables = tables
    this.#moments = moments
    this.#rulings = rulings
    this.#absent = tables.layout.policies === 0 ? noPolicy : notInForce
    this.#flow = new Flow(tables, packs)
    this.#concerned = new Concerned(tables)
    this.#byPath = new ByPath(tables, this.#flow, this.#concerned, rulings)
  }

  /** In the order of choice. */
  get rules(): readonly CompiledRule[] {
    return this.#rules
  }

  /** Total and without clock or chance. What is answered the same is the same object, up to a bound. */
  rule(question: Question): Ruling {
    return this.#enter(question) ?? this.#byOne(question) ?? this.#byPath.ruling(this.#byPath.settle(question), question.facts)
  }

  judge(question: Question): Judged {
    const early = this.#enter(question)
    if (early) return { ruling: early, paths: [], alternatives: [] }
    const answer = this.#byPath.settle(question)
    const paths = this.#byPath.paths(question.data.length)
    const ruling = this.#byPath.ruling(answer, question.facts)
    return { ruling, paths, alternatives: answer === permitted ? this.#alternatives(question, ruling) : [] }
  }

  /** The ruling; of each path of a permit, whether it is released, is written into `released`. */
  ruleOn(question: Question, released: boolean[]): Ruling {
    const early = this.#enter(question)
    if (early) return early
    const answer = this.#byPath.settle(question)
    this.#byPath.tell(released, question.data.length)
    return this.#byPath.ruling(answer, question.facts)
  }

  /** Whether a permit covers the category, or another rule touches it. */
  concerns({ number }: CompiledRule, category: string): boolean {
    return hasBit(this.#concerned.table, this.#concerned.rowOf(category), number)
  }

  /** Finds the rules that are left. @returns what is said before any rule is looked at */
  #enter(question: Question): Ruling | undefined {
    const { places, suspensions } = this.#moments.at(question.at)
    if (places === undefined) return this.#absent
    const suspended = suspensions.length > 0 ? this.#suspended(question, suspensions) : undefined
    if (suspended !== undefined) return suspended
    this.#flow.enter(question, places)
    this.#concerned.find(question.data, this.#flow.found)
    return undefined
  }

  #suspended(question: Question, suspensions: readonly Suspension[]): Ruling | undefined {
    const ids: string[] = []
    for (const suspension of suspensions) if (suspends(suspension, this.#side, question, this.#packs)) ids.push(suspension.metadata.id)
    return ids.length > 0 ? refusal('SUSPENDED', ids) : undefined
  }

  /**
   * The ruling where it does not take a look at each path to find it: where one rule decides alone, or none does.
   *
   * Every rule that is left concerns some path. So with one policy, a deny that stands decides whatever else there is, and
   * of several permits the first one, if it covers what the others cover.
   */
  #byOne({ data, facts, selective }: Question): Ruling | undefined {
    const { policies, marks } = this.#tables.layout
    const { numbers, count, traits, rows, table } = this.#concerned
    if (policies > 1 || (traits & (trait.related | trait.limited)) !== 0) return undefined
    let deciding = -1
    let near = false
    for (let at = 0; at < count; at++) {
      const number = numbers[at] ?? 0
      const own = marks[number] ?? 0
      const permits = (own & trait.permits) !== 0
      // Denies have the first numbers.
      if (deciding >= 0 && (own & trait.denies) === 0 && ((marks[deciding] ?? 0) & trait.denies) !== 0) break
      if ((own & trait.asks) !== 0 && !this.#flow.fits(number, facts, !permits)) continue
      if (permits) near = true
      // What has nothing to be shown is a permit that is satisfied, and a deny or a duty that nothing lifts.
      if ((own & trait.clauses) !== 0 && this.#flow.shown(number, facts) !== permits) continue
      deciding = deciding < 0 ? number : this.#firstOf(deciding, number, data.length)
      if (deciding < 0) return undefined
    }
    if (deciding < 0) return withoutRules[near ? conditions : this.#flow.anyPermit(facts) ? uncovered : noRule]
    const own = marks[deciding] ?? 0
    if ((own & trait.denies) !== 0) return this.#rulings.byOne(deciding, 0)
    if ((own & trait.permits) === 0) return undefined
    for (let path = 0; path < data.length && !selective; path++) if (!hasBit(table, rows[path] ?? 0, deciding)) return withoutRules[uncovered]
    return this.#rulings.byOne(deciding, 1)
  }

  /** Of two permits the first in the order of choice, unless the second covers a path that it does not; then, and of others, -1. */
  #firstOf(one: number, other: number, paths: number): number {
    const { marks } = this.#tables.layout
    const { rows, table } = this.#concerned
    const [own, others] = [marks[one] ?? 0, marks[other] ?? 0]
    if ((own & others & trait.permits) === 0) return -1
    const first = orderIn(own) < orderIn(others) ? one : other
    const second = first === one ? other : one
    for (let path = 0; path < paths; path++) if (hasBit(table, rows[path] ?? 0, second) && !hasBit(table, rows[path] ?? 0, first)) return -1
    return first
  }

  /** Permits of the flow in hand that would have done as well as those of the ruling: for some of the data, with all they ask. */
  #alternatives({ facts }: Question, { rules: used }: Ruling): string[] {
    const { rules, marks } = this.#tables.layout
    return this.#concerned.numbers
      .slice(0, this.#concerned.count)
      .filter((number) => ((marks[number] ?? 0) & trait.permits) !== 0 && this.#flow.fits(number, facts, false) && this.#flow.shown(number, facts))
      .flatMap((number) => rules[number] ?? [])
      .sort((a, b) => a.order - b.order)
      .map(({ rule }) => rule.id)
      .filter((id) => !used.includes(id))
  }
}
