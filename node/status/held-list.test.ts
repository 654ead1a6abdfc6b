/** Freshness, case by case: whatever keeps a node from the newest list, its age is known and its limit is kept. */
import { beforeEach, describe, expect, test } from 'vitest'
import { issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import type { Did } from '#protocols/ids.ts'
import { startMs, statusAgeMsMax } from '#test-network/fixture.ts'
import { StatusWorld } from './status.fixture.ts'

const hourMs = 3_600_000
const uri = 'https://agency.example/status/token/1'
const zeros = createStatusList({ bits: 2, size: 131_072, order: 'lsb' })
const partner = 'did:web:partner.example' as Did

let world: StatusWorld

beforeEach(async () => {
  world = await StatusWorld.make()
})

interface Made {
  readonly atMs?: number
  readonly lifeMs?: number
  readonly ttlMs?: number
  readonly sequence?: number
}

/** A list as another implementation might sign it. */
function signed({ atMs = world.clock.nowMs(), lifeMs = 10 * hourMs, ttlMs, sequence = 1 }: Made = {}): Promise<string> {
  const content = { uri, issuer: world.issuer.did, sequence, issuedAtMs: atMs, expiresAtMs: atMs + lifeMs, ...(ttlMs === undefined ? {} : { ttlMs }) }
  return issueTokenList(content, zeros, world.issuer.signer)
}

/** Makes the list old in some way; then whoever asks is refused with the code. */
interface Case {
  readonly name: string
  readonly code: string
  readonly make: () => Promise<void>
}

async function held(made?: Made): Promise<void> {
  const text = await signed(made)
  world.served = async () => text
  expect(await world.status(uri, 1)).toBe('valid')
}

const away = () => {
  world.served = undefined
}

const cases: readonly Case[] = [
  {
    name: 'its issuer is away and nobody else has it',
    code: 'DFFT_STATUS_UNKNOWN',
    make: async () => away(),
  },
  {
    name: 'its issuer is away for longer than the limit',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      await world.clock.advance(statusAgeMsMax + 1)
    },
  },
  {
    name: 'its issuer is away, and a restart lies between',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      await world.clock.advance(statusAgeMsMax / 2)
      await world.open()
      await world.clock.advance(statusAgeMsMax / 2 + 1)
    },
  },
  {
    name: 'it has ended',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held({ lifeMs: 60_000 })
      away()
      await world.clock.advance(60_000)
    },
  },
  {
    name: 'it had ended when it came',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      const text = await signed({ lifeMs: 60_000 })
      world.served = async () => text
      await world.clock.advance(60_000)
    },
  },
  {
    name: 'its time to live is over',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held({ ttlMs: 30_000 })
      away()
      await world.clock.advance(30_001)
    },
  },
  {
    name: 'its time to live is over, and a restart lies between',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held({ ttlMs: 30_000 })
      away()
      await world.clock.advance(20_000)
      await world.open()
      await world.clock.advance(10_001)
    },
  },
  {
    name: 'its issuer’s node hands out the same list for ever',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      await world.clock.advance(statusAgeMsMax + 1)
    },
  },
  {
    name: 'a partner hands out the same list for ever',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      const text = await signed()
      away()
      world.partners.set(partner, async () => text)
      expect(await world.status(uri, 1)).toBe('valid')
      await world.clock.advance(statusAgeMsMax + 1)
    },
  },
  {
    name: 'our clock is set back to when it was young',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      await world.clock.advance(statusAgeMsMax + 1)
      world.clock.jump(-statusAgeMsMax)
    },
  },
  {
    name: 'our clock is set back, and its issuer’s node hands the same list out again',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      await world.clock.advance(statusAgeMsMax + 1)
      world.clock.jump(-statusAgeMsMax)
    },
  },
  {
    name: 'our clock is set back before its end',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held({ lifeMs: 60_000 })
      away()
      await world.clock.advance(60_000)
      world.clock.jump(-60_000)
    },
  },
  {
    name: 'our clock is behind where it was before the restart',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      world.clock.jump(-hourMs)
      await world.open()
    },
  },
  {
    name: 'our clock is an hour behind its issuer’s',
    code: 'DFFT_STATUS_LIST',
    make: async () => {
      world.clock.jump(-hourMs)
      world.served = () => signed({ atMs: startMs })
    },
  },
  {
    name: 'our clock is an hour ahead of its issuer’s',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      world.clock.jump(hourMs)
      world.served = () => signed({ atMs: startMs })
    },
  },
  {
    name: 'it was signed for a time to come',
    code: 'DFFT_STATUS_LIST',
    make: async () => {
      world.served = () => signed({ atMs: startMs + 121_000 })
    },
  },
  {
    name: 'its issuer said that there is a newer one, which cannot be had',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      world.cache.supersede([uri], world.issuer.did)
    },
  },
  {
    name: 'its issuer said so twice, and a partner has only the first',
    code: 'DFFT_STATUS_STALE',
    make: async () => {
      await held()
      away()
      world.cache.supersede([uri], world.issuer.did)
      world.cache.supersede([uri], world.issuer.did)
      await world.clock.advance(2_000)
      const text = await signed({ sequence: 2 })
      world.partners.set(partner, async () => text)
    },
  },
  {
    name: 'a newer one is offered that counts back',
    code: 'DFFT_STATUS_LIST',
    make: async () => {
      await held({ sequence: 2 })
      await world.clock.advance(statusAgeMsMax + 1)
      world.served = () => signed({ sequence: 1 })
    },
  },
]

describe('a status is not answered when of its list', () => {
  test.each(cases)('$name', async ({ code, make }) => {
    await make()
    for (const index of [0, 1, 131_071]) expect(await world.status(uri, index)).toBe(code)
  })
})

describe('a status is answered', () => {
  test('to the last millisecond of the limit, and not after it', async () => {
    await held()
    away()
    await world.clock.advance(statusAgeMsMax)
    expect(await world.status(uri, 1)).toBe('valid')
    await world.clock.advance(1)
    expect(await world.status(uri, 1)).toBe('DFFT_STATUS_STALE')
  })

  test('from a list whose issuer’s clock is a minute ahead, which does not live longer for it', async () => {
    const text = await signed({ atMs: startMs + 60_000 })
    world.served = async () => text
    expect(await world.status(uri, 1)).toBe('valid')
    away()
    await world.clock.advance(statusAgeMsMax)
    expect(await world.status(uri, 1)).toBe('valid')
    await world.clock.advance(1)
    expect(await world.status(uri, 1)).toBe('DFFT_STATUS_STALE')
  })

  test('again when our clock was wrong for a while and is right again', async () => {
    world.clock.jump(24 * hourMs)
    world.served = () => signed({ atMs: startMs })
    expect(await world.status(uri, 1)).toBe('DFFT_STATUS_STALE')
    world.clock.jump(-24 * hourMs)
    await world.clock.advance(2_000)
    world.served = () => signed()
    expect(await world.status(uri, 1)).toBe('valid')
    await world.open()
    expect(await world.status(uri, 1)).toBe('valid')
  })

  test('as fresh as somebody wants it, and no older for somebody who wants less', async () => {
    await held()
    away()
    await world.clock.advance(90_000)
    expect(await world.status(uri, 1, { ageMsMax: 90_000 })).toBe('valid')
    expect(await world.status(uri, 1, { ageMsMax: 89_999 })).toBe('DFFT_STATUS_STALE')
    expect(await world.status(uri, 1, { ageMsMax: 100 * hourMs })).toBe('valid')
    await world.clock.advance(statusAgeMsMax)
    expect(await world.status(uri, 1, { ageMsMax: 100 * hourMs })).toBe('DFFT_STATUS_STALE')
  })

  test('as revoked at the latest when the limit has passed, whoever holds the news back', async () => {
    const place = await world.place()
    const before = await world.own.published(uri)
    world.served = async () => before
    expect(await world.status(uri, place.index)).toBe('valid')
    await world.change(place, 'revoked')
    const seen: string[] = []
    for (let count = 0; count < 40; count++) {
      await world.clock.advance(10_000)
      seen.push(await world.status(uri, place.index))
    }
    const known = statusAgeMsMax / 10_000
    expect(seen).toEqual([...new Array(known).fill('valid'), ...new Array(40 - known).fill('DFFT_STATUS_STALE')])
    world.served = (asked) => world.own.published(asked)
    expect(await world.status(uri, place.index)).toBe('revoked')
  })
})

describe('what is in use', () => {
  /** Advances in small steps, as a clock does, and counts what was asked meanwhile. */
  async function pass(ms: number): Promise<number> {
    world.asked.length = 0
    await world.clock.advance(ms)
    return world.asked.length
  }

  test('is fetched before it is too old, so that nobody waits; and not for ever', async () => {
    const ending = new AbortController()
    world.cache.keepFresh(ending.signal)
    expect(await world.status(uri, 1)).toBe('valid')
    expect(await pass(hourMs - 1)).toBeGreaterThan(20)
    world.served = async () => expect.unreachable('it was fresh')
    expect(await world.status(uri, 1)).toBe('valid')
    world.served = (asked) => world.own.published(asked)
    await pass(hourMs)
    expect(await pass(hourMs)).toBe(0)
    expect(world.clock.nextMs).toBeUndefined()
    ending.abort()
  })

  test('grows old while its issuer is away, is refused past the limit, and comes back by itself', async () => {
    world.cache.keepFresh(new AbortController().signal)
    expect(await world.status(uri, 1)).toBe('valid')
    away()
    await pass(statusAgeMsMax + 1)
    expect(await world.status(uri, 1)).toBe('DFFT_STATUS_STALE')
    world.served = (asked) => world.own.published(asked)
    await pass(20_000)
    world.served = async () => expect.unreachable('it was fresh')
    expect(await world.status(uri, 1)).toBe('valid')
  })

  test('is fetched at a hint of its issuer, once however often it hints and does not answer', async () => {
    world.cache.keepFresh(new AbortController().signal)
    const place = await world.place()
    expect(await world.status(uri, place.index)).toBe('valid')
    await world.change(place, 'revoked')
    world.asked.length = 0
    away()
    for (let count = 0; count < 100; count++) world.cache.supersede([uri], world.issuer.did)
    await world.clock.advance(0)
    expect(world.asked).toHaveLength(1)
    world.served = (asked) => world.own.published(asked)
    await pass(20_000)
    world.served = async () => expect.unreachable('it was fetched')
    expect(await world.status(uri, place.index)).toBe('revoked')
  })

  test('is fetched four at a time', async () => {
    world.cache.keepFresh(new AbortController().signal)
    const lists = Array.from({ length: 10 }, (_, at) => `https://agency.example/${at}`)
    const at = (asked: string, atMs: number) =>
      issueTokenList({ uri: asked, issuer: world.issuer.did, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + hourMs }, zeros, world.issuer.signer)
    world.served = (asked) => at(asked, startMs)
    for (const list of lists) expect(await world.status(list, 1)).toBe('valid')
    let [running, most] = [0, 0]
    world.served = async (asked) => {
      most = Math.max(most, ++running)
      await world.clock.sleep(100, new AbortController().signal)
      running--
      return at(asked, world.clock.nowMs())
    }
    expect(await pass(200_000)).toBe(10)
    expect(most).toBe(4)
  })

  test('is let alone when the node ends', async () => {
    const ending = new AbortController()
    world.cache.keepFresh(ending.signal)
    expect(await world.status(uri, 1)).toBe('valid')
    ending.abort()
    expect(await pass(hourMs)).toBe(0)
  })
})

test('a bitstring list that does not say when it was made, or for which purpose, says nothing', async () => {
  const list = 'https://agency.example/status/bitstring/1'
  const bits = createStatusList({ bits: 1, size: 131_072, order: 'msb' })
  const content = { uri: list, issuer: world.issuer.did, sequence: 1, issuedAtMs: startMs, expiresAtMs: startMs + hourMs }
  const text = await issueBitstringList({ ...content, purpose: 'suspension' }, bits, world.issuer.signer)
  world.served = async () => text
  expect(await world.status(list, 1)).toBe('DFFT_STATUS_LIST')
  expect(await world.status(list.replace('bitstring', 'suspension'), 1)).toBe('DFFT_STATUS_LIST')
})
