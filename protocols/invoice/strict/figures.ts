/** Numbers of an invoice as the strict checks need them. */
import { absolute, compared, type Decimal, decimal, minus, sum, zero } from '../decimal.ts'
import { attribute, tidy } from '../element.ts'
import { type BusinessGroup, groupOf, groupsOf, type Invoice, textAt, type Value, valueAt } from '../model.ts'

/** The number of a term; undefined where there is none, or no number. */
export function numberAt(group: BusinessGroup | undefined, term: string): Decimal | undefined {
  const text = textAt(group, term)
  return text === undefined ? undefined : decimal(text)
}

export function specificationOf(invoice: Invoice): string {
  return tidy(textAt(groupOf(invoice, 'BG-2'), 'BT-24') ?? '')
}

/** Invoices of businesses that are not registered for tax (JP PINT): rates are told, and no tax. */
export function untaxed(invoice: Invoice): boolean {
  return specificationOf(invoice).includes(':nontaxinvoice-')
}

/** ISO 4217: currencies without hundredths. Those with thousandths are rounded to hundredths in totals all the same: EN 16931 and PINT allow two places. */
const whole = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))

export function currencyOf(invoice: Invoice): string {
  return tidy(textAt(invoice, 'BT-5') ?? '')
}

/** One minor unit of the currency: what rounding an amount once can make of it is less. */
export function minorUnit(currency: string): Decimal {
  return { units: 1n, scale: whole.has(currency) ? 0 : 2 }
}

/** What rounding by other people's habits makes of a line: two hundredths, as Peppol allows, or less than one yen. */
export function lineSlack(currency: string): Decimal {
  const unit = minorUnit(currency)
  return unit.scale === 0 ? unit : { units: 2n, scale: 2 }
}

export function absoluteDifference(one: Decimal, other: Decimal): Decimal {
  return absolute(minus(one, other))
}

/** `undefined` where one of the numbers is none. Groups without the term count nothing. */
export function total(groups: readonly BusinessGroup[], term: string): Decimal | undefined {
  const numbers = groups.map((group) => (valueAt(group, term) ? numberAt(group, term) : zero))
  return numbers.every((number) => number !== undefined) ? sum(numbers) : undefined
}

/** Currency that an amount says it is in; nothing where the syntax leaves it out. */
export function currencyAt(value: Value | undefined): string | undefined {
  return value && attribute(value.at, 'currencyID')
}

/** The breakdowns of one tax total: UBL has a total for each currency, CII has one for all. */
export function breakdownsByTotal(invoice: Invoice): readonly (readonly BusinessGroup[])[] {
  return [...Map.groupBy(groupsOf(invoice, 'BG-23'), ({ at }) => at.parent).values()]
}

/** Breakdowns in the currency of the invoice. */
export function ownBreakdowns(invoice: Invoice): readonly BusinessGroup[] {
  const currency = currencyOf(invoice)
  return groupsOf(invoice, 'BG-23').filter((group) => (currencyAt(valueAt(group, 'BT-117')) ?? currency) === currency)
}

export function isLess(one: Decimal, other: Decimal): boolean {
  return compared(one, other) < 0
}
