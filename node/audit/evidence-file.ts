/** The evidence of one credential, for a file that a verifier without a node can check. */

import type { Wallet } from '#node/credentials/wallet.ts'
import type { Reading } from '#node/verification/surroundings.ts'
import { readDocument } from '#node/verification/verify-read.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import type { IssuanceProof } from '#protocols/log/issuance.ts'
import type { IssuanceEvidence } from './issuance-evidence.ts'

interface Needs {
  readonly wallet: Wallet
  readonly evidence: Pick<IssuanceEvidence, 'proofOf' | 'keep'>
  readonly surroundings: Reading
}

/**
 * What is held, or else what its issuer can show now.
 *
 * @param credential id of one in the wallet, or a credential itself
 * @throws {TrustError} DFFT_NOT_FOUND for an unknown id, and for one of ours that was never co-signed; DFFT_CREDENTIAL_FORMAT;
 *   codes of `IssuanceEvidence.keep`
 */
export async function evidenceOf(credential: string, { wallet, evidence, surroundings }: Needs, signal: AbortSignal): Promise<IssuanceProof> {
  const text = idPattern.test(credential) ? (await wallet.get(credential)).encodings[0]?.text : credential.trim()
  const { issuer, signed } = await namedBy(text ?? '', surroundings)
  try {
    return await evidence.proofOf(signed)
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_NOT_FOUND') throw thrown
    await evidence.keep(issuer, signed, signal)
    return evidence.proofOf(signed)
  }
}

/** Neither a token nor JSON begins like a URI. */
const idPattern = /^[A-Za-z][A-Za-z0-9+.-]*:/

async function namedBy(text: string, reading: Reading): Promise<{ readonly issuer: Did; readonly signed: Digest }> {
  const read = await readDocument(text, reading)
  const [signature] = read.signatures
  if (read.kind === 'presentation' || !signature) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'evidence is of one credential, with a signature that reads')
  return { issuer: read.issuer, signed: signature.digest() }
}
