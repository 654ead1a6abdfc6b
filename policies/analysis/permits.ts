/** Permits against the other rules: those that never decide, and denies that meet them. */
import type { PolicyIndex } from '../compile.ts'
import { decideSide, type Half } from '../decide.ts'
import type { Rule } from '../policy.ts'
import type { Question } from '../question.ts'
import { type Box, boxOf, byChoice, clausesImply, disclosesWithin, isWithin, mayMeet, type Space } from './boxes.ts'
import { type Cells, cellsOf } from './cells.ts'
import { bounded, type Finding, type FindingKind, findingsMax, severityOf } from './finding.ts'
import type { Work } from './work.ts'

export interface Analysed {
  readonly space: Space
  readonly index: PolicyIndex
  readonly boxes: readonly Box[]
  readonly work: Work
}

export function found(kind: FindingKind, rules: readonly string[], about: string, question?: Question): Finding {
  return { kind, severity: severityOf[kind], rules, about, ...(question ? { question } : {}) }
}

export function decided({ index }: Analysed, { rule: { direction } }: Box, question: Question): Half {
  return decideSide(index, direction, question, { nearest: false })
}

export function neighbours({ boxes }: Analysed, ...near: readonly Box[]): Box[] {
  return [...near, ...boxes.filter((box) => !near.includes(box) && near.every((own) => mayMeet(own, box)))]
}

// Cells looked at for one permit: its own first, then with all rules that meet it.
const ownMax = 24
const aroundMax = 600

/** Permits that are never chosen: for want of a match, for denies, or for permits that stand in front. */
export function deadPermits(analysed: Analysed): Finding[] {
  return analysed.boxes.flatMap((box) => (box.rule.effect === 'permit' ? (deadPermit(analysed, box) ?? []) : []))
}

function deadPermit(analysed: Analysed, box: Box): Finding | undefined {
  const own = satisfied(analysed, [box], ownMax)
  if (own.cells.length === 0 && own.whole) return emptyPermit(analysed, box)
  if (own.cells.some(({ question }) => decided(analysed, box, question).rules.includes(box.rule.id))) return undefined
  const behind = alwaysBehind(analysed, box)
  const around = behind ? exampleOf(analysed, box, behind) : satisfied(analysed, neighbours(analysed, box), aroundMax)
  let instead: Finding | undefined
  for (const { question } of [...own.cells, ...around.cells]) {
    const half = decided(analysed, box, question)
    if (half.rules.includes(box.rule.id)) return undefined
    const kind = half.code === 'PERMITTED' ? 'shadowed' : 'dead'
    if (instead === undefined || (instead.kind === 'dead' && kind === 'shadowed')) instead = found(kind, [box.rule.id, ...half.rules], half.code, question)
  }
  // Where there were too many cells to see them all, it may be chosen in one of the others.
  return around.whole ? instead : undefined
}

/** A cheap proof that the permit is never chosen: one deny, or one permit in front, takes all that it covers. */
function alwaysBehind({ space, boxes }: Analysed, box: Box): Box | undefined {
  const excepted = exceptionsOf(box)
  return boxes.find((other) => {
    if (other === box || other.rule.effect === 'oblige' || !isWithin(space, box, other)) return false
    if (other.rule.effect === 'deny') return other.clauses.length === 0 && !excepted.includes(other.rule.id)
    const front = byChoice(other, box) < 0 && clausesImply(box.clauses, other.clauses) && disclosesWithin(box, other)
    return front && excepted.every((id) => exceptionsOf(other).includes(id))
  })
}

/** Where it is known that the permit is never chosen, a cell that shows it is enough. */
function exampleOf(analysed: Analysed, box: Box, behind: Box): Cells {
  const denies = analysed.boxes.filter((other) => other.rule.effect === 'deny' && other !== behind && mayMeet(other, box))
  return { cells: satisfied(analysed, [box, behind, ...denies], ownMax).cells, whole: true }
}

function exceptionsOf({ rule }: Box): readonly string[] {
  return rule.effect === 'permit' ? (rule.exceptTo ?? []) : []
}

/** Cells in which the first of the boxes, a permit, matches and all it asks for is shown. */
function satisfied({ space, work }: Analysed, boxes: readonly Box[], statesMax: number): Cells {
  return cellsOf({ space, boxes, statesMax, work, keep: (matched, held) => (matched & held & 1n) === 1n })
}

/** No question matches the permit and shows what it asks for. The example is one that would, were one part of the rule left out. */
function emptyPermit(analysed: Analysed, { rule }: Box): Finding | undefined {
  if (rule.effect !== 'permit') return undefined
  const { match, require: _, disclose: __, ...rest } = rule
  const { to: ___, ...withoutTo } = match
  const { from: ____, ...withoutFrom } = match
  const { counter: _____, ...withoutCounter } = match
  const lesser: readonly (readonly [string, Rule])[] = [
    ['match.to', { ...rule, match: withoutTo }],
    ['match.from', { ...rule, match: withoutFrom }],
    ['match.counter', { ...rule, match: withoutCounter }],
    ['disclose', { ...rest, match, ...(rule.require ? { require: rule.require } : {}) }],
    ['match', { ...rest, match: {} }],
  ]
  for (const [part, one] of lesser) {
    const [cell] = satisfied(analysed, [boxOf(analysed.space, one)], ownMax).cells
    if (cell) return found('dead', [rule.id], part, cell.question)
  }
  return undefined
}

/** Denies that meet permits: what the deny takes from it, or what the permit is an exception to. */
export function overlaps(analysed: Analysed): Finding[] {
  const permits = analysed.boxes.filter(({ rule }) => rule.effect === 'permit')
  const denies = analysed.boxes.filter(({ rule }) => rule.effect === 'deny')
  const pairs = denies.flatMap((deny) => permits.filter((permit) => mayMeet(permit, deny)).map((permit) => [permit, deny] as const))
  const findings: Finding[] = []
  let looked = 0
  for (const [permit, deny] of pairs) {
    if (findings.length >= findingsMax || analysed.work.spent) break
    looked++
    const finding = overlap(analysed, permit, deny)
    if (finding) findings.push(finding)
  }
  const left = pairs.length - looked
  const exceptions = findings.filter(({ kind }) => kind === 'exception')
  return [
    ...bounded(exceptions),
    ...bounded(
      findings.filter(({ kind }) => kind === 'overlap'),
      left,
    ),
  ]
}

function overlap(analysed: Analysed, permit: Box, deny: Box): Finding | undefined {
  const excepted = exceptionsOf(permit).includes(deny.rule.id)
  const shows = ({ code, rules }: Half) =>
    excepted ? code === 'PERMITTED' && rules.includes(permit.rule.id) : code === 'DENIED_BY_RULE' && rules.includes(deny.rule.id)
  for (const boxes of [[permit, deny], neighbours(analysed, permit, deny)]) {
    const { cells } = contested(analysed, boxes)
    const cell = cells.find(({ question }) => shows(decided(analysed, permit, question)))
    if (cell) return found(excepted ? 'exception' : 'overlap', [permit.rule.id, deny.rule.id], wordsOf(cell.question), cell.question)
  }
  return undefined
}

/** Cells in which the first box, a permit, is satisfied, and the second, a deny, matches and is not lifted. */
function contested({ space, work }: Analysed, boxes: readonly Box[]): Cells {
  const { cells, whole } = cellsOf({ space, boxes, work, statesMax: 200, keep: (matched, held) => (matched & 3n) === 3n && (held & 1n) === 1n })
  return { cells: cells.filter(({ held }) => (held & 2n) === 0n), whole }
}

function wordsOf({ credential, data, facts }: Question): string {
  return [credential, data[0]?.category, facts.purpose?.value].filter((word) => word !== undefined).join(' ')
}

/** Exceptions to denies that the permit never meets. */
export function needlessExceptions(analysed: Analysed): Finding[] {
  const denies = new Map(analysed.boxes.map((box) => [box.rule.id, box]))
  const findings = analysed.boxes.flatMap((box) => {
    return exceptionsOf(box).flatMap((id) => {
      const deny = denies.get(id)
      if (deny === undefined) return []
      const { cells, whole } = mayMeet(box, deny) ? contested(analysed, [box, deny]) : { cells: [], whole: true }
      return cells.length === 0 && whole ? [found('needless-exception', [box.rule.id, id], id)] : []
    })
  })
  return bounded(findings)
}
