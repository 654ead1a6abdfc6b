/**
 * What a side answers, without the paths of any one question: each answer made once and handed out again.
 *
 * An answer is found by what it says (the code, and for each path the rules that decided), never by the question:
 * which rules decide is worked out anew for every question.
 */
import type { Instant } from '#protocols/ids.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { distinct } from './obligations.ts'
import type { Relation } from './packs/packs.ts'
import type { Cite, Obligation } from './policy.ts'

export type Verdict = 'permit' | 'deny'

export type Code = 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA' | 'NO_RULE' | 'NO_POLICY' | 'POLICY_NOT_IN_FORCE' | 'SUSPENDED'

/** Of one path. */
export interface PathRuling {
  readonly code: 'PERMITTED' | 'DENIED_BY_RULE' | 'CONDITIONS_NOT_MET' | 'UNCOVERED_DATA'
  /** The permits that cover it, one a policy. */
  readonly permits: readonly Grant[]
  /** The denies no permit is an exception to. */
  readonly denies: readonly CompiledRule[]
}

export interface Grant {
  readonly rule: CompiledRule
  /** The legal relation by which it reaches the recipient; undefined where it needs none. */
  readonly relation: Relation | undefined
}

export interface Ruling {
  readonly verdict: Verdict
  readonly code: Code
  /** What decided: the permits used, the denies, or the suspensions. */
  readonly rules: readonly string[]
  /** Rules that only add duties. */
  readonly added: readonly string[]
  /** In the order of the question's data; empty where no rule was looked at. */
  readonly paths: readonly PathRuling[]
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
    paths: none,
    cite: none,
    obligations: none,
    validUntil: null,
  })
}

/**
 * The words of a key besides rules.
 *
 * A key is a list of whole numbers: paths and code; for each path one word, or its permits, or its denies; then the
 * duties. Permits of several policies, and denies, are closed by `end`.
 */
export const token = { uncovered: 0, conditions: 1, denied: 2, end: 3, rules: 4 } as const

export const codes = ['PERMITTED', 'DENIED_BY_RULE', 'CONDITIONS_NOT_MET', 'UNCOVERED_DATA', 'NO_RULE'] as const

/** The first number of a key. @param code place in `codes` */
export function headOf(paths: number, code: number): number {
  return paths * 8 + code
}

/** What the numbers in a key stand for. */
export interface Legend {
  /** By number. */
  readonly rules: readonly (CompiledRule | undefined)[]
  readonly relations: readonly Relation[]
  readonly policies: number
  /** The soonest end of the policies. */
  readonly validUntil: Instant
}

/** A rule, and the relation it holds by, as one number. @param relation place in the legend; -1 for none */
export function ruleToken(rule: number, relation: number, relations: number): number {
  return token.rules + rule * (relations + 1) + relation + 1
}

// A policy gives some dozen answers, one of thousands of rules some thousand: more than these are made again when they come again.
const slots = 16_384
/** Numbers of a slot: the length of a key, and the key. */
const slotSize = 8
// Longer keys (an invoice has 160 paths) are seldom of many kinds; what is longer still is as long to compare as to make.
const longSlots = 512
const keyMax = 256

/** The answers of one side by their keys. Two that fall on one slot take it in turn, so the memory is bounded whatever is asked. */
export class Rulings {
  readonly #legend: Legend
  /** Keys beside each other, so that to compare one is to read one line of memory; made when first asked. */
  #keys = new Int32Array(0)
  #rulings: (KeyedRuling | undefined)[] = []
  #long: (KeyedRuling | undefined)[] = []
  /** By number of paths. */
  readonly #nothing: (Ruling | undefined)[] = new Array<undefined>(keyMax).fill(undefined)

  constructor(legend: Legend) {
    this.#legend = legend
  }

  /** Where no rule was left for any of so many paths. */
  nothing(paths: number): Ruling {
    const known = this.#nothing[paths]
    if (known) return known
    const key = [headOf(paths, codes.indexOf('NO_RULE')), ...Array.from({ length: paths }, () => token.uncovered)]
    const made = new KeyedRuling(key, this.#legend)
    if (paths < keyMax) this.#nothing[paths] = made
    return made
  }

  /** @param key its first `length` numbers, which are copied */
  of(key: readonly number[], length: number): Ruling {
    let hash = length
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (key[at] ?? 0) ^ (hash >>> 15), 0x9e3779b1)
    if (length >= slotSize) return this.#longer(key, length, hash)
    if (this.#rulings.length === 0) this.#open()
    const slot = (hash ^ (hash >>> 15)) & (slots - 1)
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
    this.#rulings = new Array<undefined>(slots).fill(undefined)
    this.#long = new Array<undefined>(longSlots).fill(undefined)
  }

  #longer(key: readonly number[], length: number, hash: number): Ruling {
    const slot = (hash ^ (hash >>> 15)) & (longSlots - 1)
    const known = this.#long[slot]
    if (known?.hasKey(key, length)) return known
    const made = new KeyedRuling(key.slice(0, length), this.#legend)
    if (length < keyMax) this.#long[slot] = made
    return made
  }
}

type Release = Pick<Ruling, 'cite' | 'obligations' | 'validUntil'>

/** Says at once what most callers ask for, and the rest when somebody asks. */
class KeyedRuling implements Ruling {
  readonly #key: readonly number[]
  readonly #legend: Legend
  readonly #rules: readonly string[]
  readonly #added: readonly string[]
  #paths: readonly PathRuling[] | undefined
  #release: Release | undefined

  constructor(key: readonly number[], legend: Legend) {
    const duties = dutiesAt(key, legend)
    this.#key = key
    this.#legend = legend
    this.#rules = namesIn(key, 1, duties, (key[0] ?? 0) & 7, legend)
    this.#added = namesIn(key, duties, key.length, permitted, legend)
  }

  hasKey(key: readonly number[], length: number): boolean {
    const own = this.#key
    if (own.length !== length) return false
    for (let at = 0; at < length; at++) if (own[at] !== key[at]) return false
    return true
  }

  get code(): Code {
    return codes[(this.#key[0] ?? 0) & 7] ?? 'NO_RULE'
  }

  get verdict(): Verdict {
    return this.code === 'PERMITTED' ? 'permit' : 'deny'
  }

  get rules(): readonly string[] {
    return this.#rules
  }

  get added(): readonly string[] {
    return this.#added
  }

  get paths(): readonly PathRuling[] {
    this.#paths ??= Object.freeze(pathsIn(this.#key, this.#legend))
    return this.#paths
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
    this.#release ??= this.code === 'PERMITTED' ? releaseOf(this.paths, this.#duties(), this.#legend) : refusedBy(this.paths)
    return this.#release
  }

  #duties(): CompiledRule[] {
    const { rules } = this.#legend
    const words = this.#key.slice(dutiesAt(this.#key, this.#legend))
    return words.flatMap((word) => rules[ruleOf(word, this.#legend)] ?? [])
  }
}

// --- Reading a key.

const permitted = codes.indexOf('PERMITTED')
const denied = codes.indexOf('DENIED_BY_RULE')
const noNames: readonly string[] = Object.freeze([])

/** Where the duties begin. */
function dutiesAt(key: readonly number[], { policies }: Legend): number {
  let at = 1
  for (let path = (key[0] ?? 0) >>> 3; path > 0; path--) {
    const word = key[at] ?? 0
    at++
    if (word < token.denied || (policies === 1 && word >= token.rules)) continue
    while (at < key.length && key[at] !== token.end) at++
    at++
  }
  return at
}

/**
 * The ids of the rules between two places of a key that decided, each once and in the order they come: its denies where
 * it denies, its permits where it permits, else none.
 */
function namesIn(key: readonly number[], begin: number, end: number, code: number, legend: Legend): readonly string[] {
  if (code !== permitted && code !== denied) return noNames
  let first = 0
  let more: Set<number> | undefined
  let denying = false
  for (let at = begin; at < end; at++) {
    const word = key[at] ?? 0
    if (word === token.denied) denying = true
    else if (word === token.end) denying = false
    if (word < token.rules || denying !== (code === denied)) continue
    const rule = ruleOf(word, legend) + 1
    if (first === 0) first = rule
    else if (more) more.add(rule)
    else if (rule !== first) more = new Set([first, rule])
  }
  if (more) return Object.freeze([...more].flatMap((rule) => legend.rules[rule - 1]?.rule.id ?? []))
  return legend.rules[first - 1]?.alone ?? noNames
}

/** @returns where the duties begin */
function readPaths(key: readonly number[], { policies }: Legend, tell: (word: number, kind: 'missed' | 'permits' | 'denies', path: number) => void): number {
  const paths = (key[0] ?? 0) >>> 3
  let at = 1
  for (let path = 0; path < paths; path++) {
    const word = key[at] ?? 0
    at++
    if (word < token.denied) tell(word, 'missed', path)
    else if (word >= token.rules && policies === 1) tell(word, 'permits', path)
    else {
      const kind = word === token.denied ? 'denies' : 'permits'
      if (kind === 'permits') tell(word, kind, path)
      for (; key[at] !== token.end && at < key.length; at++) tell(key[at] ?? 0, kind, path)
      at++
    }
  }
  return at
}

function ruleOf(word: number, { relations }: Legend): number {
  return ((word - token.rules) / (relations.length + 1)) | 0
}

function grantOf(word: number, legend: Legend): Grant[] {
  const rule = legend.rules[ruleOf(word, legend)]
  return rule ? [{ rule, relation: legend.relations[((word - token.rules) % (legend.relations.length + 1)) - 1] }] : []
}

function pathsIn(key: readonly number[], legend: Legend): PathRuling[] {
  const paths: { code: PathRuling['code']; permits: Grant[]; denies: CompiledRule[] }[] = []
  readPaths(key, legend, (word, kind, path) => {
    const one = paths[path] ?? { code: codeOf(word, kind), permits: [], denies: [] }
    paths[path] = one
    if (kind === 'permits') one.permits.push(...grantOf(word, legend))
    else if (kind === 'denies') one.denies.push(...grantOf(word, legend).map(({ rule }) => rule))
  })
  return paths
}

function codeOf(word: number, kind: 'missed' | 'permits' | 'denies'): PathRuling['code'] {
  if (kind === 'permits') return 'PERMITTED'
  if (kind === 'denies') return 'DENIED_BY_RULE'
  return word === token.conditions ? 'CONDITIONS_NOT_MET' : 'UNCOVERED_DATA'
}

// --- What follows from the rules.

function refusedBy(paths: readonly PathRuling[]): Release {
  const denies = new Set(paths.flatMap(({ denies: own }) => own))
  return { cite: Object.freeze(distinct([...denies].flatMap(({ rule }) => rule.cite ?? []))), obligations: Object.freeze([]), validUntil: null }
}

function releaseOf(paths: readonly PathRuling[], duties: readonly CompiledRule[], { validUntil }: Legend): Release {
  const relations = new Map<CompiledRule, Set<Relation>>()
  for (const { permits } of paths)
    for (const { rule, relation } of permits) {
      const used = relations.get(rule) ?? new Set()
      relations.set(rule, relation ? used.add(relation) : used)
    }
  const rules = [...relations.keys(), ...duties]
  const ends = [...relations.values()].flatMap((used) => [...used].flatMap((relation) => relation.validUntil ?? []))
  return {
    cite: Object.freeze(distinct(rules.flatMap((rule) => citesOf(rule, [...(relations.get(rule) ?? [])])))),
    obligations: Object.freeze(distinct(rules.flatMap(({ rule }) => (rule.effect === 'deny' ? [] : (rule.obligations ?? []))))),
    validUntil: ends.reduce((soonest, end) => (end < soonest ? end : soonest), validUntil),
  }
}

function citesOf({ rule }: CompiledRule, relations: readonly Relation[]): Cite[] {
  return (rule.cite ?? []).flatMap(({ legalRelation, ...cite }) => {
    if (legalRelation === undefined) return [cite]
    if (legalRelation !== '$matched') return [{ ...cite, legalRelation }]
    return relations.length === 0 ? [cite] : relations.map(({ id }) => ({ ...cite, legalRelation: id }))
  })
}
