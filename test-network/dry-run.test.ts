/** `dryRun`: what the act itself would refuse is refused, nothing is changed anywhere, and the same in earnest then succeeds. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OperationName, operations } from '#node/api.ts'
import { limits } from '#node/exchange/exchange-needs.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { stopped, ThreeNodes } from './fixture.ts'
import { Rehearsals } from './rehearsals.ts'

/** Writing operations without `dryRun`, each with the reason why it can have none. */
const withoutDryRun: Readonly<Partial<Record<OperationName, string>>> = {
  peerAdd: 'who answers at an address is known only by calling it, and the call is the act',
  enrolApply: 'an agency says what it makes of an application only when it has it; `enrolApprove` is tried there',
  request: '`requestPreview` is its rehearsal: `dfft request --dry-run` asks that',
  present: '`presentPreview` is its rehearsal: `dfft present --dry-run` asks that',
  attachmentBegin: 'a step of handing a file over: what names the file decides, and that can be tried',
  attachmentAppend: 'as `attachmentBegin`',
  attachmentFinish: 'as `attachmentBegin`',
  consoleOpen: 'makes a code that is good for a minute, and keeps nothing',
  trustExport: 'writes out what is there, and changes nothing of it',
  trustBundleExport: 'as `trustExport`',
  enrolStatus: 'asks the agency how an application stands: what it says is what is kept',
  unseal: 'whether a passphrase opens the keys is known only when it has',
  webhookTest: 'is a rehearsal itself: an event that says nothing, sent once',
}

let net: ThreeNodes
let rehearsals: Rehearsals
let credential: string
beforeAll(async () => {
  net = await ThreeNodes.start()
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
  await net.issued()
  const { credentials } = await net.jp.node.credentialList({ role: 'issued' })
  credential = credentials[0]?.id ?? ''
})
afterAll(() => net[Symbol.asyncDispose]())

test('every operation that changes something has a dry run, or stands among those that have none', () => {
  const writing = (Object.keys(operations) as OperationName[]).filter((name) => operations[name].access === 'write')
  const lacking = writing.filter((name) => !('dryRun' in ((operations[name].input as unknown as { shape?: object }).shape ?? {})))
  expect(lacking.toSorted()).toEqual(Object.keys(withoutDryRun).toSorted())
})

test('the status of a credential', async () => {
  for (const act of ['suspend', 'reinstate', 'revoke'] as const) {
    const [rehearsed, done] = await rehearsals.tried([net.jp, act, { id: credential, reason: 'tried' }])
    expect(rehearsed).toEqual({ ...(done as object), told: 0 })
  }
  for (const act of ['suspend', 'reinstate', 'revoke'] as const) await rehearsals.refused([net.jp, act, { id: credential }], 'DFFT_CONFLICT')
  await rehearsals.refused([net.jp, 'revoke', { id: 'urn:uuid:none' }], 'DFFT_NOT_FOUND')
})

test('flags of a credential that is held', async () => {
  const { credentials } = await net.biz.node.credentialList({ role: 'held' })
  const [one] = credentials
  const [rehearsed, done] = await rehearsals.tried([net.biz, 'credentialFlag', { id: one?.id ?? '', flags: ['important-data'] }])
  expect(rehearsed).toEqual(done)
  await rehearsals.refused([net.biz, 'credentialFlag', { id: one?.id ?? '', flags: ['nonsense'] }], 'DFFT_USAGE')
})

test('witnessing the log of a DID', async () => {
  const { did } = net.jp
  await rehearsals.refused([net.de, 'keyWitnessRemove', { did }], 'DFFT_NOT_FOUND')
  const [rehearsed] = await rehearsals.tried([net.de, 'keyWitnessAdd', { did }])
  expect(rehearsed).toMatchObject({ witness: null, dids: [] })
  await rehearsals.tried([net.de, 'keyWitnessRemove', { did }])
  await rehearsals.refused([net.jp, 'keyWitnessAdd', { did }], 'DFFT_USAGE')
})

test('a dispute and its end, and the cancellation of what waits', async () => {
  const other = await ThreeNodes.start()
  await net[Symbol.asyncDispose]()
  net = other
  rehearsals = new Rehearsals(net.clock, [net.jp, net.biz, net.de])
  await net.issued()
  const { id } = await net.request()
  await net.clock.advance(5_000)
  await rehearsals.refused([net.de, 'exchangeCancel', { id }], 'DFFT_EXCHANGE_STATE')
  await rehearsals.refused([net.de, 'exchangeResolve', { id, statement: 'none' }], 'DFFT_EXCHANGE_STATE')
  await rehearsals.refused([net.de, 'exchangeDecline', { id }], 'DFFT_EXCHANGE_STATE')
  const [disputed] = await rehearsals.tried([net.de, 'exchangeDispute', { id, statement: 'the address is another' }])
  expect(disputed).toMatchObject({ state: 'disputed' })
  await net.clock.advance(5_000)
  const [resolved] = await rehearsals.tried([net.de, 'exchangeResolve', { id, statement: 'it is right' }])
  expect(resolved).not.toMatchObject({ state: 'disputed' })
  await stopped(net.biz)
  rehearsals = new Rehearsals(net.clock, [net.jp, net.de])
  const asked = net.request({ reuse: false })
  await net.clock.advance(500)
  net.clock.jump(limits.awayMs)
  await net.clock.advance(2_000)
  const waiting = { id: (await asked).id as ExchangeId }
  const [cancelled] = await rehearsals.tried([net.de, 'exchangeCancel', waiting])
  expect(cancelled).toMatchObject({ state: 'cancelled' })
})
