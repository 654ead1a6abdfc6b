/**
 * The structured log of a node: lines of JSON in node.log of its folder (`dfft up --detach`), or in the journal where systemd runs it. A line
 * that is no such line, such as the last words of a process that fell, is shown as it is.
 */
import { spawn } from 'node:child_process'
import type { Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
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

/** Stands between the lines that were there and those that come. */
export const upToNow = Symbol('up to now')

export type Lines = AsyncGenerator<string | typeof upToNow>

/** Far beyond what a logger writes: one without an end is cut here. */
const lineBytesMax = 64 << 10

/** Lines of bytes that come in pieces: a character may be cut by one, a line end is one byte. */
class LineCutter {
  #begun: Buffer[] = []
  #bytes = 0

  /** @returns the lines that end in the piece */
  add(piece: Buffer): readonly string[] {
    const lines: string[] = []
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      this.#keep(piece.subarray(from, end))
      lines.push(this.rest())
      from = end + 1
    }
    this.#keep(piece.subarray(from))
    return lines
  }

  /** What has no end yet. */
  rest(): string {
    const text = Buffer.concat(this.#begun).toString('utf8')
    const said = this.#bytes > lineBytesMax ? `${text}… (cut: ${this.#bytes} bytes)` : text
    this.#begun = []
    this.#bytes = 0
    return said
  }

  #keep(part: Buffer): void {
    const room = lineBytesMax - this.#bytes
    if (room > 0 && part.length > 0) this.#begun.push(Buffer.from(part.subarray(0, room)))
    this.#bytes += part.length
  }
}

/**
 * The lines of a file, each once; with `follow` those that come too, into the file that takes its place as well. A last line without its end is
 * told where nothing can come any more.
 *
 * @throws {TrustError} DFFT_NOT_FOUND
 */
export async function* linesOfFile(path: string, follow: boolean): Lines {
  const first = await opened(path)
  if (!first) throw new TrustError('DFFT_NOT_FOUND', `there is no log at \`${path}\``, { path })
  let file: FileHandle = first
  const cutter = new LineCutter()
  try {
    const { size } = await file.stat()
    yield* linesUpTo(file, 0, size, cutter)
    yield upToNow
    for (let offset = size; follow; await pause()) {
      // Whether another file has the name is asked first: what this one was still given is then in it.
      const named = await stat(path).catch(() => undefined)
      const { size, ino }: Stats = await file.stat()
      if (size < offset) [offset] = [0, cutter.rest()] // Emptied in its place.
      yield* linesUpTo(file, offset, size, cutter)
      offset = size
      const next = named && named.ino !== ino ? await opened(path) : undefined
      if (!next) continue
      await file.close()
      ;[file, offset] = [next, 0]
      const words = cutter.rest()
      if (words !== '') yield words
    }
    const words = cutter.rest()
    if (words !== '') yield words
  } finally {
    await file.close()
  }
}

async function* linesUpTo(file: FileHandle, from: number, to: number, cutter: LineCutter): AsyncGenerator<string> {
  const buffer = Buffer.allocUnsafe(lineBytesMax)
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (bytesRead === 0) return // It was cut off since.
    at += bytesRead
    yield* cutter.add(buffer.subarray(0, bytesRead))
  }
}

function opened(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined)
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lookMs))
}

/**
 * What the journal has of a unit: as the node wrote it, without what journald adds.
 *
 * @throws {TrustError} DFFT_NOT_FOUND where there is no journal, DFFT_NOT_ALLOWED where it may not be read
 */
export async function* linesOfJournal(unit: string, { sinceMs }: Pick<Wanted, 'sinceMs'>, follow: boolean): Lines {
  const since = sinceMs === null ? [] : [`--since=@${Math.floor(sinceMs / 1000)}`]
  let cursor: string | undefined
  for await (const line of journal(unit, ['--show-cursor', ...since])) {
    if (line.startsWith(cursorSays)) cursor = line.slice(cursorSays.length)
    else yield line
  }
  yield upToNow
  // Of an empty journal there is no place to go on from.
  if (follow) yield* journal(unit, ['--follow', '--lines=all', ...(cursor === undefined ? since : [`--after-cursor=${cursor}`])])
}

/** The place behind the last line, as journalctl tells it. No line of a node begins so. */
const cursorSays = '-- cursor: '

async function* journal(unit: string, asked: readonly string[]): AsyncGenerator<string> {
  const args = [`--unit=${unit}`, '--output=cat', '--no-pager', '--quiet', ...asked]
  const child = spawn('journalctl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined) // Awaited below, once the lines have ended.
  child.once('error', (cause) => failed.reject(new TrustError('DFFT_NOT_FOUND', 'there is no `journalctl` here', {}, { cause })))
  const said = textIn(child.stderr)
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const cutter = new LineCutter()
  try {
    for await (const piece of child.stdout) yield* cutter.add(piece as Buffer) // No encoding is set.
    const code = await Promise.race([exit, failed.promise])
    if (code !== 0) throw new TrustError('DFFT_NOT_ALLOWED', `the journal of \`${unit}\` cannot be read: ${(await said).trim()}`, { exit: code })
  } finally {
    child.kill()
  }
}

async function textIn(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) if (text.length < 4096) text += String(chunk)
  return text
}
