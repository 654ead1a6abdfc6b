import fs from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { ScratchFile } from './scratch-file.ts'

let dir: string
let path: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-scratch-'))
  path = join(dir, 'scratch')
})
afterEach(() => rm(dir, { recursive: true }))

const pages = (count: number, from: number) => Buffer.alloc(count * 4096).map((_, at) => (at * 31 + from) % 251)

it('gives back any part of what was written, wherever and in whatever order', () => {
  using file = new ScratchFile(path)
  const content = pages(5, 1)
  expect(file.write(3 * 4096, content.subarray(3 * 4096))).toBe(true)
  expect(file.write(0, content.subarray(0, 3 * 4096))).toBe(true)
  for (const [position, length] of [
    [0, 32],
    [4096 - 32, 32],
    [4096 - 32, 64],
    [100, 3 * 4096],
    [5 * 4096 - 32, 32],
    [0, 5 * 4096],
  ] as const)
    expect(Buffer.from(file.read(position, length))).toEqual(content.subarray(position, position + length))
  file.write(4096, pages(1, 7))
  expect(Buffer.from(file.read(4096, 4096))).toEqual(pages(1, 7))
})

it('has no name once it is there, and overwrites what a process before it left', async () => {
  await writeFile(path, 'left behind by a process that was killed')
  using file = new ScratchFile(path)
  expect(await readdir(dir)).toEqual(['scratch'])
  expect(file.write(0, pages(1, 1))).toBe(true)
  expect(await readdir(dir)).toEqual([])
})

it('says that there is no room where no file can be made, and nothing can be read there', async () => {
  await mkdir(path)
  using file = new ScratchFile(path)
  expect(file.write(0, pages(1, 1))).toBe(false)
  expect(() => file.read(0, 32)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_STORE'))
})

it('gives nothing for a page that is not what was written, or was never written', async () => {
  using file = new ScratchFile(path)
  file.write(0, pages(3, 1))
  const beside = await theFile()
  await beside.write(Buffer.from([255]), 0, 1, 4096 + 17)
  await beside.close()
  const refused = (position: number, length: number) =>
    expect(() => file.read(position, length)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_STORE'))
  refused(4096, 32)
  refused(0, 3 * 4096)
  refused(3 * 4096, 32)
  expect(Buffer.from(file.read(0, 4096))).toEqual(pages(1, 1))
  file.write(4096, pages(1, 2))
  expect(Buffer.from(file.read(4096, 4096))).toEqual(pages(1, 2))
})

it('says the first of several writes that the disk does not take, and the first again once it took one', async () => {
  await mkdir(path)
  const refused: unknown[] = []
  const file = new ScratchFile(path, (cause) => refused.push(cause))
  const write = () => file.write(0, pages(1, 1))
  expect([write(), write(), refused.length]).toEqual([false, false, 1])
  expect(refused[0]).toMatchObject({ code: 'EISDIR' })
  await rm(path, { recursive: true })
  expect([write(), refused.length]).toEqual([true, 1])
  expect(Buffer.from(file.read(0, 4096))).toEqual(pages(1, 1))
  const { writeSync } = fs
  const parts: number[] = [100, 0]
  fs.writeSync = ((to: number, bytes: Uint8Array, from: number, length: number, position: number) =>
    writeSync(to, bytes, from, parts.shift() ?? length, position)) as typeof fs.writeSync
  syncBuiltinESMExports()
  try {
    expect([write(), refused.length]).toEqual([false, 2]) // A part of it, and then nothing more.
    expect([write(), refused.length]).toEqual([true, 2])
    parts.push(1000, 96)
    expect([write(), refused.length, parts]).toEqual([true, 2, []])
  } finally {
    fs.writeSync = writeSync
    syncBuiltinESMExports()
  }
  expect(Buffer.from(file.read(0, 4096))).toEqual(pages(1, 1))
  file[Symbol.dispose]()
  expect([write(), refused.length, await readdir(dir)]).toEqual([false, 2, []])
})

it('writes whole pages only', () => {
  using file = new ScratchFile(path)
  expect(() => file.write(0, Buffer.alloc(4095))).toThrow(RangeError)
  expect(() => file.write(32, Buffer.alloc(4096))).toThrow(RangeError)
})

/** What has no name any more, by the descriptor that this process holds. */
async function theFile() {
  for (const descriptor of await readdir('/proc/self/fd')) {
    const of = await readlink(join('/proc/self/fd', descriptor)).catch(() => '')
    if (of === `${path} (deleted)`) return open(join('/proc/self/fd', descriptor), 'r+')
  }
  throw new Error('no descriptor of the file is open')
}
