/** A node that relies on others: its own shelf, its own copies of DID logs, its own clock; and beside it a checker that hears the same. */
import { didResolver } from '#node/adapters/did-resolver.ts'
import { type Entries, MemoryStore } from '#node/adapters/memory-store.ts'
import { DidBook } from '#node/identity/dids.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import { putJson } from '#node/stored.ts'
import { TrustShelf } from '#node/trust/shelf.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { type Did, didOf, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { ManualClock } from '../manual-clock.ts'
import { Checker } from './checker.ts'
import type { Keyring } from './keyring.ts'
import { type CheckedPin, Receiver, type Remembered } from './receiver.ts'

const never = new AbortController().signal

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

export class RelyingNode {
  readonly place: Place
  readonly clock: ManualClock
  readonly shelf: TrustShelf
  readonly checker: Checker
  readonly store: MemoryStore
  readonly #book: DidBook
  readonly #keyring: Keyring
  /** Entries of each log that it holds. */
  readonly #entries = new Map<Did, number>()
  island = false
  /** While it is cut off: what it will hear. */
  cut = false
  readonly waiting: (() => Promise<void>)[] = []

  private constructor(place: Place, clock: ManualClock, keyring: Keyring, store: MemoryStore, book: DidBook, shelf: TrustShelf, remembered?: Remembered) {
    this.place = place
    this.clock = clock
    this.#keyring = keyring
    this.store = store
    this.#book = book
    this.shelf = shelf
    this.checker = new Checker(place.pins, remembered && Receiver.like(remembered, place.pins))
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
    const shelf = await TrustShelf.open({ store, clock, keys: keyFinder(book, { clock }) })
    return new RelyingNode(place, clock, keyring, store, book, shelf, stopped?.remembered)
  }

  async learnLog(did: Did): Promise<void> {
    const log = this.#keyring.log(did)
    const { verified } = await this.#book.learn(did, log)
    this.#entries.set(did, verified.versions.length)
  }

  /** Hands a document to the shelf and to the checker. @returns both answers */
  async learn(document: TrustDocument): Promise<{ readonly said: Code | undefined; readonly expected: Code | undefined }> {
    const atMs = this.clock.nowMs()
    const expected = this.checker.receiver.receive(document, atMs, (proof) =>
      this.#keyring.counts(proof, this.#entries.get(didOf(proof.verificationMethod)) ?? 0, atMs) ? undefined : 'DFFT_KEY_NOT_FOUND',
    )
    try {
      const writes = await this.shelf.learn(document, never)
      if (writes.length > 0) await this.store.batch(writes)
      return { said: undefined, expected }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      return { said: thrown.code, expected }
    }
  }

  stop(): Stopped {
    return { entries: this.store.snapshot(), remembered: this.checker.receiver.remembered }
  }
}
