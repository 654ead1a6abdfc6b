/** What the policies held here come to, for a person to look at: the matrix, one cell of it, what falls with a relation, and a decision as a tree. */
import type { DecisionTree } from '#node/api/policies.ts'
import type { OutputOf } from '#node/api.ts'
import { explained } from '#node/exchange/evaluation.ts'
import { type Decided, getDecided } from '#node/exchange/exchange-record.ts'
import type { Clock, Store } from '#node/ports.ts'
import { type Axes, asIfInForce, jurisdictionsOf, type MatrixCell, matrix, matrixByCategory } from '#policies/analysis/matrix.ts'
import { gridsOf, merged } from '#policies/analysis/matrix-view.ts'
import { sideTree } from '#policies/analysis/rule-tree.ts'
import { questionOf, type Sector, sectors, standardQuestion, standardQuestions } from '#policies/analysis/standard.ts'
import { whatIf, without } from '#policies/analysis/what-if.ts'
import type { PolicyIndex, Side } from '#policies/compile.ts'
import { type Decision, decide, type Half } from '#policies/decide.ts'
import { codeText, dutySentences, explain } from '#policies/explain.ts'
import { factValue } from '#policies/facts.ts'
import { Labels, type Lang } from '#policies/labels.ts'
import type { Packs } from '#policies/packs/packs.ts'
import { inGroup } from '#policies/places.ts'
import type { PolicyDocument } from '#policies/policy.ts'
import { CalendarInstant, type DataItem, type Question } from '#policies/question.ts'
import { sidesOf } from '#policies/sides.ts'
import { TrustError } from '#protocols/errors.ts'
import { type ExchangeId, type Instant, instant, type JsonPointer, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { PolicyShelf } from './policy-shelf.ts'

interface Needs {
  readonly shelf: PolicyShelf
  readonly clock: Pick<Clock, 'nowMs'>
}

interface Wish {
  readonly type: string
  readonly sector: Sector
  readonly at?: string | undefined
  readonly asIfInForce: boolean
  readonly without?: string | undefined
  readonly lang: Lang
}

/** Some thirty jurisdictions: a matrix by category of them is 25,000 decisions, a quarter of a second. */
const jurisdictionsMax = 32

/** What is asked, and of which documents. @throws {TrustError} DFFT_USAGE, DFFT_NOT_FOUND, DFFT_LIMIT */
function asking({ at: said, asIfInForce: always, without: drop }: Pick<Wish, 'at' | 'asIfInForce' | 'without'>, { shelf, clock }: Needs) {
  const nowMs = clock.nowMs()
  const at = said === undefined ? instant(nowMs) : timeOf(said)
  const held = shelf.allInForce(always ? nowMs : msOf(at))
  const suspended = [...new Set(held.map(({ policy }) => policy.metadata.jurisdiction))].flatMap((one) => shelf.suspended(one, msOf(at)))
  const found = [...held, ...suspended].map(({ policy }): PolicyDocument => policy)
  const documents = always ? asIfInForce(found) : found
  const own = held.at(-1)?.packs ?? shelf.packs.shipped
  const { packs } = drop === undefined ? { packs: own } : without(own, drop)
  const jurisdictions = jurisdictionsOf(documents, packs, at)
  if (jurisdictions.length > jurisdictionsMax)
    throw new TrustError('DFFT_LIMIT', `policies of ${jurisdictions.length} jurisdictions are held; the matrix shows ${jurisdictionsMax}`, {
      jurisdictions: jurisdictions.length,
    })
  return { at, held: held.map(({ policy: { metadata } }) => metadata), documents, packs, jurisdictions }
}

function timeOf(said: string): Instant {
  const read = CalendarInstant.safeParse(said.length === 10 ? `${said}T00:00:00Z` : said)
  if (!read.success) throw new TrustError('DFFT_USAGE', `\`${said}\` is no time; write 2026-11-21 or 2026-11-21T00:00:00Z`)
  return read.data
}

export function matrixHeld(wish: Wish, needs: Needs): OutputOf<'policyMatrix'> {
  const { at, held, documents, packs, jurisdictions } = asking(wish, needs)
  const law = new Labels(packs, wish.lang)
  const one = standardQuestion(standardQuestions, wish.type)
  const axes: Axes = { jurisdictions, sectors: [wish.sector], dates: [at], types: [one.type] }
  const sides = sidesOf(documents, packs)
  const quick = { needs: false }
  const grids = [...gridsOf(matrix(sides, standardQuestions, axes, quick)), ...merged(gridsOf(matrixByCategory(sides, standardQuestions, axes, packs, quick)))]
  const labelled = (id: string) => ({ id, label: law.label(id) })
  const within = (place: string) => jurisdictions.some((code) => code === place || inGroup(packs, place, code, at))
  const relations = packs.legal.relations.filter(({ tool, from, to }) => tool && within(from) && within(to))
  return {
    at,
    type: one.type,
    purpose: law.label(one.purpose),
    jurisdictions: jurisdictions.map(labelled),
    types: standardQuestions.questions.map(({ type, credential }) => ({ id: type, label: law.label(credential) })),
    grids: grids.map(({ categories, rows }) => ({
      categories: categories.map(labelled),
      outcomes: rows.flatMap(({ cells }) => cells.map(({ outcome }: MatrixCell) => outcome)),
    })),
    changes: [
      ...new Set(relations.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil]).filter((time) => typeof time === 'string')),
    ].sort() as Instant[], // The pack has read them.
    relations: relations.map(({ id, kind, from, to, validFrom, validUntil }) => ({
      id,
      kind,
      label: law.relation(id) ?? id,
      from,
      to,
      validFrom: (validFrom ?? null) as Instant | null, // As above.
      validUntil: (validUntil ?? null) as Instant | null,
    })),
    policies: held.map(({ id, jurisdiction, serial, validFrom, validUntil }) => ({ id, jurisdiction, serial, validFrom, validUntil })),
  }
}

interface Cell extends Wish {
  readonly from: Jurisdiction
  readonly to: Jurisdiction
  readonly category?: string | undefined
}

/** @throws {TrustError} DFFT_USAGE for a category that is none */
export function whyCell(wish: Cell, needs: Needs): OutputOf<'policyWhy'> {
  const { at, documents, packs } = asking(wish, needs)
  const { from, to, sector, category, lang } = wish
  const one = standardQuestion(standardQuestions, wish.type)
  if (category !== undefined && !packs.terms.category.has(category)) throw new TrustError('DFFT_USAGE', `\`${category.slice(0, 64)}\` is no category of data`)
  const data: readonly DataItem[] | undefined = category === undefined ? undefined : [{ path: '/claim' as JsonPointer, category }]
  const question = questionOf(standardQuestions, one, { from, to, sector, at }, data)
  const sides = sidesOf(documents, packs)
  const indexes = { export: sides(from, at), import: sides(to, at) }
  const decision = decide(indexes.export, indexes.import, question)
  const all = decision.joint?.disclosed.length ?? 0
  const outcome = decision.joint === null ? decision.code : all === question.data.length ? 'all' : 'part'
  return { outcome, decision: treeOf({ id: '', chosen: true, claimSet: null, question, decision }, indexes, lang) }
}

export function whatIfHeld(
  { drop, lang, ...wish }: Pick<Wish, 'at' | 'asIfInForce' | 'lang'> & { readonly drop: string },
  needs: Needs,
): OutputOf<'policyWhatIf'> {
  const { at, documents, packs, jurisdictions } = asking({ ...wish, without: undefined }, needs)
  const types = standardQuestions.questions.map(({ type }) => type)
  const { dropped, looked, flows } = whatIf(documents, packs, standardQuestions, drop, { jurisdictions, sectors, dates: [at], types })
  const law = new Labels(packs, lang)
  return {
    at,
    dropped: dropped.map(({ id }) => ({ id, label: law.relation(id) ?? id })),
    looked,
    flows: flows.map(({ from, to, type, sector, fate, before, after, lost, rules, relations, needs: wanted }) => ({
      ...{ from, to, type, sector, fate, before, after },
      lost: lost.map(({ path }) => path),
      ways: [
        ...new Set(
          fate === 'keeps'
            ? [...rules.after.filter((rule) => !rules.before.includes(rule)), ...relations.map((id) => law.relation(id) ?? id)]
            : wanted.map(({ unmet }) => unmet.map((need) => law.need(need)).join(lang === 'ja' ? '、かつ' : '; and ')),
        ),
      ],
    })),
  }
}

export async function treesOf(
  { exchange, lang }: { readonly exchange: ExchangeId; readonly lang: Lang },
  { store, shelf }: { readonly store: Store; readonly shelf: PolicyShelf },
): Promise<OutputOf<'policyTree'>> {
  const decided = await getDecided(store, exchange)
  if (!decided) throw new TrustError('DFFT_NOT_FOUND', `no decision on exchange \`${exchange}\` was made here`)
  const decisions = decided.map((one) => {
    const { decision, exporting, importing, origins } = explained(one, shelf)
    return treeOf({ ...one, decision }, { export: exporting, import: importing, origins }, lang)
  })
  return { exchange, decisions }
}

interface Indexes {
  readonly export: PolicyIndex
  readonly import: PolicyIndex
  readonly origins?: readonly PolicyIndex[]
}

function treeOf({ id, chosen, question, decision }: Decided, indexes: Indexes, lang: Lang): DecisionTree {
  const { packs } = indexes.export
  const law = new Labels(packs, lang)
  const fact = (name: 'from' | 'to' | 'purpose') =>
    factValue(question, name)
      .map((word) => law.label(String(word)))
      .join(', ')
  const { joint } = decision
  return {
    ...{ id, chosen, verdict: decision.verdict, code: decision.code, at: question.at },
    ...{ from: fact('from'), to: fact('to'), purpose: fact('purpose'), credential: law.label(question.credential) },
    sides: sidesIn(question, decision, indexes, lang),
    joint: joint && {
      disclosed: [...joint.disclosed],
      withheld: joint.withheld.map(({ path }) => path),
      duties: dutySentences(joint.obligations, packs, lang),
      validUntil: joint.validUntil,
    },
    agreement: decision.agreement,
    sentences: explain(
      question,
      decision,
      { export: indexes.export, import: indexes.import, ...(decision.origins ? { origins: indexes.origins ?? [] } : {}) },
      lang,
    ),
  }
}

/** Both sides; then, of data that was passed on, each origin’s, by whose law it went out first. */
function sidesIn(question: Question, decision: Decision, indexes: Indexes, lang: Lang): DecisionTree['sides'] {
  const one = (side: Side, of: string, half: Half, index: PolicyIndex) => {
    const law = new Labels(index.packs, lang)
    const tree = sideTree(index, side, { question, half, lang })
    return {
      side,
      of,
      ...{ verdict: half.verdict, code: half.code, codeText: codeText[lang][half.code] },
      policies: half.policies.map((policy) => ({ ...policy })),
      cite: half.cite.map((cite) => law.cite(cite)),
      rules: tree.rules.map((rule) => ({
        ...rule,
        conditions: rule.conditions.map((condition) => ({ ...condition, wanted: [...condition.wanted], have: [...condition.have] })),
        cite: [...rule.cite],
      })),
      elsewhere: tree.elsewhere,
      nearest: tree.nearest.map(({ rules, needs, cite }) => ({ rules: [...rules], needs: [...needs], cite: [...cite] })),
      withheld: tree.withheld.map(({ category, code, paths }) => ({ category, code, paths: [...paths] })),
    }
  }
  const named = (packs: Packs, fact: 'from' | 'to') =>
    factValue(question, fact)
      .map((word) => new Labels(packs, lang).label(String(word)))
      .join(', ')
  return [
    one('export', named(indexes.export.packs, 'from'), decision.export, indexes.export),
    one('import', named(indexes.import.packs, 'to'), decision.import, indexes.import),
    ...(decision.origins ?? []).flatMap((half, at) => {
      const index = indexes.origins?.[at]
      return index ? [one('export', new Labels(index.packs, lang).label(question.onward?.[at]?.jurisdiction ?? ''), half, index)] : []
    }),
  ]
}
