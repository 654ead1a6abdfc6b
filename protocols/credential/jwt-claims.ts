/** The registered claims of a JWT (RFC 7519, 4.1), each read once and strictly. */
import { TrustError } from '#protocols/errors.ts'
import { type Did, DidUrl, didOf } from '#protocols/ids.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import type { JsonObject, Jws } from './jws.ts'

/** 9999-12-31T23:59:59Z: beyond it no form of time that we sign can say the same. */
const secondsMax = 253_402_300_799

/** Longer text is no identifier: the longest DID URL of ids.ts. */
const textMax = 2100

/**
 * A NumericDate in milliseconds, or null where there is none. Fractions of a millisecond are dropped.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT for text, a negative number, or a time after the year 9999: an end that cannot be read is not "no end"
 */
export function dateClaim(claims: JsonObject, name: string): number | null {
  const value = claimOf(claims, name)
  if (value === undefined) return null
  if (typeof value !== 'number' || value < 0 || value > secondsMax) throw malformed(name, 'is no NumericDate')
  return Math.floor(value * 1000)
}

/** @throws {TrustError} DFFT_CREDENTIAL_FORMAT when it is there and is no text, or empty or too long */
export function textClaim(claims: JsonObject, name: string): string | null {
  const value = claimOf(claims, name)
  if (value === undefined) return null
  if (typeof value !== 'string' || value.length === 0 || value.length > textMax) throw malformed(name, 'is no short text')
  return value
}

/** @throws {TrustError} DFFT_CREDENTIAL_FORMAT */
export function requiredText(claims: JsonObject, name: string): string {
  const value = textClaim(claims, name)
  if (value === null) throw malformed(name, 'is missing')
  return value
}

/** @throws {TrustError} DFFT_CREDENTIAL_FORMAT */
export function requiredDate(claims: JsonObject, name: string): number {
  const value = dateClaim(claims, name)
  if (value === null) throw malformed(name, 'is missing')
  return value
}

/** Milliseconds as a NumericDate, rounded down to the second. */
export function numericDate(ms: number): number {
  return Math.floor(ms / 1000)
}

/**
 * The verification method a token names, which has to be one of `signer`'s own: a `kid` of somebody else,
 * a relative one, or one with a path never reaches a resolver.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND
 */
export function keyIdOf(jws: Jws, signer: string): KeyName {
  const named = namedBy(jws)
  if (named.did !== signer) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the token names a key of another DID than its signer’s')
  return named
}

interface KeyName {
  readonly keyId: DidUrl
  readonly did: Did
}

/** A header is the same object for as long as jws.ts keeps it, so what it names is read once. */
const names = new WeakMap<Jws['header'], KeyName>()

function namedBy({ header, keyId }: Jws): KeyName {
  const known = names.get(header)
  if (known?.keyId === keyId) return known
  if (!isDidUrl(keyId)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the token names no key as a DID URL')
  const name = { keyId, did: didOf(keyId) }
  names.set(header, name)
  return name
}

const quickDidUrl = quickCheck(DidUrl)

function isDidUrl(text: string | null): text is DidUrl {
  return quickDidUrl(text) || DidUrl.safeParse(text).success
}

function claimOf(claims: JsonObject, name: string): JsonObject[string] | undefined {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function malformed(name: string, what: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', `the claim \`${name}\` ${what}`, { claim: name })
}
