/**
 * What a rule is about. A category or a credential type of ours is an asset by its IRI; several conditions, and paths within a
 * credential, are a collection of our profile with what narrows it.
 */
import type { Match } from '../policy.ts'
import { iriOf, odrlName } from './constraints.ts'
import { type Constraint, type Thing, uidOf } from './document.ts'
import type { AssetMeaning, OdrlMapping } from './mapping.ts'
import { dfft, spoken } from './names.ts'
import type { Path, Refusals } from './refusals.ts'

/** All claims of all credentials: narrowed by `dfft:credential`, `dfft:data` and `dfft:path`. */
export const everything = dfft('claims')

const narrowers = ['credential', 'data', 'path'] as const

export function assetIn(targets: readonly Thing[], mapping: OdrlMapping, path: Path, refusals: Refusals): Match {
  const [only, ...others] = targets
  if (only && others.length === 0 && only.source === everything) return collectionIn(only, mapping, [...path, 0], refusals)
  const meanings = targets.flatMap((target, index) => {
    const at = [...path, index]
    for (const term of ['refinement', 'partOf', 'hasPolicy'] as const)
      if (target[term] !== undefined) refusals.add([...at, term], `odrl:${term}`, 'of an asset is carried for a collection of our profile only')
    const name = uidOf(target) ?? target.source ?? ''
    const meaning = mapping.assets.get(name)
    if (!meaning) refusals.add(at, spoken(name), 'is an asset that is neither a category nor a credential type of the packs')
    return meaning ?? []
  })
  return matchOf(meanings, path, refusals)
}

function matchOf(meanings: readonly AssetMeaning[], path: Path, refusals: Refusals): Match {
  const data = meanings.flatMap((one) => ('data' in one ? [one.data] : []))
  const credential = meanings.flatMap((one) => ('credential' in one ? [one.credential] : []))
  // Several targets are several rules, and a rule asks for both.
  if (data.length > 0 && credential.length > 0) refusals.add(path, 'odrl:target', 'mixes categories and credential types')
  return { ...(data.length > 0 ? { data } : {}), ...(credential.length > 0 ? { credential } : {}) }
}

function collectionIn(target: Thing, { assets }: OdrlMapping, path: Path, refusals: Refusals): Match {
  const meanings = (name: 'credential' | 'data') =>
    refinementsOf(target, name).flatMap(({ constraint, at }) => {
      const words = (constraint.rightOperand ?? []).flatMap((value, index) => {
        const meaning = assets.get(iriOf(value))
        const word = meaning && name in meaning ? (meaning as Readonly<Record<string, string>>)[name] : undefined
        if (word === undefined) refusals.add([...path, 'refinement', at, 'rightOperand', index], spoken(iriOf(value)), `is no ${name} of the packs`)
        return word ?? []
      })
      if (odrlName(constraint.operator ?? '') !== 'isAnyOf')
        refusals.add([...path, 'refinement', at, 'operator'], spoken(constraint.operator ?? ''), 'is not carried here')
      return words
    })
  const credential = meanings('credential')
  const data = meanings('data')
  checkRefinements(target, path, refusals)
  return { ...(credential.length > 0 ? { credential } : {}), ...(data.length > 0 ? { data } : {}) }
}

function checkRefinements({ refinement = [], partOf, hasPolicy }: Thing, path: Path, refusals: Refusals): void {
  for (const [term, value] of Object.entries({ partOf, hasPolicy })) if (value !== undefined) refusals.add([...path, term], `odrl:${term}`, 'is not carried')
  const seen = new Set<string>()
  for (const [index, { leftOperand = '', operator = '' }] of refinement.entries()) {
    const at = [...path, 'refinement', index]
    if (!narrowers.some((name) => dfft(name) === leftOperand))
      refusals.add([...at, 'leftOperand'], spoken(leftOperand), 'does not narrow a collection of claims')
    const key = leftOperand === dfft('path') ? `${leftOperand} ${operator}` : leftOperand
    if (seen.has(key)) refusals.add(at, spoken(leftOperand), 'narrows twice')
    seen.add(key)
  }
}

/** Which paths a permit covers, from the refinements on `dfft:path`. */
export function disclosureIn(
  targets: readonly Thing[],
  path: Path,
  refusals: Refusals,
): { readonly allow?: readonly string[]; readonly deny?: readonly string[] } | undefined {
  const limits: { allow?: readonly string[]; deny?: readonly string[] } = {}
  const [only] = targets
  if (only?.source !== everything) return undefined
  for (const { constraint, at } of refinementsOf(only, 'path')) {
    const operator = odrlName(constraint.operator ?? '')
    const pointers = (constraint.rightOperand ?? []).map((value) => (typeof value === 'string' ? value : iriOf(value)))
    if (operator === 'isAnyOf') limits.allow = pointers
    else if (operator === 'isNoneOf') limits.deny = pointers
    else refusals.add([...path, 0, 'refinement', at, 'operator'], spoken(constraint.operator ?? ''), 'is not carried here')
  }
  return Object.keys(limits).length > 0 ? limits : undefined
}

function refinementsOf({ refinement = [] }: Thing, name: (typeof narrowers)[number]): { readonly constraint: Constraint; readonly at: number }[] {
  return refinement.flatMap((constraint, at) => (constraint.leftOperand === dfft(name) ? [{ constraint, at }] : []))
}
