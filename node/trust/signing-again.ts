/**
 * What has to be signed again after the signers of an anchor have changed.
 *
 * Who holds a document that the quorum of its day signed goes on with it. Who learns it later counts the signers of today, and finds too
 * few: a new partner, or one that reads it out of a bundle, would not have it.
 */

import type { Missing } from '#policies/quorum.ts'
import type { Did } from '#protocols/ids.ts'
import type { TrustShelf } from './shelf.ts'
import type { Signed } from './trust-line.ts'

/** Of those in force that we may sign and have not. Proposals are none: each is for its signers to read. */
export function toSignAgain(
  shelf: Pick<TrustShelf, 'documents' | 'signed' | 'missing'>,
  ours: Did,
): readonly (Signed & { readonly missing: readonly Missing[] })[] {
  return [...shelf.documents()].flatMap(({ document, digest }) => {
    // The rest are made anew when they are due, or take one signature.
    const lasting = (document.type === 'Accreditation' && document.version === 2) || document.type === 'RecognitionAgreement'
    const signed = lasting ? shelf.signed(digest) : undefined
    const missing = signed ? shelf.missing(signed) : []
    return signed && missing.some(({ of }) => of.includes(ours)) ? [{ ...signed, missing }] : []
  })
}
