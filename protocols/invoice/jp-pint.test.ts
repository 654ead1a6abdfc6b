import { expect, test } from 'vitest'
import { jpPintOfLines, jpPintSample } from './jp-pint-sample.fixture.ts'
import { validateInvoice } from './validate.ts'

function validated(text: string) {
  return validateInvoice(Buffer.from(text, 'utf8'))
}

/** The sample with texts changed, each of which has to be there. */
function changed(...changes: readonly (readonly [from: string | RegExp, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    const replaced = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to)
    if (replaced === text) throw new Error(`the sample has no ${from}`)
    return replaced
  }, jpPintSample)
}

test('an invoice of JP PINT is judged by its rules alone, and wholly', () => {
  const { profile, official, strict, notJudged, rulesets } = validated(jpPintSample)
  expect({ profile, official, strict, notJudged }).toEqual({
    profile: 'JP PINT billing',
    official: { verdict: 'VALID', failed: [], warnings: [], findings: [] },
    strict: { verdict: 'VALID', findings: [] },
    notJudged: [],
  })
  expect(rulesets.map(({ name, version }) => `${name} ${version}`)).toEqual(['JP PINT billing 1.1.3', 'DFFT strict 1'])
})

test.each<[string, readonly [string | RegExp, string], readonly string[]]>([
  ['no scheme of an address', [/ schemeID="0188"(?=>2120)/, ''], ['ibr-063']],
  ['a wrong specification', ['billing-1@jp-1', 'billing-1@sg-1'], ['aligned-ibrp-001-jp']],
  ['no process', ['<cbc:ProfileID>urn:peppol:bis:billing</cbc:ProfileID>', ''], ['ibr-076', 'aligned-ibrp-002-jp']],
  ['another type', ['>380<', '>388<'], ['aligned-ibrp-cl-02-jp']],
  ['an empty number', ['紙-417', ' '], ['ibr-002', 'ibr-079']],
  ['a date of no calendar', ['2026-04-30</cbc:IssueDate>', '2026-04-31</cbc:IssueDate>'], ['ibr-073']],
  ['no period', [/<cac:InvoicePeriod>.*<\/cac:InvoicePeriod>/, ''], ['aligned-ibrp-052']],
  ['a registration number that is too short', ['>T2130001000001<', '>T213000100000<'], ['aligned-ibr-jp-01']],
  ['tax two yen off', [/1900(?=<\/cbc:TaxAmount>)/, '1902'], ['ibr-co-14', 'aligned-ibrp-051-jp']],
  ['a category that Japan has not', [/<cbc:ID>AA/g, '<cbc:ID>Z'], ['aligned-ibrp-cl-01-jp']],
  ['an amount in dollars', ['"JPY">25218</cbc:PayableAmount>', '"USD">25218</cbc:PayableAmount>'], ['ibr-126']],
  ['a comma in an amount', ['25218</cbc:PayableAmount>', '25,218</cbc:PayableAmount>'], ['ibr-co-16']],
  ['no registration number of the seller', [/<cac:PartyTaxScheme>.*T2130001000001.*<\/cac:PartyTaxScheme>/, ''], ['aligned-ibr-jp-04']],
  ['another tax scheme in a line', [/VAT(?=<\/cbc:ID><\/cac:TaxScheme><\/cac:ClassifiedTaxCategory>)/, 'GST'], ['aligned-ibr-jp-03']],
  ['a base quantity of nothing', ['>10</cbc:BaseQuantity>', '>0</cbc:BaseQuantity>'], ['ibr-087']],
  ['an account without a number', ['<cbc:ID>0001:001:1:7654321</cbc:ID>', '<cbc:ID/>'], ['ibr-079', 'aligned-ibrp-016']],
  ['a period that ends before it begins', ['2026-04-01</cbc:StartDate>', '2026-05-01</cbc:StartDate>'], ['ibr-029']],
])('%s breaks the official rules', (_, change, ids) => {
  const { official, strict } = validated(changed(change))
  expect(official.failed.toSorted()).toEqual(ids.toSorted())
  expect([official.verdict, strict.verdict]).toEqual(['INVALID', 'INVALID'])
})

test.each<[string, readonly (readonly [string | RegExp, string])[], readonly string[]]>([
  ['a check digit of both numbers', [['2130001000001', '7130001000001']], ['DFFT-IDENTIFIER-CHECK', 'DFFT-JP-TNUMBER-CHECK']],
  ["another company's registration number", [['>T2130001000001<', '>T2120001000002<']], ['DFFT-JP-TNUMBER-COMPANY']],
  ['a stray character before the buyer’s number', [['>T2120001000002<', '>&gt;T2120001000002<']], ['DFFT-JP-TNUMBER-FORM']],
  ['a corporate number of twelve digits', [['>2130001000001</cbc:EndpointID>', '>213000100000</cbc:EndpointID>']], ['DFFT-IDENTIFIER-FORM']],
  ['twice the quantity', [['>12</cbc:InvoicedQuantity>', '>24</cbc:InvoicedQuantity>']], ['DFFT-LINE-NET']],
  ['a taxable amount that its lines do not make', [['19000</cbc:TaxableAmount>', '19003</cbc:TaxableAmount>']], ['DFFT-TAXABLE-SUM']],
  ['decimals of yen', [['1900</cbc:TaxAmount>', '1900.0</cbc:TaxAmount>']], ['DFFT-JP-TAX-DECIMALS']],
  ['a due date before the date of issue', [['2026-05-31', '2026-04-29']], ['DFFT-DUE-BEFORE-ISSUE']],
  [
    'no tax in yen',
    [
      ['"JPY"', '"USD"'],
      ['>JPY<', '>USD<'],
    ],
    ['DFFT-JP-TAX-YEN'],
  ],
  [
    'a rate that Japan never had',
    [[/<cbc:Percent>8(?=<.*<\/cac:ClassifiedTaxCategory>)/, '<cbc:Percent>7']],
    ['DFFT-JP-RATE', 'DFFT-TAXABLE-SUM', 'DFFT-TAX-BREAKDOWN'],
  ],
])('%s passes the official rules, and not ours', (_, changes, ids) => {
  const { official, strict } = validated(changed(...changes))
  expect(official).toMatchObject({ verdict: 'VALID', failed: [] })
  expect(strict.verdict).toBe('INVALID')
  expect([...new Set(strict.findings.map(({ id }) => id))].toSorted()).toEqual(ids.toSorted())
})

test('consumption tax is worked out once for each rate of an invoice', () => {
  const half = (tax: string) =>
    `<cac:TaxSubtotal><cbc:TaxableAmount currencyID="JPY">9500</cbc:TaxableAmount><cbc:TaxAmount currencyID="JPY">${tax}</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>10</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>`
  const twice = validated(changed([/<cac:TaxSubtotal>.*?<\/cac:TaxSubtotal>/, half('950') + half('950')]))
  expect(twice.official.verdict).toBe('VALID')
  expect(twice.strict.findings.map(({ id }) => id)).toEqual(['DFFT-TAX-REPEATED'])
})

test('a number that only a sole proprietor can have is worth a look, and no reason to refuse', () => {
  const person = changed(
    ['2130001000001</cbc:EndpointID>', 'kyogami</cbc:EndpointID>'],
    ['<cbc:EndpointID schemeID="0188">kyogami', '<cbc:EndpointID schemeID="0221">T7130001000001'],
    ['<cbc:CompanyID schemeID="0188">2130001000001</cbc:CompanyID>', ''],
    ['>T2130001000001<', '>T7130001000001<'],
    ['株式会社京紙', '京野紙子'],
  )
  expect(validated(person).strict).toMatchObject({ verdict: 'VALID', findings: [{ id: 'DFFT-JP-TNUMBER-CHECK', flag: 'warning' }] })
})

test('invoices of businesses that are not registered, and self-billed ones, have rules of their own', () => {
  const untaxed = validated(changed(['pint:billing-1', 'pint:nontaxinvoice-1']))
  expect(untaxed.profile).toBe('JP PINT non-tax invoice')
  expect(untaxed.official.failed).toEqual(expect.arrayContaining(['ibr-cl-01-jp-ntr', 'aligned-ibr-jp-04-ntr', 'aligned-ibr-jp-07-ntr']))
  const selfBilled = validated(changed(['pint:billing-1', 'pint:selfbilling-1'], ['bis:billing', 'bis:selfbilling'], ['>380<', '>389<']))
  expect(selfBilled).toMatchObject({ profile: 'JP PINT self-billing', official: { verdict: 'VALID' }, strict: { verdict: 'VALID' } })
})

test('of another jurisdiction the shared rules are judged, and the verdict says that they are not all', () => {
  const foreign = validated(changed(['billing-1@jp-1', 'billing-1@sg-1'], ['>JP<', '>SG<']))
  expect(foreign).toMatchObject({ profile: 'SG PINT billing', official: { verdict: 'VALID' } })
  expect(foreign.notJudged).toHaveLength(1)
  expect(foreign.strict.findings).toContainEqual(expect.objectContaining({ id: 'DFFT-PROFILE-PARTLY', flag: 'warning' }))
  const unheard = validated(changed(['billing-1@jp-1', 'billing-1@zz-1'], ['>JP<', '>SG<']))
  expect(unheard).toMatchObject({ profile: 'PINT of an unknown jurisdiction', notJudged: [expect.any(String)] })
})

test('JP PINT is not written in CII', () => {
  const cii = `<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
    <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:peppol:pint:billing-1@jp-1</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
  </rsm:CrossIndustryInvoice>`
  expect(validated(cii).strict.findings).toContainEqual(expect.objectContaining({ id: 'DFFT-PROFILE-SYNTAX', flag: 'fatal' }))
})

test('a long invoice is judged as a short one is, and one made to be slow is refused', () => {
  const long = validated(jpPintOfLines(600))
  expect({ official: long.official.failed, strict: long.strict.findings }).toEqual({ official: [], strict: [] })
  // Every amount looks at every currency of the document.
  const currencies = '<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>'.repeat(20_000)
  const amounts = '<cbc:PayableAmount currencyID="USD">1</cbc:PayableAmount>'.repeat(20_000)
  const slow = validated(changed(['<cbc:DocumentCurrencyCode>JPY</cbc:DocumentCurrencyCode>', currencies + amounts]))
  expect(slow.strict.findings).toMatchObject([{ id: 'DFFT_LIMIT' }])
})
