/** Reaches parties by the addresses known of them: one attempt at a time for each, and again and again for a partner that was lost. */

import type { Clock, Random } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { AddressBook } from './address-book.ts'
import { abortReason } from './mux.ts'

export interface DiallerOptions<Bound extends { readonly did: Did }> {
  readonly clock: Clock
  readonly random: Random
  readonly limits: { readonly redialMs: number; readonly redialMsMax: number; readonly staggerMs: number; readonly yieldMs: number }
  /** The end of the node. */
  readonly over: AbortSignal
  /** Our own DID, which says who of two that have lost each other dials first. */
  self(): Did | undefined
  /** @throws {TrustError} */
  dial(address: string, signal: AbortSignal): Promise<Bound>
  /** The connection there is, whoever dialled it. */
  bound(did: Did): Bound | undefined
  banned(did: Did): boolean
}

export class Dialler<Bound extends { readonly did: Did }> {
  readonly book = new AddressBook()
  readonly #options: DiallerOptions<Bound>
  readonly #reaching = new Map<Did, Promise<Bound>>()
  readonly #redialling = new Map<Did, AbortController>()

  constructor(options: DiallerOptions<Bound>) {
    this.#options = options
  }

  /**
   * Whoever asks for the same party meanwhile waits for the same attempt.
   *
   * @throws {TrustError} DFFT_PEER_UNKNOWN without an address; else what the last address failed with
   */
  reach(did: Did, signal: AbortSignal): Promise<Bound> {
    let attempt = this.#reaching.get(did)
    if (!attempt) {
      attempt = this.#tryAddresses(did).finally(() => this.#reaching.delete(did))
      attempt.catch(() => this.redial(did))
      this.#reaching.set(did, attempt)
    }
    return unlessAborted(attempt, signal)
  }

  /** Goes on in the background until either side has dialled, or the node ends. Never throws. */
  redial(did: Did): void {
    const { over } = this.#options
    if (over.aborted || this.#redialling.has(did) || this.book.of(did).length === 0) return
    const reached = new AbortController()
    this.#redialling.set(did, reached)
    this.#keepDialling(did, AbortSignal.any([over, reached.signal]))
      .catch(() => undefined) // Only the end of the node, and the party’s being there, reject.
      .finally(() => this.#redialling.get(did) === reached && this.#redialling.delete(did))
  }

  /** The party is there, whoever dialled: should it be lost again, the waits begin anew. */
  reached(did: Did): void {
    this.#redialling.get(did)?.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the party is connected'))
    this.#redialling.delete(did)
  }

  async #keepDialling(did: Did, end: AbortSignal): Promise<void> {
    const { clock, bound, banned } = this.#options
    await this.#yieldTo(did, end)
    for (let tries = 0; !bound(did); tries++) {
      await clock.sleep(this.#pauseMs(tries), end)
      if (!bound(did) && !banned(did)) await this.#tryAddresses(did).catch(() => undefined)
      end.throwIfAborted()
    }
  }

  /** Both sides of a broken line notice at once, and would dial at once: the smaller DID waits. */
  async #yieldTo(did: Did, end: AbortSignal): Promise<void> {
    const { clock, limits, self } = this.#options
    const ours = self()
    if (ours !== undefined && ours < did) await clock.sleep(limits.yieldMs, end)
  }

  /**
   * In the order of the book: the next as soon as one has failed, and beside one that has not answered for a while. The first that leads
   * to the party ends the others.
   */
  async #tryAddresses(did: Did): Promise<Bound> {
    const addresses = this.book.of(did)
    if (addresses.length === 0) throw new TrustError('DFFT_PEER_UNKNOWN', `no address of \`${did}\` is known`, { did })
    const found = new AbortController()
    const attempts: Promise<Bound>[] = []
    try {
      for (const [index, address] of addresses.entries()) {
        const attempt = this.#tryAddress(did, address, found.signal)
        attempts.push(attempt)
        attempt.catch(() => undefined) // Looked at below, with the others.
        if (index < addresses.length - 1 && (await this.#headStart(attempt))) break
        const bound = this.#options.bound(did) // The party may have dialled us meanwhile.
        if (bound) return bound
      }
      return await this.#first(did, attempts)
    } finally {
      found.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'another address was quicker'))
    }
  }

  /** Until the attempt has ended, or has had its start. @returns whether it has led to the party */
  async #headStart(attempt: Promise<Bound>): Promise<boolean> {
    const { clock, limits, over } = this.#options
    const ended = new AbortController()
    const start = clock.sleep(limits.staggerMs, AbortSignal.any([over, ended.signal])).then(
      () => false,
      () => false,
    )
    const outcome = attempt.then(
      () => true,
      () => false,
    )
    const led = await Promise.race([outcome, start])
    ended.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'no longer waited for'))
    return led
  }

  async #first(did: Did, attempts: readonly Promise<Bound>[]): Promise<Bound> {
    try {
      return await Promise.any(attempts)
    } catch (cause) {
      const bound = this.#options.bound(did) // The party may have dialled us meanwhile.
      if (bound) return bound
      throw (cause as AggregateError).errors.at(-1) // What Promise.any rejects with; there was one attempt at least.
    }
  }

  async #tryAddress(did: Did, address: string, found: AbortSignal): Promise<Bound> {
    const bound = await this.#options.dial(address, AbortSignal.any([found, this.#options.over]))
    if (bound.did === did) return bound
    this.book.remove(did, address)
    throw new TrustError('DFFT_PEER_BINDING', 'another party answers at the address', { did, answers: bound.did })
  }

  /** Half to the whole of 1 s, 2 s, 4 s … 5 min: partners of a node that restarts do not all come in one moment. */
  #pauseMs(tries: number): number {
    const { limits, random } = this.#options
    const whole = Math.min(limits.redialMsMax, limits.redialMs * 2 ** Math.min(tries, 30))
    const [byte = 0] = random.bytes(1)
    return Math.round(whole * (0.5 + byte / 510))
  }
}

/** The promise, or the signal's reason when that comes first. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(abortReason(signal))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
