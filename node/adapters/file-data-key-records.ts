/**
 * The records in the file of the data keys, which lie in the order of their numbers: found by number, and read where they lie.
 *
 *     number (8) ‖ the key under the file's own (nonce 12 ‖ 32 ‖ tag 16) ‖ CRC-32 (4)
 *
 * A node has a key for each exchange it received data in, for as long as it keeps the data. Of all of them it holds one number for each
 * block of 128, so that it needs no more memory after years than after a day.
 */
import { strict as assert } from 'node:assert'
import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { TrustError } from '#protocols/errors.ts'

export const recordBytes = 72
const blockRecords = 128
const blockBytes = blockRecords * recordBytes
const sealedAt = 8
const sumAt = recordBytes - 4

/** @param sealed the key under the file's own */
export function recordOf(number: number, sealed: Uint8Array): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.writeBigUInt64BE(BigInt(number))
  record.set(sealed, sealedAt)
  record.writeUInt32BE(crc32(record.subarray(0, sumAt)), sumAt)
  return record
}

export class DataKeyRecords {
  readonly #file: FileHandle | undefined
  readonly #start: number
  /** Places for a record, whatever lies there. */
  #places = 0
  /** Of each block, full or not, the greatest number up to its end. */
  readonly #greatest: number[] = []

  /** None yet. @param start where they begin in the file; without one there are none ever */
  constructor(file?: FileHandle, start = 0) {
    this.#file = file
    this.#start = start
  }

  /** All that are whole, unchanged and in order, from `start` on. What is cut short at the end is no record. */
  static async read(file: FileHandle, start: number): Promise<{ readonly records: DataKeyRecords; readonly damaged: number }> {
    const records = new DataKeyRecords(file, start)
    const { size } = await file.stat()
    let damaged = 0
    for (let position = start; position + recordBytes <= size; position += blockBytes) {
      const places = Math.min(blockRecords, Math.floor((size - position) / recordBytes))
      damaged += places - records.#added(await bytesAt(file, position, places * recordBytes))
    }
    return { records, damaged }
  }

  /** Where the next one goes. */
  get end(): number {
    return this.#start + this.#places * recordBytes
  }

  /** The greatest number, or 0. */
  get last(): number {
    return this.#greatest.at(-1) ?? 0
  }

  /** As `recordOf` was given it. @throws {TrustError} DFFT_DATA_KEYS when the disk cannot be read */
  sealed(number: number): Uint8Array | undefined {
    const block = firstAtLeast(this.#greatest, number)
    if (block === this.#greatest.length) return undefined
    for (const record of recordsIn(this.#block(block))) {
      // One that was changed says nothing: not its own number, and not that the numbers behind it are too small.
      if (!(numberOf(record) >= number) || !isWhole(record)) continue
      return numberOf(record) === number ? record.subarray(sealedAt, sumAt) : undefined
    }
    return undefined
  }

  /** Whether something damaged lies where its record would, and may be it. @throws {TrustError} as `sealed` */
  mayBeDamaged(number: number): boolean {
    if (Number.isNaN(number)) return false
    const behind = Math.min(firstAtLeast(this.#greatest, number), this.#greatest.length - 1)
    // From where the greatest number before it stands: of blocks that were damaged whole at the start there may be some between.
    for (let block = firstAtLeast(this.#greatest, this.#greatest[behind - 1] ?? 0); block <= behind; block++)
      if (![...recordsIn(this.#block(block))].every(isWhole)) return true
    return false
  }

  /** These are at the end now. @param bytes whole records with numbers beyond the last */
  add(bytes: Uint8Array): void {
    this.#added(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  }

  /**
   * Those that stay, as they lie, some at a time.
   *
   * @param known of keys that are at hand, a record each by number, rising: it takes the place of one that the disk has no more
   */
  async *without(numbers: ReadonlySet<number>, known: readonly (readonly [number, () => Buffer])[]): AsyncGenerator<Buffer> {
    const left = known.filter(([number]) => !numbers.has(number))
    const next = () => left[0]?.[0] ?? Number.POSITIVE_INFINITY
    let last = 0
    for (let block = 0; block < this.#greatest.length; block++) {
      const stay: Buffer[] = []
      for (const record of this.#wholeOf(block)) {
        const number = numberOf(record)
        if (number <= last) continue
        last = number
        while (next() < number) stay.push(...left.splice(0, 1).map(([, made]) => made()))
        if (next() === number) left.shift()
        if (!numbers.has(number)) stay.push(record)
      }
      yield Buffer.concat(stay)
    }
    yield Buffer.concat(left.map(([, made]) => made()))
  }

  /** Of a block of which any was changed a second reading, since the first may have been the mistake: what is left out here is left out for good. */
  #wholeOf(block: number): Buffer[] {
    const records = [...recordsIn(this.#block(block))]
    return (records.every(isWhole) ? records : [...recordsIn(this.#block(block))]).filter(isWhole)
  }

  /** @returns how many of them are whole and in order */
  #added(bytes: Buffer): number {
    let whole = 0
    for (const record of recordsIn(bytes)) {
      const number = numberOf(record)
      const rises = isWhole(record) && number > this.last
      this.#greatest[Math.floor(this.#places++ / blockRecords)] = rises ? number : this.last
      if (rises) whole++
    }
    return whole
  }

  #block(block: number): Buffer {
    assert(this.#file, 'records lie in a file')
    const first = block * blockRecords
    const bytes = Buffer.allocUnsafe(Math.min(blockRecords, this.#places - first) * recordBytes)
    try {
      if (readSync(this.#file.fd, bytes, 0, bytes.length, this.#start + first * recordBytes) < bytes.length) throw new Error('the file became shorter')
    } catch (cause) {
      throw new TrustError('DFFT_DATA_KEYS', 'the file of the data keys cannot be read', { what: 'damaged' }, { cause })
    }
    return bytes
  }
}

function* recordsIn(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += recordBytes) yield bytes.subarray(at, at + recordBytes)
}

function numberOf(record: Buffer): number {
  return Number(record.readBigUInt64BE())
}

function isWhole(record: Buffer): boolean {
  return record.readUInt32BE(sumAt) === crc32(record.subarray(0, sumAt))
}

/** @returns the place of the first that is as great, or how many there are */
function firstAtLeast(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rising[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** As much as there is of it. */
export async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) return bytes.subarray(0, done)
    done += bytesRead
  }
  return bytes
}
