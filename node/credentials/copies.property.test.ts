/** Whatever happens at once, and wherever a node dies: a copy is shown in one exchange, and an exchange shows one copy. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { getJson, putJson } from '#node/stored.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { seeded, ThreeNodes } from '#test-network/fixture.ts'
import { copyWrites, pickCopy } from './copies.ts'
import { HolderKeys } from './holder-keys.ts'
import type { Kept } from './wallet.ts'

let net: ThreeNodes
beforeAll(async () => {
  net = await ThreeNodes.start()
})
afterAll(() => net[Symbol.asyncDispose]())

const kept = { id: 'urn:dfft:held:1', role: 'held', batch: { copies: 3 } } as unknown as Kept // No more of it is looked at.

/** A number from 0 up to a bound, which is not one of them. */
type Chance = (bound: number) => number

function chanceOf(name: string): Chance {
  const random = seeded(name)
  return (bound) => Buffer.from(random.bytes(4)).readUInt32BE() % bound
}

class Died extends Error {}

/** One life of a node: its disk and keystore until it dies at a write, which was made or was not. */
class Life {
  readonly store: MemoryStore
  readonly vault: MemoryKeyVault
  readonly keys: HolderKeys
  over = false

  constructor(entries: ReturnType<MemoryStore['snapshot']>, held: ReturnType<MemoryKeyVault['snapshot']>, chance: Chance, mayDie: boolean) {
    const diesAt = mayDie ? 1 + chance(12) : Number.POSITIVE_INFINITY
    const edge = chance(2) === 0 ? 'before' : 'after'
    let batches = 0
    const pass = async (at: 'before' | 'after') => {
      for (let turn = chance(7); turn > 0; turn--) await Promise.resolve()
      if (at === 'before') batches++
      if (batches === diesAt && at === edge) this.over = true
      if (this.over) throw new Died()
    }
    this.store = new MemoryStore({ entries, beforeDurable: () => pass('before'), beforeAcknowledged: () => pass('after') })
    this.vault = new MemoryKeyVault(seeded('life'), held)
    this.keys = new HolderKeys({ ...net.biz.parts, store: this.store, vault: this.vault })
  }
}

/** As a release does, but for the lock, so that the store alone stands against a second use. */
async function show(life: Life, exchange: ExchangeId, chance: Chance, seen: (exchange: string, key: string) => void): Promise<void> {
  for (;;) {
    const before = await getJson<{ key: string }>(life.store, `release/${exchange}`)
    if (before) return seen(exchange, before.key)
    try {
      const { signer, writes, unused } = await pickCopy(kept, exchange, { store: life.store, holderKeys: life.keys })
      for (let turn = chance(10); turn > 0; turn--) await Promise.resolve()
      const key = JSON.stringify(signer.publicJwk)
      await life.store.batch([...writes, putJson(`release/${exchange}`, { key })], { ifAbsent: [unused] })
      seen(exchange, key)
      return await life.keys.destroySpent()
    } catch (thrown) {
      if (thrown instanceof Died || codeOf(thrown) === 'DFFT_STORE' || life.over) throw new Died()
      if (codeOf(thrown) === 'DFFT_COPIES_USED') return
      if (codeOf(thrown) !== 'DFFT_CONFLICT') throw thrown
    }
  }
}

test('in a thousand random interleavings of five exchanges and three copies, with up to three deaths each', { timeout: 60_000 }, async () => {
  let deaths = 0
  let conflicts = 0
  for (let seed = 0; seed < 1000; seed++) {
    const chance = chanceOf(`interleaving ${seed}`)
    const vault = new MemoryKeyVault(seeded(`vault ${seed}`))
    const first = new MemoryStore()
    const made = []
    for (let copy = 0; copy < 3; copy++) made.push({ text: '', status: null, key: await vault.create('EdDSA') })
    await first.batch(copyWrites(kept, made))
    const shown = new Map<string, Set<string>>()
    const seen = (exchange: string, key: string) => void shown.set(key, (shown.get(key) ?? new Set()).add(exchange))
    let [entries, held] = [first.snapshot(), vault.snapshot()]
    const exchanges = [1, 2, 3, 4, 5].map((at) => `${at}`.repeat(32) as ExchangeId)
    for (let round = 0; round < 4; round++) {
      const life = new Life(entries, held, chance, round < 3)
      const outcomes = await Promise.allSettled([life.keys.destroySpent(), ...exchanges.map((exchange) => show(life, exchange, chance, seen))])
      for (const outcome of outcomes) if (outcome.status === 'rejected' && !life.over) throw new Error(`seed ${seed}`, { cause: outcome.reason })
      if (life.over) deaths++
      entries = life.store.snapshot()
      held = life.vault.snapshot()
    }
    const uses = [...shown.values()]
    conflicts += uses.filter((one) => one.size > 1).length
    expect([seed, uses.map(({ size }) => size), new Set(uses.flatMap((one) => [...one])).size]).toEqual([seed, [1, 1, 1], 3])
  }
  expect(conflicts).toBe(0)
  expect(deaths).toBeGreaterThan(500)
})
