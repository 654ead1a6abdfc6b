/**
 * Forks found in logs, kept with both signed notes: a partner's, shown differently to two of us, or our own, of which a partner holds more
 * than we do.
 *
 * Two roots of one size are a proof by themselves. Two sizes are one only together with the owner, who is asked for the proof between them:
 * a proof that does not hold, or a refusal, is counted and shown, and gives way to a real proof when one comes.
 */

import type { Clock, Store, Write } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Code } from '#protocols/errors.ts'
import { type Did, digest, instant } from '#protocols/ids.ts'
import { type PublicJwk, thumbprint } from '#protocols/keys.ts'
import { didOfOrigin, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { Fork, logKeys, readAs } from './audit-disk.ts'

/** A note that its log signed, and with which key. */
export interface SignedNote {
  readonly note: string
  readonly checkpoint: Pick<SignedCheckpoint, 'size' | 'root'>
  readonly publicKey: PublicJwk
}

export interface FoundFork {
  readonly held: SignedNote
  readonly offered: SignedNote
  /** What the owner did instead of proving; null where the notes say it by themselves. */
  readonly answer: NonNullable<Fork['answer']> | null
  readonly code?: Code
  /** Who told of `offered`, where it was not the owner. */
  readonly by?: Did
}

interface Needs {
  readonly store: Store
  readonly did: Did
  readonly clock: Pick<Clock, 'nowMs'>
  readonly append: (entries: readonly NewEntry[], writes: readonly Write[]) => Promise<unknown>
}

/** Whose forks are listed; each is somebody whom an operator has to ring up. */
const listedMax = 1000

export class Forks {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The fork found in somebody's log, if any: both notes. */
  async of(did: Did): Promise<Fork | undefined> {
    const key = logKeys.forkOf(did)
    const value = await this.#needs.store.get(key)
    return value && readAs(key, value, Fork)
  }

  async all(): Promise<readonly (Fork & { readonly did: Did })[]> {
    const found: (Fork & { readonly did: Did })[] = []
    for await (const [key, value] of this.#needs.store.scan({ ...logKeys.forks, limit: listedMax }))
      found.push({ ...readAs(key, value, Fork), did: didOfOrigin(`dfft.log/${key.slice(logKeys.forks.from.length)}`) })
    return found
  }

  /**
   * On disk with an entry in our own log when it resolves. One proof is enough, and one entry before there is one: more would let a partner
   * fill our disk, so what comes again is counted without an entry.
   *
   * @returns whether it says more than what was known
   */
  async keep(did: Did, found: FoundFork): Promise<boolean> {
    const known = await this.of(did)
    const proven = found.answer === null
    if (known?.proven || (known && !proven)) {
      await this.#count(did, known, found)
      return false
    }
    await this.#needs.append([this.#entryOf(did, found)], [putFork(did, this.#recordOf(found))])
    return true
  }

  async #count(did: Did, known: Fork, { answer }: FoundFork): Promise<void> {
    if (known.proven || answer === null) return
    const failures = (known.failures ?? 1) + 1
    await this.#needs.append([], [putFork(did, { ...known, failures, lastAt: instant(this.#needs.clock.nowMs()) })])
  }

  #entryOf(did: Did, { held, offered, answer, code, by }: FoundFork): NewEntry {
    const sizes = { seenSize: held.checkpoint.size, offeredSize: offered.checkpoint.size }
    const notes = { seen: digest(held.note), offered: digest(offered.note) }
    const owner = did === this.#needs.did ? {} : { partner: did }
    const facts = { ...owner, ...sizes, proven: answer === null, ...notes, ...(answer && { answer }), ...(code && { code }), ...(by && { by }) }
    return { kind: did === this.#needs.did ? 'own-log-forked' : 'partner-log-forked', facts }
  }

  #recordOf({ held, offered, answer, code, by }: FoundFork): Fork {
    const at = instant(this.#needs.clock.nowMs())
    return {
      held: held.note,
      offered: offered.note,
      publicKey: offered.publicKey,
      ...(thumbprint(held.publicKey) === thumbprint(offered.publicKey) ? {} : { heldKey: held.publicKey }),
      proven: answer === null,
      ...(answer && { answer, failures: 1 }),
      ...(code && { code }),
      firstAt: at,
      lastAt: at,
      ...(by && { by }),
    }
  }
}

function putFork(did: Did, fork: Fork): Write {
  return { put: logKeys.forkOf(did), value: canonicalBytes(fork) }
}
