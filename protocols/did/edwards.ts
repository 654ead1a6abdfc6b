/** Points of edwards25519: which are unsafe as keys, and which key of X25519 belongs to one. */
import { fromBase64url } from '../base64url.ts'

const p25519 = 2n ** 255n - 19n
/** y of the eight points whose order divides 8: under such a key one signature can fit many messages. The last two were computed from RFC 8032, 5.1. */
const smallOrder = new Set([
  0n,
  1n,
  p25519 - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
])

/** @param x of an Ed25519 JWK: the encoding of RFC 8032, 5.1.2 */
export function weak(x: string): boolean {
  const y = ordinate(x)
  return y >= p25519 || smallOrder.has(y)
}

/**
 * The X25519 key of an Ed25519 one: u = (1 + y) / (1 − y) (RFC 7748, 4.1).
 *
 * @param x of an Ed25519 JWK that is not `weak`
 */
export function montgomery(x: string): Uint8Array {
  const y = ordinate(x)
  const u = ((1n + y) * inverse(p25519 + 1n - y)) % p25519
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse()
}

/** y, which stands in little-endian order with the sign of the other coordinate in the top bit. */
function ordinate(x: string): bigint {
  const bytes = Buffer.from(fromBase64url(x)).reverse()
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** By Euclid's algorithm. @param value prime to p */
function inverse(value: bigint): bigint {
  let [low, high] = [value % p25519, p25519]
  let [a, b] = [1n, 0n]
  while (low > 1n) {
    const quotient = high / low
    ;[low, high] = [high - quotient * low, low]
    ;[a, b] = [b - quotient * a, a]
  }
  return ((a % p25519) + p25519) % p25519
}
