import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsMax, csvFields, csvRecords, fieldCharactersMax } from './csv.ts'

function read(text: string, firstLine = 1) {
  return [...csvRecords(text, firstLine)].map((record) => ('fault' in record ? [record.line, record.fault] : [record.line, record.fields]))
}

test('fields, quoted fields, doubled quotes and empty fields are read', () => {
  expect(read('a,"b,c","d""e",,""\n')).toEqual([[1, ['a', 'b,c', 'd"e', '', '']]])
})

test('CRLF, LF, CR and no line end at all end a record, and an empty line is none', () => {
  expect(read('a\r\nb\n\nc\rd')).toEqual([
    [1, ['a']],
    [2, ['b']],
    [4, ['c']],
    [5, ['d']],
  ])
})

test('a line end within quotes belongs to the field, and the lines after it are counted from the file', () => {
  expect(read('"a\nb\r\nc",d\ne', 10)).toEqual([
    [10, ['a\nb\r\nc', 'd']],
    [13, ['e']],
  ])
})

test('raw is the record’s own characters, without its line end', () => {
  const [first, second] = [...csvRecords('"a\nb",c\r\nd\n', 1)]
  expect(first).toMatchObject({ raw: '"a\nb",c' })
  expect(second).toMatchObject({ raw: 'd' })
})

test.for([
  ['a stray quote', 'a,b"c'],
  ['text after a closing quote', '"a"b,c'],
  ['a quote that is never closed', '"a,b'],
  ['a hundred thousand columns', ','.repeat(99_999)],
  ['one column too many', ','.repeat(columnsMax)],
  ['a field too long', `a,${'b'.repeat(fieldCharactersMax + 1)}`],
  ['a quoted field too long', `"${'b'.repeat(fieldCharactersMax + 1)}"`],
  ['a quoted field of doubled quotes without end', `"${'""'.repeat(50_000)}`],
  ['a record too long', Array.from({ length: 5 }, () => 'c'.repeat(fieldCharactersMax)).join(',')],
] as const)('%s costs its own line and no other', ([, line]) => {
  const records = read(`good,1\n${line}\ngood,2\r\n`)
  expect(records).toHaveLength(3)
  expect(records[0]).toEqual([1, ['good', '1']])
  expect(records[1]).toEqual([2, expect.any(String)])
  expect(records[2]).toEqual([3, ['good', '2']])
})

test('as many columns and characters as allowed are read', () => {
  expect(read(','.repeat(columnsMax - 1))[0]?.[1]).toHaveLength(columnsMax)
  expect(read('b'.repeat(fieldCharactersMax))).toEqual([[1, ['b'.repeat(fieldCharactersMax)]]])
})

const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '株', ' '), maxLength: 12 })

test('whatever the fields are, written by RFC 4180 they are read back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (table) => {
      const text = table.map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\r\n')
      expect(read(text).map(([, fields]) => fields)).toEqual(table)
    }),
    { seed: 4180, numRuns: 500 },
  )
})

test('whatever the damage, reading ends, lines go up, and the clean line after it is not lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a'), maxLength: 60 }), (damage) => {
      const lines = read(`${damage}\ngood,1`).map(([line]) => Number(line))
      expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b))
      // A quote left open may close in what follows only at a quote, and the clean line has none.
      expect(read(`${damage}\ngood,1`).at(-1)?.[1]).toEqual(['good', '1'])
    }),
    { seed: 4180, numRuns: 500 },
  )
})

test('a header of two records, or a broken one, has no fields', () => {
  expect(csvFields('a,b\nc,d')).toBeUndefined()
  expect(csvFields('a,b"')).toBeUndefined()
  expect(csvFields('a,"b"')).toEqual(['a', 'b'])
})
