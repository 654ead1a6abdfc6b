import { expect, test } from 'vitest'
import { toBase64url } from '../base64url.ts'
import { foreignSigner } from '../credential/foreign-signer.fixture.ts'
import { Did } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { keysOf } from './document.ts'
import { didJwkMethod, didJwkOf, expandDidJwk, jwkOfDidJwk } from './jwk.ts'
import { seededKey } from './webvh.fixture.ts'

const p256: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' }
const p384 = foreignSigner('P-384', 'did:example:a#key').jwk
const refused = expect.objectContaining({ code: 'DFFT_DID_SYNTAX' })
const of = (text: string) => `did:jwk:${toBase64url(Buffer.from(text))}` as Did

test('a did:jwk of any kind on the allow-list comes back as its key, and its document names it', () => {
  for (const jwk of [seededKey(1).publicJwk, p256, p384, foreignSigner('P-521', 'did:example:a#key').jwk]) {
    const did = didJwkOf(jwk)
    expect(Did.parse(did)).toBe(did)
    const { document, keys } = expandDidJwk(did)
    expect(keys.map(({ keyId, jwk: key }) => [keyId, key])).toEqual([[didJwkMethod(did), jwk]])
    expect(keysOf(document)).toEqual(keys)
  }
})

test('a did:jwk of another writer may order its members as it likes and say what the key is for', () => {
  const { x } = seededKey(1).publicJwk
  expect(jwkOfDidJwk(of(`{"x":"${x}","crv":"Ed25519","kty":"OKP","use":"sig","alg":"EdDSA","kid":"a"}`))).toEqual(seededKey(1).publicJwk)
})

test('a did:jwk with a private member, another use, or anything doubtful is refused', () => {
  const { x } = seededKey(1).publicJwk
  const body = `"crv":"Ed25519","kty":"OKP","x":"${x}"`
  for (const text of [
    `{${body},"d":"${x}"}`,
    `{${body},"d":null}`,
    `{${body},"use":"enc"}`,
    `{${body},"alg":"HS256"}`,
    `{${body},"alg":"ES256"}`,
    JSON.stringify({ ...p384, alg: 'ES256' }),
    JSON.stringify({ ...p384, alg: 'ES512' }),
    JSON.stringify({ ...p384, crv: 'P-521' }),
    `{${body},"k":"AA"}`,
    `{${body},"x":"${x}"}`,
    `{${body},"x5u":"https://evil.example"}`,
    `{"crv":"X25519","kty":"OKP","x":"${x}"}`,
    `{"crv":"secp256k1","kty":"EC","x":"${x}","y":"${x}"}`,
    `{"crv":"P-256","kty":"EC","x":"${x}","y":"${x}"}`,
    `{"crv":"Ed25519","kty":"OKP","x":"${x}="}`,
    '{"kty":"oct","k":"AA"}',
    '[]',
    'null',
    '{',
  ])
    expect(() => jwkOfDidJwk(of(text)), text).toThrow(refused)
})

test('a second spelling of the base64url is refused', () => {
  const did = didJwkOf(p256)
  for (const other of [`${did}=`, `${did}\n`, `${did} `, did.replace('did:jwk:', 'did:jwk:-'), 'did:jwk:', 'did:key:z6Mk'])
    expect(() => jwkOfDidJwk(other), other).toThrow(refused)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const accepted = [...alphabet].filter((last) => {
    try {
      return jwkOfDidJwk(did.slice(0, -1) + last)
    } catch {
      return false
    }
  })
  expect(accepted).toEqual([did.at(-1)])
})
