/**
 * Co-signed checkpoints of this node's own log that no later one replaces: they say what was in the log when.
 *
 *     evidence/cosigned/<size>        kept before a key was retired, with all that partners signed of it
 *     evidence/daily/<day>/<0 to f>   the last ones of each day, of up to sixteen partners: for a key of which it turns out
 *                                     later that it was in other hands since some day
 */

import type { Store, Write } from '#node/ports.ts'
import { after, getJson, putJson } from '#node/stored.ts'
import { type Did, digest, instant } from '#protocols/ids.ts'
import type { WitnessLine } from '#protocols/log/issuance.ts'
import { padded } from './audit-disk.ts'

export interface Kept {
  readonly size: number
  readonly note: string
  readonly cosignatures: readonly WitnessLine[]
}

/** Looked at for one credential, of either sort: four freezings, or four days. The first of them counts for most. */
const lookedAtMax = 64

export function keptFrozen(kept: Kept): Write {
  return putJson(frozenKey(kept.size), kept)
}

/** One cosignature of today. A day takes 20 KiB, however many partners there are. */
export function keptOfDay(nowMs: number, kept: Kept & { readonly cosignatures: readonly [WitnessLine] }): Write {
  return putJson(`${dayPrefix(nowMs)}${slotOf(kept.cosignatures[0].by)}`, kept)
}

export function frozenAt(store: Store, size: number): Promise<Kept | undefined> {
  return getJson(store, frozenKey(size))
}

/** The oldest that hold an entry. */
export function frozenOver(store: Store, index: number): Promise<readonly Kept[]> {
  return keptIn(store, frozenKey(index + 1), after('evidence/cosigned/'))
}

/** The oldest of a day and the days after it. */
export function keptSince(store: Store, fromMs: number): Promise<readonly Kept[]> {
  return keptIn(store, dayPrefix(fromMs), after('evidence/daily/'))
}

async function keptIn(store: Store, from: string, to: string): Promise<readonly Kept[]> {
  const found: Kept[] = []
  for await (const [, bytes] of store.scan({ from, to, limit: lookedAtMax })) found.push(JSON.parse(Buffer.from(bytes).toString()) as Kept) // Written above from a Kept.
  return found
}

function frozenKey(size: number): string {
  return `evidence/cosigned/${padded(size)}`
}

function dayPrefix(ms: number): string {
  return `evidence/daily/${instant(ms).slice(0, 10)}/`
}

/** Spread by name, so that which partners are kept is nobody's choice. */
function slotOf(did: Did): string {
  return digest(did).slice(-1)
}
