/**
 * Public keys, and the one place a signature is checked.
 *
 * A key knows its algorithm, so a header can never choose another one (RFC 8725, 3.1). There are two circles of keys:
 * `PublicJwk` is what nodes sign with, and all that messages, logs and the hello are checked by; `VerifyJwk` adds the larger
 * NIST curves, which issuers elsewhere sign credentials and documents with. `nodeKey` is the one way from the wide to the narrow.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { fromBase64url } from './base64url.ts'
import { canonical } from './canonical.ts'
import { TrustError } from './errors.ts'
import type { DidUrl } from './ids.ts'

/** Coordinates of 32, 48 and 66 bytes: RFC 7518, 6.2.1.2 fixes the length by the curve. */
const coordinate32 = z.string({ checks: [z.regex(/^[A-Za-z0-9_-]{43}$/)] })
const coordinate48 = z.string({ checks: [z.regex(/^[A-Za-z0-9_-]{64}$/)] })
const coordinate66 = z.string({ checks: [z.regex(/^[A-Za-z0-9_-]{88}$/)] })

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
  /** Ed25519: the 32 bytes of RFC 8032, 5.1.5. Empty for another key. */
  readonly point: Uint8Array
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

/**
 * The key of a JWK, imported once.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND when the coordinates are no point of the curve, or for Ed25519 of small order or not reduced:
 *   under such a key one signature can fit many messages
 */
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
  const x = fromBase64url(jwk.x)
  if (jwk.kty === 'EC') fromBase64url(jwk.y)
  else if (ofSmallOrder(x) || !reduced(x)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is of small order or not reduced')
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    return { algorithm: algorithmOf[jwk.crv], jwk, key, point: jwk.kty === 'OKP' ? x : new Uint8Array(0) }
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

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) of r‖s, which are of one length, at most 66 bytes each. */
export function derOfRaw(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  const der = new Uint8Array(raw.length + 9)
  const end = writeInteger(der, writeInteger(der, 3, raw.subarray(0, half)), raw.subarray(half))
  const length = end - 3
  der[2] = length
  // X.690, 8.1.3: from 128 on the length has an octet of its own; only P-521 comes there, and stays under 256.
  const long = length >= 0x80
  if (long) der[1] = 0x81
  der[long ? 0 : 1] = 0x30
  return der.subarray(long ? 0 : 1, end)
}

/** The shortest form of a number. @returns the end of what was written */
function writeInteger(der: Uint8Array, at: number, bytes: Uint8Array): number {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const sign = (bytes[start] ?? 0) > 0x7f ? 1 : 0
  const length = bytes.length - start
  der[at] = 0x02
  der[at + 1] = length + sign
  for (let index = 0; index < length; index++) der[at + 2 + sign + index] = bytes[start + index] ?? 0
  return at + 2 + sign + length
}

/** RFC 7638 thumbprint, base64url. */
export function thumbprint(jwk: VerifyJwk): string {
  const { kty, crv, x } = jwk
  return hash('sha256', canonical(jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x }), 'base64url')
}
