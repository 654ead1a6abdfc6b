/**
 * Whom this node knows. Everybody else who proves a DID is a stranger, and gets nothing but the hello and the service `enrol`.
 *
 * Known is no permission: every request is judged by itself, and every record certifies itself. It keeps those out who cost nothing to make.
 */
import type { Self } from '#node/identity/self.ts'
import type { PeerBook } from '#node/network/peers.ts'
import type { Clock } from '#node/ports.ts'
import type { Did } from '#protocols/ids.ts'
import type { Trust } from './trust.ts'

export interface AcquaintanceNeeds {
  readonly self: Pick<Self, 'did'>
  readonly trust: Trust
  readonly peers: Pick<PeerBook, 'called' | 'addressesOf'>
  readonly clock: Pick<Clock, 'nowMs'>
}

/**
 * Ourselves; an anchor that the operator pinned; a participant with a standing here; and whoever the operator called (`dfft peer add`), so that
 * two agencies can meet before either has pinned the other. Who is suspended is none of these, whoever called him and whatever
 * else has ended since.
 *
 * A party under an anchor whose suspensions were heard too long ago stays known: what it asks for is refused for that reason, which helps both
 * more than being strangers, and newer suspensions may come from it.
 */
export function knows(did: Did, needs: AcquaintanceNeeds): boolean {
  const how = acquaintance(did, needs)
  return how !== 'suspended' && how !== 'stranger'
}

/** How a party is known here, or why it is not. */
export type How = 'self' | 'anchor' | 'standing' | 'stale' | 'called' | 'suspended' | 'stranger'

export function acquaintance(did: Did, { self, trust, peers, clock }: AcquaintanceNeeds): How {
  if (did === self.did) return 'self'
  if (trust.roots.some((root) => root.did === did)) return 'anchor'
  const standing = trust.standingOf(did, clock.nowMs())
  if (standing.ok) return 'standing'
  if (standing.code === 'DFFT_TRUST_SUSPENDED' || trust.stops(did)) return 'suspended'
  if (standing.code === 'DFFT_TRUST_STALE') return 'stale'
  return peers.called(did) ? 'called' : 'stranger'
}
