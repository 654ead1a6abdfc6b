/** The steps of one verification in the order they were made, and what follows from them for the whole. */

import type { ReportStep } from '#node/api/credentials.ts'
import type { Soon } from '#node/soon.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { english, type Saying, type StepFacts } from './report-words.ts'

type Step = ReportStep['step']

/** A step that did not fail: it passed, or it could not be made. What fails is thrown. */
export interface Made {
  readonly outcome: 'passed' | 'not checked'
  /** Whether it keeps the document from being verified: a step that was not made may. */
  readonly matters: boolean
  readonly words: ReportStep['words']
  readonly detail: string
}

export function passed<Id extends Saying>(id: Id, facts: StepFacts[Id]): Made {
  return { outcome: 'passed', matters: false, words: { id, facts }, detail: english[id](facts).slice(0, 2000) }
}

export function notChecked<Id extends Saying>(id: Id, facts: StepFacts[Id], { matters }: { readonly matters: boolean }): Made {
  return { outcome: 'not checked', matters, words: { id, facts }, detail: english[id](facts).slice(0, 2000) }
}

export class Steps {
  readonly steps: ReportStep[] = []
  /** The first code that failed. */
  code: Code | null = null
  /** Set by a step that must not be left out and was. */
  #incomplete = false

  get verified(): boolean {
    return this.code === null && !this.#incomplete
  }

  /** @returns whether it passed @throws what is no TrustError: that is ours, not the document's */
  check(step: Step, make: () => Made): boolean {
    try {
      return this.#made(step, make())
    } catch (thrown) {
      return this.#failed(step, thrown)
    }
  }

  /** As `check`, for what may take its time. @returns undefined where it took none: then there is nothing to wait for */
  wait(step: Step, make: () => Soon<Made>): Promise<boolean> | undefined {
    try {
      const made = make()
      if (made instanceof Promise) return this.#awaited(step, made)
      this.#made(step, made)
    } catch (thrown) {
      this.#failed(step, thrown)
    }
    return undefined
  }

  async #awaited(step: Step, pending: Promise<Made>): Promise<boolean> {
    try {
      return this.#made(step, await pending)
    } catch (thrown) {
      return this.#failed(step, thrown)
    }
  }

  #made(step: Step, { outcome, matters, words, detail }: Made): boolean {
    this.steps.push({ step, outcome, matters, code: null, detail, words })
    if (matters) this.#incomplete = true
    return outcome === 'passed'
  }

  #failed(step: Step, thrown: unknown): false {
    const code = codeOf(thrown)
    if (!(thrown instanceof TrustError) || code === 'DFFT_INTERNAL') throw thrown
    this.code ??= code
    this.steps.push({ step, outcome: 'failed', matters: true, code, detail: thrown.message.slice(0, 2000), words: null })
    return false
  }
}
