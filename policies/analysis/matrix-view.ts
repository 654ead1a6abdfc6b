/** The cells of a matrix put in order for a reader: tables, reasons told once, and what changed from one day to the next. */
import { canonical } from '#protocols/canonical.ts'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import type { Side } from '../compile.ts'
import type { MatrixCell, Need, Outcome } from './matrix.ts'
import type { Sector } from './standard.ts'

/** One table: everybody to everybody, about one thing on one day. */
export interface Grid {
  readonly type: string
  /** What it is about, in a matrix by category: all that have the same cells. Else empty. */
  readonly categories: readonly string[]
  readonly at: Instant
  readonly sector: Sector
  readonly jurisdictions: readonly Jurisdiction[]
  readonly rows: readonly GridRow[]
}

export interface GridRow {
  readonly from: Jurisdiction
  readonly cells: readonly MatrixCell[]
}

/** In the order of the cells. */
export function gridsOf(cells: readonly MatrixCell[]): Grid[] {
  const blocks = Map.groupBy(cells, ({ type, category, at, sector }) => `${type} ${category} ${at} ${sector}`)
  return [...blocks.values()].flatMap((block) => {
    const [first] = block
    if (first === undefined) return []
    const { type, category, at, sector } = first
    const rows = [...Map.groupBy(block, ({ from }) => from)].map(([from, row]) => ({ from, cells: row }))
    return [{ type, categories: category === null ? [] : [category], at, sector, jurisdictions: rows.map(({ from }) => from), rows }]
  })
}

/** Tables with the same cells made one, where they are about categories of one thing. */
export function merged(grids: readonly Grid[]): Grid[] {
  const alike = Map.groupBy(grids, ({ type, at, sector, rows }) => canonical([type, at, sector, rows.map(({ cells }) => cells.map(({ outcome }) => outcome))]))
  return [...alike.values()].flatMap((same) => (same[0] ? [{ ...same[0], categories: same.flatMap(({ categories }) => categories) }] : []))
}

/** What one side says, told once for all partners it says it about. */
export interface Reason {
  readonly side: Side
  /** Whose side it is. */
  readonly of: Jurisdiction
  readonly partners: readonly Jurisdiction[]
  /** One of the cells it holds for. */
  readonly cell: MatrixCell
}

export function reasonsOf({ rows }: Grid, side: Side): Reason[] {
  const cells = rows.flatMap(({ cells }) => cells)
  const own = (cell: MatrixCell) => (side === 'export' ? cell.from : cell.to)
  const groups = Map.groupBy(cells, (cell) => reasonKey(cell, side))
  const reasons = [...groups.values()].flatMap((same): Reason[] =>
    same[0] ? [{ side, of: own(same[0]), partners: same.map((cell) => (side === 'export' ? cell.to : cell.from)), cell: same[0] }] : [],
  )
  const order = rows.map(({ from }) => from)
  return reasons.sort((a, b) => order.indexOf(a.of) - order.indexOf(b.of))
}

/** Equal for cells that one side has the same to say about. */
export function reasonKey(cell: MatrixCell, side: Side): string {
  const { code, rules, cite } = cell[side]
  const withheld = withheldBy(cell, side)
  const needs = cell.needs.filter((need) => need.side === side).map(({ unmet }) => unmet)
  return canonical([side === 'export' ? cell.from : cell.to, code, rules, cite, withheld, needs])
}

export function withheldBy({ withheld }: MatrixCell, side: Side): MatrixCell['withheld'] {
  return withheld.filter((one) => one.side === side)
}

/** What could be shown at one side for more to be released. Another purpose, party or place is another flow, and told of only where nothing else helps. */
export function waysOf({ needs }: MatrixCell, side: Side): Need[] {
  const own = needs.filter((need) => need.side === side)
  const here = own.filter(({ unmet }) => !unmet.some(({ need }) => anotherFlow.has(need)))
  return here.length > 0 ? here : own
}

const anotherFlow: ReadonlySet<string> = new Set(['purpose', 'sector', 'exporterSector', 'from', 'to'])

/** The side that keeps more from being released; the exporter's where both do, or neither. */
export function decidingSide(cell: MatrixCell): Side {
  const exporterHolds = cell.export.code !== 'PERMITTED' || withheldBy(cell, 'export').length > 0
  return !exporterHolds && (cell.import.code !== 'PERMITTED' || withheldBy(cell, 'import').length > 0) ? 'import' : 'export'
}

/** How many flows have each outcome, the most frequent first. */
export function tallyOf({ rows }: Grid): readonly (readonly [Outcome, number])[] {
  const counts = new Map<Outcome, number>()
  for (const { outcome } of rows.flatMap(({ cells }) => cells)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

export interface Changed {
  readonly before: MatrixCell
  readonly after: MatrixCell
}

/** The flows that came to another outcome since the date before: of two tables about the same thing. */
export function changesSince(before: Grid | undefined, { rows }: Grid): Changed[] {
  const known = new Map(before?.rows.flatMap(({ cells }) => cells.map((cell) => [`${cell.from} ${cell.to}`, cell])))
  return rows.flatMap(({ cells }) =>
    cells.flatMap((after) => {
      const one = known.get(`${after.from} ${after.to}`)
      return one !== undefined && one.outcome !== after.outcome ? [{ before: one, after }] : []
    }),
  )
}
