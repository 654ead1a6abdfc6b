/** Multikey: a public key as one line of text that says its own kind (W3C Controlled Identifiers 1.0, 2.2.2). */
import { ECDH } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { fromBase64url, toBase64url } from '../base64url.ts'
import { TrustError } from '../errors.ts'
import { type PublicJwk, verifyKey } from '../keys.ts'

/** An Ed25519 key takes 48 characters, a P-256 key 49. Decoding is quadratic, so longer text is refused unread. */
const charactersMax = 64

// Multicodec codes as varints: ed25519-pub (0xed) and p256-pub (0x1200).
const ed25519 = Uint8Array.of(0xed, 0x01)
const p256 = Uint8Array.of(0x80, 0x24)

export function multikeyOf(jwk: PublicJwk): string {
  return base58btc.encode(jwk.kty === 'OKP' ? joined(ed25519, fromBase64url(jwk.x)) : joined(p256, compressed(jwk.x, jwk.y)))
}

// Each version of a did:webvh names the keys of the one before again, and a P-256 key takes 0.1 ms to read. 4,096 are about 2 MB.
const cacheMax = 4096
const cache = new Map<string, PublicJwk>()

/**
 * @throws {TrustError} DFFT_KEY_NOT_FOUND for another kind of key, a second spelling of one, or a key that is no safe point of its curve
 */
export function jwkOfMultikey(text: string): PublicJwk {
  const known = cache.get(text)
  if (known) return known
  const jwk = checkPoint(decoded(text))
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string) // The cache is not empty, so its first key exists.
  cache.set(text, jwk)
  return jwk
}

/** @throws {TrustError} DFFT_KEY_NOT_FOUND when the coordinates are not canonical, not on the curve, or of small order */
export function checkPoint(jwk: PublicJwk): PublicJwk {
  verifyKey(jwk)
  if (jwk.kty === 'OKP' && weak(fromBase64url(jwk.x))) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key is of small order or not reduced')
  return jwk
}

/** One text a key: base58 spells a number one way but for leading zeros, and those change the length, which is fixed. */
function decoded(text: string): PublicJwk {
  const bytes = text.length > charactersMax ? undefined : decodedBytes(text)
  if (bytes?.length === 34 && startsWith(bytes, ed25519)) return { kty: 'OKP', crv: 'Ed25519', x: toBase64url(bytes.subarray(2)) }
  if (bytes?.length === 35 && startsWith(bytes, p256)) return expanded(bytes.subarray(2), text)
  throw new TrustError('DFFT_KEY_NOT_FOUND', 'a multikey is no Ed25519 or P-256 public key', { characters: text.length })
}

function decodedBytes(text: string): Uint8Array | undefined {
  try {
    return base58btc.decode(text)
  } catch {
    return undefined // The decoder throws for a foreign character or prefix; the caller answers with the one code.
  }
}

/** SEC 1, 2.3.3: the sign of y and x. */
function compressed(x: string, y: string): Uint8Array {
  const odd = (fromBase64url(y)[31] ?? 0) & 1
  return joined(Uint8Array.of(2 + odd), fromBase64url(x))
}

function expanded(point: Uint8Array, text: string): PublicJwk {
  try {
    const full = Buffer.from(ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'uncompressed') as Buffer) // A Buffer, since no output encoding is named.
    return { kty: 'EC', crv: 'P-256', x: toBase64url(full.subarray(1, 33)), y: toBase64url(full.subarray(33, 65)) }
  } catch (cause) {
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'a multikey is no point of P-256', { characters: text.length }, { cause })
  }
}

const p25519 = 2n ** 255n - 19n
/** y of the eight points whose order divides 8: under such a key one signature can fit many messages. The last two were computed from RFC 8032, 5.1. */
const smallOrder = new Set([
  0n,
  1n,
  p25519 - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
])

/** @param x the encoding of RFC 8032, 5.1.2: y in little-endian order, with the sign of x in the top bit */
function weak(x: Uint8Array): boolean {
  const bytes = Buffer.from(x).reverse()
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  const y = BigInt(`0x${bytes.toString('hex')}`)
  return y >= p25519 || smallOrder.has(y)
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  return Buffer.concat([head, tail])
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte)
}
