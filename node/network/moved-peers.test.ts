import { expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { Peer } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { MovedPeers } from './moved-peers.ts'
import { PeerBook } from './peers.ts'

test('of partners that are away, each has its turn to be asked about, though only sixteen have it at once', async () => {
  const peerBook = await PeerBook.open(new MemoryStore())
  const away = Array.from(
    { length: 20 },
    (_, at): Peer => ({ did: `did:webvh:away${at}:a.example` as Did, peerId: `12D3KooW${at}` as PeerId, addresses: ['/x'] }),
  )
  for (const peer of away) peerBook.remember(peer)
  const asked: Did[] = []
  let nowMs = 0
  const moved = new MovedPeers({
    peerBook,
    network: { connected: () => [] },
    clock: { monotonicMs: () => nowMs },
    log: () => undefined,
    dids: { held: async () => undefined } as never,
    records: {
      async ask(_from: Did, question: { readonly did?: Did }) {
        if (question.did) asked.push(question.did)
        throw new TrustError('DFFT_NOT_FOUND', 'not held')
      },
    } as never,
  })
  const hear = () => moved.heardOf('did:web:partner.example' as Did, new AbortController().signal)
  await hear()
  expect(asked).toHaveLength(16)
  await hear()
  expect(asked).toHaveLength(20)
  expect(new Set(asked)).toEqual(new Set(away.map(({ did }) => did)))
  await hear()
  expect(asked).toHaveLength(20)
  nowMs += 60_000
  await hear()
  expect(asked).toHaveLength(36)
})
