import { expect, test } from 'vitest'
import { credentialTypeContract, failure, type TypeVectors } from '../credential-type.contract.ts'
import { disclosuresOf, readSubject } from '../credential-type.ts'
import { credentialTypeNamed, credentialTypeOfVct, credentialTypes } from '../known-types.ts'
import type { BusinessRegistration, BusinessRegistrationPart } from './schema.ts'
import { businessRegistration } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(businessRegistration, vectors as TypeVectors)

const [small, full] = vectors.good.map(({ subject }): unknown => subject)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(businessRegistration.context).toBe('urn:dfft:context:business-registration:sha256:00eda424d6d78949e9f6a69c16e0a3b2c5c6eeb73602147000adbd8c4ae00e3d')
  expect(businessRegistration.schemaId).toBe('urn:dfft:schema:business-registration:sha256:3fac66fcbd082c9faf590e608aaf590980ef2789133be1a938443ed131cc8d58')
})

test('a pointer has the category of its top-level member', () => {
  expect(businessRegistration.categoryOf('/representatives/0/name')).toBe('registration.representative')
  expect(businessRegistration.categoryOf('/representatives/3/authority/n')).toBe('registration.representative')
  expect(businessRegistration.categoryOf('/registeredAddress/jp/machiazaId')).toBe('registration.address')
  expect(businessRegistration.categoryOf('/extension/values/anything')).toBe('registration')
})

test.for([
  '/owner',
  '/legalName/0/nickname',
  '/legalName/-',
  '/legalName/00',
  '/lei/0',
  '/constructor',
  '/legalStatus/__proto__',
  '/legalName/items',
])('a pointer the type does not have is refused: %s', (pointer) => {
  expect(failure(() => businessRegistration.categoryOf(pointer))).toEqual({ code: 'DFFT_SCHEMA', path: pointer })
})

test('a member that is absent is no disclosure', () => {
  expect(businessRegistration.disclosable(small as BusinessRegistration)).toEqual([
    '/legalName',
    '/registrations',
    '/registrations/0',
    '/jurisdiction',
    '/legalStatus',
    '/sourceRecord',
  ])
})

test('a claim is shown by the disclosures at and under it, and a finer one by the disclosure it is part of', () => {
  const all = businessRegistration.disclosable(full as BusinessRegistration)
  expect(disclosuresOf(all, ['/taxIds'])).toEqual(['/taxIds', '/taxIds/0', '/taxIds/1'])
  expect(disclosuresOf(all, ['/representatives/1', '/lei'])).toEqual(['/lei', '/representatives/1', '/representatives/1/name', '/representatives/1/authority'])
  expect(disclosuresOf(all, ['/registeredAddress/jp/machiazaId'])).toEqual(['/registeredAddress/jp'])
  expect(disclosuresOf(all, ['/legalName/0/value'])).toEqual(['/legalName'])
  expect(disclosuresOf(all, ['/lei', '/lei'])).toEqual(['/lei'])
  expect(disclosuresOf(all, ['/le', '/taxIds/7/value'])).toEqual(['/taxIds'])
})

test('the identifiers of a partial subject are still checked', () => {
  expect(failure(() => readSubject(businessRegistration, { lei: '5967007LIEEXXZ850W58' }, 'part'))).toEqual({ code: 'DFFT_IDENTIFIER', path: '/lei' })
  expect(failure(() => readSubject(businessRegistration, { representatives: [{ name: 'x' }] }, 'part'))).toEqual({
    code: 'DFFT_CREDENTIAL_SCHEMA',
    path: '/representatives/0/kind',
  })
})

test('a title shows name and number as far as they are disclosed', () => {
  expect(businessRegistration.title(small)).toBe('経済産業省 (4000012090001)')
  const part: BusinessRegistrationPart = { jurisdiction: 'JP' }
  expect(businessRegistration.title(part)).toBe('BusinessRegistrationCredential')
  expect(businessRegistration.title({ legalName: 7 })).toBe('BusinessRegistrationCredential')
})

test('a type is found by its name and by its vct, and no other is', () => {
  expect([...credentialTypes.keys()]).toContain('BusinessRegistrationCredential')
  expect(credentialTypeNamed('BusinessRegistrationCredential')).toBe(credentialTypeOfVct('urn:dfft:credential-type:business-registration:1'))
  expect(failure(() => credentialTypeNamed('toString')).code).toBe('DFFT_CREDENTIAL_TYPE')
  expect(failure(() => credentialTypeOfVct('BusinessRegistrationCredential')).code).toBe('DFFT_CREDENTIAL_TYPE')
})
