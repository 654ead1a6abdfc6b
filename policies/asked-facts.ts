/**
 * The facts of one question as bits: each is read once, when the first rule asks for it, and every condition on it is
 * then one AND.
 */
import { wordsFor } from './bits.ts'
import { type Clause, knownCount, levelOf, vouchedValue } from './facts.ts'
import { Numbers } from './packs/numbers.ts'
import type { Packs } from './packs/packs.ts'
import { assuranceLevels, type Fact, factTable, type Origin, type PlainFactName, type Question } from './question.ts'

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
/** Stands for counts, of which there may be any number. */
const counter = 31

export class AskedFacts {
  /** By clause, those that are about a count. */
  readonly #counts: readonly (CountClause | undefined)[]
  /** By number. */
  readonly #kinds: readonly Kind[]
  /** By clause. */
  readonly #kindOf: Int32Array
  /** By clause, where the bits of the words that do begin in `#wanted`. */
  readonly #wantedAt: Int32Array
  readonly #wanted: Int32Array

  // Of the question in hand.
  /** A bit for each kind that was read. */
  #read = 0
  readonly #said: Int32Array
  /** By kind, what is answered where no word that does was said. */
  readonly #otherwise: Int32Array

  constructor(clauses: readonly Clause[], packs: Packs) {
    const numbers = kinds.map((kind) => numbersOf(kind, packs))
    const saidAt = ends(numbers.map(wordsOfBits))
    const asked = clauses.map((clause) => wantedBy(clause, numbers))
    this.#counts = clauses.map((clause) => (isCount(clause) ? clause : undefined))
    this.#kinds = kinds.map((kind, at) => kindOf(kind, numbers[at] ?? levels, saidAt[at] ?? 0))
    this.#said = new Int32Array(saidAt.at(-1) ?? 0)
    this.#otherwise = new Int32Array(kinds.length).fill(answer.unknown)
    this.#kindOf = Int32Array.from(asked, ({ kind }) => kind)
    this.#wantedAt = ends(asked.map(({ bits }) => bits.length))
    this.#wanted = Int32Array.from(asked.flatMap(({ bits }) => [...bits]))
  }

  /** Forgets the question before. */
  clear(): void {
    this.#read = 0
  }

  /** @returns one of `answer` */
  answer(clause: number, facts: Question['facts']): number {
    const kind = this.#kindOf[clause] ?? counter
    if (kind === counter) return compared(this.#counts[clause], facts)
    const row = this.#kinds[kind]
    if (row === undefined) return answer.unknown
    if (((this.#read >>> kind) & 1) === 0) this.#readFact(kind, row, facts)
    const said = this.#said
    const wanted = this.#wanted
    let wantedAt = this.#wantedAt[clause] ?? 0
    for (let at = row.begin; at < row.end; at++, wantedAt++) if (((said[at] ?? 0) & (wanted[wantedAt] ?? 0)) !== 0) return answer.holds
    return this.#otherwise[kind] ?? answer.unknown
  }

  /** Whether a clause is shown to hold. */
  shows(clause: number, facts: Question['facts']): boolean {
    return this.answer(clause, facts) === answer.holds
  }

  #readFact(kind: number, { origins, many, numbers, begin, end }: Kind, facts: Question['facts']): void {
    const value = vouchedValue(factOf(facts, kind), origins)
    for (let at = begin; at < end; at++) this.#said[at] = 0
    this.#read |= 1 << kind
    if (typeof value === 'string' && !many) this.#say(begin, numbers.of(value))
    else if (typeof value === 'object' && many) for (let at = 0; at < value.length; at++) this.#say(begin, numbers.of(value[at]))
    else this.#say(begin, 0)
    // A word nobody knows may mean anything, and so may silence.
    this.#otherwise[kind] = ((this.#said[begin] ?? 0) & 1) === 0 ? answer.fails : answer.unknown
  }

  #say(begin: number, number: number): void {
    const at = begin + (number >>> 5)
    this.#said[at] = (this.#said[at] ?? 0) | (1 << (number & 31))
  }
}

/** How a fact is read. */
interface Kind {
  readonly origins: readonly Origin[]
  /** Whether it holds a set of words. */
  readonly many: boolean
  /** The place of each word among the bits; what is none of the words has the first. */
  readonly numbers: Numbers
  /** Where its bits begin, and end. */
  readonly begin: number
  readonly end: number
}

function kindOf(name: PlainFactName, numbers: Numbers, begin: number): Kind {
  const { origins, shape } = factTable[name]
  return { origins, many: shape === 'set', numbers, begin, end: begin + wordsOfBits(numbers) }
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

const levels = new Numbers(assuranceLevels)

function numbersOf(kind: PlainFactName, packs: Packs): Numbers {
  const { terms } = factTable[kind]
  return terms === 'assurance' ? levels : packs.numbers[terms]
}

function wordsOfBits({ size }: Numbers): number {
  return wordsFor(size + 1)
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
  readonly bits: Int32Array
}

function wantedBy(clause: Clause, numbers: readonly Numbers[]): Wanted {
  if (isCount(clause)) return { kind: counter, bits: new Int32Array(0) }
  const kind = kinds.indexOf(clause.fact)
  const known = numbers[kind] ?? new Numbers([])
  const bits = new Int32Array(wordsOfBits(known))
  for (const word of wordsOf(clause)) {
    const number = known.of(word)
    if (number > 0) bits[number >>> 5] = (bits[number >>> 5] ?? 0) | (1 << (number & 31))
  }
  return { kind, bits }
}

/** Where each of things of these lengths begins, laid end to end; after the last the end. */
function ends(lengths: readonly number[]): Int32Array {
  const places = new Int32Array(lengths.length + 1)
  for (const [at, length] of lengths.entries()) places[at + 1] = (places[at] ?? 0) + length
  return places
}
