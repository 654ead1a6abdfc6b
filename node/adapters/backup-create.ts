/**
 * Makes a backup of a node's folder while the node runs, or while it is stopped.
 *
 * The store gives one moment (a scan is a snapshot). The files of keys are read before and behind that moment, until they were the same at
 * both: a key is made before the store names it, and destroyed after the store has let it go, so that what the rows name is in the files.
 * What was written is read again from the disk, opened, and compared, before anybody is told that there is a backup.
 */
import { createHash } from 'node:crypto'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { readEntry } from '#protocols/log/entry.ts'
import type { Store } from '../ports.ts'
import { ArchiveWriter, type Argon2, damaged, mayWrite } from './backup-archive.ts'
import { endFrame, FilesGoingBy, fileFrame, partsOf, pieceFrame, rowFrame, type Summary } from './backup-contents.ts'

export interface BackupWish {
  /** Absolute. */
  readonly path: string
  readonly passphrase: string
  /** Whether the keys of received data go with it. */
  readonly dataKeys: boolean
}

export interface Backed {
  readonly dir: string
  /** As it lies on the disk: what is sealed in it stays sealed. */
  readonly store: Store
  readonly version: string
  readonly madeAt: string
  readonly cost?: Partial<Argon2>
}

export interface MadeBackup {
  readonly path: string
  readonly id: string
  readonly madeAt: string
  readonly did: string
  readonly bytes: number
  readonly summary: Summary
}

/** As long as keys are made and destroyed at every look, which none but a test does. */
const looksMax = 200
const pieceBytes = 256 << 10
const recordBytes = 72
/** What a backup holds of a folder besides the store and the attachments. */
const kept = ['dfft.yaml', 'keystore.json', 'data-keys', 'log-anchor']
/** What the node makes again by itself. */
const volatile = /^(?:dfft\.sock|node\.log|store|attachments|lock|.*\.(?:new|part))$/

/** @throws {TrustError} DFFT_CONFLICT, DFFT_NOT_WRITABLE, DFFT_DISK_FULL, DFFT_BUSY; DFFT_BACKUP when the disk has something else than was written */
export async function createBackup(wish: BackupWish, backed: Backed): Promise<MadeBackup> {
  const { dir, store, madeAt, version, cost } = backed
  const did = await didOfLog(store)
  await using archive = await ArchiveWriter.create({ path: wish.path, passphrase: wish.passphrase, did, madeAt, ...(cost ? { cost } : {}) })
  await using moment = await oneMoment(dir, store, wish.dataKeys)
  const written: { rows: number; log: Summary['log'] | undefined } = { rows: 0, log: undefined }
  for await (const [key, value] of moment.rows) {
    if (key === 'log/head') written.log = headOf(value)
    written.rows++
    await archive.write(rowFrame(key, value))
  }
  if (!written.log) throw damaged('the store has no audit log', { key: 'log/head' })
  const files = await writeFiles(archive, moment.files, dir)
  const summary: Summary = {
    rows: written.rows,
    log: written.log,
    files: [...files],
    dataKeys: wish.dataKeys,
    left: await leftOut(dir, wish.dataKeys),
    version,
  }
  await archive.write(endFrame(summary))
  const { digest, bytes } = await archive.finish()
  await compare(archive, did, digest)
  await archive.publish()
  return { path: wish.path, ...archive.head, bytes, summary }
}

export interface ForeseenBackup extends Omit<MadeBackup, 'summary'> {
  /** What it holds besides is digested as it is written. */
  readonly summary: Omit<Summary, 'files'> & { readonly files: readonly Omit<Summary['files'][number], 'sha256'>[] }
}

/**
 * What would be in it, and where: looked at as for a backup, and nothing is written.
 *
 * @throws {TrustError} DFFT_CONFLICT, DFFT_NOT_WRITABLE, DFFT_BUSY
 */
export async function foreseenBackup({ path, dataKeys }: BackupWish, { dir, store, madeAt, version }: Backed): Promise<ForeseenBackup> {
  const did = await didOfLog(store)
  await mayWrite(path)
  await using moment = await oneMoment(dir, store, dataKeys)
  let [rows, bytes, log]: [number, number, Summary['log'] | undefined] = [0, 0, undefined]
  for await (const [key, value] of moment.rows) {
    if (key === 'log/head') log = headOf(value)
    rows++
    bytes += key.length + value.length
  }
  if (!log) throw damaged('the store has no audit log', { key: 'log/head' })
  const files = moment.files.map(({ name, bytes: content }) => ({ name, bytes: content.length }))
  for (const id of await contents(dir)) files.push({ name: `attachments/${id}`, bytes: (await stat(join(dir, 'attachments', id))).size })
  bytes += files.reduce((sum, file) => sum + file.bytes, 0)
  return { path, id: '0'.repeat(32), madeAt, did, bytes, summary: { rows, log, files, dataKeys, left: await leftOut(dir, dataKeys), version } }
}

interface Moment extends AsyncDisposable {
  readonly rows: AsyncIterable<readonly [string, Uint8Array]>
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

async function oneMoment(dir: string, store: Store, dataKeys: boolean): Promise<Moment> {
  const names = kept.filter((name) => dataKeys || name !== 'data-keys')
  for (let look = 0; look < looksMax; look++) {
    const before = await filesOf(dir, names)
    const rows = store.scan({ from: '\u0000', to: '\u{10ffff}' })[Symbol.asyncIterator]()
    const first = await rows.next() // From here on it is the snapshot.
    const after = await filesOf(dir, names)
    if (sameKeys(before, after))
      return {
        rows: goingOn(first, rows),
        // The anchor of before: that of after may already tell of more than the snapshot has.
        files: names.flatMap((name) => {
          const bytes = name === 'log-anchor' ? before.get(name) : after.get(name)
          return bytes === undefined ? [] : [{ name, bytes: name === 'data-keys' ? wholeRecords(bytes) : bytes }]
        }),
        [Symbol.asyncDispose]: async () => void (await rows.return?.()),
      }
    await rows.return?.()
  }
  throw new TrustError('DFFT_BUSY', 'keys are made and destroyed all the time; there is no moment to take a backup of', { retryAfterMs: 1_000 })
}

async function* goingOn(
  first: IteratorResult<readonly [string, Uint8Array]>,
  rest: AsyncIterator<readonly [string, Uint8Array]>,
): AsyncIterable<readonly [string, Uint8Array]> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value
}

async function filesOf(dir: string, names: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for (const name of names) {
    const bytes = await readFile(join(dir, name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined // A node whose keys are in a token has no keystore.
      throw new TrustError('DFFT_STORE', `\`${name}\` cannot be read`, { file: name }, { cause })
    })
    if (bytes) found.set(name, bytes)
  }
  return found
}

/** Keys appended in between are used by nobody before that moment; any other change is one of keys that the rows may name. */
function sameKeys(before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>): boolean {
  const [keystore, then] = [before.get('keystore.json'), after.get('keystore.json')]
  const [records, now] = [before.get('data-keys'), after.get('data-keys')]
  const same = keystore === undefined || then === undefined ? keystore === then : keystore.equals(then)
  const grown = records === undefined || now?.subarray(0, wholeRecords(records).length).equals(wholeRecords(records)) === true
  return same && grown
}

/** The file may be in the middle of growing. */
function wholeRecords(bytes: Buffer): Buffer {
  const head = bytes.indexOf(10) + 1
  return bytes.subarray(0, head + Math.floor((bytes.length - head) / recordBytes) * recordBytes)
}

async function writeFiles(archive: ArchiveWriter, files: Moment['files'], dir: string): Promise<Summary['files']> {
  const going = new FilesGoingBy()
  const put = async (bytes: Uint8Array) => {
    going.piece(bytes)
    await archive.write(pieceFrame(bytes))
  }
  for (const { name, bytes } of files) {
    going.begin(name)
    await archive.write(fileFrame(name))
    for (let at = 0; at < bytes.length; at += pieceBytes) await put(bytes.subarray(at, at + pieceBytes))
  }
  for (const id of await contents(dir)) {
    // One whose key was destroyed a moment ago is gone, and nobody can open it.
    const file = await open(join(dir, 'attachments', id), 'r').catch(() => undefined)
    if (!file) continue
    await using _ = file
    going.begin(`attachments/${id}`)
    await archive.write(fileFrame(`attachments/${id}`))
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at)
      if (bytesRead === 0) break
      await put(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
  }
  return [...going.finish()]
}

/** Whole ones: what is on its way comes again. */
async function contents(dir: string): Promise<readonly string[]> {
  const names = await readdir(join(dir, 'attachments')).catch((): string[] => [])
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).sort()
}

async function leftOut(dir: string, dataKeys: boolean): Promise<string[]> {
  const names = await readdir(dir)
  const others = names.filter((name) => !kept.includes(name) && !volatile.test(name) && !name.startsWith('.'))
  return [...(dataKeys ? [] : ['data-keys']), ...others].sort().slice(0, 100)
}

/** Everything once more, from the disk: opened, counted, and the same to the byte. */
async function compare(archive: ArchiveWriter, did: string, digest: string): Promise<void> {
  const hash = createHash('sha256')
  async function* hashed() {
    for await (const chunk of archive.readBack()) {
      hash.update(chunk)
      yield chunk
    }
  }
  for await (const _ of partsOf(hashed(), did)) void _
  if (hash.digest('base64url') !== digest) throw damaged('the disk has something else than was written')
}

function headOf(value: Uint8Array): Summary['log'] {
  const { size, root } = JSON.parse(Buffer.from(value).toString()) as { size: number; root: string } // What it says is compared with the log when it is read back.
  return { size, root: `sha256:${Buffer.from(root, 'base64').toString('hex')}` as Summary['log']['root'] } // As above.
}

/** Of the entry that every log begins with. @throws {TrustError} DFFT_LOG_CORRUPT */
export async function didOfLog(store: Store): Promise<string> {
  const key = `log/entry/${'0'.repeat(16)}`
  const value = await store.get(key)
  const did = value && readEntry(value).facts.did
  if (typeof did !== 'string') throw new TrustError('DFFT_LOG_CORRUPT', 'the log does not begin as that of a node does', { key })
  return did
}
