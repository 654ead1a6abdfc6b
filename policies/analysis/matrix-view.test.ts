import { describe, expect, it } from 'vitest'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { shippedPacks } from '../packs/packs.ts'
import { policyOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { asIfInForce, type MatrixCell, matrix, matrixByCategory, type Need } from './matrix.ts'
import { changesSince, decidingSide, gridsOf, merged, reasonsOf, tallyOf, waysOf, withheldBy } from './matrix-view.ts'
import { standardDates, standardQuestions } from './standard.ts'

const business = { id: 'jp.exp.business', effect: 'permit' as const, match: { data: ['registration.name', 'registration.identifier'] } }
const persons = { id: 'jp.exp.persons', effect: 'permit' as const, match: { to: { relation: 'jp-designation' }, data: ['registration.representative'] } }
const all = (name: string) => ({ id: `${name}.imp.all`, direction: 'import' as const, effect: 'permit' as const, match: {} })
const documents = asIfInForce([policyOf('JP', business, persons, all('jp')), policyOf('DE', all('de')), policyOf('KR', all('kr')), policyOf('SG')])
const axes = {
  jurisdictions: ['JP', 'DE', 'KR', 'SG'] as Jurisdiction[],
  sectors: ['private', 'public'] as const,
  dates: standardDates.slice(0, 2),
  types: ['registration', 'mandate'],
}
const sides = sidesOf(documents, shippedPacks)
const grids = gridsOf(matrix(sides, standardQuestions, axes))
const [first] = grids

describe('the tables of a matrix', () => {
  it('are one for each type, date and sector, with rows that send and columns that receive', () => {
    expect(grids.map(({ type, at, sector }) => `${type} ${at.slice(0, 4)} ${sector}`)).toEqual([
      'registration 2018 private',
      'registration 2018 public',
      'registration 2022 private',
      'registration 2022 public',
      'mandate 2018 private',
      'mandate 2018 public',
      'mandate 2022 private',
      'mandate 2022 public',
    ])
    expect(first!.jurisdictions).toEqual(axes.jurisdictions)
    for (const { rows } of grids)
      for (const { from, cells } of rows) expect(cells.map((cell) => [cell.from, cell.to])).toEqual(axes.jurisdictions.map((to) => [from, to]))
  })

  it('by category are made one where their cells are the same', () => {
    const cells = matrixByCategory(
      sides,
      standardQuestions,
      { ...axes, sectors: ['private'], dates: [standardDates[1]!], types: ['registration'] },
      shippedPacks,
    )
    const together = merged(gridsOf(cells))
    expect(together.map(({ categories }) => categories).filter((categories) => categories.includes('registration.name'))).toEqual([
      ['registration.identifier', 'registration.name'],
    ])
    expect(together.flatMap(({ categories }) => categories).toSorted()).toEqual(
      gridsOf(cells)
        .flatMap(({ categories }) => categories)
        .toSorted(),
    )
    expect(merged(grids)).toHaveLength(grids.length)
  })

  it('are counted by outcome, the most frequent first', () => {
    expect(tallyOf(first!).reduce((sum, [, count]) => sum + count, 0)).toBe(16)
    expect(tallyOf(first!).map(([, count]) => count)).toEqual(
      tallyOf(first!)
        .map(([, count]) => count)
        .toSorted((a, b) => b - a),
    )
  })
})

describe('the reasons of a side', () => {
  it('are told once for all partners they hold for, and every partner is in one', () => {
    const reasons = reasonsOf(first!, 'export').filter(({ of }) => of === 'JP')
    expect(reasons.map(({ partners }) => partners)).toEqual([['JP', 'DE', 'KR', 'SG']])
    const later = reasonsOf(grids[2]!, 'export').filter(({ of }) => of === 'JP')
    expect(later.map(({ partners, cell }) => [partners, cell.export.rules])).toEqual([
      [['JP', 'KR', 'SG'], [business.id]],
      [['DE'], [business.id, persons.id]],
    ])
  })

  it('of the importer are told of the importer', () => {
    const singapore = reasonsOf(first!, 'import').filter(({ of }) => of === 'SG')
    expect(singapore).toMatchObject([{ partners: ['JP', 'DE', 'KR', 'SG'], cell: { import: { code: 'NO_RULE' } } }])
  })
})

describe('the deciding side of a cell', () => {
  const cell = (from: string, to: string) => first!.rows.find((row) => row.from === from)!.cells.find((one) => one.to === to)!
  it('is the importer only where the exporter lets all go', () => {
    const open = matrix(sidesOf(asIfInForce([policyOf('JP', { ...business, match: {} }), policyOf('SG')]), shippedPacks), standardQuestions, {
      ...axes,
      types: ['mandate'],
    })
    expect(decidingSide(open.find(({ from, to }) => from === 'JP' && to === 'SG')!)).toBe('import')
    expect(decidingSide(cell('JP', 'SG'))).toBe('export')
    expect(decidingSide(cell('SG', 'JP'))).toBe('export')
    expect(decidingSide(cell('JP', 'DE'))).toBe('export')
    expect(withheldBy(cell('JP', 'DE'), 'export').map(({ path }) => path)).toEqual(['/representatives'])
  })
})

describe('the ways to more', () => {
  const need = (name: 'purpose' | 'transferTool', side: Need['side'] = 'export'): Need => ({
    side,
    rules: [],
    cite: [],
    unmet: [{ need: name, anyOf: ['a'], have: [] }],
  })
  const withNeeds = (...needs: Need[]) => ({ ...first!.rows[0]!.cells[0]!, needs }) satisfies MatrixCell

  it('tell of another flow only where nothing else helps, and each side of its own', () => {
    expect(waysOf(withNeeds(need('purpose'), need('transferTool')), 'export')).toEqual([need('transferTool')])
    expect(waysOf(withNeeds(need('purpose')), 'export')).toEqual([need('purpose')])
    expect(waysOf(withNeeds(need('transferTool', 'import')), 'export')).toEqual([])
  })
})

describe('what changed between two tables', () => {
  it('are the flows with another outcome, with both', () => {
    const changes = changesSince(grids[0], grids[2]!)
    expect(changes.map(({ before, after }) => [before.from, before.to, before.outcome, after.outcome])).toEqual([['JP', 'DE', 'open', 'all']])
    expect(changesSince(undefined, grids[2]!)).toEqual([])
    expect(changesSince(grids[0], grids[0]!)).toEqual([])
    expect((grids[0]!.at as Instant) < grids[2]!.at).toBe(true)
  })
})
