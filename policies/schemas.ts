/** The published JSON Schemas of what other programs read and write: policies, cases, questions and decisions, with examples. */
import { z } from 'zod'
import { PolicyCases } from './cases.ts'
import { AnswerLine, DecisionDocument } from './decision.ts'
import { shippedPacks, type TermKind } from './packs/packs.ts'
import { PolicyDocument } from './policy.ts'
import { Question } from './question.ts'
import { QuestionLine } from './question-line.ts'
import { schemaExamples } from './schema-examples.ts'

export const schemaNames = ['policy', 'cases', 'question', 'question-line', 'decision', 'answer-line'] as const
export type SchemaName = (typeof schemaNames)[number]

/** The schema that reads each; what a JSON Schema cannot say (order of paths, names that belong together) it says as well. */
export const readers: Readonly<Record<SchemaName, z.ZodType>> = {
  policy: PolicyDocument,
  cases: PolicyCases,
  question: Question,
  'question-line': QuestionLine,
  decision: DecisionDocument,
  'answer-line': AnswerLine,
}

const about: Readonly<Record<SchemaName, { readonly title: string; readonly description: string }>> = {
  policy: {
    title: 'Trust Policy or Suspension',
    description:
      'Rules that decide which data may cross a border: `deny`, `permit` and `oblige`, in any order. Also: the words are those of the packs named, rule ids are unique and begin with the jurisdiction, `exceptTo` names denies of the document, a suspension lasts at most 72 hours.',
  },
  cases: {
    title: 'Cases of a Trust Policy',
    description: 'Questions in short and what must come out of each on one side; run by `dfft policy test`. What `expect` does not name is not looked at.',
  },
  question: {
    title: 'Question to Trust Policies',
    description:
      'One flow: what is asked for, by whom, when, and the facts with who vouches for each. Also: `data` is sorted by path (UTF-16 order), no path lies within another, and a fact has the shape its name asks for. A fact of an origin that is not admitted for it counts as unknown.',
  },
  'question-line': {
    title: 'Line into `dfft policy decide`',
    description: 'A question; or a question with its sides named by jurisdiction or by the digests of documents.',
  },
  decision: {
    title: 'Decision of both sides',
    description:
      'What each side decided, by which rules and laws, and what both together release, withhold and owe. The same documents and question give the same bytes.',
  },
  'answer-line': { title: 'Line out of `dfft policy decide --json`', description: 'The decision, or why the question of that line could not be read.' },
}

/** JSON Schema 2020-12 that stands alone. */
export function jsonSchema(name: SchemaName): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(readers[name], { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown> // A JSON Schema of objects is an object.
  const told = name === 'decision' || name === 'answer-line' ? schema : (withWords(schema) as Record<string, unknown>) // An object stays one.
  return { $schema, $id: `urn:dfft:schema:${name}`, ...about[name], ...told, examples: schemaExamples()[name] }
}

/** Members that hold words of the packs. */
const words: Readonly<Record<string, TermKind>> = {
  credential: 'credential',
  data: 'category',
  category: 'category',
  purpose: 'purpose',
  dataFlags: 'dataFlag',
  certification: 'certification',
  legalBasis: 'legalBasis',
  transferTool: 'transferTool',
  evidence: 'evidence',
  group: 'group',
  relation: 'relation',
  set: 'supplementaryRule',
}

/** With the words of the shipped packs as examples, which editors offer as one writes; another pack may have others, so that nothing is refused for them. */
function withWords(schema: unknown, kind?: TermKind): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withWords(one, kind))
  if (typeof schema !== 'object' || schema === null) return schema
  const said = schema as Readonly<Record<string, unknown>> // Members by name.
  if (kind !== undefined && said.type === 'string') return { ...said, examples: [...shippedPacks.terms[kind]] }
  return Object.fromEntries(
    Object.entries(said).map(([keyword, value]) => [keyword, keyword === 'properties' ? namedWords(value, kind) : withWords(value, kind)]),
  )
}

function namedWords(properties: unknown, kind: TermKind | undefined): unknown {
  return Object.fromEntries(
    Object.entries(properties as object).map(([name, schema]) => [name, withWords(schema, name === 'anyOf' || name === 'allOf' ? kind : words[name])]),
  )
}
