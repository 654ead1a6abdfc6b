/**
 * That entries stand in a node's audit log, as a file for a third party: the entries as they were hashed, checkpoints that the
 * log signed and partners co-signed, and the ways from the one to the other.
 *
 * Pure: which keys were whose at which time, the caller knows.
 */
import { z } from 'zod'
import { canonical } from '../canonical.ts'
import type { KeyEra } from '../did/document.ts'
import { TrustError } from '../errors.ts'
import { Did, type Digest } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { NoteText, originOf, ProofText, readCheckpointOfAny, readProof, refuseFork, rootDigest, type SignedCheckpoint } from './checkpoint.ts'
import { type LogEntry, readEntry } from './entry.ts'
import { cosignaturesMax, cosignedBy, EntryText, logKeysAt, WitnessLine } from './issuance.ts'
import { leafHash, verifyInclusion } from './merkle.ts'

/** Entries of one exchange; a long one has some twenty. */
export const provenEntriesMax = 64
/** One for each partner that co-signed another size than the rest. */
export const provenCheckpointsMax = 16
/** A proved log names its keys by its own words: the log's DID, and sixteen witnesses. */
const didsMax = 17

/** A did:webvh log proves itself, so it does not matter who hands it over; whether it is the newest, only others know. */
export const CarriedDid = z.strictObject({ did: Did, didLog: z.string().max(262_144), witnessProofs: z.string().max(65_536).optional() })
export type CarriedDid = z.infer<typeof CarriedDid>

export const AuditProof = z.strictObject({
  type: z.literal('AuditProof'),
  version: z.literal(1),
  log: Did,
  entries: z.array(EntryText).min(1).max(provenEntriesMax),
  checkpoints: z
    .array(
      z.strictObject({
        checkpoint: NoteText,
        /** One an entry, in their order: from its leaf to the root of this checkpoint. */
        proofs: z.array(ProofText).min(1).max(provenEntriesMax),
        /** None: nobody but the log itself says so. */
        cosignatures: z.array(WitnessLine).max(cosignaturesMax),
      }),
    )
    .min(1)
    .max(provenCheckpointsMax),
  dids: z.array(CarriedDid).max(didsMax),
})
export type AuditProof = z.infer<typeof AuditProof>

export interface Witnessed {
  readonly by: Did
  /** When it signed, in milliseconds of whole seconds; null where none of its keys is known, and so nothing was checked. */
  readonly atMs: number | null
  /** With which of its keys; null as above. */
  readonly publicKey: PublicJwk | null
}

export interface ProvenCheckpoint {
  readonly size: number
  readonly root: Digest
  readonly witnesses: readonly Witnessed[]
}

export interface ProvenEntries {
  readonly entries: readonly LogEntry[]
  readonly checkpoints: readonly ProvenCheckpoint[]
}

/**
 * That all of it is what it says. Whose word counts, the caller decides: a file can bring witnesses that nobody knows.
 *
 * @param keysOf past and present keys of a DID; undefined where they cannot be had
 * @throws {TrustError} DFFT_CHECKPOINT when a checkpoint or cosignature is malformed, of another log, or by none of the known keys;
 *   DFFT_LOG_PROOF when an entry is not in the tree of a checkpoint; DFFT_LOG_FORK when the log signed two roots of one size; DFFT_DID_NOT_FOUND when the log's own keys are not known;
 *   DFFT_SCHEMA, DFFT_JSON_* of an entry
 */
export function verifyAuditProof(proof: AuditProof, keysOf: (did: Did) => readonly KeyEra[] | undefined): ProvenEntries {
  const { log } = proof
  const keys = keysOf(log)
  if (!keys) throw new TrustError('DFFT_DID_NOT_FOUND', `the keys of the log’s owner \`${log}\` are not known`, { did: log })
  const publicKeys = logKeysAt(keys, null)
  const entries = proof.entries.map(entryOf)
  checkTwice(entries.map(({ index }) => index))
  const checked = proof.checkpoints.map(({ checkpoint: note, proofs, cosignatures }) => {
    const { checkpoint } = readCheckpointOfAny(note, { origin: originOf(log), publicKeys })
    if (proofs.length !== entries.length) throw notProven('a checkpoint has not one proof for each entry', { proofs: proofs.length })
    proof.entries.forEach((text, at) => {
      checkIncluded(text, entries[at]?.index ?? -1, checkpoint, proofs[at] ?? [])
    })
    checkTwice(cosignatures.map(({ by }) => by))
    return { tree: checkpoint, witnesses: cosignatures.map((line) => witnessOf(log, checkpoint, line, keysOf)) }
  })
  refuseFork(checked.map(({ tree }) => tree))
  return { entries, checkpoints: checked.map(({ tree: { size, root }, witnesses }) => ({ size, root: rootDigest(root), witnesses })) }
}

function entryOf(text: string): LogEntry {
  const entry = readEntry(Buffer.from(text))
  if (canonical(entry) !== text) throw notProven('an entry is not canonical', { index: entry.index })
  return entry
}

function checkIncluded(text: string, index: number, { size, root }: SignedCheckpoint, proof: ProofText): void {
  if (!verifyInclusion({ leaf: leafHash(Buffer.from(text)), index, size, root, proof: readProof(proof) }))
    throw notProven('an entry is not in the tree of the checkpoint', { index, size })
}

function witnessOf(log: Did, checkpoint: SignedCheckpoint, { by, line }: WitnessLine, keysOf: (did: Did) => readonly KeyEra[] | undefined): Witnessed {
  if (by === log) throw new TrustError('DFFT_CHECKPOINT', 'a log is no witness of itself', { witness: by })
  if (!line.startsWith(`\u2014 ${originOf(by)} `)) throw new TrustError('DFFT_CHECKPOINT', 'the cosignature is of another witness', { witness: by })
  const keys = keysOf(by)
  if (!keys) return { by, atMs: null, publicKey: null }
  const signed = cosignedBy(by, checkpoint, line, keys)
  if (!signed) throw new TrustError('DFFT_CHECKPOINT', 'the cosignature is by no key of the witness at that time', { witness: by })
  return { by, ...signed }
}

/** Counting one thing twice is how a file says more than it proves. */
function checkTwice(names: readonly (string | number)[]): void {
  if (new Set(names).size !== names.length) throw notProven('the file names something twice', { names: names.length })
}

function notProven(message: string, facts: Record<string, number>): TrustError {
  return new TrustError('DFFT_LOG_PROOF', message, facts)
}
