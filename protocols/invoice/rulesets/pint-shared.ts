/** PINT 1.1.3 in UBL: the rules that the profiles of all jurisdictions share. Profiles take other document types, and nothing else differs. */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule } from '../ruleset.ts'
import * as en16931 from './en16931-lists.ts'
import { ublOperations, ublQualifiers } from './en16931-ubl.ts'
import { fitsIdentifier, identifier, ofScheme, schemeQualifiers } from './party-identifiers.ts'
import * as pint from './pint-lists.ts'
import { blank, firstTaxTotal, sameTidied } from './pint-operations.ts'
import { atMostOnce, cents, noReason, sumOf, toCents, zero } from './tables.ts'

const line: Condition = { any: [{ within: 'cac:InvoiceLine' }, { within: 'cac:CreditNoteLine' }] }
const outsideLine: Condition = { not: line }
const reason: Condition = { any: [{ has: 'cbc:AllowanceChargeReason' }, { has: 'cbc:AllowanceChargeReasonCode' }] }
const root = '/ubl:Invoice|cn:CreditNote'

const identifiers: readonly Context[] = [
  { at: ofScheme('0088'), rules: [fatal('ibr-068', fitsIdentifier('gln'), 'the GLN is not one by the rules of GS1')] },
  { at: ofScheme('0007'), rules: [fatal('ibr-127', fitsIdentifier('swedishForm'), 'a Swedish organisation number has ten digits')] },
  { at: ofScheme('0192'), rules: [fatal('ibr-069', fitsIdentifier('norwegian'), 'this is no Norwegian organisation number')] },
  { at: ofScheme('0184'), rules: [fatal('ibr-070', { matches: '.', pattern: '^DK[0-9]{8}$' }, 'a Danish CVR number is written DK and eight digits')] },
  { at: ofScheme('0208'), rules: [fatal('ibr-113', fitsIdentifier('belgian'), 'this is no Belgian enterprise number')] },
  { at: ofScheme('0201'), rules: [fatal('ibr-114', fitsIdentifier('codiceIpa'), 'an Italian IPA code has six letters and digits')] },
  { at: ofScheme('0210', '9907'), rules: [fatal('ibr-115', fitsIdentifier('codiceFiscale'), 'this is no Italian tax code')] },
  { at: ofScheme('0211', '9906'), rules: [fatal('ibr-116', fitsIdentifier('partitaIva'), 'this is no Italian VAT number')] },
  { at: ofScheme('0151'), rules: [fatal('ibr-120', fitsIdentifier('australian'), 'this is no Australian Business Number')] },
]

function indicator(values: readonly string[]): Condition {
  return { tidy: 'cbc:ChargeIndicator', oneOf: values }
}

const adjustments: readonly Context[] = [
  { at: ['cac:Price/cac:AllowanceCharge'], rules: [fatal('ibr-083', indicator(['false']), 'a price can have a discount and no charge')] },
  {
    at: ['cac:AllowanceCharge{allowance}'],
    rules: [
      fatal('ibr-sr-30', { count: 'cbc:AllowanceChargeReason', atMost: 1 }),
      fatal('ibr-031', { any: [line, { has: 'cbc:Amount' }] }, 'the allowance has no amount'),
      fatal('ibr-033', { any: [line, reason] }, noReason),
      fatal('ibr-041', { any: [outsideLine, { has: 'cbc:Amount' }] }, 'the allowance has no amount'),
      fatal('ibr-042', { any: [outsideLine, reason] }, noReason),
    ],
  },
  {
    at: ['cac:AllowanceCharge{charge}'],
    rules: [
      fatal('ibr-036', { any: [line, { has: 'cbc:Amount' }] }, 'the charge has no amount'),
      fatal('ibr-sr-31', { count: 'cbc:AllowanceChargeReason', atMost: 1 }),
      fatal('ibr-038', { any: [line, reason] }, noReason),
      fatal('ibr-043', { any: [outsideLine, { has: 'cbc:Amount' }] }, 'the charge has no amount'),
      fatal('ibr-044', { any: [outsideLine, reason] }, noReason),
    ],
  },
  {
    at: ['cac:AllowanceCharge'],
    rules: [fatal('ibr-082', indicator(['true', 'false']), 'whether it is an allowance or a charge is said with `true` or `false`')],
  },
  { at: ['cac:AllowanceCharge/cac:TaxCategory'], rules: [fatal('ibr-sr-61', { count: 'cbc:TaxExemptionReason', atMost: 1 })] },
]

const buyerAndDelivery: readonly Context[] = [
  {
    at: ['cac:AdditionalDocumentReference'],
    rules: [fatal('ibr-052', { filled: 'cbc:ID' }), fatal('ibr-sr-33', { count: 'cbc:DocumentDescription', atMost: 1 })],
  },
  { at: ['cac:AccountingCustomerParty/cac:Party'], rules: [fatal('ibr-080', { has: 'cbc:EndpointID' })] },
  { at: ['cac:AccountingCustomerParty/cac:Party/cbc:EndpointID'], rules: [fatal('ibr-063', { has: '@schemeID' })] },
  { at: ['cac:AccountingCustomerParty/cac:Party/cac:PostalAddress'], rules: address('ibr-011', 'ibr-sr-54') },
  {
    at: ['cac:Delivery/cac:DeliveryLocation/cac:Address'],
    rules: [fatal('ibr-057', { has: 'cac:Country/cbc:IdentificationCode' }), fatal('ibr-sr-56', { count: 'cac:AddressLine/cbc:Line', atMost: 1 })],
  },
]

function address(country: string, once: string): readonly Rule[] {
  return [fatal(country, { filled: 'cac:Country/cbc:IdentificationCode' }), fatal(once, { count: 'cac:AddressLine/cbc:Line', atMost: 1 })]
}

/** Tax is in the prices: sums are not those of prices without tax. */
function taxIncluded(path: string): Condition {
  return { tidy: path, oneOf: ['true', '1'] }
}

function adjusted(amount: string, which: 'allowance' | 'charge'): Condition {
  return sumOf(amount, `../cac:AllowanceCharge{${which}}`, 'cbc:Amount')
}

function taxExclusive(): Condition {
  const sum = toCents({ plus: [{ minus: ['cbc:LineExtensionAmount', { orZero: 'cbc:AllowanceTotalAmount' }] }, { orZero: 'cbc:ChargeTotalAmount' }] })
  const plain: Condition = { all: [{ lacks: 'cbc:AllowanceTotalAmount' }, { lacks: 'cbc:ChargeTotalAmount' }] }
  return {
    any: [
      taxIncluded('../cac:TaxTotal/cbc:TaxIncludedIndicator'),
      { all: [{ not: plain }, { compare: ['cbc:TaxExclusiveAmount', '=', sum] }] },
      { all: [plain, { compare: ['cbc:TaxExclusiveAmount', '=', 'cbc:LineExtensionAmount'] }] },
    ],
  }
}

/** An amount of zero counts as none. */
function payable(): Condition {
  const some = (path: string): Condition => ({ compare: [{ orZero: path }, '!=', zero] })
  const none = (path: string): Condition => ({ compare: [{ orZero: path }, '=', zero] })
  const due = toCents({ minus: ['cbc:TaxInclusiveAmount', 'cbc:PrepaidAmount'] })
  const before = toCents({ minus: ['cbc:PayableAmount', 'cbc:PayableRoundingAmount'] })
  const [paid, rounded] = ['cbc:PrepaidAmount', 'cbc:PayableRoundingAmount']
  return {
    any: [
      { all: [some(paid), none(rounded), { compare: ['cbc:PayableAmount', '=', due] }] },
      { all: [none(paid), none(rounded), { compare: ['cbc:PayableAmount', '=', 'cbc:TaxInclusiveAmount'] }] },
      { all: [some(paid), some(rounded), { compare: [before, '=', due] }] },
      { all: [none(paid), some(rounded), { compare: [before, '=', 'cbc:TaxInclusiveAmount'] }] },
    ],
  }
}

const totals: Context = {
  at: ['cac:LegalMonetaryTotal'],
  rules: [
    fatal('ibr-012', { has: 'cbc:LineExtensionAmount' }),
    fatal('ibr-013', { has: 'cbc:TaxExclusiveAmount' }),
    fatal('ibr-014', { has: 'cbc:TaxInclusiveAmount' }),
    fatal('ibr-015', { has: 'cbc:PayableAmount' }),
    cents('ibr-091', 'cbc:PayableAmount'),
    cents('ibr-121', 'cbc:AllowanceTotalAmount'),
    cents('ibr-122', 'cbc:ChargeTotalAmount'),
    cents('ibr-123', 'cbc:TaxExclusiveAmount'),
    cents('ibr-125', 'cbc:TaxInclusiveAmount'),
    fatal(
      'ibr-co-10',
      { compare: ['cbc:LineExtensionAmount', '=', toCents({ sum: '//cac:InvoiceLine|cac:CreditNoteLine/cbc:LineExtensionAmount' })] },
      'the sum of line net amounts is another',
    ),
    fatal('ibr-co-11', adjusted('cbc:AllowanceTotalAmount', 'allowance'), 'the sum of document level allowances is another'),
    fatal('ibr-co-12', adjusted('cbc:ChargeTotalAmount', 'charge'), 'the sum of document level charges is another'),
    fatal('ibr-co-13', taxExclusive(), 'the total without tax is not the sum of lines less allowances plus charges'),
    fatal('ibr-co-16', payable(), 'the amount due is not the total with tax less what was paid, plus rounding'),
  ],
}

/** Where tax is told in two currencies, both amounts have one sign. */
function oneSign(): Condition {
  const both = (relation: '<=' | '>='): Condition => ({
    all: ['inTaxCurrency', 'inOwnCurrency'].map((which) => ({
      some: `cac:TaxTotal/cbc:TaxAmount{${which}}`,
      where: { compare: ['.', relation, zero] },
    })),
  })
  return { any: [{ lacks: 'cbc:TaxCurrencyCode' }, both('<='), both('>=')] }
}

const once = `
  094 cac:ContractDocumentReference/cbc:ID
  095 cac:ReceiptDocumentReference/cbc:ID
  096 cac:DespatchDocumentReference/cbc:ID
  097 cac:InvoicePeriod
  098 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName
  099 cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name
  100 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID
  101 cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyLegalForm
  102 cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName
  103 cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID
  104 cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID
  107 cac:Delivery
  112 cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name
  sr-16 cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID
  sr-39 cac:ProjectReference/cbc:ID
  sr-49 cac:InvoicePeriod/cbc:DescriptionCode
  sr-51 cbc:Note
  sr-52 cac:OriginatorDocumentReference/cbc:ID
`

const invoice: Context = {
  at: [root],
  rules: [
    fatal('ibr-001', { filled: 'cbc:CustomizationID' }),
    fatal('ibr-sr-63', { not: { matches: 'cbc:CustomizationID', pattern: '\\*' } }, 'the specification identifier has an asterisk'),
    fatal('ibr-002', { filled: 'cbc:ID' }),
    fatal('ibr-003', { filled: 'cbc:IssueDate' }),
    fatal('ibr-004', { any: [{ filled: 'cbc:InvoiceTypeCode' }, { filled: 'cbc:CreditNoteTypeCode' }] }, 'the document does not say of which type it is'),
    fatal('ibr-005', { filled: 'cbc:DocumentCurrencyCode' }),
    fatal('ibr-006', { filled: 'cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName' }),
    fatal('ibr-007', { filled: 'cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName' }),
    fatal('ibr-008', { has: 'cac:AccountingSupplierParty/cac:Party/cac:PostalAddress' }),
    fatal('ibr-010', { has: 'cac:AccountingCustomerParty/cac:Party/cac:PostalAddress' }),
    fatal('ibr-016', { any: [{ has: 'cac:InvoiceLine' }, { has: 'cac:CreditNoteLine' }] }, 'there is no line'),
    fatal(
      'ibr-053',
      { every: 'cbc:TaxCurrencyCode', where: { same: ['.', '//cac:TaxTotal/cbc:TaxAmount/@currencyID'] } },
      'no tax total is given in the tax accounting currency',
    ),
    fatal('ibr-066', { count: 'cac:PaymentMeans/cac:CardAccount', atMost: 1 }),
    fatal('ibr-067', { count: 'cac:PaymentMeans/cac:PaymentMandate', atMost: 1 }),
    fatal('ibr-071', { lacks: '//cac:AdditionalDocumentReference{130}/cac:Attachment' }, 'the invoiced object has an attachment'),
    fatal('ibr-072', { lacks: '//cac:AdditionalDocumentReference{130}/cbc:DocumentDescription' }, 'the invoiced object has a description'),
    fatal('ibr-076', { has: 'cbc:ProfileID' }),
    fatal('ibr-078', { count: 'cac:AdditionalDocumentReference{130}', atMost: 1 }, 'more than one invoiced object is given'),
    fatal('ibr-084', oneSign(), 'the tax totals in both currencies have different signs, or one of them is missing'),
    fatal(
      'ibr-090',
      {
        all: [
          { count: 'cac:ProjectReference', atMost: 1 },
          { count: 'cac:AdditionalDocumentReference{50}', atMost: 1 },
        ],
      },
      'more than one project is referred to',
    ),
    ...atMostOnce('fatal', 'ibr', once),
    fatal(
      'ibr-co-15',
      { any: [taxIncluded('cac:TaxTotal/cbc:TaxIncludedIndicator'), { call: 'firstTaxTotal' }] },
      'the total with tax is not the total without tax plus the tax total in the currency of the invoice',
    ),
  ],
}

const onceInLine = `
  109 cac:OrderLineReference/cbc:LineID
  110 cac:InvoicePeriod
  111 cac:Price/cac:AllowanceCharge/cbc:Amount
  sr-34 cbc:Note
  sr-38 cac:Item/cac:ClassifiedTaxCategory/cbc:TaxExemptionReason
  sr-50 cac:Item/cbc:Description
`

const notNegative = (path: string): Condition => ({ some: path, where: { compare: ['.', '>=', zero] } })

const lineRules: Context = {
  at: ['cac:InvoiceLine|cac:CreditNoteLine'],
  rules: [
    fatal('ibr-021', { filled: 'cbc:ID' }),
    fatal('ibr-022', { has: 'cbc:InvoicedQuantity|cbc:CreditedQuantity' }, 'the line has no quantity'),
    fatal('ibr-023', { has: 'cbc:InvoicedQuantity|cbc:CreditedQuantity/@unitCode' }, 'the quantity has no unit'),
    fatal('ibr-024', { has: 'cbc:LineExtensionAmount' }),
    fatal('ibr-025', { filled: 'cac:Item/cbc:Name' }),
    fatal('ibr-026', { has: 'cac:Price/cbc:PriceAmount' }),
    fatal('ibr-027', notNegative('cac:Price/cbc:PriceAmount'), 'the net price is negative or no number'),
    fatal(
      'ibr-028',
      { any: [{ lacks: 'cac:Price/cac:AllowanceCharge/cbc:BaseAmount' }, notNegative('cac:Price/cac:AllowanceCharge/cbc:BaseAmount')] },
      'the gross price is negative or no number',
    ),
    fatal(
      'ibr-087',
      { any: [{ lacks: 'cac:Price/cbc:BaseQuantity' }, { compare: ['cac:Price/cbc:BaseQuantity', '>', zero] }] },
      'the base quantity of the price is not more than zero',
    ),
    fatal('ibr-089', { count: 'cac:DocumentReference{numbered130}', atMost: 1 }, 'the line has more than one invoiced object'),
    ...atMostOnce('fatal', 'ibr', onceInLine),
  ],
}

const ordered: Condition = { any: [{ lacks: 'cbc:StartDate' }, { lacks: 'cbc:EndDate' }, { inOrder: ['cbc:StartDate', 'cbc:EndDate'] }] }
const backwards = 'the period ends before it begins, or its dates are none'
const dated: Condition = { any: [{ has: 'cbc:StartDate' }, { has: 'cbc:EndDate' }] }

function inside(name: string, order: (own: string, whole: string) => readonly [string, string]): Condition {
  const whole = `${root}/cac:InvoicePeriod/${name}`
  return { any: [{ lacks: name }, { lacks: whole }, { inOrder: order(name, whole) }] }
}

const lines: readonly Context[] = [
  lineRules,
  {
    at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:InvoicePeriod'],
    rules: [
      fatal(
        'ibr-085',
        inside('cbc:StartDate', (own, whole) => [whole, own]),
        'the period of the line begins before that of the invoice',
      ),
      fatal(
        'ibr-086',
        inside('cbc:EndDate', (own, whole) => [own, whole]),
        'the period of the line ends after that of the invoice',
      ),
      fatal('ibr-030', ordered, backwards),
      fatal('ibr-co-20', dated, 'the period of the line has neither a beginning nor an end'),
    ],
  },
  {
    at: ['cac:InvoicePeriod'],
    rules: [
      fatal('ibr-029', ordered, backwards),
      fatal('ibr-co-19', { any: [dated, { has: 'cbc:DescriptionCode' }] }, 'the invoicing period has neither a beginning nor an end'),
    ],
  },
  {
    at: ['cac:AdditionalItemProperty'],
    rules: [fatal('ibr-054', { all: [{ has: 'cbc:Name' }, { has: 'cbc:Value' }] }, 'an item attribute lacks its name or its value')],
  },
  { at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode'], rules: [fatal('ibr-065', { has: '@listID' })] },
  { at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:StandardItemIdentification/cbc:ID'], rules: [fatal('ibr-064', { has: '@schemeID' })] },
  { at: ['cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory'], rules: [fatal('ibr-sr-58', { has: 'cbc:ID' })] },
]

const isSeller: Condition = { same: ['cac:PartyName/cbc:Name', '../cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName'] }

function onceForPayee(id: string, path: string): Rule {
  return fatal(id, { any: [{ count: path, atMost: 1 }, isSeller] }, 'the payee has more than one of what identifies it')
}

const payment: readonly Context[] = [
  {
    at: ['cac:PayeeParty'],
    rules: [
      fatal(
        'ibr-017',
        {
          all: [
            { has: 'cac:PartyName/cbc:Name' },
            { not: { same: ['cac:PartyName/cbc:Name', '../cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name'] } },
            { not: { same: ['cac:PartyIdentification/cbc:ID', '../cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID'] } },
          ],
        },
        'a payee is named who has no name or is the seller',
      ),
      onceForPayee('ibr-105', 'cac:PartyIdentification/cbc:ID{notCreditor}'),
      onceForPayee('ibr-106', 'cac:PartyLegalEntity/cbc:CompanyID'),
      onceForPayee('ibr-sr-19', 'cac:PartyName/cbc:Name'),
    ],
  },
  {
    at: ['cac:PaymentMeans/cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cac:Address'],
    rules: [fatal('ibr-sr-59', { count: 'cac:AddressLine/cbc:Line', atMost: 1 })],
  },
  {
    at: ['cac:PaymentMeans'],
    rules: [
      fatal('ibr-049', { has: 'cbc:PaymentMeansCode' }),
      ...atMostOnce('fatal', 'ibr', 'sr-27 cbc:PaymentMeansCode sr-28 cac:PaymentMandate/cbc:ID sr-46 cbc:PaymentMeansCode/@name'),
    ],
  },
]

const untaxed = `Amount BaseAmount PriceAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount
  PayableRoundingAmount PayableAmount`
  .split(/\s+/)
  .map((name) => `cbc:${name}`)

const taxed = ['cbc:TaxAmount', 'cac:TaxSubtotal/cbc:TaxableAmount', 'cac:TaxSubtotal/cbc:TaxAmount'].map((path) => `cac:TaxTotal{ofInvoiceCurrency}/${path}`)

const seller: readonly Context[] = [
  {
    at: [...untaxed, ...taxed],
    rules: [
      fatal(
        'ibr-126',
        { any: [{ same: ['@currencyID', '//cbc:DocumentCurrencyCode'] }, { within: 'cac:ItemPriceExtension' }] },
        'the amount is in another currency than the invoice',
      ),
    ],
  },
  { at: ['cac:PaymentTerms'], rules: atMostOnce('fatal', 'ibr', 'sr-05 cbc:Note sr-60 cbc:PaymentMeansID') },
  {
    at: ['cac:BillingReference'],
    rules: [
      fatal('ibr-055', { has: 'cac:InvoiceDocumentReference/cbc:ID' }),
      fatal('ibr-sr-07', { has: 'cac:InvoiceDocumentReference/cbc:ID' }),
      fatal('ibr-sr-06', { count: 'cac:InvoiceDocumentReference', atMost: 1 }),
    ],
  },
  {
    at: ['cac:AccountingSupplierParty/cac:Party'],
    rules: [
      fatal(
        'ibr-co-26',
        { any: [{ has: 'cac:PartyTaxScheme/cbc:CompanyID' }, { has: 'cac:PartyIdentification/cbc:ID' }, { has: 'cac:PartyLegalEntity/cbc:CompanyID' }] },
        'the seller has no identifier, legal registration or tax number',
      ),
      fatal('ibr-081', { has: 'cbc:EndpointID' }),
      fatal('ibr-sr-42', { count: 'cac:PartyTaxScheme', atMost: 2 }),
    ],
  },
  { at: ['cac:AccountingSupplierParty/cac:Party/cbc:EndpointID'], rules: [fatal('ibr-062', { has: '@schemeID' })] },
  { at: ['cac:AccountingSupplierParty/cac:Party/cac:PostalAddress'], rules: address('ibr-009', 'ibr-sr-53') },
  {
    at: ['cac:TaxRepresentativeParty'],
    rules: [
      fatal('ibr-018', { filled: 'cac:PartyName/cbc:Name' }),
      fatal('ibr-019', { has: 'cac:PostalAddress' }),
      fatal('ibr-056', { has: 'cac:PartyTaxScheme/cbc:CompanyID' }),
      // Where the second looks nothing can stand; it is so in the official rules.
      ...atMostOnce('fatal', 'ibr', 'sr-22 cac:PartyName/cbc:Name sr-23 cac:Party/cac:PartyTaxScheme/cbc:CompanyID'),
    ],
  },
  { at: ['cac:TaxRepresentativeParty/cac:PostalAddress'], rules: address('ibr-020', 'ibr-sr-55') },
]

const taxes: readonly Context[] = [
  {
    // Of invoices alone: for credit notes the official context has a slip.
    at: ['/ubl:Invoice/cac:TaxTotal'],
    rules: [
      cents('ibr-124', 'cbc:TaxAmount'),
      fatal(
        'ibr-co-14',
        { any: [{ lacks: 'cac:TaxSubtotal' }, { compare: ['cbc:TaxAmount', '=', toCents({ sum: 'cac:TaxSubtotal/cbc:TaxAmount' })] }] },
        'the tax total is not the sum of its breakdown',
      ),
    ],
  },
  { at: ['cac:TaxSubtotal'], rules: [fatal('ibr-sr-32', { count: 'cac:TaxCategory/cbc:TaxExemptionReason', atMost: 1 })] },
  { at: ['cac:PartyTaxScheme'], rules: [fatal('ibr-sr-57', { has: 'cbc:CompanyID' })] },
]

/** XML Schema, 3.2.8. */
const time =
  '^[ \\t\\r\\n]*(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?|24:00:00(?:\\.0+)?)(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?[ \\t\\r\\n]*$'

const forms: readonly Context[] = [
  {
    at: ['IssueDate', 'DueDate', 'TaxPointDate', 'StartDate', 'EndDate', 'ActualDeliveryDate'].map((name) => `cbc:${name}`),
    rules: [
      fatal('ibr-073', { all: [{ matches: '.', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }, { inOrder: ['.', '.'] }] }, 'this is no date, written as 2026-04-14'),
    ],
  },
  { at: ['cbc:*Time'], rules: [fatal('ibr-119', { matches: '.', pattern: time }, 'this is no time, written as 09:30:00')] },
  { at: ['*BinaryObject'], rules: [fatal('ibr-074', { has: '@mimeCode' }), fatal('ibr-075', { has: '@filename' })] },
  {
    at: ['cbc:TaxCurrencyCode'],
    rules: [
      fatal('ibr-077', { not: { call: 'sameTidied', with: ['.', '../cbc:DocumentCurrencyCode'] } }, 'the tax accounting currency is that of the invoice'),
    ],
  },
  { at: ['*{blank}'], rules: [fatal('ibr-079', { always: false }, 'the element is empty')] },
  {
    at: ['cac:Price/cbc:BaseQuantity{inUnits}'],
    rules: [
      fatal(
        'ibr-088',
        {
          any: [
            { lacks: '../../cbc:InvoicedQuantity|cbc:CreditedQuantity' },
            { same: ['@unitCode', '../../cbc:InvoicedQuantity|cbc:CreditedQuantity/@unitCode'] },
          ],
        },
        'the base quantity has another unit than the quantity',
      ),
    ],
  },
  {
    at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:DespatchLineReference/cac:DocumentReference/cbc:ID'],
    rules: [fatal('ibr-092', { lacks: '//cac:DespatchDocumentReference' }, 'despatch advices are referred to by lines and by the invoice as a whole')],
  },
  { at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:DespatchLineReference'], rules: [fatal('ibr-sr-62', { count: 'cac:DocumentReference', atMost: 1 })] },
  {
    at: ['cac:PrepaidPayment'],
    rules: [fatal('ibr-093', { has: '../cac:LegalMonetaryTotal/cbc:PrepaidAmount' }, 'payments are told, and no sum of what was paid')],
  },
  { at: ['cac:Delivery'], rules: [fatal('ibr-108', { count: 'cac:DeliveryParty/cac:PartyName/cbc:Name', atMost: 1 })] },
]

export const pintModel: Pattern = [...identifiers, ...adjustments, ...buyerAndDelivery, totals, invoice, ...lines, ...payment, ...seller, ...taxes, ...forms]

const money = [...untaxed, 'cbc:TaxAmount', 'cbc:TaxableAmount']
const partyScheme: Condition = {
  any: [
    { listed: '@schemeID', list: 'identifierSchemes' },
    { all: [{ tidy: '@schemeID', oneOf: ['SEPA'] }, { any: [{ within: 'cac:AccountingSupplierParty' }, { within: 'cac:PayeeParty' }] }] },
  ],
}

function listed(id: string, at: readonly string[], list: string, path = '.'): Context {
  return { at, rules: [fatal(id, { listed: path, list })] }
}

/** Which document types a profile takes, and the id of its rule for them. */
export interface DocumentTypes {
  readonly rule: string
  readonly invoices: readonly string[]
  readonly creditNotes: readonly string[]
}

export const billingTypes: DocumentTypes = { rule: 'ibr-cl-01', invoices: pint.pintInvoiceTypes, creditNotes: pint.pintCreditNoteTypes }

export function pintCodes({ rule, invoices, creditNotes }: DocumentTypes): Pattern {
  const says = 'the profile has no place for documents of this type'
  return [
    { at: ['cbc:InvoiceTypeCode'], rules: [fatal(rule, { tidy: '.', oneOf: invoices }, says)] },
    { at: ['cbc:CreditNoteTypeCode'], rules: [fatal(rule, { tidy: '.', oneOf: creditNotes }, says)] },
    listed('ibr-cl-03', money, 'currencies', '@currencyID'),
    listed('ibr-cl-04', ['cbc:DocumentCurrencyCode'], 'currencies'),
    listed('ibr-cl-05', ['cbc:TaxCurrencyCode'], 'currencies'),
    listed('ibr-cl-07', ['cac:AdditionalDocumentReference{130}/cbc:ID{schemed}', 'cac:DocumentReference{130}/cbc:ID{schemed}'], 'references', '@schemeID'),
    { at: ['cac:PartyIdentification/cbc:ID{schemed}'], rules: [fatal('ibr-cl-10', partyScheme, 'the scheme of the party identifier is not in ISO 6523')] },
    listed('ibr-cl-11', ['cac:PartyLegalEntity/cbc:CompanyID{schemed}'], 'identifierSchemes', '@schemeID'),
    listed('ibr-cl-13', ['cac:CommodityClassification/cbc:ItemClassificationCode{listed}'], 'itemClassifications', '@listID'),
    listed('ibr-cl-14', ['cac:Country/cbc:IdentificationCode'], 'countries'),
    listed('ibr-cl-15', ['cac:OriginCountry/cbc:IdentificationCode'], 'countries'),
    listed('ibr-cl-16', ['cac:PaymentMeans/cbc:PaymentMeansCode'], 'paymentMeans'),
    listed('ibr-cl-19', ['cac:AllowanceCharge{allowance}/cbc:AllowanceChargeReasonCode'], 'allowanceReasons'),
    listed('ibr-cl-20', ['cac:AllowanceCharge{charge}/cbc:AllowanceChargeReasonCode'], 'chargeReasons'),
    listed('ibr-cl-21', ['cac:StandardItemIdentification/cbc:ID{schemed}'], 'identifierSchemes', '@schemeID'),
    listed('ibr-cl-23', ['cbc:InvoicedQuantity{inUnits}', 'cbc:BaseQuantity{inUnits}', 'cbc:CreditedQuantity{inUnits}'], 'units', '@unitCode'),
    {
      at: ['cbc:EmbeddedDocumentBinaryObject{typed}'],
      rules: [fatal('ibr-cl-24', { is: '@mimeCode', oneOf: pint.mimeTypes }, 'attachments of this media type are not allowed')],
    },
    listed('ibr-cl-25', ['cbc:EndpointID{schemed}'], 'electronicAddresses', '@schemeID'),
    listed('ibr-cl-26', ['cac:DeliveryLocation/cbc:ID{schemed}'], 'identifierSchemes', '@schemeID'),
  ]
}

export const pintQualifiers: Readonly<Record<string, Condition>> = {
  ...ublQualifiers,
  ...schemeQualifiers,
  50: { is: 'cbc:DocumentTypeCode', oneOf: ['50'] },
  /** As a number. */
  numbered130: { compare: ['cbc:DocumentTypeCode', '=', { literal: '130' }] },
  /** Of an amount of tax. */
  inTaxCurrency: { call: 'sameTidied', with: ['@currencyID', '../../cbc:TaxCurrencyCode'] },
  inOwnCurrency: { call: 'sameTidied', with: ['@currencyID', '../../cbc:DocumentCurrencyCode'] },
  /** Of a tax total. */
  ofInvoiceCurrency: { same: ['cbc:TaxAmount/@currencyID', '/*/cbc:DocumentCurrencyCode'] },
  blank: { call: 'blank' },
}

export const pintLists = { ...en16931, currencies: pint.currencies, paymentMeans: pint.paymentMeans, electronicAddresses: pint.electronicAddresses }

export const pintOperations = {
  ...ublOperations,
  identifier,
  sameTidied,
  firstTaxTotal,
  blank,
}
