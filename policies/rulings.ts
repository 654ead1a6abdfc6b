/**
 * What a side answers, without the paths of any one question: each answer made once and handed out again.
 *
 * An answer is found by what it says (the code, the rules that decided with the legal relations they held by, the
 * duties), never by the question: which rules decide is worked out anew for every question.
 */
import type { Instant } from '#protocols/ids.ts'
import { listOf } from './bits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { distinct } from './obligations.ts'
import type { Relation } from './packs/packs.ts'
import type { Cite, Obligation } from './policy.ts'

export type Verdict = 'permit' | 'deny'

export type Code =
  | 'PERMITTED'
  | 'DENIED_BY_RULE'
  | 'CONDITIONS_NOT_MET'
  | 'UNCOVERED_DATA'
  | 'NO_RULE'
  | 'NO_POLICY'
  | 'POLICY_NOT_IN_FORCE'
  | 'SUSPENDED'
  /** Of an origin: a duty that came with the data forbids that it goes on so. */
  | 'CARRIED_DUTY'

export interface Ruling {
  readonly verdict: Verdict
  readonly code: Code
  /** What decided: the permits used, the denies, or the suspensions. */
  readonly rules: readonly string[]
  /** Rules that only add duties. */
  readonly added: readonly string[]
  readonly cite: readonly Cite[]
  readonly obligations: readonly Obligation[]
  /** Exclusive; null for a refusal. */
  readonly validUntil: Instant | null
}

/** A refusal before any rule is looked at. */
export function refusal(code: Code, rules: readonly string[] = []): Ruling {
  const none: readonly never[] = Object.freeze([])
  return Object.freeze({
    verdict: 'deny',
    code,
    rules: Object.freeze([...rules]),
    added: none,
    cite: none,
    obligations: none,
    validUntil: null,
  })
}

/** What the numbers of rules and relations stand for. */
export interface Legend {
  /** By number. */
  readonly rules: readonly (CompiledRule | undefined)[]
  readonly relations: readonly Relation[]
  /** The soonest end of the policies. */
  readonly validUntil: Instant
}

/** A rule, and the relation it holds by, as one number: at least 0. @param relation place in the legend; -1 for none */
export function grantOf(rule: number, relation: number, relations: number): number {
  return rule * (relations + 1) + relation + 1
}

export function ruleOf(grant: number, relations: number): number {
  return (grant / (relations + 1)) | 0
}

/** -1 for none. */
export function relationOf(grant: number, relations: number): number {
  return (grant % (relations + 1)) - 1
}

// A policy gives some dozen answers, one of thousands of rules some thousand: more than these are made again when they come again.
const slots = 8192
/** Numbers of a slot: the length of a key, and the key. */
const slotSize = 8
// Few questions are decided by more rules than that: their answers are as long to compare as to make.
const longSlots = 512
const keyMax = 64

/** The answers of one side. Two that fall on one slot take it in turn, so the memory is bounded whatever is asked. */
export class Rulings {
  readonly #legend: Legend
  readonly #relations: number
  /** By number of the rule that decided alone, by no relation and without a duty. */
  readonly #alone: (Ruling | undefined)[]
  /** Keys beside each other, so that to compare one is to read one line of memory; made when first asked. */
  #keys = new Int32Array(0)
  #rulings: (Ruling | undefined)[] = []
  readonly #long = new Map<number, LongRuling>()

  constructor(legend: Legend) {
    this.#legend = legend
    this.#relations = legend.relations.length
    this.#alone = legend.rules.map(() => undefined)
  }

  /** @param key first whether it permits (1) or denies (0), then how many grants, the grants, and the duties; of its first `length` numbers, which are copied */
  of(key: readonly number[], length: number): Ruling {
    return length === 3 && relationOf(key[2] ?? 0, this.#relations) < 0
      ? this.byOne(ruleOf(key[2] ?? 0, this.#relations), key[0] ?? 0)
      : this.#byKey(key, length)
  }

  /** What one rule decides alone, by no relation and without a duty. @param permits 1 or 0 */
  byOne(rule: number, permits: number): Ruling {
    const known = this.#alone[rule]
    if (known !== undefined) return known
    const made = new KeyedRuling([permits, 1, grantOf(rule, -1, this.#relations)], this.#legend)
    this.#alone[rule] = made
    return made
  }

  #byKey(key: readonly number[], length: number): Ruling {
    let hash = length
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (key[at] ?? 0) ^ (hash >>> 15), 0x9e3779b1)
    hash ^= hash >>> 15
    if (length >= slotSize) return this.#byLongKey(key, length, hash & (longSlots - 1))
    if (this.#rulings.length === 0) this.#open()
    const slot = hash & (slots - 1)
    const begin = slot * slotSize
    const keys = this.#keys
    let same = keys[begin] === length
    for (let at = 0; same && at < length; at++) same = keys[begin + 1 + at] === key[at]
    const known = this.#rulings[slot]
    if (same && known) return known
    const made = new KeyedRuling(key.slice(0, length), this.#legend)
    keys[begin] = length
    for (let at = 0; at < length; at++) keys[begin + 1 + at] = key[at] ?? 0
    this.#rulings[slot] = made
    return made
  }

  #open(): void {
    this.#keys = new Int32Array(slots * slotSize)
    this.#rulings = listOf<Ruling | undefined>(slots, undefined)
  }

  #byLongKey(key: readonly number[], length: number, slot: number): Ruling {
    const known = this.#long.get(slot)
    if (known?.key.length === length && known.key.every((word, at) => word === key[at])) return known.ruling
    const copy = key.slice(0, length)
    const ruling = new KeyedRuling(copy, this.#legend)
    if (length < keyMax) this.#long.set(slot, { key: copy, ruling })
    return ruling
  }
}

interface LongRuling {
  readonly key: readonly number[]
  readonly ruling: Ruling
}

type Release = Pick<Ruling, 'cite' | 'obligations' | 'validUntil'>

/** Says at once what most callers ask for, and the rest when somebody asks. */
class KeyedRuling implements Ruling {
  readonly #key: readonly number[]
  readonly #legend: Legend
  readonly #rules: readonly string[]
  readonly #added: readonly string[]
  #release: Release | undefined

  constructor(key: readonly number[], legend: Legend) {
    const end = 2 + (key[1] ?? 0)
    this.#key = key
    this.#legend = legend
    this.#rules = namesOf(key.slice(2, end), legend)
    this.#added = namesOf(key.slice(end), legend)
  }

  get verdict(): Verdict {
    return this.#key[0] === 1 ? 'permit' : 'deny'
  }

  get code(): Code {
    return this.#key[0] === 1 ? 'PERMITTED' : 'DENIED_BY_RULE'
  }

  get rules(): readonly string[] {
    return this.#rules
  }

  get added(): readonly string[] {
    return this.#added
  }

  get cite(): readonly Cite[] {
    return this.#released().cite
  }

  get obligations(): readonly Obligation[] {
    return this.#released().obligations
  }

  get validUntil(): Instant | null {
    return this.#released().validUntil
  }

  #released(): Release {
    this.#release ??= this.#key[0] === 1 ? releaseOf(this.#key, this.#legend) : refusedBy(this.#key, this.#legend)
    return this.#release
  }
}

/** Each once and in the order they come: two grants of one rule differ in the legal relation. */
function namesOf(grants: readonly number[], legend: Legend): readonly string[] {
  return Object.freeze([...new Set(rulesOf(grants, legend).map(({ rule }) => rule.id))])
}

function rulesOf(grants: readonly number[], { rules, relations }: Legend): CompiledRule[] {
  return grants.flatMap((grant) => rules[ruleOf(grant, relations.length)] ?? [])
}

// --- What follows from the rules.

function refusedBy(key: readonly number[], legend: Legend): Release {
  const denies = rulesOf(key.slice(2), legend)
  return { cite: Object.freeze(distinct(denies.flatMap(({ rule }) => rule.cite ?? []))), obligations: Object.freeze([]), validUntil: null }
}

function releaseOf(key: readonly number[], { rules, relations, validUntil }: Legend): Release {
  const used = new Map<CompiledRule, Set<Relation>>()
  for (const grant of key.slice(2)) {
    const rule = rules[ruleOf(grant, relations.length)]
    const relation = relations[relationOf(grant, relations.length)]
    if (rule === undefined) continue
    const own = used.get(rule) ?? new Set()
    used.set(rule, relation ? own.add(relation) : own)
  }
  const all = [...used]
  const held = all.flatMap(([, own]) => [...own])
  return {
    cite: Object.freeze(distinct(all.flatMap(([rule, own]) => citesOf(rule, [...own])))),
    obligations: Object.freeze(distinct(all.flatMap(([{ rule }]) => (rule.effect === 'deny' ? [] : (rule.obligations ?? []))))),
    validUntil: held.reduce((soonest, { validUntil: end = soonest }) => (end < soonest ? end : soonest), validUntil),
  }
}

function citesOf({ rule }: CompiledRule, relations: readonly Relation[]): Cite[] {
  return (rule.cite ?? []).flatMap(({ legalRelation, ...cite }) => {
    if (legalRelation === undefined) return [cite]
    if (legalRelation !== '$matched') return [{ ...cite, legalRelation }]
    return relations.length === 0 ? [cite] : relations.map(({ id }) => ({ ...cite, legalRelation: id }))
  })
}
