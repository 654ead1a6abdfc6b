/** What was paid for each invoice against what it asks for, credit notes and refunds included. */
import { compared, type Decimal, minus, plus, sum, textOf } from '../invoice/decimal.ts'
import type { Chain, ChainInvoice, ChainSettlement } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import { creditsOf, invoiceOf } from './links.ts'
import { amount, payable } from './money.ts'

export function* payments(chain: Chain): Iterable<ChainFinding> {
  for (const [at, { amount: paid, currency }] of chain.settlements.entries()) {
    if (amount(paid).units <= 0n) yield finding('DFFT-CHAIN-SIGN', `/settlements/${at}/amount`, `${paid} is no payment`)
    if (!payable(amount(paid), currency)) yield finding('DFFT-CHAIN-DECIMALS', `/settlements/${at}/amount`, `${paid} has more decimals than ${currency}`)
  }
  const paying = Map.groupBy(chain.settlements, (settlement) => invoiceOf(chain, settlement))
  const paidOf = (invoice: ChainInvoice) => (paying.get(invoice) ?? []).filter(({ currency }) => currency === invoice.currency)
  for (const [at, invoice] of chain.invoices.entries()) {
    const place = { chain, invoice, path: `/invoices/${at}`, paidOf }
    if (invoice.type === 'Invoice') yield* invoicePaid(place)
    else yield* creditWithin(place)
  }
}

interface Place {
  readonly chain: Chain
  readonly invoice: ChainInvoice
  readonly path: string
  readonly paidOf: (invoice: ChainInvoice) => readonly ChainSettlement[]
}

function* invoicePaid({ chain, invoice, path, paidOf }: Place): Iterable<ChainFinding> {
  const { issueDate } = invoice
  const settlements = paidOf(invoice)
  const before = total(settlements.filter(({ date }) => date < issueDate))
  const prepaid = amount(invoice['BT-113'])
  if (prepaid.units > 0n && compared(before, prepaid) < 0)
    yield finding('DFFT-CHAIN-PREPAID', `${path}/BT-113`, `${invoice['BT-113']} is said to have been paid before, and ${textOf(before)} is shown`)
  if (prepaid.units > 0n && compared(before, prepaid) > 0)
    yield finding('DFFT-CHAIN-OVERPAID', `${path}/BT-113`, `${textOf(before)} was paid before, of which the invoice takes off ${invoice['BT-113']}`)
  const since = prepaid.units > 0n ? minus(total(settlements), before) : total(settlements)
  const due = amount(invoice['BT-115'])
  const credits = creditsOf(chain, invoice)
  const credited = sum(credits.map((credit) => amount(credit['BT-115'])))
  const refunded = sum(credits.map((credit) => total(paidOf(credit))))
  yield* balance({ since, due, credited, refunded }, path)
}

interface Sums {
  readonly since: Decimal
  readonly due: Decimal
  readonly credited: Decimal
  readonly refunded: Decimal
}

function* balance({ since, due, credited, refunded }: Sums, path: string): Iterable<ChainFinding> {
  const owed = minus(minus(due, credited), minus(since, refunded))
  const told = `${textOf(minus(due, credited))} is due, and ${textOf(minus(since, refunded))} is paid`
  if (owed.units > 0n) yield finding('DFFT-CHAIN-UNDERPAID', `${path}/BT-115`, told)
  if (owed.units === 0n) return
  // Paid by the invoice as it stood, before it was credited: then the seller owes the rest, and nobody was wrong.
  if (owed.units < 0n && compared(since, due) <= 0) yield finding('DFFT-CHAIN-REFUND', `${path}/BT-115`, told)
  else if (owed.units < 0n) yield finding('DFFT-CHAIN-OVERPAID', `${path}/BT-115`, told)
}

/** No more is taken back than was invoiced, and no more is paid back than was taken back. */
function* creditWithin({ chain, invoice: credit, path, paidOf }: Place): Iterable<ChainFinding> {
  const invoice = chain.invoices.find(({ id, type }) => type === 'Invoice' && id === credit['BT-25_precedingInvoiceRef'])
  if (invoice) {
    const all = sum(creditsOf(chain, invoice).map((one) => amount(one['BT-112'])))
    if (compared(all, amount(invoice['BT-112'])) > 0)
      yield finding('DFFT-CHAIN-CREDIT', `${path}/BT-112`, `${textOf(all)} is credited of ${invoice['BT-112']} that was invoiced`)
  }
  const refunded = total(paidOf(credit))
  if (compared(refunded, amount(credit['BT-115'])) > 0)
    yield finding('DFFT-CHAIN-OVERPAID', `${path}/BT-115`, `${textOf(refunded)} was paid back of ${credit['BT-115']} credited`)
}

function total(settlements: readonly ChainSettlement[]): Decimal {
  return settlements.reduce((value, settlement) => plus(value, amount(settlement.amount)), amount('0'))
}
