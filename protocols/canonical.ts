/**
 * RFC 8785 bytes: the only serialiser for what is hashed or signed.
 *
 * A lone surrogate, a non-finite number or a value that JSON cannot carry is a fault of ours by the time it
 * gets here, except that a caller may hand over text it never checked: that is refused with a code.
 */
import { TrustError } from './errors.ts'
import { type Digest, digest } from './ids.ts'

/** RFC 8785 text of a JSON value. Members whose value is `undefined` are left out, as in JSON.stringify. */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TrustError('DFFT_JSON_VALUE', 'a number that is not finite has no canonical form')
      return String(Object.is(value, -0) ? 0 : value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as Record<string, unknown>)
    default:
      throw new TrustError('DFFT_JSON_VALUE', `a ${typeof value} has no canonical form`)
  }
}

export function canonicalBytes(value: unknown): Uint8Array {
  return Buffer.from(canonical(value), 'utf8')
}

/** Digest of the canonical form. */
export function digestOf(value: unknown): Digest {
  return digest(canonical(value))
}

// Nothing in this class needs an escape, and no surrogate stands in it: such text is its own canonical form between quotes.
const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new TrustError('DFFT_JSON_VALUE', 'a lone surrogate has no canonical form')
  return JSON.stringify(text)
}

function canonicalArray(values: readonly unknown[]): string {
  let text = '['
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ','
    text += values[index] === undefined ? 'null' : canonical(values[index])
  }
  return `${text}]`
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  const names = sorted(Object.keys(object))
  let text = '{'
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string // The index is in bounds.
    const value = object[name]
    if (value === undefined) continue
    text += text.length > 1 ? `,${quoted(name)}:${canonical(value)}` : `${quoted(name)}:${canonical(value)}`
  }
  return `${text}}`
}

/** In place, by UTF-16 code units, which is the order RFC 8785, 3.2.3 asks for. Most objects have few members, and those we read are in order. */
function sorted(names: string[]): string[] {
  if (names.length > 24) return names.sort()
  for (let index = 1; index < names.length; index++) {
    const name = names[index] as string // Here and below an index is in bounds.
    let at = index
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string
    names[at] = name
  }
  return names
}
