/** What is known of a question's facts: only what an admitted origin says, in words of the vocabulary. */
import type { Packs } from './packs/packs.ts'
import { assuranceLevels, type CounterName, type FactName, factRow, type PlainFactName, type Question, shapeOf } from './question.ts'

export interface Known {
  /** Words of the vocabulary. */
  readonly words: readonly string[]
  /** Whether a word stood there that the vocabulary does not have: it may mean anything, so it counts as unknown. */
  readonly foreign: boolean
}

/** The words of a fact, or undefined where nothing is known. */
export function knownWords(question: Question, name: PlainFactName, packs: Packs): Known | undefined {
  const fact = question.facts[name]
  const row = factRow(name)
  if (fact === undefined || !row.origins.includes(fact.origin) || shapeOf(fact.value) !== row.shape || typeof fact.value === 'number') return undefined
  const said = typeof fact.value === 'string' ? [fact.value] : fact.value
  const words = said.filter((word) => (row.terms === 'assurance' ? levelOf(word) >= 0 : packs.terms[row.terms].has(word)))
  if (row.shape === 'one' && words.length === 0) return undefined
  return { words, foreign: words.length < said.length }
}

/** The one word of a fact that holds one. */
export function knownWord(question: Question, name: PlainFactName, packs: Packs): string | undefined {
  return knownWords(question, name, packs)?.words[0]
}

export function knownCount(question: Question, name: CounterName): number | undefined {
  const fact = question.facts[name]
  if (fact === undefined || !factRow(name).origins.includes(fact.origin)) return undefined
  return typeof fact.value === 'number' ? fact.value : undefined
}

/** Place on the scale, or -1. */
export function levelOf(word: string): number {
  return (assuranceLevels as readonly string[]).indexOf(word)
}

/** One condition of a `require` or an `unless`. */
export type Clause =
  | { readonly kind: 'anyOf'; readonly fact: PlainFactName; readonly words: readonly string[] }
  | { readonly kind: 'atLeast'; readonly fact: 'issuerAssurance' | 'counterpartyAssurance'; readonly level: string }
  | { readonly kind: 'below'; readonly fact: CounterName; readonly limit: number }

/** Whether a condition is shown to hold; what is unknown is not shown. */
export function met(clause: Clause, question: Question, packs: Packs): boolean {
  if (clause.kind === 'below') {
    const count = knownCount(question, clause.fact)
    return count !== undefined && count < clause.limit
  }
  const known = knownWords(question, clause.fact, packs)
  if (known === undefined) return false
  if (clause.kind === 'atLeast') return known.words.some((word) => levelOf(word) >= levelOf(clause.level))
  return clause.words.some((word) => known.words.includes(word))
}

export function factValue(question: Question, name: FactName): readonly (string | number)[] {
  const value = question.facts[name]?.value
  return value === undefined ? [] : typeof value === 'object' ? value : [value]
}
