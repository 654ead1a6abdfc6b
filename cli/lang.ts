/** Which language somebody reads: known before anything is parsed, since help and errors of the parser are in it too. */
export type Lang = 'en' | 'ja'

/** `--lang`, then DFFT_LANG, then the locale of POSIX in its order. */
export function langOf(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): Lang {
  const said = flag ?? [env.DFFT_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '')
  return said?.toLowerCase().startsWith('ja') ? 'ja' : 'en'
}

/** What `--lang` says among words that nobody has parsed yet. */
export function langIn(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  return at < 0 ? undefined : argv[at]?.slice('--lang='.length) || argv[at + 1]
}

/** How help is said: its sentences, how many cells of a terminal they take, and where they break. */
export interface Tongue {
  say(text: string): string
  width?(text: string): number
  wrap?(text: string, cells: number): string
}
