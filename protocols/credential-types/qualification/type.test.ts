import { expect, test } from 'vitest'
import { credentialTypeContract, failure, type TypeVectors } from '../credential-type.contract.ts'
import { credentialTypeNamed, credentialTypeOfVct } from '../known-types.ts'
import type { Qualification } from './schema.ts'
import { qualification } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(qualification, vectors as TypeVectors)

const [small, full] = vectors.good.map(({ subject }) => subject as Qualification)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(qualification.context).toBe('urn:dfft:context:qualification:sha256:fda0da83bc8c21e63560c6b1556f988f37e08897a58624ab9560412d214639a8')
  expect(qualification.schemaId).toBe('urn:dfft:schema:qualification:sha256:6cc3bc4159f951b0371f3bb584c5d4bc41ee33613e9dca0356a75e8ead79aa4c')
})

test('it is about a person, whom nothing but the claims names', () => {
  expect(credentialTypeNamed('QualificationCredential').about).toBe('person')
  expect(credentialTypeNamed('BusinessRegistrationCredential').about).toBe('organisation')
  expect(credentialTypeOfVct(qualification.vct)).toBe(qualification)
})

test('a pointer has the category of its top-level member', () => {
  expect(qualification.categoryOf('/recognition/1/outcome')).toBe('qualification.recognition')
  expect(qualification.categoryOf('/birthDate')).toBe('personal.birth')
  expect(failure(() => qualification.categoryOf('/recognition/-'))).toEqual({ code: 'DFFT_SCHEMA', path: '/recognition/-' })
})

test('occupations, restrictions, recognitions and attachments are shown one by one', () => {
  const pointers = qualification.disclosable(full!)
  expect(pointers).toEqual(expect.arrayContaining(['/occupation/0', '/restrictions/0', '/recognition/1']))
  expect(pointers).toHaveLength(qualification.groups.length + 6)
})

test('a title shows qualification and person as far as they are disclosed', () => {
  expect(qualification.title(small)).toBe('Bachelor of Science – Mia Weber')
  expect(qualification.title({ qualificationName: full!.qualificationName })).toBe('看護師')
  expect(qualification.title({ kind: 7 })).toBe('QualificationCredential')
})
