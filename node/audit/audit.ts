/**
 * The audit log of a node: what happened, in one order, in the same atomic batch as the state it explains.
 *
 * No record, no release: `append` resolves when the entry is on disk, and after a failed write the log refuses everything.
 * The steps are told in protocols/log/README.md. Partners keep our checkpoints and we keep theirs, so that neither side can rewrite
 * what the other has seen.
 */
import { strict as assert } from 'node:assert'
import type { Clock, Store, Write } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import {
  didOfOrigin,
  type NoteSigner,
  originOf,
  type ProofText,
  proofText,
  readCheckpointOfAny,
  rootDigest,
  signCheckpoint,
  verifyCosignature,
} from '#protocols/log/checkpoint.ts'
import type { LogEntry, NewEntry } from '#protocols/log/entry.ts'
import { leafHash, type Overflow } from '#protocols/log/merkle.ts'
import { Cosigned, checkExtends, type Fork, type LogOnDisk, logKeys, readAs, readEntryOf, readLog, Seen } from './audit-disk.ts'
import { openLog } from './audit-open.ts'
import { type AuditReceipt, type Recorded, Recorder } from './audit-recorder.ts'
import { Forks } from './forks.ts'
import { keptOfDay } from './kept-checkpoints.ts'
import { type PartnerCheckpoint, type Remembered, Witness } from './witness.ts'

export interface AuditOptions {
  readonly did: Did
  /** The log key: Ed25519, whatever the DID signs with. Asked for at each signature, since it may be rotated. */
  readonly signer: NoteSigner
  /** Log keys of before, whose notes must go on to verify; asked for at each note. */
  readonly former?: readonly Pick<NoteSigner, 'publicJwk'>[]
  readonly clock: Pick<Clock, 'nowMs' | 'turn'>
  /** True once the node has recorded anything: a store that lost all of it looks like a new one, and is then refused. */
  readonly begun?: boolean
  /** Written before a checkpoint is given out, read at the opening. */
  readonly anchor?: Anchor
  /** For the tree of hashes; all of it is in memory when left out. */
  readonly overflow?: Overflow
}

/**
 * The last checkpoint this node signed, kept outside the store.
 *
 * An engine that loses the newest batches leaves an older log that is whole in itself; only something it does not hold can tell.
 */
export interface Anchor {
  read(): Promise<string | undefined>
  /** Durable when it resolves. */
  write(note: string): Promise<void>
}

/** An entry as it lies on disk. */
export interface RawEntry {
  readonly index: number
  readonly bytes: Uint8Array
  /** @throws {TrustError} DFFT_LOG_CORRUPT when it is not what was hashed */
  readonly read: () => LogEntry
}

export interface SignedHead {
  readonly note: string
  readonly size: number
  readonly root: Digest
}

/** A head that is signed, and goes to nobody yet. */
interface HeadUnderWay extends SignedHead {
  /** Resolves when it may: the anchor holds it. */
  readonly anchored: Promise<void>
}

/** Partners whose last cosignature is kept at hand: some two kilobytes each. */
const cosignedMax = 4096

export class AuditLog {
  readonly #store: Store
  readonly #options: AuditOptions
  readonly #origin: string
  readonly #recorder: Recorder
  readonly #witness: Witness
  readonly forks: Forks
  /** The last cosignature of each partner: one is given for all exchanges that are under way, and was checked with the first of them. */
  readonly #cosigned = new Map<
    Did,
    { readonly note: string; readonly cosignature: string; readonly publicKey: PublicJwk; readonly size: number; readonly writes: readonly Write[] }
  >()
  /** Who waits for entries. */
  readonly #waiting = new Set<() => void>()
  #checkpoint: { readonly size: number; readonly signer: NoteSigner; readonly head: Promise<HeadUnderWay>; readonly done: Promise<void> } | undefined
  #next: Promise<HeadUnderWay> | undefined

  private constructor(store: Store, options: AuditOptions, disk: LogOnDisk) {
    this.#store = store
    this.#options = options
    this.#origin = originOf(options.did)
    this.#recorder = new Recorder(store, options.clock, disk)
    this.#recorder.onRecorded(() => {
      for (const resolve of this.#waiting) resolve()
    })
    const { did, clock } = options
    this.forks = new Forks({
      store,
      log: () => ({ did, publicKeys: keysOf(options) }),
      entries: () => this.backwards(this.size),
      clock,
      append: (entries, writes) => this.#recorder.append(entries, writes, []),
    })
    this.#witness = new Witness({ store, did, signer: () => options.signer, clock, forks: this.forks })
  }

  /**
   * @throws {TrustError} DFFT_LOG_CORRUPT naming the first bad record; DFFT_LOG_FORK when the log does not extend what a partner
   *   co-signed or the anchor holds; DFFT_LOG_ANCHOR when the anchor holds no checkpoint of ours; DFFT_STORE; DFFT_ALGORITHM
   */
  static async open(store: Store, options: AuditOptions): Promise<AuditLog> {
    if (options.signer.algorithm !== 'EdDSA') throw new TrustError('DFFT_ALGORITHM', 'the log key is not Ed25519')
    const disk = await openLog(store, { did: options.did, publicKeys: keysOf(options) }, options.overflow)
    if (options.begun && disk.tree.size === 0) throw new TrustError('DFFT_LOG_CORRUPT', 'the log is empty and was not', { key: logKeys.entry(0) })
    const log = new AuditLog(store, options, disk)
    const anchored = await options.anchor?.read()
    if (anchored !== undefined) log.#verifyAnchor(anchored)
    return log
  }

  #verifyAnchor(note: string): void {
    try {
      this.verifyAgainst(note)
    } catch (cause) {
      if (codeOf(cause) !== 'DFFT_CHECKPOINT') throw cause
      throw new TrustError('DFFT_LOG_ANCHOR', 'the anchor holds no checkpoint of this log', {}, { cause })
    }
  }

  /** Entries on disk. */
  get size(): number {
    return this.#recorder.size
  }

  /** Acts that wait for the disk. */
  get waiting(): number {
    return this.#recorder.waiting
  }

  /** Why nothing can be recorded any more, and so nothing released: the disk refused a write. */
  get refusal(): TrustError | undefined {
    return this.#recorder.refusal
  }

  root(): Digest {
    return rootDigest(this.#recorder.tree.root(this.size))
  }

  /**
   * Records entries and the state they explain: all of it, on disk, or nothing.
   *
   * Indexes follow the order of the calls. Acts that come together share one synced write.
   *
   * @param options.ifAbsent keys that must not exist: only the act that names one fails, and leaves no hole
   * @param options.indexUnder keys that get the index of the first entry, which is not known before
   * @throws {TrustError} DFFT_CONFLICT, DFFT_SCHEMA or DFFT_LIMIT for an entry that is not digests and codes, DFFT_BUSY,
   *   DFFT_STORE from then on
   */
  append(
    entries: readonly NewEntry[],
    writes: readonly Write[] = [],
    { ifAbsent = [], indexUnder = [] }: { readonly ifAbsent?: readonly string[]; readonly indexUnder?: readonly string[] } = {},
  ): Promise<AuditReceipt> {
    assert(entries.length > 0, 'an act has an entry')
    return this.#recorder.append(entries, writes, ifAbsent, indexUnder)
  }

  /**
   * Keeps what comes with no act of ours, such as a partner's last word on one: on disk, and known to `witnessed` at once.
   *
   * @throws {TrustError} as `append`
   */
  async keep(writes: readonly Write[]): Promise<void> {
    await this.#recorder.append([], writes, [])
  }

  /** From now on, of each act that is on disk, before who recorded it is told. */
  onRecorded(listener: Recorded): void {
    this.#recorder.onRecorded(listener)
  }

  /** Resolves when there are more entries than `size`, or the signal aborts. */
  async grown(size: number, signal: AbortSignal): Promise<void> {
    while (this.size <= size && !signal.aborted) await this.acted(signal)
  }

  /** Resolves at the next act that is on disk, or when the signal aborts. */
  async acted(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    this.#waiting.add(end)
    signal.addEventListener('abort', end, { once: true })
    await promise
    this.#waiting.delete(end)
    signal.removeEventListener('abort', end)
  }

  /** The signed head of what is on disk. @throws {TrustError} DFFT_STORE after a failed write, or where the anchor cannot be written */
  async checkpoint(): Promise<SignedHead> {
    return this.withHead(async (head) => head)
  }

  /**
   * What `make` makes with the signed head of what is on disk, as a message that carries it: while the anchor is written, and handed out after it.
   *
   * @throws {TrustError} as `checkpoint`; what `make` throws
   */
  async withHead<Made>(make: (head: SignedHead) => Promise<Made>): Promise<Made> {
    const { anchored, ...head } = await this.#head()
    const [made] = await Promise.all([make(head), anchored])
    return made
  }

  #head(): Promise<HeadUnderWay> {
    if (this.#recorder.refusal) return Promise.reject(this.#recorder.refusal)
    const last = this.#checkpoint
    if (last?.size === this.size && last.signer === this.#options.signer) return last.head
    // While one is signed and anchored, those who ask for a later one wait for the next together.
    this.#next ??= (last?.done ?? Promise.resolve()).then(() => this.#signNext())
    return this.#next
  }

  #signNext(): Promise<HeadUnderWay> {
    this.#next = undefined
    if (this.#recorder.refusal) return Promise.reject(this.#recorder.refusal)
    const size = this.size
    const { signer } = this.#options
    const head = this.#sign(size, signer)
    const done = head.then(({ anchored }) => anchored).catch(() => {}) // Who asked for it has the rejection.
    this.#checkpoint = { size, signer, head, done }
    return head
  }

  /**
   * That the tree of `to` leaves begins with the tree of `from`.
   *
   * @throws {TrustError} DFFT_LOG_FORK when a partner saw more than we have: this log was rolled back
   */
  consistency(from: number, to = this.size): ProofText {
    if (from > this.size) throw new TrustError('DFFT_LOG_FORK', 'the log is shorter than what a partner saw of it', { from, size: this.size })
    if (!(Number.isSafeInteger(from) && from >= 0 && from <= to && to <= this.size)) {
      throw new TrustError('DFFT_CHECKPOINT', 'no proof leads from the one size to the other', { from, to })
    }
    return proofText(this.#recorder.tree.consistencyProof(from, to))
  }

  /** As `consistency`, for whoever holds two checkpoints of ours. @throws {TrustError} DFFT_LOG_FORK when either is larger than the log */
  proofBetween(from: number, to: number): ProofText {
    if (Math.max(from, to) > this.size) throw new TrustError('DFFT_LOG_FORK', 'the log is shorter than what a partner saw of it', { from, to, size: this.size })
    return this.consistency(from, to)
  }

  /** Whether the log begins with a tree of this size and root. */
  beginsWith({ size, root }: { readonly size: number; readonly root: Uint8Array }): boolean {
    return size <= this.size && Buffer.compare(this.#recorder.tree.root(size), root) === 0
  }

  /** An entry as it was hashed, and that it stands in the tree of `size` leaves. @throws {TrustError} DFFT_NOT_FOUND, DFFT_LOG_CORRUPT */
  async inclusion(index: number, size = this.size): Promise<{ entry: string; index: number; size: number; proof: ProofText }> {
    const proof = this.proofOf(index, size)
    return { entry: Buffer.from(await this.#bytes(index)).toString(), index, size, proof }
  }

  /** From an entry's leaf to the root of a size that holds it. @throws {TrustError} DFFT_NOT_FOUND */
  proofOf(index: number, size: number): ProofText {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size && size <= this.size)) {
      throw new TrustError('DFFT_NOT_FOUND', 'there is no such entry in the log', { index, size })
    }
    return proofText(this.#recorder.tree.inclusionProof(index, size))
  }

  /** Reads and checks the whole log again from disk, against itself, what partners co-signed, and what this process remembers. */
  async verify(): Promise<{ readonly size: number; readonly root: Digest }> {
    const atLeast = this.size
    const { tree } = await readLog(this.#store, { did: this.#options.did, publicKeys: keysOf(this.#options) })
    if (tree.size < atLeast) throw new TrustError('DFFT_LOG_CORRUPT', 'the log on disk became shorter', { size: tree.size, known: atLeast })
    checkExtends(tree, { size: atLeast, root: this.#recorder.tree.root(atLeast) })
    return { size: tree.size, root: rootDigest(tree.root()) }
  }

  /**
   * Whether this log extends a checkpoint of its own, for instance a partner's copy of one.
   *
   * @throws {TrustError} DFFT_LOG_FORK when it does not, DFFT_CHECKPOINT when the note is not ours
   */
  verifyAgainst(note: string): { readonly size: number; readonly root: Digest } {
    const { checkpoint } = readCheckpointOfAny(note, { origin: this.#origin, publicKeys: keysOf(this.#options) })
    checkExtends(this.#recorder.tree, checkpoint, this.size)
    return { size: checkpoint.size, root: rootDigest(checkpoint.root) }
  }

  /** The last entries, oldest first. */
  async tail(limit: number): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = []
    for await (const [key, value] of this.#store.scan({ ...logKeys.entries, reverse: true, limit })) entries.push(readEntryOf(key, value))
    return entries.reverse()
  }

  /** Entries from `index` on, oldest first, as many as there are up to `limit`. @throws {TrustError} DFFT_LOG_CORRUPT */
  async from(index: number, limit: number): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = []
    const range = { from: logKeys.entry(index), to: logKeys.entry(this.size), limit }
    if (index < this.size) for await (const [key, value] of this.#store.scan(range)) entries.push(readEntryOf(key, value))
    return entries
  }

  /** Entries before an index, newest first; `read` checks one against the tree. */
  async *backwards(before: number): AsyncGenerator<RawEntry> {
    const range = { from: logKeys.entries.from, to: logKeys.entry(Math.min(before, this.size)), reverse: true }
    for await (const [key, bytes] of this.#store.scan(range)) yield this.#raw(Number(key.slice(-16)), bytes)
  }

  /** The same of one exchange. */
  async *ofExchangeBackwards(exchange: ExchangeId, before: number): AsyncGenerator<RawEntry> {
    for await (const [key] of this.#store.scan({ ...logKeys.ofExchange(exchange), to: logKeys.of(exchange, before), reverse: true })) {
      const index = Number(key.slice(-16))
      yield this.#raw(index, await this.#bytes(index))
    }
  }

  #raw(index: number, bytes: Uint8Array): RawEntry {
    return { index, bytes, read: () => readEntryOf(logKeys.entry(index), this.#checked(index, bytes)) }
  }

  /** The entries of an exchange, oldest first. @throws {TrustError} DFFT_LOG_CORRUPT */
  async entriesOf(exchange: ExchangeId, limit = 1000): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = []
    for await (const [key] of this.#store.scan({ ...logKeys.ofExchange(exchange), limit })) {
      const index = Number(key.slice(-16))
      entries.push(readEntryOf(logKeys.entry(index), await this.#bytes(index)))
    }
    return entries
  }

  /**
   * Measures a partner's checkpoint against the last one seen, as a witness does.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when it is not the partner's; DFFT_LOG_FORK when it does not extend what we saw:
   *   both notes are then on disk under `log/fork/<did>`, with an entry `partner-log-forked` in our own log
   */
  rememberPartner(did: Did, offer: PartnerCheckpoint): Promise<Remembered> {
    return this.#witness.remember(did, offer)
  }

  /** The key under which the note was verified that was seen last of a partner's log, if it is this very one. */
  signerOf(did: Did, note: string): PublicJwk | undefined {
    return this.#witness.signerOf(did, note)
  }

  /** The last checkpoint seen of a partner's log. */
  seen(did: Did): Promise<Seen | undefined> {
    return this.#witness.seen(did)
  }

  /** The last checkpoints seen of partners' logs, by Did. */
  async *allSeen(limit: number): AsyncGenerator<Seen & { readonly did: Did }> {
    for await (const [key, value] of this.#store.scan({ ...logKeys.seen, limit }))
      yield { ...readAs(key, value, Seen), did: didOfOrigin(`dfft.log/${key.slice(logKeys.seen.from.length)}`) }
  }

  /** Sizes of the durable checkpoints that partners co-signed and that we saw of theirs, by key: they only grow. */
  get partnerSizes(): ReadonlyMap<string, number> {
    return this.#recorder.sizes
  }

  /** The fork found in a partner's log, if any: both notes. */
  forkOf(did: Did): Promise<Fork | undefined> {
    return this.forks.of(did)
  }

  /**
   * A partner's cosignature over a checkpoint of ours, checked, as what to write: nothing when a larger one is held.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when note or cosignature are not what they say, DFFT_LOG_FORK when we do not extend the note
   */
  rememberCosignature(did: Did, given: { readonly note: string; readonly cosignature: string; readonly publicKey: PublicJwk }): readonly Write[] {
    const { note, cosignature, publicKey } = given
    const before = this.#cosigned.get(did)
    if (before?.note === note && before.cosignature === cosignature && before.publicKey.x === publicKey.x)
      return this.#notOvertaken(did, before.size, before.writes)
    const { checkpoint } = readCheckpointOfAny(note, { origin: this.#origin, publicKeys: keysOf(this.#options) })
    checkExtends(this.#recorder.tree, checkpoint, this.size)
    verifyCosignature(checkpoint, cosignature, { name: originOf(did), publicKey })
    const { size } = checkpoint
    const value = canonicalBytes({ size, note, cosignature, publicKey } satisfies Cosigned)
    const kept = keptOfDay(this.#options.clock.nowMs(), { size, note, cosignatures: [{ by: did, line: cosignature }] })
    const writes = [{ put: logKeys.cosignedBy(did), value }, kept]
    if (this.#cosigned.size >= cosignedMax) this.#cosigned.clear()
    this.#cosigned.set(did, { ...given, size, writes })
    return this.#notOvertaken(did, size, writes)
  }

  #notOvertaken(did: Did, size: number, writes: readonly Write[]): readonly Write[] {
    return (this.#recorder.sizes.get(logKeys.cosignedBy(did)) ?? -1) > size ? [] : writes
  }

  /** The largest co-signed checkpoint of ours, one a partner. */
  async cosignatures(): Promise<readonly (Cosigned & { readonly did: Did })[]> {
    const found: (Cosigned & { readonly did: Did })[] = []
    for await (const [key, value] of this.#store.scan(logKeys.cosigned)) {
      const cosigned = readAs(key, value, Cosigned)
      found.push({ ...cosigned, did: didOfOrigin(`dfft.log/${key.slice(logKeys.cosigned.from.length)}`) })
    }
    return found
  }

  /** Entries under a checkpoint that at least `witnesses` partners co-signed. */
  witnessed(witnesses = 1): number {
    const sizes = [...this.#recorder.sizes].filter(([key]) => key.startsWith(logKeys.cosigned.from)).map(([, size]) => size)
    return sizes.sort((one, other) => other - one)[witnesses - 1] ?? 0
  }

  async #sign(size: number, signer: NoteSigner): Promise<HeadUnderWay> {
    try {
      const root = this.#recorder.tree.root(size)
      const note = await signCheckpoint({ origin: this.#origin, size, root }, signer)
      return { note, size, root: rootDigest(root), anchored: this.#anchored(note) }
    } catch (cause) {
      this.#checkpoint = undefined // The next caller tries again, here and below.
      throw cause
    }
  }

  async #anchored(note: string): Promise<void> {
    try {
      await this.#options.anchor?.write(note)
    } catch (cause) {
      this.#checkpoint = undefined
      throw cause
    }
  }

  async #bytes(index: number): Promise<Uint8Array> {
    return this.#checked(index, await this.#store.get(logKeys.entry(index)))
  }

  /** As it was hashed, or not at all. @throws {TrustError} DFFT_LOG_CORRUPT */
  #checked(index: number, bytes: Uint8Array | undefined): Uint8Array {
    const key = logKeys.entry(index)
    if (!bytes || Buffer.compare(leafHash(bytes), this.#recorder.tree.leaf(index)) !== 0) {
      throw new TrustError('DFFT_LOG_CORRUPT', `the record \`${key}\` was changed or removed`, { key })
    }
    return bytes
  }
}

/** The log's own, newest first. */
function keysOf({ signer, former = [] }: AuditOptions): readonly PublicJwk[] {
  return [signer, ...former].map(({ publicJwk }) => publicJwk)
}
