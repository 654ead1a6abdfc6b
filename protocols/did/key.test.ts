import { expect, test } from 'vitest'
import type { Did } from '../ids.ts'
import { keysOf } from './document.ts'
import { didKeyOf, expandDidKey, jwkOfDidKey } from './key.ts'
import { seededKey } from './webvh.fixture.ts'

const refused = expect.objectContaining({ code: 'DFFT_DID_SYNTAX' })

test('a did:key expands to its one key for every use but key agreement, without an end', () => {
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
})

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
    // From the did:key vectors of the W3C CCG: secp256k1, X25519, P-384, BLS12-381.
    'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
    'did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F',
    'did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJK',
    'did:key:z5TcCmGLu7HrkT5FTnejDTKcH11LPMQLXMPHTRyzY4KdRvqpPLpr',
  ]) {
    expect(() => jwkOfDidKey(did), did).toThrow(refused)
    expect(() => expandDidKey(did as Did), did).toThrow(refused)
  }
})
