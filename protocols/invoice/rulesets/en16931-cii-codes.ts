/** EN 16931 in CII: which values are of which code list (BR-CL-*). */
import { type Context, fatal, type Pattern } from '../ruleset.ts'
import { mimeTypes } from './en16931-lists.ts'

function listed(id: string, at: string, list: string, path = '.'): Context {
  return { at: [at], rules: [fatal(id, { listed: path, list })] }
}

export const codes: Pattern = [
  listed('BR-CL-01', 'rsm:ExchangedDocument/ram:TypeCode', 'types'),
  listed('BR-CL-03', 'ram:TaxTotalAmount{inMoney}', 'currencies', '@currencyID'),
  listed('BR-CL-04', 'ram:InvoiceCurrencyCode', 'currencies'),
  listed('BR-CL-05', 'ram:TaxCurrencyCode', 'currencies'),
  listed('BR-CL-06', 'ram:DueDateTypeCode', 'taxPoints'),
  listed('BR-CL-07', 'ram:ReferenceTypeCode', 'references'),
  listed('BR-CL-08', 'ram:SubjectCode', 'noteSubjects'),
  listed('BR-CL-10', 'ram:GlobalID{schemed}{ofParty}', 'identifierSchemes', '@schemeID'),
  listed('BR-CL-11', 'ram:ID{schemed}{notTax}', 'identifierSchemes', '@schemeID'),
  listed('BR-CL-13', 'ram:ClassCode{listed}', 'itemClassifications', '@listID'),
  listed('BR-CL-14', 'ram:CountryID', 'countries'),
  listed('BR-CL-15', 'ram:OriginTradeCountry/ram:ID', 'countries'),
  listed('BR-CL-16', 'ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode', 'paymentMeans'),
  listed('BR-CL-17', 'ram:CategoryTradeTax/ram:CategoryCode', 'vatCategories'),
  listed('BR-CL-18', 'ram:ApplicableTradeTax/ram:CategoryCode', 'vatCategories'),
  listed('BR-CL-19', 'ram:SpecifiedTradeAllowanceCharge{allowance}/ram:ReasonCode', 'allowanceReasons'),
  listed('BR-CL-20', 'ram:SpecifiedTradeAllowanceCharge{charge}/ram:ReasonCode', 'chargeReasons'),
  listed('BR-CL-21', 'ram:SpecifiedTradeProduct/ram:GlobalID{schemed}', 'identifierSchemes', '@schemeID'),
  { at: ['ram:ExemptionReasonCode'], rules: [fatal('BR-CL-22', { listed: '.', list: 'exemptionReasons', upper: true })] },
  { at: ['ram:BasisQuantity{inUnits}', 'ram:BilledQuantity{inUnits}'], rules: [fatal('BR-CL-23', { listed: '@unitCode', list: 'units' })] },
  {
    at: ['ram:AttachmentBinaryObject{typed}'],
    rules: [fatal('BR-CL-24', { is: '@mimeCode', oneOf: mimeTypes }, 'attachments of this media type are not allowed')],
  },
  listed('BR-CL-25', 'ram:URIUniversalCommunication/ram:URIID{schemed}', 'electronicAddresses', '@schemeID'),
  listed('BR-CL-26', 'ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty/ram:GlobalID{schemed}', 'identifierSchemes', '@schemeID'),
]
