/** Titles and descriptions of ODRL, which are in any language, as the texts of a document, which are in English and Japanese. */
import type { OdrlRule } from './document.ts'

export type Phrases = NonNullable<OdrlRule['dct:title']>

/**
 * Texts in the two languages a document has, English where none is said; several of one language are joined. Of a third language it is
 * kept which it is.
 */
export function phrasesOf(...lists: readonly (Phrases | undefined)[]): { readonly en: string; readonly ja?: string } | undefined {
  const phrases = lists.flatMap((list) => list ?? []).map((one) => ({ ...spokenIn(languageOf(one), textOfPhrase(one)) }))
  if (phrases.length === 0) return undefined
  const said = (lang: 'en' | 'ja') => phrases.flatMap((phrase) => (phrase.lang === lang ? [phrase.text] : [])).join(' ')
  return { en: said('en'), ...(phrases.some(({ lang }) => lang === 'ja') ? { ja: said('ja') } : {}) }
}

function languageOf(one: Phrases[number]): string {
  return (typeof one === 'object' && '@value' in one ? one['@language'] : undefined)?.toLowerCase() ?? 'en'
}

function spokenIn(tag: string, text: string): { readonly lang: 'en' | 'ja'; readonly text: string } {
  const [language] = tag.split('-')
  if (language === 'en' || language === 'ja') return { lang: language, text }
  return { lang: 'en', text: `[${tag}] ${text}` }
}

export function textOfPhrase(one: Phrases[number]): string {
  if (typeof one === 'string') return one
  return '@id' in one ? one['@id'] : String(one['@value'])
}
