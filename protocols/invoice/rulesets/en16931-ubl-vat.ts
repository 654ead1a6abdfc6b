/** EN 16931 in UBL: the rules that each VAT category has (BR-S-*, BR-Z-*, BR-E-*, BR-AE-*, BR-IC-*, BR-G-*, BR-O-*, BR-AF-*, BR-AG-*). */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Rule } from '../ruleset.ts'
import { nearly } from './tables.ts'
import { byRate, type VatCategory, vatCategories } from './vat-categories.ts'

const sellerVat = '//cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme{vat}/cbc:CompanyID'
const sellerAny = '//cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID'
const representative = '//cac:TaxRepresentativeParty/cac:PartyTaxScheme{vat}/cbc:CompanyID'
const buyerVat = '//cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme{vat}/cbc:CompanyID'
const buyerLegal = '//cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID'
const breakdown = 'cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory'
const lineCategory = '//cac:ClassifiedTaxCategory'

/** Qualifiers `S`, `notS` and so on, of an element with a category code. */
export const categoryQualifiers: Readonly<Record<string, Condition>> = Object.fromEntries(
  vatCategories.flatMap(({ code }) => {
    const is: Condition = { tidy: 'cbc:ID', oneOf: [code] }
    return [
      [code, is],
      [`not${code}`, { not: is }],
    ]
  }),
)

/** Of the whole document. */
export function vatDocumentRules(): readonly Rule[] {
  return [...vatCategories.flatMap(ofDocument), ...outsideScope(), ...intraCommunity()]
}

function ofDocument(category: VatCategory): readonly Rule[] {
  const { code, prefix, name } = category
  const at = (path: string) => `${path}{${code}}{vat}`
  const root = code === 'O' ? '/ubl:Invoice|cn:CreditNote/' : '//'
  const places: readonly (readonly [rule: string, where: string, path: string])[] = [
    ['02', 'a line', at(lineCategory)],
    ['03', 'a document level allowance', at(`${root}cac:AllowanceCharge{allowance}/cac:TaxCategory`)],
    ['04', 'a document level charge', at(`${root}cac:AllowanceCharge{charge}/cac:TaxCategory`)],
  ]
  return [
    fatal(
      `${prefix}-01`,
      breakdownFits(category),
      `lines, allowances and charges with VAT category ${code} (${name}) and the VAT breakdown for it do not go together`,
    ),
    ...places.map(([rule, where, path]) =>
      fatal(
        `${prefix}-${rule}`,
        // Lines of the standard rate count whatever their tax scheme, and then none of VAT is a fault too.
        code === 'S' && rule === '02'
          ? { any: [{ lacks: `${lineCategory}{S}` }, { all: [{ has: path }, ...parties(category)] }] }
          : { any: [{ lacks: path }, { all: parties(category) }] },
        `${where} has VAT category ${code} (${name}), and the tax registrations of the parties do not fit it`,
      ),
    ),
  ]
}

function breakdownFits({ code, rate }: VatCategory): Condition {
  const raw = rate === 'positive' ? '' : '{vat}'
  if (rate === 'positive' || rate === 'notNegative') {
    const used: Condition = { any: [{ has: `//cac:AllowanceCharge/cac:TaxCategory{${code}}${raw}` }, { has: `${lineCategory}{${code}}${raw}` }] }
    const listed = `${breakdown}{${code}}${raw}`
    return { any: [{ all: [used, { has: listed }] }, { all: [{ not: used }, { lacks: listed }] }] }
  }
  const used: Condition = { any: [{ has: `//cac:TaxCategory{${code}}{vat}` }, { has: `${lineCategory}{${code}}{vat}` }] }
  return { any: [{ not: used }, { count: `${breakdown}{${code}}{vat}`, atLeast: 1, atMost: 1 }] }
}

function parties({ seller, buyer }: VatCategory): readonly Condition[] {
  if (seller === 'none') return [{ lacks: sellerVat }, { lacks: representative }, { lacks: buyerVat }]
  const conditions: Condition[] = [{ any: [{ has: seller === 'vat' ? sellerVat : sellerAny }, { has: representative }] }]
  if (buyer === 'vat') conditions.push({ has: buyerVat })
  if (buyer === 'vatOrLegal') conditions.push({ any: [{ has: buyerVat }, { has: buyerLegal }] })
  return conditions
}

function outsideScope(): readonly Rule[] {
  const alone = (other: string): Condition => ({ any: [{ lacks: `${breakdown}{O}{vat}` }, { lacks: other }] })
  const says = (where: string) => `the VAT breakdown says that the invoice is not subject to VAT, and ${where} has another category`
  return [
    fatal('BR-O-11', alone(`${breakdown}{notO}{vat}`), says('another breakdown')),
    fatal('BR-O-12', alone(`${lineCategory}{notO}{vat}`), says('a line')),
    fatal('BR-O-13', alone('//cac:AllowanceCharge{allowance}/cac:TaxCategory{notO}{vat}'), says('an allowance')),
    fatal('BR-O-14', alone('//cac:AllowanceCharge{charge}/cac:TaxCategory{notO}{vat}'), says('a charge')),
  ]
}

function intraCommunity(): readonly Rule[] {
  const unless: Condition = { lacks: `${breakdown}{K}{vat}` }
  const country = 'cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode'
  return [
    fatal(
      'BR-IC-11',
      { any: [unless, { length: 'cac:Delivery/cbc:ActualDeliveryDate', atLeast: 2 }, { has: 'cac:InvoicePeriod/*' }] },
      'an intra-community supply has neither a delivery date nor an invoicing period',
    ),
    fatal('BR-IC-12', { any: [unless, { length: country, atLeast: 2 }] }, 'an intra-community supply does not say to which country it was delivered'),
  ]
}

/** Contexts of the breakdown, of allowances, of charges and of lines, by category. */
export function vatContexts(): readonly Context[] {
  return vatCategories.flatMap((category) => {
    const { code, prefix, name } = category
    const at = (path: string) => `${path}{${code}}{vat}`
    const rate = (rule: string): readonly Rule[] => [fatal(`${prefix}-${rule}`, rates[category.rate], `the VAT rate does not fit category ${code} (${name})`)]
    return [
      { at: [at('/*/cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory')], rules: ofBreakdown(category) },
      { at: [at('cac:AllowanceCharge{allowance}/cac:TaxCategory')], rules: rate('06') },
      { at: [at('cac:AllowanceCharge{charge}/cac:TaxCategory')], rules: rate('07') },
      { at: [at('cac:InvoiceLine|cac:CreditNoteLine/cac:Item/cac:ClassifiedTaxCategory')], rules: rate('05') },
    ]
  })
}

const rates: Record<VatCategory['rate'], Condition> = {
  zero: { compare: ['cbc:Percent', '=', { literal: '0' }] },
  positive: { some: 'cbc:Percent', where: { compare: ['.', '>', { literal: '0' }] } },
  notNegative: { some: 'cbc:Percent', where: { compare: ['.', '>=', { literal: '0' }] } },
  absent: { lacks: 'cbc:Percent' },
}

function ofBreakdown(category: VatCategory): readonly Rule[] {
  const { code, prefix, name, reason } = category
  const given: Condition = { any: [{ has: 'cbc:TaxExemptionReason' }, { has: 'cbc:TaxExemptionReasonCode' }] }
  const taxed: Condition = byRate(category)
    ? nearly('../cbc:TaxAmount', '../cbc:TaxableAmount', 'cbc:Percent')
    : { compare: ['../cbc:TaxAmount', '=', { literal: '0' }] }
  return [
    fatal(
      `${prefix}-08`,
      {
        call: byRate(category) ? 'basisOfRate' : 'basisOfCategory',
        with: byRate(category) ? { code, lineOfRate: category.rate === 'positive' } : { code, exact: true },
      },
      `the taxable amount of category ${code} (${name}) is not the sum of its lines and charges less its allowances`,
    ),
    fatal(`${prefix}-09`, taxed, `the VAT amount of category ${code} (${name}) is not what its rate makes of the taxable amount`),
    fatal(
      `${prefix}-10`,
      reason ? given : { not: given },
      reason ? `category ${code} (${name}) needs an exemption reason` : `category ${code} (${name}) has no place for an exemption reason`,
    ),
  ]
}
