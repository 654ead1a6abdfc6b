/**
 * Suspensions by jurisdiction. They restrict and are short, so any one signer makes one, and all that hold are united: two with one
 * serial do no harm, and one that comes late still counts.
 *
 * A later one of the same id takes the place of an earlier one from its own beginning. Where it covers as much, for as long, that is a
 * renewal, and the earlier one counts again if that is ended; any other lets flows go on that were stopped, and takes all who signed the
 * earlier one, or the quorum. To lift is to follow with one that is over after a second.
 */
import { missingOf, type Signers } from '#policies/quorum.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Jurisdiction, msOf } from '#protocols/ids.ts'
import { signersIn } from './policy-signatures.ts'
import { begun, type HeldSuspension, over, serialOf } from './shelved.ts'

export const suspensionLimits = {
  /** Not over, of one signer: a suspension of everything takes one. Of each by himself, so that no signer keeps another from suspending. */
  liveMax: 64,
  /** Over and kept, of one jurisdiction: one a day for three years. Whoever asks why of an exchange before that is told that it is not held. */
  overMax: 1024,
} as const

export class Suspensions {
  readonly #held = new Map<Jurisdiction, readonly HeldSuspension[]>()

  /** By serial. */
  of(jurisdiction: Jurisdiction): readonly HeldSuspension[] {
    return this.#held.get(jurisdiction) ?? []
  }

  get jurisdictions(): readonly Jurisdiction[] {
    return [...this.#held.keys()]
  }

  /** @returns what makes room: it is forgotten */
  add(held: HeldSuspension, atMs: number): readonly HeldSuspension[] {
    const { jurisdiction } = held.policy.metadata
    const gone = this.surplus(jurisdiction, atMs)
    const kept = this.of(jurisdiction).filter((one) => !gone.includes(one))
    this.#held.set(
      jurisdiction,
      [...kept, held].sort((left, right) => serialOf(left) - serialOf(right)),
    )
    return gone
  }

  /** What leaves when one more comes: what was over first. The end of one that is not over stays as long as that. */
  surplus(jurisdiction: Jurisdiction, atMs: number): readonly HeldSuspension[] {
    const live = this.#liveIds(jurisdiction, atMs)
    const done = this.of(jurisdiction).filter(({ policy }) => !live.has(policy.metadata.id))
    const { overMax } = suspensionLimits
    if (done.length < overMax) return []
    return [...done].sort((left, right) => endMs(left) - endMs(right)).slice(0, done.length - overMax + 1)
  }

  replace(before: HeldSuspension, after: HeldSuspension): void {
    const { jurisdiction } = before.policy.metadata
    this.#held.set(
      jurisdiction,
      this.of(jurisdiction).map((held) => (held === before ? after : held)),
    )
  }

  /**
   * Those that stop flows at that time. One that is renewed is left out only while its renewal counts: else two signers’ suspension
   * could be ended by one of them, who renews it and ends his renewal.
   */
  counting(jurisdiction: Jurisdiction, atMs: number, signers: Signers): readonly HeldSuspension[] {
    const followers = Map.groupBy(
      this.of(jurisdiction).filter((held) => begun(held, atMs)),
      ({ policy }) => policy.metadata.id,
    )
    const counting = new Set<HeldSuspension>()
    for (const held of this.of(jurisdiction).toReversed()) {
      if (!begun(held, atMs) || over(held, atMs)) continue
      const later = (followers.get(held.policy.metadata.id) ?? []).filter((other) => serialOf(other) > serialOf(held))
      if (!later.some((other) => signedEnough(held, other, signers) || (counting.has(other) && renews(held, other)))) counting.add(held)
    }
    return this.of(jurisdiction).filter((held) => counting.has(held))
  }

  /** What partners are told: all of whose id one is not over, so that whoever hears of a suspension hears of its lifting. */
  told(atMs: number): readonly HeldSuspension[] {
    return this.jurisdictions.flatMap((jurisdiction) => {
      const live = this.#liveIds(jurisdiction, atMs)
      return this.of(jurisdiction).filter(({ policy }) => live.has(policy.metadata.id))
    })
  }

  #liveIds(jurisdiction: Jurisdiction, atMs: number): ReadonlySet<string> {
    const live = this.of(jurisdiction).filter((held) => !over(held, atMs))
    return new Set(live.map(({ policy }) => policy.metadata.id))
  }

  /**
   * @param signers undefined where no policy of the jurisdiction is held
   * @throws {TrustError} DFFT_EXPIRED when it is over and ends nothing, DFFT_POLICY_QUORUM when it lets flows go on and is not signed by
   *   those who stopped them or enough, DFFT_LIMIT
   */
  check(candidate: HeldSuspension, atMs: number, signers: Signers): void {
    const { id, jurisdiction, serial } = candidate.policy.metadata
    const live = this.of(jurisdiction).filter((held) => !over(held, atMs))
    const earlier = live.filter(({ policy: { metadata } }) => metadata.id === id && metadata.serial < serial)
    if (over(candidate, atMs) && earlier.length === 0) throw new TrustError('DFFT_EXPIRED', `the suspension \`${id}\` is over`, { jurisdiction, serial })
    for (const held of earlier) {
      if (renews(held, candidate) || signedEnough(held, candidate, signers)) continue
      const missing = missingOf(signers, new Set(signersIn(candidate.document)))
      const facts = { jurisdiction, serial, previous: null, missing: missing?.count ?? 0, of: missing?.of.join(' ') ?? '' }
      throw new TrustError('DFFT_POLICY_QUORUM', `to lift \`${id}\` takes all who signed it, or the quorum`, facts)
    }
    const { liveMax } = suspensionLimits
    const full = signersIn(candidate.document).every((did) => live.filter(({ document }) => signersIn(document).includes(did)).length >= liveMax)
    if (full) throw new TrustError('DFFT_LIMIT', `too many suspensions of ${jurisdiction} by those who signed this one`, { live: live.length, liveMax })
  }
}

function endMs({ policy }: HeldSuspension): number {
  return msOf(policy.metadata.validUntil)
}

/** Whether the later one stops as much, for as long. */
export function renews({ policy: held }: HeldSuspension, { policy: later }: HeldSuspension): boolean {
  return later.metadata.validUntil >= held.metadata.validUntil && canonical(later.match) === canonical(held.match)
}

function signedEnough(held: HeldSuspension, later: HeldSuspension, signers: Signers): boolean {
  const by = new Set(signersIn(later.document))
  return signersIn(held.document).every((did) => by.has(did)) || (signers.of.length > 0 && missingOf(signers, by) === undefined)
}
