import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run } from '#node/main.ts'
import { freePort } from '#test-network/free-port.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-peer-key-'))
afterAll(() => rm(folder, { recursive: true }))

const passphrase = 'a passphrase of a test'

async function born(name: string) {
  const dir = join(folder, name)
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`]
  await initialise(dir, passphrase, { name, jurisdiction: 'JP', did: { method: 'webvh', domain: `${name}.example` }, listen })
  return (): Promise<Running> => run(loadConfig(dir, { env: {} }), passphrase, () => {})
}

it('over libp2p too, a partner follows a new peer key without an operator', { timeout: 60_000 }, async () => {
  const [agency, partner] = [await born('agency'), await born('partner')]
  await using there = await partner()
  const before = await agency()
  const { did, peerId: old, addresses } = before.ready
  await there.node.peerAdd({ address: addresses[0]! })
  await before.node.peerAdd({ address: there.ready.addresses[0]! })
  expect(addresses[0]).toContain(`/p2p/${old}`)
  await before.node.keyRotate({ peer: true, unwitnessed: true })
  const named = async () => (await there.node.didShow({ did: did as never })).peerIds // A DID, as the node said itself.
  await expect.poll(named, { timeout: 20_000 }).toHaveLength(2)
  await before[Symbol.asyncDispose]()
  await using after = await agency()
  expect(after.ready.peerId).not.toBe(old)
  const met = async () => (await there.node.peerList({})).peers.find((peer) => peer.did === did)
  await expect
    .poll(met, { timeout: 30_000 })
    .toMatchObject({ connected: true, peerId: after.ready.peerId, addresses: [addresses[0]!.replace(old, after.ready.peerId)] })
})
