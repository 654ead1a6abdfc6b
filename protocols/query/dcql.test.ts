import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { answerQuery, type Held, parseQuery } from './dcql.ts'

const held = (type: string, claims: Json, more: Partial<Held> = {}): Held => ({ format: 'dc+sd-jwt', types: [type], claims, ...more })
const wants = (id: string, type: string, more: object = {}) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: [type] }, ...more })
const answered = (query: unknown, wallet: readonly Held[]) => answerQuery(parseQuery(query), wallet)?.map(({ id, claims }) => [id, claims]) ?? null
const refusal = (query: unknown) => {
  try {
    parseQuery(query)
    return 'accepted'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test('a query without sets is answered when every credential it names is held', () => {
  const query = { credentials: [wants('a', 'urn:a'), wants('b', 'urn:b')] }
  expect(answered(query, [held('urn:a', {}), held('urn:b', {})])).toEqual([
    ['a', []],
    ['b', []],
  ])
  expect(answered(query, [held('urn:a', {})])).toBeNull()
  expect(answered(query, [])).toBeNull()
})

test('format, type and authority all have to fit', () => {
  const one = (more: object) => ({ credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: {}, ...more }] })
  expect(answered(one({}), [held('urn:a', {}, { format: 'vc+jwt' })])).toBeNull()
  expect(answered(one({ meta: { doctype_value: 'urn:a' } }), [held('urn:a', {})])).not.toBeNull()
  expect(answered(one({ meta: { doctype_value: 'urn:b' } }), [held('urn:a', {})])).toBeNull()
  expect(answered(one({ meta: { vct_values: ['urn:b', 'urn:a'] } }), [held('urn:a', {})])).not.toBeNull()
  const both = one({ meta: { type_values: [['A', 'B'], ['C']] } })
  expect(answered(both, [held('', {}, { types: ['A'] })])).toBeNull()
  expect(answered(both, [held('', {}, { types: ['B', 'A'] })])).not.toBeNull()
  const trusting = one({ trusted_authorities: [{ type: 'aki', values: ['k'] }] })
  expect(answered(trusting, [held('urn:a', {})])).toBeNull()
  expect(answered(trusting, [held('urn:a', {}, { authorities: [{ type: 'etsi_tl', value: 'k' }] })])).toBeNull()
  expect(answered(trusting, [held('urn:a', {}, { authorities: [{ type: 'aki', value: 'k' }] })])).not.toBeNull()
})

test('one credential is shown of several that fit, and all where several are asked for', () => {
  const wallet = [held('urn:a', { n: 1 }), held('urn:a', { n: 2 })]
  expect(answered({ credentials: [wants('a', 'urn:a')] }, wallet)).toHaveLength(1)
  expect(answered({ credentials: [wants('a', 'urn:a', { multiple: true })] }, wallet)).toHaveLength(2)
})

test('every claim asked for has to be there, with one of the values asked for', () => {
  const query = (...claims: object[]) => ({ credentials: [wants('a', 'urn:a', { claims })] })
  const wallet = [held('urn:a', { name: 'A', address: { city: 'B' }, n: 1 })]
  expect(answered(query({ path: ['name'] }, { path: ['address', 'city'] }), wallet)).toEqual([['a', [['name'], ['address', 'city']]]])
  expect(answered(query({ path: ['name'] }, { path: ['missing'] }), wallet)).toBeNull()
  expect(answered(query({ path: ['toString'] }), wallet)).toBeNull()
  expect(answered(query({ path: ['name'], values: ['X', 'A'] }), wallet)).not.toBeNull()
  expect(answered(query({ path: ['name'], values: ['X'] }), wallet)).toBeNull()
  expect(answered(query({ path: ['n'], values: ['1'] }), wallet)).toBeNull()
})

test('a path leads through members, positions and all elements, and nowhere else', () => {
  const wallet = [held('urn:a', { list: [{ t: 1 }, { t: 2 }, {}], name: 'A' })]
  const found = (...path: (string | number | null)[]) => answered({ credentials: [wants('a', 'urn:a', { claims: [{ path }] })] }, wallet) !== null
  expect(found('list', null, 't')).toBe(true)
  expect(found('list', 1, 't')).toBe(true)
  expect(found('list', 2, 't')).toBe(false)
  expect(found('list', 3)).toBe(false)
  expect(found('list', 't')).toBe(false)
  expect(found('name', 0)).toBe(false)
  expect(found('name', null)).toBe(false)
  const second = { credentials: [wants('a', 'urn:a', { claims: [{ path: ['list', null, 't'], values: [2] }] })] }
  expect(answered(second, wallet)).not.toBeNull()
})

test('of alternative claims the first set that is there is shown, and no more', () => {
  const claims = ['a', 'b', 'c'].map((name) => ({ id: name, path: [name] }))
  const query = { credentials: [wants('x', 'urn:a', { claims, claim_sets: [['a', 'b'], ['c']] })] }
  expect(answered(query, [held('urn:a', { a: 1, b: 1, c: 1 })])).toEqual([['x', [['a'], ['b']]]])
  expect(answered(query, [held('urn:a', { a: 1, c: 1 })])).toEqual([['x', [['c']]]])
  expect(answered(query, [held('urn:a', { a: 1 })])).toBeNull()
})

test('of alternative credentials the first option that is held is shown; a set that is not required may stay out', () => {
  const query = {
    credentials: ['a', 'b', 'c', 'd'].map((name) => wants(name, `urn:${name}`)),
    credential_sets: [{ options: [['a'], ['b', 'c']] }, { required: false, options: [['d']] }],
  }
  const wallet = (...names: string[]) => names.map((name) => held(`urn:${name}`, {}))
  const ids = (...names: string[]) => answered(query, wallet(...names))?.map(([id]) => id) ?? null
  expect(ids('a', 'b', 'c', 'd')).toEqual(['a', 'd'])
  expect(ids('b', 'c')).toEqual(['b', 'c'])
  expect(ids('b', 'd')).toBeNull()
})

test('a query that contradicts itself, or has members nobody here could honour, is refused', () => {
  const good = wants('a', 'urn:a', { claims: [{ id: 'c', path: ['c'] }], claim_sets: [['c']] })
  expect(refusal({ credentials: [good] })).toBe('accepted')
  for (const bad of [
    { credentials: [] },
    { credentials: [good, good] },
    { credentials: [good], credential_sets: [{ options: [['b']] }] },
    { credentials: [good], credential_sets: [] },
    { credentials: [{ ...good, claim_sets: [['d']] }] },
    { credentials: [{ ...good, claims: [{ path: ['c'] }] }] },
    {
      credentials: [
        {
          ...good,
          claims: [
            { id: 'c', path: ['c'] },
            { id: 'c', path: ['d'] },
          ],
        },
      ],
    },
    { credentials: [{ ...good, claims: [{ id: 'c', path: [] }] }] },
    { credentials: [{ ...good, id: 'a b' }] },
    { credentials: [{ ...good, unknown: true }] },
    { credentials: Array.from({ length: 33 }, (_, at) => wants(`a${at}`, 'urn:a')) },
  ]) {
    expect(refusal(bad)).toBe('DFFT_SCHEMA')
  }
})

test('a query that is large, or looks at very much, is refused', () => {
  const claims = (count: number, values: number) =>
    Array.from({ length: count }, (_, at) => ({ path: ['list', null, `c${at}`], values: Array.from({ length: values }, (_, value) => value) }))
  expect(refusal({ credentials: [wants('a', 'urn:a', { claims: claims(40, 40) })] })).toBe('accepted')
  expect(refusal({ credentials: [wants('a', 'urn:a', { claims: claims(50, 50) })] })).toBe('DFFT_LIMIT')
  expect(refusal({ credentials: Array.from({ length: 10_000 }, () => 1) })).toBe('DFFT_LIMIT')
  const query = parseQuery({ credentials: [wants('a', 'urn:a', { multiple: true, claims: claims(20, 20) })] })
  const element = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`c${at}`, 19]))
  const large = held('urn:a', { list: Array.from({ length: 100 }, () => element) })
  expect(answerQuery(query, [large])).toHaveLength(1)
  expect(() => answerQuery(query, [large, large, large])).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
})
