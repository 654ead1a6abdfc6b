/**
 * The golden matrix, derived from the legal data alone.
 *
 * What the reference policies must give for the standard questions, worked out a second time by other means: this file
 * reads the data as plain JSON and shares no code with the policies or their evaluator. So a fault in either shows as a
 * cell that differs. Run `node test-network/golden/derive.ts` after the legal data changed, and review what it changed.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Member {
  readonly code: string
  readonly subdivision?: string
  readonly from?: string
  readonly until?: string
}

interface Relation {
  readonly id: string
  readonly tool: boolean
  readonly from: string
  readonly to: string
  readonly validFrom: string | null
  readonly validUntil?: string
  readonly recipientSector?: readonly string[]
  readonly exporterSector?: readonly string[]
  readonly certification?: string
  readonly excludedData?: readonly string[]
  readonly excludedPurposes?: readonly string[]
}

export interface Legal {
  readonly groups: readonly { readonly id: string; readonly members: readonly Member[] }[]
  readonly relations: readonly Relation[]
  readonly regimes: readonly Regime[]
}

interface Regime {
  readonly jurisdiction: string
  readonly model: string
  readonly negativeList?: readonly string[]
  readonly thresholds?: {
    readonly period: string
    readonly rules: readonly { readonly data: string; readonly atLeast?: number; readonly below?: number; readonly requires: readonly string[] }[]
  }
  readonly denies?: { readonly dataFlags: readonly string[]; readonly to: string }
}

/** The tree of data categories: a category may have several parents. */
export interface Vocabulary {
  readonly categories: readonly { readonly id: string; readonly parents: readonly string[] }[]
}

export interface Asked {
  readonly type: string
  readonly purpose: string
  readonly open: Readonly<Record<string, string>>
  readonly personal: Readonly<Record<string, string>>
}

export interface Questions {
  readonly facts: Readonly<Record<string, unknown>>
  readonly questions: readonly Asked[]
}

export const jurisdictions = ['JP', 'DE', 'FR', 'GB', 'CH', 'KR', 'SG', 'US', 'BR', 'IN', 'CN']
export const sectors = ['private', 'public']
export const dates = ['2018-12-31T00:00:00Z', '2022-06-30T00:00:00Z', '2025-06-30T00:00:00Z', '2026-11-21T00:00:00Z']

/** All; the open part only; nothing. */
export type Letter = 'A' | 'O' | '-'

export interface Cell {
  readonly type: string
  readonly date: string
  readonly sector: string
  readonly from: string
  readonly to: string
  readonly letter: Letter
  /** Why the personal data pass, or do not. */
  readonly reason: string
}

interface Flow {
  readonly date: string
  readonly sector: string
  readonly from: string
  readonly to: string
}

interface Known {
  readonly legal: Legal
  readonly vocabulary: Vocabulary
  readonly facts: Questions['facts']
}

export function derive(legal: Legal, vocabulary: Vocabulary, { facts, questions }: Questions): Cell[] {
  const cells: Cell[] = []
  for (const asked of questions)
    for (const date of dates)
      for (const sector of sectors)
        for (const from of jurisdictions)
          for (const to of jurisdictions) {
            const flow = { date, sector, from, to }
            const { passes, reason } = personal({ legal, vocabulary, facts }, asked, flow)
            cells.push({ type: asked.type, ...flow, letter: letterOf(asked, passes), reason })
          }
  return cells
}

function letterOf({ open }: Asked, personalPasses: boolean): Letter {
  if (personalPasses) return 'A'
  return Object.keys(open).length > 0 ? 'O' : '-'
}

interface Answer {
  readonly passes: boolean
  readonly reason: string
}

/** Whether personal data may leave `from` for `to` under the law of the day, with nothing shown but the standard facts. */
function personal(known: Known, asked: Asked, flow: Flow): Answer {
  const { legal } = known
  const { from, to, date } = flow
  if (from === to) return { passes: true, reason: 'domestic' }
  if (memberOn(legal, 'EEA', from, date) && memberOn(legal, 'EEA', to, date)) return { passes: true, reason: 'free movement in the EEA' }
  const regime = regimeOf(legal, from, date)
  switch (regime.model) {
    case 'default-closed':
      return byRelation(known, asked, flow)
    case 'default-open':
      return regime.negativeList?.includes(to) ? { passes: false, reason: 'default-open: on the negative list' } : { passes: true, reason: 'default-open' }
    case 'comparable-protection':
      return { passes: false, reason: 'comparable-protection: no tool is shown' }
    case 'threshold':
      return byThreshold(regime, known)
    case 'targeted-deny':
      return byNamedDeny(regime, known, flow)
    default:
      throw new Error(`nobody has said what the regime ${regime.model} of ${from} means`)
  }
}

/** The data of the standard questions are not sensitive. The counter is named for the jurisdiction and its period. */
function byThreshold({ jurisdiction, thresholds }: Regime, { facts }: Known): Answer {
  const count = Number(facts[`counter:${jurisdiction.toLowerCase()}-pi-subjects-this-${thresholds?.period}`])
  const rule = thresholds?.rules.find(({ data, atLeast = 0, below = Infinity }) => data === 'non-sensitive' && count >= atLeast && count < below)
  const wanted = rule?.requires.join(' or ') ?? 'what the law asks for beyond its thresholds'
  return wanted === '' ? { passes: true, reason: `threshold: ${count} is below ${rule?.below}` } : { passes: false, reason: `threshold: asks for ${wanted}` }
}

function byNamedDeny({ denies }: Regime, { legal, facts }: Known, { to, date }: Flow): Answer {
  const named = denies !== undefined && memberOn(legal, denies.to, to, date) && listOf(facts.dataFlags).some((flag) => denies.dataFlags.includes(String(flag)))
  return named ? { passes: false, reason: `targeted-deny: to ${denies.to}` } : { passes: true, reason: 'targeted-deny: names other data' }
}

function byRelation(known: Known, asked: Asked, flow: Flow): Answer {
  const { legal } = known
  const recorded = legal.relations.filter((relation) => relation.tool && holdsOn(relation, flow.date) && joins(legal, relation, flow))
  const failing = recorded.map((relation) => ({ relation, missing: outOfScope(relation, known, asked, flow.sector) }))
  const found = failing.find(({ missing }) => missing === undefined)
  if (found) return { passes: true, reason: `${found.relation.id}${found.relation.validFrom === null ? ' (since when is not recorded)' : ''}` }
  const near = failing.map(({ relation, missing }) => `${relation.id} asks for ${missing}`)
  return { passes: false, reason: near.length > 0 ? `default-closed: ${near.join('; ')}` : 'default-closed: no relation' }
}

/** What of its scope the standard question does not have. */
function outOfScope(relation: Relation, { facts, vocabulary }: Known, { purpose, personal }: Asked, sector: string): string | undefined {
  const { recipientSector, exporterSector, certification, excludedData, excludedPurposes } = relation
  if (recipientSector && !recipientSector.includes(sector)) return `a ${recipientSector.join(' or ')} recipient`
  if (exporterSector && !exporterSector.includes(String(facts.exporterSector))) return `a ${exporterSector.join(' or ')} exporter`
  if (certification !== undefined && !listOf(facts.certification).includes(certification)) return `the certification ${certification}`
  if (excludedPurposes?.includes(purpose)) return `another purpose than ${purpose}`
  const left = Object.values(personal).find((category) =>
    excludedData?.some((excluded) => within(vocabulary, excluded, category) || within(vocabulary, category, excluded)),
  )
  return left === undefined ? undefined : `other data than ${left}`
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether a category is another, or lies below it on any path of the tree. */
function within(vocabulary: Vocabulary, category: string, above: string): boolean {
  const parents = vocabulary.categories.find(({ id }) => id === category)?.parents ?? []
  return category === above || parents.some((parent) => within(vocabulary, parent, above))
}

function joins(legal: Legal, relation: Relation, { from, to, date }: Flow): boolean {
  return place(legal, relation.from, from, date) && place(legal, relation.to, to, date)
}

function place(legal: Legal, named: string, code: string, date: string): boolean {
  return named === code || memberOn(legal, named, code, date)
}

function holdsOn({ validFrom, validUntil }: Relation, date: string): boolean {
  return (validFrom === null || validFrom <= date) && (validUntil === undefined || date < validUntil)
}

function memberOn(legal: Legal, group: string, code: string, date: string): boolean {
  const members = legal.groups.find(({ id }) => id === group)?.members ?? []
  return members.some(
    (member) =>
      member.code === code &&
      member.subdivision === undefined &&
      (member.from === undefined || member.from <= date) &&
      (member.until === undefined || date < member.until),
  )
}

/** A jurisdiction's own regime, else that of the union it is a member of. */
function regimeOf(legal: Legal, code: string, date: string): Regime {
  const own = legal.regimes.find(({ jurisdiction }) => jurisdiction === code)
  const ofUnion = legal.regimes.find(({ jurisdiction }) => memberOn(legal, jurisdiction, code, date))
  const found = own ?? ofUnion
  if (!found) throw new Error(`the legal data say nothing about the regime of ${code}`)
  return found
}

// --- As text.

const head = `# The golden matrix: which data of each credential type pass between jurisdictions, with nothing shown but the standard facts.
# Derived by test-network/golden/derive.ts from policies/packs/legal.json and policies/packs/reference/standard-questions.json,
# without the policies. Modelled from public texts; no legal advice. The reasons for each cell are in reasons.csv.
#
#   A  all data that are asked for pass
#   O  the open part only: the personal data are withheld
#   -  nothing passes
#
# Rows send, columns receive; the sector is the recipient's; the law is that of the date.
`

/** One block a type, date and sector. */
export function matrixText(cells: readonly Cell[]): string {
  const blocks = Map.groupBy(cells, ({ type, date, sector }) => `${type}  ${date.slice(0, 10)}  ${sector}`)
  const texts = [...blocks].map(([title, block]) => {
    const rows = [...Map.groupBy(block, ({ from }) => from)].map(([from, row]) => `${from}   ${row.map(({ letter }) => letter.padEnd(2)).join(' ')}`.trimEnd())
    return `${title}\n     ${jurisdictions.join(' ')}\n${rows.join('\n')}\n`
  })
  return `${head}\n${texts.join('\n')}`
}

/** Why, one line a flow, since it is the same for every type: the personal data of all of them are of one kind to the law. */
export function reasonsCsv(cells: readonly Cell[]): string {
  const flows = Map.groupBy(cells, ({ date, sector, from, to }) => [date.slice(0, 10), sector, from, to].join())
  const lines = [...flows].flatMap(([flow, same]) =>
    [...Map.groupBy(same, ({ reason }) => reason)].map(([reason, of]) => {
      const types = of.length === same.length ? 'all' : of.map(({ type }) => type).join(' ')
      return `${flow},${types},${of.some(({ letter }) => letter === 'A') ? 'yes' : 'no'},${reason}`
    }),
  )
  return `date,sector,from,to,types,personal data pass,because\n${lines.join('\n')}\n`
}

export function golden(): { readonly cells: readonly Cell[]; readonly matrix: string; readonly reasons: string } {
  const json = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../policies/packs/${path}`, import.meta.url), 'utf8'))
  // Our own data; what is missing fails where it is used.
  const trees = ['dpv.json', 'extension.json'].map((file) => json(file) as Vocabulary)
  const vocabulary = { categories: trees.flatMap(({ categories }) => categories) }
  const cells = derive(json('legal.json') as Legal, vocabulary, json('reference/standard-questions.json') as Questions)
  return { cells, matrix: matrixText(cells), reasons: reasonsCsv(cells) }
}

if (import.meta.main) {
  const { cells, matrix, reasons } = golden()
  writeFileSync(new URL('matrix.txt', import.meta.url), matrix)
  writeFileSync(new URL('reasons.csv', import.meta.url), reasons)
  process.stdout.write(`${cells.length} cells\n`)
}
