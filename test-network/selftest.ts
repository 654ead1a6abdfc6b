/**
 * `dfft selftest`: a bounded share of the suites, with its figures: enough to see within a minute that this checkout does on this machine what
 * it is said to do. The whole suites are `npm test`, `npm run sim` and `npm run kill`.
 *
 *     node test-network/selftest.ts security|durability|exactly-once|leaks [--json]
 *
 * A line a part. Exit 5, as of a check of `dfft doctor`, where a part fails, says no figure, or takes longer than it may.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Exit } from '#protocols/errors.ts'

/** What a part of a suite came to. */
export interface Figure {
  readonly checks: number
  readonly held: number
}

interface Part {
  readonly name: string
  /** Of Node: the program and its words. */
  readonly args: readonly string[]
  /** Of what the program printed; undefined where it says none. */
  readonly figure: (out: string) => Figure | undefined
}

const root = fileURLToPath(new URL('..', import.meta.url))
/** Ten times what the longest part takes on a quiet machine. */
const partMsMax = 300_000

/** `12 of 12 runs hold`. */
export function ofSimulator(out: string): Figure | undefined {
  const [, held, checks] = /^(\d+) of (\d+) runs hold/m.exec(out) ?? []
  return held === undefined ? undefined : { checks: Number(checks), held: Number(held) }
}

/** `Tests  1 failed | 28 passed (29)`. */
export function ofTests(out: string): Figure | undefined {
  const [, failed = '0', held] = /^\s*Tests\s+(?:(\d+) failed \| )?(\d+) passed/m.exec(out) ?? []
  return held === undefined ? undefined : { checks: Number(held) + Number(failed), held: Number(held) }
}

/** `2 points, 2 hit, 2 processes killed, 0 points with violations`; without strace, logical points. */
export function ofKills(out: string): Figure | undefined {
  const [, checks, violations] = /^kill.*?: (\d+) (?:logical )?points, .*?(\d+) points with violations/m.exec(out) ?? []
  return checks === undefined ? undefined : { checks: Number(checks), held: Number(checks) - Number(violations) }
}

function simulated(scenario: string, seeds: number): Part {
  const args = [join(root, 'test-network/sim.ts'), '--scenario', scenario, '--seeds', String(seeds)]
  return { name: `simulator: ${scenario}`, args, figure: ofSimulator }
}

function tests(name: string, files: readonly string[]): Part {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  return { name: `tests: ${name}`, args: [vitest, 'run', '--root', root, '--reporter=default', ...files], figure: ofTests }
}

const attacks = (names: readonly string[]) => names.map((name) => `test-network/attacks/${name}.test.ts`)

export const shares: Readonly<Record<string, readonly Part[]>> = {
  security: [
    tests('impersonation, replays, lies about status', attacks(['impersonation', 'replay', 'right-pairs', 'headers', 'status-lies'])),
    simulated('byzantine', 2),
  ],
  durability: [
    { name: 'processes killed at writes', args: [join(root, 'test-network/kill/main.ts'), '--side', 'holder', '--points', '2'], figure: ofKills },
    simulated('crash', 3),
  ],
  'exactly-once': [simulated('lost-receipt', 4), simulated('duplicated-request', 4), simulated('broken-link', 4)],
  leaks: [tests('logs, support bundles and fetches', ['test-network/observed.test.ts', 'cli/support-bundle.test.ts', 'test-network/attacks/ssrf.test.ts'])],
}

interface Ran {
  readonly exit: number | null
  readonly out: string
}

/** In a group of its own, so that whatever a part has started ends with it. @returns exit null where it took too long, and was ended */
function run(args: readonly string[], ending: AbortSignal): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' }, detached: true })
    const over = AbortSignal.any([ending, AbortSignal.timeout(partMsMax)])
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid)
      } catch {
        // It has ended by itself in this moment.
      }
    }
    over.addEventListener('abort', end, { once: true })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (out += String(text)))
    child.once('error', reject)
    child.once('close', (exit) => {
      over.removeEventListener('abort', end)
      resolve({ exit, out })
    })
  })
}

async function main(share: string, json: boolean): Promise<number> {
  const parts = shares[share]
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  if (!parts) {
    process.stderr.write(`there is no share \`${share}\`; there are ${Object.keys(shares).join(', ')}\n`)
    return 2
  }
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort())
  let failed = 0
  for (const { name, args, figure } of parts) {
    const fromMs = performance.now()
    const { exit, out } = await run(args, ending.signal)
    if (ending.signal.aborted) return 130
    const seconds = Math.round((performance.now() - fromMs) / 100) / 10
    const found = figure(out) ?? null
    const ok = exit === 0 && found !== null && found.held === found.checks && found.checks > 0
    if (!ok) failed++
    say(
      json
        ? JSON.stringify({ share, part: name, ok, ...(found ?? { checks: 0, held: 0 }), seconds })
        : `${ok ? '✓' : '✗'} ${name}: ${found?.held ?? 0} of ${found?.checks ?? 0} hold, ${seconds} s`,
    )
    if (!ok) process.stderr.write(`${out.slice(-4000)}\n`)
  }
  return failed === 0 ? 0 : Exit.verification
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  process.exitCode = await main(words.find((word) => word !== '--json') ?? '', words.includes('--json'))
}
