/**
 * The connections of a node: each is closed unless its hello proves a Did, and carries channels from then on.
 *
 * All that a network adapter does beyond its transport is here, so the simulator's network and libp2p's behave alike.
 */

import type { Clock, Log, NetworkIdentity, Peer, Random } from '#node/ports.ts'
import type { Channel, Service } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type ByteStream, channelIdBytes, multiplexProtocol } from '#protocols/frames.ts'
import { helloMs, helloProtocol, type Proved } from '#protocols/hello.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { Dialler, unlessAborted } from './dialler.ts'
import { NetworkGate } from './gate.ts'
import { Greeter } from './greeter.ts'
import { type LinkLimits, serviceCosts } from './limits.ts'
import { abortReason, Mux, type Unread } from './mux.ts'
import { Buckets, Scores } from './standing.ts'

/** One encrypted connection, from the transport. */
export interface Wire {
  /** As the encrypter authenticated it. */
  readonly peerId: PeerId
  readonly dialled: boolean
  /** What was dialled; for a connection from outside, where it came from. */
  readonly address: string
  /** What counts as one source of connections. */
  readonly source: string
  open(protocol: string, signal: AbortSignal): Promise<Stream>
  /** Sends what was handed over already, then ends the connection. Never throws; may be called twice. */
  close(): void
}

export interface Stream extends ByteStream {
  /** Never throws; may be called twice. */
  close(): void
}

export interface Transport {
  /** @throws {TrustError} DFFT_UNREACHABLE, DFFT_PEER_BINDING when another peer answers than the address names */
  dial(address: string, signal: AbortSignal): Promise<Wire>
  soon(flush: () => void): void
  /** Of the addresses that the peer of a connection announced as its own, those that may be tried. */
  believable(announced: readonly string[], wire: Wire): readonly string[]
  /** Where partners may dial this node. */
  announce(): readonly string[]
  /** From now on, and until `gone`, announcements may go over this connection. */
  bound(wire: Wire): void
  gone(wire: Wire): void
}

export interface LinksOptions {
  readonly peerId: PeerId
  readonly networkName: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: LinkLimits
  readonly transport: Transport
  /** Everybody is known without one. */
  readonly gate?: NetworkGate | undefined
  /** Versions to offer in the hello; all that this program speaks by default. */
  readonly versions?: readonly number[] | undefined
}

interface Bound {
  readonly did: Did
  readonly peerId: PeerId
  readonly session: string
  readonly version: number
  readonly mux: Mux
  /** Where it says that it can be dialled: tried once the peer is known. */
  readonly announced: readonly string[]
}

/** One connection: unproved, then bound, then over. */
class Link {
  readonly wire: Wire
  readonly over = new AbortController()
  readonly ready = Promise.withResolvers<Bound>()
  /** The hello, once it has begun. */
  greeting: Promise<Proved> | undefined
  bound: Bound | undefined
  /** In surplus: closed with its last channel. */
  retiring = false
  /** Announcements may go over it: its peer is known. */
  carries = false

  constructor(wire: Wire) {
    this.wire = wire
    this.ready.promise.catch(() => undefined) // Nobody need wait for a connection from outside.
  }
}

export class Links {
  readonly #options: LinksOptions
  readonly #links = new Map<Wire, Link>()
  /** Also those that are over: a dial that has just come back finds out why. */
  readonly #ever = new WeakMap<Wire, Link>()
  readonly #byDid = new Map<Did, Link[]>()
  readonly #dialler: Dialler<Bound>
  readonly #listeners: ((peer: Peer) => void)[] = []
  readonly #scores = new Scores()
  readonly #opens: Buckets
  readonly #strangerOpens: Buckets
  readonly #gate: NetworkGate
  readonly #greeter: Greeter
  readonly #unread: Unread = { bytes: 0 }
  readonly #over = new AbortController()
  #onChannel: ((channel: Channel) => Promise<void>) | undefined

  constructor(options: LinksOptions) {
    this.#options = options
    const { clock, random, limits, transport, peerId, networkName, versions, gate = new NetworkGate() } = options
    this.#opens = new Buckets({ perSecond: limits.opensPerSecond, burst: limits.opensBurst })
    this.#strangerOpens = new Buckets({ perSecond: limits.strangerOpensPerSecond, burst: limits.strangerOpensBurst })
    this.#gate = gate
    gate.onChanged(() => this.#lookAgain())
    const announce = () => transport.announce()
    this.#greeter = new Greeter({ peerId, networkName, clock, random, versions, announce, admit: (did, wire) => this.#admit(did, wire) })
    this.#dialler = new Dialler({
      clock,
      random,
      limits,
      over: this.#over.signal,
      self: () => this.#greeter.did,
      dial: (address, signal) => this.#dial(address, signal),
      bound: (did) => this.#best(did)?.bound,
      banned: (did) => this.#gate.blocks(did) || this.#scores.banned(did, clock.monotonicMs()) > 0,
    })
  }

  start(identity: NetworkIdentity, onChannel: (channel: Channel) => Promise<void>): void {
    this.#greeter.start(identity)
    this.#onChannel = onChannel
  }

  stop(): void {
    this.#over.abort(closed('the node is stopping'))
    for (const link of [...this.#links.values()]) this.#drop(link, closed('the node is stopping'))
  }

  /** The transport has a new connection, in either direction. */
  adopt(wire: Wire): void {
    if (this.#ever.has(wire)) return
    if (this.#greeter.did === undefined || this.#over.signal.aborted || this.refuses(wire.peerId) || this.#crowded(wire)) {
      wire.close()
      return
    }
    const link = new Link(wire)
    this.#links.set(wire, link)
    this.#ever.set(wire, link)
    void this.#watch(link)
    if (wire.dialled) void this.#initiate(link)
  }

  /** The peer opened a stream. Only hello is answered before the binding, and only once. */
  async accept(wire: Wire, protocol: string, stream: Stream): Promise<void> {
    const link = this.#links.get(wire)
    if (!link || wire.dialled) {
      stream.close() // Who dialled opens both streams.
      return
    }
    try {
      if (protocol === helloProtocol) await this.#answer(link, stream)
      else await this.#acceptMux(link, stream)
    } catch (cause) {
      this.#drop(link, cause)
    }
  }

  /**
   * For what the transport carries beside our streams: whether the connection is bound, once its hello has come to an end. Whoever
   * comes without having begun one is cut off, as in `accept`.
   */
  async binds(wire: Wire): Promise<boolean> {
    const link = this.#links.get(wire)
    if (link && !link.greeting) this.#drop(link, new TrustError('DFFT_HELLO', 'a stream before the hello', { peerId: wire.peerId }))
    if (!link?.greeting) return false
    await link.ready.promise.catch(() => undefined)
    return link.bound !== undefined && this.#links.has(wire)
  }

  /** As `binds`, and announcements may come over it. */
  async hears(wire: Wire): Promise<boolean> {
    return (await this.binds(wire)) && this.#links.get(wire)?.carries === true
  }

  /** The transport has lost the connection, and has ended its streams. */
  lost(wire: Wire): void {
    const link = this.#links.get(wire)
    if (!link || link.bound) return // Its stream ends too: what came before the end is read first, and then the link is dropped.
    const drop = () => {
      if (!link.bound) this.#drop(link, closed('the connection was lost'))
    }
    // A refusal may have come before the end: whoever reads it says why.
    if (link.greeting) void link.greeting.then(drop, drop)
    else drop()
  }

  async connect(address: string, signal: AbortSignal): Promise<Peer> {
    const { did, peerId } = await this.#dial(address, signal)
    return this.#peerOf(did, peerId)
  }

  async open(peer: { readonly did: Did; readonly addresses: readonly string[] }, service: Service, signal: AbortSignal): Promise<Channel> {
    this.#checkBlock(peer.did)
    this.#checkBan(peer.did)
    this.#dialler.book.add(peer.did, peer.addresses)
    const bound = this.#best(peer.did)?.bound ?? (await this.#dialler.reach(peer.did, signal))
    return bound.mux.open(service)
  }

  connected(): readonly Peer[] {
    const peers = new Map<string, Peer>()
    for (const [did, links] of this.#byDid) for (const { wire } of links) peers.set(`${did} ${wire.peerId}`, this.#peerOf(did, wire.peerId))
    return [...peers.values()]
  }

  fault(did: Did, code: string): void {
    const { clock, log } = this.#options
    const nowMs = clock.monotonicMs()
    const verdict = this.#scores.fault(did, code, nowMs)
    log(verdict === 'note' ? 'debug' : 'warn', 'peer.fault', { did, code, verdict })
    if (verdict === 'note') return
    for (const link of [...(this.#byDid.get(did) ?? [])]) {
      if (verdict === 'ban') this.#scores.ban(link.wire.peerId, nowMs)
      this.#drop(link, closed('the peer broke the protocol'))
    }
  }

  /** Calls a party until it answers, and again whenever it is lost. */
  keep(did: Did, addresses: readonly string[]): void {
    this.#dialler.book.add(did, addresses)
    if (this.#gate.blocks(did))
      this.#dialler.redial(did) // Which waits until it is blocked no longer.
    else if (!this.#best(did)) this.#dialler.reach(did, this.#over.signal).catch(() => undefined) // It goes on by itself.
  }

  /** Whether the peer of a connection is bound, known, and has the standing to use a relay or to be one. */
  mayRelay(wire: Wire): boolean {
    const bound = this.#links.get(wire)?.bound
    return bound !== undefined && this.#gate.admits(bound.did) === 'known' && this.#gate.mayRelay(bound.did)
  }

  onBound(listener: (peer: Peer) => void): void {
    this.#listeners.push(listener)
  }

  /** Whether connections of this peer id are refused before the hello. */
  refuses(peerId: PeerId): boolean {
    return this.#scores.banned(peerId, this.#options.clock.monotonicMs()) > 0
  }

  /** One peer cannot use up the connections of all. */
  #crowded(wire: Wire): boolean {
    if (wire.dialled) return false
    let count = 0
    for (const other of this.#links.keys()) if (other.peerId === wire.peerId) count++
    return count >= this.#options.limits.linksPerPeer
  }

  // The life of a link.

  async #watch(link: Link): Promise<void> {
    const { clock, limits } = this.#options
    await clock.sleep(limits.unprovedMs, link.over.signal).catch(() => undefined)
    if (!link.bound) this.#drop(link, new TrustError('DFFT_TIMEOUT', 'the peer did not prove its DID in time', { peerId: link.wire.peerId }))
  }

  async #initiate(link: Link): Promise<void> {
    const signal = this.#helloSignal(link)
    try {
      link.greeting = this.#greeter.initiate(link.wire, signal)
      const proved = await link.greeting
      this.#bind(link, proved, await link.wire.open(multiplexProtocol, signal))
    } catch (cause) {
      this.#drop(link, signal.aborted ? abortReason(signal) : cause)
    }
  }

  async #answer(link: Link, stream: Stream): Promise<void> {
    if (link.greeting) throw new TrustError('DFFT_HELLO', 'a second hello on one connection', { peerId: link.wire.peerId })
    const signal = this.#helloSignal(link)
    link.greeting = this.#greeter.answer(link.wire, stream, signal)
    try {
      await link.greeting
    } catch (cause) {
      throw signal.aborted ? abortReason(signal) : cause
    }
  }

  async #acceptMux(link: Link, stream: Stream): Promise<void> {
    if (!link.greeting || link.bound) throw new TrustError('DFFT_HELLO', 'a stream before the hello, or a second one', { peerId: link.wire.peerId })
    const proved = await link.greeting
    if (link.bound) throw new TrustError('DFFT_HELLO', 'a second stream on one connection', { peerId: link.wire.peerId })
    this.#bind(link, proved, stream)
  }

  #bind(link: Link, proved: Proved, stream: Stream): void {
    if (link.over.signal.aborted) {
      stream.close()
      return
    }
    const { did, session, version, announced } = proved
    const { peerId } = link.wire
    this.#admit(did, link.wire) // Others may have taken the last places since its proof.
    const mux = this.#mux(link, proved, stream)
    link.bound = { did, peerId, session, version, mux, announced: this.#options.transport.believable(announced, link.wire) }
    this.#byDid.set(did, [...(this.#byDid.get(did) ?? []), link])
    if (link.wire.dialled) this.#dialler.book.worked(did, link.wire.address, this.#options.clock.monotonicMs())
    this.#options.log('info', 'peer.bound', { did, peerId, version, dialled: link.wire.dialled })
    this.#dialler.reached(did)
    link.ready.resolve(link.bound)
    void this.#read(link, mux, stream)
    this.#retireSurplus(did, peerId)
    this.#carry(link, link.bound)
    const peer = this.#peerOf(did, peerId)
    for (const listener of this.#listeners) listener(peer)
  }

  #mux(link: Link, { did, version }: Proved, stream: Stream): Mux {
    const { clock, random, transport, limits } = this.#options
    return new Mux({
      remote: { did, peerId: link.wire.peerId },
      version,
      limits,
      unread: this.#unread,
      send: (bytes) => stream.send(bytes, link.over.signal),
      channelId: () => random.bytes(channelIdBytes),
      soon: (flush) => transport.soon(flush),
      turn: () => clock.turn(),
      admit: (service) => this.#admitOpen(did, service),
      charge: (cost) => this.#charge(did, cost),
      onChannel: async (channel) => this.#onChannel?.(channel),
      onIdle: () => this.#dropSurplus(link, did),
    })
  }

  /**
   * Announcements go over connections of known peers, as they come to be known and cease to be; and a known peer is dialled where it says.
   * Strangers are without number: their addresses would put those of partners out of the book, and each would be dialled for ever.
   */
  #carry(link: Link, { did, announced }: Bound): void {
    const carries = this.#gate.admits(did) === 'known'
    if (carries === link.carries) return
    link.carries = carries
    if (carries) {
      this.#dialler.book.add(did, announced)
      this.#options.transport.bound(link.wire)
    } else this.#options.transport.gone(link.wire)
  }

  #lookAgain(): void {
    for (const link of [...this.#links.values()]) {
      if (!link.bound) continue
      if (this.#gate.blocks(link.bound.did)) this.#drop(link, closed('the operator has blocked the peer'))
      else this.#carry(link, link.bound)
    }
  }

  async #read(link: Link, mux: Mux, stream: Stream): Promise<void> {
    try {
      for (;;) await mux.receive(await stream.next(link.over.signal))
    } catch (cause) {
      const code = codeOf(cause)
      if (code.startsWith('DFFT_FRAME') && link.bound) this.fault(link.bound.did, code)
      this.#drop(link, cause)
    }
  }

  #drop(link: Link, cause: unknown): void {
    if (!this.#links.delete(link.wire)) return
    const reason = cause instanceof TrustError ? cause : new TrustError('DFFT_CHANNEL_CLOSED', 'the connection failed', {}, { cause })
    const end = reason.code === 'DFFT_CHANNEL_CLOSED' ? reason : new TrustError('DFFT_CHANNEL_CLOSED', 'the connection was ended', { reason: reason.code })
    const level = reason.code === 'DFFT_CHANNEL_CLOSED' ? 'info' : 'warn'
    this.#options.log(level, link.bound ? 'peer.gone' : 'peer.refused', { code: reason.code, peerId: link.wire.peerId, did: link.bound?.did })
    link.ready.reject(reason)
    link.bound?.mux.end(end)
    link.over.abort(end)
    if (link.carries) this.#options.transport.gone(link.wire)
    link.carries = false
    link.wire.close()
    if (link.bound) this.#forget(link, link.bound.did)
  }

  #forget(link: Link, did: Did): void {
    const rest = (this.#byDid.get(did) ?? []).filter((other) => other !== link)
    if (rest.length > 0) {
      this.#byDid.set(did, rest)
      return
    }
    this.#byDid.delete(did)
    if (this.#gate.admits(did) === 'known') this.#dialler.redial(did)
  }

  // Which link serves a DID.

  /** Both sides put the links between them in one order: first those the smaller peer id dialled, then by the hash of the hello. */
  #best(did: Did): Link | undefined {
    return [...(this.#byDid.get(did) ?? [])].sort((a, b) => (this.#rank(a) < this.#rank(b) ? -1 : 1))[0]
  }

  #rank({ wire, bound }: Link): string {
    const byUs = this.#options.peerId < wire.peerId
    return `${wire.dialled === byUs ? 0 : 1} ${bound?.session}`
  }

  /** Dials of both sides at once leave two links. The later in order goes, by the side that dialled it, when its channels are done. */
  #retireSurplus(did: Did, peerId: PeerId): void {
    const between = (this.#byDid.get(did) ?? []).filter(({ wire }) => wire.peerId === peerId)
    const [, ...surplus] = between.sort((a, b) => (this.#rank(a) < this.#rank(b) ? -1 : 1))
    for (const link of surplus) if (link.wire.dialled) void this.#retire(link, did)
  }

  async #retire(link: Link, did: Did): Promise<void> {
    const { clock, limits } = this.#options
    await clock.sleep(limits.surplusMs, link.over.signal).catch(() => undefined)
    link.retiring = true
    this.#dropSurplus(link, did)
  }

  /** Unless it has channels still, or the better link has been lost meanwhile. */
  #dropSurplus(link: Link, did: Did): void {
    if (link.retiring && link.bound?.mux.size === 0 && this.#best(did) !== link) this.#drop(link, closed('the connection was in surplus'))
  }

  // Dialling.

  async #dial(address: string, outer: AbortSignal): Promise<Bound> {
    const { clock, transport, limits } = this.#options
    const signal = AbortSignal.any([outer, this.#over.signal, clock.timeout(limits.dialMs)])
    try {
      signal.throwIfAborted()
      const wire = await transport.dial(address, signal)
      this.adopt(wire)
      const link = this.#ever.get(wire)
      if (!link) throw new TrustError(this.refuses(wire.peerId) ? 'DFFT_BANNED' : 'DFFT_UNREACHABLE', 'the connection was refused', { address })
      return await unlessAborted(link.ready.promise, signal)
    } catch (cause) {
      throw dialError(address, signal.aborted ? abortReason(signal) : cause)
    }
  }

  // Small things.

  #helloSignal(link: Link): AbortSignal {
    return AbortSignal.any([link.over.signal, this.#options.clock.timeout(helloMs)])
  }

  #peerOf(did: Did, peerId: PeerId): Peer {
    const version = this.#byDid.get(did)?.find(({ wire }) => wire.peerId === peerId)?.bound?.version
    return { did, peerId, addresses: this.#dialler.book.of(did), ...(version === undefined ? {} : { version }) }
  }

  #checkBan(did: Did): void {
    const retryAfterMs = this.#scores.banned(did, this.#options.clock.monotonicMs())
    if (retryAfterMs > 0) throw new TrustError('DFFT_BANNED', `\`${did}\` is banned`, { did, retryAfterMs })
  }

  /** @throws {TrustError} DFFT_BLOCKED, which is said to our own operator only */
  #checkBlock(did: Did): void {
    if (this.#gate.blocks(did)) throw new TrustError('DFFT_BLOCKED', `\`${did}\` is blocked here`, { did })
  }

  /** Of whom the hello has proved. Partners, and whom we dial, always find a place; strangers that come share a few. */
  #admit(did: Did, { dialled, source }: Pick<Wire, 'dialled' | 'source'>): void {
    if (dialled) this.#checkBlock(did)
    if (this.#gate.blocks(did)) throw new TrustError('DFFT_BANNED', `\`${did}\` is blocked here`, { did })
    this.#checkBan(did)
    if (dialled || this.#gate.admits(did) === 'known') return
    const { strangers: most, strangersOfSource, unprovedMs: retryAfterMs } = this.#options.limits
    const strangers = [...this.#links.values()].filter(({ wire, bound }) => bound && !wire.dialled && this.#gate.admits(bound.did) === 'stranger')
    const near = strangers.filter(({ wire }) => wire.source === source)
    if (strangers.length >= most || near.length >= strangersOfSource)
      throw new TrustError('DFFT_BUSY', 'as many strangers are connected as may be', { strangers: strangers.length, retryAfterMs })
  }

  #admitOpen(did: Did, service: Service): void {
    try {
      this.#gate.check(did, service)
    } catch (refused) {
      this.#take(this.#opens, did, 1) // Not of what a stranger may ask for: who was a partner until now asks a few times in vain.
      throw refused
    }
    this.#charge(did, serviceCosts[service].value)
  }

  #charge(did: Did, cost: number): void {
    this.#take(this.#gate.admits(did) === 'known' ? this.#opens : this.#strangerOpens, did, cost)
  }

  #take(opens: Buckets, did: Did, cost: number): void {
    const retryAfterMs = opens.take(did, this.#options.clock.monotonicMs(), cost)
    if (retryAfterMs === 0) return
    this.fault(did, 'DFFT_RATE_LIMITED')
    throw new TrustError('DFFT_RATE_LIMITED', 'the peer asks for more than it may', { retryAfterMs })
  }
}

function dialError(address: string, cause: unknown): unknown {
  if (cause instanceof TrustError && cause.code !== 'DFFT_CHANNEL_CLOSED') return cause
  if (cause instanceof Error && cause.name === 'AbortError') return cause
  return new TrustError('DFFT_UNREACHABLE', `\`${address}\` could not be reached`, { address }, { cause })
}

function closed(message: string): TrustError {
  return new TrustError('DFFT_CHANNEL_CLOSED', message)
}
