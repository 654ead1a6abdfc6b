import { describe, expect, test } from 'vitest'
import type { Json } from '#protocols/json.ts'
import { judgeCredentialSchema } from './credential-schema.ts'
import { judgeBySchema } from './json-schema.ts'
import type { JsonObject } from './jws.ts'

const kind = (schema: Json, value: Json) => judgeBySchema(schema, value).kind

describe('a schema', () => {
  test.each<[string, Json, Json, Json]>([
    ['type', { type: 'integer' }, 5, 5.5],
    ['types', { type: ['null', 'string'] }, null, true],
    ['object is no list', { type: 'object' }, {}, []],
    ['list is no object', { type: 'array' }, [], {}],
    ['enum', { enum: [{ a: 1 }, 2] }, { a: 1 }, { a: 2 }],
    ['const', { const: 'a' }, 'a', 'b'],
    ['required', { required: ['a'] }, { a: null }, { toString: 1 }],
    ['properties', { properties: { a: { type: 'string' } } }, { a: '', b: 1 }, { a: 1 }],
    ['additionalProperties as false', { properties: { a: true }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    ['additionalProperties as a schema', { additionalProperties: { type: 'number' } }, { a: 1 }, { a: '' }],
    ['items', { items: { type: 'number' } }, [1, 2], [1, '']],
    ['minItems', { minItems: 1 }, [1], []],
    ['maxItems', { maxItems: 1 }, [1], [1, 2]],
    ['minLength in characters', { minLength: 2 }, '𠮷𠮷', '𠮷'],
    ['maxLength in characters', { maxLength: 1 }, '𠮷', 'ab'],
    ['minimum', { minimum: 1 }, 1, 0],
    ['maximum', { maximum: 1 }, 1, 2],
    ['format email', { format: 'email' }, 'a@b.example', 'a b@c'],
    ['format uri', { format: 'uri' }, 'urn:a', 'a'],
    ['format date', { format: 'date' }, '2026-02-28', '2026-02-30'],
    ['format date-time', { format: 'date-time' }, '2026-02-28T00:00:00Z', '2026-02-28'],
  ])('with %s lets the one pass and not the other', (_, schema, good, bad) => {
    expect(kind(schema, good)).toBe('success')
    expect(kind(schema, bad)).toBe('failure')
  })

  test('names the place that breaks it', () => {
    const schema = { properties: { 'a/b': { items: { type: 'number' } } } }
    expect(judgeBySchema(schema, { 'a/b': [1, ''] })).toEqual({ kind: 'failure', path: '/a~1b/1' })
  })

  test('with a keyword that is not read here leaves the verdict open, wherever it stands, and also for a value it does not meet', () => {
    for (const more of [{ $ref: '#' }, { pattern: '^a' }, { allOf: [] }, { format: 'ipv4' }, { items: [{}] }, { minLength: '1' }, { type: 'text' }]) {
      expect(kind(more, 5)).toBe('indeterminate')
      expect(kind({ properties: { a: { items: more } } }, {})).toBe('indeterminate')
    }
    expect(kind('schema', 5)).toBe('indeterminate')
  })
})

describe('a schema that makes much work', () => {
  const many = (count: number, make: (at: number) => Json) => Array.from({ length: count }, (_, at) => make(at))

  test.each<[string, Json, Json]>([
    ['has many values to compare with a large one', { enum: many(256, (at) => at) }, many(20_000, (at) => at)],
    ['has one large value to compare with', { const: many(20_000, () => 1) }, 1],
    ['compares each of many', { items: { enum: many(200, (at) => at) } }, many(200, () => 199)],
    [
      'requires many of each of many',
      { items: { required: many(200, (at) => `m${at}`) } },
      many(200, () => Object.fromEntries(many(200, (at) => [`m${at}`, 1]) as [string, Json][])),
    ],
    ['names many properties', { properties: Object.fromEntries(many(20_000, (at) => [`p${at}`, true]) as [string, Json][]) }, {}],
    [
      'meets a value of very many members',
      { additionalProperties: { type: 'number' } },
      Object.fromEntries(many(20_001, (at) => [`p${at}`, 1]) as [string, Json][]),
    ],
  ])('because it %s is refused', (_, schema, value) => {
    expect(() => judgeBySchema(schema, value)).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
  })

  test('is judged while it stays within the steps', () => {
    expect(
      kind(
        { items: { enum: many(64, (at) => at) } },
        many(100, () => 63),
      ),
    ).toBe('success')
    expect(kind({ additionalProperties: { type: 'number' } }, Object.fromEntries(many(10_000, (at) => [`p${at}`, 1]) as [string, Json][]))).toBe('success')
  })

  test('with a pattern is not judged at all, so no pattern can be slow', () => {
    expect(kind({ properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(60)}!` })).toBe('indeterminate')
  })
})

describe('the schema a credential names', () => {
  const id = 'https://a.example/schema'
  const schema = { $id: id, $schema: 'https://json-schema.org/draft/2020-12/schema', properties: { credentialSubject: { required: ['name'] } } }
  const container = {
    id: 'https://a.example/credential',
    type: ['VerifiableCredential', 'JsonSchemaCredential'],
    credentialSchema: { id: 'https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json', type: 'JsonSchema' },
    credentialSubject: { id, type: 'JsonSchema', jsonSchema: schema },
  }
  const good = { credentialSubject: { name: 'A' } }
  const plain = (change: JsonObject, credential: JsonObject = good) =>
    judgeCredentialSchema(credential, { id, type: 'JsonSchema' }, { ...schema, ...change }).kind
  const inside = (change: JsonObject, credential: JsonObject = good) =>
    judgeCredentialSchema(credential, { id: container.id, type: 'JsonSchemaCredential' }, { ...container, ...change }).kind
  const { $id: _id, ...nameless } = schema
  const { $schema: _draft, ...undated } = schema

  test('is the one it names, of a known draft, and holds', () => {
    expect(plain({})).toBe('success')
    expect(plain({ $schema: 'http://json-schema.org/draft-07/schema#' })).toBe('success')
    expect(plain({}, { credentialSubject: {} })).toBe('failure')
    expect(plain({ $id: 'https://a.example/other' })).toBe('failure')
    expect(judgeCredentialSchema(good, { id, type: 'JsonSchema' }, nameless).kind).toBe('failure')
    expect(judgeCredentialSchema(good, { id, type: 'JsonSchema' }, undated).kind).toBe('failure')
    expect(judgeCredentialSchema(good, { id: 'a', type: 'JsonSchema' }, { ...schema, $id: 'a' }).kind).toBe('failure')
    expect(judgeCredentialSchema(good, { id, type: 'Other' }, schema).kind).toBe('failure')
    expect(plain({ $schema: 'https://json-schema.org/draft/unknown/schema' })).toBe('indeterminate')
  })

  test('stands in a credential of the kind that carries schemas', () => {
    expect(inside({})).toBe('success')
    expect(inside({}, { credentialSubject: {} })).toBe('failure')
    for (const change of [
      { id: 'https://a.example/other' },
      { type: 'VerifiableCredential' },
      { credentialSchema: { id, type: 'JsonSchema' } },
      { credentialSchema: { ...container.credentialSchema, type: 'Other' } },
      { credentialSubject: { id, type: 'Other', jsonSchema: schema } },
      { credentialSubject: { id, type: 'JsonSchema' } },
      { credentialSubject: { id: 'https://a.example/other', type: 'JsonSchema', jsonSchema: schema } },
    ]) {
      expect(inside(change)).toBe('failure')
    }
  })
})
