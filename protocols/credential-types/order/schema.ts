/** The subject of an OrderCredential: what a buyer ordered. Closed but for `extension`. */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { once } from '../../once.ts'
import { Day, Extension, line } from '../elements.ts'
import { Currency, Identifier, Organisation, Quantity, Unit } from '../identified.ts'

/** `price` is of one unit, without tax. */
const OrderLine = z.strictObject({
  lineNumber: line(64),
  item: line(512),
  itemId: Identifier.optional(),
  quantity: Quantity,
  unit: Unit,
  price: Quantity,
  taxCategory: z
    .string()
    .regex(/^[A-Z]{1,3}$/)
    .optional(),
  taxRate: Quantity.optional(),
})

const shape = {
  orderNumber: line(256),
  orderedOn: Day,
  buyer: Organisation,
  seller: Organisation,
  currency: Currency,
  contractNumber: line(256).optional(),
  deliverBy: Day.optional(),
  lines: z.array(OrderLine).min(1).max(1000),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const Order = z
  .strictObject(shape)
  .refine(({ lines }) => new Set(lines.map(({ lineNumber }) => lineNumber)).size === lines.length, { path: ['lines'], error: 'a line stands twice' })
  .refine(({ orderedOn, deliverBy }) => deliverBy === undefined || orderedOn <= deliverBy, { path: ['deliverBy'], error: 'is before the order' })
export type Order = z.infer<typeof Order>

export const orderPart = once(() => z.strictObject({ ...shape, attachments: z.array(Attachment).max(attachmentsMax) }).partial())
export type OrderPart = z.infer<ReturnType<typeof orderPart>>
