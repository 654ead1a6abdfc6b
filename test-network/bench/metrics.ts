/** What a scrape costs a node that has done a great many exchanges. */
import { Agent, get } from 'node:http'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemMachine } from '#node/adapters/system-machine.ts'
import { type ExchangeRecord, getRecord, recordWrites } from '#node/exchange/exchange-record.ts'
import { serveMetrics } from '#node/metrics-http.ts'
import type { Store } from '#node/ports.ts'
import { OpenExchanges } from '#node/record/open-exchanges.ts'
import { Readings } from '#node/record/readings.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { ThreeNodes } from '../fixture.ts'
import { type Effort, type Line, type Measure, quantile, scaled } from './measure.ts'

export const measures: readonly Measure[] = [{ names: ['metrics.scrape'], lines: scrape }]

const exchanges = 100_000

/** Over HTTP on a kept connection, as Prometheus does it; beside the same of a node with one. Of the store only: the length of the log is known to whoever has it open. */
async function* scrape(effort: Effort): AsyncIterable<Line> {
  await using net = await ThreeNodes.start()
  await net.issued()
  const { id } = await net.request()
  const { parts } = net.de
  using machine = systemMachine('.')
  const scrapes = async (store: Store) => {
    const openExchanges = new OpenExchanges()
    await openExchanges.read(store)
    const readings = new Readings({ ...parts, store, openExchanges, machine })
    const text = async () => parts.metrics.text(await readings.now())
    await using server = await serveMetrics({ host: '127.0.0.1', port: 0, log: () => undefined, text, health: () => net.de.node.health({}) })
    return await timesOf(server.port, scaled(400, effort))
  }
  const empty = await scrapes(parts.store)
  const record = (await getRecord(parts.store, id as ExchangeId)) as ExchangeRecord // It was closed a moment ago.
  const count = scaled(exchanges, effort)
  const full = await scrapes(await storeOf(parts.store, record, count))
  for (const [name, at] of [
    ['', 0.5],
    ['.p99', 0.99],
    ['.first', null],
  ] as const) {
    const value = (times: readonly number[]) => (at === null ? (times[0] ?? 0) : quantile(times, at))
    yield {
      name: `metrics.scrape${name}`,
      value: value(full),
      unit: 'ms',
      reference: 'one exchange',
      ratio: value(empty) / value(full),
    }
  }
}

/** The store, and so many exchanges more: one in a thousand is open. */
async function storeOf(store: Store, record: ExchangeRecord, count: number): Promise<Store> {
  const entries = await Array.fromAsync(store.scan({ from: '!', to: '~' }))
  for (let number = 0; number < count; number++) {
    const id = number.toString(16).padStart(32, '0') as ExchangeId // 32 hex digits.
    const state = number % 1000 === 0 ? 'pending' : record.state
    for (const write of recordWrites({ ...record, id, state, startedMs: record.startedMs + number })) if ('put' in write) entries.push([write.put, write.value])
  }
  return new MemoryStore({ entries })
}

async function timesOf(port: number, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  for (let at = 0; at < count; at++) {
    const begunMs = performance.now()
    await read(port, agent)
    times.push(performance.now() - begunMs)
  }
  agent.destroy()
  return times
}

function read(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/metrics', agent }, (response) => response.on('end', resolve).resume()).on('error', reject)
  })
}
