import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
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
  ['a P-384 key', { ...ec, crv: 'P-384' }, 'DFFT_ALGORITHM'],
  ['an X25519 key', { ...publicJwk, crv: 'X25519' }, 'DFFT_ALGORITHM'],
  ['an RSA key', { kty: 'RSA', n: 'AA', e: 'AQAB' }, 'DFFT_ALGORITHM'],
  ['a secret', { kty: 'oct', k: 'AA' }, 'DFFT_ALGORITHM'],
  ['a kind from Object.prototype', { ...publicJwk, kty: 'constructor' }, 'DFFT_ALGORITHM'],
])('%s is refused', (_, jwk, code) => {
  expect(verdict(jwk)).toBe(code)
})
