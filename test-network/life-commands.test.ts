/** Consent, files and duties of exchanges as an operator sees them: the commands, against nodes that do it. */
import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { serveAdmin } from '#node/http.ts'
import { obligationsOf } from '#node/obligations/duties.ts'
import { msOf } from '#protocols/ids.ts'
import { run } from './checked-run.ts'
import { type Party, type Policies, sampleNumber, sampleRegister, ThreeNodes, until, withFiles } from './fixture.ts'

/** Files go too; with a record of it, a notice of breaches, and a person who is asked. */
const policies: Policies = (jurisdiction) =>
  withFiles(jurisdiction).replace(
    '  - { type: retention, max: P3Y }\n',
    '  - { type: retention, max: P3Y }\n  - { type: transfer-record, keep: P4Y }\n  - { type: breach-notice, withinHours: 24 }\n  - { type: consent, of: subject }\n',
  )

const file = Buffer.from(`%PDF-1.7 ${'x'.repeat(300_000)}`)
let folder: string
let net: ThreeNodes
let de: Party
let biz: Party
let view: ExchangeView
const servers: AsyncDisposable[] = []

async function dfft(at: Party, ...argv: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      said[name] += text
    },
  })
  const exit = await run([...argv, '--socket', socketOf(at)], { stdout: sink('out'), stderr: sink('err'), env: {}, cwd: folder })
  return { exit, ...said }
}

/** @throws unless it ends well */
async function answered(at: Party, ...argv: readonly string[]) {
  const { exit, out, err } = await dfft(at, ...argv, '--json')
  expect([exit, err]).toEqual([0, ''])
  return JSON.parse(out).result
}

/** The code of what does not end well. */
async function refused(at: Party, ...argv: readonly string[]): Promise<string> {
  const { exit, out } = await dfft(at, ...argv, '--json')
  expect(exit).toBeGreaterThan(0)
  return JSON.parse(out).error.code
}

function socketOf({ options }: Party): string {
  return join(folder, `${options.jurisdiction}-${options.name.length}.sock`)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dfft-life-'))
  net = await ThreeNodes.start({}, policies)
  ;({ de, biz } = net)
  for (const party of [net.jp, biz, de]) servers.push(await serveAdmin(party.node, { socketPath: socketOf(party), log: () => undefined }))
  writeFileSync(join(folder, 'extract.pdf'), file)
  const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
  await net.jp.node.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
}, 60_000)

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('`issue --attach` hands a file over, and its subject has it', async () => {
  const issued = await answered(net.jp, 'issue', '--record', sampleNumber, '--subject', biz.did, '--attach', 'extract.pdf')
  expect(issued).toMatchObject({ delivery: { state: 'closed' } })
  await kept(biz)
  const { attachments } = await answered(biz, 'attachment', 'list')
  expect(attachments).toMatchObject([{ name: 'extract.pdf', mediaType: 'application/pdf', state: 'kept', bytes: file.length }])
})

test('`exchange approve --dry-run` shows what a yes would disclose, and the yes itself is for a person', async () => {
  view = await net.request()
  expect(view.state).toBe('pending')
  const tried = await answered(biz, 'exchange', 'approve', view.id, '--dry-run')
  expect(tried).toMatchObject({ state: 'pending', disclosed: expect.arrayContaining(['/legalName', '/attachments']) })
  expect((await answered(biz, 'exchange', 'list', '--state', 'pending')).exchanges).toHaveLength(1)
  writeFileSync(join(folder, 'consent.txt'), 'yes')
  await answered(biz, 'exchange', 'approve', view.id, '--record', 'consent.txt')
  const said = (await biz.parts.audit.entriesOf(view.id)).find(({ kind }) => kind === 'consented')
  expect(said?.facts).toMatchObject({ of: 'subject', record: `sha256:${hash('sha256', 'yes')}` })
  expect(await refused(biz, 'exchange', 'approve', view.id, '--record', 'missing.txt')).toBe('DFFT_NOT_FOUND')
  for (let minute = 0; minute < 5 && view.state !== 'closed'; minute++) {
    await net.clock.advance(60_000)
    view = (await de.node.exchangeShow({ id: view.id })).exchange
  }
  expect(view.state).toBe('closed')
})

test('`attachment list`, `save` and `fetch`: the file under a safe name, and never over another one', async () => {
  await kept(de)
  const text = await dfft(de, 'attachment', 'list', view.id)
  expect([text.exit, text.out]).toEqual([0, expect.stringMatching(/extract\.pdf\s+application\/pdf\s+300009\s+kept/)])
  const saved = await answered(de, 'attachment', 'save', view.id)
  expect(saved.files).toMatchObject([{ name: 'extract.pdf', path: join(folder, 'extract (2).pdf') }])
  expect(readFileSync(join(folder, 'extract (2).pdf')).equals(file)).toBe(true)
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  expect((await answered(de, 'attachment', 'fetch', view.id)).attachments).toMatchObject([{ state: 'kept' }])
  expect(await refused(de, 'attachment', 'save', 'f'.repeat(32))).toBe('DFFT_NOT_FOUND')
})

test('`credential use` decides anew, is recorded either way, and gives the claims only where it is permitted', async () => {
  const use = (purpose: string) => ['credential', 'use', view.credential ?? '', '--purpose', purpose] as const
  const permitted = await dfft(de, ...use('trade.supplier-verification'))
  expect([permitted.exit, permitted.out]).toEqual([0, expect.stringContaining('legalName')])
  expect(await refused(de, ...use('marketing'))).toBe('DFFT_POLICY_DENIED')
  const denied = await dfft(de, ...use('marketing'))
  expect([denied.exit, denied.out]).toEqual([6, ''])
  expect((await de.parts.audit.entriesOf(view.id)).slice(-3)).toMatchObject([
    { kind: 'used', facts: { purpose: 'trade.supplier-verification', code: 'PERMITTED' } },
    { kind: 'use-denied', facts: { purpose: 'marketing', code: 'PURPOSE_LIMIT' } },
    { kind: 'use-denied' },
  ])
})

test('`obligation list`, `show` and `run` tell what was agreed, what is due, and what was done', async () => {
  const { agreed, uses } = await answered(de, 'obligation', 'show', view.id)
  const types = agreed.map(({ duty }: { duty: { type: string } }) => duty.type)
  expect(types).toEqual(expect.arrayContaining(['retention', 'transfer-record', 'breach-notice', 'purpose-limit', 'consent']))
  // Both in one moment of this world's clock.
  expect(uses.map(({ code }: { code: string }) => code).sort()).toEqual(['PERMITTED', 'PURPOSE_LIMIT'])
  expect((await answered(de, 'obligation', 'list')).duties.map(({ kind }: { kind: string }) => kind)).toEqual(['retention', 'transfer-record'])
  expect((await answered(de, 'obligation', 'run', '--dry-run')).due).toEqual([])
  net.clock.jump(msOf(obligationsOf(view, 'retention')[0]?.until ?? view.startedAt) - net.clock.nowMs())
  expect((await answered(de, 'obligation', 'run', '--dry-run')).due).toMatchObject([{ kind: 'retention', state: 'open' }])
  expect(await answered(de, 'obligation', 'run')).toMatchObject({ due: [{ kind: 'retention' }], done: true })
  expect(await refused(de, 'credential', 'use', view.credential ?? '', '--purpose', 'trade.supplier-verification')).toBe('DFFT_DATA_DESTROYED')
  expect((await answered(de, 'attachment', 'list', view.id)).attachments).toMatchObject([{ state: 'destroyed' }])
  const text = await dfft(de, 'obligation', 'show', view.id)
  expect(text.out).toMatch(/retention\s+done/)
  net.clock.jump(msOf(obligationsOf(view, 'transfer-record')[0]?.until ?? view.startedAt) - net.clock.nowMs())
  await until(() => true)
  expect(await answered(de, 'obligation', 'run')).toMatchObject({ due: [{ kind: 'transfer-record' }] })
})

/** With what it has to fetch. */
async function kept(party: Party): Promise<void> {
  for (;;) {
    const { attachments } = await party.node.attachmentList({})
    if (attachments.length > 0 && attachments.every(({ state }) => state !== 'waiting')) return
    await net.clock.advance(500)
    await until(() => true)
  }
}
