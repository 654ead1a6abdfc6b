/** Which key a DID named at a time, and whether what it signed counts now. */
import type { KeyEra, ResolvedDid } from '#node/ports.ts'
import { endOf } from '#protocols/did/document.ts'
import { TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'
import { thumbprint, type VerifyJwk } from '#protocols/keys.ts'

/** As the log's own times: a partner's clock may run ahead of ours. */
const skewMs = 60_000
/** A Request or an Offer lives as long: what was signed just before a rotation still arrives. */
const graceMs = 300_000

type Named = Pick<ResolvedDid, 'did' | 'keys' | 'deactivated'>

/**
 * The key of a verification method for a use, at a time: a key of today says nothing about a signature of last year,
 * and a retired key does about one.
 *
 * @param purpose a verification relationship: `authentication`, `assertionMethod`, …
 * @param atMs when the signature was made, as far as is known; a key counts up to 60 s before its beginning (skew), never after its end
 * @throws {TrustError} DFFT_KEY_NOT_FOUND
 */
export function keyOf(resolved: Named, keyId: DidUrl, purpose: string, atMs: number): VerifyJwk {
  return eraOf(resolved, keyId, purpose, atMs, 0).jwk
}

/**
 * As `keyOf` for a message that arrives now: one that was under way when its key was retired is taken for five minutes more. Not when
 * the key was revoked: then somebody else may have signed it.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND
 */
export function messageKeyOf(resolved: Named, keyId: DidUrl, nowMs: number): VerifyJwk {
  return eraOf(resolved, keyId, 'authentication', nowMs, graceMs).jwk
}

/**
 * As `keyOf`, and since when the DID no longer stands for the key: null while it does.
 *
 * A retired key can still be used by whoever has it, and dated back. So what it signed before counts only with other evidence of its age.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND
 */
export function datedKeyOf(
  resolved: Named,
  keyId: DidUrl,
  purpose: string,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
): { readonly jwk: VerifyJwk; readonly retiredMs: number | null } {
  const era = eraOf(resolved, keyId, purpose, atMs, 0)
  const { jwk } = era
  // Another key under the same name is another key: the one that it replaced is retired all the same.
  const same = (key: KeyEra) => key === era || (key.keyId === keyId && key.purposes.includes(purpose) && thumbprint(key.jwk) === thumbprint(jwk))
  let endMs = Number.NEGATIVE_INFINITY
  // Named, dropped and named again, it is in force.
  for (const key of resolved.keys) if (same(key)) endMs = Math.max(endMs, endOf(key))
  return { jwk, retiredMs: endMs > nowMs ? null : endMs }
}

/**
 * As `keyOf` for a document that reaches us now and was not seen before: its key was in force when it was signed, and is so now or was
 * until five minutes ago.
 *
 * @throws {TrustError} DFFT_KEY_NOT_FOUND, also for a key that is retired
 */
export function newDocumentKeyOf(
  resolved: Named,
  keyId: DidUrl,
  purpose: string,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
): VerifyJwk {
  const { jwk, retiredMs } = datedKeyOf(resolved, keyId, purpose, { atMs, nowMs })
  const revoked = resolved.keys.some((key) => key.keyId === keyId && key.revokedMs !== undefined)
  if (retiredMs === null || (!revoked && nowMs < retiredMs + graceMs)) return jwk
  throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${resolved.did}\` has retired the key of a document that is new here`, { keyId, named: true, retiredMs })
}

function eraOf(resolved: Named, keyId: DidUrl, purpose: string, atMs: number, graceMs: number): KeyEra {
  const era = resolved.keys.find(
    (key) =>
      key.keyId === keyId && key.purposes.includes(purpose) && key.fromMs - skewMs <= atMs && atMs < endOf(key) + (key.revokedMs === undefined ? graceMs : 0),
  )
  if (era) return era
  throw new TrustError('DFFT_KEY_NOT_FOUND', `\`${resolved.did}\` names no such key for ${purpose} at that time`, {
    keyId,
    named: resolved.keys.some((key) => key.keyId === keyId),
    deactivated: resolved.deactivated,
  })
}
