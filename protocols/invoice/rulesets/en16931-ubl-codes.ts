/** EN 16931 in UBL: which values are of which code list (BR-CL-*). */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern } from '../ruleset.ts'
import { mimeTypes } from './en16931-lists.ts'

function listed(id: string, at: readonly string[], list: string, path = '.'): Context {
  return { at, rules: [fatal(id, { listed: path, list })] }
}

const money =
  `Amount BaseAmount PriceAmount TaxAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount
  PrepaidAmount PayableRoundingAmount PayableAmount`
    .split(/\s+/)
    .map((name) => `cbc:${name}`)

const partyScheme: Condition = {
  any: [
    { listed: '@schemeID', list: 'identifierSchemes' },
    { all: [{ tidy: '@schemeID', oneOf: ['SEPA'] }, { any: [{ within: 'cac:AccountingSupplierParty' }, { within: 'cac:PayeeParty' }] }] },
  ],
}

export const codes: Pattern = [
  listed('BR-CL-01', ['cbc:InvoiceTypeCode'], 'invoiceTypes'),
  listed('BR-CL-01', ['cbc:CreditNoteTypeCode'], 'creditNoteTypes'),
  listed('BR-CL-03', money, 'currencies', '@currencyID'),
  listed('BR-CL-04', ['cbc:DocumentCurrencyCode'], 'currencies'),
  listed('BR-CL-05', ['cbc:TaxCurrencyCode'], 'currencies'),
  listed('BR-CL-06', ['cac:InvoicePeriod/cbc:DescriptionCode'], 'taxPoints'),
  listed('BR-CL-07', ['cac:AdditionalDocumentReference{130}/cbc:ID{schemed}', 'cac:DocumentReference{130}/cbc:ID{schemed}'], 'references', '@schemeID'),
  { at: ['cac:PartyIdentification/cbc:ID{schemed}'], rules: [fatal('BR-CL-10', partyScheme, 'the scheme of the party identifier is not in ISO 6523')] },
  listed('BR-CL-11', ['cac:PartyLegalEntity/cbc:CompanyID{schemed}'], 'identifierSchemes', '@schemeID'),
  listed('BR-CL-13', ['cac:CommodityClassification/cbc:ItemClassificationCode{listed}'], 'itemClassifications', '@listID'),
  listed('BR-CL-14', ['cac:Country/cbc:IdentificationCode'], 'countries'),
  listed('BR-CL-15', ['cac:OriginCountry/cbc:IdentificationCode'], 'countries'),
  listed('BR-CL-16', ['cac:PaymentMeans/cbc:PaymentMeansCode'], 'paymentMeans'),
  listed('BR-CL-17', ['cac:TaxCategory/cbc:ID'], 'vatCategories'),
  listed('BR-CL-18', ['cac:ClassifiedTaxCategory/cbc:ID'], 'vatCategories'),
  listed('BR-CL-19', ['cac:AllowanceCharge{allowance}/cbc:AllowanceChargeReasonCode'], 'allowanceReasons'),
  listed('BR-CL-20', ['cac:AllowanceCharge{charge}/cbc:AllowanceChargeReasonCode'], 'chargeReasons'),
  listed('BR-CL-21', ['cac:StandardItemIdentification/cbc:ID{schemed}'], 'identifierSchemes', '@schemeID'),
  { at: ['cbc:TaxExemptionReasonCode'], rules: [fatal('BR-CL-22', { listed: '.', list: 'exemptionReasons', upper: true })] },
  listed('BR-CL-23', ['cbc:InvoicedQuantity{inUnits}', 'cbc:BaseQuantity{inUnits}', 'cbc:CreditedQuantity{inUnits}'], 'units', '@unitCode'),
  {
    at: ['cbc:EmbeddedDocumentBinaryObject{typed}'],
    rules: [fatal('BR-CL-24', { is: '@mimeCode', oneOf: mimeTypes }, 'attachments of this media type are not allowed')],
  },
  listed('BR-CL-25', ['cbc:EndpointID{schemed}'], 'electronicAddresses', '@schemeID'),
  listed('BR-CL-26', ['cac:DeliveryLocation/cbc:ID{schemed}'], 'identifierSchemes', '@schemeID'),
]
