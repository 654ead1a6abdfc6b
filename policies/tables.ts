/**
 * What the rules of one side ask, as rows of rule numbers: for each word, the rules that do not fail on it.
 *
 * All is made from documents and packs; nothing in it comes from a question. Words that mean the same to every rule
 * share a row. What depends on the day is in place-tables.ts.
 */
import { type Bits, meeting, noBits, RowMaker, type Rows, rowsOf, setBit, union, wordsFor } from './bits.ts'
import { type CompiledRule, effects } from './compiled-rule.ts'
import type { Clause } from './facts.ts'
import { covers, type Packs, type Relation, touches } from './packs/packs.ts'
import type { Match, TrustPolicy } from './policy.ts'

/** Numbers of the words of one kind, from 1. 0 is a word that nobody vouches for or knows. */
export type Numbers = ReadonlyMap<string, number>

/** Which rule stands where in a row. */
export interface Layout {
  /** Words of a row. */
  readonly words: number
  /** Words of its head. */
  readonly headWords: number
  /** By number. */
  readonly rules: readonly (CompiledRule | undefined)[]
  /** By word of a row: place of the effect of its rules in `effects`. */
  readonly effectOf: Uint8Array
  /** The word at which the rules of each policy begin; after the last the end. */
  readonly starts: Int32Array
  /** By number. */
  readonly orderOf: Int32Array
  /** By number: whether a rule asks for relations, paths or exceptions, which are looked up in the rule itself. */
  readonly special: Uint8Array
  readonly clauses: readonly Clause[]
  /** By number, where its list begins in `lists`: how many clauses its match asks, how many its `require` or `unless`, then their places in `clauses`. */
  readonly listOf: Int32Array
  readonly lists: Int32Array
}

export interface Tables {
  readonly layout: Layout
  readonly credentials: Numbers
  readonly purposes: Numbers
  readonly categories: Numbers
  readonly jurisdictions: Numbers
  readonly context: Rows
  /** The row of a credential and a purpose stands at credential times `purposeCount` plus purpose. After the last word of each kind stands "any". */
  readonly contextOf: Int32Array
  readonly purposeCount: number
  /** The row of each category, by its number: the permits that cover it, the other rules that it touches. */
  readonly category: Rows
  /** The legal relations that are tools, by id. */
  readonly scopes: readonly Scope[]
}

/** What a legal relation asks and leaves out. */
export interface Scope {
  readonly number: number
  readonly relation: Relation
  readonly recipientSector: ReadonlySet<string> | undefined
  readonly exporterSector: ReadonlySet<string> | undefined
  readonly certification: ReadonlySet<string> | undefined
  readonly excludedPurposes: ReadonlySet<string> | undefined
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

export function tablesOf(rules: readonly CompiledRule[], policies: number, packs: Packs, apart: boolean): Tables {
  const layout = layoutOf(rules, policies)
  const { terms } = packs
  return {
    layout,
    credentials: numbersOf(terms.credential),
    purposes: numbersOf(terms.purpose),
    categories: numbersOf(terms.category),
    jurisdictions: numbersOf(terms.jurisdiction),
    ...contextOf(layout, rules, packs, apart),
    category: categoryRows(layout, rules, packs),
    scopes: scopesOf(packs),
  }
}

function numbersOf(words: ReadonlySet<string>): Numbers {
  return new Map([...words].map((word, index) => [word, index + 1]))
}

function layoutOf(rules: readonly CompiledRule[], policies: number): Layout {
  const words = wordsFor(rules.reduce((last, { number }) => Math.max(last, number), 0) + 1)
  const size = words * 32
  const byNumber = Array.from({ length: size }, (): CompiledRule | undefined => undefined)
  const effectOf = new Uint8Array(words)
  const starts = new Int32Array(policies + 1).fill(words)
  const orderOf = new Int32Array(size)
  const special = new Uint8Array(size)
  for (const compiled of rules) {
    const { number, order, policy, rule, relations, disclose, excepts } = compiled
    byNumber[number] = compiled
    orderOf[number] = order
    special[number] = relations.length > 0 || disclose || excepts.length > 0 ? 1 : 0
    effectOf[number >>> 5] = effects.indexOf(rule.effect)
    for (let later = 0; later <= policy; later++) starts[later] = Math.min(starts[later] ?? 0, number >>> 5)
  }
  return { words, headWords: wordsFor(words), rules: byNumber, effectOf, starts, orderOf, special, ...listsOf(rules, size) }
}

function listsOf(rules: readonly CompiledRule[], size: number): Pick<Layout, 'clauses' | 'listOf' | 'lists'> {
  const numbers = new Map([...new Set(rules.flatMap(({ asks, clauses }) => [...asks, ...clauses]))].map((clause, number) => [clause, number]))
  const listOf = new Int32Array(size)
  // What asks nothing has the first list, which is empty; rules that ask the same have one list.
  const known = new Map([['0,0', 0]])
  const lists = [0, 0]
  for (const { number, asks, clauses } of rules) {
    const list = [asks.length, clauses.length, ...[...asks, ...clauses].map((clause) => numbers.get(clause) ?? 0)]
    const begin = known.get(list.join()) ?? lists.length
    if (begin === lists.length) lists.push(...list)
    known.set(list.join(), begin)
    listOf[number] = begin
  }
  return { clauses: [...numbers.keys()], listOf, lists: Int32Array.from(lists) }
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

function contextOf({ words }: Layout, rules: readonly CompiledRule[], packs: Packs, apart: boolean): Pick<Tables, 'context' | 'contextOf' | 'purposeCount'> {
  const every = bitsOf(words, rules)
  const answers = (known: ReadonlySet<string>, wordsIn: (match: Match) => readonly string[] | undefined) => {
    const { unknown, byWord, free } = answersOf(rules, words, ({ rule }) => wordsIn(rule.match))
    return [unknown, ...[...known].map((word) => byWord.get(word) ?? free), every]
  }
  const credentials = answers(packs.terms.credential, ({ credential }) => credential)
  const purposes = answers(packs.terms.purpose, ({ purpose }) => (apart ? undefined : purpose))
  const maker = new RowMaker()
  const numbers = credentials.flatMap((credential) => purposes.map((purpose) => maker.add(meeting(credential, purpose))))
  return { context: maker.rows(), contextOf: Int32Array.from(numbers), purposeCount: purposes.length }
}

/** A permit must cover a category; a deny or a duty need only touch it (rule 4 of the language). */
function categoryRows({ words }: Layout, rules: readonly CompiledRule[], packs: Packs): Rows {
  const asked = rules.map((compiled) => ({ compiled, listed: compiled.rule.match.data && new Set(compiled.rule.match.data) }))
  const concerned = (category: string) =>
    asked
      .filter(({ compiled, listed }) => !listed || (compiled.rule.effect === 'permit' ? covers : touches)(packs, listed, category))
      .map(({ compiled }) => compiled)
  return rowsOf([strictOf(rules, words), ...[...packs.terms.category].map((category) => bitsOf(words, concerned(category)))])
}

function scopesOf({ legal }: Packs): Scope[] {
  const set = (words: readonly string[] | undefined) => words && new Set(words)
  return legal.relations
    .filter(({ tool }) => tool)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((relation, number) => ({
      number,
      relation,
      recipientSector: set(relation.recipientSector),
      exporterSector: set(relation.exporterSector),
      certification: relation.certification === undefined ? undefined : new Set([relation.certification]),
      excludedPurposes: set(relation.excludedPurposes),
      excludedData: set(relation.excludedData),
    }))
}
