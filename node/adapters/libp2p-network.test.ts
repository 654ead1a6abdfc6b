import { randomBytes } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { NetworkGate } from '#node/network/gate.ts'
import type { Network } from '#node/ports.ts'
import type { Channel } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { encodeFrame, messages, multiplexProtocol } from '#protocols/frames.ts'
import { helloBytesMax, helloProtocol, initiateHello } from '#protocols/hello.ts'
import type { PeerId } from '#protocols/ids.ts'
import { gossipContract } from './gossip.contract.ts'
import { forgetting } from './libp2p-forgetting.ts'
import { type Libp2pOptions, libp2pNetwork, newPeerKey, peerIdOf } from './libp2p-network.ts'
import { cachedNoise } from './libp2p-noise.ts'
import { Libp2pWire } from './libp2p-wire.ts'
import { type Harness, networkContract, never, Registry, TestClock, until } from './network.contract.ts'

const listen = ['/ip4/127.0.0.1/tcp/0']
const random = { bytes: (count: number) => randomBytes(count) }

const harness = (): Harness => ({
  make: (parts) => libp2pNetwork({ ...parts, listen, random, limits: { gossipHeartbeatMs: 50, ...parts.limits } }),
  kill: async (network) => network[Symbol.asyncDispose](),
})

networkContract('the libp2p network', harness)
gossipContract('the libp2p network', harness)

describe('the libp2p network', () => {
  const closers: (() => unknown)[] = []
  const registry = new Registry()

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function node(name: string, wish: Partial<Libp2pOptions> = {}, onChannel: (channel: Channel) => Promise<void> = echo) {
    const clock = new TestClock()
    const logged: { event: string; code: unknown }[] = []
    const peerKey = wish.peerKey ?? newPeerKey()
    const log: Libp2pOptions['log'] = (_level, event, fields) => void logged.push({ event, code: fields?.code })
    const network = await libp2pNetwork({ peerKey, networkName: 'test', listen, clock, random, log, ...wish })
    closers.push(() => network[Symbol.asyncDispose]())
    const identity = registry.identity(name, peerIdOf(peerKey))
    await network.start(identity, onChannel)
    return { network, identity, clock, logged }
  }

  async function echo(channel: Channel): Promise<void> {
    await channel.send(await channel.next(never), never)
  }

  const address = (network: Network) => network.addresses[0]!
  const port = (network: Network) => Number(/tcp\/(\d+)/.exec(address(network))![1])
  const refused = (logged: { event: string; code: unknown }[]) => logged.filter(({ event }) => event === 'peer.refused').map(({ code }) => code)

  async function roundTrip(from: { network: Network }, to: Awaited<ReturnType<typeof node>>, words: string): Promise<string> {
    const channel = await from.network.open({ did: to.identity.did, addresses: to.network.addresses }, 'exchange', never)
    await channel.send(Buffer.from(words), never)
    return Buffer.from(await channel.next(never)).toString()
  }

  /** A peer that speaks libp2p, and then whatever it likes. */
  async function attacker() {
    const libp2p: Libp2p = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [cachedNoise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
    })
    closers.push(() => libp2p.stop())
    const peerId = libp2p.peerId.toString() as PeerId
    const identity = registry.identity(`attacker-${peerId.slice(-6)}`, peerId)
    const dial = (network: Network): Promise<Connection> => libp2p.dial(multiaddr(address(network)))
    async function greet(connection: Connection): Promise<void> {
      const stream = await new Libp2pWire(connection, undefined).open(helloProtocol, never)
      const me = {
        network: 'test',
        peerIds: { local: peerId, remote: connection.remotePeer.toString() as PeerId },
        did: identity.did,
        keyId: identity.keyId,
        sign: identity.sign,
      }
      const clock = new TestClock()
      await initiateHello(messages(stream, helloBytesMax), me, { nowMs: () => clock.nowMs(), nonce: randomBytes(32), resolveKey: identity.resolveKey }, never)
    }
    return { dial, greet, identity }
  }

  const over = (target: { status: string }) => until(() => target.status !== 'open')

  test('the tap sees the hello and every message in clear, both ways', async () => {
    const seen: { direction: string; remote: string; bytes: Uint8Array }[] = []
    const b = await node('b')
    const a = await node('a', { tap: (direction, remote, bytes) => seen.push({ direction, remote, bytes }) })
    expect(await roundTrip(a, b, 'a word on the wire')).toBe('a word on the wire')
    const all = (direction: string) => Buffer.concat(seen.filter((one) => one.direction === direction).map(({ bytes }) => bytes)).toString('latin1')
    for (const direction of ['in', 'out']) expect(all(direction)).toContain('a word on the wire')
    expect(all('out')).toContain(a.identity.did)
    expect(all('in')).toContain(b.identity.did)
    expect(new Set(seen.map(({ remote }) => remote))).toEqual(new Set([b.network.peerId]))
  })

  test('nothing of it is in clear on the wire', async () => {
    const b = await node('b')
    const wire: Buffer[] = []
    const proxy = await listenThrough(port(b.network), (bytes) => wire.push(bytes))
    const a = await node('a')
    await a.network.connect(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${b.network.peerId}`, never)
    expect(await roundTrip(a, b, 'a word on the wire')).toBe('a word on the wire')
    const captured = Buffer.concat(wire).toString('latin1')
    expect(captured).toContain('/noise')
    for (const secret of ['a word on the wire', a.identity.did, b.identity.did, 'dfft']) expect(captured).not.toContain(secret)
  })

  /** A TCP proxy that can be cut. */
  async function listenThrough(target: number, watch: (bytes: Buffer) => void = () => undefined) {
    const sockets: Socket[] = []
    let frozen = false
    let accepted = 0
    const server = createServer((inside) => {
      accepted++
      const outside = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        sockets.push(from)
        from.on('data', (bytes: Buffer) => {
          watch(bytes)
          if (!frozen) to.write(bytes)
        })
        from.on('error', () => undefined)
        from.on('close', () => frozen || to.destroy())
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const cut = () => {
      for (const socket of sockets) socket.resetAndDestroy()
    }
    const freeze = () => {
      frozen = true
      for (const socket of sockets) socket.pause()
    }
    closers.push(() => {
      cut()
      server.close()
    })
    return { port: (server.address() as { port: number }).port, cut, freeze, accepted: () => accepted }
  }

  test('a line that is cut rejects what waits, on both sides', async () => {
    const waiting: Promise<string>[] = []
    const b = await node('b', {}, async (channel) => {
      waiting.push(channel.next(never).then(() => 'a message', codeOf))
      await waiting.at(-1)
    })
    const proxy = await listenThrough(port(b.network))
    const a = await node('a')
    await a.network.connect(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${b.network.peerId}`, never)
    const channel = await a.network.open({ did: b.identity.did, addresses: [] }, 'exchange', never)
    const read = channel.next(never).catch(codeOf)
    await until(() => waiting.length === 1)
    proxy.cut()
    expect(await Promise.all([read, ...waiting])).toEqual(['DFFT_CHANNEL_CLOSED', 'DFFT_CHANNEL_CLOSED'])
  })

  test('a port that is taken is named', async () => {
    const a = await node('a')
    const taken = `/ip4/127.0.0.1/tcp/${port(a.network)}`
    const error = await node('b', { listen: [taken] }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'DFFT_PORT_IN_USE', facts: { address: taken } })
  })

  test('an address that is none, and a key that is none, are refused before anything is opened', async () => {
    expect(await node('a', { listen: ['127.0.0.1:4001'] }).catch(codeOf)).toBe('DFFT_CONFIG')
    const a = await node('a')
    expect(await a.network.connect('somewhere', never).catch(codeOf)).toBe('DFFT_CONFIG')
    const options = { networkName: 'test', listen, clock: new TestClock(), random, log: () => undefined }
    expect(await libp2pNetwork({ ...options, peerKey: new Uint8Array(31) }).catch(codeOf)).toBe('DFFT_KEYSTORE')
  })

  test('an address that names another peer than answers there is refused before the hello', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const wrong = `/ip4/127.0.0.1/tcp/${port(b.network)}/p2p/${peerIdOf(newPeerKey())}`
    expect(await a.network.connect(wrong, never).catch(codeOf)).toBe('DFFT_PEER_BINDING')
    expect([a.logged, b.logged]).toEqual([[], []])
  })

  test('TLS and noise find each other by preference', async () => {
    const [both, tls, noise] = [await node('both', { encrypters: ['tls', 'noise'] }), await node('tls', { encrypters: ['tls'] }), await node('noise')]
    expect(await roundTrip(both, noise, 'over noise')).toBe('over noise')
    expect(await roundTrip(both, tls, 'over tls')).toBe('over tls')
    expect(await noise.network.connect(address(tls.network), never).catch(codeOf)).toBe('DFFT_UNREACHABLE')
  })

  test('a name is looked up at each dial, and stays the address that is known', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const named = `/dns4/localhost/tcp/${port(b.network)}/p2p/${b.network.peerId}`
    const peer = await a.network.connect(named, never)
    expect(peer).toMatchObject({ did: b.identity.did })
    expect(peer.addresses[0]).toBe(named)
    const nowhere = await (await node('c')).network.connect(`/dns4/no-such-host.invalid/tcp/4001/p2p/${b.network.peerId}`, never).catch(codeOf)
    expect(nowhere).toBe('DFFT_UNREACHABLE')
    expect(await a.network.connect('/dnsaddr/agency.example', never).catch(codeOf)).toBe('DFFT_CONFIG')
  })

  test('listens on several addresses, and tells its partners those it announces', async () => {
    const many = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.2/tcp/0']
    const outside = '/dns4/agency.example/tcp/4001'
    const [a, b, named] = [await node('a'), await node('b', { listen: many }), await node('named', { announce: [outside] })]
    expect(b.network.addresses).toHaveLength(2)
    for (const one of b.network.addresses) expect(await a.network.connect(one, never)).toMatchObject({ did: b.identity.did })
    expect(named.network.addresses).toEqual([`${outside}/p2p/${named.network.peerId}`])
    await named.network.connect(address(b.network), never)
    await until(() => b.network.connected().some(({ did }) => did === named.identity.did))
    const known = b.network.connected().find(({ did }) => did === named.identity.did)
    expect(known?.addresses).toEqual(named.network.addresses)
  })

  test('an announced address that does not answer holds nobody up', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const silent = await listenThrough(port(b.network))
    silent.freeze()
    const addresses = [`/ip4/127.0.0.1/tcp/${silent.port}/p2p/${b.network.peerId}`, address(b.network)]
    const opening = a.network.open({ did: b.identity.did, addresses }, 'exchange', never)
    await until(() => silent.accepted() > 0)
    a.clock.advance(250) // The head start of the first, and no more: its dial has ten seconds.
    expect(await opening).toMatchObject({ remote: { did: b.identity.did } })
    expect(a.network.connected()[0]?.addresses[0]).toBe(address(b.network))
  })

  test('a relay lets in no stream of a peer that has said no hello', async () => {
    const b = await node('b', { relay: { serve: true, use: [] } })
    const connection = await (await attacker()).dial(b.network)
    await connection.newStream('/libp2p/circuit/relay/0.2.0/hop')
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_HELLO'])
  })

  test('nobody can make a node take up a relay: a circuit from one that it did not choose is cut', async () => {
    const b = await node('b')
    const { connection } = await boundAttacker(b)
    const stream = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop')
    await over(stream)
    expect(b.network.addresses.filter((one) => one.includes('p2p-circuit'))).toEqual([])
    expect(connection.status).toBe('open')
  })

  test('a connection without a hello is closed after six seconds', async () => {
    const b = await node('b')
    const connection = await (await attacker()).dial(b.network)
    await until(() => b.clock.alarms > 0)
    b.clock.advance(5999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(connection.status).toBe('open')
    b.clock.advance(1)
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_TIMEOUT'])
  })

  test('a hello that is never finished is closed after five', async () => {
    const b = await node('b')
    const connection = await (await attacker()).dial(b.network)
    await connection.newStream(helloProtocol)
    await until(() => b.clock.alarms > 1)
    b.clock.advance(5000)
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_TIMEOUT'])
  })

  test('a stream for channels before the hello ends the connection', async () => {
    const b = await node('b')
    const connection = await (await attacker()).dial(b.network)
    await connection.newStream(multiplexProtocol)
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_HELLO'])
  })

  test('nothing is served while the hello is not finished', async () => {
    const served: Channel[] = []
    const b = await node('b', {}, async (channel) => void served.push(channel))
    const connection = await (await attacker()).dial(b.network)
    await connection.newStream(helloProtocol)
    await until(() => b.clock.alarms > 1)
    const stream = await connection.newStream(multiplexProtocol)
    stream.send(encodeFrame('open', 'ab'.repeat(16), Buffer.from('exchange')))
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve))
    b.clock.advance(5000)
    await over(connection)
    expect(served).toEqual([])
  })

  test('a hello of more than 64 KiB is refused by its length alone', async () => {
    const b = await node('b')
    const connection = await (await attacker()).dial(b.network)
    const stream = await connection.newStream(helloProtocol)
    stream.send(Buffer.from('00010001', 'hex'))
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_HELLO'])
  })

  test('a second hello on a connection ends it', async () => {
    const b = await node('b')
    const peer = await attacker()
    const connection = await peer.dial(b.network)
    await peer.greet(connection)
    await peer.greet(connection).catch(() => undefined)
    await over(connection)
    expect(refused(b.logged)).toEqual(['DFFT_HELLO'])
  })

  test('the side that was dialled opens no streams on the connection', async () => {
    const bait = await attackerThatListens()
    const a = await node('a')
    a.network.connect(bait.address, never).catch(() => undefined)
    const connection = await bait.connected
    const stream = await connection.newStream(multiplexProtocol)
    await until(() => stream.remoteWriteStatus === 'closed' || stream.status !== 'open')
    expect(a.network.connected()).toEqual([])
  })

  async function attackerThatListens() {
    const libp2p: Libp2p = await createLibp2p({
      addresses: { listen },
      transports: [tcp()],
      connectionEncrypters: [cachedNoise()],
      streamMuxers: [yamux()],
    })
    closers.push(() => libp2p.stop())
    const connected = new Promise<Connection>((resolve) => libp2p.addEventListener('connection:open', ({ detail }) => resolve(detail), { once: true }))
    return { address: libp2p.getMultiaddrs()[0]!.toString(), connected }
  }

  /** Opened streams of a peer that has said a proper hello. */
  async function boundAttacker(b: Awaited<ReturnType<typeof node>>): Promise<{ connection: Connection; stream: Stream; identity: { did: string } }> {
    const peer = await attacker()
    const connection = await peer.dial(b.network)
    await peer.greet(connection)
    const stream = await connection.newStream(multiplexProtocol)
    await until(() => b.network.connected().some(({ did }) => did === peer.identity.did))
    return { connection, stream, identity: peer.identity }
  }

  test('a proved peer that announces 4 GiB is cut, counted, and banned the second time', async () => {
    const [a, b] = [await node('a'), await node('b')]
    await roundTrip(a, b, 'before')
    const peer = await boundAttacker(b)
    peer.stream.send(Buffer.from('ffffffff', 'hex'))
    await over(peer.connection)
    expect(b.logged).toContainEqual({ event: 'peer.fault', code: 'DFFT_FRAME_TOO_LONG' })
    b.network.fault(peer.identity.did as never, 'DFFT_FRAME')
    expect(await b.network.open({ did: peer.identity.did as never, addresses: [] }, 'exchange', never).catch(codeOf)).toBe('DFFT_BANNED')
    expect(await roundTrip(a, b, 'others go on')).toBe('others go on')
  })

  test('a proved peer that sends nonsense is cut', async () => {
    const b = await node('b')
    const { connection, stream } = await boundAttacker(b)
    stream.send(Buffer.from('0000001109'.padEnd(42, '0'), 'hex'))
    await over(connection)
    expect(b.logged).toContainEqual({ event: 'peer.fault', code: 'DFFT_FRAME' })
  })

  test('a frame that never comes whole costs nothing but its channel', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const { stream } = await boundAttacker(b)
    for (let count = 0; count < 50; count++) stream.send(encodeFrame('data', 'ab'.repeat(16), new Uint8Array(1000)).subarray(0, 1))
    expect(await roundTrip(a, b, 'meanwhile')).toBe('meanwhile')
  })

  test('forty idle sockets lock nobody out', async () => {
    const b = await node('b')
    const idle = Array.from({ length: 40 }, () => connect(port(b.network), '127.0.0.1').on('error', () => undefined))
    closers.push(() => {
      for (const socket of idle) socket.destroy()
    })
    await until(() => idle.every((socket) => !socket.connecting))
    expect(await roundTrip(await node('a'), b, 'let in')).toBe('let in')
  })

  test('a source that fills every place as soon as it is free keeps only itself out', async () => {
    const b = await node('b', { limits: { connectionsPerSecond: 1000 } })
    const idle = new Set<Socket>()
    let opened = 0
    const open = () => {
      if (opened++ >= 400) return
      const socket = connect({ port: port(b.network), host: '127.0.0.1', localAddress: '127.0.0.2' })
      const closed = () => {
        idle.delete(socket)
        open()
      }
      idle.add(socket.on('error', () => undefined).on('close', closed))
    }
    closers.push(() => {
      opened = 400
      for (const socket of idle) socket.destroy()
    })
    for (let count = 0; count < 200; count++) open()
    await until(() => opened >= 400)
    const a = await node('a')
    for (const words of ['let in', 'and again']) expect(await roundTrip(a, b, words)).toBe(words)
  })

  test('a source that asks for too many handshakes is turned away before the first, until it has waited', async () => {
    const b = await node('b', { limits: { handshakesBurst: 2, handshakesPerSecond: 1 } })
    const peers = [await attacker(), await attacker(), await attacker()]
    for (const peer of peers.slice(0, 2)) expect((await peer.dial(b.network)).status).toBe('open')
    await expect(peers[2]!.dial(b.network)).rejects.toThrow()
    b.clock.advance(1000)
    expect((await peers[2]!.dial(b.network)).status).toBe('open')
  })

  test('a peer is forgotten with its last connection, whatever keys come', async () => {
    const remembering = forgetting(
      await createLibp2p({ addresses: { listen }, transports: [tcp()], connectionEncrypters: [cachedNoise()], streamMuxers: [yamux()] }),
    )
    closers.push(() => remembering.stop())
    await remembering.handle(helloProtocol, () => undefined)
    const network = { addresses: remembering.getMultiaddrs().map(String) } as unknown as Network
    const others = async () => (await remembering.peerStore.all()).filter(({ id }) => !id.equals(remembering.peerId)).length
    const come = async () => {
      const peer = await attacker()
      const connection = await peer.dial(network)
      await connection.newStream(helloProtocol)
      return connection
    }
    const stays = await come()
    const gone = [await come(), await come()]
    expect(await others()).toBe(3)
    for (const connection of gone) await connection.close()
    await until(() => remembering.getConnections().length === 1)
    expect(await others()).toBe(1)
    expect(stays.status).toBe('open')
  })

  test('one peer has four connections at most', async () => {
    const b = await node('b')
    const peer = await attacker()
    const connections: Connection[] = []
    // libp2p keeps one connection an address, so each comes by an address of its own.
    const through = await Promise.all(Array.from({ length: 5 }, () => listenThrough(port(b.network))))
    for (const proxy of through) {
      const fresh = { addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}`] } as unknown as Network
      connections.push(await peer.dial(fresh))
    }
    await until(() => connections.some(({ status }) => status !== 'open'))
    expect(connections.filter(({ status }) => status === 'open')).toHaveLength(4)
  })

  describe('strangers', () => {
    const gate = new NetworkGate()
    gate.join({ admits: () => 'stranger' })

    test('of one source take a part of the places, and leave the rest to others', async () => {
      const b = await node('b', { gate, limits: { strangersOfSource: 2 } })
      const come = async () => (await node(randomBytes(4).toString('hex'))).network.connect(address(b.network), never).then(() => 'bound', codeOf)
      expect([await come(), await come(), await come()]).toEqual(['bound', 'bound', 'DFFT_BUSY'])
    })

    test('that have all proved their DIDs before one is bound are no more than there are places', async () => {
      const b = await node('b', { gate, limits: { strangers: 1 } })
      const connections: Connection[] = []
      for (const { dial, greet } of [await attacker(), await attacker()]) {
        const connection = await dial(b.network)
        await greet(connection)
        connections.push(connection)
      }
      for (const connection of connections) await connection.newStream(multiplexProtocol).catch(() => undefined)
      await until(() => refused(b.logged).includes('DFFT_BUSY'))
      expect(b.network.connected()).toHaveLength(1)
    })
  })

  test('an answer that nobody reads ends its channel with a code on both sides', async () => {
    const sending = Promise.withResolvers<string>()
    const b = await node('b', {}, async (channel) => {
      const pour = async () => {
        for (;;) await channel.send(new Uint8Array(1 << 20), never)
      }
      await pour().catch((cause: unknown) => sending.resolve(codeOf(cause)))
    })
    const a = await node('a')
    const channel = await a.network.open({ did: b.identity.did, addresses: b.network.addresses }, 'exchange', never)
    expect(await sending.promise).toBe('DFFT_LIMIT')
    expect(await channel.next(never).catch(codeOf)).toBe('DFFT_LIMIT')
  })

  test('ends within two seconds though the other side hangs', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const proxy = await listenThrough(port(b.network))
    await a.network.connect(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${b.network.peerId}`, never)
    proxy.freeze()
    const before = performance.now()
    await a.network[Symbol.asyncDispose]()
    expect(performance.now() - before).toBeLessThan(2000)
    await expect(a.network.connect(address(b.network), never)).rejects.toMatchObject({ code: 'DFFT_UNREACHABLE' })
  })
})
