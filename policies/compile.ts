/**
 * The policies of one side as an index.
 *
 * Rules are numbered so that numbers are also the order of choice (policy, then permits by rank and id). Each thing a
 * rule may ask about is a dimension: value → the rules that do not fail on it. To match is to AND a handful of bit sets.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Digest, Instant } from '#protocols/ids.ts'
import { type Bits, bitsWhere, union } from './bits.ts'
import type { Clause } from './facts.ts'
import { covers, type Packs, type Relation, touches } from './packs/packs.ts'
import { contains, relationsBetween, relationsIn } from './places.ts'
import { type Match, type PolicyDocument, policyDigest, type Require, type Reveal, type Rule, type Suspension, type TrustPolicy } from './policy.ts'
import { checkTerms } from './terms.ts'

export type Side = 'export' | 'import'

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

export interface CompiledRule {
  readonly number: number
  readonly rule: Rule
  /** Position of its document in the side. */
  readonly policy: number
  /** The `require` of a permit, the `unless` of another rule. */
  readonly clauses: readonly Clause[]
  /** Numbers of the denies a permit is an exception to. */
  readonly excepts: ReadonlySet<number>
  /** Kinds of legal relation in its `match.to`. */
  readonly relations: readonly string[]
}

/** Rules that do not fail on a value; `unknown` is for a value nobody vouches for. */
export interface Dimension {
  readonly byWord: ReadonlyMap<string, Bits>
  /** Rules that do not ask. */
  readonly free: Bits
  /** Those, and every deny and duty: for them the unknown counts as matched. */
  readonly unknown: Bits
}

export interface RuleIndex {
  readonly rules: readonly CompiledRule[]
  readonly every: Bits
  readonly denies: Bits
  readonly obliges: Bits
  readonly permits: Bits
  /** By position of the document. */
  readonly ofPolicy: readonly Bits[]
  readonly credential: Dimension
  readonly purpose: Dimension
  readonly sector: Dimension
  readonly certification: Dimension
  readonly dataFlags: Dimension
  /** Rules whose match has a count, looked at one by one. */
  readonly counted: Bits
  readonly category: ReadonlyMap<string, Bits>
  readonly unknownCategory: Bits
  readonly byRelation: ReadonlyMap<string, Bits>
  readonly freeFrom: Bits
  readonly freeTo: Bits
  readonly strict: Bits
  /** What a pair of jurisdictions means at an instant. */
  places(from: string | undefined, to: string | undefined, at: string): PlaceBits
}

export interface PlaceBits {
  readonly from: Bits
  /** By jurisdiction and group alone. */
  readonly to: Bits
  /** Undefined where a jurisdiction is unknown: then any relation is possible. */
  readonly relations: readonly Relation[] | undefined
}

export interface PolicyIndex {
  readonly policies: readonly CompiledPolicy[]
  readonly suspensions: readonly Suspension[]
  readonly packs: Packs
  /** What the strictest of the documents lets a refusal tell. */
  readonly reveal: Reveal
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
  return {
    policies: policies.map(refOf),
    suspensions: documents.filter((document) => document.kind === 'Suspension'),
    packs,
    reveal: strictest(policies),
    export: indexRules(policies, 'export', packs),
    import: indexRules(policies, 'import', packs),
  }
}

function checkDocument(document: PolicyDocument, packs: Packs): void {
  const [problem] = checkTerms(document, packs)
  if (problem === undefined) return
  const { message, path, nearest } = problem
  throw new TrustError('DFFT_POLICY_SYNTAX', message, { policy: document.metadata.id, path: `/${path.join('/')}`.slice(0, 256), nearest })
}

function refOf(policy: TrustPolicy): CompiledPolicy {
  const { id, jurisdiction, serial, validFrom, validUntil } = policy.metadata
  return { id, jurisdiction, serial, digest: policyDigest(policy), validFrom, validUntil }
}

function strictest(policies: readonly TrustPolicy[]): Reveal {
  const levels = policies.map(({ metadata }) => metadata.reveal ?? 'code')
  return levels.length === 0 || levels.includes('code') ? 'code' : levels.includes('rules') ? 'rules' : 'nearest'
}

const effectOrder = { deny: 0, oblige: 1, permit: 2 }
const rankDefault = 100

function indexRules(policies: readonly TrustPolicy[], side: Side, packs: Packs): RuleIndex {
  const rules = numberRules(policies, side)
  const strict = bitsWhere(rules, ({ rule }) => rule.effect !== 'permit')
  const freeFrom = bitsWhere(rules, ({ rule }) => rule.match.from === undefined)
  const freeTo = bitsWhere(rules, ({ rule }) => rule.match.to === undefined)
  const dimension = (words: (match: Match) => readonly string[] | undefined) => dimensionOf(rules, strict, words)
  return {
    rules,
    every: bitsWhere(rules, () => true),
    denies: bitsWhere(rules, ({ rule }) => rule.effect === 'deny'),
    obliges: bitsWhere(rules, ({ rule }) => rule.effect === 'oblige'),
    permits: bitsWhere(rules, ({ rule }) => rule.effect === 'permit'),
    ofPolicy: policies.map((_, index) => bitsWhere(rules, ({ policy }) => policy === index)),
    credential: dimension(({ credential }) => credential),
    purpose: dimension(({ purpose }) => purpose),
    sector: dimension(({ recipient }) => recipient?.sector),
    certification: dimension(({ recipient }) => recipient?.certification),
    dataFlags: dimension(({ dataFlags }) => dataFlags),
    counted: bitsWhere(rules, ({ rule }) => rule.match.counter !== undefined),
    category: categoriesOf(rules, packs),
    unknownCategory: strict,
    byRelation: new Map([...packs.terms.relation].map((kind) => [kind, bitsWhere(rules, ({ relations }) => relations.includes(kind))])),
    freeFrom,
    freeTo,
    strict,
    places: placeCache(rules, packs, { from: union(freeFrom, strict), to: union(freeTo, strict) }),
  }
}

function numberRules(policies: readonly TrustPolicy[], side: Side): CompiledRule[] {
  const sorted = policies.flatMap(({ rules }, policy) =>
    rules
      .filter(({ direction }) => direction === side)
      .toSorted(byChoice)
      .map((rule) => ({ rule, policy })),
  )
  const numbers = new Map(sorted.map(({ rule }, number) => [rule.id, number]))
  return sorted.map(({ rule, policy }, number) => ({
    number,
    rule,
    policy,
    clauses: clausesOf(rule.effect === 'permit' ? rule.require : rule.unless),
    excepts: new Set(rule.effect === 'permit' ? (rule.exceptTo ?? []).map((id) => numbers.get(id) ?? -1) : []),
    relations: relationsIn(rule.match.to),
  }))
}

function byChoice(a: Rule, b: Rule): number {
  return effectOrder[a.effect] - effectOrder[b.effect] || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1)
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? rankDefault) : 0
}

export function clausesOf(require: Require | undefined): Clause[] {
  if (require === undefined) return []
  const clauses: Clause[] = []
  for (const fact of ['legalBasis', 'transferTool', 'evidence', 'certification'] as const) {
    const wanted = require[fact]
    if (wanted === undefined) continue
    if ('anyOf' in wanted) clauses.push({ kind: 'anyOf', fact, words: wanted.anyOf })
    else for (const word of wanted.allOf) clauses.push({ kind: 'anyOf', fact, words: [word] })
  }
  const { issuer, counterparty } = require.assurance ?? {}
  if (issuer) clauses.push({ kind: 'atLeast', fact: 'issuerAssurance', level: issuer })
  if (counterparty) clauses.push({ kind: 'atLeast', fact: 'counterpartyAssurance', level: counterparty })
  if (require.counter) clauses.push({ kind: 'below', fact: `counter:${require.counter.name}`, limit: require.counter.below })
  return clauses
}

function dimensionOf(rules: readonly CompiledRule[], strict: Bits, wordsOf: (match: Match) => readonly string[] | undefined): Dimension {
  const free = bitsWhere(rules, ({ rule }) => wordsOf(rule.match) === undefined)
  const words = new Set(rules.flatMap(({ rule }) => wordsOf(rule.match) ?? []))
  const byWord = new Map([...words].map((word) => [word, bitsWhere(rules, ({ rule }) => wordsOf(rule.match)?.includes(word) ?? true)]))
  return { byWord, free, unknown: union(free, strict) }
}

/** A permit must cover a category; a deny or a duty need only touch it (rule 4 of the language). */
function categoriesOf(rules: readonly CompiledRule[], packs: Packs): ReadonlyMap<string, Bits> {
  const listed = rules.map(({ rule }) => rule.match.data && new Set(rule.match.data))
  return new Map(
    [...packs.terms.category].map((category) => [
      category,
      bitsWhere(rules, ({ number, rule }) => {
        const words = listed[number]
        return words === undefined || (rule.effect === 'permit' ? covers(packs, words, category) : touches(packs, words, category))
      }),
    ]),
  )
}

// Some 250 jurisdictions make 62,500 pairs; a node meets a few hundred.
const pairsMax = 4096

function placeCache(rules: readonly CompiledRule[], packs: Packs, unknown: { readonly from: Bits; readonly to: Bits }): RuleIndex['places'] {
  const cache = new Map<string, PlaceBits>()
  return (from, to, at) => {
    const key = `${from}>${to}@${epochOf(packs.changes, at)}`
    const known = cache.get(key)
    if (known) return known
    const made = {
      from: from === undefined ? unknown.from : bitsWhere(rules, ({ rule: { match } }) => match.from === undefined || contains(packs, match.from, from, at)),
      to: to === undefined ? unknown.to : bitsWhere(rules, ({ rule: { match } }) => match.to === undefined || contains(packs, match.to, to, at)),
      relations: from === undefined || to === undefined ? undefined : relationsBetween(packs, from, to, at),
    }
    if (cache.size >= pairsMax) cache.clear()
    cache.set(key, made)
    return made
  }
}

/** How many changes have happened by `at`. */
function epochOf(changes: readonly string[], at: string): number {
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((changes[middle] ?? '') <= at) low = middle + 1
    else high = middle
  }
  return low
}
