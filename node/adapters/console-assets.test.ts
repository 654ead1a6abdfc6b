import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildConsole, consoleFiles } from './console-assets.ts'

let dir: string
let built: Awaited<ReturnType<typeof buildConsole>>['files']

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-console-'))
  ;({ files: built } = await buildConsole(dir))
})
afterAll(() => rm(dir, { recursive: true }))

/** The console, and the public verifier by itself. */
const pages = ['/', '/verify']

describe('the console as a package has it', () => {
  test('has at most 150,000 bytes, compressed, with all its screens', () => {
    const bytes = built.reduce((sum, { brotliBytes }) => sum + brotliBytes, 0)
    expect(bytes).toBeLessThan(150_000)
    expect(built.map(({ path }) => path)).toContain('/')
    expect(built.length).toBeGreaterThan(10)
  })

  test('is served from its folder as it was written, in three forms of the same', async () => {
    const files = consoleFiles(dir, join(dir, 'nowhere'))
    for (const { path } of built) {
      const file = await files.at(path)
      expect(file?.forGood, path).toBe(!pages.includes(path))
      expect(brotliDecompressSync(file!.brotli!), path).toEqual(file!.body)
      expect(gunzipSync(file!.gzip!), path).toEqual(file!.body)
    }
    expect(await files.at('/files.json')).toBeUndefined()
    expect(await readdir(dir)).toContain('files.json')
  })

  test('has no script and no style in its page, names nothing of another place, and every name carries a digest', async () => {
    const page = Buffer.from((await consoleFiles(dir).at('/'))!.body).toString()
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|https?:|\son[a-z]+=|style=/)
    expect(built.map(({ path }) => path).filter((path) => !pages.includes(path) && !/-[A-Z0-9]{8}\.(?:js|css)$/.test(path))).toEqual([])
  })

  test('is not there where neither a folder nor sources are', async () => {
    await expect(consoleFiles(join(dir, 'none'), join(dir, 'nowhere')).at('/')).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  })
})

test('no text stands in the screens themselves: every word has two languages', async () => {
  const { readFile, glob } = await import('node:fs/promises')
  const files = await Array.fromAsync(glob('**/*.tsx', { cwd: join(import.meta.dirname, '..', 'console') }))
  expect(files.length).toBeGreaterThan(15)
  for (const file of files) {
    const text = await readFile(join(import.meta.dirname, '..', 'console', file), 'utf8')
    // Between a tag and the next, after the words have been declared: letters that are not in braces.
    const bare = [...text.matchAll(/<\/?[a-z][^<>]*[^=]>([^<>{};=()?:|&]*[A-Za-z]{3,}[^<>{};=()?:|&]*)<\/?[a-z]/g)]
      .map(([, words]) => words?.trim())
      .filter((words) => words !== 'dfft')
    expect(bare, file).toEqual([])
  }
})
