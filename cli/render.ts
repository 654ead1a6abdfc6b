/** Text for a person: tables with the widths a terminal gives to Japanese, colours where they are wanted, nothing a partner can steer. */

/** Latin letters, and dashes and quotes: a cell each. The patterns for all others are large, and made when one of those comes. */
const narrow = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027]*$/

/** Cells of a terminal. */
export function width(text: string): number {
  if (narrow.test(text)) return text.length
  const zero = /[\p{Mn}\p{Me}\p{Cf}]/u
  // East Asian Width W and F (UAX #11), as ranges; a terminal gives them two cells.
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
  let cells = 0
  for (const character of text) cells += zero.test(character) ? 0 : wide.test(character) ? 2 : 1
  return cells
}

export function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - width(text)))
}

/** All but what is shown as it is. Unicode's own names for it (Cc, Cs) have the engine go through all of Unicode at each start. */
const unclean = /[^ -~\u00a0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\u{10ffff}]/gu

/** Controls, line ends, and the marks that reorder text (Trojan Source), as visible escapes: a name from abroad must not drive the terminal. */
export function clean(text: string): string {
  return text.replace(unclean, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  /** Tab-separated rows without alignment, for `cut` and screen readers. */
  readonly plain: boolean
}

/** https://no-color.org: any non-empty NO_COLOR. */
export function style({ colour, plain }: { readonly colour: boolean; readonly plain: boolean }): Style {
  const paint = (open: number, close: number) => (text: string) => (colour ? `\u001b[${open}m${text}\u001b[${close}m` : text)
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(32, 39), bad: paint(31, 39), plain }
}

export type Cell = string | number | boolean | null | undefined

function cellText(cell: Cell): string {
  return cell === null || cell === undefined ? '-' : clean(String(cell))
}

/** A header line and one line a row. Without rows, only `empty`. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], { bold, plain }: Style, empty: string): string {
  if (rows.length === 0) return empty
  const texts = rows.map((row) => row.map(cellText))
  if (plain) return [heads, ...texts].map((row) => row.join('\t')).join('\n')
  const widths = heads.map((head, column) => Math.max(width(head), ...texts.map((row) => width(row[column] ?? ''))))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => pad(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [bold(line(heads)), ...texts.map(line)].join('\n')
}

/** One line a pair; an array of values stands under its label. Pairs without a value are left out. */
export function facts(pairs: readonly (readonly [label: string, value: Cell | readonly Cell[]])[], { dim, plain }: Style): string {
  const kept = pairs.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
  const widest = Math.max(...kept.map(([label]) => width(label)))
  return kept
    .flatMap(([label, value]) => {
      const values: readonly Cell[] = Array.isArray(value) ? value : [value as Cell] // The array branch is taken above.
      return values.map((one, index) => (plain ? `${label}\t${cellText(one)}` : `${dim(pad(index === 0 ? label : '', widest))}  ${cellText(one)}`))
    })
    .join('\n')
}

/** Milliseconds as a person says them. */
export function duration(ms: number | null): string | null {
  if (ms === null) return null
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
