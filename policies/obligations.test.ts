import { describe, expect, it } from 'vitest'
import type { Instant } from '#protocols/ids.ts'
import type { JointObligation } from './joint-obligation.ts'
import { distinct, uniteObligations } from './obligations.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import type { Obligation } from './policy.ts'

const at = '2026-11-21T00:00:00Z' as Instant // It has the form.
function united(...obligations: Obligation[]): JointObligation[] {
  const unite = (list: readonly Obligation[]) => uniteObligations(list, { at, purpose: undefined, packs, carried: [] })
  const joint = unite(obligations)
  expect(unite(obligations.toReversed())).toStrictEqual(joint)
  return joint
}

describe('duties of both sides, in whichever order they come', () => {
  it('destroy the data at the soonest end and keep the record to the last', () => {
    const terms = ['P1Y', 'P3Y', 'P2Y', 'P6M'] as const
    expect(united(...terms.map((max): Obligation => ({ type: 'retention', max })))).toStrictEqual([
      { type: 'retention', max: 'P6M', until: '2027-05-21T00:00:00Z' },
    ])
    expect(united(...terms.map((keep): Obligation => ({ type: 'transfer-record', keep })))).toStrictEqual([
      { type: 'transfer-record', keep: 'P3Y', until: '2029-11-21T00:00:00Z' },
    ])
  })
  it('spell one end one way', () => {
    expect(united({ type: 'retention', max: 'P1Y' }, { type: 'retention', max: 'P12M' })).toMatchObject([{ max: 'P12M' }])
    expect(united({ type: 'transfer-record', keep: 'P1Y' }, { type: 'transfer-record', keep: 'P12M' })).toMatchObject([{ keep: 'P1Y' }])
  })
  it('admit the purposes that all admit, sorted; where none is declared, a limit to the declared one admits none', () => {
    const limit = (...allow: string[]): Obligation => ({ type: 'purpose-limit', allow })
    expect(united(limit('marketing', 'compliance.aml', 'research.academic'), limit('research.academic', 'marketing', 'compliance.aml'))).toStrictEqual([
      limit('compliance.aml', 'marketing', 'research.academic'),
    ])
    expect(united({ type: 'purpose-limit' })).toStrictEqual([{ type: 'purpose-limit', allow: [] }])
  })
  it('pass the data on where all allow it, `none` being nowhere', () => {
    const onward = (allow: 'none' | string[]) => ({ type: 'onward-transfer', allow }) as Obligation
    expect(united(onward(['US', 'JP', 'FR']), onward(['JP', 'US']))).toStrictEqual([onward(['JP', 'US'])])
    expect(united(onward('none'))).toStrictEqual([onward([])])
  })
  it('keep the way out of a limit to places only where all name the same', () => {
    const onward = (otherwise?: 'consent' | 'new-decision') =>
      ({ type: 'onward-transfer', allow: ['JP'], ...(otherwise ? { else: otherwise } : {}) }) as Obligation
    expect(united(onward('consent'), onward('consent'))).toStrictEqual([onward('consent')])
    for (const other of [onward(), onward('new-decision')]) expect(united(onward('consent'), other)).toStrictEqual([onward()])
    expect(united(onward())).toStrictEqual([onward()])
  })
  it('are each there once, sorted', () => {
    const rules = (set: string): Obligation => ({ type: 'supplementary-rules', set })
    const all: Obligation[] = [rules('eu-kr-2021'), { type: 'consent', of: 'subject' }, rules('eu-jp-2019'), { type: 'consent', of: 'operator' }]
    expect(united(...all, ...all)).toStrictEqual([
      { type: 'consent', of: 'operator' },
      { type: 'consent', of: 'subject' },
      rules('eu-jp-2019'),
      rules('eu-kr-2021'),
    ])
    expect(distinct(['b', 'a', 'c', 'a'])).toEqual(['a', 'b', 'c'])
  })
})
