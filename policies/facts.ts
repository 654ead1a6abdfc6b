/** What is known of a question's facts: only what an admitted origin says, in words of the vocabulary. */
import type { Packs } from './packs/packs.ts'
import {
  assuranceLevels,
  type CounterName,
  type Fact,
  type FactName,
  factRow,
  factTable,
  type Origin,
  type PlainFactName,
  type Question,
  shapeOf,
} from './question.ts'

export interface Known {
  /** Words of the vocabulary. */
  readonly words: readonly string[]
  /** Whether a word stood there that the vocabulary does not have: it may mean anything, so it counts as unknown. */
  readonly foreign: boolean
}

/** The words of a fact, or undefined where nothing is known. */
export function knownWords(question: Question, name: PlainFactName, packs: Packs): Known | undefined {
  const value = vouchedValue(question.facts[name], factTable[name].origins)
  const row = factRow(name)
  if (value === undefined || shapeOf(value) !== row.shape || typeof value === 'number') return undefined
  const said = typeof value === 'string' ? [value] : value
  const words = said.filter((word) => inVocabulary(word, name, packs))
  if (row.shape === 'one' && words.length === 0) return undefined
  return { words, foreign: words.length < said.length }
}

/** The one word of a fact that holds one. */
export function knownWord(question: Question, name: PlainFactName, packs: Packs): string | undefined {
  return knownWords(question, name, packs)?.words[0]
}

export function knownCount(question: Question, name: CounterName): number | undefined {
  const value = vouchedValue(question.facts[name], factRow(name).origins)
  return typeof value === 'number' ? value : undefined
}

/** The value of a fact, if the origin it has may vouch for it. */
export function vouchedValue(fact: Fact | undefined, origins: readonly Origin[]): Fact['value'] | undefined {
  if (fact === undefined) return undefined
  // Three origins at the most, and asked for each fact of each question: a loop is what the compiler makes the most of.
  for (let at = 0; at < origins.length; at++) if (origins[at] === fact.origin) return fact.value
  return undefined
}

function inVocabulary(word: string, name: PlainFactName, packs: Packs): boolean {
  const { terms } = factTable[name]
  return terms === 'assurance' ? levelOf(word) >= 0 : packs.terms[terms].has(word)
}

/** Place on the scale, or -1. */
export function levelOf(word: string): number {
  return (assuranceLevels as readonly string[]).indexOf(word)
}

/**
 * Whether any of the words, all of the vocabulary, is among those of a fact; undefined where nobody vouches for the
 * fact, or where none is and a word stands there that may mean anything.
 */
export function among(wanted: ReadonlySet<string>, question: Question, name: PlainFactName, packs: Packs): boolean | undefined {
  const { origins, shape } = factTable[name]
  const value = vouchedValue(question.facts[name], origins)
  if (typeof value === 'string') {
    if (shape !== 'one') return undefined
    return wanted.has(value) || (inVocabulary(value, name, packs) ? false : undefined)
  }
  if (typeof value !== 'object' || shape !== 'set') return undefined
  if (value.some((word) => wanted.has(word))) return true
  return value.every((word) => inVocabulary(word, name, packs)) ? false : undefined
}

/** One condition of a `match`, a `require` or an `unless`. */
export type Clause =
  | { readonly kind: 'anyOf'; readonly fact: PlainFactName; readonly words: readonly string[]; readonly wanted: ReadonlySet<string> }
  | { readonly kind: 'atLeast'; readonly fact: 'issuerAssurance' | 'counterpartyAssurance'; readonly level: string }
  | { readonly kind: 'below'; readonly fact: CounterName; readonly limit: number }
  | { readonly kind: 'reaches'; readonly fact: CounterName; readonly limit: number }

/** Whether a condition holds; undefined where what it asks about is unknown. */
export function answerOf(clause: Clause, question: Question, packs: Packs): boolean | undefined {
  switch (clause.kind) {
    case 'anyOf':
      return among(clause.wanted, question, clause.fact, packs)
    case 'atLeast': {
      const level = knownWord(question, clause.fact, packs)
      return level === undefined ? undefined : levelOf(level) >= levelOf(clause.level)
    }
    case 'below':
    case 'reaches': {
      const count = knownCount(question, clause.fact)
      return count === undefined ? undefined : count < clause.limit === (clause.kind === 'below')
    }
  }
}

/** Whether a condition is shown to hold; what is unknown is not shown. */
export function met(clause: Clause, question: Question, packs: Packs): boolean {
  return answerOf(clause, question, packs) === true
}

export function factValue(question: Question, name: FactName): readonly (string | number)[] {
  const value = question.facts[name]?.value
  return value === undefined ? [] : typeof value === 'object' ? value : [value]
}
