/**
 * Circuit relay v2, between parties that know each other.
 *
 * As the library offers it, a relay serves whoever asks, and whoever asks may make a node take up a relay. Here both halves get a registrar
 * and a connection manager of ours: a stream of either protocol is let in on a connection that its hello has bound, from a peer with
 * standing, and for the listening side from a relay that its operator has chosen. Which relays there are is never discovered.
 * What passes is sealed between the two ends, whose hello binds them to each other: the relay sees sizes and times.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type CircuitRelayService, circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type Connection, type PeerId as LibraryPeerId, type Stream, type StreamHandler, serviceDependencies } from '@libp2p/interface'
import type { RelayLimits } from '#node/network/limits.ts'
import type { Clock, Log, Peer, Random } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'
import { type Circuit, circuitThrough, parseAddress } from './libp2p-addresses.ts'
import { RelayedCircuit } from './libp2p-circuit.ts'

type TransportComponents = Parameters<ReturnType<typeof circuitRelayTransport>>[0]
type ServerComponents = Parameters<ReturnType<typeof circuitRelayServer>>[0]
type Registrar = ServerComponents['registrar']

/** What the library's transport has, beyond what it says of itself. */
interface Reserving {
  readonly reservationStore: {
    addRelay(peerId: LibraryPeerId, type: 'configured'): Promise<unknown>
    addEventListener(type: 'relay:removed', listener: (event: CustomEvent<{ relay: LibraryPeerId }>) => void): void
  }
}

export interface RelayOptions {
  readonly serve: boolean
  /** Relays to be reached through, each an address that ends with the relay's peer id. */
  readonly use: readonly string[]
}

/** Who is joined by a circuit. */
interface Ends {
  readonly source: PeerId
  readonly destination: PeerId
}

/** What a relay asks of the network that it is a part of. */
export interface RelayNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: RelayLimits & { readonly redialMs: number; readonly redialMsMax: number }
  readonly self: PeerId
  /** The end of the node. */
  readonly over: AbortSignal
  /** The direct connection of a peer that is bound and has the standing to use a relay, and to be one. */
  standing(peerId: string): Connection | undefined
  binds(connection: Connection): Promise<boolean>
  connect(address: string, signal: AbortSignal): Promise<Peer>
  watch(remote: string, bytes: Uint8Array): void
}

export class Relay {
  readonly #options: RelayOptions
  readonly #limits: RelayLimits
  /** Joined, or about to be. */
  readonly #circuits = new Set<Ends>()
  readonly #current = new AsyncLocalStorage<{ readonly stream: Stream; readonly source: PeerId }>()
  /** Relays that hold a place for us, with what tells of their loss. */
  readonly #reserved = new Map<string, { readonly address: string; readonly lost: () => void }>()
  #needs: RelayNeeds | undefined
  #transport: Reserving | undefined
  #server: CircuitRelayService | undefined

  /** @throws {TrustError} DFFT_CONFIG for a relay's address without its peer id */
  constructor(options: RelayOptions, limits: RelayLimits) {
    for (const address of options.use) circuitThrough(address, 'self' as PeerId)
    this.#options = options
    this.#limits = limits
  }

  /** Nobody is let in before. */
  join(needs: RelayNeeds): void {
    this.#needs = needs
  }

  // The library's two halves, as parts of a libp2p node.

  readonly transport = (components: TransportComponents) => {
    const { circuitsPerPeer } = this.#limits
    const make = circuitRelayTransport({ maxInboundStopStreams: circuitsPerPeer, maxOutboundStopStreams: circuitsPerPeer })
    const { peerId, peerStore, events, logger, upgrader, addressManager, connectionGater, randomWalk } = components
    const registrar = this.#registrar(components.registrar, (connection) => this.#comesThroughOurRelay(connection))
    const connectionManager = this.#connectionManager() as unknown as TransportComponents['connectionManager'] // It asks for nothing else.
    const transportManager = { listen: refuse } as unknown as TransportComponents['transportManager'] // It would take up any relay.
    const parts = { peerId, peerStore, events, logger, upgrader, addressManager, connectionGater, randomWalk, registrar, connectionManager, transportManager }
    const transport = make(parts)
    // It asks for identify, for a discovery of relays that is never started.
    Object.defineProperty(transport, serviceDependencies, { value: [] })
    this.#transport = transport as unknown as Reserving
    this.#transport.reservationStore.addEventListener('relay:removed', ({ detail }) => this.#reserved.get(detail.relay.toString())?.lost())
    return transport
  }

  readonly server = (components: ServerComponents) => {
    const { reservations, reservationMs, circuitsPerPeer } = this.#limits
    const { peerId, privateKey, peerStore, addressManager, connectionGater, logger } = components
    const registrar = this.#registrar(
      components.registrar,
      (connection) => this.#bound(connection),
      (stream, connection, serve) => {
        const source = connection.remotePeer.toString() as PeerId // libp2p's own text form.
        return this.#current.run({ stream, source }, serve)
      },
    )
    const connectionManager = this.#connectionManager() as unknown as ServerComponents['connectionManager'] // It asks for nothing else.
    this.#server = circuitRelayServer({
      maxInboundHopStreams: circuitsPerPeer,
      maxOutboundHopStreams: circuitsPerPeer,
      maxOutboundStopStreams: circuitsPerPeer,
      // The library's own limits cut a connection after some dozen requests; ours are in node/network/limits.ts and make it wait.
      reservations: { maxReservations: reservations, reservationTtl: reservationMs, applyDefaultLimit: false },
    })({ peerId, privateKey, peerStore, addressManager, connectionGater, logger, registrar, connectionManager })
    return this.#server
  }

  // What the door asks.

  /** Whether a peer may have a place here. */
  reserves(peerId: PeerId): boolean {
    return this.#options.serve && this.#needs?.standing(peerId) !== undefined
  }

  /** Whether two peers may be joined here, now. */
  joins(source: PeerId, destination: PeerId): boolean {
    return this.reserves(source) && this.reserves(destination) && this.#room({ source, destination })
  }

  /** The library counts streams of a connection, of which a peer may have several. */
  #room({ source, destination }: Ends): boolean {
    const { circuits, circuitsPerPeer } = this.#limits
    const all = [...this.#circuits]
    const of = (peerId: PeerId) => all.filter((ends) => ends.source === peerId || ends.destination === peerId).length
    return all.length < circuits && of(source) < circuitsPerPeer && of(destination) < circuitsPerPeer
  }

  // What the network asks.

  /** Addresses by which others reach us through a relay that holds a place for us. */
  get addresses(): readonly string[] {
    const self = this.#needs?.self
    return self === undefined ? [] : [...this.#reserved.values()].map(({ address }) => circuitThrough(address, self))
  }

  /** The same of all relays that we want to be reached through, whether they answer now or not. */
  get wished(): readonly string[] {
    const self = this.#needs?.self
    return self === undefined ? [] : this.#options.use.map((address) => circuitThrough(address, self))
  }

  /** Takes up every relay of the configuration, and again whenever one is lost. */
  start(): void {
    for (const address of this.#options.use) void this.#hold(address).catch(() => undefined) // Only the end of the node rejects.
  }

  /** Before a dial through it: the relay is connected, and known. @throws {TrustError} DFFT_NOT_ADMITTED, or what the dial fails with */
  async prepare({ relay, relayAddress }: Circuit, signal: AbortSignal): Promise<void> {
    const needs = this.#joined()
    if (needs.standing(relay)) return
    const { did } = await needs.connect(relayAddress, signal)
    if (!needs.standing(relay)) throw new TrustError('DFFT_NOT_ADMITTED', `\`${did}\` is not known as a party that relays`, { did, relay })
  }

  /** A peer has no connection any more: its place is free. */
  gone(peerId: LibraryPeerId): void {
    this.#server?.reservations.get(peerId)?.signal.clear()
    this.#server?.reservations.delete(peerId)
  }

  // The listening side.

  async #hold(address: string): Promise<void> {
    const { clock, random, limits, over } = this.#joined()
    for (let tries = 0; ; tries++) {
      const lost = await this.#reserve(address)
      if (lost) {
        tries = 0
        await Promise.race([lost, ended(over)])
      }
      const [byte = 0] = random.bytes(1)
      await clock.sleep(Math.min(limits.redialMsMax, limits.redialMs * 2 ** Math.min(tries, 30)) * (0.5 + byte / 510), over)
    }
  }

  /** @returns what resolves when the place is lost; undefined when there is none to be had */
  async #reserve(address: string): Promise<Promise<void> | undefined> {
    const { connect, standing, log, over } = this.#joined()
    try {
      const { did, peerId } = await connect(parseAddress(address).toString(), over)
      const connection = standing(peerId)
      if (!connection) throw new TrustError('DFFT_NOT_ADMITTED', `\`${did}\` is not known as a party that relays`, { did })
      const lost = Promise.withResolvers<void>()
      this.#reserved.set(peerId, { address, lost: lost.resolve })
      await this.#transport?.reservationStore.addRelay(connection.remotePeer, 'configured').catch((cause: unknown) => {
        this.#reserved.delete(peerId)
        throw new TrustError('DFFT_NOT_ADMITTED', `\`${did}\` has no place for us`, { did }, { cause })
      })
      log('info', 'relay.reserved', { did, peerId })
      return lost.promise.then(() => void this.#reserved.delete(peerId))
    } catch (cause) {
      over.throwIfAborted()
      log('warn', 'relay.refused', { address, code: codeOf(cause) })
      return undefined
    }
  }

  async #comesThroughOurRelay(connection: Connection): Promise<boolean> {
    return (await this.#bound(connection)) && this.#reserved.has(connection.remotePeer.toString()) && this.#hasStanding(connection)
  }

  async #bound(connection: Connection): Promise<boolean> {
    return (await this.#needs?.binds(connection)) === true
  }

  #hasStanding({ remotePeer }: Connection): boolean {
    return this.#needs?.standing(remotePeer.toString()) !== undefined
  }

  // What the library is given in the place of libp2p's own.

  #registrar(
    inner: Registrar,
    admits: (connection: Connection) => Promise<boolean>,
    within: (stream: Stream, connection: Connection, serve: () => void | Promise<void>) => void | Promise<void> = (_stream, _connection, serve) => serve(),
  ): Registrar {
    const guarded =
      (handler: StreamHandler): StreamHandler =>
      async (stream, connection) => {
        if (await admits(connection)) return within(stream, connection, () => handler(stream, connection))
        stream.abort(new Error('the peer is not let in'))
      }
    const registrar = {
      handle: (protocol: string, handler: StreamHandler, options?: object) => inner.handle(protocol, guarded(handler), options),
      unhandle: (protocol: string) => inner.unhandle(protocol),
      register: async () => '', // What it would hear of is relays to discover.
      unregister: () => undefined,
    }
    return registrar as unknown as Registrar // It asks for nothing else.
  }

  /** Connections that may carry a circuit: bound, direct, of a peer with standing. None is opened for it. */
  #connectionManager() {
    const of = (peerId: LibraryPeerId) => {
      const connection = this.#needs?.standing(peerId.toString())
      return connection ? [this.#watched(connection)] : []
    }
    return {
      getConnections: of,
      async openConnection(peerId: LibraryPeerId) {
        const [connection] = of(peerId)
        if (!connection) throw new Error('the relay is not connected')
        return connection
      },
    }
  }

  #watched(connection: Connection): Connection {
    const newStream = async (protocol: string | string[], options?: Parameters<Connection['newStream']>[1]) => {
      const hop = this.#current.getStore()
      const ends = hop && { source: hop.source, destination: connection.remotePeer.toString() as PeerId } // libp2p's own text form.
      // Others may have come since the door was asked.
      if (ends && !this.#room(ends)) throw new Error('the relay is full')
      if (ends) this.#circuits.add(ends)
      const stream = await connection.newStream(protocol, options).catch((cause: unknown) => {
        if (ends) this.#circuits.delete(ends)
        throw new Error('the relay does not serve', { cause }) // Under its own name the library would never ask this relay again.
      })
      if (hop && ends) this.#meter(ends, hop.stream, stream)
      return stream
    }
    const { id, remotePeer, remoteAddr } = connection
    return { id, remotePeer, remoteAddr, newStream } as unknown as Connection // It asks for nothing else.
  }

  #meter(ends: Ends, from: Stream, to: Stream): void {
    const { source, destination } = ends
    const { clock, standing, watch } = this.#joined()
    const circuit = new RelayedCircuit({
      clock,
      limits: this.#limits,
      standing: () => standing(source) !== undefined && standing(destination) !== undefined,
      watch: (bytes) => watch(source, bytes),
      onOver: () => this.#circuits.delete(ends),
    })
    circuit.join(from, to)
  }

  #joined(): RelayNeeds {
    if (!this.#needs) throw new TrustError('DFFT_NOT_RUNNING', 'the network has not been started')
    return this.#needs
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function refuse(): Promise<never> {
  throw new Error('relays are chosen by the operator')
}
