import { describe, expect, it } from 'vitest'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { decide } from './decide.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { type PolicyDocument, policyDigest, type TrustPolicy } from './policy.ts'
import { PolicySet } from './policy-set.ts'
import { ask, policyOf, suspensionOf } from './question.fixture.ts'

const permit = (direction: 'export' | 'import', id: string) => ({ id, effect: 'permit', direction, match: {} }) as const
const jp = policyOf('JP', permit('export', 'jp.e'), permit('import', 'jp.i'))
const de = policyOf('DE', permit('export', 'de.e'), permit('import', 'de.i'))
const eu = policyOf('EU', permit('import', 'eu.i'))
const serial = (policy: TrustPolicy, number: number, validFrom = policy.metadata.validFrom): TrustPolicy => ({
  ...policy,
  metadata: { ...policy.metadata, serial: number, validFrom },
})
const setOf = (...documents: readonly PolicyDocument[]) =>
  new PolicySet(
    documents.map((document, index) => ({ file: `${index}.yaml`, document })),
    packs,
  )
const decided = (set: PolicySet, asked = ask(), named = {}) => {
  const sides = set.sidesOf(asked, named)
  return decide(sides.export, sides.import, asked)
}
const serials = (half: { policies: readonly { jurisdiction: string; serial: number }[] }) => half.policies.map((one) => `${one.jurisdiction} ${one.serial}`)

describe('a set of policies', () => {
  it('takes the exporter’s side from the fact `from` and the importer’s from `to`, a union before its member', () => {
    const { verdict, export: exporting, import: importing } = decided(setOf(de, eu, jp))
    expect([verdict, serials(exporting), serials(importing)]).toEqual(['permit', ['JP 1'], ['EU 1', 'DE 1']])
  })
  it('has no policy for a place that is unknown, or claimed by somebody who cannot vouch for it', () => {
    for (const from of [null, 'XX', 'FR', { value: 'JP', origin: 'requester' } as const])
      expect(decided(setOf(de, jp), ask({ facts: { from } })).export.code).toBe('NO_POLICY')
  })
  it('takes of several serials the newest that has begun', () => {
    const set = setOf(serial(jp, 3, '2026-12-01T00:00:00Z' as never), jp, serial(jp, 2), de)
    const at = (instant: string) => serials(decided(set, ask({ at: instant as never })).export)
    expect([at('2026-11-21T00:00:00Z'), at('2026-12-01T00:00:00Z')]).toEqual([['JP 2'], ['JP 3']])
    expect(decided(set, ask({ at: '2020-01-01T00:00:00Z' as never })).export).toMatchObject({ code: 'POLICY_NOT_IN_FORCE', policies: [{ serial: 3 }] })
  })
  it('refuses two documents of one serial that differ, naming both files, and takes one document twice', () => {
    const other = { ...jp, rules: [] }
    expect(() => setOf(de, jp, other)).toThrow(
      expect.objectContaining({ code: 'DFFT_POLICY_SERIAL', facts: { jurisdiction: 'JP', serial: 1, file: '1.yaml', other: '2.yaml' } }),
    )
    expect(setOf(jp, jp, { ...jp, proof: { type: 'DataIntegrityProof' } }).policies).toHaveLength(1)
  })
  it('counts every suspension of a side, and none of another', () => {
    const set = setOf(jp, de, suspensionOf({}))
    expect(decided(set).export.code).toBe('SUSPENDED')
    expect(decided(set, ask({ facts: { from: 'DE', to: 'DE' } })).verdict).toBe('permit')
    expect(decided(set, ask(), { export: ['JP'] }).export.code).toBe('SUSPENDED')
  })
  it('takes sides that are named, by jurisdiction or by exactly the document', () => {
    const set = setOf(jp, serial(jp, 2), de, eu)
    const asked = ask({ facts: { from: null, to: null } })
    const exporting = [policyDigest(jp)]
    expect(serials(decided(set, asked, { export: exporting, import: ['DE' as Jurisdiction] }).export)).toEqual(['JP 1'])
    expect(serials(decided(set, asked, { export: exporting, import: ['DE' as Jurisdiction] }).import)).toEqual(['DE 1'])
    expect(serials(decided(set, asked, { import: [] }).import)).toEqual([])
    expect(() => decided(set, asked, { export: [`sha256:${'0'.repeat(64)}` as Digest] })).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_MISSING' }))
    expect(() => decided(set, asked, { export: ['JP', 'JP'] as Jurisdiction[] })).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }))
  })
  it('takes the sides of earlier exporters too, and an empty one for whom it has no policy', () => {
    const transfer = (jurisdiction: string) => ({ jurisdiction: jurisdiction as Jurisdiction, agreement: policyDigest(jp), obligations: [] })
    const { origins } = setOf(jp, de).sidesOf({ ...ask(), onward: [transfer('DE'), transfer('FR')] })
    expect(origins?.map(({ policies }) => policies.map(({ jurisdiction }) => jurisdiction))).toEqual([['DE'], []])
  })
  it('makes each side once', () => {
    const set = setOf(jp, de)
    expect(set.sidesOf(ask()).export).toBe(set.sidesOf(ask({ data: { '/b': 'invoice' } })).export)
    expect(set.side(['JP' as Jurisdiction], ask().at)).toBe(set.side(['JP' as Jurisdiction], ask().at))
  })
})
