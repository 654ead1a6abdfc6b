/**
 * What a node lets through of what its peers pass on to one another. Whoever carries it (gossipsub, or the simulator's links) asks here,
 * so the two behave alike: it came from a bound peer, it is short, that peer does not talk too much, and the node wants it passed on.
 */

import { placeOf } from '#node/fault-place.ts'
import type { Announced, Clock, Log, Peer } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'
import type { LinkLimits } from './limits.ts'
import type { Links } from './links.ts'
import { Buckets } from './standing.ts'

/** A hint, and what it costs everybody: content is fetched by its digest. */
export const announcementBytesMax = 32 << 10

/** `drop`: it goes no further, and nobody is to blame. `reject`: whoever handed it over should not have. */
export type Verdict = 'pass' | 'drop' | 'reject'

interface Needs {
  readonly links: Pick<Links, 'connected' | 'fault'>
  readonly clock: Clock
  readonly log: Log
  readonly limits: Pick<LinkLimits, 'announcementsPerSecond' | 'announcementsBurst'>
}

export class Gossip {
  readonly #needs: Needs
  readonly #rates: Buckets
  #listener: Announced | undefined
  #over = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.#rates = new Buckets({ perSecond: needs.limits.announcementsPerSecond, burst: needs.limits.announcementsBurst })
  }

  onAnnounced(listener: Announced): void {
    this.#listener = listener
  }

  /** Nothing is let through any more. */
  stop(): void {
    this.#over = true
  }

  /** Of what we are about to say. @throws {TrustError} DFFT_FRAME_TOO_LONG, DFFT_NOT_RUNNING */
  check(announcement: Uint8Array): void {
    if (this.#over) throw new TrustError('DFFT_NOT_RUNNING', 'the network has been stopped')
    if (announcement.length > announcementBytesMax) throw tooLong(announcement)
  }

  /** Of what a peer handed over. Never throws. */
  async judge(peerId: PeerId, announcement: Uint8Array): Promise<Verdict> {
    const { links, clock, log } = this.#needs
    const from = links.connected().find((peer) => peer.peerId === peerId)
    if (!from || !this.#listener || this.#over) return 'drop'
    try {
      if (announcement.length > announcementBytesMax) throw tooLong(announcement)
      if (this.#rates.take(peerId, clock.monotonicMs()) > 0) return this.#tooMany(from)
      const passed = await this.#listener(announcement, from)
      return passed && !this.#over ? 'pass' : 'drop'
    } catch (thrown) {
      if (thrown instanceof TrustError) {
        links.fault(from.did, thrown.code)
        return 'reject'
      }
      log('error', 'announcement failed', placeOf(thrown))
      return 'drop'
    }
  }

  #tooMany({ did }: Peer): Verdict {
    this.#needs.links.fault(did, 'DFFT_RATE_LIMITED')
    return 'drop'
  }
}

function tooLong({ length }: Uint8Array): TrustError {
  return new TrustError('DFFT_FRAME_TOO_LONG', `an announcement is longer than ${announcementBytesMax} bytes`, { bytes: length })
}
