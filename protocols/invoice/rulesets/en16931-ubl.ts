/** EN 16931 in UBL 2.1, as the validation artefacts 1.3.16 of 2026-04 have it. */
import type { Condition } from '../condition.ts'
import { type Ruleset, ruleset } from '../ruleset.ts'
import * as lists from './en16931-lists.ts'
import { codes } from './en16931-ubl-codes.ts'
import { model } from './en16931-ubl-model.ts'
import { syntax } from './en16931-ubl-syntax.ts'
import { categoryQualifiers } from './en16931-ubl-vat.ts'
import { noteSubject, totalWithVat, vatPrefix } from './operations.ts'
import { basisOfCategory, basisOfRate, type Shape } from './vat-basis.ts'

const creditor: Condition = { is: '@schemeID', oneOf: ['SEPA'], upper: true }

export const ublQualifiers: Readonly<Record<string, Condition>> = {
  ...categoryQualifiers,
  /** Of a tax category or tax registration. */
  vat: { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'], upper: true },
  vatAsWritten: { is: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'], upper: true },
  otherTax: { some: 'cac:TaxScheme', where: { not: { is: 'cbc:ID', oneOf: ['VAT'], upper: true } } },
  /** Of `cac:AllowanceCharge`. */
  allowance: { tidy: 'cbc:ChargeIndicator', oneOf: ['false', '0'] },
  charge: { tidy: 'cbc:ChargeIndicator', oneOf: ['true', '1'] },
  /** Of a reference to a document. */
  130: { is: 'cbc:DocumentTypeCode', oneOf: ['130'] },
  not130: { not: { is: 'cbc:DocumentTypeCode', oneOf: ['130'] } },
  /** Of `cac:PaymentMeans`: by credit transfer. */
  transfer: { is: 'cbc:PaymentMeansCode', oneOf: ['30', '58'] },
  /** Of an identifier: a bank's for direct debit, or not. */
  creditor,
  notCreditor: { not: creditor },
  noCreditor: { not: { is: '@schemeID', oneOf: ['SEPA'] } },
  /** Of whatever has the attribute. */
  schemed: { has: '@schemeID' },
  listed: { has: '@listID' },
  inUnits: { has: '@unitCode' },
  typed: { has: '@mimeCode' },
  /** Of `cbc:…Amount`: not a price, which may have more digits. */
  ofMoney: { not: { call: 'price' } },
}

const ublLists = { ...lists, taxPoints: ['3', '35', '432'] }

const root = '/ubl:Invoice|cn:CreditNote'
const lineCategory = 'cac:Item/cac:ClassifiedTaxCategory'

const shape: Shape = {
  parts: [
    { kind: 'invoice line', path: `${root}/cac:InvoiceLine`, category: lineCategory, amount: 'cbc:LineExtensionAmount' },
    { kind: 'credit note line', path: `${root}/cac:CreditNoteLine`, category: lineCategory, amount: 'cbc:LineExtensionAmount' },
    { kind: 'charge', path: `${root}/cac:AllowanceCharge{charge}`, category: 'cac:TaxCategory', amount: 'cbc:Amount' },
    { kind: 'allowance', path: `${root}/cac:AllowanceCharge{allowance}`, category: 'cac:TaxCategory', amount: 'cbc:Amount' },
    { kind: 'anywhere', path: '//cac:AllowanceCharge', category: 'cac:TaxCategory', amount: 'cbc:Amount' },
  ],
  code: 'cbc:ID',
  rate: 'cbc:Percent',
  taxable: '../cbc:TaxableAmount',
  ownRate: 'cbc:Percent',
  rounded: false,
  linesNeeded: true,
}

export const ublOperations = {
  basisOfCategory: basisOfCategory(shape),
  basisOfRate: basisOfRate(shape),
  totalWithVat,
  noteSubject,
  vatPrefix,
  price: {
    revision: 1,
    compile: () => (element: { readonly name: string; readonly parent: Parent | undefined }) => element.name.endsWith('PriceAmount') || inPrice(element.parent),
  },
}

interface Parent {
  readonly name: string
  readonly parent: Parent | undefined
}

/** Somewhere in the allowance of a price. */
function inPrice(element: Parent | undefined): boolean {
  for (let at = element; at !== undefined; at = at.parent) if (at.name === 'cac:AllowanceCharge' && at.parent?.name === 'cac:Price') return true
  return false
}

export const en16931Ubl: Ruleset = ruleset({
  name: 'EN 16931 UBL',
  version: '1.3.16',
  patterns: [model, syntax, codes],
  qualifiers: ublQualifiers,
  lists: ublLists,
  operations: ublOperations,
})
