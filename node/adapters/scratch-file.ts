/**
 * Room on the disk for what was computed and can be computed again: made empty when it is first needed, without a name from then on, gone with
 * the process. Synchronous, since whoever reads a few bytes of it would wait longer for a thread than for them.
 *
 * Nothing of it is synced. What it gives back is what it was given, or an error: of each page a checksum is kept in memory, so that a
 * disk's mistake becomes no proof of ours that a partner finds to be false.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { TrustError } from '#protocols/errors.ts'

const pageBytes = 4096

export class ScratchFile implements Disposable {
  readonly #path: string
  readonly #refused: ((cause: unknown) => void) | undefined
  #file: number | undefined
  /** Whether the disk took the last write; what comes after the end is refused. */
  #state: 'taking' | 'refusing' | 'closed' = 'taking'
  /** Of each page that was written. */
  readonly #sums: number[] = []

  /**
   * @param path a file of this process alone; what lies there is overwritten
   * @param refused hears of the first of any number of writes that the disk does not take
   */
  constructor(path: string, refused?: (cause: unknown) => void) {
    this.#path = path
    this.#refused = refused
  }

  /**
   * @param position and the length of `bytes` are of whole pages
   * @returns whether the disk took it; else nothing there can be read
   */
  write(position: number, bytes: Uint8Array): boolean {
    const first = this.#pageAt(position)
    const pages = this.#pageAt(bytes.length)
    if (this.#state === 'closed') return false
    try {
      this.#file ??= opened(this.#path)
      for (let done = 0; done < bytes.length; ) {
        const written = writeSync(this.#file, bytes, done, bytes.length - done, position + done)
        if (written === 0) throw new Error('the disk takes no more')
        done += written
      }
    } catch (cause) {
      if (this.#state === 'taking') this.#refused?.(cause)
      this.#state = 'refusing'
      return false
    }
    this.#state = 'taking'
    for (let page = 0; page < pages; page++) this.#sums[first + page] = crc32(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))
    return true
  }

  /** @throws {TrustError} DFFT_STORE when the disk does not give back what was written */
  read(position: number, length: number): Uint8Array {
    const first = Math.floor(position / pageBytes)
    const last = Math.ceil((position + length) / pageBytes)
    const bytes = this.#pages(first, last - first)
    for (let page = first; page < last; page++) {
      const at = (page - first) * pageBytes
      if (crc32(bytes.subarray(at, at + pageBytes)) !== this.#sums[page]) throw this.#lost()
    }
    const start = position - first * pageBytes
    return bytes.subarray(start, start + length)
  }

  #pages(first: number, count: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(count * pageBytes)
    try {
      if (this.#file === undefined || readSync(this.#file, bytes, 0, bytes.length, first * pageBytes) < bytes.length) throw this.#lost()
    } catch (cause) {
      throw cause instanceof TrustError ? cause : this.#lost(cause)
    }
    return bytes
  }

  #pageAt(position: number): number {
    if (position % pageBytes !== 0) throw new RangeError(`${position} is in the middle of a page`)
    return position / pageBytes
  }

  #lost(cause?: unknown): TrustError {
    return new TrustError('DFFT_STORE', `the disk does not give back what was laid in \`${this.#path}\``, {}, { cause })
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#state = 'closed'
  }
}

/** Without a name, so that it goes when the process does, however it ends. Where a system lets no open file lose its name, the next start empties it. */
function opened(path: string): number {
  const file = openSync(path, 'w+', 0o600)
  try {
    unlinkSync(path)
  } catch {}
  return file
}
