/**
 * Makes a folder of a backup again: all of it beside its place, then one rename. A restore that was killed leaves nothing that starts.
 *
 * What happened since the backup was made is not in it. Whoever can show a later head of the same log (the folder of before, a checkpoint that
 * a partner or the operator kept) shows that partners will see a log that went back: then it takes a word more, and the log records it.
 * Keys of received data that the folder of before has destroyed are not brought back.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { originOf, parseCheckpoint, rootDigest } from '#protocols/log/checkpoint.ts'
import type { MerkleTree } from '#protocols/log/merkle.ts'
import type { Store, Write } from '../ports.ts'
import { type BackupHead, damaged, openArchive } from './backup-archive.ts'
import { type Part, partsOf, type Summary } from './backup-contents.ts'

export interface RestoreWish {
  readonly file: string
  readonly passphrase: string
  /** Missing, or empty. */
  readonly dir: string
  readonly dryRun: boolean
  /** The folder of the node as it was last, where there is still something of it. */
  readonly former?: string | undefined
  /** Signed heads of the log that were kept elsewhere. */
  readonly checkpoints: readonly string[]
  /** That the log goes back is known and wanted. */
  readonly acceptRollback: boolean
  readonly openStore: (dir: string) => Promise<Store>
  readonly anchorOf: (path: string) => Promise<string | undefined>
}

export interface Restored extends BackupHead {
  readonly dir: string
  readonly dryRun: boolean
  readonly summary: Summary
  /** The newest head that anybody showed, where it is newer than the backup. */
  readonly later: { readonly size: number; readonly root: string } | null
  /** Keys of received data that were destroyed since, and stay so. */
  readonly destroyed: number
}

/** What a node that starts finds, records and removes. */
export const restoredKey = 'restored'
/** In the folder of before: that a restore went on from it. */
const leftName = 'left-by-restore'

const recordBytes = 72
const rowsPerBatch = 2_000
const bytesPerBatch = 4 << 20

/** All of it is read and checked. @throws {TrustError} DFFT_BACKUP, DFFT_PASSPHRASE, DFFT_NOT_FOUND */
export async function inspectBackup(file: string, passphrase: string): Promise<BackupHead & { readonly summary: Summary }> {
  await using archive = await openArchive(file, passphrase)
  for await (const part of partsOf(archive.chunks(), archive.head.did)) if (part.kind === 'end') return { ...archive.head, summary: part.summary }
  throw damaged('it has no end')
}

/**
 * @throws {TrustError} DFFT_BACKUP, DFFT_PASSPHRASE, DFFT_NOT_FOUND; DFFT_ALREADY_INITIALISED when the folder is not empty; DFFT_BACKUP_OLDER
 *   when a later head is known and the roll-back was not accepted; DFFT_LOG_FORK when a head is of another history
 */
export async function restoreBackup(wish: RestoreWish): Promise<Restored> {
  await refuseFull(wish.dir)
  await using archive = await openArchive(wish.file, wish.passphrase)
  // First all of it is checked: nothing is written for a backup that turns out to be none.
  const looked = await look(archive)
  const later = laterThan(looked, await headsOf(wish, looked.head.did))
  if (later && !wish.acceptRollback && !wish.dryRun) throw older(looked.summary, later)
  const former = await formerDataKeys(wish.former)
  const place = `${wish.dir}.restoring`
  const told = { ...looked.head, dir: wish.dir, dryRun: wish.dryRun, summary: looked.summary, later }
  if (wish.dryRun) return { ...told, destroyed: await destroyedIn(archive, former) }
  let whole = false
  try {
    await rm(place, { recursive: true, force: true })
    whole = later === null && (await vouches(looked, wish))
    const destroyed = await layOut(archive, place, { former, later, whole, openStore: wish.openStore })
    await rename(place, wish.dir)
    await synced(dirname(wish.dir))
    return { ...told, destroyed }
  } catch (cause) {
    await rm(place, { recursive: true, force: true }).catch(() => undefined)
    if (whole && wish.former !== undefined) await rm(join(wish.former, leftName), { force: true }).catch(() => undefined) // Nobody went on from it.
    if (codeOf(cause) !== 'DFFT_INTERNAL') throw cause
    const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
    throw new TrustError(full ? 'DFFT_DISK_FULL' : 'DFFT_NOT_WRITABLE', `the folder \`${wish.dir}\` cannot be written`, {}, { cause })
  }
}

type Archive = Awaited<ReturnType<typeof openArchive>>

interface Looked {
  readonly head: BackupHead
  readonly summary: Summary
  readonly tree: MerkleTree
}

async function look(archive: Archive): Promise<Looked> {
  for await (const part of partsOf(archive.chunks(), archive.head.did))
    if (part.kind === 'end') return { head: archive.head, summary: part.summary, tree: part.tree }
  throw damaged('it has no end')
}

async function refuseFull(dir: string): Promise<void> {
  const names = await readdir(dir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${dir}\` is no folder that can be restored into`, {}, { cause })
  })
  if (names.length > 0) throw new TrustError('DFFT_ALREADY_INITIALISED', `the folder \`${dir}\` is not empty; move it away and name it with \`--former\``, {})
}

// Heads of the same log that others hold.

interface KnownHead {
  readonly size: number
  readonly root: Uint8Array
}

async function headsOf(wish: RestoreWish, did: string): Promise<readonly KnownHead[]> {
  const anchor = await formerAnchor(wish)
  return [...wish.checkpoints, ...(anchor === undefined ? [] : [anchor])].map((note) => {
    const { origin, size, root } = parseCheckpoint(note)
    if (origin !== originOf(did as Parameters<typeof originOf>[0]))
      throw new TrustError('DFFT_CHECKPOINT', 'a checkpoint is of another log than the backup', { origin }) // Read as a Did.
    return { size, root }
  })
}

/**
 * Whether the folder of before is that of the life which the backup is of, so that nothing was shown since: a head over a release is anchored
 * before it leaves, and the last one when the node stops. A folder whose anchor is older than the backup is of an earlier life, and says nothing
 * of what came behind it; one that another restore has left does not know what was shown there.
 */
async function vouches({ head, tree }: Looked, wish: RestoreWish): Promise<boolean> {
  const anchor = await formerAnchor(wish)
  return anchor !== undefined && parseCheckpoint(anchor).size >= tree.size && (await leave(wish.former, head.id))
}

/** Marks the folder as left, once. @returns false where it was left before, or cannot be marked */
async function leave(former: string | undefined, backup: string): Promise<boolean> {
  if (former === undefined) return false
  try {
    await using mark = await open(join(former, leftName), 'wx', 0o600)
    await mark.writeFile(`${backup}\n`)
    await mark.sync()
    await synced(former)
    return true
  } catch {
    return false // Nobody then knows that no other restore has, or will have, its word.
  }
}

/** An anchor that cannot be read says nothing; that it is damaged is not this command's business. */
async function formerAnchor({ former, anchorOf }: RestoreWish): Promise<string | undefined> {
  return former === undefined ? undefined : await anchorOf(join(former, 'log-anchor')).catch(() => undefined)
}

function laterThan({ tree }: Looked, heads: readonly KnownHead[]): Restored['later'] {
  for (const { size, root } of heads)
    if (size <= tree.size && Buffer.compare(tree.root(size), root) !== 0)
      throw new TrustError('DFFT_LOG_FORK', 'the log in the backup is of another history than a head that was shown', { size, shown: rootDigest(root) })
  const newest = heads.reduce<KnownHead | undefined>((most, head) => (head.size > (most?.size ?? tree.size) ? head : most), undefined)
  return newest ? { size: newest.size, root: rootDigest(newest.root) } : null
}

function older({ log }: Summary, later: NonNullable<Restored['later']>): TrustError {
  const facts = { size: log.size, later: later.size, missing: later.size - log.size }
  return new TrustError('DFFT_BACKUP_OLDER', `the log in the backup ends ${facts.missing} entries before a head that it signed later`, facts)
}

// Keys that were destroyed since.

interface FormerKeys {
  readonly epoch: string
  readonly numbers: ReadonlySet<number>
  readonly last: number
}

async function formerDataKeys(dir: string | undefined): Promise<FormerKeys | undefined> {
  const bytes = dir === undefined ? undefined : await readFile(join(dir, 'data-keys')).catch(() => undefined)
  if (!bytes) return undefined
  const numbers = new Set(recordsOf(bytes).records.map(numberOf))
  return { epoch: recordsOf(bytes).epoch, numbers, last: Math.max(0, ...[...numbers].slice(-1)) }
}

function recordsOf(bytes: Buffer): { readonly epoch: string; readonly line: Buffer; readonly records: readonly Buffer[] } {
  const head = bytes.indexOf(10) + 1
  const line = bytes.subarray(0, head)
  const count = Math.floor((bytes.length - head) / recordBytes)
  const records = Array.from({ length: count }, (_, at) => bytes.subarray(head + at * recordBytes, head + (at + 1) * recordBytes))
  return { epoch: /"epoch":"([0-9a-f]{16})"/.exec(line.toString('latin1'))?.[1] ?? '', line, records }
}

function numberOf(record: Buffer): number {
  return Number(record.readBigUInt64BE())
}

/** Without those that the folder of before had and has no more. */
function withoutDestroyed(bytes: Buffer, former: FormerKeys | undefined): { readonly bytes: Buffer; readonly destroyed: number } {
  const { epoch, line, records } = recordsOf(bytes)
  if (!former || former.epoch !== epoch) return { bytes, destroyed: 0 }
  // Behind the last one that it has: keys that the backup knows and that file never did, or that left with the last of them.
  const stay = records.filter((record) => numberOf(record) > former.last || former.numbers.has(numberOf(record)))
  return { bytes: Buffer.concat([line, ...stay]), destroyed: records.length - stay.length }
}

async function destroyedIn(archive: Archive, former: FormerKeys | undefined): Promise<number> {
  if (!former) return 0
  const held = await smallFile(partsOf(archive.chunks(), archive.head.did), 'data-keys')
  return held ? withoutDestroyed(held, former).destroyed : 0
}

async function smallFile(parts: AsyncIterable<Part>, name: string): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = []
  let within = false
  for await (const part of parts) {
    if (part.kind === 'file') {
      if (within) break
      within = part.name === name
    }
    if (part.kind === 'piece' && within) pieces.push(Buffer.from(part.bytes))
  }
  return pieces.length === 0 ? undefined : Buffer.concat(pieces)
}

// The folder.

interface Known extends Pick<RestoreWish, 'openStore'> {
  readonly former: FormerKeys | undefined
  readonly later: Restored['later']
  readonly whole: boolean
}

/** @returns how many data keys stay destroyed */
async function layOut(archive: Archive, place: string, known: Known): Promise<number> {
  await mkdir(join(place, 'attachments'), { recursive: true, mode: 0o700 })
  await using store = await known.openStore(join(place, 'store'))
  const rows = new Rows(store)
  let destroyed = 0
  let dataKeys: Uint8Array[] | undefined
  let file: FileInPlace | undefined
  for await (const part of partsOf(archive.chunks(), archive.head.did)) {
    if (part.kind === 'row') await rows.put(part.key, part.value)
    if (part.kind === 'file') {
      await file?.finish()
      dataKeys = part.name === 'data-keys' ? [] : dataKeys
      file = part.name === 'data-keys' ? undefined : await FileInPlace.begin(join(place, part.name))
    }
    if (part.kind === 'piece' && file) await file.append(part.bytes)
    else if (part.kind === 'piece') dataKeys?.push(Buffer.from(part.bytes))
    if (part.kind === 'end') {
      await file?.finish()
      if (dataKeys) destroyed = await layDataKeys(join(place, 'data-keys'), Buffer.concat(dataKeys), known.former)
      await rows.put(restoredKey, restoredRow(archive.head, part.summary, known))
      await rows.flush()
    }
  }
  for (const folder of [join(place, 'attachments'), place]) await synced(folder)
  return destroyed
}

async function layDataKeys(path: string, bytes: Buffer, former: FormerKeys | undefined): Promise<number> {
  const { bytes: left, destroyed } = withoutDestroyed(bytes, former)
  const file = await FileInPlace.begin(path)
  await file.append(left)
  await file.finish()
  return destroyed
}

function restoredRow({ id, madeAt }: BackupHead, { log }: Summary, { later, whole }: Pick<Known, 'later' | 'whole'>): Uint8Array {
  return canonicalBytes({ backup: id, madeAt, size: log.size, root: log.root, laterSize: later?.size ?? null, laterRoot: later?.root ?? null, whole })
}

/** Rows in batches: each is a synced write. */
class Rows {
  readonly #store: Store
  #writes: Write[] = []
  #bytes = 0

  constructor(store: Store) {
    this.#store = store
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#writes.push({ put: key, value })
    this.#bytes += key.length + value.length
    if (this.#writes.length >= rowsPerBatch || this.#bytes >= bytesPerBatch) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#writes.length > 0) await this.#store.batch(this.#writes)
    this.#writes = []
    this.#bytes = 0
  }
}

class FileInPlace {
  readonly #file: Awaited<ReturnType<typeof open>>

  private constructor(file: Awaited<ReturnType<typeof open>>) {
    this.#file = file
  }

  static async begin(path: string): Promise<FileInPlace> {
    return new FileInPlace(await open(path, 'wx', 0o600))
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.appendFile(bytes)
  }

  async finish(): Promise<void> {
    await this.#file.sync()
    await this.#file.close()
  }
}

async function synced(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
