/** Documents of one side, compiled once for each set of them. */
import { compile, type PolicyIndex } from '#policies/compile.ts'
import type { Packs } from '#policies/packs/packs.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Held } from './shelved.ts'

/** Each jurisdiction has one or two sides at a time, and each has a few suspensions in a year. */
const sidesMax = 128

export class PolicySides {
  readonly #shipped: Packs
  readonly #made = new Map<string, PolicyIndex>()

  /** @param shipped the packs of a side without any policy */
  constructor(shipped: Packs) {
    this.#shipped = shipped
  }

  of(documents: readonly Held[]): PolicyIndex {
    const name = documents.map(({ digest }) => digest).join()
    const known = this.#made.get(name)
    if (known) return known
    const index = this.#compile(documents)
    const [oldest] = this.#made.keys()
    if (oldest !== undefined && this.#made.size >= sidesMax) this.#made.delete(oldest)
    this.#made.set(name, index)
    return index
  }

  /** What cannot be compiled together, such as a union's policy and a member's under different packs, denies. */
  #compile(documents: readonly Held[]): PolicyIndex {
    const packs = documents.findLast(({ policy }) => policy.kind === 'TrustPolicy')?.packs ?? this.#shipped
    try {
      return compile(
        documents.map(({ policy }) => policy),
        packs,
      )
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      return compile([], packs)
    }
  }
}
