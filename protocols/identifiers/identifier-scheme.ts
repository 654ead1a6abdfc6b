/** What one numbering scheme is: how its canonical form looks, and whether the check digits fit. */

export interface IdentifierScheme {
  readonly name: string
  /** The canonical form, anchored. */
  readonly form: RegExp
  /** Check digits and components. Gets only text of the canonical form; a scheme without it has no check digits. */
  readonly fits?: (canonical: string) => boolean
  /** Canonical form of text as people write it; by default only `upright`. */
  readonly tidy?: (text: string) => string
}

/** Characters of other keyboards that stand for one of ASCII: full-width forms, mathematical digits, spaces, hyphens and dashes. */
const foreign = /[！-～\u{1D7CE}-\u{1D7FF}\u00a0\u2000-\u200a\u202f\u205f\u3000\u058a\u05be\u2010-\u2015\u2212\ufe63]/gu

/** Those characters as ASCII, letters capitals, outer space goes; separators stay. */
export function upright(text: string): string {
  return text.replace(foreign, asAscii).trim().toUpperCase()
}

function asAscii(character: string): string {
  const folded = character.normalize('NFKC')
  if (folded === ' ' || /^[!-~]$/.test(folded)) return folded
  return '-' // All that is left of the class: NFKC keeps dashes.
}

/**
 * `upright` without the separators that people put into numbers of this scheme, and without a prefix such as the country code.
 *
 * A separator of another scheme stays, and fails the form: `1/2` is no way to write `12` where nobody writes it so.
 */
export function written(separators: string, prefix?: RegExp): (text: string) => string {
  return (text) => {
    const bare = without(separators, upright(text))
    return prefix ? bare.replace(prefix, '') : bare
  }
}

export function without(separators: string, text: string): string {
  let kept = ''
  for (const character of text) if (!separators.includes(character)) kept += character
  return kept
}
