/**
 * The last checkpoint a node signed, in a file of its own beside the store: what tells that the store lost its newest batches.
 *
 * The file has two places, written by turns, each with a number and a digest over what it holds: a write in the middle of which the
 * machine stops spoils its own place, and the note before stands in the other. Nothing is given a name or made longer, so that one
 * write waits for the disk once; a new file under the old name waits for it twice, and for the file system's journal.
 *
 * A backup of the store must not be restored together with the anchor of that time.
 */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { digest } from '#protocols/ids.ts'

/** What a file system writes at once. A checkpoint with its signature has some 300 bytes. */
const placeBytes = 4096
const head = /^dfft-anchor\/1 (\d{1,15}) (\d{1,4}) (sha256:[0-9a-f]{64})\n/

interface Held {
  /** Counts the writes: the greater one is the newer. */
  readonly number: number
  readonly note: string
}

/**
 * Reading and writing throw DFFT_STORE when the file cannot be read or written, and DFFT_LOG_ANCHOR when neither place holds what was written; writing
 * DFFT_DISK_FULL when there is no room for it.
 */
export class FileAnchor implements AsyncDisposable {
  readonly #path: string
  #last: Promise<unknown> = Promise.resolve()
  #file: FileHandle | undefined
  #number = 0

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<string | undefined> {
    return (await readNewest(this.#path))?.note
  }

  /** Durable when it resolves; in the order of the calls. */
  write(note: string): Promise<void> {
    const done = this.#last.then(() => this.#write(note))
    this.#last = done.catch(() => {}) // Its caller has the rejection; the next one only waits.
    return done
  }

  async #write(note: string): Promise<void> {
    try {
      this.#file ??= await this.#opened(note)
      const number = this.#number + 1
      const { bytesWritten } = await this.#file.write(placeOf({ number, note }), 0, placeBytes, (number % 2) * placeBytes)
      if (bytesWritten < placeBytes) throw new Error(`only ${bytesWritten} bytes were written`) // Told below as any failure of the disk; the next write takes the same place.
      await this.#file.datasync()
      this.#number = number
    } catch (cause) {
      if (cause instanceof TrustError) throw cause
      // A place is written anew and whole each time: what failed before is not in it.
      const full = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
      throw new TrustError(full ? 'DFFT_DISK_FULL' : 'DFFT_STORE', `the anchor \`${this.#path}\` cannot be written`, {}, { cause })
    }
  }

  /** A file with both places, made where there is none or one of the form before. */
  async #opened(note: string): Promise<FileHandle> {
    const newest = await readNewest(this.#path)
    if (newest === undefined || newest.number === 0) await makeFile(this.#path, newest?.note ?? note)
    this.#number = newest?.number ?? 0
    return open(this.#path, 'r+')
  }

  /** After the last write. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#file?.close()
    this.#file = undefined
  }
}

async function makeFile(path: string, note: string): Promise<void> {
  {
    await using file = await open(`${path}.new`, 'w', 0o600)
    await file.writeFile(Buffer.concat([placeOf({ number: 0, note }), Buffer.alloc(placeBytes, '\n')]))
    await file.sync()
  }
  await rename(`${path}.new`, path)
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}

/** A file of the form before is one note, and older than any place. */
async function readNewest(path: string): Promise<Held | undefined> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return undefined
  if (bytes.length !== 2 * placeBytes) return { number: 0, note: bytes.toString('utf8') }
  const held = [heldIn(bytes.subarray(0, placeBytes)), heldIn(bytes.subarray(placeBytes))].filter((one) => one !== undefined)
  const newest = held.sort((one, other) => other.number - one.number)[0]
  if (newest === undefined) throw new TrustError('DFFT_LOG_ANCHOR', `the anchor \`${path}\` is damaged: neither of its places holds what was written`)
  return newest
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new TrustError('DFFT_STORE', `the anchor \`${path}\` cannot be read`, {}, { cause })
  }
}

function placeOf({ number, note }: Held): Buffer {
  const text = Buffer.from(note, 'utf8')
  const place = Buffer.alloc(placeBytes, '\n')
  const written = place.write(`dfft-anchor/1 ${number} ${text.length} ${digest(`${number}\n${note}`)}\n`)
  if (written + text.length > placeBytes) throw new TrustError('DFFT_LIMIT', 'a checkpoint is longer than a place of the anchor', { bytes: text.length })
  text.copy(place, written)
  return place
}

/** Nothing for a place that was never written, or not to its end. */
function heldIn(place: Buffer): Held | undefined {
  const found = head.exec(place.toString('latin1', 0, 128))
  if (!found) return undefined
  const [{ length }, count, bytes, made] = found as unknown as [string, string, string, string] // The expression has three groups.
  const number = Number(count)
  const note = place.toString('utf8', length, length + Number(bytes))
  return digest(`${number}\n${note}`) === made ? { number, note } : undefined
}
