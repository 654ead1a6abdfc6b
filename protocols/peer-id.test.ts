import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { PeerId } from './ids.ts'
import { peerIdOf } from './peer-id.ts'

test('a peer id is the one libp2p derives from the same seed', async () => {
  for (const fill of [0, 1, 255]) {
    const seed = new Uint8Array(32).fill(fill)
    expect(peerIdOf(seed)).toBe(peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed)).toString())
    expect(PeerId.parse(peerIdOf(seed))).toMatch(/^12D3KooW/)
  }
})

test('a seed of another length gives no peer id', () => {
  expect(() => peerIdOf(new Uint8Array(31))).toThrow()
})
