/** The matrix, and what falls with a relation, as a terminal shows them. */
import type { MatrixView, WhatIfView } from '#node/offline.ts'
import type { Session } from './command.ts'
import { clean, table, width } from './render.ts'

type Look = Pick<Session, 'style' | 'texts'>

/** @param from whose reasons are told besides */
export function matrixText({ notes, tables }: MatrixView, from: string | undefined, { style, texts: { none } }: Look): string {
  const parts = tables.map(({ heading, heads, rows, legend, reasons }) => {
    const why = from === undefined ? [] : (reasons.get(from) ?? [none])
    return [
      style.bold(clean(heading)),
      ...(style.plain ? [heads.map((_, column) => column)] : pagesOf(heads, rows)).map((columns) => {
        const chosen = (row: readonly string[]) => columns.map((column) => row[column] ?? '')
        return table(chosen(heads), rows.map(chosen), style, none)
      }),
      '',
      ...legend.map(([word, meaning]) => `  ${word}  ${meaning}`),
      ...(why.length === 0 ? [] : ['', ...why.map(clean)]),
    ].join('\n')
  })
  return [...parts, notes.join('\n')].join('\n\n')
}

/** Cells of a terminal window as most people have it. */
const cellsMax = 100

/** The columns beside the first, as many at a time as fit; each page with the first. */
function pagesOf(heads: readonly string[], rows: readonly (readonly string[])[]): number[][] {
  const cells = heads.map((head, column) => Math.max(width(head), ...rows.map((row) => width(row[column] ?? ''))))
  const pages: number[][] = []
  let left = 0
  for (const [column, wide] of cells.entries()) {
    if (column === 0) continue
    const page = pages.at(-1)
    if (page !== undefined && left >= wide + 2) {
      page.push(column)
      left -= wide + 2
    } else {
      pages.push([0, column])
      left = cellsMax - (cells[0] ?? 0) - wide - 2
    }
  }
  return pages
}

export function whatIfText({ heading, lines, heads, rows, legend, ways, waysTitle }: WhatIfView, { style, texts: { none } }: Look): string {
  return [
    style.bold(clean(heading)),
    ...lines.map(clean),
    '',
    table(heads, rows, style, none),
    ...(legend.length === 0 ? [] : ['', ...legend.map(([word, meaning]) => `  ${word}  ${meaning}`)]),
    ...(ways.length === 0 ? [] : ['', waysTitle, ...ways.map(clean)]),
  ].join('\n')
}
