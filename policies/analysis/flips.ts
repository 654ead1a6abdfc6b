/** The cells around changed rules, decided by both versions: those that come out otherwise are the flips. */
import { canonical } from '#protocols/canonical.ts'
import type { PolicyIndex, Side } from '../compile.ts'
import { decideSide, type Half } from '../decide.ts'
import type { Question } from '../question.ts'
import { maskOf, strangeWord } from './atoms.ts'
import { type Box, mayMeet, type Space } from './boxes.ts'
import { cellsOf } from './cells.ts'
import type { Duties } from './duties.ts'
import { Work } from './work.ts'

/** What of a decision can flip. */
export type Shown = Pick<Half, 'code' | 'rules' | 'disclosed' | 'obligations'>

/** A flow that is decided otherwise after, with a question that shows it. */
export interface Flip {
  readonly side: Side
  readonly question: Question
  readonly effect: 'widens' | 'restricts'
  readonly before: Shown
  readonly after: Shown
}

export interface Compared {
  readonly space: Space
  readonly duties: Duties
  /** Rules of both versions; one that did not change stands in both as the same box. */
  readonly boxesBefore: readonly Box[]
  readonly boxesAfter: readonly Box[]
  readonly before: PolicyIndex
  readonly after: PolicyIndex
  /** Boxes that decide nothing and tell places apart. */
  readonly cutting?: readonly Box[]
  /** The duties alone, under a permit for everything; where they changed. */
  readonly dutiesAlone?: { readonly before: PolicyIndex; readonly after: PolicyIndex } | undefined
}

export interface Found {
  readonly flips: readonly Flip[]
  /** How many were found and left out. */
  readonly more: number
  /** Whether all cells that can flip were compared. */
  readonly whole: boolean
  /** Whether any cell compared widens, duties of what is not released included. */
  readonly widens: boolean
}

/** A person reads some dozens; the record of a change is kept for good. */
export const flipsMax = 100
/** Decisions made of each version while it may still be proved that nothing widens: some tenths of a second. */
const comparisonsMax = 12_000
/** And where it cannot, or need not: enough to show what flips. */
const examplesMax = 3000
/** About half a second, for rules that are made to be hard. */
const stepsMax = 10_000_000
/** Cells looked at around one rule, where few rules changed. */
const cellsMax = 3000
/** Where examples are enough. */
const cellsShown = 600
/** And where many rules changed. */
const cellsMin = 8

/**
 * @param regions what to look at: the versions of each changed rule, the most doubtful first
 * @param open whether it is to be proved here that nothing widens
 */
export function flipsOf(compared: Compared, regions: readonly (readonly Box[])[], open: boolean): Found {
  const found = new Map<string, Flip>()
  const work = new Work(stepsMax)
  let left = open ? comparisonsMax : examplesMax
  let whole = true
  let widens = false
  for (const [number, region] of regions.entries()) {
    if (left === 0 || work.spent) {
      whole = false
      break
    }
    const statesMax = Math.max(cellsMin, Math.min(open ? cellsMax : cellsShown, Math.floor(left / (regions.length - number))))
    const { questions, complete } = questionsAround(compared, region, statesMax, work)
    whole &&= complete
    left = Math.max(0, left - questions.length)
    for (const question of questions) {
      const flip = flipAt(compared, sideOf(region), question)
      if (widens && left > examplesMax) left = examplesMax
      widens ||= flip?.effect === 'widens' || dutiesLoosen(compared, sideOf(region), question)
      if (flip) remember(found, flip)
    }
  }
  const flips = [...found.values()].sort(byWeight)
  return { flips: flips.slice(0, flipsMax), more: Math.max(0, flips.length - flipsMax), whole, widens }
}

function sideOf(region: readonly Box[]): Side {
  return region[0]?.rule.direction ?? 'export'
}

function questionsAround(
  { space, boxesBefore, boxesAfter, cutting = [] }: Compared,
  region: readonly Box[],
  statesMax: number,
  work: Work,
): { readonly questions: readonly Question[]; readonly complete: boolean } {
  const near = [...new Set([...region, ...boxesBefore, ...boxesAfter])].filter((box) => region.some((own) => own === box || mayMeet(own, box)))
  const boxes = [...near, ...cutting.filter(({ rule }) => region.some((own) => own.rule.id === rule.id))]
  const inside = maskOf(boxes, (box) => region.includes(box))
  const { cells, whole } = cellsOf({ space, boxes, statesMax, work, keep: (matched) => (matched & inside) !== 0n })
  return { questions: cells.map(({ question }) => question), complete: whole }
}

/** How the two versions differ on one question, if they do. */
export function flipAt({ before, after, duties, space }: Compared, side: Side, question: Question): Flip | undefined {
  const [old, now] = [before, after].map((index) => decideSide(index, side, question, { nearest: false }))
  if (old === undefined || now === undefined) return undefined
  const [wider, narrower] = [loosens(old, now, question, duties, space), loosens(now, old, question, duties, space)]
  if (!wider && !narrower) return undefined
  return { side, question, effect: wider ? 'widens' : 'restricts', before: shown(old), after: shown(now) }
}

function shown({ code, rules, disclosed, obligations }: Half): Shown {
  return { code, rules, disclosed, obligations }
}

/** What a deny refuses keeps back all other paths of a question as well; what is not covered stays behind alone. */
function openness({ code }: Half): number {
  return code === 'PERMITTED' ? 2 : code === 'DENIED_BY_RULE' || code === 'SUSPENDED' ? 0 : 1
}

/** Whether `now` releases more than `old`, for less, or for longer within the time that both are in force. */
function loosens(old: Half, now: Half, { facts }: Question, duties: Duties, { window }: Space): boolean {
  if (openness(now) !== openness(old)) return openness(now) > openness(old)
  if (now.validUntil === null || old.validUntil === null) return false
  const purpose = facts.purpose?.value
  const clipped = (end: string) => (end < window.until ? end : window.until)
  return (
    clipped(now.validUntil) > clipped(old.validUntil) || !duties.imply(now.obligations, old.obligations, typeof purpose === 'string' ? [purpose] : undefined)
  )
}

function dutiesLoosen({ dutiesAlone, duties, space }: Compared, side: Side, question: Question): boolean {
  return dutiesAlone !== undefined && flipAt({ ...dutiesAlone, duties, space, boxesBefore: [], boxesAfter: [] }, side, question)?.effect === 'widens'
}

/** One flip for each pair of outcomes, credential, category and purpose; the unknown ones of an outcome are one. */
function remember(found: Map<string, Flip>, flip: Flip): void {
  const { credential, data, facts } = flip.question
  const words = isNatural(flip.question) ? [credential, data[0]?.category ?? '', String(facts.purpose?.value)] : ['']
  const key = canonical([flip.side, flip.effect, { ...flip.before }, { ...flip.after }, ...words])
  if (!found.has(key)) found.set(key, flip)
}

/** Whether the question says where it goes and what for, in words that are known. */
function isNatural({ credential, data, facts }: Question): boolean {
  return credential !== strangeWord && data[0]?.category !== strangeWord && ['from', 'to', 'purpose'].every((name) => Object.hasOwn(facts, name))
}

function byWeight(one: Flip, other: Flip): number {
  const weight = ({ effect, question }: Flip) => (effect === 'widens' ? 0 : 2) + (isNatural(question) ? 0 : 1)
  return weight(one) - weight(other)
}
