/** `dryRun`: what the act itself would refuse is refused, nothing is changed anywhere, and the same in earnest then succeeds. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type NodeApi, type OperationName, operations } from '#node/api.ts'
import { limits } from '#node/exchange/exchange-needs.ts'
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type Party, stopped, ThreeNodes } from './fixture.ts'

/**
 * Writing operations that cannot be tried yet: for most, what the partner or the record would answer is known only by asking. A new one needs
 * `dryRun`, or a reason to stand here.
 */
const withoutDryRun: readonly OperationName[] = [
  // They begin a conversation: what comes of it is the other side's word.
  'peerAdd',
  'enrolApply',
  'enrolDecline',
  'request',
  'present',
  'attachmentFetch',
  'auditWitness',
  'obligationBreach',
  // Steps of handing something over; the act that follows decides.
  'attachmentBegin',
  'attachmentAppend',
  'attachmentFinish',
  // `policyRehearse`, `trustReview` and `policy diff` show what a document would change.
  'policyAdd',
  'policySign',
  'policyApply',
  'policyRollback',
  'policySuspend',
  'policyRenew',
  'policyLift',
  'registryImport',
  'issue',
  'credentialUse',
  'keyApprove',
  'trustBundleSettle',
  'stop',
  // They print, show or make something of what is there, and change nothing that was.
  'consoleOpen',
  'trustExport',
  'trustBundleExport',
  'enrolStatus',
  'tokenCreate',
  'backupCreate',
  'webhookAdd',
  // They change what runs, and nothing that is kept but whether it is in maintenance; or send what is kept once more.
  'maintenance',
  'seal',
  'unseal',
  'webhookTest',
  'webhookRetry',
]

let net: ThreeNodes
let credential: string
beforeAll(async () => {
  net = await ThreeNodes.start()
  await net.issued()
  const { credentials } = await net.jp.node.credentialList({ role: 'issued' })
  credential = credentials[0]?.id ?? ''
})
afterAll(() => net[Symbol.asyncDispose]())

test('every operation that changes something has a dry run, or stands among those that have none', () => {
  const writing = (Object.keys(operations) as OperationName[]).filter((name) => operations[name].access === 'write')
  const lacking = writing.filter((name) => !('dryRun' in ((operations[name].input as unknown as { shape?: object }).shape ?? {})))
  expect(lacking.filter((name) => !withoutDryRun.includes(name))).toEqual([])
  expect(withoutDryRun.filter((name) => !lacking.includes(name))).toEqual([])
})

/** All that a node keeps, but what it follows by itself. */
async function kept({ store, vault, blobs, dataKeys }: Party): Promise<string> {
  const rows: string[] = []
  // Bundles of partners are followed behind all this.
  for await (const [key, value] of store.scan({ from: ' ', to: '\u{10ffff}' }))
    if (!key.startsWith('bundle/')) rows.push(`${key} ${Buffer.from(value).toString('hex')}`)
  return JSON.stringify([rows, shape(vault), shape(blobs), shape(dataKeys)])
}

/** How many things the double of a port holds. */
function shape(port: object): readonly string[] {
  return Object.entries(port).map(([name, value]) => `${name}:${value instanceof Map || value instanceof Set ? value.size : typeof value}`)
}

let away: Party | undefined
const everybody = async () => Promise.all([net.jp, net.biz, net.de].filter((one) => one !== away).map(kept))

/** When what follows by itself (a list that is fetched, evidence that is kept) has come to rest. */
async function settled(): Promise<readonly string[]> {
  let last = await everybody()
  for (let step = 0; step < 30; step++) {
    await net.clock.advance(2_000)
    const now = await everybody()
    if (now.every((one, index) => one === last[index])) return now
    last = now
  }
  throw new Error('the nodes do not come to rest')
}

type Act = { [Name in OperationName]: readonly [party: Party, name: Name, input: Parameters<NodeApi[Name]>[0]] }[OperationName]

/** In earnest behind the rehearsal; what both answer. */
async function tried([party, name, input]: Act): Promise<readonly [unknown, unknown]> {
  const call = (more: object) => (party.node[name] as (wish: unknown) => Promise<unknown>)({ ...(input as object), ...more })
  const before = await settled()
  const rehearsed = await call({ dryRun: true })
  // What would be told would be under way by now.
  await net.clock.advance(2_000)
  expect(await everybody()).toEqual(before)
  const done = await call({})
  expect(await everybody()).not.toEqual(before)
  return [rehearsed, done]
}

/** The same refusal, and nothing changed by either. */
async function refused([party, name, input]: Act, code: string): Promise<void> {
  const call = (more: object) => (party.node[name] as (wish: unknown) => Promise<unknown>)({ ...(input as object), ...more }).then(() => 'done', codeOf)
  const before = await settled()
  expect([await call({ dryRun: true }), await call({})]).toEqual([code, code])
  expect(await everybody()).toEqual(before)
}

test('the status of a credential', async () => {
  for (const act of ['suspend', 'reinstate', 'revoke'] as const) {
    const [rehearsed, done] = await tried([net.jp, act, { id: credential, reason: 'tried' }])
    expect(rehearsed).toEqual({ ...(done as object), told: 0 })
  }
  for (const act of ['suspend', 'reinstate', 'revoke'] as const) await refused([net.jp, act, { id: credential }], 'DFFT_CONFLICT')
  await refused([net.jp, 'revoke', { id: 'urn:uuid:none' }], 'DFFT_NOT_FOUND')
})

test('flags of a credential that is held', async () => {
  const { credentials } = await net.biz.node.credentialList({ role: 'held' })
  const [one] = credentials
  const [rehearsed, done] = await tried([net.biz, 'credentialFlag', { id: one?.id ?? '', flags: ['important-data'] }])
  expect(rehearsed).toEqual(done)
  await refused([net.biz, 'credentialFlag', { id: one?.id ?? '', flags: ['nonsense'] }], 'DFFT_USAGE')
})

test('witnessing the log of a DID', async () => {
  const { did } = net.jp
  await refused([net.de, 'keyWitnessRemove', { did }], 'DFFT_NOT_FOUND')
  const [rehearsed] = await tried([net.de, 'keyWitnessAdd', { did }])
  expect(rehearsed).toMatchObject({ witness: null, dids: [] })
  await tried([net.de, 'keyWitnessRemove', { did }])
  await refused([net.jp, 'keyWitnessAdd', { did }], 'DFFT_USAGE')
})

test('a dispute and its end, and the cancellation of what waits', async () => {
  const other = await ThreeNodes.start()
  await net[Symbol.asyncDispose]()
  net = other
  await net.issued()
  const { id } = await net.request()
  await net.clock.advance(5_000)
  await refused([net.de, 'exchangeCancel', { id }], 'DFFT_EXCHANGE_STATE')
  await refused([net.de, 'exchangeResolve', { id, statement: 'none' }], 'DFFT_EXCHANGE_STATE')
  await refused([net.de, 'exchangeDecline', { id }], 'DFFT_EXCHANGE_STATE')
  const [disputed] = await tried([net.de, 'exchangeDispute', { id, statement: 'the address is another' }])
  expect(disputed).toMatchObject({ state: 'disputed' })
  await net.clock.advance(5_000)
  const [resolved] = await tried([net.de, 'exchangeResolve', { id, statement: 'it is right' }])
  expect(resolved).not.toMatchObject({ state: 'disputed' })
  await stopped(net.biz)
  away = net.biz
  const asked = net.request({ reuse: false })
  await net.clock.advance(500)
  net.clock.jump(limits.awayMs)
  await net.clock.advance(2_000)
  const waiting = { id: (await asked).id as ExchangeId }
  const [cancelled] = await tried([net.de, 'exchangeCancel', waiting])
  expect(cancelled).toMatchObject({ state: 'cancelled' })
})
