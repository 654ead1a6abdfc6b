/**
 * What has to be signed again after the signers of an anchor have changed.
 *
 * What the quorum before them signed goes on counting for as long as their statement says, then for nobody any more.
 */

import type { Missing } from '#policies/quorum.ts'
import type { Did } from '#protocols/ids.ts'
import type { TrustShelf } from './shelf.ts'
import type { Signed } from './trust-line.ts'

/** Of those that counted what we may sign and have not. Proposals are none: each is for its signers to read. */
export function toSignAgain(shelf: Pick<TrustShelf, 'unsigned' | 'missing'>, ours: Did): readonly (Signed & { readonly missing: readonly Missing[] })[] {
  return [...shelf.unsigned()].flatMap((signed) => {
    const { document } = signed
    const missing = shelf.missing(signed)
    // One of version 1 has one signature, and is made anew by who may still sign alone.
    const signable = document.type !== 'Accreditation' || document.version === 2
    return signable && missing.some(({ of }) => of.includes(ours)) ? [{ ...signed, missing }] : []
  })
}
