/**
 * What monitoring sees of this moment. A scrape must cost next to nothing however much a node has done, so that nothing here grows with
 * the exchanges there were; what has to be looked up in the store, or reckoned over all trust documents, is looked at twice a minute at most.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import { signingSinceMs } from '#node/care/own-ends.ts'
import type { Debts } from '#node/exchange/debts.ts'
import type { DidBook } from '#node/identity/dids.ts'
import type { Self } from '#node/identity/self.ts'
import { dutyCounts } from '#node/obligations/obligation-desk.ts'
import type { Obligations } from '#node/obligations/obligations.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Machine, Network, Store } from '#node/ports.ts'
import type { Tokens } from '#node/programs/tokens.ts'
import type { StatusCache } from '#node/status/status-cache.ts'
import type { Introductions } from '#node/trust/introductions.ts'
import type { Island } from '#node/trust/island.ts'
import { lapses } from '#node/trust/lapses.ts'
import type { Bundles } from '#node/trust/open-bundles.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { Webhooks } from '#node/webhooks/webhooks.ts'
import { msOf } from '#protocols/ids.ts'
import { type MetricName, type Reading, toldStates } from './metric-table.ts'
import type { OpenExchanges } from './open-exchanges.ts'

export interface Watched {
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'timeout'>
  readonly audit: Pick<AuditLog, 'size' | 'witnessed' | 'refusal' | 'waiting'>
  readonly debts: Pick<Debts, 'count'>
  readonly network: Pick<Network, 'connected'>
  readonly self: Pick<Self, 'did' | 'keyId' | 'refusal'>
  readonly dids: Pick<DidBook, 'resolve'>
  readonly shelf: Pick<PolicyShelf, 'allInForce'>
  readonly trust: Trust
  readonly statuses: Pick<StatusCache, 'ends'>
  readonly bundles: Bundles
  readonly island: Pick<Island, 'on'>
  readonly introductions: Pick<Introductions, 'chain'>
  readonly obligations: Obligations
  readonly tokens: Pick<Tokens, 'list'>
  readonly openExchanges: OpenExchanges
  readonly webhooks: Pick<Webhooks, 'counts'>
  /** Left out where there is no machine, as in a simulation. */
  readonly machine?: Machine | undefined
  readonly version: string
}

const slowMs = 30_000
/** Our own DID is read from our own disk. */
const ownMs = 1_000

export class Readings {
  readonly #watched: Watched
  #slow: { readonly atMs: number; readonly readings: readonly Reading[] } | undefined

  constructor(watched: Watched) {
    this.#watched = watched
  }

  async now(): Promise<readonly Reading[]> {
    const atMs = this.#watched.clock.monotonicMs()
    if (!this.#slow || atMs - this.#slow.atMs >= slowMs) this.#slow = { atMs, readings: await slowReadings(this.#watched) }
    return [...quickReadings(this.#watched), ...this.#slow.readings, ...machineReadings(this.#watched)]
  }
}

function reading(name: MetricName, value: number): Reading {
  return { name, samples: [[{}, value]] }
}

function quickReadings({ audit, debts, network, openExchanges, self, webhooks, version }: Watched): readonly Reading[] {
  const roles = ['requester', 'holder'] as const
  return [
    { name: 'dfft_info', samples: [[{ version }, 1]] },
    {
      name: 'dfft_exchanges_open',
      samples: roles.flatMap((role) => toldStates.map((state) => [{ role, state }, openExchanges.count(role, state)] as const)),
    },
    reading('dfft_log_entries', audit.size),
    reading('dfft_log_unwitnessed_entries', audit.size - audit.witnessed()),
    reading('dfft_log_queue', audit.waiting),
    reading('dfft_log_refuses', audit.refusal ? 1 : 0),
    reading('dfft_key_unusable', self.refusal ? 1 : 0),
    reading('dfft_receipts_owed', debts.count()),
    reading('dfft_partners_connected', network.connected().length),
    reading('dfft_webhook_queue', webhooks.counts().queued),
    reading('dfft_webhook_dead_letters', webhooks.counts().dead),
  ]
}

async function slowReadings(watched: Watched): Promise<readonly Reading[]> {
  const { clock, shelf, island, statuses } = watched
  const nowMs = clock.nowMs()
  const { overdue, breaches, keys } = await dutyCounts(watched, nowMs)
  const lists = [...statuses.ends()]
  const signingMs = await signingSinceMs(watched, clock.timeout(ownMs)).catch(() => null)
  const fresh = lists.filter(({ untilMs }) => untilMs > nowMs).length
  return [
    reading('dfft_island', island.on(nowMs) ? 1 : 0),
    reading('dfft_policies_in_force', shelf.allInForce(nowMs).length),
    { name: 'dfft_lapse_timestamp_seconds', samples: [...endsOf(watched, nowMs)].map(([kind, atMs]) => [{ kind }, Math.floor(atMs / 1000)]) },
    ...(signingMs === null ? [] : [reading('dfft_signing_key_start_timestamp_seconds', Math.floor(signingMs / 1000))]),
    {
      name: 'dfft_status_lists',
      samples: [
        [{ state: 'fresh' }, fresh],
        [{ state: 'stale' }, lists.length - fresh],
      ],
    },
    reading('dfft_duties_overdue', overdue),
    reading('dfft_breaches_suspected', breaches),
    reading('dfft_data_key_troubles', keys.length),
  ]
}

/** When the first of each kind ends. */
function endsOf(watched: Watched, nowMs: number): ReadonlyMap<string, number> {
  const first = new Map<string, number>()
  const ends = (kind: string, atMs: number) => first.set(kind, Math.min(atMs, first.get(kind) ?? Number.POSITIVE_INFINITY))
  for (const { kind, at } of lapses(reliedOn(watched, nowMs), nowMs, Number.POSITIVE_INFINITY)) ends(kind, msOf(at))
  for (const { validUntil } of watched.introductions.chain()) ends('own-accreditation', msOf(validUntil))
  for (const { state, until } of watched.tokens.list()) if (state === 'active' && until !== null) ends('token', msOf(until))
  return first
}

/** What an operator on an island would be told ends. */
export function reliedOn(
  { trust, shelf, statuses, bundles, island }: Pick<Watched, 'trust' | 'shelf' | 'statuses' | 'bundles' | 'island'>,
  nowMs: number,
): Parameters<typeof lapses>[0] {
  return {
    documents: [...trust.shelf.documents(), ...trust.shelf.forsaken()],
    policies: shelf.allInForce(nowMs),
    lists: statuses.ends(),
    bundles: bundles.reader.lines.map(({ manifest }) => manifest),
    island: island.on(nowMs),
  }
}

function machineReadings({ machine }: Watched): readonly Reading[] {
  const now = machine?.now()
  if (!now) return []
  const { cpuS, residentBytes, heapBytes, lagS, startedMs, disk, openFiles } = now
  return [
    ...(disk ? [reading('dfft_disk_free_bytes', disk.freeBytes), reading('dfft_disk_size_bytes', disk.sizeBytes)] : []),
    reading('process_cpu_seconds_total', cpuS),
    reading('process_resident_memory_bytes', residentBytes),
    reading('process_start_time_seconds', Math.floor(startedMs / 1000)),
    ...(openFiles === null ? [] : [reading('process_open_fds', openFiles)]),
    reading('nodejs_heap_size_used_bytes', heapBytes),
    reading('nodejs_eventloop_lag_max_seconds', lagS),
  ]
}
