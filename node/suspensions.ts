/**
 * Suspensions by jurisdiction. They restrict and are short, so any one signer makes one, and all that hold are united: two with one
 * serial do no harm, and one that comes late still counts.
 *
 * A later one of the same id takes the place of an earlier one from its own beginning. Where it covers as much, for as long, that is a
 * renewal; any other lets flows go on that were stopped, and takes all who signed the earlier one, or the quorum. To lift is to follow
 * with one that is over after a second.
 */
import { missingOf, type Signers } from '#policies/quorum.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Jurisdiction } from '#protocols/ids.ts'
import { signersIn } from './policy-signatures.ts'
import { begun, type HeldSuspension, over, serialOf } from './shelved.ts'

/** Not over, of one jurisdiction: a suspension of everything takes one. */
const liveMax = 256

export class Suspensions {
  readonly #held = new Map<Jurisdiction, readonly HeldSuspension[]>()

  /** By serial. */
  of(jurisdiction: Jurisdiction): readonly HeldSuspension[] {
    return this.#held.get(jurisdiction) ?? []
  }

  get jurisdictions(): readonly Jurisdiction[] {
    return [...this.#held.keys()]
  }

  add(held: HeldSuspension): void {
    const { jurisdiction } = held.policy.metadata
    this.#held.set(
      jurisdiction,
      [...this.of(jurisdiction), held].sort((left, right) => serialOf(left) - serialOf(right)),
    )
  }

  replace(before: HeldSuspension, after: HeldSuspension): void {
    const { jurisdiction } = before.policy.metadata
    this.#held.set(
      jurisdiction,
      this.of(jurisdiction).map((held) => (held === before ? after : held)),
    )
  }

  /** Those that stop flows at that time. */
  counting(jurisdiction: Jurisdiction, atMs: number, signers: Signers): readonly HeldSuspension[] {
    const all = this.of(jurisdiction)
    return all.filter((held) => begun(held, atMs) && !over(held, atMs) && !all.some((later) => begun(later, atMs) && replaces(held, later, signers)))
  }

  /** What partners are told: all of whose id one is not over, so that whoever hears of a suspension hears of its lifting. */
  told(atMs: number): readonly HeldSuspension[] {
    return this.jurisdictions.flatMap((jurisdiction) => {
      const all = this.of(jurisdiction)
      const live = new Set(all.filter((held) => !over(held, atMs)).map(({ policy }) => policy.metadata.id))
      return all.filter(({ policy }) => live.has(policy.metadata.id))
    })
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
      if (replaces(held, candidate, signers)) continue
      const missing = missingOf(signers, new Set(signersIn(candidate.document)))
      const facts = { jurisdiction, serial, previous: null, missing: missing?.count ?? 0, of: missing?.of.join(' ') ?? '' }
      throw new TrustError('DFFT_POLICY_QUORUM', `to lift \`${id}\` takes all who signed it, or the quorum`, facts)
    }
    if (live.length >= liveMax) throw new TrustError('DFFT_LIMIT', `too many suspensions of ${jurisdiction}`, { live: live.length, liveMax })
  }
}

function replaces(held: HeldSuspension, later: HeldSuspension, signers: Signers): boolean {
  if (later.policy.metadata.id !== held.policy.metadata.id || serialOf(later) <= serialOf(held)) return false
  return renews(held, later) || signedEnough(held, later, signers)
}

/** Whether the later one stops as much, for as long. */
export function renews({ policy: held }: HeldSuspension, { policy: later }: HeldSuspension): boolean {
  return later.metadata.validUntil >= held.metadata.validUntil && canonical(later.match) === canonical(held.match)
}

function signedEnough(held: HeldSuspension, later: HeldSuspension, signers: Signers): boolean {
  const by = new Set(signersIn(later.document))
  return signersIn(held.document).every((did) => by.has(did)) || (signers.of.length > 0 && missingOf(signers, by) === undefined)
}
