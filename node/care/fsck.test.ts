import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFileDataKeys } from '#node/adapters/file-data-keys.ts'
import { createFileKeyVault } from '#node/adapters/file-key-vault.ts'
import { checkKeyFiles } from '#node/adapters/files-check.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { openingStore } from '#node/obligations/sealed-store.ts'
import type { DataKeys } from '#node/ports.ts'
import { ThreeNodes } from '#test-network/fixture.ts'
import { type Beside, checkStore } from './fsck.ts'
import { prefixes, prefixOf } from './prefixes.ts'

type Rows = Map<string, Uint8Array>
let rows: Rows
let anchor: string
let dataKeys: DataKeys
const folder = await mkdtemp(join(tmpdir(), 'dfft-fsck-'))
afterAll(() => rm(folder, { recursive: true }))

/** Of an agency that received a credential: rows of most modules, as they wrote them. */
beforeAll(async () => {
  await using net = await ThreeNodes.start()
  await net.issued()
  await net.request()
  const [agency, registry] = [net.de, net.jp]
  anchor = (await agency.node.auditCheckpoint({})).note
  const held = [...(await rowsOf(registry.store)), ...(await rowsOf(agency.store))] // The agency's own where both have one.
  dataKeys = agency.dataKeys
  const own = new Map(await rowsOf(agency.store))
  rows = new Map(held.filter(([key]) => own.has(key) || !/^(?:log|identifier|exchange|credential|credential-of)\//.test(key)))
})

async function rowsOf(store: ThreeNodes['jp']['store']): Promise<[string, Uint8Array][]> {
  return (await Array.fromAsync(store.scan({ from: '\u0000', to: '\u{10ffff}' }))).map(([key, value]) => [key, value])
}

function check(of: Rows, beside: Partial<Beside> = {}) {
  const store = new MemoryStore({ entries: [...of] })
  return checkStore(store, { opening: openingStore(store, dataKeys), findings: [], anchor, contents: new Map(), ...beside })
}

/** The same, with one row as `change` leaves it; undefined takes it out. */
async function named(key: string, change: (value: Buffer) => Uint8Array | undefined): Promise<(readonly [string, string])[]> {
  const changed = new Map(rows)
  const value = change(Buffer.from(rows.get(key) ?? []))
  if (value) changed.set(key, value)
  else changed.delete(key)
  const { ok, findings } = await check(changed)
  expect(ok).toBe(false)
  for (const { advice } of findings) expect(advice).not.toBe('')
  return findings.map((one) => [one.key, one.problem])
}

describe('fsck', () => {
  it('finds nothing in a store that nodes wrote', async () => {
    const { findings, log, ok } = await check(rows)
    expect({ findings, ok }).toEqual({ findings: [], ok: true })
    expect(log).toBeGreaterThan(5)
  })

  it('names a damaged record of each module, with the module and what to do', async () => {
    const owners = new Map([...rows.keys()].map((key) => [prefixOf(key)?.prefix, key]))
    expect(owners.has(undefined)).toBe(false)
    expect(owners.size).toBeGreaterThan(15)
    for (const [, key] of owners) {
      const found = await named(key, (value) => (value.length === 0 ? Buffer.from('x') : value.with(value.length >> 1, (value[value.length >> 1] ?? 0) ^ 0xff)))
      expect(
        found.map(([name]) => name),
        key,
      ).toContain(key)
    }
  })

  it('names each entry of the log that was changed, left out or added', async () => {
    const key = (index: number) => `log/entry/${String(index).padStart(16, '0')}`
    const reworded = (value: Buffer) => Buffer.from(value.toString().replace(/"at":"2026/, '"at":"2025'))
    expect(await named(key(2), reworded)).toContainEqual([key(2), 'chain'])
    expect(await named(key(2), () => undefined)).toContainEqual([key(2), 'missing'])
    expect(await named('log/head', () => undefined)).toContainEqual(['log/head', 'missing'])
  })

  it('names an index of nothing, a prefix of nobody, an identity that is gone, and an anchor of more than there is', async () => {
    const head = [...rows.keys()].find((key) => key.startsWith('exchange/head/')) ?? ''
    expect((await named(head, () => undefined)).map(([, problem]) => problem)).toContain('names-nothing')
    expect(await named('elsewhere/1', () => Buffer.from('{}'))).toEqual([['elsewhere/1', 'unknown']])
    const identifier = [...rows.keys()].find((key) => key.startsWith('identifier/')) ?? ''
    expect(await named(identifier, () => undefined)).toContainEqual(['identifier/', 'missing'])
    const last =
      [...rows.keys()]
        .filter((key) => key.startsWith('log/entry/'))
        .sort()
        .at(-1) ?? ''
    expect(await named(last, () => undefined)).toContainEqual(['log-anchor', 'log-is-shorter'])
  })

  it('names content that is gone, of another length, or that nobody named', async () => {
    const blob = 'ab'.repeat(32)
    const record = (state: string) => Buffer.from(`{"attachment":{"bytes":100},"blob":"${blob}","state":"${state}"}`)
    const with_ = (state: string) => new Map([...rows, [`attachment/of/${'0'.repeat(32)}/sha256:1`, record(state)]])
    const problems = async (state: string, contents: Map<string, number>) =>
      (await check(with_(state), { contents })).findings.map(({ key, problem }) => [key, problem])
    expect(await problems('kept', new Map([[blob, 128]]))).toEqual([])
    expect(await problems('kept', new Map([[blob, 127]]))).toEqual([[`attachments/${blob}`, 'length']])
    expect(await problems('kept', new Map())).toEqual([[`attachments/${blob}`, 'missing']])
    expect(await problems('destroyed', new Map())).toEqual([])
    expect((await check(rows, { contents: new Map([[blob, 1]]) })).findings.map(({ problem }) => problem)).toEqual(['unnamed'])
  })

  it('names keystore and data keys of which any byte was changed, without a passphrase', async () => {
    const dir = join(folder, 'node')
    await mkdir(dir)
    {
      await using vault = await createFileKeyVault(join(dir, 'keystore.json'), Buffer.from('a passphrase'), { memoryKiB: 32, passes: 1, lanes: 1 })
      await using keys = await openFileDataKeys(join(dir, 'data-keys'), vault)
      await keys.take()
    }
    expect(await checkKeyFiles(dir)).toEqual([])
    for (const name of ['keystore.json', 'data-keys']) {
      const bytes = await readFile(join(dir, name))
      // What only the passphrase, or a key of the vault, can tell is told at the start: the seal of the one, the first line of the other.
      const begin = name === 'data-keys' ? bytes.indexOf(10) : 0
      const end = name === 'keystore.json' ? bytes.indexOf('"seal":') : bytes.length
      for (let at = begin; at < end; at += 7) {
        await writeFile(join(dir, name), bytes.with(at, (bytes[at] ?? 0) ^ 1))
        expect(
          (await checkKeyFiles(dir)).map(({ key }) => key),
          `${name} ${at}`,
        ).toEqual([name])
      }
      await writeFile(join(dir, name), bytes)
    }
  })

  it('knows every prefix that the documentation lists', async () => {
    const text = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8')
    const table = text.slice(text.indexOf('| prefix | module | what |'), text.indexOf('## Trust, from documents'))
    const listed = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z-]+\/?)/g)].map(([, name = '']) => name))
    expect(listed.length).toBeGreaterThan(30)
    expect(listed.filter((name) => !prefixes.some(({ prefix }) => prefix.startsWith(name) || name.startsWith(prefix)))).toEqual([])
  })
})
