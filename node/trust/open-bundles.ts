/** Joins the parts that make, read, follow and hand out bundles. */

import type { AuditLog } from '#node/audit/audit.ts'
import { DidBook } from '#node/identity/dids.ts'
import { type KeyFinder, keyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { RecordsClient } from '#node/network/records.ts'
import { PackShelf } from '#node/policy/pack-shelf.ts'
import { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, DidLogs, Log, Network, Random, Resolver, Store } from '#node/ports.ts'
import { StatusCache } from '#node/status/status-cache.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { parse } from '#protocols/channel.ts'
import type { Did } from '#protocols/ids.ts'
import { TrustDocument } from '#protocols/trust/document.ts'
import { BundleAnswers } from './bundle-answers.ts'
import { BundleDesk, type Trial } from './bundle-desk.ts'
import { BundleFollower } from './bundle-follow.ts'
import { type Items, NodeItems, type TrustDocuments } from './bundle-items.ts'
import { BundleMaker } from './bundle-maker.ts'
import { BundleReader, type Recording } from './bundle-reader.ts'
import { OverlayStore } from './overlay-store.ts'
import { Trust } from './trust.ts'

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly keys: KeyFinder
  readonly dids: DidBook
  readonly audit: AuditLog
  readonly trust: Trust
  readonly shelf: PolicyShelf
  readonly ownStatus: StatusLists
  readonly statuses: StatusCache
  readonly statusAgeMsMax: number
  readonly network: Network
  readonly partners: Pick<Network, 'connected'>
  readonly networkName: string
  readonly records: RecordsClient
  readonly resolver: (logs: DidLogs) => Resolver
}

export interface Bundles {
  readonly maker: BundleMaker
  readonly reader: BundleReader
  readonly follower: BundleFollower
  readonly answers: BundleAnswers
  readonly desk: BundleDesk
  readonly documents: TrustDocuments
  readonly items: Items
}

export async function openBundles(needs: Needs): Promise<Bundles> {
  const { self, store, clock, trust, keys, networkName, audit } = needs
  const documents = documentsOf(trust)
  const items = new NodeItems({ ...needs, documents, pinned: trust })
  const anchors = () => trust.anchors(self.did, self.jurisdiction)
  const anchored = () => trust.roots.find(({ did }) => did === self.did)?.jurisdictions ?? []
  const jurisdiction = () => (anchors() ? { anchor: self.did, jurisdictions: new Set(anchored()) } : undefined)
  const maker = await BundleMaker.open({ self, store, clock, items, networkName, jurisdiction })
  const record: Recording = (entry, writes) => audit.append([entry], writes)
  const reader = await BundleReader.open({ store, clock, keys, items, networkName, record, speaks: speaksOf(trust, clock) })
  const follower = new BundleFollower({ ...needs, items, maker, reader })
  const answers = new BundleAnswers({ maker, reader, items, documents, self })
  const desk = new BundleDesk({ ...needs, maker, reader, items, anchors, trial: () => openTrial(needs) })
  return { maker, reader, follower, answers, desk, documents, items }
}

/** All that an import would change, over a store that is thrown away. */
async function openTrial({ store, clock, random, log, self, resolver, shelf, ownStatus, statusAgeMsMax, networkName }: Needs): Promise<Trial> {
  const over = new OverlayStore(store)
  const dids = new DidBook({ store: over, clock, resolver })
  const keys = keyFinder(dids, { clock })
  const trust = await Trust.open({ store: over, clock, random, keys, home: self.jurisdiction })
  const packs = await PackShelf.open(over, shelf.packs.shipped)
  const record: Recording = (_entry, writes) => over.batch(writes)
  const policies = await PolicyShelf.open({ store: over, clock, trust, keys, packs, record })
  const statuses = await StatusCache.open({ store: over, clock, keys, find: nowhere, log, ageMsMax: statusAgeMsMax })
  const items = new NodeItems({ self, clock, documents: documentsOf(trust), pinned: trust, shelf: policies, dids, statuses, ownStatus })
  const reader = await BundleReader.open({ store: over, clock, keys, items, networkName, record, speaks: speaksOf(trust, clock) })
  return { reader, items }
}

function speaksOf(trust: Trust, clock: Clock): (did: Did) => boolean {
  return (did) => trust.roots.some((root) => root.did === did) || trust.accreditationOf(did, clock.nowMs()) !== undefined
}

async function* nowhere() {}

export function documentsOf({ shelf }: Trust): TrustDocuments {
  return {
    documents: () => shelf.documents(),
    get: (digest) => shelf.get(digest),
    accepted: (digest) => shelf.settled(digest),
    learn: (content, signal) => shelf.learn(parse(content, TrustDocument), signal),
  }
}
