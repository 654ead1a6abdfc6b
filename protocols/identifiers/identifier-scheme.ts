/** What one numbering scheme is: how its canonical form looks, and whether the check digits fit. */

export interface IdentifierScheme {
  readonly name: string
  /** The canonical form, anchored. */
  readonly form: RegExp
  /** Check digits and components. Gets only text of the canonical form; a scheme without it has no check digits. */
  readonly fits?: (canonical: string) => boolean
  /** Canonical form of text as people write it; by default separators go and letters are capitals. */
  readonly tidy?: (text: string) => string
}

/** Full-width forms become ASCII (NFKC), letters capitals, outer space goes; separators stay. */
export function upright(text: string): string {
  return text.normalize('NFKC').trim().toUpperCase()
}

/** `upright` without the separators people put into numbers. */
export function bare(text: string): string {
  return upright(text).replaceAll(/[\s.,:/\-‐‑–]+/g, '')
}

/** `bare` without a prefix such as the country code. */
export function without(prefix: RegExp): (text: string) => string {
  return (text) => bare(text).replace(prefix, '')
}
