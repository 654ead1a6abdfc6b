/**
 * A signed word on a participant: where it belongs, in which sector, how well it is known, what it may issue, ask for and pass on.
 *
 * The chain that it makes is that of EBSI's trusted issuers (root, accrediting organisations, issuers) and of W3C "VC for Recognized
 * Entities" (`recognizedTo`, `recognizedIn`): whoever accredits passes on what it has itself, and no more.
 */
import { z } from 'zod'
import { digestOf, frozen } from '../canonical.ts'
import { Did, Digest, Instant, Jurisdiction } from '../ids.ts'
import { Proof, Proofs, statementDigest } from './proof.ts'

/** The levels of Regulation (EU) No 910/2014, Article 8, lowest first. */
export const assuranceLevels = ['low', 'substantial', 'high'] as const
export const Assurance = z.enum(assuranceLevels)
export type Assurance = z.infer<typeof Assurance>

export const DocumentId = z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
export type DocumentId = z.infer<typeof DocumentId>

export const CredentialTypeName = z.string().max(128)
const term = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/)
const anyOf = <Of extends z.ZodType>(of: Of) => z.union([z.literal('*'), z.array(of).min(1).max(64)])

/** What a participant may do, as X-Road grants it to a subsystem: one of its rights has to allow all of an exchange. */
export const Right = z.strictObject({
  act: z.enum(['request', 'provide']),
  credentials: anyOf(CredentialTypeName),
  purposes: anyOf(term),
  /** With whom: parties, or the jurisdictions they belong to. */
  counterparties: z.union([z.literal('*'), z.strictObject({ dids: z.array(Did).max(64), jurisdictions: z.array(Jurisdiction).max(64) })]),
})
export type Right = z.infer<typeof Right>

/** What the subject may let others do. */
export const Passes = z.strictObject({
  issues: z.array(CredentialTypeName).max(64),
  rights: z.array(Right).max(32),
  assurance: Assurance,
  /** How many accreditors may stand below the subject: with 0 those whom it accredits pass nothing on. */
  depth: z.number().int().min(0).max(3),
})
export type Passes = z.infer<typeof Passes>

/** What a participant has shown its anchor, and policies may ask for: words of their vocabulary. */
export const Shows = z.strictObject({
  certifications: z.array(term).max(32),
  /** Instruments under which data may be transferred to it. */
  transferTools: z.array(term).max(32),
  /** Documents by digest; who needs to read one asks for it elsewhere. */
  evidence: z.array(z.strictObject({ kind: term, document: Digest })).max(32),
})
export type Shows = z.infer<typeof Shows>

const said = {
  type: z.literal('Accreditation'),
  id: DocumentId,
  issuer: Did,
  subject: Did,
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  /** How well the accreditor knows the subject. */
  assurance: Assurance,
  validFrom: Instant,
  validUntil: Instant,
}

/** What partners of the previous version read: by an anchor itself, with every right, and of no age. */
export const Accreditation = z.strictObject({
  ...said,
  version: z.literal(1),
  id: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
  /** Credential types the subject may issue; none for most. */
  issues: z.array(CredentialTypeName).max(64),
  proof: Proof,
})
export type Accreditation = z.infer<typeof Accreditation>

export const AccreditationV2 = z.strictObject({
  ...said,
  version: z.literal(2),
  /** Of documents with this id the one with the highest serial counts, from its beginning on. */
  serial: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** The issuer's own accreditation, by which it may say this; null where the issuer is the anchor. */
  under: DocumentId.nullable(),
  /** Credential types the subject may issue, and since when without a break: what it issued before does not count. */
  issues: z.array(z.strictObject({ credential: CredentialTypeName, since: Instant })).max(64),
  rights: z.array(Right).max(32),
  passes: Passes.nullable(),
  /** An anchor's own word; nobody below it passes such a thing on. Absent where nothing was shown. */
  shows: Shows.optional(),
  proof: Proofs,
})
export type AccreditationV2 = z.infer<typeof AccreditationV2>

export const AnyAccreditation = z.discriminatedUnion('version', [Accreditation, AccreditationV2])
export type AnyAccreditation = z.infer<typeof AnyAccreditation>

/** By what both sides of an exchange name it: of version 1 with its proof, as partners of the previous version do. */
export function sourceOf(accreditation: AnyAccreditation): Digest {
  if (accreditation.version !== 1) return statementDigest(accreditation)
  const source = sources.get(accreditation) ?? digestOf(accreditation)
  if (frozen(accreditation)) sources.set(accreditation, source)
  return source
}

// As for statements: of what cannot change any more.
const sources = new WeakMap<AnyAccreditation, Digest>()

/** The names alone of what the subject may issue. */
export function typesIssued(accreditation: AnyAccreditation): readonly string[] {
  return accreditation.version === 1 ? accreditation.issues : accreditation.issues.map(({ credential }) => credential)
}
