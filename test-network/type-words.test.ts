import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rdfcCanonicaliser } from '#node/adapters/rdfc.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import type { TypeVectors } from '#protocols/credential-types/credential-type.contract.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'

const canonicalise = rdfcCanonicaliser()

function samplesOf(vct: string): TypeVectors {
  const path = new URL(`../protocols/credential-types/${vct.split(':')[3]}/vectors.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as TypeVectors // The contract of the type has read it.
}

describe.for([...credentialTypes.values()])('$name', ({ name, vct, context, groups }) => {
  test('is a word of the policy vocabulary, and so is each of its categories', () => {
    expect(shippedPacks.terms.credential.has(name)).toBe(true)
    expect(groups.filter(({ category }) => !shippedPacks.terms.category.has(category))).toEqual([])
  })

  test('has a name in English and Japanese for each group', () => {
    for (const { label } of groups) {
      expect(label.en).toMatch(/^[A-Z][ -~]+$/)
      expect(label.ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/)
    }
  })

  test('has samples over whose RDF a proof can be made', async () => {
    for (const { subject } of samplesOf(vct).good) {
      const credential = {
        '@context': ['https://www.w3.org/ns/credentials/v2', context],
        id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33',
        type: ['VerifiableCredential', name],
        issuer: 'did:web:issuer.example',
        credentialSubject: { id: 'did:web:subject.example', ...(subject as object) },
      }
      expect(await canonicalise(credential as Parameters<typeof canonicalise>[0])).toContain('did:web:subject.example')
    }
  })
})
