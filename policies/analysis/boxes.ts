/**
 * A rule's `match` as a box: along each axis the set of words it holds for, with `unknown` as one more word.
 *
 * A permit holds for `unknown` only where it does not ask; a deny or a duty always does (rule 6 of the language). Where
 * groups and legal relations stand differs from day to day, so the axes of places are given once for each stretch of
 * time in which the packs do not change. A rule that asks for a word of a set (a certification, a flag) or for a count
 * is not a box along that axis; there the list itself is kept.
 */
import type { Instant } from '#protocols/ids.ts'
import { clausesOf } from '../compiled-rule.ts'
import { type Clause, levelOf } from '../facts.ts'
import { covers, type Packs, type Relation, touches } from '../packs/packs.ts'
import { entriesOf, membersOf, relationsIn } from '../places.ts'
import type { Place, Rule } from '../policy.ts'
import { add, type Bits, bitsWhere, hasBit, meet, noBits, setBit } from './word-sets.ts'

export interface Window {
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
}

export interface Axis {
  readonly words: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  /** Every word, and after the last one the place of `unknown`. */
  readonly whole: Bits
}

/** A legal relation in one stretch of time. */
export interface RelationSpan {
  readonly entry: Relation
  readonly from: Bits
  readonly to: Bits
}

export interface Epoch {
  /** Its first instant within the window. */
  readonly at: Instant
  /** By id. */
  readonly relations: readonly RelationSpan[]
  group(id: string): Bits
}

/** The finite world that rules of one policy are boxes in. */
export interface Space {
  readonly packs: Packs
  readonly window: Window
  readonly epochs: readonly Epoch[]
  readonly credential: Axis
  readonly purpose: Axis
  readonly sector: Axis
  readonly category: Axis
  readonly place: Axis
}

export interface Box {
  readonly rule: Rule
  /** Denies and duties hold for what is unknown. */
  readonly strict: boolean
  readonly credential: Bits
  readonly purpose: Bits
  readonly sector: Bits
  readonly category: Bits
  /** By epoch. */
  readonly from: readonly Bits[]
  /** By epoch; by jurisdiction and group alone. */
  readonly to: readonly Bits[]
  /** By epoch; who can be reached at all, legal relations included. */
  readonly reach: readonly Bits[]
  /** Kinds of legal relation in `match.to`. */
  readonly kinds: readonly string[]
  readonly certification: readonly string[] | undefined
  readonly dataFlags: readonly string[] | undefined
  /** The `require` of a permit, the `unless` of another rule. */
  readonly clauses: readonly Clause[]
}

/** @param home put first among the jurisdictions, so that examples speak of it */
export function spaceOf(packs: Packs, window: Window, home: string): Space {
  const { terms } = packs
  const order = new Map([...terms.jurisdiction].map((code) => [code, familiarity(packs, home, code)]))
  const place = axisOf([...order.keys()].toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)))
  const inside = packs.changes.filter((change): change is Instant => change > window.from && change < window.until)
  return {
    packs,
    window,
    epochs: [window.from, ...inside].map((at) => epochOf(packs, place, at)),
    credential: axisOf([...terms.credential]),
    purpose: axisOf([...terms.purpose]),
    sector: axisOf(['private', 'public']),
    category: axisOf([...terms.category]),
    place,
  }
}

/** Small numbers for jurisdictions that people know something about: examples read better with them. */
function familiarity({ legal }: Packs, home: string, code: string): number {
  if (code === home) return 0
  if (legal.groups.some(({ id }) => id === code)) return 3
  return legal.laws.some(({ jurisdiction }) => jurisdiction === code) || legal.regimes.some(({ jurisdiction }) => jurisdiction === code) ? 1 : 2
}

function axisOf(words: readonly string[]): Axis {
  return { words, numbers: new Map(words.map((word, number) => [word, number])), whole: bitsWhere([...words, ''], () => true) }
}

function epochOf(packs: Packs, place: Axis, at: Instant): Epoch {
  const known = new Map<string, Bits>()
  const group = (id: string) => {
    const bits = known.get(id) ?? wordsIn(place, membersOf(packs, id, at))
    known.set(id, bits)
    return bits
  }
  const end = (id: string) => {
    const bits = group(id).slice()
    add(bits, wordsIn(place, [id]))
    return bits
  }
  const recorded = packs.legal.relations.filter(
    ({ tool, validFrom, validUntil }) => tool && (validFrom === null || validFrom <= at) && (validUntil === undefined || at < validUntil),
  )
  const byId = recorded.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return { at, group, relations: byId.map((entry) => ({ entry, from: end(entry.from), to: end(entry.to) })) }
}

function wordsIn(axis: Axis, words: readonly string[]): Bits {
  const bits = noBits(axis.words.length + 1)
  for (const word of words) {
    const number = axis.numbers.get(word)
    if (number !== undefined) setBit(bits, number)
  }
  return bits
}

export function boxOf(space: Space, rule: Rule): Box {
  const { match } = rule
  const strict = rule.effect !== 'permit'
  const asked = (axis: Axis, words: readonly string[] | undefined) => (words === undefined ? axis.whole : listed(axis, words, strict))
  const from = placesOf(space, match.from, strict)
  const to = placesOf(space, match.to, strict)
  const kinds = relationsIn(match.to)
  return {
    rule,
    strict,
    credential: asked(space.credential, match.credential),
    purpose: asked(space.purpose, match.purpose),
    sector: asked(space.sector, match.recipient?.sector),
    category: categoriesOf(space, match.data, strict),
    from,
    to,
    reach: kinds.length === 0 ? to : space.epochs.map((epoch, number) => reachOf(epoch, from[number], to[number], kinds, strict, space.place)),
    kinds,
    certification: match.recipient?.certification,
    dataFlags: match.dataFlags,
    clauses: clausesOf(rule.effect === 'permit' ? rule.require : rule.unless),
  }
}

function listed(axis: Axis, words: readonly string[], strict: boolean): Bits {
  const bits = wordsIn(axis, words)
  if (strict) setBit(bits, axis.words.length)
  return bits
}

function categoriesOf({ packs, category: { words, whole } }: Space, data: readonly string[] | undefined, strict: boolean): Bits {
  // Not even a permit for everything covers a category that no pack has.
  if (data === undefined) return strict ? whole : bitsWhere([...words, ''], (word) => word !== '')
  const wanted = new Set(data)
  const bits = bitsWhere([...words, ''], (word) => word !== '' && (strict ? touches(packs, wanted, word) : covers(packs, wanted, word)))
  if (strict) setBit(bits, words.length)
  return bits
}

/** One set for all epochs where no group is named. */
function placesOf({ epochs, place }: Space, wanted: Place | undefined, strict: boolean): Bits[] {
  if (wanted === undefined) return epochs.map(() => place.whole)
  const entries = entriesOf(wanted)
  const codes = entries.filter((entry) => typeof entry === 'string')
  const groups = entries.flatMap((entry) => (typeof entry === 'object' && 'group' in entry ? [entry.group] : []))
  const fixed = listed(place, codes, strict)
  if (groups.length === 0) return epochs.map(() => fixed)
  return epochs.map((epoch) => {
    const bits = fixed.slice()
    for (const group of groups) add(bits, epoch.group(group))
    return bits
  })
}

/** With an exporter nobody knows, a deny or a duty finds any relation possible. */
function reachOf(epoch: Epoch, from: Bits | undefined, to: Bits | undefined, kinds: readonly string[], strict: boolean, place: Axis): Bits {
  if (strict || from === undefined || to === undefined) return place.whole
  const bits = to.slice()
  for (const span of epoch.relations) if (kinds.includes(span.entry.kind) && meet(span.from, from)) add(bits, span.to)
  return bits
}

/** The rule as a box of another world's law, for telling apart the places that it reaches there and not here. */
export function boxElsewhere({ place, epochs }: Space, other: Space, rule: Rule): Box {
  const box = boxOf(other, rule)
  const here = (sets: readonly Bits[]) => {
    const bits = wordsIn(
      place,
      other.place.words.filter((_, number) => sets.some((set) => hasBit(set, number))),
    )
    if (sets.some((set) => hasBit(set, other.place.words.length))) setBit(bits, place.words.length)
    return epochs.map(() => bits)
  }
  const to = here(box.reach)
  return { ...box, kinds: [], from: here(box.from), to, reach: to }
}

// --- Boxes against each other.

/** Whether a path of a question may match both; false is a proof that none does. */
export function mayMeet(a: Box, b: Box): boolean {
  return meet(a.category, b.category) && flowsMayMeet(a, b)
}

/** Whether a question may match both, each with a path of its own. */
export function flowsMayMeet(a: Box, b: Box): boolean {
  return (
    a.rule.direction === b.rule.direction &&
    meet(a.credential, b.credential) &&
    meet(a.purpose, b.purpose) &&
    meet(a.sector, b.sector) &&
    a.from.some((from, epoch) => meetAt(from, b.from[epoch]) && meetAt(a.reach[epoch], b.reach[epoch]))
  )
}

function meetAt(a: Bits | undefined, b: Bits | undefined): boolean {
  return a !== undefined && b !== undefined && meet(a, b)
}

export interface Within {
  /** Whether the category counts too; without it the question is whether a policy speaks of the flow. */
  readonly data: boolean
}

/** Whether every question that matches `inner` matches `outer`: true is a proof. What must be shown is not looked at. */
export function isWithin(space: Space, inner: Box, outer: Box, { data }: Within = { data: true }): boolean {
  return (
    inner.rule.direction === outer.rule.direction &&
    subset(inner.credential, outer.credential) &&
    (!data || subset(inner.category, outer.category)) &&
    subset(inner.purpose, outer.purpose) &&
    subset(inner.sector, outer.sector) &&
    listWithin(inner.certification, outer.certification) &&
    listWithin(inner.dataFlags, outer.dataFlags) &&
    countWithin(inner, outer) &&
    inner.from.every((from, epoch) => subset(from, outer.from[epoch])) &&
    inner.to.every((to, epoch) => subset(to, outer.to[epoch])) &&
    kindsWithin(space, inner, outer, inner.strict || !data)
  )
}

export function subset(inner: Bits, outer: Bits | undefined): boolean {
  if (outer === undefined) return false
  if (inner === outer) return true
  for (let word = 0; word < inner.length; word++) if (((inner[word] ?? 0) & ~(outer[word] ?? 0)) !== 0) return false
  return true
}

function listWithin(inner: readonly string[] | undefined, outer: readonly string[] | undefined): boolean {
  return outer === undefined || (inner?.every((word) => outer.includes(word)) ?? false)
}

function countWithin({ rule: { match: inner } }: Box, { rule: { match: outer } }: Box): boolean {
  if (outer.counter === undefined) return true
  return inner.counter !== undefined && inner.counter.name === outer.counter.name && inner.counter.atLeast >= outer.counter.atLeast
}

/**
 * A relation of `inner` is one of `outer`, or leads only where `outer` goes by place alone.
 *
 * @param unknowns whether an unknown jurisdiction counts as matched: then a relation may lead anywhere
 */
function kindsWithin(space: Space, inner: Box, outer: Box, unknowns: boolean): boolean {
  const others = outer.rule.match.to === undefined ? [] : inner.kinds.filter((kind) => !outer.kinds.includes(kind))
  if (others.length === 0) return true
  if (unknowns) return outer.to.every((to) => subset(space.place.whole, to))
  return space.epochs.every((epoch, number) =>
    epoch.relations.every(({ entry, from, to }) => !others.includes(entry.kind) || !meetAt(from, inner.from[number]) || subset(to, outer.to[number])),
  )
}

// --- What must be shown.

/** Whether whoever meets all of `strong` meets all of `weak`. */
export function clausesImply(strong: readonly Clause[], weak: readonly Clause[]): boolean {
  return weak.every((wanted) => strong.some((given) => clauseImplies(given, wanted)))
}

function clauseImplies(strong: Clause, weak: Clause): boolean {
  if (strong.kind === 'anyOf') return weak.kind === 'anyOf' && strong.fact === weak.fact && strong.words.every((word) => weak.words.includes(word))
  if (strong.kind === 'atLeast') return weak.kind === 'atLeast' && strong.fact === weak.fact && levelOf(strong.level) >= levelOf(weak.level)
  return weak.kind === 'below' && strong.fact === weak.fact && strong.limit <= weak.limit
}

/** Whether the `unless` of `strong` lifts it only where that of `weak` lifts it too; one that is absent never does. */
export function liftsLess(strong: Box, weak: Box): boolean {
  return strong.clauses.length === 0 || (weak.clauses.length > 0 && clausesImply(strong.clauses, weak.clauses))
}

export function isUnder(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`)
}

/** Whether every path that `inner` lets out `outer` lets out too. */
export function disclosesWithin({ rule: inner }: Box, { rule: outer }: Box): boolean {
  if (inner.effect !== 'permit' || outer.effect !== 'permit') return false
  const { allow, deny } = inner.disclose ?? {}
  const limits = outer.disclose ?? {}
  const allowed = limits.allow === undefined || (allow?.every((path) => limits.allow?.some((pointer) => isUnder(path, pointer))) ?? false)
  // What the outer one never lets out, the inner one must never let out either: the same pointer or one above it.
  return allowed && (limits.deny ?? []).every((pointer) => deny?.some((own) => isUnder(pointer, own)) ?? false)
}

/** The order in which permits are tried. */
export function byChoice({ rule: a }: Box, { rule: b }: Box): number {
  return rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? 100) : 0
}
