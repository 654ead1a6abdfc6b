import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64url.ts'
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
