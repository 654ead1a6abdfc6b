/** One real node: a process of its own, a folder, real libp2p on loopback. Driven through the CLI, as an operator would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { run } from '#cli/main.ts'
import { runtimeFlags } from '#cli/node-process.ts'
import type { NodeApi, OperationName } from '#node/api.ts'

const program = fileURLToPath(new URL('./altered-node.ts', import.meta.url))
export const plainProgram = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const passphrase = 'a passphrase for the test network'

/** What an operation gives back: `Output<'request'>`. */
export type Output<Name extends OperationName> = Awaited<ReturnType<NodeApi[Name]>>

export interface Answer<Result> {
  readonly exit: number
  /** Of the JSON envelope; as `--json` is documented for the command, undefined where it failed without one. */
  readonly result: Result | undefined
  readonly error: { readonly code: string; readonly message: string; readonly advice: string; readonly facts: Record<string, unknown> } | undefined
}

export interface Birth {
  readonly dir: string
  readonly name: string
  readonly jurisdiction: string
  readonly did: { readonly method: 'key' | 'jwk' } | { readonly method: 'webvh'; readonly domain: string }
  /** Port on loopback; any when left out. */
  readonly port?: number
  /** What partners are told to dial instead. */
  readonly announce?: string
}

/** How a node's program departs from the honest one; nothing of it is in the product. */
export interface Alteration {
  /** Kills its own process with SIGKILL as soon as an audit entry of this kind is on disk. */
  readonly dieAfter?: string
  /** Believes every credential valid, whatever its status list says. */
  readonly ignoreStatus?: boolean
  /** How far its clock is ahead, or behind where it is negative. */
  readonly clockShiftMs?: number
}

export class LiveNode implements AsyncDisposable {
  readonly dir: string
  readonly name: string
  readonly jurisdiction: string
  did = ''
  address = ''
  #child: ChildProcess | undefined
  /** Log lines of the running process, the last ones. */
  readonly log: string[] = []

  private constructor({ dir, name, jurisdiction }: Birth) {
    this.dir = dir
    this.name = name
    this.jurisdiction = jurisdiction
  }

  static async init(birth: Birth): Promise<LiveNode> {
    const node = new LiveNode(birth)
    await mkdir(birth.dir, { recursive: true, mode: 0o700 })
    await writeFile(node.#passphraseFile, `${passphrase}\n`, { mode: 0o600 })
    const method = birth.did.method === 'webvh' ? ['--did-method', 'webvh', '--domain', birth.did.domain] : ['--did-method', birth.did.method]
    const args = [
      '--name',
      birth.name,
      '--jurisdiction',
      birth.jurisdiction,
      ...method,
      '--listen',
      `/ip4/127.0.0.1/tcp/${birth.port ?? 0}`,
      '--passphrase-file',
      node.#passphraseFile,
    ]
    const { did } = await node.must<{ did: string }>('init', ...args)
    node.did = did
    if (birth.announce !== undefined) await node.must('config', 'set', 'announce', `[${birth.announce}]`)
    return node
  }

  get #passphraseFile(): string {
    return `${this.dir}.passphrase`
  }

  /** As an operator's shell, with a cache of compiled code that goes with the folder of the test. */
  get #env(): Readonly<Record<string, string | undefined>> {
    return { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(dirname(this.dir), 'compiled') }
  }

  /** Pid of the running process. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /**
   * @param runtime flags of Node, besides those that every node gets
   * @returns milliseconds until the node said it was ready
   */
  async up(alteration: Alteration = {}, runtime: readonly string[] = []): Promise<number> {
    const { dieAfter, ignoreStatus = false, clockShiftMs } = alteration
    const flags = [
      ...(dieAfter === undefined ? [] : ['--die-after', dieAfter]),
      ...(ignoreStatus ? ['--ignore-status'] : []),
      ...(clockShiftMs ? ['--clock-shift-ms', String(clockShiftMs)] : []),
    ]
    const altered = flags.length > 0
    const started = performance.now()
    const args = altered ? [program, '--dir', this.dir, ...flags] : [plainProgram, 'run', '--dir', this.dir]
    const child = spawn(process.execPath, [...runtime, ...runtimeFlags, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: this.#env })
    this.#child = child
    child.stdin.on('error', () => {})
    child.stdin.end(`${passphrase}\n`)
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.log.push(line)
      if (this.log.length > 500) this.log.shift()
    })
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
      once(child, 'exit').then(() => [''] as [string]),
    ])
    const said = line === '' ? {} : JSON.parse(line)
    if (!said.ready) throw new LiveNodeError(`${this.name} did not start: ${line} ${this.log.slice(-5).join('\n')}`, said.error?.code ?? null)
    this.address = said.ready.addresses[0]
    return performance.now() - started
  }

  /** Resolves when the process has ended, however it ended. */
  async ended(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Of the last process; null while it runs or when a signal ended it. */
  get exitCode(): number | null {
    return this.#child?.exitCode ?? null
  }

  async down(): Promise<void> {
    if (!this.running) return
    await this.cli('down')
    await this.ended()
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** One command of the CLI, in this process, with --json. */
  async cli<Result = unknown>(...argv: string[]): Promise<Answer<Result>> {
    const written = { out: '', err: '' }
    const sink = (name: 'out' | 'err') => ({
      write: (text: string) => {
        written[name] += text
      },
    })
    const exit = await run([...argv, '--dir', this.dir, '--json'], { stdout: sink('out'), stderr: sink('err'), env: this.#env })
    const line = (written.out || written.err).trim().split('\n').at(-1) ?? ''
    const envelope = JSON.parse(line || '{}')
    return { exit, result: envelope.result, error: envelope.error }
  }

  /** The same, and an error is a fault of the story. */
  async must<Result = unknown>(...argv: string[]): Promise<Result> {
    const { exit, result, error } = await this.cli<Result>(...argv)
    if (exit !== 0)
      throw new LiveNodeError(`${this.name}: dfft ${argv.join(' ')}: ${error?.code} ${error?.message}\n${this.log.slice(-8).join('\n')}`, error?.code ?? null)
    return result as Result // Exit 0 comes with a result.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.ended()
  }

  storeDir(): string {
    return join(this.dir, 'store')
  }
}

export class LiveNodeError extends Error {
  readonly code: string | null

  constructor(message: string, code: string | null) {
    super(message)
    this.code = code
  }
}
