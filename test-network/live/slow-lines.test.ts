/** Exchanges over real libp2p on lines that misbehave. `vitest run test-network/live` with DFFT_SEEDS=20 plays more seeds of the cuts. */
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { until } from '../fixture.ts'
import { SlowLines } from './slow-lines.ts'
import { SlowWorld } from './slow-world.ts'

let world: SlowWorld
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await world?.[Symbol.asyncDispose]()
})

const listed = async (name: 'biz' | 'de') =>
  (await world.party[name].node.exchangeList({})).exchanges.filter(({ role }) => role === (name === 'de' ? 'requester' : 'holder'))

/** Both sides have come to the end of the one exchange there is. */
async function bothClosed(): Promise<void> {
  const states = async () => [...(await listed('de')), ...(await listed('biz'))].map(({ state }) => state)
  await expect.poll(states, { timeout: 60_000, interval: 50 }).toEqual(['closed', 'closed'])
}

test('an exchange over a line of 100 ms a round trip, and some jitter, goes through', { timeout: 60_000 }, async () => {
  world = await SlowWorld.start(1)
  world.manner = { delayMs: 50, jitterMs: 5 }
  const beganMs = performance.now()
  expect((await world.request()).state).toBe('closed')
  // Request, presentation, receipt and closing: it did wait for the line.
  expect(performance.now() - beganMs).toBeGreaterThan(200)
})

const seeds = Array.from({ length: Number(process.env.DFFT_SEEDS ?? 1) }, (_, before) => before + 1)
test.each(seeds)('through lines that are cut again and again an exchange ends with one receipt a side (seed %i)', { timeout: 120_000 }, async (seed) => {
  world = await SlowWorld.start(seed)
  world.manner = { cutAfterBytes: { least: 500, most: 12_000 }, cutsMax: 2 }
  for (const lines of Object.values(world.lines)) lines.cut()
  await world.request().catch(codeOf) // The call may end before the trouble does.
  await bothClosed()
  const [ours, theirs] = [(await listed('de'))[0], (await listed('biz'))[0]]
  expect([ours?.receipts, theirs?.receipts, ours?.id === theirs?.id]).toEqual([1, 1, true])
  expect((await world.party.de.node.credentialList({ role: 'received' })).credentials).toHaveLength(1)
  expect(Object.values(world.lines).reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(0)
})

test('an exchange that was begun while the line led nowhere goes on when it is mended', { timeout: 60_000 }, async () => {
  world = await SlowWorld.start(2)
  const { biz, de } = world.lines
  for (const lines of [biz, de]) lines.partition()
  const asked = world.request().catch(codeOf)
  await until(() => biz.lost + de.lost > 0)
  expect((await listed('de')).map(({ state }) => state)).toEqual(['requested'])
  for (const lines of [biz, de]) lines.heal()
  await asked
  await bothClosed()
  expect((await listed('biz'))[0]).toMatchObject({ receipts: 1 })
})

test('partners at one byte a second make nobody else wait twice as long', { timeout: 60_000 }, async () => {
  world = await SlowWorld.start(3)
  const { jp, biz } = world.party
  const fastest = async () => {
    let best = Number.POSITIVE_INFINITY
    for (let count = 0; count < 6; count++) {
      const beganMs = performance.now()
      expect((await world.request()).state).toBe('closed')
      best = Math.min(best, performance.now() - beganMs)
    }
    return best
  }
  const alone = await fastest()
  const trickles = world.with(await SlowLines.to(world.ports.biz, { seed: 3 }))
  const address = `/ip4/127.0.0.1/tcp/${trickles.port}/p2p/${biz.parts.network.peerId}`
  const pending: Promise<unknown>[] = []
  for (const name of ['One', 'Two', 'Three']) {
    const slow = await world.another({ name, jurisdiction: 'JP' })
    await jp.node.trustAccredit({ subject: slow.did, sector: 'private' })
    await slow.node.peerAdd({ address })
    for (let count = 0; count < 20; count++)
      pending.push(
        slow.parts.network
          .open({ did: biz.did, addresses: [] }, 'records', never)
          .then((channel) => channel.next(never), codeOf)
          .catch(codeOf),
      )
  }
  trickles.manner = { bytesPerSecond: 1 }
  expect(trickles.accepted).toBeGreaterThanOrEqual(3)
  expect(await fastest()).toBeLessThan(2 * alone)
  trickles.cut()
  await Promise.all(pending)
})

const never = new AbortController().signal

test('hundreds of idle sockets of one source keep no partner out', { timeout: 60_000 }, async () => {
  world = await SlowWorld.start(4)
  const { biz, de } = world.party
  for (const lines of Object.values(world.lines)) lines.cut()
  let ended = 0
  for (let count = 0; count < 400; count++) {
    const socket = connect({ port: world.ports.biz, host: '127.0.0.1', localAddress: '127.0.0.2' })
    sockets.push(socket)
    for (const end of ['error', 'close']) socket.on(end, () => ended++)
  }
  await until(() => sockets.every(({ connecting }) => !connecting))
  // Those above what one source may have are turned away at once.
  await until(() => ended > 0)
  const peer = await de.parts.network.connect(`/ip4/127.0.0.1/tcp/${world.ports.biz}/p2p/${biz.parts.network.peerId}`, AbortSignal.timeout(5000))
  expect(peer.did).toBe(biz.did)
  expect((await world.request()).state).toBe('closed')
})
