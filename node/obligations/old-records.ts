/**
 * The end of records of exchanges that came to nothing: refused, declined, cancelled, expired, or ended before anything was released. No duty
 * says how long they are kept; they go after a time that is the same for all. What the log says of them stays.
 */
import { endedKey, endedPrefix, endedWithNothing, getRecord, isOpen } from '#node/exchange/exchange-record.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { type ExchangeId, instant } from '#protocols/ids.ts'
import { dutyLimits } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'
import { leftOf } from './transfer-record.ts'

/** Ends all whose time is over. What is owed of one still, such as a notice that waits for its partner, keeps its record until later. */
export async function endOldRecords(needs: ObligationNeeds): Promise<void> {
  const { store, clock, locks } = needs
  for (;;) {
    const rows: string[] = []
    for await (const [key] of scanJson(store, endedPrefix, { limit: dutyLimits.atOnce }))
      if (endedMs(key) + dutyLimits.nothingKeptMs <= clock.nowMs()) rows.push(key)
    if (rows.length === 0) return
    for (const row of rows) {
      const id = row.slice(row.lastIndexOf('/') + 1) as ExchangeId // As endedKey() wrote it.
      await locks.run(id, () => endOne(id, row, needs))
    }
  }
}

function endedMs(row: string): number {
  return Number(row.slice(endedPrefix.length, row.lastIndexOf('/')))
}

async function endOne(id: ExchangeId, row: string, needs: ObligationNeeds): Promise<void> {
  const { store, audit, clock } = needs
  const record = await getRecord(store, id)
  // It went on after all, or has gone: then it has another end.
  if (!record || !endedWithNothing(record) || endedMs(row) < record.updatedMs) return void (await audit.keep([{ del: row }]))
  const left = await leftOf(id, record, needs)
  if (left.needed || (await isOpen(store, id))) {
    const later = endedKey({ id, updatedMs: clock.nowMs() - dutyLimits.nothingKeptMs + dutyLimits.postponedMs })
    return void (await audit.keep([{ del: row }, putJson(later, {})]))
  }
  const facts = { partner: record.partner, ended: instant(record.updatedMs) }
  await audit.append([{ kind: 'record-deleted', exchange: id, facts }], [...left.deletes, { del: row }])
}
