/**
 * What somebody who helps may see: how the node is, and nothing of whom it deals with or what about.
 *
 * It is put together from what is named here, member by member; nothing is copied and then cleaned. So what a later version adds to an answer
 * does not get in before somebody has put it on a list.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { codeOf, isCode } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { examine } from './doctor.ts'

export interface BundleFile {
  readonly name: string
  readonly sha256: string
  readonly content: unknown
}

export interface SupportBundle {
  readonly type: 'dfft-support-bundle/1'
  readonly manifest: {
    readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[]
    readonly leftOut: readonly { readonly what: string; readonly why: string }[]
  }
  readonly files: Readonly<Record<string, unknown>>
}

const leftOut = [
  { what: 'keystore.json, data-keys', why: 'keys' },
  { what: 'store/, attachments/, log-anchor', why: 'credentials, exchanges and what partners signed' },
  { what: 'dfft.yaml: name, addresses, domain, paths, labels', why: 'they tell who and where the node is' },
  { what: 'node.log: every value that is no code, number or known event', why: 'a log line may name a DID or an exchange' },
  { what: 'DIDs, peer ids, purposes, facts of log entries', why: 'they tell with whom, and what about' },
  { what: 'environment, arguments, names of other files', why: 'they may hold secrets' },
] as const

const logBytesMax = 256 << 10
const logLinesMax = 500

export async function supportBundle(session: Session): Promise<SupportBundle> {
  const parts: Readonly<Record<string, () => Promise<unknown>>> = {
    'versions.json': async () => ({ node: process.version, platform: process.platform, arch: process.arch, kernel: release() }),
    'health.json': async () => healthOf(session),
    'status.json': () => statusOf(session),
    'doctor.json': async () => (await examine(session)).map(({ check, state }) => ({ check, state })),
    'metrics.txt': () => metricsOf(session),
    'config.json': () => configOf(session),
    'folder.json': () => folderOf(session),
    'log.json': () => logOf(session),
  }
  const files: Record<string, unknown> = {}
  for (const [name, make] of Object.entries(parts)) files[name] = await make().catch((thrown: unknown) => ({ missing: codeOf(thrown) }))
  const listed = Object.entries(files).map(([name, content]) => {
    const bytes = Buffer.from(JSON.stringify(content))
    return { name, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
  })
  return { type: 'dfft-support-bundle/1', manifest: { files: listed, leftOut }, files }
}

const kind = /^[a-z][a-z-]{0,30}$/
const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** What a member is known to look like; anything else stays out, whoever put it there. */
function plain(value: string | null, form: RegExp): string | null {
  return value !== null && form.test(value) ? value : null
}

async function healthOf({ api }: Session): Promise<unknown> {
  const { live, started, ready, sealed, maintenance, reasons } = await api.health({})
  return { live, started, ready, sealed, maintenance: maintenance !== null, reasons: reasons.map(({ code }) => plain(code, kind)) }
}

async function statusOf({ api }: Session): Promise<unknown> {
  const { version, connected, startedAt, log, exchanges, unreceipted, obligations, policies, island } = await api.status({})
  return {
    version: plain(version, /^[\d.]{1,20}$/),
    connected,
    startedAt: plain(startedAt, time),
    logEntries: log.size,
    exchanges: Object.fromEntries(Object.entries(exchanges).filter(([state]) => kind.test(state))),
    unreceipted,
    overdue: obligations.overdue,
    breaches: obligations.breaches,
    dataKeys: obligations.keys.map(({ what }) => plain(what, kind)),
    policies: policies.map(({ serial, validUntil }) => ({ serial, validUntil: plain(validUntil, time) })),
    lapses: island.lapses.map((one) => ({ kind: plain(one.kind, kind), at: plain(one.at, time), code: isCode(one.code) ? one.code : null })),
    island: plain(island.since, time),
  }
}

/** Counts by kind, code and role: no metric has a label of anything else; a line that does is left out. */
async function metricsOf({ api }: Session): Promise<string[]> {
  const { text } = await api.metrics({})
  const labels = /^dfft_[a-z_]+(?:\{(?:(?:kind|code|role|le|outcome|state)="[A-Za-z0-9_.+-]{0,40}",?)*\})? [0-9.e+-]+$/
  return text.split('\n').filter((line) => labels.test(line))
}

const shownKeys = ['jurisdiction', 'encrypters', 'network', 'logLevel', 'limits'] as const

async function configOf({ dir }: Session): Promise<unknown> {
  const { parse } = await import('yaml')
  const config: unknown = parse(await readFile(join(dir, 'dfft.yaml'), 'utf8'), { maxAliasCount: 0, logLevel: 'silent' })
  if (typeof config !== 'object' || config === null) return { unreadable: true }
  const said = config as Readonly<Record<string, unknown>> // An object, as seen.
  const limits =
    typeof said.limits === 'object' && said.limits !== null
      ? Object.entries(said.limits).filter(([name, value]) => knownLimits.has(name) && typeof value === 'number')
      : []
  const shown = shownKeys.filter((key) => key !== 'limits').map((key) => [key, word(said[key])])
  const set = Object.keys(said).filter((key) => /^[A-Za-z]{1,20}$/.test(key) && knownKeys.has(key))
  return { ...Object.fromEntries(shown), limits: Object.fromEntries(limits), set }
}

const knownLimits: ReadonlySet<string> = new Set([
  ...['statusAgeMaxMs', 'islandAfterMs', 'channelsPerSecond', 'channelsMax', 'connectionsMax', 'attachmentsMaxBytes'],
])

const knownKeys: ReadonlySet<string> = new Set([...shownKeys, ...['name', 'did', 'listen', 'announce', 'relay', 'publicHttp', 'metrics', 'keys', 'socket']])

/** A short word of configuration, or nothing: `JP`, `info`, `[noise]`. */
function word(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 4).map(word)
  return typeof value === 'string' && /^(?:[A-Z]{2}|noise|tls|debug|info|warn|error|dfft-test)$/.test(value) ? value : null
}

const knownFiles = ['dfft.yaml', 'keystore.json', 'data-keys', 'log-anchor', 'log-tree', 'dfft.sock', 'node.log', 'store', 'attachments', 'left-by-restore']

async function folderOf({ dir }: Session): Promise<unknown> {
  const names = await readdir(dir)
  const known = await Promise.all(
    knownFiles
      .filter((name) => names.includes(name))
      .map(async (name) => {
        const { mode, size } = await stat(join(dir, name))
        return { name, mode: (mode & 0o777).toString(8), bytes: size }
      }),
  )
  return { known, others: names.length - known.length }
}

/** Of each line its time, level and event, and of its fields only numbers and codes. */
async function logOf({ dir }: Session): Promise<unknown> {
  const bytes = await readFile(join(dir, 'node.log'))
  const lines = bytes.subarray(-logBytesMax).toString('utf8').split('\n').slice(-logLinesMax)
  return lines.flatMap((line) => {
    const said = fieldsOf(line)
    if (!said) return []
    const kept = Object.entries(said).filter(([name, value]) => isKnown(name, value) || (counted.has(name) && typeof value === 'number'))
    return [Object.fromEntries(kept)]
  })
}

const counted: ReadonlySet<string> = new Set(['attempt', 'failures', 'bytes', 'count', 'keys', 'size', 'waitedMs', 'tookMs'])

/** Events are words of our own program: letters, spaces and dots; nothing that came from outside is one. */
function isKnown(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (name === 'code') return isCode(value)
  if (name === 'level') return /^(?:debug|info|warn|error)$/.test(value)
  if (name === 'at' || name === 'time') return time.test(value)
  return name === 'event' && events.has(value)
}

const events: ReadonlySet<string> = new Set([
  ...[
    'exchange taken up',
    'exchange waits',
    'request refused',
    'offer refused',
    'channel failed',
    'work behind failed',
    'journal damaged',
    'log tree stays in memory',
  ],
  ...['records of a peer', 'records not learned', 'admin.fault', 'metrics.fault', 'sealed', 'unseal failed', 'metrics.fault', 'public.fault'],
])

function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined // An object, as seen.
  } catch {
    return undefined
  }
}
