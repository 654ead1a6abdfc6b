/** What a policy changes against the one before it: compared once, since the largest take seconds and each act asks several times. */
import { type Change, changeBetween } from '#policies/analysis/change.ts'
import type { Shelved } from './shelved.ts'

/** An act asks of one or two; what operators do at once is less than this. */
const knownMax = 8

export class Changes {
  readonly #known = new Map<string, Change>()

  of(before: Shelved | undefined, after: Shelved): Change {
    const name = `${before?.digest} ${after.digest}` // A digest covers the digests of its packs.
    const change = this.#known.get(name) ?? changeOf(before, after)
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size >= knownMax) this.#known.delete(oldest)
    this.#known.set(name, change)
    return change
  }

  restricts(before: Shelved, after: Shelved): boolean {
    return this.of(before, after).kind !== 'widens'
  }
}

/**
 * The first of a jurisdiction is not compared with nothing: all it permits is new, as its rules say. One that begins earlier than what
 * it follows takes the place of what came before that, too.
 */
function changeOf(before: Shelved | undefined, after: Shelved): Change {
  if (!before) return { kind: 'widens', flips: [], more: 0, reasons: ['it is the first of its jurisdiction that is held here'] }
  const change = changeBetween(before, after)
  if (change.kind === 'widens' || after.policy.metadata.validFrom >= before.policy.metadata.validFrom) return change
  return { ...change, kind: 'widens', reasons: [...change.reasons, 'it begins before the one it follows'] }
}
