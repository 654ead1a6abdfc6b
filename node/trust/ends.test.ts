import { afterEach, beforeEach, expect, test } from 'vitest'
import { msOf } from '#protocols/ids.ts'
import { acquaint, type Party, startParty, ThreeNodes } from '#test-network/fixture.ts'
import { endsLimits, watchEnds } from './ends.ts'

const dayMs = 86_400_000
let net: ThreeNodes
let brief: Party

/** Somebody whom the agency has accredited for a day. */
beforeEach(async () => {
  net = await ThreeNodes.start()
  brief = await startParty({ name: 'Brief', jurisdiction: 'JP' }, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
  await acquaint(brief, net.jp)
  await net.jp.node.trustAccredit({ subject: brief.did, sector: 'private', assurance: 'substantial', issues: [], validDays: 1 })
})
afterEach(async () => {
  await brief[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

test('connections are looked at again in the moment in which the standing of a partner ends', async () => {
  const { clock, jp } = net
  const { trust, network } = jp.parts
  const standing = () => trust.standingOf(brief.did, clock.nowMs()).ok
  const looked: number[] = []
  const ending = new AbortController()
  const watched = watchEnds({ clock, network, trust, gate: { changed: () => void looked.push(clock.nowMs()) } }, ending.signal)
  const [link] = network.connected().filter(({ did }) => did === brief.did)
  expect([link === undefined, standing()]).toEqual([false, true])
  clock.jump(dayMs - 2 * endsLimits.lookMs)
  const untilMs = msOf(trust.accreditationOf(brief.did, clock.nowMs())!.validUntil)
  await clock.advance(endsLimits.lookMs + 60_000)
  expect(standing()).toBe(true)
  await clock.advance(endsLimits.lookMs)
  expect(standing()).toBe(false)
  expect(looked).toContain(untilMs)
  expect(looked.length).toBeLessThan(6)
  ending.abort()
  await watched
})

test('a node does so by itself', async () => {
  const { clock, jp } = net
  let looked = 0
  jp.parts.gate.onChanged(() => {
    if (!jp.parts.trust.standingOf(brief.did, clock.nowMs()).ok) looked++
  })
  clock.jump(dayMs - endsLimits.lookMs)
  await clock.advance(2 * endsLimits.lookMs)
  expect(looked).toBeGreaterThan(0)
})
