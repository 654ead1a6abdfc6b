/**
 * What a monitoring system asks of a node, in the text format of Prometheus (exposition format 0.0.4). Counted from the entries of the
 * log as they become durable, so that a count is of what happened, and of nothing else; no DIDs, no claims, no purposes.
 */
import { codes } from '#protocols/errors.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { type MetricName, metricTable, type Reading } from './metric-table.ts'

/** Upper ends in seconds: from an exchange on one machine to one that waited for a person. */
const boundsS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 86_400] as const
/** Exchanges whose end is waited for; of more, the oldest are not measured. */
const openMax = 10_000

type Side = 'requester' | 'holder'
/** What begins and what ends a measured stretch: from asking to having, and from releasing to the receipt. */
const begins: Readonly<Record<string, Side>> = { requested: 'requester', released: 'holder' }
const ends: Readonly<Record<string, Side>> = { received: 'requester', rejected: 'requester', receipted: 'holder' }

/** Acts that a decision ends in. A refusal for another reason than the policy's is none. */
const decisions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  requested: { role: 'requester', verdict: 'permit' },
  denied: { role: 'requester', verdict: 'deny' },
  released: { role: 'holder', verdict: 'permit' },
  refused: { role: 'holder', verdict: 'deny' },
}

interface Histogram {
  /** How many took at most the bound of the same place; the last of all. */
  readonly counts: number[]
  sumS: number
}

/** A counter of the table that others count up. */
export type CounterName = 'dfft_webhook_deliveries_total'

export class Metrics {
  readonly #acts = new Map<string, number>()
  readonly #decided = new Map<string, number>(Object.values(decisions).map((labels) => [labelled(labels), 0]))
  readonly #others = new Map<string, number>(['delivered', 'failed'].map((outcome) => [`dfft_webhook_deliveries_total${labelled({ outcome })}`, 0]))
  readonly #open = new Map<string, number>()
  readonly #took: Readonly<Record<Side, Histogram>> = { requester: histogram(), holder: histogram() }

  /** Entries that are on disk. */
  recorded(entries: readonly Pick<NewEntry, 'kind' | 'exchange' | 'facts'>[], atMs: number): void {
    for (const { kind, exchange, facts } of entries) {
      const { code } = facts
      up(this.#acts, labelled({ kind, code: typeof code === 'string' && Object.hasOwn(codes, code) ? code : '' }))
      const decided = decisions[kind]
      if (decided && (code === undefined || code === null || code === 'DFFT_POLICY_DENIED')) up(this.#decided, labelled(decided))
      if (exchange) this.#measure(kind, exchange, atMs)
    }
  }

  count(name: CounterName, labels: Readonly<Record<string, string>>): void {
    up(this.#others, `${name}${labelled(labels)}`)
  }

  /** @param readings what is asked of other parts at this moment */
  text(readings: readonly Reading[]): string {
    const acts = [...this.#acts].sort(([one], [other]) => (one < other ? -1 : 1))
    const others = Map.groupBy(this.#others, ([series]) => series.slice(0, series.indexOf('{')) as CounterName)
    return [
      ...family('dfft_acts_total', acts.map(lineOf('dfft_acts_total'))),
      ...family('dfft_decisions_total', [...this.#decided].map(lineOf('dfft_decisions_total'))),
      ...family(
        'dfft_exchange_seconds',
        (['requester', 'holder'] as const).flatMap((side) => histogramLines(side, this.#took[side])),
      ),
      ...[...others].flatMap(([name, counted]) => family(name, counted.map(lineOf('')))),
      ...readings.flatMap(({ name, samples }) =>
        family(
          name,
          samples.map(([labels, value]) => `${name}${labelled(labels)} ${value}`),
        ),
      ),
      '',
    ].join('\n')
  }

  #measure(kind: string, exchange: string, atMs: number): void {
    const begun = begins[kind]
    if (begun) {
      this.#open.set(`${begun} ${exchange}`, atMs)
      const [oldest] = this.#open.keys()
      if (this.#open.size > openMax && oldest !== undefined) this.#open.delete(oldest)
      return
    }
    const ended = ends[kind]
    if (!ended) return
    const name = `${ended} ${exchange}`
    const since = this.#open.get(name)
    if (since === undefined || !this.#open.delete(name)) return
    const seconds = Math.max(0, atMs - since) / 1000
    const { counts } = this.#took[ended]
    const place = boundsS.findIndex((bound) => seconds <= bound)
    for (let at = place < 0 ? boundsS.length : place; at < counts.length; at++) counts[at] = (counts[at] ?? 0) + 1
    this.#took[ended].sumS += seconds
  }
}

function up(counts: Map<string, number>, series: string): void {
  counts.set(series, (counts.get(series) ?? 0) + 1)
}

/** Values of ours: codes, states, versions. None has a character that would have to be escaped. */
function labelled(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function lineOf(prefix: string): (counted: readonly [string, number]) => string {
  return ([series, count]) => `${prefix}${series} ${count}`
}

function histogram(): Histogram {
  return { counts: new Array<number>(boundsS.length + 1).fill(0), sumS: 0 }
}

function histogramLines(side: Side, { counts, sumS }: Histogram): string[] {
  const total = counts.at(-1) ?? 0
  return [
    ...boundsS.map((bound, at) => `dfft_exchange_seconds_bucket{role="${side}",le="${bound}"} ${counts[at] ?? 0}`),
    `dfft_exchange_seconds_bucket{role="${side}",le="+Inf"} ${total}`,
    `dfft_exchange_seconds_sum{role="${side}"} ${sumS}`,
    `dfft_exchange_seconds_count{role="${side}"} ${total}`,
  ]
}

function family(name: MetricName, lines: readonly string[]): string[] {
  const { type, help } = metricTable[name]
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}
