/** What the guides tell people to type, typed in their order, at nodes in this process. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { serveAdmin } from '#node/http.ts'
import { stepsOf } from './document-commands.ts'
import { DocumentReader } from './document-reader.ts'
import { acquaint, type Party, sampleNumber, sampleRegister, startMs, startParty, ThreeNodes } from './fixture.ts'
import { ManualClock } from './manual-clock.ts'
import { sampleInvoice } from './sample-invoice.ts'

const guide = (name: string) => readFile(new URL(`../docs/${name}`, import.meta.url), 'utf8')

let reader: DocumentReader
let open: AsyncDisposable[]
beforeEach(async () => {
  reader = await DocumentReader.inEmptyFolder()
  open = [reader]
})
afterEach(async () => {
  for (const one of open.toReversed()) await one[Symbol.asyncDispose]()
})

/** A node that answers to `--dir`, as one that an operator has started in that folder. */
async function answering(party: Party, dir: string): Promise<void> {
  await mkdir(join(reader.dir, dir))
  open.push(await serveAdmin(party.node, { socketPath: join(reader.dir, dir, 'dfft.sock'), log: () => {} }))
}

test('the policy author’s guide leads from a text to a policy in force, and on', async () => {
  const [hub, clock] = [new MemoryHub(), new ManualClock(startMs)]
  const office = (name: string) => startParty({ name, jurisdiction: 'JP', domain: `${name}.example` }, { clock, connect: (makings) => hub.network(makings) })
  const [ministry, registry] = [await office('ministry'), await office('registry')]
  open.push(ministry, registry)
  await answering(ministry, 'ministry')
  await answering(registry, 'registry')
  await acquaint(ministry, registry)
  const held = async () => (await ministry.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP')
  const variables = {
    MINISTRY: () => ministry.did,
    REGISTRY: () => registry.did,
    FIRST: async () => (await held())?.digest ?? '',
    SUSPENSION: async () => (await ministry.node.policyList({})).suspensions[0]?.id ?? '',
  }
  const told = new Map<string, string>()
  const count = await reader.follow(await guide('policy-author-guide.md'), variables, (line, { out }) => told.set(line, out))
  expect(count).toBeGreaterThan(25)
  expect((await held())?.serial).toBe(3)
  const result = (beginning: string) => JSON.parse([...told].find(([line]) => line.startsWith(beginning))?.[1] ?? '').result
  const warned = result('dfft policy lint first').files[0].notes.filter(({ severity }: { severity: string }) => severity === 'warning')
  expect(
    warned.map(({ kind }: { kind: string }) => kind),
    'three warnings stay',
  ).toEqual(['uncertain-source', 'uncertain-source', 'uncertain-source'])
  expect(result('dfft policy explain').sentences.join(' ')).toMatch(/It would release more .* with a legal basis/)
  const { kind, flips } = result('dfft policy diff')
  expect([kind, flips.map(({ effect }: { effect: string }) => effect)]).toEqual(['widens', ['widens', 'restricts']])
  expect(result('dfft policy what-if').flows).toContainEqual(expect.objectContaining({ from: 'JP', to: 'DE', fate: 'loses', rested: ['jp-designates-eea'] }))
})

test('the business guide leads from an application to receipts, invoices and mandates', { timeout: 60_000 }, async () => {
  const net = await ThreeNodes.start()
  const { hub, clock, jp: agency, biz: agent, de: buyer } = net
  const company = await startParty({ name: 'Company', jurisdiction: 'JP' }, { clock, connect: (makings) => hub.network(makings) })
  open.push(net, company)
  for (const [party, dir] of [
    [company, '.dfft'],
    [agency, 'agency'],
    [buyer, 'buyer'],
  ] as const)
    await answering(party, dir)
  const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
  await agency.node.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
  const seller = { name: 'Sample', number: sampleNumber }
  await reader.write('invoice.xml', sampleInvoice({ day: '2026-10-01', due: '2026-10-31', seller, buyer: { name: 'Muster GmbH', vat: 'DE136695976' } }))
  const credential = async (type: string, role: 'held' | 'received' | 'issued', { node } = company) =>
    (await node.credentialList({ role })).credentials.find((one) => one.type === type)?.id ?? ''
  let first = '' // The registration that came first.
  const variables = {
    AGENCY: () => agency.did,
    AGENCY_ADDRESS: () => agency.address,
    COMPANY: () => company.did,
    COMPANY_ADDRESS: () => company.address,
    ANCHOR: () => buyer.did,
    BUYER: () => buyer.did,
    BUYER_ADDRESS: () => buyer.address,
    AGENT: () => agent.did,
    APPLICATION: async () => (await agency.node.enrolList({})).applications[0]?.id ?? '',
    REGISTRATION: async () => {
      first ||= await credential('BusinessRegistrationCredential', 'held')
      return first
    },
    EXTRACT: async () =>
      (await company.node.credentialList({ role: 'held' })).credentials.find(({ type, id }) => type === 'BusinessRegistrationCredential' && id !== first)?.id ??
      '',
    EXCHANGE: async () =>
      (await company.node.exchangeList({ state: 'closed' })).exchanges.find(({ purpose }) => purpose === 'trade.supplier-verification')?.id ?? '',
    MANDATE: () => credential('PowerOfAttorneyCredential', 'issued'),
    RECEIVED: () => credential('BusinessRegistrationCredential', 'received', buyer),
  }
  const told = new Map<string, string>()
  const count = await reader.follow(await guide('business-guide.md'), variables, (line, { out }) => told.set(line, out))
  expect(count).toBeGreaterThan(25)
  const result = (beginning: string) => JSON.parse([...told].find(([line]) => line.startsWith(beginning))?.[1] ?? '').result
  expect(result('dfft credential list').credentials).toMatchObject([{ role: 'held', status: 'valid' }])
  expect(result('dfft exchange show').exchange).toMatchObject({ state: 'closed', disclosed: ['/legalName', '/registrations'] })
  expect(result('dfft mandate check').findings).toMatchObject([{ id: 'DFFT-MANDATE-JOINT' }])
})

test('the Japanese business guide has the commands and files of the English one, in its order', async () => {
  const [english, japanese] = [stepsOf(await guide('business-guide.md')), stepsOf(await guide('business-guide.ja.md'))]
  expect(japanese).toEqual(english)
})
