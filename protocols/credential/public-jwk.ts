/** A JWK from outside as a key that may check a signature, or a refusal. */
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { PublicJwk } from '#protocols/keys.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

const algorithmsOf: Readonly<Record<string, readonly string[]>> = { OKP: ['EdDSA', 'Ed25519'], EC: ['ES256'] }

/**
 * The key itself, without `kid` and the like. What the JWK says of its use is kept to.
 *
 * @throws {TrustError} DFFT_ALGORITHM for another kind of key, or one that is not for signatures of its kind;
 *   DFFT_CREDENTIAL_FORMAT for what is no JWK, or a private one
 * @see RFC 7517, 4.2 to 4.4
 */
export function publicJwkOf(jwk: Json | undefined): PublicJwk {
  if (!isJsonObject(jwk)) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the key is no JWK')
  if (Object.hasOwn(jwk, 'd')) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a private key was published')
  const { kty, crv, x, y } = jwk
  const key = kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x }
  if (!isPublicJwk(key) || !forSignatures(jwk, key.kty)) throw new TrustError('DFFT_ALGORITHM', 'the key is of a kind or for a use that is not accepted')
  return key
}

const quickJwk = quickCheck(PublicJwk)

function isPublicJwk(key: unknown): key is PublicJwk {
  return quickJwk(key) || PublicJwk.safeParse(key).success
}

function forSignatures(jwk: JsonObject, kty: 'OKP' | 'EC'): boolean {
  const { use, alg, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') return false
  if (alg !== undefined && !(typeof alg === 'string' && algorithmsOf[kty]?.includes(alg))) return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}
