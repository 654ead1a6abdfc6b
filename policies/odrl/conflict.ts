/**
 * Whether two ODRL policies can be kept at once: decided exactly over sets, intervals and times, and left open where a hierarchy of
 * names does not say. `conflict` is a proof that nothing meets both, `compatible` that something does.
 */
import { type Concepts, type State, stateOf } from './concepts.ts'
import type { OdrlPolicy } from './document.ts'
import { atLeastZero, type Intervals, line, somewhereAtMost } from './intervals.ts'
import { actionsWithin, odrl } from './names.ts'
import { meet } from './recurrences.ts'
import { type Box, type Domains, difference, intersection, type Region, regionOf, type Side, scopeAxes, sequence } from './regions.ts'

export interface World extends Domains {
  /** What is known of names. */
  readonly concepts: Concepts
  /** What an operand that only one of the two speaks of means: free, or that nobody knows. */
  readonly silence: 'free' | 'unknown'
}

export type Verdict = 'conflict' | 'compatible' | 'unknown'

/** @throws {TrustError} DFFT_POLICY_ODRL naming what is no set, interval or time */
export function conflictBetween(one: OdrlPolicy, other: OdrlPolicy, world: World): Verdict {
  const [some, others] = [regionOf(one, world), regionOf(other, world)]
  const state = stateOfRegion(intersection(some, others, world), world.concepts)
  if (state === 'empty') return 'conflict'
  if (state === 'unknown' || (world.silence === 'unknown' && silent(some, others))) return 'unknown'
  return 'compatible'
}

/** Whether the policy allows anything at all. @throws {TrustError} DFFT_POLICY_ODRL likewise */
export function satisfiable(policy: OdrlPolicy, world: World): boolean | undefined {
  const state = stateOfRegion(regionOf(policy, world), world.concepts)
  return state === 'unknown' ? undefined : state === 'inhabited'
}

/** Whether all that the first allows the second allows too. @throws {TrustError} DFFT_POLICY_ODRL likewise */
export function contained(one: OdrlPolicy, other: OdrlPolicy, world: World): boolean | undefined {
  const [some, others] = [regionOf(one, world), regionOf(other, world)]
  const unsaid = world.silence === 'unknown' && silent(some, others)
  const spokenOf = new Set(axesOf(some))
  const bounds = unsaid ? others.map((box): Box => new Map([...box].filter(([operand]) => spokenOf.has(operand) || scopeAxes.has(operand)))) : others
  const state = stateOfRegion(difference(some, bounds, world), world.concepts)
  if (state === 'inhabited') return false
  return state === 'unknown' || unsaid ? undefined : true
}

/** Whether there is an operand of which one speaks and the other does not, or none of which both do. */
function silent(some: Region, others: Region): boolean {
  const [one, other] = [axesOf(some), axesOf(others)]
  return one.length === 0 || one.length !== other.length || one.some((operand) => !other.includes(operand))
}

function axesOf(region: Region): string[] {
  return [...new Set(region.flatMap((box) => [...box.keys()]))].filter((operand) => !scopeAxes.has(operand))
}

// --- Whether there is anything in a region.

function stateOfRegion(region: Region, concepts: Concepts): State {
  const states = region.map((box) => stateOfBox(box, concepts))
  if (states.includes('inhabited')) return 'inhabited'
  return states.includes('unknown') ? 'unknown' : 'empty'
}

function stateOfBox(box: Box, concepts: Concepts): State {
  const states = [...box].map(([operand, side]) => stateOfSide(operand, side, box, concepts))
  if (states.includes('empty') || !inStep(box)) return 'empty'
  return states.includes('unknown') ? 'unknown' : 'inhabited'
}

function stateOfSide(operand: string, side: Side, box: Box, concepts: Concepts): State {
  if (side.kind === 'name') return stateOf(side.literals, operand === odrl('action') ? actions(concepts) : concepts)
  if (side.kind !== 'recurrence') return side.set.length === 0 ? 'empty' : 'inhabited'
  const met = meet(side.recurrences, setOf(box, odrl('dateTime')) ?? line)
  return met === undefined ? 'unknown' : met ? 'inhabited' : 'empty'
}

function actions({ all, below, apart }: Concepts): Concepts {
  return { all, below: (one, other) => actionsWithin(other).includes(one) || below(one, other), apart }
}

function setOf(box: Box, operand: string): Intervals | undefined {
  const side = box.get(operand)
  return side && 'set' in side ? side.set : undefined
}

/** What is metered passes within what elapses, and so do delays one after the other. */
function inStep(box: Box): boolean {
  const elapsed = setOf(box, odrl('elapsedTime')) ?? atLeastZero
  const within = [...box].flatMap(([operand, side]) => ('set' in side && (operand === odrl('meteredTime') || operand.startsWith(sequence)) ? [side.set] : []))
  return within.every((set) => somewhereAtMost(set, elapsed))
}
