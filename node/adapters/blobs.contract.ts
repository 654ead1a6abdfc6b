/** What every Blobs must do. */
import { describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { BlobId, Blobs } from '../ports.ts'

export interface BlobsUnderTest {
  readonly blobs: Blobs
  /** The process ends without a word, and another one opens what it left. */
  reopen(): Promise<Blobs>
}

const id = 'a'.repeat(64) as BlobId
const other = 'b'.repeat(64) as BlobId
const readFrom = async (blobs: Blobs, of: BlobId, offset: number, length: number) => {
  await using reader = await blobs.open(of)
  return text(await reader.read(offset, length))
}
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const bytes = (words: string) => Buffer.from(words)

export function blobsContract(name: string, open: () => Promise<BlobsUnderTest>): void {
  describe(name, () => {
    const begun = async (blobs: Blobs, words: string) => {
      const writer = await blobs.write(id)
      await writer.append(bytes(words))
      return writer
    }

    test('gives back what was finished, from any place, and less at the end', async () => {
      const { blobs, reopen } = await open()
      const writer = await begun(blobs, 'one ')
      await writer.append(bytes('two'))
      await writer.finish()
      for (const there of [blobs, await reopen()]) {
        expect(await readFrom(there, id, 0, 100)).toBe('one two')
        expect(await readFrom(there, id, 4, 2)).toBe('tw')
        expect(await readFrom(there, id, 7, 1)).toBe('')
        expect(await there.list()).toEqual([{ id, bytes: 7, whole: true }])
      }
    })

    test('goes on after a crash with what was appended', async () => {
      const { blobs, reopen } = await open()
      await using _writer = await begun(blobs, 'one ')
      const after = await reopen()
      expect(await after.list()).toEqual([{ id, bytes: 4, whole: false }])
      const writer = await after.write(id)
      expect([writer.bytes, text(await writer.read(1, 100))]).toEqual([4, 'ne '])
      await writer.truncate(2)
      await writer.append(bytes('ly'))
      await writer.finish()
      expect(await readFrom(after, id, 0, 100)).toBe('only')
    })

    test('does not give out what is not finished', async () => {
      const { blobs } = await open()
      await using _writer = await begun(blobs, 'half')
      expect(await readFrom(blobs, id, 0, 4).catch(codeOf)).toBe('DFFT_NOT_FOUND')
      expect(await readFrom(blobs, other, 0, 4).catch(codeOf)).toBe('DFFT_NOT_FOUND')
    })

    test('has one writer at a time, and none once it is whole', async () => {
      const { blobs } = await open()
      const writer = await begun(blobs, 'half')
      expect(await blobs.write(id).then(() => 'taken', codeOf)).toBe('DFFT_CONFLICT')
      await writer[Symbol.asyncDispose]()
      await writer[Symbol.asyncDispose]()
      await (await blobs.write(id)).finish()
      expect(await blobs.write(id).then(() => 'taken', codeOf)).toBe('DFFT_CONFLICT')
    })

    test('deletes what is whole and what is begun, and nothing beside it', async () => {
      const { blobs, reopen } = await open()
      await (await begun(blobs, 'gone')).finish()
      await (await blobs.write(other)).finish()
      await blobs.delete(id)
      await blobs.delete(id)
      expect((await (await reopen()).list()).map((one) => one.id)).toEqual([other])
      await (await begun(blobs, 'new'))[Symbol.asyncDispose]()
      await blobs.delete(id)
      expect((await blobs.list()).map((one) => one.id)).toEqual([other])
    })
  })
}
