import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '#protocols/json.ts'
import { policy } from '../decide-arbitrary.fixture.ts'
import { shippedPacks } from '../packs/packs.ts'
import { parsePolicy } from '../parse-policy.ts'
import { policyDigest, type TrustPolicy } from '../policy.ts'
import { exportOdrl } from './export.ts'
import { importOdrl } from './import.ts'

const packs = shippedPacks

function there(document: TrustPolicy): unknown {
  return parseJson(JSON.stringify(exportOdrl(document, packs)))
}

function expectSame(document: TrustPolicy): void {
  const { documents } = importOdrl(there(document), { packs })
  expect(documents).toEqual([document])
  expect(documents.map(policyDigest)).toEqual([policyDigest(document)])
}

describe('a policy that is written as ODRL and read back', () => {
  it('is the same document with the same digest, for random policies', () => {
    fc.assert(fc.property(policy('JP'), expectSame), { numRuns: 300 })
  })

  it('is the same document for each reference policy', () => {
    const folder = new URL('../packs/reference/', import.meta.url)
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) expectSame(parsePolicy(readFileSync(new URL(file, folder), 'utf8'), file) as TrustPolicy)
  })
})
