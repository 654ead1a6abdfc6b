/**
 * One entry of a node's audit log: the leaf of its Merkle tree, as canonical JSON.
 *
 * It says that something happened and by which digests it can be recognised, never what was in it: a value has no spaces and
 * only printable ASCII, so that a name, an address or a sentence does not get in by mistake.
 */
import { z } from 'zod'
import { read } from '../channel.ts'
import { ExchangeId, Instant } from '../ids.ts'
import { leafHash } from './merkle.ts'

/** Digests, codes, Dids, ids. The longest Did has 1,024 characters. */
const Value = z
  .string()
  .max(2100)
  .regex(/^[\x21-\x7e]*$/)
const Fact = z.union([Value, z.number(), z.boolean(), z.null(), z.array(Value).max(64)])

export const EntryFacts = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/), Fact)
export type EntryFacts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

const kind = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/)

/** What a module asks the log to record. */
export const NewEntry = z.strictObject({ kind, exchange: ExchangeId.nullish(), facts: EntryFacts })
export interface NewEntry {
  readonly kind: string
  readonly exchange?: ExchangeId | null | undefined
  readonly facts: EntryFacts
}

export const LogEntry = z.strictObject({
  /** From 0, without holes. */
  index: z.number().int().min(0),
  at: Instant,
  kind,
  exchange: ExchangeId.nullable(),
  facts: EntryFacts,
  /** Leaf hash of the entry before, in base64; of the first one, the leaf hash of the log's origin. */
  previous: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
})
export type LogEntry = z.infer<typeof LogEntry>

/** A released document with 64 obligations fits several times over. */
export const entryBytesMax = 16_384

/** @throws {TrustError} DFFT_SCHEMA, DFFT_JSON_*, DFFT_NOT_UTF8 */
export function readEntry(bytes: Uint8Array): LogEntry {
  return read(bytes, LogEntry)
}

/** `previous` of the first entry: a log moved under another Did does not begin right. */
export function firstPrevious(origin: string): string {
  return base64(leafHash(Buffer.from(origin)))
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
