/**
 * A new signing key for a node that lost its own, or cannot be let run with it: done while the node is stopped, by the key that its DID's
 * log has announced.
 *
 * Nobody co-signs, since nothing can be signed: what was issued after the last cosignature counts where it was seen. The next start writes
 * `key-rotated`, and signs again what this node vouches for. Keys that are gone are marked so; what is bound to them cannot be shown.
 */

import type { Identifier, Identifiers, KeyRef, KeyVault, Random, Store } from '#node/ports.ts'
import { verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Instant, msOf, type PeerId } from '#protocols/ids.ts'
import { holds, type KeyUse, missingKeys } from './held-keys.ts'
import { makePeerKey, peerKeyRecord } from './peer-key.ts'
import { endedError, recordFrom } from './rotation.ts'
import { waitingError } from './waiting-entry.ts'

export interface Recovering {
  readonly store: Store
  readonly vault: KeyVault
  readonly identifiers: Pick<Identifiers, 'list' | 'rotate'>
  readonly random: Random
}

export interface RecoveryWish {
  readonly compromisedSince?: Instant | undefined
  readonly dryRun: boolean
}

export interface Recovered {
  readonly did: Did
  readonly from: DidUrl
  /** Null in a dry run. */
  readonly to: DidUrl | null
  readonly missing: readonly KeyUse[]
  /** Where the peer key was gone too. */
  readonly peerId: PeerId | null
  readonly dryRun: boolean
}

/** @throws {TrustError} DFFT_KEY_FIXED, DFFT_DID_DEACTIVATED, DFFT_KEYS_ELSEWHERE when the announced key is gone as well, DFFT_USAGE, DFFT_STORE; DFFT_KEY_WAITING for a log that names witnesses */
export async function recover(parts: Recovering, { compromisedSince, dryRun }: RecoveryWish): Promise<Recovered> {
  const { store, vault, identifiers } = parts
  const [identifier] = await identifiers.list()
  if (!identifier) throw new TrustError('DFFT_STORE', 'the store holds no identifier')
  const { did, keyId: from } = identifier
  checkRecoverable(identifier)
  // Nothing could be signed until the witnesses have approved, so the node could not start and ask them.
  if (identifier.pending || witnessed(identifier)) throw waitingError(did)
  const missing = await missingKeys([identifier], (await peerKeyRecord(store))?.ref, vault)
  if (missing.includes('announced'))
    throw new TrustError('DFFT_KEYS_ELSEWHERE', 'the key announced for the next entry of the DID log is gone too: only a backup helps', {
      missing: missing.join(' '),
    })
  if (dryRun) return { did, from, to: null, missing, peerId: null, dryRun }
  await recordFrom(store, from)
  const peer = missing.includes('peer') ? await makePeerKey(parts) : undefined
  const { keyId: to } = await identifiers.rotate(did, {
    lost: await lostKeys(identifier, vault),
    ...(compromisedSince !== undefined && { compromisedSinceMs: msOf(compromisedSince) }),
    ...(peer && { peerIds: [peer.peerId] }),
  })
  await peer?.keep()
  return { did, from, to, missing, peerId: peer?.peerId ?? null, dryRun }
}

function checkRecoverable({ did, didLog, announced }: Identifier): void {
  if (didLog === undefined) throw new TrustError('DFFT_KEY_FIXED', `the key of \`${did}\` is the DID itself`, { did })
  if (announced === undefined) throw endedError(did)
}

function witnessed({ did, didLog = '' }: Identifier): boolean {
  // Ours, and verified when it was made.
  return verifyUnwitnessed(did, didLog, Number.MAX_SAFE_INTEGER).versions.at(-1)?.active.witness !== null
}

async function lostKeys({ keyRef, former = [] }: Identifier, vault: KeyVault): Promise<KeyRef[]> {
  const lost: KeyRef[] = []
  for (const ref of [keyRef, ...former.map((key) => key.keyRef)]) if (!(await holds(vault, ref))) lost.push(ref)
  return lost
}
