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
import { Settlement } from '#protocols/credential-types/settlement/schema.ts'
import type { Digest } from '#protocols/ids.ts'
import { Document } from '#protocols/invoice/document.ts'
import { type Model, modelOf, readInvoice } from '#protocols/invoice/model.ts'
import { validateInvoice } from '#protocols/invoice/validate.ts'
import { readXml } from '#protocols/invoice/xml.ts'
import { chainOfCredentials } from '#protocols/trade-chain/chain-of-credentials.ts'
import { judgeChain } from '#protocols/trade-chain/judge-chain.ts'
import { type SampleInvoice, sampleInvoice, sampleLines } from './sample-invoice.ts'

const sellerDid = 'did:web:seller.jp.example'
const agentDid = 'did:web:agent.jp.example'

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

/** The agent may issue invoices of up to 250,000 yen for goods. */
export function agentMandate(): AgentMandate {
  const mandate = PowerOfAttorney.parse({
    grantor: { name: seller.name, registrations: [{ scheme: '0188', value: '4000012090001', register }] },
    signatories: [{ name: '見本　太郎', signedOn: '2026-03-01' }],
    grantee: { kind: 'natural', name: [{ value: '見本　花子', lang: 'ja' }] },
    powers: [{ action: 'invoice.issue', resource: 'goods', limits: { amount: '250000', currency: 'JPY' }, jurisdictions: ['DE', 'JP'] }],
    substitution: { rule: 'none' },
    validity: { from: '2026-03-01', until: '2026-12-31' },
    governingLaw: 'JP',
    legalForm: 'electronicSignature',
  })
  return { id: 'urn:sample:mandate', mandate, subject: agentDid }
}

export function sampleModel(): Model {
  return modelOf(readInvoice(new Document(readXml(Buffer.from(invoiceXml))), 'UBL'))
}

/** The seller's invoice as a file. */
export function tradeInvoice(days: Pick<SampleInvoice, 'day' | 'due'>): string {
  return sampleInvoice({ ...days, seller: { name: '見本商事株式会社', number: '4000012090001' }, buyer: { name: 'Muster GmbH', vat: 'DE136695976' } })
}

const invoiceXml = tradeInvoice({ day: '2026-04-30', due: '2026-05-31' })

export interface Trade {
  readonly order: Order
  readonly despatch: readonly Despatch[]
  readonly invoices: readonly ElectronicInvoice[]
  readonly settlements: readonly Settlement[]
}

export function sampleTrade(): Trade {
  const goods = sampleLines.map(({ id, item, quantity }) => ({ lineNumber: id, item, quantity, unit: 'EA' }))
  const order = {
    orderNumber: 'PO-1',
    orderedOn: '2026-04-01',
    buyer,
    seller,
    currency: 'JPY',
    lines: goods.map((line, at) => ({ ...line, price: sampleLines[at]?.price, taxCategory: 'S', taxRate: '10' })),
  }
  const despatch = {
    despatchNumber: 'DA-1',
    despatchedOn: '2026-04-10',
    orderNumber: 'PO-1',
    buyer,
    seller,
    lines: goods.map((line) => ({ ...line, orderLine: line.lineNumber })),
  }
  const paid = {
    settlementNumber: 'PAY-1',
    paidOn: '2026-05-29',
    amount: '236500',
    currency: 'JPY',
    debtor: buyer,
    creditor: seller,
    invoiceNumber: 'INV-2026-001',
    remittance: 'REM-1',
  }
  const bytes = Buffer.from(invoiceXml)
  const invoice = subjectOfInvoice({
    bytes,
    syntax: 'UBL',
    model: sampleModel(),
    validation: validateInvoice(bytes),
    references: [{ kind: 'order', number: 'PO-1', credential: 'urn:sample:order' }],
  })
  return {
    order: Order.parse(order),
    despatch: [Despatch.parse(despatch)],
    invoices: [ElectronicInvoice.parse(invoice)],
    settlements: [Settlement.parse(paid)],
  }
}

/** Do the documents agree, and may the agent issue the seller's invoice? */
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
