import { describe, expect, test } from 'vitest'
import { digest, type Jurisdiction } from '#protocols/ids.ts'
import { bundleLimits, TrustBundlePart } from '#protocols/trust/bundle.ts'
import type { Item } from './bundle-items.ts'
import { BundleParts } from './bundle-parts.ts'

const place = 'JP' as Jurisdiction
const item = (number: number, version = 1): Item => ({ kind: 'accreditation', place, id: `urn:uuid:${number}`, digest: digest(`${number} ${version}`) })
const items = (count: number): Item[] => Array.from({ length: count }, (_, number) => item(number))

describe('the parts of a bundle', () => {
  test('hold each item once, in an order that a reader can check', () => {
    const parts = new BundleParts()
    const change = parts.update(items(10_000))
    for (const part of change?.made ?? []) expect(() => TrustBundlePart.parse(part)).not.toThrow()
    expect(change?.made.flatMap(({ items }) => items).length).toBe(10_000)
    expect(parts.refs.length).toBeLessThanOrEqual(128)
    expect(parts.refs.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
  })

  test('of a shelf that is full are no more than a manifest may name, and that is no longer than a line of a file', () => {
    const parts = new BundleParts()
    const kinds = ['accreditation', 'did-log', 'status-list'] as const
    parts.update(kinds.flatMap((kind) => items(60_000).map((one) => ({ ...one, kind, digest: digest(`${kind} ${one.digest}`) }))))
    expect(parts.refs.length).toBeGreaterThan(1024)
    expect(parts.refs.length).toBeLessThanOrEqual(bundleLimits.partsMax)
    const longest = { name: 'accreditation/EEA/99999', digest: digest(''), count: bundleLimits.rowsMax }
    expect(JSON.stringify(Array.from({ length: bundleLimits.partsMax }, () => longest)).length).toBeLessThan(bundleLimits.lineMax * 0.8)
  })

  test('are the same whatever order the items come in, and when they are read back', () => {
    const [one, other] = [new BundleParts(), new BundleParts()]
    const made = one.update(items(1000))?.made ?? []
    other.update(items(1000).reverse())
    expect(other.refs).toEqual(one.refs)
    expect(BundleParts.of(made).refs).toEqual(one.refs)
  })

  test('but one stay as they are when one item changes, comes or goes', () => {
    const parts = new BundleParts()
    parts.update(items(10_000))
    const changed = parts.update([item(7, 2), ...items(10_000).filter((_, number) => number !== 7)])
    expect([changed?.made.length, changed?.gone.length]).toEqual([1, 1])
    const grown = parts.update([item(7, 2), item(10_001), ...items(10_000).filter((_, number) => number !== 7)])
    expect([grown?.made.length, grown?.gone.length]).toEqual([1, 1])
    const shrunk = parts.update(items(10_000).filter((_, number) => number !== 7))
    expect(shrunk?.made.length).toBeLessThanOrEqual(2)
    expect(parts.count).toBe(9999)
    expect(parts.update(items(10_000).filter((_, number) => number !== 7))).toBeUndefined()
  })

  test('are divided again when there are many more, or many fewer', () => {
    const parts = new BundleParts()
    parts.update(items(100))
    expect(parts.refs.length).toBe(1)
    parts.update(items(5000))
    expect(parts.refs.length).toBeGreaterThan(30)
    const back = parts.update(items(100))
    expect([parts.refs.length, back?.made.length]).toEqual([1, 1])
  })

  test('of items whose ids were chosen to meet are as long as one may be, and no longer', () => {
    const parts = new BundleParts()
    const same = Array.from({ length: 1200 }, (_, number) => ({
      kind: 'anchor' as const,
      place: null,
      id: `did:web:one.example ${number}`,
      digest: digest(String(number)),
    }))
    const made = parts.update(same)?.made ?? []
    for (const part of made) expect(() => TrustBundlePart.parse(part)).not.toThrow()
    expect(Math.max(...made.map(({ items }) => items.length))).toBe(bundleLimits.rowsMax)
  })

  test('are not made anew for what changes all the time, where that is all', () => {
    const parts = new BundleParts()
    const list = (version: number): Item => ({ kind: 'status-list', place: null, id: 'did:web:one.example list', digest: digest(`list ${version}`) })
    parts.update([item(1), list(1)])
    expect(parts.update([item(1), list(2)], { lazily: true })).toBeUndefined()
    expect(parts.update([item(1, 2), list(2)], { lazily: true })?.made.length).toBe(2)
    expect(parts.update([item(1, 2), list(3)])?.made.length).toBe(1)
  })
})
