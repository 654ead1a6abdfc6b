/** How a node is at one moment, in one screen: its health, what is under way, and what waits for a person, each with the command that answers it. */
import type { NodeApi } from '#node/api.ts'

type Result<Name extends keyof NodeApi> = Awaited<ReturnType<NodeApi[Name]>>

export type Wait = 'sealed' | 'maintenance' | 'consent' | 'enrolment' | 'signature' | 'key' | 'breach' | 'overdue' | 'unreceipted' | 'log-fork' | 'trust-fork'

export interface Overview {
  readonly at: string
  readonly did: string
  readonly ready: boolean
  /** Codes of why it is not. */
  readonly reasons: readonly string[]
  /** Null while the node is sealed: it answers nothing else then. */
  readonly node: {
    readonly name: string
    readonly connected: number
    readonly logSize: number
    readonly exchanges: Readonly<Record<string, number>>
    /** The newest first. */
    readonly recent: readonly Recent[]
    /** What ends by itself next. */
    readonly endsNext: { readonly kind: string; readonly id: string; readonly at: string } | null
  } | null
  readonly waits: readonly { readonly what: Wait; readonly count: number; readonly command: string }[]
}

export interface Recent {
  readonly id: string
  readonly state: string
  readonly partner: string
  readonly purpose: string
  readonly updatedAt: string
  readonly code: string | null
}

const recentMax = 8
/** Exchanges that are counted as waiting for consent. */
const pendingMax = 1000

export async function overview(api: NodeApi, nowMs: number): Promise<Overview> {
  const health = await api.health({})
  const { did, ready } = health
  const head = { at: new Date(nowMs).toISOString(), did, ready, reasons: health.reasons.map(({ code }) => code) }
  if (health.sealed) return { ...head, node: null, waits: [{ what: 'sealed', count: 1, command: 'dfft unseal' }] }
  const [status, recent, pending] = await Promise.all([
    api.status({}),
    api.exchangeList({ limit: recentMax }),
    api.exchangeList({ state: 'pending', limit: pendingMax }),
  ])
  const { name, connected, log, exchanges, island } = status
  const [endsNext = null] = island.lapses.map(({ kind, id, at }) => ({ kind, id, at }))
  return {
    ...head,
    node: {
      name,
      connected,
      logSize: log.size,
      exchanges,
      recent: recent.exchanges.map(({ id, state, partner, purpose, updatedAt, code }) => ({ id, state, partner, purpose, updatedAt, code })),
      endsNext,
    },
    waits: await waitsOf(api, { health, status, pending }),
  }
}

interface Heard {
  readonly health: Result<'health'>
  readonly status: Result<'status'>
  readonly pending: Result<'exchangeList'>
}

/** Only what somebody has to decide or to do: what the node goes on with by itself is no business of anybody. */
async function waitsOf(api: NodeApi, { health, status, pending }: Heard): Promise<Overview['waits']> {
  const [enrolments, unsigned, keys, logForks, trustForks] = await Promise.all([
    api.enrolList({ state: 'open' }),
    api.trustUnsigned({}),
    api.keyList({}),
    api.auditForks({}),
    api.trustForks({}),
  ])
  const consents = pending.exchanges.filter(({ role }) => role === 'holder').length
  const rows: readonly (readonly [Wait, number, string])[] = [
    ['maintenance', health.maintenance ? 1 : 0, 'dfft maintenance off'],
    ['consent', consents, 'dfft exchange list --state pending'],
    ['enrolment', enrolments.applications.length, 'dfft enrol list'],
    ['signature', unsigned.documents.length, 'dfft trust unsigned'],
    ['key', keys.waiting === null ? 0 : 1, 'dfft key list'],
    ['breach', status.obligations.breaches, 'dfft obligation list --state breach'],
    ['overdue', status.obligations.overdue, 'dfft obligation run --dry-run'],
    ['unreceipted', status.unreceipted, 'dfft exchange list --state released'],
    ['log-fork', logForks.forks.length, 'dfft audit forks'],
    ['trust-fork', trustForks.forks.length, 'dfft trust forks'],
  ]
  return rows.flatMap(([what, count, command]) => (count > 0 ? [{ what, count, command }] : []))
}
