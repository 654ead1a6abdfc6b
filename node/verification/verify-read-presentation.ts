/** A presentation of either format as the pipeline’s model. What is in it stays unread. */
import type { JsonObject } from '#protocols/credential/jws.ts'
import { dateClaim, keyIdOf, textClaim } from '#protocols/credential/jwt-claims.ts'
import { checkPresentation, listOf } from '#protocols/credential/vcdm.ts'
import { embeddedWithin, holderOf, presentationOf } from '#protocols/credential/vp-jwt.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, didOf } from '#protocols/ids.ts'
import type { Binding, Presented } from './verify-model.ts'
import { type RdfProofReader, signatureOf, signaturesIn } from './verify-signatures.ts'

/** @throws {TrustError} those of parseJws; DFFT_CREDENTIAL_FORMAT, DFFT_CREDENTIAL_SCHEMA, DFFT_LIMIT; DFFT_KEY_NOT_FOUND for a key that is not its holder’s */
export function readPresentationToken(text: string): Presented {
  const { jws, claims, presentation, holder } = presentationOf(text)
  const { keyId, did } = keyIdOf(jws, holder ?? didOf(jws.keyId ?? ''))
  const issuedAtMs = dateClaim(claims, 'iat')
  return {
    kind: 'presentation',
    format: 'vp+jwt',
    signatures: [signatureOf(jws, keyId, issuedAtMs)],
    unread: [],
    presenter: did,
    bindings: [{ nonce: textClaim(claims, 'nonce'), audiences: textsIn(claims.aud), issuedAtMs }],
    validFromMs: dateClaim(claims, 'nbf'),
    validUntilMs: dateClaim(claims, 'exp'),
    embedded: embeddedWithin(presentation),
  }
}

/** @throws {TrustError} as checkPresentation and signaturesIn; DFFT_LIMIT; DFFT_HOLDER_BINDING for a proof that is not its holder’s */
export async function readIntegrityPresentation(object: JsonObject, rdf: RdfProofReader | undefined): Promise<Presented> {
  const presentation = checkPresentation(object)
  const bindings: Binding[] = []
  const { signatures, unread } = await signaturesIn(presentation, 'authentication', rdf, ({ challenge, domain, createdMs }) =>
    bindings.push({ nonce: challenge, audiences: domain === null ? [] : listOf(domain), issuedAtMs: createdMs }),
  )
  const { success, data: presenter } = Did.safeParse(holderOf(presentation) ?? (signatures[0] ? didOf(signatures[0].keyId) : null))
  if (!success) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the holder is no DID, so nobody knows its keys')
  if (signatures.some(({ keyId }) => didOf(keyId) !== presenter))
    throw new TrustError('DFFT_HOLDER_BINDING', 'a proof is by another party than the holder', { holder: presenter.slice(0, 256) })
  const embedded = embeddedWithin(presentation)
  return { kind: 'presentation', format: 'data-integrity', signatures, unread, presenter, bindings, validFromMs: null, validUntilMs: null, embedded }
}

function textsIn(value: JsonObject[string] | undefined): readonly string[] {
  return listOf(value ?? []).filter((one) => typeof one === 'string')
}
