import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mappings } from '#protocols/credential-types/mapping.ts'
import { chainOfCredentials } from '#protocols/trade-chain/chain-of-credentials.ts'
import { sampleTrade } from '../sample-trade.ts'
import { mappingSuites } from './mappings.ts'
import { tradeChain } from './trade-chain.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfft-chains-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a chain counts when its verdict is the expected one, and the failure names what was found', async () => {
  const { order, despatch, invoices } = sampleTrade()
  const chain = chainOfCredentials({ order, despatch, invoices: invoices.map(({ invoice }) => invoice), settlements: [] })
  const cases = ['OPEN', 'CONSISTENT'].map((expectedVerdict) => ({ name: expectedVerdict, chain, expectedVerdict }))
  await writeFile(join(folder, 'chains.json'), JSON.stringify(cases))
  expect(await tradeChain.run(folder)).toMatchObject({
    passed: 1,
    failed: [{ case: 'CONSISTENT', reason: expect.stringContaining('DFFT-CHAIN-UNDERPAID /invoices/0/BT-115') }],
  })
})

test('a mapping row counts when the definition has its element', async () => {
  expect(mappingSuites.map(({ name }) => name).toSorted()).toEqual(['european-learning-model', 'gif-core-data-model', 'open-badges-3', 'semic-core-business'])
  const rows = mappings.flatMap(({ tables }) => tables).find(({ vectors }) => vectors?.folder === 'gif-core-data-model')?.rows ?? []
  await writeFile(join(folder, 'GIF_Core_DataModel.xsd'), '<xsd:element name="legalEntityNumber" type="x"/><xsd:complexType name="capital_JPY"/>')
  const gif = mappingSuites.find(({ name }) => name === 'gif-core-data-model')
  const result = await gif?.run(folder)
  expect(result).toMatchObject({ passed: 1, failed: { length: rows.length - 1 } })
  expect(result?.failed.map(({ case: name }) => name)).toContain('business-registration /capital/amount → capital_JPY')
})

test('an element of JSON-LD is found at the top, and in the class that the row names', async () => {
  const suite = mappingSuites.find(({ name }) => name === 'open-badges-3')
  const context = [{ awardedDate: 'urn:a' }, { Achievement: { '@context': { creator: 'urn:b' } }, Other: { '@context': { achievementType: 'urn:c' } } }]
  await writeFile(join(folder, 'context-3.0.3.json'), JSON.stringify({ '@context': context }))
  expect(await suite?.run(folder)).toMatchObject({ passed: 2 })
})
