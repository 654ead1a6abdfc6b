/** The first exchange right after a dial: with a partner that has yet to hear who we are. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Jurisdiction } from '#protocols/ids.ts'
import { acquaint, never, type Party, startParty, ThreeNodes, until } from '#test-network/fixture.ts'

let net: ThreeNodes
/** Accredited by the German agency, which the holder has pinned; the holder has never heard of it. */
let company: Party
/** Services of the channels that the company opens at the holder, refused ones too. */
let asked: string[]

beforeEach(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  company = await startParty({ name: 'DE Company', jurisdiction: 'DE' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
  const { jp, de } = net
  await acquaint(company, jp)
  await acquaint(company, de)
  await company.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await company.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  asked = []
  const { network } = company.parts
  const open = network.open.bind(network)
  network.open = (peer, service, signal) => {
    if (peer.did === net.biz.did) asked.push(service)
    return open(peer, service, signal)
  }
})
afterEach(async () => {
  await company[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

/** What the German agency has and says; with `version` 2 the company is introduced at each connection. */
async function accredit(version: 1 | 2): Promise<void> {
  const { trust, self } = net.de.parts
  const said = { subject: company.did, jurisdiction: 'DE' as Jurisdiction, sector: 'private' as const, assurance: 'high' as const, issues: [], validDays: 30 }
  const rights = [{ act: 'request' as const, credentials: '*' as const, purposes: '*' as const, counterparties: '*' as const }]
  const made = await trust.accredit(version === 1 ? said : { ...said, rights }, self)
  for (const party of [net.de, net.jp, company]) await learn(party, made)
  for (const { document } of net.biz.parts.trust.shelf.documents()) await learn(company, document)
}

async function learn({ parts: { trust, store } }: Party, document: Parameters<Party['parts']['trust']['learn']>[0]): Promise<void> {
  const writes = await trust.learn(document, never)
  if (writes.length > 0) await store.batch(writes)
}

async function remember(): Promise<void> {
  await company.parts.store.batch([company.parts.peerBook.remember({ did: net.biz.did, peerId: net.biz.parts.network.peerId, addresses: [net.biz.address] })])
}

async function request() {
  await remember()
  return company.node.request({ to: net.biz.did, purpose: 'trade.supplier-verification' })
}

const exchanges = () => asked.filter((service) => service === 'exchange').length

test('nothing of it is said while the introduction is under way, and it closes after that', async () => {
  await accredit(2)
  const introduction = Promise.withResolvers<void>()
  let held = 0
  net.biz.hooks.serve = async (channel, honest) => {
    if (channel.service === 'enrol') {
      held++
      await introduction.promise
    }
    return honest(channel)
  }
  const work = request()
  await until(() => held > 0)
  await net.clock.advance(5_000)
  expect([exchanges(), held]).toEqual([0, 1])
  introduction.resolve()
  expect(await work).toMatchObject({ state: 'closed', code: null })
  expect(exchanges()).toBe(1)
})

test('over a connection that is there and whose introduction is under way waits for that one', async () => {
  await accredit(2)
  const introduction = Promise.withResolvers<void>()
  let held = 0
  net.biz.hooks.serve = async (channel, honest) => {
    if (channel.service === 'enrol' && held++ === 0) await introduction.promise
    return honest(channel)
  }
  await company.parts.network.connect(net.biz.address, never)
  await until(() => held > 0)
  const work = request()
  await net.clock.advance(5_000)
  expect(exchanges()).toBe(0)
  introduction.resolve()
  expect(await work).toMatchObject({ state: 'closed' })
  expect(exchanges()).toBe(1)
})

test('that is refused to a stranger is taken up once more after an introduction', async () => {
  await accredit(1)
  expect(await request()).toMatchObject({ state: 'closed', code: null })
  expect(exchanges()).toBe(2)
})

test('ends where the introduction is refused: nobody is asked for ever', async () => {
  await accredit(1)
  net.biz.hooks.serve = (channel, honest) => (channel.service === 'enrol' ? Promise.resolve(channel.close()) : honest(channel))
  expect(await request()).toMatchObject({ state: 'rejected', code: 'DFFT_NOT_ADMITTED' })
  expect(exchanges()).toBe(1)
})

test('ends where the partner knows us no better after the introduction', async () => {
  await accredit(1)
  company.parts.introductions.to = async () => true
  company.hooks.serve = async (channel) => channel.close() // What it publishes would tell the holder, too.
  expect(await request()).toMatchObject({ state: 'rejected', code: 'DFFT_NOT_ADMITTED' })
  expect(exchanges()).toBe(2)
})

test('of a partner that was not there is introduced as soon as it is: only who refused is left in peace for a while', async () => {
  await accredit(2)
  const { introductions } = company.parts
  await remember()
  await net.biz.parts.network[Symbol.asyncDispose]()
  expect(await introductions.to(net.biz.did, never).catch(codeOf)).toBe(false)
  expect(await introductions.to(net.biz.did, never).catch(codeOf)).toBe(false)
  expect([asked, company.log.filter((line) => line.startsWith('not introduced'))]).toEqual([
    ['enrol', 'enrol'],
    ['not introduced DFFT_UNREACHABLE', 'not introduced DFFT_UNREACHABLE'],
  ])
})
