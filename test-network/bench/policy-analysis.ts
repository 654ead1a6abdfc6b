/** Analysing a policy of many rules, and comparing two versions of it, beside compiling it: what its author waits for. */
import { analyse } from '#policies/analysis/analyse.ts'
import { changeBetween } from '#policies/analysis/change.ts'
import { compile } from '#policies/compile.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import type { TrustPolicy } from '#policies/policy.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { policyLoad } from './policy-load.ts'

const rules = 1000
const seed = 20_261_121

export const measures: readonly Measure[] = [
  {
    names: [`policy.analyse-${rules}`],
    lines: (effort) => against(`policy.analyse-${rules}`, effort, (policy) => must(analyse(policy, packs).length > 0, 'something is found')),
  },
  {
    names: [`policy.change-${rules}`],
    lines: (effort) => against(`policy.change-${rules}`, effort, (policy) => must(restricts(policy), 'to take a purpose away restricts')),
  },
]

async function* against(name: string, effort: Effort, act: (policy: TrustPolicy) => void): AsyncIterable<Line> {
  const { policy } = policyLoad({ rules: scaled(rules, effort), questions: 1, seed })
  const times =
    (once: () => void): Contender =>
    (count) => {
      for (let done = 0; done < count; done++) once()
    }
  const readings = await contend({ ours: times(() => act(policy)), compile: times(() => compile([policy], packs)) }, effort)
  yield* compared(name, readings, { ours: 'ours', references: ['compile'], unit: 'ms', shown: (us) => us / 1000 })
}

/** Every rule changes: the most that can be asked. */
function restricts(policy: TrustPolicy): boolean {
  const narrower = policy.rules.map((rule) =>
    rule.effect === 'permit' ? { ...rule, match: { ...rule.match, purpose: rule.match.purpose?.slice(0, 1) ?? ['marketing'] } } : rule,
  )
  return changeBetween({ policy, packs }, { policy: { ...policy, rules: narrower }, packs }).kind === 'restricts'
}
