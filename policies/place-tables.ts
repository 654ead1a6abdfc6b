/** What the places of one side's rules mean between two changes of the legal pack: groups resolved, legal relations by pair. */
import { listOf, meeting, RowMaker } from './bits.ts'
import { type Cells, cellsOf, leftOut } from './cells.ts'
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
  /**
   * Of flows that leave a place all rules are of, by recipient, without a legal relation and along one; and of those that reach one, by
   * exporter. None where no place is so.
   */
  readonly leaving: Cells | undefined
  readonly leavingRelated: Cells | undefined
  readonly reaching: Cells | undefined
  /** Where the row of all rules begins, of none, of those that name a legal relation, and of the denies and duties among them. */
  readonly every: number
  readonly none: number
  readonly related: number
  readonly relatedStrict: number
}

export function placeTablesAt(rules: readonly CompiledRule[], tables: Tables, packs: Packs, at: string): PlaceTables {
  const { words } = tables.layout
  const rows = new RowMaker(words, tables.rows)
  const codes = codesAt(packs, at)
  const rowsBy = (side: 'from' | 'to') => {
    const { unknown, byWord, free } = answersOf(rules, words, ({ rule }) => codes(rule.match[side]))
    const all = [unknown, ...tables.jurisdictions.words.slice(1).map((code) => byWord.get(code) ?? free), bitsOf(words, rules)]
    return Int32Array.from(all, (row) => rows.add(row))
  }
  const relating = rules.filter(({ relations }) => relations.length > 0)
  const { recorded, reached } = relating.length > 0 ? recordedAt(tables, packs, at) : { recorded: () => nothing, reached: new Set<number>() }
  const places = {
    from: rowsBy('from'),
    to: rowsBy('to'),
    recorded,
    every: rows.add(bitsOf(words, rules)),
    none: rows.add(bitsOf(words, [])),
    related: rows.add(bitsOf(words, relating)),
    relatedStrict: rows.add(meeting(bitsOf(words, relating), strictOf(rules, words))),
  }
  const table = rows.table()
  const cells = (whole: Int32Array, others: Int32Array, also: number) =>
    whole.subarray(0, -1).includes(places.every) ? cellsOf({ table, headWords: tables.layout.headWords }, others, also, tables.contexts) : undefined
  const alongRelations = places.to.map((row, to) => (reached.has(to) ? row : leftOut))
  return {
    ...places,
    table,
    leaving: cells(places.from, places.to, places.none),
    leavingRelated: relating.length > 0 ? cells(places.from, alongRelations, places.related) : undefined,
    reaching: cells(places.to, places.from, places.none),
  }
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

interface Recorded extends Pick<PlaceTables, 'recorded'> {
  /** Numbers of the jurisdictions that a legal relation leads to from anywhere. */
  readonly reached: ReadonlySet<number>
}

/** Worked out for one exporter's place at a time, when it is first asked for: a side meets few of them. */
function recordedAt({ scopes, jurisdictions }: Tables, packs: Packs, at: string): Recorded {
  const placesOf = (place: string) => new Set([place, ...membersOf(packs, place, at)].map((code) => jurisdictions.of(code)).filter((number) => number > 0))
  const standing = scopes
    .filter(({ relation }) => within(at, relation.validFrom ?? undefined, relation.validUntil))
    .map((scope) => ({ scope, from: placesOf(scope.relation.from), to: placesOf(scope.relation.to) }))
  const rowFor = (from: number) => {
    const leaving = standing.filter((one) => one.from.has(from))
    const row = listOf<readonly Scope[]>(jurisdictions.size + 1, nothing)
    for (const to of new Set(leaving.flatMap((one) => [...one.to]))) row[to] = leaving.filter((one) => one.to.has(to)).map(({ scope }) => scope)
    return row
  }
  const known = listOf<readonly (readonly Scope[])[] | undefined>(jurisdictions.size + 1, undefined)
  const recorded = (from: number, to: number) => {
    const row = known[from] ?? rowFor(from)
    known[from] = row
    return row[to] ?? nothing
  }
  return { recorded, reached: new Set(standing.flatMap(({ to }) => [...to])) }
}
