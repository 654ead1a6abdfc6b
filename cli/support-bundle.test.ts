import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
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
