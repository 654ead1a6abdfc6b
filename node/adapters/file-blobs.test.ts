import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { BlobId } from '../ports.ts'
import { blobsContract } from './blobs.contract.ts'
import { fileBlobs } from './file-blobs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfft-blobs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

blobsContract('blobs in files', async () => ({ blobs: await fileBlobs(join(folder, 'blobs')), reopen: () => fileBlobs(join(folder, 'blobs')) }))

const id = 'a'.repeat(64) as BlobId

test('files and folder are their owner’s alone', async () => {
  const blobs = await fileBlobs(join(folder, 'blobs'))
  const writer = await blobs.write(id)
  await writer.append(Buffer.from('secret'))
  await writer.finish()
  expect([join(folder, 'blobs'), join(folder, 'blobs', id)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600])
})

test.each([
  '',
  '..',
  '../a',
  '/etc/passwd',
  `${'a'.repeat(63)}/`,
  'A'.repeat(64),
  `${'a'.repeat(64)}\0`,
  'CON',
  'a'.repeat(4096),
])('`%s` is no name', async (name) => {
  const blobs = await fileBlobs(join(folder, 'blobs'))
  for (const act of [(): Promise<unknown> => blobs.write(name as BlobId), () => blobs.open(name as BlobId), () => blobs.delete(name as BlobId)])
    expect(
      await Promise.resolve()
        .then(act)
        .then(() => 'done', codeOf),
    ).toBe('DFFT_STORE')
  expect(readdirSync(folder)).toEqual(['blobs'])
})

test('a link in the folder is not followed, and what is no content is not listed', async () => {
  const blobs = await fileBlobs(join(folder, 'blobs'))
  writeFileSync(join(folder, 'victim'), 'untouched')
  symlinkSync(join(folder, 'victim'), join(folder, 'blobs', `${id}.part`))
  writeFileSync(join(folder, 'blobs', 'notes.txt'), '')
  expect(await blobs.write(id).then(() => 'written', codeOf)).toBe('DFFT_STORE')
  expect((await blobs.list()).map((one) => one.id)).toEqual([id])
})

test('what becomes whole, or goes, while it is listed, is listed as one or the other, or not at all', async () => {
  const blobs = await fileBlobs(join(folder, 'blobs'))
  let done = false
  const writing = (async () => {
    for (let count = 0; count < 40; count++) {
      const writer = await blobs.write(id)
      await writer.append(Buffer.from('content'))
      await writer.finish()
      await blobs.delete(id)
    }
    done = true
  })()
  while (!done) for (const { bytes } of await blobs.list()) expect([0, 7]).toContain(bytes)
  await writing
})
