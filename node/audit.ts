/**
 * The audit log of a node: what happened, in one order, in the same atomic batch as the state it explains.
 *
 * No record, no release: `append` resolves when the entry is on disk, and after a failed write the log refuses everything.
 * The steps are told in protocols/log/README.md. Partners keep our checkpoints and we keep theirs, so that neither side can rewrite
 * what the other has seen.
 */
import { strict as assert } from 'node:assert'
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, digest, type ExchangeId, instant } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import {
  cosign,
  didOfOrigin,
  type NoteSigner,
  originOf,
  type ProofText,
  proofText,
  readCheckpoint,
  readProof,
  rootDigest,
  type SignedCheckpoint,
  signCheckpoint,
  verifyCosignature,
} from '#protocols/log/checkpoint.ts'
import { base64, entryBytesMax, type LogEntry, NewEntry } from '#protocols/log/entry.ts'
import { leafHash, type MerkleTree, verifyConsistency } from '#protocols/log/merkle.ts'
import { Cosigned, checkExtends, Fork, type LogOnDisk, logKeys, readAs, readEntryOf, readLog, Seen } from './audit-disk.ts'
import type { Clock, Store, Write } from './ports.ts'

export interface AuditOptions {
  readonly did: Did
  /** The log key: Ed25519, whatever the DID signs with. */
  readonly signer: NoteSigner
  readonly clock: Pick<Clock, 'nowMs'>
  /** True once the node has recorded anything: a store that lost all of it looks like a new one, and is then refused. */
  readonly begun?: boolean
  /** Written before a checkpoint is given out, read at the opening. */
  readonly anchor?: Anchor
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

export interface AuditReceipt {
  readonly indexes: readonly number[]
  /** The smallest tree that holds these entries. */
  readonly size: number
}

export interface SignedHead {
  readonly note: string
  readonly size: number
  readonly root: Digest
}

/** What a partner sends of its log. */
export interface PartnerCheckpoint {
  readonly note: string
  /** The partner's log key, from a source that binds it to the Did. */
  readonly publicKey: PublicJwk
  /** The size that `proof` starts from: what the partner believes we saw last, 0 for nothing. */
  readonly from: number
  readonly proof: ProofText
}

/**
 * What a partner's checkpoint is to us.
 *
 * `extended` and `known` come with our cosignature, which must not leave before `writes` are on disk. `gap` and `older` are
 * correctly signed and prove nothing either way (two exchanges may overtake one another): ask the partner for a checkpoint and a
 * proof from `seen`; a partner that cannot give it was rolled back.
 */
export type Remembered =
  | { readonly kind: 'extended' | 'known'; readonly seen: number; readonly writes: readonly Write[]; readonly cosignature: string }
  | { readonly kind: 'gap' | 'older'; readonly seen: number; readonly writes: readonly Write[]; readonly cosignature: null }

interface Held extends SignedCheckpoint {
  readonly note: string
}

interface Act {
  readonly entries: readonly NewEntry[]
  readonly writes: readonly Write[]
  readonly ifAbsent: readonly string[]
  readonly resolve: (receipt: AuditReceipt) => void
  readonly reject: (reason: unknown) => void
}

/** Acts in one synced write: more would make the first of them wait without gaining throughput. */
const actsPerWriteMax = 512
/** Acts that may wait for the disk: ten seconds of a slow one. */
const actsWaitingMax = 10_000
const entriesPerActMax = 64
/** Partners whose last checkpoint is kept at hand; the others are read from the store. */
const partnersMax = 4096

export class AuditLog {
  readonly #store: Store
  readonly #options: AuditOptions
  readonly #origin: string
  /** Holds what is durable and, while a batch is under way, what is in it. */
  readonly #tree: MerkleTree
  #last: string
  #durable: number
  #queue: Act[] = []
  #recording = false
  #refusal: TrustError | undefined
  #checkpoint: { readonly size: number; readonly head: Promise<SignedHead> } | undefined
  /** Sizes of the durable checkpoints under `log/seen/` and `log/cosigned/`, which only grow. */
  readonly #sizes: Map<string, number>
  /** The last checkpoint verified of a partner, on disk or about to be: no second one is measured against an older one meanwhile. */
  readonly #partners = new Map<Did, Held>()

  private constructor(store: Store, options: AuditOptions, disk: LogOnDisk) {
    this.#store = store
    this.#options = options
    this.#origin = originOf(options.did)
    this.#tree = disk.tree
    this.#last = disk.last
    this.#durable = disk.tree.size
    this.#sizes = new Map(disk.sizes)
  }

  /**
   * @throws {TrustError} DFFT_LOG_CORRUPT naming the first bad record; DFFT_LOG_FORK when the log does not extend what a partner
   *   co-signed or the anchor holds; DFFT_STORE; DFFT_ALGORITHM
   */
  static async open(store: Store, options: AuditOptions): Promise<AuditLog> {
    if (options.signer.algorithm !== 'EdDSA') throw new TrustError('DFFT_ALGORITHM', 'the log key is not Ed25519')
    const disk = await readLog(store, { did: options.did, publicKey: options.signer.publicJwk })
    if (options.begun && disk.tree.size === 0) throw new TrustError('DFFT_LOG_CORRUPT', 'the log is empty and was not', { key: logKeys.entry(0) })
    const log = new AuditLog(store, options, disk)
    const anchored = await options.anchor?.read()
    if (anchored !== undefined) log.verifyAgainst(anchored)
    return log
  }

  /** Entries on disk. */
  get size(): number {
    return this.#durable
  }

  root(): Digest {
    return rootDigest(this.#tree.root(this.#durable))
  }

  /**
   * Records entries and the state they explain: all of it, on disk, or nothing.
   *
   * Indexes follow the order of the calls. Acts that come together share one synced write.
   *
   * @param options.ifAbsent keys that must not exist: only the act that names one fails, and leaves no hole
   * @throws {TrustError} DFFT_CONFLICT, DFFT_SCHEMA or DFFT_LIMIT for an entry that is not digests and codes, DFFT_BUSY,
   *   DFFT_STORE from then on
   */
  append(entries: readonly NewEntry[], writes: readonly Write[] = [], options: { readonly ifAbsent?: readonly string[] } = {}): Promise<AuditReceipt> {
    return new Promise((resolve, reject) => {
      if (this.#refusal) throw this.#refusal
      if (this.#queue.length >= actsWaitingMax) throw new TrustError('DFFT_BUSY', 'the disk is behind with the record', { waiting: this.#queue.length })
      const read = readEntries(entries)
      for (const write of writes) assertNotOurs(write)
      this.#queue.push({ entries: read, writes, ifAbsent: options.ifAbsent ?? [], resolve, reject })
      if (!this.#recording) void this.#record()
    })
  }

  /** The signed head of what is on disk. @throws {TrustError} DFFT_STORE after a failed write */
  checkpoint(): Promise<SignedHead> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    const size = this.#durable
    if (this.#checkpoint?.size !== size) this.#checkpoint = { size, head: this.#sign(size) }
    return this.#checkpoint.head
  }

  /**
   * That the tree of `to` leaves begins with the tree of `from`.
   *
   * @throws {TrustError} DFFT_LOG_FORK when a partner saw more than we have: this log was rolled back
   */
  consistency(from: number, to = this.#durable): ProofText {
    if (from > this.#durable) throw new TrustError('DFFT_LOG_FORK', 'the log is shorter than what a partner saw of it', { from, size: this.#durable })
    if (!(Number.isSafeInteger(from) && from >= 0 && from <= to && to <= this.#durable)) {
      throw new TrustError('DFFT_CHECKPOINT', 'no proof leads from the one size to the other', { from, to })
    }
    return proofText(this.#tree.consistencyProof(from, to))
  }

  /** An entry as it was hashed, and that it stands in the tree of `size` leaves. @throws {TrustError} DFFT_NOT_FOUND, DFFT_LOG_CORRUPT */
  async inclusion(index: number, size = this.#durable): Promise<{ entry: string; index: number; size: number; proof: ProofText }> {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size && size <= this.#durable)) {
      throw new TrustError('DFFT_NOT_FOUND', 'there is no such entry in the log', { index, size })
    }
    const bytes = await this.#bytes(index)
    return { entry: Buffer.from(bytes).toString(), index, size, proof: proofText(this.#tree.inclusionProof(index, size)) }
  }

  /** Reads and checks the whole log again from disk, against itself, what partners co-signed, and what this process remembers. */
  async verify(): Promise<{ readonly size: number; readonly root: Digest }> {
    const atLeast = this.#durable
    const { tree } = await readLog(this.#store, { did: this.#options.did, publicKey: this.#options.signer.publicJwk })
    if (tree.size < atLeast) throw new TrustError('DFFT_LOG_CORRUPT', 'the log on disk became shorter', { size: tree.size, known: atLeast })
    checkExtends(tree, { size: atLeast, root: this.#tree.root(atLeast) })
    return { size: tree.size, root: rootDigest(tree.root()) }
  }

  /**
   * Whether this log extends a checkpoint of its own, for instance a partner's copy of one.
   *
   * @throws {TrustError} DFFT_LOG_FORK when it does not, DFFT_CHECKPOINT when the note is not ours
   */
  verifyAgainst(note: string): { readonly size: number; readonly root: Digest } {
    const checkpoint = readCheckpoint(note, { origin: this.#origin, publicKey: this.#options.signer.publicJwk })
    checkExtends(this.#tree, checkpoint, this.#durable)
    return { size: checkpoint.size, root: rootDigest(checkpoint.root) }
  }

  /** The last entries, oldest first. */
  async tail(limit: number): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = []
    for await (const [key, value] of this.#store.scan({ ...logKeys.entries, reverse: true, limit })) entries.push(readEntryOf(key, value))
    return entries.reverse()
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
   * Measures a partner's checkpoint against the last one seen, as a witness does (C2SP tlog-witness, add-checkpoint).
   *
   * @throws {TrustError} DFFT_CHECKPOINT when it is not the partner's; DFFT_LOG_FORK when it does not extend what we saw:
   *   both notes are then on disk under `log/fork/<did>`, with an entry in our own log
   */
  async rememberPartner(did: Did, offer: PartnerCheckpoint): Promise<Remembered> {
    const checkpoint = readCheckpoint(offer.note, { origin: originOf(did), publicKey: offer.publicKey })
    const proof = readProof(offer.proof)
    const stored = this.#partners.has(did) ? undefined : await this.#storedSeen(did)
    const seen = this.#partners.get(did) ?? stored // Another call may have been faster.
    if (seen) {
      if (checkpoint.size < seen.size) return { kind: 'older', seen: seen.size, writes: [], cosignature: null }
      const same = checkpoint.size === seen.size
      if (!same && offer.from !== seen.size) return { kind: 'gap', seen: seen.size, writes: [], cosignature: null }
      // Of one size no proof is needed: two signed roots prove the fork by themselves.
      if (!verifyConsistency(seen, checkpoint, same ? [] : proof)) throw await this.#keepFork(did, { seen, checkpoint, proven: same, offer })
    }
    this.#holdPartner(did, { ...checkpoint, note: offer.note })
    const value = canonicalBytes({ size: checkpoint.size, note: offer.note, publicKey: offer.publicKey } satisfies Seen)
    const cosignature = await cosign(checkpoint, { name: this.#origin, signer: this.#options.signer }, this.#options.clock.nowMs())
    const kind = seen?.size === checkpoint.size ? 'known' : 'extended'
    return { kind, seen: checkpoint.size, writes: [{ put: logKeys.seenOf(did), value }], cosignature }
  }

  /** The last checkpoint seen of a partner's log. */
  async seen(did: Did): Promise<Seen | undefined> {
    const key = logKeys.seenOf(did)
    const value = await this.#store.get(key)
    return value && readAs(key, value, Seen)
  }

  /** The fork found in a partner's log, if any: both notes. */
  async forkOf(did: Did): Promise<Fork | undefined> {
    const key = logKeys.forkOf(did)
    const value = await this.#store.get(key)
    return value && readAs(key, value, Fork)
  }

  /**
   * A partner's cosignature over a checkpoint of ours, checked, as what to write: nothing when a larger one is held.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when note or cosignature are not what they say, DFFT_LOG_FORK when we do not extend the note
   */
  rememberCosignature(did: Did, given: { readonly note: string; readonly cosignature: string; readonly publicKey: PublicJwk }): readonly Write[] {
    const { note, cosignature, publicKey } = given
    const checkpoint = readCheckpoint(note, { origin: this.#origin, publicKey: this.#options.signer.publicJwk })
    checkExtends(this.#tree, checkpoint, this.#durable)
    verifyCosignature(checkpoint, cosignature, { name: originOf(did), publicKey })
    const key = logKeys.cosignedBy(did)
    if ((this.#sizes.get(key) ?? -1) > checkpoint.size) return []
    return [{ put: key, value: canonicalBytes({ size: checkpoint.size, note, cosignature, publicKey } satisfies Cosigned) }]
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
    const sizes = [...this.#sizes].filter(([key]) => key.startsWith(logKeys.cosigned.from)).map(([, size]) => size)
    return sizes.sort((one, other) => other - one)[witnesses - 1] ?? 0
  }

  async #sign(size: number): Promise<SignedHead> {
    const root = this.#tree.root(size)
    try {
      const note = await signCheckpoint({ origin: this.#origin, size, root }, this.#options.signer)
      await this.#options.anchor?.write(note)
      return { note, size, root: rootDigest(root) }
    } catch (cause) {
      this.#checkpoint = undefined // The next caller tries again.
      throw cause
    }
  }

  async #bytes(index: number): Promise<Uint8Array> {
    const key = logKeys.entry(index)
    const bytes = await this.#store.get(key)
    if (!bytes || Buffer.compare(leafHash(bytes), this.#tree.leaf(index)) !== 0) {
      throw new TrustError('DFFT_LOG_CORRUPT', `the record \`${key}\` was changed or removed`, { key })
    }
    return bytes
  }

  async #record(): Promise<void> {
    this.#recording = true
    await Promise.resolve() // Lets the acts of this turn join the first batch.
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, actsPerWriteMax)
      try {
        await this.#recordGroup(group)
      } catch (cause) {
        this.#refuse(group, cause)
      }
    }
    this.#recording = false
  }

  async #recordGroup(group: readonly Act[]): Promise<void> {
    try {
      const { accepted, ifAbsent } = await this.#accept(group)
      if (accepted.length > 0) await this.#commit(accepted, ifAbsent)
    } catch (cause) {
      if (codeOf(cause) !== 'DFFT_CONFLICT') throw cause
      // Somebody wrote past the log between the check and the batch: which act it hits shows when each goes alone.
      const [only, ...others] = group
      if (only && others.length === 0) only.reject(cause)
      else for (const act of group) await this.#recordGroup([act])
    }
  }

  /** The acts whose keys are absent from disk and from the acts before them; the others are told. */
  async #accept(group: readonly Act[]): Promise<{ accepted: readonly Act[]; ifAbsent: readonly string[] }> {
    const present = new Map<string, boolean>()
    const accepted: Act[] = []
    const ifAbsent: string[] = []
    for (const act of group) {
      const taken = await this.#taken(act, present)
      if (taken !== undefined) {
        act.reject(new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: taken.slice(0, 256) }))
        continue
      }
      // What an act before it in the batch put or deleted, the store cannot judge.
      ifAbsent.push(...act.ifAbsent.filter((key) => !present.has(key)))
      for (const write of act.writes) present.set('put' in write ? write.put : write.del, 'put' in write)
      accepted.push(act)
    }
    return { accepted, ifAbsent }
  }

  async #taken(act: Act, present: ReadonlyMap<string, boolean>): Promise<string | undefined> {
    for (const key of act.ifAbsent) {
      if (present.get(key) ?? (await this.#store.get(key)) !== undefined) return key
    }
    return undefined
  }

  async #commit(acts: readonly Act[], ifAbsent: readonly string[]): Promise<void> {
    const before = { size: this.#tree.size, last: this.#last }
    const sizes = new Map<string, number>()
    const writes: Write[] = []
    const receipts = acts.map((act) => {
      const indexes = act.entries.map((entry) => this.#compose(entry, writes))
      writes.push(...act.writes.filter((write) => this.#grows(write, sizes)))
      return { indexes, size: this.#tree.size }
    })
    writes.push({ put: logKeys.head, value: canonicalBytes({ size: this.#tree.size, root: base64(this.#tree.root()), last: this.#last }) })
    try {
      await this.#store.batch(writes, { ifAbsent })
    } catch (cause) {
      this.#tree.truncate(before.size)
      this.#last = before.last
      throw cause
    }
    this.#durable = this.#tree.size
    for (const [key, size] of sizes) this.#sizes.set(key, size)
    acts.forEach((act, at) => {
      const receipt = receipts[at]
      assert(receipt, 'each act has its receipt')
      act.resolve(receipt)
    })
  }

  /** Gives the entry its index and its place in the tree. */
  #compose({ kind, exchange = null, facts }: NewEntry, writes: Write[]): number {
    const index = this.#tree.size
    const at = instant(this.#options.clock.nowMs())
    const bytes = canonicalBytes({ index, at, kind, exchange, facts, previous: this.#last })
    const leaf = leafHash(bytes)
    this.#tree.append(leaf)
    this.#last = base64(leaf)
    writes.push({ put: logKeys.entry(index), value: bytes })
    if (exchange) writes.push({ put: logKeys.of(exchange, index), value: new Uint8Array() })
    return index
  }

  /** Whether a write may go in: a partner's checkpoint never gives way to a smaller one that was overtaken on the way here. */
  #grows(write: Write, sizes: Map<string, number>): boolean {
    if (!('put' in write) || !/^log\/(?:seen|cosigned)\//.test(write.put)) return true
    const { size } = write.put.startsWith('log/seen/') ? readAs(write.put, write.value, Seen) : readAs(write.put, write.value, Cosigned)
    if ((sizes.get(write.put) ?? this.#sizes.get(write.put) ?? -1) > size) return false
    sizes.set(write.put, size)
    return true
  }

  /** After this nothing is recorded, so nothing is released. */
  #refuse(group: readonly Act[], cause: unknown): void {
    this.#refusal = cause instanceof TrustError ? cause : new TrustError('DFFT_STORE', 'the log could not be written', {}, { cause })
    for (const act of [...group, ...this.#queue.splice(0)]) act.reject(this.#refusal) // What was settled before stays as it is.
  }

  async #storedSeen(did: Did): Promise<Held | undefined> {
    const seen = await this.seen(did)
    return seen && { ...readCheckpoint(seen.note, { origin: originOf(did), publicKey: seen.publicKey }), note: seen.note }
  }

  #holdPartner(did: Did, checkpoint: Held): void {
    this.#partners.delete(did)
    this.#partners.set(did, checkpoint)
    const [oldest] = this.#partners.keys()
    if (this.#partners.size > partnersMax && oldest) this.#partners.delete(oldest)
  }

  async #keepFork(
    did: Did,
    found: { readonly seen: Held; readonly checkpoint: SignedCheckpoint; readonly proven: boolean; readonly offer: PartnerCheckpoint },
  ): Promise<TrustError> {
    const { seen, checkpoint, proven, offer } = found
    const facts = { partner: did, seenSize: seen.size, offeredSize: checkpoint.size, proven }
    const error = new TrustError('DFFT_LOG_FORK', 'the partner’s log does not extend what was seen of it', facts)
    const known = await this.forkOf(did)
    if (known && (known.proven || !proven)) return error // One proof is enough; more would let a partner fill our disk.
    const value = canonicalBytes({ held: seen.note, offered: offer.note, publicKey: offer.publicKey, proven } satisfies Fork)
    const entry = { kind: 'partner-log-forked', facts: { ...facts, seen: digest(seen.note), offered: digest(offer.note) } }
    await this.append([entry], [{ put: logKeys.forkOf(did), value }])
    return error
  }
}

function readEntries(entries: readonly NewEntry[]): readonly NewEntry[] {
  assert(entries.length > 0, 'an act has an entry')
  if (entries.length > entriesPerActMax) throw new TrustError('DFFT_LIMIT', 'an act has too many entries', { entries: entries.length })
  return entries.map((entry) => {
    const read = parse(entry, NewEntry)
    const bytes = canonicalBytes(read).length
    if (bytes > entryBytesMax) throw new TrustError('DFFT_LIMIT', `an entry is longer than ${entryBytesMax} bytes`, { bytes })
    return read
  })
}

/** Only what `rememberPartner`, `rememberCosignature` and a found fork make may be written under `log/`. */
function assertNotOurs(write: Write): void {
  const key = 'put' in write ? write.put : write.del
  assert(!key.startsWith('log/') || ('put' in write && /^log\/(?:seen|cosigned|fork)\//.test(key)), 'the log writes its own records')
}
