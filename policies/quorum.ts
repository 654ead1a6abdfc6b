/**
 * How many of whose signatures a policy document takes.
 *
 * The policy before it says who signs (`signers`, `quorum`; the issuer alone where it does not). A change that only restricts takes
 * one of them, any other takes the quorum. A document that changes who signs is signed by the quorum it names as well: nobody is made a
 * signer who cannot sign. The first one of a jurisdiction that a node holds takes its anchor, too, which the node's operator has pinned.
 */
import type { Did } from '#protocols/ids.ts'
import type { TrustPolicy } from './policy.ts'

export interface Signers {
  readonly of: readonly Did[]
  readonly quorum: number
}

/** What is not there yet: `count` more of `of`. */
export interface Missing {
  readonly count: number
  readonly of: readonly Did[]
}

export function signersOf({ metadata: { signers, quorum, issuer } }: TrustPolicy): Signers {
  return { of: signers ?? (issuer === undefined ? [] : [issuer]), quorum: quorum ?? 1 }
}

/**
 * Neither is changed by one of them alone, nor is the issuer: a higher quorum can lock the others out as a lower one can let a thief in, and
 * newcomers ask for the issuer's signature.
 */
export function sameSigners(before: TrustPolicy, after: TrustPolicy): boolean {
  const [one, other] = [signersOf(before), signersOf(after)]
  return (
    before.metadata.issuer === after.metadata.issuer &&
    one.quorum === other.quorum &&
    one.of.length === other.of.length &&
    one.of.every((did) => other.of.includes(did))
  )
}

/**
 * @param before the policy it follows; undefined for the first that is held
 * @param restricts whether it is proved that nothing gets wider; asked only where the quorum is not there
 * @returns undefined when it is signed by enough
 */
export function missingFor(before: TrustPolicy | undefined, after: TrustPolicy, signed: ReadonlySet<Did>, restricts: () => boolean): Missing | undefined {
  if (!before) return missingOf(anchorOf(after), signed) ?? missingOf(signersOf(after), signed)
  if (!sameSigners(before, after)) return missingOf(signersOf(before), signed) ?? missingOf(signersOf(after), signed)
  const missing = missingOf(signersOf(before), signed)
  if (!missing || (restricts() && !missingOf({ ...signersOf(before), quorum: 1 }, signed))) return undefined
  return missing
}

function anchorOf({ metadata: { issuer } }: TrustPolicy): Signers {
  return { of: issuer === undefined ? [] : [issuer], quorum: 1 }
}

export function missingOf({ of, quorum }: Signers, signed: ReadonlySet<Did>): Missing | undefined {
  const unsigned = of.filter((did) => !signed.has(did))
  const count = quorum - (of.length - unsigned.length)
  return count > 0 ? { count, of: unsigned } : undefined
}
