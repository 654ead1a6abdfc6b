/** Pages of operational records, newest exchange first, and what monitoring sees of this moment. */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Debts } from '#node/exchange/debts.ts'
import { type ExchangeRecord, getRecord, newestFirst } from '#node/exchange/exchange-record.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Network, Store } from '#node/ports.ts'
import { type Did, type Instant, msOf } from '#protocols/ids.ts'
import type { Gauge } from './metrics.ts'
import { operationalRecordOf } from './operational.ts'

export interface RecordsWish {
  readonly state?: ExchangeRecord['state'] | undefined
  readonly partner?: Did | undefined
  /** When it began: from, inclusive, and until, exclusive. */
  readonly since?: Instant | undefined
  readonly until?: Instant | undefined
  readonly limit: number
  /** The `next` of the page before. */
  readonly before?: string | undefined
}

interface Needs {
  readonly store: Store
  readonly audit: AuditLog
  readonly self: { readonly did: Did }
}

/** Exchanges looked at for one page: those left out count, or a filter that fits nothing would read the whole store in one call. */
const lookedAtMax = 10_000

export async function operationalRecords(wish: RecordsWish, needs: Needs): Promise<OutputOf<'exchangeRecords'>> {
  const { store } = needs
  const { since, until, before, limit } = wish
  const msIn = (instant: Instant | undefined) => (instant === undefined ? undefined : msOf(instant))
  const span = { sinceMs: msIn(since), untilMs: msIn(until), before, limit: lookedAtMax }
  const records: OutputOf<'exchangeRecords'>['records'] = []
  let looked = 0
  for await (const { id, place } of newestFirst(store, span)) {
    looked++
    const record = await getRecord(store, id)
    if (record && fits(record, wish)) records.push(await operationalRecordOf(record, needs))
    if (records.length === limit || looked === lookedAtMax) return { records, next: place }
  }
  return { records, next: null }
}

function fits(record: ExchangeRecord, { state, partner }: RecordsWish): boolean {
  return (state === undefined || record.state === state) && (partner === undefined || record.partner === partner)
}

interface Watched {
  readonly audit: Pick<AuditLog, 'size' | 'witnessed' | 'refusal'>
  readonly debts: Pick<Debts, 'count'>
  readonly network: Pick<Network, 'connected'>
  readonly shelf: Pick<PolicyShelf, 'allInForce'>
  readonly clock: Pick<Clock, 'nowMs'>
}

export function gauges({ audit, debts, network, shelf, clock }: Watched): readonly Gauge[] {
  return [
    { name: 'dfft_log_entries', help: 'Entries of the audit log on disk.', value: audit.size },
    { name: 'dfft_log_unwitnessed_entries', help: 'Entries not yet under a checkpoint that a partner co-signed.', value: audit.size - audit.witnessed() },
    { name: 'dfft_log_refuses', help: '1 once the disk refused a record: then nothing is released.', value: audit.refusal ? 1 : 0 },
    { name: 'dfft_receipts_owed', help: 'Releases whose receipt is owed.', value: debts.count() },
    { name: 'dfft_partners_connected', help: 'Partners bound at this moment.', value: network.connected().length },
    { name: 'dfft_policies_in_force', help: 'Policies in force, of all jurisdictions held.', value: shelf.allInForce(clock.nowMs()).length },
  ]
}
