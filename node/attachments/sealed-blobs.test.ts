/** Content in its chunks: cut anywhere it is gone on with, and what was moved or changed does not open. */
import { beforeEach, expect, test } from 'vitest'
import { MemoryBlobs } from '#node/adapters/memory-blobs.ts'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { BlobId } from '#node/ports.ts'
import { chunkBytes, chunkCount, chunkLength } from '#protocols/attachment.ts'
import { codeOf } from '#protocols/errors.ts'
import { seeded } from '#test-network/fixture.ts'
import { BlobKeys } from './blob-keys.ts'
import { SealedBlobs } from './sealed-blobs.ts'

const named = { id: 'a'.repeat(64) as BlobId, bytes: 2 * chunkBytes + 1000 }
const slotBytes = chunkBytes + 28
const wholeBytes = named.bytes + 3 * 28

let blobs: MemoryBlobs
let dataKeys: MemoryDataKeys
let store: MemoryStore
let sealed: SealedBlobs

beforeEach(() => {
  blobs = new MemoryBlobs()
  dataKeys = new MemoryDataKeys(seeded('content'))
  store = new MemoryStore()
  sealed = new SealedBlobs(blobs, new BlobKeys({ store, dataKeys }), dataKeys)
})

const chunkOf = (index: number, { bytes } = named) => Buffer.alloc(chunkLength(bytes, index), index + 1)

/** @returns how many were there, and opened */
async function goOn(of = named, until = chunkCount(of.bytes)): Promise<number> {
  let found = 0
  await using file = await sealed.write(of, (chunk) => {
    expect(Buffer.compare(chunk, chunkOf(found++, of))).toBe(0)
  })
  while (file.chunks < until) await file.add(chunkOf(file.chunks, of))
  if (until === chunkCount(of.bytes)) await file.finish()
  return found
}

const cuts = [0, 1, 27, slotBytes - 1, slotBytes, slotBytes + 1, 2 * slotBytes - 1, 2 * slotBytes, 2 * slotBytes + 28, wholeBytes - 1, wholeBytes]

test.each(cuts)('what a crash cut off at byte %i is gone on with behind its last whole chunk', async (cut) => {
  await goOn(named, 2)
  {
    await using file = await blobs.write(named.id)
    const last = Buffer.alloc(wholeBytes - 2 * slotBytes, 7) // Begun, and garbled.
    await file.append(last)
    await file.truncate(cut)
  }
  expect(await goOn()).toBe(Math.min(2, Math.floor(cut / slotBytes)))
  await using content = await sealed.open(named)
  for (let index = 0; index < 3; index++) expect(Buffer.compare(await content.chunk(index), chunkOf(index))).toBe(0)
})

test('a chunk in the place of another, or of another content, does not open', async () => {
  const other = { id: 'b'.repeat(64) as BlobId, bytes: named.bytes }
  await goOn()
  await goOn(other)
  const slot = async (id: BlobId, at: number) => (await blobs.open(id)).read(at * slotBytes, slotBytes)
  const [first, second, foreign] = [await slot(named.id, 0), await slot(named.id, 1), await slot(other.id, 0)]
  const put = async (chunk: Uint8Array) => {
    const bytes = Buffer.concat([chunk, second, await slot(named.id, 2)])
    await blobs.delete(named.id)
    await using file = await blobs.write(named.id)
    await file.append(bytes)
    await file.finish()
  }
  const opened = async () => {
    await using content = await sealed.open(named)
    return content.chunk(0).then(() => 'open', codeOf)
  }
  for (const [chunk, code] of [
    [second, 'DFFT_KEYSTORE'],
    [foreign, 'DFFT_KEYSTORE'],
    [first, 'open'],
  ] as const) {
    await put(chunk)
    expect(await opened()).toBe(code)
  }
})

test('a content that was destroyed opens no more, and is written anew under another key', async () => {
  await goOn(named, 1)
  const [before] = await sealed.keysOf([named.id])
  await sealed.destroy([named.id])
  await sealed.destroy([named.id])
  expect([await blobs.list(), dataKeys.snapshot(), await sealed.keysOf([named.id])]).toEqual([[], [], []])
  expect(await sealed.open(named).then(() => 'open', codeOf)).toBe('DFFT_KEY_UNKNOWN')
  expect(await goOn()).toBe(0)
  const [after] = await sealed.keysOf([named.id])
  expect(after).not.toBe(before)
})

test('a content whose key is lost is begun anew', async () => {
  await goOn(named, 2)
  await dataKeys.destroy(await sealed.keysOf([named.id]))
  expect(await goOn()).toBe(0)
})
