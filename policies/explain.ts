/** A decision as sentences an official can read, in English and Japanese: what decided, under which article, what was withheld and why, what would have made it a permit. */
import type { PolicyIndex, Side } from './compile.ts'
import type { Decision, Half, Withheld } from './decide.ts'
import { factValue } from './facts.ts'
import type { Code } from './judge.ts'
import type { NearMiss, Unmet } from './nearest.ts'
import type { JointObligation } from './obligations.ts'
import type { Packs } from './packs/packs.ts'
import type { Cite } from './policy.ts'
import type { Question } from './question.ts'

export type Lang = 'en' | 'ja'

export interface Indexes {
  readonly export: PolicyIndex
  readonly import: PolicyIndex
}

export function explain(question: Question, decision: Decision, indexes: Indexes, lang: Lang): string[] {
  const words = new Words(indexes.export.packs, lang)
  return [
    words.opening(question, decision),
    ...(['export', 'import'] as const).flatMap((side) => explainHalf(words, side, decision[side], indexes[side])),
    ...(decision.joint ? [...explainWithheld(words, decision.joint.withheld), ...explainDuties(words, decision.joint.obligations)] : []),
    words.closing(decision),
  ]
}

function explainHalf(words: Words, side: Side, half: Half, index: PolicyIndex): string[] {
  const titles = half.rules.map((id) => words.rule(id, index))
  return [
    words.half(side, half.code, titles),
    ...words.reasons(half, index),
    ...(half.cite.length > 0 ? [words.cites(half.cite)] : []),
    ...(half.verdict === 'deny' ? explainWithheld(words, half.withheld) : []),
    ...half.nearest.map((miss) => words.nearest(miss, half.verdict === 'permit')),
  ]
}

/** One sentence a reason, not one a path. */
function explainWithheld(words: Words, withheld: readonly Withheld[]): string[] {
  const groups = Map.groupBy(withheld, ({ category, code }) => `${category} ${code}`)
  return [...groups.values()].flatMap((group) =>
    group[0]
      ? [
          words.withheld(
            group[0],
            group.map(({ path }) => path),
          ),
        ]
      : [],
  )
}

function explainDuties(words: Words, obligations: readonly JointObligation[]): string[] {
  return obligations.map((obligation) => words.duty(obligation))
}

const sideName = { en: { export: 'exporting', import: 'importing' }, ja: { export: '提供側', import: '受領側' } } as const

const codeText: Record<Lang, Record<Code, string>> = {
  en: {
    PERMITTED: 'permits it',
    DENIED_BY_RULE: 'denies it by a rule',
    CONDITIONS_NOT_MET: 'has a permit whose conditions are not met',
    UNCOVERED_DATA: 'has no permit for some of the data asked for',
    NO_RULE: 'has no rule that permits such a flow',
    NO_POLICY: 'has no policy, so nothing is permitted',
    POLICY_NOT_IN_FORCE: 'has no policy in force at that time, so nothing is permitted',
    SUSPENDED: 'has suspended such flows',
  },
  ja: {
    PERMITTED: '許可します',
    DENIED_BY_RULE: '規則により拒否します',
    CONDITIONS_NOT_MET: '許可の規則はありますが、その条件が満たされていません',
    UNCOVERED_DATA: '求められたデータの一部を許可する規則がありません',
    NO_RULE: 'このような移転を許可する規則がありません',
    NO_POLICY: 'ポリシーがないため、何も許可されません',
    POLICY_NOT_IN_FORCE: 'その時点で有効なポリシーがないため、何も許可されません',
    SUSPENDED: 'このような移転を停止しています',
  },
}

const needName: Record<Lang, Record<string, string>> = {
  en: {
    from: 'the exporter’s jurisdiction',
    to: 'the recipient’s jurisdiction',
    sector: 'the recipient’s sector',
    exporterSector: 'the exporter’s sector',
    certification: 'a certification of the recipient',
    purpose: 'the purpose',
    legalBasis: 'a legal basis',
    transferTool: 'a transfer tool',
    evidence: 'evidence',
    issuerAssurance: 'the assurance level of the issuer',
    counterpartyAssurance: 'the assurance level of the counterparty',
    dataFlags: 'a flag of the data',
  },
  ja: {
    from: '提供者の国・地域',
    to: '受領者の国・地域',
    sector: '受領者の区分',
    exporterSector: '提供者の区分',
    certification: '受領者の認証',
    purpose: '利用目的',
    legalBasis: '法的根拠',
    transferTool: '移転手段',
    evidence: '証拠書類',
    issuerAssurance: '発行者の保証水準',
    counterpartyAssurance: '相手方の保証水準',
    dataFlags: 'データの標識',
  },
}

const plainWords: Record<Lang, Record<string, string>> = {
  en: { public: 'public', private: 'private', low: 'low', substantial: 'substantial', high: 'high' },
  ja: { public: '公的部門', private: '民間部門', low: '低', substantial: '相当', high: '高' },
}

/** The sentences of one language over the labels of one pair of packs. */
export class Words {
  readonly #packs: Packs
  readonly #lang: Lang
  readonly #labels: ReadonlyMap<string, string>

  constructor(packs: Packs, lang: Lang) {
    this.#packs = packs
    this.#lang = lang
    const { vocabulary, legal } = packs
    const lists = [vocabulary.credentials, vocabulary.purposes, vocabulary.categories, vocabulary.legalBases, vocabulary.transferTools, vocabulary.evidence]
    const more = [vocabulary.certifications, vocabulary.dataFlags, vocabulary.counters, vocabulary.supplementaryRules]
    this.#labels = new Map([
      ...[...lists, ...more].flat().map(({ id, label }): [string, string] => [id, label[lang]]),
      ...Object.entries(legal.jurisdictions).map(([code, label]): [string, string] => [code, label[lang]]),
    ])
  }

  opening(question: Question, { verdict }: Decision): string {
    const from = this.#fact(question, 'from')
    const to = this.#fact(question, 'to')
    const purpose = this.#fact(question, 'purpose')
    const credential = this.label(question.credential)
    if (this.#lang === 'en') return `${verdict === 'permit' ? 'Permitted' : 'Refused'}: ${credential} from ${from} to ${to}; purpose: ${purpose}.`
    return `${verdict === 'permit' ? '許可' : '拒否'}：${from}から${to}への${credential}の提供（利用目的：${purpose}）。`
  }

  half(side: Side, code: Code, titles: readonly string[]): string {
    const by = titles.length === 0 ? '' : this.#lang === 'en' ? `: ${titles.join('; ')}` : `（${titles.join('、')}）`
    if (this.#lang === 'en') return `The ${sideName.en[side]} side ${codeText.en[code]}${by}.`
    return `${sideName.ja[side]}は${codeText.ja[code]}${by}。`
  }

  /** The author's own words for a deny or a suspension. */
  reasons(half: Half, index: PolicyIndex): string[] {
    const texts = [...index.export.rules, ...index.import.rules].flatMap(({ rule }) =>
      rule.effect === 'deny' && half.rules.includes(rule.id) && rule.reason ? [rule.reason] : [],
    )
    const suspended = index.suspensions.filter(({ metadata }) => half.code === 'SUSPENDED' && half.rules.includes(metadata.id)).map(({ reason }) => reason)
    return [...texts, ...suspended].map((text) => `${text[this.#lang] ?? text.en}`)
  }

  rule(id: string, index: PolicyIndex): string {
    const title = [...index.export.rules, ...index.import.rules].find(({ rule }) => rule.id === id)?.rule.title
    if (!title) return id
    return this.#lang === 'en' ? `${title.en} (${id})` : `${title.ja ?? title.en}〔${id}〕`
  }

  cites(cites: readonly Cite[]): string {
    const list = cites.map((cite) => this.cite(cite))
    return this.#lang === 'en' ? `Cited: ${list.join('; ')}.` : `根拠：${list.join('；')}。`
  }

  cite({ law, at, legalRelation }: Cite): string {
    return [this.#law(law), at, legalRelation === undefined ? undefined : this.relation(legalRelation)].filter(Boolean).join(', ')
  }

  withheld({ category, code }: Withheld, paths: readonly string[]): string {
    const what = `${this.label(category)} (${paths.join(', ')})`
    const why = withheldText[this.#lang][code] ?? codeText[this.#lang][code]
    return this.#lang === 'en' ? `Not released: ${what}: ${why}.` : `提供しないもの：${what}：${why}。`
  }

  nearest({ rules, unmet }: NearMiss, partly: boolean): string {
    const needs = unmet.map((one) => this.need(one))
    const to = rules.join(', ')
    if (this.#lang === 'en') return `${partly ? 'It would release more' : 'It would permit'} (${to}) with ${needs.join('; and ')}.`
    return `${partly ? 'さらに提供できる' : '許可される'}ための最小の条件（${to}）：${needs.join('、かつ')}。`
  }

  duty(obligation: JointObligation): string {
    return this.#lang === 'en' ? this.#dutyEn(obligation) : this.#dutyJa(obligation)
  }

  closing({ joint, agreement }: Decision): string {
    if (joint === null) return this.#lang === 'en' ? 'Nothing is released.' : 'データは提供されません。'
    const signed = agreement === null ? '' : this.#lang === 'en' ? ` The agreement is ${agreement}.` : `合意の要約値は ${agreement} です。`
    const end = this.#lang === 'en' ? `The decision holds until ${joint.validUntil}.` : `この判断は ${joint.validUntil} まで有効です。`
    return `${end}${signed}`
  }

  label(word: string): string {
    return this.#labels.get(word) ?? plainWords[this.#lang][word] ?? word
  }

  #fact(question: Question, name: 'from' | 'to' | 'purpose'): string {
    const value = factValue(question, name).map((word) => this.label(String(word)))
    return value.join(', ') || (this.#lang === 'en' ? 'unknown' : '不明')
  }

  #law(law: string): string {
    return this.#packs.legal.laws.find(({ id }) => id === law)?.name[this.#lang] ?? law
  }

  /** What it is founded on, where the pack knows it. */
  relation(relation: string): string | undefined {
    const entry = this.#packs.legal.relations.find(({ id }) => id === relation)
    return entry && `${entry.instrument} (${entry.id})`
  }

  need(one: Unmet): string {
    const name = needName[this.#lang][one.need] ?? this.label(one.need.replace('counter:', ''))
    const or = this.#lang === 'en' ? ' or ' : '又は'
    const have =
      one.have.length === 0
        ? ''
        : `${this.#lang === 'en' ? ', not ' : '（現在：'}${one.have.map((word) => this.label(String(word))).join(', ')}${this.#lang === 'en' ? '' : '）'}`
    if ('anyOf' in one) return `${name}${this.#lang === 'en' ? ': ' : '：'}${one.anyOf.map((word) => this.label(word)).join(or)}${have}`
    if ('atLeast' in one) return this.#lang === 'en' ? `${name} at least ${one.atLeast}${have}` : `${name}が「${this.label(one.atLeast)}」以上${have}`
    return this.#lang === 'en' ? `${name} below ${one.below}${have}` : `${name}が ${one.below} 未満${have}`
  }

  #dutyEn(duty: JointObligation): string {
    switch (duty.type) {
      case 'retention':
        return `The recipient destroys the data by ${duty.until} (${duty.max}).`
      case 'transfer-record':
        return `A record of the transfer is kept until ${duty.until} (${duty.keep}).`
      case 'purpose-limit':
        return `The data is used for nothing but: ${duty.allow.map((word) => this.label(word)).join(', ')}.`
      case 'onward-transfer': {
        const otherwise = duty.else === undefined ? '' : duty.else === 'consent' ? '; elsewhere only with consent' : '; elsewhere only after a new decision'
        return duty.allow.length === 0
          ? `The data is not passed on${otherwise}.`
          : `The data is passed on only to: ${duty.allow.map((code) => this.label(code)).join(', ')}${otherwise}.`
      }
      case 'supplementary-rules':
        return `These rules apply as well: ${this.label(duty.set)}.`
      case 'breach-notice':
        return `A breach is told to the exporter within ${duty.withinHours} hours.`
      case 'status-age':
        return `Whether the credential is revoked or suspended is known from a list at most ${duty.withinSeconds} seconds old.`
      case 'consent':
        return `Nothing is released before the ${duty.of} agreed.`
    }
  }

  #dutyJa(duty: JointObligation): string {
    switch (duty.type) {
      case 'retention':
        return `受領者は ${duty.until} までにデータを消去します（${duty.max}）。`
      case 'transfer-record':
        return `移転の記録は ${duty.until} まで保存します（${duty.keep}）。`
      case 'purpose-limit':
        return `データは次の目的にのみ利用します：${duty.allow.map((word) => this.label(word)).join('、')}。`
      case 'onward-transfer': {
        const otherwise = duty.else === undefined ? '' : duty.else === 'consent' ? '（その他は同意がある場合のみ）' : '（その他は新たな判断の後のみ）'
        return duty.allow.length === 0
          ? `データを第三者に再移転しません${otherwise}。`
          : `データの再移転は次の国・地域に限ります：${duty.allow.map((code) => this.label(code)).join('、')}${otherwise}。`
      }
      case 'supplementary-rules':
        return `次の規則も適用されます：${this.label(duty.set)}。`
      case 'breach-notice':
        return `漏えい等は ${duty.withinHours} 時間以内に提供者に通知します。`
      case 'status-age':
        return `失効・停止の有無は、発行から ${duty.withinSeconds} 秒以内の状態リストで確認します。`
      case 'consent':
        return `${duty.of === 'subject' ? '本人' : '担当者'}の同意の前には何も提供しません。`
    }
  }
}

const withheldText: Record<Lang, Partial<Record<Code, string>>> = {
  en: {
    UNCOVERED_DATA: 'no permit covers it for this flow',
    CONDITIONS_NOT_MET: 'a permit covers it, but its conditions are not met',
    DENIED_BY_RULE: 'a rule denies it',
  },
  ja: {
    UNCOVERED_DATA: 'この移転についてこれを許可する規則がありません',
    CONDITIONS_NOT_MET: '許可の規則はありますが、その条件が満たされていません',
    DENIED_BY_RULE: '規則により拒否されています',
  },
}
