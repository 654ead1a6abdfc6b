/** What an operator sees of exchanges afterwards, and what a monitoring system sees meanwhile. */
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemMachine } from '#node/adapters/system-machine.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { type ExchangeRecord, getRecord, recordWrites } from '#node/exchange/exchange-record.ts'
import { serveMetrics } from '#node/metrics-http.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { ThreeNodes } from '#test-network/fixture.ts'
import { metricTable } from './metric-table.ts'
import { Metrics } from './metrics.ts'
import { OpenExchanges } from './open-exchanges.ts'
import { Readings } from './readings.ts'

let net: ThreeNodes
let closed: ExchangeView
let denied: ExchangeView

beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  closed = await net.request()
  await net.clock.advance(60_000)
  denied = await net.request({ purpose: 'marketing' })
})
afterAll(() => net[Symbol.asyncDispose]())

const records = async (wish: Parameters<typeof net.de.node.exchangeRecords>[0] = {}) => (await net.de.node.exchangeRecords(wish)).records

describe('an operational record', () => {
  test('has each step with its time, each message with its size, the decision and the partner', async () => {
    const [record] = await records({ state: 'closed' })
    expect(record).toMatchObject({
      id: closed.id,
      role: 'requester',
      partner: net.biz.did,
      from: 'JP',
      to: 'DE',
      verdict: 'permit',
      agreement: closed.agreement,
    })
    expect(record?.steps.map(({ step }) => step)).toEqual(['requested', 'received'])
    expect(record?.messages.map(({ type, direction }) => `${type} ${direction}`)).toEqual([
      'request sent',
      'presentation received',
      'receipt sent',
      'closing received',
    ])
    const sum = (direction: string) => record?.messages.reduce((bytes, one) => bytes + (one.direction === direction ? one.bytes : 0), 0)
    expect([record?.bytesSent, record?.bytesReceived]).toEqual([sum('sent'), sum('received')])
    expect(sum('received')).toBeGreaterThan(1000)
  })

  test('says on both sides the same of what both know', async () => {
    const [here] = await records({ state: 'closed' })
    const [there] = (await net.biz.node.exchangeRecords({ partner: net.de.did })).records
    // Of claims the holder counts what was agreed on, the requester what of it the credential had.
    for (const name of ['agreement', 'withheld', 'duties', 'from', 'to', 'verdict'] as const) expect(there?.[name]).toEqual(here?.[name])
    // What one side sent the other received; the release is kept without the envelope that it was sent in.
    const byType = (one: typeof here) =>
      Object.fromEntries((one?.messages ?? []).filter(({ type }) => type !== 'presentation').map(({ type, bytes }) => [type, bytes]))
    expect(byType(here)).toMatchObject(byType(there))
  })

  test('has no claim of the credential in it', async () => {
    const { claims } = await net.de.node.credentialUse({ id: closed.credential as string, purpose: 'trade.supplier-verification' })
    const words = JSON.stringify(await records())
    const values = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.values(value).flatMap(values) : [String(value)])
    const long = values(claims).filter((text) => text.length > 3 && Number.isNaN(Date.parse(text)))
    expect(long.length).toBeGreaterThan(3)
    for (const text of long) expect(words).not.toContain(text)
  })

  test('of what was denied has the code and no agreement', async () => {
    expect(await records({ state: 'refused' })).toEqual([
      expect.objectContaining({ id: denied.id, code: 'DFFT_POLICY_DENIED', verdict: 'deny', agreement: null, claims: 0, bytesSent: 0 }),
    ])
  })

  test('is found by time and by partner, page by page, newest first', async () => {
    const all = await records()
    expect(all.map(({ id }) => id)).toEqual([denied.id, closed.id])
    expect((await records({ since: all[0]?.startedAt })).map(({ id }) => id)).toEqual([denied.id])
    expect((await records({ until: all[0]?.startedAt })).map(({ id }) => id)).toEqual([closed.id])
    expect(await records({ partner: net.jp.did })).toEqual([])
    const first = await net.de.node.exchangeRecords({ limit: 1 })
    expect(first.records.map(({ id }) => id)).toEqual([denied.id])
    const second = await net.de.node.exchangeRecords({ limit: 1, before: first.next as string })
    expect(second.records.map(({ id }) => id)).toEqual([closed.id])
    expect((await net.de.node.exchangeRecords({ before: second.next as string })).records).toEqual([])
  })
})

/** The samples of a text of metrics, by name and labels. @throws where a line is neither a comment nor a sample */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^([a-z_]+(?:\{[a-z_]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*\})?) ([0-9.e+-]+)$/.exec(line) ?? []
      if (name === undefined) throw new Error(`no sample: ${line}`)
      return [name, Number(value)]
    }),
  )
}

describe('metrics', () => {
  test('count what stands in the log, by kind and code, and nothing else', async () => {
    const counted = samples((await net.de.node.metrics({})).text)
    const { entries } = await net.de.node.auditTail({ limit: 1000 })
    for (const kind of new Set(entries.map((entry) => entry.kind))) {
      const of = [...counted].filter(([name]) => name.startsWith(`dfft_acts_total{kind="${kind}",`)).reduce((sum, [, value]) => sum + value, 0)
      expect(of, kind).toBe(entries.filter((entry) => entry.kind === kind).length)
    }
    expect(counted.get('dfft_acts_total{kind="denied",code="DFFT_POLICY_DENIED"}')).toBe(1)
    expect(counted.get('dfft_log_entries')).toBe(entries.length)
    expect(counted.get('dfft_partners_connected')).toBe(2)
    expect(counted.get('dfft_decisions_total{role="requester",verdict="deny"}')).toBe(1)
    expect(counted.get('dfft_decisions_total{role="requester",verdict="permit"}')).toBe(1)
  })

  test('are those of the table, with its labels, whatever the machine', async () => {
    using machine = systemMachine(tmpdir())
    const readings = new Readings({ ...net.de.parts, openExchanges: new OpenExchanges(), machine })
    const counted = samples(net.de.parts.metrics.text(await readings.now()))
    const table: Readonly<Record<string, { readonly labels: readonly string[] }>> = metricTable
    const told = new Set<string>()
    for (const series of counted.keys()) {
      const [, name = '', inner = ''] = /^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})?$/.exec(series) ?? []
      const family = table[name] ? name : (/^[a-z_]+/.exec(series)?.[0] ?? '')
      told.add(family)
      const labels = [...inner.matchAll(/([a-z]+)="/g)].map(([, label]) => label)
      expect([...new Set(['le', ...labels])].filter((label) => label !== 'le')).toEqual(table[family]?.labels.filter((label) => label !== 'le'))
    }
    expect(Object.keys(metricTable).filter((name) => !told.has(name))).toEqual([])
  })

  test('say what is open now, from the start on, and what ends first', async () => {
    const open = (counted: Map<string, number>) => [...counted].filter(([name, value]) => name.startsWith('dfft_exchanges_open') && value > 0)
    expect(open(samples((await net.de.node.metrics({})).text))).toEqual([])
    const { parts } = net.de
    const record = (await getRecord(parts.store, closed.id as ExchangeId))!
    const put = (state: ExchangeRecord['state'], id: string) => parts.store.batch(recordWrites({ ...record, id: id as ExchangeId, state }))
    const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(32))
    for (const id of ids) await put('pending', id)
    await put('closed', ids[0]!)
    await put('released', ids[1]!)
    const now = samples((await net.de.node.metrics({})).text)
    expect(open(now)).toEqual([
      ['dfft_exchanges_open{role="requester",state="pending"}', 1],
      ['dfft_exchanges_open{role="requester",state="released"}', 1],
    ])
    const again = new OpenExchanges()
    await again.read(parts.store)
    expect([again.count('requester', 'pending'), again.count('requester', 'released'), again.count('holder', 'pending')]).toEqual([1, 1, 0])
    for (const id of ids) await put('closed', id)
    expect(open(samples((await net.de.node.metrics({})).text))).toEqual([])
    const ends = [...now].filter(([name]) => name.startsWith('dfft_lapse')).map(([name]) => name)
    expect(ends).toContain('dfft_lapse_timestamp_seconds{kind="policy"}')
  })

  test('have no DID, no id and no purpose in them', async () => {
    const { text } = await net.biz.node.metrics({})
    for (const word of ['did:', closed.id, 'trade.']) expect(text).not.toContain(word)
  })

  test('sort times into buckets of which each holds the smaller ones', () => {
    const metrics = new Metrics()
    const took = (exchange: string, ms: number) => {
      metrics.recorded([{ kind: 'requested', exchange: exchange as never, facts: {} }], 1_000)
      metrics.recorded([{ kind: 'received', exchange: exchange as never, facts: {} }], 1_000 + ms)
    }
    for (const [at, ms] of [10, 11, 2_000, 90_000_000].entries()) took(`${at}`, ms)
    const counted = samples(metrics.text([]))
    const bucket = (le: string) => counted.get(`dfft_exchange_seconds_bucket{role="requester",le="${le}"}`)
    expect(['0.01', '0.025', '1', '2.5', '86400', '+Inf'].map(bucket)).toEqual([1, 2, 2, 3, 3, 4])
    expect(counted.get('dfft_exchange_seconds_count{role="requester"}')).toBe(4)
    expect(counted.get('dfft_exchange_seconds_sum{role="requester"}')).toBeCloseTo(90_002.021)
    expect(counted.get('dfft_exchange_seconds_count{role="holder"}')).toBe(0)
  })

  test('remember no more open exchanges than they may, and an end without a beginning counts nothing', () => {
    const metrics = new Metrics()
    for (let at = 0; at <= 10_000; at++) metrics.recorded([{ kind: 'requested', exchange: `${at}` as never, facts: {} }], 0)
    for (const at of [0, 1, 20_000]) metrics.recorded([{ kind: 'received', exchange: `${at}` as never, facts: {} }], 1)
    expect(samples(metrics.text([])).get('dfft_exchange_seconds_count{role="requester"}')).toBe(1)
  })

  test('a code that nobody knows is no label', () => {
    const metrics = new Metrics()
    metrics.recorded([{ kind: 'refused', facts: { code: 'X"} 1\nevil 1' } }], 0)
    expect([...samples(metrics.text([])).keys()]).toContain('dfft_acts_total{kind="refused",code=""}')
  })

  test('are served at one path, to programs and not to pages', async () => {
    const health = async (): Promise<never> => expect.fail('nobody asked how it is')
    await using server = await serveMetrics({ host: '127.0.0.1', port: 0, log: () => undefined, health, text: async () => 'dfft_x 1\n' })
    const get = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
    const answer = await get('/metrics')
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 'dfft_x 1\n'])
    const statuses = await Promise.all([
      get('/'),
      get('/v1/status'),
      get('/metrics', { method: 'POST' }),
      get('/metrics', { headers: { origin: 'https://x.example' } }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 405, 403])
    const taken = serveMetrics({ host: '127.0.0.1', port: server.port, log: () => undefined, health, text: async () => '' })
    expect(await taken.then(() => 'served', codeOf)).toBe('DFFT_PORT_IN_USE')
  })
})
