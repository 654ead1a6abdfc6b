/** Blobs in memory: the twin of file-blobs.ts for tests and the simulator. */
import { TrustError } from '#protocols/errors.ts'
import type { BlobId, BlobReader, Blobs, BlobWriter } from '../ports.ts'

interface Held {
  parts: Uint8Array
  whole: boolean
}

export class MemoryBlobs implements Blobs {
  readonly #held: Map<BlobId, Held>
  readonly #writing = new Set<BlobId>()

  /** @param before what another one held when its process ended: all that was appended */
  constructor(before?: MemoryBlobs) {
    this.#held = new Map([...(before ? before.#held : [])].map(([id, { parts, whole }]) => [id, { parts: parts.slice(), whole }]))
  }

  async write(id: BlobId): Promise<BlobWriter> {
    const held = this.#held.get(id) ?? { parts: new Uint8Array(0), whole: false }
    if (held.whole || this.#writing.has(id)) throw new TrustError('DFFT_CONFLICT', 'the content is whole, or being written')
    this.#held.set(id, held)
    this.#writing.add(id)
    const done = () => void this.#writing.delete(id)
    return {
      get bytes() {
        return held.parts.length
      },
      read: async (offset, length) => held.parts.slice(offset, offset + length),
      truncate: async (bytes) => {
        held.parts = held.parts.slice(0, bytes)
      },
      append: async (bytes) => {
        held.parts = Buffer.concat([held.parts, bytes])
      },
      finish: async () => {
        held.whole = true
        done()
      },
      [Symbol.asyncDispose]: async () => done(),
    }
  }

  async open(id: BlobId): Promise<BlobReader> {
    const held = this.#held.get(id)
    if (!held?.whole) throw new TrustError('DFFT_NOT_FOUND', 'there is no such content')
    return { read: async (offset, length) => held.parts.slice(offset, offset + length), [Symbol.asyncDispose]: async () => undefined }
  }

  async delete(id: BlobId): Promise<void> {
    this.#held.delete(id)
  }

  async list() {
    return [...this.#held].map(([id, { parts, whole }]) => ({ id, bytes: parts.length, whole }))
  }

  /** One bit of what is held, from outside: what a disk does that goes bad. */
  flip(id: BlobId, at: number): void {
    const { parts } = this.#held.get(id) ?? { parts: new Uint8Array(0) }
    parts[at] = (parts[at] ?? 0) ^ 1
  }
}
