import { describe, expect, it } from 'vitest'
import { bench } from './main.ts'
import { compared, quantile } from './measure.ts'
import { suites } from './suites.ts'

async function linesOf(suite: string) {
  const lines: string[] = []
  await bench({ suite, json: true, quick: true }, (line) => lines.push(line))
  return lines.map((line) => JSON.parse(line))
}

describe('the bench', () => {
  it.each(suites.flatMap(({ names }) => names))('`--suite %s --json` prints a whole line for each of its measures', async (suite) => {
    const loaded = await Promise.all(suites.map(({ load }) => load()))
    const names = loaded
      .flatMap(({ measures }) => measures.flatMap((measure) => measure.names))
      // What takes minutes has a test of its own.
      .filter((name) => (name === suite || name.startsWith(`${suite}.`)) && name !== 'exchange.sustained')
    const lines = await linesOf(suite)
    const printed = lines.map(({ name }) => name)
    // `start` has a measure in each of its parts.
    for (const name of names) expect(printed.some((line) => line === name || line.startsWith(`${name}.`))).toBe(true)
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(['name', 'value', 'unit', 'reference', 'ratio'])
      expect(line.value).toBeGreaterThan(0)
      expect(line.ratio).toBeGreaterThan(0)
      expect(line.unit).not.toBe('')
      expect(line.reference).not.toBe('')
    }
  })

  it('`--suite exchange.sustained --minutes` says each minute, both ends of it, what both sides cost, and the fsyncs', async () => {
    const lines: string[] = []
    await bench({ suite: 'exchange.sustained.noise', json: true, quick: true, minutes: 0.02 }, (line) => lines.push(line))
    const told = new Map(lines.map((line) => JSON.parse(line)).map(({ name, value }) => [name.slice('exchange.sustained.noise'.length), value]))
    const names = ['', '.raw', '.minute1', '.last', '.p50', '.p99', '.cpu', '.cpu.requester', '.cpu.holder', '.fsyncs', '.rss.start', '.rss', '.c1.p50']
    expect([...told.keys()]).toEqual(names)
    for (const value of told.values()) expect(value).toBeGreaterThan(0)
  })

  it('says nothing for a name that no measure has', async () => {
    expect(await linesOf('nothing.of-the-kind')).toEqual([])
  })

  it('gives the median of the ratios of the rounds, not the ratio of the medians', () => {
    const readings = { ours: [1, 2, 100], theirs: [2, 4, 100] }
    const [line] = compared('x', readings, { ours: 'ours', references: ['theirs'], unit: 'µs' })
    expect(line).toMatchObject({ value: 2, ratio: 2, reference: 'theirs' })
  })

  it('leaves out a reference that was not there', () => {
    expect(compared('x', { ours: [1] }, { ours: 'ours', references: ['absent'], unit: 'µs' })).toEqual([])
  })

  it('finds quantiles between two readings', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([1], 0.99)).toBe(1)
  })
})
