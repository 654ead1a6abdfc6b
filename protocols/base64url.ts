/** RFC 4648, 5, without padding, and only its one canonical form: a second spelling of a token would pass a replay cache. */
import { TrustError } from './errors.ts'

export function toBase64url(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('base64url')
}

/** @throws {TrustError} DFFT_BASE64URL for padding, foreign characters, white space, or spare bits that are not zero */
export function fromBase64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  // Node's decoder skips what it does not know, so the round trip is the check.
  if (bytes.toString('base64url') !== text) throw new TrustError('DFFT_BASE64URL', 'a value is not canonical base64url', { characters: text.length })
  return bytes
}
