import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from './errors.ts'
import { depthMax, type Json, lines, parseJson, parseJsonLines, separatorsMax, sizeOf } from './json.ts'

function codeFor(input: Uint8Array | string): string {
  try {
    parseJson(input)
    return 'read'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test.each([
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'DFFT_NOT_UTF8'],
  ['a surrogate encoded in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'DFFT_NOT_UTF8'],
  ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'DFFT_NOT_UTF8'],
  ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x31]), 'DFFT_NOT_JSON'],
  ['nothing', '', 'DFFT_NOT_JSON'],
  ['a word', 'tru', 'DFFT_NOT_JSON'],
  ['two values', '1 2', 'DFFT_NOT_JSON'],
  ['a comment', '{"a":1/*b*/}', 'DFFT_NOT_JSON'],
  ['single quotes', "{'a':1}", 'DFFT_NOT_JSON'],
  ['a trailing comma', '[1,]', 'DFFT_NOT_JSON'],
  ['an unclosed string', '{"a":"b', 'DFFT_NOT_JSON'],
  ['an unclosed string that ends in backslashes', '"a\\\\\\', 'DFFT_NOT_JSON'],
  ['infinity', 'Infinity', 'DFFT_NOT_JSON'],
  ['a leading zero', '01', 'DFFT_NOT_JSON'],
  ['a member twice', '{"a":1,"a":2}', 'DFFT_JSON_DUPLICATE_KEY'],
  ['a member twice with the same value', '{"a":1,"a":1}', 'DFFT_JSON_DUPLICATE_KEY'],
  ['a member twice, once with an escape', '{"a":1,"\\u0061":2}', 'DFFT_JSON_DUPLICATE_KEY'],
  ['a member twice, deep', '[{"x":{"a":[{"b":1,"c":":","b":{}}]}}]', 'DFFT_JSON_DUPLICATE_KEY'],
  ['a number beyond 2^53', '9007199254740993', 'DFFT_JSON_VALUE'],
  ['a number beyond all', '1e999', 'DFFT_JSON_VALUE'],
  ['minus zero', '-0', 'DFFT_JSON_VALUE'],
  ['a lone surrogate', '"\\ud800"', 'DFFT_JSON_VALUE'],
  ['a lone surrogate in a name', '{"\\udc00":1}', 'DFFT_JSON_VALUE'],
  ['a member named __proto__', '{"__proto__":{"a":1}}', 'DFFT_JSON_VALUE'],
  ['a member named __proto__ by escapes', '{"\\u005f_proto__":1}', 'DFFT_JSON_VALUE'],
])('refuses %s', (_what, input, code) => {
  expect(codeFor(input)).toBe(code)
})

describe('a name that is written with an escape', () => {
  // What V8 has read before decides how it reads the next: each pair is read in this order, and the first is what spoils the second.
  test.each<[string, string, Json]>([
    ['{"m0":1,"\\\\":2}', '{"m0":1,"\\u0061":2}', { m0: 1, a: 2 }],
    ['{"m1":1,"\\\\":2}', '{"m1":1,"\\"":2}', { m1: 1, '"': 2 }],
    ['{"m2":1,"\\\\u0061":2}', '{"m2":1,"\\u0061bcdef":2}', { m2: 1, abcdef: 2 }],
    ['{"alg":"none","\\\\u0":2}', '{"alg":"none","\\u0061lh":"EdDSA"}', { alg: 'none', alh: 'EdDSA' }],
    ['{"\\\\":1}', '[ {"\\n" : [{"\\t":{}}, [ ], -1.5e2, true, null, "\\n"]} ] ', [{ '\n': [{ '\t': {} }, [], -150, true, null, '\n'] }]],
  ])('is read as it is written, though %s was read before', (spoiling, text, value) => {
    parseJson(spoiling)
    expect(parseJson(text)).toEqual(value)
    expect(parseJson(Buffer.from(text))).toEqual(value)
  })

  test.each([
    ['{"a":1,"\\\\":2}', '{"a":1,"\\u0061":2}', 'DFFT_JSON_DUPLICATE_KEY'],
    ['{"b":1,"\\\\":2}', '{"b":1,"\\ud800":2}', 'DFFT_JSON_VALUE'],
    ['{"c":1,"\\\\u005f_p":2}', '{"c":1,"\\u005f_proto__":2}', 'DFFT_JSON_VALUE'],
  ])('hides nothing, though %s was read before %s', (spoiling, text, code) => {
    parseJson(spoiling)
    expect(codeFor(text)).toBe(code)
  })

  test.each([
    '{"\\n":1',
    '{"\\n":1}}',
    '{"\\n":1,}',
    '{"\\n" 1}',
    '{"\\n":}',
    '{"\\n":[1,]}',
    '{"\\n":[1 2]}',
    '{"\\n":tru}',
    '{"\\x":1}',
    '{"\\n":1;"a":2}',
    '{"\\n":1,2:3}',
    '{"\\n":"\t"}',
    '["\\n":1]',
    '{"\\n":01}',
    '\ufeff{"\\n":1}',
  ])('is no leave for what is not JSON: %s', (text) => {
    expect(codeFor(text)).toBe('DFFT_NOT_JSON')
  })
})

test('is not misled by what looks like structure within strings', () => {
  const value = { 'a":{"b': '\\":{[', c: ['"', '\\', ':', '{', '}}}}', '\\\\"'] }
  expect(parseJson(JSON.stringify(value))).toEqual(value)
})

test(`reads ${depthMax} levels and refuses one more`, () => {
  expect(codeFor('['.repeat(depthMax) + ']'.repeat(depthMax))).toBe('read')
  expect(codeFor('['.repeat(depthMax + 1) + ']'.repeat(depthMax + 1))).toBe('DFFT_JSON_TOO_DEEP')
  expect(codeFor(`${'{"a":'.repeat(depthMax + 1)}1${'}'.repeat(depthMax + 1)}`)).toBe('DFFT_JSON_TOO_DEEP')
})

test(`reads ${separatorsMax} commas and colons and refuses one more, but counts none inside a string`, () => {
  const list = (elements: number) => `[${'1,'.repeat(elements - 1)}1]`
  expect(codeFor(list(separatorsMax + 1))).toBe('read')
  expect(codeFor(list(separatorsMax + 2))).toBe('DFFT_LIMIT')
  const object = (members: number) => `{${Array.from({ length: members }, (_, at) => `"${at}":1`).join()}}`
  expect(codeFor(object(separatorsMax / 2))).toBe('read')
  expect(codeFor(object(separatorsMax / 2 + 1))).toBe('DFFT_LIMIT')
  expect(codeFor(JSON.stringify(',:'.repeat(separatorsMax)))).toBe('read')
})

test.each<[Json, number]>([
  [1, 1],
  [[], 1],
  [{ a: [1, { b: null }] }, 5],
])('%j has %d values', (value, size) => {
  expect(sizeOf(value, 100)).toBe(size)
})

test('values are counted as far as they matter', () => {
  expect(
    sizeOf(
      Array.from({ length: 1000 }, () => 1),
      10,
    ),
  ).toBe(11)
})

describe('work is bounded', () => {
  test('a nesting of 100,000 is refused at level 33, not at the end', () => {
    const text = '['.repeat(100_000)
    const began = performance.now()
    for (let count = 0; count < 100; count++) expect(codeFor(text)).toBe('DFFT_JSON_TOO_DEEP')
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test('10 MB of quotes and backslashes take time in proportion', () => {
    const half = `["${'\\"'.repeat(2_500_000)}"]`
    const whole = `["${'\\"'.repeat(5_000_000)}"]`
    const took = (text: string) => {
      const began = performance.now()
      expect(codeFor(text)).toBe('read')
      return performance.now() - began
    }
    took(half)
    expect(took(whole)).toBeLessThan(Math.max(20 * took(half), 2000))
  })
})

// -0 and `__proto__` are refused, and numbers beyond 2^53 have no exact form.
const carried = fc.jsonValue({ maxDepth: 6, depthSize: 'medium' }).filter((value) => {
  const text = JSON.stringify(value)
  return !text.includes('__proto__') && !/(?:^|[[,:])-0(?:[,\]}]|$)/.test(text) && !/e\+|\d{16}/.test(text)
})

test('reads whatever JSON.stringify wrote', () => {
  fc.assert(
    fc.property(carried, (value) => {
      const text = JSON.stringify(value)
      expect(parseJson(text)).toEqual(JSON.parse(text))
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('finds a doubled member wherever it stands', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__')
  const holder = fc.array(fc.constantFrom('object', 'array'), { maxLength: 12 })
  fc.assert(
    fc.property(name, carried, carried, holder, (member, first, second, around) => {
      const doubled = `{${JSON.stringify(member)}:${JSON.stringify(first)},"z":0,${JSON.stringify(member)}:${JSON.stringify(second)}}`
      const text = around.reduce((inner, kind) => (kind === 'array' ? `[1,${inner}]` : `{"k":${inner},"l":[]}`), doubled)
      expect(codeFor(text)).toBe('DFFT_JSON_DUPLICATE_KEY')
    }),
  )
})

test('text reads the same with every character escaped, where each string is looked at by itself', () => {
  const escaped = (text: string) =>
    text.replace(
      /"((?:[^"\\]|\\.)*)"/g,
      (whole) =>
        `"${[...Array.from({ length: JSON.parse(whole).length }, (_, at) => JSON.parse(whole).charCodeAt(at))].map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`,
    )
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(codeFor(escaped(text))).toBe(codeFor(text))
      if (codeFor(text) === 'read') expect(parseJson(escaped(text))).toEqual(parseJson(Buffer.from(text)))
    }),
    { seed: 5 },
  )
})

test('the character that stands for what is not UTF-8 may stand in a text', () => {
  expect(parseJson(Buffer.from('{"\ufffd":"\ufffd"}'))).toEqual({ '\ufffd': '\ufffd' })
  expect(codeFor(Buffer.from([0x22, 0xef, 0xbf, 0xbd, 0xff, 0x22]))).toBe('DFFT_NOT_UTF8')
})

test('a lone surrogate that is not escaped is refused in a string, and in a name', () => {
  expect(codeFor('["\ud800"]')).toBe('DFFT_JSON_VALUE')
  expect(codeFor('{"a\udc00":1}')).toBe('DFFT_JSON_VALUE')
})

test('numbers are looked at wherever they stand', () => {
  for (const text of ['[[9007199254740993]]', '{"a":{"b":-0}}', '[{"a":1e999}]', '{"\\u0061":[-0]}']) expect(codeFor(text)).toBe('DFFT_JSON_VALUE')
})

describe('several texts at once', () => {
  const together = (texts: readonly string[]) => parseJsonLines(Buffer.from(`${lines.before}${texts.join(lines.between)}${lines.after}`), texts.length)

  test('are read as each alone', () => {
    const texts = ['["salt","name",{"a":[1,2,{"b":"}],[{"}]}]', '"日本語"', '[]', '-1.5e3', '{"a":{"a":null}}', 'true']
    expect(together(texts)).toEqual(texts.map((text) => parseJson(text)))
  })

  test.each<[string, readonly string[]]>([
    ['two that are none alone and would be two together', ['[1],[2', '3]']],
    ['one that holds two, beside one that would be lost', ['1,2', '']],
    ['one that holds two, told apart as ours are', ['1,\n2', '']],
    ['one that closes what stands around it', ['1],[2', '3']],
    ['a string that reaches into the next', ['"a', 'b"']],
    ['a string that reaches into the next, and a line end of its own', ['["a","b', 'c"],\n["d"]']],
    ['a member twice', ['{"a":1}', '{"a":1,"a":2}']],
    ['a number that cannot be carried', ['1', '9007199254740993']],
    ['a member that is refused', ['1', '{"__proto__":1}']],
    ['too deep a nesting', ['1', '['.repeat(depthMax + 1) + ']'.repeat(depthMax + 1)]],
    ['nothing', ['']],
    ['nothing beside something', ['1', '']],
    ['a lone surrogate', ['1', '"\\ud800"']],
    ['white space that ends a line', ['1', '[\n2]']],
  ])('are left to be read one by one where there is %s', (_what, texts) => {
    expect(together(texts)).toBeUndefined()
  })

  test(`may each have ${depthMax} levels`, () => {
    const deep = '['.repeat(depthMax) + ']'.repeat(depthMax)
    expect(together([deep, deep])).toEqual([parseJson(deep), parseJson(deep)])
  })

  test('are left to be read one by one where the bytes are not UTF-8, also where two halves of a character meet', () => {
    const halves = Buffer.concat([Buffer.from('["'), Buffer.from([0xc3]), Buffer.from(',\n'), Buffer.from([0xa9]), Buffer.from('"]')])
    expect(parseJsonLines(halves, 2)).toBeUndefined()
  })

  test('never give what one by one would not', () => {
    const piece = fc.string({ unit: fc.constantFrom(...'[]{}",:\\\n 1ae'), maxLength: 6 })
    const text = fc.oneof(
      piece,
      fc.jsonValue().map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
        const values = together(texts)
        if (values) expect(values).toEqual(texts.map((one) => parseJson(one)))
      }),
      { numRuns: 3000 },
    )
  })
})
