/** Which data key each content is sealed under: taken before its first byte is kept, destroyed to end it. Nothing else opens it. */
import type { BlobId, DataKeyId, DataKeys, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'

export class BlobKeys {
  readonly #store: Store
  readonly #dataKeys: DataKeys

  constructor({ store, dataKeys }: { readonly store: Store; readonly dataKeys: DataKeys }) {
    this.#store = store
    this.#dataKeys = dataKeys
  }

  /** The same one for a content that has one. Durable, and written down, when it resolves. @throws {TrustError} DFFT_DATA_KEYS */
  async make(id: BlobId): Promise<DataKeyId> {
    const before = await this.#of(id)
    if (before !== undefined && this.#dataKeys.has(before)) return before
    const key = await this.#dataKeys.take() // A crash behind this leaves a key under which nothing is sealed.
    await this.#store.batch([putJson(nameOf(id), { key })])
    return key
  }

  /** @throws {TrustError} DFFT_KEY_UNKNOWN when there is none, or none any more */
  async get(id: BlobId): Promise<DataKeyId> {
    const key = await this.#of(id)
    if (key === undefined) throw new TrustError('DFFT_KEY_UNKNOWN', 'the content has no key')
    return key
  }

  /** Those that there are. */
  async known(ids: readonly BlobId[]): Promise<readonly DataKeyId[]> {
    return (await Promise.all(ids.map((id) => this.#of(id)))).flatMap((key) => key ?? [])
  }

  /** After this resolves nobody can open the contents. Nothing happens where there is no key. */
  async destroy(ids: readonly BlobId[]): Promise<void> {
    const keys = await this.known(ids)
    if (keys.length === 0) return
    await this.#dataKeys.destroy(keys)
    await this.#store.batch(ids.map((id) => ({ del: nameOf(id) })))
  }

  async #of(id: BlobId): Promise<DataKeyId | undefined> {
    return (await getJson<{ readonly key: DataKeyId }>(this.#store, nameOf(id)))?.key
  }
}

function nameOf(id: BlobId): string {
  return `attachment/key/${id}`
}
