/** Peppol BIS Billing 3 (release 3.0.19 of 2025-05) in UBL, beside the rules of EN 16931: those for everybody. Those of countries are in peppol-ubl-countries.ts. */
import type { Amount, Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, type Ruleset, ruleset, warning } from '../ruleset.ts'
import { mimeTypes } from './en16931-lists.ts'
import { ublOperations, ublQualifiers } from './en16931-ubl.ts'
import { fitsIdentifier, identifier, ofScheme, schemeQualifiers } from './party-identifiers.ts'
import { billingCreditNotes, billingInvoices, peppolLists, pintEuLists } from './peppol-lists.ts'
import { country, distinctFiles, greekInvoiceNumber, lineNet, skonto, textIs } from './peppol-operations.ts'
import { countryPatterns, countryQualifiers } from './peppol-ubl-countries.ts'
import { blank, sameTidied } from './pint-operations.ts'
import { zero } from './tables.ts'

const root = '/ubl:Invoice|cn:CreditNote'
const process = 'urn:fdc:peppol.eu:2017:poacc:billing:([0-9]{2}):1.0'
const processId = `${root}/cbc:ProfileID`
/** Of the process, the seventh part is the number. */
const billing: Condition = {
  all: [
    { matches: processId, pattern: process },
    { matches: processId, pattern: '^[ \\t\\r\\n]*(?:[^:]*:){6}01(?::|[ \\t\\r\\n]*$)' },
  ],
}

/** Where VAT is told in two currencies, both amounts have one sign. */
function oneSign(): Condition {
  const both = (relation: '<=' | '>='): Condition => ({
    all: ['ofTaxCurrency', 'ofOwnCurrency'].map((which) => ({ some: `cac:TaxTotal/cbc:TaxAmount{${which}}`, where: { compare: ['.', relation, zero] } })),
  })
  return { any: [{ lacks: 'cbc:TaxCurrencyCode' }, both('<='), both('>=')] }
}

const documentRules: readonly Rule[] = [
  fatal('PEPPOL-EN16931-R001', { has: 'cbc:ProfileID' }),
  fatal('PEPPOL-EN16931-R002', { any: [{ count: 'cbc:Note', atMost: 1 }, germanOnly()] }, 'there is more than one note'),
  fatal(
    'PEPPOL-EN16931-R003',
    { any: [{ has: 'cbc:BuyerReference' }, { has: 'cac:OrderReference/cbc:ID' }] },
    'neither a buyer reference nor an order is given',
  ),
  fatal('PEPPOL-EN16931-R053', { count: 'cac:TaxTotal{broken}', atLeast: 1, atMost: 1 }, 'there is not one tax total with a breakdown'),
  fatal(
    'PEPPOL-EN16931-R054',
    {
      any: [
        { all: [{ has: 'cbc:TaxCurrencyCode' }, { count: 'cac:TaxTotal{unbroken}', atLeast: 1, atMost: 1 }] },
        { all: [{ lacks: 'cbc:TaxCurrencyCode' }, { lacks: 'cac:TaxTotal{unbroken}' }] },
      ],
    },
    'a tax total without breakdown stands there for the tax accounting currency, and only for it',
  ),
  fatal('PEPPOL-EN16931-R055', oneSign(), 'the VAT totals in both currencies have different signs, or one of them is missing'),
]

const bisRules: readonly Rule[] = [
  fatal('PEPPOL-EN16931-R007', { matches: processId, pattern: process }, 'the business process is none of Peppol billing'),
  fatal(
    'PEPPOL-EN16931-R004',
    { matches: 'cbc:CustomizationID', pattern: '^[ \\t\\r\\n]*urn:cen\\.eu:en16931:2017#compliant#urn:fdc:peppol\\.eu:2017:poacc:billing:3\\.0' },
    'the specification is not that of Peppol BIS Billing 3',
  ),
]

function germanOnly(): Condition {
  return {
    all: [
      { tidy: countryAt('Supplier'), oneOf: ['DE'], upper: true },
      { tidy: countryAt('Customer'), oneOf: ['DE'], upper: true },
    ],
  }
}

function countryAt(party: 'Supplier' | 'Customer'): string {
  return `${root}/cac:Accounting${party}Party/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode`
}

/** Of the document and of lines. */
function adjustments(qualifier = ''): readonly string[] {
  return [
    'ubl:Invoice|cn:CreditNote/cac:AllowanceCharge',
    'ubl:Invoice/cac:InvoiceLine/cac:AllowanceCharge',
    'cn:CreditNote/cac:CreditNoteLine/cac:AllowanceCharge',
  ].map((path) => path + qualifier)
}

const ofPercent: Amount = { percent: { times: ['cbc:BaseAmount', 'cbc:MultiplierFactorNumeric'] } }

const parties: readonly Context[] = [
  {
    at: ['cbc:TaxCurrencyCode'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R005',
        { not: { call: 'sameTidied', with: ['.', '../cbc:DocumentCurrencyCode'] } },
        'the VAT accounting currency is that of the invoice',
      ),
    ],
  },
  { at: ['cac:AccountingCustomerParty/cac:Party'], rules: [fatal('PEPPOL-EN16931-R010', { has: 'cbc:EndpointID' })] },
  { at: ['cac:AccountingSupplierParty/cac:Party'], rules: [fatal('PEPPOL-EN16931-R020', { has: 'cbc:EndpointID' })] },
  { at: adjustments('{percentAlone}'), rules: [fatal('PEPPOL-EN16931-R041', { always: false }, 'a percentage is given, and no base amount')] },
  { at: adjustments('{baseAlone}'), rules: [fatal('PEPPOL-EN16931-R042', { always: false }, 'a base amount is given, and no percentage')] },
  {
    at: adjustments(),
    rules: [
      fatal(
        'PEPPOL-EN16931-R040',
        {
          any: [
            { lacks: 'cbc:MultiplierFactorNumeric' },
            { lacks: 'cbc:BaseAmount' },
            { compare: [{ absolute: { minus: [{ orZero: 'cbc:Amount' }, ofPercent] } }, '<=', { literal: '0.02' }] },
          ],
        },
        'the amount is not what the percentage makes of the base amount',
      ),
      fatal(
        'PEPPOL-EN16931-R043',
        { tidy: 'cbc:ChargeIndicator', oneOf: ['true', 'false'] },
        'whether it is an allowance or a charge is said with `true` or `false`',
      ),
    ],
  },
  { at: ['cac:PaymentMeans{debit}'], rules: [fatal('PEPPOL-EN16931-R061', { has: 'cac:PaymentMandate/cbc:ID' })] },
]

const amounts =
  'Amount BaseAmount PriceAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount'
    .split(' ')
    .map((name) => `cbc:${name}`)

function within(name: string, order: (own: string, whole: string) => readonly [string, string]): Condition {
  return { inOrder: order('.', `${root}/cac:InvoicePeriod/${name}`) }
}

function linePeriods(name: string, qualifier: string): readonly string[] {
  return [`ubl:Invoice{${qualifier}}/cac:InvoiceLine/cac:InvoicePeriod/${name}`, `cn:CreditNote{${qualifier}}/cac:CreditNoteLine/cac:InvoicePeriod/${name}`]
}

function line(kind: 'Invoice' | 'CreditNote'): Context {
  const parts = {
    net: 'cbc:LineExtensionAmount',
    quantity: kind === 'Invoice' ? 'cbc:InvoicedQuantity' : 'cbc:CreditedQuantity',
    price: 'cac:Price/cbc:PriceAmount',
    base: 'cac:Price/cbc:BaseQuantity',
    allowances: 'cac:AllowanceCharge{tidyFalse}/cbc:Amount',
    charges: 'cac:AllowanceCharge{tidyTrue}/cbc:Amount',
  }
  const at = kind === 'Invoice' ? '/ubl:Invoice/cac:InvoiceLine|cac:CreditNoteLine' : 'cac:InvoiceLine|cac:CreditNoteLine'
  return {
    at: [at],
    rules: [
      fatal(
        'PEPPOL-EN16931-R120',
        { call: 'lineNet', with: parts },
        'the net amount of the line is not quantity · price / base quantity + charges − allowances',
      ),
      fatal(
        'PEPPOL-EN16931-R121',
        { any: [{ lacks: 'cac:Price/cbc:BaseQuantity' }, { compare: ['cac:Price/cbc:BaseQuantity', '>', zero] }] },
        'the base quantity of the price is not more than zero',
      ),
      fatal('PEPPOL-EN16931-R100', { count: 'cac:DocumentReference', atMost: 1 }),
      fatal(
        'PEPPOL-EN16931-R101',
        { any: [{ lacks: 'cac:DocumentReference' }, { is: 'cac:DocumentReference/cbc:DocumentTypeCode', oneOf: ['130'] }] },
        'a line refers to documents for its invoiced object alone',
      ),
    ],
  }
}

const lines: readonly Context[] = [
  {
    at: [...amounts, 'cac:TaxTotal{broken}/cbc:TaxAmount', 'cac:TaxSubtotal/cbc:TaxAmount'],
    rules: [fatal('PEPPOL-EN16931-R051', { same: ['@currencyID', `${root}/cbc:DocumentCurrencyCode`] }, 'the amount is in another currency than the invoice')],
  },
  {
    at: linePeriods('cbc:StartDate', 'begun'),
    rules: [
      fatal(
        'PEPPOL-EN16931-R110',
        within('cbc:StartDate', (own, whole) => [whole, own]),
        'the period of the line begins before that of the invoice',
      ),
    ],
  },
  {
    at: linePeriods('cbc:EndDate', 'ended'),
    rules: [
      fatal(
        'PEPPOL-EN16931-R111',
        within('cbc:EndDate', (own, whole) => [own, whole]),
        'the period of the line ends after that of the invoice',
      ),
    ],
  },
  line('Invoice'),
  line('CreditNote'),
  {
    at: ['cac:Price/cac:AllowanceCharge'],
    rules: [
      fatal('PEPPOL-EN16931-R044', { tidy: 'cbc:ChargeIndicator', oneOf: ['false'] }, 'a price can have a discount and no charge'),
      fatal(
        'PEPPOL-EN16931-R046',
        { any: [{ lacks: 'cbc:BaseAmount' }, { compare: ['../cbc:PriceAmount', '=', { minus: ['cbc:BaseAmount', 'cbc:Amount'] }] }] },
        'the net price is not the gross price less the discount',
      ),
    ],
  },
  {
    at: ['cac:Price/cbc:BaseQuantity{inUnits}'],
    rules: [
      fatal(
        'PEPPOL-EN16931-R130',
        {
          any: [
            { lacks: '../../cbc:InvoicedQuantity|cbc:CreditedQuantity' },
            { all: [{ has: '/ubl:Invoice' }, { same: ['@unitCode', '../../cbc:InvoicedQuantity/@unitCode'] }] },
            { all: [{ not: { has: '/ubl:Invoice' } }, { same: ['@unitCode', '../../cbc:CreditedQuantity/@unitCode'] }] },
          ],
        },
        'the base quantity has another unit than the quantity',
      ),
    ],
  },
]

/** Denmark writes its numbers with and without its letters. */
const danish: Condition = { matches: '.', pattern: '^(?:DK)?[0-9]{8}$' }

const identifiers: readonly Context[] = [
  { at: ofScheme('0088'), rules: [fatal('PEPPOL-COMMON-R040', fitsIdentifier('gln'), 'the GLN is not one by the rules of GS1')] },
  { at: ofScheme('0192'), rules: [fatal('PEPPOL-COMMON-R041', fitsIdentifier('norwegian'), 'this is no Norwegian organisation number')] },
  { at: ofScheme('0184'), rules: [fatal('PEPPOL-COMMON-R042', danish, 'a Danish CVR number has eight digits')] },
  { at: ofScheme('0208'), rules: [fatal('PEPPOL-COMMON-R043', fitsIdentifier('belgian'), 'this is no Belgian enterprise number')] },
  { at: ofScheme('0201'), rules: [warning('PEPPOL-COMMON-R044', fitsIdentifier('codiceIpa'), 'an Italian IPA code has six letters and digits')] },
  { at: ofScheme('0210'), rules: [warning('PEPPOL-COMMON-R045', fitsIdentifier('codiceFiscale'), 'this is no Italian tax code')] },
  { at: ['cbc:EndpointID{9907}'], rules: [warning('PEPPOL-COMMON-R046', fitsIdentifier('codiceFiscale'), 'this is no Italian tax code')] },
  { at: ofScheme('0211'), rules: [warning('PEPPOL-COMMON-R047', fitsIdentifier('partitaIva'), 'this is no Italian VAT number')] },
  { at: ofScheme('0007'), rules: [fatal('PEPPOL-COMMON-R049', fitsIdentifier('swedish'), 'this is no Swedish organisation number')] },
  { at: ofScheme('0151'), rules: [fatal('PEPPOL-COMMON-R050', fitsIdentifier('australian'), 'this is no Australian Business Number')] },
]

/** What differs between Peppol BIS Billing 3 and EU PINT, which took its rules over. */
interface Edition {
  readonly document: readonly Rule[]
  readonly identifiers: readonly Context[]
  readonly invoiceTypes: readonly Rule[]
  readonly creditNoteTypes: Condition
}

function general({ document, identifiers: more }: Edition): readonly Pattern[] {
  return [
    [{ at: ['*{blank}'], rules: [fatal('PEPPOL-EN16931-R008', { always: false }, 'the element is empty')] }],
    [
      {
        at: ['cn:CreditNote'],
        rules: [fatal('PEPPOL-EN16931-R080', { count: 'cac:AdditionalDocumentReference{50}', atMost: 1 }, 'more than one project is referred to')],
      },
    ],
    [{ at: ['ubl:Invoice|cn:CreditNote'], rules: [...documentRules, ...document] }, ...parties, ...lines, ...identifiers, ...more],
  ]
}

const date: Condition = { all: [{ matches: '.', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }, { inOrder: ['.', '.'] }] }

/** Reasons of exemption that belong to a category. */
const exemptions: readonly (readonly [rule: string, reason: string, category: string])[] = [
  ['P0104', 'G', 'G'],
  ['P0105', 'O', 'O'],
  ['P0106', 'IC', 'K'],
  ['P0107', 'AE', 'AE'],
  ['P0108', 'D', 'E'],
  ['P0109', 'F', 'E'],
  ['P0110', 'I', 'E'],
  ['P0111', 'J', 'E'],
]

function codes({ invoiceTypes, creditNoteTypes }: Edition): Pattern {
  return [
    {
      at: ['cbc:EmbeddedDocumentBinaryObject{typed}'],
      rules: [fatal('PEPPOL-EN16931-CL001', { is: '@mimeCode', oneOf: mimeTypes }, 'attachments of this media type are not allowed')],
    },
    { at: ['cac:AllowanceCharge{rawFalse}/cbc:AllowanceChargeReasonCode'], rules: [fatal('PEPPOL-EN16931-CL002', { listed: '.', list: 'allowanceReasons' })] },
    { at: ['cac:AllowanceCharge{rawTrue}/cbc:AllowanceChargeReasonCode'], rules: [fatal('PEPPOL-EN16931-CL003', { listed: '.', list: 'chargeReasons' })] },
    { at: ['cac:InvoicePeriod/cbc:DescriptionCode'], rules: [fatal('PEPPOL-EN16931-CL006', { listed: '.', list: 'taxPoints' })] },
    { at: [...amounts, 'cbc:TaxAmount'], rules: [fatal('PEPPOL-EN16931-CL007', { listed: '@currencyID', list: 'currencies' })] },
    {
      at: ['cbc:InvoiceTypeCode'],
      rules: [
        ...invoiceTypes,
        fatal(
          'PEPPOL-EN16931-P0112',
          { any: [{ not: { tidy: '.', oneOf: ['326', '384'] } }, germanOnly()] },
          'invoices of this type are for sellers and buyers in Germany',
        ),
      ],
    },
    {
      at: ['cbc:CreditNoteTypeCode'],
      rules: [fatal('PEPPOL-EN16931-P0101', creditNoteTypes, 'billing has no place for credit notes of this type')],
    },
    {
      at: ['IssueDate', 'DueDate', 'TaxPointDate', 'StartDate', 'EndDate', 'ActualDeliveryDate'].map((name) => `cbc:${name}`),
      rules: [fatal('PEPPOL-EN16931-F001', date, 'this is no date, written as 2026-04-14')],
    },
    { at: ['cbc:EndpointID{schemed}'], rules: [fatal('PEPPOL-EN16931-CL008', { listed: '@schemeID', list: 'electronicAddresses' })] },
    ...exemptions.map(
      ([rule, reason, category]): Context => ({
        at: [`cac:TaxCategory{vatex${reason}}`],
        rules: [fatal(`PEPPOL-EN16931-${rule}`, { tidy: 'cbc:ID', oneOf: [category] }, `this reason of exemption is one of VAT category ${category}`)],
      }),
    ),
  ]
}

const taxNumber = (party: string) => `${root}/${party}/cac:PartyTaxScheme{vatPlain}/cbc:CompanyID`
const supplier = 'cac:AccountingSupplierParty/cac:Party'

const countries = country({
  supplier: { taxNumbers: [taxNumber(supplier), taxNumber('cac:TaxRepresentativeParty')], address: countryAt('Supplier') },
  customer: { taxNumbers: [taxNumber('cac:AccountingCustomerParty/cac:Party')], address: countryAt('Customer') },
  accounting: { taxNumbers: [taxNumber(supplier)], address: countryAt('Supplier') },
})

const qualifiers: Readonly<Record<string, Condition>> = {
  ...ublQualifiers,
  ...schemeQualifiers,
  ...countryQualifiers,
  ...Object.fromEntries(exemptions.map(([, reason]) => [`vatex${reason}`, { is: 'cbc:TaxExemptionReasonCode', oneOf: [`VATEX-EU-${reason}`], upper: true }])),
  50: { is: 'cbc:DocumentTypeCode', oneOf: ['50'] },
  blank: { call: 'blank' },
  /** Of a tax registration: by exactly these letters. */
  vatPlain: { is: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'] },
  /** Of a tax total, and of an amount of tax. */
  broken: { has: 'cac:TaxSubtotal' },
  unbroken: { lacks: 'cac:TaxSubtotal' },
  ofTaxCurrency: { call: 'sameTidied', with: ['@currencyID', '../../cbc:TaxCurrencyCode'] },
  ofOwnCurrency: { call: 'sameTidied', with: ['@currencyID', '../../cbc:DocumentCurrencyCode'] },
  /** Of allowances and charges. */
  percentAlone: { all: [{ has: 'cbc:MultiplierFactorNumeric' }, { lacks: 'cbc:BaseAmount' }] },
  baseAlone: { all: [{ lacks: 'cbc:MultiplierFactorNumeric' }, { has: 'cbc:BaseAmount' }] },
  rawFalse: { is: 'cbc:ChargeIndicator', oneOf: ['false'] },
  rawTrue: { is: 'cbc:ChargeIndicator', oneOf: ['true'] },
  tidyFalse: { tidy: 'cbc:ChargeIndicator', oneOf: ['false'] },
  tidyTrue: { tidy: 'cbc:ChargeIndicator', oneOf: ['true'] },
  /** Of payment means: by direct debit. */
  debit: { tidy: 'cbc:PaymentMeansCode', oneOf: ['49', '59'] },
  /** Of an invoice. */
  begun: { has: 'cac:InvoicePeriod/cbc:StartDate' },
  ended: { has: 'cac:InvoicePeriod/cbc:EndDate' },
}

function made(name: string, version: string, edition: Edition, lists: Readonly<Record<string, readonly string[]>>): Ruleset {
  return ruleset({
    name,
    version,
    patterns: [...general(edition), ...countryPatterns, codes(edition)],
    qualifiers,
    lists,
    operations: { ...ublOperations, identifier, sameTidied, blank, country: countries, lineNet, textIs, greekInvoiceNumber, skonto, distinctFiles },
  })
}

const bis: Edition = {
  document: bisRules,
  identifiers: [],
  invoiceTypes: [
    fatal('PEPPOL-EN16931-P0100', { any: [{ not: billing }, { tidy: '.', oneOf: billingInvoices }] }, 'billing has no place for invoices of this type'),
  ],
  creditNoteTypes: { any: [{ not: billing }, { tidy: '.', oneOf: billingCreditNotes }] },
}

export const peppolUbl: Ruleset = made('Peppol BIS Billing 3 UBL', '3.0.19', bis, peppolLists)

/** PINT has no processes by number: where one is given all the same, credit notes are of its types. */
const eu: Edition = {
  document: [
    fatal(
      'ALIGNED-IBRP-004-EU',
      { matches: 'cbc:CustomizationID', pattern: '^[ \\t\\r\\n]*urn:peppol:pint:billing-1@eu-1' },
      'the specification is not that of EU PINT',
    ),
    // These three EN 16931 has given up since.
    fatal('UBL-SR-54', { count: 'cac:PaymentMeans/cac:CardAccount', atMost: 1 }),
    fatal('UBL-SR-55', { count: 'cac:PaymentMeans/cac:PaymentMandate', atMost: 1 }),
    fatal('UBL-SR-56', { count: 'cac:OriginatorDocumentReference/cbc:ID', atMost: 1 }),
  ],
  identifiers: [
    { at: ofScheme('0096'), rules: [fatal('PEPPOL-COMMON-R052', { matches: '.', pattern: '^[0-9]{10}$' }, 'a Danish P number has ten digits')] },
    {
      at: ofScheme('0198'),
      rules: [fatal('PEPPOL-COMMON-R053', { matches: '.', pattern: '^DK[0-9]{8}$' }, 'a Danish SE number is written DK and eight digits')],
    },
  ],
  invoiceTypes: [],
  creditNoteTypes: { any: [{ not: { matches: processId, pattern: 'urn:peppol:bis:billing:([0-9]{2}):1.0' } }, { tidy: '.', oneOf: billingCreditNotes }] },
}

export const peppolPintEu: Ruleset = made('EU PINT', '1.1.1', eu, pintEuLists)
