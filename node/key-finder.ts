/** From the name of a key to the key: which one did this DID name, for this use, at that time? */
import { type DidUrl, didOf } from '#protocols/ids.ts'
import { type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { keyOf } from './dids.ts'
import type { Resolver } from './ports.ts'

/**
 * @param purpose verification relationship: `authentication` for messages, `assertionMethod` for documents
 * @param atMs when the signature was made, as far as is known
 * @throws {TrustError} DFFT_DID_NOT_FOUND, DFFT_DID_LOG, DFFT_KEY_NOT_FOUND
 */
export type KeyFinder = (keyId: DidUrl, purpose: 'authentication' | 'assertionMethod', atMs: number, signal: AbortSignal) => Promise<VerifyKey>

export function keyFinder(resolver: Resolver): KeyFinder {
  return async (keyId, purpose, atMs, signal) => verifyKey(keyOf(await resolver.resolve(didOf(keyId), signal), keyId, purpose, atMs))
}
