import { expect, it } from 'vitest'
import type { Instant } from '#protocols/ids.ts'
import { Duration, endOf } from './duration.ts'

it.each([
  ['2026-11-21T10:20:30Z', 'P1Y', '2027-11-21T10:20:30Z'],
  ['2028-02-29T00:00:00Z', 'P1Y', '2029-02-28T00:00:00Z'],
  ['2027-01-31T23:59:59Z', 'P1M', '2027-02-28T23:59:59Z'],
  ['2028-01-31T00:00:00Z', 'P1M', '2028-02-29T00:00:00Z'],
  ['2027-01-31T00:00:00Z', 'P1M1D', '2027-03-01T00:00:00Z'],
  ['2026-12-15T00:00:00Z', 'P13M', '2028-01-15T00:00:00Z'],
  ['2026-11-21T00:00:00Z', 'P2W', '2026-12-05T00:00:00Z'],
  ['2027-03-01T00:00:00Z', 'P365D', '2028-02-29T00:00:00Z'],
  ['1969-12-31T12:00:00Z', 'P1D', '1970-01-01T12:00:00Z'],
  ['9000-01-01T00:00:00Z', 'P999Y', '9999-01-01T00:00:00Z'],
  ['9999-06-01T00:00:00Z', 'P999Y', '9999-12-31T00:00:00Z'],
])('what begins at %s and lasts %s ends at %s', (at, duration, end) => expect(endOf(at as Instant, duration)).toBe(end))

it.each(['P', '1Y', 'P1', 'PT1H', 'P1Y1Y', 'P1D1Y', 'P-1D', 'P1.5D', 'P1000D', 'p1d', ''])('%j is no duration', (text) =>
  expect(Duration.safeParse(text).success).toBe(false))
it.each(['P1Y', 'P0D', 'P1Y2M3W4D'])('%s is one', (text) => expect(Duration.safeParse(text).success).toBe(true))
