/** The key of each content: made before its first byte is kept, destroyed to end it. Nothing else opens it. */
import type { BlobId, KeyRef, KeyVault, Random, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'

export interface BlobKeys {
  /** 32 bytes; the same ones for a content that has a key. Durable when it resolves. */
  make(id: BlobId): Promise<Uint8Array>
  /** @throws {TrustError} DFFT_KEY_UNKNOWN when there is none, or none any more */
  get(id: BlobId): Promise<Uint8Array>
  /** After this resolves nobody can open the content. Nothing happens where there is no key. */
  destroy(id: BlobId): Promise<void>
}

interface Wrapped {
  readonly ref: KeyRef
  /** The key, sealed under `ref`; base64url. */
  readonly sealed: string
}

const keyBytes = 32

/**
 * Each wrapped by a vault key of its own: the vault's file lies outside the store and is replaced whole, so destroying that key ends all copies.
 * A crash between the two may leave a vault key that wraps nothing.
 */
export function vaultBlobKeys({ vault, store, random }: { readonly vault: KeyVault; readonly store: Store; readonly random: Random }): BlobKeys {
  const open = async (id: BlobId, { ref, sealed }: Wrapped) => vault.open(ref, fromBase64url(sealed), contextOf(id))
  return {
    async make(id) {
      const wrapped = await getJson<Wrapped>(store, nameOf(id))
      if (wrapped) return open(id, wrapped)
      const key = random.bytes(keyBytes)
      const ref = await vault.create('A256GCM')
      await store.batch([putJson(nameOf(id), { ref, sealed: toBase64url(await vault.seal(ref, key, contextOf(id))) })])
      return key
    },
    async get(id) {
      const wrapped = await getJson<Wrapped>(store, nameOf(id))
      if (!wrapped) throw new TrustError('DFFT_KEY_UNKNOWN', 'the content has no key')
      return open(id, wrapped)
    },
    async destroy(id) {
      const wrapped = await getJson<Wrapped>(store, nameOf(id))
      if (!wrapped) return
      await vault.destroy(wrapped.ref).catch((thrown: unknown) => {
        if (codeOf(thrown) !== 'DFFT_KEY_UNKNOWN') throw thrown // A crash came between the two before.
      })
      await store.batch([{ del: nameOf(id) }])
    },
  }
}

function nameOf(id: BlobId): string {
  return `blob-key/${id}`
}

function contextOf(id: BlobId): Uint8Array {
  return Buffer.from(`dfft blob key ${id}`)
}
