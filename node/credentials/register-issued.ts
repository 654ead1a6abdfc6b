/**
 * Which credentials were issued from which row of the register, and which of them are due to be revoked since the row has ended.
 *
 * What is due is written in the batch of the rows, and removed when it is done: a stop in between loses none.
 */
import type { Store, Write } from '#node/ports.ts'
import { after, getJson, putJson, scanJson } from '#node/stored.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { RegisterRecord } from './register-columns.ts'
import type { LegalStatus } from './register-mapping.ts'
import { statusOf, withdrawn } from './register-subject.ts'

/** How an entity ended, by its register. */
export interface End {
  /** `withdrawn`: the register took the number back as given in error. */
  readonly kind: Exclude<LegalStatus, 'active' | 'in_liquidation' | 'insolvent'> | 'withdrawn'
  readonly since?: string
  readonly cause?: string
  /** Who took it up. */
  readonly successor?: { readonly scheme: string; readonly value: string }
}

/** Null where the entity goes on, be it in liquidation: of an end a credential is revoked, of another change it is issued anew. */
export function mark(record: RegisterRecord): End | null {
  if (withdrawn(record)) return { kind: 'withdrawn' }
  const { value, since, cause, successorId } = statusOf(record)
  if (value === 'active' || value === 'in_liquidation' || value === 'insolvent') return null
  return { kind: value, ...(since && { since }), ...(cause && { cause }), ...(successorId && { successor: successorId }) }
}

const issuedPrefix = 'register-issued/'
const duePrefix = 'register-due/'

/** Of one row: a registry issues one a year, and one for each form of it. */
const issuedMax = 1000

/** For the batch of the credential: its registrations are the rows it was issued from, or might have been. */
export function issuedWrites(claims: JsonObject, credential: string): readonly Write[] {
  return registrationsIn(claims).map(({ scheme, value }) => putJson(`${issuedPrefix}${scheme === '0188' ? '' : `${scheme}:`}${value}/${credential}`, {}))
}

function registrationsIn({ registrations }: JsonObject): readonly { readonly scheme: string; readonly value: string }[] {
  if (!Array.isArray(registrations)) return []
  // Of the types that are known only a business registration has this member, and its schema was asked before.
  return registrations as { readonly scheme: string; readonly value: string }[]
}

/** Ids of the credentials issued from a row. */
export async function issuedFrom(store: Store, id: string): Promise<readonly string[]> {
  const found: string[] = []
  const prefix = `${issuedPrefix}${id}/`
  for await (const [key] of scanJson(store, prefix, { limit: issuedMax })) found.push(key.slice(prefix.length))
  return found
}

export function dueWrite(id: string, end: End): Write {
  return putJson(duePrefix + id, end)
}

export interface Due {
  readonly id: string
  readonly end: End
}

/** What has ended and was not dealt with yet, each once: what fails stays, and is tried another time. */
export async function* dueNow(store: Store): AsyncGenerator<Due> {
  for (let from = duePrefix; ; ) {
    const page: (readonly [string, Uint8Array])[] = []
    for await (const entry of store.scan({ from, to: after(duePrefix), limit: pageSize })) page.push(entry)
    for (const [key, end] of page) yield { id: key.slice(duePrefix.length), end: JSON.parse(Buffer.from(end).toString()) as End } // As dueWrite wrote it.
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    from = `${last[0]}\0`
  }
}

const pageSize = 256

/** Whether anything was ever issued from a row: else an import has nothing to look for. */
export async function anyIssued(store: Store): Promise<boolean> {
  for await (const _ of store.scan({ from: issuedPrefix, to: after(issuedPrefix), limit: 1 })) return true
  return false
}

/** When all of it is done; an end that was written meanwhile is another, and stays. */
export async function done(store: Store, { id, end }: Due): Promise<void> {
  const now = await getJson<End>(store, duePrefix + id)
  if (now && JSON.stringify(now) === JSON.stringify(end)) await store.batch([{ del: duePrefix + id }])
}
