/**
 * What this node tells its peers of itself, and what it learns from them: DID logs, accreditations, policies, status
 * lists, log heads. Each record certifies itself and is checked before it is kept.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import type { IssuanceEvidence } from '#node/audit/issuance-evidence.ts'
import type { LogGossip } from '#node/audit/log-gossip.ts'
import type { Witnessing } from '#node/audit/witnessing.ts'
import type { HolderKeys } from '#node/credentials/holder-keys.ts'
import { tellOfExchange } from '#node/evidence/partner-log.ts'
import type { DidWitness } from '#node/identity/did-witness.ts'
import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { PolicyNews } from '#node/policy/policy-news.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { SignedPolicy } from '#node/policy/shelved.ts'
import type { Clock, DidLogs, Log, Resolver, Store, Write } from '#node/ports.ts'
import type { StatusCache } from '#node/status/status-cache.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { knows } from '#node/trust/acquaintance.ts'
import type { BundleAnswers } from '#node/trust/bundle-answers.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { Approval, Proposal } from '#protocols/did/webvh-witness.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { LogHead } from '#protocols/exchange/messages.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import type { ProofText } from '#protocols/log/checkpoint.ts'
import type { LogHeads } from '#protocols/log/heads.ts'
import { type ExchangeLog, type Issuance, type Profile, profileLogCharactersMax, type Told, witnessProofsCharactersMax } from '#protocols/records.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'
import type { TrustBundle, TrustBundlePart } from '#protocols/trust/bundle.ts'
import type { PeerBook } from './peers.ts'
import type { RecordsClient, RecordsSource } from './records.ts'

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly dids: DidLogs & Resolver
  readonly keys: KeyFinder
  readonly trust: Trust
  readonly shelf: PolicyShelf
  readonly policyNews: PolicyNews
  readonly ownStatus: StatusLists
  readonly statuses: StatusCache
  readonly audit: AuditLog
  readonly witnessing: Witnessing
  readonly logGossip: LogGossip
  readonly evidence: IssuanceEvidence
  readonly records: RecordsClient
  readonly holderKeys: HolderKeys
  readonly peers: Pick<PeerBook, 'called' | 'addressesOf'>
  readonly bundles: BundleAnswers
  readonly didWitness: DidWitness
}

export interface Learned {
  readonly accreditations: number
  readonly policies: number
}

export class Neighbours implements RecordsSource {
  readonly #needs: Needs
  /** Addresses of partners as the network has them. */
  readonly #taken = new Map<Did, string>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  // What we tell.

  async profile(asking: Did): Promise<Profile> {
    const { self, trust, policyNews } = this.#needs
    const { log: didLog = null, ...proofs } = handedOn(self.didLog, self.witnessProofs, profileLogCharactersMax) ?? {}
    // A profile is in version 1, as are its readers; the rest goes with the other trust documents.
    const first = trust.accreditations.flatMap((one) => (one.version === 1 ? [one] : []))
    const shown = first.filter(({ subject, issuer }) => subject === self.did || (issuer === self.did && subject === asking))
    return { type: 'profile', did: self.did, didLog, ...proofs, accreditations: shown, policies: [...policyNews.held()] }
  }

  async policy(digest: string): Promise<SignedPolicy | undefined> {
    return this.#needs.shelf.get(digest as Digest)?.document // Looked up as it is: an unknown one is not held.
  }

  async pack(digest: string): Promise<JsonObject | undefined> {
    return this.#needs.shelf.packs.get(digest as Digest) // As above.
  }

  /** Ours and others': each proves itself, so a partner's copy is as good as the web's. */
  async didLog(did: Did): Promise<{ log: string; witnessProofs?: string } | undefined> {
    const { self, dids } = this.#needs
    if (did === self.did) return handedOn(self.didLog, self.witnessProofs)
    const held = did.startsWith('did:webvh:') ? await dids.held(did) : undefined // No other method has a log.
    return handedOn(held?.log, held?.witnessProofs)
  }

  /** Ours to anybody; of others' lists, which tell whom we deal with, to partners only. */
  async statusList({ issuer, uri }: { readonly issuer: Did; readonly uri: string }, asking: Did): Promise<string | undefined> {
    const { self, ownStatus, statuses } = this.#needs
    if (issuer === self.did) return ownStatus.published(uri)
    return this.knows(asking) ? statuses.text(issuer, uri) : undefined
  }

  async logHead(since: number, asking: Did): Promise<LogHead | undefined> {
    if (!this.knows(asking)) return undefined
    return this.#needs.witnessing.headSince(since)
  }

  async seenCheckpoint(of: Did, asking: Did): Promise<string | undefined> {
    if (!this.knows(asking)) return undefined
    return (await this.#needs.audit.seen(of))?.note
  }

  /** @throws {TrustError} DFFT_NOT_ADMITTED to a stranger; DFFT_LOG_FORK when the log is shorter than what the asking node holds of it */
  async logProof(from: number, to: number, asking: Did): Promise<ProofText> {
    if (!this.knows(asking)) throw new TrustError('DFFT_NOT_ADMITTED', 'proofs are for partners', { partner: asking })
    return this.#needs.audit.proofBetween(from, to)
  }

  /** They say whom we deal with: to partners only. */
  async logHeads(digest: Digest, asking: Did): Promise<LogHeads | undefined> {
    return this.knows(asking) ? this.#needs.logGossip.told(digest) : undefined
  }

  /** To the other side of the exchange, whatever became of it since; to everybody else there is no such exchange. */
  exchangeLog(exchange: ExchangeId, since: number, asking: Did): Promise<ExchangeLog | undefined> {
    return tellOfExchange({ exchange, since, asking }, this.#needs)
  }

  /** A stranger's head would be kept, and strangers are without number. */
  async cosign(log: LogHead, asking: Did, signal: AbortSignal): Promise<Extract<Told, { type: 'cosignature' }> | undefined> {
    if (!this.knows(asking)) return undefined
    return { type: 'cosignature', ...(await this.#needs.evidence.cosign(asking, log, signal)) }
  }

  /** To anybody: who knows the digest of a credential has seen it. */
  issuance(signed: Digest, size: number | null): Promise<Issuance | undefined> {
    return this.#needs.evidence.tell(signed, size)
  }

  holderKeys(credentialType: string, count: number, asking: Did): Promise<readonly PublicJwk[]> {
    return this.#needs.holderKeys.make(credentialType, count, asking)
  }

  /** To anybody who got as far as to ask: what an anchor says is for all whom it concerns. */
  async trustDocument(digest: Digest): Promise<JsonObject | undefined> {
    return this.#needs.bundles.document(digest)
  }

  bundle(wanted: { readonly publisher: Did | null; readonly digest: Digest | null }): Promise<TrustBundle | undefined> {
    return this.#needs.bundles.manifest(wanted)
  }

  bundlePart(digest: Digest): Promise<TrustBundlePart | undefined> {
    return this.#needs.bundles.part(digest)
  }

  bundleItems(part: Digest, items: readonly Digest[]) {
    return this.#needs.bundles.items(part, items)
  }

  didWitness(did: Did, asking: Did): Promise<Did> {
    return this.#needs.didWitness.idFor(did, asking)
  }

  didApproval(proposal: Proposal, asking: Did): Promise<Approval> {
    return this.#needs.didWitness.approveFor(proposal, asking)
  }

  /** A hint costs the hinted a look: lists are fetched again when they are needed, the rest is compared now. */
  async changed(statusLists: readonly string[], from: Did, signal: AbortSignal): Promise<void> {
    if (!this.knows(from)) return
    this.#needs.statuses.supersede(statusLists, from)
    await this.learnFrom(from, signal)
  }

  /** Whoever else proves a DID is a stranger, who gets no further than the service `enrol`. */
  knows(did: Did): boolean {
    return knows(did, this.#needs)
  }

  // What we learn.

  /** Fetches what a peer has for us. What does not hold is logged and left; the rest is kept. */
  async learnFrom(did: Did, signal: AbortSignal): Promise<Learned> {
    const profile = await this.#needs.records.ask(did, { type: 'profile' }, 'profile', signal)
    if (profile.didLog !== null && profile.did === did) await this.#learnLog(did, profile.didLog, profile.witnessProofs, signal)
    let accreditations = 0
    for (const accreditation of profile.accreditations) if (await this.#learnAccreditation(accreditation, signal)) accreditations++
    let policies = 0
    for (const digest of profile.policies) if (await this.#learnPolicy(digest, did, signal)) policies++
    return { accreditations, policies }
  }

  /** Where the log names another peer id, the partner will be met under it: the network takes in addresses with a channel, so one is opened. */
  async #learnLog(did: Did, didLog: string, witnessProofs: string | undefined, signal: AbortSignal): Promise<void> {
    const { dids, peers, records } = this.#needs
    await dids.learn(did, didLog, witnessProofs)
    await dids.resolve(did, signal)
    // The log may have come by another way before.
    const addresses = peers.addressesOf(did)
    if (addresses.length < 2 || addresses.join(' ') === this.#taken.get(did)) return
    this.#taken.set(did, addresses.join(' '))
    await records.ask(did, { type: 'did-log', did }, 'did-log', signal)
  }

  async #learnAccreditation(accreditation: Accreditation, signal: AbortSignal): Promise<boolean> {
    return this.#keep('accreditation', () => this.#needs.trust.learn(accreditation, signal))
  }

  async #learnPolicy(digest: Digest, from: Did, signal: AbortSignal): Promise<boolean> {
    return this.#kept('policy', () => this.#needs.policyNews.fetch(digest, from, signal))
  }

  async #keep(what: string, learn: () => Promise<readonly Write[]>): Promise<boolean> {
    return this.#kept(what, async () => {
      const writes = await learn()
      if (writes.length > 0) await this.#needs.store.batch([...writes])
      return writes.length > 0
    })
  }

  async #kept(what: string, keep: () => Promise<boolean>): Promise<boolean> {
    try {
      return await keep()
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      this.#needs.log('warn', 'record not kept', { what, code: codeOf(thrown) })
      return false
    }
  }
}

/** A log with the proofs it needs, where both fit: one without them proves nothing. */
function handedOn(log: string | undefined, witnessProofs: string | undefined, charactersMax = Number.POSITIVE_INFINITY) {
  if (log === undefined || log.length > charactersMax) return undefined
  if (witnessProofs === undefined) return { log }
  return witnessProofs.length > witnessProofsCharactersMax ? undefined : { log, witnessProofs }
}
