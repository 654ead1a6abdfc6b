/**
 * The credentials of this node: issued by it, held as their subject, received from holders abroad.
 *
 * What leaves is decided elsewhere; the wallet only knows how to show exactly that much and no more.
 */

import type { Changes } from '#node/changes.ts'
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import { bindSdJwt } from '#protocols/credential/key-binding.ts'
import { readSdJwt, type SdJwt, selectDisclosures } from '#protocols/credential/sd-jwt.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { disclosuresOf } from '#protocols/credential-types/credential-type.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Digest, Instant, JsonPointer } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import type { Signer, VerifyJwk } from '#protocols/keys.ts'
import { cutOnce, readOwn } from './kept-text.ts'
import type { End } from './register-issued.ts'

export type Role = 'issued' | 'held' | 'received'

export interface Encoding {
  readonly format: 'dc+sd-jwt' | 'vc+jwt'
  readonly text: string
}

/** A credential about a person was issued as copies, which are kept beside it (copies.ts) and shown once each. */
export interface Batch {
  /** The node that serves the person: where the copies were delivered. */
  readonly holder: Did
  readonly copies: number
  /** Of all the claims, so that one credential issued again is told from another person's. Never leaves the node. */
  readonly claims: Digest
}

/** One credential, in all its encodings. */
export interface Kept {
  readonly id: string
  readonly role: Role
  readonly type: string
  readonly issuer: Did
  /** Null where it is about a person, whom nothing but the claims names. */
  readonly subject: Did | null
  readonly title: string
  readonly issuedAt: Instant
  readonly validUntil: Instant | null
  /** Address of the list and index, as the dc+sd-jwt and the vc+jwt name it. */
  readonly status: StatusReference | null
  readonly encodings: readonly Encoding[]
  /** What the holder knows of these data beyond the credential, such as a protected address; policy sees it. */
  readonly dataFlags: readonly string[]
  /** Exchange it came by; null for what was issued here. */
  readonly exchange: string | null
  /** How the entity ended in the register it was issued from; it is revoked then. */
  readonly end?: End
  /** Then `encodings` is empty, and `status` is the first copy’s. */
  readonly batch?: Batch
}

/** Credentials of one type that are looked through for one request: a business has a handful of each. */
const fittingMax = 16
/** Types whose credentials stay at hand: a node is asked for one or two. */
const typesAtHandMax = 16

export class Wallet {
  readonly #store: Store
  readonly #changes: Changes
  /** What is held of a type, newest first, as it was after so many changes. */
  readonly #atHand = new Map<string, readonly Kept[]>()

  /** @param changes of what lies under `heldPrefixes` */
  constructor(store: Store, changes: Changes) {
    this.#store = store
    this.#changes = changes
    // What is destroyed is not kept in memory either.
    changes.onChange(() => this.#atHand.clear())
  }

  write(kept: Kept): readonly Write[] {
    return [putJson(keyOf(kept.role, kept.id), kept), putJson(`${indexOf(kept.role)}${kept.type}/${kept.issuedAt}/${kept.id}`, {})]
  }

  async find(id: string): Promise<Kept | undefined> {
    for (const role of ['held', 'issued', 'received'] as const) {
      const kept = await getJson<Kept>(this.#store, keyOf(role, id))
      if (kept) return kept
    }
    return undefined
  }

  /** @throws {TrustError} DFFT_NOT_FOUND */
  async get(id: string): Promise<Kept> {
    const kept = await this.find(id)
    if (!kept) throw new TrustError('DFFT_NOT_FOUND', `no credential \`${id.slice(0, 100)}\` is kept here`)
    return kept
  }

  async list(role: Role | undefined, limit: number): Promise<readonly Kept[]> {
    const found: Kept[] = []
    for (const wanted of role ? [role] : (['held', 'issued', 'received'] as const))
      for await (const [, kept] of scanJson<Kept>(this.#store, keyOf(wanted, ''), { limit: limit - found.length })) {
        found.push(kept)
        if (found.length >= limit) return found
      }
    return found
  }

  /** The credentials of a type that this node holds and that are not past their end, newest first. */
  async fitting(type: string, now: Instant): Promise<Kept[]> {
    const newest = this.#atHand.get(type) ?? (await this.#newest(type))
    return newest.filter((kept) => inTime(kept, now))
  }

  async #newest(type: string): Promise<readonly Kept[]> {
    const { count } = this.#changes
    const found: Kept[] = []
    for await (const kept of this.#all('held', type, fittingMax)) found.push(kept)
    // Anything written of them meanwhile, or under way, may be missing in what was read.
    if (count !== null && count === this.#changes.count) {
      if (this.#atHand.size >= typesAtHandMax) this.#atHand.clear()
      this.#atHand.set(type, found)
    }
    return found
  }

  /**
   * Those of a type that this node received and that are not past their end, newest first: what was issued last, and not what came last.
   *
   * @param looksMax how many it looks at
   */
  async received(type: string, now: Instant, looksMax: number): Promise<Kept[]> {
    const found: Kept[] = []
    for await (const kept of this.#all('received', type, looksMax)) if (inTime(kept, now)) found.push(kept)
    return found
  }

  /** Those of a type that this node holds and that are not past their end, newest first. @param looksMax how many it looks at */
  async *held(type: string, now: Instant, looksMax = 1000): AsyncGenerator<Kept> {
    for await (const kept of this.#all('held', type, looksMax)) if (inTime(kept, now)) yield kept
  }

  async *#all(role: Role, type: string, looksMax: number): AsyncGenerator<Kept> {
    for await (const [key] of scanJson(this.#store, `${indexOf(role)}${type}/`, { reverse: true, limit: looksMax })) {
      const kept = await getJson<Kept>(this.#store, keyOf(role, key.slice(key.lastIndexOf('/') + 1)))
      if (kept) yield kept
    }
  }
}

function keyOf(role: Role, id: string): string {
  return `credential/${role}/${id}`
}

/** By type and time. */
function indexOf(role: Role): string {
  return `credential-of/${role}/`
}

/** Where what a node holds lies in the store. */
export const heldPrefixes: readonly string[] = [keyOf('held', ''), indexOf('held')]

/** Where what it received lies, and the index of that. */
export const receivedPrefix = keyOf('received', '')
export const receivedIndexPrefix = indexOf('received')

export function receivedKey(id: string): string {
  return keyOf('received', id)
}

function inTime({ validUntil }: Kept, now: Instant): boolean {
  return validUntil === null || validUntil > now
}

/**
 * The dc+sd-jwt with the disclosures at or below the given pointers, bound to one verifier and one nonce.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT when no encoding can be disclosed selectively
 */
export async function present(
  kept: Kept,
  { disclosed, nonce, audience, issuedAtMs }: { disclosed: readonly JsonPointer[]; nonce: string; audience: Did; issuedAtMs: number },
  signer: Signer,
): Promise<string> {
  return bindSdJwt(cut(kept, disclosed), { nonce, audience, issuedAtMs }, signer)
}

/** Whether a credential can show what is agreed and nothing beyond it. */
export function showable(kept: Kept, disclosed: readonly JsonPointer[]): boolean {
  try {
    cut(kept, disclosed)
    return true
  } catch (thrown) {
    if (thrown instanceof TrustError) return false
    throw thrown
  }
}

/** Whether all that a credential shows as it is kept is agreed on. */
export function showableWhole({ encodings }: Kept, disclosed: readonly JsonPointer[]): boolean {
  const encoding = encodings.find(({ format }) => format === 'dc+sd-jwt')
  const agreed = disclosed.map(anyElement)
  return encoding !== undefined && leavesOf(readSdJwt(encoding.text).claims, '').every((leaf) => agreed.some((wanted) => covers(wanted, leaf)))
}

function cut(kept: Kept, disclosed: readonly JsonPointer[]): string {
  const encoding = kept.encodings.find(({ format }) => format === 'dc+sd-jwt')
  if (!encoding) throw new TrustError('DFFT_CREDENTIAL_FORMAT', `credential \`${kept.id}\` cannot be disclosed selectively`)
  // The same part is shown to every partner that may see the same.
  return cutOnce(encoding, JSON.stringify(disclosed), (sdJwt) => cutText(sdJwt, disclosed))
}

function cutText(sdJwt: SdJwt, disclosed: readonly JsonPointer[]): string {
  const disclosable = sdJwt.disclosures.map(({ pointer }) => pointer)
  const shown = selectDisclosures(sdJwt, disclosuresOf(disclosable, disclosed))
  checkWithin(readSdJwt(shown).claims, disclosed)
  return shown
}

/** The key whose holder may present the credential; undefined when it is bound to none. */
export function holderKeyOf({ encodings }: Kept): VerifyJwk | undefined {
  const encoding = encodings.find(({ format }) => format === 'dc+sd-jwt')
  return (encoding && readOwn(encoding).holderKey) ?? undefined
}

/** An issuer may have left claims in the open, or concealed several under one cover: then less cannot be shown, and nothing is. */
function checkWithin(claims: JsonObject, disclosed: readonly JsonPointer[]): void {
  const agreed = disclosed.map(anyElement)
  const beyond = leavesOf(claims, '').find((leaf) => !agreed.some((wanted) => covers(wanted, leaf)))
  if (beyond !== undefined) throw new TrustError('DFFT_DISCLOSURE', 'the credential cannot show only what was agreed', { path: beyond })
}

/** Pointers to every value that says something, places in arrays left open. */
function leavesOf(value: Json | undefined, at: JsonPointer): JsonPointer[] {
  if (Array.isArray(value)) return value.flatMap((element: Json) => leavesOf(element, `${at}/*`))
  if (isJsonObject(value))
    return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`))
  return value === undefined ? [] : [at]
}

/** Elements move up where earlier ones are withheld, so a place in an array says nothing. */
export function anyElement(pointer: JsonPointer): JsonPointer {
  return /\d/.test(pointer) ? pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*') : pointer
}

/** Whether `pointer` is `group` or stands below it. */
export function covers(group: JsonPointer, pointer: JsonPointer): boolean {
  return pointer === group || pointer.startsWith(`${group}/`)
}
