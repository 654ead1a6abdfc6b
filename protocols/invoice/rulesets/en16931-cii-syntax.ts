/** EN 16931 in CII: what of CII may be used and how often (CII-SR-*, CII-DT-*). */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, warning } from '../ruleset.ts'
import * as unused from './en16931-cii-unused.ts'
import { atMostOnce, mustNotStand } from './tables.ts'

const root = '/rsm:CrossIndustryInvoice'
const transaction = `${root}/rsm:SupplyChainTradeTransaction`
const line = `${transaction}/ram:IncludedSupplyChainTradeLineItem`

function noUse(table: string): readonly Rule[] {
  return mustNotStand('warning', 'CII-SR', table)
}

function exactlyOne(flag: 'fatal' | 'warning', id: string, path: string): Rule {
  return { id, flag, test: { count: path, atMost: 1, atLeast: 1 }, says: `there is not exactly one \`${path}\`` }
}

/** An identifier has a scheme or has none; a party has one of both. */
function oneIdentifier(id: string, party: string): Rule {
  return warning(
    id,
    { not: { all: [{ has: `${party}/ram:ID` }, { has: `${party}/ram:GlobalID` }] } },
    `\`${party}\` has an identifier with a scheme and one without`,
  )
}

function oneContactPoint(id: string, party: string): Rule {
  const contact = `${party}/ram:DefinedTradeContact`
  return warning(
    id,
    { not: { all: [{ has: `${contact}/ram:PersonName` }, { has: `${contact}/ram:DepartmentName` }] } },
    `the contact of \`${party}\` is a person and a department`,
  )
}

const document: readonly Context[] = [
  { at: ['ram:SpecifiedTradeSettlementPaymentMeans'], rules: noUse('464 ram:PayerSpecifiedDebtorFinancialInstitution') },
  {
    at: [`${root}/rsm:ExchangedDocumentContext`],
    rules: [
      ...noUse(
        `001 ram:SpecifiedTransactionID 002 ram:TestIndicator 006 ram:BIMSpecifiedDocumentContextParameter 007 ram:ScenarioSpecifiedDocumentContextParameter
         008 ram:ApplicationSpecifiedDocumentContextParameter 011 ram:SubsetSpecifiedDocumentContextParameter 012 ram:MessageStandardSpecifiedDocumentContextParameter`,
      ),
      ...atMostOnce('warning', 'CII-SR', '003 ram:BusinessProcessSpecifiedDocumentContextParameter'),
      exactlyOne('fatal', 'CII-SR-009', 'ram:GuidelineSpecifiedDocumentContextParameter'),
      exactlyOne('fatal', 'CII-SR-010', 'ram:GuidelineSpecifiedDocumentContextParameter/ram:ID'),
    ],
  },
  { at: [`${root}/rsm:ExchangedDocument`], rules: [...noUse(unused.document), exactlyOne('fatal', 'CII-SR-014', 'ram:TypeCode')] },
  { at: [`${root}/rsm:ExchangedDocument/ram:IncludedNote`], rules: atMostOnce('warning', 'CII-SR', '030 ram:Content') },
]

const applied = 'ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge'
const priceDiscount: Condition = {
  any: [
    { all: [{ has: `${applied}/ram:ChargeIndicator{saysNo}` }, { has: `${applied}/ram:ActualAmount` }] },
    { all: [{ lacks: `${applied}/ram:ChargeIndicator` }, { lacks: `${applied}/ram:ActualAmount` }] },
  ],
}

const lines: readonly Context[] = [
  {
    at: [line],
    rules: noUse('035 ram:DescriptionCode 036 ram:ParentLineID 037 ram:LineStatusCode 038 ram:LineStatusReasonCode 221 ram:IncludedSubordinateTradeLineItem'),
  },
  {
    at: [`${line}/ram:AssociatedDocumentLineDocument`],
    rules: [
      ...atMostOnce('warning', 'CII-SR', '039 ram:IncludedNote 040 ram:IncludedNote/ram:Content'),
      ...noUse('041 ram:IncludedNote/ram:SubjectCode 042 ram:IncludedNote/ram:ID 043 ram:IncludedNote/ram:Subject 044 ram:IncludedNote/ram:ContentCode'),
    ],
  },
  {
    at: [`${line}/ram:SpecifiedTradeProduct`],
    rules: [
      ...noUse(unused.product),
      fatal('CII-SR-046', { any: [{ lacks: 'ram:GlobalID' }, { has: 'ram:GlobalID/@schemeID' }] }, 'the item standard identifier has no scheme'),
      fatal(
        'CII-SR-090',
        { any: [{ lacks: 'ram:OriginTradeCountry' }, { count: 'ram:OriginTradeCountry/ram:ID', atMost: 1, atLeast: 1 }] },
        'there is not exactly one country of origin',
      ),
    ],
  },
  {
    at: [`${line}/ram:SpecifiedTradeProduct/ram:ApplicableProductCharacteristic`],
    rules: [exactlyOne('fatal', 'CII-SR-069', 'ram:Description'), exactlyOne('fatal', 'CII-SR-072', 'ram:Value')],
  },
  {
    at: [`${line}/ram:SpecifiedLineTradeAgreement`],
    rules: [
      ...noUse(unused.lineAgreement),
      exactlyOne('fatal', 'CII-SR-439', 'ram:NetPriceProductTradePrice/ram:ChargeAmount'),
      warning('CII-SR-119', priceDiscount, 'what is applied to the gross price is not a discount with its amount'),
      ...atMostOnce('fatal', 'CII-SR', '441 ram:NetPriceProductTradePrice/ram:ChargeAmount'),
    ],
  },
  {
    at: ['ram:SpecifiedTradeAllowanceCharge'],
    rules: [
      fatal('CII-SR-463', { has: 'ram:ChargeIndicator' }),
      ...atMostOnce('fatal', 'CII-SR', '471 ram:RateApplicablePercent 472 ram:CategoryTradeTax 473 ram:ActualAmount'),
    ],
  },
  { at: ['ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge'], rules: atMostOnce('fatal', 'CII-SR', '440 ram:ActualAmount') },
  { at: [`${line}/ram:SpecifiedLineTradeDelivery`], rules: noUse(unused.lineDelivery) },
  {
    at: [`${line}/ram:SpecifiedLineTradeSettlement`],
    rules: [
      ...noUse(unused.lineSettlement),
      exactlyOne('warning', 'CII-SR-454', 'ram:ApplicableTradeTax'),
      ...atMostOnce('warning', 'CII-SR', '474 ram:AdditionalReferencedDocument{tidy130}'),
    ],
  },
]

const totals = `477 ram:LineTotalAmount 478 ram:ChargeTotalAmount 479 ram:AllowanceTotalAmount 480 ram:TaxBasisTotalAmount 481 ram:RoundingAmount 482 ram:GrandTotalAmount
  483 ram:InformationAmount 484 ram:TotalPrepaidAmount 485 ram:TotalDiscountAmount 486 ram:TotalAllowanceChargeAmount 487 ram:DuePayableAmount
  488 ram:RetailValueExcludingTaxInformationAmount 489 ram:TotalDepositFeeInformationAmount 490 ram:ProductValueExcludingTobaccoTaxInformationAmount
  491 ram:TotalRetailValueInformationAmount 492 ram:GrossLineTotalAmount 493 ram:NetLineTotalAmount 494 ram:NetIncludingTaxesLineTotalAmount`

const headers: readonly Context[] = [
  {
    at: [`${transaction}/ram:ApplicableHeaderTradeAgreement`],
    rules: [
      ...noUse(unused.agreement),
      oneIdentifier('CII-SR-450', 'ram:BuyerTradeParty'),
      ...atMostOnce(
        'fatal',
        'CII-SR',
        `455 ram:SellerTradeParty/ram:DefinedTradeContact 456 ram:BuyerTradeParty/ram:DefinedTradeContact
         459 ram:SellerTradeParty/ram:URIUniversalCommunication 460 ram:BuyerTradeParty/ram:URIUniversalCommunication`,
      ),
      ...atMostOnce(
        'warning',
        'CII-SR',
        `457 ram:AdditionalReferencedDocument{50} 458 ram:AdditionalReferencedDocument{130} 475 ram:AdditionalReferencedDocument{916}/ram:Name
         476 ram:AdditionalReferencedDocument{916}/ram:AttachmentBinaryObject`,
      ),
      oneContactPoint('CII-SR-465', 'ram:SellerTradeParty'),
      oneContactPoint('CII-SR-466', 'ram:BuyerTradeParty'),
    ],
  },
  { at: [`${transaction}/ram:ApplicableHeaderTradeDelivery`], rules: [...noUse(unused.delivery), oneIdentifier('CII-SR-449', 'ram:ShipToTradeParty')] },
  {
    at: [`${transaction}/ram:ApplicableHeaderTradeSettlement`],
    rules: [
      ...noUse(unused.settlement),
      oneIdentifier('CII-SR-451', 'ram:PayeeTradeParty'),
      ...atMostOnce('warning', 'CII-SR', '452 ram:SpecifiedTradePaymentTerms 453 ram:SpecifiedTradePaymentTerms/ram:Description'),
      ...atMostOnce('fatal', 'CII-SR', '461 ram:ApplicableTradeTax/ram:TaxPointDate'),
      fatal('CII-SR-462', { alike: '//ram:ApplicableTradeTax/ram:DueDateTypeCode', asWritten: true }, 'several codes for the VAT point date are given'),
      fatal('CII-SR-470', { lacks: 'ram:SpecifiedTradeSettlementPaymentMeans{unpayable}' }, 'payment by credit transfer, and no account to which'),
    ],
  },
  {
    at: [`${transaction}/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeSettlementHeaderMonetarySummation`],
    rules: [...noUse(unused.totals), ...atMostOnce('fatal', 'CII-SR', totals)],
  },
  {
    at: [root],
    rules: [
      ...mustNotStand('fatal', 'CII-DT', '013 @languageID 014 @languageLocaleID'),
      ...noUse('438 ram:ValuationBreakdownStatement'),
      fatal('CII-SR-467', { alike: '//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode' }, 'several payment means codes are given'),
      fatal('CII-SR-468', { alike: '//ram:SpecifiedTradeSettlementPaymentMeans/ram:Information' }, 'several payment means texts are given'),
      ...atMostOnce('fatal', 'CII-SR', '469 //ram:ApplicableHeaderTradeSettlement/ram:PaymentReference'),
    ],
  },
]

const additional: Condition = { self: ['ram:AdditionalReferencedDocument'] }

/** Only additional documents of these types have that. */
function onlyOf(id: string, path: string, types: readonly string[]): Rule {
  return fatal(id, { any: [{ lacks: path }, { all: [additional, { is: 'ram:TypeCode', oneOf: types }] }] }, `this reference has no place for \`${path}\``)
}

function onlyIn(id: string, path: string, where: Condition): Rule {
  return warning(id, { any: [{ lacks: path }, where] }, `this tax has no place for \`${path}\``)
}

const inHeader: Condition = { within: 'ram:ApplicableHeaderTradeSettlement' }
const applicable: Condition = { self: ['ram:ApplicableTradeTax'] }

const types: readonly Context[] = [
  { at: ['*DocumentContextParameter'], rules: noUse('04 ram:Value 05 ram:SpecifiedDocumentVersion') },
  {
    at: [
      `${root}/rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID`,
      `${root}/rsm:ExchangedDocument/ram:ID`,
      `${line}/ram:AssociatedDocumentLineDocument/ram:LineID`,
      `${line}/ram:SpecifiedTradeProduct/ram:SellerAssignedID`,
    ],
    rules: mustNotStand(
      'fatal',
      'CII-DT',
      '001 @schemeName 002 @schemeAgencyName 003 @schemeDataURI 004 @schemeURI 005 @schemeID 006 @schemeAgencyID 007 @schemeVersionID',
    ),
  },
  { at: ['ram:*ID'], rules: mustNotStand('fatal', 'CII-DT', '101 @schemeName 102 @schemeAgencyName 103 @schemeDataURI 104 @schemeURI') },
  { at: ['ram:TypeCode'], rules: mustNotStand('fatal', 'CII-DT', '008 @name 009 @listURI') },
  // What stands before takes all elements of this context, officially as well.
  { at: [`${root}/rsm:ExchangedDocument/ram:TypeCode`], rules: mustNotStand('fatal', 'CII-DT', '010 @listID 011 @listAgencyID 012 @listVersionID') },
  {
    at: [`${line}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode`],
    rules: mustNotStand('warning', 'CII-DT', '045 @listID 046 @listAgencyID 047 @listVersionID 048 @listURI'),
  },
  {
    at: ['ram:*ReferencedDocument'],
    rules: [
      onlyOf('CII-DT-015', 'ram:URIID', ['916']),
      ...mustNotStand('fatal', 'CII-DT', unused.reference),
      onlyOf('CII-DT-018', 'ram:TypeCode', ['50', '130', '916']),
      onlyOf('CII-DT-021', 'ram:Name', ['916']),
      onlyOf('CII-DT-022', 'ram:AttachmentBinaryObject', ['916']),
      onlyOf('CII-DT-024', 'ram:ReferenceTypeCode', ['130']),
      fatal(
        'CII-DT-027',
        { any: [{ lacks: 'ram:FormattedIssueDateTime' }, { self: ['ram:InvoiceReferencedDocument'] }] },
        'only a preceding invoice has a date',
      ),
    ],
  },
  { at: ['ram:*Amount{notTaxTotal}'], rules: mustNotStand('fatal', 'CII-DT', '031 @currencyID 032 @currencyCodeListVersionID') },
  {
    at: ['ram:*Quantity'],
    rules: [
      fatal(
        'CII-DT-033',
        { any: [{ lacks: '@unitCode' }, { has: `${line}/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode` }] },
        'a quantity has a unit, and the invoiced one has none',
      ),
      ...mustNotStand('fatal', 'CII-DT', '034 @unitCodeListID 035 @unitCodeListAgencyID 036 @unitCodeListAgencyName'),
    ],
  },
  {
    at: ['ram:*TradeTax'],
    rules: [
      fatal('CII-DT-037', { any: [{ lacks: 'ram:TypeCode' }, { is: 'ram:TypeCode', oneOf: ['VAT'] }] }, 'the tax is another than VAT'),
      ...mustNotStand('warning', 'CII-DT', unused.tax),
      onlyIn('CII-DT-041', 'ram:BasisAmount', inHeader),
      onlyIn('CII-DT-052', 'ram:ExemptionReasonCode', applicable),
      onlyIn('CII-DT-098', 'ram:ExemptionReason', applicable),
      onlyIn('CII-DT-054', 'ram:TaxPointDate', inHeader),
      onlyIn('CII-DT-058', 'ram:DueDateTypeCode', inHeader),
    ],
  },
  { at: ['ram:BillingSpecifiedPeriod'], rules: mustNotStand('fatal', 'CII-DT', unused.period) },
  { at: ['ram:PostalTradeAddress'], rules: mustNotStand('fatal', 'CII-DT', unused.address) },
  {
    at: ['udt:DateTimeString{102}'],
    rules: [
      fatal(
        'CII-DT-097',
        // Any script's digits make a year officially; see the strict checks.
        { matches: '.', pattern: '^[ \\t\\r\\n]*\\p{Nd}{4}(?:1[0-2]|0[1-9])(?:3[01]|[12][0-9]|0[1-9])[ \\t\\r\\n]*$' },
        'the date is not of the form YYYYMMDD',
      ),
    ],
  },
]

export const syntax: Pattern = [...document, ...lines, ...headers, ...types]
