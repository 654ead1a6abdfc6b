/**
 * The end of this node's DID: its log says that it names no key any more, and nothing says otherwise ever after.
 *
 * As at a rotation, partners co-sign the log first, so that the age of what was issued can be shown. The node goes on running, so that
 * its record can be read; it issues nothing more.
 */

import { partnersOf } from '#node/network/gate.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import { endedError, frozen, goneOn, type Rotating, resumed, witnessesAtHand } from './rotation.ts'
import { type Waiting, waitingEntry, waitingError } from './waiting-entry.ts'

export interface DeactivationWish {
  /** This node's own, as the confirmation. */
  readonly did: Did
  readonly unwitnessed: boolean
  readonly dryRun: boolean
}

export interface Deactivated {
  readonly did: Did
  readonly from: DidUrl
  readonly witnesses: readonly Did[]
  readonly told: number
  /** The last entry of the DID log, while it waits for the log's witnesses. */
  readonly waiting: Waiting | null
  readonly dryRun: boolean
}

/** @throws {TrustError} DFFT_USAGE for another DID, DFFT_KEY_FIXED, DFFT_KEY_UNWITNESSED, DFFT_KEY_WAITING, DFFT_DID_DEACTIVATED, DFFT_STORE */
export async function deactivate(parts: Rotating, { did, unwitnessed, dryRun }: DeactivationWish, signal: AbortSignal): Promise<Deactivated> {
  const { self, issuing, network, gate } = parts
  if (did !== self.did) throw new TrustError('DFFT_USAGE', `this node is \`${self.did}\`, and deactivates no other DID`, { did })
  if (self.didLog === undefined) throw new TrustError('DFFT_KEY_FIXED', `\`${did}\` is its key, and has no end`, { did })
  const waiting = await waitingEntry(parts)
  if (waiting) return { ...(await resumedEnd(parts, waiting, dryRun, signal)), did }
  if (issuing.closed) throw issuing.closed
  const from = self.keyId
  if (dryRun)
    return { did, from, witnesses: await witnessesAtHand(parts, { unwitnessed }), told: partnersOf(network, gate).connected().length, waiting: null, dryRun }
  return issuing.alone(async () => {
    const { witnesses, retireFromMs } = await frozen(parts, { unwitnessed }, signal)
    // The last entry that a key of ours can sign.
    await parts.audit.append([{ kind: 'deactivating', facts: { did, key: from, witnesses: witnesses.slice(0, 64) } }])
    const identifier = await parts.identifiers.deactivate(did, { retireFromMs })
    issuing.close(identifier.pending ? waitingError(did) : endedError(did))
    const { told, waiting } = await goneOn(parts, identifier, signal)
    return { did, from, witnesses, told, waiting, dryRun }
  })
}

/** @throws {TrustError} DFFT_KEY_WAITING when what waits is a rotation */
async function resumedEnd(parts: Rotating, waiting: Waiting, dryRun: boolean, signal: AbortSignal): Promise<Omit<Deactivated, 'did'>> {
  if (!waiting.ends) throw waitingError(parts.self.did)
  const wish = { unwitnessed: false, peer: false, dryRun }
  return parts.issuing.alone(() => resumed(parts, wish, waiting, signal))
}
