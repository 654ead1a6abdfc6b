/** The company's certificate of the commercial register, put into a business registration as evidence, or there already: of that company, and in force. */
import type { JsonObject } from '#protocols/credential/jws.ts'
import { BusinessRegistration } from '#protocols/credential-types/business-registration/schema.ts'
import { TrustError } from '#protocols/errors.ts'
import { bindRegistryEvidence, registryEvidence } from '#protocols/registry-certificate.ts'

/**
 * @param certificate DER in base64
 * @throws {TrustError} DFFT_REGISTRY_CERTIFICATE, DFFT_USAGE where the claims have one already
 */
export function withCertificate(claims: JsonObject, certificate: string | undefined, nowMs: number): JsonObject {
  if (certificate === undefined && !Object.hasOwn(claims, 'registryCertificate')) return claims
  if (certificate !== undefined && Object.hasOwn(claims, 'registryCertificate'))
    throw new TrustError('DFFT_USAGE', 'the claims have a certificate already, and another is named beside them')
  const bound = certificate === undefined ? claims : { ...claims, registryCertificate: { ...registryEvidence(Buffer.from(certificate, 'base64')) } }
  const registration = BusinessRegistration.safeParse(bound)
  // Claims of another shape are refused by the schema of their type, which is asked next.
  if (registration.success) bindRegistryEvidence(registration.data, nowMs)
  return bound
}
