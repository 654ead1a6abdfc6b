/** ODRL without a running node: a policy of ours as ODRL, ODRL as policies of ours, and whether two ODRL policies can be kept at once. */

import type { Concepts } from '#policies/odrl/concepts.ts'
import { conflictBetween, type Verdict } from '#policies/odrl/conflict.ts'
import { readOdrl } from '#policies/odrl/document.ts'
import type { Defaults } from '#policies/odrl/documents.ts'
import { exportOdrl } from '#policies/odrl/export.ts'
import { type Imported, importOdrl } from '#policies/odrl/import.ts'
import { entryIri, mappingOf } from '#policies/odrl/mapping.ts'
import { plainDomains } from '#policies/odrl/regions.ts'
import { type Packs, shippedPacks } from '#policies/packs/packs.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { inGroup } from '#policies/places.ts'
import { TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'

/** @throws {TrustError} DFFT_POLICY_ODRL for what is not carried, DFFT_POLICY_SYNTAX, and those of parseJson */
export function odrlImport(text: string, defaults: Defaults): Imported {
  return importOdrl(parseJson(text), { packs: shippedPacks, defaults })
}

/** @throws {TrustError} DFFT_POLICY_SYNTAX for a text that is no Trust Policy */
export function odrlExport(text: string, file?: string): Readonly<Record<string, unknown>> {
  const document = parsePolicy(text, file)
  if (document.kind !== 'TrustPolicy') throw new TrustError('DFFT_POLICY_ODRL', 'a suspension has no form in ODRL', { construct: document.kind })
  return exportOdrl(document, shippedPacks)
}

/**
 * @param at the day whose groups are meant
 * @throws {TrustError} DFFT_POLICY_ODRL naming what is no set, interval or time
 */
export function odrlConflict(one: string, other: string, at: string): Verdict {
  const world = { ...plainDomains, concepts: conceptsOf(shippedPacks, at), silence: 'free' } as const
  return conflictBetween(readOdrl(parseJson(one)), readOdrl(parseJson(other)), world)
}

/** Places of the packs: members lie within groups, and two countries apart. What is no place has its name only. */
function conceptsOf(packs: Packs, at: string): Concepts {
  const { places } = mappingOf(packs)
  const codes = Object.keys(packs.legal.jurisdictions)
  const unions = new Set(packs.legal.groups.map(({ id }) => id))
  const country = (iri: string): string | undefined => codes.find((code) => !unions.has(code) && places.get(iri) === code)
  const below = (one: string, other: string) => {
    const [inner, outer] = [places.get(one), places.get(other)]
    const group = typeof outer === 'string' ? outer : outer && 'group' in outer ? outer.group : undefined
    return one === other || (typeof inner === 'string' && group !== undefined && inGroup(packs, group, inner, at))
  }
  const members = codes.filter((code) => [...unions].some((group) => inGroup(packs, group, code, at)))
  const all = [...places].flatMap(([iri, entry]) => (typeof entry === 'string' && members.includes(entry) && entryIri(entry) === iri ? [iri] : []))
  return { all, below, apart: (one, other) => one !== other && country(one) !== undefined && country(other) !== undefined }
}
