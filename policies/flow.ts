/**
 * Which rules are left of a side for a question, data aside: three rows met.
 *
 * What few rules ask (sector, certification, flags, counters, the scope of a legal relation) is looked at only on the
 * rules that are left. Unknown facts count as matched for a deny or a duty and as not met for a permit (rule 6 of the
 * language), so less knowledge never releases more.
 */
import { bitOf, hasBit } from './bits.ts'
import { type CompiledRule, effects } from './compiled-rule.ts'
import { answerOf, vouchedValue } from './facts.ts'
import { leavesOut, scopeHolds } from './matching.ts'
import type { Packs } from './packs/packs.ts'
import { type PlaceTables, pairOf, type Recorded } from './place-tables.ts'
import { type Fact, factTable, type Origin, type Question } from './question.ts'
import type { Numbers, Scope, Tables } from './tables.ts'

/** Words of a row in which rules stand that are left. */
export interface Found {
  count: number
  /** Which words, rising. */
  readonly words: Int32Array
  readonly bits: Int32Array
}

const permit = effects.indexOf('permit')

const vouched = factTable.from.origins
const declared = factTable.purpose.origins

const [unasked, holds, fails, unsure] = [0, 1, 2, 3] as const

/** One question at a time: memory to work in, and nothing that is remembered. */
export class Flow {
  /** Rules whose match may hold: the rest of it, and the scope of relations, is for `fits` to say. */
  readonly found: Found
  readonly #tables: Tables
  readonly #packs: Packs
  /** As `found`, were all that is unknown known and favourable. */
  readonly #possible: Found
  readonly #speaking: Uint8Array
  #speakingKnown = false
  readonly #scopeAnswers: Uint8Array
  /** By clause. */
  readonly #answers: Uint8Array
  /** The clauses that were asked. */
  readonly #asked: Int32Array
  #askedCount = 0
  #places: PlaceTables | undefined
  #recorded: Recorded | undefined
  #from = 0
  #to = 0
  #credential = 0
  #purpose = 0

  constructor(tables: Tables, packs: Packs) {
    const { words, starts } = tables.layout
    this.#tables = tables
    this.#packs = packs
    this.found = { count: 0, words: new Int32Array(words), bits: new Int32Array(words) }
    this.#possible = { count: 0, words: new Int32Array(words), bits: new Int32Array(words) }
    this.#speaking = new Uint8Array(starts.length)
    this.#scopeAnswers = new Uint8Array(tables.scopes.length)
    this.#answers = new Uint8Array(tables.layout.clauses.length)
    this.#asked = new Int32Array(tables.layout.clauses.length)
  }

  enter({ facts, credential }: Question, places: PlaceTables): void {
    const { jurisdictions, purposes, credentials } = this.#tables
    this.#places = places
    this.#from = numberOf(jurisdictions, facts.from, vouched)
    this.#to = numberOf(jurisdictions, facts.to, vouched)
    this.#purpose = numberOf(purposes, facts.purpose, declared)
    this.#credential = credentials.get(credential) ?? 0
    this.#recorded = recordedFor(places, this.#from, this.#to)
    this.#speakingKnown = false
    for (let at = 0; at < this.#askedCount; at++) this.#answers[this.#asked[at] ?? 0] = unasked
    this.#askedCount = 0
    const { scopes, row } = this.#recorded
    if (scopes !== undefined) for (const { number } of scopes) this.#scopeAnswers[number] = unasked
    this.#gather(this.found, places, this.#from, this.#to, row, this.#credential, this.#purpose)
  }

  /**
   * Whether the match holds, of a rule that was found.
   *
   * @param lenient whether the unknown counts as matched: so for a deny or a duty
   */
  fits(number: number, question: Question, lenient: boolean): boolean {
    const { listOf, lists, special } = this.#tables.layout
    const list = listOf[number] ?? 0
    const asks = lists[list] ?? 0
    for (let at = 0; at < asks; at++) {
      const answer = this.#answerTo(lists[list + 2 + at] ?? 0, question)
      if (answer === fails || (answer === unsure && !lenient)) return false
    }
    return special[number] !== 1 || this.reached(number) || this.#related(number, question, lenient)
  }

  /** Whether all that a `require` asks is shown. */
  shown(number: number, question: Question): boolean {
    const { listOf, lists } = this.#tables.layout
    const list = listOf[number] ?? 0
    const begin = list + 2 + (lists[list] ?? 0)
    const end = begin + (lists[list + 1] ?? 0)
    for (let at = begin; at < end; at++) if (this.#answerTo(lists[at] ?? 0, question) !== holds) return false
    return true
  }

  /** Whether an `unless` holds. One that asks nothing lifts nothing. */
  lifted(number: number, question: Question): boolean {
    const { listOf, lists } = this.#tables.layout
    return (lists[(listOf[number] ?? 0) + 1] ?? 0) > 0 && this.shown(number, question)
  }

  /** Whether the recipient's place is met without any legal relation. */
  reached(number: number): boolean {
    const places = this.#places
    return places !== undefined && hasBit(places.rows.bits, (places.to[this.#to] ?? 0) * this.#tables.layout.words, number)
  }

  /** The first legal relation, by id, that the rule names, that holds, and that does not leave the category out. */
  relationFor({ relations }: CompiledRule, question: Question, category: string): Scope | undefined {
    const scopes = this.#recorded?.scopes
    return scopes?.find(
      (scope) => relations.includes(scope.relation.kind) && this.#answer(scope, question) === holds && !leavesOut(scope, category, this.#packs),
    )
  }

  /** Whether a policy speaks of the flow: a permit of it matches or, were the unknown known, could. */
  speaks(policy: number, question: Question): boolean {
    if (!this.#speakingKnown) this.#findSpeaking(question)
    return this.#speaking[policy] === 1
  }

  #related(number: number, question: Question, lenient: boolean): boolean {
    const relations = this.#tables.layout.rules[number]?.relations
    if (relations === undefined || relations.length === 0) return true
    const scopes = this.#recorded?.scopes
    if (scopes === undefined) return lenient
    for (const scope of scopes) {
      if (!relations.includes(scope.relation.kind)) continue
      const answer = this.#answer(scope, question)
      if (answer === holds || (lenient && answer === unsure)) return true
    }
    return false
  }

  #answerTo(clause: number, question: Question): number {
    const known = this.#answers[clause] ?? unasked
    if (known !== unasked) return known
    const { clauses } = this.#tables.layout
    const asked = clauses[clause]
    const answer = asked && answerOf(asked, question, this.#packs)
    const made = answer === undefined ? unsure : answer ? holds : fails
    this.#answers[clause] = made
    this.#asked[this.#askedCount] = clause
    this.#askedCount++
    return made
  }

  #answer(scope: Scope, question: Question): number {
    const known = this.#scopeAnswers[scope.number] ?? unasked
    if (known !== unasked) return known
    const answer = scopeHolds(scope, question, this.#packs)
    const made = answer === undefined ? unsure : answer ? holds : fails
    this.#scopeAnswers[scope.number] = made
    return made
  }

  #findSpeaking(question: Question): void {
    const places = this.#places
    if (places === undefined) return
    const { jurisdictions, credentials, purposes, layout } = this.#tables
    const orAny = (number: number, numbers: Numbers) => (number === 0 ? numbers.size + 1 : number)
    const { scopes, row } = this.#recorded ?? places.possible
    const [from, to] = [orAny(this.#from, jurisdictions), orAny(this.#to, jurisdictions)]
    const related = scopes === undefined ? places.possible.row : row
    this.#gather(this.#possible, places, from, to, related, orAny(this.#credential, credentials), orAny(this.#purpose, purposes))
    this.#speaking.fill(0)
    const { words, bits, count } = this.#possible
    for (let at = 0; at < count; at++) {
      const word = words[at] ?? 0
      if (layout.effectOf[word] !== permit) continue
      for (let left = bits[at] ?? 0; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const rule = layout.rules[(word << 5) + first]
        if (rule && this.#speaking[rule.policy] !== 1 && this.fits(rule.number, question, true)) this.#speaking[rule.policy] = 1
      }
    }
    this.#speakingKnown = true
  }

  /** Positional, since it runs for every question: the rows of the places and relations, then of credential and purpose. */
  #gather(found: Found, places: PlaceTables, from: number, to: number, related: number, credential: number, purpose: number): void {
    const { layout, context, contextOf, purposeCount } = this.#tables
    const { words, headWords } = layout
    const contextRow = contextOf[credential * purposeCount + purpose] ?? 0
    const fromRow = places.from[from] ?? 0
    const toRow = places.to[to] ?? 0
    const { bits, heads } = places.rows
    const contextBits = context.bits
    const contextHeads = context.heads
    let count = 0
    for (let head = 0; head < headWords; head++) {
      let left =
        ((heads[toRow * headWords + head] ?? 0) | (heads[related * headWords + head] ?? 0)) &
        (heads[fromRow * headWords + head] ?? 0) &
        (contextHeads[contextRow * headWords + head] ?? 0)
      while (left !== 0) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const word = (head << 5) + first
        const standing =
          ((bits[toRow * words + word] ?? 0) | (bits[related * words + word] ?? 0)) &
          (bits[fromRow * words + word] ?? 0) &
          (contextBits[contextRow * words + word] ?? 0)
        if (standing === 0) continue
        found.words[count] = word
        found.bits[count] = standing
        count++
      }
    }
    found.count = count
  }
}

function numberOf(numbers: Numbers, fact: Fact | undefined, origins: readonly Origin[]): number {
  const value = vouchedValue(fact, origins)
  return typeof value === 'string' ? (numbers.get(value) ?? 0) : 0
}

function recordedFor(places: PlaceTables, from: number, to: number): Recorded {
  if (from === 0 || to === 0) return places.unknown
  if (places.recorded.size === 0) return places.nothing
  return places.recorded.get(pairOf(from, to)) ?? places.nothing
}
