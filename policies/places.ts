/** Groups and legal relations on a day. Neither symmetric nor transitive: only what an entry says holds. */
import type { Packs, Relation } from './packs/packs.ts'
import type { Place } from './policy.ts'

type PlaceEntry = Extract<Place, readonly unknown[]>[number]

export function entriesOf(place: Place): readonly PlaceEntry[] {
  return Array.isArray(place) ? place : [place]
}

/** Whether `code` is the group or, as a whole, a member of it at `at`. Both bounds of a membership are dated. */
export function inGroup(packs: Packs, group: string, code: string, at: string): boolean {
  const members = packs.legal.groups.find(({ id }) => id === group)?.members ?? []
  return members.some((member) => member.code === code && member.subdivision === undefined && within(at, member.from, member.until))
}

/** The members of the group at `at`, sorted. */
export function membersOf(packs: Packs, group: string, at: string): string[] {
  const members = packs.legal.groups.find(({ id }) => id === group)?.members ?? []
  const whole = members.filter(
    ({ code, subdivision, from, until }) => subdivision === undefined && packs.terms.jurisdiction.has(code) && within(at, from, until),
  )
  return [...new Set<string>(whole.map(({ code }) => code))].sort()
}

/** Whether the jurisdictions and groups of `place` contain `code`; relations in it are not looked at. */
export function contains(packs: Packs, place: Place, code: string, at: string): boolean {
  return entriesOf(place).some((entry) => (typeof entry === 'string' ? entry === code : 'group' in entry && inGroup(packs, entry.group, code, at)))
}

export function relationsIn(place: Place | undefined): string[] {
  return place === undefined ? [] : entriesOf(place).flatMap((entry) => (typeof entry === 'object' && 'relation' in entry ? [entry.relation] : []))
}

/** The relations recorded from one jurisdiction to another at `at`, by id; their scope is not looked at. */
export function relationsBetween(packs: Packs, from: string, to: string, at: string): Relation[] {
  const isAt = (place: string, code: string) => place === code || inGroup(packs, place, code, at)
  return packs.legal.relations
    .filter((entry) => entry.tool && within(at, entry.validFrom ?? undefined, entry.validUntil) && isAt(entry.from, from) && isAt(entry.to, to))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

export function within(at: string, from: string | undefined, until: string | undefined): boolean {
  return (from === undefined || from <= at) && (until === undefined || at < until)
}
