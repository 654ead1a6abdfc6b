/**
 * The policies of one jurisdiction in their order: which may come next, and what happens when there are two for one place.
 *
 *     first      nothing is held: the anchor's signature and the document's own quorum
 *     next       names the newest as its previous: one signer where it only restricts, else the quorum
 *     later      names one that is not held: the quorum of the newest, whatever it changes; or the documents between are fetched first
 *     fork       another of a serial that is held, signed by enough: neither counts, the jurisdiction's flows are denied
 *     resolves   a later serial that names one of the two, signed by the quorum of the policy before them and by that of the newest
 *     anew       the operator pins another anchor for the jurisdiction than who issued what is held: as if nothing were held
 *
 * Reasons: decisions/0003-who-signs-a-policy.md.
 */
import { missingFor } from '#policies/quorum.ts'
import { type Facts, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, type Jurisdiction } from '#protocols/ids.ts'
import type { Changes } from './policy-change.ts'
import type { Signatures } from './policy-signatures.ts'
import { begun, type Shelved, serialOf } from './shelved.ts'

export interface Fork {
  readonly serial: number
  readonly digests: readonly [Digest, Digest]
}

/** What of a line outlasts the process besides its documents. */
export interface LineState {
  readonly fork: Fork | null
  /** Forks below this serial are over. */
  readonly settled: number
}

export type Verdict = { readonly kind: 'next'; readonly before: Shelved | undefined } | { readonly kind: 'fork'; readonly fork: Fork } | Begins

/** Some of what was held leaves the line. */
interface Begins {
  readonly kind: 'resolves' | 'anew'
  readonly before: Shelved | undefined
  readonly keeps: Digest | null
  readonly out: readonly Shelved[]
}

export class PolicyLine {
  readonly jurisdiction: Jurisdiction
  readonly #changes: Changes
  /** Newest serial first. */
  #documents: readonly Shelved[] = []
  #state: LineState = { fork: null, settled: 0 }
  /** A document that this version cannot read: the jurisdiction is denied until a readable one follows. */
  unreadable = false

  constructor(jurisdiction: Jurisdiction, changes: Changes) {
    this.jurisdiction = jurisdiction
    this.#changes = changes
  }

  get documents(): readonly Shelved[] {
    return this.#documents
  }

  get newest(): Shelved | undefined {
    return this.#documents[0]
  }

  get state(): LineState {
    return this.#state
  }

  /** Whether nothing of it counts. */
  get stopped(): boolean {
    return this.#state.fork !== null || this.unreadable
  }

  /** The newest that has begun; one that is published ahead of its time changes nothing yet. */
  begun(atMs: number): Shelved | undefined {
    return this.#documents.find((held) => begun(held, atMs)) ?? this.newest
  }

  add(held: Shelved): void {
    this.#documents = [held, ...this.#documents].sort((left, right) => serialOf(right) - serialOf(left))
  }

  replace(before: Shelved, after: Shelved): void {
    this.#documents = this.#documents.map((held) => (held === before ? after : held))
  }

  enter(state: LineState): void {
    this.#state = state
  }

  /** What leaves the line when `keeps` is the right one of a fork: the other one and all that followed it. */
  #refutedBy(keeps: Digest, { serial }: Fork): readonly Shelved[] {
    if (this.#documents.some(({ digest }) => digest === keeps)) return []
    return this.#documents.filter((held) => serialOf(held) >= serial)
  }

  drop(refuted: readonly Shelved[]): void {
    this.#documents = this.#documents.filter((held) => !refuted.includes(held))
  }

  /**
   * @param anchored whether the issuer of what is held is pinned still; if not, the line begins anew under another anchor
   * @param holds whether a digest is held, in the line or beside it
   * @throws {TrustError} DFFT_POLICY_QUORUM, DFFT_POLICY_SERIAL, both with the `previous` that may be fetched; DFFT_POLICY_FORK while there is one
   */
  judge(
    candidate: Shelved,
    signatures: Signatures,
    { anchored, holds }: { readonly anchored: (held: Shelved) => boolean; readonly holds: (digest: Digest) => boolean },
  ): Verdict {
    const { newest } = this
    if (!newest) return this.#next(undefined, candidate, signatures)
    if (!anchored(newest)) return this.#anew(candidate, signatures)
    if (this.#state.fork) return this.#resolution(this.#state.fork, candidate, signatures)
    if (serialOf(candidate) <= serialOf(newest)) return this.#second(candidate, signatures)
    const { previous } = candidate.policy.metadata
    if (previous === newest.digest) return this.#next(newest, candidate, signatures)
    if (previous === undefined || holds(previous) || serialOf(candidate) === serialOf(newest) + 1)
      throw new TrustError('DFFT_POLICY_SERIAL', 'the policy does not name the one held as its previous', this.#factsOf(candidate))
    // What lies between is not known: it may have been widened there.
    this.#enough(newest, candidate, signatures, () => false)
    return { kind: 'next', before: newest }
  }

  #next(before: Shelved | undefined, candidate: Shelved, signatures: Signatures): Verdict {
    this.#enough(before, candidate, signatures, () => before !== undefined && this.#changes.restricts(before, candidate))
    return { kind: 'next', before }
  }

  #anew(candidate: Shelved, signatures: Signatures): Verdict {
    this.#enough(undefined, candidate, signatures, () => false)
    return { kind: 'anew', before: undefined, keeps: null, out: this.#documents }
  }

  /** Only what could have stood in the place of the one held makes a fork: anybody can write the same serial on a paper. */
  #second(candidate: Shelved, signatures: Signatures): Verdict {
    const serial = serialOf(candidate)
    const held = this.#documents.find((one) => serialOf(one) === serial)
    if (!held || serial <= this.#state.settled)
      throw new TrustError('DFFT_POLICY_SERIAL', 'the policy is not newer than the one held', this.#factsOf(candidate))
    const before = this.#before(serial)
    const follows = before !== undefined && candidate.policy.metadata.previous === before.digest
    this.#enough(before, candidate, signatures, () => follows && this.#changes.restricts(before, candidate))
    return { kind: 'fork', fork: { serial, digests: [held.digest, candidate.digest] } }
  }

  /** Nobody gets by a fork what he had not without one: who signed long ago could else make a second document of then, and resolve that. */
  #resolution(fork: Fork, candidate: Shelved, signatures: Signatures): Verdict {
    const { previous } = candidate.policy.metadata
    const newest = this.newest
    const later = newest !== undefined && serialOf(candidate) > serialOf(newest)
    if (!later || previous === undefined || ![...fork.digests, newest.digest].includes(previous)) {
      const [one, other] = fork.digests
      throw new TrustError('DFFT_POLICY_FORK', `there are two policies of ${this.jurisdiction} with serial ${fork.serial}`, {
        ...this.#factsOf(candidate),
        one,
        other,
      })
    }
    const before = this.#before(fork.serial)
    for (const one of [before, newest]) this.#enough(one, candidate, signatures, () => false)
    return { kind: 'resolves', before, keeps: previous, out: this.#refutedBy(previous, fork) }
  }

  #before(serial: number): Shelved | undefined {
    return this.#documents.find((one) => serialOf(one) < serial)
  }

  #enough(before: Shelved | undefined, candidate: Shelved, { by, uncounted }: Signatures, restricting: () => boolean): void {
    const missing = missingFor(before?.policy, candidate.policy, by, restricting)
    if (!missing) return
    const [lost] = missing.of.filter((did) => uncounted.has(did))
    if (lost !== undefined && missing.of.filter((did) => uncounted.has(did)).length >= missing.count) throw keyLost(lost, uncounted)
    throw new TrustError('DFFT_POLICY_QUORUM', `${missing.count} more of ${missing.of.map((did) => `\`${did}\``).join(', ')} must sign it`, {
      ...this.#factsOf(candidate),
      missing: missing.count,
      of: missing.of.join(' '),
    })
  }

  #factsOf({ policy: { metadata } }: Shelved): Facts {
    const { jurisdiction, serial, previous = null } = metadata
    return { jurisdiction, serial, held: this.newest ? serialOf(this.newest) : 0, previous }
  }
}

/** It would be enough, did his key count. */
export function keyLost(signer: Did, uncounted: Signatures['uncounted']): TrustError {
  const cause = uncounted.get(signer)
  const { code = 'DFFT_KEY_NOT_FOUND', facts = {} } = cause ?? {}
  return new TrustError(code, `the signature of \`${signer}\` does not count: ${cause?.message}`, { ...facts, signer }, { cause })
}
