/**
 * A decision as sentences an official can read, in English and Japanese: what decided, under which article, what is withheld
 * and why, and what would have made it a permit.
 */
import type { CompiledRule, PolicyIndex, Side } from './compile.ts'
import type { Decision, Half, Withheld } from './decide.ts'
import { factValue } from './facts.ts'
import type { Code } from './judge.ts'
import { Labels, type Lang } from './labels.ts'
import type { NearMiss } from './nearest.ts'
import type { JointObligation } from './obligations.ts'
import type { Packs } from './packs/packs.ts'
import type { Cite, Rule } from './policy.ts'
import type { Question, Transfer } from './question.ts'

export interface Indexes {
  readonly export: PolicyIndex
  readonly import: PolicyIndex
  /** As they were given to `decide`. */
  readonly origins?: readonly PolicyIndex[]
}

export function explain(question: Question, decision: Decision, indexes: Indexes, lang: Lang): string[] {
  const words = new Words(new Labels(indexes.export.packs, lang))
  return [
    words.opening(question, decision),
    ...(['export', 'import'] as const).flatMap((side) =>
      explainHalf(words, { name: words.side(side), whose: words.whose(side), half: decision[side], index: indexes[side], at: question.at }),
    ),
    ...(decision.origins ?? []).flatMap((half, position) =>
      explainOrigin(words, question.onward?.[position], { half, index: indexes.origins?.[position], at: question.at }),
    ),
    ...(decision.joint ? explainDuties(words, decision.joint.obligations) : []),
    ...words.apart(decision),
    words.closing(decision),
  ]
}

/** The duties alone, as the recipient reads them. */
export function dutySentences(obligations: readonly JointObligation[], packs: Packs, lang: Lang): string[] {
  return explainDuties(new Words(new Labels(packs, lang)), obligations)
}

interface OneSide {
  /** The side, as the subject of a sentence. */
  readonly name: string
  /** The same within a sentence: whose permits, whose rules. */
  readonly whose: string
  readonly half: Half
  /** Undefined where the documents of an origin are not at hand. */
  readonly index: PolicyIndex | undefined
  readonly at: string
}

function explainHalf(words: Words, one: OneSide): string[] {
  const { name, whose, half, index } = one
  const titled = (id: string) => (index ? words.rule(id, index) : id)
  const titles = half.rules.map(titled)
  const added = half.added.map(titled)
  return [
    words.half(name, half.code, titles),
    ...(index ? [...words.reasons(half, index), ...words.times(half, index, one.at)] : []),
    ...(half.cite.length > 0 ? [words.cites(half.cite)] : []),
    ...(added.length > 0 ? [words.added(added)] : []),
    ...explainWithheld(words, whose, half.withheld),
    // Several data can have one way in common: it is told once.
    ...new Set(half.nearest.map((miss) => words.nearest(miss, half.verdict === 'permit'))),
    ...words.hopeless(half),
  ]
}

/** What an earlier exporter's law says, and which duties came with the data from there. */
function explainOrigin(words: Words, transfer: Transfer | undefined, one: Omit<OneSide, 'name' | 'whose'>): string[] {
  if (transfer === undefined) return []
  const { jurisdiction, obligations } = transfer
  return [
    ...explainHalf(words, { ...one, name: words.origin(jurisdiction), whose: words.place(jurisdiction) }),
    ...obligations.map((duty) => words.carried(jurisdiction, duty)),
  ]
}

/** One sentence a reason, not one a path. */
function explainWithheld(words: Words, whose: string, withheld: readonly Withheld[]): string[] {
  const groups = Map.groupBy(withheld, ({ category, code }) => `${category} ${code}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const paths = group.map(({ path }) => path)
    return first ? [words.withheld(whose, first, paths)] : []
  })
}

function explainDuties(words: Words, obligations: readonly JointObligation[]): string[] {
  return obligations.map((obligation) => words.duty(obligation))
}

export const sideName = { en: { export: 'exporting', import: 'importing' }, ja: { export: '提供側', import: '受領側' } } as const

export const codeText: Record<Lang, Record<Code, string>> = {
  en: {
    PERMITTED: 'permits it',
    DENIED_BY_RULE: 'denies it by a rule',
    CONDITIONS_NOT_MET: 'has a permit whose conditions are not met',
    UNCOVERED_DATA: 'has no permit for some of the data asked for',
    NO_RULE: 'has no rule that permits such a flow',
    NO_POLICY: 'has no policy, so nothing is permitted',
    POLICY_NOT_IN_FORCE: 'has no policy in force at that time, so nothing is permitted',
    SUSPENDED: 'has suspended such flows',
    CARRIED_DUTY: 'does not let the data go on so: a duty that came with it forbids it',
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
    CARRIED_DUTY: 'データとともに引き継がれた義務により、この再移転を認めません',
  },
}

/** No two rules of a side share an id. */
function ruleOf(id: string, index: PolicyIndex): Rule | undefined {
  const named = ({ rule }: CompiledRule) => rule.id === id
  return (index.export.rules.find(named) ?? index.import.rules.find(named))?.rule
}

/** The sentences of one language over the labels of one pair of packs. */
class Words {
  readonly #labels: Labels
  readonly #lang: Lang

  constructor(labels: Labels) {
    this.#labels = labels
    this.#lang = labels.lang
  }

  opening(question: Question, { verdict }: Decision): string {
    const from = this.#fact(question, 'from')
    const to = this.#fact(question, 'to')
    const purpose = this.#fact(question, 'purpose')
    const credential = this.#labels.label(question.credential)
    if (this.#lang === 'en') return `${verdict === 'permit' ? 'Permitted' : 'Refused'}: ${credential} from ${from} to ${to}; purpose: ${purpose}.`
    return `${verdict === 'permit' ? '許可' : '拒否'}：${from}から${to}への${credential}の提供（利用目的：${purpose}）。`
  }

  side(side: Side): string {
    return this.#lang === 'en' ? `The ${sideName.en[side]} side` : sideName.ja[side]
  }

  whose(side: Side): string {
    return this.#lang === 'en' ? `the ${sideName.en[side]} side` : sideName.ja[side]
  }

  place(jurisdiction: string): string {
    return this.#labels.label(jurisdiction)
  }

  origin(jurisdiction: string): string {
    const place = this.place(jurisdiction)
    return this.#lang === 'en' ? `${place}, from where the data came,` : `データの移転元である${place}`
  }

  /** @param name the side, as the subject of a sentence */
  half(name: string, code: Code, titles: readonly string[]): string {
    const by = titles.length === 0 ? '' : this.#lang === 'en' ? `: ${titles.join('; ')}` : `（${titles.join('、')}）`
    if (this.#lang === 'en') return `${name} ${codeText.en[code]}${by}.`
    return `${name}の判断：${codeText.ja[code]}${by}。`
  }

  carried(jurisdiction: string, duty: JointObligation): string {
    const place = this.place(jurisdiction)
    return this.#lang === 'en' ? `A duty since the transfer from ${place}: ${this.duty(duty)}` : `${place}からの移転に伴う義務：${this.duty(duty)}`
  }

  /** The author's own words for a deny or a suspension. */
  reasons(half: Half, index: PolicyIndex): string[] {
    const denies = half.code === 'DENIED_BY_RULE' ? half.rules.map((id) => ruleOf(id, index)) : []
    const texts = denies.flatMap((rule) => (rule?.effect === 'deny' && rule.reason ? [rule.reason] : []))
    const suspended = index.suspensions.filter(({ metadata }) => half.code === 'SUSPENDED' && half.rules.includes(metadata.id)).map(({ reason }) => reason)
    return [...texts, ...suspended].map((text) => `${text[this.#lang] ?? text.en}`)
  }

  rule(id: string, index: PolicyIndex): string {
    const title = ruleOf(id, index)?.title
    if (!title) return id
    return this.#lang === 'en' ? `${title.en} (${id})` : `${title.ja ?? title.en}〔${id}〕`
  }

  cites(cites: readonly Cite[]): string {
    const list = cites.map((one) => this.#labels.cite(one))
    return this.#lang === 'en' ? `Cited: ${list.join('; ')}.` : `根拠：${list.join('；')}。`
  }

  added(titles: readonly string[]): string {
    return this.#lang === 'en' ? `These rules add duties: ${titles.join('; ')}.` : `次の規則が義務を加えます：${titles.join('、')}。`
  }

  /** Of a policy that is not in force, and of a suspension, when they are. */
  times(half: Half, index: PolicyIndex, at: string): string[] {
    const spans =
      half.code === 'POLICY_NOT_IN_FORCE'
        ? index.policies.filter(({ validFrom, validUntil }) => at < validFrom || at >= validUntil)
        : index.suspensions.filter(({ metadata }) => half.code === 'SUSPENDED' && half.rules.includes(metadata.id)).map(({ metadata }) => metadata)
    return spans.map(({ id, serial, validFrom, validUntil }) =>
      this.#lang === 'en'
        ? `${id}, serial ${serial}, is in force from ${validFrom} until ${validUntil}.`
        : `${id}（第${serial}版）の有効期間は ${validFrom} から ${validUntil} までです。`,
    )
  }

  withheld(whose: string, { category, code }: Withheld, paths: readonly string[]): string {
    const what = `${this.#labels.label(category)} (${paths.join(', ')})`
    const why = withheldText[this.#lang][code]?.(whose) ?? codeText[this.#lang][code]
    return this.#lang === 'en' ? `Not released: ${what}: ${why}.` : `提供しないもの：${what}：${why}。`
  }

  nearest({ rules, unmet, cite }: NearMiss, partly: boolean): string {
    const needs = unmet.map((one) => this.#labels.need(one))
    const to = rules.join(', ')
    const laws = cite.map((one) => this.#labels.cite(one))
    if (this.#lang === 'en') {
      const under = laws.length === 0 ? '' : `, under ${laws.join('; ')}`
      return `${partly ? 'It would release more' : 'It would permit'} (${to}${under}) with ${needs.join('; and ')}.`
    }
    const under = laws.length === 0 ? '' : `、根拠：${laws.join('；')}`
    return `${partly ? 'さらに提供できる' : '許可される'}ための最小の条件（${to}${under}）：${needs.join('、かつ')}。`
  }

  /** A refusal that nothing which could be shown was found to turn. */
  hopeless({ verdict, code, nearest }: Half): string[] {
    if (verdict === 'permit' || nearest.length > 0 || code === 'NO_POLICY' || code === 'POLICY_NOT_IN_FORCE' || code === 'SUSPENDED') return []
    return [this.#lang === 'en' ? 'Nothing was found that could be shown to make it a permit.' : '示すことで許可となる条件は見つかりませんでした。']
  }

  /** Both sides permit, and have no path in common. */
  apart({ verdict, export: exporting, import: importing }: Decision): string[] {
    if (verdict === 'permit' || exporting.verdict === 'deny' || importing.verdict === 'deny') return []
    return [this.#lang === 'en' ? 'Neither side permits anything that the other permits as well.' : '双方が共に許可するデータがありません。']
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

  #fact(question: Question, name: 'from' | 'to' | 'purpose'): string {
    const value = factValue(question, name).map((word) => this.#labels.label(String(word)))
    return value.join(', ') || (this.#lang === 'en' ? 'unknown' : '不明')
  }

  #dutyEn(duty: JointObligation): string {
    switch (duty.type) {
      case 'retention':
        return `The recipient destroys the data by ${duty.until} (${duty.max}).`
      case 'transfer-record':
        return `A record of the transfer is kept until ${duty.until} (${duty.keep}).`
      case 'purpose-limit':
        return `The data is used for nothing but: ${duty.allow.map((word) => this.#labels.label(word)).join(', ')}.`
      case 'onward-transfer': {
        const otherwise = duty.else === undefined ? '' : duty.else === 'consent' ? '; elsewhere only with consent' : '; elsewhere only after a new decision'
        return duty.allow.length === 0
          ? `The data is not passed on${otherwise}.`
          : `The data is passed on only to: ${duty.allow.map((code) => this.#labels.label(code)).join(', ')}${otherwise}.`
      }
      case 'supplementary-rules':
        return `These rules apply as well: ${this.#labels.label(duty.set)}.`
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
        return `データは次の目的にのみ利用します：${duty.allow.map((word) => this.#labels.label(word)).join('、')}。`
      case 'onward-transfer': {
        const otherwise = duty.else === undefined ? '' : duty.else === 'consent' ? '（その他は同意がある場合のみ）' : '（その他は新たな判断の後のみ）'
        return duty.allow.length === 0
          ? `データを第三者に再移転しません${otherwise}。`
          : `データの再移転は次の国・地域に限ります：${duty.allow.map((code) => this.#labels.label(code)).join('、')}${otherwise}。`
      }
      case 'supplementary-rules':
        return `次の規則も適用されます：${this.#labels.label(duty.set)}。`
      case 'breach-notice':
        return `漏えい等は ${duty.withinHours} 時間以内に提供者に通知します。`
      case 'status-age':
        return `失効・停止の有無は、発行から ${duty.withinSeconds} 秒以内の状態リストで確認します。`
      case 'consent':
        return `${duty.of === 'subject' ? '本人' : '担当者'}の同意の前には何も提供しません。`
    }
  }
}

const withheldText: Record<Lang, Partial<Record<Code, (side: string) => string>>> = {
  en: {
    UNCOVERED_DATA: (side) => `no permit of ${side} covers it for this flow`,
    CONDITIONS_NOT_MET: (side) => `a permit of ${side} covers it, but its conditions are not met`,
    DENIED_BY_RULE: (side) => `a rule of ${side} denies it`,
  },
  ja: {
    UNCOVERED_DATA: (side) => `この移転についてこれを許可する規則が${side}にありません`,
    CONDITIONS_NOT_MET: (side) => `${side}に許可の規則はありますが、その条件が満たされていません`,
    DENIED_BY_RULE: (side) => `${side}の規則により拒否されています`,
  },
}
