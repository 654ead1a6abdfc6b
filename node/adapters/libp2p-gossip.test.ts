/** What gossipsub is kept from: strangers, and peers that break its rules. The rest is in gossip.contract.ts. */
import { randomBytes } from 'node:crypto'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { RPC } from '@libp2p/gossipsub/message'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { announcementBytesMax } from '#node/network/gossip.ts'
import type { NetworkLimits } from '#node/network/limits.ts'
import { messages, multiplexProtocol } from '#protocols/frames.ts'
import { helloBytesMax, helloProtocol, initiateHello } from '#protocols/hello.ts'
import type { PeerId } from '#protocols/ids.ts'
import { libp2pNetwork, newPeerKey, peerIdOf } from './libp2p-network.ts'
import { cachedNoise } from './libp2p-noise.ts'
import { Libp2pWire } from './libp2p-wire.ts'
import { never, Registry, TestClock, until } from './network.contract.ts'

const listen = ['/ip4/127.0.0.1/tcp/0']
const protocol = '/meshsub/1.2.0'
const topic = '/dfft/announcement/1'
const registry = new Registry()
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function node(name: string, limits: Partial<NetworkLimits> = {}) {
  const clock = new TestClock()
  const logged: { event: string; code: unknown }[] = []
  const heard: string[] = []
  const peerKey = newPeerKey()
  const network = await libp2pNetwork({
    peerKey,
    networkName: 'test',
    listen,
    clock,
    random: { bytes: (count) => randomBytes(count) },
    log: (_level, event, fields) => void logged.push({ event, code: fields?.code }),
    limits,
  })
  closers.push(() => network[Symbol.asyncDispose]())
  network.onAnnounced(async (bytes) => heard.push(Buffer.from(bytes).toString()) > 0)
  const identity = registry.identity(name, peerIdOf(peerKey))
  await network.start(identity, async () => undefined)
  await network.publish(Buffer.from(`${name} is up`)) // From now on it speaks gossipsub.
  return { network, identity, clock, logged, heard }
}

type Node = Awaited<ReturnType<typeof node>>
const address = ({ network }: Node) => network.addresses[0]!
const codes = ({ logged }: Node, wanted: string) => logged.filter(({ event }) => event === wanted).map(({ code }) => code)
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A peer that speaks libp2p and gossipsub's frames, and then whatever it likes. */
async function attacker() {
  const privateKey = await generateKeyPair('Ed25519')
  const libp2p: Libp2p = await createLibp2p({
    privateKey,
    transports: [tcp()],
    connectionEncrypters: [cachedNoise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })
  closers.push(() => libp2p.stop())
  /** Streams that were opened to it, and what came over them. */
  const streams: Stream[] = []
  const came: Uint8Array[] = []
  await libp2p.handle(protocol, (stream) => {
    streams.push(stream)
    stream.addEventListener('message', ({ data }) => came.push(data.subarray()))
  })
  const peerId = libp2p.peerId.toString() as PeerId
  const identity = registry.identity(`attacker-${peerId.slice(-6)}`, peerId)
  const dial = (to: Node): Promise<Connection> => libp2p.dial(multiaddr(address(to)))
  async function bind(to: Node): Promise<Connection> {
    const connection = await dial(to)
    const hello = await new Libp2pWire(connection, undefined).open(helloProtocol, never)
    const me = { ...identity, network: 'test', peerIds: { local: peerId, remote: connection.remotePeer.toString() as PeerId } }
    const clock = new TestClock()
    await initiateHello(messages(hello, helloBytesMax), me, { nowMs: () => clock.nowMs(), nonce: randomBytes(32), resolveKey: identity.resolveKey }, never)
    await connection.newStream(multiplexProtocol)
    await until(() => to.network.connected().some(({ did }) => did === identity.did))
    return connection
  }
  return { libp2p, privateKey, identity, dial, bind, streams, came }
}

/** One message as StrictSign wants it. */
async function message(words: string | Uint8Array, privateKey: PrivateKey, changes: Partial<RPC.Message> = {}): Promise<RPC.Message> {
  const from = Buffer.concat([Buffer.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20]), privateKey.publicKey.raw])
  const plain: RPC.Message = { from, data: typeof words === 'string' ? Buffer.from(words) : words, seqno: randomBytes(8), topic, ...changes }
  const signature = await privateKey.sign(Buffer.concat([Buffer.from('libp2p-pubsub:'), RPC.Message.encode(plain)]))
  return { ...plain, signature }
}

function frame(rpc: Partial<RPC>): Uint8Array {
  const bytes = RPC.encode({ subscriptions: [], messages: [], ...rpc })
  const length: number[] = []
  let rest = bytes.length
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

describe('a stranger', () => {
  test('that opens a stream for gossip before its hello is cut off, and what it said is not heard', async () => {
    const a = await node('a')
    const peer = await attacker()
    const connection = await peer.dial(a)
    const rumour = frame({ subscriptions: [{ subscribe: true, topic }], messages: [await message('a rumour', peer.privateKey)] })
    const stream = await connection.newStream(protocol)
    if (stream.status === 'open') stream.send(rumour)
    await until(() => connection.status !== 'open')
    expect(codes(a, 'peer.refused')).toEqual(['DFFT_HELLO'])
    expect(a.heard).toEqual([])
  })

  test('that never finishes its hello is neither heard nor told', async () => {
    const a = await node('a')
    const peer = await attacker()
    const connection = await peer.dial(a)
    await connection.newStream(helloProtocol)
    await until(() => a.clock.alarms > 1)
    const stream = await connection.newStream(protocol)
    stream.send(frame({ subscriptions: [{ subscribe: true, topic }], messages: [await message('a rumour', peer.privateKey)] }))
    await turns(50)
    await a.network.publish(Buffer.from('news'))
    await turns(50)
    a.clock.advance(5000)
    await until(() => connection.status !== 'open')
    expect([a.heard, peer.streams, peer.came]).toEqual([[], [], []])
  })

  test('that only connects gets no stream, while a partner gets the news', async () => {
    const [a, b] = [await node('a'), await node('b')]
    const peer = await attacker()
    await peer.dial(a)
    await b.network.connect(address(a), never)
    for (let count = 0; !b.heard.includes(`news ${count - 1}`); count++) {
      await a.network.publish(Buffer.from(`news ${count}`))
      await turns(20)
    }
    expect(peer.streams).toEqual([])
  })
})

describe('a bound peer', () => {
  /** Its stream to the node, on which it may say anything. */
  async function speaking(limits: Partial<NetworkLimits> = {}) {
    const a = await node('a', limits)
    const peer = await attacker()
    const connection = await peer.bind(a)
    const stream = await connection.newStream(protocol)
    const say = async (words: string | Uint8Array, changes?: Partial<RPC.Message>) =>
      stream.send(frame({ messages: [await message(words, peer.privateKey, changes)] }))
    return { a, peer, connection, stream, say }
  }

  test('is heard, whatever else it does wrong', async () => {
    const { a, say, stream } = await speaking()
    stream.send(Buffer.from([3, 0xff, 0xff, 0xff]))
    stream.send(frame({ subscriptions: Array.from({ length: 100 }, (_, at) => ({ subscribe: true, topic: `${at}` })) }))
    await say('elsewhere', { topic: '/another/topic' })
    await say('news')
    await until(() => a.heard.length > 0)
    expect(a.heard).toEqual(['news'])
  })

  test('that says more than 32 KiB at once is not heard, and blamed', async () => {
    const { a, say } = await speaking()
    await say(Buffer.alloc(announcementBytesMax + 1, 'x'))
    await until(() => codes(a, 'peer.fault').length > 0)
    expect(codes(a, 'peer.fault')).toEqual(['DFFT_FRAME_TOO_LONG'])
    expect(a.heard).toEqual([])
  })

  test('that begins a frame of megabytes loses its stream for its length alone', async () => {
    const { a, peer, connection, stream } = await speaking()
    stream.send(Buffer.from('808060', 'hex')) // One and a half are to come.
    await until(() => stream.status !== 'open' || stream.remoteWriteStatus !== 'writable')
    expect(connection.status).toBe('open')
    expect([a.heard, peer.came.length > 0]).toEqual([[], true])
  })

  test('that did not sign what it says, or changed it, is not heard', async () => {
    const { a, peer, stream, say } = await speaking()
    const { signature: _, ...unsigned } = await message('unsigned', peer.privateKey)
    stream.send(frame({ messages: [unsigned, { ...(await message('changed', peer.privateKey)), data: Buffer.from('another') }] }))
    stream.send(frame({ messages: [await message('of another', await generateKeyPair('Ed25519'), { from: (await message('', peer.privateKey)).from! })] }))
    await say('news')
    await until(() => a.heard.includes('news'))
    expect(a.heard).toEqual(['news'])
  })

  test('that names other peers to connect to is not followed', async () => {
    const { a, stream, say } = await speaking()
    const bait = await node('bait')
    const peers = [{ peerID: Buffer.from(bait.network.peerId), signedPeerRecord: new Uint8Array(8) }]
    stream.send(frame({ control: { ihave: [], iwant: [], graft: [], prune: [{ topicID: topic, peers, backoff: 1 }], idontwant: [] } }))
    await say('news')
    await until(() => a.heard.length > 0)
    expect(bait.network.connected()).toEqual([])
  })

  test('that is disconnected loses its stream for gossip too', async () => {
    const { a, peer, connection, say, stream } = await speaking()
    await say('news')
    await until(() => a.heard.length > 0 && peer.streams.length > 0)
    for (let count = 0; count < 5; count++) a.network.fault(peer.identity.did, 'DFFT_SCHEMA')
    await until(() => connection.status !== 'open' && stream.status !== 'open')
    expect(a.network.connected()).toEqual([])
  })

  test('whose stream broke is offered another on the same connection', async () => {
    const { a, peer } = await speaking({ gossipHeartbeatMs: 20 })
    await until(() => peer.streams.length > 0)
    peer.streams[0]!.abort(new Error('broken'))
    await until(() => peer.streams.length > 1)
    expect(a.network.connected()).toHaveLength(1)
  })
})

test('fifteen peers behind one address all hear the first of them through another', { timeout: 30_000 }, async () => {
  const hub = await node('hub', { handshakesBurst: 100 })
  const others: Node[] = []
  for (let count = 0; count < 15; count++) {
    const one = await node(`peer-${count}`)
    await one.network.connect(address(hub), never)
    others.push(one)
  }
  const [first, ...rest] = others
  // What is said in the first second may pass by those whose streams are being made.
  for (let said = 0; !rest.every(({ heard }) => heard.some((words) => words.startsWith('from the first'))); said++) {
    await first!.network.publish(Buffer.from(`from the first ${said}`))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  for (const { heard } of rest) expect(new Set(heard).size).toBe(heard.length)
})
