/**
 * Which rules are left of a side for a question, data aside: rows met word by word, empty words passed over.
 *
 * What few rules ask (sector, certification, flags, counters, the scope of a legal relation) is looked at only on the
 * rules that are left. Unknown facts count as matched for a deny or a duty and as not met for a permit (rule 6 of the
 * language), so less knowledge never releases more.
 */
import { AskedFacts, answer } from './asked-facts.ts'
import { bitOf, hasBit } from './bits.ts'
import { type Cells, leftOut } from './cells.ts'
import { type CompiledRule, effects } from './compiled-rule.ts'
import { vouchedValue } from './facts.ts'
import { leavesOut } from './matching.ts'
import type { Numbers } from './packs/numbers.ts'
import type { Packs } from './packs/packs.ts'
import type { PlaceTables } from './place-tables.ts'
import { type Fact, factTable, type Question } from './question.ts'
import { type Scope, sectionOf, type Tables, trait } from './tables.ts'

/** The words of a row in which rules stand that are left: which word and what stands in it, in turn, in a part of `store`. */
export interface Found {
  store: Int32Array
  begin: number
  end: number
}

type Facts = Question['facts']

const permit = effects.indexOf('permit')
const vouched = factTable.to.origins
const declared = factTable.purpose.origins

/** One question at a time: memory to work in. Of an answered one nothing is left but the number of its exporter, which is the next one's too. */
export class Flow {
  /** Rules whose match may hold: `fits` has the last word. */
  readonly found: Found
  /** Where words are written down that no table has. */
  readonly #met: Int32Array
  readonly #tables: Tables
  readonly #packs: Packs
  readonly #asked: AskedFacts
  /** As `found`, were all that is unknown known and favourable. */
  readonly #possible: Found
  readonly #possiblyMet: Int32Array
  /** By policy, when it was first asked. */
  #speaking: readonly boolean[] | undefined
  #places: PlaceTables | undefined
  /** Undefined where a place is unknown: then any relation is possible. */
  #recorded: readonly Scope[] | undefined
  #from = 0
  #to = 0
  #credential = 0
  #lastFrom: Fact['value'] | undefined
  #lastFromNumber = 0
  #purpose = 0

  constructor(tables: Tables, packs: Packs) {
    const { words, clauses } = tables.layout
    this.#tables = tables
    this.#packs = packs
    this.#asked = new AskedFacts(clauses, packs)
    this.#met = new Int32Array(2 * words)
    this.#possiblyMet = new Int32Array(2 * words)
    this.found = { store: this.#met, begin: 0, end: 0 }
    this.#possible = { store: this.#possiblyMet, begin: 0, end: 0 }
  }

  enter({ facts, credential }: Question, places: PlaceTables): void {
    const { jurisdictions, purposes, credentials } = this.#tables
    const from = this.#numberOfExporter(vouchedValue(facts.from, vouched))
    const to = jurisdictions.of(vouchedValue(facts.to, vouched))
    const purpose = purposes.of(vouchedValue(facts.purpose, declared))
    const type = credentials.of(credential)
    const recorded = from === 0 || to === 0 ? undefined : places.recorded(from, to)
    const related = recorded === undefined ? places.relatedStrict : recorded.length === 0 ? places.none : places.related
    this.#places = places
    this.#from = from
    this.#to = to
    this.#purpose = purpose
    this.#credential = type
    this.#recorded = recorded
    this.#speaking = undefined
    this.#asked.clear()
    this.#gather(this.found, this.#met, places, from, to, related, type, purpose)
  }

  /**
   * Whether the match holds, of a rule that was found: so one that names no legal relation has its place.
   *
   * @param lenient whether the unknown counts as matched: so for a deny or a duty
   */
  fits(number: number, facts: Facts, lenient: boolean): boolean {
    const { listAt, lists } = this.#tables.layout
    const list = listAt[number] ?? 0
    const asks = lists[list] ?? 0
    for (let at = 0; at < asks; at++) {
      const said = this.#asked.answer(lists[list + 2 + at] ?? 0, facts)
      if (said === answer.fails || (said === answer.unknown && !lenient)) return false
    }
    return this.reached(number) || this.#related(number, facts, lenient)
  }

  /** Whether all that a `require` asks is shown. */
  shown(number: number, facts: Facts): boolean {
    const { listAt, lists } = this.#tables.layout
    const list = listAt[number] ?? 0
    const begin = list + 2 + (lists[list] ?? 0)
    const end = begin + (lists[list + 1] ?? 0)
    for (let at = begin; at < end; at++) if (!this.#asked.shows(lists[at] ?? 0, facts)) return false
    return true
  }

  /** Whether the recipient's place is met without any legal relation. */
  reached(number: number): boolean {
    const places = this.#places
    return places !== undefined && hasBit(places.table, (places.to[this.#to] ?? 0) + this.#tables.layout.headWords, number)
  }

  /** The first legal relation, by id, that the rule names, that holds, and that does not leave the category out. */
  relationFor({ relations }: CompiledRule, facts: Facts, category: string): Scope | undefined {
    return this.#recorded?.find(
      (scope) => relations.includes(scope.relation.kind) && this.#standing(scope, facts) === answer.holds && !leavesOut(scope, category, this.#packs),
    )
  }

  /** Whether any permit matches, data aside. */
  anyPermit(facts: Facts): boolean {
    const { policies } = this.#tables.layout
    for (let policy = 0; policy < policies; policy++) if (this.#someFits(this.found, policy, facts, false)) return true
    return false
  }

  /** Whether a policy speaks of the flow: a permit of it matches or, were the unknown known, could. */
  speaks(policy: number, facts: Facts): boolean {
    this.#speaking ??= this.#findSpeaking(facts)
    return this.#speaking[policy] === true
  }

  /** A side is mostly asked about what leaves one place. */
  #numberOfExporter(value: Fact['value'] | undefined): number {
    if (value === this.#lastFrom) return this.#lastFromNumber
    this.#lastFrom = value
    this.#lastFromNumber = this.#tables.jurisdictions.of(value)
    return this.#lastFromNumber
  }

  #related(number: number, facts: Facts, lenient: boolean): boolean {
    const relations = this.#tables.layout.rules[number]?.relations ?? []
    if (this.#recorded === undefined) return lenient
    for (const scope of this.#recorded) {
      if (!relations.includes(scope.relation.kind)) continue
      const said = this.#standing(scope, facts)
      if (said === answer.holds || (lenient && said === answer.unknown)) return true
    }
    return false
  }

  /** Whether what a legal relation asks holds, data aside. */
  #standing({ asks, excludedPurposes }: Scope, facts: Facts): number {
    let unknown = false
    for (const clause of asks) {
      const said = this.#asked.answer(clause, facts)
      if (said === answer.fails) return answer.fails
      if (said === answer.unknown) unknown = true
    }
    if (excludedPurposes >= 0) {
      const said = this.#asked.answer(excludedPurposes, facts)
      if (said === answer.holds) return answer.fails
      if (said === answer.unknown) unknown = true
    }
    return unknown ? answer.unknown : answer.holds
  }

  #findSpeaking(facts: Facts): boolean[] {
    const places = this.#places
    if (places === undefined) return []
    const { jurisdictions, credentials, purposes, layout } = this.#tables
    const orAny = (number: number, numbers: Numbers) => (number === 0 ? numbers.size + 1 : number)
    const [from, to] = [orAny(this.#from, jurisdictions), orAny(this.#to, jurisdictions)]
    const related = this.#recorded?.length === 0 ? places.none : places.related
    this.#gather(this.#possible, this.#possiblyMet, places, from, to, related, orAny(this.#credential, credentials), orAny(this.#purpose, purposes))
    const speaking: boolean[] = []
    for (let policy = 0; policy < layout.policies; policy++) speaking.push(this.#someFits(this.#possible, policy, facts, true))
    return speaking
  }

  #someFits({ store, begin, end }: Found, policy: number, facts: Facts, lenient: boolean): boolean {
    const { starts, marks } = this.#tables.layout
    const [first, last] = [starts[sectionOf(policy, permit)] ?? 0, starts[sectionOf(policy + 1, 0)] ?? 0]
    for (let at = begin; at < end; at += 2) {
      const word = store[at] ?? 0
      if (word < first || word >= last) continue
      for (let left = store[at + 1] ?? 0; left !== 0; ) {
        const bit = Math.clz32(left)
        left ^= bitOf(bit)
        const number = (word << 5) + bit
        if (((marks[number] ?? 0) & trait.asks) === 0 || this.fits(number, facts, lenient)) return true
      }
    }
    return false
  }

  /** Positional, since it runs for every question. @param related where the row of rules begins that a legal relation may add */
  #gather(found: Found, met: Int32Array, places: PlaceTables, from: number, to: number, related: number, credential: number, purpose: number): void {
    const { contextAt, contextOf, purposeCount } = this.#tables
    const at = credential * purposeCount + purpose
    const context = contextOf[at] ?? -1
    const fromAt = places.from[from] ?? 0
    const toAt = places.to[to] ?? 0
    if (context >= 0) {
      const leaving = related === places.none ? places.leaving : related === places.related ? places.leavingRelated : undefined
      if (fromAt === places.every && lookUp(found, leaving, to, context)) return
      // A legal relation adds none to a row that has all.
      if (toAt === places.every && lookUp(found, places.reaching, from, context)) return
    }
    found.store = met
    found.begin = 0
    found.end = this.#meet(met, places.table, fromAt, toAt, related, contextAt[at] ?? 0)
  }

  /** @returns how many numbers it wrote into `met` */
  #meet(met: Int32Array, table: Int32Array, from: number, to: number, related: number, context: number): number {
    const { headWords } = this.#tables.layout
    let end = 0
    for (let head = 0; head < headWords; head++) {
      let left = ((table[to + head] ?? 0) | (table[related + head] ?? 0)) & (table[from + head] ?? 0) & (table[context + head] ?? 0)
      while (left !== 0) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const word = (head << 5) + first
        const at = headWords + word
        const standing = ((table[to + at] ?? 0) | (table[related + at] ?? 0)) & (table[from + at] ?? 0) & (table[context + at] ?? 0)
        if (standing === 0) continue
        met[end] = word
        met[end + 1] = standing
        end += 2
      }
    }
    return end
  }
}

/** @returns false where it was not found beforehand */
function lookUp(found: Found, cells: Cells | undefined, place: number, context: number): boolean {
  if (cells === undefined) return false
  const { rowOf, contexts, beginOf, found: store } = cells
  const row = rowOf[place] ?? leftOut
  if (row === leftOut) return false
  const begin = beginOf[row * contexts + context] ?? 0
  found.store = store
  found.begin = begin
  found.end = begin + (store[begin - 1] ?? 0)
  return true
}
