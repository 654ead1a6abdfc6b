/** What is tried again with a partner: after which codes, and after how long. */
import type { Clock, Random } from '#node/ports.ts'
import type { Code } from '#protocols/errors.ts'

/** Codes of our own disk: they say nothing about the partner or what was asked, so they end nothing. What is open goes on later, or at the next start. */
export const ofOurDisk: readonly Code[] = ['DFFT_DISK_FULL', 'DFFT_STORE', 'DFFT_DATA_KEYS']

/** What of ourselves a partner hears of as `DFFT_BUSY`. */
export const ofOurHouse: readonly Code[] = [...ofOurDisk, 'DFFT_MAINTENANCE']

/** Codes of a line or a partner after which the same thing may work a moment later; who asks adds its own. */
export const passingOnTheLine: readonly Code[] = [
  'DFFT_UNREACHABLE',
  'DFFT_TIMEOUT',
  'DFFT_CHANNEL_CLOSED',
  'DFFT_BUSY',
  'DFFT_RATE_LIMITED',
  'DFFT_PEER_UNKNOWN',
  'DFFT_KEY_NOT_FOUND', // One of the two has a new key that the other has yet to hear of.
]

/**
 * Waits longer with each attempt, and never as long as others who lost the same partner at the same moment.
 *
 * @param attempt from 0
 * @param called ends the wait early
 * @returns false when it was ended for good
 */
export async function pause(
  attempt: number,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number },
  { clock, random }: { readonly clock: Pick<Clock, 'sleep'>; readonly random: Random },
  signal: AbortSignal,
  called = signal,
): Promise<boolean> {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 14))
  const jitter = (random.bytes(1)[0] ?? 0) / 255
  await clock.sleep(Math.round(fullMs * (0.5 + jitter / 2)), AbortSignal.any([signal, called])).catch(() => undefined)
  return !signal.aborted
}
