import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import type { Did } from '#protocols/ids.ts'
import { seeded, startMs, statusAgeMsMax } from '#test-network/fixture.ts'
import { agent, base, StatusWorld } from './status.fixture.ts'
import { StatusLists } from './status-lists.ts'

const secondMs = 1000
const partner = 'did:web:partner.example' as Did
const other = 'did:web:other.example' as Did

let world: StatusWorld
/** Address of the issuer's token list. */
let uri: string
/** A credential's. */
let index: number

beforeEach(async () => {
  world = await StatusWorld.make()
  uri = world.own.uris.token
  index = (await world.place()).index
})

const revoke = () => world.change({ list: 1, index }, 'revoked')
const published = async () => (await world.own.published(uri)) as string

async function foreign(name: string): Promise<StatusLists> {
  return StatusLists.open({ store: new MemoryStore(), clock: world.clock, random: seeded(name), self: await agent(name), base })
}

describe('a list', () => {
  test('is fetched once while it is fresh, and one fetch serves all who wait', async () => {
    await Promise.all([world.status(uri, 1), world.status(uri, 2)])
    expect(await world.status(uri, index)).toBe('valid')
    expect(world.asked).toEqual([`issuer ${uri}`])
  })

  test('is asked for in the same words for any credential that is in it', async () => {
    for (const at of [0, 4711, 131_071]) {
      const fresh = await StatusWorld.make()
      await fresh.status(fresh.own.uris.token, at)
      expect(fresh.asked).toEqual([`issuer ${base}/status/token/1`])
    }
  })

  test('of another issuer under this address is refused', async () => {
    const thief = await foreign('thief')
    world.served = (asked) => thief.published(asked)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_LIST')
    world.served = () => published()
    expect(await world.status(uri, index)).toBe('valid')
    expect(await world.status(uri, index, { of: (await agent('thief')).did })).toBe('DFFT_STATUS_LIST')
  })

  test('bears an address that anybody may sign for: the list of each issuer is kept by itself', async () => {
    const thief = await agent('thief')
    const lists = await foreign('thief')
    const their = lists.allocate()
    await lists.change([their], 'revoked', async () => undefined)
    world.served = (asked) => lists.published(asked)
    expect(await world.status(uri, their.index, { of: thief.did })).toBe('revoked')
    world.served = () => published()
    expect(await world.status(uri, index)).toBe('valid')
    expect(world.cache.text(thief.did, uri)).not.toBe(world.cache.text(world.issuer.did, uri))
    expect(world.cache.text(partner, uri)).toBeUndefined()
  })

  test('of this issuer under another address is refused', async () => {
    world.served = () => world.own.published(world.own.uris.bitstring)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_LIST')
  })

  test('that was changed is refused, and so is one that is no list', async () => {
    world.served = async () => {
      const [head, body, signature] = (await published()).split('.')
      return [head, body, `${signature?.startsWith('A') ? 'B' : 'A'}${signature?.slice(1)}`].join('.')
    }
    expect(await world.status(uri, index)).toBe('DFFT_SIGNATURE')
    world.served = async () => 'e30.e30.AAAA'
    expect(await world.status(uri, index)).toMatch(/^DFFT_(?!INTERNAL)/)
    world.served = async () => 'x'.repeat(900_001)
    expect(await world.status(uri, index)).toBe('DFFT_LIMIT')
  })

  test('that is older than the one held is refused, and so is one with a smaller sequence', async () => {
    const before = await published()
    await world.clock.advance(20 * secondMs)
    await revoke()
    expect(await world.status(uri, index)).toBe('revoked')
    world.served = async () => before
    world.cache.supersede([uri], world.issuer.did)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_LIST')
    // A ledger restored from a backup: newer by the clock, older by its count.
    const restored = await StatusLists.open({ store: new MemoryStore(), clock: world.clock, random: seeded('restored'), self: world.issuer, base })
    await world.clock.advance(20 * secondMs)
    world.served = (asked) => restored.published(asked)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_LIST')
  })

  test('is held over a restart, with its age, and a week later it is no longer kept', async () => {
    expect(await world.status(uri, index)).toBe('valid')
    world.served = undefined
    await world.open()
    expect(await world.status(uri, index)).toBe('valid')
    await world.clock.advance(statusAgeMsMax + 1)
    await world.open()
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_STALE')
    await world.clock.advance(7 * 86_400_000)
    await world.open()
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_UNKNOWN')
    expect(world.cache.text(world.issuer.did, uri)).toBeUndefined()
  })

  test('gives way to others when all together are too large, the least used first, and is fetched again', async () => {
    expect(await world.status(uri, index)).toBe('valid')
    const zeros = createStatusList({ bits: 2, size: 1 << 22, order: 'lsb' })
    const large = (asked: string) =>
      issueTokenList({ uri: asked, issuer: world.issuer.did, sequence: 1, issuedAtMs: startMs, expiresAtMs: startMs + 900_000 }, zeros, world.issuer.signer)
    world.served = (asked) => (asked === uri ? published() : large(asked))
    for (let count = 1; count <= 64; count++) {
      await world.clock.advance(1)
      expect(await world.status(`https://large.example/${count}`, 4_000_000)).toBe('valid')
    }
    expect(world.cache.text(world.issuer.did, uri)).toBeUndefined()
    expect(world.cache.text(world.issuer.did, 'https://large.example/64')).toBeDefined()
    world.asked.length = 0
    expect(await world.status(uri, index)).toBe('valid')
    expect(world.asked).toEqual([`issuer ${uri}`])
  })
})

describe('where a list comes from', () => {
  test('is a partner when the issuer is away: the newest that any of them has, and none that is not the issuer’s', async () => {
    const first = await published()
    await world.clock.advance(20 * secondMs)
    await revoke()
    const second = await published()
    const thief = await foreign('thief')
    world.served = undefined
    world.partners.set(partner, async () => second)
    world.partners.set(other, async () => first)
    expect(await world.status(uri, index)).toBe('revoked')
    world.partners.set(partner, (asked) => thief.published(asked))
    expect(await world.status(uri, index)).toBe('revoked')
    await world.clock.advance(statusAgeMsMax + 1)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_STALE')
  })

  test('is not a partner as long as the issuer answers', async () => {
    world.partners.set(partner, async () => expect.unreachable())
    expect(await world.status(uri, index)).toBe('valid')
  })

  test('that hands over an old list does not make it younger', async () => {
    const old = await published()
    await world.clock.advance(statusAgeMsMax + 1)
    world.served = undefined
    world.partners.set(partner, async () => old)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_STALE')
  })

  test('a partner’s forgery does not turn an issuer that is away into one that lies', async () => {
    world.served = undefined
    const thief = await foreign('thief')
    world.partners.set(partner, (asked) => thief.published(asked))
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_UNKNOWN')
  })
})

describe('a hint that a list changed', () => {
  beforeEach(async () => {
    expect(await world.status(uri, index)).toBe('valid')
    await world.clock.advance(20 * secondMs)
  })

  test('counts when it is its issuer’s, and nobody else’s', async () => {
    await revoke()
    world.cache.supersede([uri], other)
    expect(await world.status(uri, index)).toBe('valid')
    world.cache.supersede([uri, 'https://unknown.example'], world.issuer.did)
    expect(await world.status(uri, index)).toBe('revoked')
  })

  test('is answered by the issuer with the list that is held already', async () => {
    world.cache.supersede([uri], world.issuer.did)
    world.served = async () => world.cache.text(world.issuer.did, uri)
    expect(await world.status(uri, index)).toBe('valid')
  })

  test('is not answered by a list that a partner had before', async () => {
    const before = await published()
    await world.clock.advance(20 * secondMs)
    await revoke()
    world.served = undefined
    world.cache.supersede([uri], world.issuer.did)
    world.partners.set(partner, async () => before)
    expect(await world.status(uri, index)).toBe('DFFT_STATUS_STALE')
    world.partners.set(partner, () => published())
    expect(await world.status(uri, index)).toBe('revoked')
  })

  test('is not answered by what was asked for before it came', async () => {
    const asked = Promise.withResolvers<void>()
    const before = await published()
    await world.clock.advance(statusAgeMsMax)
    await world.clock.advance(0)
    world.served = async () => {
      await asked.promise
      return before
    }
    const waiting = world.status(uri, index)
    await revoke()
    world.cache.supersede([uri], world.issuer.did)
    asked.resolve()
    expect(await waiting).toBe('DFFT_STATUS_STALE')
    world.served = () => published()
    expect(await world.status(uri, index)).toBe('revoked')
  })
})
