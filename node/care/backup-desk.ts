/** Backups as an operator asks for them, and what a restored node says of itself. */
import { z } from 'zod'
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import { doubtWrite } from '#node/credentials/copies.ts'
import { openDuties } from '#node/obligations/duties.ts'
import type { Clock, Store } from '#node/ports.ts'
import { getJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, Digest, Instant, instant } from '#protocols/ids.ts'
import type { BackupMade, Care } from './care.ts'
import type { Maintenance } from './maintenance.ts'

/** As many as are looked at for the first end of received data: duties of other kinds stand among them. */
const dutiesMax = 10_000

interface Desk {
  readonly care?: Care | undefined
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
}

/** @throws {TrustError} DFFT_NOT_ALLOWED where there is no folder of its own */
export async function createBackup(wish: Parameters<Care['backup']>[0], { care, store, clock }: Desk): Promise<OutputOf<'backupCreate'>> {
  if (!care) throw new TrustError('DFFT_NOT_ALLOWED', 'this node keeps no folder that could be backed up')
  // Before the backup: what is received meanwhile ends later than what was there.
  const first = wish.dataKeys ? (await openDuties(store, dutiesMax)).find(({ kind }) => kind === 'retention') : undefined
  return backupView(await care.backup(wish, instant(clock.nowMs())), first ? instant(first.dueMs) : null)
}

function backupView({ summary, ...made }: BackupMade, keepUntil: Instant | null): OutputOf<'backupCreate'> {
  const { rows, files, log, dataKeys, left } = summary
  return {
    ...made,
    madeAt: made.madeAt as Instant, // As it was handed over.
    did: made.did as Did, // Of our own log.
    rows,
    files: files.length,
    log,
    dataKeys,
    left: [...left],
    keepUntil,
  }
}

/** Written by a restore into the store that it made. */
export const restoredKey = 'restored'
const Restored = z.strictObject({
  backup: z.string().regex(/^[0-9a-f]{32}$/),
  madeAt: Instant,
  size: z.int(),
  root: Digest,
  laterSize: z.int().nullable(),
  laterRoot: Digest.nullable(),
  /** The folder of before was shown, and nothing was released there since. */
  whole: z.boolean().default(false),
})

/** The first start after a restore: the log says from where it goes on, and what is known to be missing; what may have been shown since is not shown again. @returns whether it is one */
export async function recordRestore({
  store,
  audit,
  maintenance,
  clock,
}: {
  readonly store: Store
  readonly audit: AuditLog
  readonly maintenance: Maintenance
  readonly clock: Pick<Clock, 'nowMs'>
}): Promise<boolean> {
  const found = await getJson<unknown>(store, restoredKey)
  if (found === undefined) return false
  const facts = Restored.parse(found)
  await maintenance.begin('restored')
  const missing = facts.laterSize === null ? null : facts.laterSize - facts.size
  const doubt = facts.whole ? [] : [doubtWrite(instant(clock.nowMs()))]
  await audit.append([{ kind: 'restored', facts: { ...facts, missing } }], [{ del: restoredKey }, ...doubt])
  return true
}
