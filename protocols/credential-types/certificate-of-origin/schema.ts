/**
 * The subject of a CertificateOfOriginCredential: where goods come from, as a chamber or a customs authority certifies it.
 * Closed but for `extension`.
 */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { once } from '../../once.ts'
import { Country, Day, Extension, line } from '../elements.ts'
import { Identifier, Organisation, Quantity, Unit } from '../identified.ts'

/** `classification`: Harmonized System of the World Customs Organization, and what a customs territory adds to its six digits. */
const Goods = z.strictObject({
  item: line(512),
  itemId: Identifier.optional(),
  classification: z.string().regex(/^\d{6}(?:\d{2}){0,2}$/),
  origin: Country,
  /** By what they count as of there, in the words of the agreement: `WO`, `CTH`, `RVC40` … */
  criterion: line(64).optional(),
  quantity: Quantity,
  unit: Unit,
})

const shape = {
  certificateNumber: line(256),
  issuedOn: Day,
  kind: z.enum(['nonPreferential', 'preferential']),
  /** Under which a preference is claimed. */
  agreement: line(256).optional(),
  exporter: Organisation,
  producer: Organisation.optional(),
  consignee: Organisation.optional(),
  destination: Country.optional(),
  invoiceNumber: line(256).optional(),
  goods: z.array(Goods).min(1).max(500),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const CertificateOfOrigin = z
  .strictObject(shape)
  .refine(({ kind, agreement }) => (kind === 'preferential') === (agreement !== undefined), {
    path: ['agreement'],
    error: 'a preference rests on an agreement',
  })
  .refine(({ kind, goods }) => kind === 'nonPreferential' || goods.every(({ criterion }) => criterion !== undefined), {
    path: ['goods'],
    error: 'goods with a preference say by which criterion',
  })
export type CertificateOfOrigin = z.infer<typeof CertificateOfOrigin>

export const certificateOfOriginPart = once(() => z.strictObject({ ...shape, attachments: z.array(Attachment).max(attachmentsMax) }).partial())
export type CertificateOfOriginPart = z.infer<ReturnType<typeof certificateOfOriginPart>>
