/**
 * DataKeys in one file beside the store: a line that says how it is opened, then the records of file-data-key-records.ts.
 *
 *     {"epoch":…,"format":"dfft-data-keys/1","generation":…,"sealed":…,"vaultKey":…}⏎
 *
 * The file's own key is sealed by a key of the node's vault. New keys are appended some hundred at a time and synced before the first of
 * them is used, so that an exchange waits for no sync of its own. To destroy keys a whole new file is written without them, synced, and
 * renamed over the old one, whose bytes are then overwritten as far as the file system lets.
 */
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { canonical, canonicalBytes } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { seal, unseal } from '#protocols/sealed.ts'
import type { DataKeyFinding, DataKeyId, DataKeys, KeyRef, KeyVault } from '../ports.ts'
import { bytesAt, DataKeyRecords, recordBytes, recordOf } from './file-data-key-records.ts'

const format = 'dfft-data-keys/1'
const keyBytes = 32
/** More than the line ever has; what goes on without an end of line is no file of ours. */
const headBytesMax = 1024
/** At 300 exchanges a second a pool lasts more than a second, and is filled again when half of it is left: two syncs a second. */
const poolKeys = 512
/** What is read or written of a whole file at a time. */
const pieceBytes = 256 << 10
/** Keys that are kept open, in the pool and in use: an exchange seals twice and reads its own data back within seconds. 2,048 are 200 kB. */
const openMax = 2048

const Head = z.strictObject({
  format: z.literal(format),
  epoch: z.string().regex(/^[0-9a-f]{16}$/),
  /** How often the file was replaced. */
  generation: z.number().int().min(0),
  vaultKey: z.string().max(256),
  /** The file's own key. */
  sealed: z.string().max(512),
})
type Head = z.infer<typeof Head>

interface Opened {
  readonly head: Head
  readonly fileKey: Uint8Array
  readonly records: DataKeyRecords
  readonly findings: readonly DataKeyFinding[]
}

/**
 * Opens the file, or begins one where there is none. What is wrong with it is said in `findings`, and what can be opened still can be.
 *
 * @throws {TrustError} DFFT_DATA_KEYS when the disk refuses
 */
export async function openFileDataKeys(path: string, vault: KeyVault): Promise<DataKeys> {
  const file = await openedFile(path)
  if (!file) {
    const { file: made, ...begins } = await begun(path, vault)
    return new FileDataKeys(path, vault, begins, made)
  }
  const read = await readFileOf(file, vault).catch(async (cause: unknown) => {
    await file.close()
    throw unreadable(path, cause)
  })
  if (read) return new FileDataKeys(path, vault, read, file)
  await file.close()
  return new RefusingDataKeys()
}

class FileDataKeys implements DataKeys {
  readonly findings: readonly DataKeyFinding[]
  readonly #path: string
  readonly #vault: KeyVault
  readonly #fileKey: Uint8Array
  /** The same, imported: to import a key costs three times what it seals with it. */
  readonly #fileSecret: KeyObject
  #head: Head
  #file: FileHandle
  #records: DataKeyRecords
  #next: number
  /** Durable, and used by nobody yet. */
  #pool: number[] = []
  readonly #open = new Map<number, Uint8Array>()
  #sealing: { readonly id: DataKeyId; readonly secret: KeyObject } | undefined
  #last: Promise<unknown> = Promise.resolve()
  #filling: Promise<void> | undefined
  #refusal: TrustError | undefined

  constructor(path: string, vault: KeyVault, { head, fileKey, records, findings }: Opened, file: FileHandle) {
    this.#path = path
    this.#vault = vault
    this.#head = head
    this.#fileKey = fileKey
    this.#fileSecret = createSecretKey(fileKey)
    this.#records = records
    this.findings = findings
    this.#file = file
    // Those that a crash left unused are not told from the others: none is given out again.
    this.#next = records.last + 1
  }

  async take(): Promise<DataKeyId> {
    for (;;) {
      const number = this.#pool.shift()
      if (this.#pool.length <= poolKeys / 2) this.#filling ??= this.#refilled()
      if (number !== undefined) {
        this.#filling?.catch(() => undefined) // Whoever finds the pool empty hears of it.
        return `${this.#head.epoch}-${number}` as DataKeyId // The one place that makes them.
      }
      await this.#filling
    }
  }

  has(id: DataKeyId): boolean {
    return this.#has(this.#numberOf(id))
  }

  async seal(id: DataKeyId, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#secret(id), randomBytes(12), plain, context)
  }

  async open(id: DataKeyId, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return unseal(this.#key(id), sealed, context)
  }

  #has(number: number): boolean {
    return this.#open.has(number) || this.#records.sealed(number) !== undefined
  }

  async destroy(ids: readonly DataKeyId[]): Promise<void> {
    // A record that is damaged may be whole again at the next reading of the disk.
    const numbers = new Set(ids.map((id) => this.#numberOf(id)).filter((number) => this.#has(number) || this.#records.mayBeDamaged(number)))
    if (numbers.size > 0) await this.#serially(() => this.#without(numbers))
  }

  /** Keys that nobody has used leave with the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#filling?.catch(() => undefined)
    await this.#last
    if (!this.#refusal) await this.#file.truncate(this.#records.end - this.#leaving() * recordBytes)
    this.#refusal ??= new TrustError('DFFT_DATA_KEYS', 'the data keys are closed', { what: 'closed' })
    await this.#file.close()
    this.#fileKey.fill(0)
    for (const key of this.#open.values()) key.fill(0)
    this.#open.clear()
    this.#sealing = undefined
    this.#records = new DataKeyRecords()
  }

  /** All of the pool; but where the key before it was destroyed, one stays: else its number would be another key's after the next start. */
  #leaving(): number {
    const [first] = this.#pool
    return first === undefined || first === 1 || this.#has(first - 1) ? this.#pool.length : this.#pool.length - 1
  }

  async #refilled(): Promise<void> {
    try {
      await this.#serially(() => this.#fill())
    } finally {
      this.#filling = undefined
    }
  }

  async #fill(): Promise<void> {
    const made = new Map<number, Uint8Array>()
    const bytes = Buffer.concat(
      Array.from({ length: poolKeys - this.#pool.length }, (_, at) => {
        const key = randomBytes(keyBytes)
        made.set(this.#next + at, key)
        return this.#recordOf(this.#next + at, key)
      }),
    )
    try {
      // At the place where whole records end: what a failed write left behind it is written over.
      await kept(this.#file, bytes, this.#records.end)
    } catch (cause) {
      throw unwritable(cause)
    }
    this.#records.add(bytes)
    for (const [number, key] of made) {
      this.#keepOpen(number, key)
      this.#pool.push(number)
    }
    this.#next += made.size
  }

  async #without(numbers: ReadonlySet<number>): Promise<void> {
    const { epoch, generation, vaultKey } = this.#head
    const head = await headOf({ epoch, generation: generation + 1, vaultKey }, this.#fileKey, this.#vault)
    const old = this.#file
    try {
      const { file, records } = await replaced(this.#path, lineOf(head), this.#records.without(numbers, this.#known()))
      // Before the old file is overwritten: whoever asks for a key from now on reads the new one.
      this.#head = head
      this.#file = file
      this.#records = records
      this.#forget(numbers)
      await erase(old).finally(() => old.close())
    } catch (cause) {
      const refusal = unwritable(cause)
      // Which of the two files the name leads to is known only after it is read again. Where there was no room for a new one, it is the old.
      if (refusal.code !== 'DFFT_DISK_FULL') this.#refusal = refusal
      throw refusal
    }
  }

  /** Of the keys at hand, their records as they are made anew. */
  #known(): readonly (readonly [number, () => Buffer])[] {
    const known = [...this.#open].sort(([one], [other]) => one - other)
    return known.map(([number, key]) => [number, () => this.#recordOf(number, key)])
  }

  #recordOf(number: number, key: Uint8Array): Buffer {
    return recordOf(number, seal(this.#fileSecret, randomBytes(12), key, contextOf(this.#head.epoch, number)))
  }

  #forget(numbers: ReadonlySet<number>): void {
    this.#sealing = undefined
    for (const number of numbers) {
      this.#open.get(number)?.fill(0)
      this.#open.delete(number)
    }
    this.#pool = this.#pool.filter((number) => !numbers.has(number))
  }

  #numberOf(id: DataKeyId): number {
    const [epoch, number] = id.split('-')
    return epoch === this.#head.epoch ? Number(number) : Number.NaN
  }

  #key(id: DataKeyId): Uint8Array {
    const number = this.#numberOf(id)
    const before = this.#open.get(number)
    if (before) return before
    const sealed = this.#records.sealed(number)
    if (!sealed) throw new TrustError('DFFT_KEY_UNKNOWN', 'there is no such data key', { id: id.slice(0, 64) })
    const key = unseal(this.#fileSecret, sealed, contextOf(this.#head.epoch, number))
    this.#keepOpen(number, key)
    return key
  }

  #keepOpen(number: number, key: Uint8Array): void {
    const [oldest] = this.#open.keys()
    if (this.#open.size >= openMax && oldest !== undefined) this.#open.delete(oldest)
    this.#open.set(number, key)
  }

  /** An exchange seals twice, one after the other: no more than the last key is kept imported, where its bytes cannot be overwritten. */
  #secret(id: DataKeyId): KeyObject {
    const key = this.#key(id)
    if (this.#sealing?.id !== id) this.#sealing = { id, secret: createSecretKey(key) }
    return this.#sealing.secret
  }

  #serially<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#refusal) throw this.#refusal
      return act()
    })
    this.#last = done.catch(() => {}) // Its caller has the rejection; the next act only waits.
    return done
  }
}

/** Of a file whose head cannot be read: nothing is received, and nothing is said to be destroyed, until an operator has looked. */
class RefusingDataKeys implements DataKeys {
  readonly findings = [{ what: 'damaged', keys: null }] as const

  take = () => Promise.reject(this.#refusal())
  has = () => false
  seal = () => Promise.reject(this.#refusal())
  open = () => Promise.reject(this.#refusal())
  destroy = () => Promise.reject(this.#refusal())

  async [Symbol.asyncDispose](): Promise<void> {}

  #refusal(): TrustError {
    return new TrustError('DFFT_DATA_KEYS', 'the file of the data keys is damaged', { what: 'damaged' })
  }
}

/**
 * The file, where there is one, open: that it takes no new keys is seen now, and not when a partner sends something.
 *
 * @throws {TrustError} DFFT_DATA_KEYS
 */
async function openedFile(path: string): Promise<FileHandle | undefined> {
  try {
    await rm(`${path}.new`, { force: true }) // A crash may have left a whole copy that would outlive a destruction.
    return await open(path, 'r+')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unreadable(path, cause)
  }
}

async function begun(path: string, vault: KeyVault): Promise<Opened & { readonly file: FileHandle }> {
  const fileKey = randomBytes(keyBytes)
  const named = { epoch: randomBytes(8).toString('hex'), generation: 0, vaultKey: await vault.create('A256GCM') }
  const head = await headOf(named, fileKey, vault)
  const made = await replaced(path, lineOf(head)).catch((cause: unknown) => {
    throw unwritable(cause)
  })
  return { ...made, head, fileKey, findings: [{ what: 'missing', keys: null }] }
}

/** @returns undefined where the head is not what this node's vault sealed */
async function readFileOf(file: FileHandle, vault: KeyVault): Promise<Opened | undefined> {
  const begins = await bytesAt(file, 0, headBytesMax)
  const start = begins.indexOf(10) + 1
  const opened = await openHead(begins.subarray(0, start), vault)
  if (!opened) return undefined
  const { records, damaged } = await DataKeyRecords.read(file, start)
  const torn = records.end < (await file.stat()).size
  const findings: DataKeyFinding[] = [
    ...(torn ? [{ what: 'torn' as const, keys: 1 }] : []),
    ...(damaged > 0 ? [{ what: 'damaged' as const, keys: damaged }] : []),
  ]
  return { ...opened, records, findings }
}

async function openHead(line: Buffer, vault: KeyVault): Promise<Pick<Opened, 'head' | 'fileKey'> | undefined> {
  try {
    const head = Head.parse(parseJson(line))
    // One spelling only: a changed byte is found even where JSON would not mind it.
    if (!lineOf(head).equals(line)) return undefined
    const fileKey = await vault.open(head.vaultKey as KeyRef, fromBase64url(head.sealed), headContext(head)) // The vault knows it or not.
    return { head, fileKey }
  } catch {
    return undefined // Whatever is wrong with it, it opens nothing: `findings` says so.
  }
}

async function headOf(named: Pick<Head, 'epoch' | 'generation' | 'vaultKey'>, fileKey: Uint8Array, vault: KeyVault): Promise<Head> {
  const sealed = await vault.seal(named.vaultKey as KeyRef, fileKey, headContext(named)) // As `create` made it.
  return { format, ...named, sealed: toBase64url(sealed) }
}

function headContext({ epoch, generation, vaultKey }: Pick<Head, 'epoch' | 'generation' | 'vaultKey'>): Uint8Array {
  return canonicalBytes({ format, epoch, generation, vaultKey })
}

function lineOf(head: Head): Buffer {
  return Buffer.from(`${canonical(head)}\n`)
}

function contextOf(epoch: string, number: number): Uint8Array {
  return Buffer.from(`${format} ${epoch} ${number}`)
}

/** Mode 0600, under the name at once. What it throws is `unwritable`'s to say. @returns the new file, open, with what it holds */
async function replaced(path: string, head: Buffer, content: AsyncIterable<Buffer> = none()): Promise<{ file: FileHandle; records: DataKeyRecords }> {
  const file = await open(`${path}.new`, 'w+', 0o600)
  const records = new DataKeyRecords(file, head.length)
  try {
    const written = createHash('sha256').update(head)
    await writeWhole(file, head, 0)
    for await (const piece of content) {
      await writeWhole(file, piece, records.end)
      records.add(piece)
      written.update(piece)
    }
    await file.sync()
    if (!written.digest().equals(await digestOn(file, records.end))) throw new Error('the disk has something else than was written')
  } catch (cause) {
    await file.close()
    await rm(`${path}.new`, { force: true })
    throw cause
  }
  try {
    await rename(`${path}.new`, path)
    await using folder = await open(dirname(path), 'r')
    await folder.sync()
  } catch (cause) {
    await file.close()
    throw unnamed(cause)
  }
  return { file, records }
}

async function* none(): AsyncGenerator<Buffer> {}

async function digestOn(file: FileHandle, size: number): Promise<Buffer> {
  const read = createHash('sha256')
  for (let position = 0; position < size; ) {
    const piece = await bytesAt(file, position, Math.min(pieceBytes, size - position))
    if (piece.length === 0) break
    read.update(piece)
    position += piece.length
  }
  return read.digest()
}

/** Without the code of the cause: from here on a full disk, too, leaves open which file is the one. */
function unnamed(cause: unknown): Error {
  return new Error('the name may lead to either file', { cause })
}

/** Unless a backup shares it by a hard link. On a copying file system, as on a disk that moves blocks, this is a best effort. */
async function erase(old: FileHandle): Promise<void> {
  try {
    const { nlink, size } = await old.stat()
    if (nlink > 0) return
    for (let position = 0; position < size; position += pieceBytes) await writeWhole(old, new Uint8Array(Math.min(pieceBytes, size - position)), position)
    await old.sync()
  } catch (cause) {
    throw unnamed(cause)
  }
}

/** On the disk, and read again: a key that a disk lost would take data with it, and the keys that it replaces are overwritten next. */
async function kept(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  await writeWhole(file, bytes, position)
  await file.sync()
  if (!(await bytesAt(file, position, bytes.length)).equals(bytes)) throw new Error('the disk has something else than was written')
}

/** A write may take less than it was given. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new Error('the disk takes no more')
    done += bytesWritten
  }
}

function unreadable(path: string, cause: unknown): TrustError {
  return new TrustError('DFFT_DATA_KEYS', `the data keys \`${path}\` cannot be opened`, { what: 'damaged' }, { cause })
}

function unwritable(cause: unknown): TrustError {
  if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT'))
    return new TrustError('DFFT_DISK_FULL', 'there is no room for the file of the data keys', {}, { cause })
  return new TrustError('DFFT_DATA_KEYS', 'the file of the data keys cannot be written', { what: 'unwritable' }, { cause })
}
