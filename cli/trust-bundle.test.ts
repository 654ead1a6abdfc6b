import { createHash } from 'node:crypto'
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { commands } from './commands/trust-bundle.ts'
import { style } from './render.ts'
import { en } from './texts-en.ts'
import { nameOf } from './tree.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-bundle-'))
})
afterEach(() => rm(dir, { recursive: true }))

function run(name: 'export' | 'import', api: ReturnType<typeof apiDouble>, options: Readonly<Record<string, unknown>> = {}) {
  const command = commands.find((one) => nameOf(one) === `bundle ${name}`)
  const session = { api, texts: en, style: style({ colour: false, plain: true }), path: (file: string) => join(dir, file) } as unknown as Session // What these commands use.
  if (!command) throw new Error('no such command')
  return command.run(session, ['a.bundle'], options)
}

const report = {
  bundle: { publisher: 'did:web:a.example', serial: 1, items: 1, at: '2026-11-21T09:00:00Z', validUntil: '2026-11-28T09:00:00Z' },
  complete: true,
  taken: {},
  held: 0,
  refused: [],
  refusedCount: 0,
  again: false,
}

test('a file of 64 MiB is handed over in pieces of whole lines, all of them', async () => {
  const written = createHash('sha256')
  await using file = await open(join(dir, 'a.bundle'), 'w')
  for (let count = 0; count < 64 * 16; count++) {
    const line = `{"n":${count},"pad":"${'x'.repeat(65_500 - (count % 999))}"}\n`
    written.update(line)
    await file.write(line)
  }
  const heard = createHash('sha256')
  let [longest, pieces] = [0, 0]
  const api = apiDouble({
    trustBundleImport: ({ lines, last, session }) => {
      expect([lines === '' || lines.endsWith('\n'), session === undefined]).toEqual([true, pieces++ === 0])
      heard.update(lines)
      longest = Math.max(longest, lines.length)
      return { session: 's', report: last ? report : null }
    },
  })
  await run('import', api)
  expect([heard.digest('hex'), longest <= 470_000, pieces > 140]).toEqual([written.digest('hex'), true, true])
})

test('a file is read again while that takes more, and only so often', async () => {
  await writeFile(join(dir, 'a.bundle'), '{}\n')
  const api = apiDouble({ trustBundleImport: () => ({ session: 's', report: { ...report, again: true } }) })
  await run('import', api, { dryRun: true })
  expect(api.called.map(({ input }) => input)).toEqual([
    { lines: '{}\n', last: true, dryRun: true },
    ...Array.from({ length: 5 }, () => ({ lines: '{}\n', last: true, dryRun: true, session: 's' })),
  ])
})

test('a line that is too long, and what is no text, is refused before it is sent', async () => {
  const api = apiDouble()
  await writeFile(join(dir, 'a.bundle'), 'x'.repeat(2_000_000))
  expect(await run('import', api).catch(codeOf)).toBe('DFFT_BUNDLE')
  await writeFile(join(dir, 'a.bundle'), Uint8Array.of(0xff, 0xfe, 10))
  expect(await run('import', api).catch(codeOf)).toBe('DFFT_NOT_UTF8')
  expect(api.called).toEqual([])
  await rm(join(dir, 'a.bundle'))
  expect(await run('import', api).catch(codeOf)).toBe('DFFT_NOT_FOUND')
})

test('a bundle that is made anew while it is exported is exported again, and what is cut short leaves no file', async () => {
  const page = { bundle: report.bundle, items: 1, missing: 0 }
  let calls = 0
  const api = apiDouble({
    trustBundleExport: ({ after }) => {
      calls++
      if (after === undefined) return { ...page, lines: `first ${calls}\n`, next: 'on' }
      if (calls < 4) throw new TrustError('DFFT_CONFLICT', 'anew')
      return { ...page, lines: 'second\n', next: null }
    },
  })
  await run('export', api)
  expect(await readFile(join(dir, 'a.bundle'), 'utf8')).toBe('first 3\nsecond\n')
  await rm(join(dir, 'a.bundle'))
  const failing = apiDouble({
    trustBundleExport: () => {
      throw new TrustError('DFFT_NOT_FOUND', 'none')
    },
  })
  expect(await run('export', failing).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  expect(await readdir(dir)).toEqual([])
})
