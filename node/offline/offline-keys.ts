/** Keys of a DID that is its own key, as those of any other at one time: what no log or document has to be read for. */
import { datedKeyOf } from '#node/identity/dated-keys.ts'
import type { KeyEra } from '#node/ports.ts'
import type { DatedKey } from '#node/verification/surroundings.ts'
import { endOf } from '#protocols/did/document.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'

/** @returns undefined for a DID of another method; @throws {TrustError} DFFT_DID_SYNTAX */
export function ownEras(did: Did): readonly KeyEra[] | undefined {
  if (did.startsWith('did:key:')) return expandDidKey(did).keys
  if (did.startsWith('did:jwk:')) return expandDidJwk(did).keys
  return undefined
}

/** What is asked of a key: for which relationship, and when it was used, seen from now. */
export interface KeyUse {
  readonly purpose: string
  readonly atMs: number
  readonly nowMs: number
}

/** @throws {TrustError} DFFT_KEY_NOT_FOUND */
export function keyAmong(keys: readonly KeyEra[], keyId: DidUrl, { purpose, atMs, nowMs }: KeyUse): DatedKey {
  const named = { did: didOf(keyId), keys, deactivated: keys.every((era) => endOf(era) <= nowMs) }
  const { jwk, retiredMs } = datedKeyOf(named, keyId, purpose, { atMs, nowMs })
  return { key: verifyKey(jwk), retiredMs }
}
