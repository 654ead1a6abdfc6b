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
  /** Ed25519: the 32 bytes of RFC 8032, 5.1.5. Empty for another key. */
  readonly point: Uint8Array
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

/**
 * The key of a JWK, imported once.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND when the coordinates are no point of the curve, or for Ed25519 of small order or not reduced:
 *   under such a key one signature can fit many messages
 */
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
  const x = fromBase64url(jwk.x)
  if (jwk.kty === 'EC') fromBase64url(jwk.y)
  else if (ofSmallOrder(x) || !reduced(x)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is of small order or not reduced')
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    return jwk.kty === 'EC' ? { algorithm: 'ES256', jwk, key, point: new Uint8Array(0) } : { algorithm: 'EdDSA', jwk, key, point: x }
  } catch (cause) {
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is no point of its curve', { crv: jwk.crv }, { cause })
  }
}

/** Whether `signature` (64 raw bytes) is this key's over `bytes`. Never throws for a bad signature. */
export function verifies(key: VerifyKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  // The bare KeyObject with a DER signature is a third faster than `dsaEncoding: 'ieee-p1363'`.
  if (key.algorithm === 'ES256') return verify('sha256', bytes, key.key, derOfRaw(signature))
  // Libraries differ in whether R may be of small order; no honest signer ever makes one.
  if (ofSmallOrder(signature)) return false
  return ed25519 ? ed25519(key.point, bytes, signature) : verify(null, bytes, key.key, signature)
}

/**
 * Checks an Ed25519 signature: S below the order of the group, and the encoding of S·B − h·A byte for byte that of R (RFC 8032, 5.1.7
 * without the cofactor). Gets no key and no R of small order. @see protocols/decisions/0001-one-verdict-on-ed25519.md
 */
export type Ed25519Verify = (point: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean

// One for the whole process, as OpenSSL itself is: both give one verdict on every input, so it changes nothing but the time taken.
let ed25519: Ed25519Verify | undefined

/** @param verify undefined for node:crypto, which is what is used when this is never called */
export function useEd25519(verify: Ed25519Verify | undefined): void {
  ed25519 = verify
}

/** y of the points whose order divides 8, without the sign of x: little-endian (RFC 8032, 5.1.2). The last two were computed from 5.1. */
const smallOrder: ReadonlyMap<number, Uint8Array> = new Map(
  [
    `00${'00'.repeat(31)}`,
    `01${'00'.repeat(31)}`,
    `ec${'ff'.repeat(30)}7f`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ].map((hex) => [Number.parseInt(hex.slice(0, 2), 16), Buffer.from(hex, 'hex')]),
)

/** @param bytes begin with the encoding of a point */
function ofSmallOrder(bytes: Uint8Array): boolean {
  const y = smallOrder.get(bytes[0] ?? 0)
  if (!y) return false
  for (let at = 1; at < 31; at++) if (bytes[at] !== y[at]) return false
  return ((bytes[31] ?? 0) & 0x7f) === y[31]
}

/** Whether y is below 2^255 − 19. */
function reduced(point: Uint8Array): boolean {
  return (point[0] ?? 0) < 0xed || ((point[31] ?? 0) & 0x7f) !== 0x7f || point.subarray(1, 31).some((byte) => byte !== 0xff)
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) of r‖s. */
export function derOfRaw(raw: Uint8Array): Uint8Array {
  const der = new Uint8Array(72)
  const end = writeInteger(der, writeInteger(der, 2, raw, 0), raw, 32)
  der[0] = 0x30
  der[1] = end - 2
  return der.subarray(0, end)
}

/** The shortest form of 32 bytes of `raw` from `from` on. @returns the end of what was written */
function writeInteger(der: Uint8Array, at: number, raw: Uint8Array, from: number): number {
  let start = from
  while (start < from + 31 && raw[start] === 0) start++
  const sign = (raw[start] ?? 0) > 0x7f ? 1 : 0
  const length = from + 32 - start
  der[at] = 0x02
  der[at + 1] = length + sign
  for (let index = 0; index < length; index++) der[at + 2 + sign + index] = raw[start + index] ?? 0
  return at + 2 + sign + length
}

/** RFC 7638 thumbprint, base64url. */
export function thumbprint(jwk: PublicJwk): string {
  const { kty, crv, x } = jwk
  return createHash('sha256')
    .update(canonical(jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x }))
    .digest('base64url')
}
