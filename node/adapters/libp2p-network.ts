/**
 * The network over libp2p: TCP, noise (or TLS by choice), yamux. Identity, channels, limits and scores are node/network/links.ts's affair;
 * here are the transport, its own limits, and the door before the handshake.
 *
 * Left out on purpose: identify (the hello says more, and proves it), ping (yamux's keep-alive and the monitor do), DHT, QUIC, and relays
 * that nobody has chosen (libp2p-relay.ts).
 */
import { randomBytes } from 'node:crypto'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, Logger, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { NetworkGate } from '#node/network/gate.ts'
import { Gossip } from '#node/network/gossip.ts'
import { linkLimits, type NetworkLimits, relayLimits, transportLimits } from '#node/network/limits.ts'
import { Links, type Transport } from '#node/network/links.ts'
import type { Announced, Clock, Log, Network, NetworkIdentity, Peer, Random } from '#node/ports.ts'
import type { Channel, Service } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { multiplexProtocol } from '#protocols/frames.ts'
import { helloProtocol } from '#protocols/hello.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { peerIdOf, peerKeyBytes } from '#protocols/peer-id.ts'
import { believable, circuitOf, naming, parseAddress } from './libp2p-addresses.ts'
import { Dials } from './libp2p-dials.ts'
import { Door } from './libp2p-door.ts'
import { forgetting } from './libp2p-forgetting.ts'
import type { Libp2pGossip } from './libp2p-gossip.ts'
import { cachedNoise } from './libp2p-noise.ts'
import { Relay, type RelayOptions } from './libp2p-relay.ts'
import { Libp2pWire, type Tap } from './libp2p-wire.ts'

export { peerIdOf } from '#protocols/peer-id.ts'

export interface Libp2pOptions {
  /** Ed25519 seed, 32 bytes. */
  readonly peerKey: Uint8Array
  /** Peers of another network are refused in the hello. */
  readonly networkName: string
  /** Multiaddrs, for instance `/ip4/0.0.0.0/tcp/4001`; none for a node that only dials, and is reached through a relay. */
  readonly listen: readonly string[]
  /** What others dial, where it is another: a name, or the outside of a firewall. By default the addresses of `listen`. */
  readonly announce?: readonly string[]
  /** By default it serves nobody and uses none. */
  readonly relay?: RelayOptions
  /** Everybody is known without one. */
  readonly gate?: NetworkGate
  /** Versions of the hello to offer: a node of before. */
  readonly versions?: readonly number[]
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
  for (const address of [...options.listen, ...(options.announce ?? [])]) parseAddress(address)
  const limits = { ...linkLimits, ...transportLimits, ...relayLimits, ...options.limits }
  const door = new Door(limits, options.clock)
  const relay = new Relay(options.relay ?? { serve: false, use: [] }, limits)
  const dials = new Dials()
  const node = forgetting(await createNode(options, limits, { door, relay, dials }))
  return new Libp2pNetwork(node, options, limits, { door, relay, dials })
}

interface Hooks {
  readonly door: Door
  readonly relay: Relay
  readonly dials: Dials
}

class Libp2pNetwork implements Network {
  readonly peerId: PeerId
  readonly #node: Libp2p
  readonly #options: Libp2pOptions
  readonly #limits: NetworkLimits
  readonly #links: Links
  readonly #gossip: Gossip
  readonly #relay: Relay
  readonly #dials: Dials
  readonly #over = new AbortController()
  readonly #wires = new Map<string, Libp2pWire>()
  /** Connections that announcements may go over. */
  readonly #bound = new Set<Connection>()
  #carrier: Promise<Libp2pGossip> | undefined

  constructor(node: Libp2p, options: Libp2pOptions, limits: NetworkLimits, { door, relay, dials }: Hooks) {
    const { networkName, clock, random, log, peerKey, gate, versions } = options
    this.peerId = peerIdOf(peerKey)
    this.#node = node
    this.#options = options
    this.#limits = limits
    const transport: Transport = {
      dial: (address, signal) => this.#dial(address, signal),
      soon: (flush) => void setImmediate(flush),
      bound: (wire) => this.#carry((wire as Libp2pWire).connection), // Every wire of these links was made here.
      gone: (wire) => this.#uncarry((wire as Libp2pWire).connection),
      believable: (announced, wire) => believable(announced, wire.peerId, wire.address),
      announce: () => [...this.#direct(), ...relay.wished],
    }
    this.#links = new Links({ peerId: this.peerId, networkName, clock, random, log, limits, transport, gate, versions })
    this.#gossip = new Gossip({ links: this.#links, clock, log, limits })
    this.#relay = relay
    this.#dials = dials
    relay.join({
      clock,
      random,
      log,
      limits,
      self: this.peerId,
      over: this.#over.signal,
      standing: (peer) => this.#standing(peer),
      binds: (connection) => this.#links.binds(this.#wire(connection)),
      connect: (address, signal) => this.#links.connect(address, signal),
      watch: (remote, bytes) => options.tap?.('in', remote, bytes),
    })
    door.refuses = (peerId) => this.#links.refuses(peerId)
    door.reserves = (peerId) => relay.reserves(peerId)
    door.joins = (source, destination) => relay.joins(source, destination)
  }

  get addresses(): readonly string[] {
    return [...this.#direct(), ...this.#relay.addresses]
  }

  #direct(): readonly string[] {
    const announced = this.#options.announce ?? []
    return announced.length > 0 ? announced.map((address) => naming(address, this.peerId)) : this.#node.getMultiaddrs().map(String)
  }

  #standing(peerId: string): Connection | undefined {
    for (const wire of this.#wires.values()) if (wire.peerId === peerId && wire.connection.direct && this.#links.mayRelay(wire)) return wire.connection
    return undefined
  }

  async start(identity: NetworkIdentity, onChannel: (channel: Channel) => Promise<void>): Promise<void> {
    this.#links.start(identity, onChannel)
    this.#node.addEventListener('connection:open', ({ detail }) => this.#links.adopt(this.#wire(detail)))
    this.#node.addEventListener('connection:close', ({ detail }) => this.#lost(detail))
    const streams = { maxInboundStreams: this.#limits.streamsPerProtocol, maxOutboundStreams: this.#limits.streamsPerProtocol }
    for (const protocol of [helloProtocol, multiplexProtocol]) await this.#node.handle(protocol, (...opened) => this.#accept(protocol, ...opened), streams)
    try {
      await this.#node.start()
    } catch (cause) {
      throw listenError(this.#options.listen, cause)
    }
    this.#carrier = this.#startGossip()
    this.#carrier.catch((cause) => this.#options.log('error', 'gossip not started', { error: String(cause) }))
    this.#relay.start()
  }

  #accept(protocol: string, stream: Stream, connection: Connection): void {
    const wire = this.#wire(connection)
    void this.#links.accept(wire, protocol, wire.stream(stream))
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
        binds: (connection) => this.#links.hears(this.#wire(connection)),
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

  keep({ did, addresses }: { readonly did: Did; readonly addresses: readonly string[] }): void {
    this.#links.keep(did, addresses)
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
    this.#over.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the node is stopping'))
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
    const circuit = circuitOf(target)
    if (circuit) await this.#relay.prepare(circuit, signal)
    try {
      return this.#wire(await this.#dials.dial(this.#node, target, signal))
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
    if (![...this.#wires.values()].some(({ peerId }) => peerId === wire.peerId)) this.#relay.gone(connection.remotePeer)
  }
}

async function createNode(options: Libp2pOptions, limits: NetworkLimits, { door, relay, dials }: Hooks): Promise<Libp2p> {
  const services = options.relay?.serve ? { relay: relay.server } : {}
  return createLibp2p({
    start: false,
    privateKey: await privateKeyOf(options),
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    nodeInfo: { name: 'dfft', version: '1', userAgent: 'dfft/1' }, // The default tells versions of libp2p and Node.
    logger: { forComponent: () => silent },
    transports: [
      dials.through(
        tcp({
          inboundSocketInactivityTimeout: limits.idleSocketMs,
          outboundSocketInactivityTimeout: limits.idleSocketMs,
          maxConnections: limits.connections,
          backlog: limits.backlog,
          dialOpts: { noDelay: true },
          listenOpts: { noDelay: true },
        }),
      ),
      relay.transport,
    ],
    services: services as { relay: typeof relay.server }, // Or none of it: libp2p starts those that are there.
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

function listenError(listen: readonly string[], cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== 'UnsupportedListenAddressesError') return cause
  const taken = listen.find((address) => cause.message.includes(address)) ?? listen.join(' ')
  return new TrustError('DFFT_PORT_IN_USE', `cannot listen on \`${taken}\``, { address: taken }, { cause })
}
