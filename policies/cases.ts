/**
 * Cases beside a policy (`*.cases.json`): a question in short, and what must come out. Run before a policy is signed, and
 * again whenever the law or the vocabulary moves.
 */
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import type { PolicyIndex } from './compile.ts'
import { decideSide, type Half } from './decide.ts'
import { Code } from './decision.ts'
import { CalendarInstant, Fact, type FactName, factName, factRow, Question } from './question.ts'

const word = z.string().min(1).max(96)
const ruleIds = z.array(z.string().max(256)).max(5000)
const Data = z.record(JsonPointer, word).refine((data) => Object.keys(data).length > 0, { message: 'at least one path' })

const Expected = z
  .strictObject({
    // What is not given is not looked at.
    verdict: z.enum(['permit', 'deny']).optional(),
    code: Code.optional(),
    /** What decided: the permits used, the denies, or the suspensions. */
    rules: ruleIds.optional(),
    alternatives: ruleIds.optional(),
    added: ruleIds.optional(),
    disclosed: z.array(JsonPointer).max(512).optional(),
    /** Paths, or each path with its reason. */
    withheld: z.union([z.array(JsonPointer).max(512), z.record(JsonPointer, Code)]).optional(),
    /** The facts that each of the nearest permits wants. */
    nearest: z.array(z.array(word).max(64)).max(16).optional(),
  })
  .refine((expected) => Object.keys(expected).length > 0, { message: 'a case expects something' })

const PolicyCase = z.strictObject({
  /** A sentence. */
  name: z.string().min(1).max(256),
  side: z.enum(['export', 'import']),
  at: CalendarInstant.optional(),
  credential: word.optional(),
  selective: z.boolean().optional(),
  /** Path to category. */
  data: Data.optional(),
  /** A value alone is vouched for by the first origin that may; with its origin it is as in a question. */
  facts: z.record(z.string().max(96).regex(factName), z.union([z.string().max(96), z.array(word).max(64), z.number().int(), Fact])),
  expect: Expected,
})
export type PolicyCase = z.infer<typeof PolicyCase>

export const PolicyCases = z.strictObject({
  $schema: z.string().max(256).optional(),
  /** Which policies make the side, in order, by jurisdiction. */
  policies: z.array(Jurisdiction).min(1).max(8),
  /** What a case has where it says nothing. */
  defaults: z.strictObject({ at: CalendarInstant, credential: word, data: Data }),
  cases: z.array(PolicyCase).max(10_000),
})
export type PolicyCases = z.infer<typeof PolicyCases>

/** @throws {TrustError} DFFT_SCHEMA and those of parseJson, naming the file and, where it is one, the case */
export function readCases(text: string, file: string): PolicyCases {
  const read = named(file, () => parse(parseJson(text), PolicyCases))
  for (const one of read.cases) named(`${file}: \`${one.name}\``, () => questionOf(one, read.defaults))
  return read
}

function named<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    throw new TrustError(cause.code, `${name}: ${cause.message}`, { ...cause.facts, file: name.slice(0, 256) }, { cause })
  }
}

/** What came out differently. */
export interface Failure {
  readonly of: keyof PolicyCase['expect']
  readonly expected: string
  readonly got: string
}

/** Empty where the case holds. @throws {TrustError} DFFT_SCHEMA for a case that is no question */
export function failuresOf(index: PolicyIndex, one: PolicyCase, defaults: PolicyCases['defaults']): Failure[] {
  const half = decideSide(index, one.side, questionOf(one, defaults))
  const got = outcomeOf(half, one.expect)
  return Object.entries(one.expect).flatMap(([name, wanted]) => {
    const of = name as Failure['of'] // A strict object has no other members.
    const [expected, found] = [canonical(wanted), canonical(got[of])]
    return found === expected ? [] : [{ of, expected, got: found }]
  })
}

function outcomeOf({ verdict, code, rules, alternatives, added, disclosed, withheld, nearest }: Half, expected: PolicyCase['expect']) {
  const paths = withheld.map(({ path }) => path)
  return {
    verdict,
    code,
    rules,
    alternatives,
    added,
    disclosed,
    withheld: Array.isArray(expected.withheld) ? paths : Object.fromEntries(withheld.map((one) => [one.path, one.code])),
    nearest: nearest.map(({ unmet }) => unmet.map(({ need }) => need)),
  }
}

/** @throws {TrustError} DFFT_SCHEMA */
export function questionOf(one: PolicyCase, defaults: PolicyCases['defaults']): Question {
  const data = Object.entries(one.data ?? defaults.data).map(([path, category]) => ({ path, category }))
  return parse(
    {
      version: 'dfft-question/1',
      at: one.at ?? defaults.at,
      exporter: 'did:web:exporter.example',
      importer: 'did:web:importer.example',
      credential: one.credential ?? defaults.credential,
      selective: one.selective ?? true,
      data: data.sort((a, b) => (a.path < b.path ? -1 : 1)),
      facts: Object.fromEntries(Object.entries(one.facts).map(([name, said]) => [name, factOf(name as FactName, said)])), // The names have passed their pattern.
    },
    Question,
  )
}

function factOf(name: FactName, said: PolicyCase['facts'][string]): Fact {
  if (typeof said === 'object' && !Array.isArray(said)) return said
  return { value: said, origin: factRow(name).origins[0] ?? 'holder' }
}
