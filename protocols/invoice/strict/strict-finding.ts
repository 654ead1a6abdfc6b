/** How a finding of ours is told. */
import { type Element, pathOf } from '../element.ts'
import type { Finding } from '../finding.ts'

const shownMax = 40

/** Text of a stranger in a message: quoted, and not without end. */
export function shown(text: string): string {
  return `\`${text.length > shownMax ? `${text.slice(0, shownMax)}…` : text}\``
}

export interface Telling {
  readonly at: Element
  readonly message: string
  readonly advice: string
  /** Worth a look, and no reason to refuse. */
  readonly mild?: boolean
}

/** @param name of the finding, `DFFT-` goes before it */
export function told(name: string, { at, message, advice, mild = false }: Telling): Finding {
  return { id: `DFFT-${name}`, flag: mild ? 'warning' : 'fatal', path: pathOf(at), message, advice }
}
