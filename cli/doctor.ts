/**
 * What `dfft doctor` looks at: the folder, the machine, and the running node, each by a check with a code that stays. Where no node runs, what
 * can be seen from outside is looked at, and the rest is said to be not proven.
 */
import { access, stat, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { NodeApi } from '#node/api.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import type { CheckName } from './doctor-words.ts'

/** `not-proven`: nothing is known to be wrong, and it was not shown to be right. */
export type State = 'proven' | 'not-proven' | 'failing'

export interface Check {
  readonly check: CheckName
  readonly state: State
  /** What was seen: a number, a code, a name. */
  readonly seen: string | null
}

type Status = Awaited<ReturnType<NodeApi['status']>>
type Health = Awaited<ReturnType<NodeApi['health']>>

interface Seen {
  readonly session: Session
  readonly health: Health | undefined
  readonly status: Status | undefined
}

/** Of a disk: an hour of a busy node. */
const roomBytes = 512 << 20
/** An operator who looks once a week sees it before it ends. */
const soonMs = 8 * 86_400_000
const dialMs = 3_000

export async function examine(session: Session): Promise<readonly Check[]> {
  const health = await session.api.health({}).catch(() => undefined)
  const status = health && !health.sealed ? await session.api.status({}).catch(() => undefined) : undefined
  const seen = { session, health, status }
  const found = await Promise.all([...outside.map((look) => look(seen)), ...inside.map((look) => look(seen))])
  return found.flat()
}

type Look = (seen: Seen) => Promise<readonly Check[]>

const one = (check: CheckName, state: State, seen: string | number | null = null): readonly Check[] => [
  { check, state, seen: seen === null ? null : String(seen) },
]

/** Needs no node. */
const outside: readonly Look[] = [
  async ({ session: { dir } }) => modeOf('folder-mode', dir, 0o700),
  async ({ session: { dir } }) => modeOf('keystore', join(dir, 'keystore.json'), 0o600),
  async ({ session: { dir } }) => modeOf('data-keys', join(dir, 'data-keys'), 0o600),
  async ({ session: { dir } }) => modeOf('config', join(dir, 'dfft.yaml'), 0o600),
  async ({ session: { dir } }) => {
    const disk = await statfs(dir).catch(() => undefined)
    if (!disk || disk.blocks === 0) return one('disk-room', 'not-proven')
    const free = disk.bavail * disk.bsize
    return one('disk-room', free < roomBytes ? 'failing' : 'proven', free)
  },
  async () => {
    const kept = await Promise.all(['/run/systemd/timesync/synchronized', '/run/chrony/chronyd.pid', '/run/ntpd.pid'].map(there))
    return one('clock-kept', kept.includes(true) ? 'proven' : 'not-proven')
  },
  async () => {
    const units = await Promise.all(['/etc/systemd/system/dfft.service', '/usr/lib/systemd/system/dfft.service'].map(there))
    return one('unit', units.includes(true) ? 'proven' : 'not-proven')
  },
]

/** Asks the node. */
const inside: readonly Look[] = [
  async ({ health }) => one('running', health ? 'proven' : 'failing'),
  async ({ health }) => {
    if (!health) return one('ready', 'not-proven')
    return one('ready', health.ready ? 'proven' : 'failing', health.reasons.map(({ code }) => code).join(' ') || null)
  },
  async ({ session, status }) => (status ? logOf(session) : one('log', 'not-proven')),
  async ({ session, status }) => {
    const tail = status && (await session.api.auditTail({ limit: 1 }).catch(() => undefined))
    const last = tail?.entries[0]
    if (!last) return one('clock-forward', 'not-proven')
    return one('clock-forward', Date.parse(last.at) > Date.now() + 120_000 ? 'failing' : 'proven', last.at)
  },
  async ({ session, status }) => {
    if (!status) return one('forks', 'not-proven')
    const { forks } = await session.api.auditForks({})
    return one('forks', forks.length > 0 ? 'failing' : 'proven', forks.length)
  },
  async ({ session, status }) => {
    if (!status) return one('keys', 'not-proven')
    const { keys, waiting } = await session.api.keyList({})
    const wrong = keys.filter(({ role }) => role === 'lost' || role === 'compromised').map(({ role }) => role)
    return one('keys', wrong.length > 0 || waiting ? 'failing' : 'proven', wrong.join(' ') || (waiting ? 'waiting' : null))
  },
  async ({ status }) => {
    if (!status) return one('policy', 'not-proven')
    const own = status.policies.filter(({ jurisdiction }) => jurisdiction === status.jurisdiction)
    return one('policy', own.length > 0 ? 'proven' : 'not-proven', own[0]?.validUntil ?? null)
  },
  async ({ status }) => {
    if (!status) return one('ending', 'not-proven')
    const [soon] = status.island.lapses.filter(({ at }) => Date.parse(at) < Date.now() + soonMs && Date.parse(at) > Date.now())
    return one(
      'ending',
      soon && soon.kind !== 'status-list' && soon.kind !== 'suspensions' && soon.kind !== 'bundle' ? 'failing' : 'proven',
      soon ? `${soon.kind} ${soon.at}` : null,
    )
  },
  async ({ status }) => {
    if (!status) return one('fresh', 'not-proven')
    const [over] = status.island.lapses.filter(({ at }) => Date.parse(at) <= Date.now())
    return one('fresh', over ? 'failing' : 'proven', over ? `${over.kind} ${over.at}` : null)
  },
  async ({ session, status }) => {
    if (!status) return one('peers', 'not-proven')
    const { peers } = await session.api.peerList({})
    const there = peers.filter(({ connected }) => connected).length
    return one('peers', there > 0 ? 'proven' : peers.length > 0 ? 'failing' : 'not-proven', `${there}/${peers.length}`)
  },
  async ({ status }) => {
    const address = status?.addresses[0]
    if (address === undefined) return one('listener', 'not-proven')
    const [, host = '', port = ''] = /^\/(?:ip4|ip6|dns4|dns6|dns)\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? []
    const reached = await dialled(host, Number(port))
    return one('listener', reached === null ? (/^(?:127\.|::1)/.test(host) ? 'not-proven' : 'proven') : 'failing', reached ?? address)
  },
  async ({ status }) => {
    if (!status) return one('duties', 'not-proven')
    const { overdue, breaches } = status.obligations
    return one('duties', overdue + breaches > 0 ? 'failing' : 'proven', `${overdue} ${breaches}`)
  },
  async ({ status }) => {
    if (!status) return one('received-keys', 'not-proven')
    const { keys } = status.obligations
    return one('received-keys', keys.length > 0 ? 'failing' : 'proven', keys[0]?.what ?? null)
  },
  async ({ status }) => (status ? one('receipts', status.unreceipted > 0 ? 'failing' : 'proven', status.unreceipted) : one('receipts', 'not-proven')),
]

/** The whole log, and what connected partners hold of it. */
async function logOf({ api }: Session): Promise<readonly Check[]> {
  try {
    const { size, witnesses, unwitnessed } = await api.auditVerify({ witnesses: true })
    const wrong = witnesses.find(({ code }) => code === 'DFFT_LOG_FORK')
    const log: Check = { check: 'log', state: wrong ? 'failing' : 'proven', seen: String(size) }
    return [
      log,
      { check: 'witnesses', state: wrong ? 'failing' : witnesses.some(({ consistent }) => consistent) ? 'proven' : 'not-proven', seen: String(unwitnessed) },
    ]
  } catch (thrown) {
    return one('log', 'failing', codeOf(thrown))
  }
}

async function modeOf(check: CheckName, path: string, mode: number): Promise<readonly Check[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return one(check, 'not-proven')
  return one(check, (found.mode & 0o077) === 0 ? 'proven' : 'failing', `${(found.mode & 0o777).toString(8)} ${mode.toString(8)}`)
}

function there(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** @returns null, or why not */
export function dialled(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: dialMs })
    const end = (why: string | null) => {
      socket.destroy()
      resolve(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end('ETIMEDOUT'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'failed'))
  })
}
