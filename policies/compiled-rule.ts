/** The rules of one side, numbered so that numbers are also the order of choice: by policy, then denies, duties, and permits by rank and id. */
import type { Clause } from './facts.ts'
import { relationsIn } from './places.ts'
import type { Match, Require, Rule, TrustPolicy } from './policy.ts'
import type { CounterName } from './question.ts'

export type Side = 'export' | 'import'

export interface CompiledRule {
  /** Its place in every set of rules. Not its place in the list: the rules of one effect and one policy begin at a word of their own. */
  readonly number: number
  readonly rule: Rule
  /** Its id, as the list that is given where it decided alone. */
  readonly alone: readonly [string]
  /** Position of its document in the side. */
  readonly policy: number
  /** The `require` of a permit, the `unless` of another rule. */
  readonly clauses: readonly Clause[]
  /** Numbers of the denies a permit is an exception to. */
  readonly excepts: readonly number[]
  /** Kinds of legal relation in its `match.to`. */
  readonly relations: readonly string[]
  /** Paths a permit is limited to, and paths it never covers. */
  readonly disclose: Permit['disclose']
  /** What its match asks besides places, credential, purpose and data; undefined where that is all. */
  readonly rest: Rest | undefined
}

/** The part of a match that few rules have: it is looked at only on the rules that are left. */
export interface Rest {
  /** Undefined also where credential and purpose are met at once, as they are unless a vocabulary is very large. */
  readonly purpose: ReadonlySet<string> | undefined
  readonly sector: ReadonlySet<string> | undefined
  readonly certification: ReadonlySet<string> | undefined
  readonly dataFlags: ReadonlySet<string> | undefined
  readonly counter: { readonly fact: CounterName; readonly atLeast: number } | undefined
}

type Permit = Extract<Rule, { readonly effect: 'permit' }>

export const effects = ['deny', 'oblige', 'permit'] as const
const rankDefault = 100

/** @param purposeApart whether purposes are looked at only on the rules that are left */
export function numberRules(policies: readonly TrustPolicy[], side: Side, purposeApart: boolean): CompiledRule[] {
  const shared = new SharedSets()
  const compiled: CompiledRule[] = []
  let number = 0
  for (const [policy, { rules }] of policies.entries()) {
    const denies = new Map<string, number>()
    for (const effect of effects) {
      number = (number + 31) & ~31
      const chosen = rules.filter((rule) => rule.direction === side && rule.effect === effect).toSorted(byChoice)
      for (const rule of chosen) {
        if (effect === 'deny') denies.set(rule.id, number)
        compiled.push(compileRule(rule, { number: number++, policy, denies, shared, purposeApart }))
      }
    }
  }
  return compiled
}

interface Surroundings {
  readonly number: number
  readonly policy: number
  /** Numbers of the denies of the same document. */
  readonly denies: ReadonlyMap<string, number>
  readonly shared: SharedSets
  readonly purposeApart: boolean
}

function compileRule(rule: Rule, { number, policy, denies, shared, purposeApart }: Surroundings): CompiledRule {
  return Object.freeze({
    number,
    rule,
    alone: Object.freeze([rule.id] as const),
    policy,
    clauses: clausesOf(rule.effect === 'permit' ? rule.require : rule.unless, shared),
    excepts: rule.effect === 'permit' ? (rule.exceptTo ?? []).flatMap((id) => denies.get(id) ?? []) : none,
    relations: relationsIn(rule.match.to),
    disclose: rule.effect === 'permit' ? rule.disclose : undefined,
    rest: restOf(rule.match, purposeApart ? rule.match.purpose : undefined, shared),
  })
}

const none: readonly never[] = []

function byChoice(a: Rule, b: Rule): number {
  return rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1)
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? rankDefault) : 0
}

function clausesOf(require: Require | undefined, shared: SharedSets): readonly Clause[] {
  if (require === undefined) return none
  const clauses: Clause[] = []
  const anyOf = (fact: 'legalBasis' | 'transferTool' | 'evidence' | 'certification', words: readonly string[]) =>
    clauses.push({ kind: 'anyOf', fact, words, wanted: shared.of(words) })
  for (const fact of ['legalBasis', 'transferTool', 'evidence', 'certification'] as const) {
    const wanted = require[fact]
    if (wanted === undefined) continue
    if ('anyOf' in wanted) anyOf(fact, wanted.anyOf)
    else for (const word of wanted.allOf) anyOf(fact, [word])
  }
  const { issuer, counterparty } = require.assurance ?? {}
  if (issuer) clauses.push({ kind: 'atLeast', fact: 'issuerAssurance', level: issuer })
  if (counterparty) clauses.push({ kind: 'atLeast', fact: 'counterpartyAssurance', level: counterparty })
  if (require.counter) clauses.push({ kind: 'below', fact: `counter:${require.counter.name}`, limit: require.counter.below })
  return clauses
}

function restOf({ recipient, dataFlags, counter }: Match, purpose: Match['purpose'], shared: SharedSets): Rest | undefined {
  if ([recipient?.sector, recipient?.certification, dataFlags, counter, purpose].every((asked) => asked === undefined)) return undefined
  return {
    purpose: purpose && shared.of(purpose),
    sector: recipient?.sector && shared.of(recipient.sector),
    certification: recipient?.certification && shared.of(recipient.certification),
    dataFlags: dataFlags && shared.of(dataFlags),
    counter: counter && { fact: `counter:${counter.name}`, atLeast: counter.atLeast },
  }
}

/** Rules ask for the same few words again and again: one set for each list of them. */
class SharedSets {
  readonly #sets = new Map<string, ReadonlySet<string>>()

  of(words: readonly string[]): ReadonlySet<string> {
    const key = words.join()
    const known = this.#sets.get(key)
    if (known) return known
    const made = new Set(words)
    this.#sets.set(key, made)
    return made
  }
}
