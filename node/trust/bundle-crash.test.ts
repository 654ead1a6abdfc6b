import { afterAll, beforeAll, expect, test } from 'vitest'
import { didResolver } from '#node/adapters/did-resolver.ts'
import { type Entries, MemoryStore } from '#node/adapters/memory-store.ts'
import { DidBook } from '#node/identity/dids.ts'
import { keyFinder } from '#node/identity/key-finder.ts'
import { PackShelf } from '#node/policy/pack-shelf.ts'
import { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { StatusCache } from '#node/status/status-cache.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { never, statusAgeMsMax, ThreeNodes } from '#test-network/fixture.ts'
import { BundleImport } from './bundle-file.ts'
import { NodeItems } from './bundle-items.ts'
import { BundleReader, itemsIn } from './bundle-reader.ts'
import { documentsOf } from './open-bundles.ts'
import { Trust } from './trust.ts'

let net: ThreeNodes
let lines: string

beforeAll(async () => {
  net = await ThreeNodes.start()
  net.de.hooks.deaf = true
  for (let number = 0; number < 150; number++) await accredit(`did:web:issuer-${number}.example`)
  const pages: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await net.jp.node.trustBundleExport(after === undefined ? {} : { after })
    pages.push(page.lines)
    after = page.next
  }
  lines = pages.join('')
})
afterAll(() => net[Symbol.asyncDispose]())

async function accredit(did: string): Promise<void> {
  const { trust, self, clock } = net.jp.parts
  const wish = { subject: did as Did, jurisdiction: self.jurisdiction, sector: 'private', assurance: 'low', issues: [], validDays: 30 } as const
  const signed = await trust.accredit(wish, self)
  await net.jp.store.batch(await trust.learn(signed, never))
  expect(clock.nowMs()).toBeGreaterThan(0)
}

/** What a node has that starts from this disk; after so many batches the disk fails, at the first edge of durability or at the second. */
async function begun(entries: Entries, batches: number, edge: 'beforeDurable' | 'beforeAcknowledged') {
  let left = Number.POSITIVE_INFINITY
  const fail = () => {
    if (left-- <= 0) throw new TrustError('DFFT_STORE', 'the disk failed')
  }
  const store = new MemoryStore({ entries, [edge]: fail })
  const { clock } = net
  const fetch = async () => Promise.reject(new TrustError('DFFT_UNREACHABLE', 'no internet'))
  const dids = new DidBook({ store, clock, resolver: (logs) => didResolver({ logs, fetch }) })
  const keys = keyFinder(dids, { clock })
  const { self, random, log } = net.de.parts
  const trust = await Trust.open({ store, clock, random, keys, home: self.jurisdiction })
  const packs = await PackShelf.open(store)
  const shelf = await PolicyShelf.open({ store, clock, trust, keys, packs, record: (_entry, writes) => store.batch(writes) })
  const statuses = await StatusCache.open({ store, clock, keys, find: async function* nowhere() {}, log, ageMsMax: statusAgeMsMax })
  const items = new NodeItems({ self, clock, documents: documentsOf(trust), pinned: trust, shelf, dids, statuses })
  const reader = await BundleReader.open({
    store,
    clock,
    keys,
    items,
    networkName: 'dfft-test',
    record: (_entry, writes) => store.batch(writes),
    speaks: () => true,
  })
  left = batches
  return { store, reader, items }
}

async function importedInto(node: Awaited<ReturnType<typeof begun>>) {
  const session = new BundleImport(node)
  await session.take(lines, never)
  return session.end()
}

test.each([
  'beforeDurable',
  'beforeAcknowledged',
] as const)('a crash in the middle of an import leaves whole parts, and the next import the rest (%s)', async (edge) => {
  const entries = net.de.store.snapshot()
  const whole = await begun(entries, Number.POSITIVE_INFINITY, edge)
  const { line } = await importedInto(whole)
  expect(line).toMatchObject({ complete: true, refused: [] })
  let crashes = 0
  for (let batches = 0; ; batches++) {
    const failing = await begun(entries, batches, edge)
    const code = await importedInto(failing).then(() => null, codeOf)
    if (code === null) break
    expect(code).toBe('DFFT_STORE')
    crashes++
    const again = await begun(failing.store.snapshot(), Number.POSITIVE_INFINITY, edge)
    for (const { digest } of again.reader.line(line.manifest)?.manifest.parts ?? []) {
      const part = await again.reader.part(digest)
      // Of a part that counts as looked at, each item is on the disk too.
      for (const item of part ? itemsIn(part) : []) expect(await again.items.holds(item), item.id).toBe(true)
    }
    expect((await importedInto(again)).line).toMatchObject({ complete: true, refused: [] })
    expect(new Map(again.store.snapshot().map(([key, value]) => [key, Buffer.from(value).toString()]))).toEqual(
      new Map(whole.store.snapshot().map(([key, value]) => [key, Buffer.from(value).toString()])),
    )
  }
  expect(crashes).toBeGreaterThan(3)
})
