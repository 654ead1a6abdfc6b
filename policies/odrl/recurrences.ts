/** Times that recur: a first one and a period. Whether several recurrences meet, and whether they do so within a stretch of time. */
import type { Intervals } from './intervals.ts'

export interface Recurrence {
  /** Milliseconds, whole and over 0. */
  readonly period: number
  /** Milliseconds since the epoch; undefined where nobody says when it begins. */
  readonly first: number | undefined
}

/** @returns undefined where it cannot be told, since a recurrence has no beginning */
export function meet(recurrences: readonly Recurrence[], within: Intervals): boolean | undefined {
  let joint = { first: 0n, period: 1n }
  let earliest = Number.NEGATIVE_INFINITY
  for (const { period, first } of recurrences) {
    if (first === undefined) return undefined
    const both = congruence(joint, { first: BigInt(first), period: BigInt(period) })
    if (both === undefined) return false
    joint = both
    earliest = Math.max(earliest, first)
  }
  return within.some(({ from, fromClosed, to, toClosed }) => {
    const least = Math.max(from, earliest)
    const at = nextFrom(joint, least)
    const found = at === least && least === from && !fromClosed ? at + Number(joint.period) : at
    return found < to || (found === to && toClosed)
  })
}

interface Progression {
  readonly first: bigint
  readonly period: bigint
}

/** The numbers in both progressions; undefined where there is none. Chinese remainders. */
function congruence(one: Progression, other: Progression): Progression | undefined {
  const [divisor, factor] = bezout(one.period, other.period)
  const gap = other.first - one.first
  if (gap % divisor !== 0n) return undefined
  const period = (one.period / divisor) * other.period
  return { first: modulo(one.first + one.period * factor * (gap / divisor), period), period }
}

/** The greatest common divisor, and by what the first is multiplied to make it, modulo the second. */
function bezout(a: bigint, b: bigint): readonly [divisor: bigint, factor: bigint] {
  let [rest, next, factor, nextFactor] = [a, b, 1n, 0n]
  while (next !== 0n) {
    const times = rest / next
    ;[rest, next] = [next, rest - times * next]
    ;[factor, nextFactor] = [nextFactor, factor - times * nextFactor]
  }
  return [rest, factor]
}

function nextFrom({ first, period }: Progression, least: number): number {
  const from = BigInt(Math.ceil(least))
  return Number(from + modulo(first - from, period))
}

function modulo(number: bigint, by: bigint): bigint {
  return ((number % by) + by) % by
}
