/** Line by line: as ordered, no more than ordered, and paid for no more than delivered. */
import { compared, type Decimal, minus, plus, textOf, zero } from '../invoice/decimal.ts'
import type { Chain, ChainInvoice } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import type { ChainLine } from './links.ts'
import { amount } from './money.ts'

interface Tally {
  readonly ordered: Decimal
  readonly price: Decimal
  delivered: Decimal
  invoiced: Decimal
  credited: Decimal
}

/** Price and quantities of each line, over all documents. */
export function* quantities(chain: Chain): Iterable<ChainFinding> {
  const { order, despatch, invoices } = chain
  const lines = new Map(order.lines.map((line) => [line.lineId, line]))
  const tallies = new Map(order.lines.map((line) => [line.lineId, tallyOf(line)]))
  for (const [at, { quantity, price }] of order.lines.entries()) yield* unsigned({ quantity, price }, `/order/lines/${at}`)
  for (const [at, one] of despatch.entries())
    for (const [index, given] of one.lines.entries()) {
      const path = `/despatch/${at}/lines/${index}`
      yield* unsigned({ deliveredQuantity: given.deliveredQuantity }, path)
      yield* asOrdered(given, lines, path)
      // What was sent for another order does not count for this one.
      if (one.orderRef === order.id) yield* deliver(tallies.get(given.orderLineRef ?? ''), amount(given.deliveredQuantity), `${path}/deliveredQuantity`)
    }
  for (const [at, one] of inOrder(invoices))
    for (const [index, given] of one.lines.entries()) {
      const path = `/invoices/${at}/lines/${index}`
      yield* unsigned({ quantity: given.quantity, price: given.price, net: given.net }, path)
      yield* asOrdered(given, lines, path)
      yield* asPriced(given, lines.get(given.orderLineRef ?? ''), path, one.type)
      if (one['BT-13_orderRef'] === order.id) yield* invoice(tallies.get(given.orderLineRef ?? ''), given, `${path}/quantity`, one.type)
    }
  yield* remaining(chain, tallies)
}

function tallyOf({ quantity, price }: ChainLine): Tally {
  return { ordered: amount(quantity), price: amount(price), delivered: zero, invoiced: zero, credited: zero }
}

/** Credit notes first: what they take back may be invoiced again. */
function inOrder(invoices: readonly ChainInvoice[]): readonly [number, ChainInvoice][] {
  return [...invoices.entries()].sort(([, one], [, other]) => Number(one.type === 'Invoice') - Number(other.type === 'Invoice'))
}

function* unsigned(numbers: Readonly<Record<string, string>>, path: string): Iterable<ChainFinding> {
  for (const [member, text] of Object.entries(numbers))
    if (amount(text).units < 0n) yield finding('DFFT-CHAIN-SIGN', `${path}/${member}`, `\`${text}\` is below zero`)
}

interface GivenLine {
  readonly orderLineRef?: string | undefined
  readonly item: string
  readonly unit: string
}

function* asOrdered(given: GivenLine, lines: ReadonlyMap<string, ChainLine>, path: string): Iterable<ChainFinding> {
  const { orderLineRef } = given
  const ordered = lines.get(orderLineRef ?? '')
  if (!ordered) {
    const what = orderLineRef === undefined ? 'it names no line of the order' : `the order has no line \`${orderLineRef}\``
    yield finding('DFFT-CHAIN-REFERENCE-LINE', `${path}/orderLineRef`, what)
    return
  }
  if (given.item !== ordered.item) yield finding('DFFT-CHAIN-ITEM', `${path}/item`, `\`${given.item}\` stands for \`${ordered.item}\`, which was ordered`)
  if (given.unit !== ordered.unit) yield finding('DFFT-CHAIN-UNIT', `${path}/unit`, `the unit is ${given.unit}, and was ${ordered.unit} in the order`)
}

/** A credit note may take back a part of the price, and no more than the price. */
function* asPriced(given: ChainInvoice['lines'][number], ordered: ChainLine | undefined, path: string, type: ChainInvoice['type']): Iterable<ChainFinding> {
  if (!ordered) return
  const difference = compared(amount(given.price), amount(ordered.price))
  if (type === 'Invoice' ? difference !== 0 : difference > 0)
    yield finding('DFFT-CHAIN-PRICE', `${path}/price`, `the price is ${given.price}, and ${ordered.price} was ordered`)
  if (ordered.taxCategory !== undefined && given.taxCategory !== ordered.taxCategory)
    yield finding('DFFT-CHAIN-TAX-RATE', `${path}/taxCategory`, `the category of tax is ${given.taxCategory}, and ${ordered.taxCategory} in the order`)
  if (ordered.taxRate !== undefined && compared(amount(given.taxRate), amount(ordered.taxRate)) !== 0)
    yield finding('DFFT-CHAIN-TAX-RATE', `${path}/taxRate`, `the rate of tax is ${given.taxRate}, and ${ordered.taxRate} in the order`)
}

function* deliver(tally: Tally | undefined, quantity: Decimal, path: string): Iterable<ChainFinding> {
  if (!tally) return
  tally.delivered = plus(tally.delivered, quantity)
  if (compared(tally.delivered, tally.ordered) > 0)
    yield finding('DFFT-CHAIN-OVER-DELIVERED', path, `${textOf(tally.delivered)} were delivered of ${textOf(tally.ordered)} ordered`)
}

/** Only what is credited at the full price came back, or was never there. */
function* invoice(tally: Tally | undefined, given: ChainInvoice['lines'][number], path: string, type: ChainInvoice['type']): Iterable<ChainFinding> {
  if (!tally) return
  if (type === 'CreditNote') {
    if (compared(amount(given.price), tally.price) === 0) tally.credited = plus(tally.credited, amount(given.quantity))
    return
  }
  tally.invoiced = plus(tally.invoiced, amount(given.quantity))
  const claimed = minus(tally.invoiced, tally.credited)
  if (compared(claimed, tally.ordered) > 0)
    yield finding('DFFT-CHAIN-QUANTITY-ORDERED', path, `${textOf(claimed)} are invoiced of ${textOf(tally.ordered)} ordered`)
  else if (compared(claimed, tally.delivered) > 0)
    yield finding('DFFT-CHAIN-QUANTITY-DELIVERED', path, `${textOf(claimed)} are invoiced, and ${textOf(tally.delivered)} were delivered`)
}

/** What is still to come; and no more is credited than was invoiced. */
function* remaining({ order, invoices }: Chain, tallies: ReadonlyMap<string, Tally>): Iterable<ChainFinding> {
  if (invoices.length === 0) yield finding('DFFT-CHAIN-NOT-INVOICED', '/invoices', 'nothing is invoiced yet')
  for (const [at, { lineId }] of order.lines.entries()) {
    const { ordered, delivered, invoiced, credited } = tallies.get(lineId) ?? tallyOf({ lineId, item: '', quantity: '0', unit: '', price: '0' })
    const path = `/order/lines/${at}/quantity`
    if (compared(credited, invoiced) > 0) yield finding('DFFT-CHAIN-CREDIT', path, `${textOf(credited)} are credited of ${textOf(invoiced)} that were invoiced`)
    if (compared(delivered, ordered) < 0) yield finding('DFFT-CHAIN-NOT-FULLY-DELIVERED', path, `${textOf(delivered)} of ${textOf(ordered)} are delivered`)
    if (invoices.length > 0 && compared(invoiced, delivered) < 0)
      yield finding('DFFT-CHAIN-NOT-INVOICED', path, `${textOf(invoiced)} of ${textOf(delivered)} that were delivered are invoiced`)
  }
}
