import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { rightOf, rightsOf, rightText } from './rights.ts'

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

const session = (files: Readonly<Record<string, string>>) => {
  const dir = mkdtempSync(join(tmpdir(), 'dfft-rights-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return { path: (name: string) => join(dir, name), io: {} } as unknown as Session // All that a file is read by.
}
const whole = { act: 'request', credentials: '*', purposes: ['trade.supplier-verification'], counterparties: '*' }

test('a file has rights as on the command line, or as a document has them, in YAML or JSON', async () => {
  const files = {
    'a.yaml': '- request:*:trade.supplier-verification\n- {act: request, purposes: [trade.supplier-verification]}\n',
    'b.json': JSON.stringify(whole),
  }
  expect(await rightsOf(session(files), ['@a.yaml', '@b.json', 'provide'])).toEqual([whole, whole, whole, rightOf('provide')])
  expect(await rightsOf(session({}), undefined)).toBeUndefined()
})

test.each([
  ['reqest:*', 'request'],
  ['request:BusinesRegistrationCredential', 'BusinessRegistrationCredential'],
  ['request:*:trade.suplier-verification', 'trade.supplier-verification'],
  ['@slip.yaml', 'purposes'],
])('a slip in `%s` is told with the nearest known word', async (text, nearest) => {
  const outcome = await rightsOf(session({ 'slip.yaml': '{act: request, purpose: [trade.supplier-verification]}' }), [text]).catch((thrown) => thrown)
  expect(outcome).toMatchObject({ code: 'DFFT_USAGE', facts: { nearest }, message: expect.stringContaining(nearest) })
})

test('types and purposes of one’s own, like none that is known, are let through', async () => {
  expect(await rightsOf(session({}), ['provide:FishingLicence:harbour.entry'])).toMatchObject([
    { credentials: ['FishingLicence'], purposes: ['harbour.entry'] },
  ])
})

test.each(['@none.yaml', '@bad.yaml', '@number.json'])('a file that has no rights is refused: %s', async (text) => {
  const files = { 'bad.yaml': '{act: [', 'number.json': '7' }
  expect(await rightsOf(session(files), [text]).catch(codeOf)).toMatch(/^DFFT_(USAGE|NOT_FOUND)$/)
})
