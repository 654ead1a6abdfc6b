/** Commands that judge what credentials say, over nodes in process: invoices and what is around them, mandates, recognitions. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveAdmin } from '#node/http.ts'
import { run } from './checked-run.ts'
import { acquaint, ThreeNodes } from './fixture.ts'
import { contactsOnly, sampleInvoice } from './sample-invoice.ts'
import { agentMandate, sampleTrade, sellerExtract, tradeInvoice } from './sample-trade.ts'

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
  return dfft('invoice', 'issue', 'invoice.xml', '--to', net.de.did, ...more)
}

/** At the business. */
function dfft(...argv: readonly string[]) {
  return dfftAt('biz.sock', ...argv)
}

async function dfftAt(socket: string, ...argv: readonly string[]) {
  let out = ''
  const sink = {
    write: (text: string) => {
      out += text
    },
  }
  const exit = await run([...argv, '--socket', join(dir, socket), '--json'], { stdout: sink, stderr: sink, env: {}, cwd: dir })
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

/** @returns the id under which the business holds what it says of itself */
async function own(type: string, claims: object): Promise<string> {
  const { held } = await net.biz.node.issue({ type, claims: { ...claims }, subject: net.biz.did })
  return held ?? ''
}

test('a chain is judged from credentials, in whatever order they are named', async () => {
  const { order, despatch, settlements } = sampleTrade()
  const day = '2026-10-01'
  const ids = [
    await own('SettlementCredential', { ...settlements[0], paidOn: day }),
    await own('DespatchCredential', { ...despatch[0], despatchedOn: day }),
    await own('OrderCredential', { ...order, orderedOn: day }),
  ]
  await net.jp.node.issue({ claims: { ...sellerExtract().registration }, subject: net.biz.did })
  const { result } = await issued(tradeInvoice({ day, due: day }), '--order', ids[2] ?? '')
  const { claims } = await net.biz.node.credentialShow({ id: result.held })
  const [{ id: orderName } = { id: '' }] = (await net.biz.node.credentialList({ role: 'issued' })).credentials.filter(({ type }) => type === 'OrderCredential')
  expect(claims.references, 'by the name that others know it by').toEqual([{ kind: 'order', number: 'PO-1', credential: orderName }])
  const unnamed = await issued(tradeInvoice({ day, due: day }), '--contract', 'invoice.xml')
  expect([unnamed.exit, unnamed.error.code]).toEqual([2, 'DFFT_SCHEMA'])
  const other = await issued(tradeInvoice({ day, due: day }), '--order', ids[0] ?? '')
  expect(other.error.code, 'what is no order').toBe('DFFT_USAGE')
  const whole = await dfft('invoice', 'chain', result.held, ...ids)
  expect(whole.result?.chains, whole.out).toEqual([{ verdict: 'CONSISTENT', findings: [] }])
  const short = await dfft('invoice', 'chain', result.held, ...ids.slice(1))
  expect(short.result.chains).toMatchObject([{ verdict: 'OPEN' }])
  expect((await dfft('invoice', 'chain', result.held)).error.code).toBe('DFFT_USAGE')
  const seen = await dfft('invoice', 'show', result.held)
  expect(seen.result.verdict).toMatchObject({ semanticDigest: result.semanticDigest, official: { verdict: 'VALID' } })
  expect((await dfft('invoice', 'show', ids[0] ?? '')).error.code).toBe('DFFT_USAGE')
})

test('a buyer checks an invoice against what it holds of the seller, and without anything held nothing fits', async () => {
  const { jp, biz, de } = net
  const day = '2026-10-01'
  await jp.node.issue({ claims: { ...sellerExtract().registration }, subject: biz.did })
  const { result } = await issued(tradeInvoice({ day, due: day }))
  const { exchange } = await de.node.exchangeShow({ id: result.exchange.id })
  const received = exchange.credential ?? ''
  await using _ = await serveAdmin(de.node, { socketPath: join(dir, 'de.sock'), log: () => {} })
  const check = (...more: readonly string[]) => dfftAt('de.sock', 'invoice', 'check', received, ...more)
  expect(await check()).toMatchObject({ exit: 5, result: { verdict: 'DOES-NOT-FIT', seller: biz.did, findings: [{ id: 'DFFT-CROSS-EXTRACT' }] } })
  const asked = await de.node.request({ to: biz.did, purpose: 'trade.invoicing' })
  expect(asked.state).toBe('closed')
  const held = (await de.node.exchangeShow({ id: asked.id })).exchange.credential
  const { exit, result: checked, out } = await check()
  // Of two registrations of the business the one that its number is in counts.
  expect([exit, checked.registrations, checked.signer], out).toEqual([0, [held], biz.did])
  expect(await dfft('invoice', 'check', result.held), 'at the seller').toMatchObject({ exit: 0, result: { verdict: 'FITS' } })
  expect(await check('--registration', received), 'what is no registration').toMatchObject({ exit: 2 })
  await biz.node.revoke({ id: result.credential, reason: 'cancelled' })
  await expect.poll(() => check()).toMatchObject({ exit: 5, result: { findings: [{ id: 'DFFT-CROSS-WITHDRAWN' }] } })
})

test('a mandate covers what it names, as far as the register tells who gave it', async () => {
  const { jp, biz } = net
  const { credential: extract, delivery } = await jp.node.issue({ claims: { ...sellerExtract().registration }, subject: biz.did })
  const { exchange } = await biz.node.exchangeShow({ id: delivery?.id as never })
  const claims = { ...agentMandate().mandate, signatories: [{ name: '見本　太郎', signedOn: '2026-10-01' }] }
  const { credential: mandate, held } = await biz.node.issue({ type: 'PowerOfAttorneyCredential', claims, subject: biz.did })
  const id = held ?? ''
  const check = (amount: string, ...more: readonly string[]) =>
    // In one currency, on one day.
    dfft(
      'mandate',
      'check',
      id,
      '--action',
      'invoice.issue',
      '--resource',
      'goods',
      '--in',
      'DE',
      '--on',
      '2026-10-01',
      '--amount',
      amount,
      '--currency',
      'JPY',
      ...more,
    )
  const registered = ['--registration', exchange.credential ?? '']
  expect(await check('250000', ...registered)).toMatchObject({ exit: 0, result: { covers: true, agent: net.biz.did } })
  expect(await check('250001', ...registered)).toMatchObject({ exit: 6, result: { covers: false, findings: [{ id: 'DFFT-MANDATE-EXCEEDED' }] } })
  expect(await check('250000')).toMatchObject({ exit: 6, result: { findings: [{ id: 'DFFT-MANDATE-OFFICE' }] } })
  await biz.node.suspend({ id: mandate.id, reason: 'inquiry' })
  expect(await check('250000', ...registered), 'suspended').toMatchObject({ exit: 6, result: { findings: [{ id: 'DFFT-MANDATE-REVOKED' }] } })
  await biz.node.reinstate({ id: mandate.id, reason: 'answered' })
  await jp.node.revoke({ id: extract.id, reason: 'error' })
  // Of no day, not even its first.
  await expect.poll(() => check('250000', ...registered)).toMatchObject({ exit: 6, result: { findings: [{ id: 'DFFT-MANDATE-OFFICE' }] } })
})

test('an agent issues for the seller as far as the mandate goes, and what is beyond it is not signed', async () => {
  const { jp, biz, de } = net
  const [value, day] = ['7000012050002', '2026-10-01'] as const
  const { registration } = sellerExtract()
  const seller = {
    ...registration,
    registrations: [{ scheme: '0188', value, register: 'sample' }],
    taxIds: [{ scheme: '0221', value: `T${value}`, validFrom: '2023-10-01' }],
  }
  const issues = ['BusinessRegistrationCredential', 'QualificationCredential', 'PowerOfAttorneyCredential']
  await jp.node.trustAccredit({ subject: jp.did, sector: 'public', assurance: 'high', issues })
  await jp.node.issue({ claims: seller, subject: jp.did })
  const asked = await biz.node.request({ to: jp.did, purpose: 'compliance.aml', legalBasis: 'appi-law' })
  expect(asked.disclosed).toContain('/representatives')
  const { mandate } = agentMandate()
  const claims = {
    ...mandate,
    grantor: { ...mandate.grantor, registrations: seller.registrations },
    signatories: [{ name: '見本　太郎', signedOn: day }],
    validity: { from: day },
  }
  const { delivery } = await jp.node.issue({ type: 'PowerOfAttorneyCredential', claims, subject: biz.did })
  expect(delivery?.state).toBe('closed')
  const xml = sampleInvoice({ day, due: '2026-10-31', seller: { name: '見本商事株式会社', number: value }, buyer: { name: 'Muster GmbH', vat: 'DE136695976' } })
  const mandated = ['--resource', 'goods', '--registration-purpose', 'compliance.aml']
  const covered = await issued(xml, ...mandated)
  expect(covered.exit, covered.out).toBe(0)
  expect(covered.result).toMatchObject({ cross: [], exchange: { state: 'closed' } })
  const before = (await biz.node.credentialList({ role: 'issued' })).credentials.length
  for (const beyond of [
    [...mandated, '--in', 'FR'],
    ['--resource', 'services', ...mandated.slice(2)],
  ]) {
    const { exit, error, result } = await issued(xml, ...beyond)
    expect([exit, error?.code, result.cross.map(({ id }: { id: string }) => id)]).toEqual([6, 'DFFT_RIGHTS', ['DFFT-MANDATE-EXCEEDED']])
  }
  expect((await issued(xml, '--resource', 'goods')).exit, 'without who represents the seller').not.toBe(0)
  expect((await biz.node.credentialList({ role: 'issued' })).credentials).toHaveLength(before)
  // The buyer comes to the same, of what it holds itself.
  const { exchange } = await de.node.exchangeShow({ id: covered.result.exchange.id })
  await using _ = await serveAdmin(de.node, { socketPath: join(dir, 'de.sock'), log: () => {} })
  const check = await dfftAt('de.sock', 'invoice', 'check', exchange.credential ?? '', '--resource', 'goods')
  expect(check).toMatchObject({ exit: 5, result: { verdict: 'DOES-NOT-FIT' } })
})

test('a recognition counts where an authority of that jurisdiction signed for its own decision', async () => {
  const { jp, de, biz } = net
  const decided = (decidedBy: string, targetJurisdiction: string) => ({ targetJurisdiction, outcome: 'recognised', decidedBy, decidedOn: '2026-09-01' })
  const licence = {
    holderName: [{ value: 'Mia Weber', lang: 'de' }],
    kind: 'certificate',
    qualificationName: [{ value: 'Pflege', lang: 'de' }],
    awardingBody: { name: [{ value: 'Sample school', lang: 'en' }], jurisdiction: 'DE' },
    recognition: [decided(jp.did, 'JP'), decided(de.did, 'DE'), decided('A club', 'JP'), decided(jp.did, 'FR')],
  }
  const { delivery } = await jp.node.issue({ type: 'QualificationCredential', claims: licence, holder: biz.did, copies: 1 })
  const id = `urn:dfft:held:${delivery?.id}`
  const check = (place: string, on = '2026-10-01') => dfft('credential', 'recognition', id, '--in', place, '--on', on)
  // To license is not to decide on licences of others: the anchor has to say that it may.
  expect(await check('JP')).toMatchObject({ exit: 6, result: { authorities: [] }, error: { code: 'DFFT_RIGHTS' } })
  await jp.node.trustAccredit({ subject: jp.did, sector: 'public', assurance: 'high', issues: ['QualificationCredential', 'QualificationRecognition'] })
  await acquaint(biz, jp)
  expect(await check('JP')).toMatchObject({ exit: 0, result: { recognition: { decidedBy: jp.did } } })
  expect(await check('JP', '2026-08-31'), 'before it was decided').toMatchObject({ exit: 6, result: { recognition: null } })
  // Germany relies on what Japan licenses by an agreement; that makes Japan no authority of Germany, and Germany did not sign this.
  expect(await check('DE')).toMatchObject({ exit: 6, result: { authorities: [], recognition: null }, error: { code: 'DFFT_RIGHTS' } })
})
