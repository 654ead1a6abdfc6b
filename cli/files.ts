/** Files an operator names on the command line. */
import { closeSync, openSync, readSync } from 'node:fs'
import { TrustError } from '#protocols/errors.ts'
import { type Digest, digest } from '#protocols/ids.ts'
import type { Session } from './command.ts'

/** What the node's door takes at most (a policy, a credential, a list of roots). */
const bytesMax = 1_000_000
/** What a reader of evidence takes: `evidenceLimits` in protocols/evidence.ts, which is not loaded for this. */
const evidenceBytesMax = 32 << 20
/** What the invoice engine reads: `xmlLimits` in protocols/invoice/xml.ts, likewise. */
const invoiceBytesMax = 20_000_000

/** As Node's own streams read. */
const pieceBytes = 1 << 16

/**
 * A file's text; `-` is standard input.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT over 1,000,000 bytes, DFFT_NOT_UTF8
 */
export async function textOfFile(session: Session, name: string): Promise<string> {
  const bytes = await bytesOfFile(session, name, bytesMax)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_UTF8', `\`${name}\` is not UTF-8`, {}, { cause })
  }
}

/** An evidence file as it is. @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT over 32 MiB */
export function bytesOfEvidence(session: Session, name: string): Promise<Uint8Array> {
  return bytesOfFile(session, name, evidenceBytesMax)
}

/** One byte more than the engine reads, so that it says itself that there is too much. @throws {TrustError} DFFT_NOT_FOUND */
export async function bytesOfInvoice({ path, io }: Session, name: string): Promise<Uint8Array> {
  const max = invoiceBytesMax + 1
  return (name === '-' ? await bytesIn(io.stdin ?? [], max) : await bytesAt(path(name), max)).subarray(0, max)
}

/** Of a document that stays where it is. @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT over 32 MiB */
export async function digestOfFile(session: Session, name: string): Promise<Digest> {
  return digest(await bytesOfFile(session, name, evidenceBytesMax))
}

/**
 * Whole or not at all: what is there already stays until the new file is. Only its owner reads it.
 *
 * @returns how many bytes were written
 * @throws {TrustError} DFFT_NOT_ALLOWED
 */
export async function writeWhole({ path }: Session, name: string, text: string): Promise<number> {
  const target = path(name)
  const beside = `${target}.${process.pid}.part`
  const { rename, rm, writeFile } = await import('node:fs/promises')
  try {
    await writeFile(beside, text, { mode: 0o600, flush: true })
    await rename(beside, target)
  } catch (cause) {
    await rm(beside, { force: true })
    throw new TrustError('DFFT_NOT_ALLOWED', `\`${name}\` cannot be written`, {}, { cause })
  }
  return Buffer.byteLength(text)
}

async function bytesOfFile({ path, io }: Session, name: string, max: number): Promise<Uint8Array> {
  const bytes = name === '-' ? await bytesIn(io.stdin ?? [], max) : await bytesAt(path(name), max)
  if (bytes.length > max) throw new TrustError('DFFT_LIMIT', `\`${name}\` is longer than ${max} bytes`, { bytesMax: max })
  return bytes
}

async function bytesAt(path: string, max: number): Promise<Uint8Array> {
  try {
    return await bytesIn(piecesOf(path), max)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

export function unreadable(path: string, cause: unknown): TrustError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : null
  return new TrustError('DFFT_NOT_FOUND', `the file \`${path}\` cannot be read`, { reason }, { cause })
}

/** One after the other: nothing else goes on in a command that waits for its file. Node would load its streams and promises of files for any other way. */
function* piecesOf(path: string): Iterable<Buffer> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(pieceBytes)
      const bytesRead = readSync(file, buffer)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    closeSync(file)
  }
}

/** No more than a piece beyond `max`. */
async function bytesIn(pieces: AsyncIterable<string | Buffer> | Iterable<Buffer>, max: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of pieces) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    chunks.push(piece)
    if (bytes > max) break
  }
  return Buffer.concat(chunks)
}
