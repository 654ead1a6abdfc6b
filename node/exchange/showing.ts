/** Which credential, and of a person's which copy, one exchange shows, and by whose key. */

import { copiesOf, nextCopy, onlyHeld, pickCopy, withCopies } from '#node/credentials/copies.ts'
import { holderKeyOf, type Kept } from '#node/credentials/wallet.ts'
import type { Self } from '#node/identity/self.ts'
import { passingTable } from '#node/network/limits.ts'
import type { Write } from '#node/ports.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { ExchangeId, Instant } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'

export interface Showing {
  /** Of a person's, as the one copy that is shown has it; at its issuer, all of them. */
  readonly credential: Kept
  readonly signer: Signer
  /** What makes the use of a copy last: part of the batch that records the release. */
  readonly writes: readonly Write[]
  /** Keys that must not be in the store yet. */
  readonly unused: readonly string[]
}

/** What could answer a Request that answers no Offer, newest first: of a person's, only what cannot be somebody else's. */
export async function heldOf({ name, about }: CredentialType, now: Instant, { wallet, store }: ExchangeNeeds): Promise<readonly Kept[]> {
  if (about === 'organisation') return wallet.fitting(name, now)
  const only = await onlyHeld(wallet, store, name, now)
  return only ? [only] : []
}

/** What could answer a Request that names an origin: which of it came from there is told by how it came. */
export function receivedFrom(type: string, now: Instant, { wallet }: ExchangeNeeds): Promise<readonly Kept[]> {
  return wallet.received(type, now, passingTable.receivedLooked.value)
}

/** The credential as it would be shown: of a person's, as its next copy has it. All copies say the same. */
export async function asShown(credential: Kept, { store, holderKeys }: ExchangeNeeds): Promise<Kept> {
  if (!credential.batch || credential.role !== 'held') return credential
  try {
    return withCopies(credential, [(await nextCopy(credential, { store, holderKeys })).copy])
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_COPIES_USED') throw thrown
    return withCopies(credential, (await copiesOf(store, credential)).slice(0, 1)) // The release says that none is left.
  }
}

/** @throws {TrustError} DFFT_COPIES_USED */
export async function checkCopies(credential: Kept, { store, holderKeys }: Pick<ExchangeNeeds, 'store' | 'holderKeys'>): Promise<void> {
  if (credential.batch && credential.role === 'held') await nextCopy(credential, { store, holderKeys })
}

/** @throws {TrustError} DFFT_COPIES_USED */
export async function showingOf(credential: Kept, exchange: ExchangeId, { store, self, holderKeys }: ExchangeNeeds): Promise<Showing> {
  const own = { credential, signer: self.signer, writes: [], unused: [] }
  if (!credential.batch) return { ...own, signer: signerFor(credential, self) }
  if (credential.role === 'issued') return { ...own, credential: withCopies(credential, await copiesOf(store, credential)) }
  const { unused, ...picked } = await pickCopy(credential, exchange, { store, holderKeys })
  return { ...picked, unused: [unused] }
}

/** What this node holds may be bound to a key that it has given up since; what it issued is bound to its subject's. @throws {TrustError} DFFT_KEY_UNKNOWN */
function signerFor(credential: Kept, self: Self): Signer {
  const bound = credential.role === 'held' ? holderKeyOf(credential) : undefined
  const signer = bound ? self.signerOf(bound) : self.signer
  if (!signer) throw new TrustError('DFFT_KEY_UNKNOWN', `credential \`${credential.id}\` is bound to a key that is not in the vault`)
  return signer
}
