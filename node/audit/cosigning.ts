/** Having partners co-sign our log as it stands: when an operator asks for it, and before a key is retired. */

import type { RecordsClient } from '#node/network/records.ts'
import type { Resolver, Store, Write } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, msOf } from '#protocols/ids.ts'
import { cosignerNameOf, parseCheckpoint } from '#protocols/log/checkpoint.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import { cosignedBy, type WitnessLine } from '#protocols/log/issuance.ts'
import type { AuditLog } from './audit.ts'
import { frozenOver, type Kept, keptSince } from './kept-checkpoints.ts'

/** One cosignature over a checkpoint of ours. */
export interface Given extends WitnessLine {
  readonly size: number
  readonly note: string
}

export interface Fresh extends Given {
  readonly atMs: number
  /** Keep it. */
  readonly writes: readonly Write[]
}

/** A head that exchanges overtake is sent again this often. */
const tries = 3

/** @throws {TrustError} DFFT_CHECKPOINT when the partner does not co-sign, DFFT_LOG_FORK when it saw more than there is, codes of `ask` */
export async function cosignedNow(
  by: Did,
  { audit, records, dids }: { readonly audit: AuditLog; readonly records: Pick<RecordsClient, 'ask'>; readonly dids: Resolver },
  signal: AbortSignal,
): Promise<Fresh> {
  let since = (await audit.cosignatures()).find(({ did }) => did === by)?.size ?? 0
  for (let left = tries; left > 0; left--) {
    const { note, size } = await audit.checkpoint()
    const log = { checkpoint: note, since, proof: audit.consistency(since, size) }
    const { cosignature, seen } = await records.ask(by, { type: 'witness', log }, 'cosignature', signal)
    if (cosignature) {
      const signed = cosignedBy(by, parseCheckpoint(note), cosignature.line, (await dids.resolve(by, signal)).keys)
      if (!signed) break
      const writes = audit.rememberCosignature(by, { note, cosignature: cosignature.line, publicKey: signed.publicKey })
      return { by, line: cosignature.line, size, note, atMs: signed.atMs, writes }
    }
    since = seen
  }
  throw new TrustError('DFFT_CHECKPOINT', 'the partner did not co-sign', { partner: by, seen: since })
}

/**
 * Of each witness the oldest checkpoint over an entry that is still known, under each of its keys, since one that was given up says nothing
 * any more; those with most witnesses first.
 */
export async function cosignedOver(
  { index, at }: Pick<LogEntry, 'index' | 'at'>,
  { audit, store }: { readonly audit: AuditLog; readonly store: Store },
): Promise<readonly Kept[]> {
  const newest = (await audit.cosignatures()).map(({ did: by, size, note, cosignature: line }) => ({ size, note, cosignatures: [{ by, line }] }))
  const known = [...(await frozenOver(store, index)), ...(await keptSince(store, msOf(at))), ...newest].filter(({ size }) => size > index)
  const named = new Set<string>()
  const found = known
    .sort((one, other) => one.size - other.size)
    .map(({ size, note, cosignatures }) => ({
      size,
      note,
      cosignatures: cosignatures.filter(({ line }) => !named.has(cosignerNameOf(line)) && named.add(cosignerNameOf(line))),
    }))
  return found.filter(({ cosignatures }) => cosignatures.length > 0).sort((one, other) => other.cosignatures.length - one.cosignatures.length)
}
