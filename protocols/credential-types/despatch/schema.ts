/** The subject of a DespatchCredential: what a seller sent of an order. Closed but for `extension`. */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { once } from '../../once.ts'
import { Day, Extension, line } from '../elements.ts'
import { Identifier, Organisation, Quantity, Unit } from '../identified.ts'

const DespatchLine = z.strictObject({
  lineNumber: line(64),
  orderLine: line(64),
  item: line(512),
  itemId: Identifier.optional(),
  quantity: Quantity,
  unit: Unit,
})

const shape = {
  despatchNumber: line(256),
  despatchedOn: Day,
  orderNumber: line(256),
  buyer: Organisation,
  seller: Organisation,
  carrier: Organisation.optional(),
  lines: z.array(DespatchLine).min(1).max(1000),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const Despatch = z
  .strictObject(shape)
  .refine(({ lines }) => new Set(lines.map(({ lineNumber }) => lineNumber)).size === lines.length, { path: ['lines'], error: 'a line stands twice' })
export type Despatch = z.infer<typeof Despatch>

export const despatchPart = once(() => z.strictObject({ ...shape, attachments: z.array(Attachment).max(attachmentsMax) }).partial())
export type DespatchPart = z.infer<ReturnType<typeof despatchPart>>
