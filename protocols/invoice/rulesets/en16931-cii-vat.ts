/** EN 16931 in CII: the rules that each VAT category has. They differ from those in UBL where the official ones do. */
import type { Condition } from '../condition.ts'
import { type Context, fatal, type Rule } from '../ruleset.ts'
import { always, around } from './tables.ts'
import { byRate, type VatCategory, vatCategories } from './vat-categories.ts'

const settlement = 'ram:ApplicableHeaderTradeSettlement'
const transaction = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction'
const header = `//${settlement}/ram:ApplicableTradeTax`
const line = '//ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax'
const adjustment = '//ram:CategoryTradeTax'
const registration = 'ram:SpecifiedTaxRegistration/ram:ID'

/** Qualifiers `S`, `isS`, `notS` and so on: of a tax, of its category code, of a tax. */
export const categoryQualifiers: Readonly<Record<string, Condition>> = Object.fromEntries(
  vatCategories.flatMap(({ code }): [string, Condition][] => [
    [code, { is: 'ram:CategoryCode', oneOf: [code] }],
    [`is${code}`, { is: '.', oneOf: [code] }],
    [`not${code}`, { isNot: 'ram:CategoryCode', oneOf: [code] }],
  ]),
)

/** Rule 01, of the whole document. */
export function breakdownRule(prefix: string): Rule {
  const category = vatCategories.find((one) => one.prefix === prefix)
  if (!category) throw new Error(`no VAT category has rules \`${prefix}\``)
  const { code, name } = category
  return fatal(
    `${prefix}-01`,
    breakdownFits(category),
    `lines, allowances and charges with VAT category ${code} (${name}) and the VAT breakdown for it do not go together`,
  )
}

function breakdownFits(category: VatCategory): Condition {
  const { code } = category
  const [breakdown, lines, adjustments] = [`${header}{${code}}`, `${line}{${code}}`, `${adjustment}{${code}}`]
  if (byRate(category)) {
    const both = (path: string): Condition => ({
      any: [{ lacks: path }, { compare: [{ plus: [{ count: path }, { count: breakdown }] }, '>=', { literal: '2' }] }],
    })
    return { all: [both(lines), both(adjustments)] }
  }
  const used: Condition = { any: [{ has: lines }, { has: adjustments }] }
  const once: Condition = { all: [{ count: breakdown, atLeast: 1, atMost: 1 }, used] }
  return { any: [code === 'O' ? { lacks: breakdown } : { all: [{ lacks: breakdown }, { not: used }] }, once] }
}

/** Contexts of the breakdown, of allowances, of charges and of lines, by category, in the official order. */
export function vatContexts(): readonly Context[] {
  return ['BR-AE', 'BR-AF', 'BR-AG', 'BR-E', 'BR-G', 'BR-IC', 'BR-O', 'BR-S', 'BR-Z'].flatMap((prefix) =>
    vatCategories.filter((category) => category.prefix === prefix).flatMap(contextsOf),
  )
}

function contextsOf(category: VatCategory): readonly Context[] {
  const { code, prefix, name } = category
  const parties = (rule: string, where: string): Rule =>
    fatal(`${prefix}-${rule}`, registered(category), `${where} has VAT category ${code} (${name}), and the tax registrations of the parties do not fit it`)
  const rate = (rule: string): Rule => fatal(`${prefix}-${rule}`, rateOf(category), `the VAT rate does not fit category ${code} (${name})`)
  const at = (path: string) => `${path}{${code}}{vat}`
  return [
    ofBreakdown(category),
    { at: [at('ram:SpecifiedTradeAllowanceCharge{allowance}/ram:CategoryTradeTax')], rules: [parties('03', 'an allowance'), rate('06')] },
    { at: [at('ram:SpecifiedTradeAllowanceCharge{charge}/ram:CategoryTradeTax')], rules: [parties('04', 'a charge'), rate('07')] },
    {
      at: [at('rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax')],
      rules: [parties('02', 'a line'), rate('05')],
    },
  ]
}

/** For some categories seller and representative count wherever they stand, for others only in the agreement of the document. */
function registered({ seller, buyer, code }: VatCategory): Condition {
  const place = seller === 'vat' || code === 'AE' ? '//' : `${transaction}/ram:ApplicableHeaderTradeAgreement/`
  const sellerVat = `${place}ram:SellerTradeParty/${registration}{VA}`
  const representative = `${place}ram:SellerTaxRepresentativeTradeParty/${registration}{VA}`
  const buyerVat = `//ram:BuyerTradeParty/${registration}{VA}`
  if (seller === 'none') return { all: [{ lacks: sellerVat }, { lacks: representative }, { lacks: buyerVat }] }
  const own: Condition = { any: [{ has: seller === 'vat' ? sellerVat : `${place}ram:SellerTradeParty/${registration}{VAorFC}` }, { has: representative }] }
  if (buyer === 'vat') return { all: [own, { has: buyerVat }] }
  if (buyer === 'vatOrLegal') return { all: [own, { any: [{ has: buyerVat }, { has: '//ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID' }] }] }
  return own
}

function rateOf({ rate, code }: VatCategory): Condition {
  if (rate === 'absent') return { lacks: 'ram:RateApplicablePercent' }
  // IGIC (L) may be zero in UBL and not here.
  const relation = rate === 'zero' ? '=' : code === 'M' ? '>=' : '>'
  return { some: 'ram:RateApplicablePercent', where: { compare: ['.', relation, { literal: '0' }] } }
}

/** Rules of the breakdown stand at its category code, for some categories at the breakdown itself: then what stands above is out of their sight. */
function ofBreakdown(category: VatCategory): Context {
  const { code, prefix } = category
  const inside = code === 'L' || code === 'M' || code === 'O'
  const path = inside ? '' : '../'
  const whole = `rsm:SupplyChainTradeTransaction/${settlement}/ram:ApplicableTradeTax`
  const named =
    code === 'S' || code === 'Z' ? `${settlement}/ram:ApplicableTradeTax/ram:CategoryCode{is${code}}` : `${whole}/ram:CategoryCode{is${code}}{ofVat}`
  return {
    at: [inside ? `${whole}{${code}}{vat}` : named],
    rules: [...amounts(category, path), reason(category, path), ...(prefix === 'BR-IC' ? delivered() : []), ...(prefix === 'BR-O' ? alone() : [])],
  }
}

function amounts(category: VatCategory, path: string): readonly Rule[] {
  const { code, prefix, name } = category
  const basis = `the taxable amount of category ${code} (${name}) is not the sum of its lines and charges less its allowances`
  const tax = `the VAT amount of category ${code} (${name}) is not what its rate makes of the taxable amount`
  // Their official tests look where no rate stands, and so hold always.
  if (code === 'L' || code === 'M') return [fatal(`${prefix}-08`, always), fatal(`${prefix}-09`, always)]
  if (code === 'S') {
    const worked = { percent: { round: { times: [{ absolute: `${path}ram:BasisAmount` }, `${path}ram:RateApplicablePercent`] }, places: 0 } } as const
    return [fatal('BR-S-08', { call: 'basisOfRate', with: { code, exact: true } }, basis), fatal('BR-S-09', around(`${path}ram:CalculatedAmount`, worked), tax)]
  }
  return [
    fatal(`${prefix}-08`, { call: code === 'O' ? 'basisOfBreakdown' : 'basisOfCategory', with: { code, exact: code === 'O' } }, basis),
    fatal(`${prefix}-09`, { some: `${path}ram:CalculatedAmount`, where: { compare: ['.', '=', { literal: '0' }] } }, tax),
  ]
}

function reason({ code, prefix, name, reason: needed }: VatCategory, path: string): Rule {
  const given: Condition = { any: [{ has: `${path}ram:ExemptionReason` }, { has: `${path}ram:ExemptionReasonCode` }] }
  const says = needed ? `category ${code} (${name}) needs an exemption reason` : `category ${code} (${name}) has no place for an exemption reason`
  return fatal(`${prefix}-10`, needed ? given : { not: given }, says)
}

function delivered(): readonly Rule[] {
  const delivery = `${transaction}/ram:ApplicableHeaderTradeDelivery`
  const dates: readonly string[] = [
    `${delivery}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString`,
    '../../ram:BillingSpecifiedPeriod/ram:StartDateTime',
    '../../ram:BillingSpecifiedPeriod/ram:EndDateTime',
  ]
  return [
    fatal('BR-IC-11', { any: dates.map((path) => ({ has: path })) }, 'an intra-community supply has neither a delivery date nor an invoicing period'),
    fatal(
      'BR-IC-12',
      { has: `${delivery}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID` },
      'an intra-community supply does not say to which country it was delivered',
    ),
  ]
}

function alone(): readonly Rule[] {
  const says = (where: string) => `the VAT breakdown says that the invoice is not subject to VAT, and ${where} has another category`
  return [
    fatal('BR-O-11', { lacks: '//ram:ApplicableTradeTax{notO}' }, says('another breakdown')),
    fatal('BR-O-12', { lacks: '//ram:ApplicableTradeTax{notO}' }, says('a line')),
    fatal('BR-O-13', { lacks: '//ram:CategoryTradeTax{notO}' }, says('an allowance')),
    fatal('BR-O-14', { lacks: '//ram:CategoryTradeTax{notO}' }, says('a charge')),
  ]
}
