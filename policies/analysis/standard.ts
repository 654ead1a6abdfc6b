/**
 * The standard questions: what an ordinary cross-border request of each credential type asks for. Policies are reviewed
 * by them as by a ruler: the same questions from everywhere to everywhere, on any day.
 */
import { z } from 'zod'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Instant, JsonPointer, type Jurisdiction } from '#protocols/ids.ts'
import { type Packs, shippedPacks } from '../packs/packs.ts'
import questionsJson from '../packs/reference/standard-questions.json' with { type: 'json' }
import { type DataItem, type Fact, type FactName, factRow, Question } from '../question.ts'
import { nearestTo } from '../terms.ts'

const word = z.string().min(1).max(96)
const Value = z.union([word, z.array(word).max(64), z.number().int().min(0)])
/** Path → category; a registration has some 40 claims. */
const Paths = z.record(JsonPointer, word).refine((paths) => Object.keys(paths).length <= 256, { message: 'at most 256 paths' })

const StandardQuestion = z.strictObject({
  /** Short, for tables and flags. */
  type: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  credential: word,
  purpose: word,
  legalBasis: z.array(word).max(16),
  /** Business data. */
  open: Paths,
  /** Personal data. */
  personal: Paths,
})
export type StandardQuestion = z.infer<typeof StandardQuestion>

export const StandardQuestions = z.strictObject({
  note: z.string().max(2048),
  /** What is shown in every question, vouched for by the first origin that may. */
  facts: z.record(z.string().max(96), Value),
  questions: z
    .array(StandardQuestion)
    .min(1)
    .max(32)
    .refine((all) => new Set(all.map(({ type }) => type)).size === all.length, { message: 'a type stands here twice' }),
})
export type StandardQuestions = z.infer<typeof StandardQuestions>

export type Sector = 'private' | 'public'

/** What varies from one cell to the next. */
export interface Flow {
  readonly from: Jurisdiction
  readonly to: Jurisdiction
  /** Of the recipient. */
  readonly sector: Sector
  readonly at: Instant
}

const somewhere = { from: 'JP', to: 'DE', sector: 'private', at: '2026-11-21T00:00:00Z' } as Flow // Codes and a time that have the form.

/** @throws {TrustError} DFFT_SCHEMA for what is no standard question, or has a word the packs do not have */
export function readStandard(value: unknown, packs: Packs): StandardQuestions {
  const standard = parse(value, StandardQuestions)
  for (const one of standard.questions) {
    const question = parse(questionOf(standard, one, somewhere), Question)
    const unknown = [
      ...(packs.terms.credential.has(question.credential) ? [] : [question.credential]),
      ...question.data.flatMap(({ category }) => (packs.terms.category.has(category) ? [] : [category])),
      ...(packs.terms.purpose.has(one.purpose) ? [] : [one.purpose]),
      ...one.legalBasis.filter((basis) => !packs.terms.legalBasis.has(basis)),
    ]
    if (unknown[0] !== undefined) throw new TrustError('DFFT_SCHEMA', `the standard question \`${one.type}\` has an unknown word \`${unknown[0]}\``)
  }
  return standard
}

/** Those this version of the software ships. */
export const standardQuestions: StandardQuestions = readStandard(questionsJson, shippedPacks)

/** Days between which the law of the eleven changed: before EU→JP, after Brexit, before EU→BR, today's rules. */
export const standardDates = ['2018-12-31T00:00:00Z', '2022-06-30T00:00:00Z', '2025-06-30T00:00:00Z', '2026-11-21T00:00:00Z'] as Instant[] // Constants that have the form.

export const sectors: readonly Sector[] = ['private', 'public']

/** @throws {TrustError} DFFT_USAGE naming the nearest type that is known */
export function standardQuestion({ questions }: StandardQuestions, type: string): StandardQuestion {
  const found = questions.find((one) => one.type === type)
  if (found) return found
  const types = questions.map((one) => one.type)
  throw new TrustError('DFFT_USAGE', `there is no standard question \`${type.slice(0, 64)}\`; there are ${types.join(', ')}`, {
    nearest: nearestTo(type, types),
  })
}

/** The closed question of one cell. @param data other data than the standard's */
export function questionOf({ facts }: StandardQuestions, one: StandardQuestion, { at, ...flow }: Flow, data: readonly DataItem[] = dataOf(one)): Question {
  const { purpose, legalBasis } = one
  const shown = Object.entries({ ...facts, ...flow, purpose, legalBasis }) as [FactName, Fact['value']][] // Names that are none have no row and are refused by `readStandard`.
  return {
    version: 'dfft-question/1',
    at,
    exporter: 'did:web:exporter.example' as Did, // Constants that have the form.
    importer: 'did:web:importer.example' as Did,
    credential: one.credential,
    selective: true,
    data: [...data],
    facts: Object.fromEntries(shown.map(([name, value]) => [name, { value, origin: factRow(name)?.origins[0] ?? 'requester' }])),
  }
}

/** Sorted by path. */
export function dataOf({ open, personal }: StandardQuestion): DataItem[] {
  const items = Object.entries({ ...open, ...personal }).map(([path, category]) => ({ path: path as JsonPointer, category })) // The keys have passed the schema.
  return items.sort((a, b) => (a.path < b.path ? -1 : 1))
}
