/**
 * A trade as its documents tell it: one order, what was despatched, what was invoiced or credited, what was paid. Neutral JSON, in which
 * terms of an invoice have the numbers of EN 16931; numbers are text, so that they stay exact.
 *
 * It is judged by judge-chain.ts. Its JSON Schema is published as docs/schemas/trade-chain.json.
 */
import { z } from 'zod'
import type { Json } from '../json.ts'

const text = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u)

/** The number of a document or of a line in it. */
const Id = text(200)
/** As in decimal.ts, in one way of writing: no plus, no exponent. */
const Amount = z.string().regex(/^-?\d{1,18}(?:\.\d{1,10})?$/)
const Currency = z.string().regex(/^[A-Z]{3}$/)
/** A day; that the calendar has it is judged. */
const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
/** UNECE Recommendation 20 or 21. */
const Unit = z.string().regex(/^[0-9A-Z]{1,3}$/)

/** At least one number of a register; a name alone says nothing about who it is. */
export const ChainParty = z.strictObject({
  name: text(512).optional(),
  jpCorporateNumber: text(32).optional(),
  jpInvoiceRegistrationNumber: text(32).optional(),
  lei: text(32).optional(),
  gln: text(32).optional(),
  /** Of the European Union. */
  vatId: text(32).optional(),
  /** Any other: by ISO 6523 code (ICD), or a name of protocols/identifiers. */
  identifiers: z
    .array(z.strictObject({ scheme: text(32), value: text(128) }))
    .max(16)
    .optional(),
})
export type ChainParty = z.infer<typeof ChainParty>

/** A document of ten thousand lines is the longest that public validators are tried with. */
const linesMax = 10_000
/** A framework order is called off and paid daily for some years at most. */
const documentsMax = 1000

/** `price` is without tax, of one unit. */
const priced = { item: text(512), quantity: Amount, unit: Unit, price: Amount, taxCategory: z.string().regex(/^[A-Z]{1,3}$/), taxRate: Amount }

const OrderLine = z.strictObject({ lineId: Id, ...priced, taxCategory: priced.taxCategory.optional(), taxRate: priced.taxRate.optional() })

export const Order = z.strictObject({
  type: z.literal('Order'),
  id: Id,
  issueDate: Day,
  buyer: ChainParty,
  seller: ChainParty,
  currency: Currency,
  contractRef: Id.optional(),
  lines: z.array(OrderLine).min(1).max(linesMax),
})

const DespatchLine = z.strictObject({ lineId: Id, orderLineRef: Id.optional(), item: text(512), deliveredQuantity: Amount, unit: Unit })

export const Despatch = z.strictObject({
  type: z.literal('DespatchAdvice'),
  id: Id,
  issueDate: Day,
  orderRef: Id.optional(),
  buyer: ChainParty,
  seller: ChainParty,
  lines: z.array(DespatchLine).min(1).max(linesMax),
})

/** `net` is quantity times price, less what is allowed, plus what is charged on the line. */
const InvoiceLine = z.strictObject({
  lineId: Id,
  orderLineRef: Id.optional(),
  ...priced,
  allowance: Amount.optional(),
  charge: Amount.optional(),
  net: Amount,
})
const TaxLine = z.strictObject({ category: priced.taxCategory, rate: Amount, taxable: Amount, tax: Amount })

/** A credit note has the amounts that it takes back, without a sign, and names the invoice that it is about. */
export const Invoice = z.strictObject({
  type: z.enum(['Invoice', 'CreditNote']),
  id: Id,
  issueDate: Day,
  dueDate: Day.optional(),
  periodStart: Day.optional(),
  periodEnd: Day.optional(),
  currency: Currency,
  'BT-12_contractRef': Id.optional(),
  'BT-13_orderRef': Id.optional(),
  'BT-16_despatchRef': Id.optional(),
  'BT-25_precedingInvoiceRef': Id.optional(),
  'BT-83_remittance': Id.optional(),
  seller: ChainParty,
  buyer: ChainParty,
  /** Who is paid, where that is not the seller. */
  payee: ChainParty.optional(),
  lines: z.array(InvoiceLine).min(1).max(linesMax),
  taxBreakdown: z.array(TaxLine).min(1).max(64),
  /** Sum of lines; allowances and charges on the document; total without tax; tax; total with tax; paid before; rounding; due. */
  'BT-106': Amount,
  'BT-107': Amount.optional(),
  'BT-108': Amount.optional(),
  'BT-109': Amount,
  'BT-110': Amount,
  'BT-112': Amount,
  'BT-113': Amount.optional(),
  'BT-114': Amount.optional(),
  'BT-115': Amount,
})

/** Money that went from debtor to creditor; back from the seller, where it names a credit note. */
export const Settlement = z.strictObject({
  type: z.literal('Settlement'),
  id: Id,
  date: Day,
  amount: Amount,
  currency: Currency,
  debtor: ChainParty,
  creditor: ChainParty,
  remittance: Id.optional(),
  invoiceRef: Id.optional(),
  endToEndId: Id.optional(),
})

export const Chain = z.strictObject({
  order: Order,
  despatch: z.array(Despatch).max(documentsMax).optional(),
  invoices: z.array(Invoice).max(documentsMax).optional(),
  settlements: z.array(Settlement).max(documentsMax).optional(),
})
export type ChainOrder = z.infer<typeof Order>
export type ChainDespatch = z.infer<typeof Despatch>
export type ChainInvoice = z.infer<typeof Invoice>
export type ChainSettlement = z.infer<typeof Settlement>

export interface Chain {
  readonly order: ChainOrder
  readonly despatch: readonly ChainDespatch[]
  readonly invoices: readonly ChainInvoice[]
  readonly settlements: readonly ChainSettlement[]
}

export function chainJsonSchema(): Json {
  const { $schema, ...rest } = z.toJSONSchema(Chain, { target: 'draft-2020-12' })
  return {
    $schema,
    title: 'Trade chain',
    description:
      'One order with its despatch advices, invoices or credit notes, and settlements. Amounts are text with a point. Also: days are in the calendar, identifiers pass the check of their scheme, and everything that `dfft invoice chain` judges.',
    ...rest,
  } as unknown as Json // A JSON Schema is JSON.
}
