/** RFC 4648, 5, without padding, and only its one canonical form: a second spelling of a token would pass a replay cache. */
import { TrustError } from './errors.ts'

export function toBase64url(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('base64url')
}

/** @throws {TrustError} DFFT_BASE64URL for padding, foreign characters, white space, or spare bits that are not zero */
export function fromBase64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (foreign(text) || !whole(text, bytes.length)) throw new TrustError('DFFT_BASE64URL', 'a value is not canonical base64url', { characters: text.length })
  return bytes
}

/** A test of text that has one byte a character costs nothing: the engine knows that none of it can match. */
const wide = /[^\0-\xff]/

/** Whether it has characters that Node's decoder takes and this alphabet has not: those of base64, and any whose low byte is one of ours. */
function foreign(text: string): boolean {
  return text.includes('+') || text.includes('/') || wide.test(text)
}

/** Whether the decoder passed over nothing, which would be missing in what it wrote, and no bit is spare. */
function whole(text: string, bytes: number): boolean {
  const left = text.length & 3
  return bytes === Math.floor((text.length * 3) / 4) && (left === 0 || lastOf[left as 1 | 2 | 3].includes(text.charAt(text.length - 1)))
}

/** Last characters without spare bits, by what is left of the length when fours are taken off (RFC 4648, 3.5). None ends one character after a four. */
const lastOf = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const

/**
 * The bytes of many short values, with text before, between and after them, in a fraction of the time of one call for each.
 *
 * @param around ASCII
 * @returns undefined when one of them is not canonical
 */
export function fromBase64urlJoined(
  texts: readonly string[],
  around: { readonly before: string; readonly between: string; readonly after: string },
): Uint8Array | undefined {
  const all = texts.join('')
  if (foreign(all)) return undefined
  const { before, between, after } = around
  const bytes = Buffer.allocUnsafe(before.length + all.length + texts.length * between.length + after.length)
  let at = bytes.write(before, 0, 'latin1')
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] as string // The index is in bounds.
    const written = bytes.write(text, at, 'base64url')
    if (!whole(text, written)) return undefined
    at += written
    if (index < texts.length - 1) at += bytes.write(between, at, 'latin1')
  }
  at += bytes.write(after, at, 'latin1')
  return bytes.subarray(0, at)
}
