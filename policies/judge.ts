/** The ruling of one side with the paths of the question: which rules apply to each, and which release it. */
import type { CompiledRule, PolicyIndex, Side } from './compile.ts'
import type { Question } from './question.ts'
import type { Code, PathRuling } from './rulings.ts'

export type { Code } from './rulings.ts'

export interface ItemOutcome {
  readonly path: string
  readonly category: string
  readonly code: PathRuling['code']
  /** The permits that cover it, one a policy. */
  readonly permits: readonly CompiledRule[]
  /** The denies no permit is an exception to. */
  readonly denies: readonly CompiledRule[]
}

export interface Judgement {
  readonly code: Code
  /** Empty where no rule was looked at: no policy, not in force, suspended. */
  readonly items: readonly ItemOutcome[]
}

export function judge(index: PolicyIndex, side: Side, question: Question): Judgement {
  const { code, paths } = index[side].rule(question)
  const items = paths.map(({ permits, denies, ...path }, at) => {
    const { path: pointer, category } = question.data[at] ?? { path: '', category: '' }
    return { path: pointer, category, code: path.code, permits: permits.map(({ rule }) => rule), denies }
  })
  return { code, items }
}
