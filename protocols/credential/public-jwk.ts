/** A JWK from outside as a key that may check a signature, or a refusal. */
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { VerifyJwk } from '#protocols/keys.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

/** What a JWK may say of its algorithm, by its curve. */
const algorithmsOf: Readonly<Record<VerifyJwk['crv'], readonly string[]>> = {
  Ed25519: ['EdDSA', 'Ed25519'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
}

/**
 * The key itself, without `kid` and the like. What the JWK says of its use is kept to.
 *
 * @throws {TrustError} DFFT_ALGORITHM for another kind of key, or one that is not for signatures of its kind;
 *   DFFT_CREDENTIAL_FORMAT for what is no JWK, or a private one
 * @see RFC 7517, 4.2 to 4.4
 */
export function publicJwkOf(jwk: Json | undefined): VerifyJwk {
  if (!isJsonObject(jwk)) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the key is no JWK')
  if (Object.hasOwn(jwk, 'd')) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a private key was published')
  const { kty, crv, x, y } = jwk
  const key = kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x }
  if (!isVerifyJwk(key) || !forSignatures(jwk, key.crv)) throw new TrustError('DFFT_ALGORITHM', 'the key is of a kind or for a use that is not accepted')
  return key
}

const quickJwk = quickCheck(VerifyJwk)

function isVerifyJwk(key: unknown): key is VerifyJwk {
  return quickJwk(key) || VerifyJwk.safeParse(key).success
}

function forSignatures(jwk: JsonObject, crv: VerifyJwk['crv']): boolean {
  const { use, alg, key_ops: operations } = jwk
  if (use !== undefined && use !== 'sig') return false
  if (alg !== undefined && !(typeof alg === 'string' && algorithmsOf[crv].includes(alg))) return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}
