import { expect, it } from 'vitest'
import { compareUtf8, MemoryStore } from './memory-store.ts'
import { storeContract } from './store.contract.ts'

storeContract('a store in memory', async () => {
  const store = new MemoryStore()
  const reopen = async () => {
    await store[Symbol.asyncDispose]()
    return new MemoryStore({ entries: store.snapshot() })
  }
  return { store, reopen }
})

const one = [{ put: 'a', value: Uint8Array.of(1) }]
const two = [{ put: 'b', value: Uint8Array.of(2) }]

it('a crash before a batch is durable loses it, and the store goes no further', async () => {
  let batches = 0
  const store = new MemoryStore({
    beforeDurable: () => {
      if (++batches === 2) throw new Error('power cut')
    },
  })
  const outcomes = await Promise.allSettled([store.batch(one), store.batch(two), store.batch(two)])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  await expect(store.batch(two)).rejects.toMatchObject({ code: 'DFFT_STORE' })
  expect(store.snapshot().map(([key]) => key)).toEqual(['a'])
})

it('a crash after a batch is durable keeps it, though nobody was told', async () => {
  const store = new MemoryStore({
    beforeAcknowledged: () => {
      throw new Error('power cut')
    },
  })
  await expect(store.batch(one)).rejects.toMatchObject({ code: 'DFFT_STORE' })
  expect(store.snapshot().map(([key]) => key)).toEqual(['a'])
})

it('the hooks see the writes of a batch, and the disk before and after them', async () => {
  const seen: string[] = []
  const store: MemoryStore = new MemoryStore({
    beforeDurable: (writes) => void seen.push(`before ${writes.length} ${store.snapshot().length}`),
    beforeAcknowledged: (writes) => void seen.push(`after ${writes.length} ${store.snapshot().length}`),
  })
  await store.batch([...one, ...two])
  expect(seen).toEqual(['before 2 0', 'after 2 2'])
})

it('the order of keys is that of their UTF-8 bytes for any two texts', () => {
  const texts = ['', 'a', 'ab', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a\u{10000}', 'a\uffff', '\u{10000}\u{10000}', '\u{10000}\u{10001}']
  for (const left of texts) {
    for (const right of texts) expect(Math.sign(compareUtf8(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)))
  }
})
