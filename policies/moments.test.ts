import { describe, expect, it } from 'vitest'
import { Moments } from './moments.ts'
import type { PlaceTables } from './place-tables.ts'
import { policyOf, suspensionOf } from './question.fixture.ts'

const changes = ['2026-10-01', '2026-11-01', '2026-12-01', '2027-01-01', '2027-02-01'].map((day) => `${day}T00:00:00Z`)

/** In force from September 2026 for a year, suspended in November from the 20th to the 23rd. */
function made() {
  const places: string[] = []
  const placesAt = (at: string) => {
    places.push(at)
    return { at } as unknown as PlaceTables // Nobody looks into it here.
  }
  return { moments: new Moments({ policies: [policyOf('JP')], suspensions: [suspensionOf({})], changes, placesAt }), places }
}

describe('the moments of a side', () => {
  it('last until anything changes: all instants between have one, made once', () => {
    const { moments } = made()
    for (const [one, other] of [
      ['2020-01-01T00:00:00Z', '2026-08-31T23:59:59Z'],
      ['2026-10-01T00:00:01Z', '2026-10-01T00:00:00Z'],
      ['2026-11-20T00:00:00Z', '2026-11-22T23:59:59Z'],
      ['2027-09-01T00:00:00Z', '2099-01-01T00:00:00Z'],
    ] as const) {
      const moment = moments.at(one)
      expect(moments.at(one)).toBe(moment)
      expect(moments.at(other), other).toBe(moment)
    }
  })
  it('tell whether the policies are in force, and what is suspended', () => {
    const { moments } = made()
    const at = (instant: string) => [moments.at(instant).places !== undefined, moments.at(instant).suspensions.length]
    expect(at('2026-08-31T23:59:59Z')).toEqual([false, 0])
    expect(at('2026-09-01T00:00:00Z')).toEqual([true, 0])
    expect(at('2026-11-20T00:00:00Z')).toEqual([true, 1])
    expect(at('2026-11-23T00:00:00Z')).toEqual([true, 0])
    expect(at('2027-09-01T00:00:00Z')).toEqual([false, 0])
  })
  it('work out what the places mean once between two changes of the law, four times over, and then anew', () => {
    const { moments, places } = made()
    const days = ['2026-09-15', '2026-10-15', '2026-11-15', '2026-12-15'].map((day) => `${day}T00:00:00Z`)
    const first = days.map((day) => moments.at(day).places)
    expect(places).toEqual(['2026-09-01T00:00:00Z', ...changes.slice(0, 3)])
    expect(days.map((day) => moments.at(day).places)).toEqual(first)
    expect(moments.at('2026-11-21T00:00:00Z').places).toBe(first[2])
    expect(places).toHaveLength(4)
    moments.at('2027-01-15T00:00:00Z')
    expect(places).toHaveLength(5)
    moments.at(days[0] as string)
    expect(places).toHaveLength(6)
    moments.at('2027-01-15T00:00:00Z')
    expect(places).toHaveLength(6)
  })
})
