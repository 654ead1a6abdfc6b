import { expect, test } from 'vitest'
import { credentialTypeContract, type TypeVectors } from '../credential-type.contract.ts'
import { certificateOfOrigin } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(certificateOfOrigin, vectors as TypeVectors)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(certificateOfOrigin.context).toBe('urn:dfft:context:certificate-of-origin:sha256:fceab873531448d98651bc98ca254f03bb74c2429d5a78246ca020b75574f18c')
  expect(certificateOfOrigin.schemaId).toBe('urn:dfft:schema:certificate-of-origin:sha256:7f88c836023c7d59cdec3abc90ba7c0cd5478f59b25401184851bf6a47a69a02')
})

test('a title says what it is about, as far as it is shown', () => {
  expect(certificateOfOrigin.title(vectors.good[1]?.subject)).toBe('CO-1 – JP')
  expect(certificateOfOrigin.title({ certificateNumber: 'CO-1' })).toBe('CO-1')
  expect(certificateOfOrigin.title({ certificateNumber: 7 })).toBe('CertificateOfOriginCredential')
})
