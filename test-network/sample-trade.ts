/**
 * A trade as credentials: a seller in Japan, a buyer in Germany, an agent who issues the invoice for the seller. All of them are made up
 * but for the numbers, which pass the checks of their schemes.
 */

import { BusinessRegistration } from '#protocols/credential-types/business-registration/schema.ts'
import { Despatch } from '#protocols/credential-types/despatch/schema.ts'
import { type AgentMandate, crossFindings } from '#protocols/credential-types/electronic-invoice/cross-rules.ts'
import { ElectronicInvoice } from '#protocols/credential-types/electronic-invoice/schema.ts'
import { subjectOfInvoice } from '#protocols/credential-types/electronic-invoice/subject-of.ts'
import { Order } from '#protocols/credential-types/order/schema.ts'
import type { Extract } from '#protocols/credential-types/power-of-attorney/mandate.ts'
import { PowerOfAttorney } from '#protocols/credential-types/power-of-attorney/schema.ts'
import { recognitionThatCounts } from '#protocols/credential-types/qualification/recognition.ts'
import { Settlement } from '#protocols/credential-types/settlement/schema.ts'
import type { Digest } from '#protocols/ids.ts'
import type { Model } from '#protocols/invoice/model.ts'
import { chainOfCredentials } from '#protocols/trade-chain/chain-of-credentials.ts'
import { judgeChain } from '#protocols/trade-chain/judge-chain.ts'

export const sellerDid = 'did:web:seller.jp.example'
export const agentDid = 'did:web:agent.jp.example'

const register = '国税庁法人番号公表サイト'
const seller = { name: [{ value: '見本商事株式会社', lang: 'ja' }], identifiers: [{ scheme: '0188', value: '4000012090001' }] }
const buyer = { name: [{ value: 'Muster GmbH', lang: 'de' }], identifiers: [{ scheme: 'EU-VAT', value: 'DE136695976' }] }
const nowhere = `sha256:${'0'.repeat(64)}` as Digest // Has the form.

/** What the register says of the seller, with the number under which it issues qualified invoices. */
export function sellerExtract(): Extract {
  const registration = BusinessRegistration.parse({
    legalName: seller.name,
    registrations: [{ scheme: '0188', value: '4000012090001', register }],
    taxIds: [{ scheme: '0221', value: 'T4000012090001', validFrom: '2023-10-01' }],
    jurisdiction: 'JP',
    legalStatus: { value: 'active' },
    representatives: [{ kind: 'natural', name: '見本　太郎', title: '代表取締役', authority: { rule: 'sole' } }],
    sourceRecord: { register, retrievedAt: '2026-01-05T00:00:00Z', digest: nowhere },
  })
  return { registration, from: '2026-01-05', until: '2026-12-31' }
}

/** The agent may issue invoices of up to 5,000 euros for goods. */
export function agentMandate(): AgentMandate {
  const mandate = PowerOfAttorney.parse({
    grantor: { name: seller.name, registrations: [{ scheme: '0188', value: '4000012090001', register }] },
    signatories: [{ name: '見本　太郎', signedOn: '2026-03-01' }],
    grantee: { kind: 'natural', name: [{ value: '見本　花子', lang: 'ja' }] },
    powers: [{ action: 'invoice.issue', resource: 'goods', limits: { amount: '5000', currency: 'EUR' }, jurisdictions: ['DE', 'JP'] }],
    substitution: { rule: 'none' },
    validity: { from: '2026-03-01', until: '2026-12-31' },
    governingLaw: 'JP',
    legalForm: 'electronicSignature',
  })
  return { id: 'urn:sample:mandate', mandate, subject: agentDid }
}

export function sampleModel(): Model {
  const line = (id: string, item: string, quantity: string, price: string, net: string) => ({
    'BT-126': id,
    'BT-129': quantity,
    'BT-130': 'EA',
    'BT-131': net,
    'BT-132': id,
    'BG-29': { 'BT-146': price },
    'BG-30': { 'BT-151': 'S', 'BT-152': '10' },
    'BG-31': { 'BT-153': item },
  })
  return {
    'BT-1': 'INV-2026-001',
    'BT-2': '2026-04-30',
    'BT-3': '380',
    'BT-5': 'EUR',
    'BT-9': '2026-05-31',
    'BT-13': 'PO-1',
    'BT-16': 'DA-1',
    'BG-4': {
      'BT-27': '見本商事株式会社',
      'BT-30': { value: '4000012090001', scheme: '0188' },
      'BT-31': 'T4000012090001',
      'BG-6': { 'BT-41': '見本　太郎', 'BT-43': 'taro@seller.jp.example' },
    },
    'BG-7': { 'BT-44': 'Muster GmbH', 'BT-48': 'DE136695976' },
    'BG-13': { 'BG-14': { 'BT-73': '2026-04-01', 'BT-74': '2026-04-30' } },
    'BG-16': { 'BT-81': '30', 'BT-83': 'REM-1' },
    'BG-22': { 'BT-106': '2150', 'BT-109': '2150', 'BT-110': '215', 'BT-112': '2365', 'BT-115': '2365' },
    'BG-23': [{ 'BT-116': '2150', 'BT-117': '215', 'BT-118': 'S', 'BT-119': '10' }],
    'BG-25': [line('1', 'valve', '20', '45.5', '910'), line('2', 'pump', '4', '310', '1240')],
  }
}

export interface Trade {
  readonly order: Order
  readonly despatch: readonly Despatch[]
  readonly invoices: readonly ElectronicInvoice[]
  readonly settlements: readonly Settlement[]
}

export function sampleTrade(): Trade {
  const line = (lineNumber: string, item: string, quantity: string, price: string) => ({
    lineNumber,
    item,
    quantity,
    unit: 'EA',
    price,
    taxCategory: 'S',
    taxRate: '10',
  })
  const sent = (lineNumber: string, item: string, quantity: string) => ({ lineNumber, orderLine: lineNumber, item, quantity, unit: 'EA' })
  const order = {
    orderNumber: 'PO-1',
    orderedOn: '2026-04-01',
    buyer,
    seller,
    currency: 'EUR',
    lines: [line('1', 'valve', '20', '45.5'), line('2', 'pump', '4', '310')],
  }
  const despatch = {
    despatchNumber: 'DA-1',
    despatchedOn: '2026-04-10',
    orderNumber: 'PO-1',
    buyer,
    seller,
    lines: [sent('1', 'valve', '20'), sent('2', 'pump', '4')],
  }
  const paid = {
    settlementNumber: 'PAY-1',
    paidOn: '2026-05-29',
    amount: '2365',
    currency: 'EUR',
    debtor: buyer,
    creditor: seller,
    invoiceNumber: 'INV-2026-001',
    remittance: 'REM-1',
  }
  const invoice = subjectOfInvoice({
    bytes: Buffer.from('<Invoice/>'),
    syntax: 'UBL',
    model: sampleModel(),
    validation: {
      profile: 'en16931',
      rulesets: [{ name: 'en16931', version: '1.3.16', digest: nowhere }],
      official: { verdict: 'VALID', failed: [], warnings: [], findings: [] },
      strict: { verdict: 'VALID', findings: [] },
    },
    references: [{ kind: 'order', number: 'PO-1', credential: 'urn:sample:order' }],
  })
  return {
    order: Order.parse(order),
    despatch: [Despatch.parse(despatch)],
    invoices: [ElectronicInvoice.parse(invoice)],
    settlements: [Settlement.parse(paid)],
  }
}

/** Do the documents agree, is the invoice the seller's, and is the agent's licence recognised where it works? */
export function judgeTrade({ order, despatch, invoices, settlements }: Trade) {
  const models = invoices.map(({ invoice }) => invoice)
  return {
    chain: judgeChain(chainOfCredentials({ order, despatch, invoices: models, settlements })),
    cross: models.flatMap((invoice) =>
      crossFindings({
        invoice,
        signer: agentDid,
        seller: { did: sellerDid, extracts: [sellerExtract()] },
        mandates: [agentMandate()],
        act: { resource: 'goods', jurisdiction: 'DE' },
      }),
    ),
  }
}

/** A nurse’s licence, of which one authority decided in Germany, and a club in its own name. */
export function nurseRecognised(authorities: ReadonlySet<string>): boolean {
  const recognition = ['Landesamt für Gesundheit (sample)', 'Sample club'].map((decidedBy) => ({
    targetJurisdiction: 'DE',
    outcome: 'recognised' as const,
    decidedBy,
    decidedOn: '2026-05-04',
  }))
  return recognitionThatCounts({ recognition }, { jurisdiction: 'DE', at: '2026-06-01', authorities })?.outcome === 'recognised'
}
