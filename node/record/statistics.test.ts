/** What may be published: counts that are right, and from which nobody learns of a single flow. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExchangeRecord, getRecord, recordWrites } from '#node/exchange/exchange-record.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { ThreeNodes } from '#test-network/fixture.ts'
import { type Cell, published } from './statistics.ts'

const name = (place: number, period = '2026-10') => JSON.stringify([period, 'holder', 'JP', `X${'ABCDEFG'[place]}`, 'other', 'other', 'permit'])
const shown = (counts: readonly number[], threshold: number) => published(new Map(counts.map((count, place) => [name(place), count])), threshold)

describe('what is shown', () => {
  test('is no count below the threshold, and no count that is not rounded down', () => {
    const { cells, totals } = shown([1, 4, 5, 9, 10, 123], 5)
    expect(cells.map(({ count }) => count)).toEqual([null, null, 5, 5, 10, 120])
    expect(totals).toEqual([{ period: '2026-10', count: 140, suppressed: 2 }])
  })

  test('is the same whatever a cell that is left out held: no total gives it away', () => {
    const [threshold, most] = [4, 9]
    for (let one = 1; one <= most; one++)
      for (let two = 1; two <= most; two++)
        for (let three = 1; three <= most; three++) {
          const table = [one, two, three]
          const seen = JSON.stringify(shown(table, threshold))
          for (const [place, count] of table.entries())
            if (count < threshold) for (let other = 1; other < threshold; other++) expect(JSON.stringify(shown(table.with(place, other), threshold))).toBe(seen)
        }
  })

  test('leaves more than one possibility even to whoever has the days and the month of them', () => {
    const threshold = 5
    const count = (value: number) => shown([value], threshold).cells[0]?.count
    const days = Array.from({ length: 14 }, (_, at) => at + 1)
    /** From what is seen of each day, and of their sum, to what a day that is left out may have held. */
    const possible = new Map<string, Set<number>>()
    const tables = days.flatMap((one) => days.flatMap((two) => [[one, two], ...days.map((three) => [one, two, three])]))
    const seenOf = (table: readonly number[]) => JSON.stringify([table.map(count), count(table.reduce((sum, day) => sum + day, 0))])
    for (const table of tables)
      for (const [place, value] of table.entries())
        if (value < threshold) {
          const seen = `${place} ${seenOf(table)}`
          possible.set(seen, (possible.get(seen) ?? new Set()).add(value))
        }
    expect(possible.size).toBeGreaterThan(30)
    for (const [seen, values] of possible) expect(values.size, seen).toBeGreaterThanOrEqual(2)
  })
})

describe('the statistics of a node', () => {
  let net: ThreeNodes
  beforeAll(async () => {
    net = await ThreeNodes.start()
    await net.issued()
    const { id } = await net.request()
    const record = (await getRecord(net.de.parts.store, id as ExchangeId)) as ExchangeRecord
    const put = (number: number, more: Partial<ExchangeRecord>) =>
      net.de.parts.store.batch(recordWrites({ ...record, ...more, id: number.toString(16).padStart(32, '0') as ExchangeId }))
    for (let number = 0; number < 11; number++) await put(number, {})
    for (let number = 20; number < 27; number++) await put(number, { purpose: '=cmd|Hanako Yamada' })
    await put(40, { startedMs: Date.UTC(2026, 10, 1) })
  })
  afterAll(() => net[Symbol.asyncDispose]())

  const october = { from: '2026-10-01', to: '2026-11-01' } as const
  const counts = (cells: readonly Cell[]) => cells.map(({ from, to, purpose, verdict, count }) => [from, to, purpose, verdict, count])

  test('are of its exchanges by month, and nothing that a partner wrote freely is in them', async () => {
    const { cells, totals } = await net.de.node.statistics(october)
    expect(counts(cells)).toEqual([
      // Those that were only written down here came to no decision.
      ['JP', 'DE', 'trade.supplier-verification', 'permit', null],
      ['unknown', 'unknown', 'other', 'none', 5],
      ['unknown', 'unknown', 'trade.supplier-verification', 'none', 10],
    ])
    expect(totals).toEqual([{ period: '2026-10', count: 15, suppressed: 1 }])
    expect(JSON.stringify(cells)).not.toContain('Hanako')
    expect((await net.biz.node.statistics({ ...october, threshold: 3 })).cells.map(({ role, count }) => [role, count])).toContainEqual(['holder', null])
  })

  test('end where they are asked to end, and are by days where that is asked for', async () => {
    expect((await net.de.node.statistics({ from: '2026-10-01', to: '2026-12-01' })).totals.map(({ period }) => period)).toEqual(['2026-10', '2026-11'])
    expect((await net.de.node.statistics({ ...october, period: 'day' })).totals.map(({ period }) => period)).toEqual(['2026-10-01'])
    expect((await net.de.node.statistics({ from: '2026-10-02', to: '2026-10-31', period: 'day' })).cells).toEqual([])
  })

  test('are refused for parts of a month, days that there are not, a lower threshold, and centuries', async () => {
    const asked = (wish: Parameters<typeof net.de.node.statistics>[0]) => net.de.node.statistics(wish).then(String, codeOf)
    expect(await asked({ from: '2026-10-01', to: '2026-10-31' })).toBe('DFFT_USAGE')
    expect(await asked({ from: '2026-02-30', to: '2026-10-01', period: 'day' })).toBe('DFFT_USAGE')
    expect(await asked({ from: '2026-10-01', to: '2026-10-01' })).toBe('DFFT_USAGE')
    expect(await asked({ from: '1900-01-01', to: '2026-10-01' })).toBe('DFFT_LIMIT')
    await expect(net.de.node.statistics({ ...october, threshold: 2 })).rejects.toThrow()
  })
})
