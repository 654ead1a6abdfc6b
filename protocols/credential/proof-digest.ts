/** What a Data Integrity proof is called in an issuer's log, as `signedDigest` names what a JWS signs. */
import { type Digest, digest } from '#protocols/ids.ts'

/**
 * SHA-256 over the 64 bytes that the proof signs: the hash of its options, then the hash of the document (with the proofs it
 * covers). So it names one signed document under one set of options, whatever the signature's own bytes are.
 */
export function proofDigest({ signed }: { readonly signed: Uint8Array }): Digest {
  return digest(signed)
}
