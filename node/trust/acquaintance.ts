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
export function knows(did: Did, { self, trust, peers, clock }: AcquaintanceNeeds): boolean {
  if (did === self.did || trust.roots.some((root) => root.did === did)) return true
  const standing = trust.standingOf(did, clock.nowMs())
  if (standing.ok) return true
  if (standing.code === 'DFFT_TRUST_SUSPENDED' || trust.stops(did)) return false
  return standing.code === 'DFFT_TRUST_STALE' || peers.called(did)
}
