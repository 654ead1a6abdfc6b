/**
 * The facts of one question as bits: each is read once, when the first rule asks for it, and every condition on it is
 * then one AND.
 */
import { listOf } from './bits.ts'
import { type Clause, knownCount, levelOf, vouchedValue } from './facts.ts'
import type { Packs } from './packs/packs.ts'
import { assuranceLevels, type Fact, factTable, type PlainFactName, type Question } from './question.ts'

export const answer = { holds: 1, fails: 2, unknown: 3 } as const

/** By number; `factOf` has the same order. */
const kinds: readonly PlainFactName[] = [
  'sector',
  'exporterSector',
  'certification',
  'purpose',
  'legalBasis',
  'transferTool',
  'evidence',
  'issuerAssurance',
  'counterpartyAssurance',
  'dataFlags',
]
const rows = kinds.map((kind) => factTable[kind])
// Comparing two words takes a tenth of looking one up.
const comparedMax = 16
/** Stands for counts, of which there may be any number. */
const counter = 31

export class AskedFacts {
  /** By clause, those that are about a count. */
  readonly #counts: readonly (CountClause | undefined)[]
  /** By kind, the place of each word among the bits. */
  readonly #numbers: readonly ReadonlyMap<string, number>[]
  /** By kind, where its bits begin; after the last the end. */
  readonly #saidAt: readonly number[]
  /** By clause, the words that do. */
  readonly #words: readonly (readonly string[])[]
  /** By clause. */
  readonly #kindOf: readonly number[]
  /** By clause, where the bits of the words that do begin in `#wanted`. */
  readonly #wantedAt: readonly number[]
  readonly #wanted: readonly number[]

  // Of the question in hand.
  /** A bit for each kind that was read. */
  #read = 0
  readonly #said: number[]
  /** By kind, what is answered where no word that does was said. */
  readonly #otherwise: number[]

  constructor(clauses: readonly Clause[], packs: Packs) {
    const numbers = kinds.map((kind) => numbersOf(kind, packs))
    const saidAt = ends(numbers.map(({ size }) => (size + 31) >>> 5))
    const asked = clauses.map((clause) => wantedBy(clause, numbers))
    this.#counts = clauses.map((clause) => (isCount(clause) ? clause : undefined))
    this.#numbers = numbers
    this.#saidAt = saidAt
    this.#said = listOf(saidAt.at(-1) ?? 0, 0)
    this.#otherwise = listOf<number>(kinds.length, answer.unknown)
    this.#words = asked.map(({ words }) => words)
    this.#kindOf = asked.map(({ kind }) => kind)
    this.#wantedAt = ends(asked.map(({ bits }) => bits.length))
    this.#wanted = asked.flatMap(({ bits }) => bits)
  }

  /** Forgets the question before. */
  clear(): void {
    this.#read = 0
  }

  /** @returns one of `answer` */
  answer(clause: number, facts: Question['facts']): number {
    const kind = this.#kindOf[clause] ?? counter
    if (kind === counter) return compared(this.#counts[clause], facts)
    if (((this.#read >>> kind) & 1) === 0) this.#readFact(kind, facts)
    let wantedAt = this.#wantedAt[clause] ?? 0
    const end = this.#saidAt[kind + 1] ?? 0
    for (let at = this.#saidAt[kind] ?? 0; at < end; at++, wantedAt++) {
      if (((this.#said[at] ?? 0) & (this.#wanted[wantedAt] ?? 0)) !== 0) return answer.holds
    }
    return this.#otherwise[kind] ?? answer.unknown
  }

  /**
   * Whether a clause is shown to hold: as `answer`, where it does not matter why not. Then a word or two need not be looked
   * up, only compared.
   */
  shows(clause: number, facts: Question['facts']): boolean {
    const kind = this.#kindOf[clause] ?? counter
    if (kind === counter || ((this.#read >>> kind) & 1) === 1) return this.answer(clause, facts) === answer.holds
    const { origins, shape } = rows[kind] ?? factTable.sector
    const value = vouchedValue(factOf(facts, kind), origins)
    const words = this.#words[clause] ?? []
    if (typeof value === 'string') return shape === 'one' && words.includes(value)
    if (typeof value !== 'object' || shape !== 'set') return false
    if (value.length * words.length > comparedMax) return this.answer(clause, facts) === answer.holds
    for (const word of value) if (words.includes(word)) return true
    return false
  }

  #readFact(kind: number, facts: Question['facts']): void {
    const { origins, shape } = rows[kind] ?? factTable.sector
    const value = vouchedValue(factOf(facts, kind), origins)
    const end = this.#saidAt[kind + 1] ?? 0
    for (let at = this.#saidAt[kind] ?? 0; at < end; at++) this.#said[at] = 0
    this.#read |= 1 << kind
    let known = false
    if (typeof value === 'string') known = shape === 'one' && this.#say(kind, value)
    else if (typeof value === 'object' && shape === 'set') {
      known = true
      for (const word of value) if (!this.#say(kind, word)) known = false
    }
    this.#otherwise[kind] = known ? answer.fails : answer.unknown
  }

  /** False for a word nobody knows: it may mean anything. */
  #say(kind: number, word: string): boolean {
    const number = this.#numbers[kind]?.get(word)
    if (number === undefined) return false
    const at = (this.#saidAt[kind] ?? 0) + (number >>> 5)
    this.#said[at] = (this.#said[at] ?? 0) | (1 << (number & 31))
    return true
  }
}

function compared(clause: CountClause | undefined, facts: Question['facts']): number {
  const count = clause && knownCount(facts[clause.fact])
  if (clause === undefined || count === undefined) return answer.unknown
  return count < clause.limit === (clause.kind === 'below') ? answer.holds : answer.fails
}

/** By name each, which takes a fraction of the time that looking a name up takes. */
function factOf(facts: Question['facts'], kind: number): Fact | undefined {
  switch (kind) {
    case 0:
      return facts.sector
    case 1:
      return facts.exporterSector
    case 2:
      return facts.certification
    case 3:
      return facts.purpose
    case 4:
      return facts.legalBasis
    case 5:
      return facts.transferTool
    case 6:
      return facts.evidence
    case 7:
      return facts.issuerAssurance
    case 8:
      return facts.counterpartyAssurance
    default:
      return facts.dataFlags
  }
}

function numbersOf(kind: PlainFactName, packs: Packs): ReadonlyMap<string, number> {
  const { terms } = factTable[kind]
  const words = terms === 'assurance' ? assuranceLevels : packs.terms[terms]
  return new Map([...words].map((word, number) => [word, number]))
}

type CountClause = Extract<Clause, { readonly kind: 'below' | 'reaches' }>

function isCount(clause: Clause): clause is CountClause {
  return clause.kind === 'below' || clause.kind === 'reaches'
}

function wordsOf(clause: Exclude<Clause, CountClause>): readonly string[] {
  return clause.kind === 'anyOf' ? clause.words : assuranceLevels.filter((level) => levelOf(level) >= levelOf(clause.level))
}

interface Wanted {
  readonly kind: number
  readonly words: readonly string[]
  readonly bits: readonly number[]
}

function wantedBy(clause: Clause, numbers: readonly ReadonlyMap<string, number>[]): Wanted {
  if (isCount(clause)) return { kind: counter, words: [], bits: [] }
  const kind = kinds.indexOf(clause.fact)
  const words = wordsOf(clause)
  const known = numbers[kind] ?? new Map<string, number>()
  const bits = listOf((known.size + 31) >>> 5, 0)
  for (const word of words) {
    const number = known.get(word)
    if (number !== undefined) bits[number >>> 5] = (bits[number >>> 5] ?? 0) | (1 << (number & 31))
  }
  return { kind, words, bits }
}

/** Where each of things of these lengths begins, laid end to end; after the last the end. */
function ends(lengths: readonly number[]): number[] {
  const places = [0]
  for (const [at, length] of lengths.entries()) places.push((places[at] ?? 0) + length)
  return places
}
