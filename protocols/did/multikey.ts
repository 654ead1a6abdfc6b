/** Multikey: a public key as one line of text that says its own kind (W3C Controlled Identifiers 1.0, 2.2.2). */
import { ECDH } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { fromBase64url, toBase64url } from '../base64url.ts'
import { TrustError } from '../errors.ts'
import { type VerifyJwk, verifyKey } from '../keys.ts'
import { montgomery } from './edwards.ts'

type Curve = VerifyJwk['crv']
/** Kinds that name a key and verify nothing here. */
type ForeignCodec = 'X25519' | 'secp256k1' | 'BLS12-381 G1' | 'BLS12-381 G2' | 'BLS12-381 G1G2' | 'RSA'

/** Of a kind that is not on the allow-list the bytes are known and nothing else: there is no key to verify with. */
export type Multikey =
  | { readonly codec: Curve; readonly jwk: VerifyJwk; readonly bytes: Uint8Array }
  | { readonly codec: ForeignCodec; readonly jwk: null; readonly bytes: Uint8Array }

/** Multicodec codes (as the two bytes of a varint), and how long a key of the kind is; of RSA the sizes of 2048, 3072 and 4096 bits with e = 65537. */
const codecs: readonly { readonly codec: Curve | ForeignCodec; readonly code: readonly [number, number]; readonly sizes: readonly number[] }[] = [
  { codec: 'Ed25519', code: [0xed, 0x01], sizes: [32] },
  { codec: 'P-256', code: [0x80, 0x24], sizes: [33] },
  { codec: 'P-384', code: [0x81, 0x24], sizes: [49] },
  { codec: 'P-521', code: [0x82, 0x24], sizes: [67] },
  { codec: 'X25519', code: [0xec, 0x01], sizes: [32] },
  { codec: 'secp256k1', code: [0xe7, 0x01], sizes: [33] },
  { codec: 'BLS12-381 G1', code: [0xea, 0x01], sizes: [48] },
  { codec: 'BLS12-381 G2', code: [0xeb, 0x01], sizes: [96] },
  { codec: 'BLS12-381 G1G2', code: [0xee, 0x01], sizes: [144] },
  { codec: 'RSA', code: [0x85, 0x24], sizes: [270, 398, 526] },
]

// Decoding is quadratic, so longer text is refused unread: a P-521 key takes 96 characters, an RSA key of 4096 bits 722.
const usableCharactersMax = 96
const charactersMax = 722

const opensslNames = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' } as const

export function multikeyOf(jwk: VerifyJwk): string {
  return encoded(jwk.crv, jwk.kty === 'OKP' ? fromBase64url(jwk.x) : compressed(jwk.x, jwk.y))
}

/** The key agreement key that did:key derives from an Ed25519 one, as a multikey. */
export function x25519MultikeyOf(jwk: VerifyJwk & { readonly crv: 'Ed25519' }): string {
  return encoded('X25519', montgomery(jwk.x))
}

/** The G1 half of a BLS12-381 key that has both. */
export function g1MultikeyOf(bytes: Uint8Array): string {
  return encoded('BLS12-381 G1', bytes.subarray(0, 48))
}

// Each version of a did:webvh names the keys of the one before again, and a P-256 key takes 0.1 ms to read. 4,096 are about 2 MB.
const cacheMax = 4096
const cache = new Map<string, VerifyJwk>()

/**
 * @throws {TrustError} DFFT_KEY_NOT_FOUND for a kind that is not on the allow-list, a second spelling of a key, or a key that is no safe point of its curve
 */
export function jwkOfMultikey(text: string): VerifyJwk {
  const known = cache.get(text)
  if (known) return known
  const { jwk } = text.length > usableCharactersMax ? { jwk: null } : readMultikey(text)
  if (jwk) return kept(text, jwk)
  throw new TrustError('DFFT_KEY_NOT_FOUND', 'a multikey is no key on the allow-list', { characters: text.length })
}

function kept(text: string, jwk: VerifyJwk): VerifyJwk {
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string) // The cache is not empty, so its first key exists.
  cache.set(text, jwk)
  return jwk
}

/**
 * One text a key: base58 spells a number one way but for leading zeros, and those change the length, which is fixed.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND for a kind that is not known, a second spelling of a key, or a usable one that is no safe point of its curve
 */
export function readMultikey(text: string): Multikey {
  const decoded = text.length > charactersMax ? undefined : decodedBytes(text)
  const known =
    decoded && codecs.find(({ code: [first, second], sizes }) => decoded[0] === first && decoded[1] === second && sizes.includes(decoded.length - 2))
  if (!known) throw new TrustError('DFFT_KEY_NOT_FOUND', 'a multikey is of no known kind', { characters: text.length })
  const bytes = decoded.subarray(2)
  const { codec } = known
  if (codec === 'Ed25519') return { codec, jwk: checkPoint({ kty: 'OKP', crv: codec, x: toBase64url(bytes) }), bytes }
  if (codec === 'P-256' || codec === 'P-384' || codec === 'P-521') return { codec, jwk: checkPoint(expanded(bytes, codec)), bytes }
  return { codec, jwk: null, bytes }
}

/** @throws {TrustError} DFFT_KEY_NOT_FOUND when the coordinates are not canonical, not on the curve, or of small order */
export function checkPoint<Jwk extends VerifyJwk>(jwk: Jwk): Jwk {
  verifyKey(jwk)
  return jwk
}

function encoded(codec: Curve | ForeignCodec, bytes: Uint8Array): string {
  return base58btc.encode(Buffer.concat([Uint8Array.from(codecs.find((known) => known.codec === codec)?.code ?? []), bytes]))
}

/** multiformats misreads characters beyond Latin-1 in place of refusing them, which gives keys further spellings. */
const base58 = /^z[1-9A-HJ-NP-Za-km-z]+$/

function decodedBytes(text: string): Uint8Array | undefined {
  if (!base58.test(text)) return undefined
  try {
    return base58btc.decode(text)
  } catch {
    return undefined // The decoder throws for a foreign character or prefix; the caller answers with the one code.
  }
}

/** SEC 1, 2.3.3: the sign of y and x. */
function compressed(x: string, y: string): Uint8Array {
  const odd = (fromBase64url(y).at(-1) ?? 0) & 1
  return Buffer.concat([Uint8Array.of(2 + odd), fromBase64url(x)])
}

function expanded(point: Uint8Array, crv: 'P-256' | 'P-384' | 'P-521'): VerifyJwk {
  try {
    const full = Buffer.from(ECDH.convertKey(point, opensslNames[crv], undefined, undefined, 'uncompressed') as Buffer) // A Buffer, since no output encoding is named.
    const size = (full.length - 1) / 2
    return { kty: 'EC', crv, x: toBase64url(full.subarray(1, 1 + size)), y: toBase64url(full.subarray(1 + size)) }
  } catch (cause) {
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'a multikey is no point of its curve', { crv }, { cause })
  }
}
