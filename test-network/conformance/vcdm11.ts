/**
 * As much of the Verifiable Credentials Data Model 1.1 as the public suites for proofs ask for: they sign and show credentials of it. The
 * product knows 2.0 only.
 */
import { z } from 'zod'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'

const contextV1 = 'https://www.w3.org/2018/credentials/v1'
/** Version 1.1 has no words for proofs of its own. */
const contextOfProofs = 'https://w3id.org/security/data-integrity/v2'

const url = z
  .string()
  .max(2048)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/)

const Model = z.looseObject({
  '@context': z.array(z.unknown()).min(1).max(16),
  id: url.optional(),
  type: z.array(z.string().max(2048)).refine((types) => types.includes('VerifiableCredential')),
  issuer: url.or(z.looseObject({ id: url })),
  issuanceDate: z.iso.datetime({ offset: true }),
  credentialSubject: z.looseObject({}),
})

export interface CredentialV1 extends JsonObject {
  readonly '@context': readonly Json[]
  readonly issuer: string | (JsonObject & { readonly id: string })
}

export function ofVersion11(document: JsonObject): boolean {
  return listOf(document['@context'] ?? null)[0] === contextV1
}

/** @throws {TrustError} DFFT_CREDENTIAL_SCHEMA */
export function checkCredentialV1(document: JsonObject): CredentialV1 {
  const { success, error } = Model.safeParse(document)
  if (!success) throw new TrustError('DFFT_CREDENTIAL_SCHEMA', `the document breaks the data model at \`/${error.issues[0]?.path.map(String).join('/')}\``)
  return document as CredentialV1 // The model has just said so.
}

export function issuerOfV1({ issuer }: CredentialV1): string {
  return isJsonObject(issuer) ? issuer.id : issuer
}

/** With the words for proofs, which whoever signs has to add. */
export function readyToSign(credential: CredentialV1): CredentialV1 {
  const contexts = credential['@context']
  return contexts.includes(contextOfProofs) ? credential : { ...credential, '@context': [...contexts, contextOfProofs] }
}
