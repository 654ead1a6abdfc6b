/** The engine's journal as a crash leaves it, and as a disk does that lost or changed something. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalDamage } from './level-journal.ts'
import { openLevelStore } from './level-store.ts'

let folder: string
let file: string
/** Small records, and one over several blocks. */
let journal: Buffer
/** Where each of the first records begins. */
const starts: number[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfft-journal-'))
  const dir = join(folder, 'store')
  const store = await openLevelStore(dir)
  file = (await readdir(dir)).find((name) => name.endsWith('.log')) as string
  for (let at = 0; at < 40; at++) {
    starts.push((await readFile(join(dir, file))).length)
    await store.batch([{ put: `key/${at}`, value: Buffer.alloc(at === 20 ? 100_000 : 500, at + 1) }])
  }
  journal = await readFile(join(dir, file)) // As a process leaves it that dies now.
  await cp(dir, join(folder, 'left'), { recursive: true })
  await store[Symbol.asyncDispose]()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function found(changed: Uint8Array): Promise<Awaited<ReturnType<typeof journalDamage>>> {
  await writeFile(join(folder, 'left', file), changed)
  return journalDamage(join(folder, 'left'))
}

test('a journal that is whole has none, nor has a store that is not there yet', async () => {
  expect(journal.length).toBeGreaterThan(3 * 32_768)
  expect(await found(journal)).toBeUndefined()
  expect(await journalDamage(join(folder, 'nothing'))).toBeUndefined()
})

test('what a crash leaves at the end is none: a record cut short anywhere, or space that was never written to', async () => {
  const last = starts.at(-1) as number
  for (let cut = last; cut < journal.length; cut++) expect([cut, await found(journal.subarray(0, cut))]).toEqual([cut, undefined])
  expect(await found(Buffer.concat([journal, Buffer.alloc(4096)]))).toBeUndefined()
})

test('a write of which the beginning never came is found, be it the last one or not', async () => {
  for (const start of [starts[0], starts[10], starts[30], starts.at(-1)] as number[]) {
    const lacking = Buffer.concat([journal.subarray(0, start), journal.subarray(start + 17)])
    expect(await found(lacking)).toEqual({ file, at: start, bytes: lacking.length - start })
  }
})

test('a bit that flipped is found', async () => {
  let unfound = 0
  for (let at = 0; at < journal.length; at += 1499) {
    const changed = Buffer.from(journal)
    changed[at] = (changed[at] as number) ^ (1 << (at % 8))
    const damage = await found(changed)
    if (damage) expect(damage.at).toBeLessThanOrEqual(at)
    else unfound++
  }
  expect(unfound).toBe(0)
})
