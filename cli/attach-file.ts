/** Files on their way between this disk and the node: chunk by chunk, with progress for whoever watches. */
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { unreadable } from './files.ts'
import { clean } from './render.ts'

export type Handed = Awaited<ReturnType<NodeApi['attachmentFinish']>>

/** What most source documents are; everything else says nothing about itself. */
const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  xml: 'application/xml',
  json: 'application/json',
  zip: 'application/zip',
  csv: 'text/csv',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  tif: 'image/tiff',
  tiff: 'image/tiff',
}

function mediaTypeOf(name: string): string {
  return mediaTypes[/\.([0-9a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}

/** @throws {TrustError} DFFT_NOT_FOUND when it cannot be read, DFFT_USAGE when it is no file */
export async function readableFile(session: Session, named: string): Promise<void> {
  await using _ = await opened(session, named)
}

/** Hands a file over to the node. @throws {TrustError} DFFT_NOT_FOUND when it cannot be read, DFFT_USAGE when it is none, and as `attachmentBegin` */
export async function handOver(session: Session, named: string): Promise<Handed> {
  const { api } = session
  await using file = await opened(session, named)
  const stat = await file.stat()
  const name = basename(named)
  const { upload, chunkBytes } = await api.attachmentBegin({ name, mediaType: mediaTypeOf(name), bytes: stat.size })
  const told = progress(session, name, stat.size)
  const buffer = Buffer.allocUnsafe(chunkBytes)
  for (let chunk = 0, at = 0; at < stat.size; chunk++) {
    const wanted = Math.min(chunkBytes, stat.size - at)
    const { bytesRead } = await file.read(buffer, 0, wanted, at)
    if (bytesRead !== wanted) throw new TrustError('DFFT_CONFLICT', `\`${named}\` became shorter while it was read`)
    await api.attachmentAppend({ upload, chunk, content: buffer.toString('base64', 0, bytesRead) })
    at += bytesRead
    told(at)
  }
  return api.attachmentFinish({ upload })
}

async function opened(session: Session, named: string): Promise<FileHandle> {
  const path = session.path(named)
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new TrustError('DFFT_USAGE', `\`${named}\` is not a file`)
}

/** The content of an attachment that is kept. */
export async function* contentOf(
  session: Session,
  { exchange, digest, name, bytes }: Pick<Awaited<ReturnType<NodeApi['attachmentList']>>['attachments'][number], 'exchange' | 'digest' | 'name' | 'bytes'>,
): AsyncGenerator<Uint8Array> {
  const told = progress(session, name, bytes)
  for (let chunk = 0, at = 0; at < bytes; chunk++) {
    const content = Buffer.from((await session.api.attachmentRead({ exchange, digest, chunk })).content, 'base64')
    at += content.length
    told(at)
    yield content
  }
}

/** One line, written over, on a terminal; nothing elsewhere. */
function progress({ io, json }: Session, name: string, bytes: number): (at: number) => void {
  let before = -1
  return (at) => {
    const percent = Math.floor((at / bytes) * 100)
    if (json || !io.stderr.isTTY || percent === before) return
    before = percent
    io.stderr.write(`\r${clean(name)} ${percent} %${percent === 100 ? '\n' : ''}`)
  }
}
