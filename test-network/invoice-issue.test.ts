/** `dfft invoice issue` over nodes in process: what is right crosses without its contacts, and what is not is not signed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { serveAdmin } from '#node/http.ts'
import { acquaint, ThreeNodes } from './fixture.ts'
import { contactsOnly, sampleInvoice } from './sample-invoice.ts'

const number = '4700150004528' // The sample company's.
const right = sampleInvoice({
  day: '2026-10-01',
  due: '2026-10-31',
  seller: { name: 'Sample', number },
  buyer: { name: 'Muster GmbH', vat: 'DE136695976' },
})

let dir: string
let net: ThreeNodes
let server: AsyncDisposable
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-issue-'))
  net = await ThreeNodes.start()
  await net.issued()
  const { jp, biz, de } = net
  await jp.node.trustAccredit({ subject: biz.did, sector: 'private', assurance: 'substantial', issues: ['ElectronicInvoiceCredential'] })
  await acquaint(de, biz) // Germany fetches what it did not know of the business: that it may issue.
  server = await serveAdmin(biz.node, { socketPath: join(dir, 'biz.sock'), log: () => {} })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

async function issued(xml: string, ...more: readonly string[]) {
  await writeFile(join(dir, 'invoice.xml'), xml)
  let out = ''
  const sink = {
    write: (text: string) => {
      out += text
    },
  }
  const argv = ['invoice', 'issue', 'invoice.xml', '--to', net.de.did, ...more, '--socket', join(dir, 'biz.sock'), '--json']
  const exit = await run(argv, { stdout: sink, stderr: sink, env: {}, cwd: dir })
  return { exit, out, ...JSON.parse(out.trim().split('\n')[0] ?? '') }
}

test('a right invoice is signed by its seller and pushed to the buyer, without contacts, digests and file', async () => {
  const { exit, out, result } = await issued(right)
  expect(exit, out).toBe(0)
  expect(result).toMatchObject({ official: { verdict: 'VALID' }, strict: { verdict: 'VALID' }, exchange: { state: 'closed', role: 'holder' } })
  const withheld = result.exchange.withheld.map(({ path }: { path: string }) => path)
  for (const path of ['/invoice/BG-4/BG-6', '/invoice/BG-7/BG-9', '/document', '/semanticDigest', '/attachments']) expect(withheld).toContain(path)
  const own = await net.biz.node.credentialShow({ id: result.held })
  expect(own.claims).toMatchObject({ semanticDigest: result.semanticDigest, lifecycle: { state: 'active' }, attachments: [{ name: 'invoice.xml' }] })
  const { exchange } = await net.de.node.exchangeShow({ id: result.exchange.id })
  const { claims } = await net.de.node.credentialUse({ id: exchange.credential ?? '', purpose: 'trade.invoicing' })
  expect(claims).toMatchObject({ invoice: { 'BT-1': 'INV-2026-001', 'BG-22': { 'BT-112': '236500' } }, validation: { verdict: 'VALID' } })
  for (const text of contactsOnly) expect(JSON.stringify(claims)).not.toContain(text)
})

test('on a contract the contacts go too', async () => {
  const { result } = await issued(right, '--legal-basis', 'gdpr-6-1-b')
  expect(result.exchange).toMatchObject({ state: 'closed' })
  expect(result.exchange.disclosed).toContain('/invoice/BG-4/BG-6')
})

test.for<[string, string, string, string]>([
  ['a sum that is not one', '>236500</cbc:PayableAmount>', '>236501</cbc:PayableAmount>', 'official'],
  ['a number with a wrong check digit', `T${number}<`, 'T4700150004529<', 'strict'],
  ['the number of another business', number, '1700150002427', 'cross'],
])('an invoice with %s is refused with its findings, and nothing is signed', async ([, from, to, by]) => {
  const before = await net.biz.node.credentialList({})
  const { exit, result, error } = await issued(right.replaceAll(from, to))
  expect([exit, error.code]).toEqual([5, 'DFFT_SCHEMA'])
  const findings = by === 'cross' ? result.cross : result[by].findings
  expect(findings.length).toBeGreaterThan(0)
  expect((await net.biz.node.credentialList({})).credentials).toHaveLength(before.credentials.length)
})

test('what a node issued about itself is held under another id, and its revocation stops what is shown of it', async () => {
  const { result } = await issued(right)
  expect(result.held).not.toBe(result.credential)
  await net.biz.node.revoke({ id: result.credential, reason: 'cancelled' })
  const shown = await net.biz.node.present({ to: net.de.did, credential: result.held, purpose: 'trade.invoicing' })
  await expect.poll(async () => (await net.de.node.exchangeShow({ id: shown.id })).exchange).toMatchObject({ state: 'refused', code: 'DFFT_STATUS_REVOKED' })
})
