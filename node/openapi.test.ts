/** The document that programs are written against: whole, true of what the node answers, and by the rules of OpenAPI 3.1. */
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Code, codes } from '#protocols/errors.ts'
import { anyFails } from './api/operation.ts'
import { type OperationName, operations } from './api.ts'
import { apiDouble } from './api-double.ts'
import { openApi } from './openapi.ts'

type Schema = { [member: string]: unknown }
interface Operation {
  operationId: string
  summary: string
  requestBody: { content: { 'application/json': { schema: { $ref: string } } } }
  responses: { 200: { content: { 'application/json': { schema: { properties: { result: { $ref: string } } } } } } }
}

const document = JSON.parse(JSON.stringify(openApi('1.2.3'))) as {
  paths: Record<string, { post: Operation }>
  components: {
    schemas: Record<string, Schema>
    responses: Record<
      string,
      { content: { 'application/json': { schema: { allOf: [Schema, { properties: { error: { properties: { code: { enum: string[] } } } } }] } } } }
    >
  }
}

/** Every object below, with where it stands. */
function* objectsIn(value: unknown, at: readonly string[] = []): Generator<readonly [Schema, readonly string[]]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [value as Schema, at]
  for (const [name, inner] of Object.entries(value)) yield* objectsIn(inner, [...at, name])
}

/** The keywords of JSON Schema 2020-12 that zod writes, each with the form of its value (https://json-schema.org/draft/2020-12/meta/validation). */
const count = z.int().min(0)
const keywords: z.ZodType = z.lazy(() => z.union([z.boolean(), keywordsOfObject]))
const some = z.array(keywords).min(1)
const map = z.record(z.string(), keywords)
const keywordsOfObject = z.strictObject({
  $ref: z.string().startsWith('#/components/schemas/').optional(),
  type: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  enum: z.array(z.unknown()).min(1).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  contentEncoding: z.string().optional(),
  pattern: z
    .string()
    .refine((text) => RegExp(text, 'u'))
    .optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  minItems: count.optional(),
  maxItems: count.optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  properties: map.optional(),
  required: z.array(z.string()).optional(),
  propertyNames: keywords.optional(),
  additionalProperties: keywords.optional(),
  items: keywords.optional(),
  prefixItems: some.optional(),
  anyOf: some.optional(),
  oneOf: some.optional(),
  allOf: some.optional(),
  not: keywords.optional(),
})

const described = z.object({ description: z.string().min(1) })
/** https://spec.openapis.org/oas/3.1/schema/2022-10-07, as far as the document goes: nothing in it that is not named here. */
const Document = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+(-.+)?$/),
  jsonSchemaDialect: z.url(),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    summary: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(
    z.strictObject({
      url: z.string(),
      description: z.string(),
      variables: z.record(z.string(), z.strictObject({ default: z.string(), description: z.string() })).optional(),
    }),
  ),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.never()))),
  paths: z.record(
    z.string().regex(/^\/v1\/[a-z][A-Za-z]+$/),
    z.strictObject({
      post: z.strictObject({
        operationId: z.string(),
        summary: z.string(),
        tags: z.array(z.string()),
        'x-dfft-access': z.enum(['read', 'write']),
        'x-dfft-codes': z.array(z.string()),
        'x-dfft-only': z.literal('socket').optional(),
        servers: z.array(z.object({ url: z.literal('http://dfft') })).optional(),
        security: z.array(z.strictObject({})).optional(),
        requestBody: z.strictObject({ required: z.literal(true), content: z.strictObject({ 'application/json': z.strictObject({ schema: keywords }) }) }),
        responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.union([z.strictObject({ $ref: z.string() }), described])),
      }),
    }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), keywords),
    responses: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), described),
    securitySchemes: z.record(z.string(), z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer'), description: z.string() })),
  }),
})

describe('the OpenAPI document', () => {
  test('has the form of OpenAPI 3.1 and of JSON Schema 2020-12, and nothing besides', () => {
    expect(Document.safeParse(document).error?.issues ?? []).toEqual([])
    for (const [damage, path] of [
      [{ openapi: '3.0.3' }, 'openapi'],
      [{ paths: { '/v1/status': {} } }, 'paths'],
      [{ components: { ...document.components, schemas: { X: { type: 'object', properties: { a: { minimum: '1' } } } } } }, 'components'],
    ] as const)
      expect(Document.safeParse({ ...document, ...damage }).error?.issues[0]?.path[0]).toBe(path)
  })

  test('names every operation of the table once, with its summary and access', () => {
    const ids = Object.values(document.paths).map(({ post }) => post.operationId)
    expect(ids.toSorted()).toEqual(Object.keys(operations).toSorted())
    expect(new Set(ids).size).toBe(ids.length)
    for (const [path, { post }] of Object.entries(document.paths)) {
      expect(path).toBe(`/v1/${post.operationId}`)
      const { summary, access } = operations[post.operationId as OperationName]
      expect(post).toMatchObject({ summary, 'x-dfft-access': access })
    }
  })

  test('refers to nothing that is not in it, and has no component that nobody refers to', () => {
    const named = new Set([...objectsIn(document)].flatMap(([{ $ref }]) => (typeof $ref === 'string' ? [$ref] : [])))
    const there = Object.entries(document.components).flatMap(([kind, all]) =>
      kind === 'securitySchemes' ? [] : Object.keys(all).map((name) => `#/components/${kind}/${name}`),
    )
    expect([...named].filter((one) => !there.includes(one))).toEqual([])
    expect(there.filter((one) => !named.has(one))).toEqual([])
  })

  test('has each code of the table under its HTTP status, in every operation', () => {
    const { responses } = document.components
    const of = (name: string) => responses[name]!.content['application/json'].schema.allOf[1].properties.error.properties.code.enum
    expect(Object.keys(responses).flatMap(of).toSorted()).toEqual(Object.keys(codes).toSorted())
    for (const name of Object.keys(responses)) for (const code of of(name)) expect(`Failure${codes[code as keyof typeof codes].http}`).toBe(name)
    for (const { post } of Object.values(document.paths)) expect(Object.keys(post.responses).length).toBe(Object.keys(responses).length + 1)
  })

  test('names of each operation the codes it was seen to fail with, none of which any other way in has too', () => {
    const codesOf = (name: OperationName) => (document.paths[`/v1/${name}`]?.post as unknown as { 'x-dfft-codes': string[] })['x-dfft-codes']
    expect(codesOf('revoke')).toEqual(['DFFT_CONFLICT', 'DFFT_NOT_FOUND'])
    expect(codesOf('health')).toEqual([])
    for (const name of Object.keys(operations) as OperationName[])
      for (const code of codesOf(name)) expect([code, code in codes, anyFails.includes(code as Code)], name).toEqual([code, true, false])
  })

  test('lets what comes in have no member it does not name, and bears new ones in what comes out', () => {
    const { RequestInput, ExchangeView } = document.components.schemas
    expect(RequestInput).toMatchObject({ additionalProperties: false })
    expect(ExchangeView).not.toHaveProperty('additionalProperties')
  })
})

describe('what the node answers', () => {
  let reader: (name: string) => z.ZodType
  beforeAll(() => {
    // Another reader than the one that wrote it: the schemas as any program would take them.
    const $defs = JSON.parse(JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'), (member, value) =>
      // This reader does not know the classes of Unicode, which patterns of JSON Schema may name.
      member === 'pattern' && /\\p\{/i.test(value) ? undefined : value,
    )
    reader = (name) => z.fromJSONSchema({ $defs, $ref: `#/$defs/${name}` })
  })

  test('is what the document says of it, operation by operation', async () => {
    const api = apiDouble() as unknown as Record<string, (input: unknown) => Promise<unknown>>
    for (const [path, { post }] of Object.entries(document.paths)) {
      const name = post.responses[200].content['application/json'].schema.properties.result.$ref.split('/').at(-1) ?? ''
      const result = JSON.parse(JSON.stringify((await api[post.operationId]!({})) ?? {}))
      expect(reader(name).safeParse(result).error, path).toBeUndefined()
      expect(reader(name).safeParse(7).success, path).toBe(false)
    }
  })
})
