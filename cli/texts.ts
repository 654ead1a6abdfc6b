/** The CLI's texts in the language of the caller. */
import { en, type Lang, type Texts } from './texts-en.ts'

export type { Lang, Texts, Word } from './texts-en.ts'

/** Japanese is loaded when it is wanted. */
export async function textsOf(lang: Lang): Promise<Texts> {
  return lang === 'ja' ? (await import('./texts-ja.ts')).ja : en
}

/** `--lang`, then DFFT_LANG, then the locale of POSIX in its order. */
export function langOf(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): Lang {
  const said = flag ?? [env.DFFT_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '')
  return said?.toLowerCase().startsWith('ja') ? 'ja' : 'en'
}
