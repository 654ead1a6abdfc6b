/** The CLI's texts in the language of the caller. */
import type { Lang } from './lang.ts'
import { en, type Texts } from './texts-en.ts'

export type { Lang } from './lang.ts'
export type { Texts, Word } from './texts-en.ts'

/** Japanese is loaded when it is wanted. */
export async function textsOf(lang: Lang): Promise<Texts> {
  return lang === 'ja' ? (await import('./texts-ja.ts')).ja : en
}
