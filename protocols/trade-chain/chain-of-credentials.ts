/** A chain of what credentials say: of an order, despatches and settlements their subjects, of invoices their semantic models. */
import type { Despatch } from '../credential-types/despatch/schema.ts'
import type { Organisation } from '../credential-types/identified.ts'
import type { Order } from '../credential-types/order/schema.ts'
import type { Settlement } from '../credential-types/settlement/schema.ts'
import { isScheme } from '../identifiers/check-identifier.ts'
import { compared, decimal, divided, sum, textOf, zero } from '../invoice/decimal.ts'
import type { Model } from '../invoice/model.ts'
import { creditNoteTypes } from '../invoice/rulesets/en16931-lists.ts'
import type { ChainParty } from './chain.ts'

interface Documents {
  readonly order: Order
  readonly despatch: readonly Despatch[]
  /** Terms and groups by number, as in `invoice` of an ElectronicInvoiceCredential. */
  readonly invoices: readonly Model[]
  readonly settlements: readonly Settlement[]
}

/** @returns what `judgeChain` judges; what an invoice lacks, it finds */
export function chainOfCredentials({ order, despatch, invoices, settlements }: Documents): unknown {
  const { orderNumber, orderedOn, buyer, seller, currency, contractNumber, lines } = order
  return tidied({
    order: {
      type: 'Order',
      id: orderNumber,
      issueDate: orderedOn,
      buyer: partyOf(buyer),
      seller: partyOf(seller),
      currency,
      contractRef: contractNumber,
      lines: lines.map(({ lineNumber, itemId: _, ...rest }) => ({ lineId: lineNumber, ...rest })),
    },
    despatch: despatch.map((one) => ({
      type: 'DespatchAdvice',
      id: one.despatchNumber,
      issueDate: one.despatchedOn,
      orderRef: one.orderNumber,
      buyer: partyOf(one.buyer),
      seller: partyOf(one.seller),
      lines: one.lines.map(({ lineNumber, orderLine, item, quantity, unit }) => ({
        lineId: lineNumber,
        orderLineRef: orderLine,
        item,
        deliveredQuantity: quantity,
        unit,
      })),
    })),
    invoices: invoices.map(invoiceOf),
    settlements: settlements.map((one) => ({
      type: 'Settlement',
      id: one.settlementNumber,
      date: one.paidOn,
      amount: one.amount,
      currency: one.currency,
      debtor: partyOf(one.debtor),
      creditor: partyOf(one.creditor),
      remittance: one.remittance,
      invoiceRef: one.invoiceNumber,
      endToEndId: one.endToEndId,
    })),
  })
}

function invoiceOf(model: Model): unknown {
  const totals = group(model, 'BG-22')
  const period = group(group(model, 'BG-13'), 'BG-14')
  const payee = group(model, 'BG-10')
  return {
    type: creditNoteTypes.includes(text(model, 'BT-3') ?? '') ? 'CreditNote' : 'Invoice',
    id: text(model, 'BT-1'),
    issueDate: text(model, 'BT-2'),
    dueDate: text(model, 'BT-9'),
    periodStart: text(period, 'BT-73'),
    periodEnd: text(period, 'BT-74'),
    currency: text(model, 'BT-5'),
    'BT-12_contractRef': text(model, 'BT-12'),
    'BT-13_orderRef': text(model, 'BT-13'),
    'BT-16_despatchRef': text(model, 'BT-16'),
    'BT-25_precedingInvoiceRef': text(groups(model, 'BG-3')[0], 'BT-25'),
    'BT-83_remittance': text(group(model, 'BG-16'), 'BT-83'),
    seller: partyIn(group(model, 'BG-4'), ['BT-27', 'BT-29', 'BT-30', 'BT-31']),
    buyer: partyIn(group(model, 'BG-7'), ['BT-44', 'BT-46', 'BT-47', 'BT-48']),
    payee: payee && partyIn(payee, ['BT-59', 'BT-60', 'BT-61', '']),
    lines: groups(model, 'BG-25').map(lineOf),
    taxBreakdown: groups(model, 'BG-23').map((one) => ({
      category: text(one, 'BT-118'),
      rate: text(one, 'BT-119') ?? '0',
      taxable: text(one, 'BT-116'),
      tax: text(one, 'BT-117'),
    })),
    ...Object.fromEntries(['BT-106', 'BT-107', 'BT-108', 'BT-109', 'BT-110', 'BT-112', 'BT-113', 'BT-114', 'BT-115'].map((term) => [term, text(totals, term)])),
  }
}

function lineOf(model: Model): unknown {
  const vat = group(model, 'BG-30')
  return {
    lineId: text(model, 'BT-126'),
    orderLineRef: text(model, 'BT-132'),
    item: text(group(model, 'BG-31'), 'BT-153'),
    quantity: text(model, 'BT-129'),
    unit: text(model, 'BT-130'),
    price: unitPrice(group(model, 'BG-29')),
    taxCategory: text(vat, 'BT-151'),
    taxRate: text(vat, 'BT-152') ?? '0',
    allowance: total(groups(model, 'BG-27'), 'BT-136'),
    charge: total(groups(model, 'BG-28'), 'BT-141'),
    net: text(model, 'BT-131'),
  }
}

/** Digits after the point of a price that does not come out even; the schema takes no more. */
const priceScale = 10

/** A price may be that of a dozen. */
function unitPrice(price: Model | undefined): string | undefined {
  const net = text(price, 'BT-146')
  const [value, base] = [decimal(net ?? ''), decimal(text(price, 'BT-149') ?? '1')]
  const one = value && base && compared(base, zero) > 0 ? divided(value, base, priceScale) : undefined
  return one ? textOf(one) : net
}

function total(all: readonly Model[], term: string): string | undefined {
  return all.length === 0 ? undefined : textOf(sum(all.map((one) => decimal(text(one, term) ?? '') ?? zero)))
}

function group(model: Model | undefined, id: string): Model | undefined {
  const found = model?.[id]
  return typeof found === 'object' && !Array.isArray(found) ? (found as Model) : undefined // A term with a scheme is none of those asked for.
}

function groups(model: Model | undefined, id: string): readonly Model[] {
  const found = model?.[id]
  return Array.isArray(found) ? (found as readonly Model[]) : [] // Likewise.
}

function text(model: Model | undefined, id: string): string | undefined {
  const found = model?.[id]
  return typeof found === 'string' ? found : undefined
}

interface Numbered {
  readonly scheme: string
  readonly value: string
}

function partyOf({ name, identifiers }: Organisation): ChainParty {
  return withNumbers(name[0]?.value, identifiers)
}

function partyIn(party: Model | undefined, [name = '', ids = '', legal = '', vat = '']: readonly string[]): ChainParty {
  const listed = [party?.[ids], party?.[legal]].flat().flatMap((one): Numbered[] => {
    const { scheme, value } = (one ?? {}) as Partial<Numbered> // A term with a scheme, or absent.
    return scheme !== undefined && value !== undefined && (isScheme(scheme) || /^\d{4}$/.test(scheme)) ? [{ scheme, value }] : []
  })
  const number = text(party, vat)
  return withNumbers(text(party, name), [...listed, ...(number === undefined ? [] : [{ scheme: /^T\d/.test(number) ? '0221' : 'EU-VAT', value: number }])])
}

/** A number that stands twice is told once; one that stands in two ways is told both times, and found. */
function withNumbers(name: string | undefined, numbers: readonly Numbered[]): ChainParty {
  const distinct = [...new Map(numbers.map((one) => [`${one.scheme} ${one.value}`, one])).values()]
  const jp = distinct.find(({ scheme }) => scheme === '0188')
  const issuer = distinct.find(({ scheme }) => scheme === '0221')
  const identifiers = distinct.filter((one) => one !== jp && one !== issuer)
  return { name, jpCorporateNumber: jp?.value, jpInvoiceRegistrationNumber: issuer?.value, ...(identifiers.length > 0 ? { identifiers } : {}) }
}

/** Without members that are not there. */
function tidied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidied)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, tidied(member)]])))
}
