/** A register's file on disk: what it is, by its bytes, and its chunks from where an import stopped. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { TrustError } from '#protocols/errors.ts'
import type { Digest } from '#protocols/ids.ts'
import { unreadable } from './files.ts'
import { type Chunk, chunksOf, type Encoding, type Head, headOf, type Start } from './records.ts'

export interface RegisterFile {
  readonly path: string
  readonly bytes: number
  /** Over the bytes, and how they are read: with another mapping the same file is another. */
  readonly digest: Digest
  readonly format: 'csv' | 'json'
  readonly encoding: Encoding
  readonly head: Head
}

const headBytes = 64 << 10
const pieceBytes = 256 << 10

/** @throws {TrustError} DFFT_NOT_FOUND, DFFT_REGISTER for what is no table and no JSON */
export async function registerFile(path: string, reading: { readonly encoding: Encoding; readonly mapping: unknown }): Promise<RegisterFile> {
  const { encoding, mapping } = reading
  const bytes = await readable(path, async () => (await stat(path)).size)
  const start = await readable(path, () => startOf(path))
  const format = /^(?:\u00ef\u00bb\u00bf)?\s*[[{]/.test(Buffer.from(start).toString('latin1')) ? 'json' : 'csv'
  const head = headOf(start, format, encoding)
  const hash = createHash('sha256')
  await readable(path, async () => {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) hash.update(piece as Uint8Array) // No encoding is set, so the pieces are bytes.
  })
  hash.update(JSON.stringify({ encoding, mapping }))
  return { path, bytes, digest: `sha256:${hash.digest('hex')}` as Digest, format, encoding, head } // Is of its form.
}

async function startOf(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  return buffer.subarray(0, bytesRead)
}

/** @param from behind what was taken in before; the beginning when left out @throws {TrustError} DFFT_REGISTER for a file that changes meanwhile */
export async function* chunksFrom({ path, bytes, head, format, encoding }: RegisterFile, from?: Start): AsyncGenerator<Chunk> {
  const start = from?.byte ?? head.start.byte
  const pieces = piecesOf(path, start)
  let last: Chunk | undefined
  for await (const chunk of chunksOf(pieces, { head, format, encoding, from })) {
    if (last) yield last
    last = chunk
  }
  if ((await readable(path, async () => (await stat(path)).size)) !== bytes)
    throw new TrustError('DFFT_REGISTER', 'the file changed while it was read', { bytes })
  // What ends a list of JSON belongs to no record; with it the file is done.
  if (last) yield { ...last, end: bytes }
}

async function* piecesOf(path: string, start: number): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path, { start, highWaterMark: pieceBytes })) yield piece as Uint8Array // As above.
  } catch (cause) {
    throw cause instanceof TrustError ? cause : unreadable(path, cause)
  }
}

async function readable<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
