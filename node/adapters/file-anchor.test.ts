import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
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
