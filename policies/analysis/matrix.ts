/**
 * Who may send what to whom: the standard questions from every jurisdiction to every other, decided by both sides.
 *
 * A past day is decided with today's rules: the groups and legal relations are those of that day, the documents are
 * taken as if they were in force.
 */
import type { Instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import type { Side } from '../compile.ts'
import { type Decision, decide, type Half, type Withheld } from '../decide.ts'
import type { Code } from '../judge.ts'
import type { NearMiss } from '../nearest.ts'
import type { Packs } from '../packs/packs.ts'
import { membersOf } from '../places.ts'
import type { Cite, PolicyDocument } from '../policy.ts'
import type { DataItem } from '../question.ts'
import type { Sides } from '../sides.ts'
import { dataOf, type Flow, questionOf, type Sector, type StandardQuestion, type StandardQuestions, standardQuestion } from './standard.ts'

/** Everything released; the business data alone; some other part; or why nothing is. */
export type Outcome = 'all' | 'open' | 'part' | Exclude<Code, 'PERMITTED'>

export interface CellSide {
  readonly code: Code
  readonly rules: readonly string[]
  /** Legal relations among what is cited, by id. */
  readonly relations: readonly string[]
  readonly cite: readonly Cite[]
}

export interface Need extends NearMiss {
  readonly side: Side
}

export interface MatrixCell extends Flow {
  readonly type: string
  /** The one category asked about, in a matrix by category; else null. */
  readonly category: string | null
  readonly outcome: Outcome
  readonly export: CellSide
  readonly import: CellSide
  readonly released: readonly JsonPointer[]
  /** By each side; what both withhold stands here twice. */
  readonly withheld: readonly (Withheld & { readonly side: Side })[]
  /** What would have to be shown for more to be released, each way the least. */
  readonly needs: readonly Need[]
}

export interface Axes {
  readonly jurisdictions: readonly Jurisdiction[]
  readonly sectors: readonly Sector[]
  readonly dates: readonly Instant[]
  readonly types: readonly string[]
}

export interface MatrixOptions {
  /** Whether to look for what is missing, which costs a hundred times the decision; true where it is not given. */
  readonly needs?: boolean
}

/** Cells by type, date, sector, exporter, recipient, each in the order of its axis. @throws {TrustError} DFFT_USAGE for a type that is not in the standard */
export function matrix(sides: Sides, standard: StandardQuestions, axes: Axes, options: MatrixOptions = {}): MatrixCell[] {
  const asked = axes.types.map((type) => ({ one: standardQuestion(standard, type), category: null, data: undefined }))
  return asked.flatMap((about) => cellsOf(sides, standard, axes, about, options))
}

/** The same for each category of a credential by itself, as the vocabulary's tree has them. @throws {TrustError} DFFT_USAGE */
export function matrixByCategory(sides: Sides, standard: StandardQuestions, axes: Axes, packs: Packs, options: MatrixOptions = {}): MatrixCell[] {
  const asked = axes.types.flatMap((type) => {
    const one = standardQuestion(standard, type)
    return categoriesOf(one, packs).map((category) => ({ one, category, data: [{ path: '/claim' as JsonPointer, category }] }))
  })
  return asked.flatMap((about) => cellsOf(sides, standard, axes, about, options))
}

/** What one cell is about: a standard question, or one with other data. */
export interface About {
  readonly one: StandardQuestion
  readonly category: string | null
  readonly data: readonly DataItem[] | undefined
}

function cellsOf(sides: Sides, standard: StandardQuestions, { jurisdictions, sectors, dates }: Axes, about: About, options: MatrixOptions): MatrixCell[] {
  const cells: MatrixCell[] = []
  for (const at of dates)
    for (const sector of sectors)
      for (const from of jurisdictions) for (const to of jurisdictions) cells.push(cellOf(sides, standard, { from, to, sector, at }, about, options))
  return cells
}

export function cellOf(
  sides: Sides,
  standard: StandardQuestions,
  flow: Flow,
  { one, category, data }: About,
  { needs = true }: MatrixOptions = {},
): MatrixCell {
  const question = questionOf(standard, one, flow, data)
  const decision = decide(sides(flow.from, flow.at), sides(flow.to, flow.at), question, { nearest: needs })
  const { export: exporting, import: importing } = decision
  return {
    ...flow,
    type: one.type,
    category,
    outcome: outcomeOf(decision, one, data ?? dataOf(one)),
    export: sideOf(exporting),
    import: sideOf(importing),
    released: decision.joint?.disclosed ?? [],
    withheld: [...withheldBy('export', exporting), ...withheldBy('import', importing)],
    needs: [...needsOf('export', exporting), ...needsOf('import', importing)],
  }
}

function outcomeOf({ joint, code }: Decision, { open }: StandardQuestion, data: readonly DataItem[]): Outcome {
  if (joint === null) return code === 'PERMITTED' ? 'UNCOVERED_DATA' : code
  if (joint.disclosed.length === data.length) return 'all'
  const openPaths = data.filter(({ path }) => Object.hasOwn(open, path))
  return joint.disclosed.length === openPaths.length && openPaths.every(({ path }) => joint.disclosed.includes(path)) ? 'open' : 'part'
}

function sideOf({ code, rules, cite }: Half): CellSide {
  return { code, rules, relations: [...new Set(cite.flatMap(({ legalRelation }) => legalRelation ?? []))].sort(), cite }
}

function withheldBy(side: Side, { withheld }: Half): MatrixCell['withheld'] {
  return withheld.map((one) => ({ ...one, side }))
}

function needsOf(side: Side, { nearest }: Half): Need[] {
  return nearest.map((miss) => ({ ...miss, side }))
}

/** The finest categories of what the question asks for, sorted: the leaves below the roots of its data. */
export function categoriesOf(one: StandardQuestion, packs: Packs): string[] {
  const roots = new Set(dataOf(one).map(({ category }) => category.split('.')[0] ?? category))
  const parents = new Set([...packs.parents.values()].flat())
  const below = (category: string) => [...roots].some((root) => packs.above.get(category)?.has(root))
  return [...packs.terms.category].filter((category) => !parents.has(category) && below(category)).sort()
}

const always = { validFrom: '0001-01-01T00:00:00Z', validUntil: '9999-12-31T23:59:59Z' } as { validFrom: Instant; validUntil: Instant } // Constants that have the form.

/** Policies as if they were in force on every day. Suspensions keep their days: they are of their hour. */
export function asIfInForce(documents: readonly PolicyDocument[]): PolicyDocument[] {
  return documents.map((document) => (document.kind === 'TrustPolicy' ? { ...document, metadata: { ...document.metadata, ...always } } : document))
}

/** Whom the policies speak for, sorted. A union stands for those of its members that have a policy themselves, and where none has, for all. */
export function jurisdictionsOf(documents: readonly PolicyDocument[], packs: Packs, at: Instant): Jurisdiction[] {
  const named = new Set(documents.filter(({ kind }) => kind === 'TrustPolicy').map(({ metadata }) => metadata.jurisdiction))
  const unions = new Set(packs.legal.groups.map(({ id }) => id).filter((id) => named.has(id as Jurisdiction))) // Only looked up.
  const single = [...named].filter((name) => !unions.has(name))
  const whole = [...unions].map((union) => membersOf(packs, union, at)).filter((members) => !members.some((code) => named.has(code as Jurisdiction)))
  return [...new Set([...single, ...(whole.flat() as Jurisdiction[])])].sort() // Members are names of `jurisdictions`.
}
