/** `dryRun` of what keeps a node and of who may call it. Backups, webhooks and applications are tried beside their other tests. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sealable } from '#node/sealable.ts'
import type { Instant } from '#protocols/ids.ts'
import { ThreeNodes } from './fixture.ts'
import { Rehearsals } from './rehearsals.ts'

let net: ThreeNodes
let rehearsals: Rehearsals
beforeAll(async () => {
  net = await ThreeNodes.start()
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
})
afterAll(() => net[Symbol.asyncDispose]())

test('a token is described, and none is made', async () => {
  const wish = { name: 'erp', access: 'read' } as const
  const [rehearsed, done] = await rehearsals.tried([net.jp, 'tokenCreate', wish])
  expect(rehearsed).toMatchObject({ ...wish, state: 'active', token: '' })
  expect((await net.jp.node.tokenList({})).tokens.map(({ id }) => id)).toEqual([(done as { readonly id: string }).id])
  await rehearsals.refused([net.jp, 'tokenCreate', { ...wish, until: '2020-01-01T00:00:00Z' as Instant }], 'DFFT_USAGE')
})

test('maintenance is begun and ended by nobody who only tries', async () => {
  const [on] = await rehearsals.tried([net.jp, 'maintenance', { on: true }])
  expect(on).toMatchObject({ maintenance: { reason: 'operator' } })
  const [off] = await rehearsals.tried([net.jp, 'maintenance', { on: false }])
  expect(off).toMatchObject({ maintenance: null })
})

test('what goes nowhere is refused when it is tried', async () => {
  await rehearsals.refused([net.jp, 'webhookAdd', { url: 'https://erp.example/' }], 'DFFT_NOT_ALLOWED')
  await rehearsals.refused([net.jp, 'webhookRetry', { id: '0123456789abcdef' }], 'DFFT_NOT_FOUND')
  await rehearsals.refused([net.jp, 'backupCreate', { path: '/nowhere/none.backup', passphrase: 'correct horse' }], 'DFFT_NOT_ALLOWED')
  await rehearsals.refused([net.jp, 'seal', {}], 'DFFT_NOT_ALLOWED')
  await rehearsals.refused([net.jp, 'attachmentFetch', { exchange: '0'.repeat(32) as never }], 'DFFT_NOT_FOUND')
})

test('a node is neither stopped nor sealed by who only tries', async () => {
  let stops = 0
  const node = net.jp.node
  const closing = { node, [Symbol.asyncDispose]: async () => {} }
  const onStop = () => void stops++
  const sealable = new Sealable({ did: async () => net.jp.did, open: async () => closing, clock: net.clock, log: () => {}, onStop })
  await sealable.begin('correct horse')
  const { api } = sealable
  expect([await api.seal({ dryRun: true }), await api.stop({ dryRun: true }), stops]).toEqual([{ sealed: false }, { stopping: false }, 0])
  expect((await api.health({})).sealed).toBe(false)
  expect([await api.seal({}), await api.stop({}), stops]).toEqual([{ sealed: true }, { stopping: true }, 1])
  expect((await api.health({})).sealed).toBe(true)
})

test('partners asked to co-sign are only those that would be', async () => {
  const foreseen = await rehearsals.harmless([net.jp, 'auditWitness', { ask: true }])
  expect(foreseen).toMatchObject({ partners: expect.arrayContaining([expect.objectContaining({ did: net.de.did, connected: true, asked: 'not-asked' })]) })
})
