/** What a holder says of its data, from the operator's word to the decision of both sides over three nodes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { offer } from '#node/exchange.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { codeOf, type TrustError } from '#protocols/errors.ts'
import { never, type Party, reference, ThreeNodes, until } from '#test-network/fixture.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party
let id: string

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
  id = await net.issued()
})
afterEach(() => net[Symbol.asyncDispose]())

const deny = `- id: jp.exp.important
  direction: export
  effect: deny
  title: { en: Important data stay here }
  match:
    from: [JP]
    dataFlags: [important-data]
  cite:
  - { law: APPI, at: Art. 28 }
`

async function importantDataDenied(): Promise<void> {
  const previous = (await jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')?.digest
  await jp.node.policyAdd({ text: `${reference('jp').replace('serial: 1', `serial: 2\n  previous: ${previous}`).trimEnd()}\n${deny}` })
  const heard = ({ parts }: Party) => parts.shelf.line('JP' as never).newest?.policy.metadata.serial === 2
  await until(() => heard(biz) && heard(de))
}

describe('data that their holder flags', () => {
  test('are kept back by a policy that denies them, and go again when the flag is cleared', async () => {
    await importantDataDenied()
    expect(await net.request()).toMatchObject({ state: 'closed' })
    await biz.node.credentialFlag({ id, flags: ['important-data'] })
    const view = await net.request()
    expect(view).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED', disclosed: [] })
    const { decision } = await biz.node.exchangeShow({ id: view.id })
    expect(decision).toMatchObject({ question: { facts: { dataFlags: { value: ['important-data'], origin: 'holder' } } } })
    expect(JSON.stringify(decision)).toContain('jp.exp.important')
    await biz.node.credentialFlag({ id, flags: [] })
    expect(await net.request()).toMatchObject({ state: 'closed' })
  })

  test('go with the flag in the question that both sides decide, where no policy minds it', async () => {
    await biz.node.credentialFlag({ id, flags: ['important-data'] })
    const view = await net.request()
    expect(view).toMatchObject({ state: 'closed' })
    for (const { node } of [biz, de])
      expect((await node.exchangeShow({ id: view.id })).decision).toMatchObject({ question: { facts: { dataFlags: { value: ['important-data'] } } } })
  })
})

describe('a flag', () => {
  test('takes the place of those before, sorted and each once, and is shown with the credential', async () => {
    expect((await biz.node.credentialShow({ id })).credential.flags).toEqual([])
    await biz.node.credentialFlag({ id, flags: ['protected-address'] })
    await biz.node.credentialFlag({ id, flags: ['important-data', 'bulk-sensitive', 'important-data'] })
    const flags = ['bulk-sensitive', 'important-data']
    expect((await biz.node.credentialShow({ id })).credential.flags).toEqual(flags)
    expect((await biz.node.credentialList({ role: 'held' })).credentials).toMatchObject([{ id, flags }])
  })

  test('is in the log', async () => {
    await biz.node.credentialFlag({ id, flags: ['important-data'] })
    const { entries } = await biz.node.auditTail({ limit: 1 })
    expect(entries).toMatchObject([{ kind: 'credential-flagged', facts: { credential: id, flags: ['important-data'] } }])
  })

  test('stays when its issuer delivers the credential once more', async () => {
    await biz.node.credentialFlag({ id, flags: ['important-data'] })
    const kept = await jp.parts.wallet.get(id)
    const wish = {
      to: biz.did,
      credential: kept,
      kind: 'delivery' as const,
      claims: businessRegistration.groups.map(({ path }) => path),
      purpose: 'registration.delivery',
      legalBasis: null,
    }
    expect(await offer(wish, jp.parts, never)).toMatchObject({ state: 'closed' })
    expect((await biz.node.credentialShow({ id })).credential.flags).toEqual(['important-data'])
  })

  test('that the vocabulary does not have is refused with the nearest, and nothing is changed', async () => {
    await biz.node.credentialFlag({ id, flags: ['bulk-sensitive'] })
    const thrown = (await biz.node.credentialFlag({ id, flags: ['important-data', 'importand-data'] }).catch((error) => error)) as TrustError
    expect(thrown).toMatchObject({ code: 'DFFT_USAGE', facts: { flag: 'importand-data', nearest: 'important-data' } })
    expect(thrown.message).toContain('did you mean `important-data`?')
    const far = (await biz.node.credentialFlag({ id, flags: ['x'] }).catch((error) => error)) as TrustError
    expect(far.message).toContain('important-data, ')
    expect((await biz.node.credentialShow({ id })).credential.flags).toEqual(['bulk-sensitive'])
  })

  test('is refused for what this node does not hold as its own', async () => {
    expect(await jp.node.credentialFlag({ id, flags: ['important-data'] }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    const { credential } = await net.request()
    expect(await de.node.credentialFlag({ id: credential ?? '', flags: ['important-data'] }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await biz.node.credentialFlag({ id: 'urn:uuid:none', flags: [] }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })
})
