import { beforeEach, describe, expect, test } from 'vitest'
import { readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { statusAt } from '#protocols/credential/status-list.ts'
import { codeOf } from '#protocols/errors.ts'
import { base, StatusWorld } from './status.fixture.ts'

let world: StatusWorld

beforeEach(async () => {
  world = await StatusWorld.make()
})

/** What the three published lists say of an index, as anybody reads them. */
async function said(list: number, index: number): Promise<string> {
  const { token, bitstring, suspension } = world.own.urisOf(list)
  const [value, revoked, suspended] = [
    readTokenList((await world.own.published(token)) as string),
    readBitstringList((await world.own.published(bitstring)) as string),
    readBitstringList((await world.own.published(suspension)) as string),
  ].map((read) => statusAt(read.list, index))
  return `${value} ${revoked} ${suspended}`
}

describe('the lists of an issuer', () => {
  test('say the same of one index, in all three forms, through a life', async () => {
    const place = await world.place()
    expect(await said(1, place.index)).toBe('0 0 0')
    await world.change(place, 'suspended')
    expect(await said(1, place.index)).toBe('2 0 1')
    await world.change(place, 'valid')
    expect(await said(1, place.index)).toBe('0 0 0')
    await world.change(place, 'revoked')
    expect(await said(1, place.index)).toBe('1 1 0')
  })

  test('say suspended all the while in which a suspension becomes a revocation: two lists are never fetched at once', async () => {
    const place = await world.place()
    await world.change(place, 'suspended')
    await world.change(place, 'revoked')
    expect(await said(1, place.index)).toBe('1 1 1')
    expect(world.own.lookUp({ uri: world.own.uris.token, index: place.index })).toBe('revoked')
  })

  test('are published under their own addresses only', async () => {
    for (const path of ['token/2', 'token/0', 'token/01', 'tokens/1', 'token/1/', 'token/99999', 'token/999999'])
      expect(await world.own.published(`${base}/status/${path}`), path).toBeUndefined()
    expect(codeOf(thrownBy(() => world.own.lookUp({ uri: 'https://other.example/status/token/1', index: 1 })))).toBe('DFFT_STATUS_LIST')
    expect(codeOf(thrownBy(() => world.own.lookUp({ uri: world.own.uris.token, index: 131_072 })))).toBe('DFFT_STATUS_LIST')
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}
