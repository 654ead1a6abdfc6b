/** Policies looked at without a node: who may send what to whom, and what falls with a legal relation. From texts alone. */
import { type HeatMapOf, heatMap } from '#policies/analysis/heat-map.ts'
import { type Axes, asIfInForce, jurisdictionsOf, type MatrixCell, matrix, matrixByCategory, type Outcome } from '#policies/analysis/matrix.ts'
import { type Grid, gridsOf, merged, reasonsOf, tallyOf, waysOf } from '#policies/analysis/matrix-view.ts'
import { dayOf, matrixWords } from '#policies/analysis/matrix-words.ts'
import { type Sector, sectors, standardDates, standardQuestion, standardQuestions } from '#policies/analysis/standard.ts'
import { Labels, type Lang } from '#policies/labels.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import type { PolicyDocument } from '#policies/policy.ts'
import type { PolicySet } from '#policies/policy-set.ts'
import { CalendarInstant } from '#policies/question.ts'
import { type Sides, sidesOf } from '#policies/sides.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Instant, instant, type Jurisdiction } from '#protocols/ids.ts'

export interface MatrixWish {
  readonly type?: string | undefined
  readonly sector?: string | undefined
  readonly at?: string | undefined
  /** Only between these. */
  readonly among?: readonly string[] | undefined
  /** For each category of the credential by itself. */
  readonly byCategory: boolean
  /** Take the policies as in force on whatever day is asked about. */
  readonly asIfInForce: boolean
  /** All types, sectors and days where none is named; else the first type and sector, and `nowMs`. */
  readonly everything: boolean
  readonly nowMs: number
}

export interface PolicyMatrix {
  readonly asIfInForce: boolean
  readonly policies: readonly {
    readonly id: string
    readonly jurisdiction: string
    readonly serial: number
    readonly validFrom: Instant
    readonly validUntil: Instant
  }[]
  readonly cells: readonly MatrixCell[]
  /** The page; made when it is asked for. */
  html(lang: Lang): string
  /** For a terminal: tables of words. */
  view(lang: Lang): MatrixView
}

/** @throws {TrustError} DFFT_USAGE for a type, sector, time or jurisdiction that is none; DFFT_NOT_FOUND where there is no policy */
export function policyMatrix(set: PolicySet, wish: MatrixWish): PolicyMatrix {
  const documents = documentsOf(set, instant(wish.nowMs))
  const axes = axesOf(wish, documents)
  const sides = wish.asIfInForce ? sidesOf(asIfInForce(documents), shippedPacks) : sidesByDay(set, axes.dates)
  const cells = wish.byCategory ? matrixByCategory(sides, standardQuestions, axes, shippedPacks) : matrix(sides, standardQuestions, axes)
  const map: HeatMapOf = { cells, standard: standardQuestions, documents, packs: shippedPacks, asIfInForce: wish.asIfInForce }
  return {
    asIfInForce: wish.asIfInForce,
    policies: documents.map(({ metadata: { id, jurisdiction, serial, validFrom, validUntil } }) => ({ id, jurisdiction, serial, validFrom, validUntil })),
    cells,
    html: (lang) => heatMap(map, lang),
    view: (lang) => viewOf(map, lang),
  }
}

/** What stands at that time, and every suspension. @throws {TrustError} DFFT_NOT_FOUND */
export function documentsOf(set: PolicySet, at: Instant): PolicyDocument[] {
  if (set.policies.length === 0) throw new TrustError('DFFT_NOT_FOUND', 'there is no policy in what was named')
  return [...set.standing(at), ...set.suspensions]
}

/** Each day with the documents that stand then. */
function sidesByDay(set: PolicySet, dates: readonly Instant[]): Sides {
  const days = new Map(dates.map((at) => [at, sidesOf(documentsOf(set, at), shippedPacks)]))
  return (jurisdiction, at) => (days.get(at) ?? sidesOf(documentsOf(set, at), shippedPacks))(jurisdiction, at)
}

function axesOf({ type, sector, at, among, asIfInForce, everything, byCategory, nowMs }: MatrixWish, documents: readonly PolicyDocument[]): Axes {
  const days = everything && asIfInForce && !byCategory ? standardDates : [instant(nowMs)]
  const dates = at === undefined ? days : [timeOf(at)]
  const types = standardQuestions.questions.map((one) => one.type)
  const wanted = type === undefined ? types.slice(0, everything && !byCategory ? types.length : 1) : [standardQuestion(standardQuestions, type).type]
  const chosen = sector === undefined ? sectors.slice(0, everything ? sectors.length : 1) : [sectorOf(sector)]
  return bounded({ dates, types: wanted, sectors: chosen, jurisdictions: amongOf(among, documents, dates.at(-1) ?? instant(nowMs)) })
}

/** Those named, each once; else all that have a policy. @throws {TrustError} DFFT_USAGE */
export function amongOf(among: readonly string[] | undefined, documents: readonly PolicyDocument[], at: Instant): Jurisdiction[] {
  return among ? [...new Set(among.map(codeOf))] : jurisdictionsOf(documents, shippedPacks, at)
}

/** A page of them has 35 MB, and takes a minute. */
const cellsMax = 50_000

/** @throws {TrustError} DFFT_LIMIT */
export function bounded(axes: Axes): Axes {
  const cells = axes.types.length * axes.dates.length * axes.sectors.length * axes.jurisdictions.length ** 2
  if (cells > cellsMax) throw new TrustError('DFFT_LIMIT', `the matrix would have ${cells} cells; name fewer jurisdictions, types or days`, { cells, cellsMax })
  return axes
}

export function timeOf(at: string): Instant {
  const read = CalendarInstant.safeParse(at.length === 10 ? `${at}T00:00:00Z` : at)
  if (!read.success) throw new TrustError('DFFT_USAGE', `\`${at.slice(0, 64)}\` is no time; write 2026-11-21 or 2026-11-21T00:00:00Z`)
  return read.data
}

function sectorOf(name: string): Sector {
  const found = sectors.find((sector) => sector === name)
  if (!found) throw new TrustError('DFFT_USAGE', `\`${name.slice(0, 64)}\` is no sector; private and public are`)
  return found
}

function codeOf(code: string): Jurisdiction {
  if (!shippedPacks.terms.jurisdiction.has(code)) throw new TrustError('DFFT_USAGE', `\`${code.slice(0, 64)}\` is no code of a jurisdiction`)
  return code as Jurisdiction // A name of the pack.
}

// --- For a terminal.

export interface MatrixView {
  readonly notes: readonly string[]
  readonly tables: readonly {
    readonly heading: string
    readonly heads: readonly string[]
    readonly rows: readonly (readonly string[])[]
    /** A word of the cells, and what it means. */
    readonly legend: readonly (readonly [word: string, meaning: string])[]
    /** What each sending jurisdiction says, in sentences. */
    readonly reasons: ReadonlyMap<string, readonly string[]>
  }[]
}

function viewOf({ cells, asIfInForce }: HeatMapOf, lang: Lang): MatrixView {
  const words = matrixWords[lang]
  return {
    notes: [words.rowsSend, ...(asIfInForce ? [words.asIfInForce] : []), words.notAdvice],
    tables: merged(gridsOf(cells)).map((grid) => tableOf(grid, lang)),
  }
}

function tableOf(grid: Grid, lang: Lang): MatrixView['tables'][number] {
  const words = matrixWords[lang]
  const law = new Labels(shippedPacks, lang)
  const about = [standardQuestion(standardQuestions, grid.type).credential, ...grid.categories].map((word) => law.label(word))
  return {
    heading: [about.join(', '), words.sectors[grid.sector], dayOf(grid.at, lang)].join(' · '),
    heads: ['', ...grid.jurisdictions],
    rows: grid.rows.map(({ from, cells }) => [`${from} ${law.label(from)}`, ...cells.map(({ outcome }) => words.outcomes[outcome].word)]),
    legend: tallyOf(grid).map(([outcome, count]) => [words.outcomes[outcome].word, `${words.outcomes[outcome].meaning} (${words.flows(count)})`] as const),
    reasons: reasonsIn(grid, law, lang),
  }
}

function reasonsIn(grid: Grid, law: Labels, lang: Lang): ReadonlyMap<string, readonly string[]> {
  const words = matrixWords[lang]
  const colon = lang === 'ja' ? '：' : ': '
  const told = reasonsOf(grid, 'export').map(({ of, partners, cell }) => {
    const outcome: Outcome = cell.outcome
    const cited = cell.export.cite.map((cite) => law.cite(cite))
    const ways = waysOf(cell, 'export').map(({ unmet }) => unmet.map((one) => law.need(one)).join(` ${words.and} `))
    const lines = [
      `${of} → ${partners.join(' ')}${colon}${words.outcomes[outcome].meaning}`,
      ...[...new Set(cited)].map((cite) => `  ${words.cited}${colon}${cite}`),
      ...[...new Set(ways)].map((way) => `  ${words.missing}${colon}${way}`),
    ]
    return [of, lines] as const
  })
  return new Map([...Map.groupBy(told, ([of]) => of)].map(([of, all]) => [of, all.flatMap(([, lines]) => lines)]))
}
