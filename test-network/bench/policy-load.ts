/** Rules and questions for measuring decisions: as many as asked for, the same for the same seed. */

import { type Packs, shippedPacks } from '#policies/packs/packs.ts'
import type { Rule, TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'
import type { Did, Instant } from '#protocols/ids.ts'

export interface PolicyLoad {
  readonly policy: TrustPolicy
  readonly questions: readonly Question[]
}

/**
 * One policy whose rules are nine permits in ten, spread over all words of the packs, and questions of which some part
 * meets a rule. Export only.
 */
export function policyLoad(
  { rules, questions, seed }: { readonly rules: number; readonly questions: number; readonly seed: number },
  packs: Packs = shippedPacks,
): PolicyLoad {
  const draw = new Draw(seed, packs)
  return {
    policy: {
      apiVersion: 'trust-policy/v1',
      kind: 'TrustPolicy',
      metadata: {
        id: 'urn:trust-policy:jp:load',
        jurisdiction: 'JP' as TrustPolicy['metadata']['jurisdiction'],
        serial: 1,
        validFrom: '2026-09-01T00:00:00Z' as Instant,
        validUntil: '2027-09-01T00:00:00Z' as Instant,
        packs: packs.digests,
      },
      rules: Array.from({ length: rules }, (_, index) => draw.rule(index)),
    },
    questions: Array.from({ length: questions }, () => draw.question()),
  }
}

type Kind = 'place' | 'category' | 'purpose' | 'credential' | 'basis' | 'flag'

class Draw {
  #state: number
  readonly #words: Readonly<Record<Kind, readonly string[]>>

  constructor(seed: number, { terms }: Packs) {
    this.#state = seed >>> 0
    this.#words = {
      place: [...terms.jurisdiction],
      category: [...terms.category],
      purpose: [...terms.purpose],
      credential: [...terms.credential],
      basis: [...terms.legalBasis],
      flag: [...terms.dataFlag],
    }
  }

  rule(index: number): Rule {
    const id = `jp.load.r${index}`
    const match = {
      from: ['JP'],
      to: this.#some('place', 12),
      credential: this.#some('credential', 2),
      data: this.#some('category', 4),
      purpose: this.#some('purpose', 3),
    }
    if (index % 10 === 9) return { id, direction: 'export', effect: 'deny', match: { ...match, dataFlags: this.#some('flag', 1) } } as Rule // Words of the packs, drawn above.
    return { id, direction: 'export', effect: 'permit', rank: index % 100, match, require: { legalBasis: { anyOf: this.#some('basis', 3) } } } as Rule // As above.
  }

  question(): Question {
    const vouched = (value: string | string[]) => ({ value, origin: 'accreditation' as const })
    return {
      version: 'dfft-question/1',
      at: '2026-11-21T00:00:00Z' as Instant,
      exporter: 'did:web:exporter.example' as Did,
      importer: 'did:web:importer.example' as Did,
      credential: this.#one('credential'),
      selective: true,
      data: this.#some('category', 3).map((category, index) => ({ path: `/c${index}`, category })),
      facts: {
        from: vouched('JP'),
        to: vouched(this.#one('place')),
        sector: vouched('private'),
        purpose: { value: this.#one('purpose'), origin: 'requester' },
        legalBasis: { value: this.#some('basis', 2), origin: 'requester' },
        dataFlags: { value: [], origin: 'holder' },
        certification: vouched([]),
      },
    }
  }

  #one(kind: Kind): string {
    const words = this.#words[kind]
    return words[this.#next() % words.length] ?? ''
  }

  #some(kind: Kind, countMax: number): string[] {
    const count = 1 + (this.#next() % countMax)
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
