import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64url, fromBase64urlJoined, toBase64url } from './base64url.ts'
import { codeOf } from './errors.ts'

function codeFor(text: string): string {
  try {
    fromBase64url(text)
    return 'read'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test.each([
  ['padding', 'YQ=='],
  ['characters of base64', 'a+/b'],
  ['white space', 'YW Jj'],
  ['a line end', 'YWJj\n'],
  ['a character of no alphabet', 'YW.j'],
  ['one character alone', 'Y'],
  ['five characters', 'YWJjZ'],
  ['text that is not ASCII', 'ｙWJj'],
  ['a character whose low byte is one of the alphabet', 'YWJ\u016a'],
  ['a character of Latin-1', 'YWJ\u00ea'],
  ['padding in the middle', 'YW=j'],
])('refuses %s', (_what, text) => {
  expect(codeFor(text)).toBe('DFFT_BASE64URL')
})

test('refuses every other spelling of the last character', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // One byte leaves four spare bits, two bytes leave two.
  expect([...alphabet].filter((last) => codeFor(`Y${last}`) === 'read')).toEqual(['A', 'Q', 'g', 'w'])
  expect([...alphabet].filter((last) => codeFor(`YW${last}`) === 'read')).toHaveLength(16)
})

test('reads what it wrote, and nothing else reads as the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toBase64url(bytes)
      expect(Buffer.from(fromBase64url(text)).equals(bytes)).toBe(true)
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (codeFor(text) === 'read') expect(toBase64url(fromBase64url(text))).toBe(text)
    }),
  )
})

test('writes the part of a buffer that a view shows', () => {
  expect(toBase64url(Buffer.from('xabcx').subarray(1, 4))).toBe('YWJj')
})

/** Whatever Node's decoder takes, skips or stops at, beside the alphabet itself. */
const spelled = fc.string({ unit: fc.constantFrom(...'AQgwEUz09-_+/= \n.~\u00e9\u0141\u016a'), maxLength: 12 })

test('is canonical exactly where encoding the bytes again gives the same text', () => {
  fc.assert(
    fc.property(spelled, (text) => {
      const again = Buffer.from(text, 'base64url').toString('base64url')
      expect(codeFor(text)).toBe(again === text ? 'read' : 'DFFT_BASE64URL')
    }),
    { numRuns: 2000 },
  )
})

test('of many at once gives the bytes of each with the text around them, and nothing when one is refused', () => {
  const around = { before: '<', between: '|', after: '>' }
  const one = fc.oneof({ weight: 4, arbitrary: fc.uint8Array({ maxLength: 9 }).map(toBase64url) }, { weight: 1, arbitrary: spelled })
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), (texts) => {
      const joined = fromBase64urlJoined(texts, around)
      const expected = texts.every((text) => codeFor(text) === 'read')
        ? `<${texts.map((text) => Buffer.from(text, 'base64url').toString('latin1')).join('|')}>`
        : undefined
      expect(joined && Buffer.from(joined).toString('latin1')).toBe(expected)
    }),
    { numRuns: 1000 },
  )
})
