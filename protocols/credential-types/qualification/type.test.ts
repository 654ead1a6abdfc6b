import { expect, test } from 'vitest'
import { credentialTypeContract, failure, type TypeVectors } from '../credential-type.contract.ts'
import { credentialTypeNamed, credentialTypeOfVct } from '../known-types.ts'
import type { Qualification } from './schema.ts'
import { qualification } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

credentialTypeContract(qualification, vectors as TypeVectors)

const [small, full] = vectors.good.map(({ subject }) => subject as Qualification)

test('credentials in circulation carry these names: a change here is a new version of the type, with the old one kept', () => {
  expect(qualification.context).toBe('urn:dfft:context:qualification:sha256:3ebce0c329d605606a107fc70b83c3a30c5a263b9b13de1b575611c3bf8e8a07')
  expect(qualification.schemaId).toBe('urn:dfft:schema:qualification:sha256:944e10d7441d0665dbc44e3718d68bd74bbaa9bbcc9a09f4284a35de2202b22b')
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

test('occupations, restrictions and recognitions are shown one by one', () => {
  const pointers = qualification.disclosable(full!)
  expect(pointers).toEqual(expect.arrayContaining(['/occupation/0', '/restrictions/0', '/recognition/1']))
  expect(pointers).toHaveLength(qualification.groups.length + 4)
})

test('a title shows qualification and person as far as they are disclosed', () => {
  expect(qualification.title(small)).toBe('Bachelor of Science – Mia Weber')
  expect(qualification.title({ qualificationName: full!.qualificationName })).toBe('看護師')
  expect(qualification.title({ kind: 7 })).toBe('QualificationCredential')
})
