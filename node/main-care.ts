/** What is done with the folder of a node that need not run: a backup of it, and a folder made of a backup. */
import { access, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { OutputOf } from '#node/api.ts'
import type { BackupMade, Care } from '#node/care/care.ts'
import { openingStore } from '#node/obligations/sealed-store.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { systemClock } from './adapters/system.ts'
import type { DataKeys, Store } from './ports.ts'

const passphrase = z.string().min(1).max(1024)
const path = z.string().min(1).max(4096)

const BackupAsk = z.strictObject({ path, passphrase, dataKeys: z.boolean().default(true), dryRun: z.boolean().default(false) })
const InspectAsk = z.strictObject({ file: path, passphrase: passphrase.optional() })
const RestoreAsk = z.strictObject({
  file: path,
  passphrase,
  dryRun: z.boolean().default(false),
  former: path.optional(),
  checkpoints: z.array(z.string().max(8192)).max(64).default([]),
  acceptRollback: z.boolean().default(false),
})

/** By what the program is told to do. */
export const careVerbs: Readonly<Record<string, (dir: string, asked: unknown, version: string) => Promise<unknown>>> = {
  backup: backupStopped,
  fsck,
  inspect,
  restore,
}

/** For a node that runs: over the store that it has open. */
export function careOf(dir: string, store: Store, version: string, dataKeys?: DataKeys): Care {
  return {
    freeBytes: async () => {
      const { blocks, bavail, bsize } = await statfs(dir)
      return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
    },
    check: () => check(dir, store, dataKeys),
    backup: async ({ dryRun, ...wish }, madeAt) => {
      const { createBackup, foreseenBackup } = await import('./adapters/backup-create.ts')
      return (dryRun ? foreseenBackup : createBackup)(wish, { dir, store, version, madeAt })
    },
  }
}

async function backupStopped(dir: string, asked: unknown, version: string): Promise<BackupMade> {
  const wish = parse(asked, BackupAsk)
  await using store = await storeOf(dir)
  return await careOf(resolve(dir), store, version).backup(wish, instant(systemClock.nowMs()))
}

async function fsck(dir: string): Promise<OutputOf<'storeCheck'>> {
  const { journalDamage } = await import('./adapters/level-journal.ts')
  const damage = await journalDamage(join(dir, 'store')) // Before the engine opens it, and mends it in its own way.
  await using store = await storeOf(dir)
  const found = await check(dir, store)
  if (!damage) return found
  const advice =
    'A disk lost, or somebody changed, what it had written: acts at the end may be missing. `dfft audit verify --witnesses` compares with partners.'
  const journal = { where: 'file', key: `store/${damage.file}`, prefix: null, module: 'level-journal.ts', problem: `damaged-at-${damage.at}`, advice } as const
  return { ...found, ok: false, findings: [journal, ...found.findings] }
}

async function check(dir: string, store: Store, dataKeys?: DataKeys): Promise<OutputOf<'storeCheck'>> {
  const [{ checkKeyFiles, contentsIn }, { FileAnchor }, { advice, checkStore }] = await Promise.all([
    import('./adapters/files-check.ts'),
    import('./adapters/file-anchor.ts'),
    import('#node/care/fsck.ts'),
  ])
  const held = await new FileAnchor(join(dir, 'log-anchor')).read().then(
    (note) => ({ note, broken: false }),
    () => ({ note: undefined, broken: true }),
  )
  const broken = { where: 'file', key: 'log-anchor', prefix: null, module: 'file-anchor.ts', problem: 'unreadable', advice: advice.log } as const
  const findings = [...(await checkKeyFiles(dir)), ...(held.broken ? [broken] : [])]
  return checkStore(store, { ...(dataKeys ? { opening: openingStore(store, dataKeys) } : {}), findings, anchor: held.note, contents: await contentsIn(dir) })
}

async function inspect(_: string, asked: unknown): Promise<unknown> {
  const { file, passphrase: said } = parse(asked, InspectAsk)
  if (said === undefined) return (await import('./adapters/backup-archive.ts')).readHead(file)
  return (await import('./adapters/backup-restore.ts')).inspectBackup(file, said)
}

async function restore(dir: string, asked: unknown): Promise<unknown> {
  const wish = parse(asked, RestoreAsk)
  const [{ restoreBackup }, { openLevelStore }, { FileAnchor }] = await Promise.all([
    import('./adapters/backup-restore.ts'),
    import('./adapters/level-store.ts'),
    import('./adapters/file-anchor.ts'),
  ])
  return await restoreBackup({
    ...wish,
    dir: resolve(dir),
    openStore: (at) => openLevelStore(at),
    anchorOf: (at) => new FileAnchor(at).read(),
  })
}

/** Whose folder it is, without its keys; nobody runs on it yet. @throws {TrustError} DFFT_NOT_FOUND, DFFT_ALREADY_RUNNING, DFFT_STORE */
export async function didOfFolder(dir: string): Promise<Did> {
  await using store = await storeOf(dir)
  const { didOfLog } = await import('./adapters/backup-create.ts')
  return (await didOfLog(store)) as Did // As the node wrote it.
}

/** Its lock says whether a node runs on it. @throws {TrustError} DFFT_NOT_FOUND, DFFT_ALREADY_RUNNING */
export async function storeOf(dir: string): Promise<Store> {
  const at = join(dir, 'store')
  await access(at).catch((cause: unknown) => {
    throw new TrustError('DFFT_NOT_FOUND', `\`${dir}\` holds no node; run \`dfft init\``, {}, { cause })
  })
  const { openLevelStore } = await import('./adapters/level-store.ts')
  return openLevelStore(at)
}
