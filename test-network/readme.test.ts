/** The README's commands, run in their order, as a newcomer would. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cheats } from '#cli/commands/cheat.ts'
import { DocumentReader } from './document-reader.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

let reader: DocumentReader
beforeAll(async () => {
  reader = await DocumentReader.inEmptyFolder()
  for (const name of ['agency', 'business']) await reader.write(`${name}.passphrase`, `a passphrase of the ${name}\n`)
})
afterAll(async () => {
  for (const name of ['business', 'agency']) await reader.dfft(['down', '--dir', name])
  await reader[Symbol.asyncDispose]()
})

const status = (name: string): Promise<{ did: string; addresses: string[] }> => reader.result('status', '--dir', name)

/** What the cheat shows, about the agency. */
async function rootsFile(): Promise<string> {
  const [, example = ''] = /```json\n(.*)\n```/.exec((await cheats()).get('verify') ?? '') ?? []
  return example.replace(/did:key:\w+/, (await status('agency')).did)
}

test('every command of the README does what the README says, in its order', { timeout: 120_000 }, async () => {
  let exchange = ''
  const variables = {
    AGENCY: async () => (await status('agency')).did,
    BUSINESS: async () => (await status('business')).did,
    AGENCY_ADDRESS: async () => (await status('agency')).addresses[0] ?? '',
    APPLICATION: async () => (await reader.result('enrol', 'list', '--dir', 'agency')).applications[0]?.id ?? '',
    EXCHANGE: () => exchange,
  }
  const count = await reader.follow(readme, variables, async (command, { exit, out }) => {
    if (command.startsWith('dfft request') && exit === 0) exchange = JSON.parse(out).result.id
    if (command.startsWith('dfft evidence export')) await reader.write('roots.json', await rootsFile())
    if (command.startsWith('dfft credential list')) expect(JSON.parse(out).result.credentials).toMatchObject([{ role: 'held', status: 'valid' }])
    if (command.startsWith('dfft audit verify')) expect(JSON.parse(out).result.witnesses).toMatchObject([{ consistent: true }])
  })
  expect(count).toBeGreaterThan(10)
})

test('every npm script the README names exists', async () => {
  const { scripts } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'))
  const named = lines.flatMap((line) => [...line.matchAll(/npm run (?:--silent )?([a-z-]+)|npm (test)/g)].map(([, script, test]) => script ?? test))
  expect(named.length).toBeGreaterThan(4)
  for (const name of named) expect(scripts).toHaveProperty(String(name))
})
