/** Sets of numbers on a dense line as intervals with open and closed ends, sorted and apart. */

export interface Interval {
  readonly from: number
  readonly fromClosed: boolean
  readonly to: number
  readonly toClosed: boolean
}

export type Intervals = readonly Interval[]

const least = Number.NEGATIVE_INFINITY
const most = Number.POSITIVE_INFINITY

export const line: Intervals = [{ from: least, fromClosed: false, to: most, toClosed: false }]
/** Nothing is negative: sizes, counts, durations. */
export const atLeastZero: Intervals = [{ from: 0, fromClosed: true, to: most, toClosed: false }]

/** What an operator leaves of the line; undefined for one that does not compare. */
export function compared(operator: string, value: number): Intervals | undefined {
  const below = { from: least, fromClosed: false, to: value }
  const above = { from: value, to: most, toClosed: false }
  switch (operator) {
    case 'eq':
      return [{ from: value, fromClosed: true, to: value, toClosed: true }]
    case 'neq':
      return [
        { ...below, toClosed: false },
        { ...above, fromClosed: false },
      ]
    case 'lt':
      return [{ ...below, toClosed: false }]
    case 'lteq':
      return [{ ...below, toClosed: true }]
    case 'gt':
      return [{ ...above, fromClosed: false }]
    case 'gteq':
      return [{ ...above, fromClosed: true }]
    default:
      return undefined
  }
}

export function common(some: Intervals, others: Intervals): Intervals {
  return some.flatMap((one) => others.map((other) => both(one, other))).filter(inhabited)
}

function both(one: Interval, other: Interval): Interval {
  const from = Math.max(one.from, other.from)
  const to = Math.min(one.to, other.to)
  return {
    from,
    fromClosed: [one, other].every((interval) => interval.from < from || interval.fromClosed),
    to,
    toClosed: [one, other].every((interval) => interval.to > to || interval.toClosed),
  }
}

function inhabited({ from, fromClosed, to, toClosed }: Interval): boolean {
  return from < to || (from === to && fromClosed && toClosed)
}

/** What of the line is in none of them. */
export function complement(intervals: Intervals): Intervals {
  return intervals.reduce<Intervals>((left, { from, fromClosed, to, toClosed }) => {
    const before = { from: least, fromClosed: false, to: from, toClosed: !fromClosed }
    const after = { from: to, fromClosed: !toClosed, to: most, toClosed: false }
    return common(
      left,
      [before, after].filter((ray) => ray.from < ray.to),
    )
  }, line)
}

/** All sums of one of each. */
export function sums(some: Intervals, others: Intervals): Intervals {
  return some.flatMap((one) =>
    others.map((other) => ({
      from: one.from + other.from,
      fromClosed: one.fromClosed && other.fromClosed,
      to: one.to + other.to,
      toClosed: one.toClosed && other.toClosed,
    })),
  )
}

/** Whether some of the first is at most some of the second. */
export function somewhereAtMost(some: Intervals, others: Intervals): boolean {
  return some.some((one) => others.some((other) => one.from < other.to || (one.from === other.to && one.fromClosed && other.toClosed)))
}
