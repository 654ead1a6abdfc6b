/**
 * Revocation: the lists this node publishes, and the lists of others it looks into.
 *
 * One index of one allocator serves both encodings of a credential: a Bitstring Status List for vc+jwt, a Token
 * Status List for dc+sd-jwt. A relying node fetches whole lists, from the issuer's node or any partner that has
 * one, so looking a credential up tells its issuer nothing. Without a list that is fresh enough the answer is an error.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import {
  type DecodedStatusList,
  readStatusList,
  signBitstringStatusList,
  signTokenStatusList,
  StatusBits,
  statusAt,
} from '#protocols/credential/status-list.ts'
import type { KeyFinder } from './dids.ts'
import type { Clock, Random, Store, Write } from './ports.ts'
import type { Self } from './self.ts'
import { getJson, putJson, scanJson } from './stored.ts'

/** W3C Bitstring Status List 1.0 asks for at least this many, so that one index hides among others. */
const entries = 131_072
/** Bits per entry: 0 valid, 1 revoked, 2 suspended (the registered values of the Token Status List). */
const bits = 2
/** A signed list is offered for this long; a partner's policy may ask for a fresher one. */
const lifeMs = 15 * 60_000
/** Every real entry is hidden among random ones set aside at the list's birth. */
const decoys = 1024

export type Status = 'valid' | 'revoked' | 'suspended'
const values: Readonly<Record<Status, number>> = { valid: 0, revoked: 1, suspended: 2 }

/** Where a credential's status stands. */
export interface StatusRef {
  readonly uri: string
  readonly index: number
}

interface Ledger {
  readonly sequence: number
  /** Raw status bits, base64. */
  readonly bits: string
  /** One bit an index that is given out or a decoy, base64. */
  readonly taken: string
}

const ledgerKey = 'status/ledger'

/** The list this node publishes. */
export class OwnStatusList {
  readonly #needs: { readonly store: Store; readonly clock: Clock; readonly random: Random; readonly self: Self; readonly base: string }
  #sequence = 0
  #statuses = StatusBits.create(entries, bits)
  #taken = StatusBits.create(entries, 1)
  /** Signed forms of the present sequence, until half their life is over. */
  #signed = new Map<string, { readonly text: string; readonly untilMs: number }>()

  private constructor(needs: { store: Store; clock: Clock; random: Random; self: Self; base: string }) {
    this.#needs = needs
  }

  /** @param base public address the list is named by, such as `https://agency.example` */
  static async open(needs: { store: Store; clock: Clock; random: Random; self: Self; base: string }): Promise<OwnStatusList> {
    const list = new OwnStatusList(needs)
    const ledger = await getJson<Ledger>(needs.store, ledgerKey)
    if (ledger) list.#load(ledger)
    else for (let count = 0; count < decoys; count++) list.#taken.set(list.#randomIndex(), 1)
    return list
  }

  get uris(): { readonly bitstring: string; readonly token: string } {
    return { bitstring: `${this.#needs.base}/status/bitstring/1`, token: `${this.#needs.base}/status/token/1` }
  }

  get sequence(): number {
    return this.#sequence
  }

  /** A free index, taken at once; the write makes it last. @throws {TrustError} DFFT_STATUS_FULL */
  allocate(): { readonly index: number; readonly write: Write } {
    for (let attempt = 0; attempt < 256; attempt++) {
      const index = this.#randomIndex()
      if (this.#taken.get(index) !== 0) continue
      this.#taken.set(index, 1)
      return { index, write: this.#write() }
    }
    // 256 misses in a row happen once in 2^256 at half full, and surely when nearly full.
    throw new TrustError('DFFT_STATUS_FULL', 'the status list has no free index', { entries })
  }

  set(index: number, status: Status): Write {
    this.#statuses.set(index, values[status])
    this.#sequence++
    this.#signed.clear()
    return this.#write()
  }

  get(index: number): Status {
    return statusOf(this.#statuses.get(index))
  }

  /** The signed list at one of our addresses, as a relying node fetches it. */
  async published(uri: string): Promise<string | undefined> {
    const form = Object.entries(this.uris).find(([, own]) => own === uri)?.[0]
    if (!form) return undefined
    const nowMs = this.#needs.clock.nowMs()
    const known = this.#signed.get(form)
    if (known && nowMs < known.untilMs) return known.text
    const { self } = this.#needs
    const list = { uri, issuer: self.did, bits: this.#statuses, issuedAtMs: nowMs, validUntilMs: nowMs + lifeMs, sequence: this.#sequence }
    const text = form === 'token' ? await signTokenStatusList(list, self.signer) : await signBitstringStatusList(list, self.signer)
    this.#signed.set(form, { text, untilMs: nowMs + Math.min(lifeMs / 2, 60_000) })
    return text
  }

  #randomIndex(): number {
    return Buffer.from(this.#needs.random.bytes(4)).readUInt32BE() % entries // 2^32 is a multiple of 2^17: no bias.
  }

  #write(): Write {
    const ledger: Ledger = { sequence: this.#sequence, bits: this.#statuses.pack(), taken: this.#taken.pack() }
    return putJson(ledgerKey, ledger)
  }

  #load(ledger: Ledger): void {
    this.#sequence = ledger.sequence
    this.#statuses = StatusBits.unpack(ledger.bits, entries, bits)
    this.#taken = StatusBits.unpack(ledger.taken, entries, 1)
  }
}

interface Cached {
  readonly list: DecodedStatusList
  readonly text: string
  readonly fetchedMs: number
}

/** Asks the issuer's node, or a partner, for the list at `uri`. */
export type FetchList = (issuer: Did, uri: string, signal: AbortSignal) => Promise<string | undefined>

/** The lists of others. */
export class StatusCache {
  readonly #needs: { readonly store: Store; readonly clock: Clock; readonly keys: KeyFinder; readonly fetch: FetchList; readonly ageMsMax: number }
  readonly #lists = new Map<string, Cached>()
  readonly #underWay = new Map<string, Promise<Cached | undefined>>()

  private constructor(needs: { store: Store; clock: Clock; keys: KeyFinder; fetch: FetchList; ageMsMax: number }) {
    this.#needs = needs
  }

  static async open(needs: { store: Store; clock: Clock; keys: KeyFinder; fetch: FetchList; ageMsMax: number }): Promise<StatusCache> {
    const cache = new StatusCache(needs)
    for await (const [key, stored] of scanJson<{ text: string; fetchedMs: number }>(needs.store, 'status/seen/'))
      cache.#lists.set(key.slice('status/seen/'.length), { ...stored, list: readStatusList(stored.text) })
    return cache
  }

  /**
   * @throws {TrustError} DFFT_STATUS_UNKNOWN without a list, DFFT_STATUS_STALE with one that is too old,
   * DFFT_STATUS_LIST when it is another issuer's or has no such index
   */
  async status(issuer: Did, { uri, index }: StatusRef, signal: AbortSignal): Promise<Status> {
    const known = this.#lists.get(uri)
    const list = known && this.#fresh(known) ? known : await this.#refresh(issuer, uri, signal)
    if (!list) throw new TrustError('DFFT_STATUS_UNKNOWN', 'no status list of the issuer is held', { issuer })
    if (list.list.issuer !== issuer) throw new TrustError('DFFT_STATUS_LIST', 'the status list is of another issuer', { issuer })
    if (!this.#fresh(list)) throw new TrustError('DFFT_STATUS_STALE', 'the status list is too old', { issuer, ageMs: this.#needs.clock.nowMs() - list.fetchedMs })
    return statusOf(statusAt(list.list, index))
  }

  /** A list we hold, for a partner that asks. */
  text(uri: string): string | undefined {
    return this.#lists.get(uri)?.text
  }

  /** A hint that lists changed: what we hold of them is looked at again before it is believed. */
  forget(uris: readonly string[]): number {
    let forgotten = 0
    for (const uri of uris) {
      const known = this.#lists.get(uri)
      if (!known) continue
      // The list stays as the floor of what may come; only its freshness is gone.
      this.#lists.set(uri, { ...known, fetchedMs: Number.NEGATIVE_INFINITY })
      forgotten++
    }
    return forgotten
  }

  #fresh({ list, fetchedMs }: Cached): boolean {
    const nowMs = this.#needs.clock.nowMs()
    return nowMs - fetchedMs <= this.#needs.ageMsMax && nowMs >= fetchedMs && (list.validUntilMs === null || nowMs < list.validUntilMs)
  }

  /** One fetch at a time for each list, however many credentials wait for it. */
  #refresh(issuer: Did, uri: string, signal: AbortSignal): Promise<Cached | undefined> {
    const running = this.#underWay.get(uri)
    if (running) return running
    const refresh = this.#fetch(issuer, uri, signal).finally(() => this.#underWay.delete(uri))
    this.#underWay.set(uri, refresh)
    return refresh
  }

  async #fetch(issuer: Did, uri: string, signal: AbortSignal): Promise<Cached | undefined> {
    const { clock, keys, fetch, store } = this.#needs
    const held = this.#lists.get(uri)
    const text = await fetch(issuer, uri, signal).catch(() => undefined) // Unreachable is stale or unknown, which status() says.
    if (text === undefined) return held
    const list = readStatusList(text)
    if (list.uri !== uri || list.issuer !== issuer) throw new TrustError('DFFT_STATUS_LIST', 'the status list is of another issuer or address', { issuer })
    list.verify(await keys(list.keyId, 'assertionMethod', list.issuedAtMs, signal))
    if (held && list.issuedAtMs < held.list.issuedAtMs) throw new TrustError('DFFT_STATUS_LIST', 'the status list is older than the one held', { issuer })
    // Its age counts from its signature, not from its arrival: a partner may hand over an old one.
    const cached = { list, text, fetchedMs: Math.min(clock.nowMs(), list.issuedAtMs) }
    this.#lists.set(uri, cached)
    await store.batch([putJson(`status/seen/${uri}`, { text, fetchedMs: cached.fetchedMs })])
    return cached
  }
}

function statusOf(value: number): Status {
  return value === 0 ? 'valid' : value === values.suspended ? 'suspended' : 'revoked' // An unregistered value counts as revoked: fail closed.
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms)
}
