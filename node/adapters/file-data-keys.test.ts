import { existsSync } from 'node:fs'
import { link, mkdir, mkdtemp, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { seeded } from '#test-network/fixture.ts'
import type { DataKeyId, DataKeys, KeyVault } from '../ports.ts'
import { dataKeysContract } from './data-keys.contract.ts'
import { openFileDataKeys } from './file-data-keys.ts'
import { MemoryKeyVault } from './memory-key-vault.ts'

const context = Buffer.from('context')
let dir: string
let path: string
let vault: KeyVault

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-data-keys-'))
  path = join(dir, 'data-keys')
  vault = new MemoryKeyVault(seeded('vault'))
})
afterEach(() => rm(dir, { recursive: true }))

const opened = () => openFileDataKeys(path, vault)
const recordsIn = (bytes: Buffer) => (bytes.length - bytes.indexOf(10) - 1) / 72

describe('data keys in a file', () =>
  dataKeysContract(opened, async (before) => {
    await before[Symbol.asyncDispose]()
    return opened()
  }))

/** Two keys in use, each with a text under it, and the file as it is after the process. */
async function used(): Promise<{ ids: readonly DataKeyId[]; sealed: readonly Uint8Array[]; bytes: Buffer }> {
  await using keys = await opened()
  const ids = [await keys.take(), await keys.take()]
  const sealed = await Promise.all(ids.map((id) => keys.seal(id, Buffer.from('secret'), context)))
  await keys[Symbol.asyncDispose]()
  return { ids, sealed, bytes: await readFile(path) }
}

async function readable(keys: DataKeys, { ids, sealed }: Pick<Awaited<ReturnType<typeof used>>, 'ids' | 'sealed'>): Promise<boolean[]> {
  return Promise.all(
    ids.map((id, at) =>
      keys.open(id, sealed[at]!, context).then(
        () => true,
        () => false,
      ),
    ),
  )
}

test('only the owner may read the file, and no key stands in it in the open', async () => {
  const { bytes } = await used()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(recordsIn(bytes)).toBe(2)
  await expect(openFileDataKeys(path, new MemoryKeyVault(seeded('another vault'))).then((keys) => keys.findings)).resolves.toEqual([
    { what: 'damaged', keys: null },
  ])
})

test('a pool of keys is on disk before any of it is used, so that most takes touch no disk', async () => {
  await using keys = await opened()
  await keys.take()
  const before = await readFile(path)
  expect(recordsIn(before)).toBe(512)
  for (let count = 0; count < 200; count++) await keys.take()
  expect(await readFile(path)).toEqual(before)
})

test('keys taken when the process was killed are there after it, and those that it had not used are given to nobody', async () => {
  const killed = await opened()
  const id = await killed.take()
  const sealed = await killed.seal(id, Buffer.from('secret'), context)
  const copy = join(dir, 'after-the-crash')
  await writeFile(copy, await readFile(path))
  await killed[Symbol.asyncDispose]()
  await using keys = await openFileDataKeys(copy, vault)
  expect(keys.findings).toEqual([])
  expect(await readable(keys, { ids: [id], sealed: [sealed] })).toEqual([true])
  const [, number] = (await keys.take()).split('-')
  expect(Number(number)).toBe(513)
})

test('of many keys each opens what it sealed, and no other, with destroyed ones between them, also after restarts', async () => {
  const sealed = new Map<DataKeyId, Uint8Array>()
  const survives = (at: number) => at % 3 !== 1 && (at < 600 || at > 1400)
  for (let start = 0; start < 3; start++) {
    await using keys = await opened()
    for (let count = 0; count < 700; count++) {
      const id = await keys.take()
      sealed.set(id, await keys.seal(id, Buffer.from(id), context))
    }
  }
  const ids = [...sealed.keys()]
  const kept = ids.filter((_, at) => survives(at))
  for (let start = 0; start < 2; start++) {
    await using keys = await opened()
    if (start === 0) await keys.destroy(ids.filter((_, at) => !survives(at)))
    expect(ids.filter((id) => keys.has(id))).toEqual(kept)
    for (const id of kept) expect(Buffer.from(await keys.open(id, sealed.get(id)!, context)).toString()).toBe(id)
    expect(keys.has((ids[0] as string).replace(/-.*/, '-999999') as DataKeyId)).toBe(false)
    expect(keys.has((ids[0] as string).replace(/-.*/, '-0') as DataKeyId)).toBe(false)
  }
})

/** So many keys, each with its own name sealed under it, in a file that is closed again. */
async function filled(count: number): Promise<Map<DataKeyId, Uint8Array>> {
  await using keys = await opened()
  const sealed = new Map<DataKeyId, Uint8Array>()
  for (let taken = 0; taken < count; taken++) {
    const id = await keys.take()
    sealed.set(id, await keys.seal(id, Buffer.from(id), context))
  }
  return sealed
}

test('while some are destroyed the others are there at any moment, though the file they lay in is overwritten', async () => {
  const sealed = [...(await filled(1200))]
  await using keys = await opened()
  let destroyed = false
  const destroying = keys.destroy(sealed.filter((_, at) => at % 4 === 0).map(([id]) => id)).finally(() => {
    destroyed = true
  })
  let read = 0
  // Each for the first time in this process, so that none is at hand.
  for (const [at, [id, bytes]] of sealed.entries()) {
    if (at % 4 === 0) continue
    expect(keys.has(id)).toBe(true)
    expect(Buffer.from(await keys.open(id, bytes, context)).toString()).toBe(id)
    if (!destroyed && at % 20 === 1) await setImmediate()
    if (!destroyed) read++
  }
  await destroying
  expect(read).toBeGreaterThan(20)
  expect(sealed.filter(([id]) => keys.has(id))).toHaveLength(900)
})

test('in a long file, too, what was changed, doubled or misplaced costs its own keys, and those that are destroyed later take no other with them', async () => {
  const sealed = [...(await filled(1000))]
  const bytes = await readFile(path)
  const start = bytes.indexOf(10) + 1
  const record = (at: number) => bytes.subarray(start + at * 72, start + (at + 1) * 72)
  const damaged = Buffer.from(bytes)
  const put = (at: number, what: Uint8Array) => damaged.set(what, start + at * 72)
  put(100, Buffer.alloc(72, 0xff)) // The greatest number there could be, and no record.
  put(127, Buffer.alloc(72)) // The end of a block, and the beginning of the next.
  put(128, Buffer.alloc(72))
  for (let at = 256; at < 384; at++) put(at, Buffer.alloc(72, 1)) // A whole block.
  put(500, record(20))
  put(700, record(699))
  await writeFile(path, damaged)
  const lost = (at: number) => [100, 127, 128, 500, 700].includes(at) || (at >= 256 && at < 384)
  const left = async (keys: DataKeys, gone: (at: number) => boolean) => {
    for (const [at, [id, text]] of sealed.entries()) {
      expect([at, keys.has(id)]).toEqual([at, !gone(at)])
      expect(await keys.open(id, text, context).then((plain) => Buffer.from(plain).toString(), codeOf)).toBe(gone(at) ? 'DFFT_KEY_UNKNOWN' : id)
    }
  }
  {
    await using keys = await opened()
    expect(keys.findings).toEqual([{ what: 'damaged', keys: 133 }])
    await left(keys, lost)
    await keys.destroy(sealed.slice(400, 450).map(([id]) => id))
    await left(keys, (at) => lost(at) || (at >= 400 && at < 450))
  }
  await using keys = await opened()
  expect(keys.findings).toEqual([])
  await left(keys, (at) => lost(at) || (at >= 400 && at < 450))
})

test('a key that the disk changes under a running node opens nothing; where it cannot be read, that is said, and not that it is gone', async () => {
  const [[first, text], [second, other]] = [...(await filled(2))] as [[DataKeyId, Uint8Array], [DataKeyId, Uint8Array]]
  await using keys = await opened()
  await using beside = await open(path, 'r+')
  const { size } = await beside.stat()
  await beside.write(Buffer.of(0xaa, 0xbb), 0, 2, size - 20)
  expect(await keys.open(second, other, context).catch(codeOf)).toBe('DFFT_KEY_UNKNOWN')
  await beside.truncate(size - 72)
  expect(await keys.open(first, text, context).catch(codeOf)).toBe('DFFT_DATA_KEYS')
  expect(() => keys.has(first)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_DATA_KEYS'))
})

test('a key that was changed under a running node is destroyed all the same: the bytes of it are not in the file any more', async () => {
  const sealed = [...(await filled(400))]
  const start = (await readFile(path)).indexOf(10) + 1
  const place = (at: number) => start + at * 72
  await using keys = await opened()
  await using beside = await open(path, 'r+')
  const secret = (await readFile(path)).subarray(place(130) + 8, place(130) + 68)
  for (const at of [130, 131]) await beside.write(Buffer.of(0xff), 0, 1, place(at) + 71 - (at === 131 ? 70 : 0)) // Of one the checksum, of one the number.
  expect(keys.has(sealed[130]![0])).toBe(false)
  await keys.destroy([sealed[130]![0]])
  expect((await readFile(path)).includes(secret)).toBe(false)
  expect((await beside.readFile()).every((byte) => byte === 0)).toBe(true)
  // What is gone, and has nothing damaged about it, costs no new file.
  const { ino } = await stat(path)
  await keys.destroy([sealed[130]![0], sealed[131]![0]])
  expect((await stat(path)).ino).toBe(ino)
  for (const [at, [id]] of sealed.entries()) expect([at, keys.has(id)]).toEqual([at, at !== 130 && at !== 131])
})

test('a key at hand whose record the disk lost gets a new one when others are destroyed, and so do keys that wait to be used', async () => {
  const before = [...(await filled(300))]
  const start = (await readFile(path)).indexOf(10) + 1
  const sealed = new Map<DataKeyId, Uint8Array>()
  const waiting: DataKeyId[] = []
  {
    await using keys = await opened()
    for (const at of [0, 5, 200]) expect(await keys.open(before[at]![0], before[at]![1], context).then(String)).toBeDefined()
    waiting.push(await keys.take())
    const first = Number(waiting[0]!.split('-')[1])
    await using beside = await open(path, 'r+')
    const records = recordsIn(await readFile(path))
    // At hand: the first, one between, and all behind the last that was stored. Not at hand: the seventh.
    for (const at of [0, 5, 6, ...Array.from({ length: records - 300 }, (_, behind) => 300 + behind)])
      await beside.write(Buffer.of(0xff), 0, 1, start + at * 72 + 71)
    await keys.destroy([before[200]![0]])
    waiting.push(await keys.take(), await keys.take())
    expect(waiting.map((id) => Number(id.split('-')[1]))).toEqual([first, first + 1, first + 2])
    for (const id of waiting) sealed.set(id, await keys.seal(id, Buffer.from(id), context))
  }
  await using keys = await opened()
  expect(keys.findings).toEqual([])
  const gone = (at: number) => at === 6 || at === 200
  for (const [at, [id, text]] of [...before, ...sealed].entries())
    expect(await keys.open(id, text, context).then((plain) => Buffer.from(plain).toString(), codeOf)).toBe(gone(at) ? 'DFFT_KEY_UNKNOWN' : id)
})

test('a write that was cut at any byte loses no key before it, is said, and is written over', async () => {
  const { ids, sealed, bytes } = await used()
  for (let cut = 1; cut < 72; cut++) {
    await writeFile(path, bytes.subarray(0, -cut))
    const keys = await opened()
    expect(keys.findings).toEqual([{ what: 'torn', keys: 1 }])
    expect(await readable(keys, { ids, sealed })).toEqual([true, false])
    await keys[Symbol.asyncDispose]()
  }
  await using keys = await opened()
  expect(keys.findings).toEqual([])
})

test('whatever byte is changed, it is found: in a record it costs that key, in the head all of them, and then nothing is given out', async () => {
  const { ids, sealed, bytes } = await used()
  const headBytes = bytes.indexOf(10) + 1
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    await writeFile(path, changed)
    const keys = await opened()
    const hit = at < headBytes ? null : Math.floor((at - headBytes) / 72)
    if (hit === null) {
      expect(keys.findings).toEqual([{ what: 'damaged', keys: null }])
      for (const refused of [keys.take(), keys.destroy([]), keys.seal(ids[0]!, sealed[0]!, context), keys.open(ids[0]!, sealed[0]!, context)])
        expect(await refused.catch(codeOf)).toBe('DFFT_DATA_KEYS')
      expect(keys.has(ids[0]!)).toBe(false)
    } else {
      expect([at, keys.findings]).toEqual([at, [{ what: 'damaged', keys: 1 }]])
      expect(await readable(keys, { ids, sealed })).toEqual([hit !== 0, hit !== 1])
    }
    await keys[Symbol.asyncDispose]()
    await writeFile(path, bytes)
  }
})

test('records that change places, or come twice, are found', async () => {
  const { ids, sealed, bytes } = await used()
  const head = bytes.subarray(0, bytes.indexOf(10) + 1)
  const [one, other] = [bytes.subarray(head.length, head.length + 72), bytes.subarray(head.length + 72)]
  for (const records of [
    [other, one],
    [one, one, other],
  ]) {
    await writeFile(path, Buffer.concat([head, ...records]))
    await using keys = await opened()
    expect(keys.findings).toEqual([{ what: 'damaged', keys: 1 }])
    expect(await readable(keys, { ids, sealed })).toContain(true)
  }
})

test('what the old file held is overwritten, so that whoever still has it open reads nothing', async () => {
  const keys = await opened()
  const id = await keys.take()
  await using held = await open(path, 'r')
  await keys.destroy([id])
  const left = await held.readFile()
  expect(left.length).toBeGreaterThan(512 * 72)
  expect(left.every((byte) => byte === 0)).toBe(true)
  expect(recordsIn(await readFile(path))).toBe(511)
  await keys[Symbol.asyncDispose]()
})

test('of a file that is written in several pieces each is read again, and each is overwritten', async () => {
  const sealed = [...(await filled(4000))]
  await using keys = await opened()
  await using held = await open(path, 'r')
  expect((await held.stat()).size).toBeGreaterThan(256 << 10)
  const prototype = Object.getPrototypeOf(held)
  const { write } = prototype
  vi.spyOn(prototype, 'write').mockImplementation(async function (this: typeof held, ...[bytes, done, length, position]: unknown[]) {
    // Of what lies beyond the first piece the last byte never comes.
    const lost = Number(position) > 256 << 10 ? 1 : 0
    await write.call(this, bytes, done, Number(length) - lost, position)
    return { bytesWritten: length }
  })
  expect(await keys.destroy([sealed[0]![0]]).catch(codeOf)).toBe('DFFT_DATA_KEYS')
  vi.restoreAllMocks()
  expect((await held.readFile()).includes(0x7b)).toBe(true) // The head, and all behind it: the old file is not touched.
  await using after = await opened()
  await using old = await open(path, 'r')
  await after.destroy([sealed[0]![0]])
  expect((await old.readFile()).every((byte) => byte === 0)).toBe(true)
  expect(sealed.filter(([id]) => after.has(id))).toHaveLength(3999)
})

test('a backup that shares the file by a hard link is left as it is', async () => {
  const keys = await opened()
  const id = await keys.take()
  const before = await readFile(path)
  await link(path, join(dir, 'backup'))
  await keys.destroy([id])
  expect(await readFile(join(dir, 'backup'))).toEqual(before)
  await keys[Symbol.asyncDispose]()
})

test('what a crash left of a replacement is not kept', async () => {
  const { bytes } = await used()
  await writeFile(`${path}.new`, bytes)
  await using _keys = await opened()
  await expect(stat(`${path}.new`)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a folder that takes no file refuses with a code', async () => {
  const keys = await opened()
  const id = await keys.take()
  await rm(dir, { recursive: true })
  expect(await keys.destroy([id]).catch(codeOf)).toBe('DFFT_DATA_KEYS')
  expect(await keys.destroy([id]).catch(codeOf)).toBe('DFFT_DATA_KEYS')
  await keys[Symbol.asyncDispose]()
  dir = await mkdtemp(join(tmpdir(), 'dfft-data-keys-'))
})

test('a file that can be read and not written refuses with a code at the start', async () => {
  // To Linux a program that runs is such a file, whoever asks; elsewhere a folder has to do.
  await (existsSync('/proc/self/exe') ? symlink('/proc/self/exe', path) : mkdir(path))
  expect(await opened().catch(codeOf)).toBe('DFFT_DATA_KEYS')
})

test('keys for whose destruction there is no room stay what they are, and go when there is', async () => {
  await using keys = await opened()
  const id = await keys.take()
  const sealed = await keys.seal(id, Buffer.from('secret'), context)
  await symlink('/dev/full', `${path}.new`)
  const refused = await keys.destroy([id]).catch(codeOf)
  if (!existsSync('/dev/full')) return expect(refused).toBe('DFFT_DATA_KEYS')
  expect(refused).toBe('DFFT_DISK_FULL')
  expect(Buffer.from(await keys.open(id, sealed, context)).toString()).toBe('secret')
  await keys.destroy([id])
  expect(keys.has(id)).toBe(false)
})

test('where the old file cannot be overwritten for want of room, no key is given out that only the old one would have', async () => {
  const keys = await opened()
  const ids = [await keys.take(), await keys.take()] as const
  const sealed = await Promise.all(ids.map((id) => keys.seal(id, Buffer.from('secret'), context)))
  await using probe = await open(path, 'r')
  vi.spyOn(Object.getPrototypeOf(probe), 'stat').mockRejectedValueOnce(Object.assign(new Error('no room'), { code: 'ENOSPC' }))
  expect(await keys.destroy([ids[0]]).catch(codeOf)).toBe('DFFT_DATA_KEYS')
  const more = async () => {
    for (let count = 0; count < 512; count++) await keys.take()
  }
  expect(await more().catch(codeOf)).toBe('DFFT_DATA_KEYS')
  await keys[Symbol.asyncDispose]()
  await using after = await opened()
  expect(after.findings).toEqual([])
  expect(await readable(after, { ids, sealed })).toEqual([false, true])
})

describe('a disk that says it wrote what it did not', () => {
  /** Of the next write the first bytes never come. */
  async function lying(): Promise<void> {
    await using probe = await open(path, 'r')
    const prototype = Object.getPrototypeOf(probe)
    const { write } = prototype
    vi.spyOn(prototype, 'write').mockImplementationOnce(async function (this: typeof probe, ...[bytes, done, length, position]: unknown[]) {
      await write.call(this, bytes, Number(done) + 17, Number(length) - 17, Number(position) + 17)
      return { bytesWritten: length }
    })
  }

  test('loses no key when others are destroyed: the old file stays, and the destruction is not said', async () => {
    const keys = await opened()
    const ids = [await keys.take(), await keys.take()] as const
    const sealed = await Promise.all(ids.map((id) => keys.seal(id, Buffer.from('secret'), context)))
    await lying()
    expect(await keys.destroy([ids[0]]).catch(codeOf)).toBe('DFFT_DATA_KEYS')
    await keys[Symbol.asyncDispose]()
    await using after = await opened()
    expect(after.findings).toEqual([])
    expect(await readable(after, { ids, sealed })).toEqual([true, true])
    await after.destroy([ids[0]])
    expect(await readable(after, { ids, sealed })).toEqual([false, true])
  })

  test('gives out no key that is not there', async () => {
    await using keys = await opened()
    await keys.take()
    await lying()
    const taken = async () => {
      for (let count = 0; count < 600; count++) await keys.take()
    }
    expect(await taken().catch(codeOf)).toBe('DFFT_DATA_KEYS')
  })
})
