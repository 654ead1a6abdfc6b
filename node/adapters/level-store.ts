/**
 * Store on LevelDB.
 *
 * An act is acknowledged after one synced write, which it shares with the acts that came while the write before it was under
 * way. After a write that failed nothing more is written: what the engine then holds in memory and what the disk holds may
 * differ, and only a restart, which reads the disk, tells.
 *
 * A full disk is no broken one. While less is free than `freeBytesMin`, acts are refused before anything of them is written. Where
 * somebody else takes the rest in the middle of a write, its acts are refused too, and what was there before is remembered; once there is
 * room, the engine is opened anew, which reads the disk and writes it whole and synced, and whatever of the refused acts turns out to have
 * reached it is taken back. So `DFFT_DISK_FULL` always means: not written.
 */
import { strict as assert } from 'node:assert'
import { constants } from 'node:fs'
import { access, mkdir, statfs } from 'node:fs/promises'
import type { Level } from 'level'
import { TrustError } from '#protocols/errors.ts'
import type { Range, Store, Write } from '../ports.ts'

type Database = Level<string, Uint8Array>

type Operation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string }

interface Act {
  readonly writes: readonly Write[]
  readonly ifAbsent: readonly string[]
  readonly resolve: () => void
  readonly reject: (reason: TrustError) => void
}

/** Bounds the time one synced write takes, so that no act waits long for others; throughput is flat from about 100 on. */
const actsPerWriteMax = 1024

/**
 * What is written goes first into memory, then into one table that spans all kinds of keys, and then, sorted into files, down the levels. The more
 * is gathered first, the less often all of a level is read and written again; it costs memory, twice of it at most, and at a start so much is read
 * back. Files stay small: a narrow one meets few of the level below, where ids grow with time. With files of 16 MB merging cost both nodes 1 ms an
 * exchange at first and 3 ms after 200 seconds.
 *
 * Of each file that is open the engine holds the index, an entry for each block, and maps the file into memory: what is held would grow with what
 * is stored. Of 200 files the engine keeps a few for itself; the others are those read last, some 380 MB, and a row that lies in another is found in some 40 µs in place of 10.
 */
const engine = { writeBufferSize: 32 << 20, maxFileSize: 2 << 20, maxOpenFiles: 200, blockSize: 16 << 10 }

/** Two tables of the engine, a rewriting of the data keys, and what others may take until the disk is looked at again. */
export const freeBytesMin = 32 << 20
/** How long, and for how many bytes of ours, a look at the disk is good. */
const looked = { forMs: 500, forBytes: 1 << 20 } as const

/** What a scan takes from the engine at a time: some 500 audit entries, or one large value. */
const tripBytesMax = 256 << 10
const rowsPerTrip = 1000

/**
 * @param dir created (mode 0700) when missing
 * @param freeBytes of the file system of a folder
 * @throws {TrustError} DFFT_ALREADY_RUNNING, DFFT_NOT_WRITABLE, DFFT_STORE when what is there cannot be read
 */
export async function openLevelStore(dir: string, freeBytes: (dir: string) => Promise<number> = freeBytesOf): Promise<Store> {
  await prepare(dir)
  const { Level } = await import('level')
  const db: Database = new Level<string, Uint8Array>(dir, { keyEncoding: 'utf8', valueEncoding: 'view', ...engine })
  try {
    await db.open()
  } catch (cause) {
    throw openError(dir, cause)
  }
  return new LevelStore(db, () => freeBytes(dir))
}

/** A file system that tells no size says nothing about what is free. */
async function freeBytesOf(dir: string): Promise<number> {
  const { blocks, bavail, bsize } = await statfs(dir)
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
}

async function prepare(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await access(dir, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_WRITABLE', `the folder \`${dir}\` cannot be written`, {}, { cause })
  }
}

function openError(dir: string, thrown: unknown): TrustError {
  const cause = thrown instanceof Error && thrown.cause ? thrown.cause : thrown
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'LEVEL_LOCKED') return new TrustError('DFFT_ALREADY_RUNNING', `the store \`${dir}\` is held by another process`, {}, { cause })
  return new TrustError('DFFT_STORE', `the store \`${dir}\` cannot be opened`, { engine: code }, { cause })
}

class LevelStore implements Store {
  readonly #db: Database
  #queue: Act[] = []
  /** Done and not told yet. */
  readonly #written: (() => void)[] = []
  /** The writer, while it runs. */
  #writing: Promise<void> | undefined
  #refusal: TrustError | undefined
  readonly #freeBytes: () => Promise<number>
  /** When the disk was found to have room, and what was written since. */
  #room = { atMs: Number.NEGATIVE_INFINITY, bytes: 0 }
  /** Rows as they were before a write for which there was no room: so they are again before the next one. */
  readonly #before = new Map<string, Uint8Array | undefined>()
  /** While the engine is opened anew. */
  #opening: Promise<void> | undefined

  constructor(db: Database, freeBytes: () => Promise<number>) {
    this.#db = db
    this.#freeBytes = freeBytes
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    if (this.#opening) await this.#opening.catch(() => undefined) // Whether it can be read shows now.
    // The synchronous getter is ten times faster than the other: no trip to the thread pool.
    const known = checked(key)
    return reading(() => this.#db.getSync(known))
  }

  batch(writes: readonly Write[], options: { readonly ifAbsent?: readonly string[] } = {}): Promise<void> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    const ifAbsent = options.ifAbsent ?? []
    for (const write of writes) checked(keyOf(write))
    for (const key of ifAbsent) checked(key)
    return new Promise((resolve, reject) => {
      this.#queue.push({ writes, ifAbsent, resolve, reject })
      this.#writing ??= this.#write()
    })
  }

  async *scan(range: Range): AsyncIterable<readonly [string, Uint8Array]> {
    const { from, to, reverse = false, limit = -1 } = range
    if (this.#opening) await this.#opening.catch(() => undefined)
    const [gte, lt] = [checked(from), checked(to)]
    const iterator = reading(() => this.#db.iterator({ gte, lt, reverse, limit, highWaterMarkBytes: tripBytesMax }))
    try {
      for (let rows = await nextRows(iterator); rows.length > 0; rows = await nextRows(iterator)) yield* rows
    } finally {
      await iterator.close()
    }
  }

  /** Waits for what was accepted, then lets the lock go. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#refusal ??= new TrustError('DFFT_STORE', 'the store is closed')
    await this.#writing
    await this.#db.close()
  }

  async #write(): Promise<void> {
    await Promise.resolve() // Lets the acts of this turn join the first write.
    while (this.#queue.length > 0) await this.#writeGroup(this.#queue.splice(0, actsPerWriteMax))
    this.#writing = undefined
    this.#tell()
  }

  /** Tells acts what became of them: after those behind them were handed to the engine, which writes while these go on. */
  #tell(): void {
    for (const tell of this.#written.splice(0)) tell()
  }

  async #writeGroup(group: readonly Act[]): Promise<void> {
    const refused = new Map<Act, string>()
    let operations: Operation[] = []
    try {
      if (!(await this.#hasRoom())) return this.#refuseFull(group)
      operations = this.#operations(group, refused)
      const writing = operations.length > 0 ? this.#db.batch(operations, { sync: true }) : undefined
      this.#tell()
      await writing
      this.#room.bytes += bytesOf(operations)
    } catch (cause) {
      if (this.#rememberedBefore(operations, cause)) return this.#refuseFull(group, cause)
      this.#fail(group, storeError('the store could not write and refuses to go on', cause))
      return
    }
    for (const act of group) this.#written.push(() => settle(act, refused.get(act)))
  }

  /** What to write for the acts whose keys are absent, from the disk and from the acts before them; the others go to `refused`. */
  #operations(group: readonly Act[], refused: Map<Act, string>): Operation[] {
    const present = new Map<string, boolean>()
    const operations: Operation[] = []
    for (const act of group) {
      const taken = act.ifAbsent.find((key) => present.get(key) ?? this.#db.getSync(key) !== undefined)
      if (taken !== undefined) {
        refused.set(act, taken)
        continue
      }
      for (const write of act.writes) present.set(keyOf(write), 'put' in write)
      operations.push(...act.writes.map(operation))
    }
    return operations
  }

  /** Looked at now and then; after a write for which there was none, with the engine opened anew as soon as there is. */
  async #hasRoom(): Promise<boolean> {
    const nowMs = performance.now()
    const known = this.#before.size === 0 && nowMs - this.#room.atMs < looked.forMs && this.#room.bytes < looked.forBytes
    if (known) return true
    if ((await this.#freeBytes()) < freeBytesMin) return false
    if (this.#before.size > 0) {
      this.#opening = this.#openAnew()
      await this.#opening.finally(() => {
        this.#opening = undefined
      })
    }
    this.#room = { atMs: nowMs, bytes: 0 }
    return true
  }

  /** @returns whether the write failed for want of room, so that it can be taken back */
  #rememberedBefore(operations: readonly Operation[], cause: unknown): boolean {
    if (!fullDisk(cause)) return false
    try {
      for (const { key } of operations) if (!this.#before.has(key)) this.#before.set(key, this.#db.getSync(key))
      return true
    } catch {
      return false // The engine fails otherwise too: it is the write that is told.
    }
  }

  /** Opening reads the log of the engine and writes what it reads into a table, synced: from then on memory and disk are the same. */
  async #openAnew(): Promise<void> {
    await this.#db.close()
    await this.#db.open()
    const back = [...this.#before].filter(([key, value]) => !sameBytes(this.#db.getSync(key), value))
    const operations = back.map(([key, value]): Operation => (value === undefined ? { type: 'del', key } : { type: 'put', key, value }))
    if (operations.length > 0) await this.#db.batch(operations, { sync: true })
    this.#before.clear()
  }

  #refuseFull(group: readonly Act[], cause?: unknown): void {
    this.#room.atMs = Number.NEGATIVE_INFINITY
    const refusal = new TrustError('DFFT_DISK_FULL', 'the disk of the store has no room', { freeBytesMin }, { cause })
    for (const act of group) act.reject(refusal)
  }

  #fail(group: readonly Act[], refusal: TrustError): void {
    this.#refusal = refusal
    for (const act of [...group, ...this.#queue.splice(0)]) act.reject(refusal)
  }
}

function settle({ resolve, reject }: Act, taken: string | undefined): void {
  if (taken === undefined) resolve()
  else reject(new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: taken.slice(0, 256) }))
}

/** Many rows at a time: a trip to the engine for each would cost more than reading it. */
async function nextRows(iterator: { nextv(count: number): Promise<[string, Uint8Array][]> }): Promise<readonly (readonly [string, Uint8Array])[]> {
  try {
    return await iterator.nextv(rowsPerTrip)
  } catch (cause) {
    throw storeError('the store cannot be read', cause)
  }
}

/** The engine tells it in words only. */
function fullDisk(thrown: unknown): boolean {
  const texts = [thrown, thrown instanceof Error ? thrown.cause : undefined].map((one) => (one instanceof Error ? one.message : ''))
  return texts.some((text) => /No space left on device|Disk quota exceeded/.test(text))
}

function bytesOf(operations: readonly Operation[]): number {
  return operations.reduce((sum, one) => sum + one.key.length + (one.type === 'put' ? one.value.length : 0), 0)
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0
}

function keyOf(write: Write): string {
  return 'put' in write ? write.put : write.del
}

function operation(write: Write): Operation {
  return 'put' in write ? { type: 'put', key: write.put, value: write.value } : { type: 'del', key: write.del }
}

/** Two lone surrogates would become one key, and the engine has no empty one. */
function checked(key: string): string {
  assert(key.length > 0 && key.isWellFormed(), 'a key is text')
  return key
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw storeError('the store cannot be read', cause)
  }
}

function storeError(message: string, cause: unknown): TrustError {
  return new TrustError('DFFT_STORE', message, { engine: cause instanceof Error && 'code' in cause ? String(cause.code) : null }, { cause })
}
