import { expect, test } from 'vitest'
import { credentialTypeContract, type TypeVectors } from '../credential-type.contract.ts'
import type { PowerOfAttorney } from './schema.ts'
import { powerOfAttorney } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(powerOfAttorney, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(powerOfAttorney.context).toBe('urn:dfft:context:power-of-attorney:sha256:5d2967fb8e59cb4022d4ae272200fc637318891091c0bde6c958a9fad92e90e4')
  expect(powerOfAttorney.schemaId).toBe('urn:dfft:schema:power-of-attorney:sha256:0b2224712fc173d2a5c6433efefeda3c5567877a41d34c378c08682e959bf444')
})

const [small, full] = vectors.good.map(({ subject }) => subject as PowerOfAttorney)

test('an agent shows the power it uses, and no other', () => {
  expect(powerOfAttorney.disclosable(full!)).toEqual(expect.arrayContaining(['/powers/0', '/powers/1', '/attachments/0']))
  expect(powerOfAttorney.categoryOf('/powers/1/limits/amount')).toBe('mandate.powers')
  expect(powerOfAttorney.categoryOf('/grantee/name/0/value')).toBe('mandate.grantee')
})

test('a title says who acts for whom, as far as it is shown', () => {
  expect(powerOfAttorney.title(small)).toBe('経済産業省 → Mia Weber')
  expect(powerOfAttorney.title({ grantee: full!.grantee })).toBe('… → Muster GmbH')
  expect(powerOfAttorney.title({ powers: 7 })).toBe('PowerOfAttorneyCredential')
})
