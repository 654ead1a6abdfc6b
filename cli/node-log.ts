/**
 * The structured log of a node: lines of JSON in node.log of its folder (`dfft up --detach`), or in the journal where systemd runs it. A line
 * that is no such line, such as the last words of a process that fell, is shown as it is.
 */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { TrustError } from '#protocols/errors.ts'

export const levels = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof levels)[number]

export interface LogLine {
  /** Null for a line that no node wrote as one. */
  readonly at: string | null
  readonly level: Level
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Wanted {
  readonly level: Level
  /** Inclusive. */
  readonly sinceMs: number | null
}

/** How often a file is looked at again. */
const lookMs = 250

/** What was written by no logger counts as an error, as it is what a process says when it falls. */
export function logLine(text: string): LogLine {
  try {
    const { at, level, event, ...fields } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof at === 'string' && typeof event === 'string' && (levels as readonly unknown[]).includes(level))
      return { at, level: level as Level, event, fields } // Just looked at.
  } catch {
    // Below.
  }
  return { at: null, level: 'error', event: 'unstructured', fields: { text } }
}

/** A line without a time is of the time of its neighbours, and is not kept back. */
export function wants({ level, sinceMs }: Wanted, line: LogLine): boolean {
  return levels.indexOf(line.level) >= levels.indexOf(level) && (sinceMs === null || line.at === null || Date.parse(line.at) >= sinceMs)
}

/**
 * The lines of a file, and with `follow` those that come, over a rotation too, until `signal`.
 *
 * @throws {TrustError} DFFT_NOT_FOUND
 */
export async function* linesOfFile(path: string, follow: boolean, signal: AbortSignal): AsyncGenerator<string> {
  if (!(await sizeOf(path))) throw new TrustError('DFFT_NOT_FOUND', `there is no log at \`${path}\``, { path })
  let offset = 0
  let file = -1
  let rest = ''
  do {
    const now = await sizeOf(path)
    // Another file under the name, or the same one made empty.
    if (now && (now.file !== file || now.bytes < offset)) [offset, file, rest] = [0, now.file, '']
    if (now && now.bytes > offset) {
      const decoder = new TextDecoder()
      for await (const chunk of createReadStream(path, { start: offset, end: now.bytes - 1 })) {
        offset += (chunk as Buffer).length // No encoding is set, so the chunks are buffers.
        const lines = `${rest}${decoder.decode(chunk as Buffer, { stream: true })}`.split('\n')
        rest = lines.pop() ?? ''
        yield* lines
      }
    } else if (follow) await pause(signal)
  } while (follow && !signal.aborted)
  // The last words of a process may lack their line end.
  if (!follow && rest !== '') yield rest
}

async function sizeOf(path: string): Promise<{ readonly bytes: number; readonly file: number } | undefined> {
  const { size: bytes, ino: file } = (await stat(path).catch(() => undefined)) ?? {}
  return bytes === undefined || file === undefined ? undefined : { bytes, file }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, lookMs)
    signal.addEventListener('abort', end, { once: true })
  })
}

/**
 * What the journal has of a unit: as the node wrote it, without what journald adds.
 *
 * @throws {TrustError} DFFT_NOT_FOUND where there is no journal, DFFT_NOT_ALLOWED where it may not be read
 */
export async function* linesOfJournal(unit: string, { sinceMs }: Pick<Wanted, 'sinceMs'>, follow: boolean, signal: AbortSignal): AsyncGenerator<string> {
  const since = sinceMs === null ? [] : [`--since=@${Math.floor(sinceMs / 1000)}`]
  const args = [`--unit=${unit}`, '--output=cat', '--no-pager', '--quiet', ...since, ...(follow ? ['--follow', '--lines=all'] : [])]
  const child = spawn('journalctl', args, { stdio: ['ignore', 'pipe', 'pipe'], signal })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined) // Awaited below, once the lines have ended.
  child.once('error', (cause) => signal.aborted || failed.reject(new TrustError('DFFT_NOT_FOUND', 'there is no `journalctl` here', {}, { cause })))
  const said = textIn(child.stderr)
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    yield* createInterface({ input: child.stdout })
    const code = await Promise.race([exit, failed.promise])
    if (code !== 0 && !signal.aborted)
      throw new TrustError('DFFT_NOT_ALLOWED', `the journal of \`${unit}\` cannot be read: ${(await said).trim()}`, { exit: code })
  } finally {
    child.kill()
  }
}

async function textIn(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) if (text.length < 4096) text += String(chunk)
  return text
}
