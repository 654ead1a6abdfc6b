/** An invoice as a person reads it: who, what, how much, by the terms of EN 16931; the same sheet for a terminal and for a page. */
import { type BusinessGroup, groupOf, groupsOf, type Invoice, textAt, valueAt } from '#protocols/invoice/model.ts'
import { creditNoteTypes } from '#protocols/invoice/rulesets/en16931-lists.ts'

export type SheetLang = 'en' | 'ja'

export interface SheetTable {
  readonly heading: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns of figures, from 0. */
  readonly figures: readonly number[]
}

export interface InvoiceSheet {
  readonly title: string
  /** Those that the invoice says something of. */
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly parties: readonly { readonly heading: string; readonly lines: readonly string[] }[]
  readonly tables: readonly SheetTable[]
  readonly totals: readonly (readonly [label: string, value: string])[]
  readonly notes: readonly string[]
}

interface Words {
  readonly invoice: string
  readonly creditNote: string
  readonly facts: readonly (readonly [label: string, term: string])[]
  readonly period: string
  readonly seller: string
  readonly buyer: string
  readonly payee: string
  readonly lines: string
  readonly lineHeads: readonly string[]
  readonly tax: string
  readonly taxHeads: readonly string[]
  readonly adjustments: string
  readonly adjustmentHeads: readonly string[]
  readonly allowance: string
  readonly charge: string
  readonly totals: readonly (readonly [label: string, term: string])[]
  readonly account: string
  readonly contact: string
}

const words: Readonly<Record<SheetLang, Words>> = {
  en: {
    invoice: 'Invoice',
    creditNote: 'Credit note',
    facts: [
      ['Issued', 'BT-2'],
      ['Due', 'BT-9'],
      ['Type', 'BT-3'],
      ['Currency', 'BT-5'],
      ['Buyer reference', 'BT-10'],
      ['Order', 'BT-13'],
      ['Contract', 'BT-12'],
      ['Despatch', 'BT-16'],
      ['Payment terms', 'BT-20'],
    ],
    period: 'Period',
    seller: 'Seller',
    buyer: 'Buyer',
    payee: 'Payee',
    lines: 'Lines',
    lineHeads: ['Line', 'Item', 'Quantity', 'Unit', 'Price', 'Tax', 'Amount'],
    tax: 'Tax',
    taxHeads: ['Category', 'Rate', 'Taxable', 'Tax', 'Reason'],
    adjustments: 'Allowances and charges',
    adjustmentHeads: ['Kind', 'Reason', 'Amount', 'Tax'],
    allowance: 'allowance',
    charge: 'charge',
    totals: [
      ['Lines', 'BT-106'],
      ['Allowances', 'BT-107'],
      ['Charges', 'BT-108'],
      ['Without tax', 'BT-109'],
      ['Tax', 'BT-110'],
      ['Tax, accounting currency', 'BT-111'],
      ['With tax', 'BT-112'],
      ['Paid', 'BT-113'],
      ['Rounding', 'BT-114'],
      ['Due', 'BT-115'],
    ],
    account: 'Account',
    contact: 'Contact',
  },
  ja: {
    invoice: '請求書',
    creditNote: '返還請求書（クレジットノート）',
    facts: [
      ['発行日', 'BT-2'],
      ['支払期日', 'BT-9'],
      ['種別', 'BT-3'],
      ['通貨', 'BT-5'],
      ['買い手の参照番号', 'BT-10'],
      ['注文', 'BT-13'],
      ['契約', 'BT-12'],
      ['出荷', 'BT-16'],
      ['支払条件', 'BT-20'],
    ],
    period: '請求期間',
    seller: '売り手',
    buyer: '買い手',
    payee: '受取人',
    lines: '明細',
    lineHeads: ['行', '品目', '数量', '単位', '単価', '税', '金額'],
    tax: '税',
    taxHeads: ['区分', '税率', '課税対象額', '税額', '理由'],
    adjustments: '値引きと追加請求',
    adjustmentHeads: ['種類', '理由', '金額', '税'],
    allowance: '値引き',
    charge: '追加請求',
    totals: [
      ['明細合計', 'BT-106'],
      ['値引き', 'BT-107'],
      ['追加請求', 'BT-108'],
      ['税抜合計', 'BT-109'],
      ['税額', 'BT-110'],
      ['税額（会計通貨）', 'BT-111'],
      ['税込合計', 'BT-112'],
      ['支払済み', 'BT-113'],
      ['端数調整', 'BT-114'],
      ['請求額', 'BT-115'],
    ],
    account: '口座',
    contact: '連絡先',
  },
}

export function sheetOf(invoice: Invoice, lang: SheetLang): InvoiceSheet {
  const own = words[lang]
  const totals = groupOf(invoice, 'BG-22')
  const kind = creditNoteTypes.includes(textAt(invoice, 'BT-3') ?? '') ? own.creditNote : own.invoice
  return {
    title: joined([kind, textAt(invoice, 'BT-1')], ' '),
    facts: [...present(own.facts, invoice), ...periodOf(invoice, own), ...accountsOf(invoice, own)],
    parties: [
      { heading: own.seller, lines: partyLines(groupOf(invoice, 'BG-4'), seller, own) },
      { heading: own.buyer, lines: partyLines(groupOf(invoice, 'BG-7'), buyer, own) },
      { heading: own.payee, lines: partyLines(groupOf(invoice, 'BG-10'), payee, own) },
    ].filter(({ lines }) => lines.length > 0),
    tables: [linesOf(invoice, own), adjustmentsOf(invoice, own), taxOf(invoice, own)].filter(({ rows }) => rows.length > 0),
    totals: present(own.totals, totals),
    notes: groupsOf(invoice, 'BG-1').flatMap((note) => textAt(note, 'BT-22') ?? []),
  }
}

function present(terms: readonly (readonly [label: string, term: string])[], group: BusinessGroup | undefined): (readonly [string, string])[] {
  return terms.flatMap(([label, term]) => {
    const text = textAt(group, term)
    return text === undefined ? [] : [[label, text] as const]
  })
}

function periodOf(invoice: Invoice, { period }: Words): (readonly [string, string])[] {
  const found = groupsOf(groupOf(invoice, 'BG-13') ?? invoice, 'BG-14')[0] ?? groupOf(invoice, 'BG-14')
  const text = joined([textAt(found, 'BT-73'), textAt(found, 'BT-74')], ' – ')
  return text === '' ? [] : [[period, text]]
}

function accountsOf(invoice: Invoice, { account }: Words): (readonly [string, string])[] {
  return groupsOf(invoice, 'BG-16')
    .flatMap((means) => groupsOf(means, 'BG-17'))
    .map((one) => joined([textAt(one, 'BT-84'), textAt(one, 'BT-85'), textAt(one, 'BT-86')], ', '))
    .filter((text) => text !== '')
    .map((text) => [account, text])
}

/** Where the terms of a party stand; its identifiers are shown with their schemes. */
interface PartyTerms {
  readonly names: readonly string[]
  readonly identifiers: readonly string[]
  readonly address?: { readonly group: string; readonly terms: readonly string[] }
  readonly contact?: { readonly group: string; readonly terms: readonly string[] }
}

const seller: PartyTerms = {
  names: ['BT-27', 'BT-28'],
  identifiers: ['BT-31', 'BT-32', 'BT-30', 'BT-29', 'BT-34'],
  address: { group: 'BG-5', terms: ['BT-35', 'BT-36', 'BT-162', 'BT-38', 'BT-37', 'BT-39', 'BT-40'] },
  contact: { group: 'BG-6', terms: ['BT-41', 'BT-42', 'BT-43'] },
}
const buyer: PartyTerms = {
  names: ['BT-44', 'BT-45'],
  identifiers: ['BT-48', 'BT-47', 'BT-46', 'BT-49'],
  address: { group: 'BG-8', terms: ['BT-50', 'BT-51', 'BT-163', 'BT-53', 'BT-52', 'BT-54', 'BT-55'] },
  contact: { group: 'BG-9', terms: ['BT-56', 'BT-57', 'BT-58'] },
}
const payee: PartyTerms = { names: ['BT-59'], identifiers: ['BT-60', 'BT-61'] }

function partyLines(party: BusinessGroup | undefined, { names, identifiers, address, contact }: PartyTerms, own: Words): readonly string[] {
  if (!party) return []
  const place = address && joined(textsOf(groupOf(party, address.group), address.terms), ', ')
  const person = contact && joined(textsOf(groupOf(party, contact.group), contact.terms), ', ')
  return [
    ...new Set([...textsOf(party, names), ...identifiers.flatMap((term) => schemed(party, term)), place ?? '', person ? `${own.contact}: ${person}` : '']),
  ].filter((line) => line !== '')
}

function schemed(party: BusinessGroup, term: string): readonly string[] {
  return (party.values.get(term) ?? []).map(({ text, scheme }) => (scheme === undefined ? text : `${scheme}:${text}`))
}

function linesOf(invoice: Invoice, { lines, lineHeads }: Words): SheetTable {
  const rows = groupsOf(invoice, 'BG-25').map((line) => {
    const price = groupOf(line, 'BG-29')
    const base = textAt(price, 'BT-149')
    return [
      textAt(line, 'BT-126') ?? '',
      joined(textsOf(groupOf(line, 'BG-31'), ['BT-153', 'BT-154']), ' – '),
      textAt(line, 'BT-129') ?? '',
      textAt(line, 'BT-130') ?? '',
      joined([textAt(price, 'BT-146'), base === undefined || base === '1' ? undefined : base], ' / '),
      taxText(groupOf(line, 'BG-30'), 'BT-151', 'BT-152'),
      textAt(line, 'BT-131') ?? '',
    ]
  })
  return { heading: lines, heads: lineHeads, rows, figures: [2, 4, 6] }
}

function adjustmentsOf(invoice: Invoice, { adjustments, adjustmentHeads, allowance, charge }: Words): SheetTable {
  const allowances = groupsOf(invoice, 'BG-20').map((one) => [
    allowance,
    joined(textsOf(one, ['BT-97', 'BT-98']), ' '),
    textAt(one, 'BT-92') ?? '',
    taxText(one, 'BT-95', 'BT-96'),
  ])
  const charges = groupsOf(invoice, 'BG-21').map((one) => [
    charge,
    joined(textsOf(one, ['BT-104', 'BT-105']), ' '),
    textAt(one, 'BT-99') ?? '',
    taxText(one, 'BT-102', 'BT-103'),
  ])
  return { heading: adjustments, heads: adjustmentHeads, rows: [...allowances, ...charges], figures: [2] }
}

function taxOf(invoice: Invoice, { tax, taxHeads }: Words): SheetTable {
  const rows = groupsOf(invoice, 'BG-23').map((one) => [
    textAt(one, 'BT-118') ?? '',
    percent(valueAt(one, 'BT-119')?.text),
    textAt(one, 'BT-116') ?? '',
    textAt(one, 'BT-117') ?? '',
    joined(textsOf(one, ['BT-120', 'BT-121']), ' '),
  ])
  return { heading: tax, heads: taxHeads, rows, figures: [1, 2, 3] }
}

function taxText(group: BusinessGroup | undefined, category: string, rate: string): string {
  return joined([textAt(group, category), percent(textAt(group, rate))], ' ')
}

function percent(text: string | undefined): string {
  return text === undefined ? '' : `${text} %`
}

function textsOf(group: BusinessGroup | undefined, terms: readonly string[]): readonly string[] {
  return terms.flatMap((term) => textAt(group, term) ?? [])
}

function joined(parts: readonly (string | undefined)[], between: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(between)
}
