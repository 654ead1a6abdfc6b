import { expect, test } from 'vitest'
import { clean, duration, facts, style, table, width } from './render.ts'

const bare = style({ colour: false, plain: false })
const plain = style({ colour: false, plain: true })

test.each([
  ['abc', 3],
  ['国税庁', 6],
  ['ｶﾞ', 2],
  ['ガ', 2],
  ['カ\u3099', 2],
  ['é', 1],
  ['e\u0301', 1],
  ['（株）', 6],
  ['한국', 4],
  ['𠮷', 2],
  ['a\u200bb', 2],
])('%j takes %i cells', (text, cells) => {
  expect(width(text)).toBe(cells)
})

test('what is shown as an escape are the categories of Unicode that drive a terminal or stand for nothing, and what turns text', () => {
  const named = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u
  const other: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code)
    if (named.test(character) === (clean(character) === character)) other.push(code.toString(16))
  }
  expect(other).toEqual([])
})

test('every character of one cell that is not looked at closely has one', () => {
  for (let code = 0x20; code < 0x3000; code++) {
    const character = String.fromCodePoint(code)
    // Beside one that is, all are looked at closely.
    expect([code, width(character)]).toEqual([code, width(`${character}日`) - 2])
  }
})

test('columns line up beside Japanese', () => {
  const text = table(
    ['name', 'n'],
    [
      ['国税庁', 1],
      ['Agency', 22],
      ['', null],
    ],
    bare,
    '-',
  )
  expect(text).toBe('name    n\n国税庁  1\nAgency  22\n        -')
})

test('a plain table has tabs and no padding', () => {
  expect(table(['a', 'b'], [['国税庁', 1]], plain, '-')).toBe('a\tb\n国税庁\t1')
})

test('a table without rows is its stand-in', () => {
  expect(table(['a'], [], bare, 'none')).toBe('none')
})

test('facts stand under their labels, and those without a value are left out', () => {
  const pairs = [
    ['名称', 'x'],
    ['list', ['a', 'b']],
    ['none', []],
    ['gone', undefined],
    ['nil', null],
  ] as const
  expect(facts(pairs, bare)).toBe('名称  x\nlist  a\n      b\nnil   -')
  expect(facts(pairs, plain)).toBe('名称\tx\nlist\ta\nlist\tb\nnil\t-')
})

test.each([
  '\u0000',
  '\u001b',
  '\n',
  '\r',
  '\u0085',
  '\u009b',
  '\u2028',
  '\u200e',
  '\u202e',
  '\u2066',
  '\u061c',
  '\ud800',
])('%j becomes visible', (character) => {
  expect(clean(`a${character}b`)).toMatch(/^a\\u[0-9a-f]{4}b$/)
})

test('text of every script stays as it is', () => {
  const text = 'Größe, 株式会社, 한국, עברית, 👩‍💻'
  expect(clean(text)).toBe(text)
})

test('a duration reads as milliseconds below a second', () => {
  expect([duration(0.4), duration(999), duration(1_000), duration(61_250), duration(null)]).toEqual(['0 ms', '999 ms', '1.0 s', '61.3 s', null])
})
