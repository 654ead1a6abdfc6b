/** A table of data: a caption, heads that sort, cells of any kind. It scrolls sideways in a box of its own, which the keyboard reaches. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useWords } from '../language.ts'
import { common } from '../words.ts'

export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => ComponentChildren
  /** What it is sorted by; not at all where it is left out. */
  readonly by?: (row: Row) => string | number
  /** Figures stand to the right. */
  readonly figures?: boolean
  /** Names the row. */
  readonly names?: boolean
}

interface TableProps<Row> {
  readonly caption: string
  /** Where a heading says the same just above. */
  readonly captionUnseen?: boolean
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly empty?: string
}

export function Table<Row>({ caption, captionUnseen = false, columns, rows, keyOf, empty }: TableProps<Row>) {
  const words = useWords(common)
  const [order, setOrder] = useState<{ readonly column: number; readonly down: boolean } | null>(null)
  if (rows.length === 0) return <p class="empty">{empty ?? words.nothing}</p>
  const by = order === null ? undefined : columns[order.column]?.by
  const sorted = by === undefined ? rows : rows.toSorted((a, b) => compare(by(a), by(b)) * (order?.down ? -1 : 1))
  const turn = (column: number) => setOrder({ column, down: order?.column === column && !order.down })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="table-box" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={captionUnseen ? 'unseen' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, by: sorts, figures }, column) => (
              <th
                key={head}
                scope="col"
                class={figures ? 'figures' : undefined}
                {...(sorts ? { 'aria-sort': order?.column === column ? (order.down ? 'descending' : 'ascending') : 'none' } : {})}
              >
                {sorts ? (
                  <button type="button" class="sort" onClick={() => turn(column)}>
                    {head}
                  </button>
                ) : (
                  head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, figures, names }) =>
                names ? (
                  <th key={head} scope="row" class={figures ? 'figures' : undefined}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={head} class={figures ? 'figures' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
}
