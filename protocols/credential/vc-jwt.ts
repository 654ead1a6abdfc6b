/**
 * vc+jwt: a VCDM 2.0 credential as the payload of a JWS (W3C VC-JOSE-COSE, 3.1).
 *
 * Reading believes nothing: the caller resolves `keyId` among the issuer's keys, calls `verifyJws(read.jws, key)`,
 * and checks time and status.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import type { Algorithm, Signer } from '#protocols/keys.ts'
import { claimsOf, encodedHeader, isJsonObject, type JsonObject, type Jws, parseJws, requireType, signUnderHeader } from './jws.ts'
import { dateClaim, keyIdOf, textClaim } from './jwt-claims.ts'
import { type Credential, checkCredential, issuerOf, listOf, validityOf } from './vcdm.ts'

export interface VcJwtParts {
  readonly jws: Jws
  readonly credential: Credential
  /** The later beginning and the earlier end of the credential's and the token's; null where neither has one. */
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
}

export interface VcJwt extends VcJwtParts {
  readonly format: 'vc+jwt'
  readonly keyId: DidUrl
  readonly issuer: Did
}

/**
 * @throws {TrustError} DFFT_CREDENTIAL_SCHEMA, also for a member at the top that nothing in the document defines;
 *   DFFT_KEY_NOT_FOUND when the signer is not the issuer
 */
export async function issueVcJwt(credential: JsonObject, signer: Signer): Promise<string> {
  const checked = checkCredential(credential)
  checkClaims(checked)
  checkMembers(checked)
  if (issuerOf(checked) !== didOf(signer.keyId)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the signer is not the issuer')
  return signUnderHeader(headerOf(signer), checked, signer)
}

/** A signer's header is the same until its key is another. */
const headers = new WeakMap<Signer, { readonly keyId: DidUrl; readonly algorithm: Algorithm; readonly encoded: string }>()

function headerOf(signer: Signer): string {
  const { keyId, algorithm } = signer
  const known = headers.get(signer)
  if (known?.keyId === keyId && known.algorithm === algorithm) return known.encoded
  const encoded = encodedHeader({ typ: 'vc+jwt', cty: 'vc', kid: keyId }, signer)
  headers.set(signer, { keyId, algorithm, encoded })
  return encoded
}

/** What VCDM 2.0, 4 defines at the top of a credential, and the claims that may stand beside them (VC-JOSE-COSE, 3.1.3). */
const members = new Set([
  ...['@context', 'id', 'type', 'name', 'description', 'issuer', 'validFrom', 'validUntil', 'credentialSubject', 'credentialStatus'],
  ...['credentialSchema', 'refreshService', 'termsOfUse', 'evidence', 'relatedResource', 'confidenceMethod', 'renderMethod'],
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'cnf', 'status'],
])

/** Others may issue what they like: contexts are never fetched, so a member of a remote one is a word that we could not answer for. */
function checkMembers(credential: Credential): void {
  const inline = credential['@context'].filter(isJsonObject)
  const unknown = Object.keys(credential).find((name) => !members.has(name) && !inline.some((context) => Object.hasOwn(context, name)))
  if (unknown === undefined) return
  throw new TrustError('DFFT_CREDENTIAL_SCHEMA', 'a member of the credential is defined nowhere', { path: unknown.slice(0, 256) })
}

/**
 * @throws {TrustError} as parseVcJwt, and DFFT_KEY_NOT_FOUND when `kid` is no key of the issuer's DID
 */
export function readVcJwt(token: string): VcJwt {
  const parts = parseVcJwt(token)
  const { keyId, did } = keyIdOf(parts.jws, issuerOf(parts.credential))
  return { ...parts, format: 'vc+jwt', keyId, issuer: did }
}

/**
 * A vc+jwt whose key is found in another way than by a DID URL in `kid`.
 *
 * @throws {TrustError} those of parseJws; DFFT_CREDENTIAL_FORMAT for another type of token or claims that contradict the credential;
 *   DFFT_CREDENTIAL_SCHEMA
 */
export function parseVcJwt(token: string): VcJwtParts {
  const jws = parseJws(token)
  requireType(jws, 'vc+jwt')
  requireContent(jws, 'vc')
  const claims = claimsOf(jws)
  checkClaims(claims)
  const credential = checkCredential(claims)
  checkAgreement(claims, credential)
  const { validFromMs, validUntilMs } = validityOf(credential)
  return {
    jws,
    credential,
    validFromMs: bound(Math.max, bound(Math.max, validFromMs, dateClaim(claims, 'nbf')), madeAt(claims)),
    validUntilMs: bound(Math.min, validUntilMs, dateClaim(claims, 'exp')),
  }
}

/**
 * A token counts from when it was made, too: `iat` of a year to come is no time of issue. W3C's own test vectors write the time of
 * issue as text, which is no NumericDate and says nothing: the beginning is then `validFrom` alone.
 */
function madeAt(claims: JsonObject): number | null {
  return Object.hasOwn(claims, 'iat') && typeof claims.iat === 'string' ? null : dateClaim(claims, 'iat')
}

/** @throws {TrustError} DFFT_CREDENTIAL_FORMAT when `cty` is there and says something else */
export function requireContent(jws: Jws, content: string): void {
  const { cty } = jws.header
  if (cty !== undefined && cty !== content && cty !== `application/${content}`) {
    throw new TrustError('DFFT_CREDENTIAL_FORMAT', `the token does not contain \`${content}\``)
  }
}

/** VC-JOSE-COSE, 3.1.1: the members of VCDM 1.1 tokens would be a second, unread credential. */
export function checkClaims(claims: JsonObject): void {
  for (const name of ['vc', 'vp']) {
    if (Object.hasOwn(claims, name)) throw new TrustError('DFFT_CREDENTIAL_FORMAT', `the claim \`${name}\` has no place in this token`)
  }
}

/** Where a registered claim repeats a member of the credential, both say the same. */
function checkAgreement(claims: JsonObject, credential: Credential): void {
  const [subject, ...others] = listOf(credential.credentialSubject)
  agree(claims, 'iss', issuerOf(credential))
  agree(claims, 'jti', credential.id)
  agree(claims, 'sub', others.length === 0 && isJsonObject(subject) ? subject.id : undefined)
}

function agree(claims: JsonObject, name: string, member: unknown): void {
  const claim = textClaim(claims, name)
  if (claim !== null && claim !== member) throw new TrustError('DFFT_CREDENTIAL_FORMAT', `the claim \`${name}\` contradicts the credential`, { claim: name })
}

function bound(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : choose(a, b)
}
