/** What the words of the packs are called in English and Japanese, for sentences about decisions and rules. */

import type { Unmet } from './nearest.ts'
import type { Packs } from './packs/packs.ts'
import type { Cite } from './policy.ts'
import type { PlainFactName } from './question.ts'

export type Lang = 'en' | 'ja'

const needName: Record<Lang, Record<PlainFactName, string>> = {
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

/** Labels of one language over one pair of packs. */
export class Labels {
  readonly lang: Lang
  readonly #packs: Packs
  readonly #labels: ReadonlyMap<string, string>

  constructor(packs: Packs, lang: Lang) {
    this.#packs = packs
    this.lang = lang
    const { vocabulary, legal } = packs
    const lists = [vocabulary.credentials, vocabulary.purposes, vocabulary.categories, vocabulary.legalBases, vocabulary.transferTools, vocabulary.evidence]
    const more = [vocabulary.certifications, vocabulary.dataFlags, vocabulary.counters, vocabulary.supplementaryRules]
    this.#labels = new Map([
      ...[...lists, ...more].flat().map(({ id, label }): [string, string] => [id, label[lang]]),
      ...Object.entries(legal.jurisdictions).map(([code, label]): [string, string] => [code, label[lang]]),
    ])
  }

  label(word: string): string {
    return this.#labels.get(word) ?? plainWords[this.lang][word] ?? word
  }

  /** What a fact is called; a counter by its own name. */
  fact(name: string): string {
    return (needName[this.lang] as Readonly<Record<string, string>>)[name] ?? this.label(name.replace('counter:', ''))
  }

  /** One thing to be shown, and what was there in its place. */
  need(one: Unmet): string {
    const name = this.fact(one.need)
    const or = this.lang === 'en' ? ' or ' : '又は'
    const have =
      one.have.length === 0
        ? ''
        : `${this.lang === 'en' ? ', not ' : '（現在：'}${one.have.map((word) => this.label(String(word))).join(', ')}${this.lang === 'en' ? '' : '）'}`
    if ('anyOf' in one) return `${name}${this.lang === 'en' ? ': ' : '：'}${one.anyOf.map((word) => this.label(word)).join(or)}${have}`
    if ('atLeast' in one) return this.lang === 'en' ? `${name} at least ${one.atLeast}${have}` : `${name}が「${this.label(one.atLeast)}」以上${have}`
    return this.lang === 'en' ? `${name} below ${one.below}${have}` : `${name}が ${one.below} 未満${have}`
  }

  /** A law, its article, and the legal relation that was matched. */
  cite({ law, at, legalRelation }: Cite): string {
    return [this.#law(law), at, legalRelation === undefined ? undefined : this.relation(legalRelation)].filter(Boolean).join(', ')
  }

  #law(law: string): string {
    return this.#packs.legal.laws.find(({ id }) => id === law)?.name[this.lang] ?? law
  }

  /** What a legal relation is founded on; undefined for `$matched`, which is none yet. */
  relation(relation: string): string | undefined {
    const entry = this.#packs.legal.relations.find(({ id }) => id === relation)
    return entry && `${entry.instrument} (${entry.id})`
  }
}
