/** `dfft config`: whence a value comes, and a file that is changed and stays itself. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explanations } from '#node/config.ts'
import { run } from '#test-network/checked-run.ts'
import { configJa } from './config-ja.ts'

let dir: string
let file: string
const text = `# Ours.
name: Agency # as the ministry calls it
jurisdiction: JP

# Why so few: the line is slow.
limits:
  channelsMax: 64
publicHttp: null
`
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-config-'))
  await mkdir(join(dir, '.dfft'))
  file = join(dir, '.dfft', 'dfft.yaml')
  await writeFile(file, text, { mode: 0o600 })
})
afterEach(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[], env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []]
  const exit = await run(argv, { stdout: { write: (one) => out.push(one) }, stderr: { write: (one) => err.push(one) }, env, cwd: dir })
  return { exit, out: out.join(''), err: err.join(''), json: argv.includes('--json') ? JSON.parse(out.join('')) : undefined }
}

test('get prints a value alone, those below a key, or all', async () => {
  expect((await dfft(['config', 'get', 'limits.channelsMax'])).out).toBe('64\n')
  expect((await dfft(['config', 'get', 'limits', '--json'])).json.result.keys).toContainEqual({ key: 'limits.islandAfterMs', value: 900_000 })
  expect((await dfft(['config', 'get'])).out).toContain('logLevel')
})

test('explain says whence a value comes: variable, file with line and column, default', async () => {
  const { json } = await dfft(['config', 'explain', '--json'], { DFFT_LOG_LEVEL: 'warn' })
  const of = (key: string) => json.result.keys.find((one: { key: string }) => one.key === key)
  expect(of('logLevel')).toMatchObject({ value: 'warn', source: 'environment', where: 'DFFT_LOG_LEVEL' })
  expect(of('limits.channelsMax')).toMatchObject({ value: 64, source: 'file', where: `${file}:7:3`, line: 7, column: 3 })
  expect(of('network')).toMatchObject({ value: 'dfft-test', source: 'default', where: null, about: explanations.network })
  expect((await dfft(['config', 'explain', 'network', '--lang', 'ja'])).out).toContain(configJa.network)
})

test('every key is explained in Japanese', () => {
  expect(Object.keys(configJa).toSorted()).toEqual(Object.keys(explanations).toSorted())
})

test('an unknown key names the nearest', async () => {
  for (const verb of ['get', 'explain']) expect((await dfft(['config', verb, 'logLevl'])).err).toContain('did you mean `logLevel`')
})

test('validate tells file, line and column, and exits 2', async () => {
  expect((await dfft(['config', 'validate', '--json'])).json).toMatchObject({ ok: true, result: { valid: true } })
  await writeFile(file, `${text}logLevl: debug\n`)
  expect((await dfft(['config', 'validate', '--json'])).json).toMatchObject({
    ok: false,
    error: { code: 'DFFT_CONFIG', facts: { line: 9, column: 1, nearest: 'logLevel' } },
  })
})

test('set changes one value, and comments, order and mode stay', async () => {
  expect((await dfft(['config', 'set', 'limits.channelsMax', '128'])).exit).toBe(0)
  expect(await readFile(file, 'utf8')).toBe(text.replace('64', '128'))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(dir, '.dfft'))).toEqual(['dfft.yaml'])
  expect((await dfft(['config', 'set', 'publicHttp.host', '127.0.0.1', '--json'])).json).toMatchObject({ error: { code: 'DFFT_CONFIG' } })
  expect((await dfft(['config', 'set', 'publicHttp', '{ host: 127.0.0.1, port: 8080 }'])).exit).toBe(0)
  expect((await dfft(['config', 'set', 'publicHttp.port', '8081'])).exit).toBe(0)
  expect((await dfft(['config', 'get', 'publicHttp.port'])).out).toBe('8081\n')
  // What looks like a number and has to be text is text.
  expect((await dfft(['config', 'set', 'name', '2026'])).exit).toBe(0)
  expect(await readFile(file, 'utf8')).toMatch(/name: "2026" # as the ministry calls it/)
})

test.each([
  ['a value of another type', 'limits.channelsMax', 'many'],
  ['an unknown key', 'limits.chanelsMax', '1'],
  ['a value out of its bounds', 'limits.channelsMax', '0'],
  ['what is no YAML', 'listen', '[a'],
  ['a key of a prototype', '__proto__.x', '1'],
])('set refuses %s, and the file is as it was', async (_what, key, value) => {
  const { exit, json } = await dfft(['config', 'set', key, value, '--json'])
  expect([exit, json.error.code]).toEqual([2, 'DFFT_CONFIG'])
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('set says what was and what is, in either language', async () => {
  expect((await dfft(['config', 'set', 'limits.channelsMax', '128', '--dry-run'])).out).toMatch(/^before +64\nafter +128$/m)
  expect((await dfft(['config', 'set', 'limits.channelsMax', '128', '--dry-run', '--lang', 'ja'])).out).toMatch(/^変更前 +64\n変更後 +128$/m)
})

test('set names the key that was meant, a list that is set as a whole, and a line of the file as it would be', async () => {
  const { json } = await dfft(['config', 'set', 'limits.chanelsMax', '1', '--json'])
  expect(json.error).toMatchObject({ facts: { nearest: 'channelsMax' }, message: expect.stringContaining('(as it would be)') })
  expect((await dfft(['config', 'set', 'listen', '[/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2]'])).exit).toBe(0)
  const part = await dfft(['config', 'set', 'listen.0', '/ip4/127.0.0.1/tcp/3', '--json'])
  expect([part.exit, part.json.error]).toMatchObject([2, { code: 'DFFT_CONFIG', facts: { key: 'listen.0', list: 'listen' } }])
  expect((await dfft(['config', 'get', 'listen', '--json'])).json.result.keys[0].value).toEqual(['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2'])
})

test('set --dry-run refuses the same, writes nothing, and the same without it succeeds', async () => {
  const set = ['config', 'set', 'logLevel', 'debug']
  expect((await dfft([...set, '--dry-run', '--json'])).json.result).toMatchObject({ before: null, after: 'debug', dryRun: true })
  expect((await dfft(['config', 'set', 'logLevel', 'loud', '--dry-run'])).exit).toBe(2)
  expect(await readFile(file, 'utf8')).toBe(text)
  expect((await dfft(set)).exit).toBe(0)
  expect(await readFile(file, 'utf8')).toBe(`${text}logLevel: debug\n`)
})

test('without a node there is nothing to look at', async () => {
  expect((await dfft(['config', 'get', '--dir', 'elsewhere', '--json'])).json.error.code).toBe('DFFT_NOT_FOUND')
  await chmod(file, 0o600)
})
