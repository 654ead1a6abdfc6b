import { expect, test } from 'vitest'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { answerQuery, choiceOf, chooseOptions, parseQuery } from './dcql.ts'
import { ExchangeQuery, parseExchangeQuery, pathOf, pointerOf, queryLimits, waysOf, without } from './exchange-query.ts'

const of = (id: string, more: object = {}) => ({ id, format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] }, claims: [{ path: ['name'] }], ...more })
const named = (...ids: string[]) => ids.map((id) => ({ id, path: [id] }))

/** The code, and the member it names. */
function refusal(query: unknown): string {
  try {
    parseExchangeQuery(query)
    return 'carried'
  } catch (thrown) {
    return thrown instanceof TrustError ? `${thrown.code} ${thrown.facts.member ?? ''}`.trim() : String(thrown)
  }
}

test('an exchange carries sets, alternatives, values and authorities', () => {
  const claims = [{ id: 'n', path: ['name'], values: ['A', 1, true] }, ...named('m')]
  const query = {
    credentials: [of('a', { claims, claim_sets: [['n'], ['m']], trusted_authorities: [{ type: 'did', values: ['did:web:a.example'] }] }), of('b')],
    credential_sets: [{ options: [['a', 'b'], ['b']] }, { options: [['a']], required: false }],
  }
  expect(refusal(query)).toBe('carried')
  expect(parse(query, ExchangeQuery)).toEqual(query)
})

test.each<[string, unknown, string]>([
  ['another format', { credentials: [of('a', { format: 'vc+jwt' })] }, '/credentials/0/format'],
  ['several of one', { credentials: [of('a'), of('b', { multiple: true })] }, '/credentials/1/multiple'],
  ['types of another format', { credentials: [of('a', { meta: { type_values: [['A']] } })] }, '/credentials/0/meta/type_values'],
  ['a doctype', { credentials: [of('a', { meta: { doctype_value: 'a' } })] }, '/credentials/0/meta/doctype_value'],
  ['no type', { credentials: [of('a', { meta: {} })] }, '/credentials/0/meta/vct_values'],
  ['two types', { credentials: [of('a', { meta: { vct_values: ['a', 'b'] } })] }, '/credentials/0/meta/vct_values'],
  ['no binding', { credentials: [of('a', { require_cryptographic_holder_binding: false })] }, '/credentials/0/require_cryptographic_holder_binding'],
  ['no claims', { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] } }] }, '/credentials/0/claims'],
  ['every element', { credentials: [of('a', { claims: [{ path: ['a'] }, { path: ['b', null] }] })] }, '/credentials/0/claims/1/path'],
  ['an intent', { credentials: [of('a', { claims: [{ path: ['a'], intent_to_retain: true }] })] }, '/credentials/0/claims/0/intent_to_retain'],
  [
    'an authority of another kind',
    { credentials: [of('a', { trusted_authorities: [{ type: 'etsi_tl', values: ['x'] }] })] },
    '/credentials/0/trusted_authorities/0/type',
  ],
  ['nine credentials', { credentials: Array.from({ length: 9 }, (_, at) => of(`a${at}`)) }, '/credentials'],
  ['nine sets', { credentials: [of('a')], credential_sets: Array.from({ length: 9 }, () => ({ options: [['a']] })) }, '/credential_sets'],
  ['nine options', { credentials: [of('a')], credential_sets: [{ options: Array.from({ length: 9 }, () => ['a']) }] }, '/credential_sets/0/options'],
  ['nine sets of claims', { credentials: [of('a', { claims: named('n'), claim_sets: Array.from({ length: 9 }, () => ['n']) })] }, '/credentials/0/claim_sets'],
  [
    'many sets of claims in all',
    { credentials: ['a', 'b', 'c', 'd', 'e'].map((id) => of(id, { claims: named('n'), claim_sets: Array.from({ length: 7 }, () => ['n']) })) },
    '/credentials',
  ],
])('%s is refused, and the member named', (_what, query, member) => {
  expect(() => parseQuery(query)).not.toThrow()
  expect(refusal(query)).toBe(`DFFT_QUERY ${member}`)
  expect(() => parse(query, ExchangeQuery)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA', facts: { path: member } }))
})

test('what is no DCQL is refused as such', () => {
  for (const query of [{ credentials: [of('a'), of('a')] }, { credentials: [of('a', { claim_sets: [['n']] })] }, { credentials: [of('a', { more: 1 })] }, null])
    expect(refusal(query)).toBe('DFFT_SCHEMA')
})

test('each set of claims is a way of its own, in the order of preference, with the claims it names', () => {
  const query = parseExchangeQuery({ credentials: [of('a', { claims: named('x', 'y', 'z'), claim_sets: [['z', 'x'], ['y']] }), of('b')] })
  const ways = query.credentials.flatMap(waysOf).map(({ id, claimSet, claims }) => [id, claimSet, claims.map(({ path }) => path[0])])
  expect(ways).toEqual([
    ['a', 0, ['x', 'z']],
    ['a', 1, ['y']],
    ['b', null, ['name']],
  ])
})

const alternatives = parseExchangeQuery({
  credentials: ['a', 'b', 'c', 'd'].map((id) => of(id)),
  credential_sets: [{ options: [['c', 'a'], ['b']] }, { options: [['d']], required: false }],
})

test('what is denied leaves the query, with every option that needs it and whatever nothing refers to any more', () => {
  expect(without(alternatives, new Set())).toBe(alternatives)
  const less = without(alternatives, new Set(['a', 'd']))
  expect(less).toEqual({ credentials: [of('b')], credential_sets: [{ options: [['b']] }] })
  expect(refusal(less)).toBe('carried')
})

test('a choice is one option of each set, and the credentials come in the order in which these name them', () => {
  expect(choiceOf(alternatives, [0, 0])).toEqual({ options: [0, 0], ids: ['c', 'a', 'd'] })
  expect(choiceOf(alternatives, [1, null])).toEqual({ options: [1, null], ids: ['b'] })
  for (const options of [[null, 0], [2, 0], [0, 1], [0], [0, 0, 0], [], [-1, 0], [0.5, 0]]) expect(choiceOf(alternatives, options)).toBeNull()
})

test('the most that a query can ask is looked through in no time', () => {
  const ids = Array.from({ length: queryLimits.credentials }, (_, at) => `a${at}`)
  const sets = Array.from({ length: queryLimits.sets }, () => ({ options: Array.from({ length: queryLimits.options }, () => ids) }))
  const query = parseExchangeQuery({ credentials: ids.map((id) => of(id)), credential_sets: sets })
  let looks = 0
  const choice = chooseOptions(query, (id) => {
    looks++
    return id !== 'a7'
  })
  expect(choice).toBeNull()
  expect(looks).toBeLessThanOrEqual(8 * 8 * 8)
  const held = { format: 'dc+sd-jwt', types: ['urn:a'], claims: { name: 1 } }
  expect(answerQuery(query, [held])).toHaveLength(8)
})

test('a path and a pointer lead to the same place', () => {
  for (const path of [['a'], ['a/b', '~', 'c'], ['list', 0, 'x'], ['list', 12]]) expect(pathOf(pointerOf(path))).toEqual(path)
  expect(pathOf('/00/1x/01')).toEqual(['00', '1x', '01'])
})
