/**
 * The structured log of a node: lines of JSON in node.log of its folder (`dfft up --detach`), or in the journal where systemd runs it. A line
 * that is no such line, such as the last words of a process that fell, is shown as it is.
 */
import { spawn } from 'node:child_process'
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

/** Where the log is. */
export type LogPlace = { readonly path: string } | { readonly unit: string }

export interface Reading {
  readonly wanted: Wanted
  /** How many of the last lines that are there; Infinity for all. */
  readonly most: number
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** Where all that was there has been told, and what follows is new. */
const caughtUp = Symbol('caught up')
type Told = string | typeof caughtUp

/** How often a file is looked at again. */
const lookMs = 250
/** As Node's own streams read. */
const pieceBytes = 1 << 16
/** The rest of a longer line is passed over. The logger's own have some hundred bytes; a stack that Node prints when it falls, a line a frame. */
export const lineBytesMax = 1 << 16

/**
 * The last lines of a log, and with `follow` those that come, in one pass. No more are held than are wanted, however long the log is: all that
 * are there are told as they are read.
 *
 * @throws {TrustError} DFFT_NOT_FOUND where there is no log, DFFT_NOT_ALLOWED where it may not be read
 */
export async function* logLines(place: LogPlace, { wanted, most, follow, signal }: Reading): AsyncGenerator<LogLine> {
  let held: LogLine[] | undefined = Number.isFinite(most) ? [] : undefined
  for await (const text of 'path' in place ? linesOfFile(place.path, follow, signal) : linesOfJournal(place.unit, wanted, follow, signal)) {
    if (text === caughtUp) {
      yield* held?.slice(-most) ?? []
      held = undefined
      continue
    }
    const line = logLine(text)
    if (text === '' || !wants(wanted, line)) continue
    if (!held) yield line
    else if (held.push(line) >= 2 * most) held = held.slice(-most)
  }
}

/** What was written by no logger counts as an error, as it is what a process says when it falls. */
function logLine(text: string): LogLine {
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
function wants({ level, sinceMs }: Wanted, line: LogLine): boolean {
  return levels.indexOf(line.level) >= levels.indexOf(level) && (sinceMs === null || line.at === null || Date.parse(line.at) >= sinceMs)
}

/**
 * One open file from its beginning, and with `follow` what is written to it, until another file has its name: that one then. A file that was
 * made empty begins again; one that has grown beyond where it was before anybody looked is not known from one that only grew.
 */
async function* linesOfFile(path: string, follow: boolean, signal: AbortSignal): AsyncGenerator<Told> {
  let file = await open(path).catch((cause: unknown) => {
    throw unopened(path, cause)
  })
  try {
    const lines = new Lines()
    let reader = new Reader(file)
    yield* reader.read(lines)
    // The last words of a process may lack their line end. Followed, they wait for it.
    if (!follow) yield* lines.end()
    yield caughtUp
    while (follow && !signal.aborted) {
      const over = await replaced(file, path)
      // What was written to the old file until it was put away, if we came late.
      yield* reader.read(lines)
      const next = over ? await open(path).catch(() => undefined) : undefined
      if (next) {
        await file.close()
        file = next
        reader = new Reader(file)
        yield* lines.end()
      } else await pause(signal)
    }
  } finally {
    await file.close()
  }
}

function unopened(path: string, cause: unknown): TrustError {
  if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
    return new TrustError('DFFT_NOT_FOUND', `there is no log at \`${path}\``, { path })
  return new TrustError('DFFT_NOT_ALLOWED', `the log at \`${path}\` cannot be read`, { path }, { cause })
}

/** Whether another file has the name of this one now. While this one is open no other can have its number. */
async function replaced(file: FileHandle, path: string): Promise<boolean> {
  const [own, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)])
  return named !== undefined && (named.ino !== own.ino || named.dev !== own.dev)
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

/** What the journal has of a unit: as the node wrote it, without what journald adds. Followed, from the cursor on at which the first part ended. */
async function* linesOfJournal(unit: string, { sinceMs }: Wanted, follow: boolean, signal: AbortSignal): AsyncGenerator<Told> {
  const since = sinceMs === null ? [] : [`--since=@${Math.floor(sinceMs / 1000)}`]
  let last: string | undefined
  for await (const line of journal(unit, [...since, ...(follow ? ['--show-cursor'] : [])], signal)) {
    if (last !== undefined) yield last
    last = line
  }
  // It is the last line, and there is none where the journal has nothing of the unit.
  const cursor = follow ? /^-- cursor: (\S+)$/.exec(last ?? '')?.[1] : undefined
  if (last !== undefined && cursor === undefined) yield last
  yield caughtUp
  if (follow) yield* journal(unit, [...(cursor === undefined ? since : [`--after-cursor=${cursor}`]), '--follow', '--lines=all'], signal)
}

/** @throws {TrustError} DFFT_NOT_FOUND where there is no journal, DFFT_NOT_ALLOWED where it may not be read */
async function* journal(unit: string, more: readonly string[], signal: AbortSignal): AsyncGenerator<string> {
  const args = [`--unit=${unit}`, '--output=cat', '--no-pager', '--quiet', ...more]
  const child = spawn('journalctl', args, { stdio: ['ignore', 'pipe', 'pipe'], signal })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined) // Awaited below, once the lines have ended.
  child.once('error', (cause) => signal.aborted || failed.reject(new TrustError('DFFT_NOT_FOUND', 'there is no `journalctl` here', {}, { cause })))
  const said = textIn(child.stderr)
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  try {
    const lines = new Lines()
    for await (const piece of child.stdout) yield* lines.take(piece as Buffer) // No encoding is set.
    yield* lines.end()
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

/** A file from where it was read last. */
class Reader {
  readonly #file: FileHandle
  #offset = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  async *read(lines: Lines): AsyncGenerator<string> {
    if ((await this.#file.stat()).size < this.#offset) {
      yield* lines.end()
      this.#offset = 0
    }
    const piece = Buffer.alloc(pieceBytes)
    for (;;) {
      const { bytesRead } = await this.#file.read(piece, 0, pieceBytes, this.#offset)
      if (bytesRead === 0) return
      this.#offset += bytesRead
      yield* lines.take(piece.subarray(0, bytesRead))
    }
  }
}

/** Bytes to lines: cut at the line end before they are decoded, as a piece may end within a character. */
class Lines {
  #pieces: Buffer[] = []
  #bytes = 0
  #passedOver = 0;

  *take(piece: Buffer): Generator<string> {
    let from = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      this.#keep(piece.subarray(from, end))
      from = end + 1
      yield this.#line()
    }
    this.#keep(piece.subarray(from))
  }

  /** What has no line end, where none will come. */
  *end(): Generator<string> {
    if (this.#bytes > 0) yield this.#line()
  }

  #keep(piece: Buffer): void {
    // A copy: whoever gave the piece reads the next one into its bytes.
    const kept = Buffer.from(piece.subarray(0, lineBytesMax - this.#bytes))
    if (kept.length > 0) this.#pieces.push(kept)
    this.#bytes += kept.length
    this.#passedOver += piece.length - kept.length
  }

  #line(): string {
    const passedOver = this.#passedOver
    // Half a character at the cut is left out.
    const text = new TextDecoder().decode(Buffer.concat(this.#pieces), { stream: passedOver > 0 })
    this.#pieces = []
    this.#bytes = 0
    this.#passedOver = 0
    return passedOver === 0 ? text : `${text} … [${passedOver} bytes more are not shown]`
  }
}
