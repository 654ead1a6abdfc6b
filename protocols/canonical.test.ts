import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, canonicalBytes, canonicalInParts, canonicalWithout, digestOf, extended, frozen } from './canonical.ts'
import { codeOf } from './errors.ts'
import { digest } from './ids.ts'

test.each([
  [
    'members by UTF-16 code units',
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  ],
  ['arrays as they are', [3, 1, 2], '[3,1,2]'],
  ['control characters, quote and backslash', '\u0000\b\t\n\f\r\u001f"\\/\u007f', '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f"'],
  ['text that needs no escape', '東京都 café', '"東京都 café"'],
  ['characters beyond the basic plane', '\u{20bb7}', '"\u{20bb7}"'],
  ['numbers in ECMAScript’s form', [1e21, 1e-7, 0.1, 100, 1.5e300, -0, Number('333333333.33333329')], '[1e+21,1e-7,0.1,100,1.5e+300,0,333333333.3333333]'],
  ['members that are undefined', { a: undefined, b: null }, '{"b":null}'],
  ['elements that are undefined', [undefined, 1], '[null,1]'],
  ['empty things', [{}, [], ''], '[{},[],""]'],
])('writes %s', (_what, value, text) => {
  expect(canonical(value)).toBe(text)
})

test.each([
  ['a lone high surrogate', '\ud800'],
  ['a lone low surrogate within text', 'a\udc00b'],
  ['a lone surrogate in a name', { '\ud800': 1 }],
  ['infinity', Number.POSITIVE_INFINITY],
  ['no number', Number.NaN],
  ['a function', () => 1],
  ['a symbol', Symbol('a')],
  ['a bigint', 1n],
  ['nothing', undefined],
])('refuses %s', (_what, value) => {
  expect(() => canonical(value)).toThrow()
  try {
    canonical(value)
  } catch (thrown) {
    expect(codeOf(thrown)).toBe('DFFT_JSON_VALUE')
  }
})

const json = fc.jsonValue({ maxDepth: 5 })

test('reads back as the same value', () => {
  fc.assert(fc.property(json, (value) => void expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))))
})

test('is the same whatever the order of members', () => {
  const turned = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(turned)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, member]) => [name, turned(member)]),
          )
        : value
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        json,
      ),
      (value) => void expect(canonical(turned(value))).toBe(canonical(value)),
    ),
  )
})

test('of what it wrote is what it wrote', () => {
  fc.assert(fc.property(json, (value) => void expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value))))
})

test('agrees with JSON.stringify on every string', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(canonical(text)).toBe(JSON.stringify(text))))
})

test('is digested as UTF-8', () => {
  expect(digestOf({ b: '東', a: 1 })).toBe(digest(canonicalBytes({ a: 1, b: '東' })))
  expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 2 }))
})

/** RFC 8785 by its definition: members sorted, leaves as ECMAScript writes them. */
function defined(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, (one) => (one === undefined ? 'null' : defined(one))).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${members
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${defined(one)}`)
    .join(',')}}`
}

const names = fc.constantFrom('a', 'b', 'aa', 'B', '', '0', '1', '10', '9', '-1', '01', 'ö', '\ufb33', '\u{1f600}', '\u20ac', 'toString', 'toJSON', 'length')
const trees = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, undefined, -0, '"', '\\', '\\ud800', '\u2028', '\n'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: false }),
  ),
})).value

test('whatever the order, the names and the prototypes, the text is that of the definition, and reads back as itself', () => {
  fc.assert(
    fc.property(trees, (value) => {
      if (value === undefined) return
      const text = canonical(value)
      expect(text).toBe(defined(value))
      expect(canonical(JSON.parse(text))).toBe(text)
    }),
    { numRuns: 2000, seed: 3 },
  )
})

test('the value itself stays as it was', () => {
  const value = Object.freeze({ b: Object.freeze([Object.freeze({ d: 1, c: 2 })]), a: 1 })
  expect(canonical(value)).toBe('{"a":1,"b":[{"c":2,"d":1}]}')
  expect(Object.keys(value)).toEqual(['b', 'a'])
})

test.each([
  ['a date', new Date(0), '{}'],
  ['a member that would serialise itself', { a: { toJSON: () => 'b' } }, 'DFFT_JSON_VALUE'],
  ['a member named __proto__', JSON.parse('{"a":{"__proto__":1}}'), '{"a":{"__proto__":1}}'],
  ['a large whole number deep inside', { a: [{ b: 10n }] }, 'DFFT_JSON_VALUE'],
  ['a lone surrogate deep inside', { a: [{ b: '\udfff' }] }, 'DFFT_JSON_VALUE'],
  ['infinity deep inside', { a: [{ b: Number.NEGATIVE_INFINITY }] }, 'DFFT_JSON_VALUE'],
])('%s is treated member by member', (_what, value, expected) => {
  let found: string
  try {
    found = canonical(value)
  } catch (thrown) {
    found = codeOf(thrown)
  }
  expect(found).toBe(expected)
})

test('what is written once is frozen with all that stands in it, so that its text stays its text', () => {
  const document = { b: { deep: [{ x: 1 }] }, a: 'one', proof: 'p' }
  expect(canonicalWithout(document, new Set(['proof']))).toBe('{"a":"one","b":{"deep":[{"x":1}]}}')
  expect(() => document.b.deep.push({ x: 2 })).toThrow(TypeError)
  expect(() => Object.assign(document.b.deep[0] ?? {}, { x: 2 })).toThrow(TypeError)
  expect(() => Object.assign(document, { a: 'two' })).toThrow(TypeError)
  expect(frozen(document)).toBe(true)
})

test('a document with members more has the text that it would have anew', () => {
  const signed = extended({ z: [1], m: { k: 'v' }, signature: 'old' }, { signature: { value: 's' }, a: 1 })
  expect(canonical(signed)).toBe(canonical(structuredClone(signed)))
  expect(canonicalInParts(signed)).toBe('{"a":1,"m":{"k":"v"},"signature":{"value":"s"},"z":[1]}')
  expect(() => signed.z.push(2)).toThrow(TypeError)
  expect(canonical(extended({ a: 1, b: 2 }, { a: undefined }))).toBe('{"b":2}')
})
