/** The matrix in words, English and Japanese: of its cells, its tables and what stands around them. */
import type { Instant } from '#protocols/ids.ts'
import type { Lang } from '../labels.ts'
import type { Outcome } from './matrix.ts'
import type { Sector } from './standard.ts'
import type { Fate } from './what-if.ts'

export interface MatrixWords {
  readonly title: string
  readonly lead: string
  readonly asIfInForce: string
  readonly notAdvice: string
  /** A word for a cell, of four letters at most, or two characters, as far as that can be; and what it means. */
  readonly outcomes: Readonly<Record<Outcome, { readonly word: string; readonly meaning: string }>>
  readonly sectors: Readonly<Record<Sector, string>>
  readonly from: string
  readonly to: string
  readonly skip: string
  readonly legend: string
  readonly home: string
  readonly subject: string
  readonly recipient: string
  readonly lawOf: string
  readonly question: (purpose: string) => string
  readonly open: string
  readonly personal: string
  readonly noOpen: string
  readonly whyExport: string
  readonly whyImport: string
  readonly whyExportLead: string
  readonly whyImportLead: string
  readonly result: string
  readonly cited: string
  readonly rules: string
  readonly missing: string
  readonly releasesAll: string
  readonly withheld: (what: string) => string
  readonly nothingMissing: string
  readonly nothingHelps: string
  readonly nothingCited: string
  readonly or: string
  readonly and: string
  readonly changes: (since: string) => string
  readonly noChange: string
  readonly policies: string
  readonly serial: string
  readonly packs: string
  readonly flows: (count: number) => string
  readonly tableOf: (what: string) => string
  readonly rowsSend: string
  readonly scroll: string
  readonly whatIf: WhatIfWords
}

export interface WhatIfWords {
  readonly heading: (relation: string, day: string) => string
  readonly looked: (looked: number, resting: number) => string
  readonly fates: Readonly<Record<Fate, { readonly word: string; readonly meaning: string }>>
  readonly heads: readonly [fate: string, flow: string, data: string, recipient: string, before: string, after: string, lost: string, way: string]
  readonly ways: string
  readonly notInForce: string
}

const en: MatrixWords = {
  title: 'Who may send what to whom',
  lead: 'The Trust Policies of these jurisdictions, asked one ordinary question for each type of credential. Each cell is the joint decision of the sending and the receiving side. Nothing is shown but what the question says: no contract clauses, no consent, no certificate.',
  asIfInForce: 'The policies are taken as if they were in force on each date: the law of that day under today’s rules.',
  notAdvice: 'Modelled from public texts; not legal advice and not an act of any authority.',
  outcomes: {
    all: { word: 'all', meaning: 'all that is asked for passes' },
    open: { word: 'open', meaning: 'the business data pass, the personal data are withheld' },
    part: { word: 'part', meaning: 'some of it passes' },
    CONDITIONS_NOT_MET: { word: 'need', meaning: 'nothing passes: there is a permit, but what it asks for is not shown' },
    DENIED_BY_RULE: { word: 'deny', meaning: 'nothing passes: a rule forbids it' },
    UNCOVERED_DATA: { word: 'no', meaning: 'nothing passes: no permit covers these data' },
    NO_RULE: { word: 'none', meaning: 'nothing passes: no rule permits such a flow' },
    NO_POLICY: { word: 'void', meaning: 'nothing passes: there is no policy' },
    POLICY_NOT_IN_FORCE: { word: 'over', meaning: 'nothing passes: no policy is in force at that time' },
    SUSPENDED: { word: 'stop', meaning: 'nothing passes: such flows are suspended' },
    CARRIED_DUTY: { word: 'duty', meaning: 'nothing passes: a duty that came with the data forbids it' },
  },
  sectors: { private: 'private recipient', public: 'public recipient' },
  from: 'From',
  to: 'To',
  skip: 'To the table',
  legend: 'What the cells say',
  home: 'Framed: within one jurisdiction',
  subject: 'Data',
  recipient: 'Recipient',
  lawOf: 'Law of',
  question: (purpose) => `Asked for: ${purpose}.`,
  open: 'Business data',
  personal: 'Personal data',
  noOpen: 'none',
  whyExport: 'Why: the sending side',
  whyImport: 'Why: the receiving side',
  whyExportLead: 'Under which law each jurisdiction lets the data go, and what would have to be shown for the rest.',
  whyImportLead: 'Under which law each jurisdiction takes the data in.',
  result: 'Result',
  cited: 'Law cited',
  rules: 'Rules',
  missing: 'What is missing',
  releasesAll: 'All of it',
  withheld: (what) => `Withheld: ${what}`,
  nothingMissing: 'Nothing',
  nothingHelps: 'Nothing that could be shown would help',
  nothingCited: 'No law is cited',
  or: 'or',
  and: 'and',
  changes: (since) => `What changed since ${since}`,
  noChange: 'Nothing.',
  policies: 'The policies asked',
  serial: 'serial',
  packs: 'Law and vocabulary, by digest',
  flows: (count) => (count === 1 ? '1 flow' : `${count} flows`),
  tableOf: (what) => `${what}: rows send, columns receive`,
  rowsSend: 'Rows send, columns receive.',
  scroll: 'Table, scrolls sideways',
  whatIf: {
    heading: (relation, day) => `Without ${relation}, on ${day}`,
    looked: (looked, resting) => `${looked} flows were asked about; ${resting} rest on it.`,
    fates: {
      keeps: { word: 'keeps', meaning: 'goes on by another way, which is named' },
      needs: { word: 'needs', meaning: 'loses data, which could be shown for: see the ways below' },
      loses: { word: 'loses', meaning: 'loses data, and nothing that could be shown would help' },
    },
    heads: ['', 'flow', 'data', 'recipient', 'before', 'after', 'lost', 'other way'],
    ways: 'What would have to be shown',
    notInForce: 'It is not in force on that day.',
  },
}

const ja: MatrixWords = {
  title: 'どの国へ何を送れるか',
  lead: '各法域のトラストポリシーに、証明書の種類ごとに標準的な照会を一つずつ行った結果です。各欄は提供側と受領側の共同の判定です。照会に示されたもののほかは何も提示していません（契約条項・同意・認証はありません）。',
  asIfInForce: '各ポリシーは、どの日付でも有効であるものとして扱っています（現在の規則と、その日の法）。',
  notAdvice: '公開文書に基づくモデルであり、法的助言でも公的機関の行為でもありません。',
  outcomes: {
    all: { word: '全部', meaning: '求められたすべてを提供できる' },
    open: { word: '公開', meaning: '事業者の情報は提供できるが、個人データは留保される' },
    part: { word: '一部', meaning: '一部を提供できる' },
    CONDITIONS_NOT_MET: { word: '条件', meaning: '提供できない：許可の規則はあるが、その条件が示されていない' },
    DENIED_BY_RULE: { word: '禁止', meaning: '提供できない：規則により禁止されている' },
    UNCOVERED_DATA: { word: '対象外', meaning: '提供できない：このデータを許可する規則がない' },
    NO_RULE: { word: 'なし', meaning: '提供できない：このような移転を許可する規則がない' },
    NO_POLICY: { word: '未定', meaning: '提供できない：ポリシーがない' },
    POLICY_NOT_IN_FORCE: { word: '失効', meaning: '提供できない：その時点で有効なポリシーがない' },
    SUSPENDED: { word: '停止', meaning: '提供できない：このような移転は停止されている' },
    CARRIED_DUTY: { word: '義務', meaning: '提供できない：データとともに引き継がれた義務が禁じている' },
  },
  sectors: { private: '受領者は民間部門', public: '受領者は公的部門' },
  from: '提供側',
  to: '受領側',
  skip: '表へ',
  legend: '欄の意味',
  home: '枠付き：同じ法域の中',
  subject: 'データ',
  recipient: '受領者',
  lawOf: '基準日',
  question: (purpose) => `照会の目的：${purpose}。`,
  open: '事業者の情報',
  personal: '個人データ',
  noOpen: 'なし',
  whyExport: '理由：提供側',
  whyImport: '理由：受領側',
  whyExportLead: '各法域がどの法に基づいてデータを提供するか、残りの提供には何を示す必要があるか。',
  whyImportLead: '各法域がどの法に基づいてデータを受領するか。',
  result: '結果',
  cited: '根拠となる法',
  rules: '規則',
  missing: '不足しているもの',
  releasesAll: 'すべて',
  withheld: (what) => `留保：${what}`,
  nothingMissing: 'なし',
  nothingHelps: '何を示しても許可されません',
  nothingCited: '根拠となる法の記載なし',
  or: '又は',
  and: 'かつ',
  changes: (since) => `${since}からの変化`,
  noChange: '変化はありません。',
  policies: '照会したポリシー',
  serial: '通番',
  packs: '法令データと語彙の要約値',
  flows: (count) => `${count}件`,
  tableOf: (what) => `${what}：行が提供側、列が受領側`,
  rowsSend: '行が提供側、列が受領側です。',
  scroll: '横に動かせる表',
  whatIf: {
    heading: (relation, day) => `${relation} がないとした場合（${day}）`,
    looked: (looked, resting) => `${looked}件の移転を照会し、そのうち${resting}件がこれに依拠しています。`,
    fates: {
      keeps: { word: '維持', meaning: '別の手段で続けられる（手段を示す）' },
      needs: { word: '要件', meaning: 'データが失われるが、示せば提供できるものがある（下の手段を参照）' },
      loses: { word: '喪失', meaning: 'データが失われ、何を示しても許可されない' },
    },
    heads: ['', '移転', 'データ', '受領者', '前', '後', '失われるもの', '別の手段'],
    ways: '示す必要があるもの',
    notInForce: 'その日には効力がありません。',
  },
}

export const matrixWords: Readonly<Record<Lang, MatrixWords>> = { en, ja }

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** The day of an instant, as it is written. */
export function dayOf(at: Instant, lang: Lang): string {
  const [year = '', month = '', day = ''] = at.slice(0, 10).split('-')
  return lang === 'ja' ? `${Number(year)}年${Number(month)}月${Number(day)}日` : `${Number(day)} ${months[Number(month) - 1]} ${Number(year)}`
}
