/**
 * Looking for entries: by kind, exchange, partner, code and time, newest first, page by page. There is no index but the one by exchange:
 * an operator looks rarely, and an index would be one more thing that the log must answer for.
 */

import { type Did, type ExchangeId, type Instant, msOf } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'
import type { AuditLog } from './audit.ts'

/** Entries looked at for one page: half a second of reading. Who wants more goes on from `next`. */
export const searchedMax = 50_000

export interface Search {
  readonly kind?: string | undefined
  readonly exchange?: ExchangeId | undefined
  readonly partner?: Did | undefined
  readonly code?: string | undefined
  /** Inclusive. */
  readonly since?: Instant | undefined
  /** Exclusive. */
  readonly until?: Instant | undefined
  /** Entries before this index. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface Found {
  /** Newest first. */
  readonly entries: readonly LogEntry[]
  /** `before` of the next page; null when the beginning of the log was reached. */
  readonly next: number | null
}

/** @throws {TrustError} DFFT_LOG_CORRUPT for an entry that is found and was changed */
export async function searchLog(audit: AuditLog, search: Search, lookedAtMax = searchedMax): Promise<Found> {
  const entries: LogEntry[] = []
  let looked = 0
  let last = Math.min(search.before ?? audit.size, audit.size)
  for await (const { index, bytes, read } of search.exchange ? audit.ofExchangeBackwards(search.exchange, last) : audit.backwards(last)) {
    last = index
    looked++
    if (may(bytes, search)) {
      const entry = read()
      if (fits(entry, search)) entries.push(entry)
    }
    if (entries.length >= search.limit || looked >= lookedAtMax) return { entries, next: last === 0 ? null : last }
  }
  return { entries, next: null }
}

/** Cheaper than to read the entry: what it must hold stands in its canonical form as it is. */
function may(bytes: Uint8Array, { kind, partner, code }: Search): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (kind !== undefined && !text.includes(`"kind":"${kind}"`)) return false
  return [partner, code].every((wanted) => wanted === undefined || text.includes(`"${wanted}"`))
}

function fits({ kind, exchange, facts, at }: LogEntry, search: Search): boolean {
  const values = Object.values(facts).flat()
  const atMs = msOf(at)
  return (
    (search.kind === undefined || kind === search.kind) &&
    (search.exchange === undefined || exchange === search.exchange) &&
    (search.partner === undefined || values.includes(search.partner)) &&
    (search.code === undefined || facts.code === search.code) &&
    (search.since === undefined || atMs >= msOf(search.since)) &&
    (search.until === undefined || atMs < msOf(search.until))
  )
}
