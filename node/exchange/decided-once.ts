/**
 * Decisions that many exchanges come to at the same time, made once: of two questions that differ in exchange and request alone
 * the outcome is the same, and under load whole seconds are of one question.
 *
 * What is decided is a function of both sides and of the question, whose time stands in it; so nothing that is kept here can be old.
 */
import type { PolicyIndex } from '#policies/compile.ts'
import { agreed, type Decision, outcome } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { canonicalWithout } from '#protocols/canonical.ts'

/** For each side that exports; of some ten kilobytes. A question is of one second: what is older than the last few is not asked again. */
const keptMax = 32

interface Known {
  readonly importing: PolicyIndex
  readonly decision: Decision
}

const known = new WeakMap<PolicyIndex, Map<string, Known>>()

/** As `decide` without the nearest permits, for a question of data that nobody transferred before. The question is frozen. */
export function decideOnce(exporting: PolicyIndex, importing: PolicyIndex, question: Question): Decision {
  const made = known.get(exporting) ?? new Map<string, Known>()
  known.set(exporting, made)
  const name = canonicalWithout(question, ofOneExchange)
  const before = made.get(name)
  if (before?.importing === importing) return agreed(before.decision, question)
  const decision = outcome(exporting, importing, question, { nearest: false })
  if (made.size >= keptMax) made.delete(made.keys().next().value as string) // It is not empty, so it has a first.
  made.set(name, { importing, decision })
  return agreed(decision, question)
}

const ofOneExchange: ReadonlySet<string> = new Set(['exchange', 'request'])
