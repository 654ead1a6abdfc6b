import { describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { Random, Write } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import { createStatusList, encodeTokenList, statusAt } from '#protocols/credential/status-list.ts'
import { codeOf } from '#protocols/errors.ts'
import { seeded } from '#test-network/fixture.ts'
import { bit, decoyCount, entries, StatusLedger, takenMax } from './status-ledger.ts'

const random = () => seeded('ledger')
const opened = async (store: MemoryStore, chance: Random = random()) => (await StatusLedger.openAll(store, chance))[0] as StatusLedger

function pick(chance: Random, from: readonly number[]): number {
  return from[Buffer.from(chance.bytes(4)).readUInt32BE() % from.length] as number // An index of the list.
}

/** How unevenly positions fall into 128 equal parts: chi-square with 127 degrees of freedom, 195 once in 10,000 fair cases. */
function chiSquare(positions: readonly number[]): number {
  const counts = new Array<number>(128).fill(0)
  for (const position of positions) counts[position >> 10] = (counts[position >> 10] ?? 0) + 1
  const expected = positions.length / 128
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Pearson's r. Of n fair pairs it stays below 4/√n but once in 15,000 cases. */
function correlation(pairs: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[of], 0) / pairs.length
  const [x, y] = [mean(0), mean(1)]
  let [xy, xx, yy] = [0, 0, 0]
  for (const [a, b] of pairs) {
    xy += (a - x) * (b - y)
    xx += (a - x) ** 2
    yy += (b - y) ** 2
  }
  return xy / Math.sqrt(xx * yy)
}

function findings(positions: readonly number[]): string[] {
  const bound = 4 / Math.sqrt(positions.length)
  const inOrder = positions.map((position, order) => [order, position] as const)
  const neighbours = positions.slice(1).map((position, before) => [positions[before] ?? 0, position] as const)
  return [
    ...(chiSquare(positions) > 195 ? ['uneven'] : []),
    ...(Math.abs(correlation(inOrder)) > bound ? ['follows the order of issue'] : []),
    ...(Math.abs(correlation(neighbours)) > bound ? ['follows the one before'] : []),
  ]
}

describe('indexes', () => {
  const ledger = StatusLedger.born(1, random())
  const chance = seeded('allocations')
  const given: number[] = []
  while (!ledger.full) given.push(ledger.allocate(chance))

  test('are each given out once, until the list is as full as it may be', () => {
    expect(new Set(given).size).toBe(given.length)
    expect(given.length).toBeGreaterThanOrEqual(takenMax - decoyCount)
    expect(given.length).toBeLessThan(takenMax - decoyCount + 20)
  })

  test.each([
    ['the first 20,000', 0],
    ['the last 20,000, when most are taken', -20_000],
  ])('are even over the list, and say nothing of their order: %s', (_which, from) => {
    expect(findings(given.slice(from).slice(0, 20_000))).toEqual([])
  })

  test('that were given out in a row, or in a stride, or to one half first, would be found out', () => {
    const row = Array.from({ length: 20_000 }, (_, at) => at)
    const stride = row.map((at) => (at * 6007) % entries)
    const halves = given.slice(0, 20_000).map((index, at) => (index >> 1) + (at < 10_000 ? 0 : entries / 2))
    expect(findings(row)).toEqual(['uneven', 'follows the order of issue', 'follows the one before'])
    expect(findings(stride)).toContain('follows the one before')
    expect(findings(halves)).toContain('follows the order of issue')
  })

  test('are not looked for without end when chance repeats itself', () => {
    const stuck = { bytes: (count: number) => new Uint8Array(count) }
    const one = StatusLedger.born(1, random())
    expect(one.allocate(stuck)).toBe(0)
    expect(() => one.allocate(stuck)).toThrow(expect.objectContaining({ code: 'DFFT_STATUS_FULL' }))
  })
})

describe('decoys', () => {
  const set = (ledger: StatusLedger) => Array.from({ length: entries }, (_, index) => index).filter((index) => ledger.at(index) !== 0)

  test('are revoked and suspended from the list’s birth, so that its first revocation is one of hundreds', () => {
    const ledger = StatusLedger.born(1, random())
    const values = set(ledger).map((index) => ledger.at(index))
    expect(values.length).toBeGreaterThan(300)
    expect(values.filter((value) => value === bit.suspended).length).toBeGreaterThan(80)
    expect(chiSquare(set(ledger))).toBeLessThan(195)
  })

  test('change with a credential’s status, none to three of them, and are never a credential’s', () => {
    const ledger = StatusLedger.born(1, random())
    const chance = seeded('changes')
    const ours = new Set(Array.from({ length: 200 }, () => ledger.allocate(chance)))
    const companions = [...ours].map((index) => {
      const before = { ...ledger.statuses, bytes: ledger.statuses.bytes.slice() }
      ledger.change(index, bit.revoked, chance).lasts()
      const bytes = [...before.bytes.keys()].filter((at) => before.bytes[at] !== ledger.statuses.bytes[at])
      const changed = bytes.flatMap((at) => [0, 1, 2, 3].map((entry) => 4 * at + entry)).filter((at) => statusAt(before, at) !== ledger.at(at))
      expect(changed).toContain(index)
      expect(changed.filter((at) => ours.has(at))).toEqual([index])
      return changed.length - 1
    })
    expect(new Set(companions)).toEqual(new Set([0, 1, 2, 3]))
  })
})

describe('on disk', () => {
  /** One act after another, with the batch of each; `after` is what is so then. */
  function life(acts: number): { readonly writes: readonly Write[]; readonly ours: ReadonlyMap<number, number>; readonly sequence: number }[] {
    const ledger = StatusLedger.born(1, random())
    const chance = seeded('life')
    const ours = new Map<number, number>()
    return Array.from({ length: acts }, (_, act) => {
      if (act % 3 !== 2) {
        const index = ledger.allocate(chance)
        ours.set(index, 0)
        return { writes: ledger.take(index), ours: new Map(ours), sequence: ledger.sequence }
      }
      const index = pick(chance, [...ours.keys()])
      const value = pick(chance, [0, bit.revoked, bit.suspended])
      const change = ledger.change(index, value, chance)
      change.lasts()
      ours.set(index, value)
      return { writes: change.writes, ours: new Map(ours), sequence: ledger.sequence }
    })
  }

  const acts = life(1200)

  test('is what was acknowledged, wherever between two batches the node ended', async () => {
    const store = new MemoryStore()
    let snapshots = 0
    for (const [at, { writes, ours, sequence }] of acts.entries()) {
      await store.batch(writes)
      const snapshot = writes.length > 1
      if (snapshot) snapshots++
      // Around every snapshot, and here and there.
      if (!snapshot && at % 47 !== 0 && (acts[at - 1]?.writes.length ?? 2) === 1) continue
      const ledger = await opened(store)
      expect([...ours].filter(([index, value]) => ledger.at(index) !== value)).toEqual([])
      expect(ledger.sequence).toBe(sequence)
      const chance = seeded(`again ${at}`)
      const again = new Set(Array.from({ length: 50 }, () => ledger.allocate(chance)))
      expect([...again].filter((index) => ours.has(index))).toEqual([])
    }
    expect(snapshots).toBe(3)
  })

  test('costs a small record a credential, and a snapshot now and then', () => {
    const bytes = acts.map(({ writes }) => writes.reduce((sum, write) => sum + ('put' in write ? write.put.length + write.value.length : write.del.length), 0))
    const sorted = bytes.toSorted((a, b) => a - b)
    expect(sorted[1190]).toBeLessThan(160)
    expect(bytes.reduce((sum, count) => sum + count, 0) / bytes.length).toBeLessThan(300)
  })

  test('the first list is so from its birth: born again at a restart, it would give out what partners hold as a revoked decoy', async () => {
    const store = new MemoryStore()
    const published = await opened(store)
    const again = await opened(store, seeded('another chance'))
    expect(again.statuses).toEqual(published.statuses)
    const decoy = Array.from({ length: entries }, (_, at) => at).find((at) => published.at(at) !== 0) as number // There are hundreds.
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(decoy)
    expect(() => again.allocate({ bytes: () => bytes })).toThrow('no free index')
  })

  test('what a snapshot that was never written should have held is in the changes, which are still there', async () => {
    const store = new MemoryStore()
    const ledger = StatusLedger.born(1, random())
    const chance = seeded('acts')
    ledger.take(ledger.allocate(chance)) // The first snapshot: refused by a busy disk.
    const index = ledger.allocate(chance)
    await store.batch(ledger.take(index))
    const change = ledger.change(index, bit.revoked, chance)
    await store.batch(change.writes)
    change.lasts()
    const after = await opened(store, seeded('another chance'))
    expect([after.at(index), after.sequence]).toEqual([bit.revoked, 1])
    expect(Array.from({ length: entries }, (_, at) => after.at(at)).filter((value) => value === bit.suspended).length).toBeLessThan(4)
  })

  test('a change that a snapshot outlived does not come back', async () => {
    const store = new MemoryStore()
    const ledger = await opened(store)
    const chance = seeded('acts')
    const index = ledger.allocate(chance)
    await store.batch(ledger.take(index))
    const apply = async (value: number, deletes = true) => {
      const change = ledger.change(index, value, chance)
      await store.batch(change.writes.filter((write) => deletes || 'put' in write))
      change.lasts()
    }
    await apply(bit.suspended)
    // The record of the suspension stays, as it does when the batch that deletes it fails and a later snapshot is written.
    for (let count = 0; count < 600; count++) await apply(count % 2 === 0 ? 0 : bit.suspended, false)
    await apply(bit.revoked)
    expect((await opened(store)).at(index)).toBe(bit.revoked)
  })

  test('no snapshot is made while a change is under way, which it would lack', async () => {
    const store = new MemoryStore()
    const ledger = await opened(store)
    const chance = seeded('acts')
    const index = ledger.allocate(chance)
    await store.batch(ledger.take(index))
    const change = ledger.change(index, bit.revoked, chance)
    for (let count = 0; count < 600; count++)
      expect(ledger.take(ledger.allocate(chance)).filter((write) => 'put' in write && write.put.startsWith('status/ledger/'))).toEqual([])
    await store.batch(change.writes)
    change.lasts()
    await store.batch(ledger.take(ledger.allocate(chance)))
    expect((await opened(store)).at(index)).toBe(bit.revoked)
  })

  test('the ledger of version 0.1.0 is taken over', async () => {
    const store = new MemoryStore()
    const statuses = createStatusList({ bits: 2, size: entries, order: 'lsb', statuses: [[4711, 1]] })
    const taken = createStatusList({ bits: 1, size: entries, order: 'lsb', statuses: [[4711, 1]] })
    await store.batch([putJson('status/ledger', { sequence: 5, statuses: encodeTokenList(statuses), taken: encodeTokenList(taken) })])
    for (const _ of ['before', 'after']) {
      const ledger = await opened(store)
      expect([ledger.at(4711), ledger.sequence, ledger.at(4712)]).toEqual([bit.revoked, 5, 0])
      await store.batch(ledger.take(ledger.allocate(seeded('acts'))))
    }
    expect(await store.get('status/ledger')).toBeUndefined()
  })
})

test('an index that is none is refused, and nothing is read beside it', () => {
  const ledger = StatusLedger.born(1, random())
  for (const index of [-1, entries, 0.5, 2 ** 53, Number.NaN]) {
    try {
      ledger.at(index)
      expect.unreachable(`${index}`)
    } catch (thrown) {
      expect(codeOf(thrown), `${index}`).toBe('DFFT_STATUS_LIST')
    }
  }
})
