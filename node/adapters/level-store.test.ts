import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, describe, expect, it } from 'vitest'
import type { Store } from '../ports.ts'
import { freeBytesMin, openLevelStore } from './level-store.ts'
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

describe('a disk that is full', () => {
  const put = (key: string, byte: number) => [{ put: key, value: Uint8Array.of(byte) }]

  it('refuses an act before anything of it is written, and takes the next one when there is room', async () => {
    let free = freeBytesMin
    const dir = join(folder, 'almost')
    const store = await openLevelStore(dir, async () => free)
    opened.push(store)
    await store.batch(put('a', 1))
    free--
    await expect(store.batch([{ put: 'large', value: new Uint8Array(2 << 20) }])).resolves.toBeUndefined() // Looked at a moment ago.
    await expect(store.batch(put('b', 2))).rejects.toMatchObject({ code: 'DFFT_DISK_FULL' })
    expect(await store.get('b')).toBeUndefined()
    free++
    await store.batch(put('b', 3))
    expect((await store.get('b'))?.[0]).toBe(3)
  })

  // What the engine says then; how much of the write the disk has, nobody knows.
  const noSpace = () => new Error('IO error: 000005.log: No space left on device')

  it.each([
    ['nothing', false],
    ['all', true],
  ])('in the middle of a write of which %s reached it, is as if it had never been asked, and the node goes on', async (_, reached) => {
    const dir = join(folder, `middle-${reached}`)
    let free = Number.POSITIVE_INFINITY
    const store = await openLevelStore(dir, async () => free)
    opened.push(store)
    await store.batch([...put('kept', 1), ...put('gone', 1)])
    const { batch, close } = Level.prototype
    Level.prototype.batch = async function (this: Level, ...args: unknown[]) {
      Level.prototype.batch = batch
      // What reached the disk shows when it is read again, and not before.
      Level.prototype.close = async function (this: Level) {
        Level.prototype.close = close
        if (reached) await (batch as (...args: unknown[]) => Promise<void>).apply(this, args)
        await close.call(this)
      }
      throw noSpace()
    } as unknown as typeof batch
    free = 0
    const act = [...put('kept', 2), ...put('new', 2), { del: 'gone' }]
    await expect(store.batch(act)).rejects.toMatchObject({ code: 'DFFT_DISK_FULL' })
    await expect(store.batch(put('later', 2))).rejects.toMatchObject({ code: 'DFFT_DISK_FULL' })
    free = Number.POSITIVE_INFINITY
    const [, read] = await Promise.all([store.batch(put('later', 3)), store.get('kept')])
    expect(read).toBeDefined()
    const now = await Promise.all(['kept', 'new', 'gone', 'later'].map(async (key) => (await store.get(key))?.[0]))
    expect(now).toEqual([1, undefined, 1, 3])
  })
})
