import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '#protocols/canonical.ts'
import { parseJson } from '#protocols/json.ts'
import { compile } from './compile.ts'
import { decide } from './decide.ts'
import { question, side } from './decide-arbitrary.fixture.ts'
import { valid } from './json-schema.fixture.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { parsePolicy } from './parse-policy.ts'
import { ask, policyOf, suspensionOf } from './question.fixture.ts'
import { schemaExamples } from './schema-examples.ts'
import { jsonSchema, readers, type SchemaName, schemaNames } from './schemas.ts'

const schemas = Object.fromEntries(schemaNames.map((name) => [name, jsonSchema(name)])) as Record<SchemaName, Record<string, unknown>>
/** What both say; they must say the same. */
const verdicts = (name: SchemaName, value: unknown) => ({ zod: readers[name].safeParse(value).success, json: valid(schemas[name], value as never) })
const both = { zod: true, json: true }
const neither = { zod: false, json: false }
const examples = schemaNames.flatMap((name) => schemaExamples()[name].map((value, index) => [name, index, value] as const))

/** Every value with one member taken away, or with one that nobody knows, wherever an object stands in it. */
function spoilt(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => spoilt(one).map((other) => value.with(index, other)))
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value)
  return [{ ...value, unheardOf: 1 }, ...entries.flatMap(([name, member]) => spoilt(member).map((other) => ({ ...value, [name]: other })))]
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly examples?: readonly string[]
}

describe('a published schema', () => {
  it.each(schemaNames)('of %s is one of JSON Schema 2020-12 with an id, and stands alone', (name) => {
    expect(schemas[name]).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: `urn:dfft:schema:${name}` })
    expect(canonical(schemas[name])).not.toContain('"$ref"')
  })
  it.each(examples)('accepts the example of %s, number %i, as our reader does', (name, _, value) => expect(verdicts(name, value)).toEqual(both))
  it.each(examples)('refuses the example of %s, number %i, with one member more anywhere, as our reader does', (name, _, value) => {
    const all = spoilt(JSON.parse(canonical(value)))
    expect(all.length).toBeGreaterThan(0)
    for (const one of all) expect(verdicts(name, one), canonical(one)).toEqual(neither)
  })
  it.each<[SchemaName, unknown]>([
    ['question', { ...ask(), at: '2026-11-21' }],
    ['question', { ...ask(), data: [] }],
    ['question', { ...ask(), exporter: 'somebody' }],
    ['question', { ...ask(), facts: { sector: { value: 'private', origin: 'hearsay' } } }],
    ['policy', { ...policyOf('JP'), kind: 'Policy' }],
    ['policy', { ...policyOf('JP'), rules: [{ id: 'jp.a', effect: 'allow', direction: 'export', match: {} }] }],
    ['cases', { ...schemaExamples().cases[0], policies: [] }],
    ['decision', { ...schemaExamples().decision[0], code: 'MAYBE' }],
    ['answer-line', { error: { line: 1, code: 'DFFT_NOT_JSON' } }],
    ['question-line', { question: ask(), sides: { export: ['nowhere'] } }],
  ])('refuses a wrong %s', (name, value) => expect(verdicts(name, value)).toEqual(neither))
  it('offers the words of the shipped packs to whoever writes a policy', () => {
    const rules = (schemas.policy as never as { oneOf: [{ properties: { rules: { items: { oneOf: [unknown, { properties: Record<string, Node> }] } } } }] })
      .oneOf[0].properties.rules
    const { match, require } = rules.items.oneOf[1].properties
    expect(match?.properties?.data?.items?.examples).toEqual([...packs.terms.category])
    expect(match?.properties?.purpose?.items?.examples).toContain('trade.invoicing')
    expect(require?.properties?.transferTool?.anyOf?.[0]?.properties?.anyOf?.items?.examples).toEqual([...packs.terms.transferTool])
    expect(canonical(schemas.policy)).toContain('"eu-adequacy"')
  })
  it('is nearly as strict as the reader, who alone knows what belongs together', () => {
    const unsorted = ask({ data: { '/a': 'registration', '/b': 'invoice' } })
    expect(verdicts('question', { ...unsorted, data: unsorted.data.toReversed() })).toEqual({ zod: false, json: true })
    const long = suspensionOf({})
    expect(verdicts('policy', { ...long, metadata: { ...long.metadata, validUntil: '2027-11-23T00:00:00Z' } })).toEqual({ zod: false, json: true })
  })
})

describe('the decision that is decided', () => {
  it('fits the published schema, whatever was asked of whatever rules', () => {
    const codes = new Set<string>()
    fc.assert(
      fc.property(side, side, question, (exporting, importing, asked) => {
        const decision = decide(compile(exporting, packs), compile(importing, packs), asked)
        // As it is read by whoever gets it.
        const read = parseJson(canonical(decision))
        expect(verdicts('decision', read)).toEqual(both)
        expect(verdicts('answer-line', read)).toEqual(both)
        codes.add(decision.code)
      }),
      { numRuns: 150, seed: 20261122 },
    )
    expect(codes.size).toBeGreaterThan(3)
  })
  it('does so without a policy, out of time and suspended', () => {
    const index = compile([policyOf('JP'), suspensionOf({})], packs)
    for (const [exporting, asked] of [
      [compile([], packs), ask()],
      [index, ask()],
      [index, ask({ at: '2030-01-01T00:00:00Z' as never })],
    ] as const)
      expect(verdicts('decision', decide(exporting, exporting, asked))).toEqual(both)
  })
})

describe('the example policies', () => {
  it('are policies by the packs too', () => {
    for (const one of schemaExamples().policy) expect(parsePolicy(canonical(one)).metadata.id).toContain('example')
  })
})
