/** What in a chain refers to what. */
import type { Chain, ChainInvoice, ChainSettlement } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'

export type ChainLine = Chain['order']['lines'][number]

/** The invoice or credit note that was paid: by its number, else by the remittance that only it has. */
export function invoiceOf({ invoices }: Chain, { invoiceRef, remittance }: ChainSettlement): ChainInvoice | undefined {
  if (invoiceRef !== undefined) return invoices.find(({ id }) => id === invoiceRef)
  const [one, ...others] = invoices.filter((invoice) => remittance !== undefined && invoice['BT-83_remittance'] === remittance)
  return others.length === 0 ? one : undefined
}

/** Money goes back only for a credit note. */
export function isRefund(chain: Chain, settlement: ChainSettlement): boolean {
  return invoiceOf(chain, settlement)?.type === 'CreditNote'
}

/** The credit notes about an invoice. */
export function creditsOf({ invoices }: Chain, { id }: ChainInvoice): readonly ChainInvoice[] {
  return invoices.filter((one) => one.type === 'CreditNote' && one['BT-25_precedingInvoiceRef'] === id)
}

/** Each document and line has a number of its own, and what a document names is there. */
export function* references(chain: Chain): Iterable<ChainFinding> {
  const { order, despatch, invoices, settlements } = chain
  yield* unique(
    order.lines.map(({ lineId }) => lineId),
    '/order/lines',
    'lineId',
  )
  yield* unique(
    despatch.map(({ id }) => id),
    '/despatch',
    'id',
  )
  yield* unique(
    invoices.map(({ id }) => id),
    '/invoices',
    'id',
  )
  yield* unique(
    settlements.map(({ id }) => id),
    '/settlements',
    'id',
  )
  yield* unique(
    settlements.map(({ endToEndId }) => endToEndId),
    '/settlements',
    'endToEndId',
  )
  for (const [at, { orderRef, lines }] of despatch.entries()) {
    yield* unique(
      lines.map(({ lineId }) => lineId),
      `/despatch/${at}/lines`,
      'lineId',
    )
    if (orderRef !== order.id) yield lost(`/despatch/${at}/orderRef`, 'order', orderRef)
  }
  for (const [at, invoice] of invoices.entries()) yield* ofInvoice(chain, invoice, `/invoices/${at}`)
  for (const [at, settlement] of settlements.entries()) yield* ofSettlement(chain, settlement, `/settlements/${at}`)
}

function* ofInvoice({ order, despatch, invoices }: Chain, invoice: ChainInvoice, path: string): Iterable<ChainFinding> {
  const { type, lines, currency } = invoice
  const { 'BT-12_contractRef': contract, 'BT-13_orderRef': ordered, 'BT-16_despatchRef': sent, 'BT-25_precedingInvoiceRef': preceding } = invoice
  yield* unique(
    lines.map(({ lineId }) => lineId),
    `${path}/lines`,
    'lineId',
  )
  if (ordered !== order.id) yield lost(`${path}/BT-13_orderRef`, 'order', ordered)
  if (sent !== undefined && !despatch.some(({ id }) => id === sent)) yield lost(`${path}/BT-16_despatchRef`, 'despatch advice', sent)
  if (contract !== undefined && order.contractRef !== undefined && contract !== order.contractRef)
    yield finding('DFFT-CHAIN-CONTRACT', `${path}/BT-12_contractRef`, `the contract is \`${contract}\`, and that of the order is \`${order.contractRef}\``)
  const needed = type === 'CreditNote' || preceding !== undefined
  if (needed && !invoices.some((one) => one !== invoice && one.id === preceding && one.type === 'Invoice'))
    yield lost(`${path}/BT-25_precedingInvoiceRef`, 'invoice', preceding)
  if (currency !== order.currency) yield finding('DFFT-CHAIN-CURRENCY', `${path}/currency`, `it is made out in ${currency}, and the order in ${order.currency}`)
}

function* ofSettlement(chain: Chain, settlement: ChainSettlement, path: string): Iterable<ChainFinding> {
  const invoice = invoiceOf(chain, settlement)
  const { remittance, invoiceRef, currency } = settlement
  if (!invoice) {
    yield lost(`${path}/invoiceRef`, 'invoice', invoiceRef ?? remittance)
    return
  }
  const expected = invoice['BT-83_remittance']
  if (remittance !== undefined && expected !== undefined && remittance !== expected)
    yield finding('DFFT-CHAIN-REMITTANCE', `${path}/remittance`, `the remittance is \`${remittance}\`, and \`${invoice.id}\` asks for \`${expected}\``)
  if (currency !== invoice.currency)
    yield finding('DFFT-CHAIN-CURRENCY', `${path}/currency`, `it was paid in ${currency}, and \`${invoice.id}\` is made out in ${invoice.currency}`)
}

function lost(path: string, kind: string, ref: string | undefined): ChainFinding {
  return finding('DFFT-CHAIN-REFERENCE', path, ref === undefined ? `it names no ${kind}` : `the chain has no ${kind} \`${ref}\``)
}

function* unique(names: readonly (string | undefined)[], path: string, member: string): Iterable<ChainFinding> {
  const seen = new Set<string>()
  for (const [at, name] of names.entries()) {
    if (name === undefined) continue
    if (seen.has(name)) yield finding('DFFT-CHAIN-DUPLICATE', `${path}/${at}/${member}`, `\`${name}\` stands twice`)
    seen.add(name)
  }
}
