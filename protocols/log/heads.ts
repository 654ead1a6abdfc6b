/**
 * What a node tells its partners of logs: its own newest checkpoint as partners co-signed it, the last one it saw of each partner's log,
 * and the forks that two signed notes prove. Every note certifies itself by its log's signature, so it does not matter who tells of it.
 *
 * The document is found by the digest of its canonical form, which a signed announcement of type `log-heads` names.
 */
import { z } from 'zod'
import { canonical } from '../canonical.ts'
import { TrustError } from '../errors.ts'
import { Did, type Digest, digest } from '../ids.ts'
import { NoteText, parseCheckpoint } from './checkpoint.ts'
import { cosignaturesMax, WitnessLine } from './issuance.ts'

/** The word in announcements. */
export const headsType = 'log-heads'
/** Partners' heads in one telling; who has more partners tells of all of them in turn. */
export const headsMax = 64
/** Forks in one telling: one is the end of somebody's good name. */
export const forksMax = 8

export const LogHeads = z.strictObject({
  type: z.literal('LogHeads'),
  version: z.literal(1),
  /** Who tells. */
  by: Did,
  own: z.strictObject({ note: NoteText, cosignatures: z.array(WitnessLine).max(cosignaturesMax) }),
  /** One a log. */
  seen: z.array(NoteText).max(headsMax),
  /** Two notes of one log, of one size, with two roots. */
  forks: z.array(z.strictObject({ held: NoteText, offered: NoteText })).max(forksMax),
})
export type LogHeads = z.infer<typeof LogHeads>

export function headsDigest(heads: LogHeads): Digest {
  return digest(canonical(heads))
}

/** The notes that a telling is about, one a log. @throws {TrustError} DFFT_CHECKPOINT for a malformed note, or two of one log */
export function notesOf({ own, seen }: LogHeads): readonly string[] {
  const notes = [own.note, ...seen]
  if (new Set(notes.map((note) => parseCheckpoint(note).origin)).size !== notes.length)
    throw new TrustError('DFFT_CHECKPOINT', 'a telling has two checkpoints of one log', { notes: notes.length })
  return notes
}
