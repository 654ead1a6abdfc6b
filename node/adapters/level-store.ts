/**
 * Store on LevelDB.
 *
 * An act is acknowledged after one synced write, which it shares with the acts that came while the write before it was under
 * way. After a write that failed nothing more is written: what the engine then holds in memory and what the disk holds may
 * differ, and only a restart, which reads the disk, tells.
 */
import { strict as assert } from 'node:assert'
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
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
 * With the engine's own four megabytes and two, merging cost more than all writing of an exchange; these make it a third. Of memory
 * it is twice the first at most, and at a start so much is read again, in a tenth of a second.
 */
const engine = { writeBufferSize: 16 << 20, maxFileSize: 8 << 20 }

/** What a scan takes from the engine at a time: some 500 audit entries, or one large value. */
const tripBytesMax = 256 << 10
const rowsPerTrip = 1000

/**
 * @param dir created (mode 0700) when missing
 * @throws {TrustError} DFFT_ALREADY_RUNNING, DFFT_NOT_WRITABLE, DFFT_STORE when what is there cannot be read
 */
export async function openLevelStore(dir: string): Promise<Store> {
  await prepare(dir)
  const { Level } = await import('level')
  const db: Database = new Level<string, Uint8Array>(dir, { keyEncoding: 'utf8', valueEncoding: 'view', ...engine })
  try {
    await db.open()
  } catch (cause) {
    throw openError(dir, cause)
  }
  return new LevelStore(db)
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
  /** The writer, while it runs. */
  #writing: Promise<void> | undefined
  #refusal: TrustError | undefined

  constructor(db: Database) {
    this.#db = db
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    // The synchronous getter is ten times faster than the other: no trip to the thread pool.
    return reading(() => this.#db.getSync(checked(key)))
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
    const iterator = reading(() => this.#db.iterator({ gte: checked(from), lt: checked(to), reverse, limit, highWaterMarkBytes: tripBytesMax }))
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
  }

  async #writeGroup(group: readonly Act[]): Promise<void> {
    const refused = new Map<Act, string>()
    try {
      const operations = this.#operations(group, refused)
      if (operations.length > 0) await this.#db.batch(operations, { sync: true })
    } catch (cause) {
      this.#fail(group, storeError('the store could not write and refuses to go on', cause))
      return
    }
    for (const act of group) {
      const key = refused.get(act)
      if (key === undefined) act.resolve()
      else act.reject(new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: key.slice(0, 256) }))
    }
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

  #fail(group: readonly Act[], refusal: TrustError): void {
    this.#refusal = refusal
    for (const act of [...group, ...this.#queue.splice(0)]) act.reject(refusal)
  }
}

/** Many rows at a time: a trip to the engine for each would cost more than reading it. */
async function nextRows(iterator: { nextv(count: number): Promise<[string, Uint8Array][]> }): Promise<readonly (readonly [string, Uint8Array])[]> {
  try {
    return await iterator.nextv(rowsPerTrip)
  } catch (cause) {
    throw storeError('the store cannot be read', cause)
  }
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
    if (cause instanceof assert.AssertionError) throw cause
    throw storeError('the store cannot be read', cause)
  }
}

function storeError(message: string, cause: unknown): TrustError {
  return new TrustError('DFFT_STORE', message, { engine: cause instanceof Error && 'code' in cause ? String(cause.code) : null }, { cause })
}
