/** What an operator sees of the duties of exchanges. */
import type { DutyView } from '#node/api/exchanges.ts'
import type { OutputOf } from '#node/api.ts'
import { type ExchangeRecord, recordNamed } from '#node/exchange/exchange-record.ts'
import type { Store } from '#node/ports.ts'
import { scanJson } from '#node/stored.ts'
import type { JointObligation } from '#policies/joint-obligation.ts'
import { type ExchangeId, instant } from '#protocols/ids.ts'
import { breachedDuties, type Duty, dutiesOf, openDuties, usesPrefix } from './duties.ts'
import type { Obligations } from './obligations.ts'

/** Who carries out what was agreed: the node by itself, people, or people with the node's help. See docs/obligations.md. */
const carriedOutBy: Readonly<Record<JointObligation['type'], 'node' | 'people' | 'both'>> = {
  retention: 'node',
  'transfer-record': 'node',
  'purpose-limit': 'both',
  'onward-transfer': 'node',
  'breach-notice': 'both',
  'status-age': 'node',
  'supplementary-rules': 'people',
  consent: 'both',
}

interface Desk {
  readonly store: Store
  readonly obligations: Obligations
}

export async function listDuties({ state, limit }: { state?: 'open' | 'breach' | undefined; limit: number }, desk: Desk): Promise<OutputOf<'obligationList'>> {
  const breaches = state === 'open' ? [] : await breachedDuties(desk.store, limit)
  const open = state === 'breach' ? [] : await openDuties(desk.store, limit - breaches.length)
  return { duties: [...breaches, ...open].slice(0, limit).map(dutyView), keys: keysView(desk) }
}

/** @throws {TrustError} DFFT_NOT_FOUND */
export async function showDuties(exchange: ExchangeId, { store }: Desk): Promise<OutputOf<'obligationShow'>> {
  const record = await recordNamed(store, exchange)
  const uses: OutputOf<'obligationShow'>['uses'] = []
  for await (const [, { purpose, at, code }] of scanJson<(typeof uses)[number]>(store, usesPrefix(exchange))) uses.push({ purpose, at, code })
  uses.sort((one, other) => Number(one.at > other.at) - Number(one.at < other.at))
  const duties = await dutiesOf(store, exchange)
  return { exchange, role: record.role, partner: record.partner, agreed: agreedView(record), duties: duties.map(dutyView), uses }
}

/** How much of it an operator has to look at. */
export async function dutyCounts({ store, obligations }: Desk, nowMs: number): Promise<OutputOf<'status'>['obligations']> {
  const [overdue, breaches] = [await openDuties(store, countedMax, nowMs), await breachedDuties(store, countedMax)]
  return { overdue: overdue.length, breaches: breaches.length, keys: keysView({ obligations }) }
}

const countedMax = 1000

export function dutyView({ exchange, partner, kind, dueMs, until, state, doneAt, notice, late, statement, toldBy }: Duty): DutyView {
  return { exchange, partner, kind, dueAt: instant(dueMs), until, state, doneAt, notice, late, statement: statement ?? null, toldBy: toldBy ?? null }
}

function agreedView({ credentials }: ExchangeRecord): OutputOf<'obligationShow'>['agreed'] {
  return credentials.flatMap(({ id, obligations }) =>
    obligations.map((duty) => ({ credential: id, duty, by: carriedOutBy[duty.type as JointObligation['type']] ?? 'people' })),
  )
}

function keysView({ obligations }: Pick<Desk, 'obligations'>): OutputOf<'obligationList'>['keys'] {
  return obligations.trouble.map(({ what, keys }) => ({ what, keys, code: 'DFFT_DATA_KEYS' }))
}
