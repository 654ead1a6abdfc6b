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
