/**
 * JP PINT 1.1.3: the rules of Japan beside those that all of PINT shares, for its three profiles: billing, invoices of businesses that
 * are not registered for consumption tax, and self-billing.
 *
 * Some official contexts lead nowhere (lines below a root that is a line, direct debit behind all other payment); they are left in their
 * place, so that the ids are complete and a correction of theirs is one of ours.
 */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Pattern, type Rule, type Ruleset, ruleset } from '../ruleset.ts'
import { notBefore, wholeTax } from './pint-operations.ts'
import { billingTypes, type DocumentTypes, pintCodes, pintLists, pintModel, pintOperations, pintQualifiers } from './pint-shared.ts'
import { zero } from './tables.ts'

type Profile = 'billing' | 'nontax' | 'selfbilling'

const breakdown = 'cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory{vat}/cbc:ID'
const sellerTax = 'cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme'

/**
 * What the rule means is a category with a rate, and no rate where the invoice is outside the scope of tax. Its official test asks whether a
 * comparison exists, which one always does: so an adjustment without a rate passes.
 */
function ratedAdjustment(which: 'allowance' | 'charge', id: string): Context {
  const [code, rate] = ['cac:TaxCategory{vat}/cbc:ID', 'cac:TaxCategory{vat}/cbc:Percent']
  return {
    at: [`/ubl:Invoice|cn:CreditNote/cac:AllowanceCharge{${which}}`],
    rules: [fatal(id, { any: [{ lacks: rate }, { has: code }] }, `the ${which} has a rate of tax and no category`)],
  }
}

/** Where something is of the category there is one breakdown of it, and no breakdown without. */
function oneBreakdown(letter: 'e' | 'g' | 'o'): Rule {
  const code = letter.toUpperCase()
  const used: Condition = {
    any: ['//cac:TaxCategory{vat}/cbc:ID', '//cac:ClassifiedTaxCategory{vat}/cbc:ID'].map((path) => ({ tidy: path, oneOf: [code] })),
  }
  return fatal(
    `aligned-ibrp-${letter}-01`,
    { any: [{ not: used }, { count: `${breakdown}{is${code}}`, atLeast: 1, atMost: 1 }] },
    `something has tax category ${code}, and there is not one breakdown of it`,
  )
}

const specifications: Record<Profile, Rule> = {
  billing: fatal(
    'aligned-ibrp-001-jp',
    startsWith('cbc:CustomizationID', 'urn:fdc:peppol:jp:billing:3\\.0|urn:peppol:pint:billing-1@jp-1'),
    'the specification is not that of JP PINT billing',
  ),
  nontax: fatal(
    'aligned-ibrp-001-jp-ntr',
    startsWith('cbc:CustomizationID', 'urn:peppol:pint:nontaxinvoice-1@jp-1'),
    'the specification is not that of JP invoices of businesses not registered for tax',
  ),
  selfbilling: fatal(
    'aligned-ibrp-001-jp-sb',
    startsWith('cbc:CustomizationID', 'urn:peppol:pint:selfbilling-1@jp-1'),
    'the specification is not that of JP PINT self-billing',
  ),
}

function startsWith(path: string, pattern: string): Condition {
  return { matches: path, pattern: `^[ \\t\\r\\n]*(?:${pattern})` }
}

const processes: Record<Profile, Rule> = {
  billing: process('aligned-ibrp-002-jp', 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0|urn:peppol:bis:billing'),
  nontax: process('aligned-ibrp-002-jp', 'urn:peppol:bis:billing'),
  selfbilling: process('aligned-ibrp-002-jp-sb', 'urn:peppol:bis:selfbilling'),
}

function process(id: string, pattern: string): Rule {
  return fatal(id, { matches: '/*/cbc:ProfileID', pattern }, 'the business process is not that of the profile')
}

const sellerNumber = `${sellerTax}/cbc:CompanyID`

function document(profile: Profile): Context {
  return {
    at: ['/ubl:Invoice|cn:CreditNote'],
    rules: [
      specifications[profile],
      processes[profile],
      fatal('aligned-ibrp-009', { count: `${sellerTax}{vatAsWritten}/cbc:CompanyID`, atMost: 1 }, 'the seller has more than one tax number'),
      fatal('aligned-ibrp-014', { alike: '//cbc:PaymentID', asWritten: true }, 'payments have different remittance informations'),
      fatal('aligned-ibrp-052', { has: '//cac:InvoicePeriod' }, 'neither the invoice nor a line has a period'),
      oneBreakdown('e'),
      oneBreakdown('g'),
      oneBreakdown('o'),
      fatal('aligned-ibrp-sr-12', { count: `${sellerTax}{vatAsWritten}/cbc:CompanyID`, atMost: 1 }, 'the seller has more than one tax number'),
      fatal('aligned-ibrp-sr-13', { count: `${sellerTax}{otherTax}/cbc:CompanyID`, atMost: 1 }, 'the seller has more than one other tax registration'),
      profile === 'nontax' ? fatal('aligned-ibr-jp-04-ntr', { lacks: sellerNumber }) : fatal('aligned-ibr-jp-04', { has: sellerNumber }),
      fatal(
        'aligned-ibr-jp-05',
        { any: [{ lacks: 'cbc:TaxCurrencyCode' }, { is: 'cbc:TaxCurrencyCode', oneOf: ['JPY'] }] },
        'the tax accounting currency is not the yen',
      ),
      fatal(
        'aligned-ibrp-053-jp',
        { count: 'cac:TaxTotal/cbc:TaxAmount{inDocumentCurrency}', atMost: 1 },
        'there are two tax totals in the currency of the invoice',
      ),
    ],
  }
}

function subtotals(profile: Profile): readonly Context[] {
  const tax = fatal(
    'aligned-ibrp-051-jp',
    { call: 'wholeTax' },
    'the tax of the breakdown is not what its rate makes of the taxable amount, rounded down or up to a whole yen',
  )
  return [
    { at: ['cac:TaxSubtotal{ofInvoice}'], rules: [fatal('aligned-ibrp-045', { has: 'cbc:TaxableAmount' }), ...(profile === 'nontax' ? [] : [tax])] },
    {
      at: ['cac:TaxSubtotal'],
      rules: [
        fatal('aligned-ibrp-046', { has: 'cbc:TaxAmount' }),
        fatal('aligned-ibrp-047', { has: 'cac:TaxCategory{vat}/cbc:ID' }, 'the breakdown has no tax category'),
        fatal(
          'aligned-ibrp-048',
          { any: [{ has: 'cac:TaxCategory{vat}/cbc:Percent' }, { tidy: 'cac:TaxCategory{vat}/cbc:ID', oneOf: ['O'] }] },
          'the breakdown has no rate',
        ),
        fatal('aligned-ibr-jp-06', { not: { matches: 'cbc:TaxAmount{yen}', pattern: '\\.' } }, 'an amount of tax in yen has a decimal point'),
      ],
    },
  ]
}

const payment: readonly Context[] = [
  { at: ['cac:TaxRepresentativeParty'], rules: [fatal('aligned-ibrp-010', { count: 'cac:PartyTaxScheme/cbc:CompanyID', atMost: 1 })] },
  {
    at: ['cac:PaymentMeans{transfer}/cac:PayeeFinancialAccount'],
    rules: [fatal('aligned-ibrp-016', { isNot: 'cbc:ID', oneOf: [''] }, 'payment by credit transfer, and no account to which')],
  },
  {
    at: ['cac:PaymentMeans/cac:CardAccount'],
    rules: [
      fatal('aligned-ibrp-017', { length: 'cbc:PrimaryAccountNumberID', atLeast: 4, atMost: 6 }, 'of a card number the last four to six digits are told'),
    ],
  },
  { at: ['cac:PaymentMeans'], rules: [fatal('aligned-ibrp-049', { has: 'cbc:PaymentMeansCode' })] },
  { at: ['cac:PaymentMeans{debit}'], rules: [fatal('aligned-ibrp-019', { has: 'cac:PaymentMandate/cbc:ID' })] },
]

/** Exempt, export, outside the scope. */
function untaxed(letter: 'e' | 'g' | 'o'): readonly Context[] {
  const code = letter.toUpperCase()
  const rate: Condition = letter === 'o' ? { lacks: 'cbc:Percent' } : { compare: ['cbc:Percent', '=', zero] }
  const says = letter === 'o' ? undefined : `tax category ${code} has a rate other than zero`
  const at = (path: string) => `${path}{id${code}}{vat}`
  // The official contexts of G and O begin at the root, that of E does not.
  const total = letter === 'e' ? 'cac:TaxTotal' : '/*/cac:TaxTotal'
  return [
    { at: [at('cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:ClassifiedTaxCategory')], rules: [fatal(`aligned-ibrp-${letter}-05`, rate, says)] },
    { at: [at('cac:AllowanceCharge{allowance}/cac:TaxCategory')], rules: [fatal(`aligned-ibrp-${letter}-06`, rate, says)] },
    { at: [at('cac:AllowanceCharge{charge}/cac:TaxCategory')], rules: [fatal(`aligned-ibrp-${letter}-07`, rate, says)] },
    {
      at: [at(`${total}/cac:TaxSubtotal/cac:TaxCategory`)],
      rules: [fatal(`aligned-ibrp-${letter}-09`, { compare: ['../cbc:TaxAmount', '=', zero] }, `the tax of category ${code} is not zero`)],
    },
  ]
}

/** Since the qualified invoice system began on 1 October 2023. */
const qualified: Condition = {
  any: ['//cbc:StartDate', '//cbc:EndDate'].map((path) => ({ some: path, where: { call: 'notBefore', with: '2023-10-01' } })),
}

const sellerRegistered: Context = {
  at: ['/ubl:Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme{vat}'],
  rules: [
    fatal(
      'aligned-ibr-jp-01',
      { any: [{ matches: 'cbc:CompanyID', pattern: '^[ \\t\\r\\n]*T[0-9]{13}[ \\t\\r\\n]*$' }, { not: qualified }] },
      "the seller's registration number is not T and 13 digits",
    ),
  ],
}

function alignedModel(profile: Profile): Pattern {
  return [
    ratedAdjustment('allowance', 'aligned-ibrp-032-jp'),
    ratedAdjustment('charge', 'aligned-ibrp-037-jp'),
    {
      at: ['/ubl:InvoiceLine|cn:CreditNoteLine'],
      rules: [
        fatal(
          'aligned-ibrp-050-jp',
          { all: ['ID', 'Percent'].map((name) => ({ has: `cac:Item/cac:ClassifiedTaxCategory{vat}/cbc:${name}` })) },
          'the line has no tax category with a rate',
        ),
      ],
    },
    document(profile),
    ...subtotals(profile),
    ...payment,
    ...(profile === 'nontax'
      ? [{ at: ['cbc:TaxAmount'], rules: [fatal('aligned-ibr-jp-07-ntr', { compare: ['.', '=', zero] }, 'there is an amount of tax')] }]
      : []),
    ...untaxed('e'),
    ...untaxed('g'),
    ...untaxed('o'),
    ...(profile === 'nontax' ? [] : [sellerRegistered]),
    {
      at: ['cac:TaxCategory|cac:ClassifiedTaxCategory/cac:TaxScheme/cbc:ID'],
      rules: [fatal('aligned-ibr-jp-03', { matches: '.', pattern: 'VAT' }, 'consumption tax has the tax scheme `VAT`')],
    },
  ]
}

function alignedCodes(profile: Profile): Pattern {
  return [
    {
      at: ['cac:TaxCategory|cac:ClassifiedTaxCategory/cbc:ID'],
      rules: [fatal('aligned-ibrp-cl-01-jp', { tidy: '.', oneOf: ['AA', 'E', 'S', 'G', 'O'] }, 'Japan has no such tax category')],
    },
    ...(profile === 'billing'
      ? [{ at: ['cbc:InvoiceTypeCode'], rules: [fatal('aligned-ibrp-cl-02-jp', { tidy: '.', oneOf: ['380'] }, 'an invoice of JP PINT has type 380')] }]
      : []),
  ]
}

const qualifiers: Readonly<Record<string, Condition>> = {
  ...pintQualifiers,
  /** Of a tax category, and of its code. */
  ...Object.fromEntries(
    ['E', 'G', 'O'].flatMap((code) => [
      [`id${code}`, { tidy: 'cbc:ID', oneOf: [code] }],
      [`is${code}`, { tidy: '.', oneOf: [code] }],
    ]),
  ),
  /** Of a breakdown. */
  ofInvoice: { same: ['cbc:TaxAmount/@currencyID', '/ubl:Invoice/cbc:DocumentCurrencyCode'] },
  /** Of an amount. */
  yen: { is: '@currencyID', oneOf: ['JPY'] },
  inDocumentCurrency: { same: ['@currencyID', '/*/cbc:DocumentCurrencyCode'] },
  /** Of payment means: by direct debit. */
  debit: { is: 'cbc:PaymentMeansCode', oneOf: ['49', '59'] },
}

function made(name: string, profile: Profile, types: DocumentTypes): Ruleset {
  return ruleset({
    name,
    version: '1.1.3',
    patterns: [pintModel, pintCodes(types), alignedModel(profile), alignedCodes(profile)],
    qualifiers,
    lists: pintLists,
    operations: { ...pintOperations, notBefore, wholeTax },
  })
}

export const pintJpBilling: Ruleset = made('JP PINT billing', 'billing', billingTypes)
export const pintJpNonTax: Ruleset = made('JP PINT non-tax invoice', 'nontax', { rule: 'ibr-cl-01-jp-ntr', invoices: ['480'], creditNotes: [] })
export const pintJpSelfBilling: Ruleset = made('JP PINT self-billing', 'selfbilling', { rule: 'ibr-cl-01-jp-sb', invoices: ['389'], creditNotes: [] })
