/**
 * Changes an audit log of two kilobytes in every way that whoever owns the disk could, and counts what is not noticed: nothing may be.
 *
 *     bytes       each byte of each record set to each other value; each key changed at each byte
 *     records     each one deleted, doubled, cut short, swapped with every other, put in the place of every other; the log cut off anywhere
 *     rolled back to each earlier state, whole, and continued from there: no log can see that by itself, its anchor and partners' notes do
 *     rewritten   from each entry on, with the log's own key, so that it is whole to itself: the same
 *
 * The whole by command: `npm run tamper`.
 */
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { type Tried, TriedSoFar } from './tried.ts'

type Rows = readonly (readonly [string, Uint8Array])[]

const did = 'did:web:agency.example' as Did
const signer = seededSigner(Buffer.alloc(32, 1), `${did}#key`)
const clock = { nowMs: () => Date.UTC(2026, 0, 1), turn: async () => {} }
const found: ReadonlySet<string> = new Set(['DFFT_LOG_CORRUPT', 'DFFT_LOG_FORK'])
const entries = 7

function entryAt(at: number, other = false): NewEntry {
  const exchange = (at % 2 === 0 ? '0123456789abcdef' : 'fedcba9876543210').repeat(2) as ExchangeId // 32 hex digits.
  return { kind: other ? 'rejected' : 'released', exchange, facts: { digest: `sha256:${String(at).repeat(64)}` } }
}

/** The records of the log, and of each state that it was in before, without what belongs to no log. */
export interface PlainLog {
  readonly rows: Rows
  readonly earlier: readonly Rows[]
  readonly bytes: number
  /** A checkpoint that left the node, as a partner or the anchor holds it. */
  readonly note: string
}

export async function plainLog(): Promise<PlainLog> {
  const store = new MemoryStore()
  const log = await open(store)
  const states: Rows[] = []
  for (let at = 0; at < entries; at++) {
    await log.append([entryAt(at)])
    states.push(store.snapshot())
  }
  const rows = states.at(-1) ?? []
  const bytes = rows.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  return { rows, earlier: states.slice(0, -1), bytes, note: (await log.checkpoint()).note }
}

function open(store: MemoryStore, anchored?: string): Promise<AuditLog> {
  return AuditLog.open(store, {
    did,
    signer,
    clock,
    ...(anchored === undefined ? {} : { anchor: { read: async () => anchored, write: async () => undefined } }),
  })
}

async function noticed(rows: Rows, anchored?: string): Promise<boolean> {
  const code = await open(new MemoryStore({ entries: rows }), anchored).then(() => 'unnoticed', codeOf)
  return found.has(code)
}

/** @param values of other values of a byte, one in so many */
export async function tamperLogBytes({ rows }: PlainLog, values = 1): Promise<Tried> {
  const run = new TriedSoFar()
  for (const [at, [key, value]] of rows.entries()) {
    for (let byte = 0; byte < value.length; byte++)
      for (let change = 1 + (byte % values); change < 256; change += values) {
        const changed = Uint8Array.from(value)
        changed[byte] = (value[byte] ?? 0) ^ change
        run.count(`${key} byte ${byte} ^ ${change}`, !(await noticed(rows.with(at, [key, changed]))))
      }
    // The first four say whose key it is: under another one it is no record of a log, which is the same as deleted.
    for (let byte = 0; byte < key.length; byte++) {
      const changed = `${key.slice(0, byte)}${String.fromCharCode(key.charCodeAt(byte) ^ 1)}${key.slice(byte + 1)}`
      run.count(`${key} as ${changed}`, !(await noticed(rows.with(at, [changed, value]))))
    }
  }
  return run
}

export async function tamperLogRecords({ rows }: PlainLog): Promise<Tried> {
  const run = new TriedSoFar()
  const tryOne = async (name: string, changed: Rows) => run.count(name, !(await noticed(changed)))
  for (const [at, [key, value]] of rows.entries()) {
    await tryOne(`without ${key}`, rows.toSpliced(at, 1))
    await tryOne(`${key} doubled`, [...rows, [`${key}0`, value]])
    for (let length = 0; length < value.length; length++) await tryOne(`${key} cut to ${length}`, rows.with(at, [key, value.subarray(0, length)]))
    await tryOne(`${key} lengthened`, rows.with(at, [key, Buffer.concat([value, Buffer.from(' ')])]))
    for (const [to, [otherKey, otherValue]] of rows.entries()) {
      if (Buffer.compare(value, otherValue) === 0) continue
      await tryOne(`${otherKey} in the place of ${key}`, rows.with(at, [key, otherValue]))
      if (to > at) await tryOne(`${key} and ${otherKey} swapped`, rows.with(at, [key, otherValue]).with(to, [otherKey, value]))
    }
    if (at > 0) await tryOne(`cut off at record ${at}`, rows.slice(0, at))
  }
  return run
}

/** What is whole to itself: the anchor, and a partner's copy of a checkpoint, see it, and nothing else can. */
export async function tamperLogHistory({ earlier, note }: PlainLog): Promise<Tried> {
  const run = new TriedSoFar()
  for (const [at, rows] of earlier.entries()) {
    for (const rewritten of [false, true]) {
      const name = `${rewritten ? 'rewritten' : 'rolled back'} to ${at + 1}`
      const store = new MemoryStore({ entries: rows })
      const log = await open(store)
      run.count(`${name}, by the anchor`, !(await noticed(store.snapshot(), note)))
      for (let next = at + 1; next < entries + 2; next++) await log.append([entryAt(next, rewritten || next === at + 1)])
      run.count(`${name} and continued, by the anchor`, !(await noticed(store.snapshot(), note)))
      run.count(`${name} and continued, by a partner`, !(await against(log, note)))
    }
  }
  return run
}

async function against(log: AuditLog, note: string): Promise<boolean> {
  try {
    log.verifyAgainst(note)
    return false
  } catch (thrown) {
    return codeOf(thrown) === 'DFFT_LOG_FORK'
  }
}
