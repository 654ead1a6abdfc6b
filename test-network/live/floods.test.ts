/**
 * A real node, a process of its own, while strangers do all they can to keep it busy or to fill it: its memory stays within what it promises,
 * its operator is answered, and a partner gets in (design for security, row 18). DFFT_FLOOD=1 plays it in the full size of the design.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cachedNoise } from '#node/adapters/libp2p-noise.ts'
import { multiplexProtocol } from '#protocols/frames.ts'
import { helloProtocol } from '#protocols/hello.ts'
import { LiveNode } from './live-node.ts'

const full = process.env.DFFT_FLOOD === '1'
const sizes = full ? { sockets: 1000, streams: 10_000, peers: 200 } : { sockets: 300, streams: 1000, peers: 20 }
/** What a node promises under a thousand hostile connections. */
const rssMax = 300 * 2 ** 20
/** What a flood may add to what an idle node has. */
const growthMax = 120 * 2 ** 20

let folder: string
let node: LiveNode
let partner: LiveNode
let idle: number
const sockets: Socket[] = []
const peers: Libp2p[] = []
let tried = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfft-floods-'))
  const born = async (name: string) => {
    const made = await LiveNode.init({ dir: join(folder, name), name, jurisdiction: 'JP', did: { method: 'key' } })
    await made.up()
    return made
  }
  node = await born('flooded')
  partner = await born('partner')
  await node.must('peer', 'add', partner.address)
  idle = residentBytes('VmRSS')
}, 120_000)

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  for (const peer of peers) await peer.stop()
  await node?.[Symbol.asyncDispose]()
  await partner?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Of the node’s process: as of now, or, where the system says so, the most it ever was. */
function residentBytes(name: 'VmRSS' | 'VmHWM'): number {
  if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(node.pid)])) * 1024
  const status = readFileSync(`/proc/${node.pid}/status`, 'utf8')
  const [, kib] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status) ?? []
  if (kib === undefined) throw new Error(`the system does not say ${name}`)
  return Number(kib) * 1024
}

const port = () => Number(/tcp\/(\d+)/.exec(node.address)?.[1])

/** A socket of a source that is no partner’s. */
function socket(words?: Uint8Array): Socket {
  const made = connect({ port: port(), host: '127.0.0.1', localAddress: '127.0.0.2' })
  made.on('error', () => undefined)
  if (words) made.on('connect', () => made.write(words))
  sockets.push(made)
  return made
}

/** Looks now and then, so that the node has the processor meanwhile. */
async function comes(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 50_000, interval: 50 }).toBe(true)
}

const ended = (made: Socket) => made.destroyed || made.readableEnded

async function stands(): Promise<void> {
  expect((await node.cli('status')).exit).toBe(0)
  expect(residentBytes('VmHWM')).toBeLessThan(rssMax)
  expect(residentBytes('VmHWM') - idle).toBeLessThan(growthMax)
}

const line = (text: string) => Buffer.concat([Buffer.of(text.length + 1), Buffer.from(`${text}\n`)])
/** A varint of 2^32 − 1, as multistream-select writes lengths. */
const varint4GiB = Buffer.from('ffffffff0f', 'hex')
const multistream = line('/multistream/1.0.0')
/** Noise writes lengths in two bytes; the handshake message that follows never comes. */
const firstWords: Readonly<Record<string, Uint8Array>> = {
  'nothing but a zero': Buffer.of(0),
  zeros: Buffer.alloc(65_536),
  chance: randomBytes(65_536),
  'a megabyte of chance': randomBytes(1 << 20),
  'a length of 4 GiB': varint4GiB,
  'a length without an end': Buffer.alloc(4096, 0xff),
  HTTP: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  TLS: Buffer.from('16030100ff010000fb0303', 'hex'),
  'half a first line': multistream.subarray(0, 7),
  'the first line alone': multistream,
  'the first line and 4 GiB': Buffer.concat([multistream, varint4GiB]),
  'a protocol that nobody has': Buffer.concat([multistream, line('/nonsense/1')]),
  'the same line without end': Buffer.concat(new Array(2000).fill(multistream) as Buffer[]),
  'a handshake that stops': Buffer.concat([multistream, line('/noise'), Buffer.of(0, 32), randomBytes(16)]),
  'a handshake of the longest frame': Buffer.concat([multistream, line('/noise'), Buffer.of(0xff, 0xff), randomBytes(60_000)]),
}

test('sockets that say nothing, as many as a source can open, keep nobody out and cost little', { timeout: 60_000 }, async () => {
  for (let count = 0; count < sizes.sockets; count++) socket()
  tried++
  await comes(() => sockets.every(({ connecting }) => !connecting))
  await stands()
  // Those above what one source may have are turned away at once; a partner of another source is called meanwhile.
  await comes(() => sockets.some(ended))
  const { peers: known } = await node.must<{ peers: { did: string; connected: boolean }[] }>('peer', 'list')
  expect(known.find(({ did }) => did === partner.did)?.connected).toBe(true)
  for (const made of sockets.splice(0)) made.destroy()
})

test(`${Object.keys(firstWords).length} first words that are none, ten at once of each, end with their sockets`, { timeout: 60_000 }, async () => {
  for (const words of Object.values(firstWords)) {
    for (let count = 0; count < 10; count++) socket(words)
    tried++
  }
  await comes(() => sockets.every(({ connecting }) => !connecting))
  // Its own patience ends those that wait for an answer: six seconds for a hello.
  await comes(() => sockets.every(ended))
  await stands()
})

test('a byte at a time, a socket lasts no longer than a hello may', { timeout: 60_000 }, async () => {
  const handshake = Buffer.concat([multistream, line('/noise'), Buffer.alloc(1000)])
  const dripping = Array.from({ length: 20 }, () => socket())
  tried++
  let at = 0
  const drip = setInterval(() => {
    for (const made of dripping) if (!ended(made)) made.write(handshake.subarray(at, at + 1))
    at++
  }, 1000)
  try {
    await comes(() => dripping.every(ended))
  } finally {
    clearInterval(drip)
  }
  expect(at).toBeLessThan(20)
  await stands()
})

async function attacker(): Promise<{ readonly libp2p: Libp2p; readonly dial: () => Promise<Connection> }> {
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [cachedNoise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })
  peers.push(libp2p)
  return { libp2p, dial: () => libp2p.dial(multiaddr(node.address)) }
}

/** What may be said on a stream of somebody who has proved nothing. */
const streamWords: readonly (readonly [string, string, Uint8Array])[] = [
  ['4 GiB announced in the hello', helloProtocol, Buffer.from('ffffffff', 'hex')],
  ['2 GiB announced in the hello', helloProtocol, Buffer.from('7fffffff', 'hex')],
  ['a byte more than a hello may have', helloProtocol, Buffer.from('00010001', 'hex')],
  ['a hello of no bytes', helloProtocol, Buffer.alloc(4)],
  ['half a length', helloProtocol, Buffer.of(0, 0)],
  ['a hello that is nonsense', helloProtocol, Buffer.concat([Buffer.from('00000400', 'hex'), randomBytes(1024)])],
  ['a hello that is too deep', helloProtocol, Buffer.concat([Buffer.from('0000c350', 'hex'), Buffer.alloc(50_000, '[')])],
  ['a hello that never comes whole', helloProtocol, Buffer.concat([Buffer.from('0000ffff', 'hex'), Buffer.alloc(1000)])],
  ['channels before the hello', multiplexProtocol, Buffer.from('ffffffff', 'hex')],
]

test(`${streamWords.length} words on streams of peers that proved nothing end their connections`, { timeout: 60_000 }, async () => {
  let said = 0
  for (const [, protocol, words] of streamWords) {
    const { dial } = await attacker()
    const connection = await dial()
    tried++
    const stream = await connection.newStream(protocol).catch(() => undefined)
    try {
      if (stream) {
        stream.send(words)
        said++
      }
    } catch {
      // It was cut before a word was said.
    }
    await comes(() => connection.status !== 'open')
  }
  expect(said).toBeGreaterThan(streamWords.length / 2)
  await stands()
})

test('streams without number on one connection, and connections of keys without number', { timeout: 120_000 }, async () => {
  const { dial } = await attacker()
  const connection = await dial()
  tried += 2
  let opened = 0
  while (opened < sizes.streams && connection.status === 'open') {
    const batch = Array.from({ length: 50 }, () => connection.newStream([helloProtocol]).catch(() => undefined))
    opened += batch.length
    await Promise.all(batch)
  }
  await comes(() => connection.status !== 'open')
  await stands()
  for (let count = 0; count < sizes.peers; count++) await (await attacker()).dial().catch(() => undefined)
  await stands()
})

test('afterwards its partner is connected, and its operator answered', { timeout: 60_000 }, async () => {
  for (const peer of peers.splice(0)) await peer.stop()
  for (const made of sockets.splice(0)) made.destroy()
  const connected = async () => {
    const { peers: known } = await node.must<{ peers: { did: string; connected: boolean }[] }>('peer', 'list')
    return known.find(({ did }) => did === partner.did)?.connected
  }
  await expect.poll(connected, { timeout: 30_000 }).toBe(true)
  await stands()
  console.log(`row 18: ${tried} floods, ${residentBytes('VmHWM') >> 20} MB at most, ${residentBytes('VmRSS') >> 20} MB after them, ${idle >> 20} MB idle`)
  expect(tried).toBeGreaterThanOrEqual(25)
  expect(node.running).toBe(true)
})
