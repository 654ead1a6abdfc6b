/** The screen of `dfft --help` without the parser: made by it once for every width, and kept. */
import { type Lang, langOf } from './lang.ts'

/** From so many columns on, up to the next that differs. Ascending, from 0. */
export type Screens = readonly (readonly [fromColumns: number, text: string])[]

/** As it is laid out where nobody tells how wide the screen is. */
const usualColumns = 80

/** Far beyond the longest line, where nothing is broken any more. */
const columnsMax = 400

/** @param layOut the parser's own screen for a terminal of this width */
export function screensOf(layOut: (columns: number) => string): Screens {
  const screens: [number, string][] = []
  for (let columns = 0; columns <= columnsMax; columns++) {
    const text = layOut(columns)
    if (text !== screens.at(-1)?.[1]) screens.push([columns, text])
  }
  return screens
}

/**
 * @param output where it is printed; asked only when the words are those of the first screen
 * @param screensIn those kept in a language
 * @returns undefined for other words, which the parser has to take
 */
export function screenFor(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output: () => { readonly isTTY?: boolean; readonly columns?: number },
  screensIn: (lang: Lang) => Screens,
): string | undefined {
  if (words.length !== 1 || (words[0] !== '--help' && words[0] !== '-h')) return undefined
  const { isTTY = false, columns = usualColumns } = output()
  const width = isTTY ? columns : usualColumns
  return screensIn(langOf(undefined, env)).findLast(([from]) => from <= width)?.[1]
}
