/**
 * What this node has to do, or to wait for, after an exchange, as it stands in the store: written in the batch of the act that it comes
 * from, found by the time at which it is due.
 *
 *     obligation/of/<exchange>/<kind>-<ms>       the duty
 *     obligation/due/<ms>/<exchange>/<kind>      until it is done
 *     obligation/breach/<ms>/<exchange>/<kind>   what is missing, or was told, and a person has to look at
 *     obligation/use/<exchange>/<digest>         what was read of received data
 *     onward/asked/<exchange>                    the question of a duty `onward-question`, by the exchange for which it was asked
 */
import { type ExchangeRecord, padded, type RecordPart } from '#node/exchange/exchange-record.ts'
import type { DataKeyId, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import type { JointObligation } from '#policies/joint-obligation.ts'
import { type Did, type Digest, type ExchangeId, type Instant, instant, msOf } from '#protocols/ids.ts'

export const dutyLimits = {
  /** A partner that cannot be reached at the due time has so long to attest the deletion: a week outlasts holidays and repairs. */
  graceMs: 7 * 86_400_000,
  /** What is due is looked for as often, since a wall clock may be set; and a day's duties are never late by more. */
  lookMs: 3_600_000,
  /** What could not be done is tried again: a full disk is not freed within seconds. */
  againMs: 60_000,
  /** Carried out together, with one rewriting of the keys. */
  atOnce: 256,
  /** A record whose data are still here, or whose notices still wait, is looked at again after this. */
  postponedMs: 30 * 86_400_000,
  /** The record of an exchange that came to nothing: for a year a refusal by an authority can be objected to, and then it is nobody's business. */
  nothingKeptMs: 366 * 86_400_000,
} as const

export type DutyKind = 'retention' | 'attestation' | 'transfer-record' | 'breach' | 'onward-question' | 'passed-on'

/** One duty of one side of an exchange. */
export interface Duty {
  readonly exchange: ExchangeId
  readonly partner: Did
  /** `retention`: ours to delete. `attestation`: the partner's to attest. `transfer-record`: ours to keep until then. `breach`: told, by us or to us.
   * `onward-question`: a person's to answer until then. `passed-on`: what we released went on, as its recipient told us. */
  readonly kind: DutyKind
  /** When it is carried out, or, of an attestation, found missing. */
  readonly dueMs: number
  /** As agreed; of a breach when it was discovered. */
  readonly until: Instant
  readonly state: 'open' | 'done' | 'missed'
  readonly doneAt: Instant | null
  /** Of the notice that was sent or came. */
  readonly notice: Digest | null
  /** Done, or told, behind its time. */
  readonly late: boolean
  /** Retention: what is deleted. */
  readonly key?: DataKeyId
  readonly rows?: readonly string[]
  /** Breach: the words of the notice, and which side told them. */
  readonly statement?: string
  readonly toldBy?: Did
}

export function dutyKey({ exchange, kind, dueMs }: Pick<Duty, 'exchange' | 'kind' | 'dueMs'>): string {
  return `obligation/of/${exchange}/${kind}-${padded(dueMs)}`
}

/** Under which lies what was read of received data, for which purpose. */
export function usesPrefix(exchange: ExchangeId): string {
  return `obligation/use/${exchange}/`
}

export function questionKey(onto: ExchangeId): string {
  return `onward/asked/${onto}`
}

const due = 'obligation/due/'
const breaches = 'obligation/breach/'

function indexKey(prefix: string, { exchange, kind, dueMs }: Pick<Duty, 'exchange' | 'kind' | 'dueMs'>): string {
  return `${prefix}${padded(dueMs)}/${exchange}/${kind}`
}

/** The writes that bring a duty to its state. */
export function dutyWrites(duty: Duty): Write[] {
  const index = (prefix: string, there: boolean): Write => (there ? putJson(indexKey(prefix, duty), {}) : { del: indexKey(prefix, duty) })
  return [
    putJson(dutyKey(duty), duty),
    index(due, duty.state === 'open'),
    ...(duty.state === 'missed' || duty.kind === 'breach' ? [index(breaches, true)] : []),
  ]
}

/** What an attestation that came after all takes away: the breach is none any more. */
export function settledWrites(duty: Duty): Write[] {
  return [...dutyWrites(duty), { del: indexKey(breaches, duty) }]
}

/** A duty that is looked at later than it was to be. */
export function postponed(duty: Duty, byMs: number): Write[] {
  const later = { ...duty, dueMs: duty.dueMs + byMs }
  return [{ del: dutyKey(duty) }, { del: indexKey(due, duty) }, ...dutyWrites(later)]
}

/** All that a duty has in the store. */
export function dutyRows(duty: Duty): Write[] {
  return [{ del: dutyKey(duty) }, { del: indexKey(due, duty) }, { del: indexKey(breaches, duty) }]
}

export async function dutiesOf(store: Store, exchange: ExchangeId): Promise<Duty[]> {
  const found: Duty[] = []
  for await (const [, duty] of scanJson<Duty>(store, `obligation/of/${exchange}/`)) found.push(duty)
  return found
}

/** Two of a kind may be told within one second: each has a place of its own, at `fromMs` or behind it. */
export async function freeMs(wanted: DutyKind, { id }: Pick<ExchangeRecord, 'id'>, fromMs: number, store: Store): Promise<number> {
  const taken = new Set((await dutiesOf(store, id)).filter(({ kind }) => kind === wanted).map(({ dueMs }) => dueMs))
  let ms = fromMs
  while (taken.has(ms)) ms++
  return ms
}

/** Open ones, soonest first. @param byMs only those that are due by then */
export function openDuties(store: Store, limit: number, byMs = Number.MAX_SAFE_INTEGER): Promise<Duty[]> {
  return indexed(store, due, limit, byMs)
}

/** What a person has to look at, oldest first. */
export function breachedDuties(store: Store, limit: number): Promise<Duty[]> {
  return indexed(store, breaches, limit, Number.MAX_SAFE_INTEGER)
}

async function indexed(store: Store, prefix: string, limit: number, byMs: number): Promise<Duty[]> {
  const found: Duty[] = []
  for await (const [key] of scanJson(store, prefix, { limit })) {
    const [ms = '', exchange = '', kind = ''] = key.slice(prefix.length).split('/')
    if (Number(ms) > byMs) break
    const duty = await getJson<Duty>(store, dutyKey({ exchange: exchange as ExchangeId, kind: kind as DutyKind, dueMs: Number(ms) })) // As indexKey() wrote it.
    if (duty) found.push(duty)
  }
  return found
}

type Agreed = Pick<ExchangeRecord, 'id' | 'partner' | 'obligations'>

/** Both sides keep the record of a transfer as long as the longest of its duties says. */
export function recordDuty(record: Agreed): Duty[] {
  const ends = obligationsOf(record, 'transfer-record').map(({ until }) => until)
  const [until] = ends.sort().slice(-1)
  return until === undefined ? [] : [duty(record, 'transfer-record', until, msOf(until))]
}

/** The exporter waits for one attestation of each end that was agreed on. */
export function attestationDuties(record: Agreed): Duty[] {
  const ends = new Set(obligationsOf(record, 'retention').map(({ until }) => until))
  return [...ends].map((until) => duty(record, 'attestation', until, msOf(until) + dutyLimits.graceMs))
}

export function retentionDuty(record: Agreed, until: Instant, key: DataKeyId, rows: readonly string[]): Duty {
  return { ...duty(record, 'retention', until, msOf(until)), key, rows }
}

/** Told to us or by us; it stays until a person has dealt with the exchange. */
export function breachDuty(
  record: Agreed,
  told: Required<Pick<Duty, 'statement' | 'toldBy' | 'late'>> & { atMs: number; notice: Digest; discovered: Instant },
): Duty {
  const { atMs, notice, discovered, ...words } = told
  return { ...duty(record, 'breach', discovered, atMs), state: 'done', doneAt: instant(atMs), notice, ...words }
}

/** Whether data may go on is asked of us: until the time is over. */
export function questionDuty(
  record: Agreed,
  { until, ...told }: Required<Pick<Duty, 'until' | 'statement' | 'toldBy'>> & { readonly notice: Digest },
  dueMs = msOf(until),
): Duty {
  return { ...duty(record, 'onward-question', until, dueMs), ...told }
}

/** What we released went on. */
export function passedOnDuty(
  record: Agreed,
  { atMs, ...told }: Required<Pick<Duty, 'statement' | 'toldBy'>> & { readonly notice: Digest; readonly atMs: number },
): Duty {
  return { ...duty(record, 'passed-on', instant(atMs), atMs), state: 'done', doneAt: instant(atMs), ...told }
}

function duty({ id, partner }: Agreed, kind: DutyKind, until: Instant, dueMs: number): Duty {
  return { exchange: id, partner, kind, dueMs, until, state: 'open', doneAt: null, notice: null, late: false }
}

/** When what was received of a credential has to be gone; null where nothing says so. */
export function retentionEnd({ obligations }: Pick<RecordPart, 'obligations'>): Instant | null {
  const [until] = obligationsOf({ obligations }, 'retention')
    .map((one) => one.until)
    .sort()
  return until ?? null
}

export function obligationsOf<Type extends JointObligation['type']>(
  { obligations }: Pick<RecordPart, 'obligations'>,
  type: Type,
): Extract<JointObligation, { type: Type }>[] {
  const joint = obligations as unknown as readonly JointObligation[] // As both sides decided them.
  return joint.filter((one): one is Extract<JointObligation, { type: Type }> => one.type === type)
}
