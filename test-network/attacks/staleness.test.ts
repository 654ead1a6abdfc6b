/** Every age of a status list, however it came to be that old, and what it costs to hold the news of a revocation back (design for security, row 9). */
import { expect, test } from 'vitest'
import { StatusWorld } from '#node/status/status.fixture.ts'
import { issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import type { Did } from '#protocols/ids.ts'
import { startMs, statusAgeMsMax } from '../fixture.ts'

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const uri = 'https://agency.example/status/token/1'
const partner = 'did:web:partner.example' as Did
const zeros = createStatusList({ bits: 2, size: 131_072, order: 'lsb' })

function signed(world: StatusWorld, made: { readonly atMs?: number; readonly lifeMs?: number; readonly ttlMs?: number } = {}): Promise<string> {
  const { atMs = world.clock.nowMs(), lifeMs = 1000 * dayMs, ...more } = made
  return issueTokenList({ uri, issuer: world.issuer.did, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + lifeMs, ...more }, zeros, world.issuer.signer)
}

/** How somebody keeps a node from the newest list; then so much time passes by its monotonic clock. */
const manners: Readonly<Record<string, (world: StatusWorld, ms: number) => Promise<void>>> = {
  'its issuer is away': async (world, ms) => {
    world.served = undefined
    await world.clock.advance(ms)
  },
  'its issuer hands the same one out for ever': (world, ms) => world.clock.advance(ms),
  'a partner hands the same one out for ever': async (world, ms) => {
    const before = await world.served?.(uri)
    world.served = undefined
    world.partners.set(partner, async () => before)
    await world.clock.advance(ms)
  },
  'its issuer is away, and the node starts anew': async (world, ms) => {
    world.served = undefined
    await world.clock.advance(ms - 1)
    await world.open()
    await world.clock.advance(1)
  },
  'our clock is set back when the time is over': async (world, ms) => {
    world.served = undefined
    await world.clock.advance(ms)
    world.clock.jump(-ms)
  },
  'our clock is set back before it, and the same one handed out again': async (world, ms) => {
    world.clock.jump(-60_000)
    await world.clock.advance(ms)
  },
}
const ages = [statusAgeMsMax + 1, statusAgeMsMax + 1000, 2 * statusAgeMsMax, hourMs, dayMs]

/** Lists that are young enough, and over by their own word. */
const ended: readonly { readonly made: Parameters<typeof signed>[1]; readonly afterMs: number }[] = [
  { made: { lifeMs: 60_000 }, afterMs: 60_000 },
  { made: { lifeMs: 60_000 }, afterMs: 60_001 },
  { made: { ttlMs: 30_000 }, afterMs: 30_001 },
  { made: { ttlMs: 1 }, afterMs: 2 },
  { made: { atMs: startMs - statusAgeMsMax + 10_000 }, afterMs: 10_001 },
  { made: { atMs: startMs - statusAgeMsMax - 1000 }, afterMs: 0 },
  { made: { atMs: startMs - dayMs }, afterMs: 0 },
  { made: { atMs: startMs + 121_000 }, afterMs: 0 },
  { made: { atMs: startMs + hourMs }, afterMs: 0 },
  { made: { atMs: startMs + dayMs }, afterMs: 0 },
]
let tried = 0

test.each(Object.entries(manners))('a list is refused past its limit, by a millisecond or a day, though %s', async (_manner, keep) => {
  for (const ms of ages) {
    const world = await StatusWorld.make()
    const text = await signed(world)
    world.served = async () => text
    expect(await world.status(uri, 1)).toBe('valid')
    await keep(world, ms)
    expect(await world.status(uri, 1), String(ms)).toBe('DFFT_STATUS_STALE')
    tried++
  }
})

test('a list that is over by its own word, or of a time to come, is refused', async () => {
  for (const { made, afterMs } of ended) {
    const world = await StatusWorld.make()
    const text = await signed(world, made)
    world.served = async () => text
    if (afterMs > 0) {
      await world.status(uri, 1)
      world.served = undefined
    }
    await world.clock.advance(afterMs)
    expect(await world.status(uri, 1), JSON.stringify(made)).toMatch(/^DFFT_STATUS_(?:STALE|LIST)$/)
    tried++
  }
})

test('up to its last millisecond a list is taken: it is the age that is refused', async () => {
  for (const keep of [manners['its issuer is away'], manners['its issuer hands the same one out for ever']]) {
    const world = await StatusWorld.make()
    const text = await signed(world)
    world.served = async () => text
    expect(await world.status(uri, 1)).toBe('valid')
    await keep?.(world, statusAgeMsMax)
    expect(await world.status(uri, 1)).toBe('valid')
  }
})

test('whenever in the life of a list it is revoked, nobody takes the credential for valid longer than the limit after it', async () => {
  for (const waitedMs of [0, 1, 60_000, statusAgeMsMax / 2, statusAgeMsMax - 1, statusAgeMsMax]) {
    const world = await StatusWorld.make()
    const place = await world.place()
    const before = await world.own.published(uri)
    world.served = async () => before
    expect(await world.status(uri, place.index)).toBe('valid')
    await world.clock.advance(waitedMs)
    await world.change(place, 'revoked')
    // Whoever holds it back can do so until then.
    await world.clock.advance(statusAgeMsMax - waitedMs + 1)
    expect(await world.status(uri, place.index)).toBe('DFFT_STATUS_STALE')
    tried++
    world.served = (asked) => world.own.published(asked)
    await world.clock.advance(2_000)
    expect(await world.status(uri, place.index)).toBe('revoked')
  }
})

test('more lists that are too old were tried than the forty of the design', () => {
  console.log(`row 9: ${tried} stale lists, 0 accepted`)
  expect(tried).toBe(46)
})
