/**
 * vp+jwt: a presentation of enveloped credentials, bound to one nonce and one audience (W3C VC-JOSE-COSE, 3.1.2).
 *
 * Reading reads the embedded credentials too: whoever verifies a presentation verifies each of them the way
 * it would verify it alone, and `verifyVpJwt` for the presenter.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import type { Signer, VerifyKey } from '#protocols/keys.ts'
import { thumbprint } from '#protocols/keys.ts'
import { claimsOf, isJsonObject, type JsonObject, type Jws, parseJws, requireType, signJws, verifyJws } from './jws.ts'
import { dateClaim, keyIdOf, numericDate, requiredDate, requiredText, textClaim } from './jwt-claims.ts'
import { type BindingExpectation, checkBinding } from './key-binding.ts'
import { type ReadCredential, readCredential } from './read-credential.ts'
import { checkClaims, requireContent } from './vc-jwt.ts'
import { checkPresentation, contextV2, embeddedIn, enveloped, listOf, type Presentation } from './vcdm.ts'

/** As many as a frame of 1 MiB can carry with room to spare. */
const credentialsMax = 64

export interface VpContent {
  /** Compact vc+jwt, or SD-JWTs narrowed to what may be shown. */
  readonly credentials: readonly string[]
  readonly nonce: string
  readonly audience: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly id?: string
}

export interface VpJwtParts {
  readonly jws: Jws
  readonly presentation: Presentation
  /** What the envelopes hold, in their order; of whatever media type, which may be one that is not read here. */
  readonly embedded: readonly { readonly mediaType: string; readonly text: string }[]
}

export interface VpJwt {
  readonly format: 'vp+jwt'
  readonly jws: Jws
  readonly keyId: DidUrl
  readonly holder: Did
  readonly id: string | null
  readonly nonce: string
  readonly audience: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number | null
  readonly presentation: Presentation
  readonly credentials: readonly ReadCredential[]
}

/** @throws {TrustError} DFFT_LIMIT */
export async function issueVpJwt(content: VpContent, signer: Signer): Promise<string> {
  const { credentials, nonce, audience, issuedAtMs, expiresAtMs, id } = content
  if (credentials.length > credentialsMax) throw new TrustError('DFFT_LIMIT', 'too many credentials', { credentials: credentials.length, credentialsMax })
  const payload = {
    '@context': [contextV2],
    ...(id === undefined ? {} : { id }),
    type: ['VerifiablePresentation'],
    holder: didOf(signer.keyId),
    verifiableCredential: credentials.map(envelope),
    nonce,
    aud: audience,
    iat: numericDate(issuedAtMs),
    exp: numericDate(expiresAtMs),
  }
  return signJws({ typ: 'vp+jwt', cty: 'vp', kid: signer.keyId }, payload, signer)
}

/**
 * A presentation and its credentials, nothing of them believed.
 *
 * @throws {TrustError} as parseVpJwt, readVcJwt and readSdJwt; DFFT_HOLDER_BINDING when the holder named is not the signer
 */
export function readVpJwt(token: string): VpJwt {
  const { jws, presentation, embedded } = parseVpJwt(token)
  const holder = holderOf(presentation) ?? requiredText(presentation, 'iss')
  const { keyId, did } = keyIdOf(jws, holder)
  return {
    format: 'vp+jwt',
    jws,
    keyId,
    holder: did,
    id: textClaim(presentation, 'id'),
    nonce: requiredText(presentation, 'nonce'),
    audience: requiredText(presentation, 'aud'),
    issuedAtMs: requiredDate(presentation, 'iat'),
    expiresAtMs: dateClaim(presentation, 'exp'),
    presentation,
    credentials: embedded.map(readEmbedded),
  }
}

/**
 * A vp+jwt whose key is found in another way, or that is bound to nobody.
 *
 * @throws {TrustError} those of parseJws; DFFT_CREDENTIAL_FORMAT for another type of token, contradicting claims, or a credential
 *   that is not enveloped; DFFT_CREDENTIAL_SCHEMA; DFFT_LIMIT
 */
export function parseVpJwt(token: string): VpJwtParts {
  const { jws, presentation } = presentationOf(token)
  return { jws, presentation, embedded: embeddedWithin(presentation).map(opened) }
}

/**
 * The token alone, whatever stands in it.
 *
 * @returns as holder what the presentation names, else the claim `iss`, else null
 * @throws {TrustError} those of parseJws; DFFT_CREDENTIAL_FORMAT for another type of token or contradicting claims; DFFT_CREDENTIAL_SCHEMA
 */
export function presentationOf(token: string): {
  readonly jws: Jws
  readonly claims: JsonObject
  readonly presentation: Presentation
  readonly holder: string | null
} {
  const jws = parseJws(token)
  requireType(jws, 'vp+jwt')
  requireContent(jws, 'vp')
  const claims = claimsOf(jws)
  checkClaims(claims)
  const presentation = checkPresentation(claims)
  const holder = holderOf(presentation)
  const issuer = textClaim(claims, 'iss')
  if (issuer !== null && holder !== null && issuer !== holder) throw malformed('the claim `iss` contradicts the holder')
  return { jws, claims, presentation, holder: holder ?? issuer }
}

/** @throws {TrustError} DFFT_LIMIT */
export function embeddedWithin(presentation: Presentation): readonly JsonObject[] {
  const embedded = embeddedIn(presentation)
  if (embedded.length > credentialsMax) throw new TrustError('DFFT_LIMIT', 'too many credentials', { credentials: embedded.length, credentialsMax })
  return embedded
}

/**
 * Whether the presenter is who each credential is about, now and for us. The credentials themselves are verified apart.
 *
 * @param key of `vp.keyId`, named by the holder's DID for authentication
 * @throws {TrustError} DFFT_ALGORITHM, DFFT_SIGNATURE, DFFT_NONCE, DFFT_AUDIENCE, DFFT_EXPIRED, DFFT_NOT_YET_VALID, DFFT_HOLDER_BINDING
 */
export function verifyVpJwt(vp: VpJwt, key: VerifyKey, expected: BindingExpectation): void {
  verifyJws(vp.jws, key)
  checkBinding(vp, expected)
  if (vp.expiresAtMs !== null && expected.nowMs > vp.expiresAtMs + expected.skewMs) throw new TrustError('DFFT_EXPIRED', 'the presentation is past its end')
  for (const credential of vp.credentials) {
    if (!heldBy(credential, vp.holder, key)) throw new TrustError('DFFT_HOLDER_BINDING', 'a credential is about somebody else than its presenter')
  }
}

/** A credential that names nobody is nobody's, and binds to no presenter. */
function heldBy(credential: ReadCredential, holder: Did, key: VerifyKey): boolean {
  if (credential.format === 'dc+sd-jwt') {
    return credential.holderKey ? thumbprint(credential.holderKey) === thumbprint(key.jwk) : credential.subject === holder
  }
  return listOf(credential.credential.credentialSubject).every((subject) => isJsonObject(subject) && subject.id === holder)
}

function envelope(text: string): JsonObject {
  const mediaType = text.includes('~') ? 'dc+sd-jwt' : 'vc+jwt'
  return { '@context': contextV2, id: `data:application/${mediaType},${text}`, type: 'EnvelopedVerifiableCredential' }
}

/** A credential that is not enveloped has no proof that we read, so it is no part of what is presented. */
function opened(embedded: JsonObject): VpJwtParts['embedded'][number] {
  const [, mediaType, text] = /^data:application\/([a-z][a-z+-]{0,31}(?:;base64)?),(.+)$/s.exec(String(embedded.id)) ?? []
  if (!enveloped(embedded) || mediaType === undefined || text === undefined) throw malformed('a presentation carries credentials in envelopes only')
  return { mediaType, text }
}

function readEmbedded({ mediaType, text }: VpJwtParts['embedded'][number]): ReadCredential {
  if (mediaType !== 'vc+jwt' && mediaType !== 'dc+sd-jwt') throw malformed('an envelope holds a credential of a media type that is not read here')
  const credential = readCredential(text)
  if (credential.format !== mediaType) throw malformed('an envelope names another media type than its credential has')
  return credential
}

export function holderOf(presentation: Presentation): string | null {
  const { holder } = presentation
  return isJsonObject(holder) ? requiredText(holder, 'id') : textClaim(presentation, 'holder')
}

function malformed(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
