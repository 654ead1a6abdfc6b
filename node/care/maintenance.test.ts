/** What a partner meets of a node on which somebody works: two nodes and a real exchange. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { receive, send } from '#protocols/channel.ts'
import { Closing } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import { never, ThreeNodes, until } from '#test-network/fixture.ts'
import { receiptFor, say, signedRequest } from '#test-network/rogue.ts'

let net: ThreeNodes

beforeEach(async () => {
  net = await ThreeNodes.start()
  await net.issued()
})
afterEach(() => net[Symbol.asyncDispose]())

test('a partner hears that the node is busy and after how long to ask again, and nothing of why', async () => {
  const { biz, de } = net
  await biz.node.maintenance({ on: true })
  const { answer, channel } = await say(de, biz, await signedRequest(de, biz))
  channel.close()
  expect(answer).toMatchObject({ type: 'refusal', code: 'DFFT_BUSY', reveal: null, retryAfterMs: 60_000 })
  expect(JSON.stringify(answer)).not.toMatch(/maintenance/i)
})

test('an exchange that is refused by maintenance is taken up again behind it, and closes with one release', async () => {
  const { biz, de, clock } = net
  const before = (await biz.node.exchangeList({})).exchanges.length
  await biz.node.maintenance({ on: true })
  const asked = net.request()
  await until(() => de.log.includes('exchange waits DFFT_BUSY'))
  expect((await de.node.exchangeList({})).exchanges).toMatchObject([{ role: 'requester', state: 'requested', code: null }])
  expect((await biz.node.exchangeList({})).exchanges).toHaveLength(before) // Nothing of it was begun.
  await biz.node.maintenance({ on: false })
  let ended = false
  const closed = asked.finally(() => {
    ended = true
  })
  while (!ended) await clock.advance(1_000)
  expect(await closed).toMatchObject({ state: 'closed', code: null })
  const entries = await biz.parts.audit.entriesOf((await closed).id)
  expect(entries.map(({ kind }) => kind)).toEqual(['released', 'receipted'])
})

test('what was released before is receipted while somebody works on the node', async () => {
  const { biz, de } = net
  const request = await signedRequest(de, biz)
  const { answer, channel } = await say(de, biz, request)
  if (answer.type !== 'presentation') throw new Error(`a ${answer.type} in place of the presentation`)
  expect(await biz.node.maintenance({ on: true })).toMatchObject({ underway: 1 })
  await send(channel, await receiptFor(de, request, answer, releaseDigest(answer)), never)
  expect(await receive(channel, Closing, never)).toMatchObject({ type: 'closing' })
  channel.close()
  expect(await biz.node.maintenance({ on: true })).toMatchObject({ underway: 0 })
})
