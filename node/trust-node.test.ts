/** What a node says of itself to whoever watches over it. */
import { expect, test } from 'vitest'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { ThreeNodes } from '#test-network/fixture.ts'

test('a node is ready while it can record, and says so when it stops', async () => {
  const net = await ThreeNodes.start()
  const { node } = net.biz
  expect(node.health()).toEqual({ live: true, ready: true, reasons: [] })
  await net[Symbol.asyncDispose]()
  expect(node.health()).toEqual({ live: true, ready: false, reasons: ['stopping'] })
})

test('a node whose disk refused a record is not ready, and releases nothing', async () => {
  await using net = await ThreeNodes.start()
  await net.issued()
  const { node, store } = net.biz
  store.batch = () => Promise.reject(new TrustError('DFFT_STORE', 'the disk is full'))
  const asked = net.request().catch(codeOf)
  while (node.health().ready) await new Promise(setImmediate)
  expect(node.health()).toEqual({ live: true, ready: false, reasons: ['DFFT_STORE'] })
  expect((await net.de.node.credentialList({ role: 'received' })).credentials).toEqual([])
  await net.clock.advance(400_000)
  expect(await asked).not.toMatchObject({ state: 'closed' })
})
