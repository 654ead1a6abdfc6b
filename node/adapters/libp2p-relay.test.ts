/** Three nodes over real connections: one does not listen, one relays for it, one dials through. */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { NetworkGate } from '#node/network/gate.ts'
import type { Network } from '#node/ports.ts'
import type { Channel } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type Libp2pOptions, libp2pNetwork, newPeerKey, peerIdOf } from './libp2p-network.ts'
import { never, Registry, TestClock, until } from './network.contract.ts'

const random = { bytes: (count: number) => randomBytes(count) }

describe('a relay', () => {
  const closers: (() => unknown)[] = []
  const registry = new Registry()

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** Every node has a gate, which `strangers` and `noRelays` decide. */
  async function node(name: string, wish: Partial<Libp2pOptions> = {}, onChannel: (channel: Channel) => Promise<void> = echo) {
    const clock = new TestClock()
    const logged: { event: string; code: unknown }[] = []
    const seen: Buffer[] = []
    const strangers = new Set<Did>()
    const noRelays = new Set<Did>()
    const gate = new NetworkGate()
    gate.join({ admits: (did) => (strangers.has(did) ? 'stranger' : 'known'), mayRelay: (did) => !noRelays.has(did) })
    const peerKey = wish.peerKey ?? newPeerKey()
    const network = await libp2pNetwork({
      peerKey,
      networkName: 'relay',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      clock,
      random,
      log: (_level, event, fields) => void logged.push({ event, code: fields?.code }),
      tap: (_direction, _remote, bytes) => void seen.push(Buffer.from(bytes)),
      gate,
      ...wish,
    })
    closers.push(() => network[Symbol.asyncDispose]())
    const identity = registry.identity(name, peerIdOf(peerKey))
    const start = () => network.start(identity, onChannel)
    return { network, identity, clock, logged, seen, strangers, noRelays, gate, start }
  }
  type Node = Awaited<ReturnType<typeof node>>

  async function echo(channel: Channel): Promise<void> {
    for (;;) {
      const frame = await channel.next(never).catch(() => undefined)
      if (!frame) return
      await channel.send(frame, never)
    }
  }

  const relaying = (options: Partial<Libp2pOptions> = {}) => node('relay', { relay: { serve: true, use: [] }, ...options })
  const hidden = (relay: Node, name = 'hidden') => node(name, { listen: [], relay: { serve: false, use: [relay.network.addresses[0]!] } })
  const noted = (of: Node, event: string) => of.logged.filter((one) => one.event === event)
  const through = (relay: Node, to: Node) => `${relay.network.addresses[0]}/p2p-circuit/p2p/${to.network.peerId}`

  async function three(options: Partial<Libp2pOptions> = {}): Promise<{ relay: Node; behind: Node; outside: Node }> {
    const relay = await relaying(options)
    await relay.start()
    const behind = await hidden(relay)
    await behind.start()
    await until(() => behind.network.addresses.length > 0)
    const outside = await node('outside')
    await outside.start()
    return { relay, behind, outside }
  }

  async function roundTrip(network: Network, to: Node, addresses: readonly string[], words: string): Promise<string> {
    const channel = await network.open({ did: to.identity.did, addresses }, 'exchange', never)
    await channel.send(Buffer.from(words), never)
    const answer = Buffer.from(await channel.next(never)).toString()
    channel.close()
    return answer
  }

  test('carries channels to a node that does not listen, whose address says so', async () => {
    const { relay, behind, outside } = await three()
    expect(behind.network.addresses).toEqual([through(relay, behind)])
    expect(await roundTrip(outside.network, behind, behind.network.addresses, 'through the relay')).toBe('through the relay')
    expect(outside.network.connected().map(({ did }) => did)).toEqual(expect.arrayContaining([relay.identity.did, behind.identity.did]))
    expect(behind.network.connected().map(({ did }) => did)).toEqual(expect.arrayContaining([relay.identity.did, outside.identity.did]))
  })

  test('learns nothing but sizes: neither words nor who talks to whom by name', async () => {
    const { relay, behind, outside } = await three()
    const words = `a secret word ${'x'.repeat(50_000)}`
    expect(await roundTrip(outside.network, behind, behind.network.addresses, words)).toBe(words)
    const all = Buffer.concat(relay.seen)
    expect(all.length).toBeGreaterThan(2 * words.length) // It came by, both ways.
    expect(all.toString('latin1')).not.toContain('a secret word')
    // The hello of the two to each other is sealed as well: what names them are their own hellos to the relay, once each.
    const naming = (did: string) => relay.seen.filter((bytes) => bytes.toString('latin1').includes(`"did":"${did}"`)).length
    expect([naming(outside.identity.did), naming(behind.identity.did)]).toEqual([1, 1])
  })

  test('binds the far end and not the relay: who claims to be there must prove it', async () => {
    const { relay, behind, outside } = await three()
    const peer = await outside.network.connect(through(relay, behind), never)
    expect(peer).toMatchObject({ did: behind.identity.did, peerId: behind.network.peerId })
    const wrong = { did: relay.identity.did, addresses: [] }
    const channel = await outside.network.open(wrong, 'exchange', never)
    expect(channel.remote).toEqual({ did: relay.identity.did, peerId: relay.network.peerId })
  })

  /** What a relay has made wait goes on as its clock does. @returns how long that was */
  async function passing<T>(relay: Node, work: Promise<T>): Promise<{ value: T; waitedMs: number }> {
    let over = false
    let waitedMs = 0
    const ended = work.finally(() => {
      over = true
    })
    await until(() => {
      if (!over) relay.clock.advance(10)
      if (!over) waitedMs += 10
      return over
    })
    return { value: await ended, waitedMs }
  }

  test('carries more than the library’s own limit of 128 KiB, and messages of the largest size', async () => {
    const { relay, behind, outside } = await three()
    const words = 'y'.repeat(1 << 20)
    const { value } = await passing(relay, Promise.all([1, 2].map(() => roundTrip(outside.network, behind, behind.network.addresses, words))))
    expect(value).toEqual([words, words])
  })

  test('has no place for a party that it does not know, nor for one without the standing', async () => {
    for (const set of ['strangers', 'noRelays'] as const) {
      const relay = await relaying()
      await relay.start()
      const behind = await hidden(relay)
      relay[set].add(behind.identity.did)
      await behind.start()
      await until(() => noted(behind, 'relay.refused').length > 0)
      expect(noted(behind, 'relay.refused')).toEqual([{ event: 'relay.refused', code: 'DFFT_NOT_ADMITTED' }])
      expect(behind.network.addresses).toEqual([])
    }
  })

  test('takes up the place again when the refusal is over, after a wait', async () => {
    const relay = await relaying()
    await relay.start()
    const behind = await hidden(relay)
    relay.noRelays.add(behind.identity.did)
    await behind.start()
    await until(() => noted(behind, 'relay.refused').length > 0)
    relay.noRelays.clear()
    await until(() => {
      behind.clock.advance(100)
      return behind.network.addresses.length > 0
    })
    expect(behind.network.addresses).toEqual([through(relay, behind)])
  })

  test('joins nobody who has no standing, though the other has a place', async () => {
    const { relay, behind, outside } = await three()
    relay.strangers.add(outside.identity.did)
    expect(await outside.network.connect(through(relay, behind), never).catch(codeOf)).toBe('DFFT_UNREACHABLE')
    expect(behind.network.connected().map(({ did }) => did)).toEqual([relay.identity.did])
  })

  test('is not dialled through, nor taken up, by a node that does not know it', async () => {
    const { relay, behind, outside } = await three()
    outside.noRelays.add(relay.identity.did)
    expect(await outside.network.connect(through(relay, behind), never).catch(codeOf)).toBe('DFFT_NOT_ADMITTED')
    const wary = await hidden(relay)
    wary.strangers.add(relay.identity.did)
    await wary.start()
    await until(() => noted(wary, 'relay.refused').length > 0)
    expect(wary.network.addresses).toEqual([])
  })

  test('that nobody made one relays for nobody', async () => {
    const relay = await node('no relay')
    await relay.start()
    const behind = await hidden(relay)
    await behind.start()
    await until(() => noted(behind, 'relay.refused').length > 0)
    expect(behind.network.addresses).toEqual([])
  })

  test('that ends is noticed by the party it had a place for, and no longer dialled through', async () => {
    const { relay, behind, outside } = await three()
    const address = through(relay, behind)
    await relay.network[Symbol.asyncDispose]()
    await until(() => behind.network.addresses.length === 0)
    expect(await outside.network.connect(address, never).catch(codeOf)).toBe('DFFT_UNREACHABLE')
  })

  test('has the place of a party that is gone for another', async () => {
    const { relay, behind } = await three({ limits: { reservations: 1 } })
    await behind.network[Symbol.asyncDispose]()
    await until(() => relay.network.connected().length === 0)
    const other = await hidden(relay)
    await other.start()
    await until(() => other.network.addresses.length > 0 || noted(other, 'relay.refused').length > 0)
    expect(other.network.addresses).toEqual([through(relay, other)])
  })

  test('ends a circuit whose end has lost its standing', async () => {
    const { relay, behind, outside } = await three()
    const channel = await outside.network.open({ did: behind.identity.did, addresses: behind.network.addresses }, 'exchange', never)
    await channel.send(Buffer.from('before'), never)
    expect(Buffer.from(await channel.next(never)).toString()).toBe('before')
    relay.noRelays.add(outside.identity.did)
    relay.clock.advance(1000)
    await channel.send(Buffer.from('after'), never)
    await expect(channel.next(never).then(async () => channel.next(never))).rejects.toMatchObject({ code: 'DFFT_CHANNEL_CLOSED' })
  })

  test('ends a circuit that has had its time', async () => {
    const { relay, behind, outside } = await three()
    const channel = await outside.network.open({ did: behind.identity.did, addresses: behind.network.addresses }, 'exchange', never)
    const waiting = channel.next(never).catch(codeOf)
    relay.clock.advance(12 * 3_600_000)
    expect(await waiting).toBe('DFFT_CHANNEL_CLOSED')
  })

  test('makes who sends faster than it may wait, and loses nothing', async () => {
    const { relay, behind, outside } = await three({ limits: { circuitBytesPerSecond: 200_000, circuitBytesBurst: 100_000 } })
    const words = 'z'.repeat(400_000)
    const trips = async () => [
      await roundTrip(outside.network, behind, behind.network.addresses, words),
      await roundTrip(outside.network, behind, behind.network.addresses, words),
    ]
    const { value, waitedMs } = await passing(relay, trips())
    expect(value).toEqual([words, words])
    // 1,600 KB at 200 KB/s, but for 100 KB at once, and a window of 256 KiB each way that is paid for afterwards.
    expect(waitedMs).toBeGreaterThan(4500)
  })

  test('joins as many as it may, and no more', async () => {
    const { relay, behind, outside } = await three({ limits: { circuits: 1 } })
    await outside.network.connect(through(relay, behind), never)
    const second = await node('second')
    await second.start()
    expect(await second.network.connect(through(relay, behind), never).catch(codeOf)).toBe('DFFT_UNREACHABLE')
  })

  test('joins one peer as often as it may, whatever connections it has', async () => {
    const { relay, behind } = await three({ limits: { circuitsPerPeer: 2 } })
    const others = [await hidden(relay, 'hidden-too'), await hidden(relay, 'hidden-as-well')] as const
    for (const other of others) {
      await other.start()
      await until(() => other.network.addresses.length > 0)
    }
    // Two processes with the key of one peer, since one process asks over one connection.
    const peerKey = newPeerKey()
    const join = (by: Node, to: Node) => by.network.connect(through(relay, to), never).then(() => 'joined', codeOf)
    const one = await node('one', { peerKey })
    await one.start()
    expect([await join(one, behind), await join(one, others[0])]).toEqual(['joined', 'joined'])
    const same = await node('same', { peerKey })
    await same.start()
    // The library has a count for each connection: this one would start from none.
    expect(await join(same, others[1])).toBe('DFFT_UNREACHABLE')
    await one.network[Symbol.asyncDispose]()
    await until(() => others[0].network.connected().length === 1)
    expect(await join(same, others[1])).toBe('joined')
  })

  test('has places for as many as it may, and no more', async () => {
    const { relay } = await three({ limits: { reservations: 1 } })
    const other = await node('other', { listen: [], relay: { serve: false, use: [relay.network.addresses[0]!] } })
    await other.start()
    await until(() => noted(other, 'relay.refused').length > 0)
    expect(other.network.addresses).toEqual([])
  })

  test('must be named with its peer id', async () => {
    expect(await node('a', { relay: { serve: false, use: ['/ip4/127.0.0.1/tcp/4001'] } }).catch(codeOf)).toBe('DFFT_CONFIG')
  })
})
