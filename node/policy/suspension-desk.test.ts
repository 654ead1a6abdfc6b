/** Suspensions on whole nodes: at once, at home and at partners, for 72 hours at most, and who may end them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import { never, type Party, type ThreeNodes } from '#test-network/fixture.ts'
import { showPolicy } from './policy-desk.ts'
import { documentOf, japan, signedBy, threeSigners } from './policy-life.fixture.ts'
import { PolicyShelf } from './policy-shelf.ts'
import { suspensionLimits } from './suspensions.ts'

const hourMs = 3_600_000
let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

beforeAll(async () => {
  net = await threeSigners()
  ;({ jp, biz, de } = net)
})
/** One network for all: whatever was suspended is over when the next begins. */
afterEach(() => {
  for (const { hooks } of [jp, biz, de]) delete hooks.serve
  net.clock.jump(73 * hourMs)
})
afterAll(() => net[Symbol.asyncDispose]())

const reason = { en: 'Key compromise reported by the counterparty', ja: '相手方の鍵漏えい' }
const suspended = (party: Party) => party.parts.shelf.suspended(japan, net.clock.nowMs()).length
const told = (party: Party) => party.parts.neighbours.learnFrom(jp.did, never)

describe('a suspension', () => {
  test('of one signer stops the flows at once, at home and at partners that are told, and the refusal gives its reason', async () => {
    await net.issued()
    expect((await net.request()).state).toBe('closed')
    const { id, applied, signatures } = await jp.node.policySuspend({ counterparty: [de.did], reason })
    expect([applied, signatures.by, signatures.missing]).toEqual([true, [jp.did], 0])
    await net.clock.advance(0)
    expect([jp, biz, de].map(suspended)).toEqual([1, 1, 1])
    const refused = await net.request()
    expect(refused.state).toBe('refused')
    const explained = await de.node.policyExplain({ exchange: refused.id, lang: 'ja' })
    expect(explained.code).toBe('SUSPENDED')
    expect(explained.sentences.join('\n')).toContain(reason.ja)
    await jp.node.policyLift({ id })
    // The decision of then is still explained by the suspension of then.
    expect((await de.node.policyExplain({ exchange: refused.id, lang: 'en' })).sentences.join('\n')).toContain(reason.en)
    const entries = (await jp.node.auditTail({ limit: 10 })).entries.filter(({ facts }) => facts.policy === id)
    expect(entries.map(({ kind }) => kind)).toEqual(['policy-suspended', 'policy-lifted'])
    expect(entries[0]?.facts).toMatchObject({ policy: id, signers: [jp.did] })
  })

  test('stops what it names and nothing else', async () => {
    await net.issued()
    await jp.node.policySuspend({ to: ['KR'], reason })
    await net.clock.advance(0)
    expect((await net.request()).state).toBe('closed')
    await jp.node.policySuspend({ to: ['EU'], reason })
    await net.clock.advance(0)
    expect((await net.request()).state).toBe('refused')
  })

  test('is over by itself after its hours', async () => {
    await jp.node.policySuspend({ everything: true, hours: 2, reason })
    net.clock.jump(2 * hourMs - 1000)
    expect(suspended(jp)).toBe(1)
    net.clock.jump(1000)
    expect(suspended(jp)).toBe(0)
    expect((await jp.node.policyList({})).suspensions).toEqual([])
  })

  test('is there after a restart', async () => {
    await jp.node.policySuspend({ everything: true, reason })
    const { parts, store } = jp
    const opened = await PolicyShelf.open({ ...parts, store, packs: parts.shelf.packs, record: async () => {} })
    expect(opened.side(japan, net.clock.nowMs()).suspensions).toHaveLength(1)
    expect(opened.side(japan, net.clock.nowMs() + 73 * hourMs).suspensions).toEqual([])
  })

  test('is listed with what it stops, its end and who signed it', async () => {
    await jp.node.policySuspend({ counterparty: [de.did], purpose: ['trade.invoicing'], hours: 24, reason })
    expect((await jp.node.policyList({})).suspensions).toMatchObject([
      { jurisdiction: 'JP', serial: expect.any(Number), match: { counterpartyNode: [de.did], purpose: ['trade.invoicing'] }, reason, signedBy: [jp.did] },
    ])
  })

  test.each<[string, Parameters<Party['node']['policySuspend']>[0], string]>([
    ['of everything that nobody asked for', { reason }, 'DFFT_USAGE'],
    ['of everything and of something', { everything: true, to: ['KR'], reason }, 'DFFT_USAGE'],
    ['of a purpose nobody knows', { purpose: ['trade.nothing'], reason }, 'DFFT_POLICY_SYNTAX'],
    ['of a place nobody knows', { to: ['UK'], reason }, 'DFFT_POLICY_SYNTAX'],
    ['of another jurisdiction', { jurisdiction: 'DE' as never, everything: true, reason }, 'DFFT_NOT_ALLOWED'],
  ])('%s is refused', async (_what, wish, code) => {
    expect(await jp.node.policySuspend(wish).catch(codeOf)).toBe(code)
    expect(suspended(jp)).toBe(0)
  })

  test('of more than 72 hours is refused at the door and in the document', async () => {
    expect(await jp.node.policySuspend({ everything: true, hours: 73, reason }).catch((thrown: Error) => thrown.name)).toBe('ZodError')
    const { document } = await jp.node.policySuspend({ everything: true, reason })
    const validUntil = instant(net.clock.nowMs() + 72 * hourMs + 1000)
    const longer = { ...document, metadata: { ...(document.metadata as object), serial: 99, validUntil } }
    expect(await jp.node.policySign({ text: JSON.stringify(longer) }).catch(codeOf)).toBe('DFFT_POLICY_SYNTAX')
  })

  test('signed by somebody else, or changed after it was signed, is not taken', async () => {
    const { document } = await jp.node.policySuspend({ to: ['KR'], reason })
    const changed = { ...document, match: {} }
    expect(await biz.parts.shelf.learn(documentOf(JSON.stringify(changed)), never).catch(codeOf)).toBe('DFFT_POLICY_SIGNATURE')
    const foreign = { ...document, metadata: { ...(document.metadata as object), issuer: 'did:web:stranger.example' } }
    expect(await biz.parts.shelf.learn(documentOf(JSON.stringify(foreign)), never).catch(codeOf)).toBe('DFFT_POLICY_SIGNATURE')
  })

  test('is in the log as what it is: made, renewed, lifted', async () => {
    const { id } = await jp.node.policySuspend({ to: ['KR'], hours: 1, reason })
    net.clock.jump(1000)
    await jp.node.policyRenew({ id, hours: 2 })
    await jp.node.policySuspend({ to: ['US'], hours: 1, reason })
    net.clock.jump(1000)
    await jp.node.policyLift({ id })
    const { entries } = await jp.node.auditTail({ limit: 4 })
    expect(entries.map(({ kind }) => kind)).toEqual(['policy-suspended', 'policy-renewed', 'policy-suspended', 'policy-lifted'])
  })

  test('is shown by its digest or the beginning of it; what is not held, or begins as several do, is not', async () => {
    const { digest, document } = await jp.node.policySuspend({ to: ['KR'], reason })
    const hex = digest.slice('sha256:'.length)
    for (const name of [digest, hex, hex.slice(0, 8)])
      expect(await jp.node.policyShow({ digest: name })).toEqual({ digest, kind: 'Suspension', document, change: null })
    expect(await jp.node.policyShow({ digest: '0'.repeat(64) }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await jp.node.policyShow({ digest: hex.slice(0, 7) }).catch((thrown: Error) => thrown.name)).toBe('ZodError')
    expect(await showPolicy('', jp.parts).catch(codeOf)).toBe('DFFT_USAGE')
  })

  test('that is over when it is heard of is not kept', async () => {
    biz.hooks.serve = async () => {}
    const { document } = await jp.node.policySuspend({ to: ['KR'], hours: 1, reason })
    net.clock.jump(hourMs)
    expect(await biz.parts.shelf.learn(documentOf(JSON.stringify(document)), never).catch(codeOf)).toBe('DFFT_EXPIRED')
    expect(biz.parts.shelf.suspensions.of(japan).map(({ document: { metadata } }) => metadata)).not.toContainEqual(document.metadata)
  })

  test('is not one of more than 64 of one office at a time', async () => {
    biz.hooks.serve = async () => {}
    de.hooks.serve = async () => {}
    const { liveMax } = suspensionLimits
    const outcomes: string[] = []
    for (let count = 0; count <= liveMax; count++)
      outcomes.push(await jp.node.policySuspend({ to: ['KR'], hours: count + 1, reason }).then(() => 'taken', codeOf))
    expect([outcomes.indexOf('DFFT_LIMIT'), outcomes.length]).toEqual([liveMax, liveMax + 1])
  })

  test('is united with another of the same serial, by another office', async () => {
    await jp.node.policySuspend({ to: ['KR'], reason })
    const mine = jp.parts.shelf.suspensions.of(japan).at(-1)
    const text = JSON.stringify({ ...mine?.policy, match: { to: ['GB'] }, metadata: { ...mine?.policy.metadata, issuer: biz.did } })
    const other = documentOf(await signedBy(text, biz))
    await jp.parts.shelf.learn(other, never)
    expect(suspended(jp)).toBe(2)
  })
})

describe('a suspension is ended', () => {
  test('by who signed it, at home and at partners that are told', async () => {
    const { id } = await jp.node.policySuspend({ everything: true, reason })
    await net.clock.advance(0)
    expect([jp, biz, de].map(suspended)).toEqual([1, 1, 1])
    net.clock.jump(60_000)
    expect((await jp.node.policyLift({ id })).applied).toBe(true)
    await net.clock.advance(0)
    net.clock.jump(1000)
    expect([jp, biz, de].map(suspended)).toEqual([0, 0, 0])
  })

  test('not by another office alone; by the quorum', async () => {
    const { id } = await jp.node.policySuspend({ everything: true, reason })
    await net.clock.advance(0)
    net.clock.jump(60_000)
    const outcome = await biz.node.policyLift({ id })
    expect(outcome).toMatchObject({ applied: false, signatures: { by: [biz.did], quorum: 2, missing: 1 } })
    expect(suspended(biz)).toBe(1)
    const text = await signedBy(JSON.stringify(outcome.document), de)
    expect((await biz.node.policyApply({ text })).applied).toBe(true)
    net.clock.jump(1000)
    expect(suspended(biz)).toBe(0)
  })

  test('at a newcomer that hears of it and of its end together', async () => {
    const { id } = await jp.node.policySuspend({ to: ['KR'], reason })
    net.clock.jump(60_000)
    await jp.node.policyLift({ id })
    net.clock.jump(10_000)
    await told(de)
    expect(suspended(de)).toBe(0)
  })

  test('when there is none, with a code', async () => {
    expect(await jp.node.policyLift({ id: 'urn:trust-policy:jp:suspension:9' }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await jp.node.policyRenew({ id: 'urn:trust-policy:jp:suspension:9' }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })
})

describe('a suspension is renewed', () => {
  test('by any signer, without a gap, for 72 hours more', async () => {
    const { id } = await jp.node.policySuspend({ everything: true, reason })
    await net.clock.advance(0)
    net.clock.jump(71 * hourMs)
    expect((await biz.node.policyRenew({ id })).applied).toBe(true)
    expect(suspended(biz)).toBe(1)
    net.clock.jump(71 * hourMs)
    expect(suspended(biz)).toBe(1)
    net.clock.jump(hourMs)
    expect(suspended(biz)).toBe(0)
  })

  test('for less than is left only by who may end it', async () => {
    const { id } = await jp.node.policySuspend({ everything: true, reason })
    await net.clock.advance(0)
    expect((await biz.node.policyRenew({ id, hours: 1 })).applied).toBe(false)
    expect((await jp.node.policyRenew({ id, hours: 1 })).applied).toBe(true)
  })
})
