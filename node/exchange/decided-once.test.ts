import { expect, test } from 'vitest'
import { compile } from '#policies/compile.ts'
import { decide } from '#policies/decide.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import { ask, policyOf } from '#policies/question.fixture.ts'
import { canonical, digestOf } from '#protocols/canonical.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { decideOnce } from './decided-once.ts'

const side = (jurisdiction: string, max = 'P1Y') =>
  compile(
    [
      policyOf(jurisdiction, {
        id: `${jurisdiction.toLowerCase()}.open`,
        direction: jurisdiction === 'JP' ? 'export' : 'import',
        effect: 'permit',
        obligations: [{ type: 'retention', max }],
      }),
    ],
    packs,
  )
const exporting = side('JP')
const importing = side('DE')
const questionOf = (exchange: number, more: Parameters<typeof ask>[0] = {}) => ({
  ...ask(more),
  exchange: String(exchange).padStart(32, '0') as ExchangeId,
  request: digestOf(exchange),
})

test('a decision that was made before is the one that would be made anew, with an agreement of its own', () => {
  const agreements = [1, 2, 3].map((exchange) => {
    const decision = decideOnce(exporting, importing, questionOf(exchange))
    expect(decision.code).toBe('PERMITTED')
    expect(canonical(decision)).toBe(canonical(decide(exporting, importing, questionOf(exchange), { nearest: false })))
    return decision.agreement
  })
  expect(new Set(agreements).size).toBe(3)
})

test('another time, and another policy on either side, are decided anew', () => {
  decideOnce(exporting, importing, questionOf(4))
  const shorter = side('DE', 'P6M')
  expect(canonical(decideOnce(exporting, shorter, questionOf(5)))).toBe(canonical(decide(exporting, shorter, questionOf(5), { nearest: false })))
  const other = side('JP', 'P3M')
  expect(canonical(decideOnce(other, importing, questionOf(6)))).toBe(canonical(decide(other, importing, questionOf(6), { nearest: false })))
  const later = { ...questionOf(7), at: '2026-12-31T23:59:59Z' as ReturnType<typeof ask>['at'] }
  expect(canonical(decideOnce(exporting, importing, later))).toBe(canonical(decide(exporting, importing, structuredClone(later), { nearest: false })))
})
