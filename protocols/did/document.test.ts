import { expect, test } from 'vitest'
import type { Did } from '../ids.ts'
import { DidDocument, keysOf, nodeDocument, peerIdsOf } from './document.ts'
import { multikeyOf } from './multikey.ts'
import { peerId, seededKey } from './webvh.fixture.ts'

const did = 'did:web:agency.example' as Did
const key = seededKey(1).publicJwk
const p256 = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' } as const
const multikey = { id: '#a', type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(key) }

const named = (document: Record<string, unknown>) =>
  keysOf(DidDocument.parse({ id: did, ...document })).map(({ keyId, jwk, purposes }) => [keyId, jwk.x, purposes])

test('a key has the relationships that name it, by absolute or relative reference or embedded', () => {
  expect(
    named({
      verificationMethod: [multikey, { ...multikey, id: `${did}#b`, type: 'JsonWebKey', publicKeyJwk: { ...p256, kid: 'x', use: 'sig' } }],
      authentication: ['#a', `${did}#b`],
      assertionMethod: [`${did}#a`, { ...multikey, id: '#c', type: 'JsonWebKey2020', publicKeyJwk: p256 }],
    }),
  ).toEqual([
    [`${did}#a`, key.x, ['authentication', 'assertionMethod']],
    [`${did}#b`, p256.x, ['authentication']],
    [`${did}#c`, p256.x, ['assertionMethod']],
  ])
})

test('a key that no relationship names is no key of the DID', () => {
  expect(named({ verificationMethod: [multikey] })).toEqual([])
  expect(named({ verificationMethod: [multikey], authentication: ['#b'] })).toEqual([])
})

test('a method of another DID, under another controller, of another kind or unreadable is passed over', () => {
  const other = 'did:web:evil.example'
  for (const change of [
    { id: `${other}#a` },
    { id: `${did}.evil#a` },
    { id: 'a' },
    { id: '#a b' },
    { id: `#${'a'.repeat(1025)}` },
    { controller: other },
    { type: 'Ed25519VerificationKey2020' },
    { publicKeyMultibase: undefined },
    { publicKeyMultibase: 'z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F' },
    { type: 'JsonWebKey', publicKeyJwk: { ...p256, crv: 'P-384' } },
    { type: 'JsonWebKey', publicKeyJwk: { ...p256, x: 'AAAA' } },
    { type: 'JsonWebKey', publicKeyJwk: { kty: 'RSA', n: 'AA', e: 'AQAB' } },
    { type: 'JsonWebKey' },
  ]) {
    const method = { ...multikey, ...change }
    expect(named({ verificationMethod: [method], authentication: [method.id] }), JSON.stringify(change)).toEqual([])
  }
})

test('two methods under one name are refused, since two readers could take two keys', () => {
  expect(() => named({ verificationMethod: [multikey, { ...multikey, id: `${did}#a` }], authentication: ['#a'] })).toThrow(
    expect.objectContaining({ code: 'DFFT_SCHEMA' }),
  )
})

test('a document that publishes a private key is refused whole', () => {
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
    expect(DidDocument.safeParse({ id: did, verificationMethod: [{ ...multikey, publicKeyJwk: { ...p256, [name]: 'AA' } }] }).success, name).toBe(false)
})

test('a document has limits', () => {
  const many = Array.from({ length: 65 }, (_, index) => ({ ...multikey, id: `#${index}` }))
  for (const document of [
    { verificationMethod: many },
    { authentication: many },
    { alsoKnownAs: many.map(({ id }) => id) },
    { service: many.map(({ id }) => ({ id, type: 'x', serviceEndpoint: 'x' })) },
    { controller: 'x'.repeat(2101) },
    { id: 'agency.example' },
  ])
    expect(DidDocument.safeParse({ id: did, ...document }).success).toBe(false)
})

test('a document has as many methods as its list may have, wherever they stand', () => {
  const methods = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => ({ ...multikey, id: `#${prefix}${at}` }))
  expect(named({ assertionMethod: methods('a', 32), keyAgreement: methods('k', 32) })).toHaveLength(64)
  expect(() => named({ assertionMethod: methods('a', 33), keyAgreement: methods('k', 32) })).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
})

test('the peers of a document are those of its DfftNode services', () => {
  const service = (type: string, serviceEndpoint: unknown) => ({ id: '#node', type, serviceEndpoint })
  const peers = (...services: unknown[]) => peerIdsOf(DidDocument.parse({ id: did, service: services }))
  expect(peerIdsOf(DidDocument.parse(nodeDocument(did, { jwk: key, peerId, alsoKnownAs: [] })))).toEqual([peerId])
  expect(peers(service('DfftNode', `libp2p:${peerId}`), service('LinkedDomains', `libp2p:${peerId}`))).toEqual([peerId])
  expect(peers(service('DfftNode', peerId), service('DfftNode', 'libp2p:'), service('DfftNode', { uri: `libp2p:${peerId}` }))).toEqual([])
})
