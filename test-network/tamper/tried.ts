/** How many forgeries were tried, and which of them were believed. */
export interface Tried {
  readonly tried: number
  /** What was believed, by a name of what was changed. */
  readonly accepted: readonly string[]
}

export class TriedSoFar implements Tried {
  tried = 0
  readonly accepted: string[] = []

  count(name: string, accepted: boolean): void {
    this.tried++
    if (accepted) this.accepted.push(name)
  }
}
