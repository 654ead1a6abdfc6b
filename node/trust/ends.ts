/**
 * Looks at the connections again when the standing of a partner comes to its end. Everything else that changes who is known is an act or
 * a document, and whoever does or learns it says so; a document that merely runs out says nothing.
 */

import type { NetworkGate } from '#node/network/gate.ts'
import type { Clock, Network } from '#node/ports.ts'
import { msOf } from '#protocols/ids.ts'
import type { Trust } from './trust.ts'

export const endsLimits = {
  /** It looks so often in any case: who came meanwhile, or whose document did, may have an end that is nearer. */
  lookMs: 3_600_000,
  /** A standing that has passed its end and still counts, by the clocks of others, is asked for so often. */
  leastMs: 1000,
} as const

interface Needs {
  readonly clock: Clock
  readonly network: Pick<Network, 'connected'>
  readonly trust: Pick<Trust, 'standingOf'>
  readonly gate: Pick<NetworkGate, 'changed'>
}

/** Until the signal. */
export async function watchEnds(needs: Needs, signal: AbortSignal): Promise<void> {
  const { clock, gate } = needs
  while (!signal.aborted) {
    const waitMs = Math.max(endsLimits.leastMs, Math.min(endsLimits.lookMs, nextEndMs(needs) - clock.nowMs()))
    await clock.sleep(waitMs, signal).catch(() => undefined)
    if (!signal.aborted) gate.changed()
  }
}

function nextEndMs({ clock, network, trust }: Needs): number {
  const nowMs = clock.nowMs()
  const links = [...new Set(network.connected().map(({ did }) => did))].flatMap((did) => {
    const standing = trust.standingOf(did, nowMs)
    return standing.ok ? standing.links : []
  })
  return links.reduce((leastMs, { validUntil }) => (validUntil === null ? leastMs : Math.min(leastMs, msOf(validUntil))), Number.POSITIVE_INFINITY)
}
