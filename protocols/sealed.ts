/**
 * AES-256-GCM as one string of bytes: nonce (12) ‖ ciphertext ‖ tag (16). The context is authenticated, not carried.
 *
 * NIST SP 800-38D allows 2^32 messages under one key with random nonces.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { TrustError } from './errors.ts'

const nonceBytes = 12
const tagBytes = 16

/** @param nonce 12 random bytes, never used twice with the key */
export function seal(key: KeyObject | Uint8Array, nonce: Uint8Array, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws {TrustError} DFFT_KEYSTORE when the bytes, the context or the key are not those of the sealing */
export function unseal(key: KeyObject | Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  const end = sealed.length - tagBytes
  if (end < nonceBytes) throw new TrustError('DFFT_KEYSTORE', 'a sealed value is cut short', { bytes: sealed.length })
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(context).setAuthTag(sealed.subarray(end))
  try {
    const plain = decipher.update(sealed.subarray(nonceBytes, end))
    decipher.final() // Empty for a counter mode; throws when the tag does not fit.
    return plain
  } catch (cause) {
    throw new TrustError('DFFT_KEYSTORE', 'a sealed value was changed, or belongs elsewhere', { bytes: sealed.length }, { cause })
  }
}
