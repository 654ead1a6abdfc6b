import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { JsonObject } from './jws.ts'
import { timestampMs } from './timestamp.ts'
import { checkCredential, checkPresentation, contextV2, validityOf } from './vcdm.ts'

const credential: JsonObject = {
  '@context': [contextV2],
  type: ['VerifiableCredential', 'BusinessRegistrationCredential'],
  issuer: 'did:web:agency.example',
  credentialSubject: { id: 'did:key:z6Mk', legalName: 'Sample KK' },
}
const presentation: JsonObject = { '@context': [contextV2], type: 'VerifiablePresentation', verifiableCredential: [credential] }

const codeFor = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return 'accepted'
}
const verdict = (change: JsonObject) => codeFor(() => checkCredential({ ...credential, ...change }))
const without = (name: string) => Object.fromEntries(Object.entries(credential).filter(([member]) => member !== name))

describe('a credential', () => {
  test('is given back itself, further members and all', () => {
    const more = { ...credential, extension: { any: [1] } }
    expect(checkCredential(more)).toBe(more)
  })

  test.each(['@context', 'type', 'issuer', 'credentialSubject'])('without `%s` is refused', (name) => {
    expect(codeFor(() => checkCredential(without(name)))).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test.each<[string, JsonObject]>([
    ['a context that begins with another', { '@context': ['https://example.org/v1', contextV2] }],
    ['the context of version 1.1', { '@context': ['https://www.w3.org/2018/credentials/v1'] }],
    ['a context that is text', { '@context': contextV2 }],
    ['a number among its contexts', { '@context': [contextV2, 5] }],
    ['a relative context', { '@context': [contextV2, 'v1'] }],
    ['another type only', { type: ['BusinessRegistrationCredential'] }],
    ['an empty type', { type: [] }],
    ['a type with a space', { type: ['VerifiableCredential', 'a b'] }],
    ['an id that is no URL', { id: 'not a url' }],
    ['two ids', { id: ['urn:a:1', 'urn:a:2'] }],
    ['an issuer that is no URL', { issuer: 'agency' }],
    ['an issuer without id', { issuer: { name: 'Agency' } }],
    ['an issuer that is null', { issuer: null }],
    ['an empty subject', { credentialSubject: {} }],
    ['no subjects', { credentialSubject: [] }],
    ['a subject that is text', { credentialSubject: 'did:key:z6Mk' }],
    ['a subject of two ids', { credentialSubject: { id: ['did:a:b', 'did:a:c'] } }],
    ['a beginning without zone', { validFrom: '2026-01-01T00:00:00' }],
    ['a beginning that is a number', { validFrom: 1 }],
    ['a beginning on 30 February', { validFrom: '2026-02-30T00:00:00Z' }],
    ['an end before its beginning', { validFrom: '2026-01-02T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' }],
    ['a status without type', { credentialStatus: { id: 'urn:a:1' } }],
    ['a status of two ids', { credentialStatus: { id: ['urn:a:1', 'urn:a:2'], type: 'X' } }],
    ['a schema without id', { credentialSchema: { type: 'JsonSchema' } }],
    ['a schema without type', { credentialSchema: { id: 'https://a.example/1' } }],
    ['evidence without type', { evidence: [{ id: 'urn:a:1' }] }],
    ['terms of use without type', { termsOfUse: {} }],
    ['a refresh service without type', { refreshService: { id: 'https://a.example' } }],
    ['a proof without type', { proof: {} }],
    ['a related resource without digest', { relatedResource: { id: 'https://a.example/1' } }],
    ['a related resource twice', { relatedResource: [0, 1].map(() => ({ id: 'https://a.example/1', digestSRI: 'sha256-x' })) }],
    ['a name with a member too many', { name: { '@value': 'x', url: 'y' } }],
    ['a description of no direction', { description: { '@value': 'x', '@direction': 'up' } }],
    ['an issuer’s name with a member too many', { issuer: { id: 'did:a:b', name: { '@value': 'x', url: 'y' } } }],
  ])('with %s is refused', (_, change) => {
    expect(verdict(change)).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test.each<[string, JsonObject]>([
    ['a type as text', { type: 'VerifiableCredential' }],
    ['an issuer with a name in two languages', { issuer: { id: 'did:a:b', name: [{ '@value': 'a', '@language': 'en' }, 'b'] } }],
    ['several subjects', { credentialSubject: [{ id: 'did:a:b' }, { name: 'x' }] }],
    ['a status without id', { credentialStatus: { type: 'X' } }],
    ['several schemas', { credentialSchema: [1, 2].map((n) => ({ id: `https://a.example/${n}`, type: 'JsonSchema' })) }],
    ['a related resource', { relatedResource: { id: 'https://a.example/1', digestSRI: 'sha256-x' } }],
    ['a validity in two zones', { validFrom: '2026-01-01T00:00:00+09:00', validUntil: '2026-01-01T00:00:00.5Z' }],
  ])('with %s is accepted', (_, change) => {
    expect(verdict(change)).toBe('accepted')
  })

  test('says when it holds, in milliseconds', () => {
    expect(validityOf(checkCredential({ ...credential, validFrom: '1970-01-01T09:00:01+09:00' }))).toEqual({ validFromMs: 1000, validUntilMs: null })
  })
})

describe('a status list entry', () => {
  const entry = { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '7', statusListCredential: 'https://a.example/list' }
  test('has a purpose, an index in decimal text and a list, in whichever member it stands', () => {
    expect(verdict({ credentialStatus: entry })).toBe('accepted')
    expect(verdict({ credentialStatus: [entry, { ...entry, statusPurpose: 'suspension' }] })).toBe('accepted')
    for (const change of [
      { statusListIndex: 7 },
      { statusListIndex: '07' },
      { statusPurpose: undefined },
      { statusListCredential: 'list' },
      { statusSize: 0 },
    ]) {
      expect(verdict({ credentialStatus: [entry, { ...entry, ...change }] as never })).toBe('DFFT_CREDENTIAL_SCHEMA')
      expect(verdict({ other: { ...entry, ...change } as never })).toBe('DFFT_CREDENTIAL_SCHEMA')
    }
  })
})

describe('a related resource that is known here', () => {
  const id = 'https://www.w3.org/ns/credentials/v2'
  // Of the published text, VCDM 2.0, B.1.
  const sha256 = Buffer.from('59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734', 'hex')
  const multihash = Buffer.concat([Uint8Array.of(0x12, 0x20), sha256])
  const sri = `sha256-${sha256.toString('base64')}`
  const judged = (resource: JsonObject) => verdict({ relatedResource: { id, ...resource } })

  test('has the digest of its text, in either form', () => {
    expect(judged({ digestSRI: sri })).toBe('accepted')
    expect(judged({ digestSRI: ['sha384-other', `${sri}?ct=json`] })).toBe('accepted')
    expect(judged({ digestMultibase: `u${multihash.toString('base64url')}` })).toBe('accepted')
    expect(judged({ digestMultibase: base58btc.encode(multihash), digestSRI: sri })).toBe('accepted')
  })

  test('is refused with any other', () => {
    expect(judged({ digestSRI: `sha256-${Buffer.alloc(32).toString('base64')}` })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(judged({ digestMultibase: `u${Buffer.alloc(32).toString('base64url')}` })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(judged({ digestMultibase: '!', digestSRI: sri })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(judged({ digestMultibase: `u${multihash.toString('base64url')}`, digestSRI: 'sha384-other' })).toBe('DFFT_CREDENTIAL_SCHEMA')
  })
})

describe('a context inside a credential', () => {
  const inside = (type: string, ...contexts: JsonObject[string][]) => verdict({ '@context': [contextV2, ...contexts], type: ['VerifiableCredential', type] })

  test('maps its terms to URLs', () => {
    expect(inside('T', { T: 'https://example.org/#T' })).toBe('accepted')
    expect(inside('T', { T: { '@id': 'ex:T' }, ex: 'https://example.org/#' })).toBe('accepted')
    expect(inside('T', { T: 'https ://example.org' })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { T: 5 })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { T: 'relative' })).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test('does not give a protected term another meaning', () => {
    const first = { '@protected': true, T: 'https://example.org/#T' }
    expect(inside('T', first, { T: 'https://example.org/#Other' })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', first, { T: 'https://example.org/#T' })).toBe('accepted')
    expect(inside('T', { T: { '@id': 'https://example.org/#T', '@protected': true } }, { T: 'https://example.org/#Other' })).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test('does not give a term of the base context another meaning', () => {
    expect(inside('T', { VerifiableCredential: 'https://example.org/#Other' })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { VerifiableCredential: null })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { name: { '@id': 'https://example.org/#name' } })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { id: 'https://example.org/#id' })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { sub: 'https://example.org/#sub' })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { VerifiableCredential: 'https://www.w3.org/2018/credentials#VerifiableCredential', id: '@id' })).toBe('accepted')
  })

  test('that takes the vocabulary away leaves no type unmapped', () => {
    expect(inside('T', { '@vocab': null })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(inside('T', { '@vocab': null, T: 'https://example.org/#T' })).toBe('accepted')
    expect(inside('https://example.org/#T', { '@vocab': null })).toBe('accepted')
    expect(inside('T', { '@vocab': null }, 'https://example.org/v1')).toBe('accepted')
  })
})

describe('a credential that is wide', () => {
  const many = (count: number, make: (at: number) => JsonObject[string]) => Array.from({ length: count }, (_, at) => make(at))

  test('is refused by its number of items, with nothing said of each', () => {
    const entry = (at: number) => ({
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: String(at),
      statusListCredential: 'https://a.example/1',
    })
    expect(verdict({ credentialStatus: many(256, entry) })).toBe('accepted')
    for (const change of [
      { credentialStatus: many(257, entry) },
      { credentialStatus: many(257, () => 1) },
      { '@context': [contextV2, ...many(256, () => 'https://a.example/v1')] },
      { type: ['VerifiableCredential', ...many(256, () => 'T')] },
      { name: many(257, () => ({ '@value': 'a', '@language': 'en' })) },
      { relatedResource: many(257, (at) => ({ id: `urn:${at}`, digestSRI: 'sha256-A' })) },
      { credentialSubject: many(257, () => ({ id: 'did:key:z' })) },
    ])
      expect(verdict(change), Object.keys(change)[0]).toBe('DFFT_LIMIT')
  })

  test('has at most 1,024 members at its top', () => {
    const more = (count: number) => Object.fromEntries(many(count, (at) => at).map((at) => [`m${at}`, at]))
    expect(verdict(more(1024 - Object.keys(credential).length))).toBe('accepted')
    expect(verdict(more(1025 - Object.keys(credential).length))).toBe('DFFT_LIMIT')
  })

  test('defines at most 1,024 terms in itself', () => {
    const terms = (from: number, to: number) =>
      Object.fromEntries(many(to - from, (at) => [`t${from + Number(at)}`, 'https://a.example/#t']) as [string, string][])
    expect(verdict({ '@context': [contextV2, terms(0, 512), terms(512, 1024)] })).toBe('accepted')
    expect(verdict({ '@context': [contextV2, terms(0, 512), terms(512, 1025)] })).toBe('DFFT_LIMIT')
  })

  test('is refused in a presentation too, as is a presentation of very many', () => {
    const shown = (verifiableCredential: JsonObject[string]) => codeFor(() => checkPresentation({ ...presentation, verifiableCredential }))
    expect(shown([{ ...credential, evidence: many(257, () => ({ type: 'E' })) }])).toBe('DFFT_LIMIT')
    expect(shown(many(257, () => credential))).toBe('DFFT_LIMIT')
  })
})

describe('a presentation', () => {
  const shown = (change: JsonObject) => codeFor(() => checkPresentation({ ...presentation, ...change }))

  test('carries credentials, each checked, or none', () => {
    expect(shown({})).toBe('accepted')
    expect(shown({ verifiableCredential: [] })).toBe('accepted')
    expect(shown({ verifiableCredential: credential })).toBe('accepted')
    expect(shown({ verifiableCredential: [credential, without('issuer')] })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(shown({ verifiableCredential: ['eyJ.eyJ.x'] })).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test('carries envelopes that hold a data URL', () => {
    const envelope = { '@context': contextV2, id: 'data:application/vc+jwt,a.b.c', type: 'EnvelopedVerifiableCredential' }
    expect(shown({ verifiableCredential: [envelope] })).toBe('accepted')
    expect(shown({ verifiableCredential: [{ ...envelope, id: 'https://a.example' }] })).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(shown({ verifiableCredential: [{ id: envelope.id, type: envelope.type }] })).toBe('DFFT_CREDENTIAL_SCHEMA')
  })

  test.each<[string, JsonObject]>([
    ['a holder that is no URL', { holder: 'z6Mk' }],
    ['a holder without id', { holder: { name: 'x' } }],
    ['another type', { type: 'X' }],
    ['no base context', { '@context': ['https://example.org/v1'] }],
  ])('with %s is refused', (_, change) => {
    expect(shown(change)).toBe('DFFT_CREDENTIAL_SCHEMA')
  })
})

test.each([
  ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ['2023-02-25T19:10:39-06:00', Date.UTC(2023, 1, 26, 1, 10, 39)],
  ['2023-02-29T00:00:00Z', null],
  ['2023-13-01T00:00:00Z', null],
  ['2023-01-01T24:00:00Z', null],
  ['2023-01-01T00:00:60Z', null],
  ['2023-01-01 00:00:00Z', null],
  ['2023-01-01T00:00:00z', null],
  ['2023-01-01T00:00:00+15:00', null],
  ['0000-01-01T00:00:00Z', null],
  ['2023-01-01T00:00:00Z\n', null],
  ['', null],
])('the time %j is %s', (text, ms) => {
  expect(timestampMs(text)).toBe(ms)
})
