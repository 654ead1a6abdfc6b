/** One side of a point: `node/main.ts run` in a process of its own, as `dfft up` starts it, spoken to over its socket. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect } from '#cli/client.ts'
import { runtimeFlags } from '#cli/node-process.ts'
import type { NodeApi } from '#node/api.ts'
import { passphrase, type Side } from './prepared.ts'

const program = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const later = fileURLToPath(new URL('./later.ts', import.meta.url))
export const dayMs = 25 * 3_600_000
const startMs = 60_000
const logLinesMax = 400

export class Program implements AsyncDisposable {
  readonly side: Side | 'registry'
  readonly dir: string
  readonly api: NodeApi
  readonly log: string[] = []
  #child: ChildProcess | undefined
  /** How far its clock is ahead when it starts. */
  #days = 0

  constructor(side: Side | 'registry', dir: string) {
    this.side = side
    this.dir = dir
    this.api = connect(join(dir, 'dfft.sock'))
  }

  /** @param command what the program is run under, if anything. @throws with its code in the message where it does not start */
  async up(command: readonly string[] = []): Promise<void> {
    const node = [process.execPath, ...runtimeFlags, '--import', later, program, 'run', '--dir', this.dir]
    const [file = '', ...args] = [...command, ...node]
    // One thread for all that touches the disk: the points of an exchange then come in one order, and are counted by one counter.
    const env = {
      PATH: process.env.PATH,
      UV_THREADPOOL_SIZE: '1',
      NODE_COMPILE_CACHE: join(dirname(this.dir), '..', 'compiled'),
      DFFT_KILL_AHEAD_MS: String(this.#days * dayMs),
    }
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    this.#child = child
    child.stdin.on('error', () => {}) // It may end before it reads; its line says why.
    child.stdin.end(`${passphrase}\n`)
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.log.push(line)
      if (this.log.length > logLinesMax) this.log.shift()
    })
    const line = await firstLine(child)
    if (!line.includes('"ready"')) throw new NotStarted(this.side, line, this.log)
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('the program was never started')
    return pid
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get exitCode(): number | null {
    return this.#child?.exitCode ?? null
  }

  get killed(): boolean {
    return this.#child?.signalCode === 'SIGKILL'
  }

  async ended(): Promise<void> {
    if (this.#child && this.running) await once(this.#child, 'exit')
  }

  async stop(): Promise<void> {
    if (!this.running) return
    this.#child?.kill('SIGTERM')
    await this.ended()
  }

  /** For it and for all that follow it on its folder. */
  aDayPasses(): void {
    this.#days++
    if (this.running) this.#child?.kill('SIGUSR2')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.ended()
  }
}

export class NotStarted extends Error {
  readonly code: string
  /** Says what to do. */
  readonly advised: boolean

  constructor(side: string, line: string, log: readonly string[]) {
    super(`the ${side} does not start: ${line} ${log.slice(-3).join(' ')}`)
    this.code = /"code":"(DFFT_[A-Z_]+)"/.exec(line)?.[1] ?? 'none'
    this.advised = /"advice":"[^"]/.test(line)
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child
  if (!stdout) throw new Error('the program has an output')
  const ended = once(child, 'close').then(() => '')
  const line = new Promise<string>((resolve) => createInterface({ input: stdout }).once('line', resolve))
  const late = new Promise<string>((resolve) => setTimeout(() => resolve('it said nothing'), startMs).unref())
  return Promise.race([line, ended, late])
}
