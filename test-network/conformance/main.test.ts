import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { render, runSuites, suites } from './main.ts'
import { Tally } from './suite.ts'

let vectors: string
beforeAll(async () => {
  vectors = await mkdtemp(join(tmpdir(), 'dfft-vectors-'))
})
afterAll(() => rm(vectors, { recursive: true }))

test('a suite without vectors is called absent, and fails nobody', async () => {
  const outcomes = await runSuites(vectors, suites)
  expect(outcomes.map(({ state }) => state)).toEqual(suites.map(() => 'absent'))
  expect(render(outcomes.slice(0, 1))).toMatch(/^jcs-rfc8785 +no vectors$/)
})

test('a vector that is wrong fails its suite, by name', async () => {
  const jcs = suites.find(({ name }) => name === 'jcs-rfc8785')!
  for (const folder of ['input', 'output']) await mkdir(join(vectors, 'jcs-rfc8785/testdata', folder), { recursive: true })
  const write = (folder: string, text: string) => writeFile(join(vectors, 'jcs-rfc8785/testdata', folder, 'one.json'), text)
  await write('input', '{"b":1, "a":[]}')
  await write('output', '{"a":[],"b":1}')
  expect(await runSuites(vectors, [jcs])).toMatchObject([{ name: 'jcs-rfc8785', passed: 2, failed: [], skipped: [] }])
  await write('output', '{"b":1,"a":[]}')
  const outcomes = await runSuites(vectors, [jcs])
  expect(outcomes).toMatchObject([{ passed: 0, failed: [{ case: 'one.json' }, { case: 'one.json again' }] }])
  expect(render(outcomes)).toContain('FAILED one.json: ')
})

test('a case that has to be refused passes only by a refusal of ours', async () => {
  const tally = new Tally()
  await tally.refused('refused', () => {
    throw new TrustError('DFFT_SIGNATURE', 'no')
  })
  await tally.refused('accepted', () => undefined)
  await tally.refused('broken', () => {
    throw new TypeError('a fault')
  })
  expect(tally.passed).toBe(1)
  expect(tally.failed.map((finding) => finding.case)).toEqual(['accepted', 'broken'])
})

test('suites have distinct names', () => {
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length)
})
