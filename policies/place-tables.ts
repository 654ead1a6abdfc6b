/** What the places of one side's rules mean between two changes of the legal pack: groups resolved, legal relations by pair. */
import { meeting, RowMaker, type Rows } from './bits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Packs } from './packs/packs.ts'
import { entriesOf, membersOf, within } from './places.ts'
import type { Place } from './policy.ts'
import { answersOf, bitsOf, type Scope, strictOf, type Tables } from './tables.ts'

export interface PlaceTables {
  readonly rows: Rows
  /** The row of each jurisdiction, by its number: the rules whose `from` (`to`) has it, relations aside. After the last stands "any". */
  readonly from: Int32Array
  readonly to: Int32Array
  /** What is recorded from one jurisdiction to another, by `pairOf`; no entry where nothing is, or where no rule asks. */
  readonly recorded: ReadonlyMap<number, Recorded>
  readonly nothing: Recorded
  /** Of two places of which one is unknown: any relation is possible, which counts for denies and duties. */
  readonly unknown: Recorded
  /** The same where it counts for permits too. */
  readonly possible: Recorded
}

export interface Recorded {
  /** By id; undefined where a place is unknown. */
  readonly scopes: readonly Scope[] | undefined
  /** The row of the rules that name a kind of theirs. */
  readonly row: number
}

// Jurisdictions have two or three letters, so there are fewer than 2^15 of them.
export function pairOf(from: number, to: number): number {
  return from * 0x8000 + to
}

export function placeTablesAt(rules: readonly CompiledRule[], tables: Tables, packs: Packs, at: string): PlaceTables {
  const { words } = tables.layout
  const maker = new RowMaker()
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
    recorded: asked ? recordedAt(tables, packs, at, (kinds) => maker.add(naming(kinds))) : new Map<number, Recorded>(),
    nothing: { scopes: [], row: maker.add(bitsOf(words, [])) },
    unknown: { scopes: undefined, row: maker.add(meeting(any, strictOf(rules, words))) },
    possible: { scopes: undefined, row: maker.add(any) },
  }
  return { ...places, rows: maker.rows() }
}

type Codes = (place: Place | undefined) => readonly string[] | undefined

/** The jurisdictions of a place at that time; undefined where no place is asked for. */
function codesAt(packs: Packs, at: string): Codes {
  const members = new Map(packs.legal.groups.map(({ id }) => [id, membersOf(packs, id, at)]))
  const codesOf = (entry: ReturnType<typeof entriesOf>[number]) =>
    typeof entry === 'string' ? [entry] : 'group' in entry ? (members.get(entry.group) ?? []) : []
  return (place) => place && entriesOf(place).flatMap(codesOf)
}

function recordedAt({ scopes, jurisdictions }: Tables, packs: Packs, at: string, rowOf: (kinds: ReadonlySet<string>) => number): Map<number, Recorded> {
  const byPair = new Map<number, Scope[]>()
  const placesOf = (place: string) => new Set([place, ...membersOf(packs, place, at)].flatMap((code) => jurisdictions.get(code) ?? []))
  for (const scope of scopes) {
    const { relation } = scope
    if (!within(at, relation.validFrom ?? undefined, relation.validUntil)) continue
    const recipients = placesOf(relation.to)
    for (const from of placesOf(relation.from)) for (const to of recipients) byPair.set(pairOf(from, to), [...(byPair.get(pairOf(from, to)) ?? []), scope])
  }
  const shared = new Map<string, Recorded>()
  return new Map(
    [...byPair].map(([pair, standing]) => {
      const key = standing.map(({ number }) => number).join()
      const recorded = shared.get(key) ?? { scopes: standing, row: rowOf(new Set(standing.map(({ relation }) => relation.kind))) }
      shared.set(key, recorded)
      return [pair, recorded]
    }),
  )
}
