/** What a business calls things: types, purposes, countries, parties, duties and reasons, instead of their terms. A term that is not known here is shown as it is. */
import { typeNames } from '#node/sheet/saying.ts'
import { bilingual, type Formats, type Lang, useFormats, useLanguage, useWords } from '../language.ts'

type Terms = Readonly<Record<string, string>>

/** Those that are chosen from. Terms of the policy vocabulary, by its own labels. */
export const purposes = bilingual<Terms>(
  {
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
  {
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
)

/** Why a policy keeps something back. */
const reasons = bilingual<Terms>(
  {
    DENIED_BY_RULE: 'A rule forbids it.',
    CONDITIONS_NOT_MET: 'A rule would permit it, but its conditions are not met.',
    UNCOVERED_DATA: 'No rule covers this field for this flow.',
    NO_RULE: 'No rule permits such a flow.',
    NO_POLICY: 'No policy of this side is held here.',
    POLICY_NOT_IN_FORCE: 'The policy is not in force.',
    SUSPENDED: 'The flow is suspended.',
    CARRIED_DUTY: 'A duty that came with the data forbids it.',
    PERMITTED: 'Permitted.',
  },
  {
    DENIED_BY_RULE: '規則により禁止されています。',
    CONDITIONS_NOT_MET: '許可する規則はありますが、条件を満たしていません。',
    UNCOVERED_DATA: 'この流れでこの項目を認める規則がありません。',
    NO_RULE: 'このような流れを許可する規則がありません。',
    NO_POLICY: 'この側のポリシーを保持していません。',
    POLICY_NOT_IN_FORCE: 'ポリシーが有効期間外です。',
    SUSPENDED: '流れが停止されています。',
    CARRIED_DUTY: 'データに伴う義務により禁止されています。',
    PERMITTED: '許可されています。',
  },
)

const needs = bilingual<Terms>(
  {
    purpose: 'Purpose',
    legalBasis: 'Legal basis',
    sector: 'Sector of the recipient',
    transferTool: 'Transfer instrument of the recipient',
    certification: 'Certification of the recipient',
    evidence: 'Evidence of the recipient',
    issuerAssurance: 'Assurance of the issuer',
    counterpartyAssurance: 'Assurance of the partner',
  },
  {
    purpose: '目的',
    legalBasis: '法的根拠',
    sector: '受領者の部門',
    transferTool: '受領者の移転手段',
    certification: '受領者の認証',
    evidence: '受領者の証拠書類',
    issuerAssurance: '発行者の保証水準',
    counterpartyAssurance: '相手の保証水準',
  },
)

const dutyWords = bilingual(
  {
    retention: (until: string) => `Delete it by ${until} at the latest.`,
    'transfer-record': (until: string) => `Keep a record of the transfer until ${until}.`,
    'purpose-limit': (allowed: string) => `Use it for these purposes only: ${allowed}.`,
    onward: (allowed: string): string => (allowed === '' ? 'Do not pass it on to another country.' : `Pass it on only to: ${allowed}.`),
    consent: (of: string): string => (of === 'subject' ? 'The person it is about must consent first.' : 'A person at the holder must consent first.'),
    'breach-notice': (hours: string) => `Tell the exporter within ${hours} hours if it gets into wrong hands.`,
    'status-age': (minutes: string) => `Believe its status only from a list at most ${minutes} minutes old.`,
    'supplementary-rules': (set: string) => `Follow the supplementary rules ${set}.`,
    joined: ', ',
  },
  {
    retention: (until) => `遅くとも ${until} までに削除します。`,
    'transfer-record': (until) => `移転の記録を ${until} まで保存します。`,
    'purpose-limit': (allowed) => `次の目的だけに使用します：${allowed}。`,
    onward: (allowed) => (allowed === '' ? '別の国へ移転してはなりません。' : `移転できるのは次の国・地域だけです：${allowed}。`),
    consent: (of) => (of === 'subject' ? '事前に本人の同意が必要です。' : '事前に提供者側の担当者の同意が必要です。'),
    'breach-notice': (hours) => `漏えい等があれば ${hours} 時間以内に提供者へ通知します。`,
    'status-age': (minutes) => `状態は ${minutes} 分以内の状態リストで確認します。`,
    'supplementary-rules': (set) => `補完的ルール ${set} に従います。`,
    joined: '、',
  },
)

const lists = bilingual<Terms>(
  { 'eu-jp-2019': 'for data from the EU (2019/419, Annex I)' },
  { 'eu-jp-2019': '（EU 域内から移転を受けた個人データ、2019/419 付属書 I）' },
)

export interface Naming {
  readonly type: (name: string) => string
  readonly purpose: (term: string) => string
  readonly reason: (code: string) => string
  readonly need: (fact: string) => string
  readonly country: (code: string) => string
  readonly duty: (duty: Readonly<Record<string, unknown>>) => string
}

export function useNaming(): Naming {
  const { lang } = useLanguage()
  const formats = useFormats()
  const of = (terms: Terms) => (name: string) => (Object.hasOwn(terms, name) ? (terms[name] ?? name) : name)
  const purpose = of(useWords(purposes))
  const country = (code: string) => countryName(code, lang)
  const words = { duties: useWords(dutyWords), sets: of(useWords(lists)), purpose, country, formats }
  return {
    type: of(useWords(typeNames)),
    purpose,
    reason: of(useWords(reasons)),
    need: of(useWords(needs)),
    country,
    duty: (duty) => dutyText(duty, words),
  }
}

const countries = { en: new Intl.DisplayNames('en', { type: 'region' }), ja: new Intl.DisplayNames('ja', { type: 'region' }) } as const

function countryName(code: string, lang: Lang): string {
  return /^[A-Z]{2}$/.test(code) ? (countries[lang].of(code) ?? code) : code
}

interface DutyNaming {
  readonly duties: (typeof dutyWords)['en']
  readonly sets: (name: string) => string
  readonly purpose: (term: string) => string
  readonly country: (code: string) => string
  readonly formats: Formats
}

/** One that this version does not know is shown as it came, so that no duty is passed over. */
function dutyText(duty: Readonly<Record<string, unknown>>, { duties, sets, purpose, country, formats }: DutyNaming): string {
  const { type, until, allow = [], of, withinHours, withinSeconds, set } = duty as Partial<Record<string, never>> // Each is looked at by its type below.
  const named = (how: (one: string) => string) => (Array.isArray(allow) ? (allow as string[]).map(how).join(duties.joined) : '')
  switch (type as string | undefined) {
    case 'retention':
      return duties.retention(formats.day(String(until)))
    case 'transfer-record':
      return duties['transfer-record'](formats.day(String(until)))
    case 'purpose-limit':
      return duties['purpose-limit'](named(purpose))
    case 'onward-transfer':
      return duties.onward(named(country))
    case 'consent':
      return duties.consent(String(of))
    case 'breach-notice':
      return duties['breach-notice'](formats.number(Number(withinHours)))
    case 'status-age':
      return duties['status-age'](formats.number(Math.ceil(Number(withinSeconds) / 60)))
    case 'supplementary-rules':
      return duties['supplementary-rules'](sets(String(set)))
    default:
      return JSON.stringify(duty)
  }
}
