/** DespatchCredential: what a seller sent, as the seller stands by it. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { Despatch, type DespatchPart, despatchPart } from './schema.ts'

const name = 'DespatchCredential'

export const despatch = describeType({
  name,
  slug: 'despatch',
  about: 'organisation',
  subject: Despatch,
  subjectPartial: despatchPart,
  context,
  schema,
  contextDigest: 'sha256:a2b03c384bbe486ec0034cb8be297bcf92f92e07039d9b4750e6b4bb2798e8c2',
  schemaDigest: 'sha256:672bf7f933692164b1e6b7d8ac1e6509c41f3f79d574329119e296e560463de6',
  groups: {
    despatchNumber: ['despatch', 'Number of the despatch advice', '出荷案内番号'],
    despatchedOn: ['despatch', 'Date of despatch', '出荷日'],
    orderNumber: ['despatch', 'Order', '発注番号'],
    buyer: ['despatch', 'Buyer', '買手'],
    seller: ['despatch', 'Seller', '売手'],
    carrier: ['despatch', 'Carrier', '運送人'],
    lines: ['despatch', 'Lines', '明細'],
    attachments: ['despatch.attachment', 'Attachments', '添付書類'],
    extension: ['despatch', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof Despatch, GroupRow>,
  parts: { attachments: 'each' },
  title,
})

/** Number and seller, as far as they are shown. */
function title({ despatchNumber, seller }: Partial<DespatchPart>): string {
  return [despatchNumber ?? name, seller?.name[0]?.value].filter(Boolean).join(' – ')
}
