/**
 * One agency's or business's node: opens what it keeps, serves its peers, and does what an operator asks (NodeApi).
 *
 * The parts do the work. Here they are joined, and each operation is a few lines that say which part is asked what.
 */
import { z } from 'zod'
import { listAttachments, openUpload, readChunk, shownWith, takeChunk } from '#node/attachments/attachment-desk.ts'
import type { Attachments } from '#node/attachments/attachments.ts'
import type { Contents } from '#node/attachments/contents.ts'
import { forkTable, search, tail, witnessTable } from '#node/audit/audit-desk.ts'
import { evidenceOf } from '#node/audit/evidence-file.ts'
import type { EvidenceKeeper } from '#node/audit/evidence-keeper.ts'
import { issuedKey } from '#node/audit/frozen-log.ts'
import type { IssuanceEvidence } from '#node/audit/issuance-evidence.ts'
import type { LogGossip } from '#node/audit/log-gossip.ts'
import { proveEntries } from '#node/audit/proving.ts'
import { rehearsing } from '#node/audit/rehearsal.ts'
import { createBackup, recordRestore } from '#node/care/backup-desk.ts'
import type { Care } from '#node/care/care.ts'
import { healthOf } from '#node/care/health.ts'
import { type Maintenance, maintain } from '#node/care/maintenance.ts'
import { tellOwnEnds } from '#node/care/own-ends.ts'
import { changeStatus } from '#node/credentials/change-status.ts'
import { copiesLeft, copiesOf } from '#node/credentials/copies.ts'
import { flagData } from '#node/credentials/data-flags.ts'
import { asHeld, foreseenIssue, issue } from '#node/credentials/issue.ts'
import { copiesDefault, foreseenCopies, issueToHolder } from '#node/credentials/issue-copies.ts'
import { type Ended, endsForeseen, settleEnds } from '#node/credentials/register-ends.ts'
import { issuedWrites } from '#node/credentials/register-issued.ts'
import { files, progressOf } from '#node/credentials/register-progress.ts'
import { subjectOf } from '#node/credentials/register-subject.ts'
import { idOf, type Register } from '#node/credentials/registry.ts'
import { withCertificate } from '#node/credentials/registry-evidence.ts'
import type { Kept } from '#node/credentials/wallet.ts'
import { exportEvidence } from '#node/evidence/export.ts'
import { cancel, heedCancellations } from '#node/exchange/cancelling.ts'
import { type Answered, answerConsent, endUnanswered, foreseen } from '#node/exchange/consent.ts'
import { dispute, heedDisputes, resolve } from '#node/exchange/disputing.ts'
import { faults } from '#node/exchange/exchange-needs.ts'
import {
  type ExchangeRecord,
  getDecided,
  getRecord,
  messagesOf,
  newestRecords,
  openRecords,
  recordNamed,
  standing,
  viewOf,
} from '#node/exchange/exchange-record.ts'
import { queryOf } from '#node/exchange/facts.ts'
import type { KeptNotice } from '#node/exchange/notices.ts'
import { answerOnward, heedQuestions } from '#node/exchange/origin-consent.ts'
import { previewOf, requestPreviewOf } from '#node/exchange/previewing.ts'
import { checkCopies } from '#node/exchange/showing.ts'
import { deactivate } from '#node/identity/deactivation.ts'
import type { DidWitness } from '#node/identity/did-witness.ts'
import type { DidBook } from '#node/identity/dids.ts'
import { ownKeys } from '#node/identity/own-keys.ts'
import { askAgain, type Rotating, recordRotation, rotateKey } from '#node/identity/rotation.ts'
import { fingerprint, fingerprintOf } from '#node/identity/self.ts'
import { proposalOf, type Waiting, waitingEntry } from '#node/identity/waiting-entry.ts'
import type { Blocks } from '#node/network/blocks.ts'
import type { NetworkGate } from '#node/network/gate.ts'
import type { MovedPeers } from '#node/network/moved-peers.ts'
import type { Learned, Neighbours } from '#node/network/neighbours.ts'
import { networkIdentity } from '#node/network/network-identity.ts'
import type { PeerBook } from '#node/network/peers.ts'
import { ping } from '#node/network/ping.ts'
import { type PublicDocument, publicDocument } from '#node/network/public-documents.ts'
import { answerRecords } from '#node/network/records.ts'
import { tellBreach } from '#node/obligations/breach.ts'
import { dutyCounts, dutyView, listDuties, showDuties } from '#node/obligations/obligation-desk.ts'
import type { Obligations } from '#node/obligations/obligations.ts'
import { useFor, withoutClaims } from '#node/obligations/use.ts'
import type { Announcements } from '#node/policy/announcements.ts'
import { type ActNeeds, addPolicy, applyPolicy, explainPolicy, listPolicies, rollBackPolicy, showPolicy, signPolicy } from '#node/policy/policy-desk.ts'
import type { PolicyNews } from '#node/policy/policy-news.ts'
import { matrixHeld, treesOf, whatIfHeld, whyCell } from '#node/policy/policy-picture.ts'
import { rehearsal } from '#node/policy/rehearsal.ts'
import { liftSuspension, renewSuspension, suspendFlows } from '#node/policy/suspension-desk.ts'
import type { Tokens } from '#node/programs/tokens.ts'
import type { Metrics } from '#node/record/metrics.ts'
import { operationalRecordOf } from '#node/record/operational.ts'
import { type Readings, reliedOn } from '#node/record/readings.ts'
import { operationalRecords } from '#node/record/records.ts'
import { statistics } from '#node/record/statistics.ts'
import { traceOf } from '#node/record/trace.ts'
import type { StatusCache } from '#node/status/status-cache.ts'
import type { Status, StatusLists } from '#node/status/status-lists.ts'
import type { Applications, OwnApplication } from '#node/trust/applications.ts'
import { watchEnds } from '#node/trust/ends.ts'
import { answerEnrol } from '#node/trust/enrol-service.ts'
import type { Enrolments } from '#node/trust/enrolment.ts'
import { approveEnrolment, declineEnrolment, viewOf as enrolmentView, showEnrolment } from '#node/trust/enrolment-desk.ts'
import type { Introductions } from '#node/trust/introductions.ts'
import type { Island } from '#node/trust/island.ts'
import { lapses } from '#node/trust/lapses.ts'
import type { Bundles } from '#node/trust/open-bundles.ts'
import { peerTrust } from '#node/trust/peer-trust.ts'
import { proposal } from '#node/trust/proposal.ts'
import { toSignAgain } from '#node/trust/signing-again.ts'
import { trqpQuestions } from '#node/trust/trqp-desk.ts'
import { everyRight, type Root } from '#node/trust/trust.ts'
import type { TrustDesk } from '#node/trust/trust-desk.ts'
import { exportTrust } from '#node/trust/trust-export.ts'
import { registryOf } from '#node/trust/trust-registry.ts'
import {
  accreditationView,
  advisoriesView,
  agreementsView,
  anchorsView,
  documentFrom,
  explained,
  forksView,
  outcomeOf,
  review,
  shown,
  suspensionsView,
} from '#node/trust/trust-views.ts'
import { verifierQuestion } from '#node/verification/public-verifier.ts'
import type { Webhooks } from '#node/webhooks/webhooks.ts'
import { deliveryPurpose } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { Channel } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { endOf } from '#protocols/did/document.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { messageDigest } from '#protocols/exchange/signing.ts'
import { traceIdOf } from '#protocols/exchange/trace.ts'
import { type Did, instant, type JsonPointer } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { parseCheckpoint, rootDigest } from '#protocols/log/checkpoint.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { parseExchangeQuery } from '#protocols/query/exchange-query.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { type CredentialView } from './api/credentials.ts'
import { type ExchangeView } from './api/exchanges.ts'
import { type NodeApi, type OperationName, type OutputOf, operations } from './api.ts'
import type { Changes } from './changes.ts'
import { answer, ask, type ExchangeNeeds, offer, resume, retry, triable, type Wish } from './exchange.ts'
import { placeOf } from './fault-place.ts'
import type { Clock, Invitation, Peer } from './ports.ts'
import type { Question } from './public-http.ts'
import { verify } from './verify.ts'

/** The parts of a node, opened and joined by `openNode`. */
export interface Parts extends ExchangeNeeds, Rotating {
  readonly clock: Clock
  readonly dids: DidBook
  readonly peerBook: PeerBook
  readonly moved: MovedPeers
  readonly neighbours: Neighbours
  readonly didWitness: DidWitness
  readonly announcements: Announcements
  readonly policyNews: PolicyNews
  readonly bundles: Bundles
  readonly island: Island
  readonly evidence: IssuanceEvidence
  readonly keeper: EvidenceKeeper
  readonly logGossip: LogGossip
  readonly attachments: Attachments
  readonly contents: Contents
  /** What is written of attachments that are waited for. */
  readonly waiting: Changes
  readonly metrics: Metrics
  readonly readings: Readings
  readonly register: Register
  readonly tokens: Tokens
  readonly webhooks: Webhooks
  readonly enrolments: Enrolments
  readonly applications: Applications
  /** To be told when somebody comes to be known, or ceases to be. */
  readonly gate: Pick<NetworkGate, 'admits' | 'changed' | 'onChanged'>
  readonly blocks: Blocks
  readonly introductions: Introductions
  readonly obligations: Obligations
  readonly desk: TrustDesk
  readonly ownStatus: StatusLists
  readonly statuses: StatusCache
  readonly version: string
  /** Asks the process to end; undefined where there is none of its own. */
  readonly onStop: (() => void) | undefined
  /** What the process around does for it; undefined where there is none of its own. */
  readonly care: Care | undefined
  /** Opens the web console and makes a code for it; undefined where the process serves none. */
  readonly invite: (() => Promise<Invitation>) | undefined
  readonly maintenance: Maintenance
}

/** An operator's call waits this long for an exchange; it goes on behind the call. */
const callMs = 30_000
/** Why a wait ends that nobody needs any more: an abort without a reason makes one, with the whole stack in it, for each call. */
const over = new Error('the call is over')

export class TrustNode implements NodeApi, AsyncDisposable {
  readonly #parts: Parts
  readonly #ending = new AbortController()
  /** Work that goes on behind a call; disposing waits for it. */
  readonly #behind = new Set<Promise<unknown>>()
  /** Our accreditation, and those above it, as partners were shown it last. */
  #shown: readonly AnyAccreditation[] = []
  /** Offers under way, so that one is not made twice at once. */
  readonly #extending = new Set<string>()
  readonly #startedMs: number

  private constructor(parts: Parts) {
    this.#parts = parts
    this.#startedMs = parts.clock.nowMs()
  }

  /** Listens, and takes up every exchange that was open when the node ended. */
  static async start(parts: Parts): Promise<TrustNode> {
    const node = new TrustNode(parts)
    const { network } = parts
    await recordRotation(parts, node.#signal)
    await recordRestore(parts)
    heedCancellations(parts)
    heedDisputes(parts)
    heedQuestions(parts)
    network.onBound((peer) => void node.#track(node.#greet(peer)))
    node.#shown = parts.introductions.chain()
    parts.gate.onChanged(() => node.#introduceAnew())
    parts.announcements.start(node.#signal)
    parts.bundles.follower.start((digest) => parts.announcements.announce(digest, { again: false }), node.#signal)
    parts.logGossip.start((digest) => parts.announcements.announce(digest, { again: false }), node.#signal)
    void node.#track(parts.island.keep(node.#signal))
    void node.#track(watchEnds(parts, node.#signal))
    parts.desk.start(node.#signal)
    // Before anybody is served: what an old copy of the store brought back is gone again.
    await parts.obligations.start(node.#signal)
    await network.start(networkIdentity(parts), (channel) => node.#serve(channel))
    parts.statuses.keepFresh(node.#signal)
    for (const record of await openRecords(parts.store)) node.#takeUp(record)
    void node.#track(endUnanswered(parts, node.#signal))
    parts.webhooks.start(node.#signal)
    void node.#track(tellOwnEnds(parts, node.#signal))
    await parts.contents.tidy()
    // What a stop left over of an import.
    void node.#track(node.#settleEnds())
    parts.audit.onRecorded((entries) => node.#fetchAfter(entries))
    for (const partner of await parts.attachments.waitedFor()) void node.#track(parts.attachments.fetchFrom(partner, node.#signal))
    for (const partner of await parts.notices.waitedFor()) void node.#track(parts.notices.deliver(partner, node.#signal))
    // Partners whose address is known are called until they answer, and again when they are lost.
    for (const peer of parts.peerBook.all) void node.#track(node.#call(peer))
    return node
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the node is stopping'))
    await this.#parts.network[Symbol.asyncDispose]()
    await Promise.allSettled(this.#behind)
    await this.#parts.announcements.settled()
    await this.#parts.bundles.follower.settled()
    await this.#parts.keeper.settled()
    await this.#parts.logGossip.settled()
    await this.#parts.obligations.settled()
    await this.#parts.webhooks.settled()
    // So that the folder shows where its log ended: what moves elsewhere by a backup has lost nothing then. A log that takes nothing more has said why.
    await this.#parts.audit.checkpoint().catch(() => undefined)
    await this.#parts.store[Symbol.asyncDispose]()
  }

  get #signal(): AbortSignal {
    return this.#ending.signal
  }

  async #serve(channel: Channel): Promise<void> {
    try {
      if (channel.service === 'exchange') await this.#track(answer(channel, this.#parts, this.#signal))
      else if (channel.service === 'attachment') await this.#parts.attachments.serve(channel, this.#signal)
      else if (channel.service === 'notice') await this.#parts.notices.take(channel, this.#signal)
      else if (channel.service === 'enrol') await answerEnrol(channel, this.#parts, this.#bounded())
      else await answerRecords(channel, this.#parts.neighbours, this.#signal)
    } catch (thrown) {
      const code = codeOf(thrown)
      this.#parts.log(code === 'DFFT_INTERNAL' ? 'error' : 'warn', 'channel failed', {
        service: channel.service,
        partner: channel.remote.did,
        code,
        ...(code === 'DFFT_INTERNAL' ? placeOf(thrown) : {}),
      })
      if (faults.has(code)) this.#parts.network.fault(channel.remote.did, code)
      throw thrown
    }
  }

  /** A peer that just connected: it may have news for us, and we may have an offer for it. It may be gone again too. */
  async #greet(peer: Peer): Promise<void> {
    const { did } = peer
    const { introductions } = this.#parts
    if (introductions.shows()) await introductions.to(did, this.#bounded())
    const learned = await this.#learnFrom(did).catch((thrown) => ({ code: codeOf(thrown) }))
    this.#parts.log('debug', 'records of a peer', { partner: did, ...learned })
    await this.#parts.applications.follow(did, this.#bounded())
    this.#parts.arrivals.arrived(did)
    void this.#track(this.#parts.notices.deliver(did, this.#signal))
    void this.#track(this.#parts.attachments.fetchFrom(did, this.#signal))
    await askAgain(this.#parts, did, this.#bounded())
    for (const record of await openRecords(this.#parts.store))
      if (record.partner === did && record.state === 'offered' && !this.#extending.has(record.id)) await this.#offerAgain(record)
    // Whom we miss is no business of a stranger's.
    if (!this.#parts.neighbours.knows(did)) return
    for (const away of await this.#parts.moved.heardOf(did, this.#bounded())) void this.#track(this.#call(away))
  }

  /** Accredited just now, or otherwise than before: partners to whom we were strangers see it, and may have something for us. */
  #introduceAnew(): void {
    const chain = this.#parts.introductions.chain()
    if (chain.length === this.#shown.length && chain.every((accreditation, at) => accreditation === this.#shown[at])) return
    this.#shown = chain
    void this.#track(this.#introduce())
  }

  async #introduce(): Promise<void> {
    const { network, introductions, neighbours, log } = this.#parts
    for (const { did } of network.connected()) {
      if (!(await introductions.to(did, this.#bounded()))) continue
      await neighbours.learnFrom(did, this.#bounded()).catch((thrown) => log('info', 'records not learned', { partner: did, code: codeOf(thrown) }))
    }
  }

  /** Whoever does not know us is shown first who we are. */
  async #learnFrom(did: Did): Promise<Learned> {
    const { neighbours, introductions } = this.#parts
    try {
      return await neighbours.learnFrom(did, this.#bounded())
    } catch (thrown) {
      if (codeOf(thrown) !== 'DFFT_NOT_ADMITTED' || !(await introductions.to(did, this.#bounded()))) throw thrown
      return neighbours.learnFrom(did, this.#bounded())
    }
  }

  async #offerAgain(record: ExchangeRecord): Promise<void> {
    this.#extending.add(record.id)
    await resume(record, this.#parts, this.#signal).finally(() => this.#extending.delete(record.id))
  }

  /** At all addresses known, those under peer ids that its document names too; without the document, under the one it had. */
  async #call({ did }: Peer): Promise<void> {
    const { dids, peerBook, network } = this.#parts
    await dids.resolve(did, this.#bounded()).catch(() => undefined)
    if (!this.#signal.aborted) network.keep({ did, addresses: peerBook.addressesOf(did) })
  }

  /** What a release named is fetched as soon as the release is on disk. */
  #fetchAfter(entries: readonly NewEntry[]): void {
    for (const { kind, facts } of entries)
      if (kind === 'received' && typeof facts.partner === 'string') void this.#track(this.#parts.attachments.fetchFrom(facts.partner as Did, this.#signal)) // As settle() wrote it.
  }

  #takeUp(record: ExchangeRecord): void {
    if (record.role === 'holder' && standing(record) === 'released') this.#parts.debts.owe(record)
    if (record.role !== 'requester' && record.state !== 'drafted') return
    this.#parts.log('info', 'exchange taken up', { exchange: record.id, state: record.state })
    void this.#track(resume(record, this.#parts, this.#signal))
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#behind.delete(tracked))
    this.#behind.add(tracked)
    tracked.catch((thrown) => {
      if (codeOf(thrown) === 'DFFT_INTERNAL' && !this.#signal.aborted) this.#parts.log('error', 'work behind failed', placeOf(thrown))
    })
    return tracked
  }

  /** The end of an exchange, or how it stands when the caller has waited long enough. */
  async #outcome(work: Promise<ExchangeRecord>): Promise<ExchangeView> {
    const heard = new AbortController()
    const end = () => heard.abort(over)
    if (this.#signal.aborted) end()
    this.#signal.addEventListener('abort', end, { once: true })
    const waited = this.#parts.clock.sleep(callMs, heard.signal).catch(() => undefined)
    try {
      const record = await Promise.race([this.#track(work), waited])
      if (!record) throw new TrustError('DFFT_TIMEOUT', 'the exchange goes on behind this call; see `dfft exchange list`', { waitedMs: callMs })
      return viewOf(record)
    } finally {
      // A timer of half a minute for each call that ended at once would be thousands.
      this.#signal.removeEventListener('abort', end)
      end()
    }
  }

  // Operations.

  status: NodeApi['status'] = async () => {
    const { self, network, audit, store, shelf, clock, debts, version } = this.#parts
    const exchanges: Record<string, number> = {}
    for (const { state } of await newestRecords(store, 1000)) exchanges[state] = (exchanges[state] ?? 0) + 1
    const { size, root } = await audit.checkpoint()
    return {
      name: self.name,
      did: self.did,
      jurisdiction: self.jurisdiction,
      version,
      peerId: network.peerId,
      addresses: [...network.addresses],
      connected: network.connected().length,
      startedAt: instant(this.#startedMs),
      log: { size, root },
      exchanges,
      unreceipted: debts.count(),
      obligations: await dutyCounts(this.#parts, clock.nowMs()),
      policies: shelf.allInForce(clock.nowMs()).map(({ policy: { metadata } }) => ({
        id: metadata.id,
        jurisdiction: metadata.jurisdiction,
        serial: metadata.serial,
        validUntil: metadata.validUntil,
      })),
      island: this.#islandView(),
    }
  }

  #islandView() {
    const { island, clock } = this.#parts
    const nowMs = clock.nowMs()
    const sinceMs = island.sinceMs(nowMs)
    return { since: sinceMs === null ? null : instant(sinceMs), lapses: lapses(reliedOn(this.#parts, nowMs), nowMs).map((lapse) => ({ ...lapse })) }
  }

  stop: NodeApi['stop'] = async (wish) => {
    const { dryRun } = parsed('stop', wish)
    if (!dryRun) this.#parts.onStop?.()
    return { stopping: !dryRun }
  }

  didShow: NodeApi['didShow'] = async (wish) => {
    const { did = this.#parts.self.did } = parsed('didShow', wish)
    const { document, keys, deactivated, alsoKnownAs, peerIds } = await this.#parts.dids.resolve(did, this.#signal)
    const shown = keys.map((key) => ({
      keyId: key.keyId,
      algorithm: verifyKey(key.jwk).algorithm,
      purposes: [...key.purposes],
      from: key.fromMs === 0 ? null : instant(key.fromMs),
      until: Number.isFinite(endOf(key)) ? instant(endOf(key)) : null,
      fingerprint: fingerprint(key.jwk),
    }))
    return { did, deactivated, alsoKnownAs: [...alsoKnownAs], peerIds: [...peerIds], keys: shown, document: { ...document } }
  }

  keyList: NodeApi['keyList'] = async () => ({
    did: this.#parts.self.did,
    keys: [...(await ownKeys(this.#parts, this.#bounded()))],
    waiting: waitingView(await waitingEntry(this.#parts)),
  })

  keyRotate: NodeApi['keyRotate'] = async (wish) => {
    const rotated = await rotateKey(this.#parts, parsed('keyRotate', wish), this.#bounded())
    return { ...rotated, witnesses: [...rotated.witnesses], waiting: waitingView(rotated.waiting) }
  }

  keyDeactivate: NodeApi['keyDeactivate'] = async (wish) => {
    const { did, from, witnesses, told, waiting, dryRun } = await deactivate(this.#parts, parsed('keyDeactivate', wish), this.#bounded())
    return { did, from, witnesses: [...witnesses], told, waiting: waitingView(waiting), dryRun }
  }

  keyProposal: NodeApi['keyProposal'] = async () => proposalOf(this.#parts)

  keyApprove: NodeApi['keyApprove'] = async (wish) => {
    const { dryRun, ...proposal } = parsed('keyApprove', wish)
    return this.#parts.didWitness[dryRun ? 'mayApprove' : 'approve'](proposal)
  }

  keyWitness: NodeApi['keyWitness'] = async () => this.#witnessView()

  keyWitnessAdd: NodeApi['keyWitnessAdd'] = async (wish) => {
    const { did, dryRun } = parsed('keyWitnessAdd', wish)
    await this.#parts.didWitness[dryRun ? 'mayAgree' : 'agree'](did)
    return this.#witnessView()
  }

  keyWitnessRemove: NodeApi['keyWitnessRemove'] = async (wish) => {
    const { did, dryRun } = parsed('keyWitnessRemove', wish)
    await this.#parts.didWitness[dryRun ? 'mayEnd' : 'end'](did)
    return this.#witnessView()
  }

  async #witnessView(): Promise<OutputOf<'keyWitness'>> {
    const { didWitness } = this.#parts
    return { witness: (await didWitness.id()) ?? null, dids: [...(await didWitness.list())] }
  }

  peerAdd: NodeApi['peerAdd'] = async ({ address }) => {
    const { network, peerBook, records, store } = this.#parts
    const peer = await network.connect(address, this.#bounded())
    await store.batch([peerBook.remember({ ...peer, addresses: [address] })])
    // Known from now on: it may have asked before, and been refused.
    this.#parts.gate.changed()
    await records.hint(peer.did, this.#bounded())
    const learned = await this.#learnFrom(peer.did).catch((thrown) => {
      // The first of two partners to add the other is a stranger to it still.
      if (codeOf(thrown) !== 'DFFT_NOT_ADMITTED') throw thrown
      return { accreditations: 0, policies: 0 }
    })
    return { did: peer.did, peerId: peer.peerId, addresses: [address], learned }
  }

  peerList: NodeApi['peerList'] = async () => {
    const connected = new Set(this.#parts.network.connected().map(({ did }) => did))
    const peers = this.#parts.peerBook.all.map(({ did, peerId, addresses }) => ({ did, peerId, addresses: [...addresses], connected: connected.has(did) }))
    return { peers, blocked: [...this.#parts.blocks.all] }
  }

  peerPing: NodeApi['peerPing'] = async (wish) => {
    const { did, count } = parsed('peerPing', wish)
    const pings = await ping(did, count, this.#parts, this.#bounded())
    const peer = this.#parts.network.connected().find((one) => one.did === did)
    return { did, peerId: peer?.peerId ?? '', version: peer?.version ?? null, pings: [...pings] }
  }

  peerTrust: NodeApi['peerTrust'] = async (wish) => peerTrust(parsed('peerTrust', wish).did, { ...this.#parts, peers: this.#parts.peerBook })

  peerBlock: NodeApi['peerBlock'] = async (wish) => {
    const { did, reason = null, dryRun } = parsed('peerBlock', wish)
    const { blocks, network, gate } = this.#parts
    const connected = network.connected().some((one) => one.did === did)
    const block = await blocks.add(did, reason, dryRun)
    if (!dryRun) gate.changed()
    return { ...block, connected, dryRun }
  }

  peerUnblock: NodeApi['peerUnblock'] = async (wish) => {
    const { did, dryRun } = parsed('peerUnblock', wish)
    const { blocks, gate, peerBook } = this.#parts
    const block = await blocks.remove(did, dryRun)
    if (dryRun) return { ...block, dryRun }
    gate.changed()
    for (const peer of peerBook.all) if (peer.did === did) void this.#track(this.#call(peer))
    return { ...block, dryRun }
  }

  trustAdd: NodeApi['trustAdd'] = async (wish) => {
    const { did, jurisdictions, name, withoutAgreement, dryRun } = parsed('trustAdd', wish)
    const { dids, trust, audit, clock } = this.#parts
    const { keys, deactivated } = await dids.resolve(did, this.#bounded())
    if (deactivated) throw new TrustError('DFFT_DID_DEACTIVATED', `\`${did}\` was deactivated`)
    const current = keys.filter((key) => endOf(key) === Number.POSITIVE_INFINITY)
    const root: Root = { did, name: name ?? null, jurisdictions, fingerprint: fingerprintOf(current), addedAt: instant(clock.nowMs()), withoutAgreement }
    const pinned = { did, jurisdictions, fingerprint: root.fingerprint, withoutAgreement }
    if (dryRun) return pinned
    await audit.append([{ kind: 'root-pinned', facts: pinned }], [trust.rootWrite(root)])
    trust.addRoot(root)
    // What partners offered before counts now.
    await Promise.allSettled(this.#parts.network.connected().map((peer) => this.#learnFrom(peer.did)))
    await this.#parts.bundles.follower.pinned(did)
    // Some of them are known only now, and were refused before.
    await this.#parts.records.announce([], this.#bounded())
    return pinned
  }

  trustAccredit: NodeApi['trustAccredit'] = async (wish) => {
    const { trust, self, issuing, desk } = this.#parts
    const { dryRun, ...said } = parsed('trustAccredit', wish)
    const issuer = said.under === undefined ? desk.ourAnchor() : self.did
    const made = () => trust.accredit({ ...said, issuer, jurisdiction: self.jurisdiction }, self)
    const acted = await desk.offered(await issuing.pass(made), 'accredited', dryRun, this.#bounded())
    const { document } = acted.signed
    if (document.type !== 'Accreditation') throw new TrustError('DFFT_INTERNAL', 'what was made as an accreditation is none')
    return { ...accreditationView(document), outcome: outcomeOf(acted, dryRun) }
  }

  trustList: NodeApi['trustList'] = async () => {
    const { trust } = this.#parts
    return { roots: anchorsView(trust), accreditations: trust.accreditations.map(accreditationView) }
  }

  enrolApply: NodeApi['enrolApply'] = async (wish) => {
    const { address, name, number, sector, issues, rights = everyRight, contact = null } = parsed('enrolApply', wish)
    const asked = { address, name, number, sector, wishes: { issues, rights: [...rights] }, contact }
    const { own, fingerprint: shown, pinned } = await this.#parts.applications.apply(asked, this.#bounded())
    return { application: ownView(own), fingerprint: shown, pinned }
  }

  enrolStatus: NodeApi['enrolStatus'] = async (wish) => {
    const { id } = parsed('enrolStatus', wish)
    const { applications, log } = this.#parts
    const wanted = (await applications.list()).filter((own) => id === undefined || own.id === id)
    if (id !== undefined && wanted.length === 0) throw new TrustError('DFFT_NOT_FOUND', `there is no application \`${id}\` of ours`, { id })
    for (const own of wanted)
      await applications.ask(own.id, this.#bounded()).catch((thrown) => log('info', 'application not asked after', { code: codeOf(thrown) }))
    const now = await applications.list()
    return { applications: now.filter((own) => wanted.some((one) => one.id === own.id)).map(ownView) }
  }

  enrolList: NodeApi['enrolList'] = async (wish) => {
    const { state } = parsed('enrolList', wish)
    await this.#parts.enrolments.settle()
    const all = await this.#parts.enrolments.list()
    return { applications: all.filter((one) => state === undefined || one.state === state).map(enrolmentView) }
  }

  enrolShow: NodeApi['enrolShow'] = async (wish) => showEnrolment(parsed('enrolShow', wish).id, this.#parts)

  enrolApprove: NodeApi['enrolApprove'] = async (wish) => {
    const approved = await approveEnrolment(parsed('enrolApprove', wish), this.#parts, this.#bounded())
    if (approved.applied) await this.#parts.records.announce([], this.#bounded())
    return approved
  }

  enrolDecline: NodeApi['enrolDecline'] = async (wish) => declineEnrolment(parsed('enrolDecline', wish), this.#parts, this.#bounded())

  trustAnchor: NodeApi['trustAnchor'] = async (wish) => {
    const { dryRun, ...said } = parsed('trustAnchor', wish)
    return outcomeOf(await this.#parts.desk.declare(said, dryRun, this.#bounded()), dryRun)
  }

  trustPropose: NodeApi['trustPropose'] = async (wish) => {
    const { dryRun, ...said } = parsed('trustPropose', wish)
    const { desk, trust, random, clock } = this.#parts
    const document = proposal(said, desk.ourAnchor(), { trust, random, nowMs: clock.nowMs() })
    return outcomeOf(await desk.offer(document, 'trust-agreed', dryRun, this.#bounded()), dryRun)
  }

  trustReview: NodeApi['trustReview'] = async (wish) => {
    const { trust, desk, clock } = this.#parts
    const document = documentFrom(parsed('trustReview', wish), trust)
    return { ...outcomeOf(await desk.looked(document, this.#bounded())), ...review(document, trust, clock.nowMs()) }
  }

  trustSign: NodeApi['trustSign'] = async (wish) => {
    const { dryRun, ...named } = parsed('trustSign', wish)
    const { desk, trust } = this.#parts
    return outcomeOf(await desk.sign(documentFrom(named, trust), dryRun, this.#bounded()), dryRun)
  }

  trustApply: NodeApi['trustApply'] = async (wish) => {
    const { dryRun, document } = parsed('trustApply', wish)
    const { desk, trust } = this.#parts
    return outcomeOf(await desk.apply(documentFrom({ document }, trust), dryRun, this.#bounded()))
  }

  trustSuspend: NodeApi['trustSuspend'] = async (wish) => {
    const { dryRun, ...said } = parsed('trustSuspend', wish)
    const { entry, ...acted } = await this.#parts.desk.suspend(said, dryRun, this.#bounded())
    return { ...outcomeOf(acted, dryRun), entry }
  }

  trustLift: NodeApi['trustLift'] = async (wish) => {
    const { dryRun, ...said } = parsed('trustLift', wish)
    return outcomeOf(await this.#parts.desk.lift(said, dryRun, this.#bounded()), dryRun)
  }

  trustAdvise: NodeApi['trustAdvise'] = async (wish) => {
    const { dryRun, about = null, answerBy = null, ...said } = parsed('trustAdvise', wish)
    return outcomeOf(await this.#parts.desk.advise({ ...said, about, answerBy }, dryRun, this.#bounded()), dryRun)
  }

  trustAgreements: NodeApi['trustAgreements'] = async () => agreementsView(this.#parts.trust, this.#parts.clock.nowMs())

  trustSuspensions: NodeApi['trustSuspensions'] = async () => suspensionsView(this.#parts.trust, this.#parts.clock.nowMs())

  trustAdvisories: NodeApi['trustAdvisories'] = async () => advisoriesView(this.#parts.trust)

  trustUnsigned: NodeApi['trustUnsigned'] = async () => {
    const { trust, self } = this.#parts
    const documents = toSignAgain(trust.shelf, self.did).map(({ digest, document: { type }, by, missing }) => ({
      digest,
      type,
      by: [...by],
      missing: missing.map(({ count, of }) => ({ count, of: [...of] })),
    }))
    return { documents }
  }

  trustForks: NodeApi['trustForks'] = async () => forksView(this.#parts.trust)

  trustExplain: NodeApi['trustExplain'] = async (wish) => explained(parsed('trustExplain', wish), this.#parts.trust, this.#parts.clock.nowMs())

  trustShow: NodeApi['trustShow'] = async (wish) => shown(parsed('trustShow', wish).digest, this.#parts.trust)

  trustExport: NodeApi['trustExport'] = async (wish) => exportTrust(parsed('trustExport', wish), this.#parts)
  trustBundleShow: NodeApi['trustBundleShow'] = async () => this.#parts.bundles.desk.show()

  trustBundleExport: NodeApi['trustBundleExport'] = (wish) => this.#parts.bundles.desk.export(parsed('trustBundleExport', wish))

  trustBundleImport: NodeApi['trustBundleImport'] = async (wish) => {
    const asked = parsed('trustBundleImport', wish)
    const answer = await this.#parts.bundles.desk.import(asked, this.#signal)
    if (answer.report && !asked.dryRun) await this.#recordImport(answer.report)
    return answer
  }

  async #recordImport({ bundle, complete, refusedCount }: NonNullable<OutputOf<'trustBundleImport'>['report']>): Promise<void> {
    const { publisher, serial, digest } = bundle
    await this.#parts.audit.append([{ kind: 'bundle-imported', facts: { publisher, serial, digest, complete, refused: refusedCount } }], [])
  }

  trustBundleSettle: NodeApi['trustBundleSettle'] = async (wish) => {
    const asked = parsed('trustBundleSettle', wish)
    const bundle = await this.#parts.bundles.desk.settle(asked)
    const { publisher, serial, digest } = bundle
    if (!asked.dryRun) await this.#parts.audit.append([{ kind: 'bundle-fork-settled', facts: { publisher, serial, digest } }], [])
    return { bundle }
  }

  registryImport: NodeApi['registryImport'] = async (piece) => {
    const asked = parsed('registryImport', piece)
    const { changed, due, ...result } = await this.#parts.register.importRows(asked)
    const revoked = changed === 0 ? [] : asked.dryRun ? await endsForeseen(due, this.#endNeeds()) : await this.#settleEnds()
    return {
      ...result,
      changed,
      revoked: revoked.map(({ credential, record, end: { kind, successor } }) => ({ credential, record, kind, successor: successor ?? null })),
    }
  }

  /** Of entities that the register says ended. */
  #settleEnds(): Promise<readonly Ended[]> {
    return settleEnds(this.#endNeeds())
  }

  #endNeeds(): Parameters<typeof settleEnds>[0] {
    return { ...this.#parts, tell: (uris) => this.#parts.records.announce([...uris], this.#bounded()) }
  }

  registryFiles: NodeApi['registryFiles'] = async (wish) => {
    const { file } = parsed('registryFiles', wish)
    const known = file === undefined ? await files(this.#parts.store) : [await progressOf(this.#parts.store, file)]
    return { files: known.flatMap((one) => one ?? []) }
  }

  registryList: NodeApi['registryList'] = async (wish) => {
    const { limit, after } = parsed('registryList', wish)
    const { records, next } = await this.#parts.register.list({ limit, after })
    return { records: records.map((record) => ({ number: idOf(record), name: record.name, address: record.address ?? '' })), next }
  }

  issue: NodeApi['issue'] = async (wish) => {
    const asked = parsed('issue', wish)
    const { about } = credentialTypeNamed(asked.type)
    const kept = about === 'person' ? await this.#issueCopies(asked) : await this.#issueOne(asked)
    if (asked.dryRun) return { credential: await this.#foreseenView(kept), delivery: null, held: null }
    const own = kept.subject === this.#parts.self.did
    const delivery = asked.deliver && !own ? await this.#deliver(kept) : null
    return { credential: await this.#credentialView(kept), delivery, held: own ? asHeld(kept).id : null }
  }

  async #issueOne({ type, subject, holder: server, copies, validDays, dryRun, ...wish }: Asked<'issue'>): Promise<Kept> {
    const { dids, audit, ownStatus, self, wallet } = this.#parts
    if (subject === undefined || server !== undefined || copies !== undefined)
      throw new TrustError('DFFT_USAGE', `a \`${type}\` is issued once, to its \`subject\``)
    const claims = await this.#claimsOf(wish)
    const { keys } = await dids.resolve(subject, this.#bounded())
    const holder = keys.find((key) => endOf(key) === Number.POSITIVE_INFINITY && key.purposes.includes('authentication'))
    if (!holder) throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${subject}\` names no key to bind a credential to`)
    const needs = { ...this.#parts, statusList: ownStatus }
    if (dryRun) return foreseenIssue({ type, claims, subject, validDays }, needs)
    return this.#parts.issuing.pass(async () => {
      const made = await issue({ type, claims, subject, holderKey: holder.jwk, validDays }, needs)
      const { kept, place, signed, writes } = made
      await audit.append(
        [{ kind: 'issued', facts: { credential: kept.id, subject, ...place, encodings: digestOf(kept.encodings), signed } }],
        [...writes, ...(subject === self.did ? wallet.write(asHeld(kept)) : []), ...issuedWrites(claims, kept.id), ...ownStatus.take(place)],
        { indexUnder: signed.map(issuedKey) },
      )
      return kept
    })
  }

  async #issueCopies({ type, subject, holder, copies, validDays, dryRun, ...wish }: Asked<'issue'>): Promise<Kept> {
    if (holder === undefined || subject !== undefined) throw new TrustError('DFFT_USAGE', `a \`${type}\` is issued to the \`holder\` that serves its subject`)
    const asked = { type: credentialTypeNamed(type), claims: await this.#claimsOf(wish), holder, copies: copies ?? copiesDefault, validDays }
    const needs = { ...this.#parts, statusList: this.#parts.ownStatus }
    return dryRun ? foreseenCopies(asked, needs, this.#bounded()) : issueToHolder(asked, needs, this.#bounded())
  }

  /** With the certificate and the files that are to belong to it, which are here. */
  async #claimsOf({
    attachments = [],
    registryCertificate,
    ...wish
  }: Pick<Asked<'issue'>, 'record' | 'claims' | 'attachments' | 'registryCertificate'>): Promise<JsonObject> {
    const alone = await this.#claimsAlone(wish)
    if (Object.hasOwn(alone, 'attachments')) throw new TrustError('DFFT_USAGE', 'files are named by `attachments` beside the claims, and handed over before')
    const claims = withCertificate(alone, registryCertificate, this.#parts.clock.nowMs())
    if (attachments.length === 0) return claims
    return { ...claims, attachments: (await this.#parts.attachments.uploads.named(attachments)).map((one) => ({ ...one })) }
  }

  async #claimsAlone({ record, claims }: Pick<Asked<'issue'>, 'record' | 'claims'>): Promise<JsonObject> {
    if ((record === undefined) === (claims === undefined)) throw new TrustError('DFFT_USAGE', 'a credential is issued from either a `record` or `claims`')
    if (record === undefined) return claims as JsonObject // Came as JSON; the schema of its type is asked before it is signed.
    return subjectOf(await this.#parts.register.get(record)) as unknown as JsonObject // A subject is JSON by its schema.
  }

  async #deliver(kept: Kept): Promise<ExchangeView | null> {
    const type = credentialTypeNamed(kept.type)
    const to = kept.batch?.holder ?? kept.subject
    if (!to) throw new TrustError('DFFT_STORE', 'the credential names nobody to deliver it to', { id: kept.id })
    const claims = type.groups.map(({ path }) => path)
    return this.#outcome(
      this.#asked(offer({ to, credential: kept, kind: 'delivery', claims, purpose: deliveryPurpose, legalBasis: null }, this.#parts, this.#signal)),
    )
  }

  credentialList: NodeApi['credentialList'] = async (wish) => {
    const { role, limit } = parsed('credentialList', wish)
    const kept = await this.#parts.wallet.list(role, limit)
    return { credentials: await Promise.all(kept.map((credential) => this.#credentialView(credential))) }
  }

  credentialShow: NodeApi['credentialShow'] = async ({ id }) => {
    const kept = await this.#parts.wallet.get(id)
    const groups = credentialTypeNamed(kept.type).groups.map(({ path, category, label }) => ({ path, category, label: { ...label } }))
    // What was received is read for a purpose.
    if (kept.role === 'received') return { credential: await this.#credentialView(kept), claims: {}, encodings: [], groups, end: null }
    // Copies are shown to verifiers, each once and by this node alone: none is handed out here. All claim the same.
    const [copy] = kept.batch ? await copiesOf(this.#parts.store, kept) : []
    const selective = copy ?? kept.encodings.find(({ format }) => format === 'dc+sd-jwt')
    const claims = selective ? { ...readSdJwt(selective.text).claims } : {}
    const end = kept.end ? { ...kept.end, successor: kept.end.successor ?? null } : null
    return { credential: await this.#credentialView(kept), claims, encodings: kept.encodings.map((encoding) => ({ ...encoding })), groups, end }
  }

  credentialUse: NodeApi['credentialUse'] = async (wish) => {
    const { dryRun, ...asked } = parsed('credentialUse', wish)
    const { kept, exchange, decision } = await useFor(asked, this.#acting(dryRun))
    const credential = await this.#credentialView(kept)
    if (dryRun) return { credential, claims: {}, encodings: [], exchange, decision: { ...decision } }
    const selective = kept.encodings.find(({ format }) => format === 'dc+sd-jwt')
    const claims = selective ? { ...readSdJwt(selective.text).claims } : {}
    const encodings = kept.encodings.map((encoding) => ({ ...encoding }))
    return { credential, claims, encodings, exchange, decision: { ...decision } }
  }

  credentialFlag: NodeApi['credentialFlag'] = async (wish) => {
    const { dryRun, ...said } = parsed('credentialFlag', wish)
    return { credential: await this.#credentialView(await flagData(said, this.#acting(dryRun))) }
  }

  async #credentialView(kept: Kept): Promise<CredentialView> {
    const { id, type, issuer, subject, role, issuedAt, validUntil, title, batch, dataFlags } = kept
    const copies = batch ? { holder: batch.holder, total: batch.copies, left: await copiesLeft(this.#parts.store, kept) } : null
    return { id, type, issuer, subject, role, validFrom: issuedAt, validUntil, status: await this.#statusOf(kept), title, copies, flags: [...dataFlags] }
  }

  /** Of what has no place in a status list yet, nor copies. */
  async #foreseenView(kept: Kept): Promise<CredentialView> {
    const view = await this.#credentialView(kept)
    return { ...view, status: 'valid', copies: view.copies && { ...view.copies, left: view.copies.total } }
  }

  async #statusOf({ issuer, status }: Kept): Promise<CredentialView['status']> {
    const { self, ownStatus, surroundings } = this.#parts
    if (!status) return 'unknown'
    if (issuer === self.did) return ownStatus.lookUp(status)
    return (await surroundings.status?.(issuer, status, this.#bounded()).catch(() => 'unknown' as const)) ?? 'unknown'
  }

  credentialVerify: NodeApi['credentialVerify'] = async (wish) => {
    const { text, binding } = parsed('credentialVerify', wish)
    const { surroundings, clock } = this.#parts
    const expected = { nowMs: clock.nowMs(), ...(binding ? { binding } : {}) }
    return (await verify(text.trim(), surroundings, expected, this.#bounded())).report
  }

  credentialEvidence: NodeApi['credentialEvidence'] = async (wish) => evidenceOf(parsed('credentialEvidence', wish).credential, this.#parts, this.#bounded())

  revoke: NodeApi['revoke'] = async (wish) => this.#changeStatus({ ...parsed('revoke', wish), to: 'revoked' })

  suspend: NodeApi['suspend'] = async (wish) => this.#changeStatus({ ...parsed('suspend', wish), to: 'suspended' })

  reinstate: NodeApi['reinstate'] = async (wish) => this.#changeStatus({ ...parsed('reinstate', wish), to: 'valid' })

  async #changeStatus({ id, reason, to, dryRun }: Asked<'revoke'> & { readonly to: Status }): Promise<OutputOf<'revoke'>> {
    const kept = await this.#parts.wallet.get(id)
    const { changed, ...done } = await changeStatus({ kept, to, reason, dryRun }, this.#parts)
    if (dryRun) return { id, ...done, told: 0 }
    return { id, ...done, told: await this.#parts.records.announce(changed, this.#bounded()) }
  }

  request: NodeApi['request'] = async (wish) => {
    return this.#outcome(this.#asked(ask(wishOf(parsed('request', wish)), this.#parts, this.#signal)))
  }

  requestPreview: NodeApi['requestPreview'] = async (wish) => {
    const { lang, ...asked } = parsed('requestPreview', wish)
    return requestPreviewOf(wishOf(asked), lang, this.#parts, this.#bounded())
  }

  /** While a person is asked elsewhere, or the partner is away, the exchange goes on behind the call. */
  async #asked(work: Promise<ExchangeRecord>): Promise<ExchangeRecord> {
    const record = await work
    if (record.state === 'drafted' || (record.state === 'pending' && record.role === 'requester')) this.#takeUp(record)
    return record
  }

  present: NodeApi['present'] = async (wish) => {
    const { to, credential: id, purpose, legalBasis = null, claims, until } = parsed('present', wish)
    const credential = await this.#heldToShow(id)
    await checkCopies(credential, this.#parts)
    const wanted: JsonPointer[] = claims.length > 0 ? claims : credentialTypeNamed(credential.type).groups.map(({ path }) => path)
    const given = { to, credential, kind: 'presentation' as const, claims: wanted, purpose, legalBasis, ...untilMs(until) }
    return this.#outcome(this.#asked(offer(given, this.#parts, this.#signal)))
  }

  presentPreview: NodeApi['presentPreview'] = async (wish) => {
    const { credential: id, legalBasis = null, ...rest } = parsed('presentPreview', wish)
    const credential = await this.#heldToShow(id)
    return previewOf({ ...rest, credential, legalBasis }, this.#parts, this.#bounded())
  }

  /** What was received is under the duties it came with, and what was issued is its subject’s to show. @throws {TrustError} DFFT_NOT_ALLOWED */
  async #heldToShow(id: string): Promise<Kept> {
    const credential = await this.#parts.wallet.get(id)
    if (credential.role !== 'held') throw new TrustError('DFFT_NOT_ALLOWED', 'only what this node holds as its subject can be presented', { id })
    return credential
  }

  exchangeList: NodeApi['exchangeList'] = async (wish) => {
    const { state, limit } = parsed('exchangeList', wish)
    const records = await newestRecords(this.#parts.store, state ? 1000 : limit)
    const wanted = records.filter((record) => state === undefined || record.state === state).slice(0, limit)
    return { exchanges: wanted.map(viewOf) }
  }

  exchangeShow: NodeApi['exchangeShow'] = async (wish) => {
    const { id } = parsed('exchangeShow', wish)
    const { store, audit, self, notices } = this.#parts
    const record = await recordNamed(store, id)
    const messages = (await messagesOf(store, id)).map((message) => {
      const direction = message.from === undefined || message.from === self.did ? ('sent' as const) : ('received' as const) // A release kept without its envelope is ours.
      return { type: message.type, direction, digest: messageDigest(message), body: direction === 'received' ? withoutClaims(message) : { ...message } }
    })
    const entries = await audit.entriesOf(id)
    const decided = (await getDecided(store, id)) ?? []
    const first = decided.find(({ chosen }) => chosen) ?? decided[0]
    return {
      exchange: viewOf(record),
      trace: traceIdOf(id),
      decision: { ...(first && { question: first.question, decision: first.decision }) },
      decisions: decided.map((one) => ({ ...one })),
      attachments: await shownWith(record, this.#parts),
      messages,
      notices: (await notices.of(id)).map(noticeView),
      log: entries.map(({ index, at, kind }) => ({ index, at, kind })),
    }
  }

  evidenceExport: NodeApi['evidenceExport'] = async (wish) => {
    const asked = parsed('evidenceExport', wish)
    return { exchange: asked.id, claims: asked.claims, ...(await exportEvidence(asked, this.#parts, this.#bounded())) }
  }

  attachmentBegin: NodeApi['attachmentBegin'] = async (wish) => openUpload(parsed('attachmentBegin', wish), this.#parts.attachments)

  attachmentAppend: NodeApi['attachmentAppend'] = async (wish) => takeChunk(parsed('attachmentAppend', wish), this.#parts.attachments)

  attachmentFinish: NodeApi['attachmentFinish'] = async (wish) => ({
    ...(await this.#parts.attachments.uploads.finish(parsed('attachmentFinish', wish).upload)),
  })

  attachmentList: NodeApi['attachmentList'] = async (wish) => listAttachments(parsed('attachmentList', wish).exchange, this.#parts)

  attachmentRead: NodeApi['attachmentRead'] = async (wish) => readChunk(parsed('attachmentRead', wish), this.#parts.attachments)

  attachmentFetch: NodeApi['attachmentFetch'] = async (wish) => {
    const { exchange, dryRun } = parsed('attachmentFetch', wish)
    const record = await recordNamed(this.#parts.store, exchange)
    await this.#parts.attachments.retry(exchange, this.#acting(dryRun).audit)
    if (!dryRun) void this.#track(this.#parts.attachments.fetchFrom(record.partner, this.#signal))
    return listAttachments(exchange, this.#parts)
  }

  exchangeRecords: NodeApi['exchangeRecords'] = async (wish) => operationalRecords(parsed('exchangeRecords', wish), this.#parts)

  exchangeTrace: NodeApi['exchangeTrace'] = async (wish) => {
    const record = await recordNamed(this.#parts.store, parsed('exchangeTrace', wish).id)
    return traceOf(await operationalRecordOf(record, this.#parts), { did: this.#parts.self.did, version: this.#parts.version })
  }

  metrics: NodeApi['metrics'] = async () => ({ text: this.#parts.metrics.text(await this.#parts.readings.now()) })

  obligationList: NodeApi['obligationList'] = async (wish) => listDuties(parsed('obligationList', wish), this.#parts)

  obligationShow: NodeApi['obligationShow'] = async (wish) => showDuties(parsed('obligationShow', wish).exchange, this.#parts)

  obligationRun: NodeApi['obligationRun'] = async (wish) => {
    const { dryRun } = parsed('obligationRun', wish)
    const due = await this.#parts.obligations.runDue(dryRun ? 'look' : undefined)
    const left = dryRun ? due : await this.#parts.obligations.runDue('look')
    return { due: due.map(dutyView), done: left.length === 0 }
  }

  obligationBreach: NodeApi['obligationBreach'] = async (wish) => {
    const { dryRun, ...said } = parsed('obligationBreach', wish)
    const told = await tellBreach(said, this.#acting(dryRun))
    if (!dryRun) this.#parts.obligations.tell(told.partner)
    return dutyView(told)
  }

  exchangeApprove: NodeApi['exchangeApprove'] = async (wish) => {
    const { id, dryRun, record } = parsed('exchangeApprove', wish)
    if (dryRun) return viewOf(await foreseen(id, this.#parts, this.#bounded()))
    return this.#answered({ id, consented: true, record })
  }

  exchangeDecline: NodeApi['exchangeDecline'] = async (wish) => {
    const { id, dryRun } = parsed('exchangeDecline', wish)
    return this.#answered({ id, consented: false }, dryRun)
  }

  /** To what is asked of this node as the holder, or as the origin of what another one passes on. */
  async #answered(answered: Answered, dryRun = false): Promise<ExchangeView> {
    const parts = this.#acting(dryRun)
    if (await getRecord(parts.store, answered.id)) return viewOf(await answerConsent(answered, parts))
    const record = await answerOnward(answered.id, answered.consented, parts)
    return dryRun ? viewOf(record) : this.#told(record)
  }

  /** What an act works with: in a rehearsal a log that writes nothing. */
  #acting(dryRun: boolean): Parts {
    return dryRun ? rehearsing(this.#parts) : this.#parts
  }

  exchangeCancel: NodeApi['exchangeCancel'] = async (wish) => {
    const { id, dryRun } = parsed('exchangeCancel', wish)
    const record = await cancel(id, this.#acting(dryRun))
    if (dryRun) return viewOf(record)
    if (record.role === 'requester') this.#takeUp(record)
    return this.#told(record)
  }

  exchangeRetry: NodeApi['exchangeRetry'] = async (wish) => {
    const { id, dryRun } = parsed('exchangeRetry', wish)
    const record = await triable(id, this.#parts)
    return dryRun ? viewOf(record) : this.#outcome(retry(record, this.#parts, this.#signal))
  }

  exchangeDispute: NodeApi['exchangeDispute'] = async (wish) => {
    const { id, statement, dryRun } = parsed('exchangeDispute', wish)
    const record = await dispute(id, statement, this.#acting(dryRun))
    return dryRun ? viewOf(record) : this.#told(record)
  }

  exchangeResolve: NodeApi['exchangeResolve'] = async (wish) => {
    const { id, statement, dryRun } = parsed('exchangeResolve', wish)
    const record = await resolve(id, statement, this.#acting(dryRun))
    return dryRun ? viewOf(record) : this.#told(record)
  }

  /** The partner is told behind the call. */
  #told(record: ExchangeRecord): ExchangeView {
    void this.#track(this.#parts.notices.deliver(record.partner, this.#signal))
    return viewOf(record)
  }

  policyAdd: NodeApi['policyAdd'] = async (wish) => this.#atPolicyDesk(addPolicy, parsed('policyAdd', wish))

  policySign: NodeApi['policySign'] = async (wish) => this.#atPolicyDesk(signPolicy, parsed('policySign', wish))

  policyApply: NodeApi['policyApply'] = async (wish) => this.#atPolicyDesk(applyPolicy, parsed('policyApply', wish))

  policyRollback: NodeApi['policyRollback'] = async (wish) => this.#atPolicyDesk(rollBackPolicy, parsed('policyRollback', wish))

  policySuspend: NodeApi['policySuspend'] = async (wish) => this.#atPolicyDesk(suspendFlows, parsed('policySuspend', wish))

  policyRenew: NodeApi['policyRenew'] = async (wish) => this.#atPolicyDesk(renewSuspension, parsed('policyRenew', wish))

  policyLift: NodeApi['policyLift'] = async (wish) => this.#atPolicyDesk(liftSuspension, parsed('policyLift', wish))

  #atPolicyDesk<Wish, Answer>(
    act: (wish: Wish, needs: ActNeeds, signal: AbortSignal) => Answer,
    { dryRun, ...wish }: Wish & { readonly dryRun: boolean },
  ): Answer {
    return act(wish as Wish, { ...this.#parts, dryRun }, this.#bounded())
  }

  policyList: NodeApi['policyList'] = async () => listPolicies(this.#parts)

  policyShow: NodeApi['policyShow'] = async (wish) => showPolicy(parsed('policyShow', wish).digest, this.#parts)

  policyExplain: NodeApi['policyExplain'] = async (wish) => explainPolicy(parsed('policyExplain', wish), this.#parts)

  policyRehearse: NodeApi['policyRehearse'] = async (wish) => rehearsal(this.#parts, parsed('policyRehearse', wish))

  policyTree: NodeApi['policyTree'] = async (wish) => treesOf(parsed('policyTree', wish), this.#parts)

  policyMatrix: NodeApi['policyMatrix'] = async (wish) => matrixHeld(parsed('policyMatrix', wish), this.#parts)

  policyWhy: NodeApi['policyWhy'] = async (wish) => whyCell(parsed('policyWhy', wish), this.#parts)

  policyWhatIf: NodeApi['policyWhatIf'] = async (wish) => whatIfHeld(parsed('policyWhatIf', wish), this.#parts)

  auditVerify: NodeApi['auditVerify'] = async (wish) => {
    const { checkpoint, witnesses } = parsed('auditVerify', wish)
    const { audit, network, records, self } = this.#parts
    await audit.verify()
    if (checkpoint !== undefined) audit.verifyAgainst(checkpoint)
    const head = await audit.checkpoint()
    const heard = []
    for (const { did } of witnesses ? network.connected() : []) {
      try {
        const { note } = await records.ask(did, { type: 'seen-checkpoint', of: self.did }, 'seen-checkpoint', this.#bounded())
        heard.push({ did, size: audit.verifyAgainst(note).size, consistent: true, code: null })
      } catch (thrown) {
        const code = codeOf(thrown)
        if (code !== 'DFFT_NOT_FOUND') heard.push({ did, size: 0, consistent: false, code })
      }
    }
    const forked = heard.find(({ code }) => code === 'DFFT_LOG_FORK')
    if (forked) throw new TrustError('DFFT_LOG_FORK', `\`${forked.did}\` holds a checkpoint that this log does not extend`, { witness: forked.did })
    return { size: head.size, root: head.root, checkpoint: head.note, witnesses: heard, unwitnessed: head.size - audit.witnessed() }
  }

  auditProve: NodeApi['auditProve'] = async (wish) => proveEntries(parsed('auditProve', wish).of, this.#parts)

  auditWitness: NodeApi['auditWitness'] = async (wish) => witnessTable(parsed('auditWitness', wish), this.#parts, this.#bounded())

  auditForks: NodeApi['auditForks'] = async () => forkTable(this.#parts)

  auditSearch: NodeApi['auditSearch'] = async (wish) => search(parsed('auditSearch', wish), this.#parts)

  auditTail: NodeApi['auditTail'] = async (wish) => tail(parsed('auditTail', wish), this.#parts, this.#signal)

  auditCheckpoint: NodeApi['auditCheckpoint'] = async (wish) => {
    const { of } = parsed('auditCheckpoint', wish)
    const { audit } = this.#parts
    if (of === undefined) return audit.checkpoint()
    const seen = await audit.seen(of)
    if (!seen) throw new TrustError('DFFT_NOT_FOUND', `no checkpoint of \`${of}\` was seen`)
    const { size, root } = parseCheckpoint(seen.note)
    return { note: seen.note, size, root: rootDigest(root) }
  }

  tokenCreate: NodeApi['tokenCreate'] = async (wish) => this.#parts.tokens.create(parsed('tokenCreate', wish))

  tokenList: NodeApi['tokenList'] = async () => ({ tokens: this.#parts.tokens.list() })

  tokenRevoke: NodeApi['tokenRevoke'] = async (wish) => this.#parts.tokens.revoke(parsed('tokenRevoke', wish))

  webhookAdd: NodeApi['webhookAdd'] = async (wish) => this.#parts.webhooks.add(parsed('webhookAdd', wish))

  webhookList: NodeApi['webhookList'] = async () => ({ webhooks: this.#parts.webhooks.list() })

  webhookTest: NodeApi['webhookTest'] = async (wish) => {
    const { id } = parsed('webhookTest', wish)
    return { id, ...(await this.#parts.webhooks.test(id, this.#bounded())) }
  }

  webhookRetry: NodeApi['webhookRetry'] = async (wish) => this.#parts.webhooks.retry(parsed('webhookRetry', wish), this.#signal)

  webhookRemove: NodeApi['webhookRemove'] = async (wish) => this.#parts.webhooks.remove(parsed('webhookRemove', wish))

  statistics: NodeApi['statistics'] = async (wish) => statistics(parsed('statistics', wish), this.#parts)

  /** Of programs that come over TCP. */
  get tokens(): Pick<Tokens, 'admit'> {
    return this.#parts.tokens
  }

  backupCreate: NodeApi['backupCreate'] = async (wish) => createBackup(parsed('backupCreate', wish), this.#parts)

  consoleOpen: NodeApi['consoleOpen'] = async () => {
    const { invite } = this.#parts
    if (!invite) throw new TrustError('DFFT_NOT_ALLOWED', 'this process serves no web console')
    return await invite()
  }

  health: NodeApi['health'] = async () => healthOf(this.#parts, this.#signal.aborted)

  maintenance: NodeApi['maintenance'] = async (wish) => maintain(parsed('maintenance', wish), this.#parts)

  storeCheck: NodeApi['storeCheck'] = async () => {
    const { care } = this.#parts
    if (!care) throw new TrustError('DFFT_NOT_ALLOWED', 'this node keeps no folder that could be looked at')
    return care.check()
  }

  seal: NodeApi['seal'] = async (wish) => {
    const { dryRun } = parsed('seal', wish)
    const { care } = this.#parts
    if (!care?.seal) throw new TrustError('DFFT_NOT_ALLOWED', 'this process could not open its keys again')
    if (!dryRun) await care.seal()
    return { sealed: !dryRun }
  }

  unseal: NodeApi['unseal'] = async () => ({ sealed: false, addresses: [...this.#parts.network.addresses] })

  /** Ready is: able to record and to sign, and so to exchange. Reasons are codes. */
  publicHealth(): { readonly live: boolean; readonly ready: boolean; readonly reasons: readonly string[] } {
    const { audit, self, maintenance } = this.#parts
    const refusals = [audit.refusal?.code, self.refusal?.code, maintenance.now ? 'DFFT_MAINTENANCE' : undefined].flatMap((code) => code ?? [])
    const reasons = [...(this.#signal.aborted ? ['stopping'] : []), ...refusals]
    return { live: true, ready: reasons.length === 0, reasons }
  }

  /** What anybody may read over public HTTP. */
  publicDocument(path: string): Promise<PublicDocument | undefined> {
    return publicDocument(path, this.#parts)
  }

  /** What anybody may ask over public HTTP. */
  publicQuestions(): ReadonlyMap<string, Question> {
    const { self, clock, random, trust } = this.#parts
    return trqpQuestions({ self, clock, random, registry: registryOf(trust.shelf, clock) })
  }

  /** Whether a document holds, for anybody who asks over public HTTP; served only where the configuration says so. */
  publicVerifier(): Question {
    const { surroundings, clock, trust, self } = this.#parts
    return verifierQuestion({ surroundings, clock, names: (did) => did === self.did || trust.names(did) })
  }

  #bounded(): AbortSignal {
    return AbortSignal.any([this.#signal, this.#parts.clock.timeout(callMs)])
  }
}

function waitingView(waiting: Waiting | null): OutputOf<'keyList'>['waiting'] {
  return waiting && { ...waiting, approved: [...waiting.approved], missing: [...waiting.missing] }
}

function ownView({ id, application, state, updatedAt, reason, code }: OwnApplication): OutputOf<'enrolApply'>['application'] {
  const { applicant, agency, name, jurisdiction, sector, number, wishes, contact, at } = application
  return { id, applicant, agency, name, jurisdiction, sector, number, wishes, contact, reason, state, code, appliedAt: at, updatedAt }
}

type Asked<Name extends OperationName> = z.output<(typeof operations)[Name]['input']>

function wishOf({ to, purpose, legalBasis, transferTools, origin, until, reuse, ...wanted }: Asked<'request'>): Wish {
  const from = origin === undefined ? {} : { origin }
  return { to, ...asQuery(wanted), purpose, legalBasis: legalBasis ?? null, transferTools, reuse, ...from, ...untilMs(until) }
}

/** What is asked for, by type and claims or as a query: one of the two. @throws {TrustError} DFFT_SCHEMA, DFFT_QUERY, DFFT_CREDENTIAL_TYPE */
function asQuery({ query, type, claims }: Pick<Asked<'request'>, 'query' | 'type' | 'claims'>) {
  if (query === undefined) return { query: queryOf(credentialTypeNamed(type ?? 'BusinessRegistrationCredential'), claims), whole: false }
  if (type !== undefined || claims.length > 0) throw new TrustError('DFFT_SCHEMA', 'a query says itself which types and claims it asks for')
  return { query: parseExchangeQuery(query), whole: true }
}

function noticeView({ direction, notice, acknowledgement, refused }: KeptNotice): OutputOf<'exchangeShow'>['notices'][number] {
  const { about, at } = notice
  const statement = 'statement' in about ? about.statement : null
  return { direction, kind: about.kind, at, statement, notice: { ...notice }, acknowledgement: acknowledgement && { ...acknowledgement }, refused }
}

function untilMs(until: string | undefined): { readonly untilMs?: number } {
  return until === undefined ? {} : { untilMs: Date.parse(until) }
}

/** A caller in this process may leave defaults out, as one at the socket may. */
function parsed<Name extends OperationName>(name: Name, input: unknown): Asked<Name> {
  return operations[name].input.parse(input) as Asked<Name> // The schema of this very operation.
}
