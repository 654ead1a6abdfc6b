/** The rules of one side, in the order of choice, each with a number: its place in every set of rules. */
import { SharedClauses } from './clauses.ts'
import type { Clause } from './facts.ts'
import { relationsIn } from './places.ts'
import type { Match, Require, Rule, TrustPolicy } from './policy.ts'

export type Side = 'export' | 'import'

type Permit = Extract<Rule, { readonly effect: 'permit' }>

export interface CompiledRule {
  readonly number: number
  /** Place in the order of choice: by policy, then denies, duties, and permits by rank and id. */
  readonly order: number
  readonly rule: Rule
  /** Position of its document in the side. */
  readonly policy: number
  /** The `require` of a permit, the `unless` of another rule. */
  readonly clauses: readonly Clause[]
  /** What its match asks besides places, credential, purpose and data. */
  readonly asks: readonly Clause[]
  /** Numbers of the denies a permit is an exception to. */
  readonly excepts: readonly number[]
  /** Kinds of legal relation in its `match.to`. */
  readonly relations: readonly string[]
  /** Paths a permit is limited to, and paths it never covers. */
  readonly disclose: Permit['disclose']
}

export const effects = ['deny', 'oblige', 'permit'] as const
const rankDefault = 100

/** @param purposeApart whether purposes are looked at only on the rules that are left; see tables.ts */
export function compileRules(policies: readonly TrustPolicy[], side: Side, purposeApart: boolean, shared: SharedClauses): CompiledRule[] {
  const compiled: CompiledRule[] = []
  let start = 0
  for (const [policy, { rules }] of policies.entries()) {
    const denies = new Map<string, number>()
    for (const effect of effects) {
      const own = rules.filter((rule) => rule.direction === side && rule.effect === effect)
      const numbers = numbersFrom(start, own)
      for (const rule of own.toSorted(byChoice)) {
        const number = numbers.get(rule.id) ?? start
        if (effect === 'deny') denies.set(rule.id, number)
        compiled.push(compileRule(rule, { number, order: compiled.length, policy, denies, shared, purposeApart }))
      }
      start = (start + own.length + 31) & ~31
    }
  }
  return compiled
}

/**
 * Rules that ask alike get numbers side by side, so that the rules of a flow stand in few words; those of one policy and
 * effect begin at a word of their own.
 */
function numbersFrom(start: number, rules: readonly Rule[]): ReadonlyMap<string, number> {
  const asked = ({ match: { credential, purpose, to, from } }: Rule) =>
    [credential?.toSorted(), purpose?.toSorted(), to, from].map((wanted) => JSON.stringify(wanted ?? [])).join()
  const keyed = rules.map((rule) => ({ id: rule.id, key: `${asked(rule)} ${rule.id}` })).sort((a, b) => (a.key < b.key ? -1 : 1))
  return new Map(keyed.map(({ id }, index) => [id, start + index]))
}

interface Surroundings {
  readonly number: number
  readonly order: number
  readonly policy: number
  /** Numbers of the denies of the same document. */
  readonly denies: ReadonlyMap<string, number>
  readonly shared: SharedClauses
  readonly purposeApart: boolean
}

function compileRule(rule: Rule, { number, order, policy, denies, shared, purposeApart }: Surroundings): CompiledRule {
  return Object.freeze({
    number,
    order,
    rule,
    policy,
    clauses: clausesOf(rule.effect === 'permit' ? rule.require : rule.unless, shared),
    asks: asksOf(rule.match, purposeApart, shared),
    excepts: rule.effect === 'permit' ? (rule.exceptTo ?? []).flatMap((id) => denies.get(id) ?? []) : none,
    relations: relationsIn(rule.match.to),
    disclose: rule.effect === 'permit' ? rule.disclose : undefined,
  })
}

const none: readonly never[] = Object.freeze([])

function byChoice(a: Rule, b: Rule): number {
  return rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1)
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? rankDefault) : 0
}

export function clausesOf(require: Require | undefined, shared: SharedClauses = new SharedClauses()): readonly Clause[] {
  if (require === undefined) return none
  const clauses: Clause[] = []
  for (const fact of ['legalBasis', 'transferTool', 'evidence', 'certification'] as const) {
    const wanted = require[fact]
    if (wanted === undefined) continue
    if ('anyOf' in wanted) clauses.push(shared.anyOf(fact, wanted.anyOf))
    else for (const word of wanted.allOf) clauses.push(shared.anyOf(fact, [word]))
  }
  const { issuer, counterparty } = require.assurance ?? {}
  if (issuer) clauses.push(shared.of({ kind: 'atLeast', fact: 'issuerAssurance', level: issuer }))
  if (counterparty) clauses.push(shared.of({ kind: 'atLeast', fact: 'counterpartyAssurance', level: counterparty }))
  if (require.counter) clauses.push(shared.of({ kind: 'below', fact: `counter:${require.counter.name}`, limit: require.counter.below }))
  return clauses
}

function asksOf({ purpose, recipient, dataFlags, counter }: Match, purposeApart: boolean, shared: SharedClauses): readonly Clause[] {
  const asks: Clause[] = []
  if (purposeApart && purpose) asks.push(shared.anyOf('purpose', purpose))
  if (recipient?.sector) asks.push(shared.anyOf('sector', recipient.sector))
  if (recipient?.certification) asks.push(shared.anyOf('certification', recipient.certification))
  if (dataFlags) asks.push(shared.anyOf('dataFlags', dataFlags))
  if (counter) asks.push(shared.of({ kind: 'reaches', fact: `counter:${counter.name}`, limit: counter.atLeast }))
  return asks.length === 0 ? none : asks
}
