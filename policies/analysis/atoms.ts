/**
 * What the values of one fact do to a few rules: values that do the same are one atom.
 *
 * Rules are numbered by their place in the frame, and sets of them are bits of a bigint. Natural values come first, the
 * unknown and the unheard-of last, so that examples read like questions somebody asks.
 */

import { type Clause, levelOf } from '../facts.ts'
import { type Relation, touches } from '../packs/packs.ts'
import { assuranceLevels, type CounterName, type FactName, type PlainFactName } from '../question.ts'
import { type Axis, type Box, type Epoch, isUnder, type Space } from './boxes.ts'
import { type Bits, hasBit, indexesOf } from './word-sets.ts'
import type { Work } from './work.ts'

export interface Frame {
  readonly space: Space
  readonly boxes: readonly Box[]
  readonly every: bigint
  /** Rules by the kinds of legal relation that they name. */
  readonly kinds: ReadonlyMap<string, bigint>
  readonly work: Work
}

export interface Atom<Value> {
  /** Rules whose match does not fail. */
  readonly pass: bigint
  /** Rules whose conditions fail. */
  readonly fail: bigint
  readonly value: Value
}

/** A word that no pack has: a fact that holds it counts as unknown. */
export const strangeWord = 'unheard-of'

export function frameOf(space: Space, boxes: readonly Box[], work: Work): Frame {
  const kinds = new Set(boxes.flatMap((box) => box.kinds))
  const byKind = new Map([...kinds].map((kind) => [kind, maskOf(boxes, (box) => box.kinds.includes(kind))]))
  return { space, boxes, every: (1n << BigInt(boxes.length)) - 1n, kinds: byKind, work }
}

export function maskOf(boxes: readonly Box[], holds: (box: Box, number: number) => boolean): bigint {
  let mask = 0n
  for (const [number, box] of boxes.entries()) if (holds(box, number)) mask |= 1n << BigInt(number)
  return mask
}

export function hasRule(mask: bigint, number: number): boolean {
  return ((mask >> BigInt(number)) & 1n) === 1n
}

export function rulesIn(mask: bigint): number[] {
  const numbers: number[] = []
  for (let rest = mask, number = 0; rest !== 0n; rest >>= 1n, number++) if ((rest & 1n) === 1n) numbers.push(number)
  return numbers
}

// --- Facts that hold one word.

/** @param mark what else tells two words apart */
export function atomsOfWords(
  frame: Frame,
  axis: Axis,
  bitsOf: (box: Box) => Bits,
  mark: (word: string | undefined) => string = () => '',
): Atom<string | undefined>[] {
  const free = maskOf(frame.boxes, (box) => bitsOf(box) === axis.whole)
  const passes = new Array<bigint>(axis.words.length + 1).fill(free)
  for (const [number, box] of frame.boxes.entries()) {
    const bits = bitsOf(box)
    if (bits !== axis.whole) for (const word of indexesOf(bits)) passes[word] = (passes[word] ?? free) | (1n << BigInt(number))
  }
  const found = new Map<string | bigint, Atom<string | undefined>>()
  for (const [number, pass] of passes.entries()) {
    const marked = mark(axis.words[number])
    const key = marked === '' ? pass : `${pass} ${marked}`
    if (!found.has(key)) found.set(key, { pass, fail: 0n, value: axis.words[number] })
  }
  return [...found.values()]
}

export function atomsOfLevel(frame: Frame, matched: bigint, fact: 'issuerAssurance' | 'counterpartyAssurance'): Atom<string | undefined>[] {
  const wanted = clausesOn(frame, matched, fact)
  const values = wanted.length === 0 ? [] : [...assuranceLevels].reverse()
  return distinctAtoms(
    [...values, undefined].map((value) => ({
      pass: frame.every,
      fail: failing(wanted, ({ clause }) => clause.kind === 'atLeast' && (value === undefined || levelOf(value) < levelOf(clause.level))),
      value,
    })),
  )
}

export function atomsOfCount(frame: Frame, matched: bigint, name: CounterName): Atom<number | undefined>[] {
  const wanted = clausesOn(frame, matched, name)
  const asking = frame.boxes.flatMap(({ rule, strict }, number) => {
    const { counter } = rule.match
    return counter && `counter:${counter.name}` === name ? [{ strict, atLeast: counter.atLeast, bit: 1n << BigInt(number) }] : []
  })
  const limits = [...asking.map(({ atLeast }) => atLeast), ...wanted.map(({ clause }) => (clause.kind === 'below' ? clause.limit : 0))]
  const values = [...new Set([0, ...limits.flatMap((limit) => [limit - 1, limit])])].filter((value) => value >= 0).sort((a, b) => a - b)
  return distinctAtoms(
    [...values, undefined].map((value) => ({
      pass: asking.reduce((pass, { strict, atLeast, bit }) => ((value === undefined ? strict : value >= atLeast) ? pass : pass & ~bit), frame.every),
      fail: failing(wanted, ({ clause }) => clause.kind === 'below' && (value === undefined || value >= clause.limit)),
      value,
    })),
  )
}

interface Wanted {
  readonly clause: Clause
  readonly bit: bigint
}

function clausesOn({ boxes }: Frame, matched: bigint, fact: FactName): Wanted[] {
  return boxes.flatMap(({ clauses }, number) =>
    clauses.length > 0 && hasRule(matched, number)
      ? clauses.filter((clause) => clause.fact === fact).map((clause) => ({ clause, bit: 1n << BigInt(number) }))
      : [],
  )
}

function failing(wanted: readonly Wanted[], fails: (one: Wanted) => boolean): bigint {
  return wanted.reduce((mask, one) => (fails(one) ? mask | one.bit : mask), 0n)
}

function distinctAtoms<Value>(atoms: readonly Atom<Value>[]): Atom<Value>[] {
  const found = new Map<string, Atom<Value>>()
  for (const atom of atoms) {
    const key = `${atom.pass} ${atom.fail}`
    if (!found.has(key)) found.set(key, atom)
  }
  return [...found.values()]
}

// --- Facts that hold a set of words.

export interface WordSet {
  /** Undefined where nothing is known. */
  readonly words: readonly string[] | undefined
  /** Whether a word nobody knows stands beside them. */
  readonly foreign: boolean
}

export type SetFact = Extract<PlainFactName, 'certification' | 'dataFlags' | 'legalBasis' | 'transferTool' | 'evidence'>

/**
 * One set of words for each way to hit or miss the lists that the rules ask for.
 *
 * @param more words that tell sets apart besides
 */
export function atomsOfSet(frame: Frame, matched: bigint, fact: SetFact, more: readonly string[] = []): Atom<WordSet>[] {
  const wanted = clausesOn(frame, matched, fact)
  const asking = frame.boxes.flatMap((box, number) => {
    const list = fact === 'certification' ? box.certification : fact === 'dataFlags' ? box.dataFlags : undefined
    return list && hasRule(matched, number) ? [{ list, strict: box.strict, bit: 1n << BigInt(number) }] : []
  })
  if (wanted.length === 0 && asking.length === 0 && more.length === 0) return [{ pass: frame.every, fail: 0n, value: { words: undefined, foreign: true } }]
  const lists = [...asking.map(({ list }) => list), ...wanted.map(({ clause }) => (clause.kind === 'anyOf' ? clause.words : [])), ...more.map((word) => [word])]
  const hits = (list: readonly string[], words: readonly string[]) => words.some((word) => list.includes(word))
  const atom = (words: readonly string[], foreign: boolean): Atom<WordSet> => ({
    pass: asking.reduce((pass, { list, strict, bit }) => (hits(list, words) || (foreign && strict) ? pass : pass & ~bit), frame.every),
    fail: failing(wanted, ({ clause }) => clause.kind === 'anyOf' && !hits(clause.words, words)),
    value: { words: words.length === 0 && foreign ? undefined : words, foreign },
  })
  const sets = hittingSets(lists, frame.work)
  frame.work.spend(2 * sets.length * lists.length)
  // In a condition alone, the unknown is no more than the missing.
  const foreign = asking.length > 0 || more.length > 0 ? sets.map((words) => atom(words, true)) : []
  return [...sets.map((words) => atom(words, false)), ...foreign]
}

/** Enough for eight lists that overlap in every way; rules that meet seldom ask for as many. */
const setsMax = 256

/** For each set of lists that some words hit and no others, such words: few of them. With no work left, some. */
function hittingSets(lists: readonly (readonly string[])[], work: Work): string[][] {
  const distinct = [...new Set(lists.map((list) => [...new Set(list)].sort().join()))].map((text) => text.split(','))
  const hit = new Map<string, bigint>()
  for (const [number, list] of distinct.entries()) for (const word of list) hit.set(word, (hit.get(word) ?? 0n) | (1n << BigInt(number)))
  const byHits = new Map([...hit.entries()].map(([word, hits]) => [hits, word]))
  const found = new Map<bigint, string[]>([[0n, []]])
  for (const [hits, word] of byHits)
    for (const [before, words] of [...found]) {
      const after = before | hits
      if ((found.get(after)?.length ?? Number.POSITIVE_INFINITY) > words.length + 1) found.set(after, [...words, word])
      if (found.size < setsMax) continue
      work.stop()
      return [...found.values()]
    }
  return [...found.values()]
}

// --- Categories and paths.

export function atomsOfCategory(frame: Frame, relations: readonly Relation[]): Atom<string | undefined>[] {
  const excluded = relations.flatMap(({ excludedData }) => (excludedData ? [new Set(excludedData)] : []))
  const { packs, category } = frame.space
  return atomsOfWords(
    frame,
    category,
    (box) => box.category,
    (word) => excluded.map((list) => Number(touches(packs, list, word ?? strangeWord))).join(''),
  )
}

/** One path for each way to lie above, below or beside the pointers that permits are limited to. */
export function atomsOfPaths({ boxes, every }: Frame, matched: bigint): Atom<string>[] {
  const limited = boxes.flatMap(({ rule }, number) =>
    rule.effect === 'permit' && rule.disclose && hasRule(matched, number) ? [{ ...rule.disclose, bit: 1n << BigInt(number) }] : [],
  )
  const pointers = [...new Set(limited.flatMap(({ allow = [], deny = [] }) => [...allow, ...deny]))]
  const paths = ['/claim', ...new Set(pointers.flatMap((pointer) => [pointer, `${pointer}/claim`, ...parentsOf(pointer)]))]
  return distinctAtoms(
    paths.map((path) => ({
      pass: limited.reduce((pass, { allow, deny, bit }) => {
        const out = (allow && !allow.some((pointer) => isUnder(path, pointer))) || deny?.some((pointer) => isUnder(path, pointer) || isUnder(pointer, path))
        return out ? pass & ~bit : pass
      }, every),
      fail: 0n,
      value: path,
    })),
  )
}

function parentsOf(pointer: string): string[] {
  const parents = []
  for (let slash = pointer.lastIndexOf('/'); slash > 0; slash = pointer.lastIndexOf('/', slash - 1)) parents.push(pointer.slice(0, slash))
  return parents
}

// --- From where to where, and when.

export interface Route {
  readonly at: Epoch['at']
  readonly from: string | undefined
  readonly to: string | undefined
  /** Rules that hold for the recipient by place alone. */
  readonly plain: bigint
  /** Recorded relations, of the kinds that rules name, that lead there; their scope is not looked at. */
  readonly relations: readonly Relation[]
}

export function atomsOfPlaces(frame: Frame): Atom<Route>[] {
  const found = new Map<string, Atom<Route>>()
  for (const [number, epoch] of frame.space.epochs.entries())
    for (const atom of routesIn(frame, epoch, number)) {
      const { plain, relations } = atom.value
      const key = `${atom.pass} ${plain} ${relations.map(({ id }) => id).join()}`
      if (!found.has(key)) found.set(key, atom)
    }
  return [...found.values()]
}

function routesIn(frame: Frame, epoch: Epoch, number: number): Atom<Route>[] {
  const { place } = frame.space
  const spans = epoch.relations.filter(({ entry }) => frame.kinds.has(entry.kind))
  const ends = (side: 'from' | 'to') => {
    const marks = new Map<string, string>()
    if (spans.length > 0) for (const [at, word] of place.words.entries()) marks.set(word, spans.map((span) => Number(hasBit(span[side], at))).join(''))
    return atomsOfWords(
      frame,
      place,
      (box) => box[side][number] ?? place.whole,
      (word) => (word === undefined ? 'unknown' : (marks.get(word) ?? '')),
    )
  }
  const strict = maskOf(frame.boxes, (box) => box.strict && box.kinds.length > 0)
  const led = (relations: readonly Relation[]) => relations.reduce((mask, { kind }) => mask | (frame.kinds.get(kind) ?? 0n), 0n)
  const tos = ends('to')
  frame.work.spend(2 * place.words.length * (1 + spans.length))
  const routes: Atom<Route>[] = []
  for (const from of ends('from'))
    for (const to of tos) {
      const known = from.value !== undefined && to.value !== undefined
      const relations = known ? spans.filter((span) => between(place, span, from.value, to.value)).map(({ entry }) => entry) : []
      // Of an unknown jurisdiction any relation is possible, and none is certain.
      const plain = known ? to.pass : to.pass | strict
      const pass = from.pass & (plain | led(relations))
      if (pass !== 0n) routes.push({ pass, fail: 0n, value: { at: epoch.at, from: from.value, to: to.value, plain, relations } })
    }
  return routes
}

function between({ numbers }: Axis, span: { readonly from: Bits; readonly to: Bits }, from: string | undefined, to: string | undefined): boolean {
  return hasBit(span.from, numbers.get(from ?? '') ?? -1) && hasBit(span.to, numbers.get(to ?? '') ?? -1)
}
