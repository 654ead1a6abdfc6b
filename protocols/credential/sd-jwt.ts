/**
 * SD-JWT (RFC 9901) and SD-JWT VC (draft-ietf-oauth-sd-jwt-vc): issue, read, narrow to what may be shown.
 *
 * Reading believes nothing: the caller resolves `keyId` among the issuer's keys, calls `verifyJws(read.jws, key)`, and checks
 * time, status and binding (`verifyKeyBinding`). A disclosure needs no signature of its own: its digest is in the signed payload.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import type { Signer, VerifyJwk } from '#protocols/keys.ts'
import { type ConcealOptions, conceal, type Disclosure, disclosuresMax, reveal } from './disclosure.ts'
import { claimsOf, isJsonObject, type JsonObject, type Jws, parseJws, requireType, signJws, tokenCharactersMax } from './jws.ts'
import { dateClaim, keyIdOf, numericDate, requiredText, textClaim } from './jwt-claims.ts'
import { type KeyBinding, readKeyBinding } from './key-binding.ts'
import { publicJwkOf } from './public-jwk.ts'
import { readStatusReference, type StatusReference } from './status-reference.ts'

/** Claims of the token itself. What is left are the claims about the subject. */
const registered: ReadonlySet<string> = new Set(['iss', 'sub', 'iat', 'nbf', 'exp', 'jti', 'vct', 'vct#integrity', 'cnf', 'status'])

// SD-JWT VC, 2.2.2.2: a verifier needs these before it believes anything, so they are never concealed.
const alwaysOpen: ReadonlySet<string> = new Set(['/iss', '/nbf', '/exp', '/cnf', '/vct', '/vct#integrity', '/status'])

export interface SdJwtContent extends ConcealOptions {
  /** The credential type: a URI or another collision-resistant name. */
  readonly vct: string
  readonly issuer: Did
  /** About the subject. */
  readonly claims: JsonObject
  /** RFC 6901 pointers into `claims`: each becomes a disclosure, nested ones inside the outer. */
  readonly disclosable: readonly string[]
  readonly issuedAtMs: number
  readonly validFromMs?: number
  readonly validUntilMs?: number
  readonly holderKey?: VerifyJwk
  readonly status?: StatusReference
  readonly subject?: string
  readonly id?: string
}

/**
 * An SD-JWT VC with all its disclosures, ending with `~`: for the holder.
 *
 * @throws {TrustError} DFFT_SCHEMA for a pointer to nothing or a reserved claim, DFFT_KEY_NOT_FOUND when the signer is not the issuer, DFFT_LIMIT
 */
export async function issueSdJwt(content: SdJwtContent, signer: Signer): Promise<string> {
  const taken = Object.keys(content.claims).find((name) => registered.has(name))
  if (taken !== undefined) throw new TrustError('DFFT_SCHEMA', `the claim \`${taken}\` is the token’s own`, { path: `/${taken}` })
  if (!signer.keyId.startsWith(`${content.issuer}#`)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the signer is not the issuer')
  const { claims, disclosures } = conceal(content.claims, content.disclosable, content)
  const payload = { ...claims, ...registeredClaims(content), _sd_alg: 'sha-256' }
  const token = await signJws({ typ: 'dc+sd-jwt', kid: signer.keyId }, payload, signer)
  return joined(token, disclosures)
}

function registeredClaims(content: SdJwtContent): JsonObject {
  const { issuer, vct, issuedAtMs, validFromMs, validUntilMs, holderKey, status, subject, id } = content
  return {
    iss: issuer,
    vct,
    iat: numericDate(issuedAtMs),
    ...(validFromMs === undefined ? {} : { nbf: numericDate(validFromMs) }),
    ...(validUntilMs === undefined ? {} : { exp: numericDate(validUntilMs) }),
    ...(holderKey === undefined ? {} : { cnf: { jwk: { ...holderKey } } }),
    ...(status === undefined ? {} : { status: { status_list: { idx: status.index, uri: status.uri } } }),
    ...(subject === undefined ? {} : { sub: subject }),
    ...(id === undefined ? {} : { jti: id }),
  }
}

/** Any SD-JWT, whatever its type and claims. */
export interface SdJwtParts {
  readonly jws: Jws
  /** The issuer-signed token with its disclosures, up to and with the last `~`. */
  readonly shown: string
  /** Claims with every disclosure in its place. */
  readonly payload: JsonObject
  readonly disclosures: readonly Disclosure[]
  readonly keyBinding: KeyBinding | null
}

export interface SdJwt extends SdJwtParts {
  readonly format: 'dc+sd-jwt'
  readonly keyId: DidUrl
  readonly issuer: Did
  readonly vct: string
  /** `payload` without the claims of the token itself. */
  readonly claims: JsonObject
  readonly subject: string | null
  readonly id: string | null
  /** The key the presenter has to prove. */
  readonly holderKey: VerifyJwk | null
  readonly issuedAtMs: number | null
  /** The later of `nbf` and `iat`. */
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
  readonly status: StatusReference | null
}

/**
 * An SD-JWT VC, nothing of it believed.
 *
 * @throws {TrustError} as parseSdJwt; DFFT_CREDENTIAL_FORMAT for another type, a registered claim that is missing or malformed,
 *   or one that is disclosed and may not be; DFFT_KEY_NOT_FOUND when `kid` is not the issuer's
 */
export function readSdJwt(text: string): SdJwt {
  const parts = parseSdJwt(text)
  requireType(parts.jws, 'dc+sd-jwt')
  checkAlwaysOpen(parts.disclosures)
  const { payload } = parts
  const { keyId, did } = keyIdOf(parts.jws, requiredText(payload, 'iss'))
  const [issuedAtMs, validFromMs] = [dateClaim(payload, 'iat'), dateClaim(payload, 'nbf')]
  return {
    ...parts,
    format: 'dc+sd-jwt',
    keyId,
    issuer: did,
    vct: requiredText(payload, 'vct'),
    claims: subjectClaims(payload),
    subject: textClaim(payload, 'sub'),
    id: textClaim(payload, 'jti'),
    holderKey: holderKeyOf(payload),
    issuedAtMs,
    // A token counts from when it was made, too: `iat` of a year to come is no time of issue.
    validFromMs: validFromMs === null || issuedAtMs === null ? (validFromMs ?? issuedAtMs) : Math.max(validFromMs, issuedAtMs),
    validUntilMs: dateClaim(payload, 'exp'),
    status: readStatusReference(payload),
  }
}

function subjectClaims(payload: JsonObject): JsonObject {
  const claims: Record<string, Json> = {}
  for (const name in payload) if (!registered.has(name)) claims[name] = payload[name] as Json // The name is its own, and `reveal` refused `__proto__`.
  return claims
}

/**
 * The parts of an SD-JWT of any type: RFC 9901, 7.1 without the signature, which is the caller's next step.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT, DFFT_LIMIT, DFFT_DISCLOSURE, and those of parseJws
 */
export function parseSdJwt(text: string): SdJwtParts {
  const { token, disclosures, shown, binding } = split(text)
  const jws = parseJws(token)
  const revealed = reveal(claimsOf(jws), disclosures)
  return { jws, shown, payload: revealed.claims, disclosures: revealed.disclosures, keyBinding: binding === '' ? null : readKeyBinding(binding, shown) }
}

/**
 * The presentation that shows what `pointers` name and, of what is concealed, nothing else: each disclosure at a pointer,
 * and the outer ones it stands in. A pointer to an outer claim does not bring the concealed ones inside it; a pointer to
 * what is open, or to nothing, brings nothing.
 *
 * @returns the SD-JWT without key binding, ending with `~`
 */
export function selectDisclosures(sdJwt: Pick<SdJwtParts, 'shown' | 'disclosures'>, pointers: readonly string[]): string {
  const wanted = new Set<string>()
  for (const pointer of pointers) {
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) wanted.add(pointer.slice(0, end))
  }
  const token = sdJwt.shown.slice(0, sdJwt.shown.indexOf('~'))
  return joined(
    token,
    sdJwt.disclosures.filter(({ pointer }) => wanted.has(pointer)).map(({ text }) => text),
  )
}

function joined(token: string, disclosures: readonly string[]): string {
  return `${[token, ...disclosures].join('~')}~`
}

function split(text: string): { readonly token: string; readonly disclosures: readonly string[]; readonly shown: string; readonly binding: string } {
  if (text.length > tokenCharactersMax) throw new TrustError('DFFT_LIMIT', 'an SD-JWT is too long', { characters: text.length, tokenCharactersMax })
  // Bounds the work: of too many disclosures one too many is kept, which `reveal` refuses before it hashes any.
  const parts = text.split('~', disclosuresMax + 3)
  const [token = ''] = parts
  const binding = parts.at(-1) ?? ''
  if (parts.length < 2) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'an SD-JWT has its parts divided by `~`')
  return { token, disclosures: parts.slice(1, -1), shown: text.slice(0, text.length - binding.length), binding }
}

function checkAlwaysOpen(disclosures: readonly Disclosure[]): void {
  for (const { pointer } of disclosures) {
    const end = pointer.indexOf('/', 1)
    const top = end < 0 ? pointer : pointer.slice(0, end)
    if (alwaysOpen.has(top)) throw new TrustError('DFFT_CREDENTIAL_FORMAT', `the claim \`${top.slice(1)}\` may not be concealed`)
  }
}

/** RFC 7800, 3.2: the key by value. */
function holderKeyOf(payload: JsonObject): VerifyJwk | null {
  if (!Object.hasOwn(payload, 'cnf')) return null
  return publicJwkOf(isJsonObject(payload.cnf) ? payload.cnf.jwk : undefined)
}
