import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bytesAtWorst, type Limit, limitsMarkdown, limitTables, linkLimits, muxLimits, relayLimits, transportLimits } from './limits.ts'

const rows = Object.values(limitTables).flatMap((table) => Object.entries<Limit>(table))

test('the page about limits says what the code does', () => {
  const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')
  expect(page.slice(page.indexOf('## connections'))).toBe(limitsMarkdown())
})

test('every limit has a number, a unit, somebody it is counted for, and a reason in a sentence', () => {
  for (const [name, { value, unit, of, reason }] of rows) {
    expect(value, name).toBeGreaterThan(0)
    expect([unit, of].every(Boolean), name).toBe(true)
    expect(reason, name).toMatch(/^\p{L}.{15,}\.$/u)
  }
})

test('a unit that a name ends with is the unit', () => {
  for (const [name, { unit }] of rows) {
    if (/Ms(?:Max)?$/.test(name)) expect(unit, name).toBe('ms')
    if (/Bytes(?:Max|OfNode|Burst)?$|BytesMax$/.test(name)) expect(unit, name).toBe('bytes')
    if (/PerSecond$/.test(name)) expect(unit, name).toMatch(/\/s$/)
  }
})

test('what the limits let others make a node hold stays below half a gigabyte', () => {
  const limits = { ...linkLimits, ...transportLimits, ...relayLimits }
  expect(muxLimits.queuedBytesOfNode).toBe(limits.queuedBytesOfNode)
  expect(bytesAtWorst(limits)).toBeLessThan(512 << 20)
})

test('a question whose answer may be a mebibyte costs more than its channel', () => {
  for (const type of ['status-list', 'bundle-part', 'bundle-items'] as const) expect(limitTables.questions[type].value, type).toBeGreaterThan(0)
})

test('a burst pays for the dearest thing there is, so nothing is beyond what a peer may ever ask for', () => {
  const dearest = Math.max(...[limitTables.services, limitTables.questions].flatMap((table) => Object.values<Limit>(table).map(({ value }) => value)))
  expect(dearest + 1).toBeLessThan(linkLimits.strangerOpensBurst)
  expect(linkLimits.strangerOpensBurst).toBeLessThan(linkLimits.opensBurst)
})
