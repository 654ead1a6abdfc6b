/**
 * Programs of the test network: they come with the source, play nodes by the dozen and load what the product does not, so that the command line
 * starts them as processes of their own, and waits for them.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Code, Exit, TrustError } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { Interrupted } from './interrupted.ts'
import { put } from './output.ts'

export interface SourceProgram {
  /** Within test-network/. */
  readonly program: string
  readonly args: readonly string[]
  /** With `--json` it prints lines of JSON itself; else each of its lines is put into one. */
  readonly speaksJson?: boolean
  /** It checks what is there, as `dfft doctor` does: its exit of a failed verification says that a check fails. */
  readonly checks?: boolean
}

/** @throws {TrustError} DFFT_NOT_FOUND in a package, which has none of it */
export function sourceFile(program: string): string {
  const file = fileURLToPath(new URL(`../test-network/${program}`, import.meta.url))
  if (existsSync(file)) return file
  throw new TrustError('DFFT_NOT_FOUND', 'this command comes with the source: run it in a checkout of the repository, after `npm ci`', { program })
}

/**
 * Until it ends, or we do. Its exit code is ours, and says what is told.
 *
 * @throws {Interrupted} where its user ended it
 */
export async function runSource(session: Session, { program, args, speaksJson = false, checks = false }: SourceProgram): Promise<Outcome> {
  const { io, json } = session
  const file = sourceFile(program)
  const words = [file, ...(json && speaksJson ? ['--json'] : []), ...args]
  const child = spawn(process.execPath, words, { stdio: ['inherit', 'pipe', 'pipe'], env: { ...process.env, ...io.env }, ...(io.cwd ? { cwd: io.cwd } : {}) })
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  child.stderr.on('data', (text: Buffer) => void io.stderr.write(text.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', (cause) => reject(new TrustError('DFFT_INTERNAL', `\`${program}\` cannot be started`, {}, { cause })))
    child.once('close', (exit, signal) => resolve({ exit, signal }))
  })
  let read = true
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      read &&= await put(io.stdout, shown(line, json, speaksJson))
      if (!read) child.kill()
    }
    const end = await ended
    return { result: undefined, text: '', printed: true, ...(read ? failure(program, end, checks) : {}) } // Nobody reads on, as behind `| head`: that is no failure.
  } finally {
    for (const signal of signals) process.off(signal, pass)
    child.kill()
  }
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']

function shown(line: string, json: boolean, speaksJson: boolean): string {
  return json && !speaksJson ? `${JSON.stringify({ line })}\n` : `${line}\n`
}

interface Ended {
  /** Null where a signal ended it. */
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
}

/** By the exit codes of the command line, which these programs end with; of another it is not known what went wrong. */
const codeOfExit: ReadonlyMap<number | null, Code> = new Map([
  [Exit.usage, 'DFFT_USAGE'],
  [Exit.notFound, 'DFFT_NOT_FOUND'],
])

function failure(program: string, { exit, signal }: Ended, checks: boolean): Pick<Outcome, 'failed'> {
  if (exit === 0) return {}
  if (exit === Exit.interrupted || (signal !== null && signals.includes(signal))) throw new Interrupted()
  const message = signal === null ? `\`${program}\` ended with ${exit}` : `\`${program}\` was ended by ${signal}`
  const code = checks && exit === Exit.verification ? 'DFFT_UNHEALTHY' : (codeOfExit.get(exit) ?? 'DFFT_INTERNAL')
  return { failed: { code, message, exit: exit ?? Exit.internal } }
}
