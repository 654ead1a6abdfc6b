/** `dryRun` at the policy desk: what would come in force, from when, what that widens or restricts, and what would be refused. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, documentOf, following, japan, longer, newestAt, signedBy, version, withoutSuppliers } from '#node/policy/policy-life.fixture.ts'
import { codeOf } from '#protocols/errors.ts'
import { instant, msOf } from '#protocols/ids.ts'
import { ThreeNodes } from './fixture.ts'
import { Rehearsals } from './rehearsals.ts'

let net: ThreeNodes
let rehearsals: Rehearsals
beforeAll(async () => {
  net = await ThreeNodes.start()
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
})
afterAll(() => net[Symbol.asyncDispose]())

const inForce = async () => (await net.jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === japan)

test('a policy that restricts is said to, with when it begins, and then does', async () => {
  const { jp } = net
  const text = version(following(jp), withoutSuppliers)
  const [rehearsed, done] = await rehearsals.tried([jp, 'policyAdd', { text }])
  expect(rehearsed).toEqual(done)
  expect(rehearsed).toMatchObject({ serial: 2, change: { kind: 'restricts' }, validFrom: newestAt(jp).policy.metadata.validFrom })
  expect((await inForce())?.serial).toBe(2)
  await rehearsals.refused([jp, 'policyAdd', { text: version({ ...longer(jp), serial: 2 }) }], 'DFFT_POLICY_SERIAL')
  await rehearsals.refused([jp, 'policyAdd', { text: 'kind: TrustPolicy' }], 'DFFT_POLICY_SYNTAX')
  await rehearsals.refused([net.biz, 'policyAdd', { text: version(following(jp)) }], 'DFFT_NOT_ALLOWED')
})

test('a signature that is only tried is not handed out', async () => {
  const { jp } = net
  const text = version(longer(jp))
  const [rehearsed, done] = await rehearsals.tried([jp, 'policySign', { text }])
  const { document: unsigned, ...said } = rehearsed as { document: object }
  const { document: signed, ...saidThen } = done as { document: object }
  expect(said).toEqual(saidThen)
  expect(said).toMatchObject({ applied: false, change: { kind: 'widens' }, signatures: { by: [jp.did], missing: 0 } })
  expect(['proof' in unsigned, 'proof' in signed]).toEqual([false, true])
  const [applying] = await rehearsals.tried([jp, 'policyApply', { text: JSON.stringify(signed) }])
  expect(applying).toMatchObject({ applied: true, change: { kind: 'widens' } })
})

test('a suspension, its renewal and its end', async () => {
  const { jp, biz } = net
  const reason = { en: 'tried' }
  const [, { id }] = (await rehearsals.tried([jp, 'policySuspend', { to: ['DE'], reason, hours: 1 }])) as readonly [unknown, { id: string }]
  const [renewed] = await rehearsals.tried([jp, 'policyRenew', { id, hours: 2 }])
  expect(renewed).toMatchObject({ id, applied: true, kind: 'Suspension' })
  await rehearsals.tried([jp, 'policyLift', { id }])
  await rehearsals.refused([jp, 'policyRenew', { id: 'urn:none' }], 'DFFT_NOT_FOUND')
  await rehearsals.refused([jp, 'policySuspend', { reason }], 'DFFT_USAGE')
  await rehearsals.refused([biz, 'policySuspend', { everything: true, reason }], 'DFFT_NOT_ALLOWED')
})

test('a roll-back that takes more signatures than ours says so and hands nothing out', async () => {
  const { jp, biz, de } = net
  const signers = [jp.did, biz.did, de.did]
  await jp.node.policyApply({ text: await signedBy(version({ ...following(jp), signers, quorum: 2 }), jp, biz) })
  const { serial, validUntil: last } = newestAt(jp).policy.metadata
  const validUntil = instant(msOf(last) + 30 * dayMs)
  const rehearsed = await rehearsals.harmless([jp, 'policyRollback', { serial: serial - 1, validUntil }])
  expect(rehearsed).toMatchObject({ applied: false, serial: serial + 1, change: { kind: 'widens' }, signatures: { by: [jp.did], missing: 1 } })
  expect('proof' in (rehearsed as { document: object }).document).toBe(false)
  await rehearsals.refused([jp, 'policyRollback', { serial: 99 }], 'DFFT_NOT_FOUND')
  const alone = await signedBy(version(longer(jp)), jp)
  await rehearsals.refused([jp, 'policyApply', { text: alone }], 'DFFT_POLICY_QUORUM')
})

test('a second policy for one place is refused when tried, without stopping the jurisdiction', async () => {
  const { jp, biz, de } = net
  await net.clock.advance(2_000)
  const one = await signedBy(version(longer(jp, 10)), jp, biz)
  const other = await signedBy(version(longer(jp, 20)), biz, de)
  expect(documentOf(one)).not.toEqual(documentOf(other))
  const [rehearsed] = await rehearsals.tried([jp, 'policyApply', { text: one }])
  expect(rehearsed).toMatchObject({ applied: true })
  expect(await jp.node.policyApply({ text: other, dryRun: true }).then(() => 'done', codeOf)).toBe('DFFT_POLICY_FORK')
  expect((await jp.node.policyList({})).forks).toEqual([])
  expect(await jp.node.policyApply({ text: other }).then(() => 'done', codeOf)).toBe('DFFT_POLICY_FORK')
  expect((await jp.node.policyList({})).forks).toHaveLength(1)
})
