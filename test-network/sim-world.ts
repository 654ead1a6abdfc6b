/**
 * N nodes in one process: the product's TrustNode over played time, chance, disk and network. A seed replays a run byte for byte.
 *
 * A link is ordered and reliable as a real stream is; what goes wrong with it is delay, and its end. What is sent twice is
 * sent twice by a node, and a node that crashes loses everything but its disk.
 */
// A node loads it when its operator adds a policy; loading is real work, for which played time would not wait.
import '#policies/parse-policy.ts'
import { createHash } from 'node:crypto'
import { type Delivery, MemoryHub } from '#node/adapters/memory-network.ts'
import type { LogFields, Write } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import type { PeerId } from '#protocols/ids.ts'
import { Seeded } from './seeded.ts'
import { type Between, type Birth, SimNode, type Stopped } from './sim-node.ts'
import { quiet, VirtualTime } from './virtual-time.ts'
import { messageIn, type WireMessage } from './wire-message.ts'

export interface WorldOptions {
  readonly seed: number
  /** Slowest delivery, and slowest write to a disk; each takes its share by chance. */
  readonly latencyMsMax?: number
  readonly diskMsMax?: number
  /** By name of the node. */
  readonly between?: Readonly<Record<string, Between>>
}

/** A world that stands still: the nodes with all they hold, and when that was. Each world that begins with it has a chance of its own. */
export interface Beginning {
  readonly ms: number
  readonly nodes: readonly { readonly birth: Birth; readonly stopped: Stopped }[]
}

/** What becomes of a message on its way. `lost`: neither it nor anything that follows on its link arrives. */
export type Fate = { readonly kind: 'arrives' } | { readonly kind: 'lost' } | { readonly kind: 'late'; readonly ms: number } | { readonly kind: 'cut short' }

/** `sent`: the bytes are handed to the network, and may be lost with their link. `arriving`: the next thing is their arrival. */
export type Moment = 'sent' | 'arriving'
/** Sees each message of an exchange or of the records; may cut links and kill nodes. */
export type Watch = (moment: Moment, message: WireMessage) => void

export interface LogLine {
  readonly ms: number
  readonly node: string
  readonly level: string
  readonly event: string
  readonly fields: LogFields | undefined
}

/** An afternoon on which the reference policies are in force. */
const startMs = Date.UTC(2026, 10, 2, 13)
/** A partner whose link is a black hole finds out within this: a keepalive and its patience. */
const breakMsMax = 15_000
const withinMsMax = 10 * 60_000

export class World implements AsyncDisposable {
  readonly seed: number
  readonly time = new VirtualTime(startMs)
  /** Everything that was said, in the order it was sent. */
  readonly said: WireMessage[] = []
  readonly log: LogLine[] = []
  /** What no world may see, as it was seen. */
  readonly violations: string[] = []
  /** Names of nodes that a story makes say what they should not. */
  readonly liars = new Set<string>()
  /** Whose next message of an exchange ends in the middle, and its link with it. */
  readonly cutShort = new Set<string>()
  watch: Watch | undefined
  /** Decides on each message of an exchange or of the records. */
  fate: ((message: WireMessage) => Fate) | undefined
  /** Sees each batch of each node when it is on its disk. */
  inspect: ((node: SimNode, writes: readonly Write[]) => void) | undefined
  readonly #options: Required<WorldOptions>
  readonly #births = new Map<string, Birth>()
  readonly #chance: Seeded
  readonly #hub: MemoryHub
  readonly #nodes = new Map<string, SimNode>()
  readonly #transcript = createHash('sha256')
  /** When the last thing sent on a link, by that side, arrives. */
  readonly #lastDueMs = new Map<string, number>()
  readonly #links = new Map<number, string>()
  /** Links whose bytes no longer arrive. */
  readonly #doomed = new Set<number>()
  readonly #parted = new Set<string>()

  private constructor(options: WorldOptions) {
    this.seed = options.seed
    this.#options = { latencyMsMax: 60, diskMsMax: 8, between: {}, ...options }
    this.#chance = new Seeded(options.seed, 'network')
    this.#hub = new MemoryHub((delivery, arrive) => this.#deliver(delivery, arrive))
  }

  /** A world and its nodes, all of them running. */
  static async create({ nodes, ...options }: WorldOptions & { readonly nodes: readonly Birth[] }): Promise<World> {
    const world = new World(options)
    for (const birth of nodes) await world.add(birth)
    return world
  }

  /** Goes on from a beginning, as if all nodes had been off for so long. @param skewMs of the clocks, by name */
  static async from(
    beginning: Beginning,
    { offMs, skewMs = {}, ...options }: WorldOptions & { readonly offMs: number; readonly skewMs?: Readonly<Record<string, number>> },
  ): Promise<World> {
    const world = new World(options)
    world.time.leap(beginning.ms + offMs)
    for (const { birth, stopped } of beginning.nodes) await world.add({ ...birth, skewMs: skewMs[birth.name] ?? 0 }, stopped)
    return world
  }

  /** Ends all lives. */
  stop(): Beginning {
    const nodes = [...this.#births.values()].map((birth) => ({ birth, stopped: this.node(birth.name).stop() }))
    return { ms: this.time.ms, nodes }
  }

  get nodes(): readonly SimNode[] {
    return [...this.#nodes.values()]
  }

  node(name: string): SimNode {
    const node = this.#nodes.get(name)
    if (!node) throw new Error(`the world has no node ${name}`)
    return node
  }

  nameOf(peerId: PeerId): string {
    return this.nodes.find((node) => node.peerId === peerId)?.name ?? peerId
  }

  /**
   * Lets the world go on until the promise settles.
   *
   * @param withinMs of virtual time, after which the world has failed
   */
  async run<T>(until: Promise<T>, withinMs = withinMsMax): Promise<T> {
    let settled = false
    const noted = () => {
      settled = true
    }
    until.then(noted, noted)
    const limitMs = this.time.ms + withinMs
    for (;;) {
      await quiet()
      if (settled) return until
      if (!this.time.step(limitMs)) throw new Error(`nothing came of it within ${withinMs} ms of virtual time`)
    }
  }

  /** Lets so much virtual time pass. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.time.ms + ms
    do await quiet()
    while (this.time.step(untilMs))
    this.time.leap(untilMs)
  }

  /** Lets the world go on until it is so, looking after every event. */
  async until(holds: () => boolean, what: string, withinMs = withinMsMax): Promise<void> {
    const limitMs = this.time.ms + withinMs
    for (await quiet(); !holds(); await quiet()) if (!this.time.step(limitMs)) throw new Error(`not within ${withinMs} ms of virtual time: ${what}`)
  }

  /** One node more, running. */
  async add(birth: Birth, before?: Stopped): Promise<SimNode> {
    const { seed, time } = this
    const { diskMsMax, between } = this.#options
    const log = (name: string) => this.#logOf(name)
    const inspect = (of: SimNode, writes: readonly Write[]) => this.inspect?.(of, writes)
    const node = new SimNode(birth, { seed, hub: this.#hub, time, diskMsMax, log, between: between[birth.name], inspect }, before)
    this.#nodes.set(birth.name, node)
    this.#births.set(birth.name, birth)
    await this.run(node.start())
    return node
  }

  // Faults.

  kill(name: string): void {
    this.#note('kill', name)
    this.node(name).kill()
  }

  async revive(name: string): Promise<void> {
    this.#note('revive', name)
    await this.run(this.node(name).start())
  }

  /** From now on nothing arrives between the two. The links there are never recover; their ends notice later. */
  cut(one: string, other: string): void {
    const pair = this.#pair(this.node(one).peerId, this.node(other).peerId)
    this.#note('cut', pair)
    this.#parted.add(pair)
    for (const [link, between] of this.#links) if (between === pair) this.#doom(link)
  }

  /** Cuts one from all others. */
  part(name: string): void {
    for (const other of this.nodes) if (other.name !== name) this.cut(name, other.name)
  }

  /** Everybody can dial everybody again. */
  healAll(): void {
    for (const [at, one] of this.nodes.entries()) for (const other of this.nodes.slice(at + 1)) this.heal(one.name, other.name)
  }

  /** The two can dial one another again. */
  heal(one: string, other: string): void {
    const pair = this.#pair(this.node(one).peerId, this.node(other).peerId)
    this.#note('heal', pair)
    this.#parted.delete(pair)
  }

  // Evidence.

  /** Digest of all that happened: each delivery with its bytes and virtual time, each log line, each fault, each disk as it is now. */
  transcript(): string {
    const whole = this.#transcript.copy()
    for (const node of this.nodes) for (const [key, value] of node.entries) whole.update(`${node.name} ${key} `).update(value)
    return whole.digest('hex')
  }

  /** For a person who looks for what went wrong. */
  story(lines = 40): string {
    return this.log
      .slice(-lines)
      .map(({ ms, node, level, event, fields }) => `${String(ms).padStart(8)} ms ${node.padEnd(4)} ${level} ${event} ${JSON.stringify(fields ?? {})}`)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) node.kill()
    await quiet()
  }

  #logOf(node: string) {
    return (level: string, event: string, fields?: LogFields) => {
      const line = { ms: this.time.ms, node, level, event, fields }
      this.log.push(line)
      this.#transcript.update(`${canonical([line.ms, node, level, event, JSON.stringify(fields ?? {})])}\n`)
      if (level === 'error' && !this.liars.has(node)) this.violations.push(`${node} logged an error: ${event} ${JSON.stringify(fields ?? {})}`)
    }
  }

  #note(what: string, of: string): void {
    this.#transcript.update(`${this.time.ms} ${what} ${of}\n`)
    this.log.push({ ms: this.time.ms, node: '', level: 'info', event: `${what} ${of}`, fields: undefined })
  }

  #deliver(delivery: Delivery, arrive: (instead?: Uint8Array) => void): void {
    const { from, to, link, kind, bytes, sequence } = delivery
    const pair = this.#pair(from, to)
    const message = messageIn(delivery, { atMs: this.time.ms, from: this.nameOf(from), to: this.nameOf(to) })
    this.#record('sent', delivery)
    if (message) this.#hear(message)
    this.#links.set(link, pair)
    if (this.#parted.has(pair)) this.#doom(link)
    const side = `${link} ${from}`
    const dueMs = Math.max(this.#lastDueMs.get(side) ?? 0, this.time.ms + this.#chance.between(1, this.#options.latencyMsMax))
    this.#lastDueMs.set(side, dueMs)
    if (message) this.watch?.('sent', message)
    const fate: Fate = message && this.cutShort.delete(message.from) ? { kind: 'cut short' } : ((message && this.fate?.(message)) ?? { kind: 'arrives' })
    if (fate.kind === 'lost') this.#doom(link)
    const lateMs = fate.kind === 'late' ? fate.ms : 0
    if (lateMs > 0) this.#lastDueMs.set(side, dueMs + lateMs)
    this.time.after(dueMs + lateMs - this.time.ms, () => {
      if (message && !this.#doomed.has(link)) this.watch?.('arriving', message)
      if (this.#doomed.has(link)) return
      this.#record('arrived', { from, to, link, kind, bytes, sequence })
      if (fate.kind !== 'cut short') return arrive()
      arrive(bytes.subarray(0, bytes.length >> 1))
      this.#doom(link)
    })
  }

  #record(what: string, { from, to, link, kind, bytes, sequence }: Delivery): void {
    this.#transcript.update(`${this.time.ms} ${what} ${kind} ${link}/${sequence} ${from} ${to} ${bytes.length}\n`).update(bytes)
  }

  /** Write it down, then do it: what a node says of an exchange is on its disk already. */
  #hear(message: WireMessage): void {
    this.said.push(message)
    const first = records[message.type]
    if (!first || message.exchange === null || this.liars.has(message.from)) return
    const { recorded } = this.node(message.from)
    if (first.some((kind) => recorded.has(`${kind} ${message.exchange}`))) return
    this.violations.push(`${message.from} said ${message.type} of ${message.exchange} before ${first.join(' or ')} was on its disk`)
  }

  #doom(link: number): void {
    if (this.#doomed.has(link)) return
    this.#doomed.add(link)
    this.time.after(this.#chance.between(0, breakMsMax), () => this.#hub.break(link))
  }

  #pair(one: PeerId, other: PeerId): string {
    return [this.nameOf(one), this.nameOf(other)].sort().join('-')
  }
}

/** The audit entry that each message follows. */
const records: Readonly<Record<string, readonly string[] | undefined>> = {
  offer: ['offered'],
  request: ['requested'],
  acceptance: ['accepted-terms'],
  presentation: ['released'],
  receipt: ['received', 'rejected'],
  closing: ['receipted'],
}
