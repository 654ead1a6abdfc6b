/** In which order UBL 2.1 has the elements that the model uses, by parent (UBL 2.1 schemas, xsd:sequence). Elements of one name stand together. */
import { creditNoteTypes, invoiceTypes } from './rulesets/en16931-lists.ts'

const party = 'cbc:EndpointID cac:PartyIdentification cac:PartyName cac:PostalAddress cac:PartyTaxScheme cac:PartyLegalEntity cac:Contact'
const address = 'cbc:StreetName cbc:AdditionalStreetName cbc:CityName cbc:PostalZone cbc:CountrySubentity cac:AddressLine cac:Country'
const reference = 'cbc:ID cbc:IssueDate cbc:DocumentTypeCode cbc:DocumentDescription cac:Attachment'
const category = 'cbc:ID cbc:Percent cbc:TaxExemptionReasonCode cbc:TaxExemptionReason cac:TaxScheme'
const line = `cbc:ID cbc:Note cbc:InvoicedQuantity cbc:CreditedQuantity cbc:LineExtensionAmount cbc:AccountingCost cac:InvoicePeriod cac:OrderLineReference
  cac:DocumentReference cac:AllowanceCharge cac:Item cac:Price`

const parties =
  'cac:AccountingSupplierParty cac:AccountingCustomerParty cac:PayeeParty cac:TaxRepresentativeParty cac:Delivery cac:PaymentMeans cac:PaymentTerms'

const sequences: Readonly<Record<string, string>> = {
  'ubl:Invoice': `cbc:CustomizationID cbc:ProfileID cbc:ID cbc:IssueDate cbc:DueDate cbc:InvoiceTypeCode cbc:Note cbc:TaxPointDate cbc:DocumentCurrencyCode
    cbc:TaxCurrencyCode cbc:AccountingCost cbc:BuyerReference cac:InvoicePeriod cac:OrderReference cac:BillingReference cac:DespatchDocumentReference
    cac:ReceiptDocumentReference cac:OriginatorDocumentReference cac:ContractDocumentReference cac:AdditionalDocumentReference cac:ProjectReference ${parties}
    cac:AllowanceCharge cac:TaxTotal cac:LegalMonetaryTotal cac:InvoiceLine`,
  'cn:CreditNote': `cbc:CustomizationID cbc:ProfileID cbc:ID cbc:IssueDate cbc:TaxPointDate cbc:CreditNoteTypeCode cbc:Note cbc:DocumentCurrencyCode
    cbc:TaxCurrencyCode cbc:AccountingCost cbc:BuyerReference cac:InvoicePeriod cac:OrderReference cac:BillingReference cac:DespatchDocumentReference
    cac:ReceiptDocumentReference cac:ContractDocumentReference cac:AdditionalDocumentReference cac:OriginatorDocumentReference ${parties}
    cac:AllowanceCharge cac:TaxTotal cac:LegalMonetaryTotal cac:CreditNoteLine`,
  'cac:Party': party,
  'cac:PayeeParty': party,
  'cac:TaxRepresentativeParty': party,
  'cac:DeliveryParty': party,
  'cac:PostalAddress': address,
  'cac:Address': address,
  'cac:PartyTaxScheme': 'cbc:CompanyID cac:TaxScheme',
  'cac:PartyLegalEntity': 'cbc:RegistrationName cbc:CompanyID cbc:CompanyLegalForm',
  'cac:Contact': 'cbc:Name cbc:Telephone cbc:ElectronicMail',
  'cac:Delivery': 'cbc:ActualDeliveryDate cac:DeliveryLocation cac:DeliveryParty',
  'cac:DeliveryLocation': 'cbc:ID cac:Address',
  'cac:InvoicePeriod': 'cbc:StartDate cbc:EndDate cbc:DescriptionCode',
  'cac:OrderReference': 'cbc:ID cbc:SalesOrderID',
  'cac:InvoiceDocumentReference': reference,
  'cac:AdditionalDocumentReference': reference,
  'cac:DocumentReference': reference,
  'cac:Attachment': 'cbc:EmbeddedDocumentBinaryObject cac:ExternalReference',
  'cac:PaymentMeans': 'cbc:PaymentMeansCode cbc:PaymentDueDate cbc:PaymentID cac:CardAccount cac:PayeeFinancialAccount cac:PaymentMandate',
  'cac:CardAccount': 'cbc:PrimaryAccountNumberID cbc:NetworkID cbc:HolderName',
  'cac:PayeeFinancialAccount': 'cbc:ID cbc:Name cac:FinancialInstitutionBranch',
  'cac:PaymentMandate': 'cbc:ID cac:PayerFinancialAccount',
  'cac:AllowanceCharge':
    'cbc:ChargeIndicator cbc:AllowanceChargeReasonCode cbc:AllowanceChargeReason cbc:MultiplierFactorNumeric cbc:Amount cbc:BaseAmount cac:TaxCategory',
  'cac:TaxTotal': 'cbc:TaxAmount cac:TaxSubtotal',
  'cac:TaxSubtotal': 'cbc:TaxableAmount cbc:TaxAmount cac:TaxCategory',
  'cac:TaxCategory': category,
  'cac:ClassifiedTaxCategory': category,
  'cac:LegalMonetaryTotal': `cbc:LineExtensionAmount cbc:TaxExclusiveAmount cbc:TaxInclusiveAmount cbc:AllowanceTotalAmount cbc:ChargeTotalAmount cbc:PrepaidAmount
    cbc:PayableRoundingAmount cbc:PayableAmount`,
  'cac:InvoiceLine': line,
  'cac:CreditNoteLine': line,
  'cac:Item': `cbc:Description cbc:Name cac:BuyersItemIdentification cac:SellersItemIdentification cac:StandardItemIdentification cac:OriginCountry
    cac:CommodityClassification cac:ClassifiedTaxCategory cac:AdditionalItemProperty`,
  'cac:AdditionalItemProperty': 'cbc:Name cbc:Value',
  'cac:Price': 'cbc:PriceAmount cbc:BaseQuantity cac:AllowanceCharge',
}

const places = new Map(Object.entries(sequences).map(([parent, names]) => [parent, new Map(names.split(/\s+/).map((name, index) => [name, index]))]))

/** Position of a child among the children of its parent; parents with children of one name only have no order. */
export function placeIn(parent: string, child: string): number {
  const sequence = places.get(parent)
  if (sequence === undefined) return 0
  const place = sequence.get(child)
  if (place === undefined) throw new Error(`\`${child}\` has no place in \`${parent}\``)
  return place
}

/** Types that are credit notes and nothing else are written as one. */
export function isCreditNote(type: string): boolean {
  return creditNoteTypes.includes(type) && !invoiceTypes.includes(type)
}
