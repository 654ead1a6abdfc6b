/**
 * Who may vouch for what: the anchors an operator pinned, and the accreditations they signed.
 *
 * A party is never trusted because its DID is well formed or can be reached. Everything here is in memory, since each
 * exchange asks several times; the Store has the same records.
 */

import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Random, Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { addProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Digest, didOf, type Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { Accreditation, type Assurance } from '#protocols/trust/accreditation.ts'

export interface Root {
  readonly did: Did
  readonly name: string | null
  readonly jurisdictions: readonly Jurisdiction[]
  readonly fingerprint: string
  readonly addedAt: Instant
}

/** Why an issuer counts: the link from it to a pinned root. */
export interface Recognition {
  readonly issuer: Did
  readonly root: Did
  readonly jurisdiction: Jurisdiction
  readonly assurance: Assurance
  /** Digest of the accreditation that says so. */
  readonly source: Digest
}

interface Held {
  readonly accreditation: Accreditation
  readonly digest: Digest
  /** Its bounds, read once: each exchange asks several times. */
  readonly fromMs: number
  readonly untilMs: number
}

/** A node holds at most this many accreditations of one subject; the newest stay. */
const perSubjectMax = 8
const dayMs = 86_400_000

/** The clock of an anchor may be ahead of ours, as that of an issuer of credentials may. */
const skewMs = 120_000

export class Trust {
  readonly #needs: { readonly store: Store; readonly clock: Clock; readonly random: Random; readonly keys: KeyFinder }
  readonly #roots = new Map<Did, Root>()
  readonly #bySubject = new Map<Did, Held[]>()
  /** Digests whose proof was checked, so that a partner's accreditation costs one verification and not one an exchange. */
  readonly #proved = new Set<Digest>()

  private constructor(needs: { store: Store; clock: Clock; random: Random; keys: KeyFinder }) {
    this.#needs = needs
  }

  static async open(needs: { store: Store; clock: Clock; random: Random; keys: KeyFinder }): Promise<Trust> {
    const trust = new Trust(needs)
    for await (const [, root] of scanJson<Root>(needs.store, 'trust/root/')) trust.#roots.set(root.did, root)
    for await (const [, accreditation] of scanJson<Accreditation>(needs.store, 'trust/accreditation/')) trust.#hold(accreditation)
    return trust
  }

  get roots(): readonly Root[] {
    return [...this.#roots.values()]
  }

  get accreditations(): readonly Accreditation[] {
    return [...this.#bySubject.values()].flat().map(({ accreditation }) => accreditation)
  }

  rootWrite(root: Root): Write {
    return putJson(`trust/root/${root.did}`, root)
  }

  /** To be called when the write is durable. A new root makes proofs count that did not before. */
  addRoot(root: Root): void {
    this.#roots.set(root.did, root)
  }

  /** The pinned anchor of a jurisdiction, if `did` is one. */
  anchors(did: Did, jurisdiction: Jurisdiction): boolean {
    return this.#roots.get(did)?.jurisdictions.includes(jurisdiction) ?? false
  }

  /** Signs; keeps nothing yet. */
  async accredit(
    wish: { subject: Did; jurisdiction: Jurisdiction; sector: 'public' | 'private'; assurance: Assurance; issues: readonly string[]; validDays: number },
    self: Self,
  ): Promise<Accreditation> {
    const nowMs = this.#needs.clock.nowMs()
    const { validDays, ...said } = wish
    const unsigned = {
      type: 'Accreditation',
      version: 1,
      id: `urn:uuid:${uuid(this.#needs.random)}`,
      issuer: self.did,
      ...said,
      validFrom: instant(nowMs),
      validUntil: instant(nowMs + validDays * dayMs),
    }
    const signed = await addProof(unsigned, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' })
    return parse(signed, Accreditation)
  }

  /**
   * What this node signed and is in force, signed again from now on: nobody who has not seen it takes it under a retired key.
   *
   * @returns what makes it durable; held from now on
   */
  async renew(self: Self): Promise<readonly Write[]> {
    const nowMs = this.#needs.clock.nowMs()
    const own = [...this.#bySubject.values()].flat().filter((held) => held.accreditation.issuer === self.did && this.#inForce(held, nowMs))
    const writes: Write[] = []
    for (const { accreditation, digest } of own) {
      const { proof: _, ...unsigned } = { ...accreditation, validFrom: instant(nowMs) }
      const renewed = parse(await addProof(unsigned, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' }), Accreditation)
      const { subject } = renewed
      this.#bySubject.set(subject, this.#bySubject.get(subject)?.filter((held) => held.digest !== digest) ?? [])
      this.#hold(renewed)
      writes.push({ del: keyOf(subject, digest) }, putJson(keyOf(subject, digestOf(renewed)), renewed))
    }
    return writes
  }

  /** Checks and keeps an accreditation. @returns the write that makes it durable, or undefined when it is held already */
  async learn(accreditation: Accreditation, signal: AbortSignal): Promise<Write | undefined> {
    const digest = await this.check(accreditation, this.#needs.clock.nowMs(), signal)
    if (this.#bySubject.get(accreditation.subject)?.some((held) => held.digest === digest)) return undefined
    this.#hold(accreditation)
    return putJson(keyOf(accreditation.subject, digest), accreditation)
  }

  /**
   * @returns its digest
   * @throws {TrustError} DFFT_ACCREDITATION when no pinned root signed it, DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_SIGNATURE
   */
  async check(accreditation: Accreditation, nowMs: number, signal: AbortSignal): Promise<Digest> {
    const { issuer, subject, jurisdiction, proof } = accreditation
    if (!this.anchors(issuer, jurisdiction))
      throw new TrustError('DFFT_ACCREDITATION', `\`${issuer}\` is not pinned as an anchor of ${jurisdiction}`, { issuer, subject, jurisdiction })
    if (nowMs + skewMs < msOf(accreditation.validFrom)) throw new TrustError('DFFT_NOT_YET_VALID', 'the accreditation begins in the future', { subject })
    if (nowMs >= msOf(accreditation.validUntil)) throw new TrustError('DFFT_EXPIRED', 'the accreditation is past its end', { subject })
    const digest = digestOf(accreditation)
    // What is held was checked when it came, perhaps under a key that was in force then.
    if (this.#proved.has(digest) || this.#bySubject.get(subject)?.some((held) => held.digest === digest)) return digest
    const keyId = proof.verificationMethod as DidUrl // verifyProof refuses what is no DID URL of this issuer before it is used.
    if (didOf(keyId) !== issuer) throw new TrustError('DFFT_ACCREDITATION', 'the accreditation is signed by another DID than its issuer', { issuer })
    const key = await this.#needs.keys(keyId, 'assertionMethod', msOf(accreditation.validFrom), signal)
    await verifyProof(accreditation, () => key, { purpose: 'assertionMethod' })
    if (this.#proved.size > 10_000) this.#proved.clear() // A bound; what is asked for again is proved again.
    this.#proved.add(digest)
    return digest
  }

  /** The newest accreditation of a party that is in force, if one is held. */
  accreditationOf(subject: Did, nowMs: number): Accreditation | undefined {
    return this.#bySubject.get(subject)?.find((held) => this.#inForce(held, nowMs))?.accreditation
  }

  /** Whether the issuer may issue this credential type at `nowMs`, and who says so. */
  recognises(issuer: Did, type: string, nowMs: number): Recognition | undefined {
    const held = this.#bySubject.get(issuer)?.find((one) => one.accreditation.issues.includes(type) && this.#inForce(one, nowMs))
    if (!held) return undefined
    const { issuer: root, jurisdiction, assurance } = held.accreditation
    return { issuer, root, jurisdiction, assurance, source: held.digest }
  }

  /** The issuers of a jurisdiction that may issue this type, in the order of their DIDs, so that both sides name the same first one. */
  issuersOf(type: string, jurisdiction: Jurisdiction, nowMs: number): readonly Recognition[] {
    const found: Recognition[] = []
    for (const subject of this.#bySubject.keys()) {
      const recognition = this.recognises(subject, type, nowMs)
      if (recognition?.jurisdiction === jurisdiction) found.push(recognition)
    }
    return found.sort((left, right) => (left.issuer < right.issuer ? -1 : 1))
  }

  #inForce({ accreditation, fromMs, untilMs }: Held, nowMs: number): boolean {
    return nowMs + skewMs >= fromMs && nowMs < untilMs && this.anchors(accreditation.issuer, accreditation.jurisdiction)
  }

  #hold(accreditation: Accreditation): void {
    const held = this.#bySubject.get(accreditation.subject) ?? []
    held.push({ accreditation, digest: digestOf(accreditation), fromMs: msOf(accreditation.validFrom), untilMs: msOf(accreditation.validUntil) })
    held.sort((left, right) => (left.accreditation.validFrom > right.accreditation.validFrom ? -1 : 1))
    this.#bySubject.set(accreditation.subject, held.slice(0, perSubjectMax))
  }
}

function keyOf(subject: Did, digest: Digest): string {
  return `trust/accreditation/${subject}/${digest}`
}

/** RFC 9562, version 4. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
