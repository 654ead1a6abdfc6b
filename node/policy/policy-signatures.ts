/** Who signed a document: proofs of one set, each over the same document, counted by DID and not by proof. */
import type { KeyFinder } from '#node/identity/key-finder.ts'
import { parse } from '#protocols/channel.ts'
import { checkProof, type ReadProof, readProofs } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf, msOf } from '#protocols/ids.ts'
import { Proofs } from '#protocols/trust/proof.ts'

export interface Signatures {
  readonly by: ReadonlySet<Did>
  /** Signers whose key is not, or no longer, one of their DID's: what they signed does not count. */
  readonly uncounted: ReadonlyMap<Did, TrustError>
  /** The document with the proofs that count. */
  readonly document: JsonObject
}

/**
 * @param known whose signature counts by what this node holds already
 * @param named signers that only the document itself names: asked for when one of the known has signed, since whoever writes a document
 *   could have us resolve any DID
 * @param code of a document that is no policy
 * @throws {TrustError} DFFT_POLICY_SIGNATURE, or `code`, naming who is none of the signers, or whose signature does not fit; DFFT_SCHEMA
 */
export async function signaturesOf(
  document: JsonObject,
  { known, named }: { readonly known: ReadonlySet<Did>; readonly named: ReadonlySet<Did> },
  keys: KeyFinder,
  signal: AbortSignal,
  code: Code = 'DFFT_POLICY_SIGNATURE',
): Promise<Signatures> {
  const given = [parse(document.proof, Proofs)].flat().map((proof) => ({ proof, did: didOf(proof.verificationMethod) }))
  const stranger = given.find(({ did }) => !known.has(did) && !named.has(did))
  if (stranger) throw new TrustError(code, `\`${stranger.did}\` signed it and is none of its signers`, { signer: stranger.did })
  const read = readWell(document, code)
  const good = new Set<number>()
  const by = new Set<Did>()
  const uncounted = new Map<Did, TrustError>()
  for (const group of [known, named]) {
    for (const [at, { did, proof }] of given.entries()) {
      const one = read[at]
      if (one === undefined || good.has(at) || !group.has(did) || (group === named && by.size === 0)) continue
      const refusal = await refusalOf(one, did, msOf(proof.created), { keys, code }, signal)
      if (refusal) uncounted.set(did, refusal)
      else {
        by.add(did)
        good.add(at)
      }
    }
  }
  const proofs = [document.proof].flat().filter((_, at) => good.has(at))
  return { by, uncounted, document: { ...document, proof: proofs.length === 1 ? (proofs[0] ?? null) : (proofs as JsonObject[]) } } // They have passed `Proofs`.
}

function readWell(document: JsonObject, code: Code): readonly ReadProof[] {
  try {
    return readProofs(document)
  } catch (cause) {
    throw new TrustError(code, 'the proofs cannot be read', {}, { cause })
  }
}

/** Why a signature does not count. One that does not fit was made over something else: then nothing of the document is believed. */
async function refusalOf(
  proof: ReadProof,
  did: Did,
  createdMs: number,
  { keys, code }: { readonly keys: KeyFinder; readonly code: Code },
  signal: AbortSignal,
): Promise<TrustError | undefined> {
  const keyId: DidUrl = proof.keyId
  let key: Awaited<ReturnType<KeyFinder>>
  try {
    key = await keys(keyId, 'assertionMethod', createdMs, signal)
  } catch (thrown) {
    if (thrown instanceof TrustError) return thrown
    throw thrown
  }
  try {
    checkProof(proof, key)
  } catch (cause) {
    throw new TrustError(code, `the signature of \`${did}\` does not fit`, { signer: did }, { cause })
  }
  return undefined
}

/** Of a document that was kept: its proofs were checked then. */
export function signersIn(document: JsonObject): readonly Did[] {
  const proofs = [document.proof ?? []].flat() as unknown as readonly { readonly verificationMethod: string }[] // Kept by `signaturesOf`.
  return [...new Set(proofs.map(({ verificationMethod }) => didOf(verificationMethod)))]
}
