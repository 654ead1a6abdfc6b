/** What an operator hands over, lists and reads of attachments. */
import type { AttachmentView } from '#node/api/exchanges.ts'
import type { NodeApi, OutputOf } from '#node/api.ts'
import { type ExchangeRecord, recordNamed } from '#node/exchange/exchange-record.ts'
import { shownOf } from '#node/exchange/release-core.ts'
import type { Store } from '#node/ports.ts'
import { chunkBytes } from '#protocols/attachment.ts'
import type { Attachment } from '#protocols/attachment-claim.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Digest, ExchangeId } from '#protocols/ids.ts'
import { type AttachmentRecord, allAttachments, attachmentsOf, namedIn, nameOf, type SentRecord, sentOf } from './attachment-record.ts'
import type { Attachments } from './attachments.ts'
import type { Uploads, Wish } from './uploads.ts'

interface Desk {
  readonly store: Store
  readonly attachments: Attachments
}

export async function openUpload(wish: Wish, { uploads }: { readonly uploads: Uploads }): Promise<OutputOf<'attachmentBegin'>> {
  return { upload: await uploads.begin(wish), chunkBytes }
}

/** @throws {TrustError} DFFT_SCHEMA when it is not canonical base64, and as `Uploads.append` */
export async function takeChunk(
  { upload, chunk, content }: Parameters<NodeApi['attachmentAppend']>[0],
  { uploads }: { readonly uploads: Uploads },
): Promise<OutputOf<'attachmentAppend'>> {
  const bytes = Buffer.from(content, 'base64')
  if (bytes.toString('base64') !== content) throw new TrustError('DFFT_SCHEMA', 'the content is not base64')
  await uploads.append(upload, chunk, bytes)
  return { chunks: chunk + 1 }
}

export async function readChunk(
  { exchange, digest, chunk }: { readonly exchange: ExchangeId | null; readonly digest: Digest; readonly chunk: number },
  attachments: Attachments,
): Promise<OutputOf<'attachmentRead'>> {
  return { content: Buffer.from(await attachments.chunk(exchange ?? 'own', digest, chunk)).toString('base64') }
}

/** Of one exchange, or all that came or was handed over here. @throws {TrustError} DFFT_NOT_FOUND */
export async function listAttachments(exchange: ExchangeId | undefined, desk: Desk): Promise<OutputOf<'attachmentList'>> {
  if (exchange === undefined) return { attachments: await views(await allAttachments(desk.store), desk) }
  return { attachments: await shownWith(await recordNamed(desk.store, exchange), desk) }
}

/** What comes to us with an exchange, or what of ours it names. */
export async function shownWith(record: ExchangeRecord, desk: Desk): Promise<AttachmentView[]> {
  const { id, role, partner } = record
  if (role === 'requester') return views(await attachmentsOf(desk.store, id), desk)
  const named = (await shownOf(desk.store, record)).flatMap(namedIn)
  const sent = new Map((await sentOf(desk.store, id)).map((one) => [one.attachment.digest, one]))
  const distinct = new Map(named.map((one) => [one.digest, one]))
  return [...distinct.values()].map((one) => ({ ...shared(one), exchange: id, partner, state: wayOf(sent.get(one.digest)), code: null, bytesHere: one.bytes }))
}

function wayOf(sent: SentRecord | undefined): 'named' | 'sending' | 'sent' {
  if (!sent) return 'named'
  return sent.done ? 'sent' : 'sending'
}

async function views(records: readonly AttachmentRecord[], desk: Desk): Promise<AttachmentView[]> {
  const here = records.length === 0 ? new Map<string, number>() : await desk.attachments.bytesHere()
  return Promise.all(records.map((record) => viewOf(record, here, desk)))
}

async function viewOf(record: AttachmentRecord, here: ReadonlyMap<string, number>, { store }: Desk): Promise<AttachmentView> {
  const { scope, attachment, partner, blob, state, code } = record
  return {
    ...shared(attachment),
    name: await nameOf(store, record),
    exchange: scope === 'own' ? null : scope,
    partner,
    state: scope === 'own' && state === 'kept' ? 'own' : state,
    code,
    bytesHere: state === 'kept' ? attachment.bytes : Math.min(attachment.bytes, here.get(blob) ?? 0),
  }
}

function shared({ name, mediaType, bytes, digest }: Attachment): Pick<AttachmentView, 'name' | 'mediaType' | 'bytes' | 'digest'> {
  return { name, mediaType, bytes, digest }
}
