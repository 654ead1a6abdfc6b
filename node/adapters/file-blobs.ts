/**
 * Blobs as files of one folder: `<id>.part` while it is written, `<id>` once it is whole.
 *
 *     finish   fsync of the file, rename, fsync of the folder: what has the short name is all there, whatever happens then
 */
import { constants } from 'node:fs'
import { access, type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import type { BlobId, BlobReader, Blobs, BlobWriter } from '../ports.ts'

const named = /^([0-9a-f]{64})(\.part)?$/
const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW } = constants

/** Makes the folder where it is missing. @throws {TrustError} DFFT_STORE */
export async function fileBlobs(folder: string): Promise<Blobs> {
  await refusing('made', () => mkdir(folder, { recursive: true, mode: 0o700 }))
  const writing = new Set<BlobId>()
  return {
    async write(id) {
      const path = pathOf(folder, id)
      if (writing.has(id)) throw new TrustError('DFFT_CONFLICT', 'the content is being written')
      writing.add(id)
      try {
        if (await there(path)) throw new TrustError('DFFT_CONFLICT', 'the content is whole')
        return await refusing('written', () => FileWriter.open(folder, path, () => writing.delete(id)))
      } catch (thrown) {
        writing.delete(id)
        throw thrown
      }
    },
    open: (id) => refusing('read', () => FileReader.open(pathOf(folder, id))),
    delete: (id) => refusing('deleted', () => remove(folder, pathOf(folder, id))),
    list: () => refusing('listed', () => listed(folder)),
  }
}

class FileReader implements BlobReader {
  readonly #file: FileHandle
  #buffer = Buffer.alloc(0)

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(path: string): Promise<FileReader> {
    return new FileReader(await open(path, O_RDONLY | O_NOFOLLOW))
  }

  /** Into the same place each time: a content of 100 MB would otherwise leave as much behind it. */
  read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(length)
    return refusing('read', () => readFrom(this.#file, offset, this.#buffer.subarray(0, length)))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close()
  }
}

class FileWriter implements BlobWriter {
  readonly #folder: string
  readonly #path: string
  readonly #file: FileHandle
  readonly #done: () => void
  #bytes: number
  #open = true

  private constructor(folder: string, path: string, file: FileHandle, bytes: number, done: () => void) {
    this.#folder = folder
    this.#path = path
    this.#file = file
    this.#bytes = bytes
    this.#done = done
  }

  static async open(folder: string, path: string, done: () => void): Promise<FileWriter> {
    const file = await open(`${path}.part`, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    return new FileWriter(folder, path, file, (await file.stat()).size, done)
  }

  get bytes(): number {
    return this.#bytes
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(Math.min(length, Math.max(0, this.#bytes - offset)))
    return refusing('read', () => readFrom(this.#file, offset, bytes))
  }

  async truncate(bytes: number): Promise<void> {
    await refusing('cut', () => this.#file.truncate(bytes))
    this.#bytes = bytes
  }

  async append(bytes: Uint8Array): Promise<void> {
    await refusing('written', async () => {
      for (let at = 0; at < bytes.length; ) at += (await this.#file.write(bytes, at, bytes.length - at, this.#bytes + at)).bytesWritten
    })
    this.#bytes += bytes.length
  }

  async finish(): Promise<void> {
    await refusing('written', async () => {
      await this.#file.sync()
      await rename(`${this.#path}.part`, this.#path)
      await synced(this.#folder)
    })
    await this[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#file.close().finally(this.#done)
  }
}

async function readFrom(file: FileHandle, offset: number, into: Buffer): Promise<Uint8Array> {
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, offset + at)
    at += bytesRead
    if (bytesRead === 0 || at === into.length) return into.subarray(0, at)
  }
}

async function remove(folder: string, path: string): Promise<void> {
  for (const one of [path, `${path}.part`]) if (await there(one)) await unlink(one)
  await synced(folder)
}

async function listed(folder: string) {
  const found: { id: BlobId; bytes: number; whole: boolean }[] = []
  for (const name of await readdir(folder)) {
    const [, id, part] = named.exec(name) ?? []
    if (id === undefined) continue
    // What was begun a moment ago may be whole by now, or gone.
    const begun = part === undefined ? undefined : await sizeOf(join(folder, name))
    const bytes = begun ?? (await sizeOf(join(folder, id)))
    if (bytes !== undefined) found.push({ id: id as BlobId, bytes, whole: begun === undefined }) // It has the form.
  }
  return found
}

/** A link is as long as its own text: what it leads to is nobody's content. @returns undefined where there is nothing */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).size
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}

/** @throws {TrustError} DFFT_STORE for what is no name: nothing from outside is ever part of a path */
function pathOf(folder: string, id: BlobId): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new TrustError('DFFT_STORE', 'this is no name of content')
  return join(folder, id)
}

function there(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function synced(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

async function refusing<T>(done: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : null
    if (reason === 'ENOENT') throw new TrustError('DFFT_NOT_FOUND', 'there is no such content', {}, { cause })
    const full = reason === 'ENOSPC' || reason === 'EDQUOT'
    throw new TrustError(full ? 'DFFT_DISK_FULL' : 'DFFT_STORE', `content cannot be ${done}`, { reason }, { cause })
  }
}
