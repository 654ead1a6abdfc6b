/**
 * What a measure is, and how contenders are compared: CPU time, in rounds taken in turn, within one process.
 *
 * Machines are shared, and their speed drifts by a third within a minute. So nothing is believed by itself: beside each
 * figure stands what a reference took in the same rounds, and the ratio of the two is what can be compared tomorrow.
 */

/** One line of the result. */
export interface Line {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What was measured beside it in the same run. */
  readonly reference: string
  /** Ours against the reference: 2 is twice as fast (or half as long, or half as large), 0.5 half as fast. */
  readonly ratio: number
  /** The middle half of the rounds' ratios; absent where there was one round. */
  readonly spread?: readonly [low: number, high: number]
  /** The ratio of what both took in the quietest tenth of their rounds: nearer to what the machine gives when it does nothing else. */
  readonly quiet?: number
}

/** How long to look. */
export interface Effort {
  readonly rounds: number
  /** CPU time one contender gets in one round. */
  readonly roundMs: number
  /** Rounds before any is counted. */
  readonly warmUps: number
  /** Scales the counts of what cannot be divided into rounds: entries, rows, questions, exchanges. */
  readonly scale: number
  /** How long a sustained run lasts; without it there is none. */
  readonly minutes?: number
}

// A verification goes on being compiled anew up to some five thousand of them.
export const fullEffort: Effort = { rounds: 15, roundMs: 40, warmUps: 32, scale: 1 }
/** Enough to see that a measure works; its figures say nothing. */
export const quickEffort: Effort = { rounds: 2, roundMs: 1, warmUps: 1, scale: 0.01 }

/** A measure yields the lines that begin with one of its names. */
export interface Measure {
  readonly names: readonly string[]
  lines(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line>
}

/** Does the thing `times` times over. */
export type Contender = (times: number) => void | Promise<void>

export type Readings = Readonly<Record<string, readonly number[]>>

/** @returns by contender, microseconds of CPU time for one operation, one figure a round */
export async function contend(contenders: Readonly<Record<string, Contender>>, { rounds, roundMs, warmUps }: Effort): Promise<Readings> {
  const field = Object.entries(contenders).map(([name, run]) => ({ name, run, times: 1, readings: [] as number[] }))
  for (const one of field) one.times = await calibrate(one.run, roundMs * 1000)
  // The compiler works beside the first some thousand calls, and its time would count as theirs.
  for (const one of field) await warmUp(one, roundMs * 1000, warmUps)
  for (let round = 0; round < rounds * 3; round++) {
    // Each begins a round as often as the others, and follows one neighbour as often as the other: who comes after a large one meets a
    // cold cache and its garbage.
    const turn = round % field.length
    const order = [...field.slice(turn), ...field.slice(0, turn)]
    for (const one of round % 2 === 0 ? order : order.reverse()) one.readings.push((await cpuUs(() => one.run(one.times))) / one.times)
  }
  return Object.fromEntries(field.map(({ name, readings }) => [name, readings]))
}

/** Also finds how many times fill a round once it is warm. */
async function warmUp(one: { readonly run: Contender; times: number }, roundUs: number, warmUps: number): Promise<void> {
  let tookUs = 0
  for (let round = 0; round < warmUps; round++) tookUs = await cpuUs(() => one.run(one.times))
  // The collector may have been at work while the first times were counted: then they are far too few.
  for (let tries = 0; tries < 10; tries++) {
    one.times = Math.max(1, Math.round(one.times * Math.min(4, roundUs / Math.max(1, tookUs))))
    tookUs = await cpuUs(() => one.run(one.times))
    if (tookUs > roundUs / 2) return
  }
}

/** Finds how many times fill a round. */
async function calibrate(run: Contender, roundUs: number): Promise<number> {
  for (let times = 1; ; times *= 2) {
    const tookUs = await cpuUs(() => run(times))
    if (tookUs >= roundUs || times >= 1 << 24) return Math.max(1, Math.round((times * roundUs) / Math.max(1, tookUs)))
  }
}

/** CPU time of this process, all its threads, in microseconds. */
export async function cpuUs(act: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

export async function wallMs(act: () => unknown): Promise<number> {
  const before = performance.now()
  await act()
  return performance.now() - before
}

/** One line a reference. @param readings less is better; @param shown from a reading to the value in the line */
export function compared(
  name: string,
  readings: Readings,
  { ours, references, unit, shown = (reading) => reading }: { ours: string; references: readonly string[]; unit: string; shown?: (reading: number) => number },
): Line[] {
  const own = readings[ours] ?? []
  return references
    .filter((reference) => readings[reference] !== undefined)
    .map((reference) => {
      const ratios = own.map((reading, round) => (readings[reference]?.[round] ?? Number.NaN) / reading)
      return {
        name,
        value: shown(median(own)),
        unit,
        reference,
        ratio: median(ratios),
        ...(own.length > 1
          ? { spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)], quiet: quantile(readings[reference] ?? [], 0.1) / quantile(own, 0.1) }
          : {}),
      }
    })
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @param share 0.5 is the median, 0.99 what one in a hundred exceeds */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at - Math.floor(at))
}

/** Counts that an effort scales, never below `min`. */
export function scaled(count: number, { scale }: Effort, min = 1): number {
  return Math.max(min, Math.round(count * scale))
}

/** A result that nobody looks at is a result the compiler may leave out; and a bench that measures failures measures nothing. */
export function must<T>(value: T | undefined | null | false, what: string): T {
  if (value === undefined || value === null || value === false) throw new Error(`the bench does not do what it measures: ${what}`)
  return value
}
