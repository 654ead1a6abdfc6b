/**
 * Three nodes in one process: the Japanese agency, a business in Japan and the German agency, over a played network and
 * a clock that stands until a test moves it. What an operator would do is done through NodeApi and nothing else; a test
 * that plays a rogue takes a party's `parts` and speaks for itself.
 */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { MemoryBlobs } from '#node/adapters/memory-blobs.ts'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { makePeerKey, openPeerKey } from '#node/identity/peer-key.ts'
import { NetworkGate } from '#node/network/gate.ts'
import type { RootsFile } from '#node/offline/roots-file.ts'
import { openParts } from '#node/open-node.ts'
import type { Clock, Log, Network, Random } from '#node/ports.ts'
import { type Parts, TrustNode } from '#node/trust-node.ts'
import type { Channel } from '#protocols/channel.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { heldToRows } from './declared-failures.ts'
import { ManualClock } from './manual-clock.ts'

/** Within the reference policies’ span. */
export const startMs = Date.UTC(2026, 9, 1, 9)
export const statusAgeMsMax = 300_000
/** A row of the sample register with a (simulated) representative. */
export const sampleNumber = '4700150004528'
export const never = new AbortController().signal

/** Stands between a node and the channels that its peers open. */
export interface Hooks {
  /** Serves a channel in place of the node; `honest` is what the node would do. Undefined: the node serves. */
  serve?: ((channel: Channel, honest: (channel: Channel) => Promise<void>) => Promise<void>) | undefined
  /** Hears no announcements. */
  deaf?: boolean
  /** Codes of the faults the node counted. */
  readonly faults: string[]
}

export interface Party extends AsyncDisposable {
  readonly did: Did
  readonly address: string
  readonly node: TrustNode
  readonly parts: Parts
  readonly store: MemoryStore
  readonly vault: MemoryKeyVault
  readonly dataKeys: MemoryDataKeys
  readonly blobs: MemoryBlobs
  /** What the node logged: event and code. */
  readonly log: readonly string[]
  /** The same as lines of JSON, whole. */
  readonly lines: readonly string[]
  readonly hooks: Hooks
  readonly options: PartyOptions
}

/** What outlives a node: its store, its keys, and content beside the store. */
export interface Disk {
  readonly store: MemoryStore
  readonly vault: MemoryKeyVault
  readonly dataKeys: MemoryDataKeys
  readonly blobs?: MemoryBlobs
}

interface World {
  readonly clock: Clock
  readonly connect: (makings: NetworkMakings) => Network | Promise<Network>
}

export interface PartyOptions {
  readonly name: string
  readonly jurisdiction: string
  readonly domain?: string
  /** How this node departs from an honest one; nothing of it is in the product. */
  readonly alter?: (parts: Parts) => Parts
}

export const births = {
  jp: { name: 'JP Agency', jurisdiction: 'JP', domain: 'registry.agency.example' },
  biz: { name: 'JP Business', jurisdiction: 'JP' },
  de: { name: 'DE Agency', jurisdiction: 'DE', domain: 'handelsregister.example' },
} as const satisfies Record<string, PartyOptions>

/** A clock that runs, on a day on which the reference policies are in force. */
export function runningClock(): Clock {
  const beganMs = systemClock.monotonicMs()
  return { ...systemClock, nowMs: () => Math.floor(startMs + systemClock.monotonicMs() - beganMs) }
}

/** Random bytes that follow from a name, so that a failing test fails again. */
export function seeded(name: string): Random {
  let count = 0
  let left = Buffer.alloc(0)
  return {
    bytes(wanted) {
      while (left.length < wanted) left = Buffer.concat([left, hash('sha512', `${name} ${count++}`, 'buffer')])
      const bytes = left.subarray(0, wanted)
      left = left.subarray(wanted)
      return new Uint8Array(bytes)
    },
  }
}

/** What a network of any kind is made from. */
export interface NetworkMakings {
  readonly peerKey: Uint8Array
  readonly networkName: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly gate: NetworkGate
}

export async function startParty(options: PartyOptions, world: World): Promise<Party> {
  const { name, domain } = options
  const random = seeded(name)
  const store = new MemoryStore()
  const vault = new MemoryKeyVault(random)
  const { peerId, keep } = await makePeerKey({ store, vault, random })
  await keep()
  const identities = memoryIdentity({ store, vault, clock: world.clock })
  await identities.create(domain === undefined ? { method: 'key' } : { method: 'webvh', domain, peerId })
  return runParty(options, world, { store, vault, dataKeys: new MemoryDataKeys(seeded(`${name} data keys`)) }, random)
}

/** Ends a node, if it runs still. @returns what its process left behind */
export async function stopped(party: Party): Promise<Disk> {
  await party[Symbol.asyncDispose]()
  return diskOf(party)
}

/** What a node that dies at this moment leaves behind. */
export function diskOf({ options, store, vault, dataKeys, blobs }: Party): Disk {
  const random = seeded(`${options.name} after ${store.snapshot().length}`)
  return {
    store: new MemoryStore({ entries: store.snapshot() }),
    vault: new MemoryKeyVault(random, vault.snapshot()),
    dataKeys: new MemoryDataKeys(random, dataKeys.snapshot()),
    blobs: new MemoryBlobs(blobs),
  }
}

/** The node once more, in another process over the same disk. */
export async function revived(party: Party, world: World, disk?: Disk): Promise<Party> {
  const left = disk ?? (await stopped(party))
  return runParty(party.options, world, left, seeded(`${party.options.name} again ${left.store.snapshot().length}`), true)
}

async function runParty(
  options: PartyOptions,
  { clock, connect }: World,
  { store, vault, dataKeys, blobs = new MemoryBlobs() }: Disk,
  random: Random,
  begun = false,
): Promise<Party> {
  const { name, jurisdiction, domain, alter = (parts) => parts } = options
  const log: string[] = []
  const lines: string[] = []
  const logged: Log = (level, event, fields) => {
    log.push(`${event} ${fields?.code ?? ''}`.trim())
    lines.push(JSON.stringify({ level, event, ...fields }))
  }
  const hooks: Hooks = { faults: [] }
  const gate = new NetworkGate()
  const network = hooked(await connect({ peerKey: await openPeerKey(store, vault), networkName: 'fixture', clock, random, log: logged, gate }), hooks)
  const identities = memoryIdentity({ store, vault, clock })
  const [identifier] = await identities.list()
  if (!identifier) throw new Error('the disk is that of no node')
  const parts = alter(
    await openParts(
      {
        identifier,
        name,
        jurisdiction: jurisdiction as Jurisdiction,
        publicBase: domain === undefined ? identifier.did : `https://${domain}`,
        statusAgeMsMax,
        version: 'fixture',
        begun,
      },
      {
        store,
        vault,
        blobs,
        dataKeys,
        identifiers: identities,
        network,
        gate,
        resolver: (logs) => didResolver({ logs, fetch: noInternet }),
        clock,
        random,
        log: logged,
      },
    ),
  )
  const node = heldToRows(await TrustNode.start(parts))
  const [address = ''] = network.addresses
  return {
    did: identifier.did,
    address,
    node,
    parts,
    store,
    vault,
    dataKeys,
    blobs,
    log,
    lines,
    hooks,
    options,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

function hooked(network: Network, hooks: Hooks): Network {
  return {
    peerId: network.peerId,
    get addresses() {
      return network.addresses
    },
    start: (identity, onChannel) => network.start(identity, (channel) => (hooks.serve ? hooks.serve(channel, onChannel) : onChannel(channel))),
    connect: (address, signal) => network.connect(address, signal),
    open: (peer, service, signal) => network.open(peer, service, signal),
    keep: (peer) => network.keep(peer),
    connected: () => network.connected(),
    fault: (did, code) => {
      hooks.faults.push(code)
      network.fault(did, code)
    },
    onBound: (listener) => network.onBound(listener),
    publish: (announcement) => network.publish(announcement),
    onAnnounced: (listener) => network.onAnnounced(async (announcement, from) => hooks.deaf !== true && listener(announcement, from)),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

/** Lets everything run that can run without time passing, until it is so; the test's own time limit is the end of patience. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

async function noInternet(url: string): Promise<Uint8Array> {
  throw new TrustError('DFFT_UNREACHABLE', `\`${url}\` is not asked in a test`)
}

/** Text of the policy of each jurisdiction. */
export type Policies = (jurisdiction: 'jp' | 'eu' | 'de') => string

export interface Alterations {
  readonly jp?: (parts: Parts) => Parts
  readonly biz?: (parts: Parts) => Parts
  readonly de?: (parts: Parts) => Parts
}

export class ThreeNodes implements AsyncDisposable {
  readonly hub: MemoryHub
  readonly clock: ManualClock
  readonly jp: Party
  readonly biz: Party
  readonly de: Party

  private constructor(hub: MemoryHub, clock: ManualClock, { jp, biz, de }: { jp: Party; biz: Party; de: Party }) {
    this.hub = hub
    this.clock = clock
    this.jp = jp
    this.biz = biz
    this.de = de
  }

  /** Started, introduced to one another, anchored and with the reference policies in force; nothing is issued yet. */
  static async start(alterations: Alterations = {}, policies: Policies = reference): Promise<ThreeNodes> {
    const hub = new MemoryHub()
    const clock = new ManualClock(startMs)
    const party = (options: PartyOptions, alter: ((parts: Parts) => Parts) | undefined) =>
      startParty({ ...options, ...(alter ? { alter } : {}) }, { clock, connect: (makings) => hub.network(makings) })
    const jp = await party(births.jp, alterations.jp)
    const biz = await party(births.biz, alterations.biz)
    const de = await party(births.de, alterations.de)
    const net = new ThreeNodes(hub, clock, { jp, biz, de })
    await introduce(net, signedBefore, policies)
    return net
  }

  /** The sample company’s registration, issued to the business and delivered. @returns its id */
  async issued(record = sampleNumber): Promise<string> {
    return issueTo(this.jp.node, this.biz.did, record)
  }

  /** What Germany asks by default: all that the type can disclose, to check a supplier. */
  request(wish: Partial<Parameters<TrustNode['request']>[0]> = {}): Promise<ExchangeView> {
    return this.de.node.request({ to: this.biz.did, purpose: 'trade.supplier-verification', ...wish })
  }

  /** The Japanese business’s issuer as a verifier without a node would name it. */
  rootsFile(): RootsFile {
    const { did, parts } = this.jp
    const { didLog } = parts.self
    return { roots: [{ did, jurisdictions: ['JP' as Jurisdiction], issues: ['BusinessRegistrationCredential'], ...(didLog === undefined ? {} : { didLog }) }] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const party of [this.de, this.biz, this.jp]) await party[Symbol.asyncDispose]()
  }
}

/** Reference policies as they were signed, by signer and jurisdiction. To read their YAML and look for flaws takes longer than all else that starts a world. */
const signedBefore = new Map<string, string>()

/**
 * What three operators do before the first exchange, over whatever network the nodes have.
 *
 * @param signed who signed a reference policy in this process before, puts what came out in force again
 */
export async function introduce(
  { jp, biz, de }: Record<'jp' | 'biz' | 'de', Pick<Party, 'did' | 'node' | 'address'>>,
  signed: Map<string, string> = signedBefore,
  policies: Policies = reference,
): Promise<void> {
  const registrar = { sector: 'public' as const, assurance: 'high' as const, issues: ['BusinessRegistrationCredential', 'QualificationCredential'] }
  await jp.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await de.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  await jp.node.trustAccredit({ subject: jp.did, ...registrar })
  await de.node.trustAccredit({ subject: de.did, ...registrar })
  await putInForce(jp, policies('jp'), signed)
  await putInForce(de, policies('eu'), signed)
  await putInForce(de, policies('de'), signed)
  await biz.node.peerAdd({ address: jp.address })
  await biz.node.peerAdd({ address: de.address })
  await de.node.peerAdd({ address: jp.address })
  await biz.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await biz.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  await de.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await jp.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  await jp.node.trustAccredit({ subject: biz.did, sector: 'private', assurance: 'substantial' })
  await agree(jp, de, [biz])
  await de.node.peerAdd({ address: biz.address })
}

async function putInForce({ did, node }: Pick<Party, 'did' | 'node'>, text: string, signed: Map<string, string>): Promise<void> {
  const name = `${did} ${text}`
  const before = signed.get(name)
  if (before !== undefined) return void (await node.policyApply({ text: before }))
  const { digest } = await node.policyAdd({ text })
  signed.set(name, JSON.stringify((await node.policyShow({ digest })).document))
}

/** Two operators who call each other’s node: then each is known to the other. */
export async function acquaint(one: Pick<Party, 'node' | 'address'>, other: Pick<Party, 'node' | 'address'>): Promise<void> {
  await one.node.peerAdd({ address: other.address })
  await other.node.peerAdd({ address: one.address })
}

/** Both anchors recognise what the other side issues, of every type, for any purpose; the witnesses have a copy. */
export async function agree(one: Pick<Party, 'node'>, other: Pick<Party, 'did' | 'node'>, witnesses: readonly Pick<Party, 'node'>[] = []): Promise<void> {
  const { document } = await one.node.trustPropose({ partner: other.did, credentials: [...credentialTypes.keys()] })
  const signed = await other.node.trustSign({ document })
  for (const { node } of [one, ...witnesses]) await node.trustApply({ document: signed.document })
}

/** Takes in the sample register, issues one record’s registration and delivers it. @returns the credential’s id */
export async function issueTo(agency: TrustNode, subject: Did, record = sampleNumber): Promise<string> {
  const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
  await agency.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
  const { credential, delivery } = await agency.issue({ record, subject })
  if (delivery?.state !== 'closed') throw new Error(`the delivery ended ${delivery?.state} ${delivery?.code}`)
  return credential.id
}

export function reference(jurisdiction: 'jp' | 'eu' | 'de'): string {
  return readFileSync(new URL(`../policies/packs/reference/${jurisdiction}.yaml`, import.meta.url), 'utf8')
}

/** What comes after the newest policy of a jurisdiction that a node has: the reference policy, changed. @throws where there was nothing to change */
export async function nextPolicy({ node }: Pick<Party, 'node'>, place: 'jp' | 'eu' | 'de', change: (text: string) => string): Promise<string> {
  const { digest, serial = 0 } = (await node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === place.toUpperCase()) ?? {}
  const text = change(reference(place))
  if (text === reference(place)) throw new Error('the policy is not changed')
  return text.replace('serial: 1', `serial: ${serial + 1}\n  previous: ${digest}`)
}

/** The reference policy, but that a registration's files go where what the register says of their source does: no reference policy lets files abroad. */
export function withFiles(jurisdiction: 'jp' | 'eu' | 'de'): string {
  return reference(jurisdiction).replaceAll('    - registration.source\n', '    - registration.source\n    - registration.attachment\n')
}

export function sampleRegister(): string {
  return readFileSync(new URL('./countries/jp/register.csv', import.meta.url), 'utf8')
}
