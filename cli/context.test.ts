/** Several nodes from one command line: which of them a command goes to, by whose word, and what is kept of it. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { run } from '#test-network/checked-run.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dfft-context-'))
})
afterEach(() => rm(home, { recursive: true }))

const fileOf = () => join(home, '.config', 'dfft', 'contexts.json')

async function dfft(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  const exit = await run([...argv, '--json'], { stdout: sink, stderr: sink, env: { HOME: home, ...env }, cwd: home })
  const { result, error } = JSON.parse(out.join(''))
  return { exit, result, code: error?.code }
}

/** Where a command would go, and why. */
async function shown(argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { result, code } = await dfft(['context', 'show', ...argv], env)
  return code ?? [result.from, result.context, result.dir]
}

async function two(): Promise<void> {
  for (const name of ['tax', 'registry']) await dfft(['context', 'add', name, '--dir', join(home, name)])
}

test('the nearest word wins: a flag, then the environment, then the context in use, then ./.dfft', async () => {
  await two()
  expect(await shown()).toEqual(['default', null, join(home, '.dfft')])
  await dfft(['context', 'use', 'tax'])
  expect(await shown()).toEqual(['in-use', 'tax', join(home, 'tax')])
  expect(await shown([], { DFFT_CONTEXT: 'registry' })).toEqual(['environment', 'registry', join(home, 'registry')])
  expect(await shown([], { DFFT_CONTEXT: 'registry', DFFT_DIR: '/srv/other' })).toEqual(['environment', null, '/srv/other'])
  expect(await shown(['--context', 'tax'], { DFFT_DIR: '/srv/other', DFFT_CONTEXT: 'registry' })).toEqual(['flag', 'tax', join(home, 'tax')])
  expect(await shown(['--dir', '/srv/other'], { DFFT_CONTEXT: 'registry' })).toEqual(['flag', null, '/srv/other'])
  await dfft(['context', 'use', 'none'])
  expect(await shown()).toEqual(['default', null, join(home, '.dfft')])
})

test('a command goes to the node of its context, also where its socket is elsewhere', async () => {
  const socketPath = join(home, 'elsewhere.sock')
  await using _ = await serveAdmin(apiDouble(), { socketPath, log: () => {} })
  await dfft(['context', 'add', 'far', '--socket', socketPath])
  await two()
  expect((await dfft(['status', '--context', 'far'])).exit).toBe(0)
  expect(await dfft(['status', '--context', 'tax'])).toMatchObject({ exit: 7, code: 'DFFT_NOT_RUNNING' })
})

test('what is kept is a folder and a socket, for its owner alone; removed, the one in use is none', async () => {
  await two()
  await dfft(['context', 'use', 'tax'])
  expect(JSON.parse(await readFile(fileOf(), 'utf8'))).toEqual({
    current: 'tax',
    contexts: { tax: { dir: join(home, 'tax'), socket: null }, registry: { dir: join(home, 'registry'), socket: null } },
  })
  expect((await stat(fileOf())).mode & 0o777).toBe(0o600)
  const { result } = await dfft(['context', 'remove', 'tax'])
  expect([result.current, result.contexts.map(({ name }: { name: string }) => name)]).toEqual([null, ['registry']])
  expect((await dfft(['context', 'list'])).result.contexts).toHaveLength(1)
})

test('a context may have the name of a command', async () => {
  await dfft(['context', 'add', 'list', '--dir', join(home, 'a')])
  expect(await shown(['--context', 'list'])).toEqual(['flag', 'list', join(home, 'a')])
  expect((await dfft(['--context', 'list', 'context', 'show'])).result.context).toBe('list')
})

test('what is refused makes nothing', async () => {
  expect((await dfft(['context', 'remove', 'nope'])).code).toBe('DFFT_NOT_FOUND')
  expect(await readdir(home)).toEqual([])
})

test('a dry run writes nothing', async () => {
  await dfft(['context', 'add', 'tax', '--dir', home, '--dry-run'])
  expect((await dfft(['context', 'list'])).result).toMatchObject({ current: null, contexts: [] })
  await two()
  for (const argv of [
    ['use', 'tax'],
    ['remove', 'tax'],
  ])
    expect((await dfft(['context', ...argv, '--dry-run'])).result.dryRun).toBe(true)
  expect((await dfft(['context', 'list'])).result).toMatchObject({ current: null, contexts: [{ name: 'tax' }, { name: 'registry' }] })
})

test.each([
  ['a name that there is not', ['context', 'use', 'nobody'], 'DFFT_NOT_FOUND'],
  ['a node by such a name', ['status', '--context', 'nobody'], 'DFFT_NOT_FOUND'],
  ['one by a name of every object', ['status', '--context', 'constructor'], 'DFFT_NOT_FOUND'],
  ['a name that is a path', ['context', 'add', '../x', '--dir', '/srv/x'], 'DFFT_USAGE'],
  ['the word that ends it', ['context', 'add', 'none', '--dir', '/srv/x'], 'DFFT_USAGE'],
  ['a context and a folder', ['status', '--context', 'tax', '--dir', '/srv/x'], 'DFFT_USAGE'],
])('%s is refused', async (_, argv, code) => {
  expect((await dfft(argv)).code).toBe(code)
})

test.each([
  '{',
  '[]',
  '{"current":"gone","contexts":{}}',
  '{"current":null,"contexts":{"a":{"dir":"relative"}}}',
  '{"current":null,"contexts":{"a":{"dir":"/srv/a","token":"secret"}}}',
])('a file that says %s is told of as such, and a flag goes on without it', async (text) => {
  await mkdir(join(home, '.config', 'dfft'), { recursive: true })
  await writeFile(fileOf(), text)
  expect(await dfft(['status'])).toMatchObject({ exit: 2, code: 'DFFT_CONFIG' })
  expect(await dfft(['status', '--dir', home])).toMatchObject({ exit: 7, code: 'DFFT_NOT_RUNNING' })
})

test('a list of more bytes than it may have is not read', async () => {
  await two()
  const listed = { current: null, contexts: { tax: { dir: `/${'東'.repeat(100_000)}`, socket: null } } }
  await writeFile(fileOf(), JSON.stringify(listed))
  expect(await dfft(['context', 'list'])).toMatchObject({ exit: 2, code: 'DFFT_CONFIG' })
})

test('of twenty who change the list at once none drops what another wrote', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `node-${at}`)
  const exits = await Promise.all(names.map((name) => dfft(['context', 'add', name, '--dir', join(home, name)])))
  expect(exits.map(({ exit }) => exit)).toEqual(names.map(() => 0))
  const { result } = await dfft(['context', 'list'])
  expect(result.contexts.map(({ name }: { name: string }) => name).sort()).toEqual([...names].sort())
  expect(await readdir(join(home, '.config', 'dfft'))).toEqual(['contexts.json'])
})

test('what a killed one left is named, and the list stays as it was', async () => {
  await two()
  const before = await readFile(fileOf(), 'utf8')
  await writeFile(`${fileOf()}.new`, '')
  expect(await dfft(['context', 'remove', 'tax'])).toMatchObject({ exit: 4, code: 'DFFT_NOT_ALLOWED' })
  expect(await readFile(fileOf(), 'utf8')).toBe(before)
  await rm(`${fileOf()}.new`)
  expect((await dfft(['context', 'remove', 'tax'])).exit).toBe(0)
})
