import { expect, test } from 'vitest'
import { digestOf } from '../../canonical.ts'
import type { TrustError } from '../../errors.ts'
import { disclosuresOf, publishedSchema, readSubject } from '../credential-type.ts'
import { credentialTypeNamed, credentialTypeOfVct, credentialTypes } from '../known-types.ts'
import schemaJson from './schema.json' with { type: 'json' }
import { BusinessRegistration, type BusinessRegistrationPart } from './schema.ts'
import { businessRegistration } from './type.ts'
import vectors from './vectors.json' with { type: 'json' }

const [small, full] = vectors.good.map(({ subject }): unknown => subject)

/** Any object of a schema or context. */
interface Node {
  readonly [name: string]: Node | undefined
}

function failure(act: () => unknown): { code: string; path: unknown } {
  try {
    act()
  } catch (thrown) {
    const { code, facts } = thrown as TrustError
    return { code, path: facts.path }
  }
  return { code: 'nothing was thrown', path: '' }
}

test.for(vectors.good)('good vector: $name', ({ subject }) => {
  expect(readSubject(businessRegistration, subject, 'all')).toEqual(subject)
})

test.for(vectors.bad)('bad vector: $name', ({ subject, code, path }) => {
  expect(failure(() => readSubject(businessRegistration, subject, 'all'))).toEqual({ code, path })
})

test('the published schema is the one the code enforces', () => {
  expect(schemaJson).toEqual(publishedSchema(BusinessRegistration))
})

test('every object of the published schema is closed, but for the values of the extension', () => {
  const open: string[] = []
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return
    const schema = node as Record<string, unknown>
    if (schema.type === 'object' && schema.additionalProperties !== false) open.push(path)
    for (const [name, member] of Object.entries(schema)) walk(member, `${path}/${name}`)
  }
  walk(schemaJson, '')
  expect(open).toEqual(['/properties/extension/properties/values'])
})

test('context and schema are named by their digests, so a changed one has another name', () => {
  expect(businessRegistration.context).toBe(`urn:dfft:context:business-registration:${digestOf(businessRegistration.contextDocument)}`)
  expect(businessRegistration.schemaId).toBe(`urn:dfft:schema:business-registration:${digestOf(businessRegistration.jsonSchema)}`)
  // Credentials in circulation carry these names. A change here is a new version of the type, with the old one kept.
  expect(businessRegistration.context).toBe('urn:dfft:context:business-registration:sha256:4ce7964878ed50dc4356af2bdb7d0880373306f847a2997c69107b5884ab7344')
  expect(businessRegistration.schemaId).toBe('urn:dfft:schema:business-registration:sha256:91c52f5a23ad7c6804805d7c3bdff5b4a192a5bc364be08e45b5f0f8533db7d3')
})

test('the context defines every member at every depth, protected', () => {
  const missing: string[] = []
  const walk = (schema: Node | undefined, context: Node | undefined, path: string) => {
    for (const [name, member] of Object.entries(schema?.properties ?? {})) {
      const term = context?.[name]
      const inner = member?.items ?? member
      if (term === undefined) missing.push(`${path}/${name}`)
      if (String(term?.['@type']) === '@json') continue
      for (const alternative of Object.values(inner?.oneOf ?? { inner })) {
        if (alternative?.properties && String(term?.['@context']?.['@protected']) !== 'true') missing.push(`${path}/${name} is not protected`)
        walk(alternative, term?.['@context'], `${path}/${name}`)
      }
    }
  }
  walk(schemaJson as unknown as Node, (businessRegistration.contextDocument as unknown as Node)['@context'], '')
  expect(missing).toEqual([])
})

// VCDM 2.0 defines the first inside VerifiableCredential, protected: a term of ours with such a name would end JSON-LD processing.
// The others are claims of the token itself (SD-JWT VC, 2.2.2.2; RFC 7519, 4.1), beside which the subject's members stand.
test('no member collides with a name that VCDM 2.0 or an SD-JWT VC has taken', () => {
  const vcdm = 'id type name description issuer evidence proof validFrom validUntil credentialStatus credentialSchema credentialSubject'
  const vcdmOptional = 'termsOfUse refreshService relatedResource renderMethod confidenceMethod mediaType digestSRI digestMultibase'
  const token = 'iss sub aud exp nbf iat jti cnf vct vct#integrity status _sd _sd_alg ...'
  const taken = `${vcdm} ${vcdmOptional} ${token}`.split(' ')
  const members = Object.keys(schemaJson.properties)
  const terms = Object.keys((businessRegistration.contextDocument as unknown as Node)['@context'] ?? {})
  expect([...members, ...terms].filter((name) => taken.includes(name))).toEqual([])
})

test('each top-level member has exactly one category', () => {
  const paths = businessRegistration.groups.map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths.toSorted()).toEqual(
    Object.keys(schemaJson.properties)
      .map((name) => `/${name}`)
      .toSorted(),
  )
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

test('every disclosure names a value of the subject, a parent before its children, and every member is one', () => {
  const pointers = businessRegistration.disclosable(full as BusinessRegistration)
  const valueAt = (pointer: string) =>
    pointer
      .slice(1)
      .split('/')
      .reduce((value, name) => (value as Record<string, unknown>)[name], full as unknown)
  expect(pointers.filter((pointer) => valueAt(pointer) === undefined)).toEqual([])
  expect(new Set(pointers).size).toBe(pointers.length)
  expect(pointers.filter((pointer) => !/\/.*\//.test(pointer)).toSorted()).toEqual(businessRegistration.groups.map(({ path }) => path).toSorted())
  for (const [at, pointer] of pointers.entries()) {
    const parent = pointer.slice(0, pointer.lastIndexOf('/'))
    if (pointers.includes(parent)) expect(pointers.indexOf(parent)).toBeLessThan(at)
  }
  expect(pointers).toContain('/representatives/0/name')
  expect(pointers).toContain('/registrations/1')
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

/** What is left when one disclosure, with all under it, is withheld, as RFC 9901, 7.1 rebuilds it. */
function withhold(subject: unknown, pointer: string): unknown {
  const left = structuredClone(subject)
  const names = pointer.slice(1).split('/')
  const last = names.pop()!
  const parent = names.reduce((value, name) => (value as Record<string, unknown>)[name], left as unknown)
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete (parent as Record<string, unknown>)[last]
  return left
}

test('whatever single disclosure is withheld, the rest is a partial subject', () => {
  for (const pointer of businessRegistration.disclosable(full as BusinessRegistration)) {
    const left = withhold(full, pointer)
    expect(readSubject(businessRegistration, left, 'part'), pointer).toEqual(left)
  }
})

test('with every disclosure withheld, nothing but the type is left, and it fits', () => {
  const left = businessRegistration
    .disclosable(full as BusinessRegistration)
    .toReversed()
    .reduce<unknown>(withhold, full)
  expect(readSubject(businessRegistration, left, 'part')).toEqual({})
})

test('a partial subject is still closed and its identifiers are still checked', () => {
  expect(failure(() => readSubject(businessRegistration, { owner: 'x' }, 'part'))).toEqual({ code: 'DFFT_CREDENTIAL_SCHEMA', path: '/' })
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
