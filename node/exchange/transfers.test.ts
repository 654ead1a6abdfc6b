/** Data at the third hop: what the origin allowed goes on, with the proof of how it came; nothing else does, and no holder can say otherwise. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JointObligation } from '#policies/joint-obligation.ts'
import { Chain } from '#test-network/chain.ts'
import type { Party } from '#test-network/fixture.ts'

let chain: Chain
let biz: Party
let de: Party
let third: Party

beforeEach(async () => {
  chain = await Chain.start()
  ;({ biz, de } = chain.net)
  ;({ third } = chain)
})
afterEach(() => chain[Symbol.asyncDispose]())

async function kinds(party: Party, exchange: string): Promise<string[]> {
  return (await party.parts.audit.entriesOf(exchange as never)).map(({ kind }) => kind)
}

describe('what was received', () => {
  test('goes on where both sides and the origin’s law permit it, and both decide the same', async () => {
    const first = await chain.received()
    expect(first.state).toBe('closed')
    const view = await chain.passed()
    expect([view.state, view.code, de.log.slice(-3)]).toMatchObject(['closed', null, []])
    expect(await kinds(third, view.id)).toEqual(['requested', 'accepted-terms', 'received'])
    expect(await kinds(de, view.id)).toEqual(['released', 'receipted'])
    const [ours, theirs] = [await third.node.exchangeShow({ id: view.id }), await de.node.exchangeShow({ id: view.id })]
    expect(ours.decision).toEqual(theirs.decision)
    expect(ours.exchange.agreement).toBe(theirs.exchange.agreement)
    expect(ours.decision?.question).toMatchObject({ onward: [{ jurisdiction: 'JP', agreement: first.agreement }] })
    expect((ours.decision?.decision as { origins: { policies: unknown }[] }).origins[0]?.policies).toMatchObject([{ jurisdiction: 'JP' }])
    const retention = (duties: readonly unknown[]) => (duties as JointObligation[]).find(({ type }) => type === 'retention')
    expect(retention(view.obligations)).toEqual(retention(first.obligations)) // No later than the origin's end.
  })
})
