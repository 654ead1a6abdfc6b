/**
 * Who speaks for a jurisdiction, by how many signatures, and how it keeps others informed.
 *
 * An operator pins the DID of an anchor once. From then on the anchor says itself who signs for it: each document is signed by the quorum of
 * the one before and, where signers change, by that of its own, so that nobody is made a signer who cannot sign (as roots follow one
 * another in The Update Framework 1.0, 6.1).
 */
import { z } from 'zod'
import { Did, Digest, Instant, Jurisdiction } from '../ids.ts'
import { Proofs } from './proof.ts'

export const serial = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
/** Words for people. */
export const Words = z.strictObject({ en: z.string().min(1).max(512), ja: z.string().min(1).max(512).optional() })
export type Words = z.infer<typeof Words>

export const TrustAnchor = z
  .strictObject({
    type: z.literal('TrustAnchor'),
    version: z.literal(1),
    anchor: Did,
    serial,
    /** Statement digest of the document before; null for the first. */
    previous: Digest.nullable(),
    jurisdictions: z.array(Jurisdiction).min(1).max(16),
    name: Words,
    signers: z.array(Did).min(1).max(16),
    quorum: z.number().int().min(1).max(16),
    /** How many accreditors may stand between the anchor and an issuer. */
    depth: z.number().int().min(0).max(4),
    /** The longest lives of its suspension heads, for nodes that are connected and for those on an island. Without a head nothing under the anchor counts. */
    freshness: z.strictObject({ connectedMinutes: z.number().int().min(1).max(10_080), islandHours: z.number().int().min(1).max(8760) }),
    /** Where it changes who signs: how long what the quorums before it signed goes on counting; a month where it is not said. 0: not at all. */
    graceHours: z.number().int().min(0).max(8760).optional(),
    validFrom: Instant,
    validUntil: Instant,
    proof: Proofs,
  })
  .refine(({ signers, quorum }) => quorum <= signers.length && new Set(signers).size === signers.length, {
    path: ['quorum'],
    message: 'more signatures than signers, or a signer named twice',
  })
export type TrustAnchor = z.infer<typeof TrustAnchor>

/** A week: each document has to be signed again within it, by people in two countries; no longer, since whoever left may sign new ones as well. */
export const graceHoursDefault = 168
