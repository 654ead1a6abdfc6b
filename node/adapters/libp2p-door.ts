/** Who may come in, before and after the handshake. Private addresses are welcome: two agencies may well share a network. */
import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Buckets, sourceNetwork } from '#node/network/standing.ts'
import type { Clock } from '#node/ports.ts'
import type { PeerId } from '#protocols/ids.ts'

interface DoorLimits {
  readonly handshakesPerSecond: number
  readonly handshakesBurst: number
  readonly handshakesOfSource: number
}

export class Door {
  readonly #limits: DoorLimits
  readonly #handshakes: Buckets
  readonly #clock: Clock
  /** Connections whose handshake is under way, by where they come from. */
  readonly #underWay = new Map<string, Set<MultiaddrConnection>>()
  /** Set when there are links to ask; nobody comes in before. */
  refuses: (peerId: PeerId) => boolean = () => true
  /** Whether a peer may have a place here, as with a relay. */
  reserves: (peerId: PeerId) => boolean = () => false
  /** Whether two peers may be joined here. */
  joins: (source: PeerId, destination: PeerId) => boolean = () => false

  constructor(limits: DoorLimits, clock: Clock) {
    this.#limits = limits
    this.#handshakes = new Buckets({ perSecond: limits.handshakesPerSecond, burst: limits.handshakesBurst })
    this.#clock = clock
  }

  gater(): ConnectionGater {
    const idOf = (peerId: { toString(): string }) => peerId.toString() as PeerId // libp2p's own text form.
    const refused = (peerId: { toString(): string }) => this.refuses(idOf(peerId))
    return {
      denyDialMultiaddr: () => false,
      denyInboundConnection: (connection) => !this.#begins(connection),
      denyInboundEncryptedConnection: (peerId, connection) => {
        this.#ends(connection)
        return refused(peerId)
      },
      denyOutboundEncryptedConnection: refused,
      denyInboundRelayReservation: (source) => !this.reserves(idOf(source)),
      denyOutboundRelayedConnection: (source, destination) => !this.joins(idOf(source), idOf(destination)),
      denyInboundRelayedConnection: (_relay, remote) => refused(remote),
    }
  }

  /** Whoever opens sockets and says nothing keeps the places of his own source, and no others. */
  #begins(connection: MultiaddrConnection): boolean {
    const source = sourceOf(connection.remoteAddr)
    if (this.#handshakes.take(source, this.#clock.monotonicMs()) > 0) return false
    const underWay = this.#underWay.get(source) ?? new Set()
    if (underWay.size >= this.#limits.handshakesOfSource) return false
    this.#underWay.set(source, underWay.add(connection))
    connection.addEventListener('close', () => this.#ends(connection), { once: true })
    return true
  }

  #ends(connection: MultiaddrConnection): void {
    const source = sourceOf(connection.remoteAddr)
    const underWay = this.#underWay.get(source)
    if (underWay?.delete(connection) && underWay.size === 0) this.#underWay.delete(source)
  }
}

/** Of the host it comes from, whatever is behind it. */
export function sourceOf(address: Multiaddr): string {
  const host = address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')
  return sourceNetwork(host?.value ?? '')
}
