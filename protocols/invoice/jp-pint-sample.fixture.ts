/**
 * A JP PINT invoice of our own: a paper mill in Kyoto sells to a bookshop in Osaka.
 * Standard rate: 12 reams at 1,500 less 500 = 17,500; half a hundredweight of card at 300 for ten kilograms = 1,524 (50.8 kg), together 19,024 less an
 * allowance of 24 = 19,000, tax 1,900. Reduced rate: 3 crates of tea at 1,333 = 3,999, tax 319 (319.92 rounded down). In all 22,999 + 2,219 = 25,218.
 */
const seller = '2130001000001'
const buyer = '2120001000002'

function category(code: string, rate: string, element = 'TaxCategory'): string {
  return `<cac:${element}><cbc:ID>${code}</cbc:ID><cbc:Percent>${rate}</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:${element}>`
}

function party(kind: 'Supplier' | 'Customer', number: string, name: string): string {
  return `<cac:Accounting${kind}Party><cac:Party>
    <cbc:EndpointID schemeID="0188">${number}</cbc:EndpointID>
    <cac:PostalAddress><cbc:CityName>京都市</cbc:CityName><cac:Country><cbc:IdentificationCode>JP</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>T${number}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>${name}</cbc:RegistrationName><cbc:CompanyID schemeID="0188">${number}</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:Accounting${kind}Party>`
}

function line([id, net, quantity, unit]: readonly [string, string, string, string], tax: string, price: string, more = ''): string {
  return `<cac:InvoiceLine>
    <cbc:ID>${id}</cbc:ID><cbc:InvoicedQuantity unitCode="${unit}">${quantity}</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="JPY">${net}</cbc:LineExtensionAmount>
    ${more}<cac:Item><cbc:Name>品目 ${id}</cbc:Name>${tax}</cac:Item>
    <cac:Price>${price}</cac:Price>
  </cac:InvoiceLine>`
}

function subtotal(taxable: string, tax: string, of: string): string {
  return `<cac:TaxSubtotal><cbc:TaxableAmount currencyID="JPY">${taxable}</cbc:TaxableAmount><cbc:TaxAmount currencyID="JPY">${tax}</cbc:TaxAmount>${of}</cac:TaxSubtotal>`
}

const discount =
  '<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>値引</cbc:AllowanceChargeReason><cbc:Amount currencyID="JPY">500</cbc:Amount></cac:AllowanceCharge>'

const top = `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:peppol:pint:billing-1@jp-1</cbc:CustomizationID>
  <cbc:ProfileID>urn:peppol:bis:billing</cbc:ProfileID>
  <cbc:ID>紙-417</cbc:ID>
  <cbc:IssueDate>2026-04-30</cbc:IssueDate>
  <cbc:DueDate>2026-05-31</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>JPY</cbc:DocumentCurrencyCode>
  <cac:InvoicePeriod><cbc:StartDate>2026-04-01</cbc:StartDate><cbc:EndDate>2026-04-30</cbc:EndDate></cac:InvoicePeriod>
  ${party('Supplier', seller, '株式会社京紙')}
  ${party('Customer', buyer, '浪速書店株式会社')}
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>0001:001:1:7654321</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
`

const threeLines = [
  line(['1', '17500', '12', 'H87'], category('S', '10', 'ClassifiedTaxCategory'), '<cbc:PriceAmount currencyID="JPY">1500</cbc:PriceAmount>', discount),
  line(
    ['2', '1524', '50.8', 'KGM'],
    category('S', '10', 'ClassifiedTaxCategory'),
    '<cbc:PriceAmount currencyID="JPY">300</cbc:PriceAmount><cbc:BaseQuantity unitCode="KGM">10</cbc:BaseQuantity>',
  ),
  line(['3', '3999', '3', 'H87'], category('AA', '8', 'ClassifiedTaxCategory'), '<cbc:PriceAmount currencyID="JPY">1333</cbc:PriceAmount>'),
]

export const jpPintSample = `${top}  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>端数</cbc:AllowanceChargeReason><cbc:Amount currencyID="JPY">24</cbc:Amount>
    ${category('S', '10')}
  </cac:AllowanceCharge>
  <cac:TaxTotal><cbc:TaxAmount currencyID="JPY">2219</cbc:TaxAmount>${subtotal('19000', '1900', category('S', '10'))}${subtotal('3999', '319', category('AA', '8'))}</cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="JPY">23023</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="JPY">22999</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="JPY">25218</cbc:TaxInclusiveAmount><cbc:AllowanceTotalAmount currencyID="JPY">24</cbc:AllowanceTotalAmount>
    <cbc:PayableAmount currencyID="JPY">25218</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  ${threeLines.join('\n  ')}
</Invoice>`

/** A long invoice, valid: each line has a price of its own, a period and a discount, and every other is of the reduced rate. */
export function jpPintOfLines(count: number): string {
  const sums = { S: 0, AA: 0 }
  const period = '<cac:InvoicePeriod><cbc:StartDate>2026-04-02</cbc:StartDate><cbc:EndDate>2026-04-03</cbc:EndDate></cac:InvoicePeriod>'
  const lines = Array.from({ length: count }, (_, index) => {
    const [code, rate] = index % 2 === 0 ? (['S', '10'] as const) : (['AA', '8'] as const)
    const [price, quantity] = [700 + index, 2 + (index % 5)]
    const net = price * quantity - 500
    sums[code] += net
    const tax = category(code, rate, 'ClassifiedTaxCategory')
    return line([`${index + 1}`, `${net}`, `${quantity}`, 'H87'], tax, `<cbc:PriceAmount currencyID="JPY">${price}</cbc:PriceAmount>`, period + discount)
  })
  const [standard, reduced, net] = [Math.floor(sums.S / 10), Math.floor((sums.AA * 8) / 100), sums.S + sums.AA]
  const breakdown = subtotal(`${sums.S}`, `${standard}`, category('S', '10')) + (count > 1 ? subtotal(`${sums.AA}`, `${reduced}`, category('AA', '8')) : '')
  return `${top}<cac:TaxTotal><cbc:TaxAmount currencyID="JPY">${standard + reduced}</cbc:TaxAmount>${breakdown}</cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="JPY">${net}</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="JPY">${net}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="JPY">${net + standard + reduced}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="JPY">${net + standard + reduced}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  ${lines.join('\n  ')}
</Invoice>`
}
