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

export function knownCount(fact: Fact | undefined): number | undefined {
  const value = vouchedValue(fact, counterOrigins)
  return typeof value === 'number' ? value : undefined
}

const counterOrigins = factRow('counter:any').origins

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

/** One condition of a `match`, a `require` or an `unless`. */
export type Clause =
  | { readonly kind: 'anyOf'; readonly fact: PlainFactName; readonly words: readonly string[] }
  | { readonly kind: 'atLeast'; readonly fact: 'issuerAssurance' | 'counterpartyAssurance'; readonly level: string }
  | { readonly kind: 'below'; readonly fact: CounterName; readonly limit: number }
  | { readonly kind: 'reaches'; readonly fact: CounterName; readonly limit: number }

/** Whether a condition is shown to hold; what is unknown is not shown. */
export function met(clause: Clause, question: Question, packs: Packs): boolean {
  if (clause.kind === 'anyOf') return knownWords(question, clause.fact, packs)?.words.some((word) => clause.words.includes(word)) ?? false
  if (clause.kind === 'atLeast') return levelOf(knownWord(question, clause.fact, packs) ?? '') >= levelOf(clause.level)
  const count = knownCount(question.facts[clause.fact])
  return count !== undefined && count < clause.limit === (clause.kind === 'below')
}

export function factValue(question: Question, name: FactName): readonly (string | number)[] {
  const value = question.facts[name]?.value
  return value === undefined ? [] : typeof value === 'object' ? value : [value]
}
