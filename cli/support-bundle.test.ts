import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import type { Party } from '#test-network/fixture.ts'
import { plantedNodes } from '#test-network/planted-claims.ts'
import { run } from './main.ts'

const canary = 'CANARY'
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-bundle-'))
})
afterEach(() => rm(dir, { recursive: true }))

/** Every text that a node could answer, in every place, is somebody's secret. */
function poisoned(value: unknown): unknown {
  if (typeof value === 'string') return `${canary} ${value}`
  if (Array.isArray(value)) return value.map(poisoned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => [
      [name, poisoned(one)],
      [`${canary}-${name}`, canary],
    ]),
  )
}

async function bundled(poison: boolean) {
  const home = join(dir, '.dfft')
  await mkdir(join(home, 'store'), { recursive: true })
  await writeFile(
    join(home, 'dfft.yaml'),
    `name: ${canary}-name\njurisdiction: JP\nnetwork: ${canary}-net\nlisten: [/dns4/${canary}.example/tcp/1]\nkeys: {vault: pkcs11, module: /${canary}, tokenLabel: ${canary}}\nlogLevel: info\n${canary}: x\n`,
  )
  for (const name of ['keystore.json', 'data-keys', 'log-anchor', `${canary}-file`, join('store', canary)])
    await writeFile(join(home, name), `${canary} in ${name}`)
  await writeFile(
    join(home, 'node.log'),
    [
      { at: '2026-11-22T09:00:00Z', level: 'info', event: 'exchange waits', code: 'DFFT_TIMEOUT', exchange: `${canary}`, attempt: 3 },
      { at: canary, level: canary, event: `${canary} event`, code: `DFFT_${canary}`, partner: `did:web:${canary}`, [canary]: 1 },
    ]
      .map((line) => JSON.stringify(line))
      .concat(`${canary} no json`)
      .join('\n'),
  )
  const plain = apiDouble()
  const own = Object.fromEntries(
    Object.entries(plain).map(([name, call]) => [name, async () => poisoned(await (call as (input: unknown) => Promise<unknown>)({}))]),
  )
  await using _ = await serveAdmin(apiDouble(poison ? own : {}), { socketPath: join(home, 'dfft.sock'), log: () => {} })
  let out = ''
  const write = (text: string) => {
    out += text
  }
  const env = { SECRET: canary, DFFT_NAME: canary }
  const exit = await run(['support-bundle', 'support.json', '--json'], { stdout: { write }, stderr: { write }, env, cwd: dir })
  return { exit, out, text: await readFile(join(dir, 'support.json'), 'utf8') }
}

describe('a support bundle', () => {
  test('holds nothing of what was planted in answers, files, names, log, configuration and environment', async () => {
    const { exit, out, text } = await bundled(true)
    expect(exit).toBe(0)
    // Of places only its own: the operator named it.
    expect(out.replaceAll(dir, '')).not.toContain(canary)
    expect(text).not.toContain(canary)
  })

  test('has what helps, and a manifest that says what is in it, with digests, and what is not', async () => {
    const { text } = await bundled(false)
    const { manifest, files } = JSON.parse(text)
    expect(Object.keys(files)).toEqual(manifest.files.map(({ name }: { name: string }) => name))
    for (const { name, sha256 } of manifest.files) expect(createHash('sha256').update(JSON.stringify(files[name])).digest('hex'), name).toBe(sha256)
    expect(manifest.leftOut.every(({ what, why }: { what: string; why: string }) => what !== '' && why !== '')).toBe(true)
    expect(files['config.json']).toMatchObject({ jurisdiction: 'JP', logLevel: 'info' })
    expect(files['log.json']).toContainEqual({ at: '2026-11-22T09:00:00Z', level: 'info', event: 'exchange waits', code: 'DFFT_TIMEOUT', attempt: 3 })
    expect(files['doctor.json'].length).toBeGreaterThan(15)
    expect(files['health.json']).toMatchObject({ live: true, ready: false, reasons: ['policy-expired'] })
    expect(files['folder.json'].others).toBe(1)
    expect(files['status.json'].version).not.toBeNull()
  })
})

describe('a support bundle of nodes that have issued, held and received every type of credential', () => {
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

  test('has no claim, file, statement, name, party, purpose or exchange in it', async () => {
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
})
