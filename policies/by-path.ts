/**
 * A question settled path by path, with all that decides: where more than one rule has a say, or every path is asked after.
 *
 * A path is released when, in every policy that speaks of the flow, a satisfied permit covers it and is an exception to
 * each deny of that policy that touches it.
 */
import { hasBit, listOf } from './bits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Concerned } from './concerned.ts'
import type { Flow } from './flow.ts'
import { discloses } from './matching.ts'
import type { DataItem, Question } from './question.ts'
import { grantOf, type Ruling, type Rulings, refusal, ruleOf } from './rulings.ts'
import { orderIn, type Tables, trait } from './tables.ts'

/** Of one path. */
export interface PathRuling {
  readonly code: 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA'
  /** The permits that cover it, one a policy. */
  readonly permits: readonly CompiledRule[]
  /** The denies no permit is an exception to. */
  readonly denies: readonly CompiledRule[]
}

/** What comes of a path, or of a question: the codes of these names, as numbers. */
export const [permitted, denied, conditions, uncovered, noRule] = [0, 1, 2, 3, 4] as const

/** Where the code says all. */
export const withoutRules = { [conditions]: refusal('CONDITIONS_NOT_MET'), [uncovered]: refusal('UNCOVERED_DATA'), [noRule]: refusal('NO_RULE') } as const

/** Beside grants, which are at least 0: some permit covers a path; none does. */
const [covered, missing] = [-1, -2] as const

// Thousands of denies for each of many paths make lists that are not worth keeping.
const keptMax = 16_384
// Long enough for most questions; a list that grows does so from the end.
const scratch = 256
// Up to here it is quicker to look through a list than to ask a set.
const listMax = 64

export class ByPath {
  readonly #tables: Tables
  readonly #flow: Flow
  readonly #concerned: Concerned
  readonly #rulings: Rulings
  readonly #relations: number
  /** Whether every permit covers a category as a whole, so that paths of one category share their fate. */
  readonly #byCategory: boolean

  // What is worked in, for one question at a time.
  /** Path by path: its outcome, how many grants, and the grants. */
  #log: number[] = listOf(scratch, 0)
  #length = 0
  /** Denies of a path, then duties. */
  #stricter: number[] = listOf(scratch, 0)
  #stricterCount = 0
  #key: number[] = listOf(scratch, 0)

  constructor(tables: Tables, flow: Flow, concerned: Concerned, rulings: Rulings) {
    this.#tables = tables
    this.#flow = flow
    this.#concerned = concerned
    this.#rulings = rulings
    this.#relations = tables.scopes.length
    this.#byCategory = tables.layout.rules.every((compiled) => compiled?.disclose === undefined)
  }

  // --- All paths.

  /** Writes the log, which stays empty where no permit and no deny concerns any path. @returns the outcome */
  settle(question: Question): number {
    if (this.#log.length > keptMax) this.#forget()
    this.#length = 0
    if ((this.#concerned.traits & (trait.permits | trait.denies)) !== 0) return this.#settlePaths(question)
    return this.#flow.anyPermit(question.facts) ? uncovered : noRule
  }

  #settlePaths(question: Question): number {
    const { data, facts, selective } = question
    const { rows } = this.#concerned
    let last: string | undefined
    let released = 0
    let refused = false
    let near = false
    let outcome: number = uncovered
    let begin = 0
    for (let at = 0; at < data.length; at++) {
      const item = data[at]
      if (item === undefined) break
      const next = this.#length
      // An invoice has many paths of few categories: neighbours are often of one.
      if (item.category === last && this.#byCategory) this.#repeat(begin, next)
      else outcome = this.#settlePath(question, item, rows[at] ?? 0)
      last = item.category
      begin = next
      if (outcome === permitted) released++
      else if (outcome === denied) refused = true
      else if (outcome === conditions) near = true
    }
    if (refused) return denied
    if (released === 0) return near ? conditions : this.#flow.anyPermit(facts) ? uncovered : noRule
    return released === data.length || selective ? permitted : uncovered
  }

  /** Of what was settled. @param answer its outcome */
  ruling(answer: number, facts: Question['facts']): Ruling {
    if (answer === conditions || answer === uncovered || answer === noRule) return withoutRules[answer]
    this.#key[0] = answer === permitted ? 1 : 0
    this.#key[1] = 0
    const grants = this.#collectGrants(answer)
    this.#key[1] = grants
    this.#stricterCount = 0
    if (answer === permitted) this.#findDuties(facts)
    for (let at = 0; at < this.#stricterCount; at++) this.#key[2 + grants + at] = this.#stricter[at] ?? 0
    return this.#rulings.of(this.#key, 2 + grants + this.#stricterCount)
  }

  /** Puts the grants of all paths of one code into the key, each once and in the order they come. @returns how many */
  #collectGrants(code: number): number {
    if (this.#length > listMax) return this.#collectMany(code)
    const log = this.#log
    const key = this.#key
    let count = 0
    for (let at = 0; at < this.#length; ) {
      const end = at + 2 + (log[at + 1] ?? 0)
      if (log[at] === code) {
        for (let next = at + 2; next < end; next++) {
          const grant = log[next] ?? 0
          if (holds(key, 2, count, grant)) continue
          key[2 + count] = grant
          count++
        }
      }
      at = end
    }
    return count
  }

  #collectMany(code: number): number {
    const found = new Set<number>()
    for (let at = 0; at < this.#length; ) {
      const end = at + 2 + (this.#log[at + 1] ?? 0)
      if (this.#log[at] === code) for (let next = at + 2; next < end; next++) found.add(this.#log[next] ?? 0)
      at = end
    }
    for (const [at, grant] of [...found].entries()) this.#key[2 + at] = grant
    return found.size
  }

  #findDuties(facts: Question['facts']): void {
    const { marks } = this.#tables.layout
    const { numbers, count } = this.#concerned
    for (let at = 0; at < count; at++) {
      const number = numbers[at] ?? 0
      if (((marks[number] ?? 0) & (trait.permits | trait.denies)) === 0) this.#collect(number, facts)
    }
    this.#sortStricter()
  }

  // --- One path.

  #settlePath(question: Question, item: DataItem, row: number): number {
    const { policies } = this.#tables.layout
    const { ends, traits } = this.#concerned
    const begin = this.#length
    let missed: number | undefined
    this.#push(uncovered)
    this.#push(0)
    this.#stricterCount = 0
    let first = 0
    for (let policy = 0; policy < policies; policy++) {
      const end = ends[policy] ?? 0
      const before = this.#stricterCount
      if ((traits & trait.denies) !== 0) this.#findDenies(question.facts, row, first, end)
      const grant = this.#choose(question.facts, item, row, first, end, before)
      first = end
      if (grant >= 0) {
        this.#stricterCount = before
        this.#push(grant)
      } else if (this.#stricterCount > before) continue
      else if (grant === covered) missed ??= conditions
      // With one policy, every category needs a permit of it anyway.
      else if (policies === 1 || this.#flow.speaks(policy, question.facts)) missed = uncovered
    }
    const outcome = this.#stricterCount > 0 ? denied : (missed ?? (this.#length === begin + 2 ? uncovered : permitted))
    if (outcome !== permitted) this.#length = begin + 2
    this.#pushDenies()
    this.#log[begin] = outcome
    this.#log[begin + 1] = this.#length - begin - 2
    return outcome
  }

  /** Adds the denies that touch the path and stand to those collected, of the concerned rules from `first` until `end`. */
  #findDenies(facts: Question['facts'], row: number, first: number, end: number): void {
    const { marks } = this.#tables.layout
    const { numbers, table } = this.#concerned
    for (let at = first; at < end; at++) {
      const number = numbers[at] ?? 0
      if (((marks[number] ?? 0) & trait.denies) !== 0 && hasBit(table, row, number)) this.#collect(number, facts)
    }
  }

  /**
   * The permit that is first in the order of choice among those that cover the path, have what they ask, and are exceptions to every deny
   * collected since `before`; of the concerned rules from `first` until `end`, which are of one policy.
   *
   * @returns the grant; else whether any covers the path, what it asks and the denies aside
   */
  #choose(facts: Question['facts'], item: DataItem, row: number, first: number, end: number, before: number): number {
    const { marks } = this.#tables.layout
    const { numbers, table } = this.#concerned
    let chosen: number = missing
    let order = Number.MAX_SAFE_INTEGER
    for (let at = first; at < end; at++) {
      const number = numbers[at] ?? 0
      const own = marks[number] ?? 0
      if ((own & trait.permits) === 0 || !hasBit(table, row, number) || orderIn(own) > order) continue
      if ((own & trait.asks) !== 0 && !this.#flow.fits(number, facts, false)) continue
      const grant = (own & (trait.related | trait.limited)) === 0 ? grantOf(number, -1, this.#relations) : this.#grant(number, facts, item)
      if (grant === missing) continue
      if (chosen === missing) chosen = covered
      if (this.#stricterCount > before && !this.#excepts(number, before)) continue
      if ((own & trait.clauses) !== 0 && !this.#flow.shown(number, facts)) continue
      chosen = grant
      order = orderIn(own)
    }
    return chosen
  }

  /** Of a permit that is limited to paths, or needs a legal relation that does not leave the category out. */
  #grant(number: number, facts: Question['facts'], { path, category }: DataItem): number {
    const rule = this.#tables.layout.rules[number]
    if (rule === undefined || !discloses(rule.disclose, path)) return missing
    if (this.#flow.reached(number)) return grantOf(number, -1, this.#relations)
    const scope = this.#flow.relationFor(rule, facts, category)
    return scope ? grantOf(number, scope.number, this.#relations) : missing
  }

  #excepts(number: number, before: number): boolean {
    const excepts = this.#tables.layout.rules[number]?.excepts ?? []
    for (let at = before; at < this.#stricterCount; at++) {
      if (!excepts.includes(ruleOf(this.#stricter[at] ?? 0, this.#relations))) return false
    }
    return true
  }

  // --- Lists that are worked in.

  /** Adds a deny or a duty, if it stands. */
  #collect(number: number, facts: Question['facts']): void {
    const own = this.#tables.layout.marks[number] ?? 0
    if ((own & trait.asks) !== 0 && !this.#flow.fits(number, facts, true)) return
    if ((own & trait.clauses) !== 0 && this.#flow.shown(number, facts)) return
    this.#stricter[this.#stricterCount] = grantOf(number, -1, this.#relations)
    this.#stricterCount++
  }

  #pushDenies(): void {
    this.#sortStricter()
    for (let at = 0; at < this.#stricterCount; at++) this.#push(this.#stricter[at] ?? 0)
  }

  /** Into the order of choice: mostly a handful, for which this is much quicker than a sort that calls back. */
  #sortStricter(): void {
    const list = this.#stricter
    if (this.#stricterCount > listMax) {
      const sorted = list.slice(0, this.#stricterCount).sort((a, b) => this.#orderOf(a) - this.#orderOf(b))
      for (const [at, grant] of sorted.entries()) list[at] = grant
      return
    }
    for (let end = 1; end < this.#stricterCount; end++) {
      const grant = list[end] ?? 0
      const order = this.#orderOf(grant)
      let at = end
      for (; at > 0 && this.#orderOf(list[at - 1] ?? 0) > order; at--) list[at] = list[at - 1] ?? 0
      list[at] = grant
    }
  }

  #orderOf(grant: number): number {
    return orderIn(this.#tables.layout.marks[ruleOf(grant, this.#relations)] ?? 0)
  }

  #repeat(begin: number, end: number): void {
    for (let at = begin; at < end; at++) this.#push(this.#log[at] ?? 0)
  }

  #forget(): void {
    this.#log = listOf(scratch, 0)
    this.#stricter = listOf(scratch, 0)
    this.#key = listOf(scratch, 0)
  }

  #push(word: number): void {
    this.#log[this.#length] = word
    this.#length++
  }

  /** Of each path of a permit, whether it is released. */
  tell(released: boolean[], paths: number): void {
    let next = 0
    for (let at = 0; at < paths; at++) {
      released[at] = this.#log[next] === permitted
      next += 2 + (this.#log[next + 1] ?? 0)
    }
  }

  /** The log, path by path. */
  paths(count: number): PathRuling[] {
    const { rules } = this.#tables.layout
    let at = 0
    return Array.from({ length: count }, (): PathRuling => {
      const place = this.#length === 0 ? uncovered : this.#log[at]
      const end = at + 2 + (this.#log[at + 1] ?? 0)
      const own = this.#log.slice(at + 2, end).flatMap((grant) => rules[ruleOf(grant, this.#relations)] ?? [])
      at = end
      if (place === permitted) return { code: 'PERMITTED', permits: own, denies: [] }
      if (place === denied) return { code: 'DENIED_BY_RULE', permits: [], denies: own }
      return { code: place === conditions ? 'CONDITIONS_NOT_MET' : 'UNCOVERED_DATA', permits: [], denies: [] }
    })
  }
}

function holds(list: readonly number[], begin: number, count: number, number: number): boolean {
  for (let at = begin; at < begin + count; at++) if (list[at] === number) return true
  return false
}
