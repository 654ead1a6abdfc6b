/** Which rulesets judge an invoice: what its specification identifier (BT-24, `cbc:CustomizationID`) says. The first row that fits counts. */

import type { Digest } from '../ids.ts'
import type { Syntax } from './model.ts'
import type { Ruleset } from './ruleset.ts'
import { en16931Cii } from './rulesets/en16931-cii.ts'
import { en16931Ubl } from './rulesets/en16931-ubl.ts'
import { peppolCii } from './rulesets/peppol-cii.ts'
import { peppolPintEu, peppolUbl } from './rulesets/peppol-ubl.ts'
import { pintJpBilling, pintJpNonTax, pintJpSelfBilling } from './rulesets/pint-jp.ts'
import { pintBilling, pintBillingAe, pintSelfBilling, pintSelfBillingAe, pintSelfBillingAunz } from './rulesets/pint-shared-rulesets.ts'

export interface Profile {
  readonly name: string
  /** Of BT-24, white space tidied. */
  readonly specification: RegExp
  /** The row is for sellers of this country alone. */
  readonly seller?: string
  /** None where the specification has no rules for a syntax: such a document is not one of it. */
  readonly rulesets: Readonly<Record<Syntax, readonly Ruleset[]>>
  /** What the specification asks beyond that, and is not judged here. */
  readonly unjudged?: string
}

const en16931 = { UBL: [en16931Ubl], CII: [en16931Cii] }

function ubl(...rulesets: readonly Ruleset[]): Profile['rulesets'] {
  return { UBL: rulesets, CII: [] }
}

export const profiles: readonly Profile[] = [
  { name: 'EN 16931', specification: /^urn:cen\.eu:en16931:2017$/, rulesets: en16931 },
  {
    name: 'Peppol BIS Billing 3',
    specification: /^urn:cen\.eu:en16931:2017#compliant#urn:fdc:peppol\.eu:2017:poacc:billing:3\.0/,
    rulesets: { UBL: [en16931Ubl, peppolUbl], CII: [en16931Cii, peppolCii] },
  },
  {
    name: 'EN 16931, restricted or extended',
    specification: /^urn:cen\.eu:en16931:2017#/,
    rulesets: en16931,
    unjudged: 'the rules of the restriction or extension that the specification names',
  },
  { name: 'JP PINT billing', specification: /^urn:(?:fdc:peppol:jp:billing:3\.0|peppol:pint:billing-1@jp-1)/, rulesets: ubl(pintJpBilling) },
  { name: 'JP PINT non-tax invoice', specification: /^urn:peppol:pint:nontaxinvoice-1@jp-1/, rulesets: ubl(pintJpNonTax) },
  { name: 'JP PINT self-billing', specification: /^urn:peppol:pint:selfbilling-1@jp-1/, rulesets: ubl(pintJpSelfBilling) },
  // Tax follows the seller: under another jurisdiction's specification it is the rules of Japan that such an invoice breaks, that on its specification first.
  { name: 'JP PINT billing', specification: /^urn:peppol:pint:billing-1@/, seller: 'JP', rulesets: ubl(pintJpBilling) },
  { name: 'JP PINT self-billing', specification: /^urn:peppol:pint:selfbilling-1@/, seller: 'JP', rulesets: ubl(pintJpSelfBilling) },
  { name: 'EU PINT billing', specification: /^urn:peppol:pint:billing-1@eu-1/, rulesets: ubl(pintBilling, en16931Ubl, peppolPintEu) },
  ...pint('A-NZ', 'aunz-1', { billing: [pintBilling], selfbilling: [pintSelfBillingAunz] }),
  ...pint('SG', 'sg-1', { billing: [pintBilling], selfbilling: [pintSelfBilling] }),
  ...pint('MY', 'my-1', { billing: [pintBilling], selfbilling: [pintSelfBilling] }),
  ...pint('OM', 'om-1', { billing: [pintBilling], selfbilling: [pintSelfBilling] }),
  ...pint('AE', 'ae-1', { billing: [pintBillingAe], selfbilling: [pintSelfBillingAe] }),
  // Of a jurisdiction that nobody here knows: what is shared by all is better than nothing, and the verdict says that it is no more.
  {
    name: 'PINT of an unknown jurisdiction',
    specification: /^urn:peppol:pint:billing-1@/,
    rulesets: ubl(pintBilling),
    unjudged: 'the rules of the jurisdiction that the specification names',
  },
]

interface Kinds {
  readonly billing: readonly Ruleset[]
  readonly selfbilling: readonly Ruleset[]
}

/** Jurisdictions of whose rules only those are known here that all of PINT shares. */
function pint(jurisdiction: string, code: string, rulesets: Kinds): readonly Profile[] {
  return (['billing', 'selfbilling'] as const).map((kind) => ({
    name: `${jurisdiction} PINT ${kind === 'billing' ? 'billing' : 'self-billing'}`,
    specification: new RegExp(`^urn:peppol:pint:${kind}-1@${code}`),
    rulesets: ubl(...rulesets[kind]),
    unjudged: `the rules of the jurisdiction (${jurisdiction}) beside those that all of PINT shares`,
  }))
}

/** @param seller country of the seller (BT-40) */
export function profileOf(specification: string, seller: string): Profile | undefined {
  return profiles.find((profile) => profile.specification.test(specification) && (profile.seller === undefined || profile.seller === seller))
}

/** By name, as `--profile` and a stored verdict give it. */
export function profileNamed(name: string): Profile | undefined {
  return profiles.find((profile) => profile.name === name)
}

/** What judges a document whose profile nobody knows. */
export const fallback = en16931

/** Rulesets that no profile has any more: verdicts by them are still had again. */
const superseded: readonly Ruleset[] = []

/** All that there are, by digest. */
export function rulesetsByDigest(): ReadonlyMap<Digest, Ruleset> {
  const all = [...profiles.flatMap(({ rulesets }) => [...rulesets.UBL, ...rulesets.CII]), ...superseded]
  return new Map(all.map((one) => [one.digest, one]))
}
