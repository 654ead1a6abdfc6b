/**
 * What a monitoring system asks of a node, in the text format of Prometheus (exposition format 0.0.4). Counted from the entries of the
 * log as they become durable, so that a count is of what happened, and of nothing else; no DIDs, no claims, no purposes.
 */
import { codes } from '#protocols/errors.ts'
import type { NewEntry } from '#protocols/log/entry.ts'

/** Upper ends in seconds: from an exchange on one machine to one that waited for a person. */
const boundsS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 86_400] as const
/** Exchanges whose end is waited for; of more, the oldest are not measured. */
const openMax = 10_000

type Side = 'requester' | 'holder'
/** What begins and what ends a measured stretch: from asking to having, and from releasing to the receipt. */
const begins: Readonly<Record<string, Side>> = { requested: 'requester', released: 'holder' }
const ends: Readonly<Record<string, Side>> = { received: 'requester', rejected: 'requester', receipted: 'holder' }

interface Histogram {
  /** How many took at most the bound of the same place; the last of all. */
  readonly counts: number[]
  sumS: number
}

/** A value of this moment. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number
}

export class Metrics {
  readonly #acts = new Map<string, number>()
  readonly #open = new Map<string, number>()
  readonly #took: Readonly<Record<Side, Histogram>> = { requester: histogram(), holder: histogram() }

  /** Entries that are on disk. */
  recorded(entries: readonly Pick<NewEntry, 'kind' | 'exchange' | 'facts'>[], atMs: number): void {
    for (const { kind, exchange, facts } of entries) {
      const { code } = facts
      const labels = `kind="${kind}",code="${typeof code === 'string' && Object.hasOwn(codes, code) ? code : ''}"`
      this.#acts.set(labels, (this.#acts.get(labels) ?? 0) + 1)
      if (exchange) this.#measure(kind, exchange, atMs)
    }
  }

  /** @param gauges what is asked of other parts at this moment */
  text(gauges: readonly Gauge[]): string {
    const acts = [...this.#acts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([labels, count]) => `dfft_acts_total{${labels}} ${count}`)
    return [
      ...family('dfft_acts_total', 'counter', 'Acts in the audit log since this process began, by kind and code.', acts),
      ...family(
        'dfft_exchange_seconds',
        'histogram',
        'From asking to the verified answer (requester), from the release to its receipt (holder).',
        (['requester', 'holder'] as const).flatMap((side) => histogramLines(side, this.#took[side])),
      ),
      ...gauges.flatMap(({ name, help, value }) => family(name, 'gauge', help, [`${name} ${value}`])),
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

function family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, lines: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}
