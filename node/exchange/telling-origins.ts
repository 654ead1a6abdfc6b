/** The record of a transfer, told to who transferred the data here, where its agreement has the duty to keep one: in the batch of the release. */
import type { Write } from '#node/ports.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { type Did, instant } from '#protocols/ids.ts'
import type { Chosen } from './choosing.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { type ExchangeRecord, getRecord } from './exchange-record.ts'
import { transferIn } from './transfers.ts'

export async function passedOn(
  { request, chosen }: { readonly request: Request; readonly chosen: Chosen },
  { id: onto, agreement: agreed }: ExchangeRecord,
  { notices, store, clock }: ExchangeNeeds,
): Promise<{ readonly origins: readonly Did[]; readonly writes: readonly Write[] }> {
  const last = chosen.answers.flatMap(({ known: { transfers = [] } }) => transfers.at(-1) ?? [])
  const recorded = last.filter((transfer) => transferIn(transfer).obligations.some(({ type }) => type === 'transfer-record'))
  const writes: Write[] = []
  const origins = new Set<Did>()
  for (const [exchange, { request: first, exporter }] of new Map(recorded.map(({ record }) => [record.request.exchange, record]))) {
    const release = (await getRecord(store, exchange))?.release
    if (!release || agreed === null) continue
    const passed = { onto, agreed, to: request.from, jurisdiction: request.accreditation.jurisdiction, passed: instant(clock.nowMs()) }
    writes.push(...(await notices.draft({ id: exchange, partner: first.to }, { kind: 'passed-on', release, agreement: exporter.hash, ...passed })).writes)
    origins.add(first.to)
  }
  return { origins: [...origins], writes }
}
