/** The end of received data: its key is destroyed before this is called. */
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import type { DataKeyId, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { type Digest, instant } from '#protocols/ids.ts'
import { type Duty, dutyKey, dutyLimits, dutyWrites } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

/** The key that was taken last: a file of keys that lacks it is older than the store, unless the key has had its end. */
export const lastKey = 'obligation/last-key'

export interface LastKey {
  readonly id: DataKeyId
  readonly destroyed?: true
}

/** Deletes what the key had sealed, and writes down in the same batch that it is gone and the word of it to the exporter. */
export async function deleteReceived(due: Duty, record: ExchangeRecord | undefined, { store, audit, notices, clock }: ObligationNeeds): Promise<void> {
  if ((await getJson<Duty>(store, dutyKey(due)))?.state !== 'open') return
  const nowMs = clock.nowMs()
  const { exchange, partner, until, rows = [] } = due
  const deleted = instant(nowMs)
  const about = attestable(record) && ({ kind: 'deleted', release: record.release, agreement: record.agreement, due: until, deleted } as const)
  const notice = record && about ? await notices.draft(record, about) : null
  const late = nowMs > due.dueMs + dutyLimits.lookMs + dutyLimits.againMs
  const done: Duty = { ...due, state: 'done', doneAt: deleted, notice: notice?.digest ?? null, late, rows: [] }
  const gone: Write[] = rows.map((row) => ({ del: row }))
  const last = await getJson<LastKey>(store, lastKey)
  if (last && last.id === due.key) gone.push(putJson(lastKey, { id: last.id, destroyed: true } satisfies LastKey))
  const facts = { partner, release: record?.release ?? null, agreement: record?.agreement ?? null, due: until, late, notice: done.notice }
  await audit.append([{ kind: 'deleted', exchange, facts }], [...gone, ...dutyWrites(done), ...(notice?.writes ?? [])])
}

function attestable(record: ExchangeRecord | undefined): record is ExchangeRecord & { readonly release: Digest; readonly agreement: Digest } {
  return record !== undefined && record.release !== null && record.agreement !== null
}
