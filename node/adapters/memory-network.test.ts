import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Network, NetworkIdentity, Random } from '#node/ports.ts'
import type { Channel } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { peerIdOf } from '#protocols/peer-id.ts'
import { gossipContract } from './gossip.contract.ts'
import { type Deliver, type Delivery, MemoryHub } from './memory-network.ts'
import { type Harness, networkContract, never, Registry, TestClock, until } from './network.contract.ts'

function harness(): Harness {
  const hub = new MemoryHub()
  return {
    make: async (parts) => hub.network({ ...parts, random: { bytes: (count) => randomBytes(count) } }),
    kill: async (network) => hub.kill(network.peerId),
  }
}

networkContract('the memory network', harness)
gossipContract('the memory network', harness)

/** Bytes that a seed decides. */
function seeded(seed: string): Random {
  let count = 0
  return { bytes: (bytes) => createHash('shake256', { outputLength: bytes }).update(`${seed} ${count++}`).digest() }
}

const key = (name: string) => createHash('sha256').update(name).digest()
const quiet = () => undefined

async function start(hub: MemoryHub, registry: Registry, name: string, onChannel: (channel: Channel) => Promise<void>) {
  const clock = new TestClock()
  const network = hub.network({ peerKey: key(name), networkName: 'test', clock, random: seeded(name), log: quiet })
  const identity: NetworkIdentity = registry.identity(name, peerIdOf(key(name)))
  await network.start(identity, onChannel)
  return { network, identity, clock }
}

/** Two nodes; the second collects the first's messages. */
async function two(deliver?: Deliver) {
  const hub = new MemoryHub(deliver)
  const registry = new Registry()
  const got: string[] = []
  const collect = async (channel: Channel) => {
    for (;;) got.push(Buffer.from(await channel.next(never)).toString())
  }
  const a = await start(hub, registry, 'a', async () => undefined)
  const b = await start(hub, registry, 'b', collect)
  const open = () => a.network.open({ did: b.identity.did, addresses: b.network.addresses }, 'exchange', never)
  const say = async (channel: Channel, words: string) => channel.send(Buffer.from(words), never)
  return { hub, registry, a, b, got, open, say }
}

const carries = (delivery: Delivery, words: string) => Buffer.from(delivery.bytes).includes(words)

describe('the simulator’s network', () => {
  test('repeats itself byte for byte under the same seeds', async () => {
    const run = async () => {
      const seen: string[] = []
      const { open, say, got } = await two((delivery, arrive) => {
        seen.push(`${delivery.kind} ${delivery.from} ${delivery.link} ${delivery.sequence} ${createHash('sha256').update(delivery.bytes).digest('hex')}`)
        queueMicrotask(arrive)
      })
      const channel = await open()
      await say(channel, 'one')
      await say(channel, 'two')
      await until(() => got.length === 2)
      return seen
    }
    // The keys of the DIDs are new in each run, so the hello differs; what follows does not.
    const frames = (seen: readonly string[]) => seen.filter((line) => line.startsWith('bytes')).slice(-3)
    const [first, second] = [await run(), await run()]
    expect(frames(first)).toEqual(frames(second))
    expect(first.map((line) => line.split(' ')[0])).toEqual(second.map((line) => line.split(' ')[0]))
  })

  test('shows the hook every byte, one whole frame at a time, between the right nodes', async () => {
    const seen: Delivery[] = []
    const { open, say, got, a, b } = await two((delivery, arrive) => {
      seen.push(delivery)
      queueMicrotask(arrive)
    })
    const channel = await open()
    await say(channel, 'a secret word')
    await say(channel, 'another one')
    await until(() => got.length === 2)
    const [secret] = seen.filter((delivery) => carries(delivery, 'a secret word'))
    expect(secret).toMatchObject({ from: a.network.peerId, to: b.network.peerId, kind: 'bytes' })
    expect(carries(secret!, 'another one')).toBe(false)
    expect(seen.some((delivery) => carries(delivery, a.identity.did))).toBe(true)
    expect(seen.slice(0, 2).map(({ kind }) => kind)).toEqual(['dial', 'accept'])
  })

  test('lets a message be lost', async () => {
    const { open, say, got } = await two((delivery, arrive) => {
      if (!carries(delivery, 'lost')) queueMicrotask(arrive)
    })
    const channel = await open()
    for (const words of ['first', 'lost', 'last']) await say(channel, words)
    await until(() => got.includes('last'))
    expect(got).toEqual(['first', 'last'])
  })

  test('lets a message come twice, and an opening too', async () => {
    const { open, say, got } = await two((delivery, arrive) => {
      queueMicrotask(arrive)
      if (delivery.kind === 'bytes' && (carries(delivery, 'twice') || carries(delivery, 'exchange'))) queueMicrotask(arrive)
    })
    const channel = await open()
    await say(channel, 'twice')
    await say(channel, 'end')
    await until(() => got.includes('end'))
    expect(got).toEqual(['twice', 'twice', 'end'])
  })

  test('lets a message wait', async () => {
    let release = () => {}
    const { open, say, got } = await two((delivery, arrive) => {
      if (carries(delivery, 'late')) release = arrive
      else queueMicrotask(arrive)
    })
    const channel = await open()
    await say(channel, 'late')
    await say(channel, 'early')
    await until(() => got.includes('early'))
    release()
    await until(() => got.length === 2)
    expect(got).toEqual(['early', 'late'])
  })

  test('a dial that is lost waits for its time and no longer', async () => {
    const { open, a } = await two((delivery, arrive) => {
      if (delivery.kind !== 'dial') queueMicrotask(arrive)
    })
    const opening = open().catch(codeOf)
    a.clock.advance(10_000)
    expect(await opening).toBe('DFFT_TIMEOUT')
  })

  test('a dial that comes twice makes one connection', async () => {
    const { open, b } = await two((delivery, arrive) => {
      queueMicrotask(arrive)
      if (delivery.kind === 'dial' || delivery.kind === 'accept') queueMicrotask(arrive)
    })
    const bound: unknown[] = []
    b.network.onBound((peer) => bound.push(peer))
    await open()
    await until(() => bound.length > 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(bound).toHaveLength(1)
  })

  test('a hello whose answer is lost is over when its time is up', async () => {
    const { open, a, b } = await two((delivery, arrive) => {
      if (delivery.kind !== 'bytes' || !carries(delivery, '"type":"answer"')) queueMicrotask(arrive)
    })
    const opening = open().catch(codeOf)
    await new Promise((resolve) => setImmediate(resolve))
    a.clock.advance(5000)
    b.clock.advance(6000)
    expect(await opening).toBe('DFFT_TIMEOUT')
    expect([a.network.connected(), b.network.connected()]).toEqual([[], []])
  })

  test('two dials at once make two connections, of which the one both prefer remains', async () => {
    const { a, b } = await two()
    const bound: unknown[] = []
    a.network.onBound((peer) => bound.push(peer))
    const to = ({ network, identity }: typeof a) => ({ did: identity.did, addresses: network.addresses })
    const [ours, theirs] = await Promise.all([a.network.open(to(b), 'exchange', never), b.network.open(to(a), 'exchange', never)])
    await until(() => bound.length === 2)
    const reads = [ours, theirs].map((channel) => channel.next(never).catch(codeOf))
    for (const { clock } of [a, b]) clock.advance(10_000)
    await new Promise((resolve) => setImmediate(resolve))
    // a serves b’s channel and is done with it; its own channel lives on, on whichever connection it was opened.
    expect(await reads[1]).toBe('DFFT_CHANNEL_CLOSED')
    expect(await Promise.race([reads[0], Promise.resolve('still open')])).toBe('still open')
    ours.close()
    expect(a.network.connected()).toHaveLength(1)
  })

  test('when a line breaks, the larger DID dials, once, and the smaller only when nothing came of it', async () => {
    let cut = false
    const dials: string[] = []
    const { hub, a, b, open } = await two((delivery, arrive) => {
      if (delivery.kind === 'dial') dials.push(delivery.from === a.network.peerId ? 'a' : 'b')
      if (!(cut && delivery.kind === 'dial')) queueMicrotask(arrive)
    })
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        for (const { clock } of [a, b]) clock.advance(100)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await open()
    await until(() => b.network.connected().length > 0)
    hub.break(0)
    await pass(1500)
    expect(dials).toEqual(['a', 'b'])
    expect(a.network.connected()).toHaveLength(1)
    cut = true
    hub.break(1)
    await pass(3900)
    expect(dials.slice(2)).toEqual(['b'])
    await pass(2000)
    expect(dials.slice(3)).toEqual(['a'])
    cut = false
    await pass(30_000)
    expect([a.network.connected().length, b.network.connected().length]).toEqual([1, 1])
  })

  test('a killed node can be revived under its key and is found again', async () => {
    const { hub, registry, a, b, open } = await two()
    const channel = await open()
    const waiting = channel.next(never).catch(codeOf)
    hub.kill(b.network.peerId)
    expect(await waiting).toBe('DFFT_CHANNEL_CLOSED')
    expect(await open().catch(codeOf)).toBe('DFFT_UNREACHABLE')
    const got: string[] = []
    const again = await start(hub, registry, 'b', async (one) => void got.push(Buffer.from(await one.next(never)).toString()))
    expect(again.network.peerId).toBe(b.network.peerId)
    await (await a.network.open({ did: again.identity.did, addresses: again.network.addresses }, 'exchange', never)).send(Buffer.from('welcome back'), never)
    await until(() => got.length === 1)
  })

  test('what a node sent before it died and what is sent to it after never arrives', async () => {
    const held: (() => void)[] = []
    let hold = false
    const { hub, b, open, say, got } = await two((_delivery, arrive) => {
      if (hold) held.push(arrive)
      else queueMicrotask(arrive)
    })
    const channel = await open()
    await say(channel, 'before')
    await until(() => got.length === 1)
    hold = true
    await say(channel, 'under way')
    await until(() => held.length > 0)
    hub.kill(b.network.peerId)
    for (const arrive of held) arrive()
    await new Promise((resolve) => setImmediate(resolve))
    expect(got).toEqual(['before'])
  })

  test('the same peer id runs once at a time', async () => {
    const { hub, registry } = await two()
    const twin: Promise<{ network: Network }> = start(hub, registry, 'b', async () => undefined)
    expect(await twin.catch(codeOf)).toBe('DFFT_PORT_IN_USE')
  })
})
