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
