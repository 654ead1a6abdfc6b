/**
 * Content in chunks, each sealed (AES-256-GCM) before it comes to a disk. The nonce is the chunk's index and whether it is the last, the
 * context the content's name and length: no chunk can be moved, left out, cut off or put into another content unseen.
 *
 * A content has a key of its own and each of its chunks one value, so no nonce is used for two values.
 */
import type { BlobId, Blobs, BlobWriter } from '#node/ports.ts'
import { chunkBytes, chunkCount, chunkLength } from '#protocols/attachment.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { seal, unseal } from '#protocols/sealed.ts'
import type { BlobKeys } from './blob-keys.ts'

const nonceBytes = 12
/** What sealing adds to a chunk: nonce and tag. */
const addedBytes = nonceBytes + 16
const slotBytes = chunkBytes + addedBytes

/** Content as others speak of it: its name here and its whole length. */
export interface Named {
  readonly id: BlobId
  readonly bytes: number
}

export class SealedBlobs {
  readonly #blobs: Blobs
  readonly #keys: BlobKeys

  constructor(blobs: Blobs, keys: BlobKeys) {
    this.#blobs = blobs
    this.#keys = keys
  }

  /**
   * Goes on with what was begun: each chunk that is there and opens is handed to `there`, and what comes behind the first that does not is dropped.
   *
   * @throws {TrustError} DFFT_CONFLICT when it is whole, or being written
   */
  async write(named: Named, there: (chunk: Uint8Array) => void): Promise<SealedWriter> {
    const writer = await this.#blobs.write(named.id)
    try {
      const key = await this.#keys.make(named.id)
      let chunks = 0
      for (; chunks < chunkCount(named.bytes); chunks++) {
        const chunk = await readSlot(writer, key, named, chunks)
        if (!chunk) break
        there(chunk)
      }
      if (writer.bytes > chunks * slotBytes) await writer.truncate(Math.min(writer.bytes, endOf(named, chunks)))
      return new SealedWriter(writer, key, named, chunks)
    } catch (thrown) {
      await writer[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** @throws {TrustError} DFFT_NOT_FOUND, DFFT_KEY_UNKNOWN, DFFT_KEYSTORE when what is on the disk was changed */
  async chunk(named: Named, index: number): Promise<Uint8Array> {
    const key = await this.#keys.get(named.id)
    const sealed = await this.#blobs.read(named.id, index * slotBytes, chunkLength(named.bytes, index) + addedBytes)
    return opened(key, named, index, sealed)
  }

  /** What all of it takes on the disk, begun or whole, but for one. */
  async bytesKept(but: BlobId): Promise<number> {
    return (await this.#blobs.list()).reduce((sum, { id, bytes }) => sum + (id === but ? 0 : bytes), 0)
  }

  async whole(id: BlobId): Promise<boolean> {
    return (await this.#blobs.list()).some((one) => one.id === id && one.whole)
  }

  /** Names of all that is there. */
  async names(): Promise<readonly BlobId[]> {
    return (await this.#blobs.list()).map(({ id }) => id)
  }

  /** The key first: what a disk keeps of a deleted file is of no use then. */
  async destroy(id: BlobId): Promise<void> {
    await this.#keys.destroy(id)
    await this.#blobs.delete(id)
  }
}

export class SealedWriter implements AsyncDisposable {
  readonly #writer: BlobWriter
  readonly #key: Uint8Array
  readonly #named: Named
  #chunks: number

  constructor(writer: BlobWriter, key: Uint8Array, named: Named, chunks: number) {
    this.#writer = writer
    this.#key = key
    this.#named = named
    this.#chunks = chunks
  }

  /** How many are there. */
  get chunks(): number {
    return this.#chunks
  }

  /** The next one, which is known to be right: another one in its place would be sealed under the same nonce. */
  async add(chunk: Uint8Array): Promise<void> {
    const length = chunkLength(this.#named.bytes, this.#chunks)
    if (length <= 0 || chunk.length !== length)
      throw new TrustError('DFFT_LIMIT', 'the chunk has another length than it must have', { bytes: chunk.length, length })
    const place = { named: this.#named, index: this.#chunks }
    await this.#writer.append(seal(this.#key, nonceOf(place), chunk, contextOf(this.#named)))
    this.#chunks++
  }

  finish(): Promise<void> {
    return this.#writer.finish()
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#writer[Symbol.asyncDispose]()
  }
}

async function readSlot(writer: BlobWriter, key: Uint8Array, named: Named, index: number): Promise<Uint8Array | undefined> {
  const length = chunkLength(named.bytes, index) + addedBytes
  if (writer.bytes < index * slotBytes + length) return undefined
  try {
    return opened(key, named, index, await writer.read(index * slotBytes, length))
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_KEYSTORE') return undefined // A crash left it half written.
    throw thrown
  }
}

function opened(key: Uint8Array, named: Named, index: number, sealed: Uint8Array): Uint8Array {
  const nonce = nonceOf({ named, index })
  if (Buffer.compare(nonce, sealed.subarray(0, nonceBytes)) !== 0) throw new TrustError('DFFT_KEYSTORE', 'a chunk of content lies in another place', { index })
  return unseal(key, sealed, contextOf(named))
}

/** Seven zero bytes, whether it is the last chunk, and its index. */
function nonceOf({ named, index }: { readonly named: Named; readonly index: number }): Uint8Array {
  const nonce = Buffer.alloc(nonceBytes)
  nonce[7] = index === chunkCount(named.bytes) - 1 ? 1 : 0
  nonce.writeUInt32BE(index, 8)
  return nonce
}

function contextOf({ id, bytes }: Named): Uint8Array {
  return Buffer.from(`dfft blob ${id} ${bytes}`)
}

/** Where the first `chunks` chunks end. */
function endOf({ bytes }: Named, chunks: number): number {
  return chunks === chunkCount(bytes) ? bytes + chunks * addedBytes : chunks * slotBytes
}
