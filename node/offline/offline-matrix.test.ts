import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shippedPacks } from '#policies/packs/packs.ts'
import { codeOf } from '#protocols/errors.ts'
import { type MatrixWish, policyMatrix } from './offline-matrix.ts'
import { policySetOf } from './offline-policy.ts'
import { policyWhatIf } from './offline-what-if.ts'

const folder = new URL('../../policies/packs/reference/', import.meta.url)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({ file, bytes: readFileSync(new URL(file, folder)) }))
const shipped = policySetOf(files)
const nowMs = Date.UTC(2026, 10, 21)
const ask = (wish: Partial<MatrixWish> = {}, set = shipped) => policyMatrix(set, { byCategory: false, asIfInForce: true, everything: false, nowMs, ...wish })
const later = (serial: number, validFrom: string) => {
  const [head = ''] = readFileSync(new URL('jp.yaml', folder), 'utf8').split('\nrules:')
  const text = `${head.replace('serial: 1', `serial: ${serial}`).replace('validFrom: 2026-09-01', `validFrom: ${validFrom}`)}\nrules: []\n`
  return { file: `jp-${serial}.yaml`, bytes: Buffer.from(text) }
}

describe('the matrix of policies in files', () => {
  it('is about registrations for private recipients today, unless told otherwise', () => {
    const { cells, asIfInForce, policies } = ask()
    expect(cells).toHaveLength(11 * 11)
    expect(cells[0]).toMatchObject({ type: 'registration', sector: 'private', at: '2026-11-21T00:00:00Z', from: 'BR', to: 'BR' })
    expect([asIfInForce, policies.length]).toEqual([true, 12])
  })

  it('has every type, sector and standard day where everything is asked for and nothing named', () => {
    expect(ask({ everything: true, among: ['JP', 'DE'] }).cells).toHaveLength(4 * 4 * 2 * 4)
    expect(ask({ everything: true, among: ['JP'], type: 'mandate', sector: 'public', at: '2022-06-30' }).cells).toMatchObject([
      { type: 'mandate', sector: 'public', at: '2022-06-30T00:00:00Z', from: 'JP', to: 'JP' },
    ])
    // Policies that are in force on their days are asked about today.
    expect(new Set(ask({ everything: true, among: ['JP'], asIfInForce: false }).cells.map(({ at }) => at))).toEqual(new Set(['2026-11-21T00:00:00Z']))
  })

  it('takes policies as in force only where that is wished', () => {
    const past = { at: '2022-06-30', among: ['JP', 'DE'] }
    expect(new Set(ask({ ...past, asIfInForce: false }).cells.map(({ outcome }) => outcome))).toEqual(new Set(['POLICY_NOT_IN_FORCE']))
    expect(new Set(ask(past).cells.map(({ outcome }) => outcome))).toEqual(new Set(['all']))
  })

  it('asks of several serials the one that stands that day', () => {
    const set = policySetOf([...files, later(2, '2026-12-01')])
    const outcome = (at: string) => ask({ at, asIfInForce: false, among: ['JP'] }, set).cells[0]?.outcome
    expect([outcome('2026-11-30'), outcome('2026-12-01')]).toEqual(['all', 'NO_RULE'])
  })

  it.each<[string, Partial<MatrixWish>, string]>([
    ['a type', { type: 'passport' }, 'DFFT_USAGE'],
    ['a sector', { sector: 'third' }, 'DFFT_USAGE'],
    ['a day', { at: '2026-02-30' }, 'DFFT_USAGE'],
    ['a time', { at: 'tomorrow' }, 'DFFT_USAGE'],
    ['a jurisdiction', { among: ['UK'] }, 'DFFT_USAGE'],
  ])('refuses %s that is none', (_, wish, code) => expect(codeOf(thrown(() => ask(wish)))).toBe(code))

  it('refuses more cells than a page can hold, counting each jurisdiction once', () => {
    const among = [...shippedPacks.terms.jurisdiction].filter((code) => code.length === 2)
    expect(thrown(() => ask({ among }))).toMatchObject({ code: 'DFFT_LIMIT', facts: { cellsMax: 50_000 } })
    expect(codeOf(thrown(() => policyWhatIf(shipped, { drop: 'eu-adequacy', among, asIfInForce: true, nowMs })))).toBe('DFFT_LIMIT')
    expect(ask({ among: ['JP', 'JP'] }).cells).toHaveLength(1)
  })

  it('refuses a folder without a policy', () => expect(codeOf(thrown(() => ask({}, policySetOf([]))))).toBe('DFFT_NOT_FOUND'))

  it('reads in a terminal as tables of words with a legend, in both languages, within 100 columns', () => {
    for (const lang of ['en', 'ja'] as const) {
      const { tables, notes } = ask({ type: 'qualification' }).view(lang)
      const [{ heads, rows, legend, heading, reasons } = tables[0]!] = tables
      expect(heads).toEqual(['', 'BR', 'CH', 'CN', 'DE', 'FR', 'GB', 'IN', 'JP', 'KR', 'SG', 'US'])
      const words = new Set(rows.flatMap(([, ...cells]) => cells))
      expect(new Set(legend.map(([word]) => word))).toEqual(words)
      expect(heading).toContain(lang === 'en' ? '21 November 2026' : '2026年11月21日')
      expect(notes.join(' ')).toContain(lang === 'en' ? 'as if they were in force' : '有効であるものとして')
      expect(reasons.get('JP')?.join('\n')).toContain('jp-designates-eea')
      expect(reasons.get('JP')?.join('\n')).toContain(lang === 'en' ? 'What is missing: a transfer tool' : '不足しているもの：移転手段')
    }
  })

  it('by category has one table for all categories with the same cells', () => {
    const { tables } = ask({ byCategory: true }).view('en')
    expect(tables.length).toBeLessThan(11)
    expect(tables.some(({ heading }) => heading.includes('registered name, ') || heading.includes(', registered name'))).toBe(true)
  })
})

describe('what falls with a relation, of policies in files', () => {
  const drop = (name: string, at?: string) => policyWhatIf(shipped, { drop: name, at, asIfInForce: true, nowMs })

  it('names the flows between Europe and Japan when the adequacy of Japan falls, and what would do instead', () => {
    const made = drop('eu-adequacy-jp')
    expect(made.looked).toBe(11 * 11 * 2 * 4)
    expect(new Set(made.flows.map(({ from, to, sector }) => `${from} ${to} ${sector}`))).toEqual(new Set(['DE JP private', 'FR JP private']))
    expect(made.flows.filter(({ lost }) => lost.length === 0)).toEqual([])
    const view = made.view('en')
    expect(view.heading).toBe('Without eu-adequacy-jp, on 21 November 2026')
    expect(view.lines.join(' ')).toContain('2019/419')
    expect(view.rows).toHaveLength(8)
    expect(view.ways.join(' ')).toContain('standard contractual clauses')
    expect(view.rows.every((row) => row.length === view.heads.length)).toBe(true)
  })

  it('says of a day on which it did not hold that nothing rests on it', () => {
    const made = drop('eu-adequacy-jp', '2018-12-31')
    expect(made.flows).toEqual([])
    expect(made.view('en').lines).toContain('It is not in force on that day.')
    expect(made.view('ja').lines).toContain('その日には効力がありません。')
  })

  it('refuses a relation nobody knows', () => expect(codeOf(thrown(() => drop('eu-adequacy-xx')))).toBe('DFFT_NOT_FOUND'))
})

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
