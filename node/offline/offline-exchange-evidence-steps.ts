/** The report on an evidence file: what was checked, what was not, and what came of each. It has the shape of the report on a credential. */
import type { TrustLink } from '#node/api/trust.ts'
import { type EvidenceFacts, type EvidenceSaying, evidenceEnglish } from '#node/evidence/evidence-words.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'

export const evidenceSteps = [
  'structure',
  'exporter',
  'messages',
  'agreement',
  'decision',
  'trust',
  'policies',
  'log',
  'partner',
  'witnesses',
  'credentials',
  'notices',
  'timestamp',
  'keys',
] as const
export type EvidenceStepName = (typeof evidenceSteps)[number]

export interface EvidenceStep {
  readonly step: EvidenceStepName
  readonly outcome: 'passed' | 'failed' | 'not checked'
  /** Whether it keeps the file from being verified. */
  readonly matters: boolean
  readonly code: string | null
  /** A sentence in English. */
  readonly detail: string
  /** The same sentence by its name in evidence-words.ts; null for a step that failed, which its code explains. */
  readonly words: { readonly id: EvidenceSaying; readonly facts: Readonly<Record<string, string | number>> } | null
}

/** How far the exchange came, as the file shows it. */
export type EvidenceOutcome = 'refused' | 'requested' | 'released' | 'receipted' | 'closed' | 'rejected' | 'reused'

export interface EvidenceReport {
  readonly kind: 'evidence'
  readonly verified: boolean
  readonly exchange: ExchangeId | null
  readonly outcome: EvidenceOutcome | null
  readonly requester: Did | null
  readonly holder: Did | null
  readonly agreement: string | null
  /** When it was decided. */
  readonly at: string | null
  /** Who gave the roots: `file`, or `none`. */
  readonly roots: 'file' | 'none'
  readonly steps: readonly EvidenceStep[]
  /** The first code that failed. */
  readonly code: string | null
  /** Why both sides, and the issuer, counted. */
  readonly chain: readonly TrustLink[]
}

interface Made {
  readonly outcome: 'passed' | 'not checked'
  readonly matters: boolean
  readonly words: NonNullable<EvidenceStep['words']>
}

export function passed<Id extends EvidenceSaying>(id: Id, facts: EvidenceFacts[Id]): Made {
  return { outcome: 'passed', matters: true, words: { id, facts: { ...facts } } }
}

export function notChecked<Id extends EvidenceSaying>(id: Id, facts: EvidenceFacts[Id], matters: boolean): Made {
  return { outcome: 'not checked', matters, words: { id, facts: { ...facts } } }
}

export class EvidenceSteps {
  readonly #made: EvidenceStep[] = []

  get all(): readonly EvidenceStep[] {
    return this.#made
  }

  get code(): string | null {
    return this.#made.find(({ outcome }) => outcome === 'failed')?.code ?? null
  }

  /** Failed, or left out though it matters. */
  get verified(): boolean {
    return (
      this.#made.length === evidenceSteps.length && this.#made.every(({ outcome, matters }) => outcome === 'passed' || (outcome === 'not checked' && !matters))
    )
  }

  /** @returns what came of it; undefined where it failed, which the report says */
  async check<Found>(step: EvidenceStepName, look: () => Promise<readonly [Found, Made]> | readonly [Found, Made]): Promise<Found | undefined> {
    try {
      const [found, { outcome, matters, words }] = await look()
      const say = evidenceEnglish[words.id] as (facts: unknown) => string // The facts are those of this sentence: `passed` and `notChecked` say so.
      this.#made.push({ step, outcome, matters, code: null, detail: say(words.facts), words })
      return found
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      const code: Code = thrown.code
      this.#made.push({ step, outcome: 'failed', matters: true, code, detail: thrown.message, words: null })
      return undefined
    }
  }
}
