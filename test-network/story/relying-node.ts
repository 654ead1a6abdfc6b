/** A node that relies on others: its own shelf, its own copies of DID logs, its own clock; and beside it a checker that hears the same. */
import { didResolver } from '#node/adapters/did-resolver.ts'
import { type Entries, MemoryStore } from '#node/adapters/memory-store.ts'
import { DidBook } from '#node/identity/dids.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import { putJson } from '#node/stored.ts'
import { BundleImport } from '#node/trust/bundle-file.ts'
import type { Items } from '#node/trust/bundle-items.ts'
import { BundleReader } from '#node/trust/bundle-reader.ts'
import { TrustShelf } from '#node/trust/shelf.ts'
import { parse } from '#protocols/channel.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, didOf, instant, type Jurisdiction } from '#protocols/ids.ts'
import { TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { ManualClock } from '../manual-clock.ts'
import { BundleChecker, type BundleFile } from './bundle-checker.ts'
import { Checker } from './checker.ts'
import type { Keyring } from './keyring.ts'
import { type CheckedPin, type Proof, Receiver, type Remembered } from './receiver.ts'

const never = new AbortController().signal
export const network = 'story'
/** As the command line does. */
const passesMax = 6

export interface Place {
  readonly name: string
  readonly by: Jurisdiction
  readonly pins: readonly CheckedPin[]
}

/** What a node is when it stops, and its checker with it. */
export interface Stopped {
  readonly entries: Entries
  readonly remembered: Remembered
}

interface Parts {
  readonly clock: ManualClock
  readonly store: MemoryStore
  readonly book: DidBook
  readonly shelf: TrustShelf
  readonly items: Items
  readonly reader: BundleReader
}

/** Of what a bundle may carry the trust documents: a story has no policies and no lists. */
function itemsOf(shelf: TrustShelf): Items {
  return {
    list: async () => [],
    read: async () => undefined,
    holds: async ({ digest }) => shelf.get(digest) !== undefined,
    learn: (_item, content, signal) => shelf.learn(parse(content, TrustDocument), signal),
  }
}

export class RelyingNode {
  readonly place: Place
  readonly clock: ManualClock
  readonly shelf: TrustShelf
  readonly checker: Checker
  readonly reader: BundleReader
  readonly #items: Items
  readonly #bundles: BundleChecker
  readonly store: MemoryStore
  readonly #book: DidBook
  readonly #keyring: Keyring
  /** Entries of each log that it holds. */
  readonly #entries = new Map<Did, number>()
  island = false
  /** While it is cut off: what it will hear. */
  cut = false
  readonly waiting: (() => Promise<void>)[] = []

  private constructor(place: Place, keyring: Keyring, parts: Parts, remembered?: Remembered) {
    this.place = place
    this.#keyring = keyring
    this.clock = parts.clock
    this.store = parts.store
    this.#book = parts.book
    this.shelf = parts.shelf
    this.reader = parts.reader
    this.#items = parts.items
    this.checker = new Checker(place.pins, remembered && Receiver.like(remembered, place.pins))
    this.#bundles = new BundleChecker(this.checker.receiver, (did) => place.pins.some((pin) => pin.did === did))
  }

  /** @param stopped what is on its disk */
  static async open(place: Place, nowMs: number, keyring: Keyring, stopped?: Stopped): Promise<RelyingNode> {
    const clock = new ManualClock(nowMs)
    const store = new MemoryStore({ entries: stopped?.entries ?? [] })
    const fetch = async () => {
      throw new TrustError('DFFT_UNREACHABLE', 'there is no internet here')
    }
    const book = new DidBook({ store, clock, resolver: (logs) => didResolver({ logs, fetch }) })
    const pins = place.pins.map((pin) => putJson(`trust/root/${pin.did}`, { ...pin, name: null, fingerprint: '', addedAt: instant(nowMs) }))
    await store.batch(pins)
    const keys = keyFinder(book, { clock })
    const shelf = await TrustShelf.open({ store, clock, keys })
    const items = itemsOf(shelf)
    const speaks = (did: Did) => place.pins.some((pin) => pin.did === did)
    const reader = await BundleReader.open({ store, clock, keys, items, networkName: network, speaks, record: (_entry, writes) => store.batch(writes) })
    return new RelyingNode(place, keyring, { clock, store, book, shelf, items, reader }, stopped?.remembered)
  }

  async learnLog(did: Did): Promise<void> {
    const log = this.#keyring.log(did)
    const { verified } = await this.#book.learn(did, log)
    this.#entries.set(did, verified.versions.length)
  }

  /** Hands a document to the shelf and to the checker. @returns both answers */
  async learn(document: TrustDocument): Promise<{ readonly said: Code | undefined; readonly expected: Code | undefined }> {
    const atMs = this.clock.nowMs()
    const expected = this.checker.receiver.receive(document, atMs, this.#faultOfKey(atMs))
    try {
      const writes = await this.shelf.learn(document, never)
      if (writes.length > 0) await this.store.batch(writes)
      return { said: undefined, expected }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      return { said: thrown.code, expected }
    }
  }

  /** Hands a bundle to the reader and to the checker. @returns why nothing of it is taken, or what is refused of it; both answers */
  async hand(file: BundleFile): Promise<{ readonly said: string; readonly expected: string }> {
    const nowMs = this.clock.nowMs()
    const expected = [this.#bundles.hand(file, { nowMs, network, faultOfKey: this.#faultOfKey(nowMs) })].flat().join(' ')
    const reading = new BundleImport({ reader: this.reader, items: this.#items })
    try {
      for (let pass = 1; ; pass++) {
        await reading.take(file.lines, never)
        const { again, refused } = await reading.end()
        const codes = refused.map(({ code }) => code).sort()
        if (!again || pass === passesMax) return { said: codes.join(' '), expected }
      }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      return { said: thrown.code, expected }
    }
  }

  /** Of each fork the half that is among these. @returns whether there was one */
  async settle(known: readonly Digest[]): Promise<boolean> {
    let settled = false
    for (const { fork, manifest } of this.reader.lines) {
      const half = fork?.map(statementDigest).find((digest) => known.includes(digest))
      if (!half) continue
      await this.reader.settle(half)
      this.#bundles.settle(manifest.publisher, half)
      settled = true
    }
    return settled
  }

  #faultOfKey(atMs: number): (proof: Proof) => Code | undefined {
    return (proof) => (this.#keyring.counts(proof, this.#entries.get(didOf(proof.verificationMethod)) ?? 0, atMs) ? undefined : 'DFFT_KEY_NOT_FOUND')
  }

  stop(): Stopped {
    return { entries: this.store.snapshot(), remembered: this.checker.receiver.remembered }
  }
}
