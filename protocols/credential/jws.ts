/**
 * Strict compact JWS: the one door for signed tokens, and the one place they are made.
 *
 * Every spelling of a token but one is refused here, so that a second spelling never passes for a second token.
 * ECDSA leaves one such freedom (s and n−s both verify), which is why a replay cache keys on `signedDigest`.
 */
import { hash } from 'node:crypto'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Digest } from '#protocols/ids.ts'
import { type Json, parseJson } from '#protocols/json.ts'
import { type Signer, type VerifyAlgorithm, type VerifyKey, verifies } from '#protocols/keys.ts'

/** A token travels in a frame, and a frame holds 1 MiB. */
export const tokenCharactersMax = 1 << 20
/** Room for a `kid` of the longest DID URL and for an `x5c` chain that we skip. */
const headerCharactersMax = 16_384
/** The longest DID URL of ids.ts. */
const headerTextMax = 2100

export type JsonObject = { readonly [name: string]: Json }

export interface JwsHeader extends JsonObject {
  readonly alg: string
}

export interface Jws {
  readonly header: JwsHeader
  /** What `alg` asks for; a key decides whether it may. */
  readonly algorithm: VerifyAlgorithm
  /** Media type of the token without `application/`, lower case; empty where the header has none. */
  readonly type: string
  /** As written, or null. It names a key and proves nothing. */
  readonly keyId: string | null
  readonly payload: Uint8Array
  /** Raw bytes as many as the algorithm has, or whatever the token carries. */
  readonly signature: Uint8Array
  /** `header.payload`, in ASCII: what is signed. */
  readonly signingInput: string
}

// RFC 9864 names the curve in `Ed25519`; RFC 8037 says `EdDSA` for it. Nothing else is accepted, whatever the key.
const algorithms: ReadonlyMap<unknown, VerifyAlgorithm> = new Map([
  ['EdDSA', 'EdDSA'],
  ['Ed25519', 'EdDSA'],
  ['ES256', 'ES256'],
  ['ES384', 'ES384'],
  ['ES512', 'ES512'],
])

/**
 * The parts of a token, nothing of them believed. `jwk`, `jku`, `x5u` and `x5c` stay unread: a token does not choose its key.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT, DFFT_LIMIT, DFFT_BASE64URL, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_ALGORITHM
 * @see RFC 7515, 5.2; RFC 8725, 3
 */
export function parseJws(token: string): Jws {
  if (token.length > tokenCharactersMax) throw new TrustError('DFFT_LIMIT', 'a token is too long', { characters: token.length, tokenCharactersMax })
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second < 0 || token.includes('.', second + 1)) throw malformed('a compact JWS has three parts')
  if (first > headerCharactersMax) throw new TrustError('DFFT_LIMIT', 'a token header is too long', { characters: first, headerCharactersMax })
  return {
    ...headerOf(token.slice(0, first)),
    payload: fromBase64url(token.slice(first + 1, second)),
    signature: fromBase64url(token.slice(second + 1)),
    signingInput: token.slice(0, second),
  }
}

/** @throws {TrustError} DFFT_ALGORITHM when the token asks for another algorithm than the key's, DFFT_SIGNATURE */
export function verifyJws(jws: Jws, key: VerifyKey): void {
  if (jws.algorithm !== key.algorithm) {
    throw new TrustError('DFFT_ALGORITHM', 'the token names another algorithm than its key has', { token: jws.algorithm, key: key.algorithm })
  }
  if (!verifies(key, Buffer.from(jws.signingInput, 'latin1'), jws.signature)) {
    throw new TrustError('DFFT_SIGNATURE', 'the signature does not fit the token and the key')
  }
}

/** A compact JWS. `alg` comes from the signer; `header` may not name it. */
export async function signJws(header: JsonObject, payload: Uint8Array | JsonObject, signer: Signer): Promise<string> {
  return signUnderHeader(encodedHeader(header, signer), payload, signer)
}

/** The first part of a token, for a signer that makes many. */
export function encodedHeader(header: JsonObject, { algorithm }: Signer): string {
  return toBase64url(canonicalBytes({ ...header, alg: algorithm }))
}

/** @param header from `encodedHeader`, of the same signer */
export async function signUnderHeader(header: string, payload: Uint8Array | JsonObject, signer: Signer): Promise<string> {
  const bytes = payload instanceof Uint8Array ? payload : canonicalBytes(payload)
  const signingInput = `${header}.${toBase64url(bytes)}`
  const signature = await signer.sign(Buffer.from(signingInput, 'latin1'))
  return `${signingInput}.${toBase64url(signature)}`
}

/** Names what was signed, the same for every spelling of its signature: the key of replay caches and issuance records. */
export function signedDigest(jws: Jws): Digest {
  return `sha256:${hash('sha256', jws.signingInput, 'hex')}` as Digest // By construction.
}

/**
 * The payload of a JWT.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT when it is no JSON object, DFFT_NOT_JSON, DFFT_JSON_*
 */
export function claimsOf(jws: Jws): JsonObject {
  const claims = parseJson(jws.payload)
  if (!isJsonObject(claims)) throw malformed('the payload of a token is a JSON object')
  return claims
}

/**
 * @param types accepted media types, without `application/`: one kind of token never stands in for another (RFC 8725, 3.11)
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT
 */
export function requireType(jws: Jws, ...types: readonly string[]): void {
  if (!types.includes(jws.type)) throw malformed(`the token is of type \`${jws.type.slice(0, 64)}\``)
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** RFC 7515, 4.1.9: media types compare without case, and `application/` may be left out. */
function mediaType(text: string): string {
  const lower = text.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

/** What a token says that it is, by its header alone; empty where that does not read. It chooses a reader, which reads the header itself. */
export function typeOf(token: string): string {
  const end = token.indexOf('.')
  if (end < 1 || end > headerCharactersMax) return ''
  try {
    return headerOf(token.slice(0, end)).type
  } catch (thrown) {
    if (thrown instanceof TrustError) return ''
    throw thrown
  }
}

type ReadHeader = Pick<Jws, 'header' | 'algorithm' | 'type' | 'keyId'>

// An issuer signs every credential under one header, so a few hundred cover all that a node meets in a day; 512 of the longest
// kept here take a megabyte. It holds what was written and no verdict: a header says the same in every token it stands in.
const headersMax = 512
const headerKeptCharactersMax = 1024
const headers = new Map<string, ReadHeader>()

function headerOf(encoded: string): ReadHeader {
  const known = headers.get(encoded)
  if (known) return known
  const header = parseHeader(encoded)
  const read = { header, algorithm: algorithmOf(header), type: mediaType(headerText(header, 'typ') ?? ''), keyId: headerText(header, 'kid') }
  if (encoded.length > headerKeptCharactersMax) return read
  if (headers.size >= headersMax) headers.delete(headers.keys().next().value as string) // It is not empty, so its first key exists.
  headers.set(encoded, read)
  return read
}

function parseHeader(encoded: string): JwsHeader {
  const header = parseJson(fromBase64url(encoded))
  if (!isJsonObject(header)) throw malformed('the header of a token is a JSON object')
  // An extension that we do not know could change what is signed (RFC 7797) or what it means (RFC 7515, 4.1.11).
  for (const name of ['crit', 'b64', 'zip']) {
    if (Object.hasOwn(header, name)) throw malformed(`the header extension \`${name}\` is not supported`)
  }
  if (typeof header.alg !== 'string') throw new TrustError('DFFT_ALGORITHM', 'the header of a token names its algorithm')
  return header as JwsHeader // `alg` is text, as the line above found.
}

function algorithmOf(header: JwsHeader): VerifyAlgorithm {
  const algorithm = algorithms.get(header.alg)
  if (!algorithm) throw new TrustError('DFFT_ALGORITHM', `the algorithm \`${header.alg.slice(0, 32)}\` is not accepted`)
  return algorithm
}

function headerText(header: JwsHeader, name: string): string | null {
  const value = Object.hasOwn(header, name) ? header[name] : undefined
  if (value === undefined) return null
  if (typeof value !== 'string' || value.length > headerTextMax) throw malformed(`the header member \`${name}\` is short text`)
  return value
}

function malformed(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
