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
import { bitOf, hasBit } from './bits.ts'
import { type CompiledRule, effects, type Side } from './compiled-rule.ts'
import { Flow } from './flow.ts'
import { discloses, suspends } from './matching.ts'
import type { Moments } from './moments.ts'
import type { Packs } from './packs/packs.ts'
import type { DataItem, Question } from './question.ts'
import { codes, headOf, type Ruling, type Rulings, refusal, ruleToken, token } from './rulings.ts'
import { sectionOf, type Tables, trait } from './tables.ts'

export interface Parts {
  readonly side: Side
  readonly rules: readonly CompiledRule[]
  readonly packs: Packs
  readonly tables: Tables
  readonly moments: Moments
  readonly rulings: Rulings
}

const deny = effects.indexOf('deny')
const oblige = effects.indexOf('oblige')
const permit = effects.indexOf('permit')

const code = {
  permitted: codes.indexOf('PERMITTED'),
  denied: codes.indexOf('DENIED_BY_RULE'),
  conditions: codes.indexOf('CONDITIONS_NOT_MET'),
  uncovered: codes.indexOf('UNCOVERED_DATA'),
  noRule: codes.indexOf('NO_RULE'),
} as const

const noPolicy = refusal('NO_POLICY')
const notInForce = refusal('POLICY_NOT_IN_FORCE')

// A longer key was made by thousands of denies for each of many paths: the list that held it is not kept.
const scratchMax = 8192

export class RuleIndex {
  readonly #rules: readonly CompiledRule[]
  readonly #side: Side
  readonly #packs: Packs
  readonly #tables: Tables
  readonly #moments: Moments
  readonly #rulings: Rulings
  readonly #relations: number
  /** Whether every permit covers a category as a whole, so that paths of one category share their fate. */
  readonly #byCategory: boolean

  /** The rows that no place is asked in: they stand at the same places in every table. */
  readonly #table: Int32Array

  // What is worked in, for one question at a time.
  readonly #flow: Flow
  /** Where the row of each path's category begins. */
  readonly #rows: number[] = []
  #key: number[] = [0]
  #length = 0
  #stricter: number[] = []
  #stricterCount = 0

  constructor({ side, rules, packs, tables, moments, rulings }: Parts) {
    this.#rules = Object.freeze([...rules])
    this.#side = side
    this.#packs = packs
    this.#tables = tables
    this.#moments = moments
    this.#rulings = rulings
    this.#relations = tables.scopes.length
    this.#byCategory = rules.every(({ disclose }) => disclose === undefined)
    this.#table = tables.rows.table()
    this.#flow = new Flow(tables, packs)
  }

  /** In the order of choice. */
  get rules(): readonly CompiledRule[] {
    return this.#rules
  }

  /** Total and without clock or chance. What is answered the same is the same object, up to a bound. */
  rule(question: Question): Ruling {
    if (this.#tables.layout.policies === 0) return noPolicy
    const { places, suspensions } = this.#moments.at(question.at)
    if (places === undefined) return notInForce
    if (suspensions.length > 0) {
      const standing = suspensions.filter((suspension) => suspends(suspension, this.#side, question, this.#packs))
      const ids = standing.map(({ metadata }) => metadata.id)
      if (ids.length > 0) return refusal('SUSPENDED', ids)
    }
    this.#flow.enter(question, places)
    return this.#settle(question)
  }

  /** Permits that would have done as well as those of the ruling: of the flow, for some of the data, with all they ask. */
  alternatives(question: Question, { rules: used }: Ruling): string[] {
    const { places } = this.#moments.at(question.at)
    if (places === undefined) return []
    const { layout } = this.#tables
    const { facts, data } = question
    const found: number[] = []
    this.#flow.enter(question, places)
    this.#findRows(data)
    for (let policy = 0; policy < layout.policies; policy++) this.#eachConcerned(policy, permit, data.length, (number) => found.push(number))
    const rules = found
      .filter((number) => this.#flow.fits(number, facts, false) && this.#flow.shown(number, facts))
      .flatMap((number) => layout.rules[number] ?? [])
    const ids = rules.sort((a, b) => a.order - b.order).map(({ rule }) => rule.id)
    return ids.filter((id) => !used.includes(id))
  }

  /** Whether a permit covers the category, or another rule touches it. */
  concerns({ number }: CompiledRule, category: string): boolean {
    return hasBit(this.#table, this.#rowOf(category), number)
  }

  #findRows(data: readonly DataItem[]): void {
    for (let at = 0; at < data.length; at++) this.#rows[at] = this.#rowOf(data[at]?.category ?? '')
  }

  #rowOf(category: string): number {
    const { categories, categoryAt, layout } = this.#tables
    return (categoryAt[categories.get(category) ?? 0] ?? 0) + layout.headWords
  }

  // --- All paths.

  #settle(question: Question): Ruling {
    const { data, facts, selective } = question
    if (this.#flow.found.count === 0) return this.#rulings.nothing(data.length)
    let released = 0
    let denied = false
    let near = false
    let outcome: number = code.uncovered
    let begin = 1
    this.#length = 1
    this.#findRows(data)
    for (let at = 0; at < data.length; at++) {
      const next = this.#length
      // An invoice has many paths of few categories: neighbours are often of one.
      if (at > 0 && this.#byCategory && data[at]?.category === data[at - 1]?.category) this.#repeat(begin, next)
      else outcome = this.#settlePath(question, at)
      begin = next
      if (outcome === code.permitted) released++
      else if (outcome === code.denied) denied = true
      else if (outcome === code.conditions) near = true
    }
    let answer: number = code.permitted
    if (denied) answer = code.denied
    else if (released === 0) answer = near ? code.conditions : this.#anyPermit(facts) ? code.uncovered : code.noRule
    else if (released < data.length && !selective) answer = code.uncovered
    if (answer === code.permitted) this.#addDuties(data.length, facts)
    this.#key[0] = headOf(data.length, answer)
    const ruling = this.#rulings.of(this.#key, this.#length)
    if (this.#length > scratchMax) this.#shrink()
    return ruling
  }

  /** Whether any permit matches the flow, data aside. */
  #anyPermit(facts: Question['facts']): boolean {
    const { policies } = this.#tables.layout
    for (let policy = 0; policy < policies; policy++) if (this.#flow.permits(policy, facts)) return true
    return false
  }

  #addDuties(paths: number, facts: Question['facts']): void {
    const { policies } = this.#tables.layout
    const { starts } = this.#flow.found
    this.#stricterCount = 0
    for (let policy = 0; policy < policies; policy++) {
      const section = sectionOf(policy, oblige)
      if (starts[section] !== starts[section + 1]) this.#eachConcerned(policy, oblige, paths, (number) => this.#collect(number, facts))
    }
    this.#pushStricter()
  }

  /** Rules of one policy and effect in the flow that concern any of the paths. */
  #eachConcerned(policy: number, effect: number, paths: number, act: (number: number) => void): void {
    const { words, bits, starts } = this.#flow.found
    const table = this.#table
    const section = sectionOf(policy, effect)
    const end = starts[section + 1] ?? 0
    for (let place = starts[section] ?? 0; place < end; place++) {
      const word = words[place] ?? 0
      let concerned = 0
      for (let path = 0; path < paths; path++) concerned |= table[(this.#rows[path] ?? 0) + word] ?? 0
      for (let left = (bits[place] ?? 0) & concerned; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        act((word << 5) + first)
      }
    }
  }

  // --- One path.

  #settlePath(question: Question, at: number): number {
    const { policies } = this.#tables.layout
    const begin = this.#length
    let missed: number | undefined
    this.#stricterCount = 0
    for (let policy = 0; policy < policies; policy++) {
      const before = this.#stricterCount
      this.#findDenies(question.facts, this.#rows[at] ?? 0, policy)
      const word = this.#choose(question, at, policy, before)
      if (word >= token.rules) {
        this.#stricterCount = before
        this.#push(word)
      } else if (this.#stricterCount > before) continue
      else if (word === token.conditions) missed ??= token.conditions
      // With one policy, every category needs a permit of it anyway.
      else if (policies === 1 || this.#flow.speaks(policy, question.facts)) missed = token.uncovered
    }
    if (this.#stricterCount > 0) return this.#deny(begin)
    if (missed !== undefined || this.#length === begin) {
      this.#length = begin
      this.#push(missed ?? token.uncovered)
      return missed === token.conditions ? code.conditions : code.uncovered
    }
    if (policies > 1) this.#push(token.end)
    return code.permitted
  }

  /** Adds the denies of one policy that touch the path and stand to those collected. */
  #findDenies(facts: Question['facts'], row: number, policy: number): void {
    const { words, bits, starts } = this.#flow.found
    const table = this.#table
    const section = sectionOf(policy, deny)
    const end = starts[section + 1] ?? 0
    for (let place = starts[section] ?? 0; place < end; place++) {
      const word = words[place] ?? 0
      for (let left = (bits[place] ?? 0) & (table[row + word] ?? 0); left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        this.#collect((word << 5) + first, facts)
      }
    }
  }

  /**
   * The permit of one policy that is first in the order of choice among those that cover the path, have what they ask,
   * and are exceptions to every deny collected since `before`.
   *
   * @returns the permit as a word of a key; else whether one covers the path, what it asks and the denies aside
   */
  #choose(question: Question, at: number, policy: number, before: number): number {
    const { words, bits, starts } = this.#flow.found
    const { orderOf, traits } = this.#tables.layout
    const { facts } = question
    const table = this.#table
    const row = this.#rows[at] ?? 0
    const section = sectionOf(policy, permit)
    const end = starts[section + 1] ?? 0
    let chosen: number = token.uncovered
    let order = Number.MAX_SAFE_INTEGER
    for (let place = starts[section] ?? 0; place < end; place++) {
      const word = words[place] ?? 0
      for (let left = (bits[place] ?? 0) & (table[row + word] ?? 0); left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const number = (word << 5) + first
        if ((orderOf[number] ?? 0) > order) continue
        const own = traits[number] ?? 0
        if ((own & trait.asks) !== 0 && !this.#flow.fits(number, facts, false)) continue
        const grant = (own & (trait.related | trait.limited)) === 0 ? ruleToken(number, -1, this.#relations) : this.#grant(number, question, at)
        if (grant === token.uncovered) continue
        if (chosen === token.uncovered) chosen = token.conditions
        if (this.#stricterCount > before && !this.#excepts(number, before)) continue
        if ((own & trait.clauses) !== 0 && !this.#flow.shown(number, facts)) continue
        chosen = grant
        order = orderOf[number] ?? 0
      }
    }
    return chosen
  }

  /** A permit that is limited to paths, or needs a legal relation that does not leave the category out. */
  #grant(number: number, { facts, data }: Question, at: number): number {
    const rule = this.#tables.layout.rules[number]
    const { path, category } = data[at] ?? { path: '', category: '' }
    if (rule === undefined || !discloses(rule.disclose, path)) return token.uncovered
    if (rule.relations.length === 0 || this.#flow.reached(number)) return ruleToken(number, -1, this.#relations)
    const scope = this.#flow.relationFor(rule, facts, category)
    return scope ? ruleToken(number, scope.number, this.#relations) : token.uncovered
  }

  #excepts(number: number, before: number): boolean {
    const excepts = this.#tables.layout.rules[number]?.excepts ?? []
    for (let at = before; at < this.#stricterCount; at++) if (!excepts.includes(this.#stricter[at] ?? -1)) return false
    return true
  }

  #deny(begin: number): number {
    this.#length = begin
    this.#push(token.denied)
    this.#pushStricter()
    this.#push(token.end)
    return code.denied
  }

  // --- Lists that are worked in.

  /** Adds a deny or a duty, if it stands. */
  #collect(number: number, facts: Question['facts']): void {
    if (!this.#flow.fits(number, facts, true) || this.#flow.lifted(number, facts)) return
    this.#stricter[this.#stricterCount] = number
    this.#stricterCount++
  }

  /** In the order of choice. */
  #pushStricter(): void {
    const count = this.#stricterCount
    if (count > 1) {
      const { orderOf } = this.#tables.layout
      const sorted = this.#stricter.slice(0, count).sort((a, b) => (orderOf[a] ?? 0) - (orderOf[b] ?? 0))
      for (const [at, number] of sorted.entries()) this.#stricter[at] = number
    }
    for (let at = 0; at < count; at++) this.#push(ruleToken(this.#stricter[at] ?? 0, -1, this.#relations))
  }

  #repeat(begin: number, end: number): void {
    for (let at = begin; at < end; at++) this.#push(this.#key[at] ?? 0)
  }

  #push(word: number): void {
    this.#key[this.#length] = word
    this.#length++
  }

  #shrink(): void {
    this.#key = [0]
    this.#stricter = []
  }
}
