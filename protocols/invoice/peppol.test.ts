import { expect, test } from 'vitest'
import { ciiSample, ublSample } from './invoice-samples.fixture.ts'
import { validateInvoice } from './validate.ts'

const specification = 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0'
const process = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'

type Change = readonly [from: string | RegExp, to: string]

function changed(sample: string, ...changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    const replaced = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to)
    if (replaced === text) throw new Error(`the sample has no ${from}`)
    return replaced
  }, sample)
}

const ubl = changed(ublSample, [
  '<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>',
  `<cbc:CustomizationID>${specification}</cbc:CustomizationID><cbc:ProfileID>${process}</cbc:ProfileID>`,
])
const cii = changed(
  ciiSample,
  [
    '<r:GuidelineSpecifiedDocumentContextParameter>',
    `<r:BusinessProcessSpecifiedDocumentContextParameter><r:ID>${process}</r:ID></r:BusinessProcessSpecifiedDocumentContextParameter><r:GuidelineSpecifiedDocumentContextParameter>`,
  ],
  ['>urn:cen.eu:en16931:2017<', `>${specification}<`],
)

function failedOf(text: string): readonly string[] {
  return validateInvoice(Buffer.from(text, 'utf8')).official.failed
}

test('an invoice of Peppol BIS Billing 3 is judged by EN 16931 and by Peppol, in both syntaxes', () => {
  const { profile, official, strict, notJudged, rulesets } = validateInvoice(Buffer.from(ubl, 'utf8'))
  expect({ profile, official: official.verdict, strict: strict.findings, notJudged }).toEqual({
    profile: 'Peppol BIS Billing 3',
    official: 'VALID',
    strict: [],
    notJudged: [],
  })
  expect(rulesets.map(({ name }) => name)).toEqual(['EN 16931 UBL', 'Peppol BIS Billing 3 UBL', 'DFFT strict'])
  expect(validateInvoice(Buffer.from(cii, 'utf8')).rulesets.map(({ name }) => name)).toEqual(['EN 16931 CII', 'Peppol BIS Billing 3 CII', 'DFFT strict'])
})

const sellerIn = (country: string): Change => ['<cbc:IdentificationCode>JP', `<cbc:IdentificationCode>${country}`]
const vat = (number: string): Change => ['>JPT7000012050002<', `>${number}<`]

test.each<[string, readonly Change[], readonly string[]]>([
  ['no process', [[`<cbc:ProfileID>${process}</cbc:ProfileID>`, '']], ['PEPPOL-EN16931-R001', 'PEPPOL-EN16931-R007']],
  ['an empty element', [['>Weberei 7<', '><']], ['PEPPOL-EN16931-R008']],
  [
    'neither buyer reference nor order',
    [
      ['<cbc:BuyerReference>Weberei 7</cbc:BuyerReference>', ''],
      [/<cac:OrderReference>.*<\/cac:OrderReference>/, ''],
    ],
    ['PEPPOL-EN16931-R003'],
  ],
  ['two notes', [['<cbc:Note>#AAI#', '<cbc:Note>one</cbc:Note><cbc:Note>#AAI#']], ['PEPPOL-EN16931-R002']],
  ['no address of the buyer', [['<cbc:EndpointID schemeID="9930">DE129273398</cbc:EndpointID>', '']], ['PEPPOL-EN16931-R010']],
  ['a net price that is not gross less discount', [['>1250.00</cbc:BaseAmount>', '>1251.00</cbc:BaseAmount>']], ['PEPPOL-EN16931-R046']],
  ['a line that does not follow from its price', [['unitCode="H87">2<', 'unitCode="H87">3<']], ['PEPPOL-EN16931-R120']],
  ['a type that billing has no place for', [['>380<', '>325<']], ['PEPPOL-EN16931-P0100']],
  ['a wrong GLN', [['schemeID="0188">7000012050002</cbc:EndpointID>', 'schemeID="0088">7000012050002</cbc:EndpointID>']], ['PEPPOL-COMMON-R040']],
  ['an exemption of another category', [['VATEX-EU-G', 'VATEX-EU-AE']], ['PEPPOL-EN16931-P0107']],
  ['a Norwegian seller that tells no register', [sellerIn('NO'), vat('NO974760673MVA')], ['NO-R-002']],
  ['a Norwegian seller with another VAT number', [sellerIn('NO'), vat('NO974760674MVA')], ['NO-R-002', 'NO-R-001']],
  ['a Danish seller without its number', [sellerIn('DK'), vat('DK13585628')], ['DK-R-002']],
  ['an Italian seller', [sellerIn('IT'), vat('IT00743110157'), ['<cbc:StreetName>堀川通 12</cbc:StreetName>', '']], ['IT-R-002']],
  ['a Swedish seller with a short VAT number', [sellerIn('SE'), vat('SE55670374850')], ['SE-R-001']],
  ['an Icelandic seller without its number', [sellerIn('IS'), vat('IS12345')], ['IS-R-002']],
  ['a Dutch seller without a post code', [sellerIn('NL'), vat('NL004495445B01'), ['<cbc:PostalZone>602-0001</cbc:PostalZone>', '']], ['NL-R-002']],
  [
    'a German seller without a telephone',
    [sellerIn('DE'), vat('DE136695976'), ['<cbc:Telephone>+81 75 000 0000</cbc:Telephone>', '']],
    ['DE-R-006', 'DE-R-011', 'DE-R-027'],
  ],
])('in UBL %s is found', (_, changes, ids) => {
  expect(
    failedOf(changed(ubl, ...changes))
      .filter((id) => /^(?:PEPPOL|[A-Z]{2}-R-)/.test(id))
      .toSorted(),
  ).toEqual(ids.toSorted())
})

test('in UBL a Greek seller numbers its invoices in six parts', () => {
  const greek = changed(ubl, sellerIn('GR'), vat('EL094259216'), ['京-2026-0117', '094259216|14/04/2026|0|1.1|A|17'])
  expect(failedOf(greek).filter((id) => id.startsWith('GR-R-001'))).toEqual([])
  for (const [part, wrong] of [
    '094259217|14/04/2026|0|1.1|A|17',
    '094259216|15/04/2026|0|1.1|A|17',
    '094259216|14/04/2026|x|1.1|A|17',
    '094259216|14/04/2026|0|1.9|A|17',
  ].entries())
    expect(failedOf(greek.replace('094259216|14/04/2026|0|1.1|A|17', wrong))).toContain(`GR-R-001-${part + 2}`)
  expect(failedOf(greek.replace('|A|17', '|A'))).toEqual(expect.arrayContaining(['GR-R-001-1', 'GR-R-001-7']))
})

test.each<[string, readonly Change[], string]>([
  ['no process', [[/<r:BusinessProcess.*?<\/r:BusinessProcessSpecifiedDocumentContextParameter>/, '']], 'PEPPOL-EN16931-R001'],
  ['no address of the seller', [[/<r:URIUniversalCommunication><r:URIID schemeID="0188">.*?<\/r:URIUniversalCommunication>/, '']], 'PEPPOL-EN16931-R020'],
  ['a date in another form', [['format="102"', 'format="203"']], 'PEPPOL-EN16931-F001'],
  [
    'an Italian seller without a city',
    [
      ['<r:CountryID>JP', '<r:CountryID>IT'],
      [/<r:CityName>京都市<\/r:CityName>/, ''],
    ],
    'IT-R-003',
  ],
])('in CII %s is found', (_, changes, id) => {
  expect(failedOf(changed(cii, ...changes))).toContain(id)
})
