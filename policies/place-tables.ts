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
  /** What is recorded from one jurisdiction (by number) to another; no entry where nothing is, or where no rule asks. */
  readonly recorded: readonly (readonly (Recorded | undefined)[] | undefined)[]
  readonly nothing: Recorded
  /** Where the row of all rules begins. */
  readonly every: number
  /** Of two places of which one is unknown: any relation is possible, which counts for denies and duties. */
  readonly unknown: Recorded
  /** The same where it counts for permits too. */
  readonly possible: Recorded
}

export interface Recorded {
  /** By id; undefined where a place is unknown. */
  readonly scopes: readonly Scope[] | undefined
  /** Where the row of the rules that name a kind of theirs begins. */
  readonly row: number
}

export function placeTablesAt(rules: readonly CompiledRule[], tables: Tables, packs: Packs, at: string): PlaceTables {
  const { words } = tables.layout
  const maker = tables.rows.copy()
  const codes = codesAt(packs, at)
  const rowsBy = (side: 'from' | 'to') => {
    const { unknown, byWord, free } = answersOf(rules, words, ({ rule }) => codes(rule.match[side]))
    const rows = [unknown, ...[...tables.jurisdictions.keys()].map((code) => byWord.get(code) ?? free), bitsOf(words, rules)]
    return Int32Array.from(rows, (row) => maker.add(row))
  }
  const naming = (kinds: ReadonlySet<string>) =>
    bitsOf(
      words,
      rules.filter(({ relations }) => relations.some((kind) => kinds.has(kind))),
    )
  const any = naming(packs.terms.relation)
  const asked = rules.some(({ relations }) => relations.length > 0)
  const places = {
    from: rowsBy('from'),
    to: rowsBy('to'),
    recorded: asked ? recordedAt(tables, packs, at, (kinds) => maker.add(naming(kinds))) : [],
    every: maker.add(bitsOf(words, rules)),
    nothing: { scopes: [], row: maker.add(bitsOf(words, [])) },
    unknown: { scopes: undefined, row: maker.add(meeting(any, strictOf(rules, words))) },
    possible: { scopes: undefined, row: maker.add(any) },
  }
  return { ...places, table: maker.table() }
}

type Codes = (place: Place | undefined) => readonly string[] | undefined

/** The jurisdictions of a place at that time; undefined where no place is asked for. */
function codesAt(packs: Packs, at: string): Codes {
  const members = new Map(packs.legal.groups.map(({ id }) => [id, membersOf(packs, id, at)]))
  const codesOf = (entry: ReturnType<typeof entriesOf>[number]) =>
    typeof entry === 'string' ? [entry] : 'group' in entry ? (members.get(entry.group) ?? []) : []
  return (place) => place && entriesOf(place).flatMap(codesOf)
}

type RowOf = (kinds: ReadonlySet<string>) => number

function recordedAt({ scopes, jurisdictions }: Tables, packs: Packs, at: string, rowOf: RowOf): (Recorded | undefined)[][] {
  const standing = scopes.filter(({ relation }) => within(at, relation.validFrom ?? undefined, relation.validUntil))
  const placesOf = (place: string) => new Set([place, ...membersOf(packs, place, at)].flatMap((code) => jurisdictions.get(code) ?? []))
  const reaching = standing.map((scope) => ({ scope, from: placesOf(scope.relation.from), to: placesOf(scope.relation.to) }))
  const numbers = [0, ...jurisdictions.values()]
  const shared = new Map<string, Recorded>()
  const recordedFor = (list: readonly Scope[]): Recorded | undefined => {
    if (list.length === 0) return undefined
    const key = list.map(({ number }) => number).join()
    const recorded = shared.get(key) ?? { scopes: list, row: rowOf(new Set(list.map(({ relation }) => relation.kind))) }
    shared.set(key, recorded)
    return recorded
  }
  return numbers.map((from) => {
    const leaving = reaching.filter((one) => one.from.has(from))
    return leaving.length === 0 ? none : numbers.map((to) => recordedFor(leaving.filter((one) => one.to.has(to)).map(({ scope }) => scope)))
  })
}

const none: never[] = []
