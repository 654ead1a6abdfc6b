/** Pages of operational records, newest exchange first. */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import { type ExchangeRecord, getRecord, newestFirst } from '#node/exchange/exchange-record.ts'
import type { Store } from '#node/ports.ts'
import { type Did, type Instant, msOf } from '#protocols/ids.ts'
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
