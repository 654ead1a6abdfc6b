/**
 * Statistics that may be published: how many exchanges went from where to where, of which type, for which purpose, with which verdict.
 *
 * Nobody may learn from them of a single flow. A cell of fewer exchanges than the threshold has no count, and every other count is rounded
 * down to a multiple of the threshold. A total is the sum of the counts that are shown, so that nothing that is not shown can be got by taking
 * them away from it; it says how many cells are not in it. What a partner wrote freely stands nowhere: a purpose or a type that is not of the
 * vocabulary is `other`. An exchange stands on both its nodes: `role` tells which side counted it.
 */
import type { OutputOf } from '#node/api.ts'
import { type ExchangeRecord, getDecided, getRecord, newestFirst } from '#node/exchange/exchange-record.ts'
import type { Store } from '#node/ports.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

type Statistics = OutputOf<'statistics'>
export type Cell = Statistics['cells'][number]

export interface StatisticsWish {
  /** Days as in `2026-11-01`, UTC: from, inclusive, and to, exclusive. */
  readonly from: string
  readonly to: string
  readonly period: 'day' | 'month'
  readonly threshold: number
}

const dayMs = 86_400_000
/** Ten years by months; one and a little by days. */
const periodsMax = 400
/** Some minutes of a slow disk. */
const exchangesMax = 1_000_000

export async function statistics(wish: StatisticsWish, { store, self }: { readonly store: Store; readonly self: { readonly did: Did } }): Promise<Statistics> {
  const span = spanOf(wish)
  const counts = new Map<string, number>()
  let looked = 0
  for await (const { id } of newestFirst(store, { ...span, limit: exchangesMax + 1 })) {
    if (++looked > exchangesMax) throw new TrustError('DFFT_LIMIT', 'there are more exchanges than are counted at once; ask for less time', { exchangesMax })
    const record = await getRecord(store, id)
    if (!record) continue
    const name = JSON.stringify(await dimensionsOf(record, wish.period, store))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const { from, to, period, threshold } = wish
  return { node: self.did, from, to, period, threshold, ...published(counts, threshold) }
}

/** @throws {TrustError} DFFT_USAGE for a span that is no whole number of periods, DFFT_LIMIT */
function spanOf({ from, to, period }: StatisticsWish): { readonly sinceMs: number; readonly untilMs: number } {
  const [sinceMs, untilMs] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`)]
  const day = (ms: number, text: string) => !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
  if (!day(sinceMs, from) || !day(untilMs, to) || untilMs <= sinceMs) throw new TrustError('DFFT_USAGE', '`from` is a day, and `to` a later one')
  if (period === 'month' && !(from.endsWith('-01') && to.endsWith('-01')))
    throw new TrustError('DFFT_USAGE', 'by months, `from` and `to` are the first of a month: parts of one could be taken away from the whole')
  if ((untilMs - sinceMs) / dayMs / (period === 'day' ? 1 : 28) > periodsMax)
    throw new TrustError('DFFT_LIMIT', `there are more than ${periodsMax} periods`, { periodsMax })
  return { sinceMs, untilMs }
}

type Dimensions = readonly [period: string, role: Cell['role'], from: string, to: string, type: string, purpose: string, verdict: Cell['verdict']]

async function dimensionsOf(record: ExchangeRecord, period: StatisticsWish['period'], store: Store): Promise<Dimensions> {
  const decided = (await getDecided(store, record.id)) ?? []
  const first = decided.find(({ chosen }) => chosen) ?? decided[0]
  const facts = first?.question.facts
  return [
    new Date(record.startedMs).toISOString().slice(0, period === 'day' ? 10 : 7),
    record.role,
    jurisdiction(facts?.from),
    jurisdiction(facts?.to),
    [...new Set(record.credentials.map(({ type }) => (credentialTypes.has(type) ? type : 'other')))].sort().join(' + ') || 'none',
    purposes.has(record.purpose) ? record.purpose : 'other',
    first?.decision.verdict ?? 'none',
  ]
}

const purposes: ReadonlySet<string> = new Set(shippedPacks.terms.purpose)

function jurisdiction(fact: { readonly value?: unknown } | undefined): string {
  return typeof fact?.value === 'string' && /^[A-Z]{2,3}$/.test(fact.value) ? fact.value : 'unknown'
}

/** What may be shown of counts. @param counts by their dimensions as JSON */
export function published(counts: ReadonlyMap<string, number>, threshold: number): Pick<Statistics, 'cells' | 'totals'> {
  const cells = [...counts]
    .map(([name, count]): Cell => {
      const [period, role, from, to, type, purpose, verdict] = JSON.parse(name) as Dimensions // Written from one.
      return { period, role, from, to, type, purpose, verdict, count: count < threshold ? null : count - (count % threshold) }
    })
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const totals = [...Map.groupBy(cells, ({ period }) => period)].map(([period, of]) => ({
    period,
    count: of.reduce((sum, { count }) => sum + (count ?? 0), 0),
    suppressed: of.filter(({ count }) => count === null).length,
  }))
  return { cells, totals }
}

function keyOf({ count: _, ...dimensions }: Cell): string {
  return Object.values(dimensions).join('\n')
}
