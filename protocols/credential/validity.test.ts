import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { checkValidity, type ValidityWindow } from './validity.ts'

const verdict = (window: ValidityWindow, nowMs: number, skewMs = 0) => {
  try {
    checkValidity(window, { nowMs, skewMs })
    return 'accepted'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test('a document holds from its first to its last millisecond', () => {
  const window = { validFromMs: 1000, validUntilMs: 2000 }
  expect([999, 1000, 2000, 2001].map((nowMs) => verdict(window, nowMs))).toEqual(['DFFT_NOT_YET_VALID', 'accepted', 'accepted', 'DFFT_EXPIRED'])
  expect([989, 990, 2010, 2011].map((nowMs) => verdict(window, nowMs, 10))).toEqual(['DFFT_NOT_YET_VALID', 'accepted', 'accepted', 'DFFT_EXPIRED'])
})

test('a document without an end or a beginning holds on that side', () => {
  expect(verdict({ validFromMs: null, validUntilMs: null }, 0)).toBe('accepted')
  expect(verdict({ validFromMs: 5, validUntilMs: null }, 1e15)).toBe('accepted')
  expect(verdict({ validFromMs: null, validUntilMs: 5 }, -1e15)).toBe('accepted')
})

test('the verdict is that of the plain comparison, at any time and skew', () => {
  const ms = fc.integer({ min: -1_000_000, max: 1_000_000 })
  fc.assert(
    fc.property(ms, ms, ms, fc.nat(600_000), (validFromMs, validUntilMs, nowMs, skewMs) => {
      const expected = nowMs < validFromMs - skewMs ? 'DFFT_NOT_YET_VALID' : nowMs > validUntilMs + skewMs ? 'DFFT_EXPIRED' : 'accepted'
      expect(verdict({ validFromMs, validUntilMs }, nowMs, skewMs)).toBe(expected)
    }),
    { seed: 2 },
  )
})
