/**
 * Forks found in logs, kept with both signed notes: a partner's, shown differently to two of us, or our own, of which a partner holds more
 * than we do.
 *
 * Two roots of one size are a proof by themselves. Two sizes are one only together with the owner, who is asked for the proof between them:
 * a proof that does not hold, or a refusal, is counted and shown, and gives way to a real proof when one comes.
 *
 * A record is believed with its signed notes and with the entry of our own log that was written with it: the keys in a record are the
 * record's own word, so whoever can write to the database could else plant one under keys of his own.
 */

import type { Clock, Store, Write } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Code } from '#protocols/errors.ts'
import { type Did, digest, instant } from '#protocols/ids.ts'
import { type PublicJwk, thumbprint } from '#protocols/keys.ts'
import type { SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import type { LogEntry, NewEntry } from '#protocols/log/entry.ts'
import { corrupt, type Fork, logKeys, type OwnLog, readFork } from './audit-disk.ts'

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
  /** Asked for at each record, since the key may be rotated. */
  readonly log: () => OwnLog
  /** All entries of our own log; `read` checks one against the tree. */
  readonly entries: () => AsyncIterable<{ readonly bytes: Uint8Array; readonly read: () => LogEntry }>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly append: (entries: readonly NewEntry[], writes: readonly Write[]) => Promise<unknown>
}

const kinds = { own: 'own-log-forked', partner: 'partner-log-forked' } as const
/** What stands in an entry of either kind, and in few others: those are not parsed. */
const forkedMark = Buffer.from('-log-forked"')

/** Whose forks are listed; each is somebody whom an operator has to ring up. */
const listedMax = 1000

export class Forks {
  readonly #needs: Needs
  /** Names of the forks that entries tell of: read through the whole log, once, when there is a record of one. */
  #logged: Promise<ReadonlySet<string>> | undefined
  /** Those of this process. */
  readonly #found = new Set<string>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The fork found in somebody's log, if any: both notes. @throws {TrustError} DFFT_LOG_CORRUPT for a record that we did not write */
  async of(did: Did): Promise<Fork | undefined> {
    const key = logKeys.forkOf(did)
    const value = await this.#needs.store.get(key)
    if (!value) return undefined
    const { did: _, ...fork } = await this.#believed(key, value)
    return fork
  }

  /** @throws {TrustError} as `of` */
  async all(): Promise<readonly (Fork & { readonly did: Did })[]> {
    const found: (Fork & { readonly did: Did })[] = []
    for await (const [key, value] of this.#needs.store.scan({ ...logKeys.forks, limit: listedMax })) found.push(await this.#believed(key, value))
    return found
  }

  async #believed(key: string, value: Uint8Array): Promise<Fork & { readonly did: Did }> {
    const fork = readFork(key, value, this.#needs.log())
    const name = nameOf(fork.did, fork)
    if (this.#found.has(name)) return fork
    this.#logged ??= this.#read().catch((thrown) => {
      this.#logged = undefined
      throw thrown
    })
    if (!(await this.#logged).has(name)) throw corrupt(key, 'tells of a fork that no entry of the log tells of')
    return fork
  }

  async #read(): Promise<ReadonlySet<string>> {
    const names = new Set<string>()
    const { did } = this.#needs.log()
    for await (const { bytes, read } of this.#needs.entries()) {
      if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(forkedMark) < 0) continue
      const { kind, facts } = read()
      if (kind === kinds.own) names.add(named(did, facts))
      if (kind === kinds.partner) names.add(named(String(facts.partner), facts))
    }
    return names
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
    // Before it can be read: what was never written has no record either.
    this.#found.add(nameOf(did, { held: found.held.note, offered: found.offered.note, proven }))
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
    const own = did === this.#needs.log().did
    const owner = own ? {} : { partner: did }
    const facts = { ...owner, ...sizes, proven: answer === null, ...notes, ...(answer && { answer }), ...(code && { code }), ...(by && { by }) }
    return { kind: own ? kinds.own : kinds.partner, facts }
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

/** By what an entry says of it. */
function nameOf(did: Did, { held, offered, proven }: Pick<Fork, 'held' | 'offered' | 'proven'>): string {
  return named(did, { seen: digest(held), offered: digest(offered), proven })
}

function named(did: string, { seen, offered, proven }: LogEntry['facts']): string {
  return [did, seen, offered, proven].map(String).join(' ')
}

function putFork(did: Did, fork: Fork): Write {
  return { put: logKeys.forkOf(did), value: canonicalBytes(fork) }
}
