/** Policies without a node: what programs and people get, from files and through pipes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { de, jp, permitted, refused } from '#node/offline/offline-policy.fixture.ts'
import { run } from '#test-network/checked-run.ts'
import type { Sink } from './command.ts'
import { put } from './output.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-policy-'))
  await mkdir(join(dir, 'policies'))
  await save('policies/jp.json', jp)
  await save('policies/de.json', de)
  await save('questions.jsonl', [permitted, 'no', refused].map((one) => JSON.stringify(one)).join('\n'))
  await save('question.json', JSON.stringify(refused, null, 2))
})
afterEach(() => rm(dir, { recursive: true }))

const save = (name: string, value: unknown) => writeFile(join(dir, name), typeof value === 'string' ? value : JSON.stringify(value, null, 2))

async function dfft(argv: readonly string[], stdin?: string) {
  const stdout: string[] = []
  const stderr: string[] = []
  const exit = await run(argv, {
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    ...(stdin !== undefined && { stdin: Readable.from([stdin]) }),
    env: {},
    cwd: dir,
  })
  const out = stdout.join('')
  return { exit, out, err: stderr.join(''), lines: out.trimEnd().split('\n') }
}
const decide = ['policy', 'decide', '--policies', 'policies', '--question']

describe('policy decide', () => {
  test('gives a program one line for one line, and tells of a bad one by line and exit code', async () => {
    const { exit, lines, err } = await dfft([...decide, 'questions.jsonl', '--json'])
    expect([exit, err]).toEqual([5, '1 of 3 questions could not be decided\n'])
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { version: 'dfft-decision/1', verdict: 'permit' },
      { error: { code: 'DFFT_SCHEMA', line: 2 } },
      { verdict: 'deny', code: 'NO_RULE', export: { nearest: [{ rules: ['jp.e'] }] } },
    ])
    expect(Object.keys(JSON.parse(lines[0] ?? ''))).toEqual(Object.keys(JSON.parse(lines[0] ?? '')).toSorted())
  })
  test('gives the same bytes from a file and from standard input', async () => {
    const { out } = await dfft([...decide, 'questions.jsonl', '--json'])
    const lines = [permitted, 'no', refused].map((one) => JSON.stringify(one)).join('\n')
    expect((await dfft([...decide, '-', '--json'], lines)).out).toBe(out)
  })
  test('counts a denial as an answer: exit 0', async () => {
    expect(await dfft([...decide, 'question.json', '--json', '--no-nearest'])).toMatchObject({ exit: 0, err: '' })
  })
  test('tells a person in sentences, in either language', async () => {
    const en = await dfft([...decide, 'questions.jsonl'])
    expect(en.exit).toBe(5)
    for (const part of ['line 1: permit', 'Checks of suppliers (jp.e)', 'Art. 28', 'line 2: DFFT_SCHEMA', 'line 3: deny  NO_RULE', 'It would permit (jp.e'])
      expect(en.out).toContain(part)
    const { out } = await dfft([...decide, 'questions.jsonl', '--lang', 'ja'])
    for (const part of ['1 行目: permit', '取引先の確認〔jp.e〕', '許可されるための最小の条件']) expect(out).toContain(part)
  })
  test('decides at the time that is given', async () => {
    const { lines } = await dfft([...decide, 'question.json', '--json', '--at', '2030-01-01T00:00:00Z'])
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ at: '2030-01-01T00:00:00Z', code: 'POLICY_NOT_IN_FORCE' })
  })
  test.each([
    [['question.json', '--at', 'soon'], 2, 'DFFT_USAGE'],
    [['gone.json'], 3, 'DFFT_NOT_FOUND'],
    [['question.json', '--policies', 'gone'], 3, 'DFFT_NOT_FOUND'],
    [['question.json', '--policies', 'question.json/x'], 3, 'DFFT_NOT_FOUND'],
  ])('%j exits %i before anything is decided', async (more, exit, code) => {
    const ran = await dfft([...decide, ...more, '--json'])
    expect([ran.exit, JSON.parse(ran.out).error.code]).toEqual([exit, code])
  })
  test('refuses a folder with a policy that is none, naming file, line and column as they were given', async () => {
    await save('policies/kr.yaml', 'kind: TrustPolicy\nrules: [\n')
    const { exit, out, err } = await dfft([...decide, 'question.json'])
    expect([exit, out]).toEqual([2, ''])
    expect(err).toMatch(/policies\/kr\.yaml:3:1: /)
    expect(err).not.toMatch(/\bat .*\.ts:\d/)
  })
  test('refuses two files of one serial that differ, naming both', async () => {
    await save('policies/jp-2.json', { ...jp, rules: [] })
    const { exit, err } = await dfft([...decide, 'question.json'])
    expect(exit).toBe(8)
    expect(err).toContain('`policies/jp-2.json` and `policies/jp.json`')
  })
  test('answers another program while it is still asking, and ends when nobody reads', async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, ...decide, '-', '--json'], { cwd: dir, stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    for (const [text, verdict] of [
      [permitted, 'permit'],
      [refused, 'deny'],
      [permitted, 'permit'],
    ] as const) {
      child.stdin.write(`${JSON.stringify(text)}\n`)
      const { value } = await lines.next()
      expect(JSON.parse(value ?? '')).toMatchObject({ verdict })
    }
    child.stdout.destroy()
    child.stdin.on('error', () => {}) // It may be gone before all is written.
    child.stdin.end(`${JSON.stringify(permitted)}\n`.repeat(2000))
    const [exit] = await once(child, 'exit')
    expect(exit).toBe(0)
  })
})

describe('a long answer', () => {
  const reader = () => {
    const heard = new Map<string, () => void>()
    const state = { destroyed: false, full: true }
    const sink: Sink = {
      write: () => !state.full,
      once: (event, listener) => heard.set(event, listener),
      off: (event) => heard.delete(event),
      get destroyed() {
        return state.destroyed
      },
    }
    return { sink, heard, state }
  }
  test('waits until it is read, and leaves no listener behind', async () => {
    const { sink, heard } = reader()
    let done = false
    const writing = put(sink, 'a').then((read) => {
      done = true
      return read
    })
    await Promise.resolve()
    expect(done).toBe(false)
    heard.get('drain')?.()
    expect([await writing, heard.size]).toEqual([true, 0])
  })
  test('ends when its reader goes', async () => {
    const { sink, heard, state } = reader()
    const writing = put(sink, 'a')
    state.destroyed = true
    heard.get('close')?.()
    expect([await writing, heard.size, await put(sink, 'b')]).toEqual([false, 0, false])
  })
})

describe('policy explain from files', () => {
  test('says what decided, what is cited, what is missing and what is withheld', async () => {
    const { exit, out } = await dfft(['policy', 'explain', '--question', 'question.json', '--policies', 'policies'])
    expect(exit).toBe(0)
    for (const part of ['deny  NO_RULE', 'Refused: ', 'Not released: ', 'It would permit (jp.e, under Act on the Protection', 'with the purpose: '])
      expect(out).toContain(part)
    const ja = await dfft(['policy', 'explain', '--question', '-', '--policies', 'policies', '--lang', 'ja', '--json'], JSON.stringify(permitted))
    expect(JSON.parse(ja.out).result).toMatchObject({
      verdict: 'permit',
      sentences: expect.arrayContaining([expect.stringContaining('提供側の判断：許可します')]),
    })
  })
  test.each([
    [[]],
    [['--question', 'question.json']],
    [['--policies', 'policies']],
    [['4da1d371a9c336695d89331571643cc1', '--question', 'question.json', '--policies', 'policies']],
  ])('%j is no way to ask: exit 2', async (more) => {
    expect(await dfft(['policy', 'explain', ...more])).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('DFFT_USAGE') })
  })
})

const cases = (verdict: string) => ({
  policies: ['JP'],
  defaults: { at: '2026-11-21T00:00:00Z', credential: 'BusinessRegistrationCredential', data: { '/a': 'registration' } },
  cases: [
    { name: 'marketing is nothing', side: 'export', facts: { purpose: 'marketing' }, expect: { verdict: 'deny' } },
    { name: 'checks are fine', side: 'export', facts: { purpose: 'trade.supplier-verification' }, expect: { verdict } },
  ],
})

describe('policy test', () => {
  test('runs what is shipped when nothing is named', async () => {
    const { exit, out } = await dfft(['policy', 'test', '--json'])
    expect([exit, JSON.parse(out).result.failed]).toEqual([0, 0])
    expect(JSON.parse(out).result.cases).toBeGreaterThan(50)
  })
  test('tells file, name, expected and got of each that fails, and exits 5', async () => {
    await save('policies/jp.cases.json', cases('deny'))
    for (const path of ['policies', 'policies/jp.cases.json']) {
      const { exit, out } = await dfft(['policy', 'test', path])
      expect(exit).toBe(5)
      expect(out).toBe('policies/jp.cases.json: checks are fine\n  verdict: expected "deny", got "permit"\n1 of 2 cases FAILED\n')
    }
    const { out } = await dfft(['policy', 'test', 'policies', '--json'])
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'DFFT_POLICY_CASES' }, result: { failed: 1, cases: 2 } })
  })
  test('says so when all hold, and when there is nothing to run', async () => {
    await save('policies/jp.cases.json', cases('permit'))
    expect(await dfft(['policy', 'test', 'policies'])).toMatchObject({ exit: 0, out: 'all cases hold: 2, in files: 1\n' })
    expect(await dfft(['policy', 'test', 'policies', '--lang', 'ja'])).toMatchObject({ exit: 0, out: expect.stringContaining('事例 2 件') })
    expect(await dfft(['policy', 'test', '.'])).toMatchObject({ exit: 3 })
  })
})

describe('policy lint', () => {
  test('begins each line with the place, and exits 0 for warnings', async () => {
    const { exit, out } = await dfft(['policy', 'lint', 'policies/jp.json', 'policies/de.json'])
    expect(exit).toBe(0)
    const ja = await dfft(['policy', 'lint', 'policies/de.json', '--lang', 'ja'])
    expect(ja.out).toContain('警告: 根拠法令のない許可または拒否: de.i')
    expect(out).toMatch(/^policies\/de\.json:\d+:\d+: warning: A permit or deny without a citation: de\.i/m)
  })
  test('counts notes, and shows them with --notes only; in JSON they are always there', async () => {
    const lint = ['policy', 'lint', fileURLToPath(new URL('../policies/packs/reference/jp.yaml', import.meta.url))]
    const few = await dfft(lint)
    const all = await dfft([...lint, '--notes'])
    const { files } = JSON.parse((await dfft([...lint, '--json'])).out).result
    const notes: number = files.flatMap((one: { notes: { severity: string }[] }) => one.notes.filter(({ severity }) => severity === 'note')).length
    expect(notes).toBeGreaterThan(0)
    expect(few.out).not.toContain(': note: ')
    expect(few.out).toContain(`, notes: ${notes}\nnotes not shown (\`--notes\` shows them): ${notes}\n`)
    expect(all.out.split(': note: ')).toHaveLength(notes + 1)
    expect(all.out).not.toContain('not shown')
  })
  test('exits 5 for what is a slip, though it is a policy', async () => {
    await save('policies/de.json', { ...de, rules: [{ ...de.rules[0], cite: [{ law: 'A law nobody made' }] }] })
    const { exit, out } = await dfft(['policy', 'lint', 'policies/de.json', '--json'])
    expect([exit, JSON.parse(out).error.code, JSON.parse(out).result.errors]).toEqual([5, 'DFFT_POLICY_FINDINGS', 1])
  })
  test('goes on after a text that is none, and exits 2', async () => {
    await save('kr.yaml', 'kind: TrustPolcy\n')
    const { exit, out } = await dfft(['policy', 'lint', 'kr.yaml', 'policies/de.json', '--json'])
    expect(exit).toBe(2)
    const { error, result } = JSON.parse(out)
    expect(error.code).toBe('DFFT_POLICY_SYNTAX')
    expect(result.files.map(({ file }: { file: string }) => file)).toEqual(['kr.yaml', 'policies/de.json'])
    expect((await dfft(['policy', 'lint', 'kr.yaml'])).out).toMatch(/^kr\.yaml:1:7: error: syntax: /)
  })
})

describe('policy diff', () => {
  test('says whether a change only restricts', async () => {
    expect(await dfft(['policy', 'diff', 'policies/jp.json', 'policies/jp.json'])).toMatchObject({
      exit: 0,
      out: 'The rules are the same: no decision changes.\n',
    })
    await save('jp-2.json', { ...jp, rules: [...jp.rules, { ...jp.rules[0], id: 'jp.f', match: {} }] })
    const { exit, out } = await dfft(['policy', 'diff', 'policies/jp.json', 'jp-2.json', '--json'])
    expect([exit, JSON.parse(out).result.kind]).toEqual([0, 'widens'])
    expect((await dfft(['policy', 'diff', 'policies/jp.json', 'jp-2.json', '--lang', 'ja'])).out).toContain('許可を広げる')
  })
})

describe('policy schema', () => {
  test('prints a schema, and those there are when there is no such one', async () => {
    const { exit, out } = await dfft(['policy', 'schema', 'policy'])
    expect([exit, JSON.parse(out).$schema]).toEqual([0, 'https://json-schema.org/draft/2020-12/schema'])
    expect(await dfft(['policy', 'schema', 'law'])).toMatchObject({ exit: 3, err: expect.stringContaining('question-line') })
  })
})
