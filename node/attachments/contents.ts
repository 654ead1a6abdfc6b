/** The content behind attachment records, and its end: with the data it came with, at the first end that was agreed on for them. */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Blobs, DataKeyId, DataKeys, Store } from '#node/ports.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { allAttachments, attachmentsOf, nameGone, recordWrites, rowsOf } from './attachment-record.ts'
import { BlobKeys } from './blob-keys.ts'
import { SealedBlobs } from './sealed-blobs.ts'

interface ContentNeeds {
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly blobs: Blobs
  readonly dataKeys: DataKeys
}

export class Contents {
  readonly sealed: SealedBlobs
  readonly #store: Store
  readonly #audit: Pick<AuditLog, 'append'>
  readonly #blobs: Blobs

  constructor({ store, audit, blobs, dataKeys }: ContentNeeds) {
    this.sealed = new SealedBlobs(blobs, new BlobKeys({ store, dataKeys }), dataKeys)
    this.#store = store
    this.#audit = audit
    this.#blobs = blobs
  }

  /** What there is of each, with its seals. */
  async bytesHere(): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.#blobs.list()).map(({ id, bytes }) => [id, bytes]))
  }

  /** The keys of all content of an exchange, to be destroyed together with those of its other data. */
  async keysOf(exchange: ExchangeId): Promise<readonly DataKeyId[]> {
    return this.sealed.keysOf((await attachmentsOf(this.#store, exchange)).map(({ blob }) => blob))
  }

  /** Ends all content of an exchange, the keys first. What is destroyed already stays so: it may be said again, after a crash or on an old copy of the store. */
  async destroy(exchange: ExchangeId): Promise<void> {
    const records = await attachmentsOf(this.#store, exchange)
    await this.sealed.destroy(records.map(({ blob }) => blob))
    for (const record of records) {
      if (record.state === 'destroyed') continue
      const facts = { digest: record.attachment.digest, bytes: record.attachment.bytes }
      // What it was called came with the data too.
      const attachment = { ...record.attachment, name: '' }
      const writes = [...recordWrites({ ...record, attachment, state: 'destroyed', code: null, leaves: null }), nameGone(record)]
      await this.#audit.append([{ kind: 'attachment-destroyed', exchange, facts }], writes)
    }
  }

  /** Whether any content of an exchange is here, or to come. */
  async here(exchange: ExchangeId): Promise<boolean> {
    return (await attachmentsOf(this.#store, exchange)).some(({ state }) => state === 'kept' || state === 'waiting')
  }

  /** What of an exchange stands in the store, to be deleted with its record. */
  rowsOf(exchange: ExchangeId): Promise<readonly string[]> {
    return rowsOf(this.#store, exchange)
  }

  /** What a crash left of uploads, content that nothing names, and what was fetched once more while its end came. */
  async tidy(): Promise<void> {
    const wanted = (await allAttachments(this.#store)).filter(({ state }) => state === 'kept' || state === 'waiting')
    const named = new Set(wanted.map(({ blob }) => blob))
    const lost = (await this.sealed.names()).filter((id) => !named.has(id))
    if (lost.length > 0) await this.sealed.destroy(lost)
  }
}
