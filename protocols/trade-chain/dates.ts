/** Days are in the calendar, and no document is older than what it names. */
import { isDay } from '../credential/timestamp.ts'
import type { Chain, ChainInvoice } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import { invoiceOf } from './links.ts'
import { amount } from './money.ts'

export function* dates(chain: Chain): Iterable<ChainFinding> {
  const { order, despatch, invoices, settlements } = chain
  yield* days({ issueDate: order.issueDate }, '/order')
  const invoiced = invoices.filter(({ type }) => type === 'Invoice').map(({ issueDate }) => issueDate)
  for (const [at, { issueDate }] of despatch.entries()) {
    yield* days({ issueDate }, `/despatch/${at}`)
    // Lawful, and nothing to pay before it came.
    if (invoiced.length > 0 && invoiced.every((day) => day < issueDate))
      yield finding('DFFT-CHAIN-IN-ADVANCE', `/despatch/${at}/issueDate`, `it was sent on ${issueDate}, after the last invoice`)
    yield* notBefore(`/despatch/${at}/issueDate`, issueDate, order.issueDate, 'the order')
  }
  for (const [at, invoice] of invoices.entries()) yield* ofInvoice(chain, invoice, `/invoices/${at}`)
  for (const [at, settlement] of settlements.entries()) {
    const { date } = settlement
    yield* days({ date }, `/settlements/${at}`)
    yield* notBefore(`/settlements/${at}/date`, date, order.issueDate, 'the order')
    const invoice = invoiceOf(chain, settlement)
    // What was paid before the invoice, the invoice takes off.
    if (invoice && amount(invoice['BT-113']).units === 0n)
      yield* notBefore(`/settlements/${at}/date`, date, invoice.issueDate, `\`${invoice.id}\`, which it pays`)
    if (invoice?.dueDate !== undefined && date > invoice.dueDate)
      yield finding('DFFT-CHAIN-LATE', `/settlements/${at}/date`, `it was paid on ${date}, and was due on ${invoice.dueDate}`)
  }
}

function* ofInvoice({ order, despatch, invoices }: Chain, invoice: ChainInvoice, path: string): Iterable<ChainFinding> {
  const { issueDate, dueDate, periodStart, periodEnd } = invoice
  const { 'BT-16_despatchRef': sent, 'BT-25_precedingInvoiceRef': preceding } = invoice
  yield* days({ issueDate, dueDate, periodStart, periodEnd }, path)
  yield* notBefore(`${path}/issueDate`, issueDate, order.issueDate, 'the order')
  yield* notBefore(`${path}/issueDate`, issueDate, despatch.find(({ id }) => id === sent)?.issueDate, 'the despatch advice that it names')
  yield* notBefore(`${path}/issueDate`, issueDate, invoices.find(({ id }) => id === preceding)?.issueDate, 'the invoice that it is about')
  yield* notBefore(`${path}/dueDate`, dueDate, issueDate, 'the invoice')
  yield* notBefore(`${path}/periodEnd`, periodEnd, periodStart, 'the beginning of the period')
}

function* days(given: Readonly<Record<string, string | undefined>>, path: string): Iterable<ChainFinding> {
  for (const [member, day] of Object.entries(given))
    if (day !== undefined && !isDay(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8))))
      yield finding('DFFT-CHAIN-DATE', `${path}/${member}`, `there is no day ${day}`)
}

function* notBefore(path: string, day: string | undefined, other: string | undefined, what: string): Iterable<ChainFinding> {
  if (day !== undefined && other !== undefined && day < other) yield finding('DFFT-CHAIN-DATE', path, `${day} is before ${what}, ${other}`)
}
