import { expect, test } from 'vitest'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { KeyRef } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { peerIdOf } from '#protocols/peer-id.ts'
import { seeded, startMs } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { type KeyUse, missingKeys, refuseMissing } from './held-keys.ts'

/** A did:webvh that was rotated once, and the vault with its four keys. */
async function rotatedOnce() {
  const random = seeded('held')
  const vault = new MemoryKeyVault(random)
  const identifiers = memoryIdentity({ store: new MemoryStore(), vault, clock: new ManualClock(startMs) })
  const { did } = await identifiers.create({ method: 'webvh', domain: 'agency.example', peerId: peerIdOf(random.bytes(32)) })
  const identifier = await identifiers.rotate(did, {})
  const peer = await vault.create('A256GCM')
  const refs: Readonly<Record<KeyUse, KeyRef>> = { signing: identifier.keyRef, announced: identifier.announced!, former: identifier.former![0]!.keyRef, peer }
  return { vault, identifier, refs }
}

const started = (missing: readonly KeyUse[]) => {
  const told: string[] = []
  try {
    refuseMissing(missing, (event) => told.push(event))
  } catch (thrown) {
    return (thrown as TrustError).code
  }
  return told
}

test('a vault with all keys is enough, and nothing is said', async () => {
  const { vault, identifier, refs } = await rotatedOnce()
  const missing = await missingKeys([identifier], refs.peer, vault)
  expect([missing, started(missing)]).toEqual([[], []])
})

test.each(['signing', 'former', 'peer'] as const)('without its %s key a node does not start', async (use) => {
  const { vault, identifier, refs } = await rotatedOnce()
  await vault.destroy(refs[use])
  const missing = await missingKeys([identifier], refs.peer, vault)
  expect([missing, started(missing)]).toEqual([[use], 'DFFT_KEYS_ELSEWHERE'])
})

test('without the announced key it starts, and says what it can no longer do', async () => {
  const { vault, identifier, refs } = await rotatedOnce()
  await vault.destroy(refs.announced)
  const missing = await missingKeys([identifier], refs.peer, vault)
  expect([missing, started(missing)]).toEqual([['announced'], [expect.stringContaining('cannot be rotated or ended')]])
})

test('a former key that was given up is missed no more', async () => {
  const { vault, identifier, refs } = await rotatedOnce()
  await vault.destroy(refs.former)
  const given = { ...identifier, former: identifier.former!.map((key) => ({ ...key, lost: { kty: 'OKP', crv: 'Ed25519', x: 'x' } as never })) }
  expect(await missingKeys([given], refs.peer, vault)).toEqual([])
})

test('a vault that is ill is not taken for one without the key', async () => {
  const { vault, identifier, refs } = await rotatedOnce()
  const ill = { ...vault, whereabouts: () => Promise.reject(new TrustError('DFFT_HSM', 'the token was pulled')) }
  await expect(missingKeys([identifier], refs.peer, ill as never)).rejects.toMatchObject({ code: 'DFFT_HSM' })
})
