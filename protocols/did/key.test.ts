import { expect, test } from 'vitest'
import { foreignSigner } from '../credential/foreign-signer.fixture.ts'
import type { Did } from '../ids.ts'
import { keysOf } from './document.ts'
import { didKeyMethod, didKeyOf, expandDidKey, jwkOfDidKey } from './key.ts'
import { seededKey } from './webvh.fixture.ts'

const refused = expect.objectContaining({ code: 'DFFT_DID_SYNTAX' })

test('a did:key of Ed25519 expands to its one key for every use but key agreement, and to the X25519 key that agrees for it', () => {
  const { publicJwk } = seededKey(1)
  const did = didKeyOf(publicJwk)
  const { document, keys } = expandDidKey(did)
  expect(document.id).toBe(did)
  expect(keys).toEqual([
    {
      keyId: `${did}#${did.slice('did:key:'.length)}`,
      jwk: publicJwk,
      purposes: ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'],
      fromMs: 0,
      untilMs: null,
    },
  ])
  expect(keysOf(document)).toEqual(keys)
  // Of the did:key vectors of the W3C CCG (ed25519-x25519.json), the first.
  const vector = expandDidKey('did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp' as Did).document
  expect(vector.keyAgreement).toEqual([`${vector.id}#z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW`])
})

test.each(['P-384', 'P-521'] as const)('a did:key of %s is its key, for every use', (crv) => {
  const { jwk } = foreignSigner(crv, 'did:example:a#key')
  const did = didKeyOf(jwk)
  expect(jwkOfDidKey(did)).toEqual(jwk)
  const { document, keys } = expandDidKey(did)
  expect(keys).toMatchObject([{ keyId: didKeyMethod(did), jwk }])
  expect(keysOf(document)).toEqual(keys)
})

test('a did:key of a kind that is not on the allow-list has a document, and no key', () => {
  for (const [did, purposes] of others) {
    const { document, keys } = expandDidKey(did as Did)
    expect(keys).toEqual([])
    expect(keysOf(document)).toEqual([])
    expect(document.verificationMethod).toMatchObject([{ id: didKeyMethod(did as Did), publicKeyMultibase: did.slice('did:key:'.length) }])
    for (const purpose of purposes) expect(document[purpose]).toEqual([didKeyMethod(did as Did)])
    expect(() => jwkOfDidKey(did)).toThrow(refused)
  }
})

/** From the did:key vectors of the W3C CCG: secp256k1 and X25519. */
const others = [
  ['did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme', ['assertionMethod', 'authentication', 'keyAgreement']],
  ['did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F', ['keyAgreement']],
] as const

test('a did:key that is spelled another way, or of another kind of key, is refused', () => {
  const good = didKeyOf(seededKey(1).publicJwk)
  for (const did of [
    `${good}#`,
    good.replace('did:key:', 'did:key:1:'),
    good.replace(':z', ':1.1:z'),
    good.replace('did:', 'DID:'),
    `${good}1`,
    good.slice(0, -1),
    'did:key:',
    'did:web:agency.example',
    // From the did:key vectors of the W3C CCG, cut short: P-384, BLS12-381.
    'did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJK',
    'did:key:z5TcCmGLu7HrkT5FTnejDTKcH11LPMQLXMPHTRyzY4KdRvqpPLpr',
  ]) {
    expect(() => jwkOfDidKey(did), did).toThrow(refused)
    expect(() => expandDidKey(did as Did), did).toThrow(refused)
  }
})
