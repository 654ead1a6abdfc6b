/** The subject of a SettlementCredential: that an invoice was paid. Closed but for `extension`. */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { once } from '../../once.ts'
import { Day, Extension, line } from '../elements.ts'
import { Currency, DecimalText, Organisation } from '../identified.ts'

const shape = {
  settlementNumber: line(256),
  paidOn: Day,
  amount: DecimalText.refine((amount) => /[1-9]/.test(amount), { error: 'nothing was paid' }),
  currency: Currency,
  debtor: Organisation,
  creditor: Organisation,
  invoiceNumber: line(256).optional(),
  remittance: line(256).optional(),
  /** ISO 20022, EndToEndIdentification. */
  endToEndId: z
    .string()
    .regex(/^[!-~](?:[ -~]{0,33}[!-~])?$/)
    .optional(),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const Settlement = z.strictObject(shape).refine(({ invoiceNumber, remittance }) => invoiceNumber !== undefined || remittance !== undefined, {
  path: ['invoiceNumber'],
  error: 'a payment says what it is for',
})
export type Settlement = z.infer<typeof Settlement>

export const settlementPart = once(() => z.strictObject({ ...shape, attachments: z.array(Attachment).max(attachmentsMax) }).partial())
export type SettlementPart = z.infer<ReturnType<typeof settlementPart>>
