import { expect, test } from 'vitest'
import { credentialTypeContract, type TypeVectors } from '../credential-type.contract.ts'
import { despatch } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(despatch, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(despatch.context).toBe('urn:dfft:context:despatch:sha256:a2b03c384bbe486ec0034cb8be297bcf92f92e07039d9b4750e6b4bb2798e8c2')
  expect(despatch.schemaId).toBe('urn:dfft:schema:despatch:sha256:672bf7f933692164b1e6b7d8ac1e6509c41f3f79d574329119e296e560463de6')
})

test('a title says what it is about, as far as it is shown', () => {
  expect(despatch.title(vectors.good[1]?.subject)).toBe('DA-1 – 見本商事株式会社')
  expect(despatch.title({ despatchNumber: 'DA-1' })).toBe('DA-1')
  expect(despatch.title({ despatchNumber: 7 })).toBe('DespatchCredential')
})
