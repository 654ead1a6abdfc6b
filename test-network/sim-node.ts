/** A node of a simulated world: what outlives a crash (its disk, its keys) and the life it leads just now. */

import { didResolver } from '#node/adapters/did-resolver.ts'
import { MemoryBlobs } from '#node/adapters/memory-blobs.ts'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import type { MemoryHub } from '#node/adapters/memory-network.ts'
import { type Entries, MemoryStore } from '#node/adapters/memory-store.ts'
import { NetworkGate } from '#node/network/gate.ts'
import { openParts } from '#node/open-node.ts'
import type { DataKeyId, Fetch, Log, Network, Store, Write } from '#node/ports.ts'
import { documentKeys } from '#node/trust/shelf-keys.ts'
import { type Parts, TrustNode } from '#node/trust-node.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, Jurisdiction, type PeerId } from '#protocols/ids.ts'
import { peerIdOf, peerKeyBytes } from '#protocols/peer-id.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { Seeded } from './seeded.ts'
import { Life, type VirtualTime } from './virtual-time.ts'

export interface Birth {
  readonly name: string
  readonly jurisdiction: string
  readonly did: { readonly method: 'key' } | { readonly method: 'webvh'; readonly domain: string }
  /** How far its wall clock is ahead of the world's. */
  readonly skewMs?: number
}

/** What stands between a node and its world: a liar on its wire, a fault planted at its disk. Asked at the start of each of its lives. */
export interface Between {
  readonly network?: (network: Network) => Network
  readonly store?: (store: Store) => Store
}

/** What is left of a node that does not run; another world may begin with it. */
export interface Stopped {
  readonly did: Did
  readonly peerKey: Uint8Array
  readonly lives: number
  readonly entries: Entries
  readonly keys: ReturnType<MemoryKeyVault['snapshot']>
  readonly dataKeys: ReturnType<MemoryDataKeys['snapshot']>
  readonly blobs: MemoryBlobs
  readonly deeds: readonly Deed[]
  readonly learned: readonly Learned[]
}

/** What a node has of its world. */
export interface Surroundings {
  readonly seed: number
  readonly hub: MemoryHub
  readonly time: VirtualTime
  /** Longest write of its disk; each takes its share by chance. */
  readonly diskMsMax: number
  readonly log: (name: string) => Log
  readonly between?: Between | undefined
  /** Sees each batch when it is on the disk. */
  readonly inspect?: (node: SimNode, writes: readonly Write[]) => void
}

/** `before`: the batch never got to the disk. `after`: it is there, and whoever waits for it is never told. */
export type Edge = 'before' | 'after'

/** An audit entry, and when it was durable by the time of the world. */
export interface Deed {
  readonly atMs: number
  readonly kind: string
  readonly exchange: string | null
  readonly facts: Readonly<Record<string, unknown>>
}

/** A trust document that counts for its node, and when it was durable by the time of the world. */
export interface Learned {
  readonly atMs: number
  readonly document: TrustDocument
}

interface Running {
  readonly life: Life
  readonly disk: MemoryStore
  readonly vault: MemoryKeyVault
  readonly parts: Parts
  readonly api: TrustNode
}

/** The simulation has no internet. */
const refuse: Fetch = async () => {
  throw new TrustError('DFFT_UNREACHABLE', 'a simulated node fetches nothing')
}

export class SimNode {
  readonly name: string
  readonly peerId: PeerId
  /** `kind exchange` of the audit entries on its disk. */
  readonly recorded: Set<string>
  /** All audit entries that came to its disk, in their order. */
  readonly deeds: Deed[]
  /** All trust documents that came to its disk, in their order. */
  readonly learned: Learned[]
  /** Batches written since the world began, over all its lives. */
  batches = 0
  readonly #birth: Birth
  readonly #world: Surroundings
  readonly #peerKey: Uint8Array
  readonly #chance: Seeded
  #entries: Entries
  #keys: ReturnType<MemoryKeyVault['snapshot']>
  #did: Did | undefined
  /** What was made durable outlives its process. */
  #dataKeys: MemoryDataKeys
  #lives: number
  #running: Running | undefined
  #life: Life | undefined
  #disk: MemoryStore | undefined
  #vault: MemoryKeyVault | undefined
  /** Outlives the node as it is: what a crash garbles is found by its seal. */
  #blobs: MemoryBlobs
  #crash: { readonly batch: number; readonly edge: Edge } | undefined

  /** @param before where it goes on from, in a world after that of its birth */
  constructor(birth: Birth, world: Surroundings, before?: Stopped) {
    this.name = birth.name
    this.#birth = birth
    this.#world = world
    this.#peerKey = before?.peerKey ?? new Seeded(world.seed, birth.name, 'peer key').bytes(peerKeyBytes)
    this.#chance = new Seeded(world.seed, birth.name, 'disk')
    this.#lives = before?.lives ?? 0
    this.#dataKeys = new MemoryDataKeys(new Seeded(world.seed, birth.name, 'data keys', ...(before ? [before.lives] : [])), before?.dataKeys)
    this.#blobs = new MemoryBlobs(before?.blobs)
    this.#entries = before?.entries ?? []
    this.#keys = before?.keys ?? []
    this.#did = before?.did
    this.deeds = [...(before?.deeds ?? [])]
    this.learned = [...(before?.learned ?? [])]
    this.recorded = new Set(this.deeds.map(({ kind, exchange }) => `${kind} ${exchange}`))
    this.peerId = peerIdOf(this.#peerKey)
  }

  get alive(): boolean {
    return this.#life !== undefined
  }

  get api(): TrustNode {
    return this.#up.api
  }

  get parts(): Parts {
    return this.#up.parts
  }

  /** How far its wall clock is ahead of the world's. */
  get skewMs(): number {
    return this.#birth.skewMs ?? 0
  }

  /** Known from its first start on. */
  get did(): Did {
    if (!this.#did) throw new Error(`${this.name} has not been started`)
    return this.#did
  }

  get address(): string {
    return `/memory/${this.peerId}`
  }

  /** What its disk holds, running or not. */
  get entries(): Entries {
    return this.#disk?.snapshot() ?? this.#entries
  }

  /** As it is on the disk, sealed where it is. */
  onDisk(key: string): Uint8Array | undefined {
    return this.#disk?.value(key)
  }

  /** A key that lies apart from its disk, if it is still there. */
  dataKey(id: string): Uint8Array | undefined {
    return this.#dataKeys.has(id as DataKeyId) ? this.#dataKeys.snapshot().find(([held]) => held === id)?.[1] : undefined // A name of none is had by none.
  }

  /** Ends its life, without its knowing. @returns what another world may begin with */
  stop(): Stopped {
    const { did } = this
    this.kill()
    return {
      did,
      peerKey: this.#peerKey,
      lives: this.#lives,
      entries: this.#entries,
      keys: this.#keys,
      dataKeys: this.#dataKeys.snapshot(),
      blobs: this.#blobs,
      deeds: this.deeds,
      learned: this.learned,
    }
  }

  /** Opens what is on the disk and takes part. */
  async start(): Promise<void> {
    const life = new Life()
    this.#life = life
    const { hub, time, seed, between } = this.#world
    const random = new Seeded(seed, this.name, 'life', this.#lives++)
    const clock = time.clock(life, this.#birth.skewMs ?? 0)
    const log = this.#logOf(life)
    const disk = new MemoryStore({
      entries: this.#entries,
      beforeDurable: (writes) => this.#beforeDurable(life, writes),
      beforeAcknowledged: (writes) => this.#beforeAcknowledged(life, writes),
    })
    this.#disk = disk
    const vault = new MemoryKeyVault(random, this.#keys)
    this.#vault = vault
    const lasting = mortal(disk, life)
    const store = between?.store?.(lasting) ?? lasting
    const gate = new NetworkGate()
    const wire = hub.network({ peerKey: this.#peerKey, networkName: 'simulation', clock, random, log, gate })
    const network = between?.network?.(wire) ?? wire
    const identifiers = memoryIdentity({ store, vault, clock })
    const [known] = await identifiers.list()
    const identifier = known ?? (await identifiers.create(this.#wish()))
    const settings = {
      identifier,
      name: this.name,
      jurisdiction: Jurisdiction.parse(this.#birth.jurisdiction),
      ...constants,
      publicBase: this.#publicBase(identifier.did),
    }
    this.#blobs = new MemoryBlobs(this.#blobs)
    const parts = await openParts(settings, {
      store,
      blobs: this.#blobs,
      vault,
      dataKeys: this.#dataKeys,
      identifiers,
      network,
      gate,
      resolver: (logs) => didResolver({ logs, fetch: refuse }),
      clock,
      random,
      log,
    })
    this.#did = identifier.did
    const api = await TrustNode.start(parts)
    this.#running = { life, disk, vault, parts, api }
  }

  /** Gone from one moment to the next. What is durable stays. */
  kill(): void {
    if (!this.#life || !this.#disk) return
    this.#life.over = true
    this.#entries = this.#disk.snapshot()
    this.#keys = this.#vault?.snapshot() ?? this.#keys
    this.#dataKeys = new MemoryDataKeys(new Seeded(this.#world.seed, this.name, 'data keys', this.#lives), this.#dataKeys.snapshot())
    this.#life = undefined
    this.#disk = undefined
    this.#vault = undefined
    this.#running = undefined
    this.#crash = undefined
    this.#world.hub.kill(this.peerId)
  }

  /** @param batch counted from now, from 1 */
  crashAt(batch: number, edge: Edge): void {
    this.#crash = { batch: this.batches + batch, edge }
  }

  /** A crash that was to come does not. */
  spare(): void {
    this.#crash = undefined
  }

  get #up(): Running {
    if (!this.#running) throw new Error(`${this.name} is not running`)
    return this.#running
  }

  #wish() {
    const { did } = this.#birth
    return did.method === 'key' ? did : { ...did, peerId: this.peerId }
  }

  #publicBase(did: string): string {
    const { did: wish } = this.#birth
    return wish.method === 'webvh' ? `https://${wish.domain}` : did
  }

  #logOf(life: Life): Log {
    const log = this.#world.log(this.name)
    return (...line) => {
      if (!life.over) log(...line)
    }
  }

  async #beforeDurable(life: Life, _writes: readonly Write[]): Promise<void> {
    this.batches++
    const { time, diskMsMax } = this.#world
    await new Promise<void>((resolve) => time.after(this.#chance.between(0, diskMsMax), resolve))
    this.#crashIfDue(life, 'before')
    if (life.over) await forever()
  }

  async #beforeAcknowledged(life: Life, writes: readonly Write[]): Promise<void> {
    for (const write of writes) if ('put' in write) this.#note(write.put, write.value)
    this.#world.inspect?.(this, writes)
    this.#crashIfDue(life, 'after')
    if (life.over) await forever()
  }

  #note(key: string, bytes: Uint8Array): void {
    const atMs = this.#world.time.ms
    if (key.startsWith(documentKeys.accepted)) this.learned.push({ atMs, document: JSON.parse(Buffer.from(bytes).toString()) as TrustDocument }) // The node’s own.
    if (!key.startsWith('log/entry/')) return
    const { kind, exchange, facts } = JSON.parse(Buffer.from(bytes).toString()) as Omit<Deed, 'atMs'>
    this.recorded.add(`${kind} ${exchange}`)
    this.deeds.push({ atMs, kind, exchange, facts })
  }

  #crashIfDue(life: Life, edge: Edge): void {
    if (life.over || this.#crash?.edge !== edge || this.#crash.batch !== this.batches) return
    this.kill()
  }
}

/** As short as a partner's patience with a status list may be. */
const constants = { statusAgeMsMax: 300_000, version: 'simulation' }

function forever(): Promise<never> {
  return new Promise(() => undefined)
}

function mortal(store: Store, life: Life): Store {
  return {
    get: (key) => life.lasting(() => store.get(key)),
    batch: (writes, options) => life.lasting(() => store.batch(writes, options)),
    async *scan(range) {
      for await (const row of store.scan(range)) {
        if (life.over) await forever()
        yield row
      }
    },
    [Symbol.asyncDispose]: () => life.lasting(async () => store[Symbol.asyncDispose]()),
  }
}
