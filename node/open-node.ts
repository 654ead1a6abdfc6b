/** Opens the parts of a node over its ports and joins them: the one place that knows who needs whom. */
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { type Anchor, AuditLog } from './audit.ts'
import { Debts } from './debts.ts'
import { didRefresh } from './did-refresh.ts'
import { DidBook } from './dids.ts'
import { Locks } from './exchange-needs.ts'
import { datedKeyFinder, keyFinder, namedKeys } from './key-finder.ts'
import { Neighbours } from './neighbours.ts'
import { PeerBook } from './peers.ts'
import { PolicyShelf } from './policy-shelf.ts'
import type { Clock, DidLogs, Identifier, Identifiers, KeyVault, Log, Network, Random, Resolver, Store } from './ports.ts'
import { RecordsClient } from './records.ts'
import { Register } from './registry.ts'
import { Gate } from './rotation.ts'
import { openSelf } from './self.ts'
import { OwnStatusList, StatusCache } from './status-lists.ts'
import { Trust } from './trust.ts'
import type { Parts } from './trust-node.ts'
import type { Surroundings } from './verify.ts'
import { Wallet } from './wallet.ts'
import { Witnessing } from './witnessing.ts'

export interface Ports {
  readonly store: Store
  readonly vault: KeyVault
  readonly identifiers: Identifiers
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

export async function openParts(settings: Settings, { store, vault, identifiers, network, resolver, clock, random, log }: Ports): Promise<Parts> {
  const { self, follow } = await openSelf(settings.identifier, settings, vault)
  const dids = new DidBook({ store, clock, resolver })
  if (self.didLog !== undefined) await dids.learn(self.did, self.didLog, self.witnessProofs)
  const peerBook = await PeerBook.open(store)
  const records = new RecordsClient({ network, clock, peers: peerBook })
  const refresh = didRefresh({ dids, records, network, peers: peerBook, clock, log })
  const keys = keyFinder(dids, { clock, refresh })
  const dated = datedKeyFinder(dids, clock, refresh)
  const named = namedKeys(dids)
  const trust = await Trust.open({ store, clock, random, keys })
  const shelf = await PolicyShelf.open({ store, clock, trust, keys })
  const audit = await AuditLog.open(store, {
    did: self.did,
    get signer() {
      return self.signer
    },
    get former() {
      return self.former
    },
    clock,
    begun: settings.begun ?? false,
    ...(settings.anchor ? { anchor: settings.anchor } : {}),
  })
  const ownStatus = await OwnStatusList.open({ store, clock, random, self, base: settings.publicBase })
  const fetch = async (issuer: Did, uri: string, signal: AbortSignal) => (await records.ask(issuer, { type: 'status-list', uri }, 'status-list', signal)).text
  const statuses = await StatusCache.open({ store, clock, keys, fetch, ageMsMax: settings.statusAgeMsMax })
  const surroundings: Surroundings = {
    roots: 'node',
    key: async (keyId, atMs, signal) => (await dated(keyId, atMs, signal)).key,
    status: async (issuer, reference, signal) => (issuer === self.did ? ownStatus.lookUp(reference) : statuses.status(issuer, reference, signal)),
    recognises: (issuer, type) => trust.recognises(issuer, type, clock.nowMs()),
  }
  const witnessing = new Witnessing({ audit, records, log, named })
  const neighbours = new Neighbours({ peers: peerBook, self, witnessing, store, clock, log, dids, keys, trust, shelf, ownStatus, statuses, audit, records })
  return {
    self,
    follow,
    identifiers,
    issuing: new Gate(),
    store,
    audit,
    witnessing,
    trust,
    shelf,
    wallet: new Wallet(store),
    surroundings,
    keys,
    named,
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
