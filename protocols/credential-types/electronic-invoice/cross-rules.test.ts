import { expect, test } from 'vitest'
import { BusinessRegistration } from '../business-registration/schema.ts'
import { PowerOfAttorney } from '../power-of-attorney/schema.ts'
import { buyerFindings, crossFindings, type InvoiceCase, type Standing, selfBilled, standingFindings } from './cross-rules.ts'

type Open<T> = T extends string
  ? T
  : T extends readonly (infer Element)[]
    ? Open<Element>[]
    : T extends object
      ? { -readonly [Name in keyof T]: Open<T[Name]> }
      : T

const register = 'sample register'
const seller = { scheme: '0188', value: '4000012090001', register }

function registration(rest: object = {}) {
  return BusinessRegistration.parse({
    legalName: [{ value: '見本商事', lang: 'ja' }],
    registrations: [seller],
    taxIds: [
      { scheme: '0221', value: 'T4000012090001', validFrom: '2023-10-01', validTo: '2024-12-31' },
      { scheme: '0221', value: 'T4000012090001', validFrom: '2026-01-01', validTo: '2026-12-31' },
    ],
    jurisdiction: 'JP',
    legalStatus: { value: 'active' },
    representatives: [{ kind: 'natural', name: 'Taro', authority: { rule: 'sole' } }],
    sourceRecord: { register, retrievedAt: '2026-01-01T00:00:00Z', digest: `sha256:${'0'.repeat(64)}` },
    ...rest,
  })
}

/** The seller signs; a test lets the agent do it. */
function world(): Open<InvoiceCase> {
  return structuredClone<Open<InvoiceCase>>({
    invoice: {
      'BT-1': 'INV-1',
      'BT-2': '2026-04-30',
      'BT-5': 'JPY',
      'BG-4': { 'BT-30': { value: '4000012090001', scheme: '0188' }, 'BT-31': 'T4000012090001' },
      'BG-7': { 'BT-47': { value: 'DEX1517R.HRB395KI' }, 'BT-48': 'DE136695976' },
      'BG-22': { 'BT-110': '100', 'BT-112': '1100' },
    },
    signer: 'did:web:seller.example',
    seller: { did: 'did:web:seller.example', extracts: [{ registration: registration(), from: '2026-01-01', until: '2026-12-31' }] },
    buyer: {
      extracts: [
        {
          registration: registration({
            registrations: [{ scheme: 'EUID', value: 'DEX1517R.HRB395KI', register }],
            taxIds: [{ scheme: 'EU-VAT', value: 'DE136695976', validFrom: '2020-01-01' }],
          }),
          from: '2026-01-01',
        },
      ],
    },
    act: { resource: 'goods', jurisdiction: 'JP' },
  } as Open<InvoiceCase>)
}

function byAgent(given: Open<InvoiceCase>, amount = '1100'): void {
  const mandate = PowerOfAttorney.parse({
    grantor: { name: [{ value: '見本商事', lang: 'ja' }], registrations: [seller] },
    signatories: [{ name: 'Taro', signedOn: '2026-04-01' }],
    grantee: { kind: 'natural', name: [{ value: 'Mia', lang: 'de' }] },
    powers: [{ action: 'invoice', resource: 'goods', limits: { amount, currency: 'JPY' } }],
    substitution: { rule: 'none' },
    validity: { from: '2026-04-01' },
    governingLaw: 'JP',
    legalForm: 'writing',
  })
  Object.assign(given, { signer: 'did:web:agent.example', mandates: [{ id: 'urn:sample:mandate', mandate, subject: 'did:web:agent.example' }] })
}

function found(change: (given: Open<InvoiceCase>, registration: Open<BusinessRegistration>) => unknown): string[] {
  const given = world()
  change(given, given.seller.extracts[0]!.registration)
  return crossFindings(given as InvoiceCase).map(({ id, path }) => `${id.replace('DFFT-', '')} ${path}`)
}

test('an invoice of the registered seller, with its number in force, fits', () => {
  expect(found(() => undefined)).toEqual([])
  expect(found((given) => delete given.buyer)).toEqual([])
  expect(found((given) => byAgent(given))).toEqual([])
  expect(found((_, extract) => Object.assign(extract, { legalStatus: { value: 'dissolved', since: '2026-05-01' } }))).toEqual([])
})

test.for<[string, (given: Open<InvoiceCase>, registration: Open<BusinessRegistration>) => unknown, string]>([
  ['no registration of the seller on that day', (g) => Object.assign(g.invoice, { 'BT-2': '2027-01-01' }), 'CROSS-EXTRACT /seller'],
  ['no registration of the buyer on that day', (g) => Object.assign(g.buyer!.extracts[0]!, { from: '2026-05-01' }), 'CROSS-EXTRACT /buyer'],
  [
    'a seller that was dissolved',
    (_, extract) => Object.assign(extract, { legalStatus: { value: 'dissolved', since: '2026-04-30' } }),
    'CROSS-STATUS /invoice/BG-4',
  ],
  [
    'a seller that is insolvent since nobody knows when',
    (_, extract) => Object.assign(extract, { legalStatus: { value: 'insolvent' } }),
    'CROSS-STATUS /invoice/BG-4',
  ],
  [
    'a number of another business',
    (g) => Object.assign(g.invoice['BG-4'] as object, { 'BT-30': { value: '7000012050002', scheme: '0188' } }),
    'CROSS-REGISTRATION /invoice/BG-4/BT-30',
  ],
  [
    'the number under another scheme',
    (g) => Object.assign(g.invoice['BG-4'] as object, { 'BT-30': { value: '4000012090001', scheme: '0060' } }),
    'CROSS-REGISTRATION /invoice/BG-4/BT-30',
  ],
  [
    'a tax number of another business',
    (g) => Object.assign(g.invoice['BG-4'] as object, { 'BT-31': 'T7000012050002' }),
    'CROSS-TAX-NUMBER /invoice/BG-4/BT-31',
  ],
  ['a VAT number of another buyer', (g) => Object.assign(g.invoice['BG-7'] as object, { 'BT-48': 'DE111111125' }), 'CROSS-TAX-NUMBER /invoice/BG-7/BT-48'],
  ['tax, and no tax number', (g) => delete (g.invoice['BG-4'] as Record<string, unknown>)['BT-31'], 'CROSS-TAX-NUMBER /invoice/BG-4/BT-31'],
  ['a tax number that lapsed before', (_, extract) => extract.taxIds!.pop(), 'CROSS-TAX-NUMBER-FORCE /invoice/BG-4/BT-31'],
  [
    'a tax number that begins the day after',
    (_, extract) => Object.assign(extract.taxIds![1]!, { validFrom: '2026-05-01' }),
    'CROSS-TAX-NUMBER-FORCE /invoice/BG-4/BT-31',
  ],
  [
    'a tax number in force since nobody knows when',
    (_, extract) => Object.assign(extract, { taxIds: [{ scheme: '0221', value: 'T4000012090001' }] }),
    'CROSS-TAX-NUMBER-UNKNOWN /invoice/BG-4/BT-31',
  ],
  ['a tax number that only the corporate number tells', (_, extract) => delete extract.taxIds, 'CROSS-TAX-NUMBER-UNKNOWN /invoice/BG-4/BT-31'],
  ['a signer without a mandate', (g) => Object.assign(g, { signer: 'did:web:agent.example' }), 'CROSS-SIGNER /signer'],
  ['a signer with the mandate of another', (g) => byAgent(g) ?? Object.assign(g, { signer: 'did:web:thief.example' }), 'CROSS-SIGNER /signer'],
  ['a mandate for less', (g) => byAgent(g, '1099'), 'MANDATE-EXCEEDED /mandates/0/powers'],
  ['a mandate for something else', (g) => byAgent(g) ?? Object.assign(g.act, { resource: 'services' }), 'MANDATE-EXCEEDED /mandates/0/powers'],
  [
    'a mandate of another business',
    (g) => byAgent(g) ?? Object.assign(g.mandates![0]!.mandate.grantor.registrations[0]!, { value: '7000012050002' }),
    'CROSS-SIGNER /mandates/0/grantor',
  ],
  ['a mandate that was revoked', (g) => byAgent(g) ?? Object.assign(g.mandates![0]!, { revokedOn: '2026-04-30' }), 'MANDATE-REVOKED /mandates/0'],
])('%s is found', ([, change, expected]) => {
  expect(found(change)).toContain(expected)
})

test('no tax needs no number, and what is found says what to do', () => {
  const free = found((given) => {
    delete (given.invoice['BG-4'] as Record<string, unknown>)['BT-31']
    Object.assign(given.invoice, { 'BG-22': { 'BT-110': '0', 'BT-112': '1000' } })
  })
  expect(free).toEqual([])
  const given = world()
  Object.assign(given.invoice['BG-4'] as object, { 'BT-31': 'T7000012050002' })
  expect(crossFindings(given as InvoiceCase)).toEqual([
    {
      id: 'DFFT-CROSS-TAX-NUMBER',
      path: '/invoice/BG-4/BT-31',
      message: '`T7000012050002` is no tax number of the registered business',
      advice: 'Have the number corrected; input tax cannot be deducted with it.',
    },
  ])
})

test('an invoice that is withdrawn, replaced, or was not valid when it was signed does not stand', () => {
  const standing = (change: Partial<Standing>) => [...standingFindings({ status: 'valid', verdicts: ['VALID'], ...change })].map(({ id }) => id)
  expect(standing({ lifecycle: { state: 'active' } })).toEqual([])
  for (const status of ['revoked', 'suspended', 'unknown']) expect(standing({ status })).toEqual(['DFFT-CROSS-WITHDRAWN'])
  expect(standing({ lifecycle: { state: 'credited', by: 'CN-1' } })).toEqual(['DFFT-CROSS-LIFECYCLE'])
  expect(standing({ verdicts: ['VALID', 'INVALID'] })).toEqual(['DFFT-CROSS-VERDICT'])
})

test('a self-billed invoice is held against the buyer that issues it', () => {
  const { invoice, buyer } = world()
  expect(selfBilled(invoice)).toBe(false)
  expect(selfBilled({ ...invoice, 'BT-3': '389' })).toBe(true)
  expect(selfBilled({ ...invoice, 'BG-2': { 'BT-24': 'urn:peppol:pint:selfbilling-1@jp-1' } })).toBe(true)
  const mine = buyer?.extracts as InvoiceCase['seller']['extracts']
  expect(buyerFindings(invoice, mine)).toEqual([])
  expect(buyerFindings({ ...invoice, 'BG-7': { 'BT-48': 'DE129273398' } }, mine).map(({ id }) => id)).toEqual(['DFFT-CROSS-TAX-NUMBER'])
  expect(buyerFindings(invoice, []).map(({ id }) => id)).toEqual(['DFFT-CROSS-EXTRACT'])
})
