import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FileAnchor } from './file-anchor.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-anchor-'))
afterAll(() => rm(folder, { recursive: true }))

/** As a process would that begins now. */
async function readAt(path: string): Promise<string | undefined> {
  await using anchor = new FileAnchor(path)
  return await anchor.read()
}

async function written(path: string, ...notes: readonly string[]): Promise<void> {
  await using anchor = new FileAnchor(path)
  await Promise.all(notes.map((note) => anchor.write(note)))
}

it('the anchor holds the note written last, also for the next process', async () => {
  const path = join(folder, 'anchor')
  expect(await readAt(path)).toBeUndefined()
  await written(path, 'one', 'two', 'three')
  expect(await readAt(path)).toBe('three')
  await written(path, 'four — 四')
  expect(await readAt(path)).toBe('four — 四')
  expect(await readdir(folder)).toEqual(['anchor'])
})

it('an anchor that cannot be read or written says so', async () => {
  const path = join(folder, 'sub')
  await mkdir(path)
  await expect(readAt(path)).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await expect(written(path, 'note')).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await rm(path, { recursive: true })
})

it('an anchor for which there is no room when it is made is written when there is', async () => {
  const path = join(folder, 'full')
  await symlink('/dev/full', `${path}.new`)
  await using anchor = new FileAnchor(path)
  await expect(anchor.write('before')).rejects.toMatchObject({ code: existsSync('/dev/full') ? 'DFFT_DISK_FULL' : 'DFFT_STORE' })
  await rm(`${path}.new`)
  await anchor.write('after')
  expect(await anchor.read()).toBe('after')
})

it('an anchor of the form before, a note alone, is read, and kept until the first write is whole', async () => {
  const path = join(folder, 'older')
  await writeFile(path, 'origin\n12\nroot\n')
  expect(await readAt(path)).toBe('origin\n12\nroot\n')
  await written(path, 'newer')
  expect(await readAt(path)).toBe('newer')
})

it('a write that stops at any byte leaves the note before it, or is there whole', async () => {
  const path = join(folder, 'torn')
  await written(path, 'first', 'second')
  const before = await readFile(path)
  await written(path, 'third')
  const after = await readFile(path)
  const differs = [...before.keys()].filter((at) => before[at] !== after[at])
  expect(differs.length).toBeGreaterThan(60)
  const from = differs[0]!
  for (let upTo = from; upTo < differs.at(-1)!; upTo++) {
    await writeFile(path, Buffer.concat([after.subarray(0, upTo), before.subarray(upTo)]))
    expect(await readAt(path), `stopped at byte ${upTo}`).toBe('second')
  }
  await writeFile(path, after)
  expect(await readAt(path)).toBe('third')
})

it('what was written over a spoilt place is the newest again', async () => {
  const path = join(folder, 'spoilt')
  await written(path, 'first', 'second', 'third')
  await using file = await open(path, 'r+')
  const bytes = await readFile(path)
  await file.write('?', bytes.indexOf('third'))
  expect(await readAt(path)).toBe('second')
  await written(path, 'fourth')
  expect(await readAt(path)).toBe('fourth')
})

it('an anchor of which neither place holds what was written is refused, not taken for none', async () => {
  const path = join(folder, 'ruined')
  await written(path, 'first', 'second')
  const bytes = await readFile(path)
  for (const note of ['first', 'second']) bytes[bytes.indexOf(note)]! ^= 1
  await writeFile(path, bytes)
  await expect(readAt(path)).rejects.toMatchObject({ code: 'DFFT_LOG_ANCHOR' })
  await expect(written(path, 'third')).rejects.toMatchObject({ code: 'DFFT_LOG_ANCHOR' })
})
