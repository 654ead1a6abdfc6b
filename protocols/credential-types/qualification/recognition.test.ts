import { expect, test } from 'vitest'
import { recognitionThatCounts } from './recognition.ts'

type Recognition = NonNullable<Parameters<typeof recognitionThatCounts>[0]['recognition']>[number]

const decided = (rest: Partial<Recognition>): Recognition => ({
  targetJurisdiction: 'DE',
  outcome: 'recognised',
  decidedBy: 'LAfG',
  decidedOn: '2026-05-04',
  ...rest,
})
const asked = { jurisdiction: 'DE', at: '2026-06-01', authorities: new Set(['LAfG', 'Regierung']) }
const outcome = (...recognition: Recognition[]) => recognitionThatCounts({ recognition }, asked)?.outcome

test('the decision of an authority that the policy names counts', () => {
  expect(outcome(decided({}))).toBe('recognised')
})

test.for<[string, Partial<Recognition>]>([
  ['of an authority that it does not name', { decidedBy: 'Sample club' }],
  ['for another jurisdiction', { targetJurisdiction: 'FR' }],
  ['for a part of the jurisdiction', { targetJurisdiction: 'DE-NW' }],
  ['that is still to come', { decidedOn: '2026-06-02' }],
])('one %s does not', ([, rest]) => {
  expect(outcome(decided(rest))).toBeUndefined()
})

test('the newest counts, and a refusal without a day comes before all', () => {
  expect(outcome(decided({}), decided({ outcome: 'refused', decidedOn: '2026-05-05', decidedBy: 'Regierung' }))).toBe('refused')
  expect(outcome(decided({ outcome: 'refused', decidedOn: '2026-05-03' }), decided({}))).toBe('recognised')
  expect(outcome(decided({}), { targetJurisdiction: 'DE', outcome: 'refused', decidedBy: 'LAfG' })).toBe('refused')
  expect(outcome(decided({ outcome: 'partial', conditions: 'x' }), { targetJurisdiction: 'DE', outcome: 'recognised', decidedBy: 'LAfG' })).toBe('partial')
  expect(outcome()).toBeUndefined()
})
