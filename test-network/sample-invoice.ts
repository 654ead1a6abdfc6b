/** An invoice as a file, of the trade that demo and tests tell: valves and pumps from Japan, in JP PINT, with persons to contact on both sides. */

export interface SampleInvoice {
  /** Day of the invoice and of the end of its period. */
  readonly day: string
  readonly due: string
  readonly seller: { readonly name: string; readonly number: string }
  readonly buyer: { readonly name: string; readonly vat: string }
}

/** What only the contacts say, and so must not be found where they were withheld. */
export const contactsOnly = ['sales@seller.jp.example', '+81 3 0000 0000', 'einkauf@buyer.de.example', 'Eva Muster']

interface Line {
  readonly id: string
  readonly item: string
  readonly quantity: string
  readonly price: string
  readonly net: string
}

export const sampleLines: readonly Line[] = [
  { id: '1', item: 'valve', quantity: '20', price: '4550', net: '91000' },
  { id: '2', item: 'pump', quantity: '4', price: '31000', net: '124000' },
]

const category = '<cbc:ID>S</cbc:ID><cbc:Percent>10</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>'

/** 215,000 yen and a tax of 21,500, for order PO-1 as despatched by DA-1. */
export function sampleInvoice({ day, due, seller, buyer }: SampleInvoice): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:peppol:pint:billing-1@jp-1</cbc:CustomizationID>
  <cbc:ProfileID>urn:peppol:bis:billing</cbc:ProfileID>
  <cbc:ID>INV-2026-001</cbc:ID>
  <cbc:IssueDate>${day}</cbc:IssueDate>
  <cbc:DueDate>${due}</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>JPY</cbc:DocumentCurrencyCode>
  <cac:InvoicePeriod><cbc:StartDate>${day}</cbc:StartDate><cbc:EndDate>${day}</cbc:EndDate></cac:InvoicePeriod>
  <cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>
  <cac:DespatchDocumentReference><cbc:ID>DA-1</cbc:ID></cac:DespatchDocumentReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0188">${seller.number}</cbc:EndpointID>
    <cac:PostalAddress><cbc:CityName>東京都</cbc:CityName><cac:Country><cbc:IdentificationCode>JP</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>T${seller.number}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>${seller.name}</cbc:RegistrationName><cbc:CompanyID schemeID="0188">${seller.number}</cbc:CompanyID></cac:PartyLegalEntity>
    <cac:Contact><cbc:Name>見本　太郎</cbc:Name><cbc:Telephone>+81 3 0000 0000</cbc:Telephone><cbc:ElectronicMail>sales@seller.jp.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="9930">${buyer.vat}</cbc:EndpointID>
    <cac:PostalAddress><cbc:CityName>Bonn</cbc:CityName><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>${buyer.vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>${buyer.name}</cbc:RegistrationName></cac:PartyLegalEntity>
    <cac:Contact><cbc:Name>Eva Muster</cbc:Name><cbc:ElectronicMail>einkauf@buyer.de.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>REM-1</cbc:PaymentID><cac:PayeeFinancialAccount><cbc:ID>0123456789</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
  <cac:TaxTotal><cbc:TaxAmount currencyID="JPY">21500</cbc:TaxAmount><cac:TaxSubtotal>
    <cbc:TaxableAmount currencyID="JPY">215000</cbc:TaxableAmount><cbc:TaxAmount currencyID="JPY">21500</cbc:TaxAmount><cac:TaxCategory>${category}</cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="JPY">215000</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="JPY">215000</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="JPY">236500</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="JPY">236500</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
${sampleLines.map(lineOf).join('\n')}
</Invoice>
`
}

function lineOf({ id, item, quantity, price, net }: Line): string {
  return `  <cac:InvoiceLine><cbc:ID>${id}</cbc:ID><cbc:InvoicedQuantity unitCode="EA">${quantity}</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="JPY">${net}</cbc:LineExtensionAmount>
    <cac:OrderLineReference><cbc:LineID>${id}</cbc:LineID></cac:OrderLineReference>
    <cac:Item><cbc:Name>${item}</cbc:Name><cac:ClassifiedTaxCategory>${category}</cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="JPY">${price}</cbc:PriceAmount><cbc:BaseQuantity unitCode="EA">1</cbc:BaseQuantity></cac:Price>
  </cac:InvoiceLine>`
}
