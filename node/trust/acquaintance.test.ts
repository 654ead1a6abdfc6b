/** Who stays known when what made him known is over. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Did } from '#protocols/ids.ts'
import { type Party, ThreeNodes } from '#test-network/fixture.ts'
import { knows } from './acquaintance.ts'

let net: ThreeNodes
let jp: Party
let biz: Did

beforeAll(async () => {
  net = await ThreeNodes.start()
  jp = net.jp
  await jp.node.trustAnchor({ depth: 1 })
  biz = net.biz.did
  // What the network tells of a partner that connects.
  const [peer] = jp.parts.network.connected().filter(({ did }) => did === biz)
  await jp.store.batch([...jp.parts.peerBook.met({ did: biz, peerId: peer!.peerId, addresses: [net.biz.address] }, net.clock.nowMs())])
}, 60_000)
afterAll(() => net[Symbol.asyncDispose]())

/** After the end of every accreditation. */
const later = { nowMs: () => net.clock.nowMs() + 3650 * 86_400_000 }
const known = (clock = later) => knows(biz, { ...jp.parts, peers: jp.parts.peerBook, clock })

test('having been met makes nobody known whose accreditation is over; having been called by an operator does', async () => {
  expect([known(net.clock), jp.parts.peerBook.called(biz), jp.parts.peerBook.addressesOf(biz).length > 0]).toEqual([true, false, true])
  expect(known()).toBe(false)
  await jp.node.peerAdd({ address: net.biz.address })
  expect(known()).toBe(true)
})

test('who is suspended does not come back by the end of his accreditation, nor when suspensions were heard too long ago', async () => {
  await jp.node.peerAdd({ address: net.biz.address })
  const { entry } = await jp.node.trustSuspend({ stops: { kind: 'participant', did: biz, credentials: null }, reason: { en: 'key theft' } })
  const stale = { nowMs: () => net.clock.nowMs() + 2 * 86_400_000 }
  expect(jp.parts.trust.standingOf(biz, stale.nowMs())).toMatchObject({ ok: false, code: 'DFFT_TRUST_STALE' })
  expect([known(net.clock), known(stale), known()]).toEqual([false, false, false])
  await jp.node.trustLift({ entry })
  expect(known()).toBe(true)
})
