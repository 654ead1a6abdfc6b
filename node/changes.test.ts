import { expect, test } from 'vitest'
import { type Did, instant } from '#protocols/ids.ts'
import { MemoryStore } from './adapters/memory-store.ts'
import { Changes } from './changes.ts'
import { heldPrefixes, type Kept, Wallet } from './credentials/wallet.ts'

const now = instant(Date.UTC(2026, 0, 1))
const held = (id: string) =>
  ({
    id,
    role: 'held',
    type: 'T',
    issuer: 'did:key:z6Mk' as Did,
    issuedAt: now,
    validUntil: null,
    encodings: [{ format: 'dc+sd-jwt', text: id }],
  }) as unknown as Kept

function walletOver() {
  const changes = new Changes(heldPrefixes)
  const store = changes.watched(new MemoryStore())
  return { changes, store, wallet: new Wallet(store, changes) }
}

test('what is held is at hand until anything is written of it, and what was destroyed is not', async () => {
  const { store, wallet } = walletOver()
  await store.batch(wallet.write(held('a')))
  const [first] = await wallet.fitting('T', now)
  expect((await wallet.fitting('T', now))[0]).toBe(first)
  await store.batch(wallet.write(held('b')))
  expect((await wallet.fitting('T', now)).map(({ id }) => id)).toEqual(['b', 'a'])
  await store.batch(wallet.write(held('a')).map((write) => ({ del: 'put' in write ? write.put : write.del })))
  expect((await wallet.fitting('T', now)).map(({ id }) => id)).toEqual(['b'])
})

test('what is read while a write is under way is not kept', async () => {
  const { changes, store, wallet } = walletOver()
  const writing = store.batch(wallet.write(held('a')))
  expect(changes.count).toBeNull()
  await wallet.fitting('T', now)
  await writing
  expect((await wallet.fitting('T', now)).map(({ id }) => id)).toEqual(['a'])
})

test('a write of something else, and one that fails, change nothing and something', async () => {
  const changes = new Changes(['a/'])
  const store = changes.watched(new MemoryStore())
  let told = 0
  changes.onChange(() => told++)
  await store.batch([{ put: 'b/1', value: new Uint8Array() }])
  expect([changes.count, told]).toEqual([0, 0])
  await store.batch([{ put: 'a/1', value: new Uint8Array() }])
  await expect(store.batch([{ put: 'a/2', value: new Uint8Array() }], { ifAbsent: ['a/1'] })).rejects.toMatchObject({ code: 'DFFT_CONFLICT' })
  expect(changes.count).toBe(4)
})
