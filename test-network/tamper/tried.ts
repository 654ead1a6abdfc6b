/** How many forgeries were tried, and which of them were believed. */
export interface Tried {
  readonly tried: number
  /** What was believed, by a name of what was changed. */
  readonly accepted: readonly string[]
}

/** One of several runs that try all of it together, each every so many: `part` from 0. */
export interface Share {
  readonly part: number
  readonly of: number
}

export const whole: Share = { part: 0, of: 1 }

export class TriedSoFar implements Tried {
  tried = 0
  readonly accepted: string[] = []

  count(name: string, accepted: boolean): void {
    this.tried++
    if (accepted) this.accepted.push(name)
  }
}
