/** The ruling of one side with the paths of the question: which rules apply to each, and which release it. */
import type { PolicyIndex, Side } from './compile.ts'
import type { Question } from './question.ts'
import type { PathRuling } from './rule-index.ts'
import type { Code } from './rulings.ts'

export type { Code } from './rulings.ts'

export interface ItemOutcome extends PathRuling {
  readonly path: string
  readonly category: string
}

export interface Judgement {
  readonly code: Code
  /** Empty where no rule was looked at: no policy, not in force, suspended. */
  readonly items: readonly ItemOutcome[]
}

export function judge(index: PolicyIndex, side: Side, question: Question): Judgement {
  const { ruling, paths } = index[side].judge(question)
  return { code: ruling.code, items: paths.map((outcome, at) => ({ ...(question.data[at] ?? nowhere), ...outcome })) }
}

const nowhere = { path: '', category: '' }
