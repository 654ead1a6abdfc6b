/**
 * Received data in the store: sealed, each under a key that lies elsewhere. What is sealed is read here and nowhere else.
 *
 *     dfft-sealed/1 <id of the key>⏎ <sealed bytes>
 *
 * The key of the record is the context, so that a sealed value opens in its own place only.
 */
import { strict as assert } from 'node:assert'
import { receivedPrefix } from '#node/credentials/wallet.ts'
import type { DataKeyId, DataKeys, Store, Write } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'

const magic = Buffer.from('dfft-sealed/1 ')

/** @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_DATA_KEYS */
export async function sealedWrite({ put, value }: { readonly put: string; readonly value: Uint8Array }, id: DataKeyId, keys: DataKeys): Promise<Write> {
  return { put, value: Buffer.concat([magic, Buffer.from(`${id}\n`), await keys.seal(id, value, Buffer.from(put))]) }
}

/**
 * The store as the node reads it: what is sealed comes out open. What was sealed under a key that is no more is not there. Changed
 * bytes are refused with DFFT_KEYSTORE.
 */
export function openingStore(store: Store, keys: DataKeys): Store {
  return {
    get: async (key) => {
      const value = await store.get(key)
      return value && opened(key, value, keys)
    },
    batch: (writes, options) => {
      // However it came there, a received credential that everybody can read must not get to the disk.
      for (const write of writes) assert(!('put' in write && write.put.startsWith(receivedPrefix)) || isSealed(write.value), 'received data are sealed')
      return store.batch(writes, options)
    },
    async *scan(range) {
      for await (const [key, value] of store.scan(range)) {
        const plain = isSealed(value) ? await opened(key, value, keys) : value
        if (plain) yield [key, plain] as const
      }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

function isSealed(value: Uint8Array): boolean {
  return value[0] === magic[0] && magic.equals(value.subarray(0, magic.length))
}

async function opened(key: string, value: Uint8Array, keys: DataKeys): Promise<Uint8Array | undefined> {
  if (!isSealed(value)) return value
  const end = value.indexOf(10)
  const id = Buffer.from(value.subarray(magic.length, end)).toString() as DataKeyId // As sealedWrite() wrote it; a changed one names no key.
  try {
    return await keys.open(id, value.subarray(end + 1), Buffer.from(key))
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_KEY_UNKNOWN') return undefined
    throw thrown
  }
}
