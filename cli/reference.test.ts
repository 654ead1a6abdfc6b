/** The page and the manual: both are the tree, and the tree is all of them. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groups, run } from './main.ts'
import { everyLeaf } from './tree.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-reference-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[]): Promise<string> {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  expect(await run(argv, { stdout: sink, stderr: sink, env: {}, cwd: dir })).toBe(0)
  return out.join('')
}

test('docs/cli.md is what `dfft reference` prints (else run `npm run -s dfft -- reference > docs/cli.md`)', async () => {
  expect(await readFile(new URL('../docs/cli.md', import.meta.url), 'utf8')).toBe(await dfft(['reference']))
})

test('the page has every command with its options and examples, in either language', async () => {
  for (const lang of ['en', 'ja']) {
    const page = await dfft(['reference', '--lang', lang])
    for (const { words, command } of await everyLeaf({ groups })) {
      expect(page).toContain(`### \`dfft ${words}`)
      for (const example of command.examples) expect(page).toContain(`\n    ${example}\n`)
      for (const { flags } of command.options ?? []) expect(page).toContain(`| \`${flags.replaceAll('|', '\\|')}\` |`)
    }
  }
})

const formatter = [
  ['mandoc', ['-Tlint', '-Wwarning']],
  ['groff', ['-man', '-ww', '-Tutf8', '-k', '-z']],
] as const
const there = formatter.find(([program]) => spawnSync(program, ['--version']).error === undefined)

test('the manual has a page for each group, which the formatter on the machine reads without a word', async () => {
  await dfft(['reference', '--man', 'man1'])
  const names = await readdir(join(dir, 'man1'))
  expect(names.toSorted()).toEqual(['dfft.1', ...Object.keys(groups).map((name) => `dfft-${name}.1`)].toSorted())
  const exchange = await readFile(join(dir, 'man1/dfft-exchange.1'), 'utf8')
  expect(exchange).toContain('.SS dfft exchange show\n')
  if (!there) return console.info('neither mandoc nor groff on this machine: the pages were not formatted')
  const [program, options] = there
  const { stdout, stderr } = await promisify(execFile)(program, [...options, ...names.map((name) => join('man1', name))], { cwd: dir })
  expect(stdout + stderr).toBe('')
})
