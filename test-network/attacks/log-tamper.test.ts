/**
 * The audit log altered on disk (design for security, row 20): each byte of a log of two kilobytes in turn, each record deleted, inserted,
 * doubled, swapped, cut short; the log truncated, replaced, rolled back. What is whole in itself is found by the anchor or a partner's note.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { readLog } from '#node/audit/audit-disk.ts'
import { openLog } from '#node/audit/audit-open.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, digest, type ExchangeId } from '#protocols/ids.ts'
import { PublicJwk } from '#protocols/keys.ts'
import type { NoteSigner } from '#protocols/log/checkpoint.ts'

type Rows = readonly (readonly [string, Uint8Array])[]

const did = 'did:web:agency.example' as Did
const exchange = '0123456789abcdef0123456789abcdef' as ExchangeId
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)]),
  format: 'der',
  type: 'pkcs8',
})
const signer: NoteSigner = {
  algorithm: 'EdDSA',
  publicJwk: PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })),
  sign: (bytes) => sign(null, bytes, key),
}
const clock = { nowMs: () => Date.UTC(2026, 9, 1), turn: async () => {} }
const found = ['DFFT_LOG_CORRUPT', 'DFFT_LOG_FORK']
const entries = 9

let rows: Rows
/** The newest head, as the anchor and a partner hold it. */
let note: string
let tried = 0
let accepted = 0

async function logOf(count: number, first = 0): Promise<{ log: AuditLog; store: MemoryStore }> {
  const store = new MemoryStore()
  const log = await AuditLog.open(store, { did, signer, clock })
  for (let at = 0; at < count; at++)
    await log.append([{ kind: 'released', ...(at % 2 === 0 ? { exchange } : {}), facts: { number: at + first, request: digest(`${at + first}`) } }])
  return { log, store }
}

beforeAll(async () => {
  const { log, store } = await logOf(entries)
  note = (await log.checkpoint()).note
  rows = store.snapshot()
})
afterAll(() => console.log(`row 20: ${tried} altered logs, ${accepted} accepted`))

async function codeOfOpening(changed: Rows, options: { anchored?: boolean } = {}): Promise<string> {
  const anchor = { read: async () => note, write: async () => undefined }
  const opening = AuditLog.open(new MemoryStore({ entries: changed }), { did, signer, clock, begun: true, ...(options.anchored ? { anchor } : {}) })
  return opening.then(() => 'unnoticed', codeOf)
}

async function expectFound(changed: Rows, what: string, options: { anchored?: boolean } = {}): Promise<void> {
  tried++
  const code = await codeOfOpening(changed, options)
  if (!found.includes(code)) accepted++
  expect(found, what).toContain(code)
}

const isEntry = ([name]: readonly [string, unknown]) => name.startsWith('log/entry/')

describe('on opening', () => {
  test('the log as it was written is taken', async () => {
    expect(await codeOfOpening(rows, { anchored: true })).toBe('unnoticed')
    expect(rows.reduce((bytes, [, value]) => bytes + value.length, 0)).toBeGreaterThan(2000)
  })

  test('each byte of each value, changed by one bit, is found', async () => {
    for (const [at, [name, value]] of rows.entries())
      for (let byte = 0; byte < value.length; byte++) {
        const changed = new Uint8Array(value)
        changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8))
        await expectFound(rows.with(at, [name, changed]), `${name} byte ${byte}`)
      }
  })

  test('each byte of each key, changed, is found', async () => {
    for (const [at, [name, value]] of rows.entries())
      for (let byte = 4; byte < name.length; byte++)
        for (const bits of [1, 2]) {
          const changed = `${name.slice(0, byte)}${String.fromCharCode(name.charCodeAt(byte) ^ bits)}${name.slice(byte + 1)}`
          // Two of them under one key are one record fewer.
          await expectFound([...new Map(rows.with(at, [changed, value]))], `${name} → ${changed}`)
        }
  })

  test('each record deleted, doubled, inserted again elsewhere or swapped with another is found', async () => {
    for (const [at, [name, value]] of rows.entries()) {
      await expectFound(rows.toSpliced(at, 1), `without ${name}`)
      await expectFound([...rows, [`${name}0`, value]], `${name} doubled`)
      for (const [to, [otherName, otherValue]] of rows.entries()) {
        if (to === at || Buffer.compare(value, otherValue) === 0) continue
        await expectFound(rows.with(to, [otherName, value]), `${name} in place of ${otherName}`)
        if (to > at) await expectFound(rows.with(at, [name, otherValue]).with(to, [otherName, value]), `${name} and ${otherName} swapped`)
      }
    }
  })

  test('each entry inserted before another, with all that follow moved up, is found', async () => {
    const logged = rows.filter(isEntry)
    for (let from = 0; from < logged.length; from++)
      for (let to = 0; to <= logged.length; to++) {
        const values = logged.map(([, value]) => value).toSpliced(to, 0, logged[from]![1])
        const moved = values.map((value, index) => [`log/entry/${String(index).padStart(16, '0')}`, value] as const)
        await expectFound([...rows.filter((row) => !isEntry(row)), ...moved], `entry ${from} again before ${to}`)
      }
  })

  test('each record cut short at any byte is found', async () => {
    for (const [at, [name, value]] of rows.entries())
      for (let length = 0; length < value.length; length++) await expectFound(rows.with(at, [name, value.slice(0, length)]), `${name} cut to ${length}`)
  })

  test('the log truncated at any entry, with what follows gone or not, is found', async () => {
    for (let kept = 0; kept < entries; kept++) {
      const cut = rows.filter(([name]) => !isEntry([name, null]) || name < `log/entry/${String(kept).padStart(16, '0')}`)
      await expectFound(cut, `truncated to ${kept}`)
      const index = cut.filter(([name]) => !name.startsWith('log/of/') || name.slice(-16) < String(kept).padStart(16, '0'))
      await expectFound(index, `truncated to ${kept}, and its index`)
      await expectFound(
        index.filter(([name]) => name !== 'log/head'),
        `truncated to ${kept}, without its head`,
      )
    }
  })

  test('a whole older log in its place, or another of our own making, is found by the anchor', async () => {
    for (let size = 0; size < entries; size++) {
      const { store } = await logOf(size)
      await expectFound(store.snapshot(), `rolled back to ${size}`, { anchored: true })
    }
    for (let size = 1; size < entries + 4; size++) {
      const { store } = await logOf(size, 100)
      await expectFound(store.snapshot(), `replaced by ${size} others`, { anchored: true })
    }
  })
})

describe('a log that is whole in itself', () => {
  test('is refused by whoever holds a note of before: rolled back, replaced, its tail rewritten from any entry on', async () => {
    for (let from = 0; from < entries; from++)
      for (const size of [from + 1, entries, entries + 5]) {
        const { log } = await rewrittenFrom(from, size)
        await log.verify()
        tried++
        const code = codeOfVerifying(log)
        if (code === null) accepted++
        expect(code, `rewritten from ${from}, ${size} entries`).toBe('DFFT_LOG_FORK')
      }
  })

  async function rewrittenFrom(from: number, size: number): Promise<{ log: AuditLog }> {
    const { log } = await logOf(from)
    while (log.size < size) await log.append([{ kind: 'nothing-happened', facts: {} }])
    return { log }
  }

  function codeOfVerifying(log: AuditLog): string | null {
    try {
      log.verifyAgainst(note)
      return null
    } catch (thrown) {
      return codeOf(thrown)
    }
  }
})

describe('the two ways to read the log', () => {
  test('come to the same tree, and both refuse what was changed', async () => {
    const own = { did, publicKeys: [signer.publicJwk] }
    const [quick, whole] = [await openLog(new MemoryStore({ entries: rows }), own), await readLog(new MemoryStore({ entries: rows }), own)]
    expect(Buffer.from(quick.tree.root()).toString('hex')).toBe(Buffer.from(whole.tree.root()).toString('hex'))
    expect([quick.last, [...quick.sizes]]).toEqual([whole.last, [...whole.sizes]])
    // The log of somebody else is whole too.
    const other = { did: 'did:web:other.example' as Did, publicKeys: [signer.publicJwk] }
    for (const read of [openLog, readLog]) await expect(read(new MemoryStore({ entries: rows }), other)).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
  })

  test('more entries than fit the first reading’s memory, most without an exchange, are read', async () => {
    const store = new MemoryStore()
    const log = await AuditLog.open(store, { did, signer, clock })
    for (let act = 0; act < 50; act++)
      await log.append(Array.from({ length: 64 }, (_, at) => ({ kind: 'received', ...(act === 49 && at % 2 === 0 ? { exchange } : {}), facts: {} })))
    const again = await AuditLog.open(new MemoryStore({ entries: store.snapshot() }), { did, signer, clock })
    expect([again.size, again.root()]).toEqual([3200, log.root()])
  })
})

test('all of them were found', () => {
  expect(accepted).toBe(0)
  expect(tried).toBeGreaterThanOrEqual(5000)
})
