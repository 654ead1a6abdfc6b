/** EN 16931 in UBL: the business rules (BR-*, BR-CO-*, BR-DEC-*, and those of VAT categories). */
import type { Amount, Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, warning } from '../ruleset.ts'
import { vatContexts, vatDocumentRules } from './en16931-ubl-vat.ts'
import { type AdjustmentIds, type AdjustmentPaths, adjustmentRules, always, cents, nearly, sumOf, taxOfRate, toCents, zero } from './tables.ts'

const paths: AdjustmentPaths = { amount: 'cbc:Amount', base: 'cbc:BaseAmount', reasons: ['cbc:AllowanceChargeReason', 'cbc:AllowanceChargeReasonCode'] }

/** Allowances and charges of the document; `category` is the number of the rule on their VAT category. */
function adjustment(which: 'allowance' | 'charge', category: string, ids: AdjustmentIds): Context {
  const ofCategory = fatal(category, { has: 'cac:TaxCategory{vat}/cbc:ID' }, `the ${which} has no VAT category`)
  return { at: [`/ubl:Invoice|cn:CreditNote/cac:AllowanceCharge{${which}}`], rules: adjustmentRules(ids, paths, [ofCategory]) }
}

function lineAdjustment(which: 'allowance' | 'charge', ids: AdjustmentIds): Context {
  return { at: [`cac:InvoiceLine|cac:CreditNoteLine/cac:AllowanceCharge{${which}}`], rules: adjustmentRules(ids, paths) }
}

const lineSum: Amount = toCents({ sum: '//cac:InvoiceLine|cac:CreditNoteLine/cbc:LineExtensionAmount' })
const due: Amount = { minus: ['cbc:TaxInclusiveAmount', { orZero: 'cbc:PrepaidAmount' }] }

function adjusted(amount: string, which: 'allowance' | 'charge'): Condition {
  return sumOf(amount, `../cac:AllowanceCharge{${which}}`, 'cbc:Amount')
}

const totals: Context = {
  at: ['cac:LegalMonetaryTotal'],
  rules: [
    fatal('BR-12', { has: 'cbc:LineExtensionAmount' }),
    fatal('BR-13', { has: 'cbc:TaxExclusiveAmount' }),
    fatal('BR-14', { has: 'cbc:TaxInclusiveAmount' }),
    fatal('BR-15', { has: 'cbc:PayableAmount' }),
    fatal('BR-CO-10', { compare: ['cbc:LineExtensionAmount', '=', lineSum] }, 'the sum of line net amounts is another'),
    fatal('BR-CO-11', adjusted('cbc:AllowanceTotalAmount', 'allowance'), 'the sum of document level allowances is another'),
    fatal('BR-CO-12', adjusted('cbc:ChargeTotalAmount', 'charge'), 'the sum of document level charges is another'),
    fatal('BR-CO-13', taxExclusive(), 'the total without VAT is not the sum of lines less allowances plus charges'),
    fatal('BR-CO-16', payable(), 'the amount due is not the total with VAT less what was paid, plus rounding'),
    cents('BR-DEC-09', 'cbc:LineExtensionAmount'),
    cents('BR-DEC-10', 'cbc:AllowanceTotalAmount'),
    cents('BR-DEC-11', 'cbc:ChargeTotalAmount'),
    cents('BR-DEC-12', 'cbc:TaxExclusiveAmount'),
    cents('BR-DEC-14', 'cbc:TaxInclusiveAmount'),
    cents('BR-DEC-16', 'cbc:PrepaidAmount'),
    cents('BR-DEC-17', 'cbc:PayableRoundingAmount'),
    cents('BR-DEC-18', 'cbc:PayableAmount'),
  ],
}

/** Where there are neither allowances nor charges the two amounts are compared as they are, with all their digits. */
function taxExclusive(): Condition {
  const sum = toCents({ plus: [{ minus: ['cbc:LineExtensionAmount', { orZero: 'cbc:AllowanceTotalAmount' }] }, { orZero: 'cbc:ChargeTotalAmount' }] })
  const plain: Condition = { all: [{ lacks: 'cbc:AllowanceTotalAmount' }, { lacks: 'cbc:ChargeTotalAmount' }] }
  return {
    any: [
      { all: [{ not: plain }, { compare: ['cbc:TaxExclusiveAmount', '=', sum] }] },
      { all: [plain, { compare: ['cbc:TaxExclusiveAmount', '=', 'cbc:LineExtensionAmount'] }] },
    ],
  }
}

function payable(): Condition {
  const unrounded: Condition = { lacks: 'cbc:PayableRoundingAmount' }
  const unpaid: Condition = { lacks: 'cbc:PrepaidAmount' }
  const before = toCents({ minus: ['cbc:PayableAmount', 'cbc:PayableRoundingAmount'] })
  return {
    any: [
      { all: [unrounded, { not: unpaid }, { compare: ['cbc:PayableAmount', '=', toCents(due)] }] },
      { all: [unrounded, unpaid, { compare: ['cbc:PayableAmount', '=', 'cbc:TaxInclusiveAmount'] }] },
      { all: [{ not: unrounded }, { not: unpaid }, { compare: [before, '=', toCents(due)] }] },
      { all: [{ not: unrounded }, unpaid, { compare: [before, '=', 'cbc:TaxInclusiveAmount'] }] },
    ],
  }
}

const withB: Condition = {
  any: [
    { is: '//cac:TaxCategory/cbc:ID', oneOf: ['B'] },
    { is: '//cac:ClassifiedTaxCategory/cbc:ID', oneOf: ['B'] },
  ],
}

function inCategory(code: string): Condition {
  const places = ['cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID', 'cac:AllowanceCharge/cac:TaxCategory/cbc:ID', '//cac:ClassifiedTaxCategory/cbc:ID']
  return { any: places.map((path) => ({ is: path, oneOf: [code] })) }
}

const invoice: Context = {
  at: ['/ubl:Invoice|cn:CreditNote'],
  rules: [
    fatal('BR-01', { filled: 'cbc:CustomizationID' }),
    fatal('BR-02', { filled: 'cbc:ID' }),
    fatal('BR-03', { filled: 'cbc:IssueDate' }),
    fatal('BR-04', { any: [{ filled: 'cbc:InvoiceTypeCode' }, { filled: 'cbc:CreditNoteTypeCode' }] }, 'the document does not say of which type it is'),
    fatal('BR-05', { filled: 'cbc:DocumentCurrencyCode' }),
    fatal('BR-06', { filled: 'cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName' }),
    fatal('BR-07', { filled: 'cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName' }),
    fatal('BR-08', { has: 'cac:AccountingSupplierParty/cac:Party/cac:PostalAddress' }),
    fatal('BR-10', { has: 'cac:AccountingCustomerParty/cac:Party/cac:PostalAddress' }),
    fatal('BR-16', { any: [{ has: 'cac:InvoiceLine' }, { has: 'cac:CreditNoteLine' }] }, 'there is no line'),
    fatal(
      'BR-53',
      { every: 'cbc:TaxCurrencyCode', where: { same: ['.', '//cac:TaxTotal/cbc:TaxAmount/@currencyID'] } },
      'no VAT total is given in the VAT accounting currency',
    ),
    fatal(
      'BR-CO-03',
      { not: { all: [{ has: 'cbc:TaxPointDate' }, { has: 'cac:InvoicePeriod/cbc:DescriptionCode' }] } },
      'a tax point date and a code for it are both given; one is enough',
    ),
    fatal('BR-CO-15', { call: 'totalWithVat' }, 'the total with VAT is not the total without VAT plus the VAT total in the currency of the invoice'),
    fatal('BR-CO-18', { has: 'cac:TaxTotal/cac:TaxSubtotal' }, 'there is no VAT breakdown'),
    // Their official tests look for a currency where none can stand, and so hold always.
    fatal('BR-DEC-13', always),
    fatal('BR-DEC-15', always),
    ...vatDocumentRules(),
    fatal(
      'BR-B-01',
      { any: [{ not: withB }, { not: { isNot: '//cbc:IdentificationCode', oneOf: ['IT'] } }] },
      'split payment (VAT category B) is for invoices within Italy only',
    ),
    fatal('BR-B-02', { not: { all: [inCategory('B'), inCategory('S')] } }, 'VAT categories B (split payment) and S (standard rate) stand together'),
  ],
}

const line: Context = {
  at: ['cac:InvoiceLine|cac:CreditNoteLine'],
  rules: [
    fatal('BR-21', { filled: 'cbc:ID' }),
    fatal('BR-22', { has: 'cbc:InvoicedQuantity|cbc:CreditedQuantity' }, 'the line has no quantity'),
    fatal('BR-23', { has: 'cbc:InvoicedQuantity|cbc:CreditedQuantity/@unitCode' }, 'the quantity has no unit'),
    fatal('BR-24', { has: 'cbc:LineExtensionAmount' }),
    fatal('BR-25', { filled: 'cac:Item/cbc:Name' }),
    fatal('BR-26', { has: 'cac:Price/cbc:PriceAmount' }),
    fatal('BR-27', { some: 'cac:Price/cbc:PriceAmount', where: { compare: ['.', '>=', zero] } }, 'the net price is negative or no number'),
    fatal(
      'BR-28',
      {
        any: [
          { lacks: 'cac:Price/cac:AllowanceCharge/cbc:BaseAmount' },
          { some: 'cac:Price/cac:AllowanceCharge/cbc:BaseAmount', where: { compare: ['.', '>=', zero] } },
        ],
      },
      'the gross price is negative or no number',
    ),
    fatal('BR-CO-04', { has: 'cac:Item/cac:ClassifiedTaxCategory{vat}/cbc:ID' }, 'the line has no VAT category'),
    cents('BR-DEC-23', 'cbc:LineExtensionAmount'),
  ],
}

function period(id: string): Rule {
  return fatal(
    id,
    { any: [{ lacks: 'cbc:StartDate' }, { lacks: 'cbc:EndDate' }, { inOrder: ['cbc:StartDate', 'cbc:EndDate'] }] },
    'the period ends before it begins, or its dates are none',
  )
}

const dated: Condition = { any: [{ has: 'cbc:StartDate' }, { has: 'cbc:EndDate' }] }

const rate = 'cac:TaxCategory{vat}/cbc:Percent'

const subtotal: Context = {
  at: ['cac:TaxTotal/cac:TaxSubtotal'],
  rules: [
    fatal('BR-45', { has: 'cbc:TaxableAmount' }),
    fatal('BR-46', { has: 'cbc:TaxAmount' }),
    fatal('BR-47', { has: 'cac:TaxCategory{vat}/cbc:ID' }, 'the VAT breakdown has no VAT category'),
    fatal('BR-48', { any: [{ has: rate }, { has: 'cac:TaxCategory{vat}{O}' }] }, 'the VAT breakdown has no rate'),
    fatal(
      'BR-CO-17',
      taxOfRate('cbc:TaxAmount', rate, nearly('cbc:TaxAmount', 'cbc:TaxableAmount', rate)),
      'the VAT amount is not what the rate makes of the taxable amount',
    ),
    cents('BR-DEC-19', 'cbc:TaxableAmount'),
    cents('BR-DEC-20', 'cbc:TaxAmount'),
  ],
}

const payee: Context = {
  at: ['cac:PayeeParty'],
  rules: [
    fatal(
      'BR-17',
      {
        all: [
          { has: 'cac:PartyName/cbc:Name' },
          { not: { same: ['cac:PartyName/cbc:Name', '../cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name'] } },
          { not: { same: ['cac:PartyIdentification/cbc:ID', '../cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID'] } },
        ],
      },
      'a payee is named who has no name or is the seller',
    ),
  ],
}

const credit = ['30', '58']

const paymentMeans: readonly Context[] = [
  { at: ['cac:PaymentMeans{transfer}/cac:PayeeFinancialAccount'], rules: [fatal('BR-50', { filled: 'cbc:ID' })] },
  {
    at: ['cac:PaymentMeans'],
    rules: [
      fatal('BR-49', { has: 'cbc:PaymentMeansCode' }),
      fatal(
        'BR-61',
        { any: [{ has: 'cac:PayeeFinancialAccount/cbc:ID' }, { not: { tidy: 'cbc:PaymentMeansCode', oneOf: credit } }] },
        'payment by credit transfer, and no account to which',
      ),
    ],
  },
]

const seller: readonly Context[] = [
  {
    at: ['cac:AccountingSupplierParty'],
    rules: [
      fatal(
        'BR-CO-26',
        {
          any: [
            { has: 'cac:Party/cac:PartyTaxScheme{vat}/cbc:CompanyID' },
            { has: 'cac:Party/cac:PartyIdentification/cbc:ID{noCreditor}' },
            { has: 'cac:Party/cac:PartyLegalEntity/cbc:CompanyID' },
          ],
        },
        'the seller has no identifier, legal registration or VAT number',
      ),
    ],
  },
  { at: ['cac:AccountingSupplierParty/cac:Party/cbc:EndpointID'], rules: [fatal('BR-62', { has: '@schemeID' })] },
  { at: ['cac:AccountingSupplierParty/cac:Party/cac:PostalAddress'], rules: [fatal('BR-09', { filled: 'cac:Country/cbc:IdentificationCode' })] },
  {
    at: ['cac:TaxRepresentativeParty'],
    rules: [
      fatal('BR-18', { filled: 'cac:PartyName/cbc:Name' }),
      fatal('BR-19', { has: 'cac:PostalAddress' }),
      fatal('BR-56', { has: 'cac:PartyTaxScheme{vat}/cbc:CompanyID' }, 'the tax representative has no VAT number'),
    ],
  },
  { at: ['cac:TaxRepresentativeParty/cac:PostalAddress'], rules: [fatal('BR-20', { filled: 'cac:Country/cbc:IdentificationCode' })] },
]

const beforeDocument: readonly Context[] = [
  { at: ['cac:AdditionalDocumentReference'], rules: [fatal('BR-52', { filled: 'cbc:ID' })] },
  { at: ['cac:AccountingCustomerParty/cac:Party/cbc:EndpointID'], rules: [fatal('BR-63', { has: '@schemeID' })] },
  { at: ['cac:AccountingCustomerParty/cac:Party/cac:PostalAddress'], rules: [fatal('BR-11', { filled: 'cac:Country/cbc:IdentificationCode' })] },
  {
    at: ['cac:PaymentMeans/cac:CardAccount/cbc:PrimaryAccountNumberID'],
    rules: [warning('BR-51', { length: '.', atMost: 10, tidied: true }, 'more of the card number is shown than its first six and last four digits')],
  },
  { at: ['cac:Delivery/cac:DeliveryLocation/cac:Address'], rules: [fatal('BR-57', { has: 'cac:Country/cbc:IdentificationCode' })] },
  adjustment('allowance', 'BR-32', ['BR-31', 'BR-33', 'BR-CO-05', 'BR-CO-21', 'BR-DEC-01', 'BR-DEC-02']),
  adjustment('charge', 'BR-37', ['BR-36', 'BR-38', 'BR-CO-06', 'BR-CO-22', 'BR-DEC-05', 'BR-DEC-06']),
]

const ofLines: readonly Context[] = [
  line,
  lineAdjustment('allowance', ['BR-41', 'BR-42', 'BR-CO-07', 'BR-CO-23', 'BR-DEC-24', 'BR-DEC-25']),
  lineAdjustment('charge', ['BR-43', 'BR-44', 'BR-CO-08', 'BR-CO-24', 'BR-DEC-27', 'BR-DEC-28']),
  {
    at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:InvoicePeriod'],
    rules: [period('BR-30'), fatal('BR-CO-20', dated, 'the period of the line has neither a beginning nor an end')],
  },
  {
    at: ['cac:InvoicePeriod'],
    rules: [period('BR-29'), fatal('BR-CO-19', { any: [dated, { has: 'cbc:DescriptionCode' }] }, 'the invoicing period has neither a beginning nor an end')],
  },
  {
    at: ['cac:AdditionalItemProperty'],
    rules: [fatal('BR-54', { all: [{ has: 'cbc:Name' }, { has: 'cbc:Value' }] }, 'an item attribute lacks its name or its value')],
  },
  { at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode'], rules: [fatal('BR-65', { has: '@listID' })] },
  { at: ['cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:StandardItemIdentification/cbc:ID'], rules: [fatal('BR-64', { has: '@schemeID' })] },
  {
    at: ['/ubl:Invoice|cn:CreditNote/cbc:Note'],
    rules: [fatal('BR-CL-08', { call: 'noteSubject', with: 'noteSubjects' }, 'the subject of the note is no code of UNTDID 4451')],
  },
]

export const model: Pattern = [
  ...beforeDocument,
  totals,
  invoice,
  ...ofLines,
  payee,
  ...paymentMeans,
  { at: ['cac:BillingReference'], rules: [fatal('BR-55', { has: 'cac:InvoiceDocumentReference/cbc:ID' })] },
  ...seller,
  {
    at: ['/ubl:Invoice|cn:CreditNote/cac:TaxTotal'],
    rules: [
      fatal(
        'BR-CO-14',
        { any: [{ compare: ['cbc:TaxAmount', '=', toCents({ sum: 'cac:TaxSubtotal/cbc:TaxAmount' })] }, { lacks: 'cac:TaxSubtotal' }] },
        'the VAT total is not the sum of the VAT breakdown',
      ),
    ],
  },
  subtotal,
  {
    at: ['cac:PartyTaxScheme{vat}'],
    rules: [
      fatal(
        'BR-CO-09',
        { call: 'vatPrefix', with: { path: 'cbc:CompanyID', list: 'vatPrefixes', apart: false } },
        'the VAT number does not begin with a country',
      ),
    ],
  },
  ...vatContexts(),
]
