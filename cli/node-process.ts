/** The node as a process of its own: `init` and `run` of node/main.ts, spoken to in lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Facts, isCode, TrustError } from '#protocols/errors.ts'
import { cacheFolder } from './cache-folder.ts'
import type { Session } from './command.ts'

export interface Start {
  readonly verb: 'init' | 'recover' | 'run' | 'backup' | 'inspect' | 'restore' | 'fsck'
  /** Its first line of standard input: the secret is in nobody's argv or environment. */
  readonly input: string
  readonly args?: readonly string[]
  /** The node outlives this process, and its log goes to this file. */
  readonly detachedLog?: string
}

/**
 * A young generation of 32 MB in place of 16: an exchange under load costs a seventh less. What loading filled of it is given
 * back once the node is ready (`giveBack` of node/adapters/collector.ts), which needs the collector at hand.
 */
export const runtimeFlags = ['--max-semi-space-size=32', '--expose-gc'] as const

/** What is started. */
export const nodeProgram = fileURLToPath(new URL('../node/main.ts', import.meta.url))

/**
 * The C library keeps memory apart for each thread that asks for some, and gives little of it back: of eight such arenas a node under load came to
 * hold a hundred megabytes more than of two, in a hundred seconds. Libraries without arenas pass over it.
 */
export const arenas = { MALLOC_ARENA_MAX: '2' } as const

/** Where the node's process keeps its compiled code, and how many arenas it has. */
export function runtimeEnv(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const folder = cacheFolder(env)
  return folder === undefined ? arenas : { ...arenas, NODE_COMPILE_CACHE: folder }
}

/** A child that said its first line. */
export interface Started {
  readonly child: ChildProcess
  readonly said: Readonly<Record<string, unknown>>
}

/**
 * Starts the node's program and waits for its one line.
 *
 * @throws {TrustError} the code the program ends with, or DFFT_INTERNAL when it ends without a line
 */
export async function start(session: Session, { verb, input, args = [], detachedLog }: Start): Promise<Started> {
  const program = session.io.nodeProgram ?? nodeProgram
  const log = detachedLog === undefined ? 'pipe' : openLog(detachedLog)
  const child = spawn(process.execPath, [...runtimeFlags, program, verb, '--dir', session.dir, ...args], {
    stdio: ['pipe', 'pipe', log],
    env: { ...runtimeEnv(session.io.env), ...session.io.env },
    detached: detachedLog !== undefined,
  })
  if (log === 'pipe') passSignals(child, session.io.stdin?.isTTY === true)
  else closeSync(log) // The child has its own.
  child.stderr?.on('data', (text: Buffer) => session.io.stderr.write(text.toString()))
  // A program that ends at once closes its input before it is written to; its own line or exit says why.
  child.stdin?.on('error', () => {})
  child.stdin?.end(`${input}\n`)
  return { child, said: await firstLine(child) }
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_FOUND', `there is no node here: \`${path}\` cannot be opened; \`dfft init\` makes one`, {}, { cause })
  }
}

async function firstLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  const said = await new Promise<unknown>((resolve, reject) => {
    child.once('error', (cause) => reject(new TrustError('DFFT_INTERNAL', 'the node’s program cannot be started', {}, { cause })))
    // `close` comes after all output was read, so a last line is never lost to it.
    child.once('close', (exit) => reject(new TrustError('DFFT_INTERNAL', 'the node ended before it was ready; its log says why', { exit })))
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      const value = jsonOf(line)
      if (value !== undefined) resolve(value)
    })
  })
  const answer = said as { readonly ok?: unknown; readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly facts?: unknown } } // Our own program's line.
  if (answer.ok !== false) return said as Readonly<Record<string, unknown>>
  const { code, message, facts } = answer.error ?? {}
  throw new TrustError(typeof code === 'string' && isCode(code) ? code : 'DFFT_INTERNAL', String(message ?? 'the node did not start'), (facts ?? {}) as Facts)
}

/** An object, or undefined for a line that is none. */
function jsonOf(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Lets go of a node that stays: this process may end. */
export function release({ child }: Started): void {
  child.stdout?.destroy()
  child.unref()
}

/** The exit code of a node in the foreground, which is waited for. */
export async function ended({ child }: Started): Promise<number> {
  if (child.exitCode !== null) return child.exitCode
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

/**
 * From its first moment on: a signal between start and ready would else end us and leave the node alone.
 *
 * @param terminal whether Ctrl-C comes from a terminal, which gives it to the node as well: a second one would read as impatience
 */
function passSignals(child: ChildProcess, terminal: boolean): void {
  const pass = (signal: NodeJS.Signals) => (terminal && signal === 'SIGINT') || child.kill(signal)
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']
  for (const signal of signals) process.on(signal, pass)
  child.once('close', () => {
    for (const signal of signals) process.off(signal, pass)
  })
}
