/** What a node says of itself to whoever watches over it, and what becomes of a credential that its issuer suspends. */
import { describe, expect, test } from 'vitest'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { never, sampleNumber, ThreeNodes } from '#test-network/fixture.ts'
import { offer } from './exchange.ts'
import type { Parts } from './trust-node.ts'

test('a node is ready while it can record, and says so when it stops', async () => {
  const net = await ThreeNodes.start()
  const { node } = net.biz
  expect(node.publicHealth()).toEqual({ live: true, ready: true, reasons: [] })
  await net[Symbol.asyncDispose]()
  expect(node.publicHealth()).toEqual({ live: true, ready: false, reasons: ['stopping'] })
})

test('a node whose disk refused a record is not ready, and releases nothing', async () => {
  await using net = await ThreeNodes.start()
  await net.issued()
  const { node, store } = net.biz
  store.batch = () => Promise.reject(new TrustError('DFFT_STORE', 'the disk is full'))
  const asked = net.request().catch(codeOf)
  while (node.publicHealth().ready) await new Promise(setImmediate)
  expect(node.publicHealth()).toEqual({ live: true, ready: false, reasons: ['DFFT_STORE'] })
  expect((await net.de.node.credentialList({ role: 'received' })).credentials).toEqual([])
  await net.clock.advance(400_000)
  expect(await asked).not.toMatchObject({ state: 'closed' })
})

describe('a credential that is suspended', () => {
  const verdicts = async (net: ThreeNodes, id: string) => {
    const { encodings } = await net.jp.node.credentialShow({ id })
    return Promise.all([net.jp, net.de].flatMap(({ node }) => encodings.map(async ({ text }) => (await node.credentialVerify({ text })).code ?? 'verified')))
  }
  const statuses = async ({ jp, biz }: ThreeNodes) => {
    const issued = await jp.node.credentialList({ role: 'issued' })
    const held = await biz.node.credentialList({ role: 'held' })
    return [...issued.credentials, ...held.credentials].map(({ status }) => status)
  }

  test('is neither shown nor believed until it is reinstated; what is revoked stays so; and each is in the log', async () => {
    await using net = await ThreeNodes.start()
    const { jp, de } = net
    const id = await net.issued()
    expect(await verdicts(net, id)).toEqual(['verified', 'verified', 'verified', 'verified'])
    const suspended = await jp.node.suspend({ id, reason: 'address unconfirmed' })
    expect(suspended).toMatchObject({ id, sequence: 1, told: 2 })
    expect(await statuses(net)).toEqual(['suspended', 'suspended'])
    expect(new Set(await verdicts(net, id))).toEqual(new Set(['DFFT_STATUS_SUSPENDED']))
    expect(await net.request()).toMatchObject({ state: 'refused', code: 'DFFT_STATUS_SUSPENDED' })
    expect(await jp.node.suspend({ id }).catch(codeOf)).toBe('DFFT_CONFLICT')
    expect(await jp.node.reinstate({ id })).toMatchObject({ statusList: suspended.statusList, index: suspended.index, sequence: 2 })
    expect(await statuses(net)).toEqual(['valid', 'valid'])
    expect(new Set(await verdicts(net, id))).toEqual(new Set(['verified']))
    expect(await net.request()).toMatchObject({ state: 'closed' })
    await jp.node.suspend({ id })
    await jp.node.revoke({ id, reason: 'dissolved' })
    expect(await statuses(net)).toEqual(['revoked', 'revoked'])
    expect(new Set(await verdicts(net, id))).toEqual(new Set(['DFFT_STATUS_REVOKED']))
    for (const act of ['suspend', 'reinstate', 'revoke'] as const) expect(await jp.node[act]({ id }).catch(codeOf), act).toBe('DFFT_CONFLICT')
    const { entries } = await jp.node.auditTail({ limit: 10 })
    const changes = entries.filter(({ facts }) => facts.credential === id && facts.reason !== undefined)
    expect(changes.map(({ kind, facts }) => `${kind} ${facts.reason}`)).toEqual([
      'suspended address-unconfirmed',
      'reinstated unspecified',
      'suspended unspecified',
      'revoked dissolved',
    ])
    expect(await de.node.suspend({ id }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })

  test('is rejected by the requester when its holder shows it all the same', async () => {
    const lax = (parts: Parts): Parts => ({ ...parts, surroundings: { ...parts.surroundings, status: async () => 'valid' as const } })
    await using net = await ThreeNodes.start({ biz: lax })
    const id = await net.issued()
    await net.jp.node.suspend({ id })
    expect(await net.request()).toMatchObject({ state: 'rejected', code: 'DFFT_STATUS_SUSPENDED', receipts: 1 })
    expect((await net.de.node.credentialList({ role: 'received' })).credentials).toEqual([])
  })

  test('is not handed over by its issuer either', async () => {
    await using net = await ThreeNodes.start()
    const { jp, biz } = net
    await net.issued()
    const { credential } = await jp.node.issue({ record: sampleNumber, subject: biz.did, deliver: false })
    await jp.node.suspend({ id: credential.id })
    const claims = businessRegistration.groups.map(({ path }) => path)
    const said = { kind: 'delivery' as const, claims, purpose: 'registration.delivery', legalBasis: null }
    const record = await offer({ to: biz.did, credential: await jp.parts.wallet.get(credential.id), ...said }, jp.parts, never)
    const seen = async () => (await biz.node.exchangeShow({ id: record.id })).exchange
    await expect.poll(seen).toMatchObject({ state: 'refused', code: 'DFFT_STATUS_SUSPENDED' })
  })
})
