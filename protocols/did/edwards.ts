/** Points of edwards25519: which key of X25519 belongs to one. */
import { fromBase64url } from '../base64url.ts'

const p25519 = 2n ** 255n - 19n

/**
 * The X25519 key of an Ed25519 one: u = (1 + y) / (1 − y) (RFC 7748, 4.1).
 *
 * @param x of an Ed25519 JWK that `verifyKey` takes: not of small order (RFC 8032, 5.1.2)
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
