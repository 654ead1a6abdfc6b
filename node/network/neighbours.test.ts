/** What a stranger is told, which is what is public, and what it can make this node do, which is nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { Told } from '#protocols/records.ts'
import { never, type Party, startParty, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let jp: Party
let de: Party
/** Proves its DID like anybody; nobody pinned it, accredited it or called it. */
let stranger: Party
/** Questions that the stranger and the partner were asked on channels opened to them. */
let asked: string[]

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ jp, de } = net)
  // A list of Japan's that Germany holds, and a log head of each at the other.
  await net.issued()
  expect((await net.request()).state).toBe('closed')
  stranger = await startParty({ name: 'Stranger', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
  asked = []
  for (const party of [stranger, net.biz])
    party.hooks.serve = async (channel, honest) => {
      asked.push(`${party === stranger ? 'stranger' : 'partner'} ${channel.service}`)
      await honest(channel)
    }
  await ask(stranger, de, { type: 'profile' })
  await net.clock.advance(0) // The greeting of a new connection is over.
})
afterAll(async () => {
  await stranger[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

async function ask(by: Party, of: Party, question: unknown): Promise<Told | string> {
  const channel = await by.parts.network.open({ did: of.did, addresses: [of.address] }, 'records', never)
  try {
    await send(channel, question, never)
    return await receive(channel, Told, never).catch(codeOf)
  } finally {
    channel.close()
  }
}

const none = { type: 'none', code: 'DFFT_NOT_FOUND' }

describe('a stranger is told', () => {
  test('the profile, and of the accreditations no other party’s', async () => {
    const told = await ask(stranger, jp, { type: 'profile' })
    if (typeof told === 'string' || told.type !== 'profile') return expect.unreachable()
    expect(told.did).toBe(jp.did)
    expect(told.accreditations.map(({ subject }) => subject)).toEqual([jp.did])
  })

  test('the node’s own status lists, in all three forms', async () => {
    for (const uri of Object.values(jp.parts.ownStatus.uris))
      expect(await ask(stranger, jp, { type: 'status-list', issuer: jp.did, uri })).toMatchObject({ type: 'status-list' })
  })

  test('a policy and a DID log, which are public', async () => {
    const [policy] = jp.parts.shelf.newest
    expect(await ask(stranger, jp, { type: 'policy', digest: policy?.digest })).toMatchObject({ type: 'policy' })
    expect(await ask(stranger, jp, { type: 'did-log', did: jp.did })).toMatchObject({ type: 'did-log' })
  })
})

describe('a stranger is not told, and a partner is,', () => {
  test.each<[string, () => unknown, string]>([
    ['the head of the log', () => ({ type: 'log-head', since: 0 }), 'log-head'],
    ['whose checkpoints were seen', () => ({ type: 'seen-checkpoint', of: net.biz.did }), 'seen-checkpoint'],
    ['whose status lists are held', () => ({ type: 'status-list', issuer: jp.did, uri: jp.parts.ownStatus.uris.token }), 'status-list'],
  ])('%s', async (_what, question, type) => {
    expect(await ask(stranger, de, question())).toEqual(none)
    expect(await ask(net.biz, de, question())).toMatchObject({ type })
  })

  test('even that a log is shorter than it says', async () => {
    expect(await ask(stranger, de, { type: 'log-head', since: 1_000_000 })).toEqual(none)
  })
})

describe('a hint that records changed', () => {
  async function askedAfterHint(by: Party): Promise<string[]> {
    asked.length = 0
    expect(await ask(by, de, { type: 'changed', statusLists: [jp.parts.ownStatus.uris.token] })).toEqual({ type: 'noted' })
    await net.clock.advance(0)
    return [...asked]
  }

  test('of a partner makes the node look', async () => {
    expect(await askedAfterHint(net.biz)).toEqual(['partner records'])
  })

  test('of a stranger is noted and makes the node ask nothing', async () => {
    expect(await askedAfterHint(stranger)).toEqual([])
  })
})

describe('a stranger that becomes a partner', () => {
  test('is told from then on', async () => {
    const late = await startParty({ name: 'Late', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    try {
      expect(await ask(late, de, { type: 'log-head', since: 0 })).toEqual(none)
      await de.node.peerAdd({ address: late.address })
      expect(await ask(late, de, { type: 'log-head', since: 0 })).toMatchObject({ type: 'log-head' })
    } finally {
      await late[Symbol.asyncDispose]()
    }
  })
})
