/** Trying again by hand: what is open, at once and with the bytes that were signed; what is over, not at all. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type Party, revived, stopped, ThreeNodes, until } from '#test-network/fixture.ts'
import { limits } from './exchange-needs.ts'

let net: ThreeNodes
let late: Party | undefined
beforeEach(async () => {
  net = await ThreeNodes.start()
  await net.issued()
})
afterEach(async () => {
  await late?.[Symbol.asyncDispose]()
  late = undefined
  await net[Symbol.asyncDispose]()
})

const world = () => ({ clock: net.clock, connect: (makings: Parameters<typeof net.hub.network>[0]) => net.hub.network(makings) })
const kinds = async ({ parts }: Party, id: string) => (await parts.audit.entriesOf(id as ExchangeId)).map(({ kind }) => kind)
const retry = ({ node }: Party, id: string) => node.exchangeRetry({ id: id as ExchangeId })
const messages = async ({ node }: Party, id: string) =>
  new Map((await node.exchangeShow({ id: id as ExchangeId })).messages.map(({ type, digest }) => [type, digest]))

/** The business takes Requests and loses the line before it answers, as often as it is told to. */
function deafTo(times: number): { readonly asked: number } {
  const heard = { asked: 0 }
  net.biz.hooks.serve = async (channel, honest) => {
    if (channel.service !== 'exchange' || heard.asked++ >= times) return honest(channel)
    await channel.next(new AbortController().signal)
    channel.close()
  }
  return heard
}

test('a request whose answer was lost goes out again as it was signed, and brings one release and one receipt', async () => {
  const { de, biz } = net
  const heard = deafTo(1)
  const asked = net.request()
  await until(() => heard.asked === 1)
  const [{ id } = { id: '' }] = (await de.node.exchangeList({})).exchanges
  const before = await messages(de, id)
  // Its own next try is a wait away, and the clock stands.
  expect(await retry(de, id)).toMatchObject({ state: 'closed', receipts: 1 })
  expect((await messages(biz, id)).get('request')).toBe(before.get('request'))
  await net.clock.advance(10_000)
  expect(await asked).toMatchObject({ state: 'closed' })
  expect([await kinds(de, id), await kinds(biz, id)]).toEqual([
    ['requested', 'received'],
    ['released', 'receipted'],
  ])
})

test('many tries at once, beside the node’s own, still come to one release and one receipt', async () => {
  const { de, biz } = net
  const heard = deafTo(1)
  const asked = net.request()
  await until(() => heard.asked === 1)
  const [{ id } = { id: '' }] = (await de.node.exchangeList({})).exchanges
  const tries = Promise.all(Array.from({ length: 8 }, () => retry(de, id).catch(codeOf)))
  await net.clock.advance(10_000)
  // One that comes when it is over by now is told so.
  for (const outcome of await tries) expect(typeof outcome === 'string' ? outcome : outcome.state).toMatch(/^(closed|DFFT_EXCHANGE_STATE)$/)
  expect(await asked).toMatchObject({ state: 'closed', receipts: 1 })
  expect(await kinds(biz, id)).toEqual(['released', 'receipted'])
  expect((await de.node.credentialList({ role: 'received' })).credentials).toHaveLength(1)
})

test('a partner that is away is told of as such, and the draft waits on', async () => {
  const { de, biz } = net
  const gone = await stopped(biz)
  const asked = net.request()
  await net.clock.advance(500)
  net.clock.jump(limits.awayMs)
  await net.clock.advance(2_000)
  const { id } = await asked
  const tried = retry(de, id).catch(codeOf)
  await net.clock.advance(20_000)
  expect(await tried).toMatch(/^DFFT_(UNREACHABLE|TIMEOUT)$/)
  expect(await kinds(de, id)).toEqual(['drafted'])
  late = await revived(biz, world(), gone)
  const again = retry(de, id)
  await net.clock.advance(20_000)
  expect(await again).toMatchObject({ state: 'closed', receipts: 1 })
})

test('what is over, and what only the other side can go on with, is not tried', async () => {
  const { de, biz } = net
  const closed = await net.request()
  expect(closed.state).toBe('closed')
  for (const party of [de, biz]) expect(await retry(party, closed.id).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
  const refused = await net.request({ purpose: 'marketing' })
  expect(refused.state).toBe('refused')
  expect(await retry(de, refused.id).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
  expect(await retry(de, '0'.repeat(32)).catch(codeOf)).toBe('DFFT_NOT_FOUND')
})

test('a dry run says whether there is anything to try, and tries nothing', async () => {
  const { de } = net
  const heard = deafTo(1)
  const asked = net.request()
  await until(() => heard.asked === 1)
  const [{ id } = { id: '' as ExchangeId }] = (await de.node.exchangeList({})).exchanges
  expect(await de.node.exchangeRetry({ id, dryRun: true })).toMatchObject({ state: 'requested' })
  expect(heard.asked).toBe(1)
  await net.clock.advance(10_000)
  expect(await asked).toMatchObject({ state: 'closed' })
})
