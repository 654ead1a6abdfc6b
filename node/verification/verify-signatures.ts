/** The signatures of a document as the pipeline checks them: the one of a token, the proofs inside an object. */
import { checkProof, type ReadProof, readProofs } from '#protocols/credential/data-integrity.ts'
import { isJsonObject, type JsonObject, type Jws, signedDigest, verifyJws } from '#protocols/credential/jws.ts'
import { proofDigest } from '#protocols/credential/proof-digest.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'
import type { Secured, Signature } from './verify-model.ts'

/**
 * Reads the proofs of a document of which some are over RDF (eddsa-rdfc-2022, ecdsa-rdfc-2019), and the others as `readProofs`.
 *
 * @throws {TrustError} when one is malformed, or a context is not bundled
 */
export type RdfProofReader = (document: JsonObject) => Promise<readonly ReadProof[]>

const jcsSuites: readonly unknown[] = ['eddsa-jcs-2022', 'ecdsa-jcs-2019']
const rdfSuites: readonly unknown[] = ['eddsa-rdfc-2022', 'ecdsa-rdfc-2019']

export function signatureOf(jws: Jws, keyId: DidUrl, atMs: number | null): Signature {
  return { keyId, kind: jws.algorithm, atMs, expiresMs: null, digest: () => signedDigest(jws), check: (key) => verifyJws(jws, key) }
}

/**
 * The proofs of a document, as far as their suites are known. A proof that is not may stand beside one that is: each is over
 * the document by itself, and one that names an unknown one as its predecessor is refused.
 *
 * @param each told of every proof that was read
 * @throws {TrustError} DFFT_SIGNATURE without a proof or for a malformed one; DFFT_CREDENTIAL_FORMAT when all suites are unknown;
 *   DFFT_KEY_NOT_FOUND for another purpose
 */
export async function signaturesIn(
  document: JsonObject,
  purpose: string,
  rdf: RdfProofReader | undefined,
  each: (proof: ReadProof) => void = () => undefined,
): Promise<Pick<Secured, 'signatures' | 'unread'>> {
  const { proof, ...unsecured } = document
  const proofs = proof === undefined ? [] : listOf(proof)
  if (proofs.length === 0) throw new TrustError('DFFT_SIGNATURE', 'the document carries no proof: anybody could have written it')
  const ofSuites = (suites: readonly unknown[]) => proofs.filter((one) => isJsonObject(one) && suites.includes(one.cryptosuite))
  const jcs = ofSuites(jcsSuites)
  const overRdf = ofSuites(rdfSuites)
  if (jcs.length + overRdf.length === 0) throw new TrustError('DFFT_CREDENTIAL_FORMAT', `no proof is of a suite read here, but ${suiteNames(proofs)}`)
  // A chain may mix suites, so that whoever reads RDF is given all of it.
  const read =
    rdf && overRdf.length > 0
      ? await rdf({ ...unsecured, proof: ofSuites([...jcsSuites, ...rdfSuites]) })
      : jcs.length > 0
        ? readProofs({ ...unsecured, proof: jcs })
        : []
  for (const one of read) {
    if (one.purpose !== purpose) throw new TrustError('DFFT_KEY_NOT_FOUND', `a proof has the purpose \`${one.purpose.slice(0, 64)}\` and not ${purpose}`)
    each(one)
  }
  const unread = proofs.filter((one) => !jcs.includes(one) && !(rdf && overRdf.includes(one)))
  return { signatures: read.map(proved), unread: unread.length > 0 ? [suiteNames(unread)] : [] }
}

function proved(proof: ReadProof): Signature {
  const { keyId, cryptosuite, createdMs, expiresMs } = proof
  return { keyId, kind: cryptosuite, atMs: createdMs, expiresMs, digest: () => proofDigest(proof), check: (key) => checkProof(proof, key) }
}

function suiteNames(proofs: readonly JsonObject[string][]): string {
  const names = proofs.map((proof) => `\`${String((isJsonObject(proof) && (proof.cryptosuite ?? proof.type)) || 'unnamed').slice(0, 64)}\``)
  return [...new Set(names)].slice(0, 8).join(', ')
}
