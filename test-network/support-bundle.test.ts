/** What somebody who helps is given of nodes that have done all there is to do: how they are, and nothing of whom it was about. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { serveAdmin } from '#node/http.ts'
import type { Party } from './fixture.ts'
import { plantedNodes } from './planted-claims.ts'

const canary = 'CANARY'
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-bundle-'))
})
afterEach(() => rm(dir, { recursive: true }))

/** The node at a socket in a folder of its own, with its log of every level. */
async function bundleOf({ node, lines, options }: Party): Promise<{ text: string; out: string }> {
  const place = await mkdtemp(join(dir, 'node-'))
  const home = join(place, '.dfft')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'dfft.yaml'), JSON.stringify({ name: options.name, jurisdiction: options.jurisdiction, listen: ['/ip4/192.0.2.7/tcp/4710'] }))
  await writeFile(join(home, 'node.log'), lines.join('\n'))
  await using _ = await serveAdmin(node, { socketPath: join(home, 'dfft.sock'), log: () => {} })
  let out = ''
  const write = (text: string) => {
    out += text
  }
  expect(await run(['support-bundle', 'support.json', '--json'], { stdout: { write }, stderr: { write }, env: {}, cwd: place })).toBe(0)
  return { out, text: await readFile(join(place, 'support.json'), 'utf8') }
}

test('a support bundle has no claim, file, statement, name, party, purpose or exchange in it, whatever a node has issued, held and received', async () => {
  let count = 0
  const { net, texts } = await plantedNodes(() => `${canary} ${count++}.`)
  await using _ = net
  const { jp, biz, de } = net
  const [closed] = (await de.node.exchangeList({ limit: 1 })).exchanges
  await de.node.exchangeDispute({ id: closed!.id, statement: `${canary} in a statement` })
  await de.node.obligationBreach({ exchange: closed!.id, statement: `${canary} in a breach` })
  await de.node.tokenCreate({ name: `${canary} program`, access: 'read' })
  await biz.node.request({ to: de.did, purpose: 'marketing' }).catch(() => undefined)
  await jp.node.suspend({ id: (await jp.node.credentialList({ role: 'issued' })).credentials[0]!.id, reason: `${canary} in a reason` }).catch(() => undefined)
  const parties = [jp, biz, de]
  const exchanges = await Promise.all(parties.map(async ({ node }) => (await node.exchangeList({ limit: 100 })).exchanges))
  const secrets = [
    ...[canary, 'of the first.pdf', 'trade.invoicing', 'marketing', '192.0.2.7'],
    ...parties.flatMap(({ did, address, options, parts }) => [did, address, parts.network.peerId, options.name, parts.self.keyId]),
    ...exchanges.flat().flatMap(({ id, credential, agreement }) => [id, credential, agreement].flatMap((one) => one ?? [])),
  ]
  expect(texts.length).toBeGreaterThan(100)
  expect(new Set(secrets).size).toBeGreaterThan(50)
  for (const party of parties) {
    const held = party.store
      .snapshot()
      .map(([, value]) => Buffer.from(value).toString())
      .join('\n')
    const { text, out } = await bundleOf(party)
    // They are there to be found, in the node and in its log; of what is sealed another's node has the canary.
    expect(party === de || held.includes(canary), party.options.name).toBe(true)
    expect(party.lines.join().includes(biz.did) || party === biz).toBe(true)
    for (const secret of secrets) expect(text.includes(secret) || out.replaceAll(dir, '').includes(secret), `${party.options.name}: ${secret}`).toBe(false)
    const { files } = JSON.parse(text)
    expect(files['log.json'].length).toBeGreaterThan(3)
    expect(files['metrics.txt'].length).toBeGreaterThan(20)
    expect(files['status.json'].exchanges.closed).toBeGreaterThanOrEqual(7)
  }
})
