/** Which recognition of a qualification counts in a jurisdiction: that of an authority which the Trust Policy there names, and the newest of those. */
import type { Qualification } from './schema.ts'

type Recognition = NonNullable<Qualification['recognition']>[number]

/**
 * The word for it in an accreditation, beside the types that its subject may issue: whoever may issue licences may not for that reason
 * decide on those of others.
 */
export const recognitionAct = 'QualificationRecognition'

interface Asked {
  readonly jurisdiction: string
  /** Day on which it is asked; a decision of later does not count. */
  readonly at: string
  /** Names of the authorities, as the policy has them. */
  readonly authorities: ReadonlySet<string>
}

/** @returns undefined where no named authority decided: then it is not recognised, whatever others say */
export function recognitionThatCounts(
  { recognition = [] }: Pick<Qualification, 'recognition'>,
  { jurisdiction, at, authorities }: Asked,
): Recognition | undefined {
  return recognition
    .filter((one) => one.targetJurisdiction === jurisdiction && authorities.has(one.decidedBy))
    .filter(({ decidedOn }) => decidedOn === undefined || decidedOn <= at)
    .toSorted((one, other) => rank(other) - rank(one) || ((one.decidedOn ?? '') < (other.decidedOn ?? '') ? 1 : -1))[0]
}

/** A decision without a day could be of any: it comes first where it refuses, and last where it grants. */
function rank({ decidedOn, outcome }: Recognition): number {
  if (decidedOn !== undefined) return 1
  return outcome === 'refused' ? 2 : 0
}
