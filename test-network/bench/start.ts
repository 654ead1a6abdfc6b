/** A node from nothing to ready, started as `dfft up` starts it, what it weighs then, and how soon the CLI speaks; beside an empty Node. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { runtimeEnv, runtimeFlags } from '#cli/node-process.ts'
import { initialise } from '#node/main.ts'
import { compared, type Effort, type Line, type Measure, must, wallMs } from './measure.ts'

export const measures: readonly Measure[] = [
  { names: ['start.ready', 'start.memory'], lines: start },
  { names: ['cli.help'], lines: help },
]

const node = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const passphrase = 'a passphrase for the bench'
/** As an operator would look: after the node has nothing left to do. */
const idleMs = 500
const empty = "process.stdout.write('{}\\n'); setInterval(() => {}, 1000)"

async function* start(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    const folder = join(dir, 'node')
    await initialise(folder, passphrase, { name: 'Bench', jurisdiction: 'JP', did: { method: 'webvh', domain: 'bench.example' } })
    // A user's first start compiles; an operator meets it once.
    if (effort.rounds > 2) await lifeOf([...runtimeFlags, node, 'run', '--dir', folder], runtimeEnv({ XDG_CACHE_HOME: dir }))
    const ready: { ours: number[]; 'empty-node': number[] } = { ours: [], 'empty-node': [] }
    const memory: { ours: number[]; 'empty-node': number[] } = { ours: [], 'empty-node': [] }
    for (let round = 0; round < Math.max(1, Math.min(5, effort.rounds - 1)); round++) {
      const own = await lifeOf([...runtimeFlags, node, 'run', '--dir', folder], runtimeEnv({ XDG_CACHE_HOME: dir }))
      const bare = await lifeOf(['-e', empty], {})
      ready.ours.push(own.readyMs)
      ready['empty-node'].push(bare.readyMs)
      memory.ours.push(own.residentMb)
      memory['empty-node'].push(bare.residentMb)
    }
    if (wanted('start.ready')) yield* compared('start.ready', ready, { ours: 'ours', references: ['empty-node'], unit: 'ms' })
    if (wanted('start.memory')) yield* compared('start.memory', memory, { ours: 'ours', references: ['empty-node'], unit: 'MB' })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** From the spawn to the first line, and the resident memory a moment later. */
async function lifeOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ readyMs: number; residentMb: number }> {
  const begunMs = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } })
  child.stdin.on('error', () => {})
  child.stdin.end(`${passphrase}\n`)
  try {
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit').then(() => [''])])) as [string]
    const readyMs = performance.now() - begunMs
    must(line.startsWith('{') && !line.includes('"error"'), `the process is ready: ${line}`)
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    return { readyMs, residentMb: await residentMbOf(child) }
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

async function residentMbOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(must(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1], 'the kernel tells the resident memory')) / 1024
}

async function* help({ rounds }: Effort): AsyncIterable<Line> {
  const readings: { ours: number[]; 'empty-node': number[] } = { ours: [], 'empty-node': [] }
  for (let round = 0; round < Math.min(9, rounds); round++) {
    readings.ours.push(await wallMs(() => ended([cli, '--help'])))
    readings['empty-node'].push(await wallMs(() => ended(['-e', '0'])))
  }
  yield* compared('cli.help', readings, { ours: 'ours', references: ['empty-node'], unit: 'ms' })
}

async function ended(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  must(code === 0, `\`node ${args.join(' ')}\` ends well`)
}
