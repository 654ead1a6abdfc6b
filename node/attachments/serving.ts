/**
 * The holder's side: content goes to the party that its claim was released to, by the exchange of that release, as long as the release is good.
 *
 * Whoever asks for anything else learns one code, whether it is unknown, withheld or somebody else's.
 */
import { type ExchangeRecord, getMessage, getRecord, standing, withdrawnKey } from '#node/exchange/exchange-record.ts'
import { shownOf } from '#node/exchange/release-core.ts'
import { AttachmentRequest, AttachmentTurn, chunkCount, pieceBytes } from '#protocols/attachment.ts'
import { type Channel, receive, send, timely } from '#protocols/channel.ts'
import { isCode, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type AttachmentRecord, getAttachment, getSent, namedIn, sentWrite } from './attachment-record.ts'
import { bounded, type Room } from './room.ts'

/** States in which what was released stays released. */
const shown: ReadonlySet<ExchangeRecord['state']> = new Set(['released', 'receipted', 'closed'])

/** @throws {TrustError} DFFT_NOT_FOUND, DFFT_BUSY while it is on its way to us or disputed, DFFT_FRAME, and why the release is good no longer */
export async function serveOne(channel: Channel, room: Room, signal: AbortSignal): Promise<void> {
  const request = await receive(channel, AttachmentRequest, bounded(room, signal))
  const { record, source } = await released(request, channel.remote.did, room, signal)
  const { attachment, leaves } = source
  if (leaves === null || request.from > chunkCount(attachment.bytes))
    throw new TrustError('DFFT_FRAME', 'the attachment has no such chunk', { from: request.from })
  const sent = { exchange: record.id, attachment: { ...attachment, name: '' }, partner: record.partner, done: false }
  const facts = { partner: record.partner, digest: attachment.digest, bytes: attachment.bytes }
  // On disk before a byte leaves, and once, however often the line breaks.
  if (!(await getSent(room.store, record.id, attachment.digest)))
    await room.audit.append([{ kind: 'attachment-released', exchange: record.id, facts }], [sentWrite(sent)])
  await send(channel, { type: 'attachment-head', version: 1, leaves }, bounded(room, signal))
  await sendChunks(channel, { record, source, from: request.from }, room, signal)
  if (!(await getSent(room.store, record.id, attachment.digest))?.done)
    await room.audit.append([{ kind: 'attachment-sent', exchange: record.id, facts }], [sentWrite({ ...sent, done: true })])
  await send(channel, { type: 'attachment-end', digest: attachment.digest }, bounded(room, signal))
}

interface Sending {
  readonly record: ExchangeRecord
  readonly source: AttachmentRecord
  readonly from: number
}

/** As the requester's credit says, until it has all. */
async function sendChunks(channel: Channel, { record, source, from }: Sending, room: Room, signal: AbortSignal): Promise<void> {
  const { attachment, blob, scope } = source
  const count = chunkCount(attachment.bytes)
  await using content = await room.sealed.open({ id: blob, bytes: attachment.bytes })
  for (let index = from; ; ) {
    const turn = await receive(channel, AttachmentTurn, bounded(room, signal))
    if (turn.type === 'attachment-done') {
      if (turn.digest === attachment.digest && index === count) return
      throw new TrustError('DFFT_FRAME', 'not all of the attachment was asked for', { index, count })
    }
    if (index + turn.chunks > count) throw new TrustError('DFFT_FRAME', 'more is asked for than there is', { index, count })
    await checkShown(record, room) // It may have been withdrawn meanwhile, and the content destroyed.
    if ((await getAttachment(room.store, scope, attachment.digest))?.state !== 'kept') throw notFound()
    for (const end = index + turn.chunks; index < end; index++) await sendChunk(channel, await content.chunk(index), room, signal)
  }
}

async function sendChunk(channel: Channel, chunk: Uint8Array, room: Room, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < chunk.length; at += pieceBytes) await timely(channel.send(chunk.subarray(at, at + pieceBytes), bounded(room, signal)))
}

async function released(
  { exchange, digest }: AttachmentRequest,
  remote: Did,
  room: Room,
  signal: AbortSignal,
): Promise<{ record: ExchangeRecord; source: AttachmentRecord }> {
  const record = await getRecord(room.store, exchange)
  if (record?.role !== 'holder' || record.partner !== remote) throw notFound()
  await checkShown(record, room)
  const named = (await shownOf(room.store, record)).find((one) => namedIn(one).some((attachment) => attachment.digest === digest))
  const part = record.credentials.find(({ id }) => id === named?.id)
  const request = await getMessage(room.store, exchange, 'request')
  if (!part?.credential || !request) throw notFound()
  await room.stillGood(record, request, signal)
  const { role, exchange: cameBy } = await room.wallet.get(part.credential)
  const source = await getAttachment(room.store, role === 'issued' ? 'own' : ((cameBy ?? 'own') as ExchangeRecord['id']), digest) // It came by an exchange.
  if (source?.state === 'waiting') throw new TrustError('DFFT_BUSY', 'the attachment is still on its way to us', { retryAfterMs: 5000 })
  if (source?.state !== 'kept') throw notFound()
  return { record, source }
}

/** @throws {TrustError} with the code of its withdrawal; DFFT_BUSY while it is disputed; DFFT_NOT_FOUND for what was never shown */
async function checkShown({ id, partner }: ExchangeRecord, { store }: Room): Promise<void> {
  const record = await getRecord(store, id)
  if (!record || record.partner !== partner || record.release === null) throw notFound()
  const noted = await store.get(withdrawnKey(id))
  if (shown.has(record.state) && !noted) return
  // Whoever asks keeps asking: when the dispute is resolved, what was released is good again.
  if (record.state === 'disputed' && shown.has(standing(record)) && !noted)
    throw new TrustError('DFFT_BUSY', 'what is disputed is not handed over until that is resolved', { exchange: id, retryAfterMs: 600_000 })
  throw new TrustError(record.code !== null && isCode(record.code) ? record.code : 'DFFT_EXCHANGE_STATE', 'the release was withdrawn', { exchange: id })
}

function notFound(): TrustError {
  return new TrustError('DFFT_NOT_FOUND', 'nothing released to the partner names such an attachment')
}
