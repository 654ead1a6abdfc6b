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
  if (typeof value === 'object' && value !== null) {
    const known = texts.get(value)
    if (known !== undefined) return typeof known === 'string' ? known : wholeOf(known)
    const ordered = inOrder(value)
    const text = ordered === exotic ? '' : JSON.stringify(ordered)
    // JSON.stringify writes a lone surrogate as an escape, which the careful way refuses.
    if (text !== '' && !text.includes('\\ud')) return text
  }
  return carefully(value)
}

/** A document member by member, in canonical order. */
interface Members {
  readonly names: readonly string[]
  /** `"name":value` each. */
  readonly texts: readonly string[]
  /** Put together when it is first asked for: what is signed is never the whole of it. */
  whole: string | undefined
}

// By identity, and gone with their documents: what is digested, signed, sent and stored is written once, not four times.
const texts = new WeakMap<object, string | Members>()

/**
 * The canonical text of a document without some of its members, each of which is written once, whatever is left out next: signatures and digests
 * are of one document with more or less of it.
 *
 * @param document is frozen, with all that stands in it: what was written once is not written anew
 */
export function canonicalWithout(document: object, without: ReadonlySet<string>): string {
  const members = membersOf(document)
  let text = ''
  for (let index = 0; index < members.names.length; index++) {
    if (without.has(members.names[index] as string)) continue // The index is in bounds, here and below.
    text += text === '' ? members.texts[index] : `,${members.texts[index]}`
  }
  return `{${text}}`
}

/** As `canonical`, for a document whose parts stand in others too: each part is written once, and frozen with the document. */
export function canonicalInParts(document: object): string {
  if (!frozen(document)) membersOf(document)
  return canonical(document)
}

function wholeOf(members: Members): string {
  members.whole ??= `{${members.texts.join(',')}}`
  return members.whole
}

function membersOf(document: object): Members {
  const known = texts.get(document)
  if (typeof known === 'object') return known
  const names = namesOf(Object.freeze(document))
  const written = names.map((name) => `${quoted(name)}:${writtenOnce((document as Readonly<Record<string, unknown>>)[name])}`)
  return keep(document, { names, texts: written, whole: known })
}

/** Of the members that are written, in canonical order. */
function namesOf(document: object): readonly string[] {
  const names = Object.keys(document).filter((name) => (document as Readonly<Record<string, unknown>>)[name] !== undefined)
  return rising(names) ? names : sorted(names)
}

function keep(document: object, members: Members): Members {
  texts.set(document, members)
  return members
}

/** A document with members more than one that was written already, such as its signature: only those are written. Both are frozen. */
export function extended<Document extends object, Added extends object>(document: Document, added: Added): Document & Added {
  const whole = Object.freeze({ ...document, ...added })
  const [before, more] = [membersOf(document), membersOf(added)]
  const names = namesOf(whole)
  const written = names.map((name) => {
    const of = Object.hasOwn(added, name) ? more : before
    return of.texts[of.names.indexOf(name)] as string // Both were just written.
  })
  keep(whole, { names, texts: written, whole: undefined })
  return whole
}

/** A part may stand in several documents, as an accreditation does in every Request. */
function writtenOnce(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return canonical(value)
  const text = canonical(value)
  freeze(value)
  if (!texts.has(value)) texts.set(value, text)
  return text
}

/** With all that stands in it: a text that is remembered must stay the text of its value. */
function freeze(value: object): void {
  if (texts.has(value)) return // Frozen when it was remembered.
  Object.freeze(value)
  if (Array.isArray(value)) for (let index = 0; index < value.length; index++) freezeMember(value[index])
  else for (const name in value) freezeMember((value as Readonly<Record<string, unknown>>)[name])
}

function freezeMember(value: unknown): void {
  if (typeof value === 'object' && value !== null) freeze(value)
}

/** Stands for a value of which JSON.stringify would not give the canonical form. */
const exotic = Symbol('exotic')

/**
 * The value with the members of every object in order: itself where they are, which is so for whatever was parsed from canonical text.
 * JSON.stringify of it is then canonical, and several times faster than what can be written here.
 */
function inOrder(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      return Number.isFinite(value) ? value : exotic
    case 'object':
      return value === null ? null : Array.isArray(value) ? arrayInOrder(value) : objectInOrder(value)
    default:
      return exotic
  }
}

function arrayInOrder(values: readonly unknown[]): unknown {
  let copy: unknown[] | undefined
  for (let index = 0; index < values.length; index++) {
    const ordered = inOrder(values[index])
    if (ordered === exotic) return exotic
    if (ordered !== values[index]) copy ??= [...values]
    if (copy) copy[index] = ordered
  }
  return copy ?? values
}

function objectInOrder(value: object): unknown {
  const object = value as Readonly<Record<string, unknown>> // Its own members, by name.
  if (Object.getPrototypeOf(object) !== Object.prototype) return exotic
  const names = Object.keys(object)
  let copy: Record<string, unknown> | undefined = rising(names) ? undefined : {}
  if (copy) sorted(names)
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string // The index is in bounds.
    const first = name.charCodeAt(0)
    // Objects put whole numbers first, whatever the order of insertion; `__proto__` would not become a member.
    if ((first >= 0x30 && first <= 0x39) || name === '__proto__') return exotic
    const member = object[name]
    const ordered = typeof member === 'string' ? member : inOrder(member)
    if (ordered === exotic) return exotic
    if (ordered !== member) copy ??= copyOf(object, names, index)
    if (copy) copy[name] = ordered
  }
  return copy ?? object
}

/** The first members, which were found in order. */
function copyOf(object: Readonly<Record<string, unknown>>, names: readonly string[], count: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (let index = 0; index < count; index++) {
    const name = names[index] as string // The index is in bounds.
    copy[name] = object[name]
  }
  return copy
}

function rising(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++) if ((names[index - 1] as string) > (names[index] as string)) return false // Both are in bounds.
  return true
}

/** Whether the text of a value is remembered, and the value therefore frozen with all that stands in it. */
export function frozen(value: object): boolean {
  return texts.has(value)
}

/** The definition, member by member. */
function carefully(value: unknown): string {
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
    text += values[index] === undefined ? 'null' : carefully(values[index])
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
    text += text.length > 1 ? `,${quoted(name)}:${carefully(value)}` : `${quoted(name)}:${carefully(value)}`
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
