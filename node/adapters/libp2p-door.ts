/** Who may come in, before and after the handshake. Private addresses are welcome: two agencies may well share a network. */
import type { ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Buckets, sourceNetwork } from '#node/network/standing.ts'
import type { Clock } from '#node/ports.ts'
import type { PeerId } from '#protocols/ids.ts'

export class Door {
  readonly #handshakes: Buckets
  readonly #clock: Clock
  /** Set when there are links to ask; nobody comes in before. */
  refuses: (peerId: PeerId) => boolean = () => true
  /** Whether a peer may have a place here, as with a relay. */
  reserves: (peerId: PeerId) => boolean = () => false
  /** Whether two peers may be joined here. */
  joins: (source: PeerId, destination: PeerId) => boolean = () => false

  constructor(limits: { readonly handshakesPerSecond: number; readonly handshakesBurst: number }, clock: Clock) {
    this.#handshakes = new Buckets({ perSecond: limits.handshakesPerSecond, burst: limits.handshakesBurst })
    this.#clock = clock
  }

  gater(): ConnectionGater {
    const idOf = (peerId: { toString(): string }) => peerId.toString() as PeerId // libp2p's own text form.
    const refused = (peerId: { toString(): string }) => this.refuses(idOf(peerId))
    return {
      denyDialMultiaddr: () => false,
      denyInboundConnection: ({ remoteAddr }) => this.#handshakes.take(sourceOf(remoteAddr), this.#clock.monotonicMs()) > 0,
      denyInboundEncryptedConnection: refused,
      denyOutboundEncryptedConnection: refused,
      denyInboundRelayReservation: (source) => !this.reserves(idOf(source)),
      denyOutboundRelayedConnection: (source, destination) => !this.joins(idOf(source), idOf(destination)),
      denyInboundRelayedConnection: (_relay, remote) => refused(remote),
    }
  }
}

/** Of the host it comes from, whatever is behind it. */
export function sourceOf(address: Multiaddr): string {
  const host = address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')
  return sourceNetwork(host?.value ?? '')
}
