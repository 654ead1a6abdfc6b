/** What an operator has to renew is told once, a week before it ends, and its key when a year is over. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { typeOf } from '#node/webhooks/event.ts'
import { codeOf } from '#protocols/errors.ts'
import { instant, msOf } from '#protocols/ids.ts'
import { nextPolicy, type Party, revived, ThreeNodes } from '#test-network/fixture.ts'
import { ownEndsLimits } from './own-ends.ts'

const { lookMs, noticeMs, signingKeyMs } = ownEndsLimits
let net: ThreeNodes

beforeEach(async () => {
  net = await ThreeNodes.start()
})
afterEach(() => net[Symbol.asyncDispose]())

/** The ends that a node's log tells, as a webhook has their types, with what they are of. */
async function told({ parts }: Party): Promise<[string, unknown][]> {
  const entries = await parts.audit.from(0, 4096)
  return entries.filter(({ facts }) => 'at' in facts && 'id' in facts).map((entry) => [typeOf(entry), entry.facts.id])
}

/** The wall clock is set on, and the node looks. */
async function reach(ms: number): Promise<void> {
  net.clock.jump(ms - net.clock.nowMs())
  await net.clock.advance(lookMs)
}

const policyEnds = ({ parts }: Party) => msOf(parts.shelf.line(parts.trust.home).newest!.policy.metadata.validUntil)

describe('a policy', () => {
  test('that ends in more than a week is no event, in less it is one, and one only', async () => {
    const { jp } = net
    await reach(policyEnds(jp) - noticeMs - 2 * lookMs)
    expect(await told(jp)).not.toContainEqual(['policy.ends_soon', expect.anything()])
    await reach(policyEnds(jp) - noticeMs)
    await reach(policyEnds(jp) - noticeMs + lookMs)
    expect((await told(jp)).filter(([type]) => type === 'policy.ends_soon')).toHaveLength(1)
    await using back = await revived(jp, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    await net.clock.advance(lookMs)
    expect((await told(back)).filter(([type]) => type === 'policy.ends_soon')).toHaveLength(1)
  })

  test('that was renewed in time is none', async () => {
    const { jp } = net
    const before = policyEnds(jp)
    await jp.node.policyAdd({ text: await nextPolicy(jp, 'jp', (text) => text.replace(/validUntil: \d{4}/, 'validUntil: 2029')) })
    await reach(before - noticeMs + lookMs)
    expect(await told(jp)).not.toContainEqual(['policy.ends_soon', expect.anything()])
  })
})

test('a token and an accreditation that end within the week are told each', async () => {
  const { jp, biz, clock } = net
  const { id } = await jp.node.tokenCreate({ name: 'ERP', access: 'read', until: instant(clock.nowMs() + 30 * 86_400_000) })
  const [accreditation] = biz.parts.introductions.chain()
  await reach(clock.nowMs() + 24 * 86_400_000)
  expect(await told(jp)).toEqual([['token.ends_soon', id]])
  await reach(msOf(accreditation!.validUntil) - noticeMs)
  expect(await told(biz)).toContainEqual(['accreditation.ends_soon', accreditation!.id])
})

describe('the key that signs', () => {
  test('is due after a year, told again of the next one only, and monitoring sees its age', async () => {
    const { jp, clock } = net
    const began = clock.nowMs()
    const key = jp.parts.self.keyId
    const since = async () => Number(/^dfft_signing_key_start_timestamp_seconds (\d+)$/m.exec((await jp.node.metrics({})).text)?.[1]) * 1000
    expect(Math.abs((await since()) - began)).toBeLessThan(60_000)
    await reach(began + signingKeyMs)
    await reach(began + signingKeyMs + lookMs)
    expect((await told(jp)).filter(([type]) => type === 'key.rotation_due')).toEqual([['key.rotation_due', key]])
    await jp.node.keyRotate({ unwitnessed: true })
    await clock.advance(2 * lookMs)
    expect((await told(jp)).filter(([type]) => type === 'key.rotation_due')).toHaveLength(1)
    expect(await since()).toBeGreaterThan(began + signingKeyMs)
    expect((await jp.node.metrics({})).text).toMatch(/^dfft_key_unusable 0$/m)
  })

  test('of a DID that cannot change it is never due', async () => {
    const { biz, clock } = net
    expect(await biz.node.keyRotate({}).catch(codeOf)).toBe('DFFT_KEY_FIXED')
    await reach(clock.nowMs() + 2 * signingKeyMs)
    expect((await told(biz)).map(([type]) => type)).not.toContain('key.rotation_due')
    expect((await biz.node.metrics({})).text).not.toMatch(/^dfft_signing_key_start/m)
  })
})
