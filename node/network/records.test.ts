import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, digest } from '#protocols/ids.ts'
import { Told } from '#protocols/records.ts'
import { never, type Party, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
})
afterAll(() => net[Symbol.asyncDispose]())

function opened(): Promise<Channel> {
  return de.parts.network.open({ did: jp.did, addresses: [jp.address] }, 'records', never)
}

async function ask(question: unknown): Promise<Told | string> {
  const channel = await opened()
  await send(channel, question, never)
  return receive(channel, Told, never).catch(codeOf)
}

describe('a partner is told', () => {
  test('the accreditations of the node, and of others only the asker’s own', async () => {
    const told = await ask({ type: 'profile' })
    if (typeof told === 'string' || told.type !== 'profile') return expect.unreachable()
    expect(told.did).toBe(jp.did)
    expect(told.accreditations.map(({ subject }) => subject)).toEqual([jp.did])
    const own = await biz.parts.records.ask(jp.did, { type: 'profile' }, 'profile', never)
    expect(own.accreditations.map(({ subject }) => subject).sort()).toEqual([biz.did, jp.did].sort())
  })

  test('a policy by its digest, as it was signed', async () => {
    const shelved = jp.parts.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === 'JP')
    expect(await ask({ type: 'policy', digest: shelved?.digest })).toEqual({ type: 'policy', document: shelved?.document })
  })

  test('a log head that verifies against the log, from any size that it had', async () => {
    expect(await ask({ type: 'log-head', since: 0 })).toMatchObject({ type: 'log-head', log: { since: 0 } })
    expect(await ask({ type: 'log-head', since: 3 })).toMatchObject({ type: 'log-head', log: { since: 3 } })
  })

  test('a log that it would have to have is called a fork', async () => {
    expect(await ask({ type: 'log-head', since: 1_000_000 })).toBe('DFFT_LOG_FORK')
  })

  test.each<[string, unknown]>([
    ['a policy', { type: 'policy', digest: digest('none') }],
    ['a DID log', { type: 'did-log', did: 'did:web:nobody.example' }],
    ['a status list', { type: 'status-list', issuer: 'did:web:nobody.example', uri: 'https://nobody.example/status/1' }],
    ['a checkpoint', { type: 'seen-checkpoint', of: 'did:web:nobody.example' }],
  ])('that %s is not held, with a code', async (_what, question) => {
    expect(await ask(question)).toEqual({ type: 'none', code: 'DFFT_NOT_FOUND' })
  })

  test.each<[string, unknown]>([
    ['of an unknown kind', { type: 'secrets' }],
    ['with a member too many', { type: 'profile', all: true }],
    ['of a log from before its beginning', { type: 'log-head', since: -1 }],
    ['on 65 lists at once', { type: 'changed', statusLists: Array.from({ length: 65 }, (_, at) => `https://a.example/${at}`) }],
    ['by an address that is too long', { type: 'status-list', issuer: 'did:web:nobody.example', uri: 'a'.repeat(513) }],
    ['on a list by its address alone, which anybody may use', { type: 'status-list', uri: 'https://a.example/status/token/1' }],
    ['that belongs to an exchange', { type: 'request', version: 1 }],
  ])('nothing on a question %s, which counts against it', async (_what, question) => {
    await using fresh = await ThreeNodes.start()
    const channel = await fresh.de.parts.network.open({ did: fresh.jp.did, addresses: [fresh.jp.address] }, 'records', never)
    await send(channel, question, never)
    expect(await receive(channel, Told, never).catch(codeOf)).toBe('DFFT_SCHEMA')
    expect(fresh.jp.hooks.faults).toEqual(['DFFT_SCHEMA'])
  })

  test('one answer to one question on a channel', async () => {
    const channel = await opened()
    await send(channel, { type: 'profile' }, never)
    expect((await receive(channel, Told, never)).type).toBe('profile')
    await send(channel, { type: 'profile' }, never).catch(() => undefined)
    expect(await receive(channel, Told, never).catch(codeOf)).toBe('DFFT_CHANNEL_CLOSED')
  })
})

describe('what a peer tells', () => {
  test('is taken only as the answer to what was asked', async () => {
    const wrong = de.parts.records.ask(jp.did, { type: 'profile' }, 'policy', never)
    expect(await wrong.catch(codeOf)).toBe('DFFT_FRAME')
  })

  test('of another party’s accreditation, policy or DID log is checked before it is kept', async () => {
    jp.hooks.serve = async (channel) => {
      const forged = { ...(jp.parts.trust.accreditationOf(jp.did, net.clock.nowMs()) as object), subject: 'did:web:forged.example' }
      await channel.next(never)
      await send(channel, { type: 'profile', did: jp.did, didLog: null, accreditations: [forged], policies: [digest('none')] }, never)
    }
    expect(await de.parts.neighbours.learnFrom(jp.did, never)).toEqual({ accreditations: 0, policies: 0 })
    expect(de.parts.trust.accreditationOf('did:web:forged.example' as Did, net.clock.nowMs())).toBeUndefined()
    jp.hooks.serve = undefined
  })

  test('of more lists than one hint names is told in several', async () => {
    const uris = Array.from({ length: 130 }, (_, list) => `https://agency.example/status/token/${list}`)
    const heard: string[][] = []
    const supersede = net.biz.parts.statuses.supersede.bind(net.biz.parts.statuses)
    net.biz.parts.statuses.supersede = (some, by) => {
      heard.push([...some])
      supersede(some, by)
    }
    expect(await jp.parts.records.announce(uris, never)).toBe(2)
    expect(heard.map(({ length }) => length)).toEqual([64, 64, 2])
    expect(heard.flat()).toEqual(uris)
  })

  test('does not wait for ever', async () => {
    jp.hooks.serve = () => new Promise(() => undefined)
    const asked = de.parts.records.ask(jp.did, { type: 'profile' }, 'profile', never).catch(codeOf)
    await net.clock.advance(10_001)
    expect(await asked).toBe('DFFT_TIMEOUT')
    jp.hooks.serve = undefined
  })
})
