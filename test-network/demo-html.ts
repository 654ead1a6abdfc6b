/** The report's sentences in two languages, and values as they were seen, as HTML. */
import { type Html, html } from '#policies/analysis/markup.ts'

/** A sentence in the report's two languages. */
export interface Both {
  readonly en: string
  readonly ja: string
}

/** Both languages, of which the reader's switch hides one. */
export function said({ en, ja }: Both): Html {
  return en === ja ? html`${en}` : html`<span class="en" lang="en">${en}</span><span class="ja" lang="ja">${ja}</span>`
}

const japaneseRun = /([\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}\u3000-\u303f\u30fb\u30fc\uff01-\uff60]+)/u

/** A value as it was seen, which belongs to neither language; what is in Japanese script is named so, for its font and its voice. */
export function value(text: string): Html {
  // Split by a pattern with a group, the odd parts are those that match.
  const parts = text.split(japaneseRun).map((part, index) => (index % 2 === 1 ? html`<span lang="ja">${part}</span>` : html`${part}`))
  return html`${parts}`
}
