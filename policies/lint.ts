/** What the author of a policy is told when he puts it in force: the errors and warnings of its analysis, without its notes and examples. */
import { analyse, type Finding } from './analysis/analyse.ts'
import type { Packs } from './packs/packs.ts'
import type { TrustPolicy } from './policy.ts'

export interface LintFinding extends Omit<Finding, 'question' | 'severity'> {
  readonly severity: Exclude<Finding['severity'], 'note'>
}

/** The gravest first, and of each kind as many as a person reads. @throws {TrustError} as `analyse` */
export function lint(policy: TrustPolicy, packs: Packs): LintFinding[] {
  return analyse(policy, packs).flatMap(({ question: _, severity, ...finding }) => (severity === 'note' ? [] : [{ ...finding, severity }]))
}
