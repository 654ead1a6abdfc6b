/** A store to try things out on: reads what the real one has, and keeps what is written to itself, until it is thrown away. */
import type { Range, Store, Write } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'

/** Twice the largest bundle that an operator would try. */
const bytesMax = 128 << 20

export class OverlayStore implements Store {
  readonly #under: Store
  /** Null where it was deleted here. */
  readonly #over = new Map<string, Uint8Array | null>()
  #bytes = 0

  constructor(under: Store) {
    this.#under = under
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const over = this.#over.get(key)
    return over === undefined ? this.#under.get(key) : (over ?? undefined)
  }

  async batch(writes: readonly Write[], { ifAbsent = [] }: { readonly ifAbsent?: readonly string[] } = {}): Promise<void> {
    for (const key of ifAbsent) if (await this.get(key)) throw new TrustError('DFFT_CONFLICT', 'the key exists', { key })
    for (const write of writes) {
      if ('del' in write) this.#over.set(write.del, null)
      else {
        this.#bytes += write.value.length
        this.#over.set(write.put, write.value)
      }
    }
    if (this.#bytes > bytesMax) throw new TrustError('DFFT_LIMIT', 'there is too much of it to be tried out', { bytesMax })
  }

  async *scan({ from, to, reverse = false, limit = Number.POSITIVE_INFINITY }: Range): AsyncIterable<readonly [string, Uint8Array]> {
    const order = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other)) * (reverse ? -1 : 1)
    const mine = [...this.#over.keys()].filter(
      (key) => Buffer.compare(Buffer.from(from), Buffer.from(key)) <= 0 && Buffer.compare(Buffer.from(key), Buffer.from(to)) < 0,
    )
    mine.sort(order)
    let left = limit
    let at = 0
    const before = function* (this: OverlayStore, key: string | undefined) {
      for (; at < mine.length && (key === undefined || order(mine[at] as string, key) < 0); at++) {
        const value = this.#over.get(mine[at] as string) // In bounds, here and above.
        if (value && left-- > 0) yield [mine[at] as string, value] as const
      }
    }.bind(this)
    for await (const [key, value] of this.#under.scan({ from, to, reverse })) {
      yield* before(key)
      if (left <= 0) return
      if (!this.#over.has(key) && left-- > 0) yield [key, value]
    }
    yield* before(undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.clear()
  }
}
