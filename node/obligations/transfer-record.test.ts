/** What is left of a transfer behind the end of its record. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { getRecord } from '#node/exchange/exchange-record.ts'
import { Chain } from '#test-network/chain.ts'
import { until } from '#test-network/fixture.ts'

const yearMs = 366 * 86_400_000
let chain: Chain
let first: ExchangeView

beforeEach(async () => {
  chain = await Chain.start(undefined, (text) =>
    text.replaceAll(
      '  - { type: onward-transfer, allow: [JP, GB, { group: EEA }], else: new-decision }',
      '  - { type: onward-transfer, allow: [JP], else: new-decision }\n  - { type: transfer-record, keep: P5Y }',
    ),
  )
  first = await chain.received()
})
afterEach(() => chain[Symbol.asyncDispose]())

/** Past the time, with what came due done and its words delivered. */
async function pass(ms: number): Promise<void> {
  const { clock, de, biz } = chain.net
  clock.jump(ms)
  for (const { parts } of [de, biz]) await parts.obligations.runDue()
  while ((await de.parts.notices.waitedFor()).length > 0) await until(() => true)
}

test('a question about data that were to go on goes with the record by which they came', async () => {
  const { biz } = chain.net
  const { id: onto } = await chain.passed()
  const rows = (id: string) => biz.store.snapshot().filter(([key]) => key.includes(id) && !key.startsWith('log/'))
  while (rows(onto).length === 0) await until(() => true)
  for (let year = 0; year < 6; year++) await pass(yearMs)
  expect(await getRecord(biz.parts.store, first.id)).toBeUndefined()
  expect([...rows(first.id), ...rows(onto)]).toEqual([])
})
