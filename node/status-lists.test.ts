import { beforeEach, describe, expect, test } from 'vitest'
import { readBitstringList, readTokenList } from '#protocols/credential/signed-status-list.ts'
import { statusAt } from '#protocols/credential/status-list.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl, Jurisdiction } from '#protocols/ids.ts'
import { never, seeded, startMs, statusAgeMsMax } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { MemoryKeyVault } from './adapters/memory-key-vault.ts'
import { MemoryStore } from './adapters/memory-store.ts'
import { keyFinder } from './key-finder.ts'
import { type Self, selfOf } from './self.ts'
import { OwnStatusList, StatusCache } from './status-lists.ts'

const keys = keyFinder({ resolve: async (did) => ({ did, document: {}, keys: expandDidKey(did).keys, alsoKnownAs: [], peerIds: [], deactivated: false }) })
const base = 'https://agency.example'

let clock: ManualClock
let issuer: Self
let own: OwnStatusList
let store: MemoryStore
/** What the issuer’s node answers next; undefined: it cannot be reached. */
let served: ((uri: string) => Promise<string | undefined>) | undefined
let fetched: number
let cache: StatusCache

async function agent(name: string): Promise<Self> {
  const vault = new MemoryKeyVault(seeded(name))
  const keyRef = await vault.create('EdDSA')
  const key = multikeyOf(await vault.publicKey(keyRef))
  return selfOf({ did: `did:key:${key}` as Did, keyId: `did:key:${key}#${key}` as DidUrl, keyRef }, { name, jurisdiction: 'JP' as Jurisdiction }, vault)
}

beforeEach(async () => {
  clock = new ManualClock(startMs)
  issuer = await agent('issuer')
  own = await OwnStatusList.open({ store: new MemoryStore(), clock, random: seeded('lists'), self: issuer, base })
  store = new MemoryStore()
  fetched = 0
  served = (uri) => own.published(uri)
  cache = await open()
})

function open(): Promise<StatusCache> {
  const fetch = async (_issuer: Did, uri: string) => {
    fetched++
    if (!served) throw new TrustError('DFFT_UNREACHABLE', 'gone')
    return served(uri)
  }
  return StatusCache.open({ store, clock, keys, fetch, ageMsMax: statusAgeMsMax })
}

const status = (uri: string, index: number, of = issuer.did) => {
  // A bitstring list is asked for a purpose; a token list knows no such thing.
  const reference = { uri, index, purpose: 'revocation' as const }
  return cache.status(of, reference, never).catch(codeOf)
}

describe('the list of an issuer', () => {
  test('says the same in both encodings, before and after a revocation', async () => {
    const index = own.allocate()
    const other = own.allocate()
    for (const expected of ['valid', 'revoked'] as const) {
      if (expected === 'revoked') own.set(index, 'revoked')
      for (const uri of [own.uris.token, own.uris.bitstring]) {
        cache.supersede([uri], issuer.did)
        expect(await status(uri, index)).toBe(expected)
        expect(await status(uri, other)).toBe('valid')
      }
    }
    expect(statusAt(readTokenList((await own.published(own.uris.token)) as string).list, index)).toBe(1)
    expect(statusAt(readBitstringList((await own.published(own.uris.bitstring)) as string).list, index)).toBe(1)
  })

  test('gives every index out once, hidden among many', () => {
    const given = Array.from({ length: 500 }, () => own.allocate())
    expect(new Set(given).size).toBe(500)
    expect(Math.max(...given)).toBeGreaterThan(100_000)
    expect(Math.min(...given)).toBeLessThan(31_072)
  })

  test('survives a restart with its sequence, its revocations and what is taken', async () => {
    const disk = new MemoryStore()
    const needs = { store: disk, clock, random: seeded('restart'), self: issuer, base }
    const before = await OwnStatusList.open(needs)
    const index = before.allocate()
    await disk.batch([before.set(index, 'revoked')])
    const after = await OwnStatusList.open(needs)
    expect(after.get(index)).toBe('revoked')
    expect(after.sequence).toBe(before.sequence)
  })

  test('that was being signed when something was revoked is not given out again', async () => {
    const index = own.allocate()
    const before = own.published(own.uris.token)
    own.set(index, 'revoked')
    await before
    expect(statusAt(readTokenList((await own.published(own.uris.token)) as string).list, index)).toBe(1)
  })

  test('is published under its own addresses only', async () => {
    expect(await own.published(`${base}/status/token/2`)).toBeUndefined()
    expect(codeOf(thrownBy(() => own.lookUp({ uri: 'https://other.example/status/token/1', index: 1 })))).toBe('DFFT_STATUS_LIST')
  })
})

describe('the list of another', () => {
  test('is fetched once while it is fresh, and one fetch serves all who wait', async () => {
    await Promise.all([status(own.uris.token, 1), status(own.uris.token, 2)])
    expect(await status(own.uris.token, 3)).toBe('valid')
    expect(fetched).toBe(1)
  })

  test('that is too old fails closed when its issuer cannot be reached', async () => {
    expect(await status(own.uris.token, 1)).toBe('valid')
    served = undefined
    await clock.advance(statusAgeMsMax)
    expect(await status(own.uris.token, 1)).toBe('valid')
    await clock.advance(1)
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_STALE')
  })

  test('that a partner hands over counts its age from its signature', async () => {
    const old = (await own.published(own.uris.token)) as string
    await clock.advance(statusAgeMsMax + 1)
    served = async () => old
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_STALE')
  })

  test('that was never seen is unknown', async () => {
    served = undefined
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_UNKNOWN')
  })

  test('of another issuer under this address is refused', async () => {
    const thief = await agent('thief')
    const foreign = await OwnStatusList.open({ store: new MemoryStore(), clock, random: seeded('x'), self: thief, base })
    served = (uri) => foreign.published(uri)
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_LIST')
    served = (uri) => own.published(uri)
    expect(await status(own.uris.token, 1)).toBe('valid')
    expect(await status(own.uris.token, 1, thief.did)).toBe('DFFT_STATUS_LIST')
  })

  test('bears an address that anybody may sign for: the list of each issuer is kept by itself', async () => {
    const thief = await agent('thief')
    const foreign = await OwnStatusList.open({ store: new MemoryStore(), clock, random: seeded('x'), self: thief, base })
    for (let sequence = 0; sequence < 9; sequence++) foreign.set(0, 'valid')
    served = (uri) => foreign.published(uri)
    expect(await status(own.uris.token, 1, thief.did)).toBe('valid')
    served = (uri) => own.published(uri)
    expect(await status(own.uris.token, 1)).toBe('valid')
  })

  test('of this issuer under another address is refused', async () => {
    served = () => own.published(own.uris.bitstring)
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_LIST')
  })

  test('that was changed is refused', async () => {
    served = async (uri) => {
      const [head, body, signature] = ((await own.published(uri)) as string).split('.')
      return [head, body, `${signature?.startsWith('A') ? 'B' : 'A'}${signature?.slice(1)}`].join('.')
    }
    expect(await status(own.uris.token, 1)).toBe('DFFT_SIGNATURE')
  })

  test('that is older than the one held is refused, and so is one with a smaller sequence', async () => {
    const index = own.allocate()
    const before = (await own.published(own.uris.token)) as string
    await clock.advance(2000)
    own.set(index, 'revoked')
    expect(await status(own.uris.token, index)).toBe('revoked')
    served = async () => before
    cache.supersede([own.uris.token], issuer.did)
    expect(await status(own.uris.token, index)).toBe('DFFT_STATUS_LIST')
    // A ledger restored from a backup: newer by the clock, older by its count.
    const restored = await OwnStatusList.open({ store: new MemoryStore(), clock, random: seeded('restored'), self: issuer, base })
    await clock.advance(2000)
    served = (uri) => restored.published(uri)
    expect(await status(own.uris.token, index)).toBe('DFFT_STATUS_LIST')
  })

  test('has no index beyond its end', async () => {
    expect(await status(own.uris.token, 131_072)).toMatch(/^DFFT_/)
  })

  test('is looked at again after a hint of its issuer, and of nobody else', async () => {
    const index = own.allocate()
    expect(await status(own.uris.token, index)).toBe('valid')
    await clock.advance(1000)
    own.set(index, 'revoked')
    cache.supersede([own.uris.token], 'did:key:z6MkOther' as Did)
    expect(await status(own.uris.token, index)).toBe('valid')
    cache.supersede([own.uris.token, 'https://unknown.example'], issuer.did)
    expect(await status(own.uris.token, index)).toBe('revoked')
  })

  test('is held over a restart, with its age', async () => {
    expect(await status(own.uris.token, 1)).toBe('valid')
    served = undefined
    cache = await open()
    expect(await status(own.uris.token, 1)).toBe('valid')
    await clock.advance(statusAgeMsMax + 1)
    cache = await open()
    expect(await status(own.uris.token, 1)).toBe('DFFT_STATUS_STALE')
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}
