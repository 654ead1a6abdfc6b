/**
 * Strict JSON in: what two readers could understand differently is refused, each with its code.
 *
 * JSON.parse does the reading, several times faster than anything written in JavaScript. It keeps the last of
 * two equal names without a word, so the scan before it counts the names in the text and the walk after it
 * counts the members that came out: fewer members than names is a duplicate. Text without `\u` that is itself well
 * formed cannot hold a lone surrogate, so its strings are not looked at one by one.
 */
import { TrustError } from './errors.ts'

/** A UBL invoice as JSON has 9 levels; from some ten thousand on a stack overflows. */
export const depthMax = 32

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * @throws {TrustError} DFFT_NOT_UTF8, DFFT_NOT_JSON, DFFT_JSON_DUPLICATE_KEY, DFFT_JSON_TOO_DEEP, DFFT_JSON_VALUE
 */
export function parseJson(input: Uint8Array | string): Json {
  const text = typeof input === 'string' ? input : decode(input)
  const names = countNames(text)
  const plain = !text.includes('\\u') && (typeof input !== 'string' || text.isWellFormed())
  let value: Json
  try {
    value = JSON.parse(text) as Json // JSON.parse yields exactly this type.
  } catch (cause) {
    throw new TrustError('DFFT_NOT_JSON', 'the text is not JSON', {}, { cause })
  }
  const members = plain ? countPlain(value) : countMembers(value)
  if (members !== names) throw new TrustError('DFFT_JSON_DUPLICATE_KEY', 'an object names a member twice', { names, members })
  return value
}

/** What stands around the texts of `parseJsonLines`. In a JSON text that is written without white space there is no line end. */
export const lines = { before: '[', between: ',\n', after: ']' } as const

/**
 * Several JSON texts, with what `lines` says around them, each as `parseJson` reads it alone: calls for many short texts take longer than
 * reading them.
 *
 * @param count of the texts
 * @returns undefined where a text is refused, or is written in a way that needs a look at it alone: then `parseJson` of each says which and why
 */
export function parseJsonLines(bytes: Uint8Array, count: number): readonly Json[] | undefined {
  const text = buffer(bytes).toString('utf8')
  if (text.includes('\ufffd') || text.includes('\\u')) return undefined
  const names = namesInLines(text, count)
  if (names === undefined) return undefined
  try {
    const values = JSON.parse(text) as readonly Json[] // JSON.parse yields exactly this type.
    let members = 0
    for (let index = 0; index < values.length; index++) members += countPlain(values[index] as Json) // The index is in bounds.
    // Nothing at all between the brackets is one text by its commas and none by what came out.
    return members === names && values.length === count ? values : undefined
  } catch {
    return undefined // One of them is refused, and alone it says why.
  }
}

/**
 * `countNames` of all, or undefined unless the text falls into `count` by its commas outside of brackets, each before a line end, and has
 * no other line end. JSON.parse takes none within a string, so nothing that it accepts afterwards reaches from one text into another.
 */
function namesInLines(text: string, count: number): number | undefined {
  let names = 0
  let depth = 0
  let found = 1
  for (let at = lines.before.length; at < text.length - lines.after.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = endOfString(text, at + 1)
    else if (unit === colon) names++
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > depthMax) return undefined
    } else if (unit === 0x7d || unit === 0x5d) {
      if (--depth < 0) return undefined
    } else if (unit === 0x2c && depth === 0) {
      if (text.charCodeAt(++at) !== 0x0a) return undefined
      found++
    } else if (unit === 0x0a) return undefined
  }
  return depth === 0 && found === count ? names : undefined
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function decode(bytes: Uint8Array): string {
  const text = buffer(bytes).toString('utf8')
  // What is not UTF-8 becomes this character, which may also have stood there; the decoder that tells them apart takes longer to call.
  return text.includes('\ufffd') ? decodeStrictly(bytes) : text
}

function decodeStrictly(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_UTF8', 'the bytes are not UTF-8', { bytes: bytes.length }, { cause })
  }
}

const quote = 0x22
const colon = 0x3a
const backslash = 0x5c

/** Colons outside strings, one a member in any text that JSON.parse accepts. Refuses depth on the way. */
function countNames(text: string): number {
  let names = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = endOfString(text, at + 1)
    else if (unit === colon) names++
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > depthMax) throw new TrustError('DFFT_JSON_TOO_DEEP', `the JSON is nested deeper than ${depthMax} levels`, { depthMax })
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return names
}

/** Index of the closing quote, or the end of an unclosed string, which JSON.parse will refuse. */
function endOfString(text: string, start: number): number {
  for (let at = start; ; ) {
    const end = text.indexOf('"', at)
    if (end < 0) return text.length
    let first = end
    while (first > start && text.charCodeAt(first - 1) === backslash) first--
    if ((end - first) % 2 === 0) return end
    at = end + 1
  }
}

/** `countMembers` where every string is known to be well formed. */
function countPlain(value: Json): number {
  if (typeof value === 'number') checkNumber(value)
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) members += countPlain(value[index])
    return members
  }
  const object = value as Readonly<Record<string, Json>> // The one kind that is left.
  // Makes no array of names, and what is inherited would be counted as well, so that the text is refused.
  for (const name in object) {
    members++
    if (name === '__proto__') throw new TrustError('DFFT_JSON_VALUE', 'a member has a name that is refused')
    const member = object[name] as Json // The name is the object's own.
    if (typeof member !== 'string') members += countPlain(member)
  }
  return members
}

function checkNumber(value: number): void {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER || Object.is(value, -0)) throw new TrustError('DFFT_JSON_VALUE', 'a number cannot be carried exactly')
}

function countMembers(value: Json): number {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TrustError('DFFT_JSON_VALUE', 'a string has a lone surrogate')
    return 0
  }
  if (typeof value === 'number') {
    checkNumber(value)
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const element of value) members += countMembers(element)
    return members
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__' || !name.isWellFormed()) throw new TrustError('DFFT_JSON_VALUE', 'a member has a name that is refused')
    members += 1 + countMembers(member)
  }
  return members
}
