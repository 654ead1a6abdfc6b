/**
 * Revocation: the lists this node publishes, and the lists of others it looks into.
 *
 * One index of one allocator serves both encodings of a credential: a Bitstring Status List for vc+jwt, a Token
 * Status List for dc+sd-jwt. A relying node fetches whole lists, from the issuer's node or any partner that has
 * one, so looking a credential up tells its issuer nothing. Without a list that is fresh enough the answer is an error.
 */

import { checkStatus } from '#protocols/credential/check-status.ts'
import { verifyJws } from '#protocols/credential/jws.ts'
import { issueBitstringList, issueTokenList, readBitstringList, readTokenList, type SignedStatusList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList, decodeTokenList, encodeTokenList, setStatus, statusAt, Status as Value } from '#protocols/credential/status-list.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { KeyFinder } from './key-finder.ts'
import type { Clock, Random, Store, Write } from './ports.ts'
import type { Self } from './self.ts'
import { getJson, putJson, scanJson } from './stored.ts'

/** W3C Bitstring Status List 1.0 asks for at least this many, so that one index hides among others. */
const entries = 131_072
/** A signed list is offered for this long; a partner's policy may ask for a fresher one. */
const lifeMs = 15 * 60_000
/** As between partners: clocks of issuer and verifier may differ by this. */
const skewMs = 120_000
/** Every real entry is hidden among random ones set aside at the list's birth. */
const decoys = 1024

export type Status = 'valid' | 'revoked' | 'suspended'
const values: Readonly<Record<Status, number>> = { valid: Value.valid, revoked: Value.invalid, suspended: Value.suspended }

interface Ledger {
  readonly sequence: number
  /** Compressed, base64url: the values of all entries. */
  readonly statuses: string
  /** Likewise: 1 for an index that is given out or a decoy. */
  readonly taken: string
}

const ledgerKey = 'status/ledger'

/** The list this node publishes. */
export class OwnStatusList {
  readonly #needs: { readonly store: Store; readonly clock: Clock; readonly random: Random; readonly self: Self; readonly base: string }
  #sequence = 0
  #statuses = createStatusList({ bits: 2, size: entries, order: 'lsb' })
  #taken = createStatusList({ bits: 1, size: entries, order: 'lsb' })
  /** Signed forms of the present sequence, until half their life is over. */
  #signed = new Map<string, { readonly text: string; readonly keyId: string; readonly untilMs: number }>()

  private constructor(needs: { store: Store; clock: Clock; random: Random; self: Self; base: string }) {
    this.#needs = needs
  }

  /** @param base public address the list is named by, such as `https://agency.example` */
  static async open(needs: { store: Store; clock: Clock; random: Random; self: Self; base: string }): Promise<OwnStatusList> {
    const list = new OwnStatusList(needs)
    const ledger = await getJson<Ledger>(needs.store, ledgerKey)
    if (ledger) list.#load(ledger)
    else for (let count = 0; count < decoys; count++) setStatus(list.#taken, list.#randomIndex(), 1)
    return list
  }

  get uris(): { readonly bitstring: string; readonly token: string } {
    return { bitstring: `${this.#needs.base}/status/bitstring/1`, token: `${this.#needs.base}/status/token/1` }
  }

  get sequence(): number {
    return this.#sequence
  }

  /** A free index, taken at once; `write` makes it last. @throws {TrustError} DFFT_STATUS_FULL */
  allocate(): number {
    for (let attempt = 0; attempt < 256; attempt++) {
      const index = this.#randomIndex()
      if (statusAt(this.#taken, index) !== 0) continue
      setStatus(this.#taken, index, 1)
      return index
    }
    // 256 misses in a row happen once in 2^256 at half full, and surely when nearly full.
    throw new TrustError('DFFT_STATUS_FULL', 'the status list has no free index', { entries })
  }

  set(index: number, status: Status): Write {
    setStatus(this.#statuses, index, values[status])
    this.#sequence++
    this.#signed.clear()
    return this.write()
  }

  get(index: number): Status {
    return statusOf(statusAt(this.#statuses, index))
  }

  /** What a credential of ours says of its status: nobody knows sooner. @throws {TrustError} DFFT_STATUS_LIST when it names no list of ours */
  lookUp({ uri, index }: StatusReference): Status {
    if (!Object.values(this.uris).includes(uri)) throw new TrustError('DFFT_STATUS_LIST', 'the credential names a status list that this node does not publish')
    return statusOf(statusAt(this.#statuses, index))
  }

  /** The signed list at one of our addresses, as a relying node fetches it. */
  async published(uri: string): Promise<string | undefined> {
    const form = Object.entries(this.uris).find(([, own]) => own === uri)?.[0]
    if (!form) return undefined
    const nowMs = this.#needs.clock.nowMs()
    const known = this.#signed.get(form)
    const { self } = this.#needs
    const { keyId } = self
    if (known && nowMs < known.untilMs && known.keyId === keyId) return known.text // A rotated key may be a doubted one.
    const content = { uri, issuer: self.did, sequence: this.#sequence, issuedAtMs: nowMs, expiresAtMs: nowMs + lifeMs, ttlMs: lifeMs / 3 }
    const text = form === 'token' ? await issueTokenList(content, this.#statuses, self.signer) : await this.#bitstring(content)
    // Signing takes a moment, in which something may have been revoked.
    if (content.sequence === this.#sequence) this.#signed.set(form, { text, keyId, untilMs: nowMs + Math.min(lifeMs / 2, 60_000) })
    return text
  }

  /** The revocations alone, one bit each, as the W3C's list has them. */
  #bitstring(content: Parameters<typeof issueTokenList>[0]): Promise<string> {
    const list = createStatusList({ bits: 1, size: entries, order: 'msb' })
    for (let index = 0; index < entries; index++) if (statusAt(this.#statuses, index) === values.revoked) setStatus(list, index, 1)
    return issueBitstringList({ ...content, purpose: 'revocation' }, list, this.#needs.self.signer)
  }

  #randomIndex(): number {
    return Buffer.from(this.#needs.random.bytes(4)).readUInt32BE() % entries // 2^32 is a multiple of 2^17: no bias.
  }

  /**
   * The ledger as it is now, whole: to be handed on in the same turn, since one made earlier and written later would undo
   * what came between.
   */
  write(): Write {
    const ledger: Ledger = { sequence: this.#sequence, statuses: encodeTokenList(this.#statuses), taken: encodeTokenList(this.#taken) }
    return putJson(ledgerKey, ledger)
  }

  #load(ledger: Ledger): void {
    this.#sequence = ledger.sequence
    this.#statuses = decodeTokenList(ledger.statuses, 2)
    this.#taken = decodeTokenList(ledger.taken, 1)
  }
}

const seenPrefix = 'status/seen/'

interface Cached {
  readonly list: SignedStatusList
  readonly text: string
  /** The issuer said that there is a newer one. */
  readonly superseded: boolean
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
    for await (const [key, { text }] of scanJson<{ text: string }>(needs.store, seenPrefix))
      cache.#lists.set(key.slice(seenPrefix.length), { text, list: readList(text), superseded: false })
    return cache
  }

  /**
   * @throws {TrustError} DFFT_STATUS_UNKNOWN without a list, DFFT_STATUS_STALE with one that is too old,
   * DFFT_STATUS_LIST when it is another issuer's or has no such index
   */
  async status(issuer: Did, reference: StatusReference, signal: AbortSignal): Promise<Status> {
    const known = this.#lists.get(nameOf(issuer, reference.uri))
    const cached = known && this.#fresh(known) ? known : await this.#refresh(issuer, reference.uri, signal)
    if (!cached) throw new TrustError('DFFT_STATUS_UNKNOWN', 'no status list of the issuer is held', { issuer })
    // Without the skew that checkStatus allows: how long a revocation may go unnoticed is a promise.
    if (!this.#fresh(cached)) throw new TrustError('DFFT_STATUS_STALE', 'the newest status list that could be had is too old', { issuer })
    const { clock, ageMsMax } = this.#needs
    try {
      checkStatus(cached.list, { ...reference, issuer }, { nowMs: clock.nowMs(), ageMsMax, skewMs })
      return 'valid'
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_STATUS_REVOKED') return 'revoked'
      if (code === 'DFFT_STATUS_SUSPENDED') return 'suspended'
      throw thrown
    }
  }

  /** A list we hold, for a partner that asks. */
  text(uri: string): string | undefined {
    for (const { list, text } of this.#lists.values()) if (list.uri === uri) return text
    return undefined
  }

  /** An issuer's hint that its lists changed: what we hold of them is fetched again before it is believed. */
  supersede(uris: readonly string[], by: Did): void {
    for (const uri of uris) {
      // Of its own lists only: a stranger's hint would let anybody make a list stale. The old list stays as the floor of what may come.
      const known = this.#lists.get(nameOf(by, uri))
      if (known) this.#lists.set(nameOf(by, uri), { ...known, superseded: true })
    }
  }

  /** Age counts from the issuer's signature, not from arrival: a partner may hand over an old list. */
  #fresh({ list, superseded }: Cached): boolean {
    const nowMs = this.#needs.clock.nowMs()
    const { issuedAtMs, expiresAtMs } = list
    return !superseded && issuedAtMs !== null && nowMs - issuedAtMs <= this.#needs.ageMsMax && (expiresAtMs === null || nowMs < expiresAtMs)
  }

  /** One fetch at a time for each list, however many credentials wait for it. */
  #refresh(issuer: Did, uri: string, signal: AbortSignal): Promise<Cached | undefined> {
    const name = nameOf(issuer, uri)
    const running = this.#underWay.get(name)
    if (running) return running
    const refresh = this.#fetch(issuer, uri, signal).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, refresh)
    return refresh
  }

  async #fetch(issuer: Did, uri: string, signal: AbortSignal): Promise<Cached | undefined> {
    const { keys, fetch, store } = this.#needs
    const name = nameOf(issuer, uri)
    const held = this.#lists.get(name)
    const text = await fetch(issuer, uri, signal).catch(() => undefined) // Unreachable is stale or unknown, which status() says.
    if (text === undefined) return held
    const list = readList(text)
    if (list.uri !== uri || list.issuer !== issuer) throw new TrustError('DFFT_STATUS_LIST', 'the status list is of another issuer or address', { issuer })
    const { issuedAtMs } = list
    if (issuedAtMs === null) throw new TrustError('DFFT_STATUS_LIST', 'the status list does not say when it was made', { issuer })
    verifyJws(list.jws, await keys(list.keyId, 'assertionMethod', issuedAtMs, signal))
    if (held && (issuedAtMs < (held.list.issuedAtMs ?? 0) || (list.sequence ?? 0) < (held.list.sequence ?? 0)))
      throw new TrustError('DFFT_STATUS_LIST', 'the status list is older than the one held', { issuer })
    const cached = { list, text, superseded: false }
    this.#lists.set(name, cached)
    await store.batch([putJson(`${seenPrefix}${name}`, { text })])
    return cached
  }
}

/** By issuer first: anybody may sign a list that bears another's address. */
function nameOf(issuer: Did, uri: string): string {
  return `${issuer} ${uri}`
}

function readList(text: string): SignedStatusList {
  // A VCDM credential names its context; a token list is a JWT of its own type.
  return Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').includes('statuslist+jwt') ? readTokenList(text) : readBitstringList(text)
}

function statusOf(value: number): Status {
  return value === Value.valid ? 'valid' : value === Value.suspended ? 'suspended' : 'revoked'
}
