/**
 * Public keys, and the one place a signature is checked.
 *
 * A key knows its algorithm, so a header can never choose another one (RFC 8725, 3.1).
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { fromBase64url } from './base64url.ts'
import { canonical } from './canonical.ts'
import { TrustError } from './errors.ts'
import type { DidUrl } from './ids.ts'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** RFC 8037 and RFC 7518, 6.2: 32-byte coordinates. Other members (`kid`, `use`) are not part of a key. */
export const PublicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
])
export type PublicJwk = z.infer<typeof PublicJwk>

export type Algorithm = 'EdDSA' | 'ES256'

export interface VerifyKey {
  readonly algorithm: Algorithm
  readonly jwk: PublicJwk
  readonly key: KeyObject
}

/** What signs: a key behind a KeyVault in a node, a seeded key in a test. */
export interface Signer {
  readonly algorithm: Algorithm
  /** The verification method others resolve to check the signature. */
  readonly keyId: DidUrl
  readonly publicJwk: PublicJwk
  /** Raw signature: 64 bytes, for ES256 r‖s. */
  sign(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array
}

// Importing a key costs as much as half a verification; partners and issuers repeat. 4,096 keys are about 6 MB.
const cacheMax = 4096
const cache = new Map<string, VerifyKey>()

/** The key of a JWK, imported once. @throws {TrustError} DFFT_KEY_NOT_FOUND when the coordinates are no point of the curve */
export function verifyKey(jwk: PublicJwk): VerifyKey {
  const name = jwk.kty === 'EC' ? `${jwk.x}.${jwk.y}` : jwk.x
  const known = cache.get(name)
  if (known) return known
  const made = importKey(jwk)
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string) // The cache is not empty, so its first key exists.
  cache.set(name, made)
  return made
}

function importKey(jwk: PublicJwk): VerifyKey {
  fromBase64url(jwk.x)
  if (jwk.kty === 'EC') fromBase64url(jwk.y)
  try {
    return { algorithm: jwk.kty === 'EC' ? 'ES256' : 'EdDSA', jwk, key: createPublicKey({ key: { ...jwk }, format: 'jwk' }) }
  } catch (cause) {
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is no point of its curve', { crv: jwk.crv }, { cause })
  }
}

/** Whether `signature` (64 raw bytes) is this key's over `bytes`. Never throws for a bad signature. */
export function verifies(key: VerifyKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  // The bare KeyObject with a DER signature is a third faster than `dsaEncoding: 'ieee-p1363'`.
  return key.algorithm === 'EdDSA' ? verify(null, bytes, key.key, signature) : verify('sha256', bytes, key.key, derOfRaw(signature))
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) of r‖s. */
export function derOfRaw(raw: Uint8Array): Uint8Array {
  const r = derInteger(raw.subarray(0, 32))
  const s = derInteger(raw.subarray(32, 64))
  return Uint8Array.of(0x30, r.length + s.length, ...r, ...s)
}

function derInteger(bytes: Uint8Array): number[] {
  let start = 0
  while (start < 31 && bytes[start] === 0) start++
  const sign = (bytes[start] ?? 0) > 0x7f ? [0] : []
  return [0x02, 32 - start + sign.length, ...sign, ...bytes.subarray(start)]
}

/** RFC 7638 thumbprint, base64url. */
export function thumbprint(jwk: PublicJwk): string {
  const { kty, crv, x } = jwk
  return createHash('sha256')
    .update(canonical(jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x }))
    .digest('base64url')
}
