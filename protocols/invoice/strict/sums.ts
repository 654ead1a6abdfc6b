/** L4: whether the figures of an invoice follow from each other: line from quantity and price, breakdown from lines, total from breakdown. */
import { absolute, compared, type Decimal, decimal, minus, negative, one, plus, shifted, textOf, times, zero } from '../decimal.ts'
import type { Document } from '../document.ts'
import { tidy } from '../element.ts'
import type { Finding } from '../finding.ts'
import { type BusinessGroup, groupOf, groupsOf, type Invoice, textAt, valueAt } from '../model.ts'
import {
  absoluteDifference,
  breakdownsByTotal,
  currencyOf,
  isLess,
  lineSlack,
  minorUnit,
  numberAt,
  ownBreakdowns,
  specificationOf,
  total,
  untaxed,
} from './figures.ts'
import { shown, told } from './strict-finding.ts'

/** Where prices have the tax in them, amounts without tax do not follow from them. */
function taxIncluded(document: Document): boolean {
  return document.named('cbc:TaxIncludedIndicator').some(({ text }) => ['true', '1'].includes(tidy(text)))
}

/** Line net amount = quantity · price / base quantity − allowances + charges. */
export function* lineAmounts(invoice: Invoice, document: Document): Iterable<Finding> {
  if (taxIncluded(document)) return
  const slack = lineSlack(currencyOf(invoice))
  for (const line of groupsOf(invoice, 'BG-25')) {
    const difference = lineDifference(line)
    if (difference === undefined || fits(difference, slack)) continue
    yield told('LINE-NET', {
      at: valueAt(line, 'BT-131')?.at ?? line.at,
      message: `line ${shown(textAt(line, 'BT-126') ?? '')}: the net amount (BT-131) ${shown(textAt(line, 'BT-131') ?? '')} is not quantity · price / base quantity − allowances + charges`,
      advice: 'Compare quantity (BT-129), net price (BT-146) and base quantity (BT-149) with the order; one of them, or the net amount, is wrong.',
    })
  }
}

interface Difference {
  /** Net amount less what it should be, times `base`: no division, so nothing is rounded. */
  readonly scaled: Decimal
  readonly base: Decimal
}

/** @returns undefined where a part is missing or no number: that is found elsewhere */
function lineDifference(line: BusinessGroup): Difference | undefined {
  const price = groupOf(line, 'BG-29')
  const [net, quantity, amount] = [numberAt(line, 'BT-131'), numberAt(line, 'BT-129'), numberAt(price, 'BT-146')]
  const base = valueAt(price, 'BT-149') ? numberAt(price, 'BT-149') : one
  const [allowances, charges] = [total(groupsOf(line, 'BG-27'), 'BT-136'), total(groupsOf(line, 'BG-28'), 'BT-141')]
  if (!net || !quantity || !amount || !base || !allowances || !charges || base.units <= 0n) return undefined
  const without = minus(plus(net, allowances), charges)
  return { scaled: minus(times(without, base), times(quantity, amount)), base }
}

/** Whole units are rounded down or up, hundredths are two off at most. */
function fits({ scaled, base }: Difference, slack: Decimal): boolean {
  const order = compared(absolute(scaled), times(slack, base))
  return slack.scale === 0 ? order < 0 : order <= 0
}

/** Taxable amount = lines of category and rate − allowances + charges of the document. */
export function* taxableAmounts(invoice: Invoice, document: Document): Iterable<Finding> {
  // A line with several taxes counts in several breakdowns, which the model does not know.
  if (taxIncluded(document) || severalTaxes(document)) return
  const basis = basisOf(invoice)
  const breakdowns = Map.groupBy(ownBreakdowns(invoice), (breakdown) => keyOf(breakdown, 'BT-118', 'BT-119'))
  if (basis === undefined || breakdowns.size === 0) return
  const unit = minorUnit(currencyOf(invoice))
  const unsure = unratedCategories(invoice)
  for (const [key, group] of breakdowns) {
    const [taxable, first] = [total(group, 'BT-116'), group[0]]
    const expected = basis.get(key) ?? zero
    if (!taxable || !first || unsure.has(categoryOf(key)) || isLess(absoluteDifference(taxable, expected), unit)) continue
    yield told('TAXABLE-SUM', {
      at: valueAt(first, 'BT-116')?.at ?? first.at,
      message: `the taxable amount (BT-116) of ${named(key)} is ${textOf(taxable)}; its lines, charges and allowances make ${textOf(expected)}`,
      advice: 'Compare category and rate of each line with the breakdown, and add up again.',
    })
  }
  for (const key of basis.keys()) {
    if (breakdowns.has(key) || unsure.has(categoryOf(key))) continue
    yield told('TAX-BREAKDOWN', {
      at: invoice.at,
      message: `lines, charges or allowances have ${named(key)}, and there is no tax breakdown of it`,
      advice: 'Correct category and rate of the line, or give the breakdown (BG-23) of it.',
    })
  }
}

/** Categories of which an allowance or charge does not tell the rate: to which breakdown it belongs is not said. */
function unratedCategories(invoice: Invoice): ReadonlySet<string> {
  const unrated = [
    ...groupsOf(invoice, 'BG-20').map((group) => [group, 'BT-95', 'BT-96'] as const),
    ...groupsOf(invoice, 'BG-21').map((group) => [group, 'BT-102', 'BT-103'] as const),
  ].filter(([group, , rate]) => !valueAt(group, rate))
  return new Set(unrated.map(([group, category]) => tidy(textAt(group, category) ?? '')))
}

function severalTaxes(document: Document): boolean {
  const items = document.named('cac:ClassifiedTaxCategory').map(({ parent }) => parent)
  return new Set(items).size < items.length
}

/** Amounts by category and rate; undefined where an amount is no number. */
function basisOf(invoice: Invoice): ReadonlyMap<string, Decimal> | undefined {
  const basis = new Map<string, Decimal>()
  const parts = [
    ...groupsOf(invoice, 'BG-25').map((line) => ({ key: keyOf(groupOf(line, 'BG-30'), 'BT-151', 'BT-152'), amount: numberAt(line, 'BT-131'), sign: one })),
    ...groupsOf(invoice, 'BG-20').map((part) => ({ key: keyOf(part, 'BT-95', 'BT-96'), amount: numberAt(part, 'BT-92'), sign: negative(one) })),
    ...groupsOf(invoice, 'BG-21').map((part) => ({ key: keyOf(part, 'BT-102', 'BT-103'), amount: numberAt(part, 'BT-99'), sign: one })),
  ]
  for (const { key, amount, sign } of parts) {
    if (amount === undefined) return undefined
    basis.set(key, plus(basis.get(key) ?? zero, times(amount, sign)))
  }
  return basis
}

/** UNTDID 5305: exempt, reverse charge, intra-community, export, outside the scope, zero rated. Their rate says nothing: no tax is charged. */
const untaxedCategories = new Set(['E', 'AE', 'K', 'G', 'O', 'Z'])

/** Category and rate as one text: no rate is a rate of zero, `8.0` is `8`. */
function keyOf(group: BusinessGroup | undefined, category: string, rate: string): string {
  const code = tidy(textAt(group, category) ?? '')
  const written = textAt(group, rate)
  if (untaxedCategories.has(code) || written === undefined) return `${code} 0`
  const number = decimal(written)
  return `${code} ${number ? textOf(number) : tidy(written)}`
}

function categoryOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}

function named(key: string): string {
  const category = categoryOf(key)
  return untaxedCategories.has(category) ? `tax category ${shown(category)}` : `tax category ${shown(category)} at ${key.slice(category.length + 1)} %`
}

/** Total tax = sum of the breakdowns, for each total that has breakdowns. */
export function* taxTotals(invoice: Invoice): Iterable<Finding> {
  const currency = currencyOf(invoice)
  const [written, amount] = [valueAt(groupOf(invoice, 'BG-22'), 'BT-110'), numberAt(groupOf(invoice, 'BG-22'), 'BT-110')]
  const sum = total(ownBreakdowns(invoice), 'BT-117')
  if (!written || !amount || !sum || ownBreakdowns(invoice).length === 0 || isLess(absoluteDifference(amount, sum), minorUnit(currency))) return
  yield told('TAX-SUM', {
    at: written.at,
    message: `the tax total (BT-110) ${shown(written.text)} is not the sum ${textOf(sum)} of the breakdowns`,
    advice: 'Add up the tax amounts (BT-117) of the breakdowns again.',
  })
}

/** A breakdown stands once for each category and rate in each total: twice is tax twice, or rounding twice. */
export function* repeatedBreakdowns(invoice: Invoice): Iterable<Finding> {
  for (const breakdowns of breakdownsByTotal(invoice)) {
    const seen = new Set<string>()
    for (const breakdown of breakdowns) {
      // Categories without tax may stand once for each reason.
      const key = `${keyOf(breakdown, 'BT-118', 'BT-119')} ${textAt(breakdown, 'BT-121') ?? ''} ${textAt(breakdown, 'BT-120') ?? ''}`
      if (seen.has(key)) {
        yield told('TAX-REPEATED', {
          at: breakdown.at,
          message: `there is more than one breakdown of ${named(key)}`,
          advice: 'Add them up to one: tax is worked out, and rounded, once for each rate.',
        })
      }
      seen.add(key)
    }
  }
}

/** Under reverse charge and margin schemes some tell the rate that somebody else pays, or that was paid before. */
function taxNotCharged(breakdown: BusinessGroup): boolean {
  return tidy(textAt(breakdown, 'BT-118') ?? '') !== 'S'
}

/** Tax of a breakdown = taxable amount · rate, when at most each line was rounded by itself. */
export function* taxAmounts(invoice: Invoice, document: Document): Iterable<Finding> {
  if (taxIncluded(document) || untaxed(invoice)) return
  const lines = BigInt(groupsOf(invoice, 'BG-25').length + groupsOf(invoice, 'BG-20').length + groupsOf(invoice, 'BG-21').length + 1)
  // JP PINT rounds tax to whole units, of whatever currency.
  const unit = /@jp-|:peppol:jp:/.test(specificationOf(invoice)) ? one : minorUnit(currencyOf(invoice))
  for (const breakdown of ownBreakdowns(invoice)) {
    const [taxable, tax, rate] = ['BT-116', 'BT-117', 'BT-119'].map((term) => numberAt(breakdown, term))
    if (!taxable || !tax || !rate || (tax.units === 0n && taxNotCharged(breakdown))) continue
    const slack = times(unit, { units: lines, scale: 0 })
    if (compared(absoluteDifference(tax, shifted(times(taxable, rate), 2)), slack) <= 0) continue
    yield told('TAX-AMOUNT', {
      at: valueAt(breakdown, 'BT-117')?.at ?? breakdown.at,
      message: `the tax (BT-117) ${shown(textAt(breakdown, 'BT-117') ?? '')} is not what ${textOf(rate)} % make of the taxable amount ${shown(textAt(breakdown, 'BT-116') ?? '')}`,
      advice: 'Work out the tax of the breakdown from its taxable amount again.',
    })
  }
}
