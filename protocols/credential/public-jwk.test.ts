import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { foreignSigner } from './foreign-signer.fixture.ts'
import { publicJwkOf } from './public-jwk.ts'
import { seededSigner } from './seeded-signer.ts'

const { publicJwk } = seededSigner(new Uint8Array(32).fill(1), 'did:key:z#z')
const ec = { kty: 'EC', crv: 'P-256', x: publicJwk.x, y: publicJwk.x }
const verdict = (jwk: Json) => {
  try {
    return publicJwkOf(jwk)
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test.each([{}, { kid: 'k', use: 'sig', alg: 'EdDSA' }, { alg: 'Ed25519', key_ops: ['verify'] }])('a key with %j besides is that key', (more) => {
  expect(verdict({ ...publicJwk, ...more })).toEqual(publicJwk)
})

test.each([
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
] as const)('a key of %s is one too, and may say %s', (crv, alg) => {
  const { jwk } = foreignSigner(crv, 'did:key:z#z')
  expect(verdict({ ...jwk })).toEqual(jwk)
  expect(verdict({ ...jwk, alg, use: 'sig' })).toEqual(jwk)
})

test.each<[string, Json, string]>([
  ['a private key', { ...publicJwk, d: 'AA' }, 'DFFT_CREDENTIAL_FORMAT'],
  ['a list', [], 'DFFT_CREDENTIAL_FORMAT'],
  ['nothing', null, 'DFFT_CREDENTIAL_FORMAT'],
  ['a key for encryption', { ...publicJwk, use: 'enc' }, 'DFFT_ALGORITHM'],
  ['a key that only signs', { ...publicJwk, key_ops: ['sign'] }, 'DFFT_ALGORITHM'],
  ['a key of operations that are no list', { ...publicJwk, key_ops: 'verify' }, 'DFFT_ALGORITHM'],
  ['an Ed25519 key that says ES256', { ...publicJwk, alg: 'ES256' }, 'DFFT_ALGORITHM'],
  ['a P-256 key that says EdDSA', { ...ec, alg: 'EdDSA' }, 'DFFT_ALGORITHM'],
  ['a P-256 key for ECDH', { ...ec, alg: 'ECDH-ES' }, 'DFFT_ALGORITHM'],
  ['a P-384 key with the coordinates of P-256', { ...ec, crv: 'P-384' }, 'DFFT_ALGORITHM'],
  ['a P-384 key that says ES256', { ...foreignSigner('P-384', 'did:key:z#z').jwk, alg: 'ES256' }, 'DFFT_ALGORITHM'],
  ['a P-521 key that says ES384', { ...foreignSigner('P-521', 'did:key:z#z').jwk, alg: 'ES384' }, 'DFFT_ALGORITHM'],
  ['a P-521 key that says ES521', { ...foreignSigner('P-521', 'did:key:z#z').jwk, alg: 'ES521' }, 'DFFT_ALGORITHM'],
  ['a secp256k1 key', { ...ec, crv: 'secp256k1' }, 'DFFT_ALGORITHM'],
  ['an X25519 key', { ...publicJwk, crv: 'X25519' }, 'DFFT_ALGORITHM'],
  ['an RSA key', { kty: 'RSA', n: 'AA', e: 'AQAB' }, 'DFFT_ALGORITHM'],
  ['a secret', { kty: 'oct', k: 'AA' }, 'DFFT_ALGORITHM'],
  ['a kind from Object.prototype', { ...publicJwk, kty: 'constructor' }, 'DFFT_ALGORITHM'],
])('%s is refused', (_, jwk, code) => {
  expect(verdict(jwk)).toBe(code)
})
