/**
 * How entries become durable: acts are taken in the order of their calls, given their indexes, and written together in one
 * synced batch each time the disk is free. The steps are told in protocols/log/README.md.
 */
import { strict as assert } from 'node:assert'
import type { Clock, Store, Write } from '#node/ports.ts'
import { canonical, canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import { base64, entryBytesMax, NewEntry } from '#protocols/log/entry.ts'
import { leafHash, type MerkleTree } from '#protocols/log/merkle.ts'
import { Cosigned, type LogOnDisk, logKeys, readAs, Seen } from './audit-disk.ts'

export interface AuditReceipt {
  readonly indexes: readonly number[]
  /** The smallest tree that holds these entries. */
  readonly size: number
}

interface Act {
  readonly entries: readonly NewEntry[]
  readonly writes: readonly Write[]
  readonly ifAbsent: readonly string[]
  readonly indexUnder: readonly string[]
  readonly resolve: (receipt: AuditReceipt) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Acts in one synced write: enough that it costs each of them little, and no more, so that what became of the first of many is told, and worked on
 * by a partner, while the others are still written. Where far more wait, as behind a slow disk, it takes a quarter of them.
 */
const actsPerWrite = 32
/** Acts that may wait for the disk: ten seconds of a slow one. */
const actsWaitingMax = 10_000
const entriesPerActMax = 64

/** Hears of entries that are on disk. */
export type Recorded = (entries: readonly NewEntry[], atMs: number) => void

export class Recorder {
  readonly #store: Store
  readonly #clock: Pick<Clock, 'nowMs' | 'turn'>
  /** Holds what is durable and, while a batch is under way, what is in it: read it up to `size` only. */
  readonly tree: MerkleTree
  #last: string
  #durable: number
  #queue: Act[] = []
  #recording = false
  #refusal: TrustError | undefined
  readonly #sizes: Map<string, number>
  readonly #listeners: Recorded[] = []

  constructor(store: Store, clock: Pick<Clock, 'nowMs' | 'turn'>, disk: LogOnDisk) {
    this.#store = store
    this.#clock = clock
    this.tree = disk.tree
    this.#last = disk.last
    this.#durable = disk.tree.size
    this.#sizes = new Map(disk.sizes)
  }

  /** Entries on disk. */
  get size(): number {
    return this.#durable
  }

  /** Acts that wait for the disk. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Why nothing is recorded any more. */
  get refusal(): TrustError | undefined {
    return this.#refusal
  }

  /** Sizes of the durable checkpoints under `log/seen/` and `log/cosigned/`, by key; they only grow. */
  get sizes(): ReadonlyMap<string, number> {
    return this.#sizes
  }

  onRecorded(listener: Recorded): void {
    this.#listeners.push(listener)
  }

  /** See AuditLog.append. */
  append(entries: readonly NewEntry[], writes: readonly Write[], ifAbsent: readonly string[], indexUnder: readonly string[] = []): Promise<AuditReceipt> {
    return new Promise((resolve, reject) => {
      assert(entries.length > 0 || indexUnder.length === 0, 'an index is of an entry')
      if (this.#refusal) throw this.#refusal
      if (this.#queue.length >= actsWaitingMax) throw new TrustError('DFFT_BUSY', 'the disk is behind with the record', { waiting: this.#queue.length })
      const read = readEntries(entries)
      for (const key of ifAbsent) checkKey(key)
      for (const key of indexUnder) checkWrite({ put: key, value: new Uint8Array() })
      for (const write of writes) checkWrite(write)
      this.#queue.push({ entries: read, writes, ifAbsent, indexUnder, resolve, reject })
      if (!this.#recording) void this.#record()
    })
  }

  async #record(): Promise<void> {
    this.#recording = true
    while (this.#queue.length > 0) {
      await this.#gathered()
      const group = this.#queue.splice(0, Math.max(actsPerWrite, this.#queue.length >> 2))
      try {
        await this.#recordGroup(group)
      } catch (cause) {
        // The store then has nothing of it, and goes on when there is room; so does the log.
        if (codeOf(cause) === 'DFFT_DISK_FULL') for (const act of group) act.reject(cause)
        else this.#refuse(group, cause)
      }
    }
    this.#recording = false
  }

  /** Acts that come one after another are written together: until there are enough, or a turn of the event loop brought none. */
  async #gathered(): Promise<void> {
    for (let before = 0; this.#queue.length > before && this.#queue.length < actsPerWrite; ) {
      before = this.#queue.length
      await this.#clock.turn()
    }
  }

  async #recordGroup(group: readonly Act[]): Promise<void> {
    try {
      const { accepted, ifAbsent, refused } = await this.#accept(group)
      if (accepted.length > 0) await this.#commit(accepted, ifAbsent)
      for (const [act, key] of refused) act.reject(new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: key.slice(0, 256) }))
    } catch (cause) {
      if (codeOf(cause) !== 'DFFT_CONFLICT') throw cause
      // Somebody wrote past the log between the check and the batch: which act it hits shows when each goes alone.
      const [only, ...others] = group
      if (only && others.length === 0) only.reject(cause)
      else for (const act of group) await this.#recordGroup([act])
    }
  }

  /** The acts whose keys are absent from disk and from the acts before them. The others are told when that is certain: after the batch. */
  async #accept(group: readonly Act[]): Promise<{ accepted: readonly Act[]; ifAbsent: readonly string[]; refused: readonly (readonly [Act, string])[] }> {
    const present = new Map<string, boolean>()
    const accepted: Act[] = []
    const refused: [Act, string][] = []
    const ifAbsent: string[] = []
    for (const act of group) {
      const taken = await this.#taken(act, present)
      if (taken !== undefined) {
        refused.push([act, taken])
        continue
      }
      // What an act before it in the batch put or deleted, the store cannot judge.
      ifAbsent.push(...act.ifAbsent.filter((key) => !present.has(key)))
      for (const write of act.writes) present.set(keyOf(write), 'put' in write)
      for (const key of act.indexUnder) present.set(key, true)
      accepted.push(act)
    }
    return { accepted, ifAbsent, refused }
  }

  async #taken(act: Act, present: ReadonlyMap<string, boolean>): Promise<string | undefined> {
    for (const key of act.ifAbsent) {
      if (present.get(key) ?? (await this.#store.get(key)) !== undefined) return key
    }
    return undefined
  }

  async #commit(acts: readonly Act[], ifAbsent: readonly string[]): Promise<void> {
    if (this.tree.size > this.#durable) this.tree.truncate(this.#durable)
    const before = { size: this.tree.size, last: this.#last }
    const sizes = new Map<string, number>()
    const writes: Write[] = []
    const receipts = acts.map((act) => {
      const indexes = act.entries.map((entry) => this.#compose(entry, writes))
      writes.push(...act.writes.filter((write) => this.#grows(write, sizes)))
      writes.push(...act.indexUnder.map((key) => ({ put: key, value: canonicalBytes(indexes[0]) })))
      return { indexes, size: this.tree.size }
    })
    writes.push({ put: logKeys.head, value: canonicalBytes({ size: this.tree.size, root: base64(this.tree.root()), last: this.#last }) })
    try {
      await this.#store.batch(writes, { ifAbsent })
    } catch (cause) {
      this.#last = before.last
      try {
        this.tree.truncate(before.size)
      } catch {} // What the store said is what its callers hear; the tree is cut before the next act.
      throw cause
    }
    this.#durable = this.tree.size
    for (const [key, size] of sizes) this.#sizes.set(key, size)
    const nowMs = this.#clock.nowMs()
    for (const listener of this.#listeners) for (const { entries } of acts) listener(entries, nowMs)
    acts.forEach((act, at) => {
      const receipt = receipts[at]
      assert(receipt, 'each act has its receipt')
      act.resolve(receipt)
    })
  }

  /** Gives the entry its index and its place in the tree. */
  #compose({ kind, exchange = null, facts }: NewEntry, writes: Write[]): number {
    const index = this.tree.size
    const at = instant(this.#clock.nowMs())
    const bytes = canonicalBytes({ index, at, kind, exchange, facts, previous: this.#last })
    const leaf = leafHash(bytes)
    this.tree.append(leaf)
    this.#last = base64(leaf)
    writes.push({ put: logKeys.entry(index), value: bytes })
    if (exchange) writes.push({ put: logKeys.of(exchange, index), value: new Uint8Array() })
    return index
  }

  /** Whether a write may go in: a partner's checkpoint never gives way to a smaller one that was overtaken on the way here. */
  #grows(write: Write, sizes: Map<string, number>): boolean {
    const key = keyOf(write)
    const size = sizeOf(write)
    if (size === undefined) return true
    if ((sizes.get(key) ?? this.#sizes.get(key) ?? -1) > size) return false
    sizes.set(key, size)
    return true
  }

  /** After this nothing is recorded, so nothing is released. */
  #refuse(group: readonly Act[], cause: unknown): void {
    this.#refusal = cause instanceof TrustError ? cause : new TrustError('DFFT_STORE', 'the log could not be written', {}, { cause })
    for (const act of [...group, ...this.#queue.splice(0)]) act.reject(this.#refusal) // What was settled before stays as it is.
  }
}

function readEntries(entries: readonly NewEntry[]): readonly NewEntry[] {
  if (entries.length > entriesPerActMax) throw new TrustError('DFFT_LIMIT', 'an act has too many entries', { entries: entries.length })
  return entries.map((entry) => {
    const read = parse(entry, NewEntry)
    const bytes = Buffer.byteLength(canonical(read))
    if (bytes > entryBytesMax) throw new TrustError('DFFT_LIMIT', `an entry is longer than ${entryBytesMax} bytes`, { bytes })
    return read
  })
}

/** A write that the store would refuse must fail its own act, not the batch: that would stop the log. */
function checkWrite(write: Write): void {
  const key = keyOf(write)
  checkKey(key)
  // Only what `rememberPartner`, `rememberCosignature` and a found fork make may be written under `log/`.
  assert(!key.startsWith('log/') || ('put' in write && /^log\/(?:seen|cosigned|fork)\//.test(key)), 'the log writes its own records')
  sizeOf(write)
}

function checkKey(key: string): void {
  assert(key.length > 0 && key.isWellFormed(), 'a key is text')
}

function keyOf(write: Write): string {
  return 'put' in write ? write.put : write.del
}

// Asked when an act comes and again when it is written: reading the record costs as much as writing it.
const sizesRead = new WeakMap<Write, number>()

/** Size of the checkpoint in a record under `log/seen/` or `log/cosigned/`. */
function sizeOf(write: Write): number | undefined {
  if (!('put' in write && write.put.startsWith('log/'))) return undefined
  const size = sizesRead.get(write) ?? readSize(write)
  if (size !== undefined) sizesRead.set(write, size)
  return size
}

function readSize(write: Extract<Write, { put: string }>): number | undefined {
  if (write.put.startsWith('log/seen/')) return readAs(write.put, write.value, Seen).size
  return write.put.startsWith('log/cosigned/') ? readAs(write.put, write.value, Cosigned).size : undefined
}
