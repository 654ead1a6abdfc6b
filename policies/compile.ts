/**
 * The policies of one side as an index: documents checked against the packs, then each direction's rules as rows.
 *
 * What is compiled cannot be changed any more: the digests are taken here, and a rule changed behind them would be in
 * force under a signature it never had.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Digest, Instant } from '#protocols/ids.ts'
import { SharedClauses } from './clauses.ts'
import { compileRules, type Side } from './compiled-rule.ts'
import { Moments } from './moments.ts'
import type { Packs } from './packs/packs.ts'
import { placeTablesAt } from './place-tables.ts'
import { type PolicyDocument, policyDigest, type Reveal, type Suspension, type TrustPolicy } from './policy.ts'
import { RuleIndex } from './rule-index.ts'
import { Rulings } from './rulings.ts'
import { purposeApart, tablesOf } from './tables.ts'
import { checkTerms } from './terms.ts'

export type { CompiledRule, Side } from './compiled-rule.ts'
export type { RuleIndex } from './rule-index.ts'

export interface PolicyRef {
  readonly id: string
  readonly jurisdiction: string
  readonly serial: number
  readonly digest: Digest
}

export interface CompiledPolicy extends PolicyRef {
  readonly validFrom: Instant
  readonly validUntil: Instant
}

export interface PolicyIndex {
  readonly policies: readonly CompiledPolicy[]
  readonly suspensions: readonly Suspension[]
  readonly packs: Packs
  /** What the strictest of the documents lets a refusal tell. */
  readonly reveal: Reveal
  /** Names of the counters that its rules ask for, sorted. */
  readonly counters: readonly string[]
  readonly export: RuleIndex
  readonly import: RuleIndex
}

/**
 * @param documents of one side, in order: the union's before the member's; suspensions anywhere
 * @throws {TrustError} DFFT_POLICY_SYNTAX for a word the packs do not have, or two documents with one id
 */
export function compile(documents: readonly PolicyDocument[], packs: Packs): PolicyIndex {
  for (const document of documents) checkDocument(document, packs)
  const policies = documents.filter((document) => document.kind === 'TrustPolicy')
  const twice = policies.find(({ metadata }, index) => policies.findIndex((other) => other.metadata.jurisdiction === metadata.jurisdiction) !== index)
  if (twice) throw new TrustError('DFFT_POLICY_SYNTAX', `two policies of \`${twice.metadata.jurisdiction}\` on one side`, { policy: twice.metadata.id })
  for (const document of documents) deepFreeze(document)
  const suspensions = documents.filter((document) => document.kind === 'Suspension')
  return Object.freeze({
    policies: Object.freeze(policies.map(refOf)),
    suspensions: Object.freeze(suspensions),
    packs,
    reveal: strictest(policies),
    counters: Object.freeze([...new Set(policies.flatMap(countersIn))].sort()),
    export: indexRules(policies, suspensions, 'export', packs),
    import: indexRules(policies, suspensions, 'import', packs),
  })
}

function checkDocument(document: PolicyDocument, packs: Packs): void {
  const [problem] = checkTerms(document, packs)
  if (problem === undefined) return
  const { message, path, nearest } = problem
  throw new TrustError('DFFT_POLICY_SYNTAX', message, { policy: document.metadata.id, path: `/${path.join('/')}`, nearest })
}

function refOf(policy: TrustPolicy): CompiledPolicy {
  const { id, jurisdiction, serial, validFrom, validUntil } = policy.metadata
  return Object.freeze({ id, jurisdiction, serial, digest: policyDigest(policy), validFrom, validUntil })
}

function strictest(policies: readonly TrustPolicy[]): Reveal {
  const levels = policies.map(({ metadata }) => metadata.reveal ?? 'code')
  return levels.length === 0 || levels.includes('code') ? 'code' : levels.includes('rules') ? 'rules' : 'nearest'
}

function countersIn({ rules }: TrustPolicy): string[] {
  return rules.flatMap((rule) => {
    const shown = rule.effect === 'permit' ? rule.require : rule.unless
    return [rule.match.counter, shown?.counter].flatMap((one) => one?.name ?? [])
  })
}

function indexRules(policies: readonly TrustPolicy[], suspensions: readonly Suspension[], side: Side, packs: Packs): RuleIndex {
  const apart = purposeApart(policies, packs)
  const clauses = new SharedClauses()
  const rules = compileRules(policies, side, apart, clauses)
  const tables = tablesOf({ rules, policies: policies.length, packs, clauses, apart })
  const moments = new Moments({ policies, suspensions, changes: packs.changes, placesAt: (at) => placeTablesAt(rules, tables, packs, at) })
  const validUntil = policies.map(({ metadata }) => metadata.validUntil).reduce((soonest, end) => (end < soonest ? end : soonest), endOfTime)
  const relations = tables.scopes.map(({ relation }) => relation)
  const rulings = new Rulings({ rules: tables.layout.rules, relations, validUntil })
  return new RuleIndex({ side, rules, packs, tables, moments, rulings })
}

const endOfTime = '9999-12-31T00:00:00Z' as Instant // It has the form.

/** Down to what is frozen already: so is whatever is no object. */
function deepFreeze(value: object): void {
  if (Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
}
