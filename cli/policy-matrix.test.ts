/** The commands that look at many flows at once, in process: the reference policies, folders and files, and a node played by the double. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { run } from '#test-network/checked-run.ts'
import { width } from './render.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-matrix-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function dfft(...argv: string[]) {
  const stdout: string[] = []
  const stderr: string[] = []
  const exit = await run(argv, { stdout: { write: (text) => stdout.push(text) }, stderr: { write: (text) => stderr.push(text) }, env: {}, cwd: dir })
  const out = stdout.join('')
  return { exit, out, err: stderr.join(''), json: out.startsWith('{') ? JSON.parse(out) : undefined }
}

async function node(own: Parameters<typeof apiDouble>[0] = {}) {
  await mkdir(join(dir, '.dfft'))
  const api = apiDouble(own)
  const server = await serveAdmin(api, { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => {} })
  return { called: api.called, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('dfft policy matrix', () => {
  test.each(['en', 'ja'])('shows a table that fits a terminal, a legend and what it is worth (%s)', async (lang) => {
    const { exit, out, err } = await dfft('policy', 'matrix', '--type', 'qualification', '--lang', lang)
    expect([exit, err]).toEqual([0, ''])
    const table = out.split('\n').filter((line) => /^(?: {4,}|[A-Z]{2} )/.test(line))
    expect(table).toHaveLength(12)
    expect(Math.max(...table.map(width))).toBeLessThanOrEqual(100)
    expect(out).toContain(lang === 'en' ? 'need  nothing passes' : '条件  提供できない')
    expect(out).toContain(lang === 'en' ? 'not legal advice' : '法的助言')
    expect(out).not.toMatch(/undefined|\[object/)
  })

  test('is cut into pages of columns that fit, each with the names of the rows', async () => {
    const members = ['AT', 'BE', 'BG', 'HR', 'CY', 'CZ', 'DK', 'EE', 'FI', 'FR', 'DE', 'GR', 'HU', 'IE', 'IT', 'LV', 'LT', 'LU', 'MT', 'NL'].flatMap((code) => [
      '--among',
      code,
    ])
    const { out } = await dfft('policy', 'matrix', ...members)
    const rows = out.split('\n').filter((line) => /^(?: {4,}|[A-Z]{2} )/.test(line))
    expect(rows).toHaveLength(2 * 21)
    expect(Math.max(...rows.map(width))).toBeLessThanOrEqual(100)
    expect(rows.filter((line) => line.startsWith('IT Italy'))).toHaveLength(2)
  })

  test('answers --json with every cell, and --plain with tabs', async () => {
    const { json } = await dfft('policy', 'matrix', '--among', 'JP', '--among', 'DE', '--at', '2026-11-21', '--json')
    expect(json.result.cells).toHaveLength(4)
    expect(json.result).toMatchObject({
      asIfInForce: true,
      cells: [{ from: 'JP', to: 'JP', outcome: 'all' }, { outcome: 'all', export: { relations: ['jp-designates-eea'] } }, {}, {}],
    })
    expect((await dfft('policy', 'matrix', '--among', 'JP', '--plain')).out).toContain('\tJP\nJP Japan\tall')
  })

  test('says why, for one that sends', async () => {
    const { out } = await dfft('policy', 'matrix', '--at', '2026-11-21', '--from', 'JP', '--among', 'JP', '--among', 'KR')
    expect(out).toContain('  Law cited: Act on the Protection of Personal Information')
    expect(out).toContain('  What is missing: a transfer tool')
    expect((await dfft('policy', 'matrix', '--from', 'XX', '--among', 'JP')).out).toContain('\nnone\n')
  })

  test('writes a page and says where', async () => {
    const { exit, out } = await dfft('policy', 'matrix', '--among', 'JP', '--html', 'matrix.html', '--lang', 'ja')
    expect([exit, out]).toEqual([0, `${join(dir, 'matrix.html')}\n`])
    const page = await readFile(join(dir, 'matrix.html'), 'utf8')
    expect(page).toContain('<html lang="ja">')
    expect(page.match(/<section/g)).toHaveLength(32)
    expect((await dfft('policy', 'matrix', '--html', 'nowhere/matrix.html', '--among', 'JP', '--json')).json.error.code).toBe('DFFT_USAGE')
  })

  test('asks the policies of a folder, which are in force on their days', async () => {
    await mkdir(join(dir, 'own'))
    const text = await readFile(new URL('../policies/packs/reference/jp.yaml', import.meta.url), 'utf8')
    await writeFile(join(dir, 'own', 'jp.yaml'), text)
    await writeFile(join(dir, 'own', 'jp.cases.json'), '{}')
    const ask = async (...more: string[]) => (await dfft('policy', 'matrix', '--policies', 'own', '--at', '2022-06-30', '--json', ...more)).json
    expect((await ask()).result).toMatchObject({ asIfInForce: false, cells: [{ from: 'JP', to: 'JP', outcome: 'POLICY_NOT_IN_FORCE' }] })
    expect((await ask('--as-if-in-force')).result).toMatchObject({ asIfInForce: true, cells: [{ outcome: 'all' }] })
  })

  test.each([
    [['--policies', 'nowhere'], 'DFFT_NOT_FOUND'],
    [['--policies', '.'], 'DFFT_NOT_FOUND'],
    [['--type', 'passport'], 'DFFT_USAGE'],
    [['--at', 'never'], 'DFFT_USAGE'],
    [['--among', 'UK'], 'DFFT_USAGE'],
  ])('refuses %s', async (argv, code) => {
    const { json } = await dfft('policy', 'matrix', ...argv, '--json')
    expect(json).toMatchObject({ ok: false, error: { code } })
  })
})

describe('dfft policy what-if', () => {
  test('lists the flows that rest on a relation, in both languages', async () => {
    const { out } = await dfft('policy', 'what-if', '--drop', 'eu-adequacy-jp', '--at', '2026-11-21', '--among', 'DE', '--among', 'JP')
    expect(out).toContain('Without eu-adequacy-jp, on 21 November 2026')
    expect(out).toMatch(/needs {2}DE → JP {2}business registration {2}private {4}all {5}open {3}\/representatives +\[1\]/)
    expect(out).toContain('What would have to be shown\n[1] a transfer tool')
    expect((await dfft('policy', 'what-if', '--drop', 'eu-adequacy-jp', '--at', '2026-11-21', '--among', 'DE', '--among', 'JP', '--lang', 'ja')).out).toContain(
      '示す必要があるもの',
    )
  })

  test('--among leaves out the flows of every other jurisdiction', async () => {
    const { json } = await dfft('policy', 'what-if', '--drop', 'eu-adequacy-jp', '--at', '2026-11-21', '--among', 'DE', '--among', 'JP', '--json')
    const flows: readonly { readonly from: string; readonly to: string }[] = json.result.flows
    expect(new Set(flows.flatMap(({ from, to }) => [from, to]))).toEqual(new Set(['DE', 'JP']))
  })

  test('without a relation it knows names the nearest, and without any asks for one', async () => {
    const { json } = await dfft('policy', 'what-if', '--drop', 'jp-designatio', '--json')
    expect(json).toMatchObject({ ok: false, error: { code: 'DFFT_NOT_FOUND', facts: { nearest: 'jp-designation' } } })
    expect((await dfft('policy', 'what-if', '--json')).json.error.code).toBe('DFFT_USAGE')
  })

  test('--recorded asks the node about the decisions it has made', async () => {
    await using double = await node()
    expect((await dfft('policy', 'what-if', '--drop', 'eu-adequacy-jp', '--recorded')).out).toContain('1 come out differently')
    expect(double.called).toEqual([{ name: 'policyRehearse', input: { drop: 'eu-adequacy-jp', limit: 200 } }])
    expect((await dfft('policy', 'what-if', '--drop', 'eu-adequacy-jp', '--recorded', '--at', '2025-01-01', '--json')).json.error.code).toBe('DFFT_USAGE')
  })
})

describe('dfft policy rehearse', () => {
  test.each([
    ['en', 'Draft of JP: jp-export, serial 4, in place of jp-export, serial 3', 'now refused 1'],
    ['ja', 'JP の草案：jp-export（通番 4）', '拒否に変わる 1'],
  ])('shows what flips and how (%s)', async (lang, draft, counts) => {
    await using double = await node()
    await writeFile(join(dir, 'draft.yaml'), 'text')
    const { exit, out } = await dfft('policy', 'rehearse', 'draft.yaml', '--limit', '5', '--lang', lang)
    expect(exit).toBe(0)
    for (const text of [draft, counts, 'JP → DE', 'PERMITTED', 'NO_RULE', '-/legalName']) expect(out).toContain(text)
    expect(double.called).toEqual([{ name: 'policyRehearse', input: { text: 'text', file: 'draft.yaml', limit: 5 } }])
  })

  test('says where older ones begin, and that nothing flips', async () => {
    const counts = { same: 2, toPermit: 0, toDeny: 0, releaseMore: 0, releaseLess: 0, duties: 0, byDraft: 0, since: 0 }
    const next = '000001760000000/5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'
    await using double = await node({ policyRehearse: () => ({ draft: null, exchanges: 2, undecided: 1, decisions: 2, counts, flips: [], next }) })
    await writeFile(join(dir, 'draft.yaml'), 'text')
    const { out } = await dfft('policy', 'rehearse', 'draft.yaml', '--before', next)
    expect(out).toContain('(1 came to none here): 0 come out differently.\n\nNothing comes out differently.')
    expect(out).toContain(`--before ${next}`)
    expect(double.called).toMatchObject([{ input: { before: next } }])
  })
})
