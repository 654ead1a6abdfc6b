/** Recognition where it matters: in the report of a verification, and between two parties of an exchange. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Jurisdiction } from '#protocols/ids.ts'
import { type Party, ThreeNodes } from '#test-network/fixture.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party
let text: string

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
  const id = await net.issued()
  text = (await biz.node.credentialShow({ id })).encodings[0]?.text ?? ''
})
afterAll(() => net[Symbol.asyncDispose]())

const reason = { en: 'key theft' }

test('a report has the chain from the issuer to the pinned anchor and over the agreement, link by link', async () => {
  const { verified, chain } = await de.node.credentialVerify({ text })
  expect(verified).toBe(true)
  expect(chain).toMatchObject([
    { kind: 'accreditation', from: jp.did, to: jp.did, assurance: 'high' },
    { kind: 'pin', to: jp.did, digest: null },
    { kind: 'agreement', to: 'DE', assurance: 'high' },
  ])
  const held = await Promise.all(chain.flatMap(({ digest }) => (digest ? [de.node.trustShow({ digest })] : [])))
  expect(held.map(({ type }) => type)).toEqual(['Accreditation', 'RecognitionAgreement'])
})

test('a suspended issuer, a suspended agreement and a stopped party are refused by their code, until that is lifted', async () => {
  const [agreement] = (await de.node.trustAgreements({})).agreements
  for (const stops of [
    { kind: 'participant' as const, did: jp.did, credentials: null },
    { kind: 'participant' as const, did: jp.did, credentials: ['BusinessRegistrationCredential'] },
    { kind: 'agreement' as const, id: agreement!.id },
  ]) {
    const { entry } = await de.node.trustSuspend({ stops, reason })
    const { verified, steps } = await de.node.credentialVerify({ text })
    expect(verified).toBe(false)
    expect(steps.find(({ step }) => step === 'issuer')?.code).toBe('DFFT_TRUST_SUSPENDED')
    await de.node.trustLift({ entry })
    expect((await de.node.credentialVerify({ text })).verified).toBe(true)
  }
})

test('a holder hands nothing to a requester whom an anchor has stopped', async () => {
  expect((await net.request()).state).toBe('closed')
  const { entry } = await jp.node.trustSuspend({ stops: { kind: 'participant', did: de.did, credentials: null }, reason })
  const [head] = [...jp.parts.trust.shelf.documents()].filter(({ document }) => document.type === 'SuspensionHead')
  await biz.node.trustApply({ document: { ...head!.document } })
  expect(await net.request()).toMatchObject({ state: 'refused', code: 'DFFT_TRUST_SUSPENDED' })
  await jp.node.trustLift({ entry })
  const [lifted] = [...jp.parts.trust.shelf.documents()].filter(({ document }) => document.type === 'SuspensionHead')
  await biz.node.trustApply({ document: { ...lifted!.document } })
  expect((await net.request()).state).toBe('closed')
})

test('where no agreement is held nothing foreign is recognised, but by the operator’s own word, which the report says', async () => {
  const question = { did: jp.did, type: 'BusinessRegistrationCredential', by: 'FR' as Jurisdiction }
  expect(await de.node.trustExplain(question)).toMatchObject({ recognised: false, code: 'DFFT_AGREEMENT' })
  await de.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction], withoutAgreement: true })
  expect(await de.node.trustExplain(question)).toMatchObject({ recognised: true, withoutAgreement: true })
  const { steps, chain } = await de.node.credentialVerify({ text })
  expect(steps.find(({ step }) => step === 'issuer')?.words?.id).toBe('issuer.word')
  expect(chain.map(({ kind }) => kind)).toEqual(['accreditation', 'pin'])
})

test('the report says so too of an anchor that is pinned for a place of which it does not say that it speaks', async () => {
  const france = 'FR' as Jurisdiction
  await de.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction, france], withoutAgreement: true })
  const question = { did: jp.did, type: 'BusinessRegistrationCredential', by: france }
  expect(await de.node.trustExplain(question)).toMatchObject({ recognised: true, withoutAgreement: false })
  await jp.node.trustAnchor({ jurisdictions: ['JP' as Jurisdiction] })
  for (const { document } of [...jp.parts.trust.shelf.documents()].filter(({ document: { type } }) => ['TrustAnchor', 'SuspensionHead'].includes(type)))
    await de.node.trustApply({ document: { ...document } })
  expect(await de.node.trustExplain(question)).toMatchObject({ recognised: true, withoutAgreement: true })
})

test('an agreement is shown as suspended where one of its sides has suspended it, and not where another anchor says so', async () => {
  const states = async () => (await de.node.trustAgreements({})).agreements.map(({ state }) => state)
  const france = { did: biz.did, jurisdictions: ['FR' as Jurisdiction] }
  for (const { node } of [biz, de]) await node.trustAdd(france)
  const [agreement] = (await de.node.trustAgreements({})).agreements
  const stops = { kind: 'agreement' as const, id: agreement?.id ?? '' }
  await de.node.trustApply({ document: (await biz.node.trustSuspend({ anchor: biz.did, stops, reason })).document })
  expect(await states()).toEqual(['in force'])
  await de.node.trustSuspend({ stops, reason })
  expect(await states()).toEqual(['suspended'])
})
