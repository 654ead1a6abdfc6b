/** ElectronicInvoiceCredential: an invoice that its seller stands by, whose parts can be withheld. */
import { describeType } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import { invoiceGroups } from './invoice-groups.ts'
import schema from './schema.json' with { type: 'json' }
import { ElectronicInvoice, type ElectronicInvoicePart, electronicInvoicePart } from './schema.ts'

const name = 'ElectronicInvoiceCredential'

export const electronicInvoice = describeType({
  name,
  slug: 'electronic-invoice',
  about: 'organisation',
  subject: ElectronicInvoice,
  subjectPartial: electronicInvoicePart,
  context,
  schema,
  contextDigest: 'sha256:218686b6248ca0dbfad8e0566d64ecf7a7e7f6129e47eab13213ef82db3fc1d9',
  schemaDigest: 'sha256:cfa96c32ff3e4753ae44c4c042303b5fa29c4402d428f8fd4e865d0e8178d91a',
  groups: {
    ...invoiceGroups,
    // Whoever has a digest of the whole can try out what is withheld, until it fits: digests go where all of it may go.
    document: ['invoice.digest', 'Source document', '元の文書'],
    semanticDigest: ['invoice.digest', 'Digest of the meaning', '意味内容のダイジェスト'],
    references: ['invoice.header', 'Documents it rests on', '参照文書'],
    validation: ['invoice.header', 'Validation', '検証結果'],
    lifecycle: ['invoice.header', 'State', '状態'],
    // A file may hold anything, persons too, and nobody has looked: it goes where a policy permits files, and not with the claims beside it.
    attachments: ['invoice.attachment', 'Attachments', '添付書類'],
    // No reference policy permits this category alone: what nobody has described is withheld until a jurisdiction says otherwise.
    extension: ['invoice', 'Further particulars', 'その他の事項'],
  },
  parts: { attachments: 'each' },
  title,
})

/** Number, seller and amount, as far as they are shown. */
function title(part: Partial<ElectronicInvoicePart>): string {
  const invoice: Readonly<Record<string, unknown>> = part.invoice ?? {}
  const inner = (group: string, term: string) => (invoice[group] as Readonly<Record<string, unknown>> | undefined)?.[term] // Groups by the schema.
  const amount = inner('BG-22', 'BT-115')
  const words = [invoice['BT-1'], inner('BG-4', 'BT-27'), amount && [amount, invoice['BT-5']].filter(Boolean).join(' ')].filter(Boolean)
  return words.length > 0 ? words.join(' – ') : name
}
