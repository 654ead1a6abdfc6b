/** The end of the record of a transfer: what is left of it is what the log says, which are digests. */
import { receivedKey } from '#node/credentials/wallet.ts'
import { basisKey } from '#node/evidence/basis.ts'
import { partnerKey } from '#node/evidence/partner-log.ts'
import { type ExchangeRecord, getRecord, keysOf } from '#node/exchange/exchange-record.ts'
import { noticesPrefix } from '#node/exchange/notices.ts'
import { releaseKey } from '#node/exchange/release-core.ts'
import type { Store, Write } from '#node/ports.ts'
import { getJson, scanJson } from '#node/stored.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type Duty, dutiesOf, dutyKey, dutyLimits, dutyRows, postponed, questionKey, usesPrefix } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'

/** While received data are here, or a duty or notice of the exchange waits, its record is what says how to treat them, and stays. */
export async function endRecord(due: Duty, needs: ObligationNeeds): Promise<void> {
  const { store, audit, clock } = needs
  if ((await getJson<Duty>(store, dutyKey(due)))?.state !== 'open') return
  const record = await getRecord(store, due.exchange)
  const left = await leftOf(due.exchange, record, needs)
  if (left.needed) {
    const overdueMs = Math.max(0, clock.nowMs() - due.dueMs)
    return void (await audit.keep(postponed(due, overdueMs + dutyLimits.postponedMs)))
  }
  const facts = { partner: due.partner, agreement: record?.agreement ?? null, until: due.until }
  await audit.append([{ kind: 'record-deleted', exchange: due.exchange, facts }], left.deletes)
}

/** What there is of an exchange beside the log. */
interface Left {
  /** Something of it is owed still, by us or to us, or the data are here. */
  readonly needed: boolean
  readonly deletes: readonly Write[]
}

export async function leftOf(exchange: ExchangeId, record: ExchangeRecord | undefined, { store, contents, notices }: ObligationNeeds): Promise<Left> {
  const duties = await dutiesOf(store, exchange)
  const told = await notices.of(exchange)
  const waits = told.some(({ direction, acknowledgement, refused }) => direction === 'sent' && !acknowledgement && !refused)
  const open = duties.some(({ kind, state }) => kind !== 'transfer-record' && state !== 'done')
  const needed = open || waits || (record !== undefined && ((await dataHere(record, store)) || (await contents.here(record.id))))
  const files = (await contents.rowsOf(exchange)).map((row) => ({ del: row }))
  const questions = told.flatMap(({ direction, notice: { about } }) =>
    direction === 'received' && about.kind === 'onward-asked' ? [{ del: questionKey(about.onto) }] : [],
  )
  return { needed, deletes: [...(await rowsOf(exchange, record, store)), ...files, ...questions, ...duties.flatMap(dutyRows)] }
}

async function dataHere({ role, credentials }: ExchangeRecord, store: Store): Promise<boolean> {
  if (role !== 'requester') return false
  for (const { credential } of credentials) if (credential !== null && (await store.get(receivedKey(credential)))) return true
  return false
}

async function rowsOf(exchange: ExchangeId, record: ExchangeRecord | undefined, store: Store): Promise<Write[]> {
  const own = [...(await keysOf(store, exchange, record?.startedMs)), releaseKey(exchange), basisKey(exchange), partnerKey(exchange)]
  for (const prefix of [noticesPrefix(exchange), usesPrefix(exchange)]) for await (const [key] of scanJson(store, prefix)) own.push(key)
  return own.map((key) => ({ del: key }))
}
