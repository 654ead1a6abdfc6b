/** The parts of an invoice that are asked for, and withheld, as a whole: terms of its head, groups, and the parts of seller and buyer. */
import type { GroupRow } from '../describe-type.ts'

const header = {
  'BT-1': ['Invoice number', '請求書番号'],
  'BT-2': ['Issue date', '発行日'],
  'BT-3': ['Type', '請求書の種類'],
  'BT-5': ['Currency', '通貨'],
  'BT-9': ['Due date', '支払期日'],
  'BT-10': ['Buyer reference', '買手の参照番号'],
  'BT-11': ['Project', 'プロジェクト'],
  'BT-12': ['Contract', '契約番号'],
  'BT-13': ['Order', '発注番号'],
  'BT-14': ['Sales order', '受注番号'],
  'BT-15': ['Receiving advice', '受領通知番号'],
  'BT-16': ['Despatch advice', '出荷案内番号'],
  'BT-17': ['Tender or lot', '入札・ロット番号'],
  'BT-18': ['Invoiced object', '請求対象'],
  'BT-19': ['Buyer accounting reference', '買手の会計参照'],
  'BG-1': ['Notes', '注釈'],
  'BG-2': ['Process and specification', '業務プロセス及び仕様'],
  'BG-3': ['Preceding invoices', '先行する請求書'],
  'BG-13': ['Delivery', '納品'],
  'BG-24': ['Supporting documents', '添付資料'],
} as const
const tax = {
  'BT-6': ['Tax accounting currency', '税の会計通貨'],
  'BT-7': ['Tax point date', '課税日'],
  'BT-8': ['Tax point date code', '課税日コード'],
  'BG-11': ['Tax representative of the seller', '売手の税務代理人'],
  'BG-23': ['Tax breakdown', '税率別の内訳'],
} as const
const payment = {
  'BT-20': ['Payment terms', '支払条件'],
  'BG-10': ['Payee', '支払先'],
  'BG-16': ['Payment instructions', '支払方法'],
} as const
const total = {
  'BG-20': ['Allowances', '返金・値引'],
  'BG-21': ['Charges', '追加請求'],
  'BG-22': ['Totals', '合計'],
} as const
const seller = {
  'BT-27': ['Name of the seller', '売手の名称'],
  'BT-28': ['Trading name of the seller', '売手の商号'],
  'BT-29': ['Identifiers of the seller', '売手の識別子'],
  'BT-30': ['Registration of the seller', '売手の法人番号'],
  'BT-31': ['VAT number of the seller', '売手の税務登録番号'],
  'BT-32': ['Tax registration of the seller', '売手の納税者番号'],
  'BT-33': ['Legal information on the seller', '売手の法的情報'],
  'BT-34': ['Electronic address of the seller', '売手の電子アドレス'],
  'BG-5': ['Address of the seller', '売手の住所'],
} as const
const buyer = {
  'BT-44': ['Name of the buyer', '買手の名称'],
  'BT-45': ['Trading name of the buyer', '買手の商号'],
  'BT-46': ['Identifier of the buyer', '買手の識別子'],
  'BT-47': ['Registration of the buyer', '買手の法人番号'],
  'BT-48': ['VAT number of the buyer', '買手の税務登録番号'],
  'BT-49': ['Electronic address of the buyer', '買手の電子アドレス'],
  'BG-8': ['Address of the buyer', '買手の住所'],
} as const

export const invoiceGroups: Readonly<Record<string, GroupRow>> = {
  ...rows('invoice', 'invoice.header', header),
  ...rows('invoice', 'invoice.tax', tax),
  ...rows('invoice', 'invoice.payment', payment),
  ...rows('invoice', 'invoice.total', total),
  ...rows('invoice', 'invoice.line', { 'BG-25': ['Lines', '明細'] }),
  ...rows('invoice/BG-4', 'invoice.party', seller),
  'invoice/BG-4/BG-6': ['invoice.party.contact', 'Contact of the seller', '売手の担当者の連絡先'],
  ...rows('invoice/BG-7', 'invoice.party', buyer),
  'invoice/BG-7/BG-9': ['invoice.party.contact', 'Contact of the buyer', '買手の担当者の連絡先'],
}

function rows(path: string, category: string, terms: Readonly<Record<string, readonly [en: string, ja: string]>>): Record<string, GroupRow> {
  return Object.fromEntries(Object.entries(terms).map(([id, [en, ja]]): [string, GroupRow] => [`${path}/${id}`, [category, en, ja]]))
}
