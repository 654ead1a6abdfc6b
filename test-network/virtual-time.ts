/**
 * The time of a simulated world: it stands still while anything can run, then leaps to the next event.
 *
 * What comes due together fires in the order it was asked for, so a run depends on nothing but its seed.
 */
import type { Clock } from '#node/ports.ts'

interface Event {
  readonly dueMs: number
  readonly order: number
  readonly fire: () => void
}

/** One life of a node, from its start to its crash. After it, nothing the node waits for ever comes. */
export class Life {
  over = false

  /** What `act` gives, unless the life ends first: then the wait has no end, as for a process that is gone. */
  lasting<T>(act: () => Promise<T>): Promise<T> {
    if (this.over) return new Promise(() => undefined)
    return new Promise((resolve, reject) => {
      act().then(
        (value) => {
          if (!this.over) resolve(value)
        },
        (reason) => {
          if (!this.over) reject(reason)
        },
      )
    })
  }
}

export class VirtualTime {
  readonly startMs: number
  #ms = 0
  #count = 0
  /** A heap: each event is due no later than its two children. */
  readonly #events: Event[] = []

  /** @param startMs milliseconds since the epoch */
  constructor(startMs: number) {
    this.startMs = startMs
  }

  /** Milliseconds since the world began. */
  get ms(): number {
    return this.#ms
  }

  /** @param ms from now; rounded up, since the wall clock shows whole milliseconds */
  after(ms: number, fire: () => void): void {
    const events = this.#events
    events.push({ dueMs: this.#ms + Math.max(0, Math.ceil(ms)), order: this.#count++, fire })
    for (let at = events.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) break
      at = parent
    }
  }

  /** Leaps to the next event and fires it. @returns false when there is none at or before `untilMs` */
  step(untilMs = Number.POSITIVE_INFINITY): boolean {
    const next = this.#events[0]
    if (!next || next.dueMs > untilMs) return false
    this.#removeFirst()
    this.#ms = next.dueMs
    next.fire()
    return true
  }

  /** Nothing happened until then. */
  leap(untilMs: number): void {
    this.#ms = Math.max(this.#ms, untilMs)
  }

  /** @param skewMs how far the wall clock of the node is ahead of the world's */
  clock(life: Life, skewMs: number): Clock {
    return {
      nowMs: () => this.startMs + this.#ms + skewMs,
      monotonicMs: () => this.#ms,
      sleep: (ms, signal) => this.#sleep(ms, signal, life),
      timeout: (ms) => {
        const controller = new AbortController()
        this.after(ms, () => {
          if (!life.over) controller.abort(new DOMException('the time-out passed', 'TimeoutError'))
        })
        return controller.signal
      },
      turn: async () => {},
    }
  }

  #sleep(ms: number, signal: AbortSignal, life: Life): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const abort = () => {
        if (!life.over) reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      this.after(ms, () => {
        signal.removeEventListener('abort', abort)
        if (!life.over) resolve()
      })
    })
  }

  #removeFirst(): void {
    const events = this.#events
    const last = events.pop()
    if (events.length === 0 || !last) return
    events[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const child = right < events.length && this.#later(left, right) ? right : left
      if (child >= events.length || !this.#swapIfLater(at, child)) return
      at = child
    }
  }

  #later(one: number, other: number): boolean {
    const [first, second] = [this.#events[one], this.#events[other]]
    if (!first || !second) return false
    return first.dueMs > second.dueMs || (first.dueMs === second.dueMs && first.order > second.order)
  }

  #swapIfLater(parent: number, child: number): boolean {
    if (!this.#later(parent, child)) return false
    const [above, below] = [this.#events[parent] as Event, this.#events[child] as Event] // Both were just compared.
    this.#events[parent] = below
    this.#events[child] = above
    return true
  }
}

/** All that can run without time passing has run: every promise, then one turn of the loop. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
