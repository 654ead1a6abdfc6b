/**
 * What a rule may look at: one closed question, with the origin of each fact.
 *
 * A fact is only as good as who vouches for it. A fact from an origin the table does not admit counts as unknown, and
 * so does a word the vocabulary does not have: a bare claim never opens anything (rule 6 of the language).
 */
import { z } from 'zod'
import { Did, Digest, ExchangeId, Instant, instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { JointObligation } from './joint-obligation.ts'
import type { TermKind } from './packs/packs.ts'

export const Origin = z.enum(['requester', 'accreditation', 'credential', 'evidence', 'holder'])
export type Origin = z.infer<typeof Origin>

export const assuranceLevels = ['low', 'substantial', 'high'] as const
export type Assurance = (typeof assuranceLevels)[number]

const vouched: readonly Origin[] = ['accreditation', 'credential', 'evidence']

/** For what an issuer hands over to its subject. Policies ask nothing of it that they ask of a disclosure, so nobody else may name it. */
export const deliveryPurpose = 'registration.delivery'

interface FactRow {
  /** Whether the value is one word, a set of words, or a count. */
  readonly shape: 'one' | 'set' | 'count'
  readonly origins: readonly Origin[]
  /** Which words of the packs it may hold; `assurance` is the closed scale above. */
  readonly terms: TermKind | 'assurance'
}

/** The facts a rule may look at, who may vouch for each, and what it may hold. */
export const factTable = {
  from: { shape: 'one', origins: vouched, terms: 'jurisdiction' },
  to: { shape: 'one', origins: vouched, terms: 'jurisdiction' },
  /** Of the recipient. */
  sector: { shape: 'one', origins: vouched, terms: 'sector' },
  /** Of the exporter: some legal relations cover private exporters only. */
  exporterSector: { shape: 'one', origins: vouched, terms: 'sector' },
  /** Of the recipient. */
  certification: { shape: 'set', origins: vouched, terms: 'certification' },
  purpose: { shape: 'one', origins: ['requester'], terms: 'purpose' },
  legalBasis: { shape: 'set', origins: ['requester'], terms: 'legalBasis' },
  transferTool: { shape: 'set', origins: vouched, terms: 'transferTool' },
  evidence: { shape: 'set', origins: vouched, terms: 'evidence' },
  issuerAssurance: { shape: 'one', origins: vouched, terms: 'assurance' },
  counterpartyAssurance: { shape: 'one', origins: vouched, terms: 'assurance' },
  dataFlags: { shape: 'set', origins: ['holder'], terms: 'dataFlag' },
} as const satisfies Record<string, FactRow>

export type PlainFactName = keyof typeof factTable
export type CounterName = `counter:${string}`
export type FactName = PlainFactName | CounterName

const counterRow: FactRow = { shape: 'count', origins: ['holder'], terms: 'counter' }

export function factRow(name: FactName): FactRow {
  return isCounter(name) ? counterRow : factTable[name]
}

function isCounter(name: FactName): name is CounterName {
  return name.startsWith('counter:')
}

const word = z.string().min(1).max(96)
const Value = z.union([word, z.array(word).max(64), z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)])

export const Fact = z.strictObject({
  value: Value,
  origin: Origin,
  /** Digest of the accreditation, credential or document that vouches for the value. */
  source: Digest.optional(),
})
export type Fact = z.infer<typeof Fact>

export const factName = new RegExp(`^(?:${Object.keys(factTable).join('|')}|counter:[a-z0-9]+(?:-[a-z0-9]+)*)$`)

/** An instant that is on the calendar: `2026-02-30` has the form and is no day. */
export const CalendarInstant = Instant.refine(inCalendar, { message: 'there is no such day' })

/** Asked also of text that has not the form, which no calendar can write back. */
function inCalendar(at: string): boolean {
  const ms = Date.parse(at)
  return !Number.isNaN(ms) && instant(ms) === at
}

/** An earlier transfer of the data, as its record says: what the next recipient's side may not see undone. */
const Transfer = z.strictObject({
  /** Of that transfer's exporter. */
  jurisdiction: Jurisdiction,
  /** What both of its sides signed. */
  agreement: Digest,
  obligations: z.array(JointObligation).max(64),
})
export type Transfer = z.infer<typeof Transfer>

// Each is decided under a law of its own; data that passed more hands than these has no clear origin.
export const onwardMax = 8

const DataItem = z.strictObject({ path: JsonPointer, category: word })
export type DataItem = z.infer<typeof DataItem>

// A registration has about 40 claims and an invoice some 160 terms.
const itemsMax = 512
const factsMax = 64

export const Question = z.strictObject({
  version: z.literal('dfft-question/1'),
  exchange: ExchangeId.optional(),
  /** Of the Request without its agreement signature. */
  request: Digest.optional(),
  /** When it is decided: the evaluator has no other clock. */
  at: CalendarInstant,
  exporter: Did,
  importer: Did,
  /** Credential type. */
  credential: word,
  /** Whether the credential can be disclosed in part. */
  selective: z.boolean(),
  /** Earlier transfers of the data, oldest first; absent where the exporter has it from nobody. */
  onward: z.array(Transfer).min(1).max(onwardMax).optional(),
  /** What is asked for, sorted by path in UTF-16 order; no path lies within another. */
  data: z.array(DataItem).min(1).max(itemsMax).refine(sortedAndApart, { message: 'paths must be sorted, unique, and none within another' }),
  facts: z
    .record(z.string().max(96).regex(factName), Fact)
    .refine((facts) => Object.keys(facts).length <= factsMax, { message: `at most ${factsMax} facts` })
    .refine(shapesFit, { message: 'a fact has a value of another shape than its name asks for' }),
})
export type Question = Omit<z.infer<typeof Question>, 'facts'> & { facts: Partial<Record<FactName, Fact>> }

/**
 * Sorting makes neighbours of a path and what lies under it only when `/` sorts first, so the walk remembers the
 * paths that are still open above the current one.
 */
function sortedAndApart(items: readonly DataItem[]): boolean {
  const seen = new Set<string>()
  let previous = ''
  for (const { path } of items) {
    if (path <= previous) return false
    previous = path
    seen.add(path)
  }
  return items.every(({ path }) => !parentsOf(path).some((parent) => seen.has(parent)))
}

function parentsOf(path: string): string[] {
  const parents = []
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) parents.push(path.slice(0, slash))
  return parents
}

function shapesFit(facts: Readonly<Record<string, Fact>>): boolean {
  return Object.entries(facts).every(([name, { value }]) => factRow(name as FactName).shape === shapeOf(value)) // The record's keys have passed `factName`.
}

function shapeOf(value: Fact['value']): FactRow['shape'] {
  return typeof value === 'number' ? 'count' : typeof value === 'string' ? 'one' : 'set'
}
