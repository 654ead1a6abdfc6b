/** From the name of a key to the key: which one did this DID name, for this use, at that time? */

import type { Clock, ResolvedDid, Resolver } from '#node/ports.ts'
import type { Soon } from '#node/soon.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import { type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { datedKeyOf, keyOf, messageKeyOf, newDocumentKeyOf } from './dated-keys.ts'

/**
 * @param purpose verification relationship: `authentication` for messages, `assertionMethod` for documents
 * @param atMs when the signature was made, as far as is known
 * @throws {TrustError} DFFT_DID_NOT_FOUND, DFFT_DID_LOG, DFFT_KEY_NOT_FOUND
 */
export type KeyFinder = (keyId: DidUrl, purpose: 'authentication' | 'assertionMethod', atMs: number, signal: AbortSignal) => Promise<VerifyKey>

/** A key, and since when its DID no longer stands for it: what it signed before that counts only with other evidence of its age. */
export interface DatedKey {
  readonly key: VerifyKey
  /** Milliseconds since the epoch; null while the key is in force. */
  readonly retiredMs: number | null
}

/** @throws {TrustError} as KeyFinder */
export type DatedKeyFinder = (keyId: DidUrl, atMs: number, signal: AbortSignal) => Soon<DatedKey>

/** Asks somebody for a newer copy of the DID's log. @returns whether one may have come */
export type Refresh = (did: Did, signal: AbortSignal) => Promise<boolean>

/**
 * For what reaches us now: messages, accreditations, policies, status lists. A document that is new to us and whose key is retired by now
 * may be dated back by whoever has that key, so it is refused; its signer has made another under the key of today.
 *
 * @param options.clock says what is retired by now; without it, nothing is
 * @param options.refresh asked once when a key is not found; without it what is held is the last word
 */
export function keyFinder(resolver: Resolver, { clock, refresh }: { readonly clock?: Pick<Clock, 'nowMs'>; readonly refresh?: Refresh } = {}): KeyFinder {
  return (keyId, purpose, atMs, signal) =>
    lookUp(keyId, { resolver, refresh }, signal, (resolved) => {
      if (purpose === 'authentication') return verifyKey(messageKeyOf(resolved, keyId, atMs))
      return verifyKey(clock ? newDocumentKeyOf(resolved, keyId, purpose, { atMs, nowMs: clock.nowMs() }) : keyOf(resolved, keyId, purpose, atMs))
    })
}

/** For assertions. `clock` says what is retired by now. */
export function datedKeyFinder(resolver: Resolver & KnownDids, clock: Pick<Clock, 'nowMs'>, refresh?: Refresh): DatedKeyFinder {
  return (keyId, atMs, signal) => {
    const find = (resolved: ResolvedDid): DatedKey => {
      const { jwk, retiredMs } = datedKeyOf(resolved, keyId, 'assertionMethod', { atMs, nowMs: clock.nowMs() })
      return { key: verifyKey(jwk), retiredMs }
    }
    return atOnce(resolver.known?.(didOf(keyId)), find) ?? lookUp(keyId, { resolver, refresh }, signal, find)
  }
}

/** What a resolver may have at hand. */
interface KnownDids {
  known?(did: Did): ResolvedDid | undefined
}

/** Undefined where the whole way has to be gone, at whose end may be the same refusal. */
function atOnce<Found>(resolved: ResolvedDid | undefined, find: (resolved: ResolvedDid) => Found): Found | undefined {
  try {
    return resolved && find(resolved)
  } catch (thrown) {
    if (thrown instanceof TrustError) return undefined
    throw thrown
  }
}

async function lookUp<Found>(
  keyId: DidUrl,
  { resolver, refresh }: { readonly resolver: Resolver; readonly refresh: Refresh | undefined },
  signal: AbortSignal,
  find: (resolved: ResolvedDid) => Found,
): Promise<Found> {
  const did = didOf(keyId)
  try {
    return find(await resolver.resolve(did, signal))
  } catch (thrown) {
    // A key that we know to be retired stays so, however new a log we get.
    const unknown = thrown instanceof TrustError && thrown.code === 'DFFT_KEY_NOT_FOUND' && thrown.facts.retiredMs === undefined
    if (!unknown || !refresh || !(await refresh(did, signal))) throw thrown
    return find(await resolver.resolve(did, signal))
  }
}

/** Of a DID's keys of all times; more than a node has in twenty years of yearly rotations. */
const namedMax = 64

/** `revoked`: its DID says that from some time on nothing it signed counts. */
export type NamedKeys = (did: Did, signal: AbortSignal) => Promise<readonly { readonly keyId: DidUrl; readonly key: VerifyKey; readonly revoked: boolean }[]>

/**
 * The keys a DID ever named for messages, the newest first, retired and revoked ones too: only for what stands inside a message that a
 * key in force has signed, or comes over a channel that one has proved. There the DID's controller answers for it today; whoever reads what
 * others tell leaves out what a revoked key signed.
 */
export function namedKeys(resolver: Resolver): NamedKeys {
  return async (did, signal) => {
    const { keys } = await resolver.resolve(did, signal)
    return keys
      .filter(({ purposes }) => purposes.includes('authentication'))
      .sort((one, other) => other.fromMs - one.fromMs)
      .slice(0, namedMax)
      .map(({ keyId, jwk, revokedMs }) => ({ keyId, key: verifyKey(jwk), revoked: revokedMs !== undefined }))
  }
}
