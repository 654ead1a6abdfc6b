/** What the places of one side's rules mean between two changes of the legal pack: groups resolved, legal relations by pair. */
import { meeting } from './bits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Packs } from './packs/packs.ts'
import { entriesOf, membersOf, within } from './places.ts'
import type { Place } from './policy.ts'
import { answersOf, bitsOf, type Scope, strictOf, type Tables } from './tables.ts'

export interface PlaceTables {
  /** All rows of the side: what stands in `tables.rows`, then those of places. */
  readonly table: Int32Array
  /** Where the row of each jurisdiction begins, by its number: the rules whose `from` (`to`) has it, relations aside. After the last stands "any". */
  readonly from: Int32Array
  readonly to: Int32Array
  /** Legal relations from one jurisdiction to another, by number of both and by id; none where no rule asks for any. */
  readonly recorded: (from: number, to: number) => readonly Scope[]
  /** Where the row of all rules begins, of none, of those that name a legal relation, and of the denies and duties among them. */
  readonly every: number
  readonly none: number
  readonly related: number
  readonly relatedStrict: number
}

export function placeTablesAt(rules: readonly CompiledRule[], tables: Tables, packs: Packs, at: string): PlaceTables {
  const { words } = tables.layout
  const rows = tables.rows.copy()
  const codes = codesAt(packs, at)
  const rowsBy = (side: 'from' | 'to') => {
    const { unknown, byWord, free } = answersOf(rules, words, ({ rule }) => codes(rule.match[side]))
    const all = [unknown, ...[...tables.jurisdictions.keys()].map((code) => byWord.get(code) ?? free), bitsOf(words, rules)]
    return Int32Array.from(all, (row) => rows.add(row))
  }
  const relating = rules.filter(({ relations }) => relations.length > 0)
  const places = {
    from: rowsBy('from'),
    to: rowsBy('to'),
    recorded: relating.length > 0 ? recordedAt(tables, packs, at) : () => nothing,
    every: rows.add(bitsOf(words, rules)),
    none: rows.add(bitsOf(words, [])),
    related: rows.add(bitsOf(words, relating)),
    relatedStrict: rows.add(meeting(bitsOf(words, relating), strictOf(rules, words))),
  }
  return { ...places, table: rows.table() }
}

const nothing: readonly never[] = Object.freeze([])

type Codes = (place: Place | undefined) => readonly string[] | undefined

/** The jurisdictions of a place at that time; undefined where no place is asked for. */
function codesAt(packs: Packs, at: string): Codes {
  const members = new Map(packs.legal.groups.map(({ id }) => [id, membersOf(packs, id, at)]))
  const codesOf = (entry: ReturnType<typeof entriesOf>[number]) =>
    typeof entry === 'string' ? [entry] : 'group' in entry ? (members.get(entry.group) ?? []) : []
  return (place) => place && entriesOf(place).flatMap(codesOf)
}

/** Worked out for one exporter's place at a time, when it is first asked for: a side meets few of them. */
function recordedAt({ scopes, jurisdictions }: Tables, packs: Packs, at: string): PlaceTables['recorded'] {
  const placesOf = (place: string) => new Set([place, ...membersOf(packs, place, at)].flatMap((code) => jurisdictions.get(code) ?? []))
  const standing = scopes
    .filter(({ relation }) => within(at, relation.validFrom ?? undefined, relation.validUntil))
    .map((scope) => ({ scope, from: placesOf(scope.relation.from), to: placesOf(scope.relation.to) }))
  const rowFor = (from: number) => {
    const leaving = standing.filter((one) => one.from.has(from))
    const row = Array.from({ length: jurisdictions.size + 1 }, (): readonly Scope[] => nothing)
    for (const to of new Set(leaving.flatMap((one) => [...one.to]))) row[to] = leaving.filter((one) => one.to.has(to)).map(({ scope }) => scope)
    return row
  }
  const known: (readonly (readonly Scope[])[] | undefined)[] = Array.from({ length: jurisdictions.size + 1 }, () => undefined)
  return (from, to) => {
    const row = known[from] ?? rowFor(from)
    known[from] = row
    return row[to] ?? nothing
  }
}
