/** `dryRun` of what becomes a record: rows of a register, what is issued from them, and what is done with data that came. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { sampleNumber, ThreeNodes } from './fixture.ts'
import { Rehearsals } from './rehearsals.ts'

let net: ThreeNodes
let rehearsals: Rehearsals
beforeAll(async () => {
  net = await ThreeNodes.start()
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
  await net.issued()
})
afterAll(() => net[Symbol.asyncDispose]())

const header = 'corporateNumber,process,changeDate,name,closeDate,closeCause,successorCorporateNumber,updateDate'
const successor = '8700110005901'
const rows = (...lines: readonly string[]) => ({ header, text: `${lines.join('\n')}\n`, firstLine: 2 })

test('rows of a register: what is new, what would be revoked, and what is refused', async () => {
  const { jp } = net
  const { credentials } = await jp.node.credentialList({ role: 'issued' })
  const ended = `${sampleNumber},71,2026-09-30,見本,2026-09-30,11,${successor},2026-10-01`
  const fresh = '7000012050002,01,2026-09-30,国税庁,,,,2026-09-30'
  const piece = rows(ended, fresh, 'none,01,2026-09-30,見本,,,,2026-09-30')
  const [rehearsed, done] = await rehearsals.tried([jp, 'registryImport', piece])
  expect(rehearsed).toEqual(done)
  expect(rehearsed).toMatchObject({ accepted: 2, added: 1, ended: 1, changed: 1, rejected: [{ line: 4 }] })
  expect(rehearsed).toMatchObject({ revoked: credentials.map(({ id }) => ({ credential: id, kind: 'merged' })) })
  expect(await jp.node.registryImport({ ...piece, dryRun: true })).toMatchObject({ accepted: 0, unchanged: 2, revoked: [] })
  await rehearsals.refused([jp, 'registryImport', { ...piece, header: 'nothing,known' }], 'DFFT_REGISTER')
})

test('a credential: shown as it would be, without id, place and signature', async () => {
  const { jp, biz } = net
  const wish = { record: '7000012050002', subject: biz.did, deliver: false }
  const [rehearsed, done] = (await rehearsals.tried([jp, 'issue', wish])) as readonly { readonly credential: object }[]
  const { id } = (done?.credential ?? {}) as { readonly id?: string }
  expect(done?.credential).toMatchObject({ validFrom: expect.any(String), status: 'valid' })
  expect({ ...rehearsed?.credential, id, validFrom: null, validUntil: null }).toEqual({ ...done?.credential, validFrom: null, validUntil: null })
  expect(rehearsed).toMatchObject({ credential: { id: 'urn:uuid:00000000-0000-0000-0000-000000000000' }, delivery: null })
  await rehearsals.refused([jp, 'issue', { ...wish, record: successor }], 'DFFT_NOT_FOUND')
  await rehearsals.refused([jp, 'issue', { ...wish, validDays: 30, copies: 3 }], 'DFFT_USAGE')
  const claims = { legalName: 'x' }
  await rehearsals.refused([jp, 'issue', { claims, subject: biz.did }], 'DFFT_CREDENTIAL_SCHEMA')
  await rehearsals.refused([jp, 'issue', { type: 'QualificationCredential', claims, holder: biz.did }], 'DFFT_CREDENTIAL_SCHEMA')
})

test('a use of what was received: whether it is permitted, without the data; and a breach', async () => {
  const other = await ThreeNodes.start()
  await net[Symbol.asyncDispose]()
  net = other
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
  await net.issued()
  const { id: exchange, credential } = await net.request()
  const wish = { id: credential ?? '', purpose: 'trade.supplier-verification' }
  const [rehearsed, done] = await rehearsals.tried([net.de, 'credentialUse', wish])
  expect(rehearsed).toMatchObject({ exchange, claims: {}, encodings: [], decision: { verdict: 'permit' } })
  expect(done).not.toMatchObject({ claims: {}, encodings: [] })
  expect(await rehearsals.harmless([net.de, 'credentialUse', { ...wish, purpose: 'marketing' }]).catch(codeOf)).toBe('DFFT_POLICY_DENIED')
  await rehearsals.refused([net.de, 'credentialUse', { ...wish, id: 'urn:none' }], 'DFFT_NOT_FOUND')
  const told = { exchange: exchange as ExchangeId, statement: 'a laptop was stolen' }
  const [foreseen] = await rehearsals.tried([net.de, 'obligationBreach', told])
  expect(foreseen).toMatchObject({ exchange, partner: net.biz.did, late: false })
  await rehearsals.refused([net.biz, 'obligationBreach', told], 'DFFT_EXCHANGE_STATE')
})
