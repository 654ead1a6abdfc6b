/**
 * The requester's side of one attachment: from what is there already to all of it, each chunk checked before it is kept.
 *
 * A holder that sends anything but the bytes its credential names is found in the chunk that has it; of what it sent nothing is kept.
 */

import { ofOurDisk } from '#node/exchange/retrying.ts'
import {
  Attachment,
  AttachmentEnd,
  AttachmentHead,
  checkChunk,
  chunkCount,
  chunkLength,
  creditMax,
  headOf,
  leavesOf,
  Measure,
  pieceBytes,
} from '#protocols/attachment.ts'
import { type Channel, receive, send, timely } from '#protocols/channel.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { type AttachmentRecord, recordWrites } from './attachment-record.ts'
import { attachmentLimits, promise, type Room } from './room.ts'
import type { SealedWriter } from './sealed-blobs.ts'

/** Codes after which the same fetch may work later; any other one ends it until an operator asks again. */
export const passing: ReadonlySet<Code> = new Set([
  'DFFT_UNREACHABLE',
  'DFFT_TIMEOUT',
  'DFFT_CHANNEL_CLOSED',
  'DFFT_BUSY',
  'DFFT_RATE_LIMITED',
  'DFFT_PEER_UNKNOWN',
  'DFFT_NOT_ADMITTED',
  'DFFT_STATUS_STALE',
  'DFFT_STATUS_UNKNOWN',
  'DFFT_CONFLICT', // Another fetch of it is under way.
  'DFFT_VERSION', // A partner that is too old for attachments serves them when it is upgraded.
  ...ofOurDisk,
  'DFFT_INTERNAL',
])

/** Codes of what a holder sends in the place of content. */
const lies: ReadonlySet<Code> = new Set(['DFFT_ATTACHMENT', 'DFFT_NOT_JSON', 'DFFT_NOT_UTF8', 'DFFT_SCHEMA', 'DFFT_BASE64URL'])

/**
 * Keeps the attachment, or writes down why not.
 *
 * @throws {TrustError} of what may pass: then what came stays, and the next fetch goes on behind it
 */
export async function fetchOne(record: AttachmentRecord, room: Room, signal: AbortSignal): Promise<void> {
  const { scope, attachment, blob } = record
  const partner = record.partner as Did // Own content is never fetched.
  const facts = { partner, digest: attachment.digest, bytes: attachment.bytes }
  try {
    const leaves = (await room.sealed.whole(blob)) ? await measured(record, room) : await transfer(record, room, signal)
    const kept = recordWrites({ ...record, state: 'kept', code: null, leaves: headOf(leaves).leaves })
    await room.audit.append([{ kind: 'attachment-received', exchange: scope as ExchangeId, facts }], kept)
  } catch (thrown) {
    const code = codeOf(thrown)
    if (signal.aborted || passing.has(code)) throw thrown
    const said = lies.has(code) ? 'DFFT_ATTACHMENT' : code
    room.log('warn', 'attachment refused', { partner, exchange: scope, code: said })
    await room.sealed.destroy(blob)
    const refused = recordWrites({ ...record, state: 'refused', code: said })
    await room.audit.append([{ kind: 'attachment-refused', exchange: scope as ExchangeId, facts: { ...facts, code: said } }], refused)
    if (said === 'DFFT_ATTACHMENT') room.network.fault(partner, said)
  }
}

/** @returns the leaf hashes of the content, which is whole and durable */
async function transfer(record: AttachmentRecord, room: Room, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const { scope, attachment, blob } = record
  const { bytes, digest } = attachment
  const takeBack = await promise(blob, bytes, room)
  try {
    const found = new Measure()
    await using file = await room.sealed.write({ id: blob, bytes }, (chunk) => found.add(chunk))
    const partner = record.partner as Did // Own content is never fetched.
    const channel = await room.network.open({ did: partner, addresses: room.peers.addressesOf(partner) }, 'attachment', bounded(room, signal))
    try {
      await send(channel, { type: 'attachment-request', version: 1, exchange: scope, digest, from: file.chunks }, bounded(room, signal))
      await takeChunks({ channel, attachment, file, found }, room, signal)
      checkWhole(found, attachment)
      await send(channel, { type: 'attachment-done', digest }, bounded(room, signal))
      await receive(channel, AttachmentEnd, bounded(room, signal)) // A piece in its place is more than the credential names.
    } finally {
      channel.close()
    }
    await file.finish()
    return found.leaves
  } finally {
    takeBack()
  }
}

interface Taking {
  readonly channel: Channel
  readonly attachment: Attachment
  readonly file: SealedWriter
  readonly found: Measure
}

/** As many chunks as the credit says are on their way; each one that is kept makes room for another. */
async function takeChunks({ channel, attachment, file, found }: Taking, room: Room, signal: AbortSignal): Promise<void> {
  const leaves = leavesOf(await receive(channel, AttachmentHead, bounded(room, signal)), attachment)
  const count = chunkCount(attachment.bytes)
  const credit = (chunks: number) => send(channel, { type: 'attachment-credit', chunks }, bounded(room, signal))
  let asked = Math.min(count, file.chunks + creditMax)
  if (asked > file.chunks) await credit(asked - file.chunks)
  while (file.chunks < count) {
    const chunk = await nextChunk(channel, chunkLength(attachment.bytes, file.chunks), room, signal)
    checkChunk(chunk, leaves[file.chunks], file.chunks)
    found.add(chunk)
    await file.add(chunk)
    if (asked < count) {
      asked++
      await credit(1)
    }
  }
}

async function nextChunk(channel: Channel, length: number, room: Room, signal: AbortSignal): Promise<Uint8Array> {
  const chunk = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const piece = await timely(channel.next(bounded(room, signal)))
    if (piece.length !== Math.min(pieceBytes, length - at))
      throw new TrustError('DFFT_ATTACHMENT', 'a piece has another length than it must have', { bytes: piece.length })
    chunk.set(piece, at)
    at += piece.length
  }
  return chunk
}

/** The tree of chunks fits; whether the digest does, which others check, was the issuer's affair. */
function checkWhole(found: Measure, { bytes, digest, chunks }: Attachment): void {
  const is = found.result()
  if (is.bytes !== bytes || is.digest !== digest || is.chunks !== chunks)
    throw new TrustError('DFFT_ATTACHMENT', 'the content is not what the credential names', { bytes: is.bytes })
}

/** A crash came between the last byte and the record of it. */
async function measured({ blob, attachment }: AttachmentRecord, { sealed }: Room): Promise<readonly Uint8Array[]> {
  const found = new Measure()
  for (let index = 0; index < chunkCount(attachment.bytes); index++) found.add(await sealed.chunk({ id: blob, bytes: attachment.bytes }, index))
  checkWhole(found, attachment)
  return found.leaves
}

function bounded({ clock }: Room, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, clock.timeout(attachmentLimits.pieceMs)])
}
