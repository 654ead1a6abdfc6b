/**
 * Evidence from files: that a credential stood in its issuer's log before the issuer gave up the key it is signed with. Of the witnesses
 * those count that the verifier's own roots name; what an issuer or a witness says of itself counts as far as its keys do.
 */

import type { KeyEra } from '#node/ports.ts'
import type { Surroundings } from '#node/verification/surroundings.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { IssuanceProof, verifyFirst } from '#protocols/log/issuance.ts'

interface Known {
  /** A DID's keys of all times. @throws {TrustError} DFFT_DID_* */
  readonly keysOf: (did: Did) => readonly KeyEra[]
  readonly witnesses: ReadonlySet<Did>
}

/**
 * @param texts of evidence files, each for one credential
 * @throws {TrustError} DFFT_SCHEMA and those of parseJson; when asked: DFFT_ISSUANCE_UNPROVEN, DFFT_ISSUANCE_PROOF, DFFT_CHECKPOINT, DFFT_DID_*
 */
export function offlineEvidence(texts: readonly string[], { keysOf, witnesses }: Known): NonNullable<Surroundings['issuedBefore']> {
  const proofs = texts.map((text) => parse(parseJson(text), IssuanceProof))
  return async (issuer, signed, beforeMs) => {
    const witnessKeys = (did: Did) => (witnesses.has(did) ? keysIfKnown(did, keysOf) : [])
    const { index, by, atMs } = verifyFirst(proofs, { issuer, signed, beforeMs, issuerKeys: keysOf(issuer), witnessKeys })
    return `logged by its issuer as entry ${index}, witnessed by \`${by}\` on ${instant(atMs)}, says a file`
  }
}

/** A witness whose keys the files do not hold counts for nothing, and does not stand in the way of the others. */
function keysIfKnown(did: Did, keysOf: Known['keysOf']): readonly KeyEra[] {
  try {
    return keysOf(did)
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return []
  }
}
