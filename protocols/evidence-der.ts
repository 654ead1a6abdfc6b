/**
 * DER (ITU-T X.690, 8 and 10) as far as timestamps need it: definite lengths in their one spelling, single-byte tags, nothing behind the
 * end. What could be written in two ways is refused.
 */
import { TrustError } from './errors.ts'

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export interface Der {
  readonly tag: number
  /** Tag, length and content. */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
}

/** Tag of a context-specific, constructed value: `[number]`. */
export function context(number: number): number {
  return 0xa0 | number
}

/** A whole text of one value. @throws {TrustError} DFFT_TIMESTAMP */
export function readDer(bytes: Uint8Array, tag: number): Der {
  const [found, ...rest] = valuesIn(bytes)
  if (!found || rest.length > 0) throw malformed('more than one value, or none')
  return expect(found, tag)
}

/** The values in a SEQUENCE or SET, or in a context tag. @throws {TrustError} DFFT_TIMESTAMP */
export function childrenOf({ content }: Der): readonly Der[] {
  return valuesIn(content)
}

/** @throws {TrustError} DFFT_TIMESTAMP */
export function expect(found: Der | undefined, tag: number): Der {
  if (found?.tag !== tag) throw malformed(`a value of tag ${found?.tag ?? 'none'} where ${tag} is due`)
  return found
}

/** Dotted (X.690, 8.19). @throws {TrustError} DFFT_TIMESTAMP */
export function oidOf(found: Der | undefined): string {
  const { content } = expect(found, tags.oid)
  const arcs: number[] = []
  let arc = 0
  let open = false
  for (const byte of content) {
    if (!open && byte === 0x80) throw malformed('an object identifier is not in its shortest form')
    arc = arc * 128 + (byte & 0x7f)
    open = (byte & 0x80) !== 0
    if (arc > Number.MAX_SAFE_INTEGER / 256) throw malformed('an object identifier is too large')
    if (open) continue
    arcs.push(arc)
    arc = 0
  }
  const [first] = arcs
  if (open || first === undefined) throw malformed('an object identifier is cut off')
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - 40 * top, ...arcs.slice(1)].join('.')
}

/** Big-endian two’s complement in its shortest form (X.690, 8.3). @throws {TrustError} DFFT_TIMESTAMP */
export function integerOf(found: Der | undefined): Uint8Array {
  const { content } = expect(found, tags.integer)
  const [first, second = 0] = content
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (first === undefined || padded) throw malformed('an integer is not in its shortest form')
  return content
}

/** UTC to the second or finer, in milliseconds (X.690, 11.7). @throws {TrustError} DFFT_TIMESTAMP */
export function timeOf(found: Der | undefined): number {
  const text = Buffer.from(expect(found, tags.generalizedTime).content).toString('latin1')
  const [, year, month, day, hour, minute, second, fraction = ''] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,8}[1-9])?Z$/.exec(text) ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`)
  if (Number.isNaN(ms)) throw malformed('a time is not one')
  return ms
}

export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents)
  return Buffer.concat([Uint8Array.of(tag), lengthBytes(content.length), content])
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff] // A request has less than 100 bytes; nothing else is written.
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

function valuesIn(bytes: Uint8Array): readonly Der[] {
  const found: Der[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0
    if ((tag & 0x1f) === 0x1f) throw malformed('a tag of several bytes')
    const { length, start } = lengthAt(bytes, at + 1)
    const end = start + length
    if (end > bytes.length) throw malformed('a value is cut off')
    found.push({ tag, bytes: bytes.subarray(at, end), content: bytes.subarray(start, end) })
    at = end
  }
  return found
}

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } {
  const first = bytes[at]
  if (first === undefined) throw malformed('a length is cut off')
  if (first < 0x80) return { length: first, start: at + 1 }
  const count = first & 0x7f
  const digits = bytes.subarray(at + 1, at + 1 + count)
  const length = digits.reduce((sum, byte) => sum * 256 + byte, 0)
  const shortest = count > 0 && count <= 3 && digits.length === count && digits[0] !== 0 && length >= 0x80
  if (!shortest) throw malformed('a length is not in its shortest form')
  return { length, start: at + 1 + count }
}

function malformed(how: string): TrustError {
  return new TrustError('DFFT_TIMESTAMP', `the timestamp is not DER that is read here: ${how}`)
}
