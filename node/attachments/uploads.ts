/** Files of the operator's, handed over chunk by chunk, until a credential names them. What is not finished when the node ends is gone. */
import type { BlobId } from '#node/ports.ts'
import { chunkCount, headOf, Measure } from '#protocols/attachment.ts'
import { type Attachment, Attachment as AttachmentSchema } from '#protocols/attachment-claim.ts'
import { parse } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Digest } from '#protocols/ids.ts'
import { getAttachment, recordWrites } from './attachment-record.ts'
import { promise, type Room } from './room.ts'
import type { SealedWriter } from './sealed-blobs.ts'

export type Wish = Pick<Attachment, 'name' | 'mediaType' | 'bytes'>

interface Upload {
  readonly wish: Wish
  readonly blob: BlobId
  readonly file: SealedWriter
  readonly found: Measure
  readonly takeBack: () => void
  /** Chunks are taken one after another. */
  last: Promise<unknown>
  usedMs: number
}

const uploadLimits = {
  /** One operator's few at a time. */
  atOnce: 8,
  /** Given up when no chunk came for so long. */
  idleMs: 600_000,
} as const

const WishSchema = AttachmentSchema.pick({ name: true, mediaType: true, bytes: true })

export class Uploads {
  readonly #room: Room
  readonly #running = new Map<string, Upload>()

  constructor(room: Room) {
    this.#room = room
  }

  /** @returns what names the upload. @throws {TrustError} DFFT_SCHEMA, DFFT_QUOTA, DFFT_BUSY */
  async begin(asked: Wish): Promise<string> {
    const wish = parse(asked, WishSchema)
    await this.#giveUpIdle()
    if (this.#running.size >= uploadLimits.atOnce)
      throw new TrustError('DFFT_BUSY', 'too many files are being handed over', { retryAfterMs: uploadLimits.idleMs })
    const id = Buffer.from(this.#room.random.bytes(32)).toString('hex')
    const blob = id as BlobId // 32 bytes are 64 hex digits.
    const takeBack = await promise({ id: blob, bytes: wish.bytes, partner: null }, this.#room)
    try {
      const file = await this.#room.sealed.write({ id: blob, bytes: wish.bytes }, () => undefined)
      this.#running.set(id, { wish, blob, file, found: new Measure(), takeBack, last: Promise.resolve(), usedMs: this.#room.clock.monotonicMs() })
      return id
    } catch (thrown) {
      takeBack()
      await this.#room.sealed.destroy([blob]).catch(() => undefined) // Whoever asked hears why it was not begun.
      throw thrown
    }
  }

  /** @param index of the chunk, from 0; they come in order. @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFLICT, DFFT_LIMIT */
  append(id: string, index: number, chunk: Uint8Array): Promise<void> {
    const upload = this.#get(id)
    const added = upload.last.then(async () => {
      if (upload.file.chunks !== index) throw new TrustError('DFFT_CONFLICT', 'another chunk comes next', { next: upload.file.chunks })
      await upload.file.add(chunk)
      upload.found.add(chunk)
      upload.usedMs = this.#room.clock.monotonicMs()
    })
    upload.last = added.catch(() => undefined) // Its caller has the rejection.
    return added
  }

  /**
   * Where it fails, nothing is left of the file; it is handed over anew.
   *
   * @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFLICT before its last chunk; DFFT_DISK_FULL, DFFT_STORE
   */
  async finish(id: string): Promise<Attachment> {
    const upload = this.#get(id)
    const { wish, file } = upload
    await upload.last
    if (file.chunks !== chunkCount(wish.bytes)) throw new TrustError('DFFT_CONFLICT', 'the file is not all there', { chunks: file.chunks })
    this.#get(id) // It may have been finished meanwhile.
    this.#running.delete(id)
    try {
      await file.finish()
      return await this.#record(upload)
    } catch (thrown) {
      // What a broken disk has in the end is seen at the next start: then what nothing names is deleted.
      if (codeOf(thrown) !== 'DFFT_STORE') await this.#drop(upload).catch((again) => this.#room.log('warn', 'upload not cleared', { code: codeOf(again) }))
      throw thrown
    } finally {
      upload.takeBack()
      await file[Symbol.asyncDispose]()
    }
  }

  async #record({ wish, blob, found }: Upload): Promise<Attachment> {
    const { store, audit, sealed } = this.#room
    const attachment = { ...wish, ...found.result() }
    const before = await getAttachment(store, 'own', attachment.digest)
    const record = { scope: 'own', attachment, partner: null, blob, state: 'kept', code: null, leaves: headOf(found.leaves).leaves } as const
    const facts = { digest: attachment.digest, bytes: attachment.bytes }
    if (before?.state === 'kept') {
      await sealed.destroy([blob])
      await audit.append([{ kind: 'attachment-added', facts }], recordWrites({ ...before, attachment }))
    } else await audit.append([{ kind: 'attachment-added', facts }], recordWrites(record))
    return attachment
  }

  async #drop({ file, blob }: Upload): Promise<void> {
    await file[Symbol.asyncDispose]()
    await this.#room.sealed.destroy([blob])
  }

  /** What a credential is to name. @throws {TrustError} DFFT_NOT_FOUND for content that is not here */
  async named(digests: readonly Digest[]): Promise<readonly Attachment[]> {
    const found: Attachment[] = []
    for (const digest of digests) {
      const record = await getAttachment(this.#room.store, 'own', digest)
      if (record?.state !== 'kept') throw new TrustError('DFFT_NOT_FOUND', 'there is no such file here', { digest })
      found.push(record.attachment)
    }
    return found
  }

  #get(id: string): Upload {
    const upload = this.#running.get(id)
    if (!upload) throw new TrustError('DFFT_NOT_FOUND', 'no such file is being handed over')
    return upload
  }

  async #giveUpIdle(): Promise<void> {
    const nowMs = this.#room.clock.monotonicMs()
    for (const [id, upload] of this.#running) {
      if (nowMs - upload.usedMs < uploadLimits.idleMs) continue
      this.#running.delete(id)
      upload.takeBack()
      await this.#drop(upload)
    }
  }
}
