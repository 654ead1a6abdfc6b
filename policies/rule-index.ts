/**
 * One side's rules, and the answer to a question in well under a microsecond.
 *
 *     rule      in force? suspended? else
 *     enter     the facts as numbers; the rules that are left of the flow
 *     settle    path by path, then the code and the duties: a key
 *     of        the ruling with that key
 *
 * A path is released when, in every policy that speaks of the flow, a satisfied permit covers it and is an exception to
 * each deny of that policy that touches it. Nothing of a question outlives its answer.
 */
import { bitOf, hasBit, listOf } from './bits.ts'
import type { CompiledRule, Side } from './compiled-rule.ts'
import { Flow } from './flow.ts'
import { discloses, suspends } from './matching.ts'
import type { Moments } from './moments.ts'
import type { Packs } from './packs/packs.ts'
import type { PlaceTables } from './place-tables.ts'
import type { Suspension } from './policy.ts'
import type { DataItem, Question } from './question.ts'
import { type Code, grantOf, type Ruling, type Rulings, refusal, ruleOf } from './rulings.ts'
import { orderIn, sectionOf, type Tables, trait } from './tables.ts'

/** Of one path. */
export interface PathRuling {
  readonly code: 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA'
  /** The permits that cover it, one a policy. */
  readonly permits: readonly CompiledRule[]
  /** The denies no permit is an exception to. */
  readonly denies: readonly CompiledRule[]
}

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

const codes = ['PERMITTED', 'DENIED_BY_RULE', 'CONDITIONS_NOT_MET', 'UNCOVERED_DATA', 'NO_RULE'] as const satisfies readonly Code[]
const [permitted, denied, conditions, uncovered, noRule] = [0, 1, 2, 3, 4] as const

/** Beside grants, which are at least 0: some permit covers a path; none does. */
const [covered, missing] = [-1, -2] as const

const noPolicy = refusal('NO_POLICY')
const notInForce = refusal('POLICY_NOT_IN_FORCE')
/** By place in `codes`, where the code says all. */
const withoutRules = codes.map((code) => (code === 'PERMITTED' || code === 'DENIED_BY_RULE' ? undefined : refusal(code)))

// Thousands of denies for each of many paths make lists that are not worth keeping.
const keptMax = 16_384
// Long enough for most questions; a list that grows does so from the end.
const scratch = 256
// Up to here it is quicker to look through a list than to ask a set.
const listMax = 64

export class RuleIndex {
  readonly #rules: readonly CompiledRule[]
  readonly #side: Side
  readonly #packs: Packs
  readonly #tables: Tables
  readonly #moments: Moments
  readonly #rulings: Rulings
  readonly #relations: number
  /** What is said where not every policy is in force. */
  readonly #absent: Ruling
  /** Whether every permit covers a category as a whole, so that paths of one category share their fate. */
  readonly #byCategory: boolean
  /** The rows that no place is asked in: they stand at the same places in every table. */
  readonly #table: Int32Array

  // What is worked in, for one question at a time.
  readonly #flow: Flow
  /** By path, where the row of its category begins. */
  readonly #rows: number[] = listOf(scratch, 0)
  /** Rules of the flow that concern any of the paths, by number; by policy, where its rules end among them; all their traits. */
  readonly #concerned: number[] = listOf(scratch, 0)
  readonly #ends: number[]
  readonly #single: boolean
  #traits = 0
  /** Path by path: place of the code in `codes`, how many grants, and the grants. */
  #log: number[] = listOf(scratch, 0)
  #length = 0
  /** Denies of a path, then duties. */
  #stricter: number[] = listOf(scratch, 0)
  #stricterCount = 0
  #key: number[] = listOf(scratch, 0)

  constructor({ side, rules, packs, tables, moments, rulings }: Parts) {
    this.#rules = Object.freeze([...rules])
    this.#side = side
    this.#packs = packs
    this.#tables = tables
    this.#moments = moments
    this.#rulings = rulings
    this.#relations = tables.scopes.length
    this.#absent = tables.layout.policies === 0 ? noPolicy : notInForce
    this.#byCategory = rules.every(({ disclose }) => disclose === undefined)
    this.#table = tables.rows.table()
    this.#flow = new Flow(tables, packs)
    this.#single = tables.layout.policies === 1
    this.#ends = listOf(tables.layout.policies, 0)
  }

  /** In the order of choice. */
  get rules(): readonly CompiledRule[] {
    return this.#rules
  }

  /** Total and without clock or chance. What is answered the same is the same object, up to a bound. */
  rule(question: Question): Ruling {
    const { places, suspensions } = this.#moments.at(question.at)
    if (places === undefined) return this.#absent
    const suspended = suspensions.length > 0 ? this.#suspended(question, suspensions) : undefined
    return suspended ?? this.#quick(question, places)
  }

  judge(question: Question): Judged {
    const { places, suspensions } = this.#moments.at(question.at)
    if (places === undefined) return { ruling: this.#absent, paths: [], alternatives: [] }
    const suspended = this.#suspended(question, suspensions)
    if (suspended) return { ruling: suspended, paths: [], alternatives: [] }
    const answer = this.#settle(question, places)
    const paths = this.#logged(question.data.length)
    const ruling = this.#ruling(answer, question.facts)
    return { ruling, paths, alternatives: answer === permitted ? this.#alternatives(question, ruling) : [] }
  }

  /** The ruling; of each path of a permit, whether it is released, is written into `released`. */
  ruleOn(question: Question, released: boolean[]): Ruling {
    const ruling = this.rule(question)
    let next = 0
    for (let at = 0; at < question.data.length; at++) {
      released[at] = this.#log[next] === permitted
      next += 2 + (this.#log[next + 1] ?? 0)
    }
    return ruling
  }

  /** Whether a permit covers the category, or another rule touches it. */
  concerns({ number }: CompiledRule, category: string): boolean {
    const { categories, categoryAt, layout } = this.#tables
    return hasBit(this.#table, (categoryAt[categories.of(category)] ?? 0) + layout.headWords, number)
  }

  #suspended(question: Question, suspensions: readonly Suspension[]): Ruling | undefined {
    const ids: string[] = []
    for (const suspension of suspensions) if (suspends(suspension, this.#side, question, this.#packs)) ids.push(suspension.metadata.id)
    return ids.length > 0 ? refusal('SUSPENDED', ids) : undefined
  }

  /** Permits of the flow in hand that would have done as well as those of the ruling: for some of the data, with all they ask. */
  #alternatives({ facts }: Question, { rules: used }: Ruling): string[] {
    const { layout } = this.#tables
    return this.#concerned
      .slice(0, this.#ends.at(-1))
      .filter((number) => ((layout.marks[number] ?? 0) & trait.permits) !== 0)
      .filter((number) => this.#flow.fits(number, facts, false) && this.#flow.shown(number, facts))
      .flatMap((number) => layout.rules[number] ?? [])
      .sort((a, b) => a.order - b.order)
      .map(({ rule }) => rule.id)
      .filter((id) => !used.includes(id))
  }

  // --- All paths.

  #quick(question: Question, places: PlaceTables): Ruling {
    const { data, facts } = question
    this.#length = 0
    this.#flow.enter(question, places)
    if (this.#flow.found.begin === this.#flow.found.end) return withoutRules[noRule] as Ruling
    this.#findRows(data)
    this.#findConcerned(data.length)
    if ((this.#traits & (trait.permits | trait.denies)) === 0) return withoutRules[this.#anyPermit(facts) ? uncovered : noRule] as Ruling
    if (this.#single && (this.#traits & (trait.related | trait.limited)) === 0) {
      const one = this.#byOne(question)
      if (one) return one
    }
    return this.#ruling(this.#settlePaths(question), facts)
  }

  #byOne({ data, facts, selective }: Question): Ruling | undefined {
    const { marks } = this.#tables.layout
    const concerned = this.#concerned
    const count = this.#ends[0] ?? 0
    let granted = -1
    let near = false
    for (let at = 0; at < count; at++) {
      const number = concerned[at] ?? 0
      const own = marks[number] ?? 0
      const permits = (own & trait.permits) !== 0
      if ((own & trait.asks) !== 0 && !this.#flow.fits(number, facts, !permits)) continue
      const shown = (own & trait.clauses) === 0 || this.#flow.shown(number, facts)
      if (permits) {
        near = true
        if (!shown) continue
      } else if (shown && (own & trait.clauses) !== 0) continue
      if (granted >= 0) return undefined
      granted = number
    }
    if (granted < 0) return withoutRules[near ? conditions : this.#anyPermit(facts) ? uncovered : noRule] as Ruling
    const own = marks[granted] ?? 0
    if ((own & trait.denies) !== 0) return this.#rulings.byOne(granted, 0)
    if ((own & trait.permits) === 0) return undefined
    if (!selective) for (let path = 0; path < data.length; path++) if (!hasBit(this.#table, this.#rows[path] ?? 0, granted)) return withoutRules[uncovered] as Ruling
    return this.#rulings.byOne(granted, 1)
  }

  /** Writes the log, which stays empty where no permit and no deny concerns any path. @returns place of the code in `codes` */
  #settle(question: Question, places: PlaceTables): number {
    const { data, facts } = question
    if (this.#log.length > keptMax) this.#forget()
    this.#length = 0
    this.#flow.enter(question, places)
    if (this.#flow.found.begin === this.#flow.found.end) return noRule
    this.#findRows(data)
    this.#findConcerned(data.length)
    if ((this.#traits & (trait.permits | trait.denies)) === 0) return this.#anyPermit(facts) ? uncovered : noRule
    return this.#settlePaths(question)
  }

  #findRows(data: readonly DataItem[]): void {
    const { categories, categoryAt, layout } = this.#tables
    const rows = this.#rows
    for (let at = 0; at < data.length; at++) rows[at] = (categoryAt[categories.of(data[at]?.category)] ?? 0) + layout.headWords
  }

  /** Most rules of a flow concern none of the paths, and are not looked at again. */
  #findConcerned(paths: number): void {
    const { store, begin, end } = this.#flow.found
    const { marks } = this.#tables.layout
    const table = this.#table
    const rows = this.#rows
    const found = this.#concerned
    let count = 0
    let traits = 0
    for (let at = begin; at < end; at += 2) {
      const word = store[at] ?? 0
      let concerned = 0
      for (let path = 0; path < paths; path++) concerned |= table[(rows[path] ?? 0) + word] ?? 0
      for (let left = (store[at + 1] ?? 0) & concerned; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const number = (word << 5) + first
        found[count] = number
        traits |= marks[number] ?? 0
        count++
      }
    }
    this.#traits = traits
    this.#divide(count)
  }

  #divide(count: number): void {
    const { policies, starts } = this.#tables.layout
    let at = count
    for (let policy = policies - 1; policy >= 0; policy--) {
      this.#ends[policy] = at
      const first = (starts[sectionOf(policy, 0)] ?? 0) << 5
      if (policy > 0) while (at > 0 && (this.#concerned[at - 1] ?? 0) >= first) at--
    }
  }

  #settlePaths(question: Question): number {
    const { data, facts, selective } = question
    let released = 0
    let refused = false
    let near = false
    let outcome: number = uncovered
    let begin = 0
    for (let at = 0; at < data.length; at++) {
      const item = data[at]
      if (item === undefined) break
      const next = this.#length
      const row = this.#rows[at] ?? 0
      // An invoice has many paths of few categories: neighbours are often of one.
      if (at > 0 && row === this.#rows[at - 1] && this.#byCategory) this.#repeat(begin, next)
      else outcome = this.#settlePath(question, item, row)
      begin = next
      if (outcome === permitted) released++
      else if (outcome === denied) refused = true
      else if (outcome === conditions) near = true
    }
    if (refused) return denied
    if (released === 0) return near ? conditions : this.#anyPermit(facts) ? uncovered : noRule
    return released === data.length || selective ? permitted : uncovered
  }

  /** Whether any permit matches the flow, data aside. */
  #anyPermit(facts: Question['facts']): boolean {
    const { policies } = this.#tables.layout
    for (let policy = 0; policy < policies; policy++) if (this.#flow.permits(policy, facts)) return true
    return false
  }

  #ruling(answer: number, facts: Question['facts']): Ruling {
    const simple = withoutRules[answer]
    if (simple) return simple
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
    const count = this.#ends[this.#ends.length - 1] ?? 0
    for (let at = 0; at < count; at++) {
      const number = this.#concerned[at] ?? 0
      if (((marks[number] ?? 0) & (trait.permits | trait.denies)) === 0) this.#collect(number, facts)
    }
    this.#sortStricter()
  }

  // --- One path.

  #settlePath(question: Question, item: DataItem, row: number): number {
    const { policies } = this.#tables.layout
    const ends = this.#ends
    const begin = this.#length
    let missed: number | undefined
    this.#push(uncovered)
    this.#push(0)
    this.#stricterCount = 0
    let first = 0
    for (let policy = 0; policy < policies; policy++) {
      const end = ends[policy] ?? 0
      const before = this.#stricterCount
      if ((this.#traits & trait.denies) !== 0) this.#findDenies(question.facts, row, first, end)
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
    for (let at = first; at < end; at++) {
      const number = this.#concerned[at] ?? 0
      if (((marks[number] ?? 0) & trait.denies) !== 0 && hasBit(this.#table, row, number)) this.#collect(number, facts)
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
    const table = this.#table
    let chosen: number = missing
    let order = Number.MAX_SAFE_INTEGER
    for (let at = first; at < end; at++) {
      const number = this.#concerned[at] ?? 0
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

  /** The log, path by path. */
  #logged(paths: number): PathRuling[] {
    const { rules } = this.#tables.layout
    let at = 0
    return Array.from({ length: paths }, (): PathRuling => {
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
