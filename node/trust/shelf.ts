/**
 * The signed documents of the trust framework that this node holds, each in its line; and what they mean together, as a Framework that
 * changes with every document learned.
 *
 * What may follow what is said in trust-line.ts, what it means in protocols/trust/framework.ts. Here signatures are counted, and kept is
 * what counts, what waits for more signatures, and both halves of what excludes itself.
 */
import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Marks } from '#node/identity/made.ts'
import type { Self } from '#node/identity/self.ts'
import { signaturesOf, signersIn as signersOfProofs } from '#node/policy/policy-signatures.ts'
import { proofsOf, resigned, withProofs } from '#node/policy/shelved.ts'
import type { Clock, Log, Store, Write } from '#node/ports.ts'
import { scanJson } from '#node/stored.ts'
import type { Missing, Signers } from '#policies/quorum.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { authorsOf, type KindOf, type Lined, lineOf, serialIn, TrustDocument } from '#protocols/trust/document.ts'
import { type Counted, Framework, type PinnedAnchor, type Stated, whyWider } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { Between } from '#protocols/trust/registry.ts'
import type { Advisory } from '#protocols/trust/suspension.ts'
import {
  acceptedKeyOf,
  acceptedWrite,
  asDocument,
  asJson,
  asKept,
  deletionsOf,
  documentKeys,
  moreSigned,
  type Pin,
  proposalKeyOf,
  proposalWrite,
  sameProofs,
  together,
} from './shelf-keys.ts'
import { ShelfLines, shelfLimits } from './shelf-lines.ts'
import {
  type Authority,
  authoritiesOf,
  countsUntil,
  factsOf,
  judgeAccreditation,
  judgeAgreement,
  judgeAnchor,
  judgeHead,
  type Line,
  missingIn,
  missingNow,
  newestOf,
  type Signed,
  signersIn,
  type Verdict,
  wholeHead,
} from './trust-line.ts'

interface Needs {
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
  readonly keys: KeyFinder
  /** What this node has signed waits for as long as it takes. */
  readonly self?: Did
  readonly log?: Log
}

/** What a document is, before anything of it is kept. `cosigned`: held, and it brings signatures. */
export interface Judged {
  readonly signed: Signed
  readonly verdict: Verdict | { readonly kind: 'held' } | { readonly kind: 'cosigned' }
}

export class TrustShelf {
  readonly #needs: Needs
  readonly framework = new Framework({ anchors: [], accreditations: [], agreements: [], forked: new Set() })
  readonly #pins = new Map<Did, Pin>()
  /** By the line of an anchor, which is another one with each of its statements. */
  readonly #authoritiesOf = new WeakMap<Line, readonly [Authority, ...Authority[]]>()
  readonly #lines = new ShelfLines((signed) => this.countsUntilMs(signed) > this.#needs.clock.nowMs())
  /** What waits for signatures, oldest first. */
  readonly #proposals = new Map<Digest, Signed>()
  /** Whether no partner was heard for so long that older heads have to do; the node says so. */
  island: (nowMs: number) => boolean = () => false
  /** Called when somebody may stand otherwise than before; the node has its connections looked at. */
  changed: () => void = () => undefined

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<TrustShelf> {
    const shelf = new TrustShelf(needs)
    for await (const [, pin] of scanJson<Pin>(needs.store, documentKeys.pins)) shelf.#pins.set(pin.did, pin)
    const moves: Write[] = []
    // Anchors first: what the others count for is by who signs for them.
    const accepted = await Array.fromAsync(scanJson<TrustDocument>(needs.store, documentKeys.accepted))
    const anchorsFirst = Map.groupBy(accepted, ([, { type }]) => type === 'TrustAnchor')
    for (const [key, document] of [...(anchorsFirst.get(true) ?? []), ...(anchorsFirst.get(false) ?? [])]) {
      const kept = asKept(document)
      shelf.#accept(kept)
      // A store of the time when lines were named by an id alone.
      if (key !== acceptedKeyOf(document, kept.digest)) moves.push({ del: key }, acceptedWrite(kept))
    }
    for await (const [, document] of scanJson<TrustDocument>(needs.store, documentKeys.former)) shelf.#accept(asKept(document))
    if (moves.length > 0) await needs.store.batch(moves)
    for await (const [, document] of scanJson<TrustDocument>(needs.store, documentKeys.proposed)) shelf.#propose(asKept(document))
    shelf.#believeAnchors()
    return shelf
  }

  // What is held.

  get pins(): readonly Pin[] {
    return [...this.#pins.values()]
  }

  /** To be called when it is durable. */
  pin(pin: Pin): void {
    this.#pins.set(pin.did, pin)
    this.#believeAnchors()
    this.changed()
  }

  /** Whether `did` is the pinned anchor of a jurisdiction. */
  anchors(did: Did, jurisdiction: Jurisdiction): boolean {
    return this.#pins.get(did)?.jurisdictions.includes(jurisdiction) ?? false
  }

  /** Who signs for a pinned anchor: those it names, or its own DID where it has said nothing of itself. */
  signers(anchor: Did): Signers {
    const [top] = this.line('TrustAnchor', anchor)
    return top ? signersIn(top.document) : { of: [anchor], quorum: 1 }
  }

  /** Who signs for a party, and who has before. */
  #authorities(did: Did): readonly [Authority, ...Authority[]] {
    const line = this.line('TrustAnchor', did)
    const known = this.#authoritiesOf.get(line) ?? authoritiesOf(did, line)
    if (line.length > 0) this.#authoritiesOf.set(line, known)
    return known
  }

  /** Until when a quorum of those who sign for its authors stands behind it; of what lasts no longer than it says itself, for ever. */
  countsUntilMs({ document, by }: Signed): number {
    const authors = lasts(document) ? authorsOf(document).map((did) => this.#authorities(did)) : []
    return countsUntil(authors, by)
  }

  /** Any document held, by statement digest, also proposed or superseded ones. */
  get(digest: Digest): TrustDocument | undefined {
    return this.signed(digest)?.document
  }

  /** The same, and whose signatures count. */
  signed(digest: Digest): Signed | undefined {
    return this.#lines.get(digest) ?? this.#proposals.get(digest)
  }

  /** What an anchor has said, all versions that are accepted, the newest first. */
  line<Type extends 'TrustAnchor' | 'SuspensionHead'>(type: Type, anchor: Did): Line<KindOf<Type>> {
    return this.#lines.line(type, lineOf({ type, anchor }))
  }

  /** The versions of one thing that count, the newest first: those that a document follows, itself among them where it is held. */
  lineWith<Document extends Lined>(document: Document): Line<KindOf<Document['type']>> {
    return this.#lines.counting(this.#lines.line<Document['type']>(document.type, lineOf(document)))
  }

  /** Of what has this id the newest, of each who gave it; also where it waits for signatures. */
  named<Type extends 'Accreditation' | 'RecognitionAgreement'>(type: Type, id: string): readonly KindOf<Type>[] {
    const waiting = [...this.#proposals.values()].flatMap(({ document }) => (document.type === type && document.id === id ? [document as KindOf<Type>] : [])) // As just compared.
    const held = [...this.#lines.named(type, id)].flatMap((line) => (this.#lines.counting(line)[0] ?? line[0])?.document ?? [])
    return [...new Map([...waiting, ...held].map((document) => [lineOf(document as Lined), document] as const)).values()]
  }

  /** What somebody else needs to believe the same, in an order in which it can be learned. */
  *documents(): Iterable<Counted<TrustDocument>> {
    for (const signed of this.#lines.documents(this.#needs.clock.nowMs())) yield { ...signed, countsUntilMs: this.countsUntilMs(signed) }
  }

  /** What the quorum of its day signed and too few of those who sign today have: with the newest of each line, as far as they count. */
  *unsigned(): Iterable<Signed> {
    for (const line of [...this.#lines.of('Accreditation'), ...this.#lines.of('RecognitionAgreement')]) {
      const [top] = line
      const [counts] = this.#lines.counting<TrustDocument>(line)
      for (const signed of line as Line)
        if (this.missing(signed).length > 0 && serialIn(signed.document) >= serialIn((counts ?? top ?? signed).document)) yield signed
    }
  }

  forks(): readonly { readonly line: string; readonly halves: readonly TrustDocument[] }[] {
    return this.#lines.forks().map(([first, ...others]) => ({ line: lineOf(first), halves: [first, ...others] }))
  }

  advisories(): readonly Advisory[] {
    return [...this.#lines.of('Advisory')].flat().map(({ document }) => document)
  }

  /** What waits for signatures, and for whose. */
  proposals(): readonly { readonly signed: Signed; readonly missing: readonly Missing[] }[] {
    return [...this.#proposals.values()].map((signed) => ({ signed, missing: this.missing(signed) }))
  }

  /** What counted, and does no longer: its signers were let go, and too few of today's have signed it. */
  forsaken(): readonly Counted<TrustDocument>[] {
    const gone = [...this.unsigned()].filter(({ digest }) => !this.accepted(digest))
    return gone.map((signed) => ({ ...signed, countsUntilMs: this.countsUntilMs(signed) }))
  }

  /** Whether it is in its line, and does not wait. */
  accepted(digest: Digest): boolean {
    const signed = this.#lines.get(digest)
    return signed !== undefined && this.countsUntilMs(signed) > this.#needs.clock.nowMs()
  }

  /** Whether more signatures could make no difference: in its line, and signed by enough of those who sign today. */
  settled(digest: Digest): boolean {
    const signed = this.#lines.get(digest)
    return signed !== undefined && (!lasts(signed.document) || this.missing(signed).length === 0)
  }

  /** What would be believed with this document in force. */
  supposing({ document, digest }: Stated<TrustDocument>): Framework {
    const forked = new Set([...this.#lines.forked].filter((name) => name !== lineOf(document)))
    const said = document.type === 'TrustAnchor' ? { document, digest, by: new Set<Did>() } : undefined
    const authorities = (did: Did) => (said?.document.anchor === did ? authoritiesOf(did, [said, ...this.line('TrustAnchor', did)]) : this.#authorities(did))
    const counted = <One extends Signed>(one: One) => ({ ...one, countsUntilMs: countsUntil(authorsOf(one.document).map(authorities), one.by) })
    const accreditations = [...this.accreditations().map(counted), ...(document.type === 'Accreditation' ? [{ document, digest }] : [])]
    const agreements = [...this.agreements().map(counted), ...(document.type === 'RecognitionAgreement' ? [{ document, digest }] : [])]
    const anchors = this.pins.map((pin): PinnedAnchor => {
      const pinned = this.#pinned(pin)
      if (document.type === 'TrustAnchor' && document.anchor === pin.did) return { ...pinned, said: { document, digest } }
      return document.type === 'SuspensionHead' && document.anchor === pin.did ? { ...pinned, head: { document, digest } } : pinned
    })
    return new Framework({ anchors, accreditations, agreements, forked })
  }

  /** Of all versions, whether they count now or not. */
  accreditations(): readonly Signed<AnyAccreditation>[] {
    return [...this.#lines.of('Accreditation')].flat()
  }

  /** Of each one the newest, whether it has begun or not. */
  newestAccreditations(): readonly Signed<AnyAccreditation>[] {
    return [...this.#lines.of('Accreditation')].flatMap((line) => newestOf(this.#lines.counting(line)))
  }

  /** Signed by both sides, of all versions. */
  agreements(): readonly Signed<KindOf<'RecognitionAgreement'>>[] {
    return [...this.#lines.of('RecognitionAgreement')].flat()
  }

  /** Of all versions, what the framework believes. */
  believedAccreditations(): readonly Stated<AnyAccreditation>[] {
    return this.#lines.counting(this.accreditations())
  }

  /** What the framework believes of anchors and agreements, for whoever asks about an anchor as such. */
  between(): Between {
    return { anchors: this.pins.map((pin) => this.#pinned(pin)), agreements: this.#lines.counting(this.agreements()), forked: this.#lines.forked }
  }

  // What is learned.

  /**
   * Reads, checks against its line, counts signatures, and keeps; what is held already may gain signatures.
   *
   * @returns writes that make it durable; [] when held already
   * @throws {TrustError} DFFT_SCHEMA, DFFT_SIGNATURE, DFFT_ACCREDITATION, DFFT_TRUST_FORK (both kept), DFFT_TRUST_ROLLBACK (older than what
   *   is held), DFFT_TRUST_QUORUM (kept as proposed, counts not), DFFT_TRUST_CHAIN, DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_CONFLICT, DFFT_LIMIT
   */
  async learn(document: TrustDocument, signal: AbortSignal): Promise<readonly Write[]> {
    const digest = statementDigest(document)
    for (;;) {
      const known = this.signed(digest)
      const { signed, verdict } = await this.judge(document, signal)
      if (verdict.kind === 'held') return []
      // Others may have come while signatures were checked: of the same statement, whose signatures are counted with these.
      if (this.signed(digest) !== known) continue
      const writes = await this.#keep(this.#judged(signed))
      const { type } = signed.document
      return type === 'TrustAnchor' ? [...writes, ...(await this.#judgeWaiting(signal))] : writes
    }
  }

  async #keep({ signed, verdict }: Judged): Promise<readonly Write[]> {
    switch (verdict.kind) {
      case 'held':
      case 'past':
        return []
      case 'cosigned':
        return this.#replace(signed)
      case 'next':
        return this.#believe(signed)
      case 'proposed':
        await this.#needs.store.batch([...this.#propose(signed)])
        throw quorumMissing(signed, verdict.missing)
      case 'fork':
        await this.#needs.store.batch([...this.#believe(signed)])
        this.#needs.log?.('error', 'trust document forked', { line: lineOf(signed.document), digest: signed.digest })
        throw new TrustError('DFFT_TRUST_FORK', 'two signed documents have one place', { ...factsOf(signed.document), digest: signed.digest })
    }
  }

  /** Those who sign have changed: what waited may have enough. @returns what makes it durable */
  async #judgeWaiting(signal: AbortSignal): Promise<readonly Write[]> {
    const writes: Write[] = []
    for (const waiting of [...this.#proposals.values()]) {
      if (!this.#enoughNow(waiting)) continue
      try {
        const { signed } = await this.judge(waiting.document, signal)
        if (this.#proposals.get(signed.digest) === waiting) writes.push(...(await this.#keep(this.#judged(signed))))
      } catch (thrown) {
        // A signature counts no more, or the place is taken: it goes on waiting, or is refused like any other.
        if (!(thrown instanceof TrustError)) throw thrown
      }
    }
    return writes
  }

  /** As `learn`, but keeps nothing: what the document would be. @throws {TrustError} as `learn`, for what cannot be on its line at all */
  async judge(given: TrustDocument, signal: AbortSignal): Promise<Judged> {
    const digest = statementDigest(given)
    const known = this.signed(digest)
    // A partner shows its accreditation in each exchange: what is held has been read.
    if (known && !moreSigned(known.document, given) && !this.#enoughNow(known)) return { signed: known, verdict: { kind: 'held' } }
    const counted = await this.#count(parse(given, TrustDocument), signal)
    const waiting = this.#proposals.get(digest)
    // Whose key has changed since signed with one that counts no more.
    const { document, by } = waiting ? await this.#count(together(waiting.document, counted.document), signal) : counted
    return this.#judged({ document, digest, by })
  }

  /** Of what waits, by the signatures that counted when they came. */
  #enoughNow(known: Signed): boolean {
    if (!this.#proposals.has(known.digest)) return false
    try {
      return this.#verdict(known).kind !== 'proposed'
    } catch (thrown) {
      if (thrown instanceof TrustError) return false
      throw thrown
    }
  }

  /** Of each group whose signatures it takes, who is missing. */
  missing({ document, by }: Signed): readonly Missing[] {
    return missingIn(this.#groups(document), by)
  }

  /**
   * What this node made, under its key of today: the same statements with another proof, since nobody who has not seen one takes it
   * under a retired key. Accreditations of version 1 are for trust.ts, which signs them anew.
   *
   * @param marks of what this node made and is in no fork
   * @returns what makes it durable
   */
  async renew(self: Self, marks: Marks): Promise<readonly Write[]> {
    const writes: Write[] = []
    for (const signed of [...this.#lines.all(), ...this.#proposals.values()]) {
      const { document, digest, by } = signed
      if (!marks.has(digest) || !by.has(self.did) || (document.type === 'Accreditation' && document.version === 1)) continue
      writes.push(...this.#replace({ ...signed, document: await this.resigned(document, self) }))
    }
    return writes
  }

  /** Made here just now. @returns what makes it durable */
  keepOwn(document: TrustDocument): readonly Write[] {
    return this.#believe(asKept(document))
  }

  /** @returns what makes that durable */
  drop(signed: Signed<AnyAccreditation>): readonly Write[] {
    this.#lines.drop(signed)
    this.framework.dropAccreditation(signed)
    this.changed()
    return deletionsOf(signed)
  }

  /** With our signature of now, whatever it counts. */
  async resigned<Document extends TrustDocument>(document: Document, self: Self): Promise<Document> {
    return asDocument(await resigned(asJson(document), self, instant(this.#needs.clock.nowMs())), document)
  }

  /** @param given its signatures counted, with those of what waits */
  #judged(given: Signed): Judged {
    const held = this.#lines.get(given.digest)
    if (held && !moreSigned(held.document, given.document)) return { signed: held, verdict: { kind: 'held' } }
    if (held)
      return { signed: { ...given, document: together(held.document, given.document), by: new Set([...given.by, ...held.by]) }, verdict: { kind: 'cosigned' } }
    const verdict = this.#verdict(given)
    const waiting = this.#proposals.get(given.digest)
    if (verdict.kind === 'proposed' && waiting && sameProofs(waiting.document, given.document)) return { signed: waiting, verdict: { kind: 'held' } }
    this.#lines.refuseTooMany(given, verdict.kind, this.#needs.clock.nowMs())
    return { signed: given, verdict }
  }

  #verdict({ document, digest, by }: Signed): Verdict {
    const nowMs = this.#needs.clock.nowMs()
    switch (document.type) {
      case 'TrustAnchor':
        return judgeAnchor(this.line('TrustAnchor', document.anchor), { document, digest, by }, nowMs)
      case 'Accreditation':
        return judgeAccreditation(this.lineWith(document), { document, digest }, this.#missingNow(document, by), nowMs)
      case 'RecognitionAgreement':
        return judgeAgreement(this.lineWith(document), { document, digest }, this.#missingNow(document, by))
      case 'SuspensionHead':
        return judgeHead(this.line('SuspensionHead', document.anchor), { document, digest, by }, this.signers(document.anchor), nowMs)
      case 'Advisory':
        return { kind: this.lineWith(document).length > 0 ? 'fork' : 'next' }
    }
  }

  // Signatures.

  #missingNow(document: TrustDocument, by: ReadonlySet<Did>): readonly Missing[] {
    const authors = authorsOf(document).map((did) => this.#authorities(did))
    return missingNow(authors, by, this.#needs.clock.nowMs())
  }

  /** Of all who sign for its authors now, and of those before them whose signatures still count. */
  #mayHaveSigned(document: TrustDocument): readonly Did[] {
    const nowMs = this.#needs.clock.nowMs()
    const all = lasts(document) ? authorsOf(document).flatMap((did) => this.#authorities(did)) : []
    return all.flatMap(({ signers, untilMs }) => (untilMs > nowMs ? signers.of : []))
  }

  /** @throws {TrustError} DFFT_ACCREDITATION where nobody is pinned who could sign, or none of those has; DFFT_SIGNATURE, DFFT_KEY_NOT_FOUND … */
  async #count(document: TrustDocument, signal: AbortSignal): Promise<Omit<Signed, 'digest'>> {
    this.#refuseUnfounded(document)
    const json = asJson(document)
    const named = new Set(document.type === 'TrustAnchor' ? document.signers : [])
    const before = document.type === 'TrustAnchor' ? newestOf(this.line('TrustAnchor', document.anchor)) : []
    const known = new Set([
      ...before.flatMap((one) => one.document.signers),
      ...this.#mayHaveSigned(document),
      // Whom a statement names itself are known by that alone.
      ...this.#groups(document.type === 'TrustAnchor' ? { ...document, signers: [] } : document).flatMap(({ of }) => of),
    ])
    // Who left the signers since is no stranger, and no signer either.
    const counting = proofsOf(json).filter((proof) => signersOfProofs({ proof }).every((did) => known.has(did) || named.has(did)))
    const nobody = new TrustError('DFFT_ACCREDITATION', 'the document is signed by nobody whose signature counts', factsOf(document))
    if (counting.length === 0) throw nobody
    const signatures = await signaturesOf(withProofs(json, counting), { known, named }, this.#needs.keys, signal, 'DFFT_SIGNATURE')
    const [lost = nobody] = signatures.uncounted.values()
    if (signatures.by.size === 0) throw lost
    return { document: asDocument(signatures.document, document), by: signatures.by }
  }

  /** Nobody has a DID looked up who names no anchor of ours. @throws {TrustError} DFFT_ACCREDITATION, DFFT_TRUST_CHAIN */
  #refuseUnfounded(document: TrustDocument): void {
    const unpinned = (did: Did, of = '') => new TrustError('DFFT_ACCREDITATION', `\`${did}\` is not pinned as an anchor${of}`, factsOf(document))
    switch (document.type) {
      case 'RecognitionAgreement':
        for (const { anchor } of document.parties) if (!this.#pins.has(anchor)) throw unpinned(anchor)
        return
      case 'Accreditation':
        if (document.version === 2 && document.under !== null) this.#refuseWider(document, document.under)
        else if (!this.anchors(document.issuer, document.jurisdiction)) throw unpinned(document.issuer, ` of ${document.jurisdiction}`)
        return
      default:
        if (!this.#pins.has(document.anchor)) throw unpinned(document.anchor)
    }
  }

  #refuseWider(document: Extract<AnyAccreditation, { version: 2 }>, under: string): void {
    const parents = [...this.#lines.named('Accreditation', under)]
      .flatMap((line) => newestOf(this.#lines.counting(line)))
      .flatMap((one) => (one.document.subject === document.issuer ? [one.document] : []))
    // Whoever gave its accreditor something under that id: one of them is enough.
    const reasons = parents.map((parent) => whyWider(document, parent))
    const [wider] = reasons.length > 0 ? reasons : ['the accreditation of the accreditor is not held']
    if (wider && !reasons.includes(null)) throw new TrustError('DFFT_TRUST_CHAIN', wider, { issuer: document.issuer, subject: document.subject, under })
  }

  /** Of each group its quorum. */
  #groups(document: TrustDocument): readonly Signers[] {
    switch (document.type) {
      case 'TrustAnchor': {
        const line = this.line('TrustAnchor', document.anchor)
        const before = line.find(({ digest }) => digest === document.previous)
        const settled = before !== undefined && newestOf(line).length < 2
        return [...(before ? [signersIn(before.document)] : []), signersIn(document), { of: [document.anchor], quorum: settled ? 0 : 1 }]
      }
      case 'Accreditation':
        return [this.signers(document.issuer)]
      case 'RecognitionAgreement':
        return document.parties.map(({ anchor }) => this.signers(anchor))
      case 'SuspensionHead':
        return [this.signers(document.anchor)]
      case 'Advisory':
        return [{ ...this.signers(document.anchor), quorum: 1 }]
    }
  }

  // Keeping, and believing what is kept.

  #accept(signed: Signed): readonly Write[] {
    const waited = this.#proposals.delete(signed.digest) ? [{ del: proposalKeyOf(signed.digest) }] : []
    const gone = this.#lines.add(signed, this.#needs.clock.nowMs())
    for (const { document, digest } of gone) if (document.type === 'Accreditation') this.framework.dropAccreditation({ document, digest })
    const { document, digest } = signed
    const kept = this.#lines.get(digest) !== undefined
    if (document.type === 'Accreditation') this.#believeAccreditations(this.#lines.line('Accreditation', lineOf(document)))
    return [...waited, ...gone.flatMap(deletionsOf), ...(kept ? [acceptedWrite(signed)] : [])]
  }

  #believe(signed: Signed): readonly Write[] {
    const writes = this.#accept(signed)
    const { type } = signed.document
    if (type === 'TrustAnchor') this.#believeAnchors(signed.document.anchor)
    else if (type === 'SuspensionHead') this.#setAnchors()
    else if (type === 'RecognitionAgreement') this.#believeAgreements()
    this.framework.setForked(this.#lines.forked)
    this.changed()
    return writes
  }

  #propose(signed: Signed): readonly Write[] {
    this.#proposals.delete(signed.digest)
    this.#proposals.set(signed.digest, signed)
    const oldest = crowdedOut([...this.#proposals.values()], signed, this.#needs.self)
    if (oldest) this.#proposals.delete(oldest.digest)
    return [proposalWrite(signed), ...(oldest ? [{ del: proposalKeyOf(oldest.digest) }] : [])]
  }

  /** The same statement with other signatures. */
  #replace(signed: Signed): readonly Write[] {
    if (this.#proposals.has(signed.digest)) return this.#propose(signed)
    this.#lines.replace(signed)
    const { document } = signed
    if (document.type === 'Accreditation') this.#believeAccreditations(this.#lines.line('Accreditation', lineOf(document)))
    if (document.type === 'RecognitionAgreement') this.#believeAgreements()
    this.changed()
    return [acceptedWrite(signed)]
  }

  #setAnchors(): void {
    this.framework.setAnchors(this.pins.map((pin) => this.#pinned(pin)))
    this.framework.setForked(this.#lines.forked)
  }

  /** @param changed who has said something: what it signed may count for longer or shorter; undefined: anybody */
  #believeAnchors(changed?: Did): void {
    this.#setAnchors()
    for (const line of this.#lines.of('Accreditation')) if (changed === undefined || line[0]?.document.issuer === changed) this.#believeAccreditations(line)
    this.#believeAgreements()
  }

  #believeAgreements(): void {
    this.framework.setAgreements(this.agreements().map((signed) => ({ ...signed, countsUntilMs: this.countsUntilMs(signed) })))
  }

  /** All versions: the framework takes the newest that has begun and counts. */
  #believeAccreditations(line: Line<AnyAccreditation>): void {
    for (const signed of line) this.framework.putAccreditation({ ...signed, countsUntilMs: this.countsUntilMs(signed) })
  }

  #pinned({ did, jurisdictions, withoutAgreement = false }: Pin): PinnedAnchor {
    const [said = null] = this.line('TrustAnchor', did)
    return { did, jurisdictions, withoutAgreement, said, head: wholeHead(newestOf(this.line('SuspensionHead', did))) }
  }
}

/**
 * Who leaves of those that wait: of one line the oldest; in all, the oldest of him who has signed most, so that nobody crowds out others.
 * A document is its signer's who has fewest: to sign what others proposed makes it no more one's own.
 */
function crowdedOut(waiting: readonly Signed[], added: Signed, self: Did | undefined): Signed | undefined {
  const others = waiting.filter(({ by }) => self === undefined || !by.has(self))
  const same = waiting.filter(({ document }) => lineOf(document) === lineOf(added.document))
  if (same.length > shelfLimits.proposalsPerLine) return same.find((one) => others.includes(one))
  if (waiting.length <= shelfLimits.proposals) return undefined
  const counts = new Map<Did, number>()
  for (const { by } of others) for (const did of by) counts.set(did, (counts.get(did) ?? 0) + 1)
  const countOf = (did: Did) => counts.get(did) ?? 0
  const ownerOf = ({ by }: Signed) => [...by].toSorted((one, other) => countOf(one) - countOf(other))[0]
  const [most] = [...Map.groupBy(others, ownerOf).values()].toSorted((one, other) => other.length - one.length)
  return most?.[0]
}

/** Signed once and for long: the others are said anew when they are due, or take one signature. */
function lasts(document: TrustDocument): boolean {
  return document.type === 'Accreditation' || document.type === 'RecognitionAgreement'
}

function quorumMissing({ document, digest }: Signed, missing: readonly Missing[]): TrustError {
  const count = missing.reduce((sum, each) => sum + each.count, 0)
  return new TrustError('DFFT_TRUST_QUORUM', `${count} more signatures are needed`, {
    ...factsOf(document),
    digest,
    missing: count,
    of: [...new Set(missing.flatMap(({ of }) => of))].join(' ').slice(0, 2000),
  })
}
