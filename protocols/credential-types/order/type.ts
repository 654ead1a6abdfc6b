/** OrderCredential: what a buyer ordered, as the buyer stands by it. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { Order, type OrderPart, orderPart } from './schema.ts'

const name = 'OrderCredential'

export const order = describeType({
  name,
  slug: 'order',
  about: 'organisation',
  subject: Order,
  subjectPartial: orderPart,
  context,
  schema,
  contextDigest: 'sha256:437a95d8692f0122e0e097324c2de6279faf70f0cdf9a94242d54ccf75c095b7',
  schemaDigest: 'sha256:918b2335b3998ee790b8dbba90600245f535581e3416ec4a6057a93060d821e2',
  groups: {
    orderNumber: ['order', 'Order number', '発注番号'],
    orderedOn: ['order', 'Date of the order', '発注日'],
    buyer: ['order', 'Buyer', '買手'],
    seller: ['order', 'Seller', '売手'],
    currency: ['order', 'Currency', '通貨'],
    contractNumber: ['order', 'Contract', '契約番号'],
    deliverBy: ['order', 'Date of delivery', '納期'],
    lines: ['order', 'Lines', '明細'],
    attachments: ['order.attachment', 'Attachments', '添付書類'],
    extension: ['order', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof Order, GroupRow>,
  parts: { attachments: 'each' },
  title,
})

/** Number and buyer, as far as they are shown. */
function title({ orderNumber, buyer }: Partial<OrderPart>): string {
  return [orderNumber ?? name, buyer?.name[0]?.value].filter(Boolean).join(' – ')
}
