/** An invoice in itself: amounts of lines, tax once for each rate, totals. */
import { compared, type Decimal, minus, plus, shifted, sum, textOf, times } from '../invoice/decimal.ts'
import type { Chain, ChainInvoice } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import { amount, minorUnit, payable, roundedFrom } from './money.ts'

export function* amounts({ invoices }: Chain): Iterable<ChainFinding> {
  for (const [at, invoice] of invoices.entries()) {
    yield* nets(invoice, `/invoices/${at}`)
    yield* taxes(invoice, `/invoices/${at}`)
    yield* totals(invoice, `/invoices/${at}`)
    yield* decimals(invoice, `/invoices/${at}`)
  }
}

function* nets({ lines, currency }: ChainInvoice, path: string): Iterable<ChainFinding> {
  for (const [at, { quantity, price, allowance, charge, net }] of lines.entries()) {
    const exact = plus(minus(times(amount(quantity), amount(price)), amount(allowance)), amount(charge))
    if (!roundedFrom(exact, amount(net), minorUnit(currency)))
      yield finding(
        'DFFT-CHAIN-NET',
        `${path}/lines/${at}/net`,
        `the amount is ${net}, and ${quantity} times ${price}, allowances and charges counted, is ${textOf(exact)}`,
      )
  }
}

/** Each category and rate of the lines once, over what its lines come to; the tax of each is the exact one or its rounding. */
function* taxes(invoice: ChainInvoice, path: string): Iterable<ChainFinding> {
  const { lines, taxBreakdown, currency } = invoice
  const byRate = Map.groupBy(lines, ({ taxCategory, taxRate }) => rateOf(taxCategory, taxRate))
  const seen = new Set<string>()
  for (const [at, { category, rate, taxable, tax }] of taxBreakdown.entries()) {
    const place = `${path}/taxBreakdown/${at}`
    const key = rateOf(category, rate)
    if (seen.has(key)) yield finding('DFFT-CHAIN-TAX', place, `${key} % stands twice`)
    seen.add(key)
    const covered = sum((byRate.get(key) ?? []).map(({ net }) => amount(net)))
    if (!adjusted(invoice) && compared(covered, amount(taxable)) !== 0)
      yield finding('DFFT-CHAIN-TAX', `${place}/taxable`, `the taxable amount is ${taxable}, and the lines at ${key} % come to ${textOf(covered)}`)
    const exact = shifted(times(amount(taxable), amount(rate)), 2)
    if (!roundedFrom(exact, amount(tax), minorUnit(currency)))
      yield finding('DFFT-CHAIN-TAX', `${place}/tax`, `the tax is ${tax}, and ${rate} % of ${taxable} is ${textOf(exact)}`)
  }
  for (const key of byRate.keys()) if (!seen.has(key)) yield finding('DFFT-CHAIN-TAX', `${path}/taxBreakdown`, `there is no tax for the lines at ${key} %`)
}

function rateOf(category: string, rate: string): string {
  return `${category} ${textOf(amount(rate))}`
}

/** Allowances and charges on the document fall on rates that this format does not tell; then only their sum is judged. */
function adjusted(invoice: ChainInvoice): boolean {
  return amount(invoice['BT-107']).units !== 0n || amount(invoice['BT-108']).units !== 0n
}

/** EN 16931-1, 6.4.3: BR-CO-10, 13, 14, 15, 16. */
function* totals(invoice: ChainInvoice, path: string): Iterable<ChainFinding> {
  const { lines, taxBreakdown } = invoice
  const at = (term: 'BT-106' | 'BT-107' | 'BT-108' | 'BT-109' | 'BT-110' | 'BT-112' | 'BT-113' | 'BT-114' | 'BT-115') => amount(invoice[term])
  const expected: readonly (readonly [term: 'BT-106' | 'BT-109' | 'BT-110' | 'BT-112' | 'BT-115', value: Decimal, how: string])[] = [
    ['BT-106', sum(lines.map(({ net }) => amount(net))), 'the lines come to'],
    ['BT-109', plus(minus(at('BT-106'), at('BT-107')), at('BT-108')), 'lines less allowances plus charges are'],
    ['BT-109', sum(taxBreakdown.map(({ taxable }) => amount(taxable))), 'the taxable amounts come to'],
    ['BT-110', sum(taxBreakdown.map(({ tax }) => amount(tax))), 'the taxes come to'],
    ['BT-112', plus(at('BT-109'), at('BT-110')), 'total and tax are'],
    ['BT-115', plus(minus(at('BT-112'), at('BT-113')), at('BT-114')), 'less what was paid before, it is'],
  ]
  for (const [term, value, how] of expected)
    if (compared(at(term), value) !== 0) yield finding('DFFT-CHAIN-TOTAL', `${path}/${term}`, `${term} is ${invoice[term]}, and ${how} ${textOf(value)}`)
}

function* decimals(invoice: ChainInvoice, path: string): Iterable<ChainFinding> {
  const { currency, lines, taxBreakdown } = invoice
  const terms = ['BT-106', 'BT-107', 'BT-108', 'BT-109', 'BT-110', 'BT-112', 'BT-113', 'BT-114', 'BT-115'] as const
  const written: readonly (readonly [string, string | undefined])[] = [
    ...lines.map(({ net }, at) => [`lines/${at}/net`, net] as const),
    ...taxBreakdown.flatMap(({ taxable, tax }, at) => [[`taxBreakdown/${at}/taxable`, taxable] as const, [`taxBreakdown/${at}/tax`, tax] as const]),
    ...terms.map((term) => [term, invoice[term]] as const),
  ]
  for (const [at, text] of written)
    if (!payable(amount(text), currency)) yield finding('DFFT-CHAIN-DECIMALS', `${path}/${at}`, `${text} has more decimals than ${currency}`)
}
