/** What a duty asks of who received data, in a sentence: on a screen of the console, and on the command line. */
import { countryName } from './saying.ts'

type Lang = 'en' | 'ja'
type Terms = Readonly<Record<string, string>>

/** Those that are chosen from. Terms of the policy vocabulary, by its own labels. */
export const purposes: Readonly<Record<Lang, Terms>> = {
  en: {
    'trade.supplier-verification': 'Verification of a supplier or customer',
    'trade.invoicing': 'Invoicing and payment',
    'trade.ordering': 'Ordering and delivery',
    'compliance.tax': 'Tax compliance',
    'compliance.aml': 'Prevention of money laundering',
    'employment.licensing': 'Licensing of a profession',
    'registration.cross-border-establishment': 'Establishment of a branch abroad',
    'mandate.verification': 'Verification of authority to represent',
    'registration.delivery': 'Delivery of a credential to its subject',
    marketing: 'Marketing',
  },
  ja: {
    'trade.supplier-verification': '取引先の確認',
    'trade.invoicing': '請求及び支払',
    'trade.ordering': '発注及び納品',
    'compliance.tax': '税務上の義務の履行',
    'compliance.aml': 'マネー・ローンダリングの防止',
    'employment.licensing': '職業上の免許・資格の審査',
    'registration.cross-border-establishment': '外国における支店の設置',
    'mandate.verification': '代理権の確認',
    'registration.delivery': '本人への証明書の交付',
    marketing: 'マーケティング',
  },
}

const english = {
  retention: (until: string) => `Delete it by ${until} at the latest.`,
  'transfer-record': (until: string) => `Keep a record of the transfer until ${until}.`,
  'purpose-limit': (allowed: string) => `Use it for these purposes only: ${allowed}.`,
  onward: (allowed: string, otherwise: string) =>
    allowed === '' ? `Do not pass it on to another country${otherwise}.` : `Pass it on only to: ${allowed}${otherwise}.`,
  otherwise: { consent: '; elsewhere only with consent', 'new-decision': '; elsewhere only after a new decision' },
  consent: (of: string): string => (of === 'subject' ? 'The person it is about must consent first.' : 'A person at the holder must consent first.'),
  'breach-notice': (hours: string) => `Tell the exporter within ${hours} hours if it gets into wrong hands.`,
  'status-age': (age: string) => `Believe its status only from a list at most ${age} old.`,
  minutes: (count: string) => `${count} minutes`,
  seconds: (count: string) => `${count} seconds`,
  'supplementary-rules': (set: string) => `Follow the supplementary rules ${set}.`,
  joined: ', ',
}

const japanese: typeof english = {
  retention: (until) => `遅くとも ${until} までに削除します。`,
  'transfer-record': (until) => `移転の記録を ${until} まで保存します。`,
  'purpose-limit': (allowed) => `次の目的だけに使用します：${allowed}。`,
  onward: (allowed, otherwise) =>
    allowed === '' ? `別の国へ移転してはなりません${otherwise}。` : `移転できるのは次の国・地域だけです：${allowed}${otherwise}。`,
  otherwise: { consent: '（その他は同意がある場合のみ）', 'new-decision': '（その他は新たな判断の後のみ）' },
  consent: (of) => (of === 'subject' ? '事前に本人の同意が必要です。' : '事前に提供者側の担当者の同意が必要です。'),
  'breach-notice': (hours) => `漏えい等があれば ${hours} 時間以内に提供者へ通知します。`,
  'status-age': (age) => `状態は ${age}以内の状態リストで確認します。`,
  minutes: (count) => `${count} 分`,
  seconds: (count) => `${count} 秒`,
  'supplementary-rules': (set) => `補完的ルール ${set} に従います。`,
  joined: '、',
}

const sentences: Readonly<Record<Lang, typeof english>> = { en: english, ja: japanese }

const lists: Readonly<Record<Lang, Terms>> = {
  en: { 'eu-jp-2019': 'for data from the EU (2019/419, Annex I)' },
  ja: { 'eu-jp-2019': '（EU 域内から移転を受けた個人データ、2019/419 付属書 I）' },
}

export interface DutyFormats {
  day(instant: string): string
  number(value: number): string
}

/** One that this version does not know is shown as it came, so that no duty is passed over. */
export function dutyText(duty: Readonly<Record<string, unknown>>, lang: Lang, formats: DutyFormats): string {
  const said = sentences[lang]
  const { type, until, allow = [], else: otherwise, of, withinHours, withinSeconds, set } = duty as Partial<Record<string, never>> // Each is looked at by its type below.
  const named = (how: (one: string) => string) => (Array.isArray(allow) ? (allow as string[]).map(how).join(said.joined) : '')
  switch (type as string | undefined) {
    case 'retention':
      return said.retention(formats.day(String(until)))
    case 'transfer-record':
      return said['transfer-record'](formats.day(String(until)))
    case 'purpose-limit':
      return said['purpose-limit'](named((one) => term(purposes[lang], one)))
    case 'onward-transfer':
      return said.onward(
        named((one) => countryName(one, lang)),
        otherwise === undefined ? '' : term(said.otherwise, String(otherwise)),
      )
    case 'consent':
      return said.consent(String(of))
    case 'breach-notice':
      return said['breach-notice'](formats.number(Number(withinHours)))
    case 'status-age':
      return said['status-age'](ageOf(Number(withinSeconds), said, formats))
    case 'supplementary-rules':
      return said['supplementary-rules'](term(lists[lang], String(set)))
    default:
      return JSON.stringify(duty)
  }
}

function ageOf(seconds: number, { minutes, seconds: odd }: typeof english, { number }: DutyFormats): string {
  return seconds % 60 === 0 ? minutes(number(seconds / 60)) : odd(number(seconds))
}

function term(terms: Terms, name: string): string {
  return Object.hasOwn(terms, name) ? (terms[name] ?? name) : name
}
