/**
 * What if a legal relation falls: which flows of the standard matrix lose what, which go on by another way, and for
 * the others what would have to be shown.
 */
import { TrustError } from '#protocols/errors.ts'
import type { Packs, Relation } from '../packs/packs.ts'
import type { PolicyDocument } from '../policy.ts'
import type { DataItem } from '../question.ts'
import { type Sides, sidesOf } from '../sides.ts'
import { nearestTo } from '../terms.ts'
import { type Axes, cellOf, type MatrixCell, matrix, type Need, type Outcome } from './matrix.ts'
import { waysOf, withheldBy } from './matrix-view.ts'
import { dataOf, type Flow, type StandardQuestions, standardQuestion } from './standard.ts'

/** `keeps`: all that was released still is, by another way. `needs`: something is lost, and could be shown for. `loses`: lost, and nothing that could be shown helps. */
export type Fate = 'keeps' | 'needs' | 'loses'

export interface Fallen extends Flow {
  readonly type: string
  readonly fate: Fate
  readonly before: Outcome
  readonly after: Outcome
  readonly lost: readonly DataItem[]
  /** What was dropped and carried it, by id. */
  readonly rested: readonly string[]
  /** The permits the exporter used before, and those it uses then. */
  readonly rules: { readonly before: readonly string[]; readonly after: readonly string[] }
  /** Relations that carry the flow then. */
  readonly relations: readonly string[]
  readonly needs: readonly Need[]
}

export interface WhatIf {
  readonly dropped: readonly Relation[]
  /** How many flows were looked at. */
  readonly looked: number
  /** Those that rested on what was dropped. */
  readonly flows: readonly Fallen[]
}

/**
 * The packs as if a relation, or all of a kind, had never been. Words, digests and so the policies stay as they are: nothing but the fact is gone.
 *
 * @param drop id or kind
 * @throws {TrustError} DFFT_NOT_FOUND naming the nearest that is known
 */
export function without(packs: Packs, drop: string): { readonly packs: Packs; readonly dropped: readonly Relation[] } {
  const { relations } = packs.legal
  const dropped = relations.filter(({ id, kind, tool }) => tool && (id === drop || kind === drop))
  if (dropped.length === 0) {
    const tools = relations.filter(({ tool }) => tool)
    const nearest = nearestTo(drop.slice(0, 96), new Set(tools.flatMap(({ id, kind }) => [id, kind])))
    const hint = nearest === null ? '' : `; did you mean \`${nearest}\``
    throw new TrustError('DFFT_NOT_FOUND', `no relation of the legal pack is named \`${drop.slice(0, 96)}\`${hint}`, { nearest })
  }
  return { packs: { ...packs, legal: { ...packs.legal, relations: relations.filter((relation) => !dropped.includes(relation)) } }, dropped }
}

/** @throws {TrustError} DFFT_NOT_FOUND for an unknown relation, DFFT_USAGE for an unknown type, what `compile` throws */
export function whatIf(documents: readonly PolicyDocument[], packs: Packs, standard: StandardQuestions, drop: string, axes: Axes): WhatIf {
  const { packs: then, dropped } = without(packs, drop)
  const sides = sidesOf(documents, then)
  const before = matrix(sidesOf(documents, packs), standard, axes, { needs: false })
  const after = matrix(sides, standard, axes, { needs: false })
  const flows = before.flatMap((was, position) => {
    const is = after[position]
    if (is === undefined || !differ(was, is)) return []
    const rested = dropped.map(({ id }) => id).filter((id) => [...was.export.relations, ...was.import.relations].includes(id))
    return [{ ...fallen(was, is, sides, standard), rested }]
  })
  return { dropped, looked: before.length, flows }
}

function differ(was: MatrixCell, is: MatrixCell): boolean {
  const told = ({ export: exporting, import: importing, released }: MatrixCell) => JSON.stringify([exporting, importing, released])
  return told(was) !== told(is)
}

function fallen(was: MatrixCell, is: MatrixCell, sides: Sides, standard: StandardQuestions): Omit<Fallen, 'rested'> {
  const { from, to, sector, at, type } = is
  const one = standardQuestion(standard, type)
  const lost = dataOf(one).filter(({ path }) => was.released.includes(path) && !is.released.includes(path))
  const needs = lost.length === 0 ? [] : needsFor(cellOf(sides, standard, is, { one, category: null, data: lost }))
  return {
    from,
    to,
    sector,
    at,
    type,
    fate: lost.length === 0 ? 'keeps' : needs.length > 0 ? 'needs' : 'loses',
    before: was.outcome,
    after: is.outcome,
    lost,
    rules: { before: was.export.rules, after: is.export.rules },
    relations: is.export.relations,
    needs,
  }
}

/** What would have to be shown for what was lost, asked about by itself: nothing else that is missing is told of. Where both sides hold it back, both must be met. */
function needsFor(cell: MatrixCell): Need[] {
  const sides = (['export', 'import'] as const).filter((side) => cell[side].code !== 'PERMITTED' || withheldBy(cell, side).length > 0)
  const ways = sides.map((side) => waysOf(cell, side))
  return ways.every((own) => own.length > 0) ? ways.flat() : []
}
