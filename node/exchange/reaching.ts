/** A channel to the partner of an exchange, to whom we may have to be introduced before it hears anything else of us. */
import type { Clock } from '#node/ports.ts'
import { type Channel, timely } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type ExchangeNeeds, limits } from './exchange-needs.ts'

/**
 * What is said to a partner while we are being introduced to it would be refused, as a stranger's: that comes to its end first.
 *
 * @throws {TrustError} DFFT_TRUST_SUSPENDED: nothing is said to whom its anchor has stopped; DFFT_UNREACHABLE, DFFT_TIMEOUT and what else `Network.open` throws
 */
export async function reach({ partner }: { readonly partner: Did }, needs: ExchangeNeeds, signal: AbortSignal): Promise<Channel> {
  if (needs.trust.stops(partner)) throw new TrustError('DFFT_TRUST_SUSPENDED', `\`${partner}\` was stopped by its anchor`, { party: partner })
  const patience = bounded(needs, signal)
  await needs.introductions.before(partner, patience)
  return timely(needs.network.open({ did: partner, addresses: needs.peers.addressesOf(partner) }, 'exchange', patience))
}

/**
 * A conversation with a partner that may not know us: where it refuses us as a stranger we are introduced, and talk once more.
 *
 * @param talk over the channel that is given, or else one that it opens
 * @throws {TrustError} DFFT_NOT_ADMITTED when it does not know us after that either; as `talk`
 */
export async function admitted<T>(
  partner: Did,
  talk: (given?: Channel) => Promise<T>,
  { introductions }: ExchangeNeeds,
  signal: AbortSignal,
  given?: Channel,
): Promise<T> {
  try {
    return await talk(given)
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_NOT_ADMITTED' || !(await introductions.to(partner, signal))) throw thrown
    return talk()
  }
}

/** What begins in one tenth of a second shares its end: a timer and a signal for each of ten waits an exchange cost a thirtieth of it. */
const sharedMs = 100

type Bounded = (needs: { readonly clock: Clock }, signal: AbortSignal) => AbortSignal

/** For waits of so long, or up to a tenth of a second less. */
export function boundedBy(waitMs: number): Bounded {
  const shared = new WeakMap<AbortSignal, { readonly sinceMs: number; readonly clock: Clock; readonly bounded: AbortSignal }>()
  return ({ clock }, signal) => {
    const nowMs = clock.monotonicMs()
    const known = shared.get(signal)
    if (known && known.clock === clock && nowMs - known.sinceMs < sharedMs) return known.bounded
    const bounded = AbortSignal.any([signal, clock.timeout(waitMs)])
    shared.set(signal, { sinceMs: nowMs, clock, bounded })
    return bounded
  }
}

export const bounded = boundedBy(limits.answerMs)
