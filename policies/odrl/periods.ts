/**
 * Times of rules made validities of documents. A rule of ours has no time of its own, and a document has; so a policy whose rules hold
 * at different times becomes a chain of documents, one for each stretch in which the same rules hold.
 *
 * Times are milliseconds; a period is half open, as a document's validity is.
 */

export interface Period {
  readonly from: number
  /** Exclusive. */
  readonly until: number
}

export const always: readonly Period[] = [{ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }]

const second = 1000

/** The clock of a document ticks in seconds: after an instant means from the next one on. */
export function periodsOf(operator: string, at: number): readonly Period[] | undefined {
  const before = { from: Number.NEGATIVE_INFINITY, until: at }
  const after = { from: at + second, until: Number.POSITIVE_INFINITY }
  switch (operator) {
    case 'lt':
      return [before]
    case 'lteq':
      return [{ ...before, until: after.from }]
    case 'gt':
      return [after]
    case 'gteq':
      return [{ ...after, from: at }]
    case 'eq':
      return [{ from: at, until: after.from }]
    case 'neq':
      return [before, after]
    default:
      return undefined
  }
}

export function overlap(some: readonly Period[], others: readonly Period[]): Period[] {
  return some
    .flatMap((one) => others.map((other) => ({ from: Math.max(one.from, other.from), until: Math.min(one.until, other.until) })))
    .filter(({ from, until }) => from < until)
}

export interface Stretch<T> extends Period {
  readonly holding: readonly T[]
}

/** The stretches of `whole` in which the same of the given hold, in order; those in which none does are left out. */
export function stretchesOf<T extends { readonly periods: readonly Period[] }>(given: readonly T[], whole: Period): Stretch<T>[] {
  const ends = given.flatMap(({ periods }) => periods.flatMap(({ from, until }) => [from, until])).filter((end) => end > whole.from && end < whole.until)
  const bounds = [...new Set([whole.from, ...ends, whole.until])].sort((a, b) => a - b)
  const stretches: Stretch<T>[] = []
  for (const [index, from] of bounds.slice(0, -1).entries()) {
    const until = bounds[index + 1] ?? whole.until
    const holding = given.filter(({ periods }) => periods.some((period) => period.from <= from && until <= period.until))
    const last = stretches.at(-1)
    if (holding.length === 0 && given.length > 0) continue
    if (last?.until === from && holding.length === last.holding.length && holding.every((one, at) => one === last.holding[at]))
      stretches[stretches.length - 1] = { ...last, until }
    else stretches.push({ from, until, holding })
  }
  return stretches
}
