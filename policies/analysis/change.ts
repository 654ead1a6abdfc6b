/**
 * What another version of a policy changes: the flows that flip, and whether it is proved that it only restricts.
 *
 * What a flow carries is looked at path by path: a path that is released owes what the permit that covers it and the
 * duties of the whole question say, and not what another path of the same question owed, since who asks may leave that
 * other path out. So to restrict is: no path released that was not, none merely left out that a deny refused together
 * with all others, none for less and none for longer; on any day, and for words that no pack knows.
 */
import { canonical } from '#protocols/canonical.ts'
import { compile, type PolicyIndex } from '../compile.ts'
import type { Packs } from '../packs/packs.ts'
import type { Reveal, Rule, TrustPolicy } from '../policy.ts'
import { unionsOf } from '../sides.ts'
import { type Box, boxElsewhere, boxOf, type Space, spaceOf, type Window } from './boxes.ts'
import { cellsOf } from './cells.ts'
import { dutiesIn } from './duties.ts'
import { type Compared, type Flip, type Found, flipAt, flipsMax, flipsOf } from './flips.ts'
import { namesOf, type PolicyAt, packsChange } from './packs-change.ts'
import { type Doubt, doubtsOf, silences, type Versions } from './proof.ts'
import { Work } from './work.ts'

export type { Flip } from './flips.ts'
export type { PolicyAt } from './packs-change.ts'

export interface Change {
  readonly kind: 'same' | 'restricts' | 'widens'
  /** What widens first. */
  readonly flips: readonly Flip[]
  /** How many flips were found and left out. */
  readonly more: number
  /** How it was proved that it only restricts, or why that is not proved. */
  readonly reasons: readonly string[]
}

/**
 * `restricts` is a proof: no question anywhere has more released, a later end or fewer duties after than before. What
 * cannot be proved is `widens`. `same` decides every question alike; titles, reasons and citations may differ. Without
 * `before`, whatever is permitted is new, and there is nothing to flip from.
 *
 * @throws {TrustError} DFFT_POLICY_SYNTAX for a policy that its packs do not fit
 */
export function changeBetween(before: PolicyAt | undefined, after: PolicyAt): Change {
  if (!before) return firstOf(after)
  const packs = packsChange(before, after)
  const widening = wideningOf(before, after, packs)
  const changed = changedRules(before.policy.rules, after.policy.rules)
  if (widening.length === 0 && changed.size === 0 && sameFrame(before.policy, after.policy)) return { kind: 'same', flips: [], more: 0, reasons: [] }
  const compared = comparedOf(before, after, changed, after.packs)
  const doubts = sides.flatMap((side) => doubtsOf(compared.space, compared.duties, versionsOf(compared, side)))
  const silent = sharesSide(before, after, compared.space) ? sides.flatMap((side) => silences(compared.space, versionsOf(compared, side))) : []
  const against = [...widening, ...texts(silent)]
  const { flips, more, whole, widens } =
    packs.length > 0 ? flipsOfPacks(before, after, changed) : flipsOf(compared, regionsOf(compared, changed, doubts), against.length === 0 && doubts.length > 0)
  const said = { flips: [...flipsOfTime(before, after, compared), ...flips], more }
  const examples = whole ? [] : ['there are too many cells to look at them all: the flips are examples']
  if (against.length > 0) return { kind: 'widens', ...said, reasons: [...against, ...texts(doubts), ...examples] }
  if (doubts.length === 0) return { kind: 'restricts', ...said, reasons: ['proved rule by rule', ...examples] }
  if (whole && !widens) return { kind: 'restricts', ...said, reasons: ['proved by comparing every cell that the changed rules cut'] }
  return { kind: 'widens', ...said, reasons: [...texts(doubts), ...(widens ? [] : ['not proved either way']), ...examples] }
}

function firstOf({ policy, packs }: PolicyAt): Change {
  compile([policy], packs)
  const permits = policy.rules.filter(({ effect }) => effect === 'permit').length
  const reason = permits === 0 ? 'there was no policy before, and this one permits nothing' : `there was no policy before: its ${permits} permits are new`
  return { kind: permits === 0 ? 'restricts' : 'widens', flips: [], more: 0, reasons: [reason] }
}

const reasonsMax = 50

function texts(doubts: readonly Doubt[]): string[] {
  const all = [...new Set(doubts.map(({ reason }) => reason))]
  return all.length > reasonsMax ? [...all.slice(0, reasonsMax), `${all.length - reasonsMax} more`] : all
}

// --- What widens whatever the rules say.

const talk: Readonly<Record<Reveal, number>> = { code: 0, rules: 1, nearest: 2 }

function wideningOf(before: PolicyAt, after: PolicyAt, packs: readonly string[]): string[] {
  const [old, now] = [before.policy.metadata, after.policy.metadata]
  const reasons = packs.slice(0, reasonsMax).map((what) => `the packs differ in what the policy uses: ${what}`)
  if (old.jurisdiction !== now.jurisdiction) reasons.push(`another jurisdiction: ${now.jurisdiction}`)
  if (now.validFrom < old.validFrom) reasons.push(`in force earlier: from ${now.validFrom}`)
  if (now.validUntil > old.validUntil) reasons.push(`in force longer: until ${now.validUntil}`)
  if (talk[now.reveal ?? 'code'] > talk[old.reveal ?? 'code']) reasons.push(`tells a refused peer more: ${now.reveal ?? 'code'}`)
  return reasons
}

/** Enough for some hundred permits. */
const timeStepsMax = 1_000_000

/** For each direction one flow that is released at a time when the earlier version was not in force. */
function flipsOfTime({ policy: { metadata: old } }: PolicyAt, { policy, packs }: PolicyAt, compared: Compared): Flip[] {
  const now = policy.metadata
  const at = now.validFrom < old.validFrom ? now.validFrom : now.validUntil > old.validUntil && now.validFrom <= old.validUntil ? old.validUntil : undefined
  if (at === undefined) return []
  const work = new Work(timeStepsMax)
  const space = spaceOf(packs, { from: at, until: now.validUntil }, now.jurisdiction)
  return sides.flatMap((side) => {
    for (const rule of policy.rules) {
      if (rule.direction !== side || rule.effect !== 'permit') continue
      const { cells } = cellsOf({ space, boxes: [boxOf(space, rule)], statesMax: 16, work, keep: (matched, held) => (matched & held) !== 0n })
      const flips = cells.flatMap(({ question }) => flipAt({ ...compared, space }, side, question) ?? [])
      if (flips.length > 0) return flips
    }
    return []
  })
}

function sameFrame({ metadata: old }: TrustPolicy, { metadata: now }: TrustPolicy): boolean {
  return old.validFrom === now.validFrom && old.validUntil === now.validUntil && (old.reveal ?? 'code') === (now.reveal ?? 'code')
}

/** Whether documents of another jurisdiction may stand on the same side at some time. */
function sharesSide(before: PolicyAt, after: PolicyAt, { epochs }: Space): boolean {
  const { jurisdiction } = after.policy.metadata
  const isUnion = ({ legal }: Packs) => legal.groups.some(({ id }) => id === jurisdiction)
  return [before.packs, after.packs].some((packs) => isUnion(packs) || epochs.some(({ at }) => unionsOf(packs, jurisdiction, at).length > 0))
}

// --- What the rules change.

const sides = ['export', 'import'] as const

/** Ids of rules that are new, gone or decide otherwise. */
function changedRules(before: readonly Rule[], after: readonly Rule[]): ReadonlySet<string> {
  const [old, now] = [before, after].map((rules) => new Map(rules.map((rule) => [rule.id, decidingText(rule)])))
  return new Set([...before, ...after].map(({ id }) => id).filter((id) => old?.get(id) !== now?.get(id)))
}

function decidingText(rule: Rule): string {
  return canonical({ ...rule, title: undefined, cite: undefined, reason: undefined })
}

/** Where the packs changed, the rules that name groups or relations are looked at too, in the world of either. */
function flipsOfPacks(before: PolicyAt, after: PolicyAt, changed: ReadonlySet<string>): Found {
  const ids = withPlaces(changed, before, after)
  const [here, there] = [comparedOf(before, after, ids, after.packs), comparedOf(before, after, ids, before.packs)]
  const found = [[here, there] as const, [there, here] as const].map(([compared, other]) => {
    const cutting = [...compared.boxesBefore, ...compared.boxesAfter]
      .filter(({ rule }) => ids.has(rule.id))
      .map(({ rule }) => boxElsewhere(compared.space, other.space, rule))
    return flipsOf({ ...compared, cutting }, regionsOf(compared, ids, []), false)
  })
  const byText = new Map(found.flatMap(({ flips }) => flips.map((flip) => [canonical({ ...flip, question: null }), flip])))
  const flips = [...byText.values()].slice(0, flipsMax)
  return {
    flips,
    more: Math.max(0, byText.size - flipsMax) + found.reduce((sum, { more }) => sum + more, 0),
    whole: false,
    widens: found.some(({ widens }) => widens),
  }
}

function withPlaces(changed: ReadonlySet<string>, before: PolicyAt, after: PolicyAt): ReadonlySet<string> {
  const placed = [...before.policy.rules, ...after.policy.rules].filter((rule) => Object.values(namesOf(rule)).some((names) => names.length > 0))
  return new Set([...changed, ...placed.map(({ id }) => id)])
}

/** @param packs whose words and law the rules are boxes in */
function comparedOf(before: PolicyAt, after: PolicyAt, changed: ReadonlySet<string>, packs: Packs): Compared {
  const space = spaceOf(packs, windowOf(before, after), after.policy.metadata.jurisdiction)
  const boxesAfter = after.policy.rules.map((rule) => boxOf(space, rule))
  const kept = new Map(boxesAfter.filter(({ rule }) => !changed.has(rule.id)).map((box) => [box.rule.id, box]))
  const boxesBefore = before.policy.rules.map((rule) => kept.get(rule.id) ?? boxOf(space, rule))
  const dutiesChanged = [...boxesBefore, ...boxesAfter].some(({ rule }) => rule.effect === 'oblige' && changed.has(rule.id))
  const index = ({ policy, packs }: PolicyAt, rules?: (policy: TrustPolicy) => TrustPolicy): PolicyIndex => compile([rules ? rules(policy) : policy], packs)
  return {
    ...{ space, boxesBefore, boxesAfter, duties: dutiesIn(space), before: index(before), after: index(after) },
    dutiesAlone: dutiesChanged ? { before: index(before, dutiesAlone), after: index(after, dutiesAlone) } : undefined,
  }
}

/** Its duties, under a permit for everything, so that they show for data that nothing else covers too. */
function dutiesAlone(policy: TrustPolicy): TrustPolicy {
  const duties = policy.rules.filter(({ effect }) => effect === 'oblige')
  const permits = sides.map(
    (direction): Rule => ({ id: `${policy.metadata.jurisdiction.toLowerCase()}.${direction}.all`, direction, effect: 'permit', match: {} }),
  )
  return { ...policy, rules: [...duties, ...permits] }
}

/** When both are in force; where that is never, when the later version is. */
function windowOf({ policy: { metadata: old } }: PolicyAt, { policy: { metadata: now } }: PolicyAt): Window {
  const from = old.validFrom > now.validFrom ? old.validFrom : now.validFrom
  const until = old.validUntil < now.validUntil ? old.validUntil : now.validUntil
  return from < until ? { from, until } : { from: now.validFrom, until: now.validUntil }
}

function versionsOf({ boxesBefore, boxesAfter }: Compared, side: (typeof sides)[number]): Versions {
  const [before, after] = [boxesBefore, boxesAfter].map((boxes) => boxes.filter(({ rule }) => rule.direction === side))
  return { before: before ?? [], after: after ?? [] }
}

/** The versions of each changed rule, those first that stand against the proof. */
function regionsOf({ boxesBefore, boxesAfter }: Compared, ids: ReadonlySet<string>, doubts: readonly Doubt[]): Box[][] {
  const doubtful = new Set(doubts.map(({ rule }) => rule))
  const order = [...[...ids].filter((id) => doubtful.has(id)), ...[...ids].filter((id) => !doubtful.has(id))]
  const byId = new Map<string, Set<Box>>(order.map((id) => [id, new Set()]))
  for (const box of [...boxesBefore, ...boxesAfter]) byId.get(box.rule.id)?.add(box)
  return [...byId.values()].flatMap((boxes) => bySide([...boxes]))
}

/** A rule that changed its direction is two. */
function bySide(boxes: readonly Box[]): Box[][] {
  return sides.map((side) => boxes.filter(({ rule }) => rule.direction === side)).filter((list) => list.length > 0)
}
