import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { type Command, command, type Outcome, type Session } from '../command.ts'
import { type Level, type LogLine, levels, logLines } from '../node-log.ts'
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
  const wanted = { level, sinceMs: since === undefined ? null : instantIn(since) }
  const most = lines ?? (since === undefined ? linesDefault : Number.POSITIVE_INFINITY)
  const place = unit === undefined ? { path: join(session.dir, 'node.log') } : { unit }
  const ending = new AbortController()
  try {
    for await (const line of logLines(place, { wanted, most, follow, signal: ending.signal }))
      if (!(await print(line, session)) || session.io.stdout.destroyed) break
  } finally {
    ending.abort()
  }
  return { result: undefined, text: '', printed: true }
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
