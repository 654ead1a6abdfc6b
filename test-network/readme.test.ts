/** The README's commands, run in their order, as a newcomer would. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cheats } from '#cli/commands/cheat.ts'
import { run } from './checked-run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = await readFile(join(root, 'README.md'), 'utf8')
const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block ?? '').trim().split('\n'))

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-readme-'))
  for (const name of ['agency', 'business']) await writeFile(join(dir, `${name}.passphrase`), `a passphrase of the ${name}\n`, { mode: 0o600 })
})
afterAll(async () => {
  for (const name of ['business', 'agency']) await dfft(['down', '--dir', name])
  await rm(dir, { recursive: true, force: true })
})

async function dfft(argv: readonly string[]): Promise<{ exit: number; out: string }> {
  let out = ''
  const sink = {
    write: (text: string) => {
      out += text
    },
  }
  const exit = await run([...argv, '--json'], { stdout: sink, stderr: sink, env: { PATH: process.env.PATH }, cwd: dir })
  return { exit, out }
}

async function statusOf(name: string): Promise<{ did: string; addresses: string[] }> {
  return JSON.parse((await dfft(['status', '--dir', name])).out).result
}

/** Of the last request. */
let exchange = ''

/** Words of a line; `"a b"` is one. Paths into the project are those of a reader who stands in its folder. */
async function wordsOf(line: string): Promise<string[]> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const filled: string[] = []
  for (const word of words) {
    if (word === '$AGENCY') filled.push((await statusOf('agency')).did)
    else if (word === '$BUSINESS') filled.push((await statusOf('business')).did)
    else if (word === '$AGENCY_ADDRESS') filled.push((await statusOf('agency')).addresses[0] ?? '')
    else if (word === '$APPLICATION') filled.push(JSON.parse((await dfft(['enrol', 'list', '--dir', 'agency'])).out).result.applications[0]?.id ?? '')
    else if (word.includes('$EXCHANGE')) filled.push(word.replace('$EXCHANGE', exchange))
    else filled.push(/^(?:policies|test-network)\//.test(word) ? join(root, word) : word)
  }
  return filled
}

/** What the cheat shows, about the agency. */
async function rootsFile(): Promise<string> {
  const [, example = ''] = /```json\n(.*)\n```/.exec((await cheats()).get('verify') ?? '') ?? []
  return example.replace(/did:key:\w+/, (await statusOf('agency')).did)
}

test('every command of the README does what the README says, in its order', { timeout: 120_000 }, async () => {
  const commands = lines.filter((line) => line.startsWith('dfft '))
  expect(commands.length).toBeGreaterThan(10)
  for (const line of commands) {
    const [, command = '', expected = '0'] = /^(.*?)(?: # exit (\d+): .*)?$/.exec(line) ?? []
    if (command.includes('--trust roots.json')) await writeFile(join(dir, 'roots.json'), await rootsFile())
    const { exit, out } = await dfft((await wordsOf(command)).slice(1))
    expect(exit, `${command}\n${out}`).toBe(Number(expected))
    if (command.startsWith('dfft request') && exit === 0) exchange = JSON.parse(out).result.id
    if (command.startsWith('dfft credential list')) expect(JSON.parse(out).result.credentials).toMatchObject([{ role: 'held', status: 'valid' }])
    if (command.startsWith('dfft audit verify')) expect(JSON.parse(out).result.witnesses).toMatchObject([{ consistent: true }])
  }
})

test('every npm script the README names exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const named = lines.flatMap((line) => [...line.matchAll(/npm run (?:--silent )?([a-z-]+)|npm (test)/g)].map(([, script, test]) => script ?? test))
  expect(named.length).toBeGreaterThan(4)
  for (const name of named) expect(scripts).toHaveProperty(String(name))
})
