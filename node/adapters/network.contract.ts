/** What every Network must do. An adapter's test names how two of its networks come to be; the rest is here. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { type Acquaintance, NetworkGate } from '#node/network/gate.ts'
import type { LinkLimits } from '#node/network/limits.ts'
import type { Clock, Log, Network, NetworkIdentity, Peer } from '#node/ports.ts'
import { type Channel, frameBytesMax, type Service } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl, PeerId } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { peerIdOf } from '#protocols/peer-id.ts'

export interface NetworkParts {
  readonly peerKey: Uint8Array
  readonly networkName: string
  readonly clock: TestClock
  readonly log: Log
  readonly limits?: Partial<LinkLimits>
  readonly gate?: NetworkGate
  readonly versions?: readonly number[]
}

/** A clock that stands until it is moved. */
export class TestClock implements Clock {
  #nowMs = Date.parse('2030-01-01T00:00:00Z')
  readonly #alarms = new Set<{ atMs: number; ring: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const alarm = { atMs: this.#nowMs + ms, ring: resolve }
      const abort = () => {
        this.#alarms.delete(alarm)
        reject(signal.reason)
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#alarms.add(alarm)
    })
  }

  async turn(): Promise<void> {}

  timeout(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#alarms.add({ atMs: this.#nowMs + ms, ring: () => controller.abort(new DOMException('time is up', 'TimeoutError')) })
    return controller.signal
  }

  /** Alarms that are set and have not rung. */
  get alarms(): number {
    return this.#alarms.size
  }

  advance(ms: number): void {
    this.#nowMs += ms
    for (const alarm of [...this.#alarms].sort((a, b) => a.atMs - b.atMs)) {
      if (alarm.atMs > this.#nowMs) return
      this.#alarms.delete(alarm)
      alarm.ring()
    }
  }
}

/** Lets the event loop turn until something holds; the test's own time limit is the end of patience. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

export const never = new AbortController().signal

/** Who resolves whose key, and which peer ids a DID document names. */
export class Registry {
  readonly #documents = new Map<string, { jwk: PublicJwk; peerIds: readonly PeerId[] }>()

  identity(name: string, peerId: PeerId): NetworkIdentity & { privateKey: KeyObject } {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const did = `did:web:${name}.example` as Did
    const keyId = `${did}#key-1` as DidUrl
    this.#documents.set(keyId, { jwk: publicKey.export({ format: 'jwk' }) as PublicJwk, peerIds: [peerId] })
    return { did, keyId, privateKey, sign: async (bytes) => sign(null, bytes, privateKey), resolveKey: (wanted, _log, peer) => this.#resolve(wanted, peer) }
  }

  async #resolve(keyId: DidUrl, peerId: PeerId): Promise<PublicJwk> {
    const document = this.#documents.get(keyId)
    if (!document) throw new TrustError('DFFT_KEY_NOT_FOUND', 'no such key', { keyId })
    if (!document.peerIds.includes(peerId)) throw new TrustError('DFFT_PEER_BINDING', 'the document names other peers', { peerId })
    return document.jwk
  }
}

interface Node {
  readonly network: Network
  readonly identity: NetworkIdentity
  readonly clock: TestClock
  readonly served: Channel[]
  readonly bound: Peer[]
  readonly logged: { event: string; code: unknown }[]
}

export interface Harness {
  make(parts: NetworkParts): Promise<Network>
  /** The node's process dies without a word. */
  kill(network: Network): Promise<void>
}

export function networkContract(name: string, harness: () => Harness): void {
  describe(`${name} keeps the contract of Network`, () => {
    const open: Network[] = []
    let { make, kill } = harness()
    const registry = new Registry()

    afterEach(async () => {
      await Promise.all(open.splice(0).map((network) => network[Symbol.asyncDispose]()))
      ;({ make, kill } = harness())
    })

    interface Wish {
      readonly networkName?: string
      readonly limits?: NetworkParts['limits']
      readonly identity?: (honest: NetworkIdentity) => NetworkIdentity
      readonly serve?: (channel: Channel) => Promise<void>
      readonly peerKey?: Uint8Array
      readonly gate?: NetworkGate
      readonly versions?: readonly number[]
    }

    async function node(title: string, wish: Wish = {}): Promise<Node> {
      const peerKey = wish.peerKey ?? randomBytes(32)
      const clock = new TestClock()
      const served: Channel[] = []
      const bound: Peer[] = []
      const logged: Node['logged'] = []
      const log: Log = (_level, event, fields) => void logged.push({ event, code: fields?.code })
      const { limits, gate, versions } = wish
      const given = { ...(limits ? { limits } : {}), ...(gate ? { gate } : {}), ...(versions ? { versions } : {}) }
      const network = await make({ peerKey, networkName: wish.networkName ?? 'contract', clock, log, ...given })
      open.push(network)
      network.onBound((peer) => bound.push(peer))
      const honest = registry.identity(title, peerIdOf(peerKey))
      const identity = wish.identity?.(honest) ?? honest
      await network.start(identity, async (channel) => {
        served.push(channel)
        await (wish.serve ?? echo)(channel)
      })
      return { network, identity, clock, served, bound, logged }
    }

    /** Sends every message back until the peer ends the channel. */
    async function echo(channel: Channel): Promise<void> {
      for (;;) {
        const frame = await channel.next(never).catch(() => undefined)
        if (!frame) return
        await channel.send(frame, never)
      }
    }

    async function pair(wishA: Wish = {}, wishB: Wish = {}): Promise<{ a: Node; b: Node; peer: Peer }> {
      const [a, b] = await Promise.all([node('a', wishA), node('b', wishB)])
      const peer = await a.network.connect(address(b), never)
      await until(() => b.bound.length > 0)
      return { a, b, peer }
    }

    const address = ({ network }: Node): string => network.addresses[0] ?? 'none'
    const target = ({ identity, network }: Node) => ({ did: identity.did, addresses: network.addresses })
    const failure = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no failure', codeOf)
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
    const bytes = (words: string) => Buffer.from(words)

    async function roundTrip(from: Node, to: Node, words: string): Promise<string> {
      const channel = await from.network.open(target(to), 'exchange', never)
      await channel.send(bytes(words), never)
      const answer = text(await channel.next(never))
      channel.close()
      return answer
    }

    test('peers that are bound know each other’s proved DID and peer id', async () => {
      const { a, b, peer } = await pair()
      expect(peer).toMatchObject({ did: b.identity.did, peerId: b.network.peerId })
      expect(peer.addresses).toContain(address(b))
      expect(b.bound).toMatchObject([{ did: a.identity.did, peerId: a.network.peerId }])
      expect(a.network.connected()).toMatchObject([{ did: b.identity.did }])
      expect(b.network.connected()).toMatchObject([{ did: a.identity.did }])
    })

    test('a channel tells both ends the service and who is at the other', async () => {
      const { a, b } = await pair()
      const channel = await a.network.open(target(b), 'records', never)
      expect(channel).toMatchObject({ service: 'records', remote: { did: b.identity.did, peerId: b.network.peerId } })
      await until(() => b.served.length > 0)
      expect(b.served[0]).toMatchObject({ service: 'records', remote: { did: a.identity.did, peerId: a.network.peerId } })
    })

    test('either side opens channels on the connection, whoever dialled it', async () => {
      const { a, b } = await pair()
      expect(await roundTrip(a, b, 'from a')).toBe('from a')
      expect(await roundTrip(b, a, 'from b')).toBe('from b')
      expect(a.bound).toHaveLength(1)
    })

    test('open dials the addresses it is given', async () => {
      const [a, b] = [await node('a'), await node('b')]
      expect(await roundTrip(a, b, 'cold')).toBe('cold')
      expect(a.network.connected()).toHaveLength(1)
    })

    test('channels opened at once share one dial', async () => {
      const [a, b] = [await node('a'), await node('b')]
      await Promise.all(Array.from({ length: 8 }, (_, index) => roundTrip(a, b, `at once ${index}`)))
      expect(b.bound).toHaveLength(1)
    })

    test('messages of a channel arrive whole and in order, empty and largest ones too', async () => {
      const { a, b } = await pair()
      const sent = [bytes('first'), bytes(''), randomBytes(frameBytesMax), randomBytes(70_000), bytes('last')]
      const channel = await a.network.open(target(b), 'exchange', never)
      const sending = (async () => {
        for (const frame of sent) await channel.send(frame, never)
      })()
      for (const frame of sent) expect(Buffer.compare(await channel.next(never), frame)).toBe(0)
      await sending
    })

    test('64 channels at once keep their messages apart', async () => {
      const { a, b } = await pair()
      const words = Array.from({ length: 64 }, (_, index) => `${index} ${'x'.repeat(index * 100)}`)
      expect(await Promise.all(words.map((word) => roundTrip(a, b, word)))).toEqual(words)
    })

    test('a message over the limit is refused and the other channels go on', async () => {
      const { a, b } = await pair()
      const channel = await a.network.open(target(b), 'exchange', never)
      expect(await failure(channel.send(new Uint8Array(frameBytesMax + 1), never))).toBe('DFFT_FRAME_TOO_LONG')
      await channel.send(bytes('still'), never)
      expect(text(await channel.next(never))).toBe('still')
      expect(await roundTrip(a, b, 'others too')).toBe('others too')
    })

    test('a channel that is closed rejects the peer’s read, after what was sent before', async () => {
      const { a, b } = await pair({}, { serve: async (channel) => channel.send(bytes('farewell'), never) })
      const channel = await a.network.open(target(b), 'exchange', never)
      expect(text(await channel.next(never))).toBe('farewell')
      expect(await failure(channel.next(never))).toBe('DFFT_CHANNEL_CLOSED')
      expect(await failure(channel.send(bytes('late'), never))).toBe('DFFT_CHANNEL_CLOSED')
    })

    test('the code a handler fails with reaches the peer, and nothing of its message', async () => {
      const secret = new TrustError('DFFT_POLICY_DENIED', 'because of Mr Sato', { retryAfterMs: 5, name: 'Sato' })
      const { a, b } = await pair({}, { serve: () => Promise.reject(secret) })
      const channel = await a.network.open(target(b), 'exchange', never)
      const error = await channel.next(never).catch((cause: unknown) => cause as TrustError)
      expect(error).toMatchObject({ code: 'DFFT_POLICY_DENIED', facts: { by: 'peer', retryAfterMs: 5 } })
      expect(JSON.stringify([(error as TrustError).message, (error as TrustError).facts])).not.toContain('Sato')
    })

    test('a handler that fails by a fault of ours is an internal error to the peer', async () => {
      const { a, b } = await pair({}, { serve: () => Promise.reject(new RangeError('at line 7')) })
      const channel = await a.network.open(target(b), 'exchange', never)
      expect(await failure(channel.next(never))).toBe('DFFT_INTERNAL')
    })

    test('a read ends with its signal and loses no message', async () => {
      const { a, b } = await pair()
      const channel = await a.network.open(target(b), 'exchange', never)
      expect(await failure(channel.next(AbortSignal.timeout(1)))).toBe('DFFT_TIMEOUT')
      const given = new AbortController()
      const waiting = channel.next(given.signal)
      given.abort(new TrustError('DFFT_BUSY', 'given up'))
      expect(await failure(waiting)).toBe('DFFT_BUSY')
      await channel.send(bytes('kept'), never)
      expect(text(await channel.next(never))).toBe('kept')
    })

    test('the death of a peer rejects the reads that wait for it', async () => {
      const { a, b } = await pair({}, { serve: () => new Promise(() => undefined) })
      const channels = await Promise.all(Array.from({ length: 8 }, () => a.network.open(target(b), 'exchange', never)))
      const reads = channels.map((channel) => failure(channel.next(never)))
      await until(() => b.served.length === 8)
      await kill(b.network)
      expect(new Set(await Promise.all(reads))).toEqual(new Set(['DFFT_CHANNEL_CLOSED']))
      await until(() => a.network.connected().length === 0)
    })

    test('our own end rejects what waits, at both ends', async () => {
      const { a, b } = await pair({}, { serve: async (channel) => void (await channel.next(never)) })
      const channel = await a.network.open(target(b), 'exchange', never)
      await until(() => b.served.length === 1)
      const reads = [failure(channel.next(never)), failure(b.served[0]!.next(never))]
      await a.network[Symbol.asyncDispose]()
      expect(await Promise.all(reads)).toEqual(['DFFT_CHANNEL_CLOSED', 'DFFT_CHANNEL_CLOSED'])
      expect(await failure(a.network.open(target(b), 'exchange', never))).not.toBe('no failure')
    })

    test('a peer that cannot sign for its DID is refused on both sides, whichever of them dials', async () => {
      const forger = (honest: NetworkIdentity): NetworkIdentity => ({
        ...honest,
        sign: async (message) => sign(null, message, generateKeyPairSync('ed25519').privateKey),
      })
      for (const [first, second] of [
        [await node('honest'), await node('forger', { identity: forger })],
        [await node('forger', { identity: forger }), await node('honest')],
      ] as const) {
        expect(await failure(first.network.connect(address(second), never))).toBe('DFFT_PEER_BINDING')
        await until(() => second.logged.some(({ event }) => event === 'peer.refused'))
        expect([first.bound, second.bound]).toEqual([[], []])
        expect([...first.logged, ...second.logged]).toContainEqual({ event: 'peer.refused', code: 'DFFT_PEER_BINDING' })
      }
    })

    test('a peer that claims another party’s DID is refused', async () => {
      const victim = await node('victim')
      const claim = (honest: NetworkIdentity): NetworkIdentity => ({ ...honest, did: victim.identity.did, keyId: victim.identity.keyId })
      const [thief, mark] = [await node('thief', { identity: claim }), await node('mark')]
      expect(await failure(thief.network.connect(address(mark), never))).toBe('DFFT_PEER_BINDING')
      expect(await failure(mark.network.connect(address(thief), never))).toBe('DFFT_PEER_BINDING')
      expect(mark.network.connected()).toEqual([])
    })

    test('a key of another DID proves nothing', async () => {
      const mark = await node('mark')
      const claim = (honest: NetworkIdentity): NetworkIdentity => ({ ...honest, did: mark.identity.did })
      const thief = await node('thief', { identity: claim })
      expect(await failure(thief.network.connect(address(mark), never))).toBe('DFFT_PEER_BINDING')
    })

    test('a peer id that the DID document does not name is refused', async () => {
      const honest = await node('honest')
      const moved = await node('moved', { identity: () => registry.identity('moved', honest.network.peerId) })
      expect(await failure(moved.network.connect(address(honest), never))).toBe('DFFT_PEER_BINDING')
      expect(await failure(honest.network.connect(address(moved), never))).toBe('DFFT_PEER_BINDING')
    })

    test('an address that another party answers gives no channel', async () => {
      const [a, b, c] = [await node('a'), await node('b'), await node('c')]
      expect(await failure(a.network.open({ did: c.identity.did, addresses: [address(b)] }, 'exchange', never))).toBe('DFFT_PEER_BINDING')
      expect(b.served).toEqual([])
    })

    test('a peer of another network is refused', async () => {
      const [a, b] = [await node('a'), await node('b', { networkName: 'another' })]
      expect(await failure(a.network.connect(address(b), never))).toBe('DFFT_HELLO')
    })

    test('a clock that is an hour off is told so', async () => {
      const [a, b] = [await node('a'), await node('b')]
      a.clock.advance(3_600_000)
      expect(await failure(a.network.connect(address(b), never))).toBe('DFFT_EXPIRED')
    })

    test('an address where nobody is says so, and a party without an address too', async () => {
      const [a, b] = [await node('a'), await node('b')]
      const gone = target(b)
      await b.network[Symbol.asyncDispose]()
      expect(await failure(a.network.connect(gone.addresses[0]!, never))).toBe('DFFT_UNREACHABLE')
      expect(await failure(a.network.open(gone, 'exchange', never))).toBe('DFFT_UNREACHABLE')
      expect(await failure(a.network.open({ did: 'did:web:nobody.example' as Did, addresses: [] }, 'exchange', never))).toBe('DFFT_PEER_UNKNOWN')
    })

    test('both sides may dial at once, and go on with one connection', async () => {
      const [a, b] = [await node('a'), await node('b')]
      const answers = await Promise.all([roundTrip(a, b, '1'), roundTrip(b, a, '2'), roundTrip(a, b, '3'), roundTrip(b, a, '4')])
      expect(answers).toEqual(['1', '2', '3', '4'])
      a.clock.advance(20_000)
      b.clock.advance(20_000)
      expect(await Promise.all([roundTrip(a, b, '5'), roundTrip(b, a, '6')])).toEqual(['5', '6'])
      // However many connections there were for a moment, all but one have ended.
      const gone = ({ logged }: Node) => logged.filter(({ event }) => event === 'peer.gone').length
      await until(() => gone(a) === a.bound.length - 1 && gone(b) === b.bound.length - 1)
      expect([a.network.connected().length, b.network.connected().length]).toEqual([1, 1])
    })

    test('a partner that was lost is dialled again by itself', async () => {
      const peerKey = randomBytes(32)
      const a = await node('a')
      const b = await node('b', { peerKey })
      await a.network.connect(address(b), never)
      const back = Promise.withResolvers<void>()
      const [at] = b.network.addresses
      await b.network[Symbol.asyncDispose]()
      await until(() => a.network.connected().length === 0)
      const again = await node('b', { peerKey })
      // The new process listens elsewhere where ports are free ones; there the partner hears of it.
      again.network.onBound(() => back.resolve())
      if (address(again) !== at) a.network.open(target(again), 'exchange', never).catch(() => undefined)
      // The smaller DID waits for the other to dial, and then dials itself.
      const passing = until(() => {
        a.clock.advance(100)
        return again.bound.length > 0
      })
      await Promise.all([back.promise, passing])
      expect(again.network.connected()).toMatchObject([{ did: a.identity.did }])
    })

    test('faults disconnect a peer, and then ban it for half an hour', async () => {
      const { a, b } = await pair()
      for (let count = 0; count < 4; count++) b.network.fault(a.identity.did, 'DFFT_SCHEMA')
      expect(await roundTrip(a, b, 'four small faults')).toBe('four small faults')
      b.network.fault(a.identity.did, 'DFFT_SCHEMA')
      await until(() => a.network.connected().length === 0)
      expect(await roundTrip(a, b, 'back again')).toBe('back again')
      for (let count = 0; count < 5; count++) b.network.fault(a.identity.did, 'DFFT_SCHEMA')
      await until(() => a.network.connected().length === 0)
      expect(await failure(a.network.connect(address(b), never))).not.toBe('no failure')
      expect(await failure(b.network.open(target(a), 'exchange', never))).toBe('DFFT_BANNED')
      b.clock.advance(30 * 60_000 + 1)
      a.clock.advance(30 * 60_000 + 1)
      expect(await roundTrip(a, b, 'half an hour later')).toBe('half an hour later')
    })

    test('a peer that opens channels too fast is told when to come again', async () => {
      const { a, b } = await pair({}, { limits: { opensPerSecond: 10, opensBurst: 3 } })
      expect(await Promise.all(['1', '2', '3'].map((word) => roundTrip(a, b, word)))).toEqual(['1', '2', '3'])
      const channel = await a.network.open(target(b), 'exchange', never)
      expect(await channel.next(never).catch((cause: unknown) => cause)).toMatchObject({ code: 'DFFT_RATE_LIMITED', facts: { retryAfterMs: 100 } })
      b.clock.advance(100)
      expect(await roundTrip(a, b, 'later')).toBe('later')
    })

    test('a peer that never waits is disconnected', async () => {
      const { a, b } = await pair({}, { limits: { opensPerSecond: 1, opensBurst: 1 } })
      const ask = async () => {
        const channel = await a.network.open(target(b), 'exchange', never)
        await channel.next(never)
      }
      await Promise.all(Array.from({ length: 510 }, () => ask().catch(() => undefined)))
      await until(() => b.logged.some(({ event }) => event === 'peer.gone'))
      expect(b.logged).toContainEqual({ event: 'peer.gone', code: 'DFFT_CHANNEL_CLOSED' })
    })

    test('an enrolment costs a stranger more than a question costs a partner, and both are told when to come again', async () => {
      const { gate, strangers } = gated()
      const { a, b } = await pair({}, { gate, serve: echo })
      strangers.add(a.identity.did)
      const enrol = async () => {
        const channel = await a.network.open(target(b), 'enrol', never)
        await channel.send(bytes('please'), never)
        return text(await channel.next(never))
      }
      expect([await enrol(), await enrol()]).toEqual(['please', 'please'])
      expect(await enrol().catch((cause: unknown) => cause)).toMatchObject({ code: 'DFFT_RATE_LIMITED', facts: { retryAfterMs: 20_000 } })
      b.clock.advance(20_000)
      expect(await enrol()).toBe('please')
    })

    test('a long message costs more than a short one, and a channel of ours costs the peer nothing', async () => {
      const { a, b } = await pair({}, { limits: { opensPerSecond: 10, opensBurst: 20 }, serve: echo })
      const channel = await a.network.open(target(b), 'exchange', never)
      await channel.send(randomBytes(1 << 20), never)
      await channel.next(never)
      await channel.send(randomBytes(1 << 20), never)
      expect(await channel.next(never).catch((cause: unknown) => cause)).toMatchObject({ code: 'DFFT_RATE_LIMITED', facts: { retryAfterMs: 1300 } })
      const back = await b.network.open(target(a), 'exchange', never)
      for (let count = 0; count < 3; count++) {
        await back.send(randomBytes(1 << 20), never)
        expect(await back.next(never)).toHaveLength(1 << 20)
      }
    })

    test('what a channel charges is taken off what its peer may ask for', async () => {
      const { a, b } = await pair({}, { limits: { opensPerSecond: 10, opensBurst: 5 }, serve: async (channel) => channel.charge?.(4) })
      const ask = async () => {
        const channel = await a.network.open(target(b), 'records', never)
        return channel.next(never).catch((cause: unknown) => cause)
      }
      expect(await ask()).toMatchObject({ code: 'DFFT_CHANNEL_CLOSED' })
      expect(await ask()).toMatchObject({ code: 'DFFT_RATE_LIMITED', facts: { retryAfterMs: 100 } })
    })

    /** Everybody is known but those of the set. */
    function gated() {
      const gate = new NetworkGate()
      const strangers = new Set<Did>()
      gate.join({ admits: (did): Acquaintance => (strangers.has(did) ? 'stranger' : 'known') })
      return { gate, strangers }
    }

    test('a stranger may enrol and nothing else, until it is admitted, and again when it is no longer', async () => {
      const { gate, strangers } = gated()
      const { a, b } = await pair({}, { gate, serve: echo })
      const ask = async (service: Service) => {
        const channel = await a.network.open(target(b), service, never)
        await channel.send(bytes(service), never)
        return channel.next(never).then(text, codeOf)
      }
      const all = async () => [await ask('exchange'), await ask('records'), await ask('enrol')]
      expect(await all()).toEqual(['exchange', 'records', 'enrol'])
      strangers.add(a.identity.did)
      expect(await all()).toEqual(['DFFT_NOT_ADMITTED', 'DFFT_NOT_ADMITTED', 'enrol'])
      expect(b.served.map(({ service }) => service)).toEqual(['exchange', 'records', 'enrol', 'enrol'])
      strangers.clear()
      expect(await ask('exchange')).toBe('exchange')
    })

    test('whom the operator blocks is disconnected, hears that it is shut out, and is not dialled, until it is let in again', async () => {
      const gate = new NetworkGate()
      const blocked = new Set<Did>()
      gate.join({ admits: () => 'known', blocks: (did) => blocked.has(did) })
      const { a, b } = await pair({}, { gate })
      expect(await roundTrip(a, b, 'before')).toBe('before')
      blocked.add(a.identity.did)
      gate.changed()
      await until(() => a.network.connected().length === 0 && b.network.connected().length === 0)
      expect(await failure(a.network.connect(address(b), never))).toBe('DFFT_BANNED')
      expect(await failure(b.network.open(target(a), 'exchange', never))).toBe('DFFT_BLOCKED')
      expect(await failure(b.network.connect(address(a), never))).toBe('DFFT_BLOCKED')
      b.network.keep(target(a))
      expect([a.network.connected(), b.network.connected()]).toEqual([[], []])
      blocked.clear()
      gate.changed()
      let answer = ''
      // The connection that was refused last may be closing still.
      while (answer !== 'after') answer = await roundTrip(b, a, 'after').catch(codeOf)
      expect(b.network.connected()).toMatchObject([{ did: a.identity.did }])
    })

    test('what strangers announce is not heard, and they hear nothing; from the moment they are admitted they do', async () => {
      const { gate, strangers } = gated()
      const { a, b } = await pair({}, { gate })
      const heard: string[] = []
      for (const [name, one] of Object.entries({ a, b }))
        one.network.onAnnounced(async (announcement) => {
          heard.push(`${name} ${text(announcement)}`)
          return true
        })
      strangers.add(a.identity.did)
      gate.changed()
      await a.network.publish(bytes('from a stranger'))
      await b.network.publish(bytes('to a stranger'))
      expect(await roundTrip(b, a, 'later than those')).toBe('later than those')
      expect(heard).toEqual([])
      strangers.clear()
      gate.changed()
      let tries = 0
      const both = () => heard.some((words) => words.startsWith('a to')) && heard.some((words) => words.startsWith('b from'))
      while (!both()) {
        await Promise.all([a.network.publish(bytes(`from a partner ${tries}`)), b.network.publish(bytes(`to a partner ${tries++}`))])
        for (const { clock } of [a, b]) clock.advance(100) // As fast as they may.
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(heard.filter((words) => words.includes('stranger'))).toEqual([])
    })

    test('strangers share a few places, and are told when to come again; partners find theirs', async () => {
      const { gate, strangers } = gated()
      const b = await node('b', { gate, limits: { strangers: 1 } })
      const [first, second, partner] = [await node('first'), await node('second'), await node('partner')]
      for (const one of [first, second]) strangers.add(one.identity.did)
      await first.network.connect(address(b), never)
      await until(() => b.bound.length === 1)
      const refused = await second.network.connect(address(b), never).catch((cause: unknown) => cause)
      expect(refused).toMatchObject({ code: 'DFFT_BUSY', facts: { retryAfterMs: 6000 } })
      expect(await partner.network.connect(address(b), never)).toMatchObject({ did: b.identity.did })
    })

    test('a stranger that goes on asking for what it is refused is told when to come again, and may still enrol', async () => {
      const { gate, strangers } = gated()
      const { a, b } = await pair({}, { gate, serve: echo, limits: { opensPerSecond: 10, opensBurst: 5 } })
      strangers.add(a.identity.did)
      const ask = async (service: Service) => {
        const channel = await a.network.open(target(b), service, never)
        await channel.send(bytes(service), never)
        return channel.next(never).then(text, codeOf)
      }
      for (let count = 0; count < 5; count++) expect(await ask('exchange')).toBe('DFFT_NOT_ADMITTED')
      expect([await ask('exchange'), await ask('enrol')]).toEqual(['DFFT_RATE_LIMITED', 'enrol'])
    })

    test('whom a node dials itself finds a place, however many strangers have come', async () => {
      const { gate, strangers } = gated()
      const b = await node('b', { gate, limits: { strangers: 1 } })
      const [first, second] = [await node('first'), await node('second')]
      for (const one of [first, second]) strangers.add(one.identity.did)
      await first.network.connect(address(b), never)
      await until(() => b.bound.length === 1)
      expect(await b.network.connect(address(second), never)).toMatchObject({ did: second.identity.did })
    })

    test('where a stranger says that it is, nobody is dialled: not when it goes, and not before it is admitted', async () => {
      const { gate, strangers } = gated()
      const b = await node('b', { gate })
      const alarms = b.clock.alarms
      const a = await node('a')
      strangers.add(a.identity.did)
      await a.network.connect(address(b), never)
      await until(() => b.bound.length === 1)
      expect(b.network.connected()).toMatchObject([{ did: a.identity.did, addresses: [] }])
      strangers.clear()
      gate.changed()
      expect(b.network.connected()).toMatchObject([{ did: a.identity.did, addresses: a.network.addresses }])
      strangers.add(a.identity.did)
      gate.changed()
      await a.network[Symbol.asyncDispose]()
      await until(() => b.network.connected().length === 0)
      // Time-outs that ring for nobody are over; a dial would set one anew each time.
      for (let minute = 0; minute < 3; minute++) {
        b.clock.advance(60_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(b.clock.alarms).toBe(alarms)
    })

    test.each([
      ['version 1 to today', [1], undefined, 1],
      ['today to version 1', undefined, [1], 1],
      ['version 2 to today', [1, 2], undefined, 2],
      ['today to version 2', undefined, [1, 2], 2],
      ['today to today', undefined, undefined, 3],
    ] as const)('a node of %s: both work, and know what they share', async (_name, ours, theirs, version) => {
      const offered = (versions: readonly number[] | undefined) => (versions ? { versions } : {})
      const { a, b, peer } = await pair(offered(ours), offered(theirs))
      expect([peer.version, ...a.network.connected().map((one) => one.version), ...b.network.connected().map((one) => one.version)]).toEqual(
        Array(3).fill(version),
      )
      // Only from version 2 on does who was dialled know where to dial.
      expect(b.network.connected().flatMap(({ addresses }) => addresses)).toEqual(version === 1 ? [] : a.network.addresses)
      expect([await roundTrip(a, b, 'there'), await roundTrip(b, a, 'and back')]).toEqual(['there', 'and back'])
      expect([...a.served, ...b.served].map((channel) => channel.version)).toEqual([version, version])
      const opening = [a.network.open(target(b), 'enrol', never), a.network.open(target(b), 'notice', never)]
      expect(await Promise.all(opening.map(failure))).toEqual([2, 3].map((since) => (version < since ? 'DFFT_VERSION' : 'no failure')))
    })

    test('nodes that share no version say so', async () => {
      const [a, b] = [await node('a', { versions: [1] }), await node('b', { versions: [2] })]
      expect(await failure(a.network.connect(address(b), never))).toBe('DFFT_VERSION')
      expect(await failure(b.network.connect(address(a), never))).toBe('DFFT_VERSION')
    })

    test('who was dialled dials again itself when the other is lost: it was told where', async () => {
      const [small, large] = [await node('a'), await node('b')]
      await small.network.connect(address(large), never)
      await until(() => large.bound.length === 1)
      // The larger DID dials first; the clock of the smaller stands still.
      small.network.fault(large.identity.did, 'DFFT_FRAME')
      await until(() => large.network.connected().length === 0)
      await until(() => {
        large.clock.advance(100)
        return large.bound.length === 2
      })
      expect(small.network.connected()).toMatchObject([{ did: large.identity.did }])
    })

    test('a partner that is kept is called until it answers', async () => {
      const [a, b] = [await node('a'), await node('b')]
      const peer = target(b)
      a.network.keep(peer)
      await until(() => b.bound.length === 1)
      a.network.keep({ did: 'did:web:nobody.example' as Did, addresses: [] })
      await until(() => a.bound.length === 1)
      a.network.keep(peer)
      await b.network[Symbol.asyncDispose]()
      await until(() => a.network.connected().length === 0)
    })

    test('the 513th channel at once is refused here, and counted out again when one ends', async () => {
      const { a, b } = await pair({}, { limits: { opensPerSecond: 1e6, opensBurst: 1e6 } })
      const channels = await Promise.all(Array.from({ length: 512 }, () => a.network.open(target(b), 'exchange', never)))
      expect(await failure(a.network.open(target(b), 'exchange', never))).toBe('DFFT_BUSY')
      channels[0]!.close()
      expect(await roundTrip(a, b, 'room again').catch(codeOf)).toMatch(/room again|DFFT_BUSY/)
      for (const channel of channels) channel.close()
    })
  })
}
