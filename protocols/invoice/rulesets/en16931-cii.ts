/** EN 16931 in UN/CEFACT CII D16B, as the validation artefacts 1.3.16 of 2026-04 have it. */
import type { Condition } from '../condition.ts'
import { type Ruleset, ruleset } from '../ruleset.ts'
import { codes } from './en16931-cii-codes.ts'
import { model } from './en16931-cii-model.ts'
import { syntax } from './en16931-cii-syntax.ts'
import { categoryQualifiers } from './en16931-cii-vat.ts'
import * as lists from './en16931-lists.ts'
import { grandTotal, vatPrefix } from './operations.ts'
import { basisOfCategory, basisOfRate, type Shape } from './vat-basis.ts'

const transaction = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction'
const vat: Condition = { is: 'ram:TypeCode', oneOf: ['VAT'], upper: true }
const accounts = ['ram:IBANID', 'ram:ProprietaryID'].map((id): Condition => ({ lacks: `ram:PayeePartyCreditorFinancialAccount/${id}` }))

const ciiQualifiers: Readonly<Record<string, Condition>> = {
  ...categoryQualifiers,
  /** Of a tax, and of its category code. */
  vat,
  ofVat: { is: '../ram:TypeCode', oneOf: ['VAT'], upper: true },
  /** Of `ram:SpecifiedTradeAllowanceCharge`, and of its indicator. */
  allowance: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['false', '0'] },
  charge: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['true', '1'] },
  no: { is: 'udt:Indicator', oneOf: ['false'] },
  yes: { is: 'udt:Indicator', oneOf: ['true'] },
  saysNo: { tidy: 'udt:Indicator', oneOf: ['false', '0'] },
  /** Of a date. */
  102: { is: '@format', oneOf: ['102'] },
  /** Of a tax registration. */
  VA: { is: '@schemeID', oneOf: ['VA'] },
  VAorFC: { is: '@schemeID', oneOf: ['VA', 'FC'] },
  /** Of a reference to a document. */
  50: { is: 'ram:TypeCode', oneOf: ['50'] },
  130: { is: 'ram:TypeCode', oneOf: ['130'] },
  tidy130: { tidy: 'ram:TypeCode', oneOf: ['130'] },
  916: { tidy: 'ram:TypeCode', oneOf: ['916'] },
  /** Of payment means: by credit transfer, and with no account to pay to. */
  transfer: { is: 'ram:TypeCode', oneOf: ['30', '58'] },
  notTaxTotal: { not: { self: ['ram:TaxTotalAmount'] } },
  unpayable: { all: [{ tidy: 'ram:TypeCode', oneOf: ['30', '58'] }, ...accounts] },
  /** Of the VAT total. */
  inCurrency: { same: ['@currencyID', `${transaction}/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode`] },
  inMoney: { has: '@currencyID' },
  /** Of whatever has the attribute. */
  schemed: { has: '@schemeID' },
  listed: { has: '@listID' },
  inUnits: { has: '@unitCode' },
  typed: { has: '@mimeCode' },
  /** Of an identifier. */
  ofParty: { not: { any: [{ within: 'ram:SpecifiedTradeProduct' }, { within: 'ram:ShipToTradeParty' }] } },
  notTax: { not: { within: 'ram:SpecifiedTaxRegistration' } },
}

const adjustments = `${transaction}/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge`

const shape: Shape = {
  parts: [
    {
      kind: 'invoice line',
      path: `${transaction}/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement`,
      category: 'ram:ApplicableTradeTax',
      amount: 'ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount',
    },
    { kind: 'charge', path: `${adjustments}{charge}`, category: 'ram:CategoryTradeTax', amount: 'ram:ActualAmount' },
    { kind: 'allowance', path: `${adjustments}{allowance}`, category: 'ram:CategoryTradeTax', amount: 'ram:ActualAmount' },
  ],
  code: 'ram:CategoryCode',
  rate: 'ram:RateApplicablePercent',
  taxable: '../ram:BasisAmount',
  ownRate: '../ram:RateApplicablePercent',
  rounded: true,
  linesNeeded: false,
}

export const en16931Cii: Ruleset = ruleset({
  name: 'EN 16931 CII',
  version: '1.3.16',
  patterns: [model, syntax, codes],
  qualifiers: ciiQualifiers,
  lists: {
    ...lists,
    types: [...lists.invoiceTypes, ...lists.creditNoteTypes],
    taxPoints: ['5', '29', '72'],
    noteSubjects: lists.noteSubjectsCii,
    countries: lists.countriesCii,
    vatPrefixes: lists.vatPrefixesCii,
  },
  operations: {
    basisOfCategory: basisOfCategory(shape),
    basisOfBreakdown: basisOfCategory({ ...shape, taxable: 'ram:BasisAmount' }),
    basisOfRate: basisOfRate(shape),
    grandTotal,
    vatPrefix,
  },
})
