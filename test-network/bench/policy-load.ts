/** Rules and questions for measuring decisions: as many as asked for, the same for the same seed. */

import { type Packs, shippedPacks } from '#policies/packs/packs.ts'
import { inGroup, relationsBetween } from '#policies/places.ts'
import type { Match, Rule, TrustPolicy } from '#policies/policy.ts'
import type { Fact, Question } from '#policies/question.ts'
import type { Did, Instant } from '#protocols/ids.ts'
import { must } from './measure.ts'

export interface PolicyLoad {
  readonly policy: TrustPolicy
  /** No two are alike. */
  readonly questions: readonly Question[]
}

export interface LoadSize {
  readonly rules: number
  readonly questions: number
  readonly seed: number
  /** Most paths a question asks for. */
  readonly paths?: number
}

const at = '2026-11-21T00:00:00Z' as Instant // It has the form.
const home = 'JP'
/** Some thirty places each. */
const relation = 'jp-designation'
const group = 'EEA'
/** A law has a few dozen rules for many places at once, however many it has for single ones. */
const wideMax = 50

/**
 * Japan's policy for exports: seven rules in ten are permits, two denies of flagged data that a transfer tool lifts, one
 * a duty, each for a few destinations, credentials, categories and purposes out of all words of the packs. One permit in
 * ten goes to a group, one in ten where a legal relation leads.
 *
 * Half of the questions are made to meet a rule, and then often lack what it requires; the others are drawn freely.
 */
export function policyLoad({ rules, questions, seed, paths = 3 }: LoadSize, packs: Packs = shippedPacks): PolicyLoad {
  const draw = new Draw(seed, packs)
  const made = Array.from({ length: rules }, (_, index) => draw.rule(index))
  return {
    policy: {
      apiVersion: 'trust-policy/v1',
      kind: 'TrustPolicy',
      metadata: {
        id: 'urn:trust-policy:jp:load',
        jurisdiction: home as TrustPolicy['metadata']['jurisdiction'],
        serial: 1,
        validFrom: '2026-09-01T00:00:00Z' as Instant,
        validUntil: '2027-09-01T00:00:00Z' as Instant,
        packs: packs.digests,
      },
      rules: made,
    },
    questions: draw.questions(questions, made, paths),
  }
}

/** The same questions with nothing shared between them: as a node has them that has just read them. */
export function asRead(questions: readonly Question[]): Question[] {
  return questions.map((question) => JSON.parse(JSON.stringify(question)) as Question)
}

type Kind = 'place' | 'category' | 'purpose' | 'credential' | 'basis' | 'flag' | 'tool'

const asked: Readonly<Record<Kind, number>> = { place: 12, category: 4, purpose: 3, credential: 2, basis: 3, flag: 1, tool: 2 }

class Draw {
  #state: number
  readonly #words: Readonly<Record<Kind, readonly string[]>>
  /** Where the legal relation leads, and who is in the group. */
  readonly #related: readonly string[]
  readonly #members: readonly string[]
  readonly #facts = new Map<string, Fact>()
  readonly #items = new Map<string, Question['data'][number]>()

  constructor(seed: number, packs: Packs) {
    const { terms } = packs
    this.#state = seed >>> 0
    this.#words = {
      place: [...terms.jurisdiction],
      category: [...terms.category],
      purpose: [...terms.purpose],
      credential: [...terms.credential],
      basis: [...terms.legalBasis],
      flag: [...terms.dataFlag],
      tool: [...terms.transferTool],
    }
    this.#related = this.#words.place.filter((place) => relationsBetween(packs, home, place, at).some(({ kind }) => kind === relation))
    this.#members = this.#words.place.filter((place) => inGroup(packs, group, place, at))
  }

  rule(index: number): Rule {
    const id = `jp.load.r${index}`
    const match = {
      from: [home],
      to: index >= wideMax * 5 || index % 5 > 0 ? this.#some('place') : index % 10 === 0 ? { relation } : { group },
      credential: this.#some('credential'),
      data: this.#some('category'),
      purpose: this.#some('purpose'),
    }
    const common = { id, direction: 'export' }
    const unless = { transferTool: { anyOf: this.#some('tool') } }
    // Words of the packs, drawn above.
    if (index % 10 === 9) return { ...common, effect: 'oblige', match, obligations: [{ type: 'transfer-record', keep: 'P3Y' }] } as Rule
    if (index % 10 >= 7) return { ...common, effect: 'deny', match: { ...match, dataFlags: this.#some('flag') }, unless } as Rule
    const require = { legalBasis: { anyOf: this.#some('basis') } }
    return { ...common, effect: 'permit', rank: index % 100, match, require, obligations: [{ type: 'retention', max: 'P1Y' }] } as Rule
  }

  questions(count: number, rules: readonly Rule[], paths: number): Question[] {
    const made = new Map<string, Question>()
    for (let tries = 0; made.size < count; tries++) {
      must(tries < 20 * count + 1000, 'there are enough different questions')
      const question = tries % 2 === 0 ? this.#question({}, paths) : this.#question(this.#of(rules), paths)
      made.set(JSON.stringify(question), question)
    }
    return [...made.values()]
  }

  /** A flow that one of the rules matches, and what it requires. */
  #of(rules: readonly Rule[]): Partial<Record<Kind, string>> {
    const rule = must(this.#pick(rules), 'there are rules')
    const { match } = rule
    const basis = rule.effect === 'permit' && rule.require?.legalBasis
    return {
      place: this.#pick(this.#reachedBy(match.to)) ?? home,
      credential: this.#pick(match.credential ?? []) ?? '',
      category: this.#pick(match.data ?? []) ?? '',
      purpose: this.#pick(match.purpose ?? []) ?? '',
      ...(match.dataFlags ? { flag: this.#pick(match.dataFlags) ?? '' } : {}),
      ...(basis && 'anyOf' in basis ? { basis: this.#pick(basis.anyOf) ?? '' } : {}),
    }
  }

  #reachedBy(to: Match['to']): readonly string[] {
    if (Array.isArray(to)) return to.map(String)
    return to !== undefined && 'relation' in to ? this.#related : this.#members
  }

  #question(wanted: Partial<Record<Kind, string>>, paths: number): Question {
    const one = (kind: Kind) => wanted[kind] ?? this.#one(kind)
    const categories = [one('category'), ...Array.from({ length: this.#next() % paths }, () => this.#one('category'))]
    const flagged = wanted.flag ?? (this.#next() % 4 === 0 ? this.#one('flag') : undefined)
    const tool = this.#next() % 4 === 0 ? [this.#one('tool')] : []
    return {
      version: 'dfft-question/1',
      at,
      exporter: 'did:web:exporter.example' as Did,
      importer: 'did:web:importer.example' as Did,
      credential: one('credential'),
      selective: true,
      data: [...new Set(categories)].map((category, index) => this.#item(`/c${index}`, category)),
      facts: {
        from: this.#fact(home),
        to: this.#fact(one('place')),
        sector: this.#fact(this.#next() % 4 === 0 ? 'public' : 'private'),
        exporterSector: this.#fact('private'),
        purpose: this.#fact(one('purpose'), 'requester'),
        legalBasis: this.#fact([one('basis'), this.#one('basis')], 'requester'),
        transferTool: this.#fact(tool),
        dataFlags: this.#fact(flagged === undefined ? [] : [flagged], 'holder'),
        certification: this.#fact([]),
      },
    }
  }

  /** One object for what is said again: questions differ, their parts repeat. */
  #fact(value: string | string[], origin: Fact['origin'] = 'accreditation'): Fact {
    const made = { value: typeof value === 'string' ? value : [...new Set(value)], origin }
    return shared(this.#facts, JSON.stringify(made), made)
  }

  #item(path: string, category: string): Question['data'][number] {
    return shared(this.#items, `${path} ${category}`, { path: path as Question['data'][number]['path'], category }) // It has the form.
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#next() % list.length]
  }

  #one(kind: Kind): string {
    return this.#pick(this.#words[kind]) ?? ''
  }

  #some(kind: Kind): string[] {
    const count = 1 + (this.#next() % asked[kind])
    return [...new Set(Array.from({ length: count }, () => this.#one(kind)))]
  }

  /** xorshift32: enough for spreading words, and the same everywhere. */
  #next(): number {
    let state = this.#state || 1
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return this.#state
  }
}

function shared<T>(known: Map<string, T>, key: string, made: T): T {
  const found = known.get(key) ?? made
  known.set(key, found)
  return found
}
