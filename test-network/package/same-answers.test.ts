/** The published program against the checkout: what `credential verify` answers must not change by how it was compiled and split. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { build } from './build.ts'
import { sampleFiles, sampleFormats, sampleRegistration, sampleStates } from './sample-credential.ts'

const nowMs = Date.now()
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-answers-'))
  await build(join(dir, 'dist'))
  for (const [name, text] of Object.entries(await sampleFiles(nowMs))) await writeFile(join(dir, name), text)
}, 180_000)

afterAll(() => rm(dir, { recursive: true, force: true }))

interface Answer {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

function shipped(args: readonly string[]): Answer {
  const env = { HOME: dir, PATH: '' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dir, 'dist/app/dfft.cjs'), ...args], { cwd: dir, env, encoding: 'utf8' })
  return { exit: status, out: stdout, err: stderr }
}

async function checkout(args: readonly string[]): Promise<Answer> {
  const said = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      said[name] += text
      return true
    },
  })
  const exit = await run(args, { stdout: sink('out'), stderr: sink('err'), env: {}, cwd: dir })
  return { exit, ...said }
}

const files = ['--trust', 'roots', '--status', 'bitstring', '--status', 'tokens']

test.each(sampleFormats.flatMap((format) => sampleStates.map((state) => [format, state] as const)))(
  '%s, %s: the same verdict, words and exit code as JSON, in English and in Japanese',
  async (format, state) => {
    await writeFile(join(dir, 'credential'), await sampleRegistration(format, state, nowMs))
    for (const look of [['--json'], ['--plain'], ['--lang', 'ja']]) {
      const args = ['credential', 'verify', 'credential', ...files, ...look]
      const answer = await checkout(args)
      expect(shipped(args)).toEqual(answer)
      expect(answer.exit).toBe(state === 'good' ? 0 : 5)
    }
  },
  60_000,
)

test('without a node and without roots it is the same too, also for a file that is not there', async () => {
  await writeFile(join(dir, 'credential'), await sampleRegistration('vc+jwt', 'good', nowMs))
  for (const file of ['credential', 'nowhere']) {
    const args = ['credential', 'verify', file, '--json']
    expect(shipped(args)).toEqual(await checkout(args))
  }
})
