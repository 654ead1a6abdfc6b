/** Opens the parts of a node over its ports and joins them: the one place that knows who needs whom. */

import { waitingPrefix } from '#node/attachments/attachment-record.ts'
import { Attachments } from '#node/attachments/attachments.ts'
import { Contents } from '#node/attachments/contents.ts'
import { attachmentLimits } from '#node/attachments/room.ts'
import { type Anchor, AuditLog } from '#node/audit/audit.ts'
import { EvidenceKeeper } from '#node/audit/evidence-keeper.ts'
import { IssuanceEvidence, witnessTrust } from '#node/audit/issuance-evidence.ts'
import { LogGossip } from '#node/audit/log-gossip.ts'
import { Witnessing } from '#node/audit/witnessing.ts'
import type { Care } from '#node/care/care.ts'
import { Maintenance } from '#node/care/maintenance.ts'
import { Changes } from '#node/changes.ts'
import { HolderKeys } from '#node/credentials/holder-keys.ts'
import { Register } from '#node/credentials/registry.ts'
import { heldPrefixes, Wallet } from '#node/credentials/wallet.ts'
import { Basis } from '#node/evidence/basis.ts'
import { Arrivals } from '#node/exchange/arrivals.ts'
import { Counters } from '#node/exchange/counters.ts'
import { Debts } from '#node/exchange/debts.ts'
import { Locks } from '#node/exchange/locks.ts'
import { Notices } from '#node/exchange/notices.ts'
import { checkStillGood } from '#node/exchange/still-good.ts'
import { didRefresh } from '#node/identity/did-refresh.ts'
import { DidWitness } from '#node/identity/did-witness.ts'
import { DidBook } from '#node/identity/dids.ts'
import { datedKeyFinder, keyFinder, namedKeys } from '#node/identity/key-finder.ts'
import { ended } from '#node/identity/own-keys.ts'
import { endedError, Gate } from '#node/identity/rotation.ts'
import { openSelf, type Self } from '#node/identity/self.ts'
import { waitingError } from '#node/identity/waiting-entry.ts'
import { Blocks } from '#node/network/blocks.ts'
import { type NetworkGate, partnersOf } from '#node/network/gate.ts'
import { MovedPeers } from '#node/network/moved-peers.ts'
import { Neighbours } from '#node/network/neighbours.ts'
import { PeerBook } from '#node/network/peers.ts'
import { RecordsClient } from '#node/network/records.ts'
import { Obligations } from '#node/obligations/obligations.ts'
import { openingStore } from '#node/obligations/sealed-store.ts'
import { Announcements } from '#node/policy/announcements.ts'
import { PackShelf } from '#node/policy/pack-shelf.ts'
import { PolicyNews } from '#node/policy/policy-news.ts'
import { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { Tokens } from '#node/programs/tokens.ts'
import { Metrics } from '#node/record/metrics.ts'
import { OpenExchanges } from '#node/record/open-exchanges.ts'
import { Readings } from '#node/record/readings.ts'
import { traced } from '#node/record/trace.ts'
import { StatusCache } from '#node/status/status-cache.ts'
import { StatusLists } from '#node/status/status-lists.ts'
import { statusSources } from '#node/status/status-sources.ts'
import { knows } from '#node/trust/acquaintance.ts'
import { Applications } from '#node/trust/applications.ts'
import { newsDesk } from '#node/trust/bundle-news.ts'
import { Enrolments } from '#node/trust/enrolment.ts'
import { Introductions } from '#node/trust/introductions.ts'
import { Island } from '#node/trust/island.ts'
import { openBundles } from '#node/trust/open-bundles.ts'
import { Trust } from '#node/trust/trust.ts'
import { TrustDesk } from '#node/trust/trust-desk.ts'
import { Webhooks } from '#node/webhooks/webhooks.ts'
import type { Packs } from '#policies/packs/packs.ts'
import { type RdfCanonicaliser, readProofsWith } from '#protocols/credential/data-integrity.ts'
import { knownTypes } from '#protocols/credential-types/known-types.ts'
import type { Did, Jurisdiction, PeerId } from '#protocols/ids.ts'
import type { Overflow } from '#protocols/log/merkle.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import type {
  Blobs,
  Clock,
  DataKeys,
  DidLogs,
  Fetch,
  Identifier,
  Identifiers,
  Invitation,
  KeyVault,
  Log,
  Machine,
  Network,
  Post,
  Random,
  Resolver,
  Store,
} from './ports.ts'
import type { Parts } from './trust-node.ts'
import type { Surroundings } from './verify.ts'

export interface Ports {
  readonly store: Store
  readonly vault: KeyVault
  /** Of what is received; beside the store, and never in it. */
  readonly dataKeys: DataKeys
  readonly identifiers: Identifiers
  readonly network: Network
  /** The network's own: it asks there who is known, and the trust store answers. */
  readonly gate: NetworkGate
  /** Made from the node's own copies of DID logs, which it prefers. */
  readonly resolver: (logs: DidLogs) => Resolver
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Content of attachments. */
  readonly blobs: Blobs
  /** Left out: proofs over RDF are not checked. */
  readonly rdfc?: RdfCanonicaliser
  /** For status lists that no partner has; undefined where nothing may be asked of the web. */
  readonly fetch?: Fetch
  /** For metrics; left out where there is none, as in a simulation. */
  readonly machine?: Machine
  /** For webhooks; left out where nothing may be sent. */
  readonly post?: Post
}

export interface Settings {
  readonly identifier: Identifier
  readonly name: string
  readonly jurisdiction: Jurisdiction
  /** What the status lists of this node are named by. */
  readonly publicBase: string
  readonly statusAgeMsMax: number
  readonly version: string
  /** As in the hello; `dfft-test` when left out. */
  readonly networkName?: string
  /** Without a partner for so long the node is on an island; 15 minutes when left out. */
  readonly islandAfterMs?: number
  readonly onStop?: () => void
  readonly care?: Care
  /** Opens the web console to one who has the socket. */
  readonly invite?: () => Promise<Invitation>
  /** What attachments may take of the disk; 10 GB when left out. */
  readonly attachmentsMaxBytes?: number
  /** Whether the log has entries already, as it has from the birth of a node on. */
  readonly begun?: boolean
  /** Where the last checkpoint is kept outside the store. */
  readonly anchor?: Anchor
  /** Where the log's tree of hashes goes on outside of memory. */
  readonly overflow?: Overflow
  /** What this version ships; other ones where a test is of another version. */
  readonly packs?: Packs
}

export function openParts(settings: Settings, ports: Ports): Promise<Parts> {
  return joinParts(settings, { ...ports, log: traced(ports.log) })
}

async function joinParts(settings: Settings, ports: Ports): Promise<Parts> {
  const { vault, dataKeys, identifiers, network, gate, resolver, clock, random, log, blobs, rdfc, fetch } = ports
  const heldChanges = new Changes(heldPrefixes)
  const waitingChanges = new Changes([waitingPrefix])
  const { store, openExchanges } = await openStore(ports, [heldChanges, waitingChanges])
  const { self, follow } = await openSelf(settings.identifier, settings, vault)
  const dids = new DidBook({ store, clock, resolver })
  if (self.didLog !== undefined) await dids.learn(self.did, self.didLog, self.witnessProofs)
  const peerBook = await PeerBook.open(store, (did) => (dids.known(did)?.peerIds ?? []) as PeerId[]) // `peerIdsOf` has read them.
  peerBook.follow({ network, store, clock, log, gate })
  const partners = partnersOf(network, gate)
  const records = new RecordsClient({ network, partners, clock, peers: peerBook })
  const refresh = didRefresh({ dids, records, network, peers: peerBook, clock, log })
  const keys = keyFinder(dids, { clock, refresh })
  const dated = datedKeyFinder(dids, clock, refresh)
  const trust = await Trust.open({ ...ports, keys, home: settings.jurisdiction, self: self.did })
  const audit = await openLog(self, settings, { store, clock })
  const packs = await PackShelf.open(store, settings.packs)
  const shelf = await PolicyShelf.open({ store, clock, trust, keys, packs, record: (entry, writes) => audit.append([entry], writes) })
  const ownStatus = await StatusLists.open({ store, clock, random, self, base: settings.publicBase })
  const find = statusSources({ self, partners, records, clock, fetch })
  const statuses = await StatusCache.open({ store, clock, keys, find, log, ageMsMax: settings.statusAgeMsMax })
  const freshStatus: Parts['freshStatus'] = async (issuer, reference, signal, ageMsMax) =>
    issuer === self.did ? ownStatus.lookUp(reference) : statuses.status(issuer, reference, signal, ageMsMax)
  const named = namedKeys(dids)
  const witnessing = new Witnessing({ audit, records, log, named })
  const trusted = witnessTrust({ trust, dids, clock })
  const evidence = new IssuanceEvidence({ self, store, clock, log, dids, audit, records, partners, witnessing, trusted })
  const holderKeys = new HolderKeys({ store, vault, clock, trust, audit })
  await holderKeys.destroySpent()
  const policyNews = new PolicyNews({ self, clock, log, shelf, records, dids, trust })
  const shared = { self, store, clock, log, dids, keys, trust, shelf, policyNews, ownStatus, statuses, audit, records, witnessing, evidence, holderKeys }
  const metrics = meteredBy(audit, log)
  const issuing = gateOf(settings.identifier)
  const locks = new Locks()
  const notices = new Notices({ ...shared, network, peers: peerBook, random, locks })
  const contents = new Contents({ ...shared, blobs, dataKeys })
  const abroad = await openAbroad({ ...shared, issuing, peerBook }, settings, { ...ports, store, gate })
  const parts = {
    ...shared,
    ...abroad,
    follow,
    identifiers,
    issuing,
    vault,
    wallet: new Wallet(store, heldChanges),
    waiting: waitingChanges,
    holderKeys,
    surroundings: surroundingsOf({ keys, dated, freshStatus, trust, evidence, clock, rdfc }),
    named,
    network,
    peers: peerBook,
    random,
    locks,
    arrivals: new Arrivals(),
    notices,
    contents,
    obligations: new Obligations({ ...shared, dataKeys, contents, notices, locks }),
    debts: new Debts(clock),
    counters: new Counters(store),
    metrics,
    keeper: new EvidenceKeeper({ evidence, clock, log }),
    peerBook,
    moved: new MovedPeers({ dids, records, network, peerBook, clock, log }),
    register: new Register({ store, clock }),
    tokens: await Tokens.open({ store, clock, random, audit }),
    webhooks: await Webhooks.open({ ...shared, vault, random, metrics, post: ports.post }),
    freshStatus,
    ...processOf(settings),
    maintenance: await Maintenance.open(shared),
  }
  return { ...parts, readings: new Readings({ ...parts, openExchanges, machine: ports.machine }), attachments: openAttachments(parts, settings) }
}

/** What the process around does for the node. */
function processOf({ version, onStop, care, invite }: Settings): Pick<Parts, 'version' | 'onStop' | 'care' | 'invite'> {
  return { version, onStop, care, invite }
}

/** The store as the parts see it: opened, and watched by whoever keeps something of it at hand. */
async function openStore({ store: ports, dataKeys }: Pick<Ports, 'store' | 'dataKeys'>, changes: readonly Changes[]) {
  const openExchanges = new OpenExchanges()
  const store = openExchanges.watched(changes.reduce((under, each) => each.watched(under), openingStore(ports, dataKeys)))
  await openExchanges.read(store)
  return { store, openExchanges }
}

/** Each act of an exchange is a line of the log too, once it is on disk. */
function meteredBy(audit: AuditLog, log: Log): Metrics {
  const metrics = new Metrics()
  audit.onRecorded((entries, atMs) => {
    metrics.recorded(entries, atMs)
    for (const { kind, exchange, facts } of entries)
      if (exchange) log('info', 'exchange act', { act: kind, exchange, ...(typeof facts.code === 'string' ? { code: facts.code } : {}) })
  })
  return metrics
}

function openAttachments(parts: Omit<Parts, 'attachments' | 'readings'>, { attachmentsMaxBytes = attachmentLimits.diskBytesMax }: Settings): Attachments {
  return new Attachments({
    ...parts,
    diskBytesMax: attachmentsMaxBytes,
    stillGood: (record, request, signal) => checkStillGood(record, request, parts, signal),
  })
}

interface Around extends Pick<Parts, 'keys' | 'trust' | 'evidence' | 'clock' | 'freshStatus'> {
  readonly dated: Surroundings['key']
  readonly rdfc: RdfCanonicaliser | undefined
}

/** What a verification asks of this node. */
function surroundingsOf({ keys, dated, trust, evidence, clock, freshStatus, rdfc }: Around): Surroundings {
  return {
    roots: 'node',
    types: knownTypes,
    key: dated,
    presenterKey: async (keyId, atMs, signal) => ({ key: await keys(keyId, 'authentication', atMs, signal), retiredMs: null }),
    status: (issuer, reference, signal) => freshStatus(issuer, reference, signal),
    recognises: (issuer, type, issuedAtMs) => trust.judge(issuer, type, clock.nowMs(), { issuedAtMs }),
    issuedBefore: (...question) => evidence.issuedBefore(...question),
    ...(rdfc ? { rdf: (document) => readProofsWith(document, rdfc) } : {}),
  }
}

type Abroad = Pick<
  Parts,
  | 'desk'
  | 'neighbours'
  | 'gate'
  | 'blocks'
  | 'introductions'
  | 'enrolments'
  | 'applications'
  | 'announcements'
  | 'bundles'
  | 'island'
  | 'didWitness'
  | 'logGossip'
  | 'basis'
>

type Shared = Omit<ConstructorParameters<typeof Neighbours>[0], 'peers' | 'bundles' | 'dids' | 'didWitness' | 'logGossip'> &
  Pick<Parts, 'keys' | 'audit' | 'issuing' | 'peerBook' | 'dids'>

/** What this node is towards others: who is let in, who is told what, and whose word is still fresh. */
async function openAbroad(shared: Shared, settings: Settings, { store, vault, clock, random, log, network, gate, resolver }: Ports): Promise<Abroad> {
  const { self, trust, audit, issuing, records, policyNews, peerBook } = shared
  const { networkName = 'dfft-test', islandAfterMs = 15 * 60_000, statusAgeMsMax } = settings
  const bundles = await openBundles({ ...shared, random, network, partners: partnersOf(network, gate), networkName, resolver, statusAgeMsMax })
  const introductions = new Introductions({ ...shared, network, peers: peerBook })
  const acquainted = (did: Did) => knows(did, { ...shared, peers: peerBook })
  const blocks = await Blocks.open(shared)
  gate.join({
    admits: (did) => (acquainted(did) ? 'known' : 'stranger'),
    // Who is known for having been called has nobody to answer for him.
    mayRelay: (did) => trust.standingOf(did, clock.nowMs()).ok,
    blocks: (did) => blocks.has(did),
  })
  trust.shelf.changed = () => gate.changed()
  const didWitness = new DidWitness({ ...shared, vault })
  const logGossip = new LogGossip({ ...shared, network, log, named: namedKeys(shared.dids), knows: acquainted })
  const neighbours = new Neighbours({ ...shared, peers: peerBook, bundles: bundles.answers, didWitness, logGossip })
  const island = await Island.open({ store, clock, network, islandAfterMs, partner: (did) => partnerOf(did, trust, peerBook) })
  trust.shelf.island = (nowMs) => island.on(nowMs)
  // A profile tells of accreditations in version 1; of everything else our bundle does.
  const tell = async (document: TrustDocument, signal: AbortSignal): Promise<unknown> => {
    await bundles.follower.look()
    return document.type === 'Accreditation' && document.version === 1 ? records.announce([], signal) : 0
  }
  return {
    basis: new Basis({ trust, policies: shared.shelf, clock }),
    desk: new TrustDesk({ self, clock, random, trust, audit, issuing, tell }),
    neighbours,
    logGossip,
    gate,
    blocks,
    introductions,
    enrolments: await Enrolments.open(shared),
    applications: new Applications({ ...shared, random, network, peers: peerBook }),
    announcements: new Announcements({ ...shared, policyNews: newsDesk(policyNews, bundles.follower, logGossip), log, random, network, neighbours }),
    bundles,
    island,
    didWitness,
  }
}

/** A node whose DID has ended can be read, and issues nothing; nor does one whose log has an entry that waits for witnesses. */
function gateOf(identifier: Identifier): Gate {
  const gate = new Gate()
  if (identifier.pending) gate.close(waitingError(identifier.did))
  if (ended(identifier)) gate.close(endedError(identifier.did))
  return gate
}

/** Whose word counts whatever the framework says at the moment, since that depends on whether partners are heard. */
function partnerOf(did: Did, trust: Trust, peers: PeerBook): boolean {
  return trust.roots.some((root) => root.did === did) || peers.called(did)
}

/** Signer and former keys are asked for at each use: they change with a rotation. */
function openLog(self: Self, { begun = false, anchor, overflow }: Settings, { store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<AuditLog> {
  return AuditLog.open(store, {
    did: self.did,
    get signer() {
      return self.signer
    },
    get former() {
      return self.former
    },
    clock,
    begun,
    ...(anchor ? { anchor } : {}),
    ...(overflow ? { overflow } : {}),
  })
}
