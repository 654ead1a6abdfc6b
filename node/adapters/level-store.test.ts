import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Store } from '../ports.ts'
import { openLevelStore } from './level-store.ts'
import { storeContract } from './store.contract.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-store-'))
const opened: Store[] = []
let count = 0

afterAll(async () => {
  await Promise.all(opened.map((store) => store[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true })
})

async function openAt(dir: string): Promise<Store> {
  const store = await openLevelStore(dir)
  opened.push(store)
  return store
}

storeContract('a store on LevelDB', async () => {
  const dir = join(folder, String(count++))
  const store = await openAt(dir)
  const reopen = async () => {
    await store[Symbol.asyncDispose]()
    return openAt(dir)
  }
  return { store, reopen }
})

it('a second process, or a second opening, is told that the node runs already', async () => {
  const dir = join(folder, 'locked')
  await openAt(dir)
  await expect(openLevelStore(dir)).rejects.toMatchObject({ code: 'DFFT_ALREADY_RUNNING' })
})

it('a folder that cannot be made or written is named as such', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(openLevelStore(join(folder, 'file'))).rejects.toMatchObject({ code: 'DFFT_NOT_WRITABLE' })
  await expect(openLevelStore(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'DFFT_NOT_WRITABLE' })
})

it('a damaged store is refused and not replaced', async () => {
  const dir = join(folder, 'damaged')
  await mkdir(dir)
  await writeFile(join(dir, 'CURRENT'), 'nonsense')
  await expect(openLevelStore(dir)).rejects.toMatchObject({ code: 'DFFT_STORE' })
})

it('after a write that failed nothing more is written, though reading goes on', async () => {
  const store = await openAt(join(folder, 'failing'))
  await store.batch([{ put: 'a', value: Uint8Array.of(1) }])
  // A value that is no bytes makes the engine itself fail, as a full disk does.
  const bad = store.batch([{ put: 'bad', value: undefined as unknown as Uint8Array }])
  const queued = store.batch([{ put: 'queued', value: Uint8Array.of(2) }])
  await expect(bad).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await expect(queued).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await expect(store.batch([{ put: 'later', value: Uint8Array.of(3) }])).rejects.toMatchObject({ code: 'DFFT_STORE' })
  expect((await store.get('a'))?.[0]).toBe(1)
  expect(await store.get('queued')).toBeUndefined()
})
