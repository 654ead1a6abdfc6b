/** Who comes back: whatever waits for a partner goes on when it connects, and not at its next try. */
import type { Did } from '#protocols/ids.ts'

export class Arrivals {
  readonly #waited = new Map<Did, AbortController>()

  /** Aborts when the partner connects the next time. Taken before a try, so that no arrival falls between the try and the wait. */
  next(partner: Did): AbortSignal {
    const waited = this.#waited.get(partner) ?? new AbortController()
    this.#waited.set(partner, waited)
    return waited.signal
  }

  arrived(partner: Did): void {
    const waited = this.#waited.get(partner)
    this.#waited.delete(partner)
    waited?.abort()
  }
}
