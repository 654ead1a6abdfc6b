/**
 * What the published program's first screen and `dfft credential verify FILE` cost, in times of a bare start of Node.
 *
 * CPU time of whole processes, as bash counts its children's, to the millisecond: a start is too short for the clock of a machine that others use. The package
 * is built once, and started some times before anything counts, so that V8's compiled code is in a cache folder of this run, as it is in a user's.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, root } from '#test-network/package/build.ts'
import { sampleFiles, sampleFormats, sampleRegistration } from '#test-network/package/sample-credential.ts'
import { type Effort, type Line, type Measure, median, must, quantile, scaled } from './measure.ts'

export const measures: readonly Measure[] = [{ names: ['start.help.bundled', 'start.verify.bundled'], lines }]

/** How many bare starts each may cost. */
const bars = { help: 1.25, verify: 3 } as const

/** Starts in a row that are counted together. */
const startsInRow = 5

interface Case {
  readonly name: string
  readonly bar: number
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

async function* lines(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    const cases = (await casesIn(dir)).filter(({ name }) => wanted(name))
    await build(join(dir, 'dist'))
    await symlink(join(root, 'node_modules'), join(dir, 'dist/node_modules'))
    const program = join(dir, 'dist/app/dfft.cjs')
    const starts = scaled(startsInRow, effort)
    for (const { name, bar, args, env = {} } of cases) {
      const home = { HOME: dir, ...env }
      const times: number[] = []
      await cpuOf([program, ...args], home, 1)
      for (let round = 0; round < Math.min(9, effort.rounds); round++) {
        const own = await cpuOf([program, ...args], home, starts)
        times.push(own / (await cpuOf(['-e', '0'], home, starts)))
      }
      const ratios = times.map((one) => bar / one)
      const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const
      yield { name, value: median(times), unit: 'bare starts', reference: `the bar of ${bar}`, ratio: median(ratios), spread }
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function casesIn(dir: string): Promise<readonly Case[]> {
  const nowMs = Date.now()
  for (const [name, text] of Object.entries(await sampleFiles(nowMs))) await writeFile(join(dir, name), text)
  const files = ['--trust', join(dir, 'roots'), '--status', join(dir, 'bitstring'), '--status', join(dir, 'tokens')]
  const cases: Case[] = [
    { name: 'start.help.bundled.en', bar: bars.help, args: ['--help'] },
    { name: 'start.help.bundled.ja', bar: bars.help, args: ['--help'], env: { DFFT_LANG: 'ja' } },
  ]
  for (const format of sampleFormats) {
    const file = join(dir, format.replace('+', '-'))
    await writeFile(file, await sampleRegistration(format, 'good', nowMs))
    cases.push({ name: `start.verify.bundled.${format.replace('+', '-')}`, bar: bars.verify, args: ['credential', 'verify', file, ...files] })
  }
  return cases
}

/** Seconds, of all of them. */
async function cpuOf(args: readonly string[], env: Readonly<Record<string, string>>, starts: number): Promise<number> {
  const script = `for one in ${'x '.repeat(starts)}; do "$@" >/dev/null || exit 1; done; times`
  const { stdout } = await promisify(execFile)('/bin/bash', ['-c', script, 'bash', process.execPath, ...args], { env: { ...env, LC_ALL: 'C' } })
  const [, ofChildren = ''] = stdout.trim().split('\n')
  const seconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0)
  return must(seconds, 'the shell counts what its children take')
}
