/** What a policy asks the recipient to have shown: its anchor’s word opens it, its own opens nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { digest, type Jurisdiction } from '#protocols/ids.ts'
import { whyWider } from '#protocols/trust/attenuation.ts'
import { type Party, reference, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let biz: Party
let de: Party

const asks = `
    certification: { anyOf: [iso-27001] }
    transferTool: { anyOf: [appi-28-equivalent-measures] }
    evidence: { anyOf: [purchase-contract] }`

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de } = net)
  await net.issued()
  const { digest: previous } = (await net.jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP') ?? {}
  const supplier = '  require:\n    assurance: { issuer: substantial, counterparty: substantial }'
  const text = reference('jp').replace('serial: 1', `serial: 2\n  previous: ${previous}`).replace(supplier, `${supplier}${asks}`)
  const added = await net.jp.node.policyAdd({ text })
  const { document } = await net.jp.node.policyShow({ digest: added.digest })
  for (const { node } of [biz, de]) await node.policyApply({ text: JSON.stringify(document) })
})
afterAll(() => net[Symbol.asyncDispose]())

async function factsOf(party: Party, { id }: ExchangeView): Promise<Record<string, { value: unknown; origin: string; source?: string }>> {
  return ((await party.node.exchangeShow({ id })).decision?.question as { facts: Record<string, { value: unknown; origin: string }> }).facts
}

const transferTools = ['appi-28-equivalent-measures', 'gdpr-46-2-c-scc']

describe('what a recipient', () => {
  test('only says of itself stands in the question as its own word, and opens nothing', async () => {
    const view = await net.request({ transferTools })
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    const facts = await factsOf(de, view)
    expect(facts.transferTool).toEqual({ value: transferTools, origin: 'requester' })
    expect([facts.certification, facts.evidence]).toEqual([undefined, undefined])
    expect((await de.node.exchangeShow({ id: view.id })).decision?.decision).toMatchObject({ code: 'CONDITIONS_NOT_MET' })
  })

  test('has shown its anchor is a fact on both sides, with the accreditation that says so', async () => {
    const evidence = [{ kind: 'purchase-contract', document: digest('the contract') }]
    const shows = { certifications: ['iso-27001', 'privacy-mark'], transferTools: ['appi-28-equivalent-measures'], evidence }
    const issues = ['BusinessRegistrationCredential', 'QualificationCredential']
    await de.node.trustAccredit({ subject: de.did, sector: 'public', assurance: 'high', issues, shows })
    const view = await net.request({ transferTools })
    expect(view).toMatchObject({ state: 'closed', code: null })
    const [ours, theirs] = [await factsOf(de, view), await factsOf(biz, view)]
    expect(ours).toEqual(theirs)
    const { source } = ours.to!
    expect(ours.certification).toEqual({ value: ['iso-27001', 'privacy-mark'], origin: 'accreditation', source })
    expect(ours.evidence).toEqual({ value: ['purchase-contract'], origin: 'accreditation', source })
    expect(ours.transferTool).toEqual({ value: ['appi-28-equivalent-measures'], origin: 'accreditation', source })
  })

  test('has shown counts where it relies on it: an instrument that it does not name is none', async () => {
    const view = await net.request()
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect((await factsOf(de, view)).transferTool).toBeUndefined()
  })
})

test('only an anchor says what was shown to it: whoever may accredit for one does not', () => {
  const jurisdiction = 'DE' as Jurisdiction
  const passes = { issues: [], rights: [], assurance: 'high' as const, depth: 1 }
  const parent = { version: 2, subject: biz.did, jurisdiction, passes } as unknown as Parameters<typeof whyWider>[1]
  const said = { issuer: biz.did, jurisdiction, assurance: 'low' as const, issues: [], rights: [], passes: null }
  expect(whyWider(said, parent)).toBeNull()
  expect(whyWider({ ...said, shows: { certifications: ['iso-27001'], transferTools: [], evidence: [] } }, parent)).toMatch(/only an anchor/)
})
