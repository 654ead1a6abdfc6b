/** A trust document as a node keeps it, and under which key of its Store. */
import { signersIn } from '#node/policy/policy-signatures.ts'
import { joined, proofsOf } from '#node/policy/shelved.ts'
import type { Write } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import { canonical } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Digest, Instant, Jurisdiction } from '#protocols/ids.ts'
import { lineOf, serialIn, TrustDocument } from '#protocols/trust/document.ts'
import { proofsMax, statementDigest } from '#protocols/trust/proof.ts'
import { factsOf, type Signed } from './trust-line.ts'

/** Which DID speaks for which jurisdictions, by the operator’s word. */
export interface Pin {
  readonly did: Did
  readonly name: string | null
  readonly jurisdictions: readonly Jurisdiction[]
  readonly fingerprint: string
  readonly addedAt: Instant
  /** What is under it is recognised here without an agreement. */
  readonly withoutAgreement?: boolean
}

export const documentKeys = {
  pins: 'trust/root/',
  accepted: 'trust/document/',
  proposed: 'trust/proposed/',
  /** Where accreditations were kept before there were other documents. */
  former: 'trust/accreditation/',
} as const

export function acceptedKeyOf(document: TrustDocument, digest: Digest): string {
  return `${documentKeys.accepted}${lineOf(document)}/${String(serialIn(document)).padStart(16, '0')}/${digest}`
}

export function proposalKeyOf(digest: Digest): string {
  return `${documentKeys.proposed}${digest}`
}

export function acceptedWrite({ document, digest }: Signed): Write {
  return putJson(acceptedKeyOf(document, digest), document)
}

export function proposalWrite({ document, digest }: Signed): Write {
  return putJson(proposalKeyOf(digest), document)
}

export function deletionsOf({ document, digest }: Signed): readonly Write[] {
  const former = document.type === 'Accreditation' && document.version === 1 ? [{ del: `${documentKeys.former}${document.subject}/${digest}` }] : []
  return [{ del: acceptedKeyOf(document, digest) }, ...former]
}

/** Of a document that was kept: its signatures were counted then. */
export function asKept(document: TrustDocument): Signed {
  return { document, digest: statementDigest(document), by: new Set(signersIn(asJson(document))) }
}

export function asJson(document: TrustDocument): JsonObject {
  return document as unknown as JsonObject // What a schema of plain members let through is JSON.
}

export function asDocument<Document extends TrustDocument>(document: JsonObject, _like: Document): Document {
  return document as unknown as Document // The same members with other proofs.
}

/** Stands where signatures will: a document is read before anybody signs it. */
const noProof = {
  type: 'DataIntegrityProof',
  cryptosuite: 'eddsa-jcs-2022',
  created: '1970-01-01T00:00:00Z',
  verificationMethod: 'did:key:nobody',
  proofPurpose: 'assertionMethod',
  proofValue: 'z',
}

/** As far as it is signed. @throws {TrustError} DFFT_SCHEMA */
export function readUnsigned(document: object): TrustDocument {
  const unsigned = (document as { readonly proof?: unknown }).proof === undefined
  const read = parse(unsigned ? { ...document, proof: noProof } : document, TrustDocument)
  const { proof: _, ...said } = read
  return (unsigned ? said : read) as TrustDocument // What is without a proof goes to nobody but a signer.
}

export function moreSigned(known: TrustDocument, document: TrustDocument): boolean {
  const proofs = new Set(proofsOf(asJson(known)).map(canonical))
  return proofsOf(asJson(document)).some((proof) => !proofs.has(canonical(proof)))
}

export function sameProofs(one: TrustDocument, other: TrustDocument): boolean {
  return !moreSigned(one, other) && !moreSigned(other, one)
}

/** The same statement with the signatures of both. @throws {TrustError} DFFT_LIMIT */
export function together<Document extends TrustDocument>(known: TrustDocument, newer: Document): Document {
  const document = joined(asJson(known), asJson(newer))
  const proofs = proofsOf(document).length
  if (proofs > proofsMax) throw new TrustError('DFFT_LIMIT', 'the document has more signatures than it can carry', { ...factsOf(newer), proofs, proofsMax })
  return asDocument(document, newer)
}
