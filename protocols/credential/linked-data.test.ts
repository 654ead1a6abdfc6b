import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { JsonObject } from './jws.ts'
import { checkLinkedData, linkedDataLimits } from './linked-data.ts'

const context = ['https://www.w3.org/ns/credentials/v2']
const codeFor = (members: JsonObject) => {
  try {
    return checkLinkedData({ '@context': context, ...members }).length
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test('a plain document passes, and the contexts of all its parts come out', () => {
  const inner = { '@context': ['urn:a', { b: 'urn:b' }], id: 'urn:1', n: 1.5, yes: true, name: { '@value': 'x', '@language': 'en' } }
  expect(checkLinkedData({ '@context': context, list: ['a', inner, { id: 'urn:2' }] })).toEqual([...context, 'urn:a', { b: 'urn:b' }])
  expect(codeFor({ '@context': 'urn:a' })).toBe(1)
})

test('a document without a context stands for nothing', () => {
  expect(() => checkLinkedData({ name: 'x' })).toThrow(expect.objectContaining({ code: 'DFFT_CONTEXT' }))
})

test.each<[string, JsonObject]>([
  ['a null', { a: null }],
  ['a null in a list', { a: ['x', null] }],
  ['an empty list', { a: [] }],
  ['a list in a list', { a: [['x']] }],
  ['one text twice', { a: ['x', 'x'] }],
  ['one number twice', { a: [1, 1] }],
  [
    'one text in one language twice',
    {
      a: [
        { '@value': 'x', '@language': 'en' },
        { '@language': 'en', '@value': 'x' },
      ],
    },
  ],
  [
    'one node twice',
    {
      a: [
        { id: 'urn:1', b: 1 },
        { id: 'urn:1', c: 1 },
      ],
    },
  ],
  ['one node in two places', { a: { id: 'urn:1', b: 1 }, c: { d: { id: 'urn:1', b: 2 } } }],
  ['the document itself in a part of it', { id: 'urn:1', a: { id: 'urn:1', b: 2 } }],
  ['a member that is an IRI', { 'urn:a': 1 }],
  ['a keyword', { '@id': 'urn:1' }],
  ['a type that is an IRI', { type: ['T', 'urn:t'] }],
  ['an empty list of contexts', { a: { '@context': [] } }],
])('%s is refused', (_, members) => {
  expect(codeFor(members)).toBe('DFFT_CONTEXT')
})

test('what only looks like it passes: a name that is mentioned, nodes without names, another language, other graphs', () => {
  expect(codeFor({ id: 'urn:1', a: { id: 'urn:1' }, b: [{ id: 'urn:2', c: 1 }, { id: 'urn:1' }], d: { id: 'urn:2' } })).toBe(1)
  expect(codeFor({ a: [{ b: 1 }, { b: 1 }] })).toBe(1)
  expect(
    codeFor({
      a: [
        { '@value': 'x', '@language': 'en' },
        { '@value': 'x', '@language': 'de' },
      ],
    }),
  ).toBe(1)
  const one = { issuer: { id: 'urn:i', name: 'I' } }
  expect(codeFor({ verifiableCredential: [one, { ...one, id: 'urn:2' }], proof: { id: 'urn:i', a: 1 } })).toBe(1)
})

test('each limit holds at its value and is passed by one more', () => {
  const { nodes, elements, values, characters, contexts, inlineContexts, terms } = linkedDataLimits
  const many = (count: number) => Array.from({ length: count }, (_, at) => at)
  expect(codeFor({ a: many(nodes - 1).map((at) => ({ b: at })) })).toBe(1)
  expect(codeFor({ a: many(nodes).map((at) => ({ b: at })) })).toBe('DFFT_LIMIT')
  expect(codeFor({ a: many(elements) })).toBe(1)
  expect(codeFor({ a: many(elements + 1) })).toBe('DFFT_LIMIT')
  const lists = Object.fromEntries(many(values / elements).map((at) => [`m${at}`, many(elements)]))
  expect(codeFor(lists)).toBe(1)
  expect(codeFor({ ...lists, more: 1 })).toBe('DFFT_LIMIT')
  const named = (count: number) => ({ '@context': many(count).map((at) => `urn:${at}`) })
  expect([codeFor(named(contexts)), codeFor(named(contexts + 1))]).toEqual([contexts, 'DFFT_LIMIT'])
  const own = (count: number) => ({ '@context': many(count).map(() => ({ a: 'urn:a' })) })
  expect([codeFor(own(inlineContexts)), codeFor(own(inlineContexts + 1))]).toEqual([inlineContexts, 'DFFT_LIMIT'])
  const words = (count: number) => Object.fromEntries(many(count).map((at) => [`t${at}`, `urn:t${at}`]))
  expect([codeFor({ '@context': words(terms) }), codeFor({ '@context': words(terms + 1) })]).toEqual([1, 'DFFT_LIMIT'])
  expect(codeFor({ '@context': { '@context': words(terms) } })).toBe('DFFT_LIMIT')
  expect(codeFor({ a: 'x'.repeat(characters - '@contexta'.length) })).toBe(1)
  expect(codeFor({ a: 'x'.repeat(characters - '@contexta'.length + 1) })).toBe('DFFT_LIMIT')
})
