/**
 * A proof, rule by rule, that new rules only restrict: cheap, and never wrong where it says yes.
 *
 * Each deny and each duty of before must lie within one of after that asks at least as much. Each permit of after must
 * lie within one of before, and owe at least what any permit of before owed that may have been chosen in its place.
 * Where that fails nothing is known: then the cells are compared one by one.
 */
import type { Obligation } from '../policy.ts'
import { type Box, byChoice, clausesImply, disclosesWithin, isWithin, liftsLess, mayMeet, type Space } from './boxes.ts'
import type { Duties, Purposes } from './duties.ts'

/** The rules of one direction, before and after. */
export interface Versions {
  readonly before: readonly Box[]
  readonly after: readonly Box[]
}

export interface Doubt {
  readonly rule: string
  readonly reason: string
}

/** What stands against the proof; empty is the proof. */
export function doubtsOf(space: Space, duties: Duties, versions: Versions): Doubt[] {
  const proof = new Proof(space, duties, versions)
  return [...proof.denies(), ...proof.duties(), ...proof.permits()]
}

/**
 * Where a policy shares its side with another, it must go on speaking of each flow it spoke of: of what it is silent on
 * the other decides alone, so that taking a permit away may widen.
 */
export function silences(space: Space, { before, after }: Versions): Doubt[] {
  const speaking = after.filter(({ rule }) => rule.effect === 'permit')
  return before
    .filter((box) => box.rule.effect === 'permit' && !speaking.some((other) => isWithin(space, box, other, { data: false })))
    .map(({ rule }) => ({
      rule: rule.id,
      reason: `${rule.id}: of some flows it spoke of the policy is silent now, so that the other policy of the side decides alone`,
    }))
}

const of = (boxes: readonly Box[], effect: Box['rule']['effect']) => boxes.filter(({ rule }) => rule.effect === effect)

class Proof {
  readonly #space: Space
  readonly #duties: Duties
  readonly #before: readonly Box[]
  readonly #after: readonly Box[]
  /** In the order of choice. */
  readonly #permitsBefore: readonly Box[]
  readonly #permitsAfter: readonly Box[]
  /** For each deny of before one of after that is active whenever it is. */
  readonly #successors = new Map<Box, Box>()

  constructor(space: Space, duties: Duties, { before, after }: Versions) {
    this.#space = space
    this.#duties = duties
    this.#before = before
    this.#after = after
    this.#permitsBefore = of(before, 'permit').toSorted(byChoice)
    this.#permitsAfter = of(after, 'permit').toSorted(byChoice)
  }

  denies(): Doubt[] {
    const now = of(this.#after, 'deny')
    return of(this.#before, 'deny').flatMap((box) => {
      const heir = sameFirst(box, now).find((other) => this.#outlasts(box, other))
      if (heir) this.#successors.set(box, heir)
      return heir ? [] : [{ rule: box.rule.id, reason: `${box.rule.id}: no deny refuses all that it refused` }]
    })
  }

  duties(): Doubt[] {
    const now = of(this.#after, 'oblige')
    return of(this.#before, 'oblige').flatMap((box) => {
      const kept = sameFirst(box, now).some((other) => this.#outlasts(box, other) && this.#duties.imply(owed(other), owed(box), purposesOf(box)))
      return kept ? [] : [{ rule: box.rule.id, reason: `${box.rule.id}: no duty asks all that it asked, wherever it asked it` }]
    })
  }

  permits(): Doubt[] {
    return this.#permitsAfter.flatMap((box) => {
      const wider = sameFirst(box, this.#permitsBefore).find((other) => this.#covers(box, other))
      if (!wider) return [{ rule: box.rule.id, reason: `${box.rule.id}: no permit of before covers all that it covers` }]
      const looser = this.#permitsBefore.find((other) => byChoice(other, wider) <= 0 && mayMeet(box, other) && !this.#owesAsMuch(box, other))
      return looser ? [{ rule: box.rule.id, reason: `${box.rule.id}: owes less, or for longer, than ${looser.rule.id} did for the same data` }] : []
    })
  }

  /** Whether a deny or duty of after is active whenever one of before was. */
  #outlasts(box: Box, other: Box): boolean {
    return same(box, other) || (isWithin(this.#space, box, other) && liftsLess(other, box))
  }

  #covers(box: Box, before: Box): boolean {
    return (
      (same(box, before) || (isWithin(this.#space, box, before) && clausesImply(box.clauses, before.clauses) && disclosesWithin(box, before))) &&
      this.#exceptsNoMore(box, before)
    )
  }

  /** Wherever the new permit is chosen, the denies of before that were active are among those the old one was an exception to. */
  #exceptsNoMore(box: Box, before: Box): boolean {
    if (exceptions(box).length === 0) return true
    return of(this.#before, 'deny').every((deny) => {
      const heir = this.#successors.get(deny)
      return heir === undefined || !exceptions(box).includes(heir.rule.id) || exceptions(before).includes(deny.rule.id) || !mayMeet(box, deny)
    })
  }

  /**
   * Whether data that `box` releases now was released by `before` for no stricter duties and no shorter time. It is also
   * so where `before` cannot have been chosen: then something that still stands in front would be chosen today as well.
   */
  #owesAsMuch(box: Box, before: Box): boolean {
    if (this.#duties.imply(owed(box), owed(before), purposesOf(box) ?? purposesOf(before)) && this.#endsNoLater(box, before)) return true
    return this.#permitsAfter.some((front) => byChoice(front, box) < 0 && this.#standsFor(front, before) && this.#notBarred(front, before, box))
  }

  #standsFor(front: Box, before: Box): boolean {
    return same(front, before) || (isWithin(this.#space, before, front) && clausesImply(before.clauses, front.clauses) && disclosesWithin(before, front))
  }

  /** Whether each deny that would bar `front` from where `box` is chosen barred `before` as well. */
  #notBarred(front: Box, before: Box, box: Box): boolean {
    return exceptions(box).every((id) => {
      if (exceptions(front).includes(id)) return true
      const deny = of(this.#after, 'deny').find(({ rule }) => rule.id === id)
      if (deny === undefined || !mayMeet(deny, before)) return true
      return of(this.#before, 'deny').some((old) => !exceptions(before).includes(old.rule.id) && this.#outlasts(deny, old))
    })
  }

  /** Only a relation that ends within the window ends a release earlier than the policy does. */
  #endsNoLater(box: Box, before: Box): boolean {
    if (before.kinds.length === 0 || sameText(box.rule.match.to, before.rule.match.to)) return true
    const { epochs, window } = this.#space
    return !epochs.some(({ relations }) =>
      relations.some(({ entry }) => before.kinds.includes(entry.kind) && entry.validUntil !== undefined && entry.validUntil < window.until),
    )
  }
}

function exceptions({ rule }: Box): readonly string[] {
  return rule.effect === 'permit' ? (rule.exceptTo ?? []) : []
}

function owed({ rule }: Box): readonly Obligation[] {
  return rule.effect === 'deny' ? [] : (rule.obligations ?? [])
}

/** For what a permit may be used: the unknown is none of it. */
function purposesOf({ rule, strict }: Box): Purposes {
  return strict ? undefined : rule.match.purpose
}

/** The rule of the same name first: it is the likeliest. */
function sameFirst(box: Box, boxes: readonly Box[]): readonly Box[] {
  const namesake = boxes.find(({ rule }) => rule.id === box.rule.id)
  return namesake ? [namesake, ...boxes.filter((other) => other !== namesake)] : boxes
}

/** A rule that did not change is one box in both versions. */
function same(one: Box, other: Box): boolean {
  return one === other
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
