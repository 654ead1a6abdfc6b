/**
 * Status lists as their issuer signs them: a BitstringStatusListCredential (W3C) for vc+jwt and a Status List Token (IETF) for
 * dc+sd-jwt. Both read into one shape, so that whoever checks a status need not know which it was.
 *
 * Reading believes nothing: the caller resolves `keyId`, calls `verifyJws(read.jws, key)`, and compares issuer, URI, sequence and
 * time with what it expects.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf, instant } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { claimsOf, isJsonObject, type JsonObject, type Jws, parseJws, requireType, signJws } from './jws.ts'
import { dateClaim, keyIdOf, numericDate, requiredDate, requiredText, textClaim } from './jwt-claims.ts'
import { checkBits, decodeBitstring, decodeTokenList, encodeBitstring, encodeTokenList, type StatusList } from './status-list.ts'
import { checkReference, type StatusReference } from './status-reference.ts'
import { issueVcJwt, readVcJwt } from './vc-jwt.ts'
import { type Credential, contextV2, listOf } from './vcdm.ts'

/** What a set bit of a Bitstring Status List means. */
export type StatusPurpose = 'revocation' | 'suspension'

export interface StatusListContent {
  readonly uri: string
  readonly issuer: Did
  /** Counts every list published under this URI, so that an older one is known for what it is. */
  readonly sequence: number
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly ttlMs?: number
}

export interface SignedStatusList {
  readonly format: 'bitstring' | 'token'
  readonly jws: Jws
  readonly keyId: DidUrl
  readonly issuer: Did
  readonly uri: string
  /** Of a bitstring list; a token list has values in place of purposes. */
  readonly purposes: readonly string[]
  /** Null in a foreign list that does not count. */
  readonly sequence: number | null
  readonly issuedAtMs: number | null
  readonly expiresAtMs: number | null
  /** How long the issuer wants it cached at most. */
  readonly ttlMs: number | null
  readonly list: StatusList
}

/** @throws {TrustError} as issueVcJwt @see Bitstring Status List 1.0, 2.2 */
export async function issueBitstringList(content: StatusListContent & { readonly purpose: StatusPurpose }, list: StatusList, signer: Signer): Promise<string> {
  return issueVcJwt(bitstringListCredential(content, list), signer)
}

/** The credential before it is signed. @throws {TrustError} DFFT_STATUS_LIST when the bits run the other way */
export function bitstringListCredential(content: StatusListContent & { readonly purpose: StatusPurpose }, list: StatusList): JsonObject {
  if (list.order !== 'msb') throw refused('a bitstring list counts from the most significant bit')
  return {
    '@context': [contextV2],
    id: content.uri,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: content.issuer,
    validFrom: instant(content.issuedAtMs),
    validUntil: instant(content.expiresAtMs),
    credentialSubject: {
      id: `${content.uri}#list`,
      type: 'BitstringStatusList',
      statusPurpose: content.purpose,
      ...(list.bits === 1 ? {} : { statusSize: list.bits }),
      ...(content.ttlMs === undefined ? {} : { ttl: content.ttlMs }),
      sequence: content.sequence,
      encodedList: encodeBitstring(list),
    },
  }
}

/** @throws {TrustError} as readVcJwt; DFFT_STATUS_LIST for another credential or a malformed list @see Bitstring Status List 1.0, 3.2 */
export function readBitstringList(token: string): SignedStatusList {
  const { jws, keyId, issuer, credential, validFromMs, validUntilMs } = readVcJwt(token)
  const subject = credential.credentialSubject
  if (!listOf(credential.type).includes('BitstringStatusListCredential') || !isJsonObject(subject) || subject.type !== 'BitstringStatusList') {
    throw refused('the credential is no bitstring status list')
  }
  const { statusPurpose, encodedList, statusSize = 1, ttl } = subject
  const purposes = statusPurpose === undefined ? [] : listOf(statusPurpose)
  if (purposes.length === 0 || !purposes.every((purpose) => typeof purpose === 'string')) throw refused('the list states no purpose')
  if (typeof encodedList !== 'string') throw refused('the list is missing')
  return {
    format: 'bitstring',
    jws,
    keyId,
    issuer,
    uri: requiredText(credential, 'id'),
    purposes,
    sequence: countOrNull(subject.sequence),
    issuedAtMs: validFromMs,
    expiresAtMs: validUntilMs,
    ttlMs: countOrNull(ttl),
    list: decodeBitstring(encodedList, checkBits(statusSize)),
  }
}

/** @throws {TrustError} DFFT_STATUS_LIST, DFFT_KEY_NOT_FOUND when the signer is not the issuer @see draft-ietf-oauth-status-list, 5.1 */
export async function issueTokenList(content: StatusListContent, list: StatusList, signer: Signer): Promise<string> {
  if (list.order !== 'lsb') throw refused('a token list counts from the least significant bit')
  if (didOf(signer.keyId) !== content.issuer) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the signer is not the issuer')
  const claims = {
    iss: content.issuer,
    sub: content.uri,
    iat: numericDate(content.issuedAtMs),
    exp: numericDate(content.expiresAtMs),
    ...(content.ttlMs === undefined ? {} : { ttl: numericDate(content.ttlMs) }),
    sequence: content.sequence,
    status_list: { bits: list.bits, lst: encodeTokenList(list) },
  }
  return signJws({ typ: 'statuslist+jwt', kid: signer.keyId }, claims, signer)
}

/** @throws {TrustError} those of parseJws; DFFT_CREDENTIAL_FORMAT, DFFT_KEY_NOT_FOUND, DFFT_STATUS_LIST @see draft-ietf-oauth-status-list, 8.3 */
export function readTokenList(token: string): SignedStatusList {
  const jws = parseJws(token)
  requireType(jws, 'statuslist+jwt')
  const claims = claimsOf(jws)
  // Without `iss` the key says whose list it is; a caller compares that with the issuer of the credential.
  const { keyId, did } = keyIdOf(jws, textClaim(claims, 'iss') ?? didOf(jws.keyId ?? ''))
  return {
    format: 'token',
    jws,
    keyId,
    issuer: did,
    uri: requiredText(claims, 'sub'),
    purposes: [],
    sequence: countOrNull(claims.sequence),
    issuedAtMs: requiredDate(claims, 'iat'),
    expiresAtMs: dateClaim(claims, 'exp'),
    ttlMs: dateClaim(claims, 'ttl'),
    list: readStatusListClaim(claims.status_list),
  }
}

/** The `status_list` member itself. @throws {TrustError} DFFT_STATUS_LIST, DFFT_BASE64URL */
export function readStatusListClaim(claim: JsonObject[string] | undefined): StatusList {
  if (!isJsonObject(claim) || typeof claim.lst !== 'string') throw refused('the list is missing')
  return decodeTokenList(claim.lst, checkBits(claim.bits))
}

export interface BitstringEntry extends StatusReference {
  readonly purpose: string
  readonly bits: 1 | 2 | 4 | 8
}

/** A `credentialStatus` of ours. The index is text in this format. */
export function bitstringEntry(entry: StatusReference & { readonly purpose: StatusPurpose }): JsonObject {
  return {
    id: `${entry.uri}#${entry.index}`,
    type: 'BitstringStatusListEntry',
    statusPurpose: entry.purpose,
    statusListIndex: String(entry.index),
    statusListCredential: entry.uri,
  }
}

/**
 * Where a credential's statuses stand; empty where it has none.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT for a status of another kind: a status that cannot be checked is not "no status"
 */
export function bitstringEntries(credential: Credential): readonly BitstringEntry[] {
  const { credentialStatus } = credential
  return credentialStatus === undefined ? [] : listOf(credentialStatus).map(readEntry)
}

function readEntry(entry: JsonObject[string]): BitstringEntry {
  if (!isJsonObject(entry) || entry.type !== 'BitstringStatusListEntry') throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a status is no status list entry')
  const { statusListIndex, statusPurpose, statusSize = 1 } = entry
  if (typeof statusListIndex !== 'string' || !/^(?:0|[1-9]\d{0,9})$/.test(statusListIndex) || typeof statusPurpose !== 'string') {
    throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a status has no index or no purpose')
  }
  return { ...checkReference({ uri: entry.statusListCredential, index: Number(statusListIndex) }), purpose: statusPurpose, bits: checkBits(statusSize) }
}

function countOrNull(value: JsonObject[string] | undefined): number | null {
  if (value === undefined) return null
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw refused('the list has a count that is none')
  return value
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_STATUS_LIST', message)
}
