/** Denies and duties that add nothing: another says all of it, or nothing is released where they apply. */

import type { Obligation } from '../policy.ts'
import { type Box, flowsMayMeet, isWithin, liftsLess, mayMeet } from './boxes.ts'
import { cellsOf } from './cells.ts'
import { type Duties, dutiesIn } from './duties.ts'
import type { Finding } from './finding.ts'
import { type Analysed, decided, found, neighbours } from './permits.ts'
import { indexesOf } from './word-sets.ts'

/** Denies that another denies all of, no permit being an exception to that other alone; and those that only the unknown meets. */
export function idleDenies(analysed: Analysed): Finding[] {
  const denies = analysed.boxes.filter(({ rule }) => rule.effect === 'deny')
  return denies.flatMap((box) => {
    if (meetsNobody(analysed, box)) return unknownOnly(analysed, box) ?? []
    const other = denies.find((wider) => inFront(analysed, box, wider) && liftsLess(wider, box) && !exceptedAlone(analysed, wider, box))
    return other ? (repeated(analysed, box, other) ?? []) : []
  })
}

/** Whether `wider` holds wherever `box` does; of two that are alike the first by name stays. */
function inFront({ space }: Analysed, box: Box, wider: Box): boolean {
  if (wider === box || !isWithin(space, box, wider)) return false
  const alike = isWithin(space, wider, box) && liftsLess(box, wider)
  return !alike || wider.rule.id < box.rule.id
}

function exceptedAlone({ boxes }: Analysed, wider: Box, box: Box): boolean {
  return boxes.some((permit) => {
    const excepted = permit.rule.effect === 'permit' ? (permit.rule.exceptTo ?? []) : []
    return excepted.includes(wider.rule.id) && !excepted.includes(box.rule.id) && mayMeet(permit, box)
  })
}

function repeated(analysed: Analysed, box: Box, other: Box): Finding | undefined {
  const { cells } = cellsOf({ ...analysed, boxes: [box, other], statesMax: 24, keep: (matched) => (matched & 3n) === 3n })
  for (const { held, question } of cells) {
    const { rules } = decided(analysed, box, question)
    if (held === 0n && [box, other].every(({ rule }) => rules.includes(rule.id))) return found('shadowed', [box.rule.id, other.rule.id], 'deny', question)
  }
  return undefined
}

/** Whether no jurisdiction that is known meets the places of the rule at any time, so that a word is wrong or a group empty. */
function meetsNobody({ space: { place, epochs } }: Analysed, { from, to, kinds, rule }: Box): boolean {
  const unknown = place.words.length
  const nobody = (bits: Box['from']) => bits.every((one) => indexesOf(one).every((number) => number === unknown))
  const led = epochs.some(({ relations }) => relations.some(({ entry }) => kinds.includes(entry.kind)))
  return (rule.match.from !== undefined && nobody(from)) || (rule.match.to !== undefined && nobody(to) && !led)
}

function unknownOnly(analysed: Analysed, box: Box): Finding | undefined {
  const { cells } = cellsOf({ ...analysed, boxes: [box], statesMax: 24, keep: (matched) => matched === 1n })
  const cell = cells.find(({ question }) => decided(analysed, box, question).rules.includes(box.rule.id))
  return cell && found('dead', [box.rule.id], box.rule.match.to === undefined ? 'match.from' : 'match.to', cell.question)
}

// --- Duties.

/** @param alone whether no other policy can release anything on the same side */
export function idleDuties(analysed: Analysed, alone: boolean): Finding[] {
  const { space, boxes } = analysed
  const duties = dutiesIn(space)
  const obliging = boxes.filter(({ rule }) => rule.effect === 'oblige')
  const permits = boxes.filter(({ rule }) => rule.effect === 'permit')
  return obliging.flatMap((box) => {
    // A duty that one path brings counts for what is released of the others.
    if (alone && !permits.some((permit) => flowsMayMeet(permit, box))) return nothingReleased(analysed, box) ?? []
    const other = obliging.find((wider) => asksAll(analysed, duties, box, wider))
    return other ? (bothAdded(analysed, box, other) ?? []) : []
  })
}

/** Of two that ask the same of the same the first by name stays. */
function asksAll({ space }: Analysed, duties: Duties, box: Box, wider: Box): boolean {
  const asks = (one: Box, other: Box) => isWithin(space, one, other) && liftsLess(other, one) && duties.imply(owed(other), owed(one), undefined)
  return wider !== box && asks(box, wider) && (wider.rule.id < box.rule.id || !asks(wider, box))
}

function owed({ rule }: Box): readonly Obligation[] {
  return rule.effect === 'oblige' ? rule.obligations : []
}

function nothingReleased(analysed: Analysed, box: Box): Finding | undefined {
  const [cell] = cellsOf({ ...analysed, boxes: [box], statesMax: 24, keep: (matched) => matched === 1n }).cells
  return cell && found('dead', [box.rule.id], 'duty', cell.question)
}

function bothAdded(analysed: Analysed, box: Box, other: Box): Finding | undefined {
  const boxes = neighbours(analysed, box, other)
  const { cells } = cellsOf({ ...analysed, boxes, statesMax: 200, keep: (matched, held) => (matched & 3n) === 3n && (matched & held & ~3n) !== 0n })
  const cell = cells.find(({ question }) => {
    const { added } = decided(analysed, box, question)
    return [box, other].every(({ rule }) => added.includes(rule.id))
  })
  return cell && found('shadowed', [box.rule.id, other.rule.id], 'duty', cell.question)
}
