import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { safeName, saveAs } from './save-attachment.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfft-save-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function* content(text: string): AsyncGenerator<Uint8Array> {
  for (const part of text) yield Buffer.from(part)
}

const save = (name: string, text = 'content', into = folder) => saveAs(into, { name, digest }, content(text))

test.each([
  ['invoice.pdf', 'invoice.pdf'],
  ['請求書 2026.pdf', '請求書 2026.pdf'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['..\\..\\boot.ini', '_.._boot.ini'],
  ['/etc/passwd', '_etc_passwd'],
  ['.bashrc', 'bashrc'],
  ['--rf', 'rf'],
  ['CON', '_CON'],
  ['com1.txt', '_com1.txt'],
  ['a\u202efdp.exe', 'a_fdp.exe'],
  ['a:b|c?.txt', 'a_b_c_.txt'],
  ['name. . ', 'name'],
  ['...', 'attachment-0123456789ab'],
  ['///', 'attachment-0123456789ab'],
])('`%s` becomes `%s`', (name, safe) => {
  expect(safeName(name, digest)).toBe(safe)
})

test('a long name is cut before its ending, and between characters', () => {
  const safe = safeName(`${'書'.repeat(200)}.pdf`, digest)
  expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
  expect(safe).toMatch(/^書+\.pdf$/)
})

test('nothing is written over, and nothing is left behind but the file', async () => {
  writeFileSync(join(folder, 'invoice.pdf'), 'mine')
  expect([await save('invoice.pdf'), await save('invoice.pdf', 'again')]).toEqual([join(folder, 'invoice (2).pdf'), join(folder, 'invoice (3).pdf')])
  expect(readFileSync(join(folder, 'invoice.pdf'), 'utf8')).toBe('mine')
  expect(readFileSync(join(folder, 'invoice (3).pdf'), 'utf8')).toBe('again')
  expect(readdirSync(folder)).toHaveLength(3)
  expect(lstatSync(join(folder, 'invoice (2).pdf')).mode & 0o777).toBe(0o600)
})

test('a link of that name is not followed', async () => {
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'victim'), 'mine')
  symlinkSync(join(folder, 'victim'), join(folder, 'in', 'invoice.pdf'))
  expect(await save('invoice.pdf', 'content', join(folder, 'in'))).toBe(join(folder, 'in', 'invoice (2).pdf'))
  expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('mine')
})

test('what broke off is not there, and does not stand in the way of the next time', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('the node went away')
  }
  expect(await saveAs(folder, { name: 'invoice.pdf', digest }, broken()).then(() => 'saved', codeOf)).toBe('DFFT_STORE')
  expect(readdirSync(folder)).toEqual([])
  expect(readFileSync(await save('invoice.pdf'), 'utf8')).toBe('content')
})

test('a folder that is not there is said', async () => {
  expect(await save('invoice.pdf', 'content', join(folder, 'missing')).then(() => 'saved', codeOf)).toBe('DFFT_STORE')
})
