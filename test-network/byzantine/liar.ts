/**
 * A byzantine peer: a real node whose words pass through a seeded liar. It has the node's key, so that whatever it says is well signed; it
 * says two things of one step, old things again, other things than it wrote down, or nothing. Its hello is honest, and so are its answers
 * about documents that others signed: it is a partner everybody knows.
 */
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import type { Network } from '#node/ports.ts'
import { toBase64url } from '#protocols/base64url.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Channel, Service } from '#protocols/channel.ts'
import { bindSdJwt } from '#protocols/credential/key-binding.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import type { Message, Presentation, Receipt, Request } from '#protocols/exchange/messages.ts'
import { signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { type Did, type Digest, digest } from '#protocols/ids.ts'
import { Seeded } from '../seeded.ts'
import type { Between, SimNode } from '../sim-node.ts'
import type { World } from '../sim-world.ts'

/** What a liar may do with a word of its node. */
export const lies = [
  'says nothing',
  'hangs up',
  'hangs up in the middle of a frame',
  'says it twice',
  'says another thing instead',
  'says another thing besides, elsewhere',
  'says an old thing instead',
  'says an old thing first',
  'says an old thing elsewhere',
  'shows another log',
] as const
export type Lie = (typeof lies)[number]

interface Heard {
  readonly service: Service
  readonly bytes: Uint8Array
}

type Body = Record<string, unknown> & { readonly type: string }

/** Messages of the past that it chooses from. */
const heardMax = 400

export class Liar {
  readonly name: string
  /** How often it told which. */
  readonly told = new Map<Lie, number>()
  /** Size and root of each head of the other log that it showed to anybody. */
  readonly otherHeads = new Set<string>()
  readonly #chance: Seeded
  readonly #share: number
  /** Takes what it is shown and never says that it did. */
  readonly #silent: boolean
  readonly #heard: Heard[] = []
  #world: World | undefined
  #log: AuditLog | undefined

  /** @param share of its node's words that are changed */
  constructor(name: string, seed: number) {
    this.name = name
    this.#chance = new Seeded(seed, name, 'liar')
    this.#share = this.#chance.between(20, 80) / 100
    this.#silent = this.#chance.chance(0.25)
  }

  /** It begins to lie. */
  join(world: World): void {
    this.#world = world
    world.liars.add(this.name)
  }

  between(): Between {
    return { network: (network) => this.#over(network) }
  }

  /** Of itself: says something old to somebody, or asks for one thing in two ways at once. */
  attack(): void {
    const node = this.#node
    if (!node || this.#heard.length === 0) return
    const old = this.#old()
    const body = JSON.parse(Buffer.from(old.bytes).toString()) as Body // Heard before, so it reads.
    const to = body.from === node.did && this.#chance.chance(0.7) ? (body.to as Did) : this.#anybody()
    this.#count('says an old thing elsewhere')
    this.#elsewhere(to, old)
    if (body.from !== node.did) return
    this.#count('says another thing besides, elsewhere')
    void this.#other(body, node).then((bytes) => this.#elsewhere(to, { service: old.service, bytes }))
  }

  #count(lie: Lie): void {
    this.told.set(lie, (this.told.get(lie) ?? 0) + 1)
  }

  get #node(): SimNode | undefined {
    const node = this.#world?.node(this.name)
    return node?.alive ? node : undefined
  }

  /** All that is not a channel is the node's own. */
  #over(network: Network): Network {
    const open: Network['open'] = async (peer, service, signal) => this.#channel(await network.open(peer, service, signal))
    const start: Network['start'] = (identity, onChannel) => network.start(identity, (channel) => onChannel(this.#channel(channel)))
    return new Proxy(network, {
      get: (target, member) => {
        if (member === 'open') return open
        if (member === 'start') return start
        const value: unknown = Reflect.get(target, member)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #channel(channel: Channel): Channel {
    const send: Channel['send'] = (frame, signal) => this.#say(channel, frame, signal)
    const next: Channel['next'] = async (signal) => {
      const frame = await channel.next(signal)
      this.#remember(channel.service, frame)
      return frame
    }
    return {
      service: channel.service,
      remote: channel.remote,
      ...(channel.version === undefined ? {} : { version: channel.version }),
      ...(channel.charge ? { charge: (cost: number) => channel.charge?.(cost) } : {}),
      send,
      next,
      close: () => channel.close(),
    }
  }

  #remember(service: Service, bytes: Uint8Array): void {
    if (service !== 'exchange' && service !== 'notice') return
    this.#heard.push({ service, bytes })
    if (this.#heard.length > heardMax) this.#heard.shift()
  }

  async #say(channel: Channel, frame: Uint8Array, signal: AbortSignal): Promise<void> {
    const { service } = channel
    const node = this.#node
    if (!node || (service !== 'exchange' && service !== 'notice')) return channel.send(frame, signal)
    this.#remember(service, frame)
    const body = JSON.parse(Buffer.from(frame).toString()) as Body // Its own node's message.
    if (this.#silent && body.type === 'receipt') return
    if (!this.#chance.chance(this.#share)) return channel.send(frame, signal)
    return this.#tell(this.#chance.pick(lies), { channel, frame, body, node }, signal)
  }

  async #tell(
    lie: Lie,
    { channel, frame, body, node }: { readonly channel: Channel; readonly frame: Uint8Array; readonly body: Body; readonly node: SimNode },
    signal: AbortSignal,
  ): Promise<void> {
    this.#count(lie)
    switch (lie) {
      case 'says nothing':
        return
      case 'hangs up':
        return channel.close()
      case 'hangs up in the middle of a frame':
        this.#world?.cutShort.add(this.name)
        return channel.send(frame, signal)
      case 'says it twice':
        await channel.send(frame, signal)
        return channel.send(frame, signal)
      case 'says another thing instead':
        return channel.send(await this.#other(body, node), signal)
      case 'says another thing besides, elsewhere':
        this.#elsewhere(channel.remote.did, { service: channel.service, bytes: await this.#other(body, node) })
        return channel.send(frame, signal)
      case 'says an old thing instead':
        return channel.send(this.#old().bytes, signal)
      case 'says an old thing first':
        await channel.send(this.#old().bytes, signal)
        return channel.send(frame, signal)
      case 'says an old thing elsewhere':
        this.#elsewhere(this.#chance.chance(0.5) ? channel.remote.did : this.#anybody(), this.#old())
        return channel.send(frame, signal)
      case 'shows another log':
        return channel.send(await this.#otherLog(body, node), signal)
    }
  }

  #old(): Heard {
    return this.#chance.pick(this.#heard) // What is being said is among them.
  }

  #anybody(): Did {
    const others = this.#world?.nodes.filter(({ name }) => name !== this.name) ?? []
    return this.#chance.pick(others).did
  }

  /** On a channel of its own, with as much patience as it feels like. */
  #elsewhere(to: Did, { service, bytes }: Heard): void {
    const world = this.#world
    const node = this.#node
    const partner = world?.nodes.find(({ did }) => did === to)
    if (!world || !node || !partner) return
    const { signal } = new AbortController()
    const patient = this.#chance.chance(0.5)
    const said = async () => {
      const channel = await node.parts.network.open({ did: to, addresses: [partner.address] }, service, signal)
      // Around the liar: this one is a lie already.
      await channel.send(bytes, signal)
      if (patient) await channel.next(signal)
      channel.close()
    }
    world.time.after(this.#chance.between(0, 20_000), () => void said().catch(() => undefined)) // Nobody listens, or its own node is gone.
  }

  /** The same step with another content, signed anew. */
  async #other(body: Body, node: SimNode): Promise<Uint8Array> {
    const changed = await this.#changed(body, node)
    if (body.type === 'notice' || body.type === 'acknowledgement' || !('signature' in body)) return canonicalBytes(changed)
    const { signature: _signature, ...unsigned } = changed
    return canonicalBytes(await signMessage<Message>(unsigned as unknown as Unsigned<Message>, node.parts.self.signer)) // Still of its type, but for one member.
  }

  async #changed(body: Body, node: SimNode): Promise<Body> {
    const { chance, hash } = { chance: this.#chance, hash: digest(this.#chance.bytes(8)) }
    switch (body.type) {
      case 'receipt':
        return {
          ...body,
          ...chance.pick([{ outcome: otherOutcome(body as unknown as Receipt) }, { release: hash }, { agreement: hash }, { exchange: someId(chance) }]),
        }
      case 'presentation':
        return { ...body, ...(await this.#otherPresentation(body as unknown as Presentation, node, hash)) }
      case 'request':
        return {
          ...body,
          ...chance.pick([
            { nonce: toBase64url(chance.bytes(32)) },
            { purpose: 'compliance.aml' },
            { seen: 0 },
            { seen: 1_000_000 },
            { exchange: someId(chance) },
          ]),
        }
      case 'acceptance':
        return { ...body, terms: hash }
      case 'closing':
        return { ...body, receipt: hash }
      case 'terms':
        return { ...body, ...chance.pick([{ agreement: hash }, { request: hash }]) }
      case 'notice':
        return { ...body, exchange: someId(chance) }
      default:
        return { ...body, at: '2026-11-02T13:00:00Z' }
    }
  }

  /** Less, more, another one's, or under another agreement. */
  async #otherPresentation(said: Presentation, node: SimNode, hash: Digest): Promise<Partial<Presentation>> {
    const others = this.#said('presentation').map((one) => (one as unknown as Presentation).credentials)
    return this.#chance.pick([
      { credentials: this.#chance.pick(others) },
      { credentials: [...said.credentials, ...said.credentials].slice(0, 32) },
      { credentials: await this.#more(said, node) },
      { credentials: await this.#more(said, node) },
      { agreement: { ...said.agreement, hash } },
      { request: hash },
      { seen: 1_000_000 },
    ])
  }

  /** With all that there is to disclose, bound as it has to be. */
  async #more({ credentials, exchange, to }: Presentation, node: SimNode): Promise<Presentation['credentials']> {
    const request = this.#said('request').find((one) => one.exchange === exchange) as unknown as Request | undefined
    const whole = this.#ownTexts()
    const { self, clock } = node.parts
    const shown: Presentation['credentials'] = []
    for (const { id, format, text } of credentials) {
      const own = whole.find((one) => one.startsWith(`${text.split('~', 1)[0]}~`))
      const key = own === undefined ? undefined : readSdJwt(own).holderKey
      const signer = key ? self.signerOf(key) : undefined
      const bound =
        own !== undefined && request && signer ? await bindSdJwt(own, { nonce: request.nonce, audience: to, issuedAtMs: clock.nowMs() }, signer) : text
      shown.push({ id, format, text: bound })
    }
    return shown
  }

  #said(type: string): Body[] {
    const bodies = this.#heard.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Body) // Heard before, so it reads.
    return bodies.filter((body) => body.type === type)
  }

  #ownTexts(): string[] {
    const held = [...(this.#node?.entries ?? [])].filter(([key]) => key.startsWith('credential/held/') || key.startsWith('credential/issued/'))
    return held.flatMap(([, value]) => {
      const { encodings } = JSON.parse(Buffer.from(value).toString()) as { readonly encodings: readonly { readonly text: string }[] } // The product’s own.
      return encodings.map(({ text }) => text)
    })
  }

  /** Its own key, another history: valid in itself. */
  async #otherLog(body: Body, node: SimNode): Promise<Uint8Array> {
    if (!('log' in body)) return this.#other(body, node)
    const log = await this.#history(node)
    const { note, size } = await log.checkpoint()
    this.otherHeads.add(headOf(note))
    const since = this.#chance.between(0, size)
    const told = { checkpoint: note, since, proof: log.consistency(since, size) }
    const { signature: _signature, ...unsigned } = { ...(body as Body & { readonly signature: unknown }), log: told }
    return canonicalBytes(await signMessage<Message>(unsigned as unknown as Unsigned<Message>, node.parts.self.signer)) // As above.
  }

  async #history(node: SimNode): Promise<AuditLog> {
    const { did, signer } = node.parts.self
    const { clock } = node.parts
    const log = this.#log ?? (await AuditLog.open(new MemoryStore(), { did, signer, clock }))
    this.#log = log
    await log.append([{ kind: 'released', exchange: null, facts: { release: digest(this.#chance.bytes(8)) } }])
    return log
  }
}

/** Size and root, which are the second line of a checkpoint and the third. */
export function headOf(note: string): string {
  return note.split('\n').slice(1, 3).join(' ')
}

function otherOutcome({ outcome }: Receipt): Receipt['outcome'] {
  return outcome.kind === 'accepted' ? { kind: 'rejected', code: 'DFFT_SIGNATURE' } : { kind: 'accepted' }
}

function someId(chance: Seeded): string {
  return Buffer.from(chance.bytes(16)).toString('hex')
}
