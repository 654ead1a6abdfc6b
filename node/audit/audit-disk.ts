/**
 * The audit log as it lies in the store, read whole and checked: what audit.ts does when it is asked to verify, and when it opens and
 * something is amiss (audit-open.ts).
 *
 * One scan sees one moment. The engine below may lose records without a word, so count, order, chain, root and index are
 * compared with one another, and what partners signed with all of it.
 */
import { strict as assert } from 'node:assert'
import { z } from 'zod'
import type { Store } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, ExchangeId, Instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { PublicJwk, thumbprint } from '#protocols/keys.ts'
import { NoteLine, NoteText, originOf, readCheckpoint, readCheckpointOfAny, rootDigest, verifyCosignature } from '#protocols/log/checkpoint.ts'
import { base64, firstPrevious, type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree, type Overflow } from '#protocols/log/merkle.ts'

const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)
const size = z.number().int().min(0)

/** `log/head`: written with every batch. `last` is the leaf hash of the last entry. */
export const Head = z.strictObject({ size, root: hash, last: hash })
/**
 * `log/seen/<did>`: the largest consistent checkpoint of a partner's log. `ours` says since when it is known here: our own
 * cosignature of the first time, with the key of that time; records of older versions have none.
 */
export const Seen = z.strictObject({ size, note: NoteText, publicKey: PublicJwk, ours: z.strictObject({ line: NoteLine, publicKey: PublicJwk }).optional() })
export type Seen = z.infer<typeof Seen>
/** `log/cosigned/<did>`: the largest checkpoint of ours that a partner co-signed. */
export const Cosigned = z.strictObject({ size, note: NoteText, cosignature: NoteLine, publicKey: PublicJwk })
export type Cosigned = z.infer<typeof Cosigned>
/** `log/fork/<did>`: two notes of a partner, or of our own log, that do not follow from one another. */
export const Fork = z.strictObject({
  held: NoteText,
  offered: NoteText,
  /** Signed `offered`. */
  publicKey: PublicJwk,
  /** Signed `held`, where the partner's key was another one then. */
  heldKey: PublicJwk.optional(),
  /** The two notes say it by themselves. Else the log's owner could not, or would not, prove the one from the other. */
  proven: z.boolean(),
  /** What came in place of a proof, the first and the last time, and how often; records of older versions do not say. */
  answer: z.enum(['false-proof', 'refused']).optional(),
  code: z.string().max(64).optional(),
  failures: size.optional(),
  firstAt: Instant.optional(),
  lastAt: Instant.optional(),
  /** Who told of `offered`, where it was not the log's owner. */
  by: Did.optional(),
})
export type Fork = z.infer<typeof Fork>

/** Sixteen digits hold every index that a number can count, in order. */
export function padded(index: number): string {
  return String(index).padStart(16, '0')
}

export const logKeys = {
  all: { from: 'log/', to: 'log0' },
  head: 'log/head',
  entries: { from: 'log/entry/', to: 'log/entry0' },
  cosigned: { from: 'log/cosigned/', to: 'log/cosigned0' },
  seen: { from: 'log/seen/', to: 'log/seen0' },
  forks: { from: 'log/fork/', to: 'log/fork0' },
  entry: (index: number) => `log/entry/${padded(index)}`,
  of: (exchange: ExchangeId, index: number) => `log/of/${exchange}/${padded(index)}`,
  ofExchange: (exchange: ExchangeId) => ({ from: `log/of/${exchange}/`, to: `log/of/${exchange}0` }),
  seenOf: (did: Did) => `log/seen/${did}`,
  cosignedBy: (did: Did) => `log/cosigned/${did}`,
  forkOf: (did: Did) => `log/fork/${did}`,
}

export interface LogOnDisk {
  readonly tree: MerkleTree
  /** Leaf hash of the last entry in base64, or what stands for it in an empty log. */
  readonly last: string
  /** Sizes of the checkpoints under `log/seen/` and `log/cosigned/`, by key. */
  readonly sizes: ReadonlyMap<string, number>
}

/** Whose log it is, and the keys that signed its checkpoints, now and before. */
export interface OwnLog {
  readonly did: Did
  readonly publicKeys: readonly PublicJwk[]
}

/**
 * @param overflow for the tree, which is then all that writes there
 * @throws {TrustError} DFFT_LOG_CORRUPT naming the first bad record; DFFT_LOG_FORK when the log does not extend a
 *   checkpoint of its own that a partner co-signed; DFFT_STORE
 */
export async function readLog(store: Store, log: OwnLog, overflow?: Overflow): Promise<LogOnDisk> {
  const reader = new LogReader(log, overflow)
  for await (const [key, value] of store.scan(logKeys.all)) reader.record(key, value)
  return reader.finish()
}

/** Takes the records in the order of their keys: cosigned, entry, fork, head, of, seen. */
class LogReader {
  readonly #partners: PartnerRecords
  readonly #tree: MerkleTree
  #last: string
  /** An entry whose `previous` is not the leaf hash of the entry before it: one of the two is bad, the next record tells which. */
  #suspect: number | undefined
  #headRead = false
  /** Entries of exchanges that the index has not named yet. */
  readonly #unindexed = new Map<number, ExchangeId>()

  constructor(log: OwnLog, overflow: Overflow | undefined) {
    this.#tree = new MerkleTree(overflow)
    this.#partners = new PartnerRecords(log)
    this.#last = firstPrevious(originOf(log.did))
  }

  record(key: string, value: Uint8Array): void {
    if (key.startsWith('log/entry/')) this.#entry(key, value)
    else if (key === logKeys.head) this.#checkHead(readAs(key, value, Head))
    else if (key.startsWith('log/of/')) this.#indexed(key, value)
    else this.#partners.record(key, value)
  }

  finish(): LogOnDisk {
    if (!this.#headRead && (this.#tree.size > 0 || this.#partners.cosigned > 0)) throw corrupt(logKeys.head, 'is missing')
    for (const [index, exchange] of this.#unindexed) throw corrupt(logKeys.of(exchange, index), 'is missing')
    return { tree: this.#tree, last: this.#last, sizes: this.#partners.finish(this.#tree) }
  }

  #entry(key: string, value: Uint8Array): void {
    const index = this.#tree.size
    if (key !== logKeys.entry(index)) throw corrupt(logKeys.entry(index), key < logKeys.entry(index) ? `is preceded by \`${key}\`` : 'is missing')
    const entry = readEntryOf(key, value)
    if (entry.index !== index) throw corrupt(key, `says it is entry ${entry.index}`)
    this.#checkLink(entry.previous, index)
    this.#last = base64(leafHash(value))
    this.#tree.append(Buffer.from(this.#last, 'base64'))
    if (entry.exchange) this.#unindexed.set(index, entry.exchange)
  }

  /** @param index of the record that claims `previous`: an entry, or after the last one the head */
  #checkLink(previous: string, index: number): void {
    const holds = previous === this.#last
    if (this.#suspect !== undefined) throw corrupt(logKeys.entry(holds ? this.#suspect - 1 : this.#suspect), 'was changed')
    if (holds) return
    if (index === 0) throw corrupt(logKeys.entry(0), 'was changed, or is of the log of another DID')
    this.#suspect = index
  }

  /** The head comes after the last entry. */
  #checkHead(head: z.infer<typeof Head>): void {
    const count = this.#tree.size
    if (head.size > count) throw corrupt(logKeys.entry(count), 'is missing')
    if (head.size < count) throw corrupt(logKeys.entry(head.size), 'was added')
    const rootHolds = head.root === base64(this.#tree.root())
    if (this.#suspect !== undefined) this.#checkLink(head.last, count)
    if (head.last !== this.#last) throw corrupt(rootHolds || count === 0 ? logKeys.head : logKeys.entry(count - 1), 'was changed')
    if (!rootHolds) throw corrupt(logKeys.head, 'was changed, or all entries were')
    this.#headRead = true
  }

  #indexed(key: string, value: Uint8Array): void {
    const [, exchange = '', digits = ''] = /^log\/of\/([0-9a-f]{32})\/(\d{16})$/.exec(key) ?? []
    const index = Number(digits)
    if (digits === '' || value.length > 0 || this.#unindexed.get(index) !== exchange) throw corrupt(key, 'names no entry of that exchange')
    this.#unindexed.delete(index)
  }
}

/**
 * What partners signed, and what we signed of theirs: records beside the entries. Each certifies itself; that a fork was found here, an entry
 * says, which is looked for when the record is asked for.
 */
export class PartnerRecords {
  readonly #log: OwnLog
  readonly #cosigned: (readonly [key: string, Cosigned])[] = []
  readonly #sizes = new Map<string, number>()

  constructor(log: OwnLog) {
    this.#log = log
  }

  /** @throws {TrustError} DFFT_LOG_CORRUPT */
  record(key: string, value: Uint8Array): void {
    if (key.startsWith('log/cosigned/')) this.#cosigned.push([key, readAs(key, value, Cosigned)])
    else if (key.startsWith('log/seen/')) this.#seen(key, value)
    else if (key.startsWith('log/fork/')) readFork(key, value, this.#log)
    else throw corrupt(key, 'does not belong to the log')
  }

  get cosigned(): number {
    return this.#cosigned.length
  }

  /** When the tree is whole. @throws {TrustError} DFFT_LOG_CORRUPT, DFFT_LOG_FORK */
  finish(tree: MerkleTree): ReadonlyMap<string, number> {
    for (const [key, cosigned] of this.#cosigned) this.#checkCosigned(key, cosigned, tree)
    return this.#sizes
  }

  #checkCosigned(key: string, { note, cosignature, publicKey, size }: Cosigned, tree: MerkleTree): void {
    const did = didOfKey(key, 'log/cosigned/')
    const checkpoint = checked(key, () => {
      const { checkpoint: signed } = readCheckpointOfAny(note, { origin: originOf(this.#log.did), publicKeys: this.#log.publicKeys })
      verifyCosignature(signed, cosignature, { name: originOf(did), publicKey })
      return signed
    })
    if (checkpoint.size !== size) throw corrupt(key, 'states another size than its note')
    checkExtends(tree, checkpoint)
    this.#sizes.set(key, size)
  }

  #seen(key: string, value: Uint8Array): void {
    const { note, publicKey, size, ours } = readAs(key, value, Seen)
    const did = didOfKey(key, 'log/seen/')
    const checkpoint = checked(key, () => {
      const signed = readCheckpoint(note, { origin: originOf(did), publicKey })
      if (ours) verifyCosignature(signed, ours.line, { name: originOf(this.#log.did), publicKey: ours.publicKey })
      return signed
    })
    if (checkpoint.size !== size) throw corrupt(key, 'states another size than its note')
    this.#sizes.set(key, size)
  }
}

/**
 * A fork with its signed proof: both notes are of that log, under the keys that the record names, and cannot both be of one history, or
 * were not shown to be. Of our own log the keys have to be ours.
 *
 * @throws {TrustError} DFFT_LOG_CORRUPT
 */
export function readFork(key: string, value: Uint8Array, own: OwnLog): Fork & { readonly did: Did } {
  const fork = readAs(key, value, Fork)
  const did = didOfKey(key, 'log/fork/')
  const [held, offered] = checked(key, () => {
    const of = (note: string, publicKey: PublicJwk) => readCheckpoint(note, { origin: originOf(did), publicKey })
    return [of(fork.held, fork.heldKey ?? fork.publicKey), of(fork.offered, fork.publicKey)] as const
  })
  const ours = did === own.did
  const stranger =
    ours && [fork.publicKey, fork.heldKey ?? fork.publicKey].some((one) => !own.publicKeys.some((known) => thumbprint(known) === thumbprint(one)))
  if (stranger) throw corrupt(key, 'has a note that is signed with no key of this log')
  const sameSize = held.size === offered.size
  if (sameSize && Buffer.compare(held.root, offered.root) === 0) throw corrupt(key, 'has two notes of one tree')
  // Of our own log we know which is ours; of a partner's, two sizes say nothing by themselves.
  if (fork.proven && !sameSize && !ours) throw corrupt(key, 'has two notes that prove nothing by themselves')
  return { ...fork, did }
}

/** @throws {TrustError} DFFT_LOG_FORK when the tree does not begin with the checkpoint's */
export function checkExtends(tree: MerkleTree, checkpoint: { readonly size: number; readonly root: Uint8Array }, size = tree.size): void {
  if (checkpoint.size > size) {
    throw new TrustError('DFFT_LOG_FORK', 'the log is shorter than a checkpoint it signed', { size, signed: checkpoint.size })
  }
  const root = tree.root(checkpoint.size)
  if (Buffer.compare(root, checkpoint.root) !== 0) {
    const facts = { size: checkpoint.size, signed: rootDigest(checkpoint.root), found: rootDigest(root) }
    throw new TrustError('DFFT_LOG_FORK', 'the log has another root than the checkpoint it signed', facts)
  }
}

/** A stored document that must be as we wrote it. @throws {TrustError} DFFT_LOG_CORRUPT */
export function readAs<Schema extends z.ZodType>(key: string, value: Uint8Array, schema: Schema): z.output<Schema> {
  return checked(key, () => {
    const record = parse(parseJson(value), schema)
    assert(canonical(record) === Buffer.from(value).toString(), 'a record is canonical')
    return record
  })
}

/** @throws {TrustError} DFFT_LOG_CORRUPT */
export function readEntryOf(key: string, value: Uint8Array): LogEntry {
  return checked(key, () => readEntry(value))
}

function didOfKey(key: string, prefix: string): Did {
  return checked(key, () => parse(key.slice(prefix.length), Did))
}

function checked<T>(key: string, check: () => T): T {
  try {
    return check()
  } catch (cause) {
    throw corrupt(key, 'cannot be what the node wrote', cause)
  }
}

export function corrupt(key: string, how: string, cause?: unknown): TrustError {
  return new TrustError('DFFT_LOG_CORRUPT', `the record \`${key.slice(0, 256)}\` ${how}`, { key: key.slice(0, 256) }, { cause })
}
