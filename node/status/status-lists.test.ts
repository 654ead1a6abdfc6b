import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { statusAt } from '#protocols/credential/status-list.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { seeded } from '#test-network/fixture.ts'
import { base, StatusWorld } from './status.fixture.ts'
import { entries } from './status-ledger.ts'
import { type Status, StatusLists, type StatusPlace } from './status-lists.ts'

let world: StatusWorld

beforeEach(async () => {
  world = await StatusWorld.make()
})

async function published(own: StatusLists, list: number) {
  const { token, bitstring, suspension } = own.urisOf(list)
  return [
    readTokenList((await own.published(token)) as string),
    readBitstringList((await own.published(bitstring)) as string),
    readBitstringList((await own.published(suspension)) as string),
  ] as const
}

/** What the three published lists say of an index, as anybody reads them. */
async function said({ list, index }: StatusPlace): Promise<string> {
  return (await published(world.own, list)).map((read) => statusAt(read.list, index)).join(' ')
}

function reopened(): Promise<StatusLists> {
  return StatusLists.open({ store: world.disk, clock: world.clock, random: seeded('reopened'), self: world.issuer, base })
}

describe('the lists of an issuer', () => {
  test('say the same of one index, in all three forms, through a life', async () => {
    const place = await world.place()
    expect(await said(place)).toBe('0 0 0')
    await world.change(place, 'suspended')
    expect(await said(place)).toBe('2 0 1')
    await world.change(place, 'valid')
    expect(await said(place)).toBe('0 0 0')
    await world.change(place, 'revoked')
    expect(await said(place)).toBe('1 1 0')
  })

  test('say suspended all the while in which a suspension becomes a revocation: two lists are never fetched at once', async () => {
    const place = await world.place()
    await world.change(place, 'suspended')
    await world.change(place, 'revoked')
    expect(await said(place)).toBe('1 1 1')
    expect(world.own.lookUp({ uri: world.own.uris.token, index: place.index })).toBe('revoked')
  })

  test('agree with one another in every entry, and with what was done, after anything that can be done and a restart', async () => {
    const act = fc.record({ which: fc.nat(7), to: fc.constantFrom<Status>('valid', 'suspended', 'revoked') })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 24 }), async (acts) => {
        world = await StatusWorld.make()
        const places = await Promise.all(Array.from({ length: 8 }, () => world.place()))
        const model = new Map<StatusPlace, Status>(places.map((place) => [place, 'valid']))
        let sequence = 0
        for (const { which, to } of acts) {
          const place = places[which] as StatusPlace
          const now = model.get(place)
          const outcome = await world.change(place, to).catch(codeOf)
          expect(outcome).toBe(now === to || now === 'revoked' ? 'DFFT_CONFLICT' : ++sequence)
          if (typeof outcome === 'number') model.set(place, to)
        }
        for (const own of [world.own, await reopened()]) {
          const [token, revocation, suspension] = await published(own, 1)
          for (const [place, status] of model) expect(own.lookUp({ uri: own.uris.token, index: place.index })).toBe(status)
          for (let index = 0; index < entries; index++) {
            const [value, revoked, suspended] = [statusAt(token.list, index), statusAt(revocation.list, index), statusAt(suspension.list, index)]
            if (value !== (revoked ? 1 : suspended ? 2 : 0)) expect.unreachable(`${index}: ${value} ${revoked} ${suspended}`)
          }
          expect([token.sequence, revocation.sequence, suspension.sequence]).toEqual([sequence, sequence, sequence])
          expect([token.purposes, revocation.purposes, suspension.purposes]).toEqual([[], ['revocation'], ['suspension']])
        }
      }),
      { numRuns: 12 },
    )
  })

  test('are published under their own addresses only', async () => {
    for (const path of ['token/2', 'token/0', 'token/01', 'tokens/1', 'token/1/', 'token/99999', 'token/999999', 'revocation/1'])
      expect(await world.own.published(`${base}/status/${path}`), path).toBeUndefined()
    expect(await world.own.publishedAt('/status/token/2')).toBeUndefined()
    expect((await world.own.publishedAt('/status/token/1'))?.format).toBe('token')
    expect((await world.own.publishedAt('/status/suspension/1'))?.format).toBe('bitstring')
    expect(codeOf(thrownBy(() => world.own.lookUp({ uri: 'https://other.example/status/token/1', index: 1 })))).toBe('DFFT_STATUS_LIST')
    expect(codeOf(thrownBy(() => world.own.lookUp({ uri: world.own.uris.token, index: 131_072 })))).toBe('DFFT_STATUS_LIST')
  })

  test('are signed anew after a quarter of a minute, and after a change at once', async () => {
    const uri = world.own.uris.token
    const place = await world.place()
    const first = await world.own.published(uri)
    await world.clock.advance(14_999)
    expect(await world.own.published(uri)).toBe(first)
    await world.clock.advance(1)
    const second = await world.own.published(uri)
    expect(second).not.toBe(first)
    await world.change(place, 'revoked')
    expect(await world.own.published(uri)).not.toBe(second)
  })

  test('that were signed before the clock was set back are signed anew', async () => {
    const first = await world.own.published(world.own.uris.token)
    world.clock.jump(-3_600_000)
    expect(await world.own.published(world.own.uris.token)).not.toBe(first)
  })

  test('that were being signed when something was revoked are not given out again', async () => {
    const place = await world.place()
    const before = world.own.published(world.own.uris.token)
    await world.change(place, 'revoked')
    expect(statusAt(readTokenList((await before) as string).list, place.index)).toBe(0)
    expect(await said(place)).toBe('1 1 0')
  })
})

describe('a change', () => {
  test('is shown when it is on disk, and not before', async () => {
    const place = await world.place()
    const disk = Promise.withResolvers<void>()
    const changing = world.own.change([place], 'revoked', () => disk.promise)
    await world.clock.advance(0)
    expect(await said(place)).toBe('0 0 0')
    disk.resolve()
    expect(await changing).toBe(1)
    expect(await said(place)).toBe('1 1 0')
  })

  test('that the disk refused is not shown, and not counted', async () => {
    const place = await world.place()
    const refused = world.own.change([place], 'revoked', async () => {
      throw new TrustError('DFFT_BUSY', 'the disk is behind')
    })
    expect(await refused.catch(codeOf)).toBe('DFFT_BUSY')
    expect(await said(place)).toBe('0 0 0')
    expect(await world.change(place, 'suspended')).toBe(1)
    expect((await reopened()).lookUp({ uri: world.own.uris.token, index: place.index })).toBe('suspended')
  })

  test('of two at once is made of what the first left: what is revoked is not reinstated', async () => {
    const place = await world.place()
    await world.change(place, 'suspended')
    const [revoked, reinstated] = await Promise.allSettled([world.change(place, 'revoked'), world.change(place, 'valid')])
    expect([revoked.status, reinstated.status]).toEqual(['fulfilled', 'rejected'])
    expect((await reopened()).lookUp({ uri: world.own.uris.token, index: place.index })).toBe('revoked')
  })
})

describe('a full list', () => {
  test('is followed by the next, and issuing goes on; each has its own entries, addresses and sequence, over a restart too', async () => {
    const chance = seeded('full')
    const own = await StatusLists.open({ store: world.disk, clock: world.clock, random: chance, self: world.issuer, base })
    let last = own.allocate()
    const first = last
    await world.disk.batch(own.take(first))
    while (last.list === 1) last = own.allocate()
    await world.disk.batch(own.take(last))
    expect([last.list, own.count, own.uris.token]).toEqual([2, 2, `${base}/status/token/2`])
    await own.change([last], 'revoked', (writes) => world.disk.batch(writes))
    for (const lists of [own, await StatusLists.open({ store: world.disk, clock: world.clock, random: chance, self: world.issuer, base })]) {
      expect(lists.lookUp({ uri: `${base}/status/token/2`, index: last.index })).toBe('revoked')
      expect(lists.lookUp({ uri: `${base}/status/suspension/1`, index: first.index })).toBe('valid')
      const [one] = await published(lists, 1)
      const [two] = await published(lists, 2)
      expect([one.sequence, two.sequence, statusAt(two.list, last.index)]).toEqual([0, 1, 1])
      expect(lists.references(last).credentialStatus.map(({ statusListCredential }) => statusListCredential)).toEqual([
        `${base}/status/bitstring/2`,
        `${base}/status/suspension/2`,
      ])
    }
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}
