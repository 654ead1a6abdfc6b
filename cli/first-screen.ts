/** The screen of `dfft --help` as a file, for whoever sees it as it was made. */

/** As it is made where nobody tells how wide the screen is. */
export const screenColumns = 80

/**
 * @param output where it is printed; asked only when the words are those of the first screen
 * @returns the file's name; undefined where the parser has to make it: for other words, another language, and a screen of another width
 */
export function firstScreen(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output: () => { readonly isTTY?: boolean; readonly columns?: number },
): string | undefined {
  if (words.length !== 1 || (words[0] !== '--help' && words[0] !== '-h')) return undefined
  const said = [env.DFFT_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '')
  if (said?.toLowerCase().startsWith('ja')) return undefined
  const { isTTY = false, columns = screenColumns } = output()
  return !isTTY || columns === screenColumns ? 'help.txt' : undefined
}
