/** W3C Data Integrity 1.0 proofs as trust documents carry them: one, or a set, each over the same document. */
import { z } from 'zod'
import { digestOf } from '../canonical.ts'
import { type Digest, Instant } from '../ids.ts'

/** Cryptosuite eddsa-jcs-2022, closed. */
export const Proof = z.strictObject({
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.literal('eddsa-jcs-2022'),
  created: Instant,
  verificationMethod: z.string().max(2100),
  proofPurpose: z.literal('assertionMethod'),
  proofValue: z.string().max(256),
})

/** Those of two anchors with all their signers. */
export const proofsMax = 32
export const Proofs = z.union([Proof, z.array(Proof).min(1).max(proofsMax)])

/** Names what was said, whoever has signed it by now: a document and the same one with another signature are one. */
export function statementDigest(document: object): Digest {
  const { proof: _, ...said } = document as { readonly proof?: unknown }
  return digestOf(said)
}
