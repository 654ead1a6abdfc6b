import { describe, expect, it } from 'vitest'
import { shippedPacks as packs } from '../packs/packs.ts'
import type { Obligation } from '../policy.ts'
import { type Space, spaceOf } from './boxes.ts'
import { dutiesIn } from './duties.ts'

const within = (from: string, until: string): Space => spaceOf(packs, { from: from as never, until: until as never }, 'JP')
const year = within('2026-03-01T00:00:00Z', '2027-02-01T00:00:00Z')
const imply = (strong: Obligation, weak: Obligation, { space = year, purposes }: { space?: Space; purposes?: readonly string[] } = {}) =>
  dutiesIn(space).imply([strong], [weak], purposes)
const retention = (max: string): Obligation => ({ type: 'retention', max })
const limit = (...allow: string[]): Obligation => (allow.length > 0 ? { type: 'purpose-limit', allow } : { type: 'purpose-limit' })
const onward = (allow: Extract<Obligation, { type: 'onward-transfer' }>['allow'], other?: 'consent' | 'new-decision'): Obligation => ({
  type: 'onward-transfer',
  allow,
  ...(other ? { else: other } : {}),
})

describe('whether one duty asks at least as much as another', () => {
  it('compares durations by the calendar of the days the policy is in force', () => {
    expect(imply(retention('P365D'), retention('P1Y'))).toBe(true)
    expect(imply(retention('P1Y'), retention('P365D'))).toBe(true)
    // With 29 February 2028 in it a year is longer.
    expect(imply(retention('P1Y'), retention('P365D'), { space: within('2027-02-01T00:00:00Z', '2027-05-01T00:00:00Z') })).toBe(false)
    expect(imply(retention('P1M'), retention('P30D'))).toBe(false)
    expect(imply(retention('P31D'), retention('P1M'))).toBe(false)
    expect(imply(retention('P4W'), retention('P1M'))).toBe(true)
  })

  it('compares by months and days alone where the policy is in force for decades', () => {
    const space = within('2026-01-01T00:00:00Z', '2066-01-01T00:00:00Z')
    expect(imply(retention('P1Y'), retention('P13M'), { space })).toBe(true)
    expect(imply(retention('P1D'), retention('P1Y'), { space })).toBe(false)
    expect(imply(retention('P1D'), retention('P1Y1D'), { space })).toBe(true)
  })

  it('keeps a record the longer way', () => {
    const record = (keep: string): Obligation => ({ type: 'transfer-record', keep })
    expect(imply(record('P3Y'), record('P1Y'))).toBe(true)
    expect(imply(record('P1Y'), record('P3Y'))).toBe(false)
  })

  it('takes no list of purposes for the declared one', () => {
    expect(imply(limit('marketing'), limit('marketing', 'compliance.aml'))).toBe(true)
    expect(imply(limit('marketing', 'compliance.aml'), limit('marketing'))).toBe(false)
    expect(imply(limit(), limit())).toBe(true)
    expect(imply(limit(), limit('marketing'))).toBe(false)
    expect(imply(limit(), limit('marketing'), { purposes: ['marketing'] })).toBe(true)
    expect(imply(limit(), limit('marketing'), { purposes: ['marketing', 'compliance.aml'] })).toBe(false)
    expect(imply(limit('marketing'), limit(), { purposes: ['marketing'] })).toBe(true)
    expect(imply(limit('marketing'), limit(), { purposes: ['compliance.aml'] })).toBe(false)
    expect(imply(limit('marketing'), limit(), { purposes: ['marketing', 'compliance.aml'] })).toBe(false)
  })

  it('compares onward sets with the members of groups at each time', () => {
    expect(imply(onward('none'), onward([]))).toBe(true)
    expect(imply(onward([{ group: 'EU' }]), onward([{ group: 'EEA' }]))).toBe(true)
    expect(imply(onward([{ group: 'EEA' }]), onward([{ group: 'EU' }]))).toBe(false)
    expect(imply(onward(['FR' as never]), onward({ group: 'EU' }))).toBe(true)
    // Great Britain left the Union within this time.
    const left = within('2019-06-01T00:00:00Z', '2020-06-01T00:00:00Z')
    expect(imply(onward(['GB' as never]), onward({ group: 'EU' }), { space: left })).toBe(false)
    expect(imply(onward(['GB' as never]), onward({ group: 'EU' }), { space: within('2019-06-01T00:00:00Z', '2019-12-01T00:00:00Z') })).toBe(true)
  })

  it('lets nothing more be passed on after a consent', () => {
    expect(imply(onward('none'), onward('none', 'consent'))).toBe(true)
    expect(imply(onward('none', 'consent'), onward('none'))).toBe(false)
    expect(imply(onward('none', 'consent'), onward('none', 'new-decision'))).toBe(false)
  })

  it('tells of a breach sooner and believes a status for a shorter time', () => {
    expect(imply({ type: 'breach-notice', withinHours: 24 }, { type: 'breach-notice', withinHours: 72 })).toBe(true)
    expect(imply({ type: 'breach-notice', withinHours: 72 }, { type: 'breach-notice', withinHours: 24 })).toBe(false)
    expect(imply({ type: 'status-age', withinSeconds: 60 }, { type: 'status-age', withinSeconds: 120 })).toBe(true)
    expect(imply({ type: 'status-age', withinSeconds: 120 }, { type: 'status-age', withinSeconds: 60 })).toBe(false)
  })

  it('knows a consent by whose it is, and rules by their name', () => {
    expect(imply({ type: 'consent', of: 'subject' }, { type: 'consent', of: 'subject' })).toBe(true)
    expect(imply({ type: 'consent', of: 'operator' }, { type: 'consent', of: 'subject' })).toBe(false)
    expect(imply({ type: 'supplementary-rules', set: 'eu-jp-2019' }, { type: 'supplementary-rules', set: 'other' })).toBe(false)
    expect(imply({ type: 'consent', of: 'subject' }, retention('P1Y'))).toBe(false)
  })
})
