/** The law that a decision rests on: the policies that decided, those before them, which say who signs, and the suspensions. */
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { type Held, isPolicy, type Shelved } from '#node/policy/shelved.ts'
import type { Decision } from '#policies/decide.ts'
import type { Digest } from '#protocols/ids.ts'

type Decided = Pick<Decision, 'export' | 'import' | 'origins'>

/** Each once, as this node holds it. */
export function policiesBehind(decisions: readonly Decided[], shelf: Pick<PolicyShelf, 'get' | 'line' | 'suspensions'>): readonly Held[] {
  const halves = decisions.flatMap((decision) => [decision.export, decision.import, ...(decision.origins ?? [])])
  const used = new Map(halves.flatMap(({ policies }) => policies.flatMap(({ digest }) => shelf.get(digest) ?? [])).map((held) => [held.digest, held]))
  const lines = [...used.values()].filter(isPolicy).flatMap((held) => before(held, shelf))
  const stops = new Set(halves.flatMap(({ code, rules }) => (code === 'SUSPENDED' ? rules : [])))
  const stopped = [...used.values()]
    .flatMap(({ policy }) => (stops.size > 0 ? shelf.suspensions.of(policy.metadata.jurisdiction) : []))
    .filter(({ policy }) => stops.has(policy.metadata.id))
  return [...new Map<Digest, Held>([...lines, ...used.values(), ...stopped].map((held) => [held.digest, held])).values()]
}

function before({ policy: { metadata } }: Shelved, shelf: Pick<PolicyShelf, 'line'>): readonly Shelved[] {
  return shelf.line(metadata.jurisdiction).documents.filter((one) => one.policy.metadata.serial < metadata.serial)
}
