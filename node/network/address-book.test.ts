import { expect, test } from 'vitest'
import type { Did } from '#protocols/ids.ts'
import { AddressBook } from './address-book.ts'

const did = (name: string | number) => `did:web:${name}.example` as Did

test('an address book puts the newest address first and each once', () => {
  const book = new AddressBook()
  book.add(did('a'), ['1', '2'])
  book.add(did('a'), ['2', '3'])
  book.add(did('a'), [])
  expect(book.of(did('a'))).toEqual(['2', '3', '1'])
  expect(book.of(did('b'))).toEqual([])
})

test('an address book forgets an address that was wrong', () => {
  const book = new AddressBook()
  book.add(did('a'), ['1', '2'])
  book.remove(did('a'), '1')
  expect(book.of(did('a'))).toEqual(['2'])
  book.remove(did('a'), '2')
  expect(book.of(did('a'))).toEqual([])
})

test('what worked is tried first, what worked last before it, and naming it again changes nothing', () => {
  const book = new AddressBook()
  book.add(did('a'), ['never', 'first', 'second'])
  expect(book.workedOf(did('a'))).toBeUndefined()
  book.worked(did('a'), 'first', 1)
  book.worked(did('a'), 'second', 2)
  expect([book.of(did('a')), book.workedOf(did('a'))]).toEqual([['second', 'first', 'never'], 'second'])
  book.add(did('a'), ['never', 'new'])
  expect(book.of(did('a'))).toEqual(['second', 'first', 'never', 'new'])
  book.worked(did('a'), 'first', 3)
  expect(book.of(did('a'))[0]).toBe('first')
})

test('an address that worked is not pushed out by many that were only told', () => {
  const book = new AddressBook()
  book.worked(did('a'), 'good', 1)
  for (let index = 0; index < 40; index++) book.add(did('a'), [`told ${index}`])
  expect(book.of(did('a'))[0]).toBe('good')
  expect(book.of(did('a'))).toHaveLength(16)
})

test('an address book has 16 addresses of a party and 2,048 parties', () => {
  const book = new AddressBook()
  book.add(
    did('many'),
    Array.from({ length: 40 }, (_, index) => `${index}`),
  )
  expect(book.of(did('many'))).toHaveLength(16)
  for (let index = 0; index < 2047; index++) book.add(did(index), ['x'])
  expect(book.of(did('many'))).toHaveLength(16)
  book.add(did('one more'), ['x'])
  expect(book.of(did('many'))).toEqual([])
  expect(book.of(did(0))).toEqual(['x'])
})
