/** The signatures of a document as the pipeline checks them: the one of a token, the proofs inside an object. */
import { checkProof, type ReadProof, readProofs } from '#protocols/credential/data-integrity.ts'
import { isJsonObject, type JsonObject, type Jws, signedDigest, verifyJws } from '#protocols/credential/jws.ts'
import { proofDigest } from '#protocols/credential/proof-digest.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'
import type { VerifyKey } from '#protocols/keys.ts'
import type { Secured, Signature } from './verify-model.ts'

/**
 * Reads the proofs of a document of which some are over RDF (eddsa-rdfc-2022, ecdsa-rdfc-2019), and the others as `readProofs`.
 *
 * @throws {TrustError} when one is malformed, or a context is not bundled
 */
export type RdfProofReader = (document: JsonObject) => Promise<readonly ReadProof[]>

const jcsSuites: readonly unknown[] = ['eddsa-jcs-2022', 'ecdsa-jcs-2019']
const rdfSuites: readonly unknown[] = ['eddsa-rdfc-2022', 'ecdsa-rdfc-2019']

/** That of an issuer comes with each presentation of its credential, the same each time. */
export function signatureOf(jws: Jws, keyId: DidUrl, atMs: number | null): Signature {
  return { keyId, kind: jws.algorithm, atMs, expiresMs: null, digest: () => signedDigest(jws), check: (key) => checkOnce(jws, key) }
}

/** Signatures that held; of some two hundred bytes each, and nothing in them tells what was signed. */
const heldMax = 4096
const held = new Set<string>()

/**
 * As `verifyJws`, once for the same bytes, signature and key: whether a signature fits is arithmetic, which no time changes. Whether the
 * key is one in force, and the credential good, is asked elsewhere, each time. What did not fit is not remembered.
 *
 * @throws {TrustError} as `verifyJws`
 */
function checkOnce(jws: Jws, key: VerifyKey): void {
  const { crv, x } = key.jwk
  const y = key.jwk.kty === 'EC' ? key.jwk.y : ''
  const name = [jws.algorithm, crv, x, y, signedDigest(jws), Buffer.from(jws.signature).toString('base64')].join(' ')
  if (held.has(name)) return
  verifyJws(jws, key)
  if (held.size >= heldMax) held.delete(held.values().next().value as string) // It is not empty, so it has a first.
  held.add(name)
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
