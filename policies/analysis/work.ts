/**
 * How much may still be done: analysis is exact, and what is exact may take for ever on rules that are made for it. So
 * steps are counted, not seconds, and what was cut short says so; it ends at the same place on every machine.
 */
export class Work {
  #left: number
  readonly #whole: Work | undefined

  /** @param steps one is what one rule costs for one value */
  constructor(steps: number, whole?: Work) {
    this.#left = steps
    this.#whole = whole
  }

  /** False where there is no more to spend, here or in the whole. */
  spend(steps: number): boolean {
    this.#left -= steps
    const within = this.#whole?.spend(steps) ?? true
    return within && this.#left >= 0
  }

  get spent(): boolean {
    return this.#left < 0 || (this.#whole?.spent ?? false)
  }

  /** Gives up this part. */
  stop(): void {
    this.#left = -1
  }

  /** A part of it. */
  part(steps: number): Work {
    return new Work(steps, this)
  }
}
