/**
 * Public keys, and the one place a signature is checked.
 *
 * A key knows its algorithm, so a header can never choose another one (RFC 8725, 3.1). There are two circles of keys:
 * `PublicJwk` is what nodes sign with, and all that messages, logs and the hello are checked by; `VerifyJwk` adds the larger
 * NIST curves, which issuers elsewhere sign credentials and documents with. `nodeKey` is the one way from the wide to the narrow.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { fromBase64url } from './base64url.ts'
import { canonical } from './canonical.ts'
import { TrustError } from './errors.ts'
import type { DidUrl } from './ids.ts'

/** Coordinates of 32, 48 and 66 bytes: RFC 7518, 6.2.1.2 fixes the length by the curve. */
const coordinate32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const coordinate48 = z.string().regex(/^[A-Za-z0-9_-]{64}$/)
const coordinate66 = z.string().regex(/^[A-Za-z0-9_-]{88}$/)

const Ed25519Jwk = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate32 })
const P256Jwk = z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate32, y: coordinate32 })
const P384Jwk = z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-384'), x: coordinate48, y: coordinate48 })
const P521Jwk = z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-521'), x: coordinate66, y: coordinate66 })

/** A key of a node (RFC 8037; RFC 7518, 6.2). Other members (`kid`, `use`) are not part of a key. */
export const PublicJwk = z.discriminatedUnion('crv', [Ed25519Jwk, P256Jwk])
export type PublicJwk = z.infer<typeof PublicJwk>

/** A key that a credential or a document of anybody may be signed with. */
export const VerifyJwk = z.discriminatedUnion('crv', [Ed25519Jwk, P256Jwk, P384Jwk, P521Jwk])
export type VerifyJwk = z.infer<typeof VerifyJwk>

/** What nodes sign with. */
export type Algorithm = 'EdDSA' | 'ES256'
/** What is verified: the algorithm of each curve, and so its one hash (RFC 7518, 3.4; FIPS 186-5). */
export type VerifyAlgorithm = Algorithm | 'ES384' | 'ES512'

const algorithmOf = { Ed25519: 'EdDSA', 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const satisfies Record<VerifyJwk['crv'], VerifyAlgorithm>
const signatureBytes = { EdDSA: 64, ES256: 64, ES384: 96, ES512: 132 } as const satisfies Record<VerifyAlgorithm, number>

export interface VerifyKey {
  readonly algorithm: VerifyAlgorithm
  readonly jwk: VerifyJwk
  readonly key: KeyObject
}

/** A key of a kind that nodes sign with. */
export interface NodeKey extends VerifyKey {
  readonly algorithm: Algorithm
  readonly jwk: PublicJwk
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
export function verifyKey(jwk: PublicJwk): NodeKey
export function verifyKey(jwk: VerifyJwk): VerifyKey
export function verifyKey(jwk: VerifyJwk): VerifyKey {
  // Coordinates of different curves differ in length, so that one name is one key.
  const name = jwk.kty === 'EC' ? `${jwk.x}.${jwk.y}` : jwk.x
  const known = cache.get(name)
  if (known) return known
  const made = importKey(jwk)
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string) // The cache is not empty, so its first key exists.
  cache.set(name, made)
  return made
}

/** @throws {TrustError} DFFT_ALGORITHM for a key of a kind that no node signs with */
export function nodeKey(key: VerifyKey): NodeKey {
  const { algorithm, jwk } = key
  if (algorithm === 'EdDSA' || algorithm === 'ES256') return key as NodeKey // `verifyKey` made both members of one curve.
  throw new TrustError('DFFT_ALGORITHM', 'messages and logs are signed with Ed25519 or P-256', { crv: jwk.crv })
}

function importKey(jwk: VerifyJwk): VerifyKey {
  fromBase64url(jwk.x)
  if (jwk.kty === 'EC') fromBase64url(jwk.y)
  try {
    return { algorithm: algorithmOf[jwk.crv], jwk, key: createPublicKey({ key: { ...jwk }, format: 'jwk' }) }
  } catch (cause) {
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is no point of its curve', { crv: jwk.crv }, { cause })
  }
}

/** Whether `signature` (raw, of the one length its curve has) is this key's over `bytes`. Never throws for a bad signature. */
export function verifies(key: VerifyKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes[key.algorithm]) return false
  if (key.algorithm === 'ES384') return verify('sha384', bytes, key.key, derOfRaw(signature))
  if (key.algorithm === 'ES512') return verify('sha512', bytes, key.key, derOfRaw(signature))
  // The bare KeyObject with a DER signature is a third faster than `dsaEncoding: 'ieee-p1363'`.
  return key.algorithm === 'EdDSA' ? verify(null, bytes, key.key, signature) : verify('sha256', bytes, key.key, derOfRaw(signature))
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) of r‖s, which are of one length, at most 66 bytes each. */
export function derOfRaw(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  const r = derInteger(raw.subarray(0, half))
  const s = derInteger(raw.subarray(half))
  const length = r.length + s.length
  // X.690, 8.1.3: from 128 on the length has an octet of its own; only P-521 comes there, and stays under 256.
  return length < 0x80 ? Uint8Array.of(0x30, length, ...r, ...s) : Uint8Array.of(0x30, 0x81, length, ...r, ...s)
}

function derInteger(bytes: Uint8Array): number[] {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const sign = (bytes[start] ?? 0) > 0x7f ? [0] : []
  return [0x02, bytes.length - start + sign.length, ...sign, ...bytes.subarray(start)]
}

/** RFC 7638 thumbprint, base64url. */
export function thumbprint(jwk: VerifyJwk): string {
  const { kty, crv, x } = jwk
  return createHash('sha256')
    .update(canonical(jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x }))
    .digest('base64url')
}
