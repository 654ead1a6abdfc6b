/** Chance from a seed: a stream for each name, the same on every run (sfc32, its state from SHA-256 of the name). */
import { hash } from 'node:crypto'
import type { Random } from '#node/ports.ts'

export class Seeded implements Random {
  readonly #state: Uint32Array

  /** @param names what the stream is for; streams of other names have nothing to do with it */
  constructor(...names: readonly (string | number)[]) {
    const digest = hash('sha256', JSON.stringify(names), 'buffer')
    this.#state = Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), 1)
    for (let round = 0; round < 12; round++) this.#word()
  }

  bytes(count: number): Uint8Array {
    const bytes = Buffer.alloc(Math.ceil(count / 4) * 4)
    for (let at = 0; at < count; at += 4) bytes.writeUInt32LE(this.#word(), at)
    return new Uint8Array(bytes.subarray(0, count))
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + (this.#word() % (most - least + 1)) // The spans are small: the bias is below one in a million.
  }

  chance(share: number): boolean {
    return this.#word() < share * 2 ** 32
  }

  /** @param list not empty */
  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)] as T // An index of the list.
  }

  #word(): number {
    const [a = 0, b = 0, c = 0, count = 0] = this.#state
    const word = (a + b + count) >>> 0
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + word, count + 1])
    return word
  }
}
