import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { type Command, command, type Outcome, type Session } from '../command.ts'
import { type Level, type LogLine, levels, linesOfFile, linesOfJournal, logLine, type Wanted, wants } from '../node-log.ts'
import { put } from '../output.ts'
import { clean } from '../render.ts'

interface Options {
  readonly follow?: boolean
  readonly level?: Level
  readonly since?: string
  readonly lines?: number
  readonly unit?: string
}

const linesDefault = 200

export const commands: readonly Command[] = [
  command<Options>({
    usage: 'logs',
    about:
      'The log of a node’s process: from node.log of its folder, where `dfft up --detach` writes it, or with --unit from the journal of systemd. It has DIDs, ids, codes and counts, and no personal data. Needs no running node.',
    operation: null,
    options: [
      { flags: '--follow', about: 'go on with each new line until it is stopped' },
      { flags: '--level <level>', about: 'only lines of this weight or more (debug when left out: all)', choices: levels },
      { flags: '--since <instant>', about: 'only lines from then on, as in 2026-10-01T09:00:00Z' },
      { flags: '--lines <count>', about: `how many of the last ones (${linesDefault} when left out; with --since all)`, kind: 'count' },
      { flags: '--unit <name>', about: 'of the systemd unit of this name' },
    ],
    examples: ['dfft logs', 'dfft logs --level warn --since 2026-10-01T09:00:00Z', 'dfft logs --follow --json', 'dfft logs --unit dfft.service --follow'],
    run: (session, _, options) => logs(session, options),
  }),
]

async function logs(session: Session, { follow = false, level = 'debug', since, lines, unit }: Options): Promise<Outcome> {
  const wanted: Wanted = { level, sinceMs: since === undefined ? null : instantIn(since) }
  const most = lines ?? (since === undefined ? linesDefault : Number.POSITIVE_INFINITY)
  const last = await lastLines(source(session, unit, wanted, false), wanted, most)
  for (const line of last.lines) if (!(await print(line, session))) return printed
  if (follow) await followed(session, { unit, wanted, seen: last.seen })
  return printed
}

const printed: Outcome = { result: undefined, text: '', printed: true }

/** All lines again from the first, those that were seen passed over: so none is missed between a look and the next. */
async function followed(
  session: Session,
  { unit, wanted, seen }: { readonly unit: string | undefined; readonly wanted: Wanted; readonly seen: number },
): Promise<void> {
  const ending = new AbortController()
  let count = 0
  try {
    for await (const text of source(session, unit, wanted, true, ending.signal)) {
      if (count++ < seen) continue
      const line = logLine(text)
      if (text !== '' && wants(wanted, line)) await print(line, session)
      if (session.io.stdout.destroyed) return
    }
  } finally {
    ending.abort()
  }
}

function source({ dir }: Session, unit: string | undefined, wanted: Wanted, follow: boolean, signal = new AbortController().signal): AsyncGenerator<string> {
  return unit === undefined ? linesOfFile(join(dir, 'node.log'), follow, signal) : linesOfJournal(unit, wanted, follow, signal)
}

/** No more are held than are wanted, however long the log is. @returns besides how many lines there were */
async function lastLines(texts: AsyncIterable<string>, wanted: Wanted, most: number): Promise<{ readonly lines: readonly LogLine[]; readonly seen: number }> {
  let kept: LogLine[] = []
  let seen = 0
  for await (const text of texts) {
    seen++
    const line = logLine(text)
    if (text === '' || !wants(wanted, line)) continue
    kept.push(line)
    if (kept.length >= 2 * most) kept = kept.slice(-most)
  }
  return { lines: Number.isFinite(most) ? kept.slice(-most) : kept, seen }
}

/** @throws {TrustError} DFFT_USAGE */
function instantIn(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new TrustError('DFFT_USAGE', `\`${text}\` is no instant such as 2026-10-01T09:00:00Z`)
  return ms
}

function print(line: LogLine, { io, json, style }: Session): Promise<boolean> {
  const { at, level, event, fields } = line
  if (json) return put(io.stdout, `${JSON.stringify(line)}\n`)
  const said = Object.entries(fields).map(([name, value]) =>
    at === null ? String(value) : `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const paint = level === 'error' ? style.bad : level === 'debug' ? style.dim : (text: string) => text
  const cells = [at ?? '-', paint(style.plain ? level : level.padEnd(5)), clean(event), ...said.map(clean)]
  return put(io.stdout, `${cells.join(style.plain ? '\t' : '  ')}\n`)
}
