/** A Clock whose time a test moves: sleeps and time-outs come due when it does, in order. */
import type { Clock } from '#node/ports.ts'

interface Timer {
  readonly dueMs: number
  readonly fire: () => void
}

export class ManualClock implements Clock {
  #wallMs: number
  #monotonicMs = 0
  readonly #timers = new Set<Timer>()

  /** @param startMs milliseconds since the epoch; by default 2026-01-01T00:00:00Z */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startMs
  }

  nowMs(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (ms <= 0) return
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#timers.delete(timer)
        reject(signal.reason)
      }
      const timer = this.#start(ms, () => {
        signal.removeEventListener('abort', abort)
        resolve()
      })
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  timeout(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#start(Math.max(0, ms), () => controller.abort(new DOMException('the time-out of the clock passed', 'TimeoutError')))
    return controller.signal
  }

  /** Of the machine nothing comes in: what is simulated is in hand already. */
  async turn(): Promise<void> {}

  /** Milliseconds until the next sleep or time-out comes due; undefined when none waits. */
  get nextMs(): number | undefined {
    const next = this.#next()
    return next && next.dueMs - this.#monotonicMs
  }

  /**
   * Moves both clocks. What comes due on the way fires at its own time, and what it wakes runs before the next one.
   *
   * @param ms not negative
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms
    await settled() // Sleeps that are about to begin, begin now.
    for (let timer = this.#next(); timer && timer.dueMs <= untilMs; timer = this.#next()) {
      this.#timers.delete(timer)
      this.#move(timer.dueMs - this.#monotonicMs)
      timer.fire()
      await settled()
    }
    this.#move(untilMs - this.#monotonicMs)
  }

  /** Moves the wall clock alone, in either direction: an operator or a time server set it. */
  jump(ms: number): void {
    this.#wallMs += ms
  }

  #move(ms: number): void {
    this.#monotonicMs += ms
    this.#wallMs += ms
  }

  #start(ms: number, fire: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + ms, fire }
    this.#timers.add(timer)
    return timer
  }

  /** The earliest; of equals the one that began first. */
  #next(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (!next || timer.dueMs < next.dueMs) next = timer
    return next
  }
}

/** All that can run without time passing has run: promises, then one turn of the loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
