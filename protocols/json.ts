/**
 * Strict JSON in: what two readers could understand differently is refused, each with its code.
 *
 * JSON.parse does the reading, several times faster than anything written in JavaScript. It keeps the last of
 * two equal names without a word, so the scan before it counts the names in the text and the walk after it
 * counts the members that came out: fewer members than names is a duplicate. Text without `\u` that is itself well
 * formed cannot hold a lone surrogate, so its strings are not looked at one by one.
 *
 * A name that is written with an escape it may read as another one, depending on what the process has read before, in V8 up to
 * 14.6 at least (nodejs/node#63785): `{"alg":"none","\\u0":0}` makes the next `{"alg":"none","\u0061lg":"EdDSA"}` come out with
 * a member `\u0`. A stranger could have two nodes read one signed text in two ways. Such texts, which nobody writes for a purpose
 * we know, are taken apart by hand.
 */
import { TrustError } from './errors.ts'

/** A UBL invoice as JSON has 9 levels; from some ten thousand on a stack overflows. */
export const depthMax = 32

/**
 * Commas and colons outside strings: about two a member, one an element. Wide text costs more a byte than long text: a megabyte
 * of them took 60 to 120 ms. An invoice of 1,000 lines has some 50,000.
 */
export const separatorsMax = 1 << 16

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * @throws {TrustError} DFFT_NOT_UTF8, DFFT_NOT_JSON, DFFT_JSON_DUPLICATE_KEY, DFFT_JSON_TOO_DEEP, DFFT_JSON_VALUE, DFFT_LIMIT
 */
export function parseJson(input: Uint8Array | string): Json {
  const text = typeof input === 'string' ? input : decode(input)
  const { names, escaped } = countNames(text)
  const plain = !text.includes('\\u') && (typeof input !== 'string' || text.isWellFormed())
  let value: Json
  try {
    value = escaped ? new ByHand(text).document() : (JSON.parse(text) as Json) // JSON.parse yields exactly this type.
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
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
  // A name with an escape is read by hand, see `parseJson`.
  if (text.includes('\ufffd') || text.includes('\\')) return undefined
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
  let commas = 0
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
    } else if (unit === comma) {
      commas++
      if (depth > 0) continue
      if (text.charCodeAt(++at) !== 0x0a) return undefined
      found++
    } else if (unit === 0x0a) return undefined
  }
  return depth === 0 && found === count && names + commas <= separatorsMax ? names : undefined
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
const comma = 0x2c
const backslash = 0x5c

/**
 * Colons outside strings, one a member in any text that JSON.parse accepts, and whether any name is written with an escape. Refuses
 * depth and width on the way.
 */
function countNames(text: string): { readonly names: number; readonly escaped: boolean } {
  let names = 0
  let commas = 0
  let escaped = false
  /** Where the next backslash is, and where the last string began. */
  let slash = text.indexOf('\\')
  let string = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) {
      string = at
      at = endOfString(text, at + 1)
    } else if (unit === colon || unit === comma) {
      if (unit === colon) {
        names++
        if (slash >= 0 && slash < string) slash = text.indexOf('\\', string)
        if (slash >= 0 && slash < at) escaped = true
      } else commas++
      if (names + commas > separatorsMax) throw new TrustError('DFFT_LIMIT', 'the JSON has too many members and elements', { separatorsMax })
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > depthMax) throw new TrustError('DFFT_JSON_TOO_DEEP', `the JSON is nested deeper than ${depthMax} levels`, { depthMax })
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return { names, escaped }
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

/** Strings, numbers and words are JSON.parse's still: alone, it reads them right. Depth was bounded by the scan. */
class ByHand {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Json {
    const value = this.#value()
    if (this.#next() !== undefined) throw new SyntaxError('something follows the document')
    return value
  }

  #value(): Json {
    const sign = this.#next()
    return sign === '{' ? this.#object() : sign === '[' ? this.#array() : this.#scalar()
  }

  #object(): Json {
    const object: Record<string, Json> = {}
    this.#at++
    if (this.#taken('}')) return object
    do {
      const name = this.#next() === '"' ? String(this.#scalar()) : undefined
      if (name === undefined) throw new SyntaxError('a member has a name')
      if (name === '__proto__') throw new TrustError('DFFT_JSON_VALUE', 'a member has a name that is refused')
      this.#expect(':')
      object[name] = this.#value()
    } while (this.#taken(','))
    this.#expect('}')
    return object
  }

  #array(): Json {
    const elements: Json[] = []
    this.#at++
    if (this.#taken(']')) return elements
    do elements.push(this.#value())
    while (this.#taken(','))
    this.#expect(']')
    return elements
  }

  #scalar(): Json {
    const start = this.#at
    if (this.#text[start] === '"') this.#at = endOfString(this.#text, start + 1) + 1
    else while (this.#at < this.#text.length && !' \t\n\r,:]}'.includes(this.#text.charAt(this.#at))) this.#at++
    return JSON.parse(this.#text.slice(start, this.#at)) as Json // As above.
  }

  /** The next sign that is no white space, not taken yet; undefined at the end. */
  #next(): string | undefined {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '-')) this.#at++
    return this.#text[this.#at]
  }

  #taken(sign: string): boolean {
    if (this.#next() !== sign) return false
    this.#at++
    return true
  }

  #expect(sign: string): void {
    if (!this.#taken(sign)) throw new SyntaxError(`\`${sign}\` is missing`)
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
  const object = value as { readonly [name: string]: Json } // The one kind that is left.
  for (const name of Object.keys(object)) {
    if (name === '__proto__' || !name.isWellFormed()) throw new TrustError('DFFT_JSON_VALUE', 'a member has a name that is refused')
    members += 1 + countMembers(object[name] as Json) // One of its own.
  }
  return members
}

/**
 * Values in a value, itself included, counted no further than just beyond `max`: what costs more a value than reading did is
 * asked this first.
 */
export function sizeOf(value: unknown, max: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let size = 1
  // In turn, since a list of all members is work too. JSON has no inherited ones.
  for (const name in value) {
    if (size > max) break
    size += sizeOf((value as Readonly<Record<string, unknown>>)[name], max - size)
  }
  return size
}
