import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { rightOf, rightText } from './rights.ts'

test.each([
  'request:*:*:*',
  'provide:BusinessRegistrationCredential,QualificationCredential:trade.supplier-verification:DE,FR',
  'request:BusinessRegistrationCredential:*:DE,did:web:partner.example:path',
])('`%s` is read, and written as it was', (text) => {
  expect(rightText(rightOf(text))).toBe(text)
})

test('parties are told apart: jurisdictions, and DIDs with colons of their own', () => {
  expect(rightOf('provide:*:*:did:web:a.example,DE').counterparties).toEqual({ dids: ['did:web:a.example'], jurisdictions: ['DE'] })
})

test.each([
  ['request', 'request:*:*:*'],
  ['provide:BusinessRegistrationCredential', 'provide:BusinessRegistrationCredential:*:*'],
  ['request:*:trade.supplier-verification', 'request:*:trade.supplier-verification:*'],
])('what `%s` leaves out is any', (text, whole) => {
  expect(rightText(rightOf(text))).toBe(whole)
})

test.each(['', 'issue', 'request:', 'request:*:', 'issue:*:*:*', 'request::*:*', 'request:*:*:'])('`%s` is refused', (text) => {
  expect(() => rightOf(text)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_USAGE'))
})
