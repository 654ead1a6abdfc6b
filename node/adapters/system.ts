/** Clock and Random of the machine. */
import { randomBytes, randomFillSync } from 'node:crypto'
import type { Clock, Random } from '../ports.ts'

/** A longer delay overflows Node's timers, which then fire at once. */
const delayMsMax = 2 ** 31 - 1

/** Of waits that are shared: those of a program are some dozen; one that is reckoned anew each time is not asked for again. */
const lengthsMax = 64
/** Shorter ones are rare, and ended within the second. */
const sharedMsMin = 256

/**
 * Signals that end after some time: one for all that are asked for within a sixteenth of it, which end together and up to so much later.
 *
 * Each exchange asks for some, and nearly none is waited for to its end: each by itself would cost a timer, an error with its stack when it
 * goes off, and the memory of all that listened until then.
 */
class Timeouts {
  readonly #made = new Map<number, { readonly atMs: number; readonly signal: AbortSignal }>()

  after(ms: number): AbortSignal {
    if (ms < sharedMsMin) return AbortSignal.timeout(ms)
    const shareMs = Math.floor(ms / 16)
    const nowMs = performance.now()
    const last = this.#made.get(ms)
    if (last && nowMs - last.atMs < shareMs) return last.signal
    const signal = AbortSignal.timeout(Math.min(ms + shareMs, delayMsMax))
    if (this.#made.size >= lengthsMax) this.#made.clear()
    this.#made.set(ms, { atMs: nowMs, signal })
    return signal
  }
}

const timeouts = new Timeouts()

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    const untilMs = performance.now() + ms
    for (let leftMs = ms; leftMs > 0; leftMs = untilMs - performance.now()) await delay(Math.min(leftMs, delayMsMax), signal)
    signal.throwIfAborted()
  },
  timeout: (ms) => timeouts.after(Math.min(Math.max(0, Math.ceil(ms)), delayMsMax)),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}

export const systemRandom: Random = { bytes: (count) => (count > drawnBytesMax ? randomBytes(count) : drawn(count)) }

/** Nonces, ids, salts, secrets of a session: to ask the machine for a dozen bytes costs as much as for thousands. */
const drawnBytesMax = 64
const reserve = Buffer.alloc(4096)
let left = 0

/** Each byte is given out once, and is not here any more then. */
function drawn(count: number): Uint8Array {
  if (!(Number.isInteger(count) && count >= 0)) throw new RangeError('so many bytes cannot be drawn')
  if (left < count) {
    randomFillSync(reserve)
    left = reserve.length
  }
  const from = reserve.subarray(left - count, left)
  const bytes = Uint8Array.from(from)
  from.fill(0)
  left -= count
  return bytes
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const timer = setTimeout(() => finish(resolve), ms)
    const abort = () => finish(() => reject(signal.reason))
    signal.addEventListener('abort', abort, { once: true })
    function finish(settle: () => void): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      settle()
    }
  })
}
