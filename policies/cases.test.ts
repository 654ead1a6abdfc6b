import { describe, expect, it } from 'vitest'
import { failuresOf, questionOf, readCases } from './cases.ts'
import { compile } from './compile.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { policyOf } from './question.fixture.ts'

const policy = policyOf(
  'JP',
  { id: 'jp.a', effect: 'permit', match: { data: ['registration.name'] } },
  { id: 'jp.b', effect: 'permit', match: { data: ['registration.representative'], recipient: { sector: ['public'] } } },
  { id: 'jp.c', effect: 'oblige', obligations: [{ type: 'purpose-limit' }] },
)
const index = compile([policy], packs)
const file = (expect: object, more: object = {}) => ({
  policies: ['JP'],
  defaults: {
    at: '2026-11-21T00:00:00Z',
    credential: 'BusinessRegistrationCredential',
    data: { '/b': 'registration.representative', '/a': 'registration.name' },
  },
  cases: [{ name: 'one', side: 'export', facts: { from: 'JP', to: 'DE', sector: 'private' }, expect, ...more }],
})
const read = (value: object) => readCases(JSON.stringify(value), 'jp.cases.json')
function failures(expected: object, more: object = {}) {
  const { cases, defaults } = read(file(expected, more))
  return failuresOf(index, cases[0]!, defaults)
}

describe('a case', () => {
  it('holds when all that it expects comes out', () => {
    const whole = { verdict: 'permit', code: 'PERMITTED', rules: ['jp.a'], alternatives: [], added: ['jp.c'], disclosed: ['/a'], nearest: [['sector']] }
    expect(failures({ ...whole, withheld: ['/b'] })).toEqual([])
    expect(failures({ ...whole, withheld: { '/b': 'UNCOVERED_DATA' } })).toEqual([])
  })
  it.each([
    [{ verdict: 'deny' }, 'verdict', '"permit"'],
    [{ code: 'NO_RULE' }, 'code', '"PERMITTED"'],
    [{ rules: ['jp.b'] }, 'rules', '["jp.a"]'],
    [{ rules: [] }, 'rules', '["jp.a"]'],
    [{ alternatives: ['jp.b'] }, 'alternatives', '[]'],
    [{ added: [] }, 'added', '["jp.c"]'],
    [{ disclosed: ['/a', '/b'] }, 'disclosed', '["/a"]'],
    [{ withheld: [] }, 'withheld', '["/b"]'],
    [{ withheld: { '/b': 'DENIED_BY_RULE' } }, 'withheld', '{"/b":"UNCOVERED_DATA"}'],
    [{ nearest: [] }, 'nearest', '[["sector"]]'],
  ])('fails for %j', (expected, of, got) => {
    expect(failures(expected)).toEqual([{ of, expected: JSON.stringify(Object.values(expected)[0]), got }])
  })
  it('tells each that differs', () => expect(failures({ verdict: 'deny', code: 'NO_RULE' })).toHaveLength(2))
  it('takes a fact from the first who may vouch for it, and from whom it names', () => {
    const { cases, defaults } = read(file({ verdict: 'permit' }, { facts: { sector: 'public', purpose: { value: 'marketing', origin: 'holder' } } }))
    expect(questionOf(cases[0]!, defaults).facts).toEqual({
      sector: { value: 'public', origin: 'accreditation' },
      purpose: { value: 'marketing', origin: 'holder' },
    })
    expect(failures({ disclosed: ['/a', '/b'] }, { facts: { sector: 'public' } })).toEqual([])
    expect(failures({ disclosed: ['/a'] }, { facts: { sector: { value: 'public', origin: 'requester' } } })).toEqual([])
  })
})

describe('a file of cases', () => {
  it.each<[string, object, string]>([
    ['a case that expects nothing', file({}), '/cases/0/expect'],
    ['a code that is none', file({ code: 'MAYBE' }), '/cases/0/expect/code'],
    ['an expectation nobody knows', file({ verdikt: 'deny' }), '/cases/0/expect'],
    ['a fact nobody knows', file({ verdict: 'deny' }, { facts: { wether: 'fine' } }), '/cases/0/facts/wether'],
    ['no data', file({ verdict: 'deny' }, { data: {} }), '/cases/0/data'],
    ['a day that is none', file({ verdict: 'deny' }, { at: '2026-02-30T00:00:00Z' }), '/cases/0/at'],
  ])('is refused for %s, with file and path', (_, value, path) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA', facts: { path, file: 'jp.cases.json' } }))
    expect(() => read(value)).toThrow(/^jp\.cases\.json: /)
  })
  it('is refused for a case that is no question, with its name', () => {
    expect(() => read(file({ verdict: 'deny' }, { facts: { sector: ['private', 'public'] } }))).toThrow(/^jp\.cases\.json: `one`: .*another shape/)
  })
  it('is refused when it is no JSON', () => expect(() => readCases('{', 'jp.cases.json')).toThrow(/^jp\.cases\.json: the text is not JSON/))
})
