/** Keys from a roots file: of the DIDs whose log or document it holds. */
import type { KeyEra } from '#node/ports.ts'
import type { DatedKey } from '#node/verification/surroundings.ts'
import { keysOf } from '#protocols/did/document.ts'
import { eras, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf } from '#protocols/ids.ts'
import { type KeyUse, keyAmong, ownEras } from './offline-keys.ts'
import type { RootsFile } from './roots-file.ts'

export function keyFrom(file: RootsFile | null, keyId: DidUrl, use: KeyUse): DatedKey {
  return keyAmong(erasOf(file, didOf(keyId), use.nowMs), keyId, use)
}

/** @throws {TrustError} DFFT_DID_NOT_FOUND, DFFT_DID_LOG, and those of reading either */
export function erasOf(file: RootsFile | null, did: Did, nowMs: number): readonly KeyEra[] {
  const own = ownEras(did)
  if (own) return own
  const held = heldOf(file, did)
  const log = loggedIn(held)
  if (did.startsWith('did:webvh:') && log?.didLog !== undefined) return eras(verifyLog(did, log.didLog, { nowMs, witnessProofs: log.witnessProofs }))
  const document = held.find(({ didDocument }) => didDocument?.id === did)?.didDocument
  // A did:webvh without its log would be a claim without its proof.
  if (did.startsWith('did:web:') && document) return keysOf(document)
  throw new TrustError('DFFT_DID_NOT_FOUND', `the keys of \`${did}\` are not in the roots file`, { did })
}

/** Whether the file itself says what a DID's keys were, so that {@link erasOf} looks no further. */
export function holdsLogOf(file: RootsFile | null, did: string): boolean {
  return loggedIn(heldOf(file, did)) !== undefined
}

function heldOf(file: RootsFile | null, did: string) {
  return [...(file?.roots ?? []), ...(file?.dids ?? [])].filter((one) => one.did === did)
}

function loggedIn(held: ReturnType<typeof heldOf>) {
  return held.find(({ didLog }) => didLog !== undefined)
}
