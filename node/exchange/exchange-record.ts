/**
 * One exchange as a node keeps it: where it stands, its messages, its decision. Stored before it is acted on, so that
 * after any crash it goes on, or ends in a state an operator can see.
 */

import type { ExchangeState, ExchangeView } from '#node/api/exchanges.ts'
import type { Store, Write } from '#node/ports.ts'
import { after, getJson, putJson, scanJson } from '#node/stored.ts'
import type { Decision } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { canonical, canonicalInParts } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Cosignature, Message, Presentation, Shown } from '#protocols/exchange/messages.ts'
import type { Did, Digest, ExchangeId, JsonPointer } from '#protocols/ids.ts'
import { instant } from '#protocols/ids.ts'

export interface ExchangeRecord {
  readonly id: ExchangeId
  readonly role: 'requester' | 'holder'
  readonly partner: Did
  readonly state: ExchangeState
  readonly credentialType: string
  readonly purpose: string
  readonly startedMs: number
  readonly updatedMs: number
  /** Past this a Request is not sent or answered again; a draft is not dialled any more. */
  readonly expiresMs: number
  readonly request: Digest | null
  readonly agreement: Digest | null
  /** Digest of what was released; the receipt names it. */
  readonly release: Digest | null
  readonly code: string | null
  /** What is agreed on, credential by credential, in the order in which they were chosen; the next members are of all of them together. */
  readonly credentials: readonly RecordPart[]
  readonly disclosed: readonly string[]
  readonly withheld: ExchangeView['withheld']
  readonly obligations: ExchangeView['obligations']
  /** The first credential shown, offered or received. */
  readonly credential: string | null
  readonly receipts: number
  /** A person said yes where the policies ask for it. */
  readonly consented: boolean
  /** Whose yes that was. */
  readonly consent?: Consent
  /** While a person is asked: what each credential said that the person was shown, by its id in the query. */
  readonly shown?: Readonly<Record<string, Digest>>
  /** Our cosignature over the partner’s checkpoint that came with its last message. */
  readonly cosignature: Cosignature | null
  /** Disputes that are not resolved; the state is `disputed` while there are any. */
  readonly disputes?: readonly Dispute[]
  /** While it is disputed: where the exchange stands apart from that. */
  readonly before?: ExchangeState
  /** The earlier exchange whose credential answered this one. */
  readonly reused?: ExchangeId
  /** While it is pending: the origins that are asked, and whether their yes is enough. */
  readonly back?: readonly AskedBack[]
  readonly alone?: boolean
}

/** A question to the origin of data that are to go on: on which exchange, by which notice. */
export interface AskedBack {
  readonly exchange: ExchangeId
  readonly partner: Did
  readonly notice: Digest
}

/** The yes of a person. */
export interface Consent {
  /** The subject of the credential, by its own node or by a record that it gave; or this node's operator alone. */
  readonly of: 'subject' | 'operator'
  /** Digest of the record in which the subject of a credential of somebody else consented; the record itself stays with whoever keeps it. */
  readonly record: Digest | null
}

/** Who disputes, by which notice. */
export interface Dispute {
  readonly by: 'us' | 'partner'
  readonly notice: Digest
}

/** One credential of an exchange. */
export interface RecordPart {
  /** Of the query's credential. */
  readonly id: string
  /** Which of the query's sets of claims is answered, from 0. */
  readonly claimSet: number | null
  readonly type: string
  readonly disclosed: readonly JsonPointer[]
  readonly withheld: ExchangeView['withheld']
  readonly obligations: ExchangeView['obligations']
  /** Credential shown, offered or received. */
  readonly credential: string | null
}

type Together = Pick<ExchangeRecord, 'credentials' | 'credentialType' | 'disclosed' | 'withheld' | 'obligations' | 'credential'>

/** The members of a record that follow its credentials; for a single one they are its own. */
export function together(credentials: readonly RecordPart[]): Together {
  const [only, ...others] = credentials
  if (only && others.length === 0) {
    const { type, disclosed, withheld, obligations, credential } = only
    return { credentials, credentialType: type, disclosed, withheld, obligations, credential }
  }
  return {
    credentials,
    credentialType: [...new Set(credentials.map(({ type }) => type))].join(', '),
    disclosed: [...new Set(credentials.flatMap(({ disclosed }) => disclosed))],
    withheld: distinct(credentials.flatMap(({ withheld }) => withheld)),
    obligations: distinct(credentials.flatMap(({ obligations }) => obligations)),
    credential: credentials.find(({ credential }) => credential !== null)?.credential ?? null,
  }
}

/** The same credentials where nothing of them was shown. */
export function nothingShown({ credentials }: Pick<ExchangeRecord, 'credentials'>): Together {
  return together(credentials.map((part) => ({ ...part, disclosed: [], obligations: [] })))
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [canonical(value), value])).values()]
}

/** The decision on one credential of a query. */
export interface Decided {
  readonly id: string
  readonly claimSet: number | null
  /** False for what was looked at and is not answered. */
  readonly chosen: boolean
  readonly question: Question
  readonly decision: Decision
}

/** States in which this side has something left to do or to wait for. */
const openStates: ReadonlySet<ExchangeState> = new Set(['drafted', 'offered', 'requested', 'agreed', 'pending', 'released', 'receipted'])

/** Where an exchange stands, disputed or not. */
export function standing({ state, before }: Pick<ExchangeRecord, 'state' | 'before'>): ExchangeState {
  return before ?? state
}

/** The record at its next station; that of a disputed one is where it comes back to. */
export function movedTo(record: ExchangeRecord, state: ExchangeState): ExchangeRecord {
  return record.before === undefined ? { ...record, state } : { ...record, before: state }
}

/** What is written beside a record: messages and decisions, each of them once. */
interface Added {
  readonly messages?: readonly (Message | undefined)[]
  readonly decided?: readonly Decided[] | undefined
}

/** The writes that bring a record to its next state. */
export function recordWrites(record: ExchangeRecord, added: Added = {}): Write[] {
  const { id, startedMs } = record
  const writes: Write[] = [putJson(headKey(id), storedAs(record)), { put: timeKey(id, startedMs), value: nothing }]
  writes.push(openStates.has(standing(record)) ? keptOpen(id) : notOpen(id))
  if (endedWithNothing(record)) writes.push({ put: endedKey(record), value: nothing })
  for (const message of added.messages ?? []) if (message) writes.push(putJson(messageKey(id, message.type), message))
  if (added.decided) writes.push({ put: decisionKey(id), value: Buffer.from(`[${added.decided.map(decidedText).join(',')}]`) })
  return writes
}

/** Both halves of a decision stand in those of other exchanges that were decided with it. */
function decidedText(one: Decided): string {
  canonicalInParts(one.decision)
  return canonicalInParts(one)
}

/** States of an exchange that came to nothing, where nothing was released. */
const nothingStates: ReadonlySet<ExchangeState> = new Set(['refused', 'rejected', 'expired', 'cancelled'])

/** Nothing follows from it: its record is kept for a time, and for no duty. */
export function endedWithNothing({ state, release }: Pick<ExchangeRecord, 'state' | 'release'>): boolean {
  return release === null && nothingStates.has(state)
}

export const endedPrefix = 'exchange/ended/'

/** By when it ended. */
export function endedKey({ id, updatedMs }: Pick<ExchangeRecord, 'id' | 'updatedMs'>): string {
  return `${endedPrefix}${padded(updatedMs)}/${id}`
}

/** Whether it is taken up at the next start. */
export async function isOpen(store: Store, id: ExchangeId): Promise<boolean> {
  return (await store.get(`${open}${id}`)) !== undefined
}

/** Taken up at the next start, whatever its state says. */
export function keptOpen(id: ExchangeId): Write {
  return { put: `${open}${id}`, value: nothing }
}

export function notOpen(id: ExchangeId): Write {
  return { del: `${open}${id}` }
}

/** In the store, what follows from its credentials is left out of a record: it is written with each act, and half of it would be said twice. */
type Stored = Omit<ExchangeRecord, keyof Together> & Pick<ExchangeRecord, 'credentials'>

function storedAs({ credentialType, disclosed, withheld, obligations, credential, ...stored }: ExchangeRecord): Stored {
  return stored
}

/** An empty object. */
const nothing = Buffer.from('{}')

const open = 'exchange/open/'

/** Whether a key says that an exchange is open. */
export function isOpenKey(key: string): boolean {
  return key.startsWith(open)
}

function messagesOfPrefix(id: ExchangeId): string {
  return `exchange/message/${id}/`
}

export function messageKey(id: ExchangeId, type: Message['type']): string {
  return `${messagesOfPrefix(id)}${type}`
}

function decisionKey(id: ExchangeId): string {
  return `exchange/decision/${id}`
}

/** There once what was receipted is not shown any more. */
export function withdrawnKey(id: ExchangeId): string {
  return `exchange/withdrawn/${id}`
}

/** All that lies here of an exchange. @param startedMs of its record, where there is one still */
export async function keysOf(store: Store, id: ExchangeId, startedMs: number | undefined): Promise<readonly string[]> {
  const keys = [headKey(id), `${open}${id}`, decisionKey(id), withdrawnKey(id), wishKey(id)]
  if (startedMs !== undefined) keys.push(timeKey(id, startedMs))
  for await (const [key] of scanJson(store, messagesOfPrefix(id))) keys.push(key)
  return keys
}

export function headKey(id: ExchangeId): string {
  return `exchange/head/${id}`
}

export async function getRecord(store: Store, id: ExchangeId): Promise<ExchangeRecord | undefined> {
  const stored = await getJson<Stored>(store, headKey(id))
  return stored && { ...stored, ...together(stored.credentials) }
}

/** @throws {TrustError} DFFT_NOT_FOUND */
export async function recordNamed(store: Store, id: ExchangeId): Promise<ExchangeRecord> {
  const record = await getRecord(store, id)
  if (!record) throw new TrustError('DFFT_NOT_FOUND', `there is no exchange \`${id}\``)
  return record
}

export function getMessage<Type extends Message['type']>(store: Store, id: ExchangeId, type: Type): Promise<Extract<Message, { type: Type }> | undefined> {
  return getJson<Extract<Message, { type: Type }>>(store, messageKey(id, type))
}

export function getDecided(store: Store, id: ExchangeId): Promise<readonly Decided[] | undefined> {
  return getJson<readonly Decided[]>(store, decisionKey(id))
}

/** A presentation that was rejected: with what it needs to be receipted, and without what was shown. */
export function emptied(presentation: Presentation): Presentation {
  return { ...presentation, credentials: presentation.credentials.map((shown) => ({ ...shown, text: '' })) }
}

/** Of such a one nothing can be checked any more but its receipt. */
export function isEmptied(message: Message): boolean {
  return message.type === 'presentation' && message.credentials.some(isEmptyShown)
}

export function isEmptyShown({ text }: Shown): boolean {
  return text === ''
}

/** What a draft asks for, or offers, once its partner is there. */
export function wishKey(id: ExchangeId): string {
  return `exchange/wish/${id}`
}

export async function messagesOf(store: Store, id: ExchangeId): Promise<Message[]> {
  const messages: Message[] = []
  for await (const [, message] of scanJson<Message>(store, messagesOfPrefix(id))) messages.push(message)
  return messages.sort((left, right) => order.indexOf(left.type) - order.indexOf(right.type))
}

const order: readonly Message['type'][] = ['offer', 'request', 'terms', 'acceptance', 'pending', 'presentation', 'refusal', 'receipt', 'closing']

export async function openRecords(store: Store): Promise<ExchangeRecord[]> {
  return recordsAt(store, open, {})
}

export function newestRecords(store: Store, limit: number): Promise<ExchangeRecord[]> {
  return recordsAt(store, times, { reverse: true, limit })
}

const times = 'exchange/time/'

/** Milliseconds as a part of a key, in the order of time. */
export function padded(ms: number): string {
  return String(ms).padStart(15, '0')
}

function timeKey(id: ExchangeId, startedMs: number): string {
  return `${times}${padded(startedMs)}/${id}`
}

export interface Span {
  /** When it began: inclusive. */
  readonly sinceMs?: number | undefined
  /** Exclusive. */
  readonly untilMs?: number | undefined
  /** A place that was reached before: exclusive. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Exchanges by when they began, the newest first, each with its place among all, from which the next page goes on. */
export async function* newestFirst(
  store: Store,
  { sinceMs, untilMs, before, limit }: Span,
): AsyncGenerator<{ readonly id: ExchangeId; readonly place: string }> {
  const from = sinceMs === undefined ? times : `${times}${padded(sinceMs)}`
  const ends = [...(untilMs === undefined ? [] : [`${times}${padded(untilMs)}`]), ...(before === undefined ? [] : [`${times}${before}`])]
  const to = ends.reduce((soonest, end) => (end < soonest ? end : soonest), after(times))
  if (from >= to) return
  for await (const [key] of store.scan({ from, to, reverse: true, limit })) {
    yield { id: key.slice(key.lastIndexOf('/') + 1) as ExchangeId, place: key.slice(times.length) } // Index keys end in the id they were written with.
  }
}

async function recordsAt(store: Store, prefix: string, options: { reverse?: boolean; limit?: number }): Promise<ExchangeRecord[]> {
  const found: ExchangeRecord[] = []
  for await (const [key] of scanJson(store, prefix, options)) {
    const record = await getRecord(store, key.slice(key.lastIndexOf('/') + 1) as ExchangeId) // Index keys end in the id they were written with.
    if (record) found.push(record)
  }
  return found
}

export function viewOf(record: ExchangeRecord): ExchangeView {
  const { id, role, partner, state, credentialType, purpose, startedMs, updatedMs, agreement, code } = record
  const { credentials, disclosed, withheld, obligations, credential, receipts } = record
  return {
    id,
    role,
    partner,
    state,
    credentialType,
    purpose,
    startedAt: instant(startedMs),
    updatedAt: instant(updatedMs),
    agreement,
    code,
    disclosed: [...disclosed],
    withheld,
    obligations,
    credential,
    credentials: credentials.map((part) => ({ ...part, disclosed: [...part.disclosed] })),
    receipts,
    until: state === 'drafted' ? instant(record.expiresMs) : null,
    reused: record.reused ?? null,
    durationMs: openStates.has(standing(record)) ? null : Math.max(0, updatedMs - startedMs),
  }
}
