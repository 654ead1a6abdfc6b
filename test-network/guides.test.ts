/** What the guides tell people to type, typed in their order, at nodes in this process. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { serveAdmin } from '#node/http.ts'
import { DocumentReader } from './document-reader.ts'
import { acquaint, type Party, startMs, startParty } from './fixture.ts'
import { ManualClock } from './manual-clock.ts'

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
