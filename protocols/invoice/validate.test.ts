import { expect, test } from 'vitest'
import { ciiSample, ublSample } from './invoice-samples.fixture.ts'
import { profileNamed } from './profiles.ts'
import { strictRules } from './strict-checks.ts'
import { validateInvoice } from './validate.ts'

function validated(text: string) {
  return validateInvoice(Buffer.from(text, 'utf8'))
}

/** The sample with one text changed, which has to be there. */
function changed(sample: string, from: string, to: string): string {
  if (!sample.includes(from)) throw new Error(`the sample has no \`${from}\``)
  return sample.replace(from, to)
}

test('one invoice in two syntaxes is valid in both, and has one semantic digest', () => {
  const [ubl, cii] = [ublSample, ciiSample].map(validated)
  for (const { official, strict } of [ubl!, cii!])
    expect({ official, strict }).toEqual({
      official: { verdict: 'VALID', failed: [], warnings: [], findings: [] },
      strict: { verdict: 'VALID', findings: [] },
    })
  expect([ubl?.syntax, cii?.syntax]).toEqual(['UBL', 'CII'])
  expect(ubl?.semanticDigest).toMatch(/^sha256:/)
  expect(cii?.semanticDigest).toBe(ubl?.semanticDigest)
})

test('two notes, and the VAT total in two currencies, are no repetition', () => {
  const notes = changed(ublSample, '<cbc:DocumentCurrencyCode>', '<cbc:Note>Thank you</cbc:Note><cbc:DocumentCurrencyCode>')
  const yen = '<cbc:TaxCurrencyCode>JPY</cbc:TaxCurrencyCode><cbc:BuyerReference>'
  const total = '<cac:TaxTotal><cbc:TaxAmount currencyID="JPY">0</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>'
  const ubl = changed(changed(notes, '<cbc:BuyerReference>', yen), '<cac:LegalMonetaryTotal>', total)
  const code = '</r:PaymentReference><r:TaxCurrencyCode>JPY</r:TaxCurrencyCode>'
  const both = '<r:TaxTotalAmount currencyID="EUR">0</r:TaxTotalAmount><r:TaxTotalAmount currencyID="JPY">0</r:TaxTotalAmount>'
  const cii = changed(changed(ciiSample, '</r:PaymentReference>', code), '<r:TaxTotalAmount currencyID="EUR">0</r:TaxTotalAmount>', both)
  for (const text of [ubl, cii])
    expect(validated(text)).toMatchObject({ official: { verdict: 'VALID', failed: [] }, strict: { verdict: 'VALID', findings: [] } })
})

const line = (id: string) => `<cbc:ID>${id}</cbc:ID>`

test.each<[string, string, string, readonly string[]]>([
  ['no number', '<cbc:ID>京-2026-0117</cbc:ID>', '<cbc:ID> </cbc:ID>', ['BR-02']],
  ['an unknown type', '>380<', '>999<', ['BR-CL-01']],
  ['an unknown currency', '<cbc:DocumentCurrencyCode>EUR', '<cbc:DocumentCurrencyCode>XXQ', ['BR-CO-15', 'BR-CL-04']],
  ['a total one cent off', '2500.00</cbc:PayableAmount>', '2500.01</cbc:PayableAmount>', ['BR-CO-16']],
  ['a sum of lines one cent off', '2750.55</cbc:LineExtensionAmount>', '2750.56</cbc:LineExtensionAmount>', ['BR-CO-10', 'BR-CO-13']],
  ['three digits of cents', '>100.00</cbc:ChargeTotalAmount>', '>100.001</cbc:ChargeTotalAmount>', ['BR-CO-12', 'BR-DEC-11', 'UBL-DT-01']],
  ['a sum of allowances that is missing', '<cbc:AllowanceTotalAmount currencyID="EUR">50.55</cbc:AllowanceTotalAmount>', '', ['BR-CO-11', 'BR-CO-13']],
  ['a taxable amount that is not the sum', '2800.00</cbc:TaxableAmount>', '2799.00</cbc:TaxableAmount>', ['BR-G-08']],
  ['no reason for not taxing', '<cbc:TaxExemptionReasonCode>VATEX-EU-G</cbc:TaxExemptionReasonCode>', '', ['BR-G-10']],
  [
    'a rate where there is none',
    '<cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>',
    '<cbc:ID>G</cbc:ID><cbc:Percent>7</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>',
    ['BR-G-05'],
  ],
  [
    'another category in one line',
    '<cac:ClassifiedTaxCategory><cbc:ID>G</cbc:ID>',
    '<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID>',
    ['BR-S-01', 'BR-S-05', 'BR-G-08'],
  ],
  ['a VAT number of no country', '>JPT7000012050002<', '>37T7000012050002<', ['BR-CO-09']],
  [
    'no VAT number of an exporter',
    '<cac:PartyTaxScheme><cbc:CompanyID>JPT7000012050002</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>',
    '',
    ['BR-G-02', 'BR-G-03', 'BR-G-04'],
  ],
  ['a negative price', '>36</cbc:PriceAmount>', '>-36</cbc:PriceAmount>', ['BR-27']],
  ['a unit nobody knows', 'unitCode="KGM"', 'unitCode="kilo"', ['BR-CL-23']],
  ['no account for a transfer', '<cbc:ID>0123456789</cbc:ID>', '', ['BR-50', 'BR-61']],
  ['a period that ends before it begins', '<cbc:EndDate>2026-03-31', '<cbc:EndDate>2026-02-28', ['BR-29']],
  ['an element without use', '<cbc:DueDate>', '<cbc:IssueTime>10:00:00</cbc:IssueTime><cbc:DueDate>', ['UBL-CR-006']],
  ['an attribute without use', '<cbc:DocumentCurrencyCode>', '<cbc:DocumentCurrencyCode listID="ISO4217">', ['UBL-CR-657']],
  ['a scheme by name', '<cbc:EndpointID schemeID="9930"', '<cbc:EndpointID schemeID="9930" schemeName="VAT"', ['UBL-DT-08']],
  ['two notes of payment terms', '<cbc:Note>30 days</cbc:Note>', '<cbc:Note>30 days</cbc:Note><cbc:Note>60 days</cbc:Note>', ['UBL-SR-05']],
  ['a subject nobody knows', '#AAI#', '#QQQ#', ['BR-CL-08']],
  [
    'a price discount without use',
    '<cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="EUR">50.00',
    '<cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>a</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">50.00',
    ['UBL-CR-670', 'UBL-CR-634'],
  ],
  ['no line number', `<cac:InvoiceLine>\n    ${line('2')}`, '<cac:InvoiceLine>\n    ', ['BR-21']],
])('UBL: %s', (_, from, to, ids) => {
  const { official } = validated(changed(ublSample, from, to))
  expect([...official.failed].sort()).toEqual([...ids].sort())
})

test.each<[string, string, string, readonly string[]]>([
  ['no number', '<r:ID>京-2026-0117</r:ID>', '<r:ID/>', ['BR-02']],
  ['a date that is none', '>20260414<', '>20261399<', ['CII-DT-097']],
  ['a total one cent off', '2500</r:DuePayableAmount>', '2500.01</r:DuePayableAmount>', ['BR-CO-16']],
  ['a taxable amount that is not the sum', '<r:BasisAmount>2800', '<r:BasisAmount>2700', ['BR-G-08']],
  ['a taxable amount without its lines', '<r:BasisAmount>2800', '<r:BasisAmount>49.45', ['BR-G-08']],
  [
    'a rate that fits no line',
    '<r:CategoryCode>G</r:CategoryCode>\n        <r:ExemptionReasonCode>',
    '<r:CategoryCode>S</r:CategoryCode>\n        <r:ExemptionReasonCode>',
    ['BR-G-01', 'BR-S-08', 'BR-S-10'],
  ],
  ['no reason for not taxing', '<r:ExemptionReasonCode>VATEX-EU-G</r:ExemptionReasonCode>', '', ['BR-G-10']],
  ['a VAT number of no country', '>JPT7000012050002<', '>37T7000012050002<', ['BR-CO-09']],
  ['an element without use', '<r:IssueDateTime>', '<r:Name>Invoice</r:Name><r:IssueDateTime>', ['CII-SR-013']],
  ['an attribute without use', '<r:LineTotalAmount>2750.55', '<r:LineTotalAmount currencyID="EUR">2750.55', ['CII-DT-031']],
  [
    'two totals',
    '<r:GrandTotalAmount>2800</r:GrandTotalAmount>',
    '<r:GrandTotalAmount>2800</r:GrandTotalAmount><r:ChargeTotalAmount>100</r:ChargeTotalAmount>',
    ['BR-CO-12', 'BR-CO-13', 'CII-SR-478', 'BR-DEC-11'],
  ],
])('CII: %s', (_, from, to, ids) => {
  const { official } = validated(changed(ciiSample, from, to))
  expect([...official.failed].sort()).toEqual([...ids].sort())
})

test('a warning is told, and the invoice is valid', () => {
  const { official } = validated(changed(ublSample, '<cbc:DueDate>', '<cbc:IssueTime>10:00:00</cbc:IssueTime><cbc:DueDate>'))
  expect(official).toMatchObject({ verdict: 'VALID', failed: ['UBL-CR-006'], warnings: ['UBL-CR-006'] })
  expect(official.findings).toEqual([
    { id: 'UBL-CR-006', flag: 'warning', path: '/ubl:Invoice/cbc:IssueTime', message: '`cbc:IssueTime` must not stand here', advice: expect.any(String) },
  ])
})

test.each([
  ['a comma as decimal point', '2500.00</cbc:PayableAmount>', '2500,00</cbc:PayableAmount>', 'DFFT-NUMBER'],
  ['an exponent', '2500.00</cbc:PayableAmount>', '1e400</cbc:PayableAmount>', 'DFFT-NUMBER'],
  ['a day that no month has', '2026-04-14', '2026-02-30', 'DFFT-DATE'],
  ['a date in the form of CII', '2026-04-14', '20260414', 'DFFT-DATE'],
  ['a number that stands twice', '<cbc:ID>京-2026-0117</cbc:ID>', '<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>', 'DFFT-REPEATED'],
  [
    'a tax scheme that stands twice',
    '<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>',
    '<cac:TaxScheme><cbc:ID>VAT</cbc:ID><cbc:ID>GST</cbc:ID></cac:TaxScheme>',
    'DFFT-REPEATED',
  ],
])('%s is a finding, and no official verdict is good', (_, from, to, id) => {
  const { official, strict } = validated(changed(ublSample, from, to))
  expect(strict.findings.map((finding) => finding.id)).toContain(id)
  expect([official.verdict, strict.verdict]).toEqual(['INVALID', 'INVALID'])
})

test.each([
  ['a document type', '<!DOCTYPE a><a/>', 'DFFT_XML_DOCTYPE', ''],
  ['no XML', 'Rechnung', 'DFFT_XML', ''],
  [
    'another document',
    '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
    'DFFT-SYNTAX',
    '/{urn:oasis:names:specification:ubl:schema:xsd:Order-2}Order',
  ],
  [
    'a CII in the namespace of UBL',
    ciiSample.replaceAll('urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100', 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'),
    'DFFT-SYNTAX',
    '/ubl:CrossIndustryInvoice',
  ],
])('%s is refused with one finding and no verdict but invalid', (_, text, id, path) => {
  expect(validated(text)).toMatchObject({
    syntax: null,
    official: { verdict: 'INVALID', failed: [] },
    strict: { verdict: 'INVALID', findings: [{ id, path }] },
    semanticDigest: null,
    rulesets: [{ name: 'DFFT strict' }],
  })
})

test('an invoice of an unknown specification is judged by EN 16931, and that is a finding', () => {
  const unknown = validated(changed(ublSample, 'urn:cen.eu:en16931:2017', 'urn:example:private'))
  expect(unknown).toMatchObject({
    profile: 'urn:example:private',
    official: { verdict: 'VALID' },
    strict: { verdict: 'INVALID', findings: [{ id: 'DFFT-PROFILE' }] },
  })
  const silent = validated(changed(ublSample, '<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>', ''))
  expect(silent).toMatchObject({ profile: null, official: { failed: ['BR-01'] }, strict: { findings: [{ id: 'DFFT-PROFILE' }] } })
  const narrowed = validated(changed(ublSample, 'urn:cen.eu:en16931:2017', 'urn:cen.eu:en16931:2017#compliant#urn:example:sector'))
  expect(narrowed.strict).toMatchObject({ verdict: 'VALID', findings: [{ id: 'DFFT-PROFILE-PARTLY', flag: 'warning' }] })
})

test('a profile can be named, and one that there is not is our mistake', () => {
  const foreign = Buffer.from(changed(ublSample, 'urn:cen.eu:en16931:2017', 'urn:example:private'))
  expect(validateInvoice(foreign, { profile: 'EN 16931' }).strict.findings).toEqual([])
  expect(() => validateInvoice(foreign, { profile: 'EN 16932' })).toThrow('there is no profile')
})

test('what is found a thousand times is told a thousand times', () => {
  const wrong = '<cac:InvoiceLine/>'.repeat(1200)
  const { official, cut } = validated(changed(ublSample, '<cac:InvoiceLine>', `${wrong}<cac:InvoiceLine>`))
  expect(official.findings).toHaveLength(1000)
  expect(cut).toBe(true)
  expect(official.failed).toContain('BR-21')
})

test('a document made to be judged for hours is refused', () => {
  const totals = '<cac:LegalMonetaryTotal/>'.repeat(6000)
  const charges = '<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator></cac:AllowanceCharge>'.repeat(6000)
  expect(validated(changed(ublSample, '<cac:TaxTotal>', `${charges}${totals}<cac:TaxTotal>`)).strict.findings).toMatchObject([{ id: 'DFFT_LIMIT' }])
})

test('the digest of a ruleset is over its rules', () => {
  const [rules] = profileNamed('EN 16931')?.rulesets.UBL ?? []
  expect(validated(ublSample).rulesets).toEqual([{ name: 'EN 16931 UBL', version: '1.3.16', digest: rules?.digest }, strictRules])
})

test('a participant of Singapore is known by the number behind its letters, and one for tests is no number', () => {
  const endpoint = (value: string) =>
    validated(changed(ublSample, '<cbc:EndpointID schemeID="0188">7000012050002', `<cbc:EndpointID schemeID="0195">${value}`)).strict.findings.map(
      ({ id }) => id,
    )
  expect(['SGUEN200923096R', 'SGUENT08GA0028A', '200923096R', 'SGTSTIMDADEMO01'].flatMap(endpoint)).toEqual([])
  expect(endpoint('SGUEN200923069R')).toEqual(['DFFT-IDENTIFIER-CHECK'])
  expect(endpoint('SGUENX')).toEqual(['DFFT-IDENTIFIER-FORM'])
})

test('what is beyond a limit is told with the limit, and with advice for a file', () => {
  const { strict } = validated(`<a>${'<a>'.repeat(1000)}`)
  expect(strict.findings).toMatchObject([{ id: 'DFFT_LIMIT', message: 'the document has too many levels (101 of 100), line 1, column 304' }])
  expect(strict.findings[0]?.advice).toContain('Ask the sender for a file')
  expect(validateInvoice(new Uint8Array(20_000_001)).strict.findings[0]?.message).toBe('the document is too long (20000001 of 20000000)')
})
