import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { conform, render, runSuites, suites } from './main.ts'
import { Tally } from './suite.ts'

let vectors: string
beforeEach(async () => {
  vectors = await mkdtemp(join(tmpdir(), 'dfft-vectors-'))
})
afterEach(() => rm(vectors, { recursive: true }))

/** A folder of the shape of jcs-rfc8785 with one case. */
async function writeJcs(input: string, output: string): Promise<void> {
  for (const folder of ['input', 'output']) await mkdir(join(vectors, 'jcs-rfc8785/testdata', folder), { recursive: true })
  await writeFile(join(vectors, 'jcs-rfc8785/testdata/input/one.json'), input)
  await writeFile(join(vectors, 'jcs-rfc8785/testdata/output/one.json'), output)
}

async function run(...args: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const exit = await conform(['--vectors', vectors, ...args], { out: (text) => out.push(text), err: (text) => err.push(text) })
  return { exit, out: out.join('\n'), err: err.join('\n') }
}

test('a suite without vectors is called absent, and fails nobody', async () => {
  const outcomes = await runSuites(vectors, suites)
  expect(outcomes.map(({ state }) => state)).toEqual(suites.map(() => 'absent'))
  expect(render(outcomes.slice(0, 1))).toMatch(/^jcs-rfc8785 +no vectors$/)
})

test('a vector that is wrong fails its suite, by name', async () => {
  const jcs = suites.find(({ name }) => name === 'jcs-rfc8785')!
  await writeJcs('{"b":1, "a":[]}', '{"a":[],"b":1}')
  expect(await runSuites(vectors, [jcs])).toMatchObject([{ name: 'jcs-rfc8785', passed: 1, failed: [], skipped: [] }])
  await writeJcs('{"b":1, "a":[]}', '{"b":1,"a":[]}')
  const outcomes = await runSuites(vectors, [jcs])
  expect(outcomes).toMatchObject([{ passed: 0, failed: [{ case: 'one.json' }] }])
  expect(render(outcomes)).toContain('FAILED one.json: ')
})

test('a folder of one suite alone is judged, and a case that fails makes the exit code 1', async () => {
  await writeJcs('[1]', '[1]')
  expect(await run()).toMatchObject({ exit: 0, out: expect.stringMatching(/^jcs-rfc8785 +1 passed, 0 failed, 0 skipped$/m) })
  await writeJcs('[1]', '[2]')
  expect(await run()).toMatchObject({ exit: 1, out: expect.stringMatching(/^jcs-rfc8785 +0 passed, 1 failed, 0 skipped$/m) })
})

test('with --json there is one object a line for each suite that has a folder', async () => {
  await writeJcs('[1]', '[2]')
  await mkdir(join(vectors, 'did-key/test-vectors'), { recursive: true })
  await writeFile(join(vectors, 'did-key/test-vectors/rsa.json'), '{"did:key:z4MX":{}}')
  const { exit, out } = await run('--json')
  expect(exit).toBe(1)
  expect(out.split('\n').map((line) => JSON.parse(line))).toEqual([
    { suite: 'jcs-rfc8785', passed: 0, failed: 1, skipped: 0, failures: [{ case: 'one.json', reason: expect.any(String) }] },
    { suite: 'did-key', passed: 0, failed: 1, skipped: 0, failures: [{ case: 'rsa.json did:key:z4MX', reason: expect.any(String) }] },
  ])
})

test('--suite judges that suite only, and an unknown one is a usage error', async () => {
  await writeJcs('[1]', '[2]')
  await mkdir(join(vectors, 'did-key'))
  expect(await run('--suite', 'jcs-rfc8785', '--json')).toMatchObject({ exit: 1, out: expect.stringMatching(/^\{"suite":"jcs-rfc8785"[^\n]*\}$/) })
  expect(await run('--suite', 'wycheproof')).toMatchObject({ exit: 0, out: `no vectors at ${vectors}: nothing judged` })
  expect(await run('--suite', 'nothing')).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('no suite `nothing`') })
  expect(await run('--bogus')).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('usage: npm run conformance') })
})

test('where there are no vectors one line says so, and nobody fails', async () => {
  expect(await run()).toEqual({ exit: 0, out: `no vectors at ${vectors}: nothing judged`, err: '' })
  expect(await run('--json')).toEqual({ exit: 0, out: '', err: `no vectors at ${vectors}: nothing judged` })
  expect(await run('--vectors', join(vectors, 'nowhere'))).toMatchObject({ exit: 0, out: expect.stringMatching(/^no vectors at [^\n]+$/) })
})

test('a folder in which a suite finds no case of its own fails, whichever suite it is', async () => {
  for (const { name } of suites) await mkdir(join(vectors, name))
  const outcomes = await runSuites(vectors, suites)
  expect(outcomes).toMatchObject(suites.map(({ name }) => ({ name, passed: 0, failed: [{ case: 'folder' }], skipped: [] })))
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
  await tally.refused(
    'refused for another reason',
    () => {
      throw new TrustError('DFFT_SIGNATURE', 'no')
    },
    'DFFT_ALGORITHM',
    'DFFT_LIMIT',
  )
  expect(tally.passed).toBe(1)
  expect(tally.failed.map((finding) => finding.case)).toEqual(['accepted', 'broken', 'refused for another reason'])
})

test('the published vectors beside the checkout are all judged as they say, and a machine without them says so', async () => {
  const err: string[] = []
  const out: string[] = []
  const exit = await conform([], { out: (text) => out.push(text), err: (text) => err.push(text) })
  if (out.length === 1 && out[0]?.startsWith('no vectors at ')) console.log(out[0])
  expect({ exit, failures: out.join('\n').match(/^ {2}FAILED .*$/gm) ?? [], err }).toEqual({ exit: 0, failures: [], err: [] })
})

test('suites have distinct names', () => {
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length)
})
