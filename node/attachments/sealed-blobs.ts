/**
 * Content in chunks, each sealed (AES-256-GCM, under the content's data key) before it comes to a disk. The context of each is the content's
 * name and length and the chunk's index: no chunk can be moved, left out, cut off or put into another content unseen.
 */
import type { BlobId, BlobReader, Blobs, BlobWriter, DataKeyId, DataKeys } from '#node/ports.ts'
import { chunkBytes, chunkCount, chunkLength } from '#protocols/attachment.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { BlobKeys } from './blob-keys.ts'

/** What sealing adds to a chunk: nonce and tag. */
const addedBytes = 12 + 16
const slotBytes = chunkBytes + addedBytes

/** Content as others speak of it: its name here and its whole length. */
export interface Named {
  readonly id: BlobId
  readonly bytes: number
}

export class SealedBlobs {
  readonly #blobs: Blobs
  readonly #keys: BlobKeys
  readonly #dataKeys: DataKeys

  constructor(blobs: Blobs, keys: BlobKeys, dataKeys: DataKeys) {
    this.#blobs = blobs
    this.#keys = keys
    this.#dataKeys = dataKeys
  }

  /**
   * Goes on with what was begun: each chunk that is there and opens is handed to `there`, and what comes behind the first that does not is dropped.
   *
   * @throws {TrustError} DFFT_CONFLICT when it is whole, or being written; DFFT_DATA_KEYS
   */
  async write(named: Named, there: (chunk: Uint8Array) => void): Promise<SealedWriter> {
    const writer = await this.#blobs.write(named.id)
    try {
      const seals = new Seals(named, await this.#keys.make(named.id), this.#dataKeys)
      let chunks = 0
      for (; chunks < chunkCount(named.bytes); chunks++) {
        const chunk = await readSlot(writer, seals, chunks)
        if (!chunk) break
        there(chunk)
      }
      if (writer.bytes > chunks * slotBytes) await writer.truncate(Math.min(writer.bytes, endOf(named, chunks)))
      return new SealedWriter(writer, seals, chunks)
    } catch (thrown) {
      await writer[Symbol.asyncDispose]()
      throw thrown
    }
  }

  /** Whole content, to be read chunk by chunk. @throws {TrustError} DFFT_NOT_FOUND, DFFT_KEY_UNKNOWN */
  async open(named: Named): Promise<SealedReader> {
    const seals = new Seals(named, await this.#keys.get(named.id), this.#dataKeys)
    return new SealedReader(await this.#blobs.open(named.id), seals)
  }

  /** What each takes on the disk, begun or whole. */
  async bytesKept(): Promise<ReadonlyMap<BlobId, number>> {
    return new Map((await this.#blobs.list()).map(({ id, bytes }) => [id, bytes]))
  }

  async whole(id: BlobId): Promise<boolean> {
    return (await this.#blobs.list()).some((one) => one.id === id && one.whole)
  }

  /** Names of all that is there. */
  async names(): Promise<readonly BlobId[]> {
    return (await this.#blobs.list()).map(({ id }) => id)
  }

  /** Of those contents that have one. */
  keysOf(ids: readonly BlobId[]): Promise<readonly DataKeyId[]> {
    return this.#keys.known(ids)
  }

  /** The keys first: what a disk keeps of a deleted file is of no use then. */
  async destroy(ids: readonly BlobId[]): Promise<void> {
    await this.#keys.destroy(ids)
    for (const id of ids) await this.#blobs.delete(id)
  }
}

/** How the chunks of one content are sealed. */
class Seals {
  readonly named: Named
  readonly #key: DataKeyId
  readonly #dataKeys: DataKeys

  constructor(named: Named, key: DataKeyId, dataKeys: DataKeys) {
    this.named = named
    this.#key = key
    this.#dataKeys = dataKeys
  }

  seal(chunk: Uint8Array, index: number): Promise<Uint8Array> {
    return this.#dataKeys.seal(this.#key, chunk, this.#context(index))
  }

  /** @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_KEYSTORE when it was changed, or is another one */
  open(sealed: Uint8Array, index: number): Promise<Uint8Array> {
    return this.#dataKeys.open(this.#key, sealed, this.#context(index))
  }

  #context(index: number): Uint8Array {
    return Buffer.from(`dfft blob ${this.named.id} ${this.named.bytes} ${index}`)
  }
}

export class SealedReader implements AsyncDisposable {
  readonly #reader: BlobReader
  readonly #seals: Seals

  constructor(reader: BlobReader, seals: Seals) {
    this.#reader = reader
    this.#seals = seals
  }

  /** @param index from 0. @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_KEYSTORE when what is on the disk was changed; DFFT_STORE */
  async chunk(index: number): Promise<Uint8Array> {
    const length = chunkLength(this.#seals.named.bytes, index) + addedBytes
    return this.#seals.open(await this.#reader.read(index * slotBytes, length), index)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#reader[Symbol.asyncDispose]()
  }
}

export class SealedWriter implements AsyncDisposable {
  readonly #writer: BlobWriter
  readonly #seals: Seals
  #chunks: number

  constructor(writer: BlobWriter, seals: Seals, chunks: number) {
    this.#writer = writer
    this.#seals = seals
    this.#chunks = chunks
  }

  /** How many are there. */
  get chunks(): number {
    return this.#chunks
  }

  /** The next one, which is known to be right. What it lies in may be used again when this resolves. */
  async add(chunk: Uint8Array): Promise<void> {
    const length = chunkLength(this.#seals.named.bytes, this.#chunks)
    if (length <= 0 || chunk.length !== length)
      throw new TrustError('DFFT_LIMIT', 'the chunk has another length than it must have', { bytes: chunk.length, length })
    await this.#writer.append(await this.#seals.seal(chunk, this.#chunks))
    this.#chunks++
  }

  finish(): Promise<void> {
    return this.#writer.finish()
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#writer[Symbol.asyncDispose]()
  }
}

async function readSlot(writer: BlobWriter, seals: Seals, index: number): Promise<Uint8Array | undefined> {
  const length = chunkLength(seals.named.bytes, index) + addedBytes
  if (writer.bytes < index * slotBytes + length) return undefined
  try {
    return await seals.open(await writer.read(index * slotBytes, length), index)
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_KEYSTORE') return undefined // A crash left it half written.
    throw thrown
  }
}

/** Where the first `chunks` chunks end. */
function endOf({ bytes }: Named, chunks: number): number {
  return chunks === chunkCount(bytes) ? bytes + chunks * addedBytes : chunks * slotBytes
}
