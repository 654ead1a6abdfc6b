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
import type { Tables } from './tables.ts'

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

// A longer list was made by thousands of denies for each of many paths, and is not kept.
const scratchMax = 8192

export class RuleIndex {
  readonly rules: readonly CompiledRule[]
  readonly #side: Side
  readonly #packs: Packs
  readonly #tables: Tables
  readonly #moments: Moments
  readonly #rulings: Rulings
  readonly #policies: number
  readonly #relations: number
  /** Whether every permit covers a category as a whole, so that paths of one category share their fate. */
  readonly #byCategory: boolean
  readonly #obliges: boolean

  // What is worked in, for one question at a time.
  readonly #flow: Flow
  /** By policy, where its words begin among those of the flow; after the last the end. */
  readonly #starts: Int32Array
  /** Where the row of each path's category begins. */
  readonly #rows: number[] = []
  #key: number[] = [0]
  #length = 0
  #denies: number[] = []
  #denyCount = 0

  constructor({ side, rules, packs, tables, moments, rulings }: Parts) {
    this.rules = Object.freeze([...rules])
    this.#side = side
    this.#packs = packs
    this.#tables = tables
    this.#moments = moments
    this.#rulings = rulings
    this.#policies = tables.layout.starts.length - 1
    this.#relations = tables.scopes.length
    this.#byCategory = rules.every(({ disclose }) => disclose === undefined)
    this.#obliges = rules.some(({ rule }) => rule.effect === 'oblige')
    this.#flow = new Flow(tables, packs)
    this.#starts = new Int32Array(tables.layout.starts.length)
    Object.freeze(this)
  }

  /** Total and without clock or chance. What is answered the same is the same object, up to a bound. */
  rule(question: Question): Ruling {
    if (this.#policies === 0) return noPolicy
    const { places, suspensions } = this.#moments.at(question.at)
    if (places === undefined) return notInForce
    if (suspensions.length > 0) {
      const standing = suspensions.filter((suspension) => suspends(suspension, this.#side, question, this.#packs))
      if (standing.length > 0)
        return refusal(
          'SUSPENDED',
          standing.map(({ metadata }) => metadata.id),
        )
    }
    this.#flow.enter(question, places)
    return this.#settle(question)
  }

  /** Permits that would have done as well as those of the ruling: of the flow, for some of the data, with all they ask. */
  alternatives(question: Question, { rules: used }: Ruling): string[] {
    const { places } = this.#moments.at(question.at)
    if (places === undefined) return []
    this.#flow.enter(question, places)
    const found: number[] = []
    this.#findRows(question.data)
    this.#eachConcerned(permit, question.data.length, (number) => {
      if (this.#flow.fits(number, question, false) && this.#flow.shown(number, question)) found.push(number)
    })
    const { rules, orderOf } = this.#tables.layout
    const ids = found.sort((a, b) => (orderOf[a] ?? 0) - (orderOf[b] ?? 0)).flatMap((number) => rules[number]?.rule.id ?? [])
    return ids.filter((id) => !used.includes(id))
  }

  /** Whether a permit covers the category, or another rule touches it. */
  concerns({ number }: CompiledRule, category: string): boolean {
    return hasBit(this.#tables.category.bits, this.#rowOf(category), number)
  }

  #settle(question: Question): Ruling {
    const { data, selective } = question
    this.#findStarts()
    this.#findRows(data)
    this.#length = 1
    let released = 0
    let denied = false
    let near = false
    let outcome: number = code.uncovered
    let begin = 1
    for (let at = 0; at < data.length; at++) {
      const item = data[at]
      if (item === undefined) break
      const next = this.#length
      // An invoice has many paths of few categories: neighbours are often of one.
      if (at > 0 && this.#byCategory && this.#rows[at] === this.#rows[at - 1]) this.#repeat(begin, next)
      else outcome = this.#settlePath(question, item, this.#rows[at] ?? 0)
      begin = next
      if (outcome === code.permitted) released++
      else if (outcome === code.denied) denied = true
      else if (outcome === code.conditions) near = true
    }
    const all = released === data.length
    const answer = denied ? code.denied : all || (released > 0 && selective) ? code.permitted : this.#refused(question, released > 0, near)
    if (answer === code.permitted && this.#obliges) this.#addDuties(question)
    this.#key[0] = headOf(data.length, answer)
    const ruling = this.#rulings.of(this.#key, this.#length)
    if (this.#length > scratchMax) [this.#key, this.#denies] = [[0], []]
    return ruling
  }

  #refused(question: Question, someCovered: boolean, near: boolean): number {
    if (someCovered) return code.uncovered
    if (near) return code.conditions
    return this.#anyPermit(question) ? code.uncovered : code.noRule
  }

  // --- One path.

  #settlePath(question: Question, item: DataItem, row: number): number {
    const begin = this.#length
    let missed: number | undefined
    this.#denyCount = 0
    for (let policy = 0; policy < this.#policies; policy++) {
      const before = this.#denyCount
      const word = this.#choose(question, item, row, policy)
      if (word >= token.rules) {
        this.#denyCount = before
        this.#push(word)
      } else if (this.#denyCount > before) continue
      else if (word === token.conditions) missed ??= token.conditions
      // With one policy, every category needs a permit of it anyway.
      else if (this.#policies === 1 || this.#flow.speaks(policy, question)) missed = token.uncovered
    }
    if (this.#denyCount > 0) return this.#deny(begin)
    if (missed !== undefined || this.#length === begin) {
      this.#length = begin
      this.#push(missed ?? token.uncovered)
      return missed === token.conditions ? code.conditions : code.uncovered
    }
    if (this.#policies > 1) this.#push(token.end)
    return code.permitted
  }

  /**
   * Adds the denies of one policy that touch the path to those collected.
   *
   * @returns the permit that is chosen; else whether one covers the path, its conditions or the denies aside
   */
  #choose(question: Question, item: DataItem, row: number, policy: number): number {
    const { layout, category } = this.#tables
    const { words, bits } = this.#flow.found
    const before = this.#denyCount
    let word: number = token.uncovered
    let order = Number.MAX_SAFE_INTEGER
    const end = this.#starts[policy + 1] ?? 0
    for (let at = this.#starts[policy] ?? 0; at < end; at++) {
      const place = words[at] ?? 0
      const effect = layout.effectOf[place] ?? oblige
      let left = (bits[at] ?? 0) & (category.bits[row + place] ?? 0)
      if (effect === oblige) continue
      while (left !== 0) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const number = (place << 5) + first
        if (effect === deny) this.#collect(number, question)
        else if ((layout.orderOf[number] ?? 0) < order) {
          const grant = this.#grant(number, question, item)
          if (grant === token.uncovered) continue
          if (this.#excepts(number, before) && this.#flow.shown(number, question)) {
            word = grant
            order = layout.orderOf[number] ?? 0
          } else if (word === token.uncovered) word = token.conditions
        }
      }
    }
    return word
  }

  /** Adds a deny that stands, in the order of choice. */
  #collect(number: number, question: Question): void {
    if (!this.#flow.fits(number, question, true) || this.#flow.lifted(number, question)) return
    this.#denies[this.#denyCount] = number
    this.#denyCount++
  }

  /** The permit with the legal relation it covers the path by, conditions aside. */
  #grant(number: number, question: Question, { path, category }: DataItem): number {
    if (!this.#flow.fits(number, question, false)) return token.uncovered
    const { special, rules } = this.#tables.layout
    const rule = special[number] === 1 ? rules[number] : undefined
    if (rule === undefined) return ruleToken(number, -1, this.#relations)
    if (!discloses(rule.disclose, path)) return token.uncovered
    if (rule.relations.length === 0 || this.#flow.reached(number)) return ruleToken(number, -1, this.#relations)
    const scope = this.#flow.relationFor(rule, question, category)
    return scope ? ruleToken(number, scope.number, this.#relations) : token.uncovered
  }

  /** Whether the permit is an exception to every deny of its policy collected so far. */
  #excepts(number: number, before: number): boolean {
    if (this.#denyCount === before) return true
    const excepts = this.#tables.layout.rules[number]?.excepts ?? []
    for (let at = before; at < this.#denyCount; at++) if (!excepts.includes(this.#denies[at] ?? -1)) return false
    return true
  }

  #deny(begin: number): number {
    const { orderOf } = this.#tables.layout
    this.#length = begin
    this.#push(token.denied)
    sortFirst(this.#denies, this.#denyCount, orderOf)
    for (let at = 0; at < this.#denyCount; at++) this.#push(ruleToken(this.#denies[at] ?? 0, -1, this.#relations))
    this.#push(token.end)
    return code.denied
  }

  #repeat(begin: number, end: number): void {
    for (let at = begin; at < end; at++) this.#push(this.#key[at] ?? 0)
  }

  #push(word: number): void {
    this.#key[this.#length] = word
    this.#length++
  }

  // --- All paths.

  #addDuties(question: Question): void {
    this.#denyCount = 0
    this.#eachConcerned(oblige, question.data.length, (number) => this.#collect(number, question))
    sortFirst(this.#denies, this.#denyCount, this.#tables.layout.orderOf)
    for (let at = 0; at < this.#denyCount; at++) this.#push(ruleToken(this.#denies[at] ?? 0, -1, this.#relations))
  }

  /** Whether any permit matches the flow, data aside. */
  #anyPermit(question: Question): boolean {
    const { layout } = this.#tables
    const { words, bits, count } = this.#flow.found
    for (let at = 0; at < count; at++) {
      const place = words[at] ?? 0
      if (layout.effectOf[place] !== permit) continue
      for (let left = bits[at] ?? 0; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        if (this.#flow.fits((place << 5) + first, question, false)) return true
      }
    }
    return false
  }

  /** Rules of one effect in the flow that concern any of the data. */
  #eachConcerned(effect: number, paths: number, act: (number: number) => void): void {
    const { layout, category } = this.#tables
    const { words, bits, count } = this.#flow.found
    for (let at = 0; at < count; at++) {
      const place = words[at] ?? 0
      if (layout.effectOf[place] !== effect) continue
      let concerned = 0
      for (let path = 0; path < paths; path++) concerned |= category.bits[(this.#rows[path] ?? 0) + place] ?? 0
      for (let left = (bits[at] ?? 0) & concerned; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        act((place << 5) + first)
      }
    }
  }

  #findStarts(): void {
    const { words, count } = this.#flow.found
    const { starts } = this.#tables.layout
    let at = 0
    for (let policy = 0; policy < this.#policies; policy++) {
      while (at < count && (words[at] ?? 0) < (starts[policy] ?? 0)) at++
      this.#starts[policy] = at
    }
    this.#starts[this.#policies] = count
  }

  #findRows(data: readonly DataItem[]): void {
    for (let at = 0; at < data.length; at++) this.#rows[at] = this.#rowOf(data[at]?.category ?? '')
  }

  #rowOf(category: string): number {
    return (this.#tables.categories.get(category) ?? 0) * this.#tables.layout.words
  }
}

/** Puts the first `count` of the numbers in order: a handful at most, unless somebody wrote thousands of denies. */
function sortFirst(numbers: number[], count: number, orderOf: Int32Array): void {
  if (count < 2) return
  const sorted = numbers.slice(0, count).sort((a, b) => (orderOf[a] ?? 0) - (orderOf[b] ?? 0))
  for (const [at, number] of sorted.entries()) numbers[at] = number
}
