/** Reaches parties by the addresses known of them: one attempt at a time for each, and again and again for a partner that was lost. */

import type { Clock, Random } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { AddressBook } from './address-book.ts'
import { abortReason } from './mux.ts'

export interface DiallerOptions<Bound extends { readonly did: Did }> {
  readonly clock: Clock
  readonly random: Random
  /** First and longest wait before a lost partner is dialled again. */
  readonly limits: { readonly redialMs: number; readonly redialMsMax: number }
  /** The end of the node. */
  readonly over: AbortSignal
  /** @throws {TrustError} */
  dial(address: string): Promise<Bound>
  /** The connection there is, whoever dialled it. */
  bound(did: Did): Bound | undefined
  banned(did: Did): boolean
}

export class Dialler<Bound extends { readonly did: Did }> {
  readonly book = new AddressBook()
  readonly #options: DiallerOptions<Bound>
  readonly #reaching = new Map<Did, Promise<Bound>>()
  readonly #redialling = new Set<Did>()

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
    if (this.#options.over.aborted || this.#redialling.has(did) || this.book.of(did).length === 0) return
    this.#redialling.add(did)
    this.#keepDialling(did)
      .catch(() => undefined) // Only the end of the node rejects.
      .finally(() => this.#redialling.delete(did))
  }

  async #keepDialling(did: Did): Promise<void> {
    const { clock, over, bound, banned } = this.#options
    for (let tries = 0; !bound(did); tries++) {
      await clock.sleep(this.#pauseMs(tries), over)
      if (!bound(did) && !banned(did)) await this.#tryAddresses(did).catch(() => undefined)
      over.throwIfAborted()
    }
  }

  async #tryAddresses(did: Did): Promise<Bound> {
    let failure: unknown = new TrustError('DFFT_PEER_UNKNOWN', `no address of \`${did}\` is known`, { did })
    for (const address of this.book.of(did)) {
      const outcome = await this.#tryAddress(did, address).catch((cause: unknown) => {
        failure = cause
      })
      const bound = outcome ?? this.#options.bound(did) // The party may have dialled us meanwhile.
      if (bound) return bound
    }
    throw failure
  }

  async #tryAddress(did: Did, address: string): Promise<Bound> {
    const bound = await this.#options.dial(address)
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
