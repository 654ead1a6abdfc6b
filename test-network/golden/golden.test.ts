/** The reference policies against the golden matrix, and the golden matrix against its own derivation. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { asIfInForce, type MatrixCell, matrix } from '#policies/analysis/matrix.ts'
import { standardQuestions } from '#policies/analysis/standard.ts'
import { without } from '#policies/analysis/what-if.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { sidesOf } from '#policies/sides.ts'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { sourceOf } from '../tidy/source.ts'
import { type Cell, dates, derive, golden, jurisdictions, type Legal, type Questions, sectors, type Vocabulary } from './derive.ts'

const here = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')
const packs = (file: string) => readFileSync(new URL(`../../policies/packs/${file}`, import.meta.url), 'utf8')
const derived = golden()

describe('the golden matrix', () => {
  it('is what its derivation gives from the legal data of today; after a change run derive.ts and review the difference', () => {
    expect(here('matrix.txt')).toBe(derived.matrix)
    expect(here('reasons.csv')).toBe(derived.reasons)
  })

  it('has 11 × 11 jurisdictions, 4 types, 4 dates and 2 sectors', () => {
    expect(derived.cells).toHaveLength(3872)
    expect(derived.matrix.split('\n').filter((line) => /^(?:JP|DE|FR|GB|CH|KR|SG|US|BR|IN|CN) {3}(?:[AO-] {2}){10}[AO-]$/.test(line))).toHaveLength(3872 / 11)
  })

  it('is derived without the policies: its script imports nothing but the reading and writing of files', () => {
    const { imports, code } = sourceOf('test-network/golden/derive.ts', here('derive.ts'))
    expect(imports.map(({ specifier }) => specifier)).toEqual(['node:fs'])
    expect(code.filter(({ text }) => ['require', 'createRequire', 'getBuiltinModule', 'eval', 'Function'].includes(text))).toEqual([])
    // What it reads is data, by its name.
    expect(code.filter(({ text }) => text === 'readFileSync')).toHaveLength(2)
    const read = code.filter(({ kind, text }) => kind === 'text' && /^.[\w./-]+\.(?:json|ts|yaml).$/.test(text)).map(({ text }) => text.slice(1, -1))
    expect(read.toSorted()).toEqual(['dpv.json', 'extension.json', 'legal.json', 'reference/standard-questions.json'])
  })
})

describe('the derivation', () => {
  const legal: Legal = {
    groups: [
      {
        id: 'EEA',
        members: [{ code: 'DE' }, { code: 'FR' }, { code: 'GB', until: '2021-01-01T00:00:00Z' }],
      },
      { id: 'EU', members: [{ code: 'DE' }, { code: 'FR' }] },
      { id: 'CONCERN', members: [{ code: 'CN', from: '2025-01-01T00:00:00Z' }] },
    ],
    relations: [],
    regimes: [
      ...['EU', 'JP', 'GB', 'CH', 'KR', 'BR'].map((jurisdiction) => ({ jurisdiction, model: 'default-closed' })),
      { jurisdiction: 'SG', model: 'comparable-protection' },
      { jurisdiction: 'US', model: 'targeted-deny', denies: { dataFlags: ['bulk'], to: 'CONCERN' } },
      { jurisdiction: 'IN', model: 'default-open', negativeList: ['CN'] },
      {
        jurisdiction: 'CN',
        model: 'threshold',
        thresholds: {
          period: 'year',
          rules: [
            { data: 'sensitive', below: 1000, requires: ['assessment'] },
            { data: 'non-sensitive', below: 10, requires: [] },
            { data: 'non-sensitive', atLeast: 10, below: 20, requires: ['contract'] },
          ],
        },
      },
    ],
  }
  const vocabulary: Vocabulary = {
    categories: [
      { id: 'personal', parents: [] },
      { id: 'contact', parents: ['personal'] },
      { id: 'name', parents: [] },
    ],
  }
  const questions: Questions = {
    facts: { exporterSector: 'private', certification: [], dataFlags: [], 'counter:cn-pi-subjects-this-year': 5 },
    questions: [{ type: 'card', purpose: 'trade', open: { '/name': 'name' }, personal: { '/contact': 'contact' } }],
  }
  const relation = { id: 'jp-kr', tool: true, from: 'JP', to: 'KR', validFrom: '2020-01-01T00:00:00Z' }
  const letter = (changed: Partial<Legal>, flow: { from: string; to: string; date?: string; sector?: string }, asked = questions) =>
    derive({ ...legal, ...changed }, vocabulary, asked).find(
      (cell) => cell.from === flow.from && cell.to === flow.to && cell.date === (flow.date ?? dates[3]) && cell.sector === (flow.sector ?? 'private'),
    )!.letter
  const toKorea = { from: 'JP', to: 'KR' }

  it('lets the open part alone pass out of a closed jurisdiction without a relation, and nothing where there is no open part', () => {
    expect(letter({}, toKorea)).toBe('O')
    expect(letter({}, toKorea, { ...questions, questions: [{ ...questions.questions[0]!, open: {} }] })).toBe('-')
  })

  it('lets all pass at home, within the EEA of the day, and by a relation of the day', () => {
    expect(letter({}, { from: 'SG', to: 'SG' })).toBe('A')
    expect(dates.map((date) => letter({}, { from: 'GB', to: 'FR', date }))).toEqual(['A', 'O', 'O', 'O'])
    expect(dates.map((date) => letter({ relations: [relation] }, { ...toKorea, date }))).toEqual(['O', 'A', 'A', 'A'])
    expect(dates.map((date) => letter({ relations: [{ ...relation, validUntil: dates[2]! }] }, { ...toKorea, date }))).toEqual(['O', 'A', 'O', 'O'])
  })

  it.each([
    ['is no tool', { tool: false }],
    ['goes the other way', { from: 'KR', to: 'JP' }],
    ['covers public recipients only', { recipientSector: ['public'] }],
    ['covers public exporters only', { exporterSector: ['public'] }],
    ['asks for a certification', { certification: 'seal' }],
    ['excludes the purpose', { excludedPurposes: ['trade'] }],
    ['excludes the data', { excludedData: ['contact'] }],
    ['excludes what stands above the data', { excludedData: ['personal'] }],
  ])('takes no relation that %s', (_, changed) => expect(letter({ relations: [{ ...relation, ...changed }] }, toKorea)).toBe('O'))

  it('reads each regime as it is built', () => {
    expect(['SG', 'US', 'IN', 'CN'].map((from) => letter({}, { from, to: 'KR' }))).toEqual(['O', 'A', 'A', 'A'])
    expect(letter({}, { from: 'IN', to: 'CN' })).toBe('O')
    const counting = (count: number) =>
      letter({}, { from: 'CN', to: 'KR' }, { ...questions, facts: { ...questions.facts, 'counter:cn-pi-subjects-this-year': count } })
    expect([9, 10, 19, 20].map(counting)).toEqual(['A', 'O', 'O', 'O'])
    const bulk = { ...questions, facts: { ...questions.facts, dataFlags: ['bulk'] } }
    expect(dates.map((date) => letter({}, { from: 'US', to: 'CN', date }, bulk))).toEqual(['A', 'A', 'O', 'O'])
    expect(letter({}, { from: 'US', to: 'KR' }, bulk)).toBe('A')
    expect(() => letter({ regimes: legal.regimes.map((regime) => ({ ...regime, model: 'new' })) }, toKorea)).toThrow('nobody has said')
    expect(() => letter({ regimes: [] }, toKorea)).toThrow('nothing about the regime')
  })
})

describe('the reference policies', () => {
  const names = [...jurisdictions, 'EU'].map((code) => code.toLowerCase())
  const documents = names.map((name) => parsePolicy(packs(`reference/${name}.yaml`), `${name}.yaml`))
  const sides = sidesOf(asIfInForce(documents), shippedPacks)
  const axes = { jurisdictions: jurisdictions as Jurisdiction[], sectors: sectors as ('private' | 'public')[], dates: dates as Instant[] }
  const types = standardQuestions.questions.map(({ type }) => type)
  const cells = matrix(sides, standardQuestions, { ...axes, types }, { needs: false })
  const key = ({ type, date, at, sector, from, to }: { type: string; date?: string; at?: string; sector: string; from: string; to: string }) =>
    `${type} ${(date ?? at ?? '').slice(0, 10)} ${sector} ${from}→${to}`
  const found = new Map(cells.map((cell) => [key(cell), cell]))

  it('give every cell of the golden matrix', () => {
    const differing = derived.cells.flatMap((cell) => differenceOf(cell, found.get(key(cell))))
    expect([`${differing.length} of ${derived.cells.length} cells differ`, ...differing.slice(0, 20)]).toEqual(['0 of 3872 cells differ'])
  })

  it('would not, were one relation missing: each cell that rests on it differs, and no other', () => {
    const poorer = sidesOf(asIfInForce(documents), without(shippedPacks, 'eu-adequacy-ch').packs)
    const changed = new Map(matrix(poorer, standardQuestions, { ...axes, types }, { needs: false }).map((cell) => [key(cell), cell]))
    const resting = derived.cells.filter(({ reason }) => reason === 'eu-adequacy-ch')
    expect(resting.length).toBe(4 * (2 * 4 * 2 + 2))
    expect(derived.cells.filter((cell) => differenceOf(cell, changed.get(key(cell))).length > 0)).toEqual(resting)
  })

  it('cite the relation that lets the personal data pass, wherever one does', () => {
    const byRelation = derived.cells.flatMap((cell) => {
      const id = cell.letter === 'A' ? /^[a-z]+(?:-[a-z]+)+/.exec(cell.reason)?.[0] : undefined
      return id !== undefined && shippedPacks.legal.relations.some((relation) => relation.id === id) ? [{ cell, id }] : []
    })
    expect(byRelation.length).toBeGreaterThan(300)
    expect(
      byRelation
        .filter(({ cell, id }) => !found.get(key(cell))?.export.relations.includes(id))
        .map(({ cell, id }) => `${key(cell)} without ${id}`)
        .slice(0, 20),
    ).toEqual([])
  })

  function differenceOf(cell: Cell, given: MatrixCell | undefined): string[] {
    const got = given && ({ all: 'A', open: 'O' } as Record<string, string>)[given.outcome]
    if (given === undefined) return [`${key(cell)}: is missing`]
    if ((got ?? (given.released.length === 0 ? '-' : '?')) === cell.letter) return []
    return [
      `${key(cell)}: expected ${cell.letter} (${cell.reason}), got ${given.outcome}: export ${given.export.code} ${given.export.rules}, import ${given.import.code} ${given.import.rules}`,
    ]
  }
})
