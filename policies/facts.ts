/** What is known of a question's facts: only what an admitted origin says, in words of the vocabulary. */
import type { Packs } from './packs/packs.ts'
import { assuranceLevels, type CounterName, type Fact, type FactName, factRow, factTable, type Origin, type PlainFactName, type Question } from './question.ts'

const assurance: ReadonlySet<string> = new Set(assuranceLevels)

/** The words of a fact, of those that the vocabulary has: what else stands there may mean anything. */
export function knownWords(question: Question, name: PlainFactName, packs: Packs): readonly string[] {
  const { origins, shape, terms } = factTable[name]
  const value = vouchedValue(question.facts[name], origins)
  if (Array.isArray(value) !== (shape === 'set')) return []
  const vocabulary: ReadonlySet<unknown> = terms === 'assurance' ? assurance : packs.terms[terms]
  return [value].flat().filter((word): word is string => vocabulary.has(word))
}

/** The one word of a fact that holds one. */
export function knownWord(question: Question, name: PlainFactName, packs: Packs): string | undefined {
  return knownWords(question, name, packs)[0]
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

/** Place on the scale, or -1. */
export function levelOf(word: string | undefined): number {
  return (assuranceLevels as readonly (string | undefined)[]).indexOf(word)
}

/** One condition of a `match`, a `require` or an `unless`. */
export type Clause =
  | { readonly kind: 'anyOf'; readonly fact: PlainFactName; readonly words: readonly string[] }
  | { readonly kind: 'atLeast'; readonly fact: 'issuerAssurance' | 'counterpartyAssurance'; readonly level: string }
  | { readonly kind: 'below'; readonly fact: CounterName; readonly limit: number }
  | { readonly kind: 'reaches'; readonly fact: CounterName; readonly limit: number }

/** Whether a condition is shown to hold; what is unknown is not shown. */
export function met(clause: Clause, question: Question, packs: Packs): boolean {
  if (clause.kind === 'anyOf') return knownWords(question, clause.fact, packs).some((word) => clause.words.includes(word))
  if (clause.kind === 'atLeast') return levelOf(knownWord(question, clause.fact, packs)) >= levelOf(clause.level)
  const count = knownCount(question.facts[clause.fact])
  return count !== undefined && count < clause.limit === (clause.kind === 'below')
}

export function factValue(question: Question, name: FactName): readonly (string | number)[] {
  return [question.facts[name]?.value ?? []].flat()
}
