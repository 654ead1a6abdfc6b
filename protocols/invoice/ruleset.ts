/**
 * A ruleset: the rules of one authority, version and syntax, as data.
 *
 * Rules stand in contexts, contexts in patterns. In one pattern an element is judged in the first context that matches it and in no other;
 * patterns do not know of each other. That is how Schematron reads, and official rules lean on it. A context matches an element by the
 * end of the element's path (`cac:TaxTotal/cac:TaxSubtotal` anywhere), or by the whole of it where it begins with `/`.
 *
 * The digest is over all that is data: rules, code lists, and of operations (which are code) names and revisions. Whoever changes what an
 * operation answers raises its revision; whoever changes engine or conditions in a way that changes answers raises `engineRevision`.
 */
import { digestOf } from '../canonical.ts'
import type { Digest } from '../ids.ts'
import { type Condition, compiled, type Meaning } from './condition.ts'
import type { Holds, Path } from './path.ts'

export type Flag = 'fatal' | 'warning'

export interface Rule {
  readonly id: string
  readonly flag: Flag
  readonly test: Condition
  /** What is wrong when it fails, where the form of the condition does not tell; lower case, no full stop. */
  readonly says?: string
}

export interface Context {
  readonly at: readonly Path[]
  readonly rules: readonly Rule[]
}

export type Pattern = readonly Context[]

/** Code of a ruleset. It is asked once for each use, with the argument the rule gives, and answers with the test. */
export interface Operation {
  readonly revision: number
  readonly compile: (argument: unknown, meaning: Meaning) => Holds
}

export interface RulesetSource {
  readonly name: string
  readonly version: string
  readonly patterns: readonly Pattern[]
  readonly qualifiers: Readonly<Record<string, Condition>>
  readonly lists: Readonly<Record<string, readonly string[]>>
  readonly operations?: Readonly<Record<string, Operation>>
}

export interface Ruleset extends RulesetSource {
  readonly digest: Digest
  readonly meaning: Meaning
}

export const engineRevision = 1

export function ruleset(source: RulesetSource): Ruleset {
  const { name, version, patterns, qualifiers, lists, operations = {} } = source
  const revisions = Object.fromEntries(Object.entries(operations).map(([operation, { revision }]) => [operation, revision]))
  let known: Digest | undefined
  return {
    ...source,
    // Of 100 kB and more: not before somebody asks.
    get digest() {
      known ??= digestOf({ name, version, engine: engineRevision, patterns, qualifiers, lists, operations: revisions })
      return known
    },
    meaning: meaningOf(source),
  }
}

function meaningOf({ qualifiers, lists, operations = {} }: RulesetSource): Meaning {
  const compiledQualifiers = new Map<string, Holds>()
  const sets = new Map<string, ReadonlySet<string>>()
  const meaning: Meaning = {
    qualifiers: (name) => kept(compiledQualifiers, name, () => compiled(required(qualifiers[name], `qualifier \`${name}\``), meaning)),
    lists: (name) => kept(sets, name, () => new Set(required(lists[name], `code list \`${name}\``))),
    operations: (name, argument) => required(operations[name], `operation \`${name}\``).compile(argument, meaning),
  }
  return meaning
}

function kept<Value>(known: Map<string, Value>, name: string, make: () => Value): Value {
  const value = known.get(name) ?? make()
  known.set(name, value)
  return value
}

function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`the ruleset has no ${what}`)
  return value
}

/** Short ways to write rules. */
export function fatal(id: string, test: Condition, says?: string): Rule {
  return { id, flag: 'fatal', test, ...(says !== undefined && { says }) }
}

export function warning(id: string, test: Condition, says?: string): Rule {
  return { id, flag: 'warning', test, ...(says !== undefined && { says }) }
}
