/** Who this node is towards the network, and how it judges who a peer says it is. */

import { keyOf } from '#node/identity/dated-keys.ts'
import type { DidBook } from '#node/identity/dids.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, NetworkIdentity } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { didOf } from '#protocols/ids.ts'
import { nodeKey, verifyKey } from '#protocols/keys.ts'

/**
 * Follows a rotation: each handshake takes name, log and signature of the moment it begins.
 *
 * A connection that a partner's former key proved stays: its other end is the peer that the DID document names, whose own key did not
 * change, so a thief of the DID's key could not have made it. And it vouches for little: each message, head and document that comes
 * over it is held against the keys of its own time.
 */
export function networkIdentity({ self, dids, clock }: { readonly self: Self; readonly dids: DidBook; readonly clock: Pick<Clock, 'nowMs'> }): NetworkIdentity {
  return {
    did: self.did,
    get keyId() {
      return self.keyId
    },
    get didLog() {
      return self.didLog
    },
    get witnessProofs() {
      return self.witnessProofs
    },
    get sign() {
      const { signer } = self
      return async (bytes: Uint8Array) => signer.sign(bytes)
    },
    /** What the peer brings is learned first, so that a new key of its is known; nobody is asked for more, since that would need this very connection. */
    async resolveKey(keyId, didLog, peerId, signal, witnessProofs) {
      const did = didOf(keyId)
      if (didLog !== undefined) await dids.learn(did, didLog, witnessProofs)
      const resolved = await dids.resolve(did, signal)
      if (resolved.peerIds.length > 0 && !resolved.peerIds.includes(peerId)) throw new TrustError('DFFT_PEER_BINDING', 'the DID document names other peer ids')
      return nodeKey(verifyKey(keyOf(resolved, keyId, 'authentication', clock.nowMs()))).jwk
    },
  }
}
