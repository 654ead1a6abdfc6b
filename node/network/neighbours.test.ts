/** What a stranger is told, which is who this node is, and what it can make this node do, which is nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { witnessesAtHand } from '#node/identity/rotation.ts'
import { converse } from '#node/trust/introductions.ts'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
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
}, 60_000)
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

describe('a stranger is not admitted', () => {
  test.each<[string, () => unknown]>([
    ['the profile', () => ({ type: 'profile' })],
    ['a policy', () => ({ type: 'policy', digest: jp.parts.shelf.newest[0]?.digest })],
    ['a DID log', () => ({ type: 'did-log', did: jp.did })],
    ['a status list', () => ({ type: 'status-list', issuer: jp.did, uri: jp.parts.ownStatus.uris.token })],
    ['the head of the log', () => ({ type: 'log-head', since: 0 })],
    ['where something was logged', () => ({ type: 'issuance', signed: `sha256:${'a'.repeat(64)}`, size: null })],
    ['a hint that records changed', () => ({ type: 'changed', statusLists: [] })],
  ])('to records: %s', async (_what, question) => {
    expect(await ask(stranger, jp, question())).toBe('DFFT_NOT_ADMITTED')
  })

  test('to exchanges, whatever it says', async () => {
    const channel = await stranger.parts.network.open({ did: de.did, addresses: [de.address] }, 'exchange', never)
    await send(channel, { type: 'request' }, never)
    expect(await channel.next(never).catch(codeOf)).toBe('DFFT_NOT_ADMITTED')
    channel.close()
  })

  test('and is told who this node is, so that it can compare a fingerprint and apply', async () => {
    const about = await converse(jp.did, { ...stranger.parts, peers: { addressesOf: () => [jp.address] } }, never, (tell) =>
      tell({ type: 'about', version: 1 }, 'about'),
    )
    expect(about).toMatchObject({ did: jp.did, name: 'JP Agency', jurisdiction: 'JP', enrols: true, didLog: jp.parts.self.didLog })
    expect(about.chain.map(({ subject }) => subject)).toEqual([jp.did])
  })
})

describe('should a stranger get past the gate, it is not told, and a partner is,', () => {
  test.each<[string, (asking: Did) => Promise<unknown>]>([
    ['the head of the log', (asking) => de.parts.neighbours.logHead(0, asking)],
    ['whose checkpoints were seen', (asking) => de.parts.neighbours.seenCheckpoint(net.biz.did, asking)],
    ['whose status lists are held', (asking) => de.parts.neighbours.statusList({ issuer: jp.did, uri: jp.parts.ownStatus.uris.token }, asking)],
    // An honest node has to be shorter than it says for a refusal.
    ['that a log is shorter than it says', (asking) => de.parts.neighbours.logHead(1_000_000, asking).catch(codeOf)],
  ])('%s', async (_what, told) => {
    expect(await told(stranger.did)).toBeUndefined()
    expect(await told(net.biz.did)).toBeDefined()
  })

  test('nor does its profile name accreditations of others', async () => {
    const { did, accreditations } = await jp.parts.neighbours.profile(stranger.did)
    expect([did, accreditations.map(({ subject }) => subject)]).toEqual([jp.did, [jp.did]])
  })
})

test('partners are told of changes and asked to witness; strangers are not, and nobody counts on them', async () => {
  asked.length = 0
  expect(de.parts.network.connected().map(({ did }) => did)).toContain(stranger.did)
  await de.parts.records.announce([], never)
  const { witnesses } = await de.parts.evidence.freeze(de.parts.self.keyId, never)
  expect(witnesses).not.toContain(stranger.did)
  const atHand = witnessesAtHand(de.parts, {})
  expect([atHand.includes(net.biz.did), atHand.includes(stranger.did)]).toEqual([true, false])
  expect([asked.includes('partner records'), asked.includes('stranger records')]).toEqual([true, false])
})

describe('a hint that records changed', () => {
  async function askedAfterHint(by: Party): Promise<string[]> {
    asked.length = 0
    await de.parts.neighbours.changed([jp.parts.ownStatus.uris.token], by.did, never)
    await net.clock.advance(0)
    return [...asked]
  }

  test('of a partner makes the node look', async () => {
    expect(await askedAfterHint(net.biz)).toEqual(['partner records'])
  })

  test('of a stranger makes the node ask nothing', async () => {
    expect(await askedAfterHint(stranger)).toEqual([])
  })
})

describe('a stranger that becomes a partner', () => {
  test('is told from then on', async () => {
    const late = await startParty({ name: 'Late', jurisdiction: 'FR' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    try {
      expect(await ask(late, de, { type: 'log-head', since: 0 })).toBe('DFFT_NOT_ADMITTED')
      await de.node.peerAdd({ address: late.address })
      expect(await ask(late, de, { type: 'log-head', since: 0 })).toMatchObject({ type: 'log-head' })
    } finally {
      await late[Symbol.asyncDispose]()
    }
  })
})
