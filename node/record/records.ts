/** Pages of operational records, newest exchange first, and what monitoring sees of this moment. */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Debts } from '#node/exchange/debts.ts'
import { type ExchangeRecord, getRecord } from '#node/exchange/exchange-record.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Network, Store } from '#node/ports.ts'
import { after } from '#node/stored.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import type { Gauge } from './metrics.ts'
import { operationalRecordOf } from './operational.ts'

export interface RecordsWish {
  readonly state?: ExchangeRecord['state'] | undefined
  readonly partner?: Did | undefined
  /** When it began: from, inclusive, and until, exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly limit: number
  /** The `next` of the page before. */
  readonly before?: string | undefined
}

interface Needs {
  readonly store: Store
  readonly audit: AuditLog
  readonly self: { readonly did: Did }
}

const prefix = 'exchange/time/'
/** Exchanges looked at for one page: those left out count, or a filter that fits nothing would read the whole store in one call. */
const lookedAtMax = 10_000

export async function operationalRecords(wish: RecordsWish, needs: Needs): Promise<OutputOf<'exchangeRecords'>> {
  const { store } = needs
  const { since, until, before, limit } = wish
  const from = since === undefined ? prefix : `${prefix}${padded(Date.parse(since))}`
  const ends = [
    after(prefix),
    ...(until === undefined ? [] : [`${prefix}${padded(Date.parse(until))}`]),
    ...(before === undefined ? [] : [`${prefix}${before}`]),
  ]
  const to = ends.sort()[0] as string // There is one at least.
  const records: OutputOf<'exchangeRecords'>['records'] = []
  let looked = 0
  if (from < to) {
    for await (const [key] of store.scan({ from, to, reverse: true, limit: lookedAtMax })) {
      looked++
      const record = await getRecord(store, key.slice(key.lastIndexOf('/') + 1) as ExchangeId) // Index keys end in the id they were written with.
      if (record && fits(record, wish)) records.push(await operationalRecordOf(record, needs))
      if (records.length === limit || looked === lookedAtMax) return { records, next: key.slice(prefix.length) }
    }
  }
  return { records, next: null }
}

function fits(record: ExchangeRecord, { state, partner }: RecordsWish): boolean {
  return (state === undefined || record.state === state) && (partner === undefined || record.partner === partner)
}

function padded(ms: number): string {
  return String(ms).padStart(15, '0')
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
