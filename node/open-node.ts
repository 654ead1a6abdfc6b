/** Opens the parts of a node over its ports and joins them: the one place that knows who needs whom. */
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { type Anchor, AuditLog } from './audit.ts'
import { Debts } from './debts.ts'
import { DidBook } from './dids.ts'
import { Locks } from './exchange-needs.ts'
import { HolderKeys } from './holder-keys.ts'
import { keyFinder } from './key-finder.ts'
import { Neighbours } from './neighbours.ts'
import { PeerBook } from './peers.ts'
import { PolicyShelf } from './policy-shelf.ts'
import type { Clock, DidLogs, Identifier, KeyVault, Log, Network, Random, Resolver, Store } from './ports.ts'
import { RecordsClient } from './records.ts'
import { Register } from './registry.ts'
import { selfOf } from './self.ts'
import { OwnStatusList, StatusCache } from './status-lists.ts'
import { Trust } from './trust.ts'
import type { Parts } from './trust-node.ts'
import type { Surroundings } from './verify.ts'
import { Wallet } from './wallet.ts'
import { Witnessing } from './witnessing.ts'

export interface Ports {
  readonly store: Store
  readonly vault: KeyVault
  readonly network: Network
  /** Made from the node's own copies of DID logs, which it prefers. */
  readonly resolver: (logs: DidLogs) => Resolver
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface Settings {
  readonly identifier: Identifier
  readonly name: string
  readonly jurisdiction: Jurisdiction
  /** What the status lists of this node are named by. */
  readonly publicBase: string
  readonly statusAgeMsMax: number
  readonly version: string
  readonly onStop?: () => void
  /** Whether the log has entries already, as it has from the birth of a node on. */
  readonly begun?: boolean
  /** Where the last checkpoint is kept outside the store. */
  readonly anchor?: Anchor
}

export async function openParts(settings: Settings, { store, vault, network, resolver, clock, random, log }: Ports): Promise<Parts> {
  const self = await selfOf(settings.identifier, settings, vault)
  const dids = new DidBook({ store, clock, resolver })
  if (self.didLog !== undefined) await dids.learn(self.did, self.didLog)
  const keys = keyFinder(dids)
  const trust = await Trust.open({ store, clock, random, keys })
  const shelf = await PolicyShelf.open({ store, clock, trust, keys })
  const audit = await AuditLog.open(store, {
    did: self.did,
    signer: self.signer,
    clock,
    begun: settings.begun ?? false,
    ...(settings.anchor ? { anchor: settings.anchor } : {}),
  })
  const peerBook = await PeerBook.open(store)
  const records = new RecordsClient({ network, clock, peers: peerBook })
  const ownStatus = await OwnStatusList.open({ store, clock, random, self, base: settings.publicBase })
  const fetch = async (issuer: Did, uri: string, signal: AbortSignal) => (await records.ask(issuer, { type: 'status-list', uri }, 'status-list', signal)).text
  const statuses = await StatusCache.open({ store, clock, keys, fetch, ageMsMax: settings.statusAgeMsMax })
  const surroundings: Surroundings = {
    roots: 'node',
    key: (keyId, atMs, signal) => keys(keyId, 'assertionMethod', atMs, signal),
    status: async (issuer, reference, signal) => (issuer === self.did ? ownStatus.lookUp(reference) : statuses.status(issuer, reference, signal)),
    recognises: (issuer, type) => trust.recognises(issuer, type, clock.nowMs()),
  }
  const witnessing = new Witnessing({ audit, records, log })
  const holderKeys = new HolderKeys({ store, vault, clock, trust, audit })
  await holderKeys.destroySpent()
  const neighbours = new Neighbours({
    holderKeys,
    peers: peerBook,
    self,
    witnessing,
    store,
    clock,
    log,
    dids,
    keys,
    trust,
    shelf,
    ownStatus,
    statuses,
    audit,
    records,
  })
  return {
    self,
    store,
    audit,
    witnessing,
    trust,
    shelf,
    wallet: new Wallet(store),
    holderKeys,
    surroundings,
    keys,
    network,
    peers: peerBook,
    records,
    clock,
    random,
    log,
    locks: new Locks(),
    debts: new Debts(clock),
    dids,
    peerBook,
    neighbours,
    register: new Register({ store, clock }),
    ownStatus,
    version: settings.version,
    onStop: settings.onStop,
  }
}
