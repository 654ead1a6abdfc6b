/** SettlementCredential: that an invoice was paid, as whoever moved the money stands by it. */
import { describeType, type GroupRow } from '../describe-type.ts'
import context from './context.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import { Settlement, type SettlementPart, settlementPart } from './schema.ts'

const name = 'SettlementCredential'

export const settlement = describeType({
  name,
  slug: 'settlement',
  about: 'organisation',
  subject: Settlement,
  subjectPartial: settlementPart,
  context,
  schema,
  contextDigest: 'sha256:4922ff861266ca867f8465f6d353e54a2814aa384ae0fc8b566460089335bfdc',
  schemaDigest: 'sha256:33ff9e31170e68e981607d90819215e4c969f3dbfd18464dd73a29edb34f3136',
  groups: {
    settlementNumber: ['settlement', 'Number', '決済番号'],
    paidOn: ['settlement', 'Date of payment', '支払日'],
    amount: ['settlement', 'Amount', '金額'],
    currency: ['settlement', 'Currency', '通貨'],
    debtor: ['settlement', 'Debtor', '支払人'],
    creditor: ['settlement', 'Creditor', '受取人'],
    invoiceNumber: ['settlement', 'Invoice', '請求書番号'],
    remittance: ['settlement', 'Remittance information', '支払の摘要'],
    endToEndId: ['settlement', 'End-to-end identification', 'エンド・ツー・エンド識別子'],
    attachments: ['settlement.attachment', 'Attachments', '添付書類'],
    extension: ['settlement', 'Further particulars', 'その他の事項'],
  } satisfies Record<keyof Settlement, GroupRow>,
  parts: { attachments: 'each' },
  title,
})

/** Number and amount, as far as they are shown. */
function title({ settlementNumber, amount, currency }: Partial<SettlementPart>): string {
  return [settlementNumber ?? name, amount && [amount, currency].filter(Boolean).join(' ')].filter(Boolean).join(' – ')
}
