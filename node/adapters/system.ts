/** Clock and Random of the machine. */
import { randomBytes } from 'node:crypto'
import type { Clock, Random } from '../ports.ts'

/** A longer delay overflows Node's timers, which then fire at once. */
const delayMsMax = 2 ** 31 - 1

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    const untilMs = performance.now() + ms
    for (let leftMs = ms; leftMs > 0; leftMs = untilMs - performance.now()) await delay(Math.min(leftMs, delayMsMax), signal)
    signal.throwIfAborted()
  },
  timeout: (ms) => AbortSignal.timeout(Math.min(Math.max(0, Math.ceil(ms)), delayMsMax)),
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) }

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
