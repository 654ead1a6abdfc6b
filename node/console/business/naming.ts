/** What a business calls things: types, purposes, countries, parties, duties and reasons, instead of their terms. A term that is not known here is shown as it is. */
import { dutyText, purposes } from '#node/sheet/duties.ts'
import { countryName, typeNames } from '#node/sheet/saying.ts'
import { bilingual, useFormats, useLanguage, useWords } from '../language.ts'

type Terms = Readonly<Record<string, string>>

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
  return {
    type: of(useWords(typeNames)),
    purpose,
    reason: of(useWords(reasons)),
    need: of(useWords(needs)),
    country,
    duty: (duty) => dutyText(duty, lang, formats),
  }
}
