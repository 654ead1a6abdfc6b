/**
 * Selective disclosure of a JSON tree: digests in place of values, and back (RFC 9901, 4.2 and 7.1).
 *
 * Pointers (RFC 6901) name members and elements of the tree as it was revealed. Where a presentation leaves out
 * elements of an array, the later ones move up, as they do in the claims a verifier sees.
 */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { fromBase64url, fromBase64urlJoined, toBase64url } from '#protocols/base64url.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { depthMax, type Json, lines, parseJson, parseJsonLines } from '#protocols/json.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

export interface Disclosure {
  /** Where its value stands in the revealed claims. */
  readonly pointer: string
  /** As it travels: base64url of a JSON array. */
  readonly text: string
  /** base64url SHA-256 of the text. */
  readonly digest: string
}

/** The largest credential we know has 200; 1,000 take 4 ms to read, and each costs a hash before any signature is checked. */
export const disclosuresMax = 1000
/** Each disclosure keeps its pointer, so a long name around many of them would be held that many times. Ours take at most 60. */
const pointerCharactersMax = 1024
/** RFC 9901, 9.3: 128 bits. */
const saltBytesMin = 16
const decoysMax = 256

const reserved: ReadonlySet<string> = new Set(['_sd', '...', '_sd_alg', '__proto__'])

export interface ConcealOptions {
  /** Fresh random bytes, at least 16, on each call. */
  readonly salt: () => Uint8Array
  /** Digests of nothing, added to each object that has a concealed member: hides how many there are. */
  readonly decoys?: number
}

/**
 * Puts a digest in place of each member and element that `pointers` name, the innermost first.
 *
 * @throws {TrustError} DFFT_SCHEMA for a pointer to nothing, a reserved name in the claims; DFFT_LIMIT
 */
export function conceal(
  claims: JsonObject,
  pointers: readonly string[],
  options: ConcealOptions,
): { readonly claims: JsonObject; readonly disclosures: readonly string[] } {
  const decoys = options.decoys ?? 0
  if (pointers.length > disclosuresMax || decoys > decoysMax) {
    throw new TrustError('DFFT_LIMIT', 'too many disclosures', { pointers: pointers.length, disclosuresMax, decoys, decoysMax })
  }
  const tree = new Concealing(new Set(pointers), options.salt, decoys)
  const concealed = tree.object(claims, '')
  const [missing] = tree.wanted
  if (missing !== undefined) throw new TrustError('DFFT_SCHEMA', `there is no claim at \`${missing}\``, { path: missing.slice(0, 256) })
  return { claims: concealed, disclosures: tree.disclosures }
}

/** One walk of `conceal`: keeps the pointers not met yet beside the disclosures made so far. */
class Concealing {
  readonly wanted: Set<string>
  readonly disclosures: string[] = []
  readonly #salt: () => Uint8Array
  readonly #decoys: number

  constructor(wanted: Set<string>, salt: () => Uint8Array, decoys: number) {
    this.wanted = wanted
    this.#salt = salt
    this.#decoys = decoys
  }

  value(value: Json, pointer: string): Json {
    if (Array.isArray(value)) return value.map((element, index) => this.#element(element, `${pointer}/${index}`))
    return isJsonObject(value) ? this.object(value, pointer) : value
  }

  object(object: JsonObject, pointer: string): JsonObject {
    const open: Record<string, Json> = {}
    const digests: string[] = []
    for (const [name, member] of Object.entries(object)) {
      if (reserved.has(name)) throw new TrustError('DFFT_SCHEMA', `no claim may be named \`${name}\``)
      const at = `${pointer}/${escaped(name)}`
      const inner = this.value(member, at)
      if (this.wanted.delete(at)) digests.push(this.#disclose([this.#freshSalt(), name, inner]))
      else open[name] = inner
    }
    if (digests.length === 0) return open
    for (let decoy = 0; decoy < this.#decoys; decoy++) digests.push(sha256(this.#freshSalt()))
    // Sorted digests say nothing of the order of the members, nor which are decoys.
    return { ...open, _sd: digests.sort() }
  }

  #element(element: Json, at: string): Json {
    const inner = this.value(element, at)
    return this.wanted.delete(at) ? { '...': this.#disclose([this.#freshSalt(), inner]) } : inner
  }

  #freshSalt(): string {
    const salt = this.#salt()
    assert(salt.length >= saltBytesMin, 'a salt has 128 bits')
    return toBase64url(salt)
  }

  #disclose(parts: readonly Json[]): string {
    const text = toBase64url(canonicalBytes(parts))
    this.disclosures.push(text)
    return sha256(text)
  }
}

/**
 * The claims with every disclosure put in its place, without digests.
 *
 * @param payload the payload of an SD-JWT; its `_sd_alg`, if any, has to be `sha-256`
 * @throws {TrustError} DFFT_DISCLOSURE for a disclosure that is malformed, doubled, unreferenced, of the wrong kind, or collides with a claim;
 *   for digests that repeat; DFFT_LIMIT, DFFT_BASE64URL, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_ALGORITHM
 * @see RFC 9901, 7.1, steps 2 to 5
 */
export function reveal(payload: JsonObject, texts: readonly string[]): { readonly claims: JsonObject; readonly disclosures: readonly Disclosure[] } {
  if (texts.length > disclosuresMax) throw new TrustError('DFFT_LIMIT', 'too many disclosures', { disclosures: texts.length, disclosuresMax })
  if (Object.hasOwn(payload, '_sd_alg') && payload._sd_alg !== 'sha-256') throw new TrustError('DFFT_ALGORITHM', 'disclosures are hashed with sha-256 only')
  const tree = new Revealing(texts)
  const claims = tree.object(payload, '', 1)
  // Each digest places one disclosure, so a doubled text is left over as an unreferenced one is.
  if (tree.disclosures.length !== texts.length) throw refused('a disclosure is doubled or belongs to no digest')
  return { claims, disclosures: tree.disclosures }
}

/** A disclosure before it has a place. An array element has no name. */
interface Loose {
  readonly text: string
  readonly digest: string
  readonly name: string | null
  readonly value: Json
  /** A digest places one disclosure, and stands in one place. */
  met: boolean
}

/** One walk of `reveal`: keeps the digests seen beside the disclosures placed so far. */
class Revealing {
  readonly disclosures: Disclosure[] = []
  readonly #loose = new Map<string, Loose>()
  /** Met, and without a disclosure. */
  readonly #bare = new Set<string>()

  constructor(texts: readonly string[]) {
    const values = valuesOf(texts)
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index] as string // The index is in bounds, as there are as many values.
      const loose = looseOf(text, values[index] as Json)
      this.#loose.set(loose.digest, loose)
    }
  }

  value(value: Json, pointer: string, depth: number): Json {
    if (Array.isArray(value)) return this.#array(value, pointer, depth)
    return isJsonObject(value) ? this.object(value, pointer, depth) : value
  }

  object(object: JsonObject, pointer: string, depth: number): JsonObject {
    checkDepth(depth)
    const claims: Record<string, Json> = {}
    for (const name in object) {
      if (name === '_sd' || (name === '_sd_alg' && depth === 1)) continue
      if (reserved.has(name)) throw refused(`the name \`${name}\` is reserved`)
      const member = object[name] as Json // The name is its own.
      claims[name] = typeof member === 'object' && member !== null ? this.value(member, `${pointer}/${escaped(name)}`, depth + 1) : member
    }
    if (!Object.hasOwn(object, '_sd')) return claims
    for (const loose of this.#membersOf(object)) {
      const { name } = loose
      if (Object.hasOwn(claims, name)) throw refused('a disclosed member is there already')
      claims[name] = this.#place(loose, `${pointer}/${escaped(name)}`, depth)
    }
    return claims
  }

  /**
   * What is disclosed of an object, by name. Digests stand in an order that is different in every credential; objects whose members
   * come in one order are several times faster to make and to read.
   */
  #membersOf(object: JsonObject): readonly NamedLoose[] {
    const members: NamedLoose[] = []
    for (const digest of digestsOf(object)) {
      const loose = this.#take(digest)
      if (!loose) continue
      if (!named(loose)) throw refused('an array element is disclosed as a member')
      members.push(loose)
    }
    return members.length > 1 ? members.sort(byName) : members
  }

  #array(values: readonly Json[], pointer: string, depth: number): Json {
    checkDepth(depth)
    const elements: Json[] = []
    for (const value of values) {
      const at = `${pointer}/${elements.length}`
      const digest = elementDigest(value)
      if (digest === null) {
        elements.push(this.value(value, at, depth + 1))
        continue
      }
      const loose = this.#take(digest)
      if (!loose) continue
      if (loose.name !== null) throw refused('a member is disclosed as an array element')
      elements.push(this.#place(loose, at, depth))
    }
    return elements
  }

  #take(digest: string): Loose | undefined {
    const loose = this.#loose.get(digest)
    if (loose ? loose.met : this.#bare.has(digest)) throw refused('a digest is there twice')
    if (loose) loose.met = true
    else this.#bare.add(digest)
    return loose
  }

  #place({ text, digest, value }: Loose, pointer: string, depth: number): Json {
    if (pointer.length > pointerCharactersMax) throw new TrustError('DFFT_LIMIT', 'a disclosure stands too deep under long names', { pointerCharactersMax })
    this.disclosures.push({ pointer, text, digest })
    return typeof value === 'object' && value !== null ? this.value(value, pointer, depth + 1) : value
  }
}

type NamedLoose = Loose & { readonly name: string }

function named(loose: Loose): loose is NamedLoose {
  return loose.name !== null
}

function byName(left: NamedLoose, right: NamedLoose): number {
  return left.name < right.name ? -1 : 1
}

/** All at once where that goes; else one by one, which also says what is wrong with the first that is. */
function valuesOf(texts: readonly string[]): readonly Json[] {
  const joined = texts.length > 0 ? fromBase64urlJoined(texts, lines) : undefined
  return (joined && parseJsonLines(joined, texts.length)) ?? texts.map((text) => parseJson(fromBase64url(text)))
}

function looseOf(text: string, parts: Json): Loose {
  if (!Array.isArray(parts) || typeof parts[0] !== 'string') throw refused('a disclosure is an array that begins with its salt')
  const digest = sha256(text)
  if (parts.length === 2) return { text, digest, name: null, value: parts[1], met: false }
  const [, name, value] = parts
  if (parts.length !== 3 || typeof name !== 'string') throw refused('a disclosure has a salt, perhaps a name, and a value')
  if (reserved.has(name)) throw refused(`the name \`${name}\` is reserved`)
  return { text, digest, name, value, met: false }
}

function digestsOf(object: JsonObject): readonly string[] {
  const digests = object._sd
  if (!Array.isArray(digests) || !digests.every((digest) => typeof digest === 'string')) throw refused('`_sd` is an array of digests')
  return digests
}

/** The digest that stands for an array element, or null for an element that stands for itself. */
function elementDigest(value: Json): string | null {
  if (!isJsonObject(value) || !Object.hasOwn(value, '...')) return null
  const digest = value['...']
  if (typeof digest !== 'string' || Object.keys(value).length !== 1) throw refused('`...` stands alone and holds a digest')
  return digest
}

function checkDepth(depth: number): void {
  if (depth > depthMax) throw new TrustError('DFFT_JSON_TOO_DEEP', `the claims are nested deeper than ${depthMax} levels`, { depthMax })
}

function escaped(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}

function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_DISCLOSURE', message)
}
