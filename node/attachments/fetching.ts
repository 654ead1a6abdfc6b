/**
 * The requester's side of one attachment: from what is there already to all of it, each chunk checked before it is kept.
 *
 * A holder that sends anything but the bytes its credential names is found in the chunk that has it; of what it sent nothing is kept.
 */

import { ofOurDisk, passingOnTheLine } from '#node/exchange/retrying.ts'
import {
  AttachmentEnd,
  AttachmentHead,
  checkChunk,
  chunkBytes,
  chunkCount,
  chunkLength,
  creditMax,
  headOf,
  leavesOf,
  Measure,
  pieceBytes,
} from '#protocols/attachment.ts'
import { Attachment } from '#protocols/attachment-claim.ts'
import { type Channel, receive, send, timely } from '#protocols/channel.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { type AttachmentRecord, getAttachment, recordWrites } from './attachment-record.ts'
import { bounded, promise, type Room } from './room.ts'
import type { SealedWriter } from './sealed-blobs.ts'

/** Codes after which the same fetch may work later; any other one ends it until an operator asks again. */
export const passing: ReadonlySet<Code> = new Set([
  ...passingOnTheLine,
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
  const partner = record.partner as Did // Own content is never fetched.
  try {
    const leaves = (await room.sealed.whole(record.blob)) ? await measured(record, room) : await transfer(record, room, signal)
    await settle({ ...record, state: 'kept', code: null, leaves: headOf(leaves).leaves }, 'attachment-received', room)
  } catch (thrown) {
    const code = codeOf(thrown)
    if (signal.aborted || passing.has(code)) throw thrown
    const said = lies.has(code) ? 'DFFT_ATTACHMENT' : code
    if (said === 'DFFT_ATTACHMENT') room.network.fault(partner, said)
    await settle({ ...record, state: 'refused', code: said }, 'attachment-refused', room)
  }
}

/** Unless it was destroyed while it was fetched: then nothing is left of what came. */
function settle(record: AttachmentRecord, kind: 'attachment-received' | 'attachment-refused', { store, audit, sealed, locks, log }: Room): Promise<void> {
  const { scope, attachment, blob, partner, code } = record
  return locks.run(scope, async () => {
    const wanted = (await getAttachment(store, scope, attachment.digest))?.state === 'waiting'
    if (!wanted || record.state === 'refused') await sealed.destroy([blob])
    if (!wanted) return
    if (code !== null) log('warn', 'attachment refused', { partner, exchange: scope, code })
    const facts = { partner, digest: attachment.digest, bytes: attachment.bytes, ...(code === null ? {} : { code }) }
    await audit.append([{ kind, exchange: scope as ExchangeId, facts }], recordWrites(record)) // Own content is never fetched.
  })
}

/** @returns the leaf hashes of the content, which is whole and durable */
async function transfer(record: AttachmentRecord, room: Room, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  const { scope, attachment, blob } = record
  const { bytes, digest } = attachment
  const takeBack = await promise({ id: blob, bytes, partner: record.partner }, room)
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
  // One place for all of them, one after another: 100 MB of buffers would have to be collected.
  const place = Buffer.allocUnsafeSlow(chunkBytes)
  let asked = Math.min(count, file.chunks + creditMax)
  if (asked > file.chunks) await credit(asked - file.chunks)
  while (file.chunks < count) {
    const chunk = place.subarray(0, chunkLength(attachment.bytes, file.chunks))
    await fill(chunk, channel, room, signal)
    found.add(chunk, checkChunk(chunk, leaves[file.chunks], file.chunks))
    await file.add(chunk)
    if (asked < count) {
      asked++
      await credit(1)
    }
  }
}

async function fill(chunk: Uint8Array, channel: Channel, room: Room, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const piece = await timely(channel.next(bounded(room, signal)))
    if (piece.length !== Math.min(pieceBytes, chunk.length - at))
      throw new TrustError('DFFT_ATTACHMENT', 'a piece has another length than it must have', { bytes: piece.length })
    chunk.set(piece, at)
    at += piece.length
  }
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
  await using content = await sealed.open({ id: blob, bytes: attachment.bytes })
  for (let index = 0; index < chunkCount(attachment.bytes); index++) found.add(await content.chunk(index))
  checkWhole(found, attachment)
  return found.leaves
}
