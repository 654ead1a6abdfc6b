/**
 * The network's twin for the simulator: N nodes in one process, over links that a hook may delay, lose or repeat.
 *
 * The hello, the frames and the channels are the real ones; only the transport is played. No timers and no chance of its own:
 * with a seeded clock, seeded random bytes and a seeded hook, a run repeats itself byte for byte.
 */
import type { NetworkGate } from '#node/network/gate.ts'
import { Gossip } from '#node/network/gossip.ts'
import { type LinkLimits, linkLimits } from '#node/network/limits.ts'
import { Links, type Stream, type Transport, type Wire } from '#node/network/links.ts'
import type { Announced, Clock, Log, Network, NetworkIdentity, Peer, Random } from '#node/ports.ts'
import type { Channel, Service } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, digest, type PeerId } from '#protocols/ids.ts'
import { peerIdOf } from '#protocols/peer-id.ts'

/** One thing under way between two nodes. `bytes` are whole frames as on a real stream; empty for what only opens or closes. */
export interface Delivery {
  readonly from: PeerId
  readonly to: PeerId
  readonly kind: 'dial' | 'accept' | 'stream' | 'bytes' | 'announcement' | 'end' | 'close'
  readonly bytes: Uint8Array
  /** Names the connection; `sequence` counts what one side has sent on it, from 0. TCP keeps that order: a hook that means to, must. */
  readonly link: number
  readonly sequence: number
}

/**
 * Lets a delivery arrive: once, later, never (lost), or twice (repeated). What arrives at a link that is over does nothing.
 * Of `bytes` others may arrive instead: fewer, where a frame is cut short.
 */
export type Deliver = (delivery: Delivery, arrive: (instead?: Uint8Array) => void) => void

export interface MemoryOptions {
  /** Ed25519 seed, 32 bytes. */
  readonly peerKey: Uint8Array
  readonly networkName: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits?: Partial<LinkLimits>
  /** Everybody is known without one. */
  readonly gate?: NetworkGate
  /** Versions of the hello to offer: a node of before. */
  readonly versions?: readonly number[]
}

const none = new Uint8Array(0)
/** Announcements of some minutes in any world that is played. */
const seenMax = 10_000

export class MemoryHub {
  readonly #deliver: Deliver
  readonly #nodes = new Map<PeerId, MemoryNetwork>()
  #links = 0

  constructor(deliver: Deliver = (_delivery, arrive) => queueMicrotask(arrive)) {
    this.#deliver = deliver
  }

  /** A node at the address `/memory/<peer id>`. The same key again, after `kill`, is the same node revived. */
  network(options: MemoryOptions): Network {
    return new MemoryNetwork(this, options)
  }

  /** The node is gone from one moment to the next: nothing it sent arrives any more, and its partners' links break at once. */
  kill(peerId: PeerId): void {
    this.#nodes.get(peerId)?.die()
  }

  /** A link breaks, and both ends notice at once. */
  break(link: number): void {
    for (const network of this.#nodes.values()) network.breakLink(link)
  }

  /** For networks of this hub only. @throws {TrustError} DFFT_PORT_IN_USE when the peer id is taken */
  join(network: MemoryNetwork): void {
    if (this.#nodes.has(network.peerId))
      throw new TrustError('DFFT_PORT_IN_USE', `\`${network.peerId}\` is running already`, { address: addressOf(network.peerId) })
    this.#nodes.set(network.peerId, network)
  }

  leave(network: MemoryNetwork): void {
    if (this.#nodes.get(network.peerId) === network) this.#nodes.delete(network.peerId)
  }

  node(peerId: PeerId): MemoryNetwork | undefined {
    return this.#nodes.get(peerId)
  }

  pass(delivery: Delivery, arrive: (instead?: Uint8Array) => void): void {
    this.#deliver(delivery, arrive)
  }

  nextLink(): number {
    return this.#links++
  }
}

function addressOf(peerId: PeerId): string {
  return `/memory/${peerId}`
}

class MemoryNetwork implements Network {
  readonly peerId: PeerId
  readonly addresses: readonly string[]
  readonly links: Links
  readonly #hub: MemoryHub
  readonly #gossip: Gossip
  readonly #wires = new Set<MemoryWire>()
  /** Wires that announcements may go over. */
  readonly #bound = new Set<Wire>()
  /** Digests of announcements that were here, the oldest first. */
  readonly #seen = new Set<string>()

  constructor(hub: MemoryHub, options: MemoryOptions) {
    const { peerKey, networkName, clock, random, log, gate, versions } = options
    this.#hub = hub
    this.peerId = peerIdOf(peerKey)
    this.addresses = [addressOf(this.peerId)]
    // One frame a delivery, so that what a hook loses or repeats is a whole one.
    const limits = { ...linkLimits, ...options.limits, batchBytes: 0 }
    const transport: Transport = {
      dial: (address, signal) => this.#dial(address, signal),
      soon: queueMicrotask,
      bound: (wire) => this.#bound.add(wire),
      gone: (wire) => this.#bound.delete(wire),
      believable: (announced, wire) => announced.filter((address) => address === addressOf(wire.peerId)),
      announce: () => this.addresses,
    }
    this.links = new Links({ peerId: this.peerId, networkName, clock, random, log, limits, transport, gate, versions })
    this.#gossip = new Gossip({ links: this.links, clock, log, limits })
  }

  async start(identity: NetworkIdentity, onChannel: (channel: Channel) => Promise<void>): Promise<void> {
    this.#hub.join(this)
    this.links.start(identity, onChannel)
  }

  connect(address: string, signal: AbortSignal): Promise<Peer> {
    return this.links.connect(address, signal)
  }

  open(peer: { readonly did: Did; readonly addresses: readonly string[] }, service: Service, signal: AbortSignal): Promise<Channel> {
    return this.links.open(peer, service, signal)
  }

  keep({ did, addresses }: { readonly did: Did; readonly addresses: readonly string[] }): void {
    this.links.keep(did, addresses)
  }

  connected(): readonly Peer[] {
    return this.links.connected()
  }

  fault(did: Did, code: string): void {
    this.links.fault(did, code)
  }

  onBound(listener: (peer: Peer) => void): void {
    this.links.onBound(listener)
  }

  async publish(announcement: Uint8Array): Promise<void> {
    this.#gossip.check(announcement)
    if (this.#hub.node(this.peerId) !== this) throw new TrustError('DFFT_NOT_RUNNING', 'the network has not been started')
    if (this.#isNew(announcement)) this.#passOn(announcement)
  }

  onAnnounced(listener: Announced): void {
    this.#gossip.onAnnounced(listener)
  }

  /** As gossipsub does it, without its mesh: once for each content, and on to everybody but the one it came from. */
  async hear(wire: MemoryWire, announcement: Uint8Array): Promise<void> {
    if (!(await this.links.hears(wire)) || !this.#isNew(announcement)) return
    if ((await this.#gossip.judge(wire.peerId, announcement)) === 'pass') this.#passOn(announcement, wire.peerId)
  }

  #isNew(announcement: Uint8Array): boolean {
    const id = digest(announcement)
    if (this.#seen.has(id)) return false
    const [oldest] = this.#seen
    if (this.#seen.size >= seenMax && oldest !== undefined) this.#seen.delete(oldest)
    this.#seen.add(id)
    return true
  }

  #passOn(announcement: Uint8Array, except?: PeerId): void {
    const told = new Set(except === undefined ? [] : [except])
    for (const wire of this.#wires) {
      if (!this.#bound.has(wire) || told.has(wire.peerId)) continue
      told.add(wire.peerId)
      wire.announce(announcement)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gossip.stop()
    this.links.stop()
    this.#hub.leave(this)
  }

  die(): void {
    this.#gossip.stop()
    this.#hub.leave(this)
    for (const wire of [...this.#wires]) wire.break()
    this.links.stop()
  }

  breakLink(link: number): void {
    for (const wire of [...this.#wires]) if (wire.link === link) wire.break()
  }

  /** The other end of a link that somebody dials. */
  take(wire: MemoryWire): void {
    this.#wires.add(wire)
    wire.whenOver(() => {
      this.#wires.delete(wire)
      this.links.lost(wire)
    })
    this.links.adopt(wire)
  }

  /** A dial and its answer are deliveries too: lost on the way, the dial waits until its signal ends it. */
  #dial(address: string, signal: AbortSignal): Promise<Wire> {
    const to = address.replace('/memory/', '') as PeerId // A text that is none names no node.
    const link = this.#hub.nextLink()
    const sent = { from: this.peerId, to, link, sequence: 0, bytes: none }
    const dialled = Promise.withResolvers<Wire>()
    let joined = false
    const abort = () => dialled.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#hub.pass({ ...sent, kind: 'dial' }, () => {
      const listener = this.#hub.node(to)
      this.#hub.pass({ ...sent, kind: 'accept', from: to, to: this.peerId }, () => {
        if (joined || signal.aborted) return
        joined = listener !== undefined && listener === this.#hub.node(to)
        if (listener && joined) dialled.resolve(this.#join(listener, link))
        else dialled.reject(new TrustError('DFFT_UNREACHABLE', `nothing answers at \`${address}\``, { address }))
      })
    })
    return dialled.promise.finally(() => signal.removeEventListener('abort', abort))
  }

  #join(listener: MemoryNetwork, link: number): Wire {
    const hub = this.#hub
    const ours = new MemoryWire({
      hub,
      link,
      local: this.peerId,
      peerId: listener.peerId,
      dialled: true,
      onStream: () => undefined,
      onAnnouncement: (announcement) => void this.hear(ours, announcement),
    })
    const theirs = new MemoryWire({
      hub,
      link,
      local: listener.peerId,
      peerId: this.peerId,
      dialled: false,
      onStream: (protocol, stream) => void listener.links.accept(theirs, protocol, stream),
      onAnnouncement: (announcement) => void listener.hear(theirs, announcement),
    })
    ours.pair(theirs)
    theirs.pair(ours)
    listener.take(theirs)
    this.take(ours)
    return ours
  }
}

interface WireParts {
  readonly hub: MemoryHub
  readonly link: number
  readonly local: PeerId
  readonly peerId: PeerId
  readonly dialled: boolean
  readonly onStream: (protocol: string, stream: MemoryStream) => void
  readonly onAnnouncement: (announcement: Uint8Array) => void
}

/** One end of a link. */
class MemoryWire implements Wire {
  readonly peerId: PeerId
  readonly dialled: boolean
  readonly address: string
  readonly source: string
  readonly #parts: WireParts
  readonly #streams: MemoryStream[] = []
  #other: MemoryWire | undefined
  #sequence = 1
  #over = false
  #onOver: () => void = () => undefined

  constructor(parts: WireParts) {
    this.#parts = parts
    this.peerId = parts.peerId
    this.dialled = parts.dialled
    this.address = addressOf(parts.peerId)
    this.source = this.address
  }

  get link(): number {
    return this.#parts.link
  }

  pair(other: MemoryWire): void {
    this.#other = other
  }

  whenOver(listener: () => void): void {
    this.#onOver = listener
  }

  async open(protocol: string): Promise<Stream> {
    const index = this.#streams.length
    const stream = this.#stream(index)
    this.send('stream', none, (other) => {
      // A repeated opening finds the stream there already.
      if (other.#streams.length === index) other.#parts.onStream(protocol, other.#stream(index))
    })
    return stream
  }

  announce(announcement: Uint8Array): void {
    const copy = announcement.slice()
    this.send('announcement', copy, (other) => other.#parts.onAnnouncement(copy))
  }

  close(): void {
    if (this.#over) return
    this.send('close', none, (other) => other.#end())
    this.#end()
  }

  /** Both ends at once, without a word. */
  break(): void {
    this.#end()
    if (this.#other) this.#other.#end()
  }

  send(kind: Delivery['kind'], bytes: Uint8Array, arrive: (other: MemoryWire, instead?: Uint8Array) => void): void {
    if (this.#over) throw over()
    const { hub, link, local, peerId } = this.#parts
    hub.pass({ from: local, to: peerId, kind, bytes, link, sequence: this.#sequence++ }, (instead) => {
      if (this.#other && !this.#other.#over) arrive(this.#other, instead)
    })
  }

  streamAt(index: number): MemoryStream | undefined {
    return this.#streams[index]
  }

  #stream(index: number): MemoryStream {
    const stream = new MemoryStream(this, index)
    this.#streams.push(stream)
    return stream
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    for (const stream of this.#streams) stream.end()
    this.#onOver()
  }
}

class MemoryStream implements Stream {
  readonly #wire: MemoryWire
  readonly #index: number
  readonly #chunks: Uint8Array[] = []
  #wake: (() => void) | undefined
  #ended = false
  #closed = false

  constructor(wire: MemoryWire, index: number) {
    this.#wire = wire
    this.#index = index
  }

  async send(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    this.#wire.send('bytes', copy, (other, instead = copy) => other.streamAt(this.#index)?.take(instead))
  }

  async next(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk) return chunk
      signal.throwIfAborted()
      if (this.#ended) throw over()
      await this.#woken(signal)
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    try {
      this.#wire.send('end', none, (other) => other.streamAt(this.#index)?.end())
    } catch {
      // The link is over, and the stream with it.
    }
  }

  take(bytes: Uint8Array): void {
    if (this.#ended) return
    this.#chunks.push(bytes)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const wake = this.#wake
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

function over(): TrustError {
  return new TrustError('DFFT_CHANNEL_CLOSED', 'the connection is over')
}
