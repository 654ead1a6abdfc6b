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
const slots = 4096
// What names more rules than this is as long to compare as to make. (An invoice has 160 paths, but few categories.)
const keyMax = 64

/** The answers of one side by their keys. Two that fall on one slot take it in turn, so the memory is bounded whatever is asked. */
export class Rulings {
  readonly #legend: Legend
  readonly #slots: (KeyedRuling | undefined)[] = new Array<undefined>(slots).fill(undefined)

  /** By number of paths. */
  readonly #nothing: (Ruling | undefined)[] = new Array<undefined>(keyMax + 1).fill(undefined)

  constructor(legend: Legend) {
    this.#legend = legend
  }

  /** Where no rule was left for any of so many paths. */
  nothing(paths: number): Ruling {
    const known = this.#nothing[paths]
    if (known) return known
    const key = [headOf(paths, codes.indexOf('NO_RULE')), ...Array.from({ length: paths }, () => token.uncovered)]
    const made = this.of(key, key.length)
    if (paths <= keyMax) this.#nothing[paths] = made
    return made
  }

  /** @param key its first `length` numbers, which are copied */
  of(key: readonly number[], length: number): Ruling {
    if (length > keyMax) return new KeyedRuling(key.slice(0, length), this.#legend)
    let hash = length
    for (let at = 0; at < length; at++) hash = Math.imul((hash ^ (key[at] ?? 0)) + (hash >>> 15), 0x9e3779b1)
    const slot = (hash ^ (hash >>> 16)) & (slots - 1)
    const known = this.#slots[slot]
    if (known?.hasKey(key, length)) return known
    const made = new KeyedRuling(key.slice(0, length), this.#legend)
    this.#slots[slot] = made
    return made
  }
}

type Release = Pick<Ruling, 'cite' | 'obligations' | 'validUntil'>

/** Says at once what most callers ask for, and the rest when somebody asks. */
class KeyedRuling implements Ruling {
  readonly #key: readonly number[]
  readonly #legend: Legend
  readonly #code: (typeof codes)[number]
  readonly #rules: readonly string[]
  readonly #added: readonly string[]
  #paths: readonly PathRuling[] | undefined
  #release: Release | undefined

  constructor(key: readonly number[], legend: Legend) {
    this.#key = key
    this.#legend = legend
    this.#code = codes[(key[0] ?? 0) & 7] ?? 'NO_RULE'
    const { deciding, duties } = numbersIn(key, this.#code, legend)
    this.#rules = namesOf(deciding, legend)
    this.#added = namesOf(duties, legend)
  }

  hasKey(key: readonly number[], length: number): boolean {
    const own = this.#key
    if (own.length !== length) return false
    for (let at = 0; at < length; at++) if (own[at] !== key[at]) return false
    return true
  }

  get code(): Code {
    return this.#code
  }

  get verdict(): Verdict {
    return this.#code === 'PERMITTED' ? 'permit' : 'deny'
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
    this.#release ??= this.#code === 'PERMITTED' ? releaseOf(this.paths, this.#duties(), this.#legend) : refusedBy(this.paths)
    return this.#release
  }

  #duties(): CompiledRule[] {
    return numbersIn(this.#key, this.#code, this.#legend).duties.flatMap((number) => this.#legend.rules[number] ?? [])
  }
}

// --- Reading a key.

/** The numbers of the rules that decided, path by path, and of the duties. */
function numbersIn(key: readonly number[], code: Code, legend: Legend): { readonly deciding: number[]; readonly duties: number[] } {
  const deciding: number[] = []
  const duties: number[] = []
  const stride = legend.relations.length + 1
  const ruleOf = (word: number) => ((word - token.rules) / stride) | 0
  const wanted = code === 'PERMITTED'
  const paths = (key[0] ?? 0) >>> 3
  let at = 1
  for (let path = 0; path < paths; path++) {
    const first = key[at++] ?? 0
    if (first < token.denied) continue
    const permits = first !== token.denied
    if (permits && wanted) deciding.push(ruleOf(first))
    if (permits && legend.policies === 1) continue
    for (let word = key[at++] ?? token.end; word !== token.end; word = key[at++] ?? token.end) if (permits === wanted) deciding.push(ruleOf(word))
  }
  while (at < key.length) duties.push(ruleOf(key[at++] ?? 0))
  return { deciding, duties }
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
  return Math.floor((word - token.rules) / (relations.length + 1))
}

function grantOf(word: number, legend: Legend): Grant[] {
  const rule = legend.rules[ruleOf(word, legend)]
  return rule ? [{ rule, relation: legend.relations[((word - token.rules) % (legend.relations.length + 1)) - 1] }] : []
}

const noNames: readonly string[] = Object.freeze([])

/** Each once, in the order they come. */
function namesOf(numbers: readonly number[], { rules }: Legend): readonly string[] {
  const [first] = numbers
  if (first === undefined) return noNames
  if (numbers.length === 1) return rules[first]?.alone ?? noNames
  return Object.freeze([...new Set(numbers)].flatMap((number) => rules[number]?.rule.id ?? []))
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
