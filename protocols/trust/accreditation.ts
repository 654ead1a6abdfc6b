/** An anchor's signed word on a participant: where it belongs, in which sector, how well it is known, what it may issue. */
import { z } from 'zod'
import { Did, Instant, Jurisdiction } from '../ids.ts'

/** W3C Data Integrity 1.0, cryptosuite eddsa-jcs-2022, closed. */
export const Proof = z.strictObject({
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.literal('eddsa-jcs-2022'),
  created: Instant,
  verificationMethod: z.string().max(2100),
  proofPurpose: z.literal('assertionMethod'),
  proofValue: z.string().max(256),
})

export const Assurance = z.enum(['low', 'substantial', 'high'])
export type Assurance = z.infer<typeof Assurance>

export const Accreditation = z.strictObject({
  type: z.literal('Accreditation'),
  version: z.literal(1),
  id: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
  issuer: Did,
  subject: Did,
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  /** How well the anchor knows the subject: the levels of Regulation (EU) No 910/2014, Article 8. */
  assurance: Assurance,
  /** Credential types the subject may issue; none for most. */
  issues: z.array(z.string().max(128)).max(64),
  validFrom: Instant,
  validUntil: Instant,
  proof: Proof,
})
export type Accreditation = z.infer<typeof Accreditation>
