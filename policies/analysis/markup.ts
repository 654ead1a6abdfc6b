/** HTML by template, where every value is text until it was made by this template: nothing a document or a policy holds becomes markup. */

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Piece = Html | string | number | readonly Html[]

export const nothing = new Html('')

/** Markup with values in it: strings and numbers are escaped, for text and for attributes in double quotes. */
export function html(markup: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(markup.map((part, index) => part + textOf(pieces[index] ?? '')).join(''))
}

function textOf(piece: Piece): string {
  if (piece instanceof Html) return piece.text
  return typeof piece === 'object' ? piece.map(({ text }) => text).join('') : escaped(String(piece))
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Control characters and those that turn the direction of writing are shown as U+FFFD: they have no picture, and could hide a word. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? '')
}
