import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { fileAnchor } from './file-anchor.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-anchor-'))
afterAll(() => rm(folder, { recursive: true }))

it('the anchor holds the note written last, also for the next process', async () => {
  const anchor = fileAnchor(join(folder, 'anchor'))
  expect(await anchor.read()).toBeUndefined()
  await Promise.all(['one', 'two', 'three'].map((note) => anchor.write(note)))
  expect(await fileAnchor(join(folder, 'anchor')).read()).toBe('three')
  expect(await readdir(folder)).toEqual(['anchor'])
})

it('an anchor that cannot be read or written says so', async () => {
  const path = join(folder, 'sub')
  await mkdir(path)
  await expect(fileAnchor(path).read()).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await expect(fileAnchor(path).write('note')).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await rm(`${path}.new`)
  await rm(path, { recursive: true })
})

it('an anchor for which there is no room keeps what it was, and is written when there is', async () => {
  const path = join(folder, 'full')
  await fileAnchor(path).write('before')
  await symlink('/dev/full', `${path}.new`)
  await expect(fileAnchor(path).write('after')).rejects.toMatchObject({ code: existsSync('/dev/full') ? 'DFFT_DISK_FULL' : 'DFFT_STORE' })
  expect(await fileAnchor(path).read()).toBe('before')
  await rm(`${path}.new`)
  await fileAnchor(path).write('after')
  expect(await fileAnchor(path).read()).toBe('after')
})
