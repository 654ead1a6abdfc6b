/** `dfft invoice` in process: files in, verdicts and pages out, no node. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '#test-network/checked-run.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-invoice-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[], stdin?: string) {
  const stdout: string[] = []
  const stderr: string[] = []
  const exit = await run(argv, {
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    ...(stdin === undefined ? {} : { stdin: Readable.from([stdin]) as unknown as NodeJS.ReadableStream }),
    env: {},
    cwd: dir,
  })
  return { exit, out: stdout.join(''), err: stderr.join('') }
}

/** A carpenter in Kyoto sells two chairs to a shop in Bremen. */
const invoice = `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>K-17</cbc:ID>
  <cbc:IssueDate>2026-04-01</cbc:IssueDate>
  <cbc:DueDate>2026-04-30</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:Note>Thank you — 毎度ありがとうございます &lt;b&gt;</cbc:Note>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PostalAddress><cbc:CityName>京都市</cbc:CityName><cac:Country><cbc:IdentificationCode>JP</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>木工房 &lt;script&gt;</cbc:RegistrationName><cbc:CompanyID>K-1</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Stuhlhaus Bremen</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">0.00</cbc:TaxAmount><cac:TaxSubtotal>
    <cbc:TaxableAmount currencyID="EUR">480.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">0.00</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>O</cbc:ID><cbc:TaxExemptionReason>Not subject to VAT</cbc:TaxExemptionReason><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="EUR">480.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">480.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">480.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">480.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="H87">2</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">480.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Chair 椅子</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>O</cbc:ID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">240.00</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>
`

/** Files by their names, there before the command. */
async function given(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
}

describe('dfft invoice validate', () => {
  test('prints a line of JSON for each file, in their order, and exits 5 when one is not valid', async () => {
    await given({ 'good.xml': invoice, 'bad.xml': invoice.replace('>480.00</cbc:PayableAmount>', '>481.00</cbc:PayableAmount>') })
    const { exit, out } = await dfft(['invoice', 'validate', 'good.xml', 'bad.xml', '--json'])
    const [good, bad, ...more] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([exit, more]).toEqual([5, []])
    expect(good).toMatchObject({ file: 'good.xml', syntax: 'UBL', official: { verdict: 'VALID', failed: [] }, strict: { verdict: 'VALID', findings: [] } })
    expect(good.semanticDigest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(bad).toMatchObject({ file: 'bad.xml', official: { verdict: 'INVALID' } })
    expect(bad.official.failed).toContain('BR-CO-16')
    expect(bad.semanticDigest).not.toBe(good.semanticDigest)
  })

  test('a valid one exits 0, from standard input too', async () => {
    expect(await dfft(['invoice', 'validate', '-', '--json'], invoice)).toMatchObject({ exit: 0, err: '' })
  })

  test.each([
    ['en', 'official: valid', 'Nothing was found.'],
    ['ja', '公式: 適合', '指摘はありません。'],
  ])('says it to a person in his language (%s)', async (lang, verdict, none) => {
    await given({ 'good.xml': invoice })
    const { out } = await dfft(['invoice', 'validate', 'good.xml', '--lang', lang])
    expect(out).toContain(verdict)
    expect(out).toContain(none)
    expect(out).not.toMatch(/undefined|\[object/)
  })

  test.each([
    ['a document type', invoice.replace('<Invoice', '<!DOCTYPE Invoice SYSTEM "http://example.org/x.dtd">\n<Invoice'), 'DFFT_XML_DOCTYPE'],
    ['what is no XML', 'PDF', 'DFFT_XML'],
    ['nothing', '', 'DFFT_XML'],
    ['a comma for a point', invoice.replaceAll('480.00', '480,00'), 'BR-'],
    ['a number beyond all', invoice.replace('>240.00<', '>1e400<'), 'BR-'],
  ])('%s is a finding and not an abort', async (_, text, id) => {
    await given({ 'strange.xml': text, 'good.xml': invoice })
    const { exit, out } = await dfft(['invoice', 'validate', 'strange.xml', 'good.xml', '--json'])
    const [strange, good] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([exit, good.official.verdict]).toEqual([5, 'VALID'])
    const found = [...strange.official.findings, ...strange.strict.findings] as { id: string; message: string; advice: string }[]
    expect(found.some((one) => one.id.startsWith(id) || one.message.includes(id))).toBe(true)
    for (const { message, advice } of found) expect([message, advice].every((text) => text.length > 3)).toBe(true)
  })

  test('a profile that there is not, and a file that there is not, are told', async () => {
    await given({ 'good.xml': invoice })
    expect((await dfft(['invoice', 'validate', 'good.xml', '--profile', 'none', '--json'])).exit).toBe(2)
    expect(await dfft(['invoice', 'validate', 'missing.xml', '--json'])).toMatchObject({ exit: 3, out: expect.stringContaining('DFFT_NOT_FOUND') })
  })
})

test('what was found is told in Japanese to whoever reads it, on a terminal and on a page', async () => {
  await given({ 'bad.xml': invoice.replace('2026-04-30', '2026-03-30').replace('>480.00</cbc:PayableAmount>', '>481.00</cbc:PayableAmount>') })
  const { out } = await dfft(['invoice', 'validate', 'bad.xml', '--lang', 'ja'])
  expect(out).toContain('支払期日が発行日より前です（2026-04-01、2026-03-30）')
  await dfft(['invoice', 'show', 'bad.xml', '--html', 'page.html', '--lang', 'ja'])
  expect(await readFile(join(dir, 'page.html'), 'utf8')).toContain('支払期日が発行日より前です')
})

describe('dfft invoice validate --replay', () => {
  const again = (...files: string[]) => dfft(['invoice', 'validate', ...files, '--replay', 'verdicts.json'])
  const json = (...files: string[]) => dfft(['invoice', 'validate', ...files, '--replay', 'verdicts.json', '--json'])

  test('has the verdicts of a list again to the byte, whatever the files are called by now', async () => {
    const bad = invoice.replace('>480.00</cbc:PayableAmount>', '>481.00</cbc:PayableAmount>')
    await given({ 'good.xml': invoice, 'bad.xml': bad, 'moved.xml': bad })
    const { out } = await dfft(['invoice', 'validate', 'good.xml', 'bad.xml', '--json'])
    await given({ 'verdicts.json': out })
    const replayed = await json('good.xml', 'moved.xml')
    expect(replayed.exit).toBe(0)
    const told = (line: string) => JSON.stringify({ ...JSON.parse(line), file: undefined, replay: undefined })
    expect(replayed.out.trim().split('\n').map(told)).toEqual(out.trim().split('\n').map(told))
    expect(await again('good.xml')).toMatchObject({ exit: 0, out: expect.stringContaining('the same verdict again'), err: '' })
  })

  test('says what is another than it was: the document, the verdict, the rules', async () => {
    await given({ 'good.xml': invoice, 'other.xml': `${invoice} ` })
    const verdict = JSON.parse((await dfft(['invoice', 'validate', 'good.xml', '--json'])).out)
    await given({ 'verdicts.json': JSON.stringify(verdict, null, 2) })
    expect(await json('good.xml')).toMatchObject({ exit: 0 })
    expect(await again('other.xml')).toMatchObject({ exit: 5, err: expect.stringContaining('another document') })
    await given({ 'verdicts.json': JSON.stringify({ ...verdict, strict: { verdict: 'INVALID', findings: [] } }) })
    expect(await json('good.xml')).toMatchObject({ exit: 5, out: expect.stringContaining('"differences":["/strict"]') })
    const rules = verdict.rulesets.map((one: object) => ({ ...one, digest: `sha256:${'0'.repeat(64)}` }))
    await given({ 'verdicts.json': JSON.stringify({ ...verdict, rulesets: rules }) })
    const cannot = await again('good.xml')
    expect([cannot.exit, cannot.out]).toEqual([3, expect.stringContaining(`0000 DFFT strict 1 sha256:0000`.slice(5, 17))])
    expect((await dfft(['invoice', 'validate', 'good.xml', '--replay', 'verdicts.json', '--lang', 'ja'])).err).toContain('再現できません')
  })

  test('what is no verdict is refused, and so is another profile at the same time', async () => {
    await given({ 'good.xml': invoice, 'verdicts.json': '{"file":"good.xml"}' })
    expect(await json('good.xml')).toMatchObject({ exit: 2, out: expect.stringContaining('DFFT_SCHEMA') })
    await given({ 'verdicts.json': '' })
    expect(await json('good.xml')).toMatchObject({ exit: 2, out: expect.stringContaining('DFFT_SCHEMA') })
    expect((await dfft(['invoice', 'validate', 'good.xml', '--replay', 'verdicts.json', '--official'])).exit).toBe(2)
  })
})

describe('dfft invoice show', () => {
  test('shows parties, lines and totals', async () => {
    await given({ 'good.xml': invoice })
    const { exit, out } = await dfft(['invoice', 'show', 'good.xml'])
    expect(exit).toBe(0)
    for (const text of ['Invoice K-17', '木工房', 'Stuhlhaus Bremen', 'Chair 椅子', '240.00', '480.00', '毎度ありがとうございます']) expect(out).toContain(text)
  })

  test.each(['en', 'ja'])('writes a page by itself, in which nothing of the invoice is markup (%s)', async (lang) => {
    await given({ 'good.xml': invoice })
    await dfft(['invoice', 'show', 'good.xml', '--html', 'page.html', '--lang', lang])
    const page = await readFile(join(dir, 'page.html'), 'utf8')
    expect(page).toContain(`<html lang="${lang}">`)
    expect(page).toContain('木工房 &lt;script&gt;')
    expect(page).not.toMatch(/<script|<b>|https?:\/\/|undefined|\[object/)
  })

  test('what is no invoice is refused', async () => {
    await given({ 'order.xml': '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>' })
    expect((await dfft(['invoice', 'show', 'order.xml', '--json'])).out).toContain('DFFT_SCHEMA')
  })
})

describe('dfft invoice chain', () => {
  const party = (number: string) => ({ jpCorporateNumber: number })
  const [buyer, seller] = [party('6700150000005'), party('5700150000006')]
  const line = { lineId: '1', item: 'CHAIR', unit: 'EA', price: '100', taxCategory: 'S', taxRate: '10' }
  const order = { type: 'Order', id: 'PO-1', issueDate: '2026-04-01', buyer, seller, currency: 'JPY', lines: [{ ...line, quantity: '3' }] }

  test('an order alone is open, and what is none is inconsistent', async () => {
    await given({ 'one.json': JSON.stringify({ order }), 'many.json': JSON.stringify([{ order }, { order: { ...order, id: 7 } }]) })
    const one = await dfft(['invoice', 'chain', 'one.json', '--json'])
    expect(one.exit).toBe(0)
    expect(JSON.parse(one.out).result.chains).toMatchObject([{ verdict: 'OPEN' }])
    const many = await dfft(['invoice', 'chain', 'many.json', '--json'])
    expect(many.exit).toBe(5)
    expect(JSON.parse(many.out).result.chains.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['OPEN', 'INCONSISTENT'])
    expect((await dfft(['invoice', 'chain', 'many.json', '--lang', 'ja'])).out).toContain('矛盾')
  })
})

describe('dfft credential identifiers', () => {
  const sdJwt = (claims: object, ...disclosed: unknown[]) =>
    [
      ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.'),
      ...disclosed.map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')),
      '',
    ].join('~')

  test('finds a wrong number wherever it stands, in JSON and in what a credential discloses', async () => {
    await given({
      'right.json': JSON.stringify({ legalPerson: { vatNumber: 'DE136695976', id: '0192:974760673' } }),
      'wrong.json': JSON.stringify({ legalPerson: { vatNumber: 'NL853746281B01' } }),
      'credential.txt': sdJwt({ iss: 'did:web:a.example' }, ['salt', 'lei', '5967007LIEEXXZ850W58']),
    })
    expect(await dfft(['credential', 'identifiers', 'right.json', '--json'])).toMatchObject({ exit: 0, out: expect.stringContaining('"defects":0') })
    const wrong = await dfft(['credential', 'identifiers', 'wrong.json', '--json'])
    expect([wrong.exit, JSON.parse(wrong.out).result]).toMatchObject([5, { defects: 1, identifiers: [{ path: '/legalPerson/vatNumber', scheme: 'EU-VAT' }] }])
    expect(await dfft(['credential', 'identifiers', 'credential.txt'])).toMatchObject({ exit: 5, out: expect.stringContaining('check digit does not fit') })
    expect((await dfft(['credential', 'identifiers', 'wrong.json', '--lang', 'ja'])).out).toContain('検査数字が合いません')
  })
})
