/**
 * Who may vouch for what, as the rest of the node asks: from the documents on the shelf, seen from this node's jurisdiction.
 *
 * A party is never trusted because its DID is well formed or can be reached.
 */
import type { KeyFinder } from '#node/identity/key-finder.ts'
import { type Marks, madeAgain } from '#node/identity/made.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Log, Random, Store, Write } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import { parse } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import {
  Accreditation,
  AccreditationV2,
  type AnyAccreditation,
  type Assurance,
  type Passes,
  type Right,
  type Shows,
  sourceOf,
} from '#protocols/trust/accreditation.ts'
import type { TrustDocument } from '#protocols/trust/document.ts'
import { type Link, type Refused, type Standing, skewMs } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { TrustShelf } from './shelf.ts'
import { documentKeys, type Pin } from './shelf-keys.ts'

export type Root = Pin

/** Why an issuer counts: the links from it to a pinned root, and to where it is relied on. */
export interface Recognition {
  readonly issuer: Did
  readonly root: Did
  /** The issuer’s. */
  readonly jurisdiction: Jurisdiction
  /** As it counts where it is relied on. */
  readonly assurance: Assurance
  /** Digest of the accreditation that says so. */
  readonly source: Digest
  readonly links: readonly Link[]
  /** By our operator’s word alone. */
  readonly withoutAgreement: boolean
}

/** What else bears on a recognition than who issues what. */
export interface About {
  /** Where it is relied on; here, where it is not said. */
  readonly by?: Jurisdiction
  /** Undefined: for no purpose in particular. */
  readonly purpose?: string
  /** Undefined: it is about to be issued. */
  readonly issuedAtMs?: number | undefined
}

interface Wish {
  readonly subject: Did
  readonly jurisdiction: Jurisdiction
  readonly sector: 'public' | 'private'
  readonly assurance: Assurance
  readonly issues: readonly string[]
  readonly validDays: number
  /** Any of these takes a version 2, which partners of the previous version do not read. */
  readonly rights?: readonly Right[] | undefined
  readonly passes?: Passes | undefined
  readonly shows?: Shows | undefined
  readonly under?: string | undefined
  /** In whose name, where it is not this node's. */
  readonly issuer?: Did | undefined
}

interface Needs {
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
  readonly random: Random
  readonly keys: KeyFinder
  /** Seen from where. */
  readonly home: Jurisdiction
  /** Whose node this is. */
  readonly self?: Did
  readonly log?: Log
}

const dayMs = 86_400_000
/** What version 1 says of rights. */
export const everyRight: readonly Right[] = [
  { act: 'request', credentials: '*', purposes: '*', counterparties: '*' },
  { act: 'provide', credentials: '*', purposes: '*', counterparties: '*' },
]

export class Trust {
  readonly #needs: Needs
  readonly shelf: TrustShelf
  readonly #sources = new WeakMap<AnyAccreditation, Digest>()

  private constructor(needs: Needs, shelf: TrustShelf) {
    this.#needs = needs
    this.shelf = shelf
  }

  static async open(needs: Needs): Promise<Trust> {
    return new Trust(needs, await TrustShelf.open(needs))
  }

  get home(): Jurisdiction {
    return this.#needs.home
  }

  get roots(): readonly Root[] {
    return this.shelf.pins
  }

  /** Those that nothing has taken the place of. */
  get accreditations(): readonly AnyAccreditation[] {
    return this.shelf.newestAccreditations().map(({ document }) => document)
  }

  rootWrite(root: Root): Write {
    return putJson(`${documentKeys.pins}${root.did}`, root)
  }

  /** To be called when the write is durable. A new root makes proofs count that did not before. */
  addRoot(root: Root): void {
    this.shelf.pin(root)
  }

  /** The pinned anchor of a jurisdiction, if `did` is one. */
  anchors(did: Did, jurisdiction: Jurisdiction): boolean {
    return this.shelf.anchors(did, jurisdiction)
  }

  /** Signs; keeps nothing yet. In version 1, where that says the same and one signature is enough. */
  async accredit(wish: Wish, self: Self): Promise<AnyAccreditation> {
    const nowMs = this.#needs.clock.nowMs()
    const { validDays, rights, passes, shows, under, issuer = self.did, issues, ...said } = wish
    const common = {
      type: 'Accreditation',
      id: `urn:uuid:${uuid(this.#needs.random)}`,
      issuer,
      ...said,
      validFrom: instant(nowMs),
      validUntil: instant(nowMs + validDays * dayMs),
    }
    const { of, quorum } = this.shelf.signers(issuer)
    const alone = issuer === self.did && quorum === 1 && of.includes(self.did)
    const created = { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' } as const
    if (alone && !rights && !passes && !shows && under === undefined)
      return parse(await addProof({ ...common, version: 1, issues: [...issues] }, created), Accreditation)
    const unsigned = {
      ...common,
      version: 2,
      serial: 1,
      under: under ?? null,
      issues: issues.map((credential) => ({ credential, since: instant(nowMs) })),
      rights: (rights ?? everyRight).map((right) => ({ ...right })),
      passes: passes ?? null,
      ...(shows ? { shows } : {}),
    }
    return parse(await addProof(JSON.parse(JSON.stringify(unsigned)), created), AccreditationV2)
  }

  /**
   * What this node made and is in force, signed again: nobody who has not seen it takes it under a retired key. Accreditations of
   * version 1 begin anew, which is how their partners tell them apart. Of a fork nothing is: its other half may be a thief's.
   *
   * @param marks of what this node made; whatever else carries its name or its signature stays as it is
   * @returns what makes it durable; held from now on
   */
  async renew(self: Self, marks: Marks): Promise<readonly Write[]> {
    const nowMs = this.#needs.clock.nowMs()
    const halves = new Set(this.shelf.forks().flatMap((fork) => fork.halves.map(statementDigest)))
    const whole: Marks = new Map([...marks].filter(([digest]) => !halves.has(digest)))
    const writes: Write[] = []
    for (const signed of this.shelf.accreditations()) {
      const { document } = signed
      if (document.version !== 1 || !whole.has(signed.digest) || document.issuer !== self.did || !inForce(document, nowMs)) continue
      const { proof: _, ...unsigned } = { ...document, validFrom: instant(nowMs) }
      const renewed = parse(await addProof(unsigned, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' }), Accreditation)
      if (statementDigest(renewed) !== signed.digest) writes.push(...this.shelf.drop(signed))
      writes.push(...this.shelf.keepOwn(renewed), ...madeAgain(signed.digest, statementDigest(renewed), whole))
    }
    return [...writes, ...(await this.shelf.renew(self, whole))]
  }

  /** Checks and keeps. @returns the writes that make it durable; none when it is held already @throws {TrustError} as TrustShelf.learn */
  learn(document: TrustDocument, signal: AbortSignal): Promise<readonly Write[]> {
    return this.shelf.learn(document, signal)
  }

  /**
   * What a party shows of itself, kept where it is new.
   *
   * @returns its statement's digest
   * @throws {TrustError} DFFT_ACCREDITATION when no pinned root signed it, DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_SIGNATURE; where it
   *   belongs to the framework and may not speak to a node here: DFFT_AGREEMENT, DFFT_TRUST_*
   */
  async check(accreditation: AnyAccreditation, nowMs: number, signal: AbortSignal): Promise<Digest> {
    if (nowMs >= msOf(accreditation.validUntil)) throw new TrustError('DFFT_EXPIRED', 'the accreditation is past its end', { subject: accreditation.subject })
    const writes = await this.learn(accreditation, signal)
    if (writes.length > 0) await this.#needs.store.batch([...writes])
    const digest = statementDigest(accreditation)
    const when = { nowMs, island: this.shelf.island(nowMs) }
    const standing = this.shelf.framework.standingOf(accreditation.subject, this.home, when, { document: accreditation, digest })
    if (!standing.ok) throw refusal(standing)
    return digest
  }

  /** As whom a party may speak to a node here. */
  standingOf(party: Did, nowMs: number): Standing | Refused {
    return this.shelf.framework.standingOf(party, this.home, { nowMs, island: this.shelf.island(nowMs) })
  }

  /** Whether anything that is held speaks of a party: a pin, or an accreditation of it or by it. */
  names(did: Did): boolean {
    return this.roots.some((root) => root.did === did) || this.accreditations.some(({ subject, issuer }) => subject === did || issuer === did)
  }

  /** Whether an anchor has stopped a party, though there be more that speaks against it. */
  stops(party: Did): boolean {
    return this.shelf.framework.stops(party, this.home)
  }

  /** The accreditation by which a party may speak to a node here, if one is held and in force. */
  accreditationOf(subject: Did, nowMs: number): AnyAccreditation | undefined {
    const standing = this.standingOf(subject, nowMs)
    return standing.ok ? standing.accreditation : undefined
  }

  /** Whether the issuer may issue this type, at the time of issue and now, or why not. */
  judge(issuer: Did, credential: string, nowMs: number, { by = this.home, purpose, issuedAtMs }: About = {}): Recognition | Refused {
    const island = this.shelf.island(nowMs)
    const asked = { issuer, credential, by, nowMs, island, ...(purpose === undefined ? {} : { purpose }), ...(issuedAtMs === undefined ? {} : { issuedAtMs }) }
    const outcome = this.shelf.framework.recognise(asked)
    return outcome.ok ? this.#recognition(outcome, by) : outcome
  }

  recognises(issuer: Did, credential: string, nowMs: number, about?: About): Recognition | undefined {
    const judged = this.judge(issuer, credential, nowMs, about)
    return 'code' in judged ? undefined : judged
  }

  /**
   * As the partner who will rely on it sees the issuer; where we know of no agreement, as we do: the partner may go by its operator's
   * word, which we cannot know.
   */
  seenFrom(by: Jurisdiction, issuer: Did, credential: string, nowMs: number, about: Omit<About, 'by'>): Recognition | undefined {
    return this.recognises(issuer, credential, nowMs, { ...about, by }) ?? this.recognises(issuer, credential, nowMs, about)
  }

  /** The issuers of a jurisdiction that may issue this type, in the order of their DIDs, so that both sides name the same first one. */
  issuersOf(credential: string, jurisdiction: Jurisdiction, nowMs: number, { by = this.home, purpose }: About = {}): readonly Recognition[] {
    const island = this.shelf.island(nowMs)
    const found = this.shelf.framework.issuersOf(credential, jurisdiction, { by, nowMs, island, ...(purpose === undefined ? {} : { purpose }) })
    return found.map((standing) => this.#recognition(standing, by))
  }

  #recognition({ party, root, jurisdiction, assurance, accreditation, links }: Standing, by: Jurisdiction): Recognition {
    const agreed = links.some(({ kind }) => kind === 'agreement')
    const withoutAgreement = !agreed && by !== jurisdiction && !this.#speaks(root, by)
    return { issuer: party, root, jurisdiction, assurance, source: this.#sourceOf(accreditation), links, withoutAgreement }
  }

  /** Pinned for it, and says so itself, where it says anything. */
  #speaks(anchor: Did, jurisdiction: Jurisdiction): boolean {
    const [said] = this.shelf.line('TrustAnchor', anchor)
    return this.shelf.anchors(anchor, jurisdiction) && (said?.document.jurisdictions.includes(jurisdiction) ?? true)
  }

  #sourceOf(accreditation: AnyAccreditation): Digest {
    const known = this.#sources.get(accreditation) ?? sourceOf(accreditation)
    this.#sources.set(accreditation, known)
    return known
  }
}

export function refusal({ code, reason, facts }: Refused): TrustError {
  return new TrustError(code, reason, facts)
}

function inForce({ validFrom, validUntil }: AnyAccreditation, nowMs: number): boolean {
  return nowMs + skewMs >= msOf(validFrom) && nowMs < msOf(validUntil)
}

/** RFC 9562, version 4. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
