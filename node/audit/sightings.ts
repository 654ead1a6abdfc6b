/**
 * Heads of partners' logs that this node keeps for good, with its own cosignature of the time: the best evidence there is, to
 * this node, that what a partner issued was issued before the partner gave up a key. A later head replaces the last one
 * seen; a sighting stays.
 */

import type { Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import type { Did } from '#protocols/ids.ts'
import { originOf, parseCheckpoint, verifyCosignature } from '#protocols/log/checkpoint.ts'
import type { WitnessLine } from '#protocols/log/issuance.ts'
import { padded, type Seen } from './audit-disk.ts'

/** A partner that gives up a key each year needs one a year. What is kept stays: one more is then not kept. */
export const sightingsMax = 64

/** A head with the time at which this node signed that it saw it. */
export interface Sighting {
  readonly size: number
  readonly note: string
  readonly line: WitnessLine
  readonly atMs: number
}

export function sighting(did: Did, seen: Seen): Write {
  return putJson(`evidence/sighting/${did}/${padded(seen.size)}`, seen)
}

/** Smallest first. */
export async function sightingsOf(store: Store, did: Did): Promise<readonly Seen[]> {
  const found: Seen[] = []
  for await (const [, seen] of scanJson<Seen>(store, `evidence/sighting/${did}/`, { limit: sightingsMax })) found.push(seen)
  return found
}

/** None for a head that an older version of this node kept without its time. */
export function dated({ size, note, ours }: Seen, self: Did): readonly Sighting[] {
  if (!ours) return []
  const { line, publicKey } = ours
  const { atMs } = verifyCosignature(parseCheckpoint(note), line, { name: originOf(self), publicKey })
  return [{ size, note, line: { by: self, line }, atMs }]
}
