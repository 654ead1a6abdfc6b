/** Duties of an exchange, carried out by the clock: at both ends, after crashes, and where somebody brings an old store back. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { limits } from '#node/exchange/exchange-needs.ts'
import { getDecided, getRecord, recordWrites } from '#node/exchange/exchange-record.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Digest, type ExchangeId, type Instant, instant, msOf } from '#protocols/ids.ts'
import { type About, noticeDigest } from '#protocols/notice.ts'
import {
  type Disk,
  never,
  nextPolicy,
  type Party,
  type Policies,
  reference,
  revived,
  seeded,
  startMs,
  stopped,
  ThreeNodes,
  until,
} from '#test-network/fixture.ts'
import { say, signedRequest } from '#test-network/rogue.ts'
import { type Duty, dutiesOf, dutyLimits, obligationsOf } from './duties.ts'

const dayMs = 86_400_000
let net: ThreeNodes
let biz: Party
let de: Party
let view: ExchangeView
let revivals: Party[]

/** Japan lets registrations go with a record of the transfer, longer than the data are kept, and the promise of notice within a day. */
const obliging: Policies = (jurisdiction) =>
  reference(jurisdiction).replace(
    '  - { type: retention, max: P3Y }\n',
    `  - { type: retention, max: P3Y }\n  - { type: transfer-record, keep: P4Y }\n  - { type: breach-notice, withinHours: 24 }\n`,
  )

beforeEach(async () => {
  net = await ThreeNodes.start({}, obliging)
  ;({ biz, de } = net)
  revivals = []
  await net.issued()
  view = await net.request()
})
afterEach(async () => {
  for (const party of revivals) await party[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

const end = (): Instant => obligationsOf(view, 'retention')[0]!.until

const use = (purpose = 'trade.supplier-verification') => de.node.credentialUse({ id: view.credential as string, purpose })

/** Until nothing waits for the exporter any more. */
async function told(by: Party = de): Promise<void> {
  while ((await by.parts.notices.waitedFor()).length > 0) await until(() => true)
}

async function kinds(party: Party): Promise<string[]> {
  return (await party.parts.audit.entriesOf(view.id)).map(({ kind }) => kind)
}

async function duty(party: Party, wanted: Duty['kind']): Promise<Duty | undefined> {
  return (await dutiesOf(party.parts.store, view.id)).find(({ kind }) => kind === wanted)
}

/** Bytes of a store, in which a plain text would be found; disclosures stand in base64url in it. */
function bytesOf(store: MemoryStore): string {
  return store
    .snapshot()
    .map(([, value]) => Buffer.from(value).toString('latin1'))
    .join('\n')
}

/** Past the time, with what came due done and its words delivered. */
async function pass(ms: number): Promise<void> {
  net.clock.jump(ms)
  for (const party of [de, biz]) await party.parts.obligations.runDue()
}

async function back(party: Party, disk: Disk): Promise<Party> {
  const again = await revived(party, { clock: net.clock, connect: (makings) => net.hub.network(makings) }, disk)
  revivals.push(again)
  return again
}

const copied = (disk: Disk, of: Partial<Disk> = {}): Disk => ({
  store: new MemoryStore({ entries: (of.store ?? disk.store).snapshot() }),
  vault: new MemoryKeyVault(seeded('vault of the copy'), disk.vault.snapshot()),
  dataKeys: new MemoryDataKeys(seeded('keys of the copy'), (of.dataKeys ?? disk.dataKeys).snapshot()),
})

describe('received data', () => {
  test('do not stand in the store in the open, in no encoding, and are read through the store as they were', async () => {
    const { encodings, title } = await de.parts.wallet.get(view.credential as string)
    const { text = '' } = encodings[0]!
    const canaries = [title, ...text.split(/[.~]/).filter((part) => part.length > 20)]
    expect(canaries.length).toBeGreaterThan(8)
    const bytes = bytesOf(de.store)
    expect(canaries.filter((canary) => bytes.includes(Buffer.from(canary).toString('latin1')))).toEqual([])
    // The holder's own store has them, so that they would be found.
    const own = bytesOf(biz.store)
    expect(canaries.filter((canary) => own.includes(Buffer.from(canary).toString('latin1'))).length).toBeGreaterThan(8)
    expect((await de.node.exchangeShow({ id: view.id })).messages.map(({ type }) => type)).toContain('presentation')
  })

  test('of another record do not open in its place, and nobody writes them in the open', async () => {
    const row = `credential/received/${view.credential}`
    const message = `exchange/message/${view.id}/presentation`
    await de.store.batch([{ put: message, value: (await de.store.get(row)) as Uint8Array }])
    expect(await de.parts.store.get(message).catch(codeOf)).toBe('DFFT_KEYSTORE')
    const kept = await de.parts.wallet.get(view.credential as string)
    expect(() => de.parts.store.batch(de.parts.wallet.write(kept))).toThrow('received data are sealed')
  })
})

describe('at the end of retention', () => {
  test('the key is destroyed, what it sealed deleted, and the exporter told by a signature that it keeps', async () => {
    const held = de.dataKeys.snapshot().length
    expect(held).toBe(1)
    net.clock.jump(msOf(end()) - startMs - 1000)
    await de.parts.obligations.runDue()
    expect(de.dataKeys.snapshot()).toHaveLength(1) // Not a moment earlier.
    net.clock.jump(2000)
    await net.clock.advance(dutyLimits.lookMs)
    expect(de.dataKeys.snapshot()).toEqual([])
    expect(await use().catch(codeOf)).toBe('DFFT_DATA_DESTROYED')
    expect(await de.node.credentialShow({ id: view.credential as string }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    await told()
    const [kept] = await biz.parts.notices.of(view.id)
    expect(kept).toMatchObject({ direction: 'received', notice: { from: de.did, about: { kind: 'deleted', due: end(), agreement: view.agreement } } })
    expect([(await kinds(de)).filter((kind) => kind === 'deleted'), (await kinds(biz)).slice(-1)]).toEqual([['deleted'], ['partner-deleted']])
    expect(await duty(biz, 'attestation')).toMatchObject({ state: 'done', late: false })
    expect(await duty(de, 'retention')).toMatchObject({ state: 'done', late: false })
    const keys = de.store.snapshot().map(([key]) => key)
    expect(keys.filter((key) => key.includes('/received/') || key.endsWith('/presentation'))).toEqual([])
  })
})

describe('an attestation', () => {
  const attest = async (change: Partial<Extract<About, { kind: 'deleted' }>>): Promise<string | null> => {
    const record = (await getRecord(de.parts.store, view.id))!
    const { release, agreement } = record
    const deleted = instant(net.clock.nowMs())
    const about: About = { kind: 'deleted', release: release!, agreement: agreement!, due: end(), deleted, ...change }
    const { digest, writes } = await de.parts.notices.draft(record, about)
    await de.parts.audit.append([{ kind: 'deleted', exchange: view.id, facts: {} }], writes)
    await de.parts.notices.deliver(biz.did, never)
    return (await de.parts.notices.of(view.id)).find(({ notice }) => noticeDigest(notice) === digest)!.refused
  }

  test('of something else than was agreed on closes nothing, and is refused for good', async () => {
    const none = `sha256:${'0'.repeat(64)}` as Digest
    const lies: Partial<Extract<About, { kind: 'deleted' }>>[] = [
      { release: none },
      { agreement: none },
      { due: '2026-12-24T00:00:00Z' as Instant },
      { deleted: instant(startMs + dayMs) },
      { deleted: instant(startMs - dayMs) },
    ]
    for (const lie of lies) expect([lie, await attest(lie)]).toEqual([lie, 'DFFT_RECEIPT'])
    expect(await duty(biz, 'attestation')).toMatchObject({ state: 'open' })
    expect(await kinds(biz)).not.toContain('partner-deleted')
    expect(await attest({})).toBeNull()
  })

  test('that does not come within the grace is a breach that operators see, until it comes after all', async () => {
    const away = await stopped(de)
    net.clock.jump(msOf(end()) + dutyLimits.graceMs - startMs - 1000)
    await biz.node.obligationRun({ dryRun: false })
    expect((await biz.node.status({})).obligations.breaches).toBe(0)
    net.clock.jump(2000)
    expect(await biz.node.obligationRun({ dryRun: false })).toMatchObject({ due: [{ kind: 'attestation', exchange: view.id }], done: true })
    expect((await biz.node.obligationList({ state: 'breach', limit: 10 })).duties).toMatchObject([{ exchange: view.id, partner: de.did, state: 'missed' }])
    expect((await biz.node.status({})).obligations).toMatchObject({ overdue: 0, breaches: 1 })
    const again = await back(de, away)
    await told(again)
    expect((await kinds(biz)).slice(-2)).toEqual(['breach-suspected', 'partner-deleted'])
    expect(await duty(biz, 'attestation')).toMatchObject({ state: 'done', late: true })
    expect((await biz.node.status({})).obligations.breaches).toBe(0)
    expect((await again.parts.audit.entriesOf(view.id)).find(({ kind }) => kind === 'deleted')?.facts).toMatchObject({ late: true })
  })
})

test('an importer that deletes nothing, or never says so, and is honest in all else, stands as a breach at the exporter', async () => {
  await net[Symbol.asyncDispose]()
  net = await ThreeNodes.start({ de: silent }, obliging)
  ;({ biz, de } = net)
  await net.issued()
  view = await net.request()
  await pass(msOf(end()) - startMs)
  expect(await kinds(de)).toContain('deleted') // As it says at home.
  await pass(dutyLimits.graceMs + 1000)
  expect((await biz.node.status({})).obligations).toMatchObject({ breaches: 1 })
  const { duties } = await biz.node.obligationList({ state: 'breach', limit: 10 })
  expect(duties).toMatchObject([{ exchange: view.id, partner: de.did, kind: 'attestation', state: 'missed', until: end() }])
  const [entry] = (await biz.parts.audit.entriesOf(view.id)).filter(({ kind }) => kind === 'breach-suspected')
  expect(entry?.facts).toMatchObject({ partner: de.did, agreement: view.agreement, due: end(), receipted: true })
  expect((await biz.node.obligationShow({ exchange: view.id })).duties.map(({ kind, state }) => [kind, state])).toContainEqual(['attestation', 'missed'])
})

/** Sends no notice of anything. */
function silent(parts: Party['parts']): Party['parts'] {
  parts.notices.deliver = async () => undefined
  return parts
}

describe('an old copy', () => {
  const received = (party: Party) => party.parts.wallet.list('received', 10)

  test('of the store opens nothing, and what was done since is done again before anybody is served', async () => {
    const old = copied(await stopped(de))
    const late = await back(de, copied(old))
    net.clock.jump(msOf(end()) - startMs)
    await late.parts.obligations.runDue()
    await told(late)
    const since = await stopped(late)
    revivals.pop()
    net.clock.jump(1000)
    const again = await back(late, copied(since, { store: old.store }))
    expect(await received(again)).toEqual([])
    expect((await again.parts.audit.entriesOf(view.id)).filter(({ kind }) => kind === 'deleted')).toHaveLength(1)
    expect(again.store.snapshot().filter(([key]) => key.includes('/received/'))).toEqual([])
    await told(again)
    expect((await kinds(biz)).filter((kind) => kind === 'partner-deleted')).toHaveLength(2)
    expect(await duty(biz, 'attestation')).toMatchObject({ state: 'done', late: false })
  })

  test('of the store and of the keys is destroyed again by the times that it holds', async () => {
    const old = copied(await stopped(de))
    net.clock.jump(msOf(end()) - startMs)
    expect(old.dataKeys.snapshot()).toHaveLength(1)
    const again = await back(de, old)
    expect(again.dataKeys.snapshot()).toEqual([])
    expect(await received(again)).toEqual([])
    expect((await again.parts.audit.entriesOf(view.id)).filter(({ kind }) => kind === 'deleted')).toHaveLength(1)
  })

  test('of the keys alone is found, said, and read for what it has', async () => {
    const disk = await stopped(de)
    const again = await back(de, copied(disk, { dataKeys: new MemoryDataKeys(seeded('older'), []) }))
    expect((await again.node.status({})).obligations.keys).toEqual([{ what: 'older', keys: null, code: 'DFFT_DATA_KEYS' }])
    expect(again.log).toContain('data keys DFFT_DATA_KEYS')
    expect(await received(again)).toEqual([])
    expect(await again.node.credentialUse({ id: view.credential as string, purpose: 'trade.supplier-verification' }).catch(codeOf)).toBe('DFFT_DATA_DESTROYED')
    const next = await again.node.request({ to: biz.did, purpose: 'trade.supplier-verification' })
    expect((await received(again)).map(({ exchange }) => exchange)).toEqual([next.id])
  })

  test('a file of keys that is gone is found and said', async () => {
    const disk = await stopped(de)
    const again = await back(de, { ...copied(disk), dataKeys: new MemoryDataKeys(seeded('none')) })
    expect((await again.node.obligationList({ limit: 10 })).keys).toEqual([{ what: 'missing', keys: null, code: 'DFFT_DATA_KEYS' }])
  })
})

test('a crash between the destroyed key and the record of it leaves one entry, and nothing to read', async () => {
  const disk = await stopped(de)
  await disk.dataKeys.destroy(disk.dataKeys.snapshot().map(([id]) => id))
  net.clock.jump(msOf(end()) - startMs)
  const again = await back(de, disk)
  expect((await again.parts.audit.entriesOf(view.id)).filter(({ kind }) => kind === 'deleted')).toHaveLength(1)
  expect(again.store.snapshot().filter(([key]) => key.endsWith('/presentation') && key.includes(view.id))).toEqual([])
  expect((await again.node.status({})).obligations.keys).toEqual([])
})

test('a start after the last of the keys was destroyed as agreed finds nothing wrong with the file', async () => {
  net.clock.jump(msOf(end()) - startMs)
  await de.parts.obligations.runDue()
  const again = await back(de, await stopped(de))
  expect(again.dataKeys.snapshot()).toEqual([])
  expect((await again.node.status({})).obligations.keys).toEqual([])
  expect(again.log).not.toContain('data keys DFFT_DATA_KEYS')
})

test('a key that cannot be destroyed leaves the duty open, and it is done when it can be', async () => {
  net.clock.jump(msOf(end()) - startMs)
  const { destroy } = de.dataKeys
  de.dataKeys.destroy = () => Promise.reject(new TrustError('DFFT_DATA_KEYS', 'the disk is full'))
  expect(await de.node.obligationRun({ dryRun: false })).toMatchObject({ done: false })
  expect(await kinds(de)).not.toContain('deleted')
  expect((await de.node.status({})).obligations.overdue).toBe(1)
  de.dataKeys.destroy = destroy
  expect(await de.node.obligationRun({ dryRun: true })).toMatchObject({ due: [{ kind: 'retention' }] })
  expect(await de.node.obligationRun({ dryRun: false })).toMatchObject({ done: true })
  expect(await kinds(de)).toContain('deleted')
})

test('the record of a transfer goes at its end, on both sides, and the log stays', async () => {
  const keep = obligationsOf(view, 'transfer-record')[0]!.until
  for (const party of [de, biz]) expect(await duty(party, 'transfer-record')).toMatchObject({ state: 'open', until: keep })
  await pass(msOf(end()) - startMs)
  await told()
  await pass(msOf(keep) - msOf(end()) - dayMs)
  for (const party of [de, biz]) expect(await getRecord(party.parts.store, view.id)).toBeDefined()
  await pass(2 * dayMs)
  for (const party of [de, biz]) {
    expect(await getRecord(party.parts.store, view.id)).toBeUndefined()
    expect(party.store.snapshot().filter(([key]) => key.includes(view.id) && !key.startsWith('log/'))).toEqual([])
    expect((await kinds(party)).slice(-1)).toEqual(['record-deleted'])
    expect((await party.node.auditVerify({})).size).toBe(party.parts.audit.size)
  }
})

describe('the record of an exchange that came to nothing', () => {
  const rowsOf = (party: Party, id: ExchangeId) => party.store.snapshot().flatMap(([key]) => (key.includes(id) && !key.startsWith('log/') ? [key] : []))
  const kindsOf = async (party: Party, id: ExchangeId) => (await party.parts.audit.entriesOf(id)).map(({ kind }) => kind)
  const asked = () => net.request()

  test('goes a year after its end on both sides, however it ended, and the log stays', async () => {
    const ownDenial = await net.request({ purpose: 'marketing' })
    const refused = await signedRequest(de, biz, { asked: { purpose: 'marketing' } })
    expect((await say(de, biz, refused)).answer).toMatchObject({ type: 'refusal' })
    await withConsent()
    const [declined, cancelled, expired] = [await asked(), await asked(), await asked()]
    await biz.node.exchangeDecline({ id: declined.id })
    await de.node.exchangeCancel({ id: cancelled.id })
    await told()
    net.clock.jump(limits.consentMs + limits.skewMs + 1000)
    await net.clock.advance(dutyLimits.lookMs)
    const [both, one] = [
      [declined.id, cancelled.id, expired.id],
      [[de, ownDenial.id] as const, [biz, refused.exchange] as const],
    ]
    const sides = [...both.flatMap((id) => [[de, id] as const, [biz, id] as const]), ...one]
    const states = await Promise.all(sides.map(async ([party, id]) => (await getRecord(party.parts.store, id))?.state))
    expect(states).toEqual(['refused', 'refused', 'cancelled', 'cancelled', 'refused', 'expired', 'refused', 'refused'])
    await pass(dutyLimits.nothingKeptMs - 4 * dayMs)
    for (const [party, id] of sides) expect(await getRecord(party.parts.store, id)).toBeDefined()
    await pass(5 * dayMs)
    for (const [party, id] of sides) {
      expect(rowsOf(party, id)).toEqual([])
      expect((await kindsOf(party, id)).slice(-1)).toEqual(['record-deleted'])
    }
    for (const party of [de, biz]) expect((await party.node.auditVerify({})).size).toBe(party.parts.audit.size)
    expect(await getRecord(de.parts.store, view.id)).toBeDefined() // What was released has its own end.
  })

  test('stays while its partner has yet to be told of the cancellation', async () => {
    await withConsent()
    const { id } = await asked()
    const away = await stopped(biz)
    await de.node.exchangeCancel({ id })
    net.clock.jump(limits.consentMs + dutyLimits.nothingKeptMs + dayMs)
    await net.clock.advance(dutyLimits.lookMs)
    expect(await getRecord(de.parts.store, id)).toMatchObject({ state: 'cancelled' })
    const again = await back(biz, away)
    await told()
    expect(await getRecord(again.parts.store, id)).toBeDefined()
    net.clock.jump(dutyLimits.postponedMs + dayMs)
    await de.parts.obligations.runDue()
    expect(rowsOf(de, id)).toEqual([])
  })

  test('is not taken for one that came to something after its cancellation', async () => {
    const before = (await getRecord(de.parts.store, view.id))!
    await de.parts.store.batch([...recordWrites({ ...before, state: 'cancelled', release: null }), ...recordWrites(before)])
    await pass(dutyLimits.nothingKeptMs + dayMs)
    expect(await getRecord(de.parts.store, view.id)).toMatchObject({ state: 'closed' })
    expect(rowsOf(de, view.id).filter((key) => key.startsWith('exchange/ended/'))).toEqual([])
  })
})

/** Japan asks a person from now on. */
async function withConsent(): Promise<void> {
  const text = await nextPolicy(net.jp, 'jp', (before) =>
    before.replace('  - { type: retention, max: P3Y }', '  - { type: retention, max: P3Y }\n  - { type: consent, of: operator }'),
  )
  await net.jp.node.policyAdd({ text })
}

describe('a breach', () => {
  test('is told to the exporter, who sees it with the words and whether they came in time', async () => {
    expect(obligationsOf(view, 'breach-notice')).toEqual([{ type: 'breach-notice', withinHours: 24 }])
    net.clock.jump(dayMs + 1000)
    const inTime = instant(startMs + 2000)
    expect(await de.node.obligationBreach({ exchange: view.id, statement: 'a laptop was stolen', discovered: inTime })).toMatchObject({ late: false })
    await told()
    net.clock.jump(500)
    expect(await de.node.obligationBreach({ exchange: view.id, statement: 'and another', discovered: instant(startMs) })).toMatchObject({ late: true })
    await told()
    const { duties } = await biz.node.obligationList({ state: 'breach', limit: 10 })
    expect(duties).toMatchObject([{ kind: 'breach', toldBy: de.did, exchange: view.id, late: false, statement: 'a laptop was stolen' }, { late: true }])
    expect((await kinds(biz)).slice(-2)).toEqual(['partner-breached', 'partner-breached'])
  })

  test('is told by who received, of what he received, and not before it was discovered', async () => {
    const breach = { exchange: view.id, statement: 'x' }
    expect(await biz.node.obligationBreach(breach).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    expect(await de.node.obligationBreach({ ...breach, discovered: instant(startMs + dayMs) }).catch(codeOf)).toBe('DFFT_USAGE')
    expect(await de.node.obligationBreach({ ...breach, exchange: 'f'.repeat(32) as ExchangeId }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })
})

describe('a second use', () => {
  test('for a purpose that was agreed on gives the claims; showing the credential gives none', async () => {
    const shown = await de.node.credentialShow({ id: view.credential as string })
    expect([shown.claims, shown.encodings]).toEqual([{}, []])
    expect(JSON.stringify((await de.node.exchangeShow({ id: view.id })).messages)).not.toContain('~')
    const { claims, encodings, decision } = await use()
    expect(claims).toMatchObject({ legalName: expect.any(Array) })
    expect(encodings).toHaveLength(1)
    expect(decision).toMatchObject({ verdict: 'permit' })
    expect((await kinds(de)).slice(-1)).toEqual(['used'])
  })

  test('for another one is denied, and recorded', async () => {
    await expect(use('marketing.direct')).rejects.toMatchObject({ code: 'DFFT_POLICY_DENIED', facts: { policy: 'PURPOSE_LIMIT' } })
    expect((await de.parts.audit.entriesOf(view.id)).slice(-1)).toMatchObject([
      { kind: 'use-denied', facts: { purpose: 'marketing.direct', code: 'PURPOSE_LIMIT' } },
    ])
    expect((await de.node.obligationShow({ exchange: view.id })).uses).toMatchObject([{ purpose: 'marketing.direct', code: 'PURPOSE_LIMIT' }])
  })

  test('is decided by the policy of its own day', async () => {
    net.clock.jump(dayMs)
    await de.node.policySuspend({ from: ['JP'], reason: { en: 'a court said so' } } as Parameters<typeof de.node.policySuspend>[0])
    await expect(use()).rejects.toMatchObject({ code: 'DFFT_POLICY_DENIED', facts: { policy: 'SUSPENDED' } })
  })

  test('is none behind the end of what was agreed on, though the data may be kept for longer and a later policy permits it', async () => {
    const until = (await getDecided(de.parts.store, view.id))![0]!.decision.joint!.validUntil
    expect(msOf(until)).toBeLessThan(msOf(end()))
    for (const place of ['eu', 'de'] as const)
      await de.node.policyAdd({ text: await nextPolicy(de, place, (text) => text.replace(/validUntil: \S+/, 'validUntil: 2031-09-01T00:00:00Z')) })
    net.clock.jump(msOf(until) - net.clock.nowMs() - 1)
    expect((await use()).decision).toMatchObject({ verdict: 'permit' })
    net.clock.jump(1)
    await expect(use()).rejects.toMatchObject({ code: 'DFFT_POLICY_DENIED', facts: { policy: 'AGREEMENT_OVER' } })
    expect((await kinds(de)).slice(-2)).toEqual(['used', 'use-denied'])
  })

  test('of what was not received is none', async () => {
    const [held] = await biz.parts.wallet.list('held', 1)
    expect(await biz.node.credentialUse({ id: held!.id, purpose: 'trade.supplier-verification' }).catch(codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(await de.node.credentialUse({ id: 'urn:uuid:none', purpose: 'x' }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })
})

test('what was agreed is shown with who carries it out', async () => {
  const { agreed, duties } = await de.node.obligationShow({ exchange: view.id })
  expect(agreed.map(({ duty: { type }, by }) => [type, by])).toContainEqual(['retention', 'node'])
  expect(agreed).toHaveLength(view.obligations.length)
  expect(agreed.map(({ duty: { type }, by }) => [type, by])).toContainEqual(['breach-notice', 'both'])
  expect(duties).toMatchObject([
    { kind: 'retention', state: 'open', until: end() },
    { kind: 'transfer-record', state: 'open' },
  ])
})
