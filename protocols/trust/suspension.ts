/**
 * What an anchor has stopped, as a signed head with a short life over a list: whoever withholds a suspension has to withhold the head, and
 * a head that is not renewed is noticed.
 */
import { z } from 'zod'
import { Did, Digest, Instant } from '../ids.ts'
import { CredentialTypeName, DocumentId } from './accreditation.ts'
import { serial, Words } from './anchor.ts'
import { Proofs } from './proof.ts'

/** Whose document an id names, since two authors may choose one: those among who speaks in it. Left out: whoever gave the id. */
const authors = z.array(Did).min(1).max(2).optional()

/** `credentials`: of an issuer these types only; null: whatever it does. */
export const Stopped = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('participant'), did: Did, credentials: z.array(CredentialTypeName).min(1).max(64).nullable() }),
  z.strictObject({ kind: z.literal('accreditation'), id: DocumentId, authors }),
  z.strictObject({ kind: z.literal('agreement'), id: DocumentId, authors }),
])
export type Stopped = z.infer<typeof Stopped>

export const SuspensionEntry = z.strictObject({ id: DocumentId, stops: Stopped, since: Instant, by: Did, reason: Words })
export type SuspensionEntry = z.infer<typeof SuspensionEntry>

/** With the longest reasons it still fits a frame at some five hundred, with plain ones at all of them. */
export const suspensionsMax = 2000

export const SuspensionHead = z.strictObject({
  type: z.literal('SuspensionHead'),
  version: z.literal(1),
  anchor: Did,
  serial,
  at: Instant,
  /** From here on a node that is connected relies on nothing under the anchor until it hears a newer head; one on an island goes on until the second. */
  validUntil: Instant,
  islandUntil: Instant,
  /** All that is stopped at this moment. Entries are added by one signer; one that is gone takes the quorum, or who made it. */
  entries: z.array(SuspensionEntry).max(suspensionsMax),
  proof: Proofs,
})
export type SuspensionHead = z.infer<typeof SuspensionHead>

/** To a participant whose state conflicts with the framework: what an anchor asks it to mend. Shown and recorded; it stops nothing. */
export const Advisory = z.strictObject({
  type: z.literal('Advisory'),
  version: z.literal(1),
  id: DocumentId,
  anchor: Did,
  to: Did,
  /** The document that conflicts, if there is one. */
  about: Digest.nullable(),
  text: Words,
  at: Instant,
  answerBy: Instant.nullable(),
  proof: Proofs,
})
export type Advisory = z.infer<typeof Advisory>
