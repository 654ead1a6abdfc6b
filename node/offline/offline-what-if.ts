/** What falls with a legal relation, without a node: from the texts of policies alone. */
import { asIfInForce } from '#policies/analysis/matrix.ts'
import { dayOf, matrixWords } from '#policies/analysis/matrix-words.ts'
import { sectors, standardQuestion, standardQuestions } from '#policies/analysis/standard.ts'
import { type Fallen, type Fate, type WhatIf, whatIf } from '#policies/analysis/what-if.ts'
import { Labels, type Lang } from '#policies/labels.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import type { Rule } from '#policies/policy.ts'
import type { PolicySet } from '#policies/policy-set.ts'
import { type Instant, instant } from '#protocols/ids.ts'
import { amongOf, bounded, documentsOf, timeOf } from './offline-matrix.ts'

export interface WhatIfWish {
  /** Id or kind of a relation. */
  readonly drop: string
  readonly at?: string | undefined
  /** Only between these. */
  readonly among?: readonly string[] | undefined
  readonly asIfInForce: boolean
  readonly nowMs: number
}

export interface PolicyWhatIf extends WhatIf {
  readonly drop: string
  readonly at: Instant
  readonly asIfInForce: boolean
  /** For a terminal. */
  view(lang: Lang): WhatIfView
}

export interface WhatIfView {
  readonly heading: string
  readonly lines: readonly string[]
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly legend: readonly (readonly [word: string, meaning: string])[]
  /** What would have to be shown, numbered as in the rows. */
  readonly ways: readonly string[]
  readonly waysTitle: string
}

/** @throws {TrustError} DFFT_NOT_FOUND naming the nearest relation, or where there is no policy; DFFT_USAGE for a time that is none */
export function policyWhatIf(set: PolicySet, { drop, nowMs, ...wish }: WhatIfWish): PolicyWhatIf {
  const at = wish.at === undefined ? instant(nowMs) : timeOf(wish.at)
  const documents = wish.asIfInForce ? asIfInForce(documentsOf(set, instant(nowMs))) : documentsOf(set, at)
  const types = standardQuestions.questions.map(({ type }) => type)
  const axes = bounded({ jurisdictions: amongOf(wish.among, documents, at), sectors, dates: [at], types })
  const found = whatIf(documents, shippedPacks, standardQuestions, drop, axes)
  const rules = documents.flatMap((document) => (document.kind === 'TrustPolicy' ? document.rules : []))
  return { drop, at, asIfInForce: wish.asIfInForce, ...found, view: (lang) => viewOf(found, { drop, at, rules, asIfInForce: wish.asIfInForce }, lang) }
}

const fates: readonly Fate[] = ['loses', 'needs', 'keeps']

type Asked = Pick<PolicyWhatIf, 'drop' | 'at' | 'asIfInForce'> & { readonly rules: readonly Rule[] }

function viewOf({ dropped, looked, flows }: WhatIf, { drop, at, asIfInForce, rules }: Asked, lang: Lang): WhatIfView {
  const { whatIf: words, asIfInForce: note, notAdvice, and } = matrixWords[lang]
  const law = new Labels(shippedPacks, lang)
  const sorted = flows.toSorted((a, b) => fates.indexOf(a.fate) - fates.indexOf(b.fate))
  const titles = new Map(rules.map(({ id, title }) => [id, (lang === 'ja' ? title?.ja : undefined) ?? title?.en]))
  const named = (rule: string) => `${titles.get(rule) ?? ''} (${rule})`
  const wayOf = ({ fate, rules, relations, needs }: Fallen) =>
    fate === 'keeps'
      ? [[...rules.after.filter((rule) => !rules.before.includes(rule)).map(named), ...relations].join(', ')]
      : needs.map(({ unmet }) => unmet.map((one) => law.need(one)).join(` ${and} `))
  const ways = [...new Set(sorted.flatMap(wayOf))]
  const standing = dropped.filter(({ validFrom, validUntil }) => (validFrom === null || validFrom <= at) && (validUntil === undefined || at < validUntil))
  const instruments = dropped.filter(({ id }) => flows.some(({ rested }) => rested.includes(id))).map(({ id, instrument }) => `${instrument} (${id})`)
  return {
    heading: words.heading(drop, dayOf(at, lang)),
    lines: [...(standing.length === 0 ? [words.notInForce] : instruments), words.looked(looked, flows.length), `${asIfInForce ? `${note} ` : ''}${notAdvice}`],
    heads: words.heads,
    rows: sorted.map((flow) =>
      rowOf(
        flow,
        law,
        lang,
        wayOf(flow).map((way) => `[${ways.indexOf(way) + 1}]`),
      ),
    ),
    legend: fates.filter((fate) => flows.some((flow) => flow.fate === fate)).map((fate) => [words.fates[fate].word, words.fates[fate].meaning] as const),
    ways: ways.map((way, index) => `[${index + 1}] ${way}`),
    waysTitle: words.ways,
  }
}

function rowOf(flow: Fallen, law: Labels, lang: Lang, ways: readonly string[]): string[] {
  const { whatIf: words, outcomes } = matrixWords[lang]
  return [
    words.fates[flow.fate].word,
    `${flow.from} → ${flow.to}`,
    law.label(standardQuestion(standardQuestions, flow.type).credential),
    law.label(flow.sector),
    outcomes[flow.before].word,
    outcomes[flow.after].word,
    flow.lost.map(({ path }) => path).join(' '),
    ways.join(' '),
  ]
}
