/**
 * The policies this node holds, its own jurisdiction's and its partners', each signed by the anchor of its
 * jurisdiction; and, compiled from them, the side of the border that a jurisdiction stands for.
 */

import { compile, type PolicyIndex } from '#policies/compile.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { type PolicyDocument, policyDigest, type TrustPolicy } from '#policies/policy.ts'
import { readPolicy } from '#policies/read-policy.ts'
import { unionsOf } from '#policies/sides.ts'
import { parse } from '#protocols/channel.ts'
import { addProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { type DidUrl, type Digest, didOf, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { Proof } from '#protocols/trust/accreditation.ts'
import type { KeyFinder } from './key-finder.ts'
import type { Clock, Store, Write } from './ports.ts'
import type { Self } from './self.ts'
import { putJson, scanJson } from './stored.ts'
import type { Trust } from './trust.ts'

/** A policy document with its proof, as it travels. */
export type SignedPolicy = JsonObject

export interface Shelved {
  readonly policy: TrustPolicy
  readonly document: SignedPolicy
  readonly digest: Digest
}

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly trust: Trust
  readonly keys: KeyFinder
}

export class PolicyShelf {
  readonly #needs: Needs
  /** Newest serial of each jurisdiction; older ones stay in the store for past decisions. */
  readonly #newest = new Map<Jurisdiction, Shelved>()
  /** All serials of each jurisdiction, newest first. */
  readonly #serials = new Map<Jurisdiction, Shelved[]>()
  readonly #byDigest = new Map<Digest, Shelved>()
  readonly #sides = new Map<string, PolicyIndex>()

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<PolicyShelf> {
    const shelf = new PolicyShelf(needs)
    for await (const [, document] of scanJson<SignedPolicy>(needs.store, 'policy/')) shelf.#put(shelved(document))
    return shelf
  }

  get newest(): readonly Shelved[] {
    return [...this.#newest.values()]
  }

  /** Of each jurisdiction the one in force at that time: not the newest, where that has yet to begin. */
  allInForce(atMs: number): readonly Shelved[] {
    return [...this.#serials.keys()].flatMap((jurisdiction) => this.#begun(jurisdiction, atMs) ?? []).filter((held) => this.inForce(held, atMs))
  }

  get(digest: Digest): Shelved | undefined {
    return this.#byDigest.get(digest)
  }

  inForce({ policy }: Shelved, atMs: number): boolean {
    return atMs >= msOf(policy.metadata.validFrom) && atMs < msOf(policy.metadata.validUntil)
  }

  /**
   * The policies a jurisdiction stands for, its union's before its own, compiled once for each set of documents.
   * A jurisdiction without any has an empty side: decide() denies with NO_POLICY.
   */
  side(jurisdiction: Jurisdiction, atMs: number): PolicyIndex {
    const shelves = [...unionsOf(shippedPacks, jurisdiction, instant(atMs)), jurisdiction].map((name) => this.#begun(name, atMs))
    return this.#compiled(shelves.filter((held) => held !== undefined))
  }

  /** The newest policy that has begun; one that is published ahead of its time changes nothing yet. */
  #begun(jurisdiction: Jurisdiction, atMs: number): Shelved | undefined {
    const serials = this.#serials.get(jurisdiction)
    return serials?.find(({ policy }) => atMs >= msOf(policy.metadata.validFrom)) ?? serials?.[0]
  }

  #compiled(shelves: readonly Shelved[]): PolicyIndex {
    const name = shelves.map(({ digest }) => digest).join()
    const known = this.#sides.get(name)
    if (known) return known
    const index = compile(
      shelves.map(({ policy }) => policy),
      shippedPacks,
    )
    this.#sides.set(name, index)
    return index
  }

  /** The side that exactly these documents make: how a past or a partner's decision is made again. */
  sideOf(digests: readonly Digest[]): PolicyIndex | undefined {
    const shelves = digests.map((digest) => this.#byDigest.get(digest))
    const held = shelves.filter((shelf) => shelf !== undefined)
    return held.length === digests.length ? this.#compiled(held) : undefined
  }

  /** Signs an operator's document as the anchor of its jurisdiction; `file` is named in errors. */
  async sign(text: string, file: string | undefined, self: Self): Promise<SignedPolicy> {
    // YAML is read for the operator of this node only; a hostile text can cost seconds.
    const { parsePolicy } = await import('#policies/parse-policy.ts')
    const written = trustPolicy(parsePolicy(text, file))
    const { jurisdiction } = written.metadata
    if (!this.#needs.trust.anchors(self.did, jurisdiction))
      throw new TrustError('DFFT_NOT_ALLOWED', `this node is not the anchor of ${jurisdiction}`, { jurisdiction })
    const { proof: _none, ...plain } = { ...written, metadata: { ...written.metadata, issuer: self.did } }
    const created = instant(this.#needs.clock.nowMs())
    // What the schema let through is JSON.
    return addProof(plain as unknown as JsonObject, { signer: self.signer, created, purpose: 'assertionMethod' })
  }

  /**
   * Policies of ours that are not over, under our key of today: the same policies with another proof. Nobody who has not seen one takes it
   * under a retired key.
   *
   * @returns what makes them durable
   */
  async renew(self: Self): Promise<readonly Write[]> {
    const nowMs = this.#needs.clock.nowMs()
    const own = [...this.#byDigest.values()].filter(({ policy: { metadata } }) => metadata.issuer === self.did && nowMs < msOf(metadata.validUntil))
    const writes: Write[] = []
    for (const held of own) {
      const { proof: _, ...plain } = held.document
      const document = await addProof(plain, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' })
      this.#replace(held, { ...held, document })
      writes.push(writeOf(held, document))
    }
    return writes
  }

  #replace(before: Shelved, after: Shelved): void {
    const { jurisdiction } = after.policy.metadata
    this.#byDigest.set(after.digest, after)
    this.#serials.set(jurisdiction, this.#serials.get(jurisdiction)?.map((held) => (held === before ? after : held)) ?? [])
    if (this.#newest.get(jurisdiction) === before) this.#newest.set(jurisdiction, after)
  }

  /**
   * Checks a signed policy and takes it on.
   * @returns the write that makes it durable, or undefined when it is held already
   * @throws {TrustError} DFFT_POLICY_SIGNATURE, DFFT_POLICY_SERIAL, DFFT_POLICY_SYNTAX, DFFT_SCHEMA
   */
  async learn(document: SignedPolicy, signal: AbortSignal): Promise<{ held: Shelved; write: Write | undefined }> {
    const candidate = shelved(document)
    const known = this.#byDigest.get(candidate.digest)
    if (known) return { held: known, write: undefined }
    await this.#checkSignature(candidate, signal)
    this.#checkSerial(candidate)
    this.#put(candidate)
    return { held: candidate, write: writeOf(candidate, document) }
  }

  async #checkSignature({ policy, document }: Shelved, signal: AbortSignal): Promise<void> {
    const { issuer, jurisdiction } = policy.metadata
    if (issuer === undefined || !this.#needs.trust.anchors(issuer, jurisdiction))
      throw new TrustError('DFFT_POLICY_SIGNATURE', `\`${issuer}\` is not pinned as an anchor of ${jurisdiction}`, { jurisdiction })
    const proof = parse(document.proof, Proof)
    const keyId = proof.verificationMethod as DidUrl // Compared with the issuer below, resolved by the finder or refused.
    if (didOf(keyId) !== issuer) throw new TrustError('DFFT_POLICY_SIGNATURE', 'the policy is signed by another DID than its issuer', { issuer })
    const key = await this.#needs.keys(keyId, 'assertionMethod', msOf(proof.created), signal)
    try {
      await verifyProof(document, () => key, { purpose: 'assertionMethod' })
    } catch (cause) {
      throw new TrustError('DFFT_POLICY_SIGNATURE', 'the signature of the policy does not fit', { issuer, jurisdiction }, { cause })
    }
  }

  #checkSerial({ policy, digest }: Shelved): void {
    const { jurisdiction, serial, previous } = policy.metadata
    const newest = this.#newest.get(jurisdiction)
    if (!newest) return
    const facts = { jurisdiction, serial, held: newest.policy.metadata.serial }
    if (serial <= newest.policy.metadata.serial && digest !== newest.digest)
      throw new TrustError('DFFT_POLICY_SERIAL', 'the policy is not newer than the one held', facts)
    if (serial === newest.policy.metadata.serial + 1 && previous !== newest.digest)
      throw new TrustError('DFFT_POLICY_SERIAL', 'the policy does not name the one held as its previous', facts)
  }

  #put(held: Shelved): void {
    this.#byDigest.set(held.digest, held)
    const serials = [...(this.#serials.get(held.policy.metadata.jurisdiction) ?? []), held]
    this.#serials.set(
      held.policy.metadata.jurisdiction,
      serials.sort((left, right) => right.policy.metadata.serial - left.policy.metadata.serial),
    )
    const { jurisdiction } = held.policy.metadata
    const newest = this.#newest.get(jurisdiction)
    if (!newest || held.policy.metadata.serial > newest.policy.metadata.serial) this.#newest.set(jurisdiction, held)
  }
}

function writeOf({ policy: { metadata } }: Shelved, document: SignedPolicy): Write {
  return putJson(`policy/${metadata.jurisdiction}/${String(metadata.serial).padStart(12, '0')}`, document)
}

function shelved(document: SignedPolicy): Shelved {
  const { proof: _proof, ...plain } = document
  const policy = trustPolicy(readPolicy(plain))
  return { policy, document, digest: policyDigest(policy) }
}

function trustPolicy(written: PolicyDocument): TrustPolicy {
  if (written.kind === 'TrustPolicy') return written
  throw new TrustError('DFFT_POLICY_SYNTAX', 'a suspension is not put on the shelf of policies', { kind: written.kind })
}
