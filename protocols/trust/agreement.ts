/**
 * A recognition agreement: the memorandum between two anchors as signed data. In force when a quorum of each side has signed the same text,
 * from its beginning to its sunset, and as long as neither side suspends it.
 *
 * Recognition is no permit: whether anything may flow is for the policies of both sides.
 */
import { z } from 'zod'
import { Did, Digest, Instant, Jurisdiction } from '../ids.ts'
import { Assurance, CredentialTypeName, DocumentId } from './accreditation.ts'
import { serial, Words } from './anchor.ts'
import { Proofs } from './proof.ts'

const term = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/)

/** One direction: what issuers of `of` vouch for is recognised in `by`. */
export const Recognition = z.strictObject({
  of: Jurisdiction,
  by: Jurisdiction,
  credentials: z.array(CredentialTypeName).min(1).max(64),
  purposes: z.union([z.literal('*'), z.array(term).min(1).max(64)]),
  /** What their levels count as; null: not recognised. */
  assurance: z.strictObject({ low: Assurance.nullable(), substantial: Assurance.nullable(), high: Assurance.nullable() }),
  /** Issued before it, a credential is not recognised; null: of any age. */
  issuedFrom: Instant.nullable(),
})
export type Recognition = z.infer<typeof Recognition>

const Side = z.strictObject({ anchor: Did, jurisdictions: z.array(Jurisdiction).min(1).max(16) })

export const RecognitionAgreement = z
  .strictObject({
    type: z.literal('RecognitionAgreement'),
    version: z.literal(1),
    id: DocumentId,
    serial,
    /** Statement digest of the one it takes the place of. */
    previous: Digest.nullable(),
    title: Words,
    /** The text that people signed, if there is one. */
    memorandum: z.strictObject({ uri: z.string().max(512), digest: Digest }).nullable(),
    parties: z.tuple([Side, Side]),
    recognises: z.array(Recognition).min(1).max(32),
    /** Jurisdictions whose participants may speak to the nodes of the other side. */
    admits: z.array(Jurisdiction).max(32),
    validFrom: Instant,
    validUntil: Instant,
    proof: Proofs,
  })
  .refine(({ parties: [one, other] }) => one.anchor !== other.anchor, { path: ['parties'], message: 'both sides are the same anchor' })
  .refine(({ parties: [one, other] }) => !one.jurisdictions.some((place) => other.jurisdictions.includes(place)), {
    path: ['parties'],
    message: 'a jurisdiction is on both sides',
  })
  .refine(
    ({ parties: [one, other], recognises }) =>
      recognises.every(
        ({ of, by }) =>
          (one.jurisdictions.includes(of) && other.jurisdictions.includes(by)) || (other.jurisdictions.includes(of) && one.jurisdictions.includes(by)),
      ),
    { path: ['recognises'], message: 'a recognition is not from one side to the other' },
  )
  .refine(({ parties, admits }) => admits.every((place) => parties.some(({ jurisdictions }) => jurisdictions.includes(place))), {
    path: ['admits'],
    message: 'a jurisdiction belongs to neither side',
  })
export type RecognitionAgreement = z.infer<typeof RecognitionAgreement>
