import { expect, test } from 'vitest'
import type { Model } from '#protocols/invoice/model.ts'
import { chainOfCredentials } from '#protocols/trade-chain/chain-of-credentials.ts'
import { judgeChain } from '#protocols/trade-chain/judge-chain.ts'
import { judgeTrade, sampleModel, sampleTrade } from './sample-trade.ts'

test('the credentials of a trade agree with each other, and the invoice with the register and the mandate', () => {
  expect(judgeTrade(sampleTrade())).toEqual({ chain: { verdict: 'CONSISTENT', findings: [] }, cross: [] })
})

test('a payment that is short leaves it open', () => {
  const trade = sampleTrade()
  const [paid] = trade.settlements
  expect(judgeTrade({ ...trade, settlements: [{ ...paid!, amount: '236499' }] }).chain.verdict).toBe('OPEN')
})

function judged(change: (model: Record<string, unknown>) => unknown) {
  const model = structuredClone(sampleModel()) as Record<string, unknown>
  change(model)
  const { order, despatch, settlements } = sampleTrade()
  const { verdict, findings } = judgeChain(chainOfCredentials({ order, despatch, invoices: [model as Model], settlements }))
  return { verdict, found: findings.map(({ id, path }) => `${id.replace('DFFT-CHAIN-', '')} ${path}`) }
}

test('a price of ten, and an allowance with a charge on the line, come to the same', () => {
  const lines = sampleModel()['BG-25'] as Record<string, unknown>[]
  const of = (rest: Record<string, unknown>) => judged((model) => Object.assign(model, { 'BG-25': [{ ...lines[0]!, ...rest }, lines[1]] }))
  expect(of({ 'BG-29': { 'BT-146': '45500', 'BT-149': '10' } })).toEqual({ verdict: 'CONSISTENT', found: [] })
  expect(of({ 'BG-27': [{ 'BT-136': '10' }, { 'BT-136': '5' }], 'BG-28': [{ 'BT-141': '15' }] })).toEqual({ verdict: 'CONSISTENT', found: [] })
  expect(of({ 'BG-27': [{ 'BT-136': '10' }] }).found).toEqual(['NET /invoices/0/lines/0/net'])
})

test.for<[string, (model: Record<string, unknown>) => unknown, string]>([
  ['another order', (m) => Object.assign(m, { 'BT-13': 'PO-2' }), 'REFERENCE /invoices/0/BT-13_orderRef'],
  ['a credit note of nothing', (m) => Object.assign(m, { 'BT-3': '381' }), 'REFERENCE /invoices/0/BT-25_precedingInvoiceRef'],
  ['a credit note of a rarer type', (m) => Object.assign(m, { 'BT-3': '262' }), 'REFERENCE /invoices/0/BT-25_precedingInvoiceRef'],
  ['another remittance', (m) => Object.assign(m, { 'BG-16': { 'BT-83': 'REM-2' } }), 'REMITTANCE /settlements/0/remittance'],
  [
    'a seller with two corporate numbers',
    (m) => Object.assign(m['BG-4'] as object, { 'BT-29': [{ value: '7000012050002', scheme: '0188' }] }),
    'PARTY /invoices/0/seller/jpCorporateNumber',
  ],
  ['a buyer with another VAT number', (m) => Object.assign(m['BG-7'] as object, { 'BT-48': 'DE111111125' }), 'PARTY /invoices/0/buyer/identifiers/0/value'],
  ['no lines', (m) => delete m['BG-25'], 'FORM /invoices/0/lines'],
])('an invoice with %s contradicts', ([, change, expected]) => {
  const { verdict, found } = judged(change)
  expect(verdict).toBe('INCONSISTENT')
  expect(found).toContain(expected)
})
