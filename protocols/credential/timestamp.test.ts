import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDay, timestampMs } from './timestamp.ts'

/** By the form and the calendar of ECMAScript alone. */
function defined(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/.test(text) || text.startsWith('0000')) return null
  const noon = new Date(`${text.slice(0, 10)}T12:00:00Z`)
  return Number.isNaN(noon.getTime()) || noon.getUTCDate() !== Number(text.slice(8, 10)) ? null : Date.parse(text)
}

test('every day of two thousand years at each end of a month is read as the calendar has it', () => {
  for (const year of ['0001', '0099', '0100', '0400', '1582', '1900', '1970', '2000', '2024', '2026', '2100', '9999', '0000']) {
    for (let month = 0; month <= 13; month++) {
      for (const day of [0, 1, 27, 28, 29, 30, 31, 32]) {
        const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
        for (const time of ['T00:00:00Z', 'T23:59:59Z', 'T08:30:00.25Z', 'T08:30:00+09:00'])
          expect(timestampMs(date + time), date + time).toBe(defined(date + time))
        if (year !== '0000') expect(isDay(Number(year), month, day)).toBe(defined(`${date}T00:00:00Z`) !== null)
      }
    }
  }
})

test('text with any one character changed is read as the definition has it', () => {
  const text = fc.constantFrom('2026-11-22T08:30:00Z', '0100-02-28T23:59:59Z', '2024-02-29T00:00:00Z', '2026-11-22T08:30:00.5Z', '2026-11-22T08:30:00+09:00')
  fc.assert(
    fc.property(text, fc.nat(24), fc.constantFrom(...'0123456789-:.TZtz+ e\u0660', ''), (from, at, one) => {
      const changed = from.slice(0, at) + one + from.slice(at + 1)
      expect(timestampMs(changed), changed).toBe(defined(changed))
    }),
    { numRuns: 4000, seed: 2 },
  )
})
