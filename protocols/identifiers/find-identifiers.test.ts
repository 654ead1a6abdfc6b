import { expect, test } from 'vitest'
import { findIdentifiers, identifierDefects } from './find-identifiers.ts'

const found = (payload: Parameters<typeof findIdentifiers>[0]) => findIdentifiers(payload).map(({ path, scheme, problem }) => [path, scheme, problem])

test('a VAT number is found by what its member is called, however that is written', () => {
  const payload = { sellerVatIdentifier: 'DE136695976', buyer: { vat_id: 'DE136695967', tax: 'FR40303265045' }, legal_id: 'NL004495445B01' }
  expect(found(payload)).toEqual([
    ['/sellerVatIdentifier', 'EU-VAT', null],
    ['/buyer/vat_id', 'EU-VAT', 'check-digit'],
    ['/buyer/tax', 'EU-VAT', null],
    ['/legal_id', 'EU-VAT', null],
  ])
})

test('a value that says of which scheme it is needs no name', () => {
  const payload = ['0192:974760673', '0192:974760637', 'LEI:5967007LIEEXZX850W58', 'lei:12345', 'https://id.gs1.org/417/4012345000009', '0009:FR40303265045']
  expect(found({ any: payload })).toEqual([
    ['/any/0', '0192', null],
    ['/any/1', '0192', 'check-digit'],
    ['/any/2', '0199', null],
    ['/any/3', '0199', 'form'],
    ['/any/4', '0088', null],
    ['/any/5', '0009', 'form'],
  ])
})

test('the number inside a EUID is checked by the rule of its register', () => {
  expect(found({ a: 'NOFOR.974760673', b: 'NOFOR.974760637', c: 'DEX1517R.HRB395KI', euid: 'DE-HRB-395' })).toEqual([
    ['/a', 'EUID', null],
    ['/a', '0192', null],
    ['/b', 'EUID', null],
    ['/b', '0192', 'check-digit'],
    ['/c', 'EUID', null],
    ['/euid', 'EUID', 'form'],
  ])
})

test('accounts, GLN, LEI, D-U-N-S and Japanese numbers are found by name', () => {
  const good = { iban: 'DE89370400440532013000', 'gs1:partyGLN': '4012345000009', lei: '5967007LIEEXZX850W58', duns_number: '123456789' }
  expect(found({ ...good, corporateNumber: '4000012090001', isin: 'US0378331005' }).map(([, , problem]) => problem)).toEqual(Array(6).fill(null))
  const bad = { iban: 'DE89370400440532013001', partyGln: '4012345000090', lei: '5967007LIEEXXZ850W58', duns_number: '12345', corporateNumber: '4000021090001' }
  expect(identifierDefects(bad).map(({ value }) => value)).toEqual(Object.values(bad))
})

test('the register of a canton is told from the register of its taxes', () => {
  expect(found({ vatNumber: 'CHE116281710MWST', companyId: 'CHE116281710' })).toEqual([
    ['/vatNumber', 'CH-VAT', null],
    ['/companyId', '0183', null],
  ])
})

test('words, addresses, digests and numbers of other kinds are no identifiers', () => {
  const payload = {
    vat_id_authentic_source: 'Ministerie van Financiën',
    location_status: 'https://a.example/vat-status/NL001234567B01',
    document_number: 'DE123456789',
    taxAmount: '210.00',
    taxCategoryCode: 'S',
    peppol_ap_id: 'POP000123',
    version: 'EU.DEMO',
    time: '1200:00',
    vat: 21,
    list: [null, true],
    paymentAccountIdentifier: '12345',
  }
  expect(found(payload)).toEqual([])
})

test('a pointer is escaped, and a payload of endless depth or width is refused', () => {
  expect(findIdentifiers({ 'a/b~': { lei: 'x' } })).toMatchObject([{ path: '/a~1b~0/lei', value: 'x', problem: 'form' }])
  let deep: Parameters<typeof findIdentifiers>[0] = { lei: 'x' }
  for (let level = 0; level < 5000; level++) deep = [deep]
  for (const payload of [deep, Array(100_001).fill(0)]) expect(() => findIdentifiers(payload)).toThrow(expect.objectContaining({ code: 'DFFT_LIMIT' }))
})
