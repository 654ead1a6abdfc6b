/** Which rulesets judge an invoice: what its specification identifier (BT-24, `cbc:CustomizationID`) says. The first row that fits counts. */

import type { Ruleset } from './ruleset.ts'
import { en16931Cii } from './rulesets/en16931-cii.ts'
import { en16931Ubl } from './rulesets/en16931-ubl.ts'

export interface Profile {
  readonly name: string
  /** Of BT-24, white space tidied. */
  readonly specification: RegExp
  readonly rulesets: { readonly UBL: readonly Ruleset[]; readonly CII: readonly Ruleset[] }
  /** It asks more than what is judged here. */
  readonly partly: boolean
}

const en16931 = { UBL: [en16931Ubl], CII: [en16931Cii] }

export const profiles: readonly Profile[] = [
  { name: 'EN 16931', specification: /^urn:cen\.eu:en16931:2017$/, rulesets: en16931, partly: false },
  { name: 'EN 16931, restricted or extended', specification: /^urn:cen\.eu:en16931:2017#/, rulesets: en16931, partly: true },
]

export function profileOf(specification: string): Profile | undefined {
  return profiles.find((profile) => profile.specification.test(specification))
}

/** By name, as `--profile` and a stored verdict give it. */
export function profileNamed(name: string): Profile | undefined {
  return profiles.find((profile) => profile.name === name)
}

/** What judges a document whose profile nobody knows. */
export const fallback = en16931
