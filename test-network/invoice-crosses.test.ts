import { expect, test } from 'vitest'
import type { TrustNode } from '#node/trust-node.ts'
import { electronicInvoice } from '#protocols/credential-types/electronic-invoice/type.ts'
import invoiceVectors from '#protocols/credential-types/electronic-invoice/vectors.json' with { type: 'json' }
import mandateVectors from '#protocols/credential-types/power-of-attorney/vectors.json' with { type: 'json' }
import { agree, type Policies, reference, ThreeNodes } from './fixture.ts'

/** At home the agency may hand out invoices too, which it issues here in place of the seller. */
const policies: Policies = (jurisdiction) =>
  reference(jurisdiction).replaceAll(
    '[PowerOfAttorneyCredential]\n    data: [mandate, ',
    '[PowerOfAttorneyCredential, ElectronicInvoiceCredential]\n    data: [invoice, invoice.party.contact, invoice.digest, mandate, ',
  )

async function delivered(net: ThreeNodes, type: string, { attachments: _, ...claims }: Record<string, unknown>): Promise<unknown> {
  const { delivery } = await net.jp.node.issue({ type, subject: net.biz.did, claims } as Parameters<TrustNode['issue']>[0])
  return delivery?.state
}

test('a mandate reaches its agent, and an invoice crosses the border without its contacts', async () => {
  await using net = await ThreeNodes.start({}, policies)
  const issues = ['BusinessRegistrationCredential', 'ElectronicInvoiceCredential', 'PowerOfAttorneyCredential']
  await net.jp.node.trustAccredit({ subject: net.jp.did, sector: 'public', assurance: 'high', issues })
  await agree(net.jp, net.de, [net.biz])
  const [, mandate] = mandateVectors.good
  const [, invoice] = invoiceVectors.good
  expect(await delivered(net, 'PowerOfAttorneyCredential', mandate!.subject)).toBe('closed')
  expect(await delivered(net, 'ElectronicInvoiceCredential', invoice!.subject)).toBe('closed')

  const wanted = electronicInvoice.groups.filter(({ category }) => /^invoice\.(?:header|line|party|payment|tax|total|party\.contact)$/.test(category))
  const claims = wanted.map(({ path }) => path)
  const asked = await net.de.node.request({ to: net.biz.did, purpose: 'trade.invoicing', type: 'ElectronicInvoiceCredential', claims })
  expect(asked).toMatchObject({ state: 'closed', withheld: [{ path: '/invoice/BG-4/BG-6' }, { path: '/invoice/BG-7/BG-9' }] })
  expect(asked.disclosed).toEqual(expect.arrayContaining(['/invoice/BG-4/BT-31', '/invoice/BG-25', '/validation']))
})
