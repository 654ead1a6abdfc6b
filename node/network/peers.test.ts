import { describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { Peer } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { NetworkGate } from './gate.ts'
import { memoryTable } from './limits.ts'
import { PeerBook } from './peers.ts'

const peer = (name: string | number, addresses: readonly string[]): Peer => ({
  did: `did:web:${name}.example` as Did,
  peerId: `12D3KooW${name}` as PeerId,
  addresses,
})
const day = 86_400_000

describe('the book of partners', () => {
  test('outlives the process, with the addresses in the order in which they are to be tried', async () => {
    const store = new MemoryStore()
    const book = await PeerBook.open(store)
    await store.batch([book.remember(peer('a', ['/first']))])
    await store.batch(book.met(peer('a', ['/worked', '/first']), day))
    const again = await PeerBook.open(store)
    expect(again.addressesOf(peer('a', []).did)).toEqual(['/worked', '/first'])
    expect(again.all).toMatchObject([peer('a', ['/worked', '/first'])])
  })

  test('reads what an earlier version wrote, as of a party that was called', async () => {
    const store = new MemoryStore()
    const { did, peerId, addresses } = peer('a', ['/old'])
    await store.batch([putJson(`peer/${did}`, { did, peerId, addresses })])
    const book = await PeerBook.open(store)
    expect([book.called(did), book.addressesOf(did)]).toEqual([true, ['/old']])
    expect(book.met(peer('a', ['/new']), day)).toHaveLength(1)
    expect(book.called(did)).toBe(true)
  })

  test('writes nothing for a partner that comes back as it was, more than once a day', async () => {
    const book = await PeerBook.open(new MemoryStore())
    expect(book.met(peer('a', ['/x']), day)).toHaveLength(1)
    expect(book.met(peer('a', ['/x']), day + 1)).toEqual([])
    expect(book.met(peer('a', ['/x', '/y']), day + 2)).toHaveLength(1)
    expect(book.met(peer('a', ['/x', '/y']), 2 * day + 2)).toHaveLength(1)
    expect(book.met(peer('b', []), day)).toEqual([])
  })

  test('having met a party makes it no partner; having called it does', async () => {
    const book = await PeerBook.open(new MemoryStore())
    const { did } = peer('a', [])
    book.met(peer('a', ['/x']), day)
    expect([book.called(did), book.addressesOf(did)]).toEqual([false, ['/x']])
    book.remember(peer('a', ['/y']))
    expect([book.called(did), book.addressesOf(did)]).toEqual([true, ['/y', '/x']])
    book.met(peer('a', ['/z']), 2 * day)
    expect(book.called(did)).toBe(true)
  })

  test('keeps 16 addresses of a party, and 2,048 parties: the one that was met longest ago goes, and never one that was called', async () => {
    const book = await PeerBook.open(new MemoryStore())
    book.met(
      peer(
        'many',
        Array.from({ length: 40 }, (_, index) => `/${index}`),
      ),
      1,
    )
    expect(book.addressesOf(peer('many', []).did)).toHaveLength(memoryTable.addressesPerParty.value)
    book.remember(peer('called', ['/x']))
    for (let index = 0; index < 2046; index++) book.met(peer(index, ['/x']), 2 + index)
    expect(book.all).toHaveLength(2048)
    expect(book.met(peer('one more', ['/x']), 9999)[0]).toEqual({ del: `peer/${peer('many', []).did}` })
    expect([book.all.length, book.called(peer('called', []).did)]).toEqual([2048, true])
  })

  test('a book full of parties that were called takes no other', async () => {
    const book = await PeerBook.open(new MemoryStore())
    for (let index = 0; index < 2048; index++) book.remember(peer(index, ['/x']))
    expect(book.met(peer('one more', ['/x']), 1)).toEqual([])
    expect(book.all).toHaveLength(2048)
  })

  test('follows the network: partners that were called and those that trust vouches for are kept, strangers are not', async () => {
    const store = new MemoryStore()
    const book = await PeerBook.open(store)
    const gate = new NetworkGate()
    const listeners: ((peer: Peer) => void)[] = []
    book.follow({ network: { onBound: (listener) => void listeners.push(listener) }, store, clock: { nowMs: () => day }, log: () => undefined, gate })
    const meet = (one: Peer) => {
      for (const listener of listeners) listener(one)
    }
    await store.batch([book.remember(peer('called', ['/before']))])
    meet(peer('called', ['/now']))
    meet(peer('anybody', ['/x']))
    gate.join({ admits: (did) => (did === peer('vouched', []).did ? 'known' : 'stranger') })
    meet(peer('vouched', ['/x']))
    meet(peer('stranger', ['/x']))
    while (!(await store.get(`peer/${peer('vouched', []).did}`))) await new Promise((resolve) => setImmediate(resolve))
    const again = await PeerBook.open(store)
    expect(again.all.map(({ did, addresses }) => [did, ...addresses])).toEqual([
      [peer('called', []).did, '/now', '/before'],
      [peer('vouched', []).did, '/x'],
    ])
  })
})
