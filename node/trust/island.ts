/**
 * Whether this node is on an island: no partner was heard for so long that what it knows has to do. Then suspensions may be older, as far
 * as each anchor allows; everything else goes on until its own end.
 *
 * It has to have listened for so long in this life of the process: who could make it take older suspensions by switching it off for a
 * while, or by starting it again, would do so.
 */

import type { Clock, Network, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { type Did, type Instant, instant, msOf } from '#protocols/ids.ts'

export const islandLimits = {
  /** Each look at an issuer asks whether this is an island. */
  lookMs: 1000,
  /** How far a restart may set the count back. */
  noteMs: 5 * 60_000,
} as const

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly network: Pick<Network, 'connected'>
  /** A stranger can always be had, and tells nothing. */
  readonly partner: (did: Did) => boolean
  /** Without a partner for so long. */
  readonly islandAfterMs: number
}

const key = 'node/heard'

export class Island {
  readonly #needs: Needs
  /** When a partner was connected last, by our clock. */
  #heardMs: number
  #notedMs: number
  #lookedMs = Number.NEGATIVE_INFINITY
  /** By the clock that nobody sets. */
  readonly #startedMs: number

  private constructor(needs: Needs, heardMs: number) {
    this.#needs = needs
    this.#heardMs = heardMs
    this.#notedMs = heardMs
    this.#startedMs = needs.clock.monotonicMs()
  }

  /** A node that was never connected, or does not remember, begins as if it had just been: it relies on what is fresh only. */
  static async open(needs: Needs): Promise<Island> {
    const nowMs = needs.clock.nowMs()
    const noted = await getJson<{ at: Instant }>(needs.store, key)
    return new Island(needs, noted ? Math.min(nowMs, msOf(noted.at)) : nowMs)
  }

  /** Since when no partner was heard; null while one is, or was a moment ago. */
  sinceMs(nowMs: number): number | null {
    const { islandAfterMs, clock } = this.#needs
    if (Math.abs(nowMs - this.#lookedMs) >= islandLimits.lookMs) this.#look(nowMs)
    // A clock that was set back: nobody knows how long it is, so it is taken for no time at all.
    if (nowMs < this.#heardMs) this.#heardMs = nowMs
    if (clock.monotonicMs() - this.#startedMs < islandAfterMs) return null
    return nowMs - this.#heardMs >= islandAfterMs ? this.#heardMs : null
  }

  #look(nowMs: number): void {
    const { network, partner } = this.#needs
    this.#lookedMs = nowMs
    if (network.connected().some(({ did }) => partner(did))) this.#heardMs = nowMs
  }

  on(nowMs: number): boolean {
    return this.sinceMs(nowMs) !== null
  }

  /** Remembers until the signal when a partner was heard: a node that starts again in the middle of nowhere says since when it is there. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#needs
    while (!signal.aborted) {
      await clock.sleep(islandLimits.noteMs, signal).catch(() => undefined)
      if (signal.aborted) return
      this.sinceMs(clock.nowMs())
      if (this.#heardMs === this.#notedMs) continue
      this.#notedMs = this.#heardMs
      await store.batch([putJson(key, { at: instant(this.#heardMs) })])
    }
  }
}
