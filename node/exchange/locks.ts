/** One act after another on one thing; acts on different things do not wait for each other. */

/** Serialises acts by name without keeping names that are done. */
export class Locks {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name)
    const mine = before ? before.then(act, act) : act()
    this.#tails.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name)
    }
  }

  /** Under several names at once: always in one order, so that no two wait for each other. */
  runAll<T>(names: readonly string[], act: () => Promise<T>): Promise<T> {
    return [...names].sort().reduceRight((inner, name) => () => this.run(name, inner), act)()
  }
}
