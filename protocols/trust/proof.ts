/** W3C Data Integrity 1.0 proofs as trust documents carry them: one, or a set, each over the same document. */
import { z } from 'zod'
import { digestOf, frozen } from '../canonical.ts'
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
  const known = statements.get(document)
  if (known !== undefined) return known
  const { proof: _, ...said } = document as { readonly proof?: unknown }
  const made = digestOf(said)
  if (frozen(document)) statements.set(document, made)
  return made
}

// Of documents that cannot change any more, as those are that were part of a signed message; each is asked for several times there.
const statements = new WeakMap<object, Digest>()
