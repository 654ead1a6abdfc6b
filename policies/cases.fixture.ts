/** Cases beside a policy (`*.cases.json`): a question in short, and what must come out. Run before a policy is signed. */
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { type Did, Instant, JsonPointer } from '#protocols/ids.ts'
import type { PolicyIndex } from './compile.ts'
import { decideSide, type Half } from './decide.ts'
import { type FactName, factRow, type Question } from './question.ts'

const word = z.string().max(96)

const PolicyCase = z.strictObject({
  /** A sentence. */
  name: z.string().max(256),
  side: z.enum(['export', 'import']),
  at: Instant.optional(),
  credential: word.optional(),
  selective: z.boolean().optional(),
  /** Path to category. */
  data: z.record(JsonPointer, word).optional(),
  /** Vouched for by the first origin that may. */
  facts: z.record(z.string().max(96), z.union([word, z.array(word).max(64), z.number().int()])),
  expect: z.strictObject({
    code: word,
    /** Where one is not given, it is not looked at. */
    rules: z.array(word).optional(),
    added: z.array(word).optional(),
    disclosed: z.array(JsonPointer).optional(),
    nearest: z.array(z.array(word)).optional(),
  }),
})
export type PolicyCase = z.infer<typeof PolicyCase>

export const PolicyCases = z.strictObject({
  /** Which policies make the side, in order, by jurisdiction. */
  policies: z.array(word).min(1).max(8),
  /** What a case has where it says nothing. */
  defaults: PolicyCase.pick({ at: true, credential: true, data: true }).required(),
  cases: z.array(PolicyCase).max(10_000),
})
export type PolicyCases = z.infer<typeof PolicyCases>

/** What came out differently; empty where the case holds. */
export function failuresOf(index: PolicyIndex, one: PolicyCase, defaults: PolicyCases['defaults']): string[] {
  const half = decideSide(index, one.side, questionOf(one, defaults))
  const got = outcomeOf(half)
  return Object.entries(one.expect).flatMap(([name, wanted]) => {
    const found = got[name as keyof typeof got] // The names of `expect` are those of `outcomeOf`.
    return canonical(found) === canonical(wanted) ? [] : [`${name}: expected ${canonical(wanted)}, got ${canonical(found)}`]
  })
}

function outcomeOf({ code, rules, added, disclosed, nearest }: Half) {
  return { code, rules, added, disclosed, nearest: nearest.map(({ unmet }) => unmet.map(({ need }) => need)) }
}

function questionOf(one: PolicyCase, defaults: PolicyCases['defaults']): Question {
  const data = Object.entries(one.data ?? defaults.data).map(([path, category]) => ({ path, category }))
  const facts = Object.entries(one.facts).map(([name, value]) => [name, { value, origin: factRow(name as FactName).origins[0] }]) // A name that is none has no row and fails here.
  return {
    version: 'dfft-question/1',
    at: one.at ?? defaults.at,
    exporter: 'did:web:exporter.example' as Did, // Constants that have the form.
    importer: 'did:web:importer.example' as Did,
    credential: one.credential ?? defaults.credential,
    selective: one.selective ?? true,
    data: data.sort((a, b) => (a.path < b.path ? -1 : 1)),
    facts: Object.fromEntries(facts),
  }
}
