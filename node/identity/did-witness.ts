/**
 * This node as a witness of others' did:webvh logs: it approves an entry before it is published.
 *
 * Whose logs is the operator's to say. Of each version number one entry is approved, for good: whoever has the controller's keys can
 * write two, and two nodes that were shown one each would both believe. What was approved is on disk before it is answered.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import { Locks } from '#node/exchange/locks.ts'
import type { Clock, KeyRef, KeyVault, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { parseWebvh, type VerifiedLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { type Approval, approversOf, type Proposal, witnessProof } from '#protocols/did/webvh-witness.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Instant, instant } from '#protocols/ids.ts'
import type { DidBook } from './dids.ts'

export interface Witnessed {
  readonly did: Did
  readonly since: Instant
  /** What was approved last. */
  readonly approved: Approved | null
}

interface Approved {
  readonly number: number
  readonly versionId: string
  readonly at: Instant
}

interface KeptApproval extends Approved {
  readonly approval: Approval
}

interface Needs {
  readonly store: Store
  readonly vault: KeyVault
  readonly clock: Pick<Clock, 'nowMs'>
  readonly dids: Pick<DidBook, 'held' | 'learn' | 'mayLearn'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly self: { readonly did: Did }
}

const prefix = 'did-witness/'
const keyKey = `${prefix}key`
/** A few hundred agencies; each may have a log of half a megabyte verified. */
const witnessedMax = 1024

export class DidWitness {
  readonly #needs: Needs
  /** One approval of a log at a time; and one key is made. */
  readonly #locks = new Locks()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * From now on the DID's entries are approved. @returns the did:key that its log names
   *
   * @throws {TrustError} DFFT_DID_SYNTAX for another method than did:webvh, DFFT_USAGE for our own DID, DFFT_LIMIT
   */
  async agree(did: Did): Promise<Did> {
    const { clock, audit } = this.#needs
    const anew = await this.mayAgree(did)
    const witness = await this.#locks.run(keyKey, async () => (await this.#key()) ?? this.#makeKey())
    if (!anew) return witness
    const { scid } = parseWebvh(did)
    const agreed: Agreed = { did, since: instant(clock.nowMs()) }
    await audit.append([{ kind: 'did-witness-agreed', facts: { did } }], [putJson(agreedKey(scid), agreed)])
    return witness
  }

  /** As `agree`, of which it refuses the same; nothing is written. @returns whether it was not agreed to before */
  async mayAgree(did: Did): Promise<boolean> {
    const { store, self } = this.#needs
    const { scid } = parseWebvh(did)
    if (did === self.did) throw new TrustError('DFFT_USAGE', 'a node is no witness of its own log', { did })
    if (await getJson(store, agreedKey(scid))) return false
    if ((await this.list()).length >= witnessedMax) throw new TrustError('DFFT_LIMIT', 'this node witnesses as many DIDs as it takes', { witnessedMax })
    return true
  }

  /** No more of its entries are approved. What was approved is remembered. @throws {TrustError} DFFT_NOT_FOUND */
  async end(did: Did): Promise<void> {
    const { audit } = this.#needs
    await this.mayEnd(did)
    const { scid } = parseWebvh(did)
    await audit.append([{ kind: 'did-witness-ended', facts: { did } }], [{ del: agreedKey(scid) }])
  }

  /** As `end`, of which it refuses the same; nothing is written. */
  async mayEnd(did: Did): Promise<void> {
    const { scid } = parseWebvh(did)
    if (!(await getJson(this.#needs.store, agreedKey(scid)))) throw new TrustError('DFFT_NOT_FOUND', `\`${did}\` is not witnessed here`, { did })
  }

  async list(): Promise<readonly Witnessed[]> {
    const found: Witnessed[] = []
    for await (const [, bytes] of this.#needs.store.scan({ from: `${prefix}agreed/`, to: `${prefix}agreed0` })) {
      const { did, since } = JSON.parse(Buffer.from(bytes).toString()) as Agreed // Written by `agree`.
      const last = (await this.#approvals(parseWebvh(did).scid)).at(-1)
      found.push({ did, since, approved: last ? { number: last.number, versionId: last.versionId, at: last.at } : null })
    }
    return found
  }

  /** The did:key under which this node approves; undefined before it agreed to anything. */
  async id(): Promise<Did | undefined> {
    return this.#key()
  }

  /** @throws {TrustError} DFFT_WITNESS_REFUSED when another asks, or nothing was agreed */
  async idFor(did: Did, asking: Did): Promise<Did> {
    if (did !== asking) throw refusal(did, 'the log of a DID is brought by its controller')
    await this.#checkAgreed(did)
    const witness = await this.#key()
    if (!witness) throw refusal(did, 'no key of a witness was made')
    return witness
  }

  /** As `approve`, for whom a peer is. */
  async approveFor(proposal: Proposal, asking: Did): Promise<Approval> {
    if (proposal.did !== asking) throw refusal(proposal.did, 'the log of a DID is brought by its controller')
    return this.approve(proposal)
  }

  /**
   * Approves the last entry of a log, and so all before it. Asked for the same again it answers the same.
   *
   * @throws {TrustError} DFFT_WITNESS_REFUSED when that was not agreed or the log does not name us, DFFT_DID_LOG, DFFT_DID_ROLLBACK when the
   *   entry is not the next of the log we hold, DFFT_WITNESS_FORK when we approved another log, DFFT_KEY_UNKNOWN, DFFT_STORE
   */
  approve(proposal: Proposal): Promise<Approval> {
    return this.#approved(proposal, false)
  }

  /** As `approve`, of which it refuses the same; nothing is kept, and what was not approved before is answered without a proof. */
  mayApprove(proposal: Proposal): Promise<Approval> {
    return this.#approved(proposal, true)
  }

  async #approved(proposal: Proposal, dryRun: boolean): Promise<Approval> {
    const { scid } = parseWebvh(proposal.did)
    return this.#locks.run(scid, async () => {
      await this.#checkAgreed(proposal.did)
      const log = verifyUnwitnessed(proposal.did, proposal.log, this.#needs.clock.nowMs())
      const before = await this.#approvals(scid)
      checkHistory(log, before)
      const same = before.find(({ number }) => number === log.versions.length)
      if (same) return same.approval
      await this.#checkNext(proposal, log, dryRun)
      const key = await this.#keyNamedIn(log)
      return dryRun ? { versionId: newestOf(log).versionId, proof: [] } : this.#sign(scid, log, key)
    })
  }

  async #keyNamedIn(log: VerifiedLog): Promise<WitnessKey> {
    const key = await getJson<WitnessKey>(this.#needs.store, keyKey)
    if (!key || !approversOf(log)?.witnesses.some(({ id }) => id === key.witness)) throw refusal(log.did, 'the log names other witnesses')
    return key
  }

  async #sign(scid: string, log: VerifiedLog, key: WitnessKey): Promise<Approval> {
    const { vault, clock, audit } = this.#needs
    const { number, versionId } = newestOf(log)
    const nowMs = clock.nowMs()
    const signer = { publicJwk: await vault.publicKey(key.ref), sign: (bytes: Uint8Array) => vault.sign(key.ref, bytes) }
    const approval: Approval = { versionId, proof: [await witnessProof(versionId, signer, nowMs)] }
    const kept: KeptApproval = { number, versionId, at: instant(nowMs), approval }
    await audit.append([{ kind: 'did-entry-approved', facts: { did: log.did, versionId } }], [putJson(approvedKey(scid, number), kept)])
    return approval
  }

  /** The entry comes after the newest that we hold, and all before it is published: so it has its witnesses. */
  async #checkNext({ did, log, witnessProofs }: Proposal, { versions }: VerifiedLog, dryRun: boolean): Promise<void> {
    const { dids } = this.#needs
    if (versions.length > 1) return void (await dids[dryRun ? 'mayLearn' : 'learn'](did, withoutLast(log), witnessProofs))
    if (await dids.held(did)) throw new TrustError('DFFT_DID_ROLLBACK', `the log of \`${did}\` is longer than what is to be approved`, { did })
  }

  async #checkAgreed(did: Did): Promise<void> {
    const agreed = await getJson<Agreed>(this.#needs.store, agreedKey(parseWebvh(did).scid))
    if (!agreed) throw refusal(did, 'its operator has not agreed to witness this log')
  }

  async #approvals(scid: string): Promise<readonly KeptApproval[]> {
    const found: KeptApproval[] = []
    const from = `${prefix}approved/${scid}/`
    for await (const [, bytes] of this.#needs.store.scan({ from, to: `${prefix}approved/${scid}0` }))
      found.push(JSON.parse(Buffer.from(bytes).toString()) as KeptApproval) // Written by `#sign`.
    return found
  }

  async #key(): Promise<Did | undefined> {
    return (await getJson<WitnessKey>(this.#needs.store, keyKey))?.witness
  }

  /** Apart from the key of our DID: that one is rotated, and a log names its witnesses by their keys. */
  async #makeKey(): Promise<Did> {
    const { store, vault } = this.#needs
    const ref = await vault.create('EdDSA')
    const witness = didKeyOf(await vault.publicKey(ref))
    await store.batch([putJson(keyKey, { ref, witness } satisfies WitnessKey)], { ifAbsent: [keyKey] })
    return witness
  }
}

interface WitnessKey {
  readonly ref: KeyRef
  readonly witness: Did
}

interface Agreed {
  readonly did: Did
  readonly since: Instant
}

function agreedKey(scid: string): string {
  return `${prefix}agreed/${scid}`
}

/** Numbers have five digits at most, and sort as they count. */
function approvedKey(scid: string, number: number): string {
  return `${prefix}approved/${scid}/${String(number).padStart(5, '0')}`
}

/** An approval counts for all versions before its own: each that we approved must be among them, as we approved it. */
function checkHistory({ did, versions }: VerifiedLog, approved: readonly KeptApproval[]): void {
  for (const { number, versionId } of approved) {
    const shown = versions[number - 1]?.versionId
    if (shown === versionId) continue
    throw new TrustError('DFFT_WITNESS_FORK', `the log of \`${did}\` is not the one approved before`, {
      did,
      number,
      approved: versionId,
      shown: shown ?? null,
    })
  }
}

function newestOf({ versions }: VerifiedLog) {
  return versions.at(-1) ?? versions[0]
}

function withoutLast(log: string): string {
  const whole = log.endsWith('\n') ? log.slice(0, -1) : log
  return whole.slice(0, whole.lastIndexOf('\n') + 1)
}

function refusal(did: Did, because: string): TrustError {
  return new TrustError('DFFT_WITNESS_REFUSED', because, { did })
}
