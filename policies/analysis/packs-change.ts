/** What other packs change for the rules that use them: a word more or less, a member, a legal relation. */
import { canonical } from '#protocols/canonical.ts'
import type { LegalPack } from '../packs/legal-pack.ts'
import { type Packs, questionKinds } from '../packs/packs.ts'
import { entriesOf } from '../places.ts'
import type { Place, Rule, TrustPolicy } from '../policy.ts'

export interface PolicyAt {
  readonly policy: TrustPolicy
  readonly packs: Packs
}

/** What differs in the entries that a question or a rule of either policy can meet; empty where the two packs mean the same to both. */
export function packsChange(before: PolicyAt, after: PolicyAt): string[] {
  if (canonical(before.packs.digests) === canonical(after.packs.digests)) return []
  const rules = [...before.policy.rules, ...after.policy.rules]
  return [
    ...wordsChange(before.packs, after.packs),
    ...groupsChange(before.packs.legal, after.packs.legal, rules),
    ...relationsChange(before.packs.legal, after.packs.legal, rules),
  ]
}

/** A rule named in a change of groups or relations, so that its flows can be looked at again. */
export function namesOf({ match }: Rule): { readonly groups: readonly string[]; readonly kinds: readonly string[] } {
  const entries = [match.from, match.to].flatMap((place) => (place === undefined ? [] : entriesOf(place)))
  return {
    groups: entries.flatMap((entry) => (typeof entry === 'object' && 'group' in entry ? [entry.group] : [])),
    kinds: entries.flatMap((entry) => (typeof entry === 'object' && 'relation' in entry ? [entry.relation] : [])),
  }
}

/** A word that is new was unknown before, and the unknown counts as matched for a deny: so a new word widens as well as one that is gone. */
function wordsChange(before: Packs, after: Packs): string[] {
  const words = questionKinds.flatMap((kind) => {
    const [old, now] = [before.terms[kind], after.terms[kind]]
    const changed = [...now].filter((word) => !old.has(word)).map((word) => `new ${kind} ${word}`)
    return [...changed, ...[...old].filter((word) => !now.has(word)).map((word) => `no ${kind} ${word} any more`)]
  })
  const parents = [...after.parents]
    .filter(([id, list]) => before.parents.has(id) && !sameSet(list, before.parents.get(id) ?? []))
    .map(([id]) => `category ${id} stands elsewhere`)
  return [...words, ...parents]
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return canonical([...one].sort()) === canonical([...other].sort())
}

function groupsChange(before: LegalPack, after: LegalPack, rules: readonly Rule[]): string[] {
  const onward = rules
    .flatMap((rule) => (rule.effect === 'deny' ? [] : (rule.obligations ?? [])))
    .flatMap((duty): Place[] => (duty.type === 'onward-transfer' && duty.allow !== 'none' ? [duty.allow] : []))
  const named = [
    ...rules.flatMap((rule) => namesOf(rule).groups),
    ...onward.flatMap(entriesOf).flatMap((entry) => (typeof entry === 'object' && 'group' in entry ? [entry.group] : [])),
  ]
  // A union's members stand under its policy, whether or not a rule names it.
  const unions = [...before.groups, ...after.groups].filter(({ id }) => Object.hasOwn(before.jurisdictions, id) || Object.hasOwn(after.jurisdictions, id))
  const ids = new Set([...named, ...unions.map(({ id }) => id)])
  return [...ids].filter((id) => membersText(before, id) !== membersText(after, id)).map((id) => `members of ${id}`)
}

function membersText({ groups }: LegalPack, group: string): string {
  const members = groups.find(({ id }) => id === group)?.members ?? []
  const whole = members.filter(({ subdivision }) => subdivision === undefined).map(({ code, from, until }) => canonical({ code, from, until }))
  return whole.sort().join()
}

function relationsChange(before: LegalPack, after: LegalPack, rules: readonly Rule[]): string[] {
  const named = new Set(rules.flatMap((rule) => namesOf(rule).kinds))
  const [old, now] = [entriesById(before, named), entriesById(after, named)]
  return [...new Set([...old.keys(), ...now.keys()])].filter((id) => old.get(id) !== now.get(id)).map((id) => `legal relation ${id}`)
}

/** Each entry as far as the evaluator looks at it, with who belongs to its ends. */
function entriesById(legal: LegalPack, named: ReadonlySet<string>): ReadonlyMap<string, string> {
  const entries = legal.relations.filter(({ tool, kind }) => tool && named.has(kind))
  return new Map(
    entries.map(({ id, kind, from, to, validFrom, validUntil, recipientSector, exporterSector, certification, excludedData, excludedPurposes }) => [
      id,
      canonical({
        ...{ kind, from, to, validFrom, validUntil, recipientSector, exporterSector, certification, excludedData, excludedPurposes },
        members: [membersText(legal, from), membersText(legal, to)],
      }),
    ]),
  )
}
