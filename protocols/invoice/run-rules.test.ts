import { expect, test } from 'vitest'
import type { Condition } from './condition.ts'
import { Document } from './document.ts'
import { type Context, fatal, type Pattern, type RulesetSource, ruleset, warning } from './ruleset.ts'
import { runRules } from './run-rules.ts'
import { readXml } from './xml.ts'

function source(patterns: readonly Pattern[], qualifiers: Readonly<Record<string, Condition>> = {}): RulesetSource {
  return { name: 'a', version: '1', patterns, qualifiers, lists: { letters: ['A', 'B'] } }
}

function failed(patterns: readonly Pattern[], xml: string, qualifiers: Readonly<Record<string, Condition>> = {}): readonly string[] {
  return runRules(ruleset(source(patterns, qualifiers)), new Document(readXml(Buffer.from(xml)))).findings.map(({ id, path }) => `${id} ${path}`)
}

const never: Condition = { always: false }

function context(at: string, id = 'R'): Context {
  return { at: [at], rules: [fatal(id, never)] }
}

test('in a pattern the first context that matches takes the element, and patterns do not know of each other', () => {
  expect(failed([[context('a/b', 'first'), context('b', 'second')], [context('b', 'other')]], '<a><b/><c><b/></c></a>')).toEqual([
    'first /a/b',
    'other /a/b',
    'second /a/c/b',
    'other /a/c/b',
  ])
})

test('a context with a qualifier leaves the element to the next where the qualifier does not hold', () => {
  const patterns = [[context('b{one}', 'one'), context('b', 'rest')]]
  expect(failed(patterns, '<a><b>1</b><b>2</b></a>', { one: { is: '.', oneOf: ['1'] } })).toEqual(['one /a/b[1]', 'rest /a/b[2]'])
})

test('a qualifier may stand at any step of a context', () => {
  expect(failed([[context('b{one}/c')]], '<a><b k="1"><c/></b><b><c/></b></a>', { one: { has: '@k' } })).toEqual(['R /a/b[1]/c'])
})

test('contexts are anchored, anywhere, one of several names, or by the end of a name', () => {
  const xml = '<a><b/><x><a><b/></a></x><fooAmount/><Amount/><c/></a>'
  expect(failed([[context('/a/b')]], xml)).toEqual(['R /a/b'])
  expect(failed([[context('a/b')]], xml)).toEqual(['R /a/b', 'R /a/x/a/b'])
  expect(failed([[context('b|c')]], xml)).toEqual(['R /a/b', 'R /a/x/a/b', 'R /a/c'])
  expect(failed([[context('*Amount')]], xml)).toEqual(['R /a/fooAmount', 'R /a/Amount'])
  expect(failed([[context('/*/x/*')]], xml)).toEqual(['R /a/x/a'])
})

test('what must not stand below a context is told once for each, at the first place', () => {
  const rules = [{ at: ['b'], rules: [warning('R', { lacks: 'c/d' }), warning('Q', { lacks: 'c/@k' })] }]
  expect(failed([rules], '<a><b><c k=""><d/><d/></c><c><d/></c></b><b><c/></b><b><c><d/></c></b></a>')).toEqual([
    'Q /a/b[1]/c[1]',
    'R /a/b[1]/c[1]/d[1]',
    'R /a/b[3]/c/d',
  ])
})

test('what must not stand below a context may stand below one that an earlier context took', () => {
  const rules: Pattern = [context('/a/b', 'first'), { at: ['b'], rules: [fatal('R', { lacks: 'c' })] }]
  expect(failed([rules], '<a><b><c/></b><x><b><c/></b></x></a>')).toEqual(['first /a/b', 'R /a/x/b'])
})

const document =
  '<a k="1"><n>2.50</n><n2>2.5</n2><t> x  y </t><d1>2026-02-28</d1><d2>2026-03-01</d2><l>A</l><two>1</two><two>2</two><bad>2,5</bad><s>2024</s><e/></a>'

test.each<[string, Condition]>([
  ['has', { has: 'n' }],
  ['has an attribute', { has: '@k' }],
  ['lacks', { lacks: 'nothing' }],
  ['all', { all: [{ has: 'n' }, { has: 't' }] }],
  ['any', { any: [{ has: 'nothing' }, { has: 't' }] }],
  ['filled', { filled: 't' }],
  ['is', { is: 'l', oneOf: ['B', 'A'] }],
  ['is, in capitals', { is: 't', oneOf: [' X  Y '], upper: true }],
  ['tidy', { tidy: 't', oneOf: ['x y'] }],
  ['isNot', { isNot: 'two', oneOf: ['1'] }],
  ['same', { same: ['two', 'n|two'] }],
  ['differ', { differ: ['two', 'n'] }],
  ['count', { count: 'two', atMost: 2, atLeast: 2 }],
  ['alike', { alike: 'l' }],
  ['alike without any', { alike: 'nothing' }],
  ['equal as numbers', { compare: ['n', '=', 'n2'] }],
  ['not equal', { compare: ['n', '!=', { literal: '2' }] }],
  ['less', { compare: [{ sum: 'two' }, '<=', { literal: '3' }] }],
  ['more', { compare: [{ percent: { times: ['n', { literal: '40' }] } }, '>=', { literal: '1' }] }],
  ['rounded', { compare: [{ round: 'n', places: 0 }, '=', { literal: '3' }] }],
  ['nothing as zero', { compare: [{ minus: ['n', { orZero: 'nothing' }] }, '=', 'n2'] }],
  ['an absolute value', { compare: [{ absolute: { minus: [{ literal: '0' }, 'n'] } }, '=', 'n'] }],
  ['numbers counted', { compare: [{ plus: [{ count: 'two' }, { count: 'n' }] }, '=', { literal: '3' }] }],
  ['places', { places: 'n', atMost: 2 }],
  ['places of nothing', { places: 'nothing', atMost: 2 }],
  ['length', { length: 't', atMost: 3, tidied: true }],
  ['listed', { listed: 'l', list: 'letters' }],
  ['in order', { inOrder: ['d1', 'd2'] }],
  ['sorted', { sorted: ['two', 's'] }],
  ['matches', { matches: 's', pattern: '^\\d{4}$' }],
  ['some', { some: 'two', where: { is: '.', oneOf: ['2'] } }],
  ['every', { every: 'two', where: { compare: ['.', '>', { literal: '0' }] } }],
  ['every of none', { every: 'nothing', where: never }],
  ['self', { self: ['a'] }],
  ['anywhere', { has: '//e' }],
  ['from the root', { has: '/a/e' }],
])('%s holds', (_, test) => {
  expect(failed([[{ at: ['a'], rules: [fatal('R', test)] }]], document)).toEqual([])
})

test.each<[string, Condition]>([
  ['has', { has: 'nothing' }],
  ['has an attribute', { has: '@j' }],
  ['lacks', { lacks: '//e' }],
  ['all', { all: [{ has: 'n' }, { has: 'nothing' }] }],
  ['any', { any: [{ has: 'nothing' }] }],
  ['not', { not: { has: 'n' } }],
  ['filled, empty', { filled: 'e' }],
  ['filled, twice', { filled: 'two' }],
  ['is', { is: 'l', oneOf: ['a'] }],
  ['tidy', { tidy: 't', oneOf: [' x  y '] }],
  ['isNot', { isNot: 'l', oneOf: ['A'] }],
  ['same', { same: ['n', 'n2'] }],
  ['differ from nothing', { differ: ['nothing', 'n'] }],
  ['differ', { differ: ['l', 'l'] }],
  ['count, too many', { count: 'two', atMost: 1 }],
  ['count, too few', { count: 'nothing', atLeast: 1 }],
  ['alike', { alike: 'two' }],
  ['compared with no number', { compare: ['n', '!=', 'bad'] }],
  ['compared with nothing', { compare: ['n', '!=', 'nothing'] }],
  ['compared with two', { compare: ['two', '>', { literal: '0' }] }],
  ['a sum with no number in it', { compare: [{ sum: 'bad|n' }, '!=', { literal: '0' }] }],
  ['places', { places: 'n', atMost: 1 }],
  ['places, twice', { places: 'two', atMost: 1 }],
  ['length', { length: 't', atMost: 3 }],
  ['too short', { length: 'nothing', atLeast: 1 }],
  ['listed', { listed: 't', list: 'letters' }],
  ['out of order', { inOrder: ['d2', 'd1'] }],
  ['no dates', { inOrder: ['n', 'd1'] }],
  ['sorted', { sorted: ['s', 'two'] }],
  ['matches', { matches: 'n', pattern: '^\\d$' }],
  ['some', { some: 'two', where: never }],
  ['every', { every: 'two', where: { is: '.', oneOf: ['2'] } }],
  ['within', { within: 'a' }],
  ['self', { self: ['b'] }],
])('%s does not hold', (_, test) => {
  expect(failed([[{ at: ['a'], rules: [fatal('R', test)] }]], document)).toEqual(['R /a'])
})

test('an operation is code of the ruleset, and what it worked out once for a document is kept', () => {
  let worked = 0
  const work = () => ++worked
  const rules = ruleset({
    ...source([[{ at: ['b'], rules: [fatal('R', { call: 'known', with: 2 })] }]]),
    operations: { known: { revision: 1, compile: (argument) => (_, document) => document.once(work, work) === argument } },
  })
  expect(runRules(rules, new Document(readXml(Buffer.from('<a><b/><b/></a>')))).failed).toEqual(new Map([['R', 'fatal']]))
  expect(worked).toBe(1)
})

test('a ruleset that names what it has not got is our mistake', () => {
  for (const condition of [{ has: 'b{none}' }, { listed: 'b', list: 'none' }, { call: 'none' }] satisfies Condition[])
    expect(() => failed([[{ at: ['a'], rules: [fatal('R', condition)] }]], '<a><b/></a>')).toThrow('the ruleset has no')
})

test('the digest of a ruleset changes with each of its parts', () => {
  const base = source([[{ at: ['a'], rules: [fatal('R', { has: 'b' })] }]], { q: { has: 'c' } })
  const operation = { revision: 1, compile: () => () => true }
  const others: RulesetSource[] = [
    base,
    { ...base, version: '2' },
    { ...base, patterns: [[{ at: ['a'], rules: [warning('R', { has: 'b' })] }]] },
    { ...base, patterns: [[{ at: ['a'], rules: [fatal('R', { has: 'c' })] }]] },
    { ...base, qualifiers: { q: { has: 'd' } } },
    { ...base, lists: { letters: ['A'] } },
    { ...base, operations: { operation } },
    { ...base, operations: { operation: { ...operation, revision: 2 } } },
  ]
  expect(new Set(others.map((other) => ruleset(other).digest)).size).toBe(others.length)
  expect(ruleset(base).digest).toBe(ruleset(structuredClone(base)).digest)
})
