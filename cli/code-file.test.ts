import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CodeFile, writeCode } from './code-file.ts'
import { PackagedParts } from './packaged-parts.ts'

let dir: string
let path: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-code-'))
  path = join(dir, 'below', 'credential.code')
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const program = { name: './cli.js', source: 1, bytes: Buffer.from('code of the program') }
const part = { name: './part.js', source: 2, bytes: Buffer.from('code of a part') }

test('code comes back for the part and the source that it is of, and for no other', () => {
  writeCode(path, [program, part])
  const file = CodeFile.open(path)
  expect(file?.code('./part.js', 2)).toEqual(part.bytes)
  expect(file?.code('./part.js', 3)).toBeUndefined()
  expect(file?.code('./cli.js', 2)).toBeUndefined()
  expect(file?.all(program)).toEqual([program, part])
})

test('of another program nothing is carried on', () => {
  writeCode(path, [program, part])
  expect(CodeFile.open(path)?.all({ ...program, source: 9 })).toEqual([])
})

test('with any byte changed, and cut off anywhere, it gives what was written or nothing', async () => {
  writeCode(path, [program, part])
  const whole = await readFile(path)
  const wrong = [
    ...[...whole.keys()].map((at) => Buffer.from(whole).fill((whole[at] ?? 0) ^ 1, at, at + 1)),
    ...[...whole.keys()].map((length) => whole.subarray(0, length)),
  ]
  for (const bytes of wrong) {
    await writeFile(path, bytes)
    const file = CodeFile.open(path)
    const given = [program, part].map(({ name, source }) => file?.code(name, source))
    expect(given).not.toEqual([program.bytes, part.bytes])
    for (const [at, code] of given.entries()) if (code) expect(code).toEqual([program, part][at]?.bytes)
  }
})

test('where it cannot be written nothing is left behind, and it is no fault', async () => {
  await writeFile(join(dir, 'below'), 'a file')
  expect(() => writeCode(path, [program])).not.toThrow()
  expect(CodeFile.open(path)).toBeUndefined()
  expect(await readdir(dir)).toEqual(['below'])
})

test('where it can no longer be read it gives nothing, and the part is compiled', async () => {
  const source = 'exports.answer = 42'
  await writeFile(join(dir, 'cli.js'), source)
  writeCode(path, [{ ...program, source: crc32(source) }])
  // The lowest number that is free is the one that the file gets next.
  const number = openSync(path, 'r')
  closeSync(number)
  const file = CodeFile.open(path)
  expect(file?.code('./cli.js', crc32(source))).toEqual(program.bytes)
  closeSync(number)
  expect(file?.code('./cli.js', crc32(source))).toBeUndefined()
  expect(file?.all({ ...program, source: crc32(source) })).toEqual([])
  expect(new PackagedParts(dir, file).load('./cli.js')).toEqual({ answer: 42 })
})
