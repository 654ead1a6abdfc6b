/** Receipts of real exchanges, saved at either side and checked from the file alone; and every one that does not hold. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveAdmin } from '#node/http.ts'
import { run } from '#test-network/checked-run.ts'
import { type Party, ThreeNodes } from '#test-network/fixture.ts'

let dir: string
let net: ThreeNodes
let id: string
let refusedId: string
let served: AsyncDisposableStack
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-receipt-'))
  net = await ThreeNodes.start()
  await net.issued()
  id = (await net.request()).id
  refusedId = (await net.request({ purpose: 'marketing' })).id
  await net.clock.advance(5_000)
  served = new AsyncDisposableStack()
  for (const [name, { node }] of [
    ['de', net.de],
    ['biz', net.biz],
  ] as [string, Party][])
    served.use(await serveAdmin(node, { socketPath: join(dir, `${name}.sock`), log: () => {} }))
})
afterAll(async () => {
  await served.disposeAsync()
  await net[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

async function dfft(at: 'de' | 'biz', ...argv: readonly string[]) {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  const exit = await run(['receipt', ...argv, '--socket', join(dir, `${at}.sock`), '--json'], { stdout: sink, stderr: sink, env: {}, cwd: dir })
  const { result, error } = JSON.parse(out.join(''))
  return { exit, result, code: error?.code }
}

interface File {
  receipt: Record<string, unknown> & { signature: { value: string }; outcome: Record<string, string> }
  closing: (Record<string, unknown> & { signature: { value: string } }) | null
  dids: { did: string; log: string }[]
}

async function saved(at: 'de' | 'biz'): Promise<File> {
  await dfft(at, 'save', id, '--out', `${at}.json`)
  return JSON.parse(await readFile(join(dir, `${at}.json`), 'utf8'))
}

/** Whether a changed file still holds. */
async function verdict(change: (file: File) => unknown): Promise<string> {
  const file = await saved('de')
  change(file)
  await writeFile(join(dir, 'changed.json'), JSON.stringify(file))
  const { exit, code } = await dfft('de', 'verify', 'changed.json')
  return `${exit} ${code}`
}

test.each(['de', 'biz'] as const)('what %s saves is verified by anybody, and carries no claim', async (at) => {
  const file = await saved(at)
  const shown = await dfft(at, 'show', id)
  const { exit, result } = await dfft(at, 'verify', `${at}.json`, '--from', net.de.did, '--to', net.biz.did)
  expect([exit, result.verified, result.requester, result.holder]).toEqual([0, true, net.de.did, net.biz.did])
  const { kind: _, verified: __, code: ___, detail: ____, historiesFromFile, ...claimed } = result
  // Nobody's history is the verifier's own here, and the answer says so.
  expect(historiesFromFile).toEqual(file.dids.map(({ did }: { did: string }) => did))
  expect(historiesFromFile.length).toBeGreaterThan(0)
  expect(claimed).toEqual(shown.result)
  expect(file.closing).not.toBeNull()
  expect(JSON.stringify(file)).not.toMatch(/legalName|registeredAddress/)
})

test('a receipt of others than were asked about does not pass for one of theirs', async () => {
  await saved('de')
  expect(await dfft('de', 'verify', 'de.json', '--from', net.jp.did)).toMatchObject({ exit: 5, code: 'DFFT_RECEIPT' })
  expect(await dfft('de', 'verify', 'de.json', '--to', net.de.did)).toMatchObject({ exit: 5, code: 'DFFT_RECEIPT' })
})

test('each thing that a receipt says is signed for', async () => {
  const digest = `sha256:${'0'.repeat(64)}`
  const changes: Readonly<Record<string, unknown>> = {
    exchange: '0'.repeat(32),
    to: net.jp.did,
    at: '2026-10-01T09:00:01Z',
    release: digest,
    agreement: digest,
    outcome: { kind: 'rejected', code: 'DFFT_SIGNATURE' },
    cosignature: null,
  }
  for (const [name, value] of Object.entries(changes))
    expect(await verdict(({ receipt }) => Object.assign(receipt, { [name]: value })), name).toBe('5 DFFT_SIGNATURE')
  expect(await verdict(({ receipt }) => Object.assign(receipt, { from: net.biz.did }))).toBe('5 DFFT_SIGNATURE')
  expect(
    await verdict(({ receipt: { signature } }) =>
      Object.assign(signature, { value: `${signature.value.startsWith('A') ? 'B' : 'A'}${signature.value.slice(1)}` }),
    ),
  ).toBe('5 DFFT_SIGNATURE')
})

test('the closing is of this receipt, and of the holder', async () => {
  expect(await verdict(({ closing }) => Object.assign(closing ?? {}, { receipt: `sha256:${'0'.repeat(64)}` }))).toBe('5 DFFT_RECEIPT')
  expect(await verdict(({ closing }) => Object.assign(closing ?? {}, { at: '2026-10-01T09:00:01Z' }))).toBe('5 DFFT_SIGNATURE')
  expect(await verdict((file) => Object.assign(file, { closing: null }))).toBe('0 undefined')
})

test('without the history of a DID there is no key, and another history is none of it', async () => {
  expect(await verdict((file) => Object.assign(file, { dids: [] }))).toBe('5 DFFT_DID_NOT_FOUND')
  expect(await verdict(({ dids: [one] }) => Object.assign(one ?? {}, { log: one?.log.replace('handelsregister', 'other') }))).toMatch(/^5 DFFT_DID/)
})

test('what is no receipt is said to be none, and an exchange without one has none', async () => {
  await writeFile(join(dir, 'other.json'), '{"type":"receipt"}')
  expect(await dfft('de', 'verify', 'other.json')).toMatchObject({ exit: 2, code: 'DFFT_SCHEMA' })
  expect(await dfft('de', 'show', refusedId)).toMatchObject({ exit: 3, code: 'DFFT_NOT_FOUND' })
  expect(await dfft('de', 'save', refusedId)).toMatchObject({ exit: 3, code: 'DFFT_NOT_FOUND' })
})

test('whose history of a key it rests on is told: the verifier’s own log, wherever the roots have it, or the one in the file, whose end may be missing', async () => {
  await net.de.node.keyRotate({ unwitnessed: true })
  await net.clock.advance(5_000)
  const file = await saved('de')
  const { de } = net
  const { verifyReceiptFile } = await import('#node/offline.ts')
  const logOf = (wanted: string) => file.dids.find(({ did }) => did === wanted)?.log ?? ''
  const lines = logOf(de.did).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(1)
  const cut = { ...file, dids: file.dids.map((one) => (one.did === de.did ? { ...one, log: `${lines[0]}\n` } : one)) }
  const root = { did: de.did, jurisdictions: ['DE'], issues: ['*'] }
  const other = { did: net.jp.did, jurisdictions: ['JP'], issues: ['*'] }
  // The machine's clock, by which a file is verified, may stand before the day of the test network.
  const verdictBy = (roots: object | null) => {
    const report = verifyReceiptFile(JSON.stringify(cut), roots && JSON.stringify(roots), net.clock.nowMs() + 1_000)
    return [report.verified, report.code, report.historiesFromFile.includes(de.did)]
  }
  // By the file alone the key still stands, and the answer says on whose word.
  expect(verdictBy(null)).toEqual([true, null, true])
  expect(verdictBy({ roots: [other], dids: [{ did: de.did }] })).toEqual([true, null, true])
  // Who has the log sees its end.
  expect(verdictBy({ roots: [other], dids: [{ did: de.did, didLog: logOf(de.did) }] })).toEqual([false, 'DFFT_NOT_CHECKED', false])
  expect(verdictBy({ roots: [{ ...root, didLog: logOf(de.did) }] })).toEqual([false, 'DFFT_NOT_CHECKED', false])
})

test('under a key that was given up since, the receipt alone is not enough', async () => {
  await net.de.node.keyRotate({ unwitnessed: true })
  await net.clock.advance(5_000)
  await saved('de')
  // The machine's clock, by which a file is verified, may stand before the day of the test network.
  const { verifyReceiptFile } = await import('#node/offline.ts')
  const report = verifyReceiptFile(await readFile(join(dir, 'de.json'), 'utf8'), null, net.clock.nowMs() + 1_000)
  expect([report.verified, report.code]).toEqual([false, 'DFFT_NOT_CHECKED'])
})
