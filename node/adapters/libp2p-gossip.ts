/**
 * gossipsub, for bound peers only.
 *
 * As a service of libp2p it would open its streams to whoever connects, and learn from identify who speaks it. Here it is no service:
 * it gets a registrar of ours that tells it of a connection when the hello has bound it and not before, and that lets in no stream
 * of a connection that is not bound. Nor does it dial, or learn of peers from peers.
 */
import { createHash } from 'node:crypto'
import { type GossipSub, type GossipSubComponents, gossipsub, type Message, type StrictSign, TopicValidatorResult } from '@libp2p/gossipsub'
import { createPeerScoreParams, createPeerScoreThresholds, createTopicScoreParams } from '@libp2p/gossipsub/score'
import { type Connection, type Libp2p, type Logger, type PrivateKey, type Stream, type StreamHandler, start, stop, type Topology } from '@libp2p/interface'
import type { Verdict } from '#node/network/gossip.ts'
import { frameBytesMax } from '#protocols/channel.ts'
import type { PeerId } from '#protocols/ids.ts'

const topic = '/dfft/announcement/1'
/** A copy that comes later is too old for whoever reads it: an announcement is believed for five minutes. */
const seenMs = 15 * 60_000
/** Whoever is bound and has no stream of ours is offered one again. */
const offerEveryHeartbeats = 5

export interface GossipOptions {
  readonly node: Libp2p
  readonly privateKey: PrivateKey
  readonly logger: Logger
  /** Of what a peer handed over. */
  readonly judge: (peerId: PeerId, announcement: Uint8Array) => Promise<Verdict>
  /** Whether the hello of a connection binds it, once it has come to an end, and its peer is no stranger. */
  readonly binds: (connection: Connection) => Promise<boolean>
  /** Write buffer for a peer that does not read. */
  readonly writeBufferBytes: number
  readonly heartbeatMs: number
}

export class Libp2pGossip {
  readonly #options: GossipOptions
  readonly #sub: GossipSub
  readonly #bound = new Set<Connection>()
  #topology: Topology | undefined
  #heartbeats = 0

  private constructor(options: GossipOptions) {
    this.#options = options
    this.#sub = gossipsub(settings(options))(this.#components())
  }

  /** @param bound connections that were bound before */
  static async start(options: GossipOptions, bound: Iterable<Connection>): Promise<Libp2pGossip> {
    const gossip = new Libp2pGossip(options)
    const sub = gossip.#sub
    await start(sub)
    sub.topicValidators.set(topic, (from, message) => gossip.#validate(from.toString() as PeerId, message)) // libp2p's own text form.
    sub.subscribe(topic)
    sub.addEventListener('gossipsub:heartbeat', () => gossip.#beat())
    for (const connection of bound) gossip.bound(connection)
    return gossip
  }

  async publish(announcement: Uint8Array): Promise<void> {
    await this.#sub.publish(topic, announcement)
  }

  bound(connection: Connection): void {
    this.#bound.add(connection)
    this.#topology?.onConnect?.(connection.remotePeer, connection)
  }

  /** The connection may live on for a moment; announcements do not. */
  gone(connection: Connection): void {
    this.#bound.delete(connection)
    for (const stream of connection.streams) if (this.#isOurs(stream)) stream.abort(new Error('the peer is not bound'))
    const { remotePeer } = connection
    if (![...this.#bound].some((other) => other.remotePeer.equals(remotePeer))) this.#topology?.onDisconnect?.(remotePeer)
  }

  async stop(): Promise<void> {
    await stop(this.#sub)
  }

  async #validate(from: PeerId, message: Message): Promise<TopicValidatorResult> {
    if (message.type !== 'signed') return TopicValidatorResult.Reject
    return results[await this.#options.judge(from, message.data)]
  }

  /** gossipsub opens a stream when it hears of a connection, and never again: not when the stream ends and another connection remains. */
  #beat(): void {
    if (this.#heartbeats++ % offerEveryHeartbeats !== 0) return
    const served = new Set<string>()
    for (const { streams, remotePeer } of this.#bound)
      if (streams.some((stream) => stream.direction === 'outbound' && this.#isOurs(stream))) served.add(remotePeer.toString())
    for (const connection of this.#bound) if (!served.has(connection.remotePeer.toString())) this.#offer(connection)
  }

  /** A stream that was refused in the moment it was opened stays in gossipsub's list, and it would open no other. */
  #offer(connection: Connection): void {
    const { streamsOutbound } = this.#sub as unknown as { readonly streamsOutbound: Map<string, unknown> } // A public member of its class.
    streamsOutbound.delete(connection.remotePeer.toString())
    this.#topology?.onConnect?.(connection.remotePeer, connection)
  }

  #isOurs({ protocol }: Stream): boolean {
    return this.#sub.protocols.includes(protocol)
  }

  #components(): GossipSubComponents {
    const { node, privateKey, logger } = this.#options
    const registrar = {
      handle: (protocol: string, handler: StreamHandler, options?: object) => node.handle(protocol, this.#guarded(handler), options),
      unhandle: (protocol: string) => node.unhandle(protocol),
      register: async (_protocol: string, topology: Topology) => {
        this.#topology = topology // The same one for each version of the protocol.
        return ''
      },
      unregister: () => undefined,
      getTopologies: () => [],
    }
    return {
      privateKey,
      peerId: node.peerId,
      peerStore: node.peerStore,
      logger: { forComponent: () => logger },
      // It asks for nothing else of the two.
      registrar: registrar as unknown as GossipSubComponents['registrar'],
      connectionManager: { openConnection: () => Promise.reject(new Error('gossip does not dial')) } as unknown as GossipSubComponents['connectionManager'],
    }
  }

  #guarded(handler: StreamHandler): StreamHandler {
    return async (stream, connection) => {
      if (await this.#options.binds(connection)) return handler(stream, connection)
      stream.abort(new Error('the peer is not bound'))
    }
  }
}

const results = { pass: TopicValidatorResult.Accept, drop: TopicValidatorResult.Ignore, reject: TopicValidatorResult.Reject } as const

function settings({ writeBufferBytes, heartbeatMs }: GossipOptions): Parameters<typeof gossipsub>[0] {
  return {
    globalSignaturePolicy: 'StrictSign' satisfies typeof StrictSign,
    // By content: the same announcement is read once, whoever wraps it anew.
    msgIdFn: ({ data }) => createHash('sha256').update(data).digest(),
    seenTTL: seenMs,
    heartbeatInterval: heartbeatMs,
    ignoreDuplicatePublishError: true,
    allowPublishToZeroTopicPeers: true,
    allowedTopics: [topic],
    // As long as a frame of a channel, for what a peer is given when it asks for all that it missed in a burst.
    maxInboundDataLength: frameBytesMax,
    maxOutboundBufferSize: writeBufferBytes,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    // A frame that goes beyond one of them is lost whole, so an honest peer must not: its lists are 5,000 long at most.
    decodeRpcLimits: {
      maxSubscriptions: 4,
      maxMessages: 2048,
      maxIhaveMessageIDs: 5000,
      maxIwantMessageIDs: 5000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 16,
      maxPeerInfos: 0,
    },
    // Our own words go to every partner at once; others' words to the mesh.
    floodPublish: true,
    // Twice the usual mesh, for hints are small and rare: with up to a dozen partners all of them are in it from the first second.
    D: 16,
    Dlo: 12,
    Dhi: 32,
    Dlazy: 12,
    // Whoever is outside the mesh is told what there is, all of them: by default a quarter, and a hint is too rare to be repeated soon.
    gossipFactor: 1,
    // Longer than a hearer looks for a key: an honest peer that is slow has broken no promise.
    gossipsubIWantFollowupMs: 10_000,
    fallbackToFloodsub: false,
    doPX: false,
    tagMeshPeers: false,
    emitSelf: false,
    scoreThresholds: createPeerScoreThresholds({ gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80, acceptPXThreshold: 1000 }),
    scoreParams: createPeerScoreParams({
      // Agencies may share an address: who a peer is, the hello says.
      IPColocationFactorWeight: 0,
      // Promises broken under load, six at a time, are forgiven.
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyWeight: -10,
      behaviourPenaltyDecay: 0.99,
      topics: { [topic]: topicScore() },
    }),
  }
}

/** What counts is that nobody hands over what is wrong. Hints are rare, so nobody is blamed for having none. */
function topicScore() {
  return createTopicScoreParams({
    topicWeight: 1,
    timeInMeshWeight: 0.01,
    // In milliseconds; by default a millisecond, with which the score of a few seconds hides every fault.
    timeInMeshQuantum: 1000,
    timeInMeshCap: 3600,
    firstMessageDeliveriesWeight: 0.1,
    firstMessageDeliveriesDecay: 0.99,
    firstMessageDeliveriesCap: 100,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    invalidMessageDeliveriesWeight: -20,
    invalidMessageDeliveriesDecay: 0.99,
  })
}
