import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#protocols/json.ts'
import { policy } from '../decide-arbitrary.fixture.ts'
import { shippedPacks } from '../packs/packs.ts'
import { parsePolicy } from '../parse-policy.ts'
import { policyDigest, type TrustPolicy } from '../policy.ts'
import { readPolicy } from '../read-policy.ts'
import { exportOdrl } from './export.ts'
import { importOdrl } from './import.ts'
import { wholePolicy } from './whole-policy.fixture.ts'

const packs = shippedPacks

function there(document: TrustPolicy): unknown {
  return parseJson(JSON.stringify(exportOdrl(document, packs)))
}

function expectSame(document: TrustPolicy): void {
  const { documents } = importOdrl(there(document), { packs })
  expect(documents).toEqual([document])
  expect(documents.map(policyDigest)).toEqual([policyDigest(document)])
}

function digestsOf(odrl: unknown): unknown {
  try {
    return importOdrl(parseJson(JSON.stringify(odrl)), { packs }).documents.map(policyDigest)
  } catch (error) {
    return error
  }
}

describe('a policy that is written as ODRL and read back', () => {
  it('is the same document with the same digest, for random policies', () => {
    fc.assert(fc.property(policy('JP'), expectSame), { numRuns: 100 })
  })

  it('is the same document with every member of the language, empty ones too', () => {
    fc.assert(
      fc.property(wholePolicy, (document) => {
        expect(readPolicy(document, packs)).toEqual(document)
        expectSame(document)
      }),
      { numRuns: 200 },
    )
  })

  it('is another document when a member of the ODRL is taken away, or none', () => {
    const removable = (document: TrustPolicy) => {
      const { permission = [], prohibition = [], obligation = [] } = exportOdrl(document, packs) as Record<string, Record<string, unknown>[]>
      return [...permission, ...prohibition, ...obligation]
    }
    fc.assert(
      fc.property(wholePolicy, fc.nat(), fc.nat(), (document, which, member) => {
        const odrl = exportOdrl(document, packs)
        const rules = removable(document)
        const rule = rules[which % Math.max(1, rules.length)] ?? {}
        const name = Object.keys(rule)[member % Math.max(1, Object.keys(rule).length)] ?? ''
        // A target of every claim says no more than none, and without a name of its own a rule gets another.
        const bare = name === 'target' && !('refinement' in (rule.target as object))
        if (rules.length === 0 || bare) return
        const without = (list: unknown) =>
          Array.isArray(list) ? list.map((one) => (one.uid === rule.uid ? Object.fromEntries(Object.entries(one).filter(([key]) => key !== name)) : one)) : list
        const cut = Object.fromEntries(Object.entries(odrl).map(([key, value]) => [key, without(value)]))
        expect(digestsOf(cut)).not.toEqual([policyDigest(document)])
      }),
      { numRuns: 100 },
    )
  })

  it('is the same document for each reference policy', () => {
    const folder = new URL('../packs/reference/', import.meta.url)
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) expectSame(parsePolicy(readFileSync(new URL(file, folder), 'utf8'), file) as TrustPolicy)
  })
})
