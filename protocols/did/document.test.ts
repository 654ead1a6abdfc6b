import { expect, test } from 'vitest'
import type { Did, DidUrl, Instant } from '../ids.ts'
import { didDocument, keysOf, nodeDocument, peerIdsOf, rekeyed, revokedIn } from './document.ts'
import { multikeyOf } from './multikey.ts'
import { peerId, seededKey } from './webvh.fixture.ts'

const did = 'did:web:agency.example' as Did
const key = seededKey(1).publicJwk
const p256 = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' } as const
const multikey = { id: '#a', type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(key) }

const named = (document: Record<string, unknown>) =>
  keysOf(didDocument().parse({ id: did, ...document })).map(({ keyId, jwk, purposes }) => [keyId, jwk.x, purposes])

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
    expect(didDocument().safeParse({ id: did, verificationMethod: [{ ...multikey, publicKeyJwk: { ...p256, [name]: 'AA' } }] }).success, name).toBe(false)
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
    expect(didDocument().safeParse({ id: did, ...document }).success).toBe(false)
})

test('a document has as many methods as its list may have, wherever they stand', () => {
  const methods = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => ({ ...multikey, id: `#${prefix}${at}` }))
  expect(named({ assertionMethod: methods('a', 32), keyAgreement: methods('k', 32) })).toHaveLength(64)
  expect(() => named({ assertionMethod: methods('a', 33), keyAgreement: methods('k', 32) })).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
})

test('the peers of a document are those of its DfftNode services', () => {
  const service = (type: string, serviceEndpoint: unknown) => ({ id: '#node', type, serviceEndpoint })
  const peers = (...services: unknown[]) => peerIdsOf(didDocument().parse({ id: did, service: services }))
  expect(peerIdsOf(didDocument().parse(nodeDocument(did, { jwk: key, peerId, alsoKnownAs: [] })))).toEqual([peerId])
  expect(peers(service('DfftNode', `libp2p:${peerId}`), service('LinkedDomains', `libp2p:${peerId}`))).toEqual([peerId])
  expect(peers(service('DfftNode', peerId), service('DfftNode', 'libp2p:'), service('DfftNode', { uri: `libp2p:${peerId}` }))).toEqual([])
})

test('a key that its controller revokes says so, from when on, and from ever where the instant does not read', () => {
  const document = (revoked: string) => didDocument().parse({ id: did, verificationMethod: [{ ...multikey, revoked }], authentication: ['#a'] })
  expect(keysOf(document('2026-01-02T03:04:05Z'))).toMatchObject([{ keyId: `${did}#a`, revokedMs: Date.UTC(2026, 0, 2, 3, 4, 5) }])
  expect(keysOf(document('since last week'))).toMatchObject([{ revokedMs: 0 }])
  expect(keysOf(didDocument().parse({ id: did, verificationMethod: [multikey], authentication: ['#a'] }))[0]).not.toHaveProperty('revokedMs')
})

test('a revoked method is seen outside any relationship, and one of another DID is not ours to revoke', () => {
  const revoked = '2026-01-02T03:04:05Z'
  const document = didDocument().parse({
    id: did,
    verificationMethod: [
      { ...multikey, revoked },
      { ...multikey, id: 'did:web:evil.example#a', revoked },
    ],
  })
  expect(revokedIn(document)).toEqual([{ keyId: `${did}#a`, jwk: key, revokedMs: Date.parse(revoked) }])
})

test('another key takes the place of the node’s own wherever it stood, and everything else stays', () => {
  const [old, other, fresh] = [seededKey(1).publicJwk, seededKey(2).publicJwk, seededKey(3).publicJwk]
  const from = `${did}#${multikeyOf(old)}` as DidUrl
  const second = { id: '#second', type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(other) }
  const before = didDocument().parse({
    ...nodeDocument(did, { jwk: old, peerId, alsoKnownAs: [] }),
    verificationMethod: [{ ...multikey, id: from }, second],
    assertionMethod: [`#${multikeyOf(old)}`, '#second'],
    keyAgreement: ['#second'],
  })
  const after = didDocument().parse(rekeyed(before, { from, to: fresh, revoked: [] }))
  const to = `${did}#${multikeyOf(fresh)}`
  expect(keysOf(after).map(({ keyId, jwk, purposes }) => [keyId, jwk.x, purposes])).toEqual([
    [to, fresh.x, ['authentication', 'assertionMethod']],
    [`${did}#second`, other.x, ['assertionMethod', 'keyAgreement']],
  ])
  expect(after).toMatchObject({ service: before.service, '@context': before['@context'] })
  expect(JSON.stringify(after)).not.toContain(multikeyOf(old))
  const doubted = didDocument().parse(rekeyed(before, { from, to: fresh, revoked: [{ keyId: from, jwk: old, since: '2026-01-02T03:04:05Z' as Instant }] }))
  expect(keysOf(doubted)).toEqual(keysOf(after))
  expect(revokedIn(doubted)).toMatchObject([{ keyId: from, revokedMs: Date.UTC(2026, 0, 2, 3, 4, 5) }])
})
