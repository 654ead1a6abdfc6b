import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { ThreeNodes } from '../../test-network/fixture.ts'
import { anchorsOf, type Exported, exported } from './evidence.fixture.ts'

let net: ThreeNodes
let done: Exported

beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  done = await exported(net)
}, 60_000)
afterAll(async () => net[Symbol.asyncDispose]())

test.each(['holder', 'requester'] as const)('the %s’s file is verified whole', async (side) => {
  const bytes = Buffer.from(done[side])
  const report = await verifyEvidence(bytes, { roots: anchorsOf(net), nowMs: net.clock.nowMs() })
  console.log(bytes.length, JSON.stringify(report, null, 1))
  expect(report.verified).toBe(true)
})
