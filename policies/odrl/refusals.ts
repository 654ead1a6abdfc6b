/** What of an ODRL document cannot be carried: each by its name and its place, all of them told at once. Nothing is left out in silence. */
import { TrustError } from '#protocols/errors.ts'

export interface Refusal {
  /** JSON pointer; what may be one or many counts as many. */
  readonly path: string
  /** `odrl:xone`, or a member's own name. */
  readonly construct: string
  readonly why: string
}

export type Path = readonly PropertyKey[]

const toldMax = 8

export class Refusals {
  readonly #all: Refusal[] = []

  add(path: Path, construct: string, why: string): undefined {
    this.#all.push({ path: pointer(path), construct: construct.slice(0, 256), why })
  }

  /** @throws {TrustError} DFFT_POLICY_ODRL where anything was refused, with the first one's place and name as facts */
  settle(): void {
    const [first, ...others] = this.#all
    if (!first) return
    const told = this.#all.slice(0, toldMax).map(({ path, construct, why }) => `${path}: \`${construct}\` ${why}`)
    const left = this.#all.length - told.length
    const message = left > 0 ? [...told, `and ${left} more`].join('; ') : told.join('; ')
    throw new TrustError('DFFT_POLICY_ODRL', message, { path: first.path, construct: first.construct, others: others.length })
  }
}

export function pointer(path: Path): string {
  return path.length === 0 ? '/' : path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
