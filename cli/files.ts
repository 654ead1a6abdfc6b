/** Files an operator names on the command line. */
import { open } from 'node:fs/promises'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'

/** What the node's door takes at most (a policy, a credential, a list of roots). */
const bytesMax = 1_000_000

/**
 * A file's text; `-` is standard input.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT over 1,000,000 bytes, DFFT_NOT_UTF8
 */
export async function textOfFile({ path, io }: Session, name: string): Promise<string> {
  const bytes = name === '-' ? await bytesOfInput(io.stdin) : await bytesOfFile(path(name))
  if (bytes.length > bytesMax) throw new TrustError('DFFT_LIMIT', `\`${name}\` is longer than ${bytesMax} bytes`, { bytesMax })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_UTF8', `\`${name}\` is not UTF-8`, {}, { cause })
  }
}

async function bytesOfFile(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

export function unreadable(path: string, cause: unknown): TrustError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : null
  return new TrustError('DFFT_NOT_FOUND', `the file \`${path}\` cannot be read`, { reason }, { cause })
}

async function bytesOfInput(stdin: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin ?? []) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    chunks.push(piece)
    if (bytes > bytesMax) break
  }
  return Buffer.concat(chunks)
}
