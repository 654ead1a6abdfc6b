/**
 * The policies and suspensions this node holds, its own jurisdiction's and its partners'; and, compiled from them, the side of the
 * border that a jurisdiction stands for. What may come next on a line of policies is said in policy-line.ts, what a suspension stops in
 * suspensions.ts.
 */

import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Marks } from '#node/identity/made.ts'
import type { Self } from '#node/identity/self.ts'
import { Buckets } from '#node/network/standing.ts'
import type { Clock, Store, Write } from '#node/ports.ts'
import { scanJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { PolicyIndex } from '#policies/compile.ts'
import type { Packs } from '#policies/packs/packs.ts'
import { PolicyDocument, policyDigest } from '#policies/policy.ts'
import { missingOf, type Signers, signersOf } from '#policies/quorum.ts'
import { readPolicy } from '#policies/read-policy.ts'
import { unionsOf } from '#policies/sides.ts'
import { canonical } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import type { PackShelf } from './pack-shelf.ts'
import { Changes } from './policy-change.ts'
import { keyLost, type LineState, PolicyLine } from './policy-line.ts'
import { PolicySides } from './policy-sides.ts'
import { type Signatures, signaturesOf, signersIn } from './policy-signatures.ts'
import { readText, signPolicy } from './policy-signing.ts'
import { type Act, policyStep, type Standing, type Step, suspensionStep } from './policy-step.ts'
import {
  asideOf,
  begun,
  type Held,
  type HeldSuspension,
  isPolicy,
  isSuspension,
  joined,
  keys,
  over,
  proofsOf,
  resigned,
  type Shelved,
  type SignedPolicy,
  withoutProof,
  writeOf,
} from './shelved.ts'
import { Suspensions } from './suspensions.ts'

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly trust: Trust
  readonly keys: KeyFinder
  readonly packs: PackShelf
  /** Writes with the entry that tells of them, in one batch. */
  readonly record: (entry: NewEntry, writes: readonly Write[]) => Promise<unknown>
}

/**
 * Policies taken from others, of one jurisdiction. What one signer sends is compared with the one before, which takes a second for the
 * largest: so many at once as a node may have missed, and then one in ten minutes. What a quorum signed has a budget of its own, so that
 * a single signer uses up nobody else's; to stop flows at once there are suspensions.
 */
const takenLimits = { burst: 64, perSecond: 1 / 600 } as const

/** A Request may name any jurisdiction before it is looked at whose it is. */
const latelyMax = 256

export class PolicyShelf {
  readonly #needs: Needs
  readonly changes = new Changes()
  readonly #taken = new Buckets(takenLimits)
  readonly #lines = new Map<Jurisdiction, PolicyLine>()
  readonly #suspensions = new Suspensions()
  /** Of both kinds, in a line or beside it. */
  readonly #byDigest = new Map<Digest, Held>()
  readonly #sides: PolicySides
  /** By jurisdiction, of the second that was asked for last: an exchange asks some ten times. Forgotten with each change. */
  readonly #lately = new Map<Jurisdiction, { readonly second: number; readonly side: PolicyIndex }>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(needs: Needs) {
    this.#needs = needs
    this.#sides = new PolicySides(needs.packs.shipped)
  }

  static async open(needs: Needs): Promise<PolicyShelf> {
    const shelf = new PolicyShelf(needs)
    for await (const [, document] of scanJson<SignedPolicy>(needs.store, keys.policies, { reverse: true })) shelf.#open(document, (held) => shelf.#put(held))
    for await (const [, document] of scanJson<SignedPolicy>(needs.store, keys.suspensions)) shelf.#open(document, (held) => shelf.#put(held))
    for await (const [, document] of scanJson<SignedPolicy>(needs.store, keys.aside)) shelf.#open(document, (held) => shelf.#remember(held))
    for await (const [key, state] of scanJson<LineState>(needs.store, keys.line)) shelf.line(key.slice(keys.line.length) as Jurisdiction).enter(state) // Its key when it was put.
    return shelf
  }

  /**
   * What an earlier version took and this one cannot read keeps no node from starting; it denies, where it would be the newest policy or a
   * suspension that is not over.
   */
  #open(document: SignedPolicy, keep: (held: Held) => void): void {
    try {
      keep(this.#read(document))
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      const { kind, metadata } = document as unknown as PolicyDocument // Of one that was read before it was kept.
      const line = this.line(metadata.jurisdiction)
      const over = this.#needs.clock.nowMs() >= msOf(metadata.validUntil)
      if (kind === 'TrustPolicy' ? line.newest === undefined : !over) line.unreadable = true
    }
  }

  get packs(): PackShelf {
    return this.#needs.packs
  }

  /** By what is held, in a line or beside it. */
  get packsUsed(): ReadonlySet<Digest> {
    return new Set([...this.#byDigest.values()].filter(isPolicy).flatMap(({ policy }) => Object.values(policy.metadata.packs)))
  }

  /** Of each jurisdiction its newest policy. */
  get newest(): readonly Shelved[] {
    return this.lines.flatMap(({ newest }) => newest ?? [])
  }

  get lines(): readonly PolicyLine[] {
    return [...this.#lines.values()]
  }

  get suspensions(): Suspensions {
    return this.#suspensions
  }

  line(jurisdiction: Jurisdiction): PolicyLine {
    const line = this.#lines.get(jurisdiction) ?? new PolicyLine(jurisdiction, this.changes)
    this.#lines.set(jurisdiction, line)
    return line
  }

  /** Of each jurisdiction the one in force at that time: not the newest, where that has yet to begin. */
  allInForce(atMs: number): readonly Shelved[] {
    const counting = this.lines.filter(({ stopped }) => !stopped)
    return counting.flatMap((line) => line.begun(atMs) ?? []).filter((held) => this.inForce(held, atMs))
  }

  /** What partners are told of, the most urgent first: suspensions, both documents of a fork, and what is in force. */
  toTell(atMs: number): readonly Digest[] {
    const forked = this.lines.flatMap(({ state }) => state.fork?.digests ?? [])
    return [...new Set([...[...this.#suspensions.told(atMs), ...this.allInForce(atMs)].map(({ digest }) => digest), ...forked])]
  }

  get(digest: Digest): Held | undefined {
    return this.#byDigest.get(digest)
  }

  /** @param beginning of the hex digits of a digest */
  beginningWith(beginning: string): readonly Held[] {
    return [...this.#byDigest.values()].filter(({ digest }) => digest.startsWith(`sha256:${beginning}`))
  }

  inForce(held: Held, atMs: number): boolean {
    return begun(held, atMs) && !over(held, atMs)
  }

  /** Who signs for a jurisdiction now; nobody where no policy of it is held. */
  signers(jurisdiction: Jurisdiction): Signers {
    const held = this.#lines.get(jurisdiction)?.begun(this.#needs.clock.nowMs())
    return held ? signersOf(held.policy) : { of: [], quorum: 1 }
  }

  suspended(jurisdiction: Jurisdiction, atMs: number): readonly HeldSuspension[] {
    if (this.#suspensions.of(jurisdiction).length === 0) return [] // As always, nearly.
    return this.#suspensions.counting(jurisdiction, atMs, this.signers(jurisdiction))
  }

  /**
   * What a jurisdiction stands for, its union's documents before its own, compiled once for each set of documents. Without any policy it
   * is an empty side, and so it is while there are two for one place: decide() denies with NO_POLICY.
   */
  side(jurisdiction: Jurisdiction, atMs: number): PolicyIndex {
    const second = Math.floor(atMs / 1000) // Whatever begins or ends does so with a second.
    const lately = this.#lately.get(jurisdiction)
    if (lately?.second === second) return lately.side
    const own = this.#lines.get(jurisdiction)?.begun(atMs)
    const names = [...unionsOf(own?.packs ?? this.packs.shipped, jurisdiction, instant(atMs)), jurisdiction]
    const lines = names.flatMap((name) => this.#lines.get(name) ?? [])
    if (lines.some(({ stopped }) => stopped)) return this.#sides.of([])
    const policies = lines.flatMap((line) => line.begun(atMs) ?? [])
    const side = this.#sides.of([...policies, ...names.flatMap((name) => this.suspended(name, atMs))])
    // Which suspensions count is asked of those who sign now, whatever time is asked about.
    if (names.some((name) => this.#suspensions.of(name).length > 0)) return side
    if (this.#lately.size >= latelyMax) this.#lately.clear()
    this.#lately.set(jurisdiction, { second, side })
    return side
  }

  /**
   * The side that exactly these policies make: how a past or a partner's decision is made again.
   *
   * @param suspensions ids of those that decided then
   * @returns undefined where one of them is not held
   */
  sideOf(digests: readonly Digest[], suspensions: readonly string[] = []): PolicyIndex | undefined {
    const held = digests.map((digest) => this.#byDigest.get(digest)).filter((shelf) => shelf !== undefined)
    if (held.length !== digests.length) return undefined
    const all = held.flatMap(({ policy }) => this.#suspensions.of(policy.metadata.jurisdiction))
    const then = all.filter(({ policy }) => suspensions.includes(policy.metadata.id))
    return new Set(then.map(({ policy }) => policy.metadata.id)).size < new Set(suspensions).size ? undefined : this.#sides.of([...held, ...then])
  }

  /** An operator's text, which may be signed already; `file` is named in errors. @throws {TrustError} DFFT_POLICY_SYNTAX */
  read(text: string, file?: string): Promise<PolicyDocument> {
    return readText(text, file, this.packs)
  }

  async sign(text: string, file: string | undefined, self: Self): Promise<SignedPolicy> {
    return this.signed(await this.read(text, file), self)
  }

  /**
   * A document with one more signature, this node's. Whether it is enough is asked when it is learned.
   *
   * @throws {TrustError} DFFT_NOT_ALLOWED when this node is neither a signer of the jurisdiction nor its anchor
   */
  signed(written: PolicyDocument, self: Self): Promise<SignedPolicy> {
    const { jurisdiction } = written.metadata
    const anchor = this.#needs.trust.anchors(self.did, jurisdiction) ? self.did : this.#lines.get(jurisdiction)?.newest?.policy.metadata.issuer
    return signPolicy(written, self, { authorities: this.#authorities(written), anchor, created: instant(this.#needs.clock.nowMs()) })
  }

  /**
   * DIDs whose signature may count, by what is held and pinned: under a policy those of all times, since it may stand in any place of
   * its line; under a suspension those of its own beginning.
   */
  #authorities({ kind, metadata }: PolicyDocument): Set<Did> {
    const { jurisdiction } = metadata
    const anchors = this.#needs.trust.roots.filter(({ jurisdictions }) => jurisdictions.includes(jurisdiction)).map(({ did }) => did)
    const line = this.#lines.get(jurisdiction)
    const policies = kind === 'Suspension' ? [line?.begun(msOf(metadata.validFrom)) ?? []].flat() : (line?.documents ?? [])
    return new Set([...anchors, ...policies.flatMap(({ policy }) => signersOf(policy).of)])
  }

  /**
   * What this node made and is not over, under its key of today: the same documents with another proof. Nobody who has not seen one
   * takes it under a retired key; nor shall he take what whoever stole that key may have made, or either document of a fork.
   *
   * @param marks of what this node made
   * @returns what makes them durable
   */
  async renew(self: Self, marks: Marks): Promise<readonly Write[]> {
    const nowMs = this.#needs.clock.nowMs()
    const writes: Write[] = []
    for (const held of [...this.#byDigest.values()]) {
      if (!marks.has(held.digest) || over(held, nowMs) || this.#aside(held) || this.#halved(held) || !signersIn(held.document).includes(self.did)) continue
      const document = await resigned(held.document, self, instant(nowMs))
      writes.push(...this.#replace(held, { ...held, document } as Held)) // Of the kind it was.
    }
    return writes
  }

  #aside(held: Held): boolean {
    return isPolicy(held) && !this.line(held.policy.metadata.jurisdiction).documents.includes(held)
  }

  #halved({ digest, policy }: Held): boolean {
    return this.line(policy.metadata.jurisdiction).state.fork?.digests.includes(digest) ?? false
  }

  #replace(before: Held, after: Held): readonly Write[] {
    const aside = this.#aside(before)
    this.#lately.clear()
    this.#byDigest.set(after.digest, after)
    if (isSuspension(before) && isSuspension(after)) this.#suspensions.replace(before, after)
    else if (isPolicy(before) && isPolicy(after)) {
      this.line(after.policy.metadata.jurisdiction).replace(before, after)
      if (aside) return [asideOf(after)]
    }
    return [writeOf(after)]
  }

  /**
   * Checks a signed document and keeps it, durably when this resolves. What is refused changes nothing, but that a second policy for one
   * place is kept beside the first and stops the jurisdiction.
   *
   * @param act makes it this node's own, with an entry, or tries that; without it a partner's document is kept
   * @returns `added` false when it is held already
   * @throws {TrustError} DFFT_SCHEMA, DFFT_POLICY_SYNTAX, DFFT_POLICY_SIGNATURE, DFFT_POLICY_QUORUM, DFFT_POLICY_SERIAL, DFFT_POLICY_FORK,
   *   DFFT_PACK_MISSING, DFFT_KEY_NOT_FOUND, DFFT_EXPIRED, DFFT_LIMIT
   */
  async learn(document: SignedPolicy, signal: AbortSignal, act?: Act): Promise<{ readonly held: Held; readonly added: boolean }> {
    const unread = parse(withoutProof(document), PolicyDocument)
    const known = this.#byDigest.get(policyDigest(unread))
    if (known && !this.#moreSigned(known, document)) return { held: known, added: false }
    const signatures = await this.signatures(unread, document, signal)
    // Its packs are asked for only now: nobody has a pack fetched by a document that nobody signed.
    const candidate = this.#read(signatures.document)
    return this.#alone(async () => {
      const now = this.#byDigest.get(candidate.digest)
      if (now) return this.#joined(now, candidate, act?.dryRun)
      const step = this.#step(candidate, signatures, act)
      if (!act?.dryRun) await this.#take(step, this.line(candidate.policy.metadata.jurisdiction))
      if (step.refusal) throw step.refusal
      return { held: candidate, added: true }
    })
  }

  /** A signed document as it would be learned, with the proofs that count; nothing is kept. @throws {TrustError} as `learn`, but for its place */
  async look(document: SignedPolicy, signal: AbortSignal): Promise<Held> {
    const signatures = await this.signatures(parse(withoutProof(document), PolicyDocument), document, signal)
    return this.#read(signatures.document)
  }

  #moreSigned(known: Held, document: SignedPolicy): boolean {
    const proofs = new Set(proofsOf(known.document).map(canonical))
    return proofsOf(document).some((proof) => !proofs.has(canonical(proof)))
  }

  /** The same document with signatures of others: newcomers may need them. */
  async #joined(known: Held, candidate: Held, dryRun = false): Promise<{ readonly held: Held; readonly added: boolean }> {
    const after = { ...known, document: joined(known.document, candidate.document) } as Held // Of the kind it was.
    if (dryRun) return { held: after, added: false }
    const writes = this.#replace(known, after)
    await this.#needs.store.batch([...writes])
    return { held: after, added: false }
  }

  /** Who signed what nobody has judged yet. @throws {TrustError} DFFT_POLICY_SIGNATURE, DFFT_SCHEMA */
  async signatures(unread: PolicyDocument, document: SignedPolicy, signal: AbortSignal): Promise<Signatures> {
    const { issuer, jurisdiction } = unread.metadata
    const known = this.#authorities(unread)
    const anchored = issuer !== undefined && (unread.kind === 'Suspension' ? known.has(issuer) : this.#needs.trust.anchors(issuer, jurisdiction))
    if (!anchored) throw new TrustError('DFFT_POLICY_SIGNATURE', `\`${issuer}\` is not pinned as an anchor of ${jurisdiction}`, { jurisdiction })
    const named = new Set(unread.kind === 'TrustPolicy' ? signersOf(unread).of : [])
    const signatures = await signaturesOf(document, { known, named }, this.#needs.keys, signal)
    const [lost] = signatures.uncounted.keys()
    if (signatures.by.size === 0)
      throw lost
        ? keyLost(lost, signatures.uncounted)
        : new TrustError('DFFT_POLICY_SIGNATURE', 'nobody has signed it whose signature counts', { jurisdiction })
    return signatures
  }

  /** @throws {TrustError} as `learn`, for all that is not written down as evidence */
  #step(candidate: Held, signatures: Signatures, act: Act | undefined): Step {
    const { jurisdiction } = candidate.policy.metadata
    const { trust, clock } = this.#needs
    const line = this.line(jurisdiction)
    const standing: Standing = {
      line,
      suspensions: this.#suspensions,
      signers: this.signers(jurisdiction),
      changes: this.changes,
      held: this.#byDigest,
      anchors: (did, of) => trust.anchors(did, of),
      nowMs: clock.nowMs(),
    }
    if (isSuspension(candidate)) return suspensionStep(candidate, act, standing)
    if (!act) this.#budget(line, signatures)
    return policyStep(candidate as Shelved, signatures, act, standing) // The other kind.
  }

  /** Durable first. */
  async #take({ writes, entry, enters, leaves, aside, state }: Step, line: PolicyLine): Promise<void> {
    await (entry ? this.#needs.record(entry, writes) : this.#needs.store.batch([...writes]))
    line.drop(leaves)
    for (const held of enters) this.#put(held)
    if (enters.some(isPolicy)) line.unreadable = false
    if (aside) this.#remember(aside)
    if (state) line.enter(state)
    this.#lately.clear()
  }

  #budget({ jurisdiction, newest }: PolicyLine, { by }: Signatures): void {
    const whole = newest === undefined || missingOf(signersOf(newest.policy), by) === undefined
    const retryAfterMs = this.#taken.take(`${jurisdiction} ${whole ? 'quorum' : 'one'}`, this.#needs.clock.monotonicMs())
    if (retryAfterMs > 0) throw new TrustError('DFFT_RATE_LIMITED', `too many policies of ${jurisdiction} at once`, { jurisdiction, retryAfterMs })
  }

  /** One at a time between judging and keeping. */
  #alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act)
    this.#turn = mine.catch(() => undefined) // The caller has the error.
    return mine
  }

  #put(held: Held): void {
    this.#remember(held)
    if (isSuspension(held)) for (const gone of this.#suspensions.add(held, this.#needs.clock.nowMs())) this.#byDigest.delete(gone.digest)
    else this.line(held.policy.metadata.jurisdiction).add(held as Shelved) // The other kind.
  }

  #remember(held: Held): void {
    this.#byDigest.set(held.digest, held)
  }

  #read(document: SignedPolicy): Held {
    const policy = readPolicy(withoutProof(document), (read) => this.#packsOf(read))
    return { policy, document, digest: policyDigest(policy), packs: this.#packsOf(policy) } as Held // Of the kind of its policy.
  }

  /** A suspension names none: its words are those of the policy in force. @throws {TrustError} DFFT_PACK_MISSING */
  #packsOf(document: PolicyDocument): Packs {
    if (document.kind === 'TrustPolicy') return this.packs.of(document.metadata.packs)
    return this.#lines.get(document.metadata.jurisdiction)?.newest?.packs ?? this.packs.shipped
  }
}
