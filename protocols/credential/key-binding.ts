/** The holder's proof at the end of an SD-JWT presentation: a KB-JWT over nonce, audience and what is shown (RFC 9901, 4.3 and 7.3). */
import { hash } from 'node:crypto'
import { TrustError } from '#protocols/errors.ts'
import { type Signer, type VerifyJwk, verifyKey } from '#protocols/keys.ts'
import { claimsOf, type Jws, parseJws, requireType, signJws, verifyJws } from './jws.ts'
import { numericDate, requiredDate, requiredText } from './jwt-claims.ts'

export interface KeyBinding {
  readonly jws: Jws
  readonly nonce: string
  readonly audience: string
  readonly issuedAtMs: number
  /** As the holder wrote it. */
  readonly sdHash: string
  /** Of the presentation it came with: equal to `sdHash` in an honest one. */
  readonly shownHash: string
}

/** What a verifier expects of a proof of holding, in any format. */
export interface BindingExpectation {
  readonly nonce: string
  readonly audience: string
  readonly nowMs: number
  /** How old a proof may be. */
  readonly ageMsMax: number
  /** How far the holder's clock may run ahead, and behind. */
  readonly skewMs: number
}

/**
 * An SD-JWT with a KB-JWT appended.
 *
 * @param text a presentation that ends with `~`
 * @param signer holds the key of the credential's `cnf`
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT when it is bound already
 */
export async function bindSdJwt(
  text: string,
  proof: { readonly nonce: string; readonly audience: string; readonly issuedAtMs: number },
  signer: Signer,
): Promise<string> {
  if (!text.endsWith('~')) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'an unbound SD-JWT ends with `~`')
  const claims = { iat: numericDate(proof.issuedAtMs), aud: proof.audience, nonce: proof.nonce, sd_hash: shownHash(text) }
  return text + (await signJws({ typ: 'kb+jwt' }, claims, signer))
}

/**
 * @param shown the presentation up to and with its last `~`
 * @throws {TrustError} as parseJws, and DFFT_CREDENTIAL_FORMAT for a claim that is missing or malformed
 */
export function readKeyBinding(token: string, shown: string): KeyBinding {
  const jws = parseJws(token)
  requireType(jws, 'kb+jwt')
  const claims = claimsOf(jws)
  return {
    jws,
    nonce: requiredText(claims, 'nonce'),
    audience: requiredText(claims, 'aud'),
    issuedAtMs: requiredDate(claims, 'iat'),
    sdHash: requiredText(claims, 'sd_hash'),
    shownHash: shownHash(shown),
  }
}

/**
 * Whether the presenter holds the key that the issuer named, now and for us, and shows what was signed.
 *
 * @throws {TrustError} DFFT_HOLDER_BINDING, DFFT_NONCE, DFFT_AUDIENCE, DFFT_EXPIRED, DFFT_NOT_YET_VALID
 */
export function verifyKeyBinding(sdJwt: { readonly holderKey: VerifyJwk | null; readonly keyBinding: KeyBinding | null }, expected: BindingExpectation): void {
  const { holderKey, keyBinding } = sdJwt
  if (!holderKey) throw new TrustError('DFFT_HOLDER_BINDING', 'the credential names no holder key')
  if (!keyBinding) throw new TrustError('DFFT_HOLDER_BINDING', 'the presentation carries no proof of the holder key')
  if (keyBinding.sdHash !== keyBinding.shownHash) throw new TrustError('DFFT_HOLDER_BINDING', 'the holder signed another presentation')
  checkBinding(keyBinding, expected)
  try {
    verifyJws(keyBinding.jws, verifyKey(holderKey))
  } catch (cause) {
    throw new TrustError('DFFT_HOLDER_BINDING', 'the proof is not of the holder key', {}, { cause })
  }
}

/** @throws {TrustError} DFFT_NONCE, DFFT_AUDIENCE, DFFT_EXPIRED, DFFT_NOT_YET_VALID */
export function checkBinding(proof: { readonly nonce: string; readonly audience: string; readonly issuedAtMs: number }, expected: BindingExpectation): void {
  if (proof.nonce !== expected.nonce) throw new TrustError('DFFT_NONCE', 'the proof is bound to another nonce')
  if (proof.audience !== expected.audience) throw new TrustError('DFFT_AUDIENCE', 'the proof was made for another audience')
  const ageMs = expected.nowMs - proof.issuedAtMs
  if (ageMs > expected.ageMsMax + expected.skewMs) throw new TrustError('DFFT_EXPIRED', 'the proof is too old', { ageMs, ageMsMax: expected.ageMsMax })
  if (ageMs < -expected.skewMs) throw new TrustError('DFFT_NOT_YET_VALID', 'the proof is from the future', { ageMs, skewMs: expected.skewMs })
}

function shownHash(text: string): string {
  return hash('sha256', text, 'base64url')
}
