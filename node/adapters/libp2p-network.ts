/**
 * The network over libp2p: TCP, noise (or TLS by choice), yamux. Identity, channels, limits and scores are node/network/links.ts's affair;
 * here are the transport, its own limits, and the door before the handshake.
 *
 * Left out on purpose: identify (the hello says more, and proves it), ping (yamux's keep-alive and the monitor do), DHT, relays, QUIC.
 */
import { randomBytes } from 'node:crypto'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, Logger } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Gossip } from '#node/network/gossip.ts'
import { type LinkLimits, Links, linkLimits, type Transport } from '#node/network/links.ts'
import type { Announced, Clock, Log, Network, NetworkIdentity, Peer, Random } from '#node/ports.ts'
import type { Channel, Service } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { multiplexProtocol } from '#protocols/frames.ts'
import { helloProtocol } from '#protocols/hello.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { peerIdOf, peerKeyBytes } from '#protocols/peer-id.ts'
import { Door } from './libp2p-door.ts'
import type { Libp2pGossip } from './libp2p-gossip.ts'
import { cachedNoise } from './libp2p-noise.ts'
import { Libp2pWire, type Tap } from './libp2p-wire.ts'

export { peerIdOf } from '#protocols/peer-id.ts'

/** Limits of the transport and where each comes from; those of what it carries are in `linkLimits`. */
export const transportLimits = {
  /** About 260 KB each (measured at 500): 260 MB. */
  connections: 1000,
  /** With libp2p's own 10, ten idle sockets lock everybody out. */
  pendingHandshakes: 64,
  /** A second, of one address: with libp2p's own 5, of twelve peers behind one address five get in. */
  connectionsPerSecond: 50,
  /** Handshakes a source may ask for: one costs about 5 ms of CPU, so ten a second are 5 % of a core. */
  handshakesPerSecond: 10,
  /** An agency's whole site, restarted at once. */
  handshakesBurst: 64,
  /** Encrypter and multiplexer, over a slow line. */
  upgradeMs: 10_000,
  negotiateMs: 5000,
  /** Hello, channels, the monitor's probe, gossip of each side, and some that are closing. */
  streamsPerConnection: 8,
  /** Announcements that wait for a peer that does not read: one frame of them, and what was said meanwhile. */
  announcedBytesMax: 2 << 20,
  /** gossipsub's own: it mends its mesh so often. */
  gossipHeartbeatMs: 1000,
  /** yamux's window: 1 MiB in 200 ms is 5 MB/s, more than exchanges need. */
  windowBytesMax: 1 << 20,
  /** Twice the window, so that an honest peer never meets it. */
  readBufferBytes: 2 << 20,
  /** The multiplexer hands over one batch at a time: at most one frame of 1 MiB. */
  writeBufferBytes: 4 << 20,
  /** A dead line is found within 25 s; 500 idle connections cost 5 % of a core. */
  probeMs: 20_000,
  probeTimeoutMs: 5000,
  /** Longer than a probe. */
  idleSocketMs: 120_000,
  /** Addresses in a row that the operating system lets wait. */
  backlog: 128,
  stopMs: 1500,
} as const

export type NetworkLimits = LinkLimits & { readonly [Name in keyof typeof transportLimits]: number }

export interface Libp2pOptions {
  /** Ed25519 seed, 32 bytes. */
  readonly peerKey: Uint8Array
  /** Peers of another network are refused in the hello. */
  readonly networkName: string
  /** Multiaddrs, for instance `/ip4/0.0.0.0/tcp/4001`. */
  readonly listen: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits?: Partial<NetworkLimits>
  /** In order of preference; noise alone by default. TLS is four to five times cheaper under load. */
  readonly encrypters?: readonly ('noise' | 'tls')[]
  readonly tap?: Tap
}

/** A key for a new peer id. */
export function newPeerKey(): Uint8Array {
  return randomBytes(peerKeyBytes)
}

/**
 * @throws {TrustError} DFFT_CONFIG when a listen address is no multiaddr, DFFT_KEYSTORE when the key is no seed
 */
export async function libp2pNetwork(options: Libp2pOptions): Promise<Network> {
  if (options.peerKey.length !== peerKeyBytes) throw new TrustError('DFFT_KEYSTORE', 'the peer key is no Ed25519 seed', { bytes: options.peerKey.length })
  for (const address of options.listen) parseAddress(address)
  const limits = { ...linkLimits, ...transportLimits, ...options.limits }
  const door = new Door(limits, options.clock)
  const node = await createNode(options, limits, door)
  return new Libp2pNetwork(node, options, limits, door)
}

class Libp2pNetwork implements Network {
  readonly peerId: PeerId
  readonly #node: Libp2p
  readonly #options: Libp2pOptions
  readonly #limits: NetworkLimits
  readonly #links: Links
  readonly #gossip: Gossip
  readonly #wires = new Map<string, Libp2pWire>()
  /** Connections that announcements may go over. */
  readonly #bound = new Set<Connection>()
  #carrier: Promise<Libp2pGossip> | undefined

  constructor(node: Libp2p, options: Libp2pOptions, limits: NetworkLimits, door: Door) {
    const { networkName, clock, random, log, peerKey } = options
    this.peerId = peerIdOf(peerKey)
    this.#node = node
    this.#options = options
    this.#limits = limits
    const transport: Transport = {
      dial: (address, signal) => this.#dial(address, signal),
      soon: (flush) => void setImmediate(flush),
      bound: (wire) => this.#carry((wire as Libp2pWire).connection), // Every wire of these links was made here.
      gone: (wire) => this.#uncarry((wire as Libp2pWire).connection),
    }
    this.#links = new Links({ peerId: this.peerId, networkName, clock, random, log, limits, transport })
    this.#gossip = new Gossip({ links: this.#links, clock, log, limits })
    door.refuses = (peerId) => this.#links.refuses(peerId)
  }

  get addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map(String)
  }

  async start(identity: NetworkIdentity, onChannel: (channel: Channel) => Promise<void>): Promise<void> {
    this.#links.start(identity, onChannel)
    this.#node.addEventListener('connection:open', ({ detail }) => this.#links.adopt(this.#wire(detail)))
    this.#node.addEventListener('connection:close', ({ detail }) => this.#lost(detail))
    for (const protocol of [helloProtocol, multiplexProtocol])
      await this.#node.handle(protocol, (stream, connection) => {
        const wire = this.#wire(connection)
        void this.#links.accept(wire, protocol, wire.stream(stream))
      })
    try {
      await this.#node.start()
    } catch (cause) {
      throw listenError(this.#options.listen, cause)
    }
    this.#carrier = this.#startGossip()
    this.#carrier.catch((cause) => this.#options.log('error', 'gossip not started', { error: String(cause) }))
  }

  /** A tenth of a second to load, which nobody has to wait for. */
  async #startGossip(): Promise<Libp2pGossip> {
    const { Libp2pGossip } = await import('./libp2p-gossip.ts')
    return Libp2pGossip.start(
      {
        node: this.#node,
        privateKey: await privateKeyOf(this.#options),
        logger: silent,
        judge: (peerId, announcement) => {
          this.#options.tap?.('in', peerId, announcement)
          return this.#gossip.judge(peerId, announcement)
        },
        binds: (connection) => this.#links.binds(this.#wire(connection)),
        writeBufferBytes: this.#limits.announcedBytesMax,
        heartbeatMs: this.#limits.gossipHeartbeatMs,
      },
      this.#bound,
    )
  }

  #carry(connection: Connection): void {
    this.#bound.add(connection)
    this.#carrier?.then((carrier) => this.#bound.has(connection) && carrier.bound(connection)).catch(() => undefined) // It was logged.
  }

  #uncarry(connection: Connection): void {
    this.#bound.delete(connection)
    this.#carrier?.then((carrier) => carrier.gone(connection)).catch(() => undefined)
  }

  connect(address: string, signal: AbortSignal): Promise<Peer> {
    return this.#links.connect(address, signal)
  }

  open(peer: { readonly did: Did; readonly addresses: readonly string[] }, service: Service, signal: AbortSignal): Promise<Channel> {
    return this.#links.open(peer, service, signal)
  }

  connected(): readonly Peer[] {
    return this.#links.connected()
  }

  fault(did: Did, code: string): void {
    this.#links.fault(did, code)
  }

  onBound(listener: (peer: Peer) => void): void {
    this.#links.onBound(listener)
  }

  async publish(announcement: Uint8Array): Promise<void> {
    this.#gossip.check(announcement)
    if (!this.#carrier) throw new TrustError('DFFT_NOT_RUNNING', 'the network has not been started')
    const carrier = await this.#carrier
    for (const { remotePeer } of this.#bound) this.#options.tap?.('out', remotePeer.toString(), announcement)
    await carrier.publish(announcement)
  }

  onAnnounced(listener: Announced): void {
    this.#gossip.onAnnounced(listener)
  }

  /** Within two seconds: libp2p's own stop leaves outbound sockets open, and waits for slow peers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gossip.stop()
    this.#links.stop()
    const patience = setTimeout(() => this.#cut(), this.#limits.stopMs / 3)
    const end = Promise.withResolvers<void>()
    const last = setTimeout(() => end.resolve(), this.#limits.stopMs)
    await Promise.race([this.#stopAll(), end.promise])
    clearTimeout(patience)
    clearTimeout(last)
    this.#cut()
  }

  async #stopAll(): Promise<void> {
    await this.#carrier?.then((carrier) => carrier.stop()).catch(() => undefined)
    await this.#node.stop()
  }

  #cut(): void {
    for (const wire of this.#wires.values()) wire.cut()
    for (const connection of this.#node.getConnections()) connection.abort(new Error('the node stops'))
  }

  async #dial(address: string, signal: AbortSignal): Promise<Libp2pWire> {
    const target = parseAddress(address)
    try {
      return this.#wire(await this.#node.dial(target, { signal }))
    } catch (cause) {
      // libp2p wraps the encrypter's error and keeps only its text.
      if (cause instanceof Error && cause.name === 'EncryptionFailedError' && /expected remote|unexpected peer/i.test(cause.message))
        throw new TrustError('DFFT_PEER_BINDING', `another peer answers at \`${address}\``, { address }, { cause })
      throw cause
    }
  }

  #wire(connection: Connection): Libp2pWire {
    const known = this.#wires.get(connection.id)
    if (known) return known
    const wire = new Libp2pWire(connection, this.#options.tap)
    if (connection.status === 'open') this.#wires.set(connection.id, wire)
    return wire
  }

  #lost(connection: Connection): void {
    const wire = this.#wires.get(connection.id)
    if (!wire) return
    this.#wires.delete(connection.id)
    wire.ended()
    this.#links.lost(wire)
  }
}

async function createNode(options: Libp2pOptions, limits: NetworkLimits, door: Door): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: await privateKeyOf(options),
    addresses: { listen: [...options.listen] },
    nodeInfo: { name: 'dfft', version: '1', userAgent: 'dfft/1' }, // The default tells versions of libp2p and Node.
    logger: { forComponent: () => silent },
    transports: [
      tcp({
        inboundSocketInactivityTimeout: limits.idleSocketMs,
        outboundSocketInactivityTimeout: limits.idleSocketMs,
        maxConnections: limits.connections,
        backlog: limits.backlog,
        dialOpts: { noDelay: true },
        listenOpts: { noDelay: true },
      }),
    ],
    connectionEncrypters: await encrypters(options.encrypters ?? ['noise']),
    streamMuxers: [
      yamux({
        maxInboundStreams: limits.streamsPerConnection,
        maxOutboundStreams: limits.streamsPerConnection,
        streamOptions: {
          maxStreamWindowSize: limits.windowBytesMax,
          maxReadBufferLength: limits.readBufferBytes,
          maxWriteBufferLength: limits.writeBufferBytes,
        },
      }),
    ],
    connectionGater: door.gater(),
    connectionManager: {
      maxConnections: limits.connections,
      maxIncomingPendingConnections: limits.pendingHandshakes,
      inboundConnectionThreshold: limits.connectionsPerSecond,
      inboundUpgradeTimeout: limits.upgradeMs,
      inboundStreamProtocolNegotiationTimeout: limits.negotiateMs,
      outboundStreamProtocolNegotiationTimeout: limits.negotiateMs,
      reconnectRetries: 0,
    },
    connectionMonitor: { pingInterval: limits.probeMs, pingTimeout: { minTimeout: limits.probeTimeoutMs } },
    peerStore: { maxAddressAge: Number.POSITIVE_INFINITY, maxPeerAge: Number.POSITIVE_INFINITY },
  })
}

function privateKeyOf({ peerKey }: Libp2pOptions) {
  return generateKeyPairFromSeed('Ed25519', peerKey)
}

async function encrypters(names: readonly ('noise' | 'tls')[]) {
  // TLS brings an X.509 library with it: loaded only where it was asked for.
  return Promise.all(names.map(async (name) => (name === 'noise' ? cachedNoise() : (await import('@libp2p/tls')).tls())))
}

const silent: Logger = Object.assign(() => undefined, { enabled: false, error: () => undefined, trace: () => undefined, newScope: () => silent })

/** @throws {TrustError} DFFT_CONFIG */
function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new TrustError('DFFT_CONFIG', `\`${address.slice(0, 256)}\` is no multiaddr`, {}, { cause })
  }
}

function listenError(listen: readonly string[], cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== 'UnsupportedListenAddressesError') return cause
  const taken = listen.find((address) => cause.message.includes(address)) ?? listen.join(' ')
  return new TrustError('DFFT_PORT_IN_USE', `cannot listen on \`${taken}\``, { address: taken }, { cause })
}
