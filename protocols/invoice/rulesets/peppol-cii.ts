/** Peppol BIS Billing 3 (release 3.0.19 of 2025-05) in CII, beside the rules of EN 16931. It has no rules of Germany, Greece and Iceland. */
import type { Amount, Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Ruleset, ruleset, warning } from '../ruleset.ts'
import { en16931Cii } from './en16931-cii.ts'
import { mimeTypes } from './en16931-lists.ts'
import { fitsIdentifier, identifier, ofSchemeCii, schemeQualifiers } from './party-identifiers.ts'
import { countryPatterns, countryQualifiers, paths } from './peppol-cii-countries.ts'
import { billingCreditNotes, billingInvoices, peppolLists } from './peppol-lists.ts'
import { country, lineNet, textIs } from './peppol-operations.ts'
import { sameTidied } from './pint-operations.ts'
import { zero } from './tables.ts'

const process = 'urn:fdc:peppol.eu:2017:poacc:billing:([0-9]{2}):1.0'
const processId = '/rsm:CrossIndustryInvoice/rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID'
const billing: Condition = {
  all: [
    { matches: processId, pattern: process },
    { matches: processId, pattern: '^[ \\t\\r\\n]*(?:[^:]*:){6}01(?::|[ \\t\\r\\n]*$)' },
  ],
}

const taxTotal = 'ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount'

/** Where VAT is told in two currencies, both amounts have one sign. */
function oneSign(): Condition {
  const both = (relation: '<' | '>='): Condition => ({
    all: ['inTaxCurrency', 'inOwnCurrency'].map((which) => ({ some: `${taxTotal}{${which}}`, where: { compare: ['.', relation, zero] } })),
  })
  return { any: [{ lacks: `${paths.settlement}/ram:TaxCurrencyCode` }, both('<'), both('>=')] }
}

const settlement: Context = {
  at: ['ram:ApplicableHeaderTradeSettlement'],
  rules: [
    fatal(
      'PEPPOL-EN16931-R005',
      { any: [{ lacks: 'ram:TaxCurrencyCode' }, { not: { call: 'sameTidied', with: ['ram:TaxCurrencyCode', 'ram:InvoiceCurrencyCode'] } }] },
      'the VAT accounting currency is that of the invoice',
    ),
    fatal('PEPPOL-EN16931-R053', { count: `${taxTotal}{inOwnCurrency}`, atLeast: 1, atMost: 1 }, 'there is not one VAT total in the currency of the invoice'),
    fatal(
      'PEPPOL-EN16931-R054',
      {
        any: [
          { all: [{ has: 'ram:TaxCurrencyCode' }, { count: `${taxTotal}{inOther}`, atLeast: 1, atMost: 1 }] },
          { all: [{ lacks: 'ram:TaxCurrencyCode' }, { lacks: `${taxTotal}{inOther}` }] },
        ],
      },
      'a VAT total in another currency stands there for the VAT accounting currency, and only for it',
    ),
    fatal('PEPPOL-EN16931-R055', oneSign(), 'the VAT totals in both currencies have different signs, or one of them is missing'),
  ],
}

const saysIndicator = 'whether it is an allowance or a charge is said with `true` or `false`'
const indicator: Condition = { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['true', 'false'] }
const ofPercent: Amount = { percent: { times: ['ram:BasisAmount', 'ram:CalculationPercent'] } }

const documentRules: readonly Context[] = [
  {
    at: ['rsm:ExchangedDocumentContext'],
    rules: [
      fatal('PEPPOL-EN16931-R001', { has: 'ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID' }),
      fatal('PEPPOL-EN16931-R007', { matches: processId, pattern: process }, 'the business process is none of Peppol billing'),
      fatal(
        'PEPPOL-EN16931-R004',
        {
          matches: 'ram:GuidelineSpecifiedDocumentContextParameter/ram:ID',
          pattern: '^[ \\t\\r\\n]*urn:cen\\.eu:en16931:2017#compliant#urn:fdc:peppol\\.eu:2017:poacc:billing:3\\.0',
        },
        'the specification is not that of Peppol BIS Billing 3',
      ),
    ],
  },
  {
    at: ['ram:ApplicableHeaderTradeAgreement'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R003',
        { any: [{ has: 'ram:BuyerReference' }, { has: 'ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID' }] },
        'neither a buyer reference nor an order is given',
      ),
      fatal('PEPPOL-EN16931-R006', { count: 'ram:AdditionalReferencedDocument{130}', atMost: 1 }, 'more than one invoiced object is given'),
      fatal('PEPPOL-EN16931-R080', { count: 'ram:AdditionalReferencedDocument{50}', atMost: 1 }, 'more than one tender or lot is given'),
    ],
  },
  settlement,
  {
    at: ['rsm:ExchangedDocument'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R002',
        { all: [{ count: 'ram:IncludedNote', atMost: 1 }, { lacks: 'ram:IncludedNote/ram:SubjectCode' }] },
        'there is more than one note, or one with a subject',
      ),
    ],
  },
  { at: ['ram:BuyerTradeParty'], rules: [fatal('PEPPOL-EN16931-R010', { has: 'ram:URIUniversalCommunication/ram:URIID' })] },
  { at: ['ram:SellerTradeParty'], rules: [fatal('PEPPOL-EN16931-R020', { has: 'ram:URIUniversalCommunication/ram:URIID' })] },
  {
    at: ['ram:SpecifiedTradeAllowanceCharge{percentAlone}'],
    rules: [fatal('PEPPOL-EN16931-R041', { always: false }, 'a percentage is given, and no base amount')],
  },
  {
    at: ['ram:SpecifiedTradeAllowanceCharge{baseAlone}'],
    rules: [fatal('PEPPOL-EN16931-R042', { always: false }, 'a base amount is given, and no percentage')],
  },
  {
    at: ['ram:SpecifiedTradeAllowanceCharge'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R040',
        {
          any: [
            { lacks: 'ram:CalculationPercent' },
            { lacks: 'ram:BasisAmount' },
            { compare: [{ absolute: { minus: [{ orZero: 'ram:ActualAmount' }, ofPercent] } }, '<=', { literal: '0.02' }] },
          ],
        },
        'the amount is not what the percentage makes of the base amount',
      ),
      fatal('PEPPOL-EN16931-R043', indicator, saysIndicator),
    ],
  },
  { at: ['ram:AppliedTradeAllowanceCharge'], rules: [fatal('PEPPOL-EN16931-R043', indicator, saysIndicator)] },
  {
    at: ['ram:SpecifiedTradeSettlementPaymentMeans{debit}'],
    rules: [fatal('PEPPOL-EN16931-R061', { has: '../ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID' })],
  },
]

const linePeriod = 'ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod'
const wholePeriod = `${paths.settlement}/ram:BillingSpecifiedPeriod`
const lineCharge = 'ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge'
const lineObject = 'ram:SpecifiedLineTradeSettlement/ram:AdditionalReferencedDocument'
const netPrice = 'ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice'

const lines: readonly Context[] = [
  {
    at: [`rsm:SupplyChainTradeTransaction{begun}/${linePeriod}/ram:StartDateTime`],
    rules: [
      fatal(
        'PEPPOL-EN16931-R110',
        { sorted: [`${wholePeriod}/ram:StartDateTime/udt:DateTimeString`, 'udt:DateTimeString'] },
        'the period of the line begins before that of the invoice',
      ),
    ],
  },
  {
    at: [`rsm:SupplyChainTradeTransaction{ended}/${linePeriod}/ram:EndDateTime`],
    rules: [
      fatal(
        'PEPPOL-EN16931-R111',
        { sorted: ['udt:DateTimeString', `${wholePeriod}/ram:EndDateTime/udt:DateTimeString`] },
        'the period of the line ends after that of the invoice',
      ),
    ],
  },
  {
    at: ['ram:IncludedSupplyChainTradeLineItem'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R120',
        {
          call: 'lineNet',
          with: {
            net: 'ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount',
            quantity: 'ram:SpecifiedLineTradeDelivery/ram:BilledQuantity',
            price: `${netPrice}/ram:ChargeAmount`,
            base: `${netPrice}/ram:BasisQuantity`,
            allowances: `${lineCharge}{tidyFalse}/ram:ActualAmount`,
            charges: `${lineCharge}{tidyTrue}/ram:ActualAmount`,
          },
        },
        'the net amount of the line is not quantity · price / base quantity + charges − allowances',
      ),
      fatal('PEPPOL-EN16931-R100', { count: `${lineObject}{130}`, atMost: 1 }, 'the line has more than one invoiced object'),
      fatal(
        'PEPPOL-EN16931-R101',
        { any: [{ lacks: lineObject }, { is: `${lineObject}/ram:TypeCode`, oneOf: ['130'] }] },
        'a line refers to documents for its invoiced object alone',
      ),
    ],
  },
  {
    at: ['ram:NetPriceProductTradePrice', 'ram:GrossPriceProductTradePrice'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R121',
        { any: [{ lacks: 'ram:BasisQuantity' }, { compare: ['ram:BasisQuantity', '>', zero] }] },
        'the base quantity of the price is not more than zero',
      ),
    ],
  },
  {
    at: ['ram:NetPriceProductTradePrice|ram:GrossPriceProductTradePrice/ram:BasisQuantity{inUnits}'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R130',
        { same: ['@unitCode', '../../../ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode'] },
        'the base quantity has another unit than the quantity',
      ),
    ],
  },
]

const identifiers: readonly Context[] = [
  { at: ofSchemeCii('0088'), rules: [fatal('PEPPOL-COMMON-R040', fitsIdentifier('gln'), 'the GLN is not one by the rules of GS1')] },
  { at: ofSchemeCii('0192'), rules: [fatal('PEPPOL-COMMON-R041', fitsIdentifier('norwegian'), 'this is no Norwegian organisation number')] },
  { at: ofSchemeCii('0184'), rules: [fatal('PEPPOL-COMMON-R042', { matches: '.', pattern: '^(?:DK)?[0-9]{8}$' }, 'a Danish CVR number has eight digits')] },
  { at: ofSchemeCii('0208'), rules: [fatal('PEPPOL-COMMON-R043', fitsIdentifier('belgian'), 'this is no Belgian enterprise number')] },
  { at: ofSchemeCii('0201'), rules: [warning('PEPPOL-COMMON-R044', fitsIdentifier('codiceIpa'), 'an Italian IPA code has six letters and digits')] },
  { at: ofSchemeCii('0210'), rules: [warning('PEPPOL-COMMON-R045', fitsIdentifier('codiceFiscale'), 'this is no Italian tax code')] },
  { at: ['ram:URIID{9907}'], rules: [warning('PEPPOL-COMMON-R046', fitsIdentifier('codiceFiscale'), 'this is no Italian tax code')] },
  { at: ofSchemeCii('0211'), rules: [warning('PEPPOL-COMMON-R047', fitsIdentifier('partitaIva'), 'this is no Italian VAT number')] },
  { at: ['ram:URIID{9906}'], rules: [warning('PEPPOL-COMMON-R048', fitsIdentifier('partitaIva'), 'this is no Italian VAT number')] },
  { at: ofSchemeCii('0007'), rules: [fatal('PEPPOL-COMMON-R049', fitsIdentifier('swedish'), 'this is no Swedish organisation number')] },
  { at: ofSchemeCii('0151'), rules: [fatal('PEPPOL-COMMON-R050', fitsIdentifier('australianBeginning'), 'this is no Australian Business Number')] },
]

const codes: Pattern = [
  {
    at: ['ram:AttachmentBinaryObject{typed}'],
    rules: [fatal('PEPPOL-EN16931-CL001', { is: '@mimeCode', oneOf: mimeTypes }, 'attachments of this media type are not allowed')],
  },
  { at: ['ram:SpecifiedTradeAllowanceCharge{tidyFalse}/ram:ReasonCode'], rules: [fatal('PEPPOL-EN16931-CL002', { listed: '.', list: 'allowanceReasons' })] },
  { at: ['ram:SpecifiedTradeAllowanceCharge{tidyTrue}/ram:ReasonCode'], rules: [fatal('PEPPOL-EN16931-CL003', { listed: '.', list: 'chargeReasons' })] },
  { at: ['ram:TaxTotalAmount{inMoney}'], rules: [fatal('PEPPOL-EN16931-CL007', { listed: '@currencyID', list: 'currencies' })] },
  {
    // Nothing stands there: the official context has another namespace than documents.
    at: ['ram:ExchangedDocument/ram:TypeCode'],
    rules: [
      fatal(
        'PEPPOL-EN16931-P0100',
        { any: [{ not: billing }, { tidy: '.', oneOf: [...billingInvoices, ...billingCreditNotes] }] },
        'billing has no place for documents of this type',
      ),
    ],
  },
  {
    at: ['udt:DateTimeString'],
    rules: [
      fatal(
        'PEPPOL-EN16931-F001',
        {
          all: [
            { tidy: '@format', oneOf: ['102'] },
            { length: '.', atLeast: 8, atMost: 8 },
            { matches: '.', pattern: '20[0-9]{6}' },
          ],
        },
        'this is no date, written as 20260414 with format 102',
      ),
    ],
  },
  {
    at: ['ram:BuyerTradeParty|ram:SellerTradeParty/ram:URIUniversalCommunication/ram:URIID'],
    rules: [fatal('PEPPOL-EN16931-CL008', { listed: '@schemeID', list: 'electronicAddresses' })],
  },
]

const registrations = (party: string) => `${paths.agreement}/${party}/ram:SpecifiedTaxRegistration{registeredVat}/ram:ID`

const countries = country({
  supplier: {
    taxNumbers: [registrations('ram:SellerTradeParty'), registrations('ram:SellerTaxRepresentativeTradeParty')],
    address: `${paths.agreement}/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID`,
  },
})

const ownCurrency = `${paths.settlement}/ram:InvoiceCurrencyCode`

const qualifiers: Readonly<Record<string, Condition>> = {
  ...en16931Cii.qualifiers,
  ...schemeQualifiers,
  ...countryQualifiers,
  /** Of a reference to a document. */
  130: { is: 'ram:TypeCode', oneOf: ['130'] },
  50: { is: 'ram:TypeCode', oneOf: ['50'] },
  /** Of an amount. */
  inOwnCurrency: { same: ['@currencyID', ownCurrency] },
  inOther: { differ: ['@currencyID', ownCurrency] },
  inTaxCurrency: { same: ['@currencyID', `${paths.settlement}/ram:TaxCurrencyCode`] },
  inMoney: { has: '@currencyID' },
  /** Of allowances and charges. */
  percentAlone: { all: [{ has: 'ram:CalculationPercent' }, { lacks: 'ram:BasisAmount' }] },
  baseAlone: { all: [{ lacks: 'ram:CalculationPercent' }, { has: 'ram:BasisAmount' }] },
  tidyFalse: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['false'] },
  tidyTrue: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['true'] },
  /** Of payment means: by direct debit. */
  debit: { tidy: 'ram:TypeCode', oneOf: ['49', '59'] },
  /** Of the transaction. */
  begun: { has: 'ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:StartDateTime' },
  ended: { has: 'ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:EndDateTime' },
  /** Of whatever has the attribute. */
  inUnits: { has: '@unitCode' },
  typed: { has: '@mimeCode' },
}

export const peppolCii: Ruleset = ruleset({
  name: 'Peppol BIS Billing 3 CII',
  version: '3.0.19',
  patterns: [[...documentRules, ...lines, ...identifiers], ...countryPatterns, codes],
  qualifiers,
  lists: peppolLists,
  operations: { ...en16931Cii.operations, identifier, sameTidied, country: countries, lineNet, textIs },
})
