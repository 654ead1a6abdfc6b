/** What this node believes, as the registry that TRQP asks: the shelf as it is at each question. */
import type { Clock } from '#node/ports.ts'
import type { Registry } from '#protocols/trust/registry.ts'
import type { TrustShelf } from './shelf.ts'

export function registryOf(shelf: TrustShelf, clock: Pick<Clock, 'nowMs'>): Registry {
  return {
    framework: shelf.framework,
    when: () => {
      const nowMs = clock.nowMs()
      return { nowMs, island: shelf.island(nowMs) }
    },
    between: () => shelf.between(),
    accreditations: () => shelf.believedAccreditations(),
  }
}
