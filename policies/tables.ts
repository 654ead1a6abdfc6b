/**
 * What the rules of one side ask, as rows of rule numbers: for each word, the rules that do not fail on it.
 *
 * All is made from documents and packs; nothing in it comes from a question. Words that mean the same to every rule
 * share a row. What depends on the day is in place-tables.ts.
 */
import { type Bits, listOf, meeting, noBits, RowMaker, setBit, union, wordsFor } from './bits.ts'
import type { SharedClauses } from './clauses.ts'
import { type CompiledRule, effects } from './compiled-rule.ts'
import type { Clause } from './facts.ts'
import type { Numbers } from './packs/numbers.ts'
import { covers, type Packs, type Relation, touches } from './packs/packs.ts'
import type { Match, TrustPolicy } from './policy.ts'

/** Which rule stands where in a row, and what else it asks. */
export interface Layout {
  /** Words of a row. */
  readonly words: number
  /** Words of its head. */
  readonly headWords: number
  /** By number. */
  readonly rules: readonly (CompiledRule | undefined)[]
  readonly policies: number
  /** The word at which the rules of each policy and effect begin, by `sectionOf`; after the last the end. */
  readonly starts: readonly number[]
  /** By number, the place in the order of choice and below it, in the lowest bits, what must be looked at besides the rows; see `trait`. */
  readonly marks: Int32Array
  readonly clauses: readonly Clause[]
  /** By number, where its list begins in `lists`: how many clauses its match asks, how many its `require` or `unless`, then the numbers of both. */
  readonly listAt: Int32Array
  readonly lists: Int32Array
}

/**
 * `asks` something else in its match, legal relations counted; has a `require` or `unless`; names `related` places; is `limited` to paths or
 * an exception; is a permit or a deny, else a duty.
 */
export const trait = { asks: 1, clauses: 2, related: 4, limited: 8, permits: 16, denies: 32 } as const
const traitBits = 6

export function orderIn(mark: number): number {
  return mark >>> traitBits
}

/** Effects are 0 deny, 1 oblige, 2 permit. */
export function sectionOf(policy: number, effect: number): number {
  return policy * effects.length + effect
}

export interface Tables {
  readonly layout: Layout
  /** 0 is a word that nobody vouches for or knows. */
  readonly credentials: Numbers
  readonly purposes: Numbers
  readonly categories: Numbers
  readonly jurisdictions: Numbers
  /** The rows of the two below; those of places are added to a copy for each span of time. */
  readonly rows: RowMaker
  /** Where the row of a credential and a purpose begins, at credential times `purposeCount` plus purpose. After the last word of each kind stands "any". */
  readonly contextAt: Int32Array
  readonly purposeCount: number
  /** The distinct ones of known credentials and purposes, and beside `contextAt` the place of each among them; -1 for the others. */
  readonly contexts: readonly number[]
  readonly contextOf: readonly number[]
  /** Where the row of each category begins, by its number: the permits that cover it, the other rules that it touches. */
  readonly categoryAt: Int32Array
  /** The legal relations that are tools, by id. */
  readonly scopes: readonly Scope[]
}

/** What a legal relation asks and leaves out, as numbers of clauses. */
export interface Scope {
  readonly number: number
  readonly relation: Relation
  readonly asks: readonly number[]
  /** -1 where it leaves out no purpose. */
  readonly excludedPurposes: number
  readonly excludedData: ReadonlySet<string> | undefined
}

// A megabyte is a third of the memory of a policy of 5,000 rules; the shipped vocabulary needs a tenth of it there.
const contextBytesMax = 1 << 20

/** Whether credentials and purposes are too many for a row for each two of them. */
export function purposeApart(policies: readonly TrustPolicy[], packs: Packs): boolean {
  const rules = policies.flatMap(({ rules: own }) => own)
  const asked = (kind: 'credential' | 'purpose') => Math.min(packs.terms[kind].size, new Set(rules.flatMap(({ match }) => match[kind] ?? [])).size) + 3
  return asked('credential') * asked('purpose') * wordsFor(rules.length) * 4 > contextBytesMax
}

interface Parts {
  readonly rules: readonly CompiledRule[]
  readonly policies: number
  readonly packs: Packs
  readonly clauses: SharedClauses
  /** See `purposeApart`. */
  readonly apart: boolean
}

export function tablesOf({ rules, policies, packs, clauses, apart }: Parts): Tables {
  const scopes = scopesOf(packs, clauses)
  const layout = layoutOf(rules, policies, clauses)
  const rows = new RowMaker(layout.words)
  return {
    layout,
    credentials: packs.numbers.credential,
    purposes: packs.numbers.purpose,
    categories: packs.numbers.category,
    jurisdictions: packs.numbers.jurisdiction,
    rows,
    ...contextAt(layout, rules, packs, apart, rows),
    categoryAt: categoryAt(layout, rules, packs, rows),
    scopes,
  }
}

function layoutOf(rules: readonly CompiledRule[], policies: number, clauses: SharedClauses): Layout {
  const words = wordsFor(rules.reduce((last, { number }) => Math.max(last, number), 0) + 1)
  const size = words * 32
  const byNumber = listOf<CompiledRule | undefined>(size, undefined)
  const starts = listOf(sectionOf(policies, 0) + 1, words)
  const marks = new Int32Array(size)
  for (const compiled of rules) {
    const { number, order, policy, rule } = compiled
    byNumber[number] = compiled
    marks[number] = (order << traitBits) | traitsOf(compiled)
    for (let section = sectionOf(policy, effects.indexOf(rule.effect)); section >= 0; section--) starts[section] = Math.min(starts[section] ?? 0, number >>> 5)
  }
  return { words, headWords: wordsFor(words), rules: byNumber, policies, starts, marks, clauses: clauses.all(), ...listsOf(rules, size, clauses) }
}

function traitsOf({ rule, asks, clauses, relations, disclose, excepts }: CompiledRule): number {
  return (
    (asks.length > 0 || relations.length > 0 ? trait.asks : 0) |
    (clauses.length > 0 ? trait.clauses : 0) |
    (relations.length > 0 ? trait.related : 0) |
    (disclose !== undefined || excepts.length > 0 ? trait.limited : 0) |
    (rule.effect === 'permit' ? trait.permits : rule.effect === 'deny' ? trait.denies : 0)
  )
}

function listsOf(rules: readonly CompiledRule[], size: number, shared: SharedClauses): Pick<Layout, 'listAt' | 'lists'> {
  const listAt = new Int32Array(size)
  // What asks nothing has the first list, which is empty; rules that ask the same have one list.
  const known = new Map([['0,0', 0]])
  const lists = [0, 0]
  for (const { number, asks, clauses } of rules) {
    const list = [asks.length, clauses.length, ...[...asks, ...clauses].map((clause) => shared.numberOf(clause))]
    const begin = known.get(list.join()) ?? lists.length
    if (begin === lists.length) lists.push(...list)
    known.set(list.join(), begin)
    listAt[number] = begin
  }
  return { listAt, lists: Int32Array.from(lists) }
}

/** Rows by a word of a kind. */
export interface Answers {
  readonly unknown: Bits
  /** By word that some rule names. */
  readonly byWord: ReadonlyMap<string, Bits>
  /** Rules that do not ask: the row of all other words. */
  readonly free: Bits
}

/** @param wordsOf the words a rule asks for; undefined where it does not ask */
export function answersOf(rules: readonly CompiledRule[], words: number, wordsOf: (compiled: CompiledRule) => readonly string[] | undefined): Answers {
  const asking = rules.map((compiled) => ({ compiled, asked: wordsOf(compiled) }))
  const free = bitsOf(
    words,
    asking.filter(({ asked }) => asked === undefined).map(({ compiled }) => compiled),
  )
  const byWord = new Map<string, Bits>()
  for (const { compiled, asked = [] } of asking)
    for (const word of asked) {
      const row = byWord.get(word) ?? free.slice()
      byWord.set(word, row)
      setBit(row, compiled.number)
    }
  return { unknown: union(free, strictOf(rules, words)), byWord, free }
}

export function bitsOf(words: number, rules: readonly CompiledRule[]): Bits {
  const bits = noBits(words)
  for (const { number } of rules) setBit(bits, number)
  return bits
}

/** Denies and duties: for them the unknown counts as matched. */
export function strictOf(rules: readonly CompiledRule[], words: number): Bits {
  return bitsOf(
    words,
    rules.filter(({ rule }) => rule.effect !== 'permit'),
  )
}

type ContextAt = Pick<Tables, 'contextAt' | 'purposeCount' | 'contexts' | 'contextOf'>

function contextAt({ words }: Layout, rules: readonly CompiledRule[], packs: Packs, apart: boolean, rows: RowMaker): ContextAt {
  const every = bitsOf(words, rules)
  const answers = (known: ReadonlySet<string>, wordsIn: (match: Match) => readonly string[] | undefined) => {
    const { unknown, byWord, free } = answersOf(rules, words, ({ rule }) => wordsIn(rule.match))
    return [unknown, ...[...known].map((word) => byWord.get(word) ?? free), every]
  }
  const credentials = answers(packs.terms.credential, ({ credential }) => credential)
  const purposes = answers(packs.terms.purpose, ({ purpose }) => (apart ? undefined : purpose))
  const places = credentials.flatMap((credential) => purposes.map((purpose) => rows.add(meeting(credential, purpose))))
  const last = { credential: credentials.length - 1, purpose: purposes.length - 1 }
  const known = places.map((_, at) => {
    const [credential, purpose] = [Math.floor(at / purposes.length), at % purposes.length]
    return credential > 0 && credential < last.credential && purpose > 0 && purpose < last.purpose
  })
  const contexts = [...new Set(places.filter((_, at) => known[at]))]
  const numbers = new Map(contexts.map((place, number) => [place, number]))
  const contextOf = places.map((place, at) => (known[at] ? (numbers.get(place) ?? -1) : -1))
  return { contextAt: Int32Array.from(places), purposeCount: purposes.length, contexts, contextOf }
}

/** A permit must cover a category; a deny or a duty need only touch it (rule 4 of the language). */
function categoryAt({ words }: Layout, rules: readonly CompiledRule[], packs: Packs, rows: RowMaker): Int32Array {
  const asked = rules.map((compiled) => ({ compiled, listed: compiled.rule.match.data && new Set(compiled.rule.match.data) }))
  const concerned = (category: string) =>
    asked
      .filter(({ compiled, listed }) => !listed || (compiled.rule.effect === 'permit' ? covers : touches)(packs, listed, category))
      .map(({ compiled }) => compiled)
  const all = [strictOf(rules, words), ...[...packs.terms.category].map((category) => bitsOf(words, concerned(category)))]
  return Int32Array.from(all, (row) => rows.add(row))
}

function scopesOf({ legal }: Packs, clauses: SharedClauses): Scope[] {
  const number = (fact: 'sector' | 'exporterSector' | 'certification' | 'purpose', words: readonly string[]) => clauses.numberOf(clauses.anyOf(fact, words))
  const asked = (fact: 'sector' | 'exporterSector' | 'certification', words: readonly string[] | undefined) => (words ? [number(fact, words)] : [])
  return legal.relations
    .filter(({ tool }) => tool)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((relation, place) => ({
      number: place,
      relation,
      asks: [
        ...asked('sector', relation.recipientSector),
        ...asked('exporterSector', relation.exporterSector),
        ...asked('certification', relation.certification === undefined ? undefined : [relation.certification]),
      ],
      excludedPurposes: relation.excludedPurposes ? number('purpose', relation.excludedPurposes) : -1,
      excludedData: relation.excludedData && new Set(relation.excludedData),
    }))
}
