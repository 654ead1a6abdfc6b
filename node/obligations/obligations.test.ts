/** Duties of an exchange, carried out by the clock: at both ends, after crashes, and where somebody brings an old store back. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { ExchangeView } from '#node/api.ts'
import { getRecord } from '#node/exchange/exchange-record.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Instant, instant, msOf } from '#protocols/ids.ts'
import type { About } from '#protocols/notice.ts'
import { type Disk, type Party, revived, seeded, startMs, stopped, ThreeNodes, until } from '#test-network/fixture.ts'
import { type Duty, dutiesOf, dutyLimits, obligationsOf } from './duties.ts'

const dayMs = 86_400_000
let net: ThreeNodes
let biz: Party
let de: Party
let view: ExchangeView
let revivals: Party[]

beforeEach(async () => {
  net = await ThreeNodes.start()
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
  net.clock.jump(ms - dutyLimits.lookMs)
  await net.clock.advance(dutyLimits.lookMs)
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

  test('of another record do not open in its place', async () => {
    const row = `credential/received/${view.credential}`
    const message = `exchange/message/${view.id}/presentation`
    await de.store.batch([{ put: message, value: (await de.store.get(row)) as Uint8Array }])
    expect(await de.parts.store.get(message).catch(codeOf)).toBe('DFFT_KEYSTORE')
  })

  test('that somebody would write in the open do not get to the disk', async () => {
    const kept = await de.parts.wallet.get(view.credential as string)
    expect(() => de.parts.store.batch(de.parts.wallet.write(kept))).toThrow('received data are sealed')
  })
})

describe('at the end of retention', () => {
  test('the key is destroyed, what it sealed deleted, and the exporter told by a signature that it keeps', async () => {
    const held = de.dataKeys.snapshot().length
    expect(held).toBe(1)
    await pass(msOf(end()) - startMs)
    expect(de.dataKeys.snapshot()).toEqual([])
    expect(await de.node.credentialShow({ id: view.credential as string }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    await until(() => biz.log.length >= 0)
    await de.parts.notices.deliver(biz.did, new AbortController().signal)
    const [kept] = await biz.parts.notices.of(view.id)
    expect(kept).toMatchObject({ direction: 'received', notice: { from: de.did, about: { kind: 'deleted', due: end(), agreement: view.agreement } } })
    expect([(await kinds(de)).filter((kind) => kind === 'deleted'), (await kinds(biz)).slice(-1)]).toEqual([['deleted'], ['partner-deleted']])
    expect(await duty(biz, 'attestation')).toMatchObject({ state: 'done', late: false })
    expect(await duty(de, 'retention')).toMatchObject({ state: 'done', late: false })
    const keys = de.store.snapshot().map(([key]) => key)
    expect(keys.filter((key) => key.includes('/received/') || key.endsWith('/presentation'))).toEqual([])
  })

  test('not a moment earlier', async () => {
    await pass(msOf(end()) - startMs - 2 * dutyLimits.lookMs)
    expect(de.dataKeys.snapshot()).toHaveLength(1)
    expect(await kinds(de)).not.toContain('deleted')
  })
})
