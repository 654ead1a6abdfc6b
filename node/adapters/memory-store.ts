/**
 * Store in memory: the twin of level-store.ts for tests and the simulator.
 *
 * It can be stopped at either edge of durability, and its durable content taken out and put into the next one: a crash and a restart.
 */
import { strict as assert } from 'node:assert'
import { TrustError } from '#protocols/errors.ts'
import type { Range, Store, Write } from '../ports.ts'

export type Entries = Iterable<readonly [key: string, value: Uint8Array]>

export interface MemoryStoreOptions {
  /** What the disk holds at the start. */
  readonly entries?: Entries
  /** Called before a batch becomes durable. When it throws, the disk failed: the batch is lost and the store refuses to go on. */
  readonly beforeDurable?: (writes: readonly Write[]) => void | Promise<void>
  /** Called when a batch is durable and its caller does not know yet. When it throws, the caller is told of a failed disk. */
  readonly beforeAcknowledged?: (writes: readonly Write[]) => void | Promise<void>
}

export class MemoryStore implements Store {
  /** In the order of their UTF-8 bytes. */
  readonly #keys: string[] = []
  readonly #values = new Map<string, Uint8Array>()
  readonly #options: MemoryStoreOptions
  #last: Promise<unknown> = Promise.resolve()
  #refusal: TrustError | undefined
  #closed: TrustError | undefined

  constructor(options: MemoryStoreOptions = {}) {
    this.#options = options
    for (const [put, value] of options.entries ?? []) this.#apply({ put, value })
  }

  /** What is durable at this moment, in order: the `entries` of the store after a crash. */
  snapshot(): readonly (readonly [key: string, value: Uint8Array])[] {
    return this.#rows(this.#keys)
  }

  /** Of one key, durable at this moment. */
  value(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    const value = this.#values.get(checked(key))
    return value && copy(value)
  }

  batch(writes: readonly Write[], options: { readonly ifAbsent?: readonly string[] } = {}): Promise<void> {
    const refusal = this.#refusal ?? this.#closed
    if (refusal) return Promise.reject(refusal)
    for (const write of writes) checked(keyOf(write))
    for (const key of options.ifAbsent ?? []) checked(key)
    const done = this.#last.then(() => this.#batch(writes, options.ifAbsent ?? []))
    this.#last = done.catch(() => {}) // Its caller has the rejection; the next batch only waits.
    return done
  }

  async *scan({ from, to, reverse = false, limit = Number.POSITIVE_INFINITY }: Range): AsyncIterable<readonly [string, Uint8Array]> {
    this.#checkOpen()
    const start = this.#position(checked(from))
    const keys = this.#keys.slice(start, Math.max(start, this.#position(checked(to))))
    if (reverse) keys.reverse()
    yield* this.#rows(keys.slice(0, limit))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= new TrustError('DFFT_STORE', 'the store is closed')
    await this.#last
  }

  async #batch(writes: readonly Write[], ifAbsent: readonly string[]): Promise<void> {
    if (this.#refusal) throw this.#refusal
    const taken = ifAbsent.find((key) => this.#values.has(key))
    if (taken !== undefined) throw new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: taken.slice(0, 256) })
    try {
      await this.#options.beforeDurable?.(writes)
      for (const write of writes) this.#apply(write)
      await this.#options.beforeAcknowledged?.(writes)
    } catch (cause) {
      this.#refusal = new TrustError('DFFT_STORE', 'the store could not write and refuses to go on', {}, { cause })
      throw this.#refusal
    }
  }

  #apply(write: Write): void {
    const key = keyOf(write)
    const at = this.#position(key)
    if ('put' in write) {
      if (!this.#values.has(key)) this.#keys.splice(at, 0, key)
      this.#values.set(key, copy(write.value))
    } else if (this.#values.delete(key)) this.#keys.splice(at, 1)
  }

  /** Index of the first key that is not below `key`. */
  #position(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareUtf8(this.#keys[middle] ?? '', key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #rows(keys: readonly string[]): (readonly [string, Uint8Array])[] {
    return keys.flatMap((key) => {
      const value = this.#values.get(key)
      return value ? [[key, copy(value)] as const] : []
    })
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closed
  }
}

/** The order of the UTF-8 bytes, which is that of code points; JavaScript's own puts surrogates before U+E000. */
export function compareUtf8(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(one.charCodeAt(at)) - rank(other.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** `slice` of a Buffer would share its bytes. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function keyOf(write: Write): string {
  return 'put' in write ? write.put : write.del
}

function checked(key: string): string {
  assert(key.length > 0 && key.isWellFormed(), 'a key is text')
  return key
}
