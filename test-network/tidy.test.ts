/**
 * The style of this repository as a test: layers, bans, tables. A failure says what to do instead.
 *
 * Each check is first shown a made-up tree that breaks it, and one that comes near and does not.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bannedWords, barrels, ideaLessNames, machinePaths, namelessFiles } from './tidy/bans.ts'
import { codesUnknown, codesUnused, deadPaths, dependencies, linterRules, strangersAtTop } from './tidy/catalogue.ts'
import { badSpecifiers, cycles, orphans, wrongWayImports } from './tidy/rooms.ts'
import { readTree, type Tree, treeOf } from './tidy/tree.ts'

interface Check {
  readonly name: string
  readonly check: (tree: Tree) => readonly string[]
  /** One finding each. */
  readonly breaks: readonly Readonly<Record<string, string>>[]
  readonly passes: readonly Readonly<Record<string, string>>[]
}

const errors = { 'protocols/errors.ts': 'export const codes = { DFFT_LIMIT: { http: 429 } }\n' }
const rules = (maxLines: number) => ({
  complexity: { noExcessiveLinesPerFunction: { level: 'error', options: { maxLines } } },
  suspicious: { noExplicitAny: 'error' },
  style: { noNonNullAssertion: 'error' },
})
const linter = (maxLines: number, includes: readonly string[]) => ({
  'biome.json': JSON.stringify({ linter: { rules: rules(maxLines) }, overrides: [{ includes }] }),
})
const manifest = (version: string) => JSON.stringify({ dependencies: { zod: version } })
const optional = JSON.stringify({ optionalDependencies: { fast: '1.0.0' } })
const machine = ['', 'home', 'somebody', 'file'].join('/')
const unfinished = ['TO', 'DO'].join('')

const layers: Check = {
  name: 'imports go one way, from the node to the policies to the protocols, and libraries stay in their room',
  check: wrongWayImports,
  breaks: [
    { 'protocols/a.ts': "import { b } from '#policies/b.ts'" },
    { 'protocols/a.ts': "import type { b } from '#node/ports.ts'" },
    { 'protocols/a.ts': "import { readFile } from 'node:fs/promises'" },
    { 'protocols/a.ts': "import { Level } from 'level'" },
    { 'policies/a.ts': "import { b } from '#node/b.ts'" },
    { 'policies/a.ts': "import { createHash } from 'node:crypto'" },
    { 'node/a.ts': "import { libp2pNetwork } from './adapters/libp2p-network.ts'" },
    { 'node/a.ts': "const { b } = await import('./adapters/level-store.ts')" },
    { 'node/a.ts': "import { run } from './main.ts'" },
    { 'node/a.ts': "import { createLibp2p } from 'libp2p'" },
    { 'node/a.ts': "import { createServer } from 'node:http'" },
    { 'node/main.ts': "import { memoryStore } from './adapters/memory-store.ts'" },
    { 'node/adapters/level-store.ts': "import { safeFetch } from './safe-fetch.ts'" },
    { 'node/adapters/level-store.ts': "import { TrustNode } from '#node/trust-node.ts'" },
    { 'node/adapters/level-store.ts': "import { createAgent } from '@veramo/core'" },
    { 'cli/a.ts': "import { operations } from '#node/api.ts'" },
    { 'cli/a.ts': "import { verifyFile } from '#node/offline.ts'" },
    { 'cli/a.ts': "import type { TrustNode } from '#node/trust-node.ts'" },
    { 'cli/a.ts': "import { parse } from 'yaml'" },
    { 'node/a.ts': "import { double } from './api-double.ts'" },
    { 'node/console/a.tsx': "import { operations } from '#node/api.ts'" },
    { 'node/console/a.tsx': "import type { TrustNode } from '#node/trust-node.ts'" },
    { 'node/console/a.tsx': "import { render } from 'react'" },
    { 'node/sheet/a.ts': "import { TrustError } from '#protocols/errors.ts'" },
    { 'cli/a.ts': "import { qrCodeOf } from '#node/sheet/qr.ts'" },
    { 'node/a.ts': "import { qrCodeOf } from './sheet/qr.ts'" },
    { 'node/http.ts': "import { App } from './console/app.tsx'" },
    { 'policies/a.test.ts': "import { b } from '#node/b.ts'" },
  ],
  passes: [
    { 'protocols/a.ts': "import { createHash } from 'node:crypto'\nimport { z } from 'zod'" },
    { 'node/main.ts': "const { openLevelStore } = await import('./adapters/level-store.ts')" },
    { 'node/adapters/libp2p-network.ts': "import { tcp } from '@libp2p/tcp'\nimport { wire } from './libp2p-wire.ts'" },
    { 'node/console/a.tsx': "import { render } from 'preact'\nimport type { NodeApi } from '#node/api.ts'\nimport { b } from './b.tsx'" },
    { 'cli/a.ts': "import type { NodeApi } from '#node/api.ts'\nconst { verifyFile } = await import('#node/offline.ts')" },
    { 'node/b.test.ts': "import { manualClock } from '#test-network/manual-clock.ts'" },
    { 'node/a.test.ts': "import { memoryStore } from './adapters/memory-store.ts'" },
    {
      'policies/a.ts':
        "const { import: importing, export: exporting } = sides\nconst both = [sides.import, 'x']\nconst of = { export: 1, import: 2 }\nlabel('from', 'y')",
    },
    { 'node/a.ts': "// import { b } from 'libp2p'\nconst c = \"import { b } from 'libp2p'\"" },
  ],
}

const specifiers: Check = {
  name: 'an import names a file that exists, with its ending, and crosses folders by #',
  check: badSpecifiers,
  breaks: [
    { 'node/a.ts': "import { b } from './b'", 'node/b.ts': '' },
    { 'node/a.ts': "import { b } from './b.ts'" },
    { 'node/a.ts': "import { b } from '../protocols/b.ts'", 'protocols/b.ts': '' },
  ],
  passes: [{ 'node/a.ts': "import { b } from './b.ts'\nimport { c } from '#protocols/c.ts'", 'node/b.ts': '', 'protocols/c.ts': '' }],
}

const circles: Check = {
  name: 'no file needs itself, by whatever way round',
  check: cycles,
  breaks: [
    { 'node/a.ts': "import { b } from './b.ts'", 'node/b.ts': "import { a } from '#node/a.ts'" },
    { 'node/a.ts': "import type { b } from './b.ts'", 'node/b.ts': "export { c } from './c.ts'", 'node/c.ts': "const a = await import('./a.ts')" },
  ],
  passes: [{ 'node/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'", 'node/b.ts': "import { c } from './c.ts'", 'node/c.ts': '' }],
}

const alive: Check = {
  name: 'every source file is reached from a program',
  check: orphans,
  breaks: [{ 'node/main.ts': '', 'node/a.ts': '', 'node/a.test.ts': "import { a } from './a.ts'" }],
  passes: [
    { 'node/main.ts': "const { a } = await import('./a.ts')", 'node/a.ts': "import type { b } from './b.ts'", 'node/b.ts': '', 'node/c.fixture.ts': '' },
  ],
}

const words: Check = {
  name: 'the core takes time, chance and output through its ports, and nobody silences a check',
  check: bannedWords,
  breaks: [
    { 'node/a.ts': 'const now = Date.now()' },
    { 'node/a.ts': 'const now = new Date()' },
    { 'node/a.ts': 'performance.now()' },
    { 'policies/a.ts': 'setTimeout(() => b, 5)' },
    { 'policies/a.ts': 'setInterval(b, 5)' },
    { 'node/a.ts': 'setImmediate(b)' },
    { 'node/a.ts': 'AbortSignal.timeout(5)' },
    { 'cli/a.ts': 'const b = Math.random()' },
    { 'protocols/a.ts': "import { randomBytes } from 'node:crypto'" },
    { 'protocols/a.ts': 'getRandomValues(b)' },
    { 'protocols/a.ts': "import { randomUUID } from 'node:crypto'" },
    { 'node/a.ts': 'const home = process.env' },
    { 'protocols/a.ts': `const a = \`\${process.pid}\`` },
    { 'protocols/a.ts': 'console.log(b)' },
    { 'node/a.ts': "await fetch('https://example.org')" },
    { 'node/a.ts': "export * from './b.ts'" },
    { 'node/a.ts': 'export default 1' },
    { 'cli/a.ts': 'const Anything = z.any()' },
    { 'node/a.test.ts': '// @ts-ignore\n' },
    { 'node/a.ts': '/* @ts-expect-error */' },
    { 'node/a.ts': `// ${unfinished}: later` },
    { 'node/a.ts': '// biome-ignore lint/style/useConst' },
    { 'cli/a.ts': '// biome-ignore lint/suspicious/noExplicitAny: it is easier' },
    { 'node/a.ts': '// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it is long' },
    ...['only', 'skip', 'todo', 'skipIf', 'runIf'].map((word) => ({ 'node/a.test.ts': `it.${word}('a', () => {})` })),
    { 'node/a.test.ts': "describe.skip('a', () => {})" },
    { 'node/a.contract.ts': "test.only('a', () => {})" },
  ],
  passes: [
    { 'node/a.ts': 'const at = new Date(ms)\nconst later = clock.setTimeout(5)\nconst c = "Date.now()" // Date.now()\n' },
    { 'node/a.ts': `// ${unfinished}(#41): later\nconst pattern = /Math.random\`/.test(b)` },
    { 'node/adapters/system.ts': 'const now = Date.now()\nsetTimeout(b, 5)' },
    { 'node/config.ts': 'const home = process.env' },
    { 'cli/a.ts': 'process.exitCode = 1' },
    { 'node/a.ts': 'const half = width / 2 + height / 3\nconst fetch = source.fetch(uri)' },
  ],
}

const facades: Check = {
  name: 'no file only hands on what others declare',
  check: barrels,
  breaks: [{ 'node/a.ts': "export { b } from './b.ts'\nexport type { c } from './c.ts'" }, { 'node/index.ts': 'export const a = 1' }],
  passes: [{ 'node/a.ts': "export type { b } from './b.ts'\nexport const c = 1" }],
}

const names: Check = {
  name: 'every file is named for an idea',
  check: ideaLessNames,
  breaks: ['node/utils.ts', 'node/date-helper.ts', 'cli/common/a.ts', 'docs/key-manager.md', 'node/a.test-helper.ts'].map((path) => ({ [path]: '' })),
  passes: [{ 'node/commonwealth.ts': '', 'node/did-key.ts': '' }],
}

const paths: Check = {
  name: 'nothing names a folder of one machine',
  check: machinePaths,
  breaks: [{ 'cli/a.ts': `const a = '${machine}'` }, { 'docs/a.md': `Look into \`${machine}\`.` }],
  passes: [{ 'cli/a.ts': `const a = 'https://example.org${machine}'\nconst b = '/etc/passwd'` }],
}

const openings: Check = {
  name: 'every source file begins with what it is for',
  check: namelessFiles,
  breaks: [{ 'node/a.ts': 'export const a = 1' }],
  passes: [
    { 'node/a.ts': '/** What it is for. */\nexport const a = 1', 'node/a.test.ts': "it('is plain', () => {})", 'cli/commands/a.ts': 'export const a = 1' },
  ],
}

const unused: Check = {
  name: 'every error code is raised somewhere',
  check: codesUnused,
  breaks: [errors, { ...errors, 'node/a.test.ts': "expect(code).toBe('DFFT_LIMIT')" }, { ...errors, 'node/a.ts': '// DFFT_LIMIT' }],
  passes: [{ ...errors, 'node/a.ts': "throw new TrustError('DFFT_LIMIT', 'too much')" }],
}

const unlisted: Check = {
  name: 'every error code in code and documents is in the table',
  check: codesUnknown,
  breaks: [
    { ...errors, 'node/a.ts': "throw new TrustError('DFFT_TOO_MUCH', 'too much')" },
    { ...errors, 'docs/a.md': 'It answers `DFFT_TOO_MUCH`.' },
  ],
  passes: [
    {
      ...errors,
      'cli/a.ts': 'const dir = env.DFFT_DIR',
      'node/a.ts': "throw new TrustError('DFFT_LIMIT', 'DFFT_TOO_MUCH is gone')",
      'docs/a.md': 'It answers `DFFT_LIMIT` and reads DFFT_DIR.',
    },
  ],
}

const packages: Check = {
  name: 'every package is pinned, imported, and in the table that says why it is here',
  check: dependencies,
  breaks: [
    { 'package.json': manifest('4.0.0'), 'docs/architecture.md': '| `zod` | the door |' },
    { 'package.json': manifest('4.0.0'), 'node/a.ts': "import { z } from 'zod'" },
    { 'package.json': manifest('^4.0.0'), 'docs/architecture.md': '| `zod` | the door |', 'node/a.ts': "import { z } from 'zod'" },
    { 'package.json': '{}', 'node/a.ts': "import { z } from 'zod'" },
    { 'package.json': optional, 'docs/architecture.md': '| `fast` | speed |', 'node/adapters/a.ts': "import { b } from 'fast'" },
  ],
  passes: [
    { 'package.json': manifest('4.0.0'), 'docs/architecture.md': '| `zod` | the door |', 'node/a.ts': "import { z } from 'zod'" },
    { 'package.json': optional, 'docs/architecture.md': '| `fast` | speed |', 'node/adapters/a.ts': "const b = await import('fast')" },
  ],
}

const top: Check = {
  name: 'the top of the repository holds what is agreed and nothing else',
  check: strangersAtTop,
  breaks: [{ 'src/a.ts': '' }, { 'notes.md': '' }],
  passes: [{ 'README.md': '', 'node/a.ts': '', 'docs/a.md': '' }],
}

const leads: Check = {
  name: 'a document names files that exist',
  check: deadPaths,
  breaks: [{ 'docs/a.md': 'See `node/gone.ts`.' }, { 'docs/a.md': '[gone](gone.md)' }, { 'node/decisions/a.md': '[b](../b.ts)', 'b.ts': '' }],
  passes: [{ 'docs/a.md': '`node/b.ts`, [b](../node/b.ts), [c](https://example.org/c), `node/*.ts`, [d](#d)', 'node/b.ts': '' }],
}

const lint: Check = {
  name: 'the linter refuses functions over 70 lines, any, and the non-null mark, but in tests',
  check: linterRules,
  breaks: [linter(71, []), linter(70, ['node/**'])],
  passes: [linter(70, ['**/*.test.ts', 'test-network/**'])],
}

const checks: readonly Check[] = [layers, specifiers, circles, alive, words, facades, names, paths, openings, unused, unlisted, packages, top, leads, lint]

describe('a check that cannot fail proves nothing', () => {
  for (const { name, check, breaks, passes } of checks) {
    it(`finds what breaks it: ${name}`, () => {
      for (const sample of breaks) expect(check(treeOf(sample)), JSON.stringify(sample)).toHaveLength(1)
      for (const sample of passes) expect(check(treeOf(sample)), JSON.stringify(sample)).toEqual([])
    })
  }
})

describe('this repository', () => {
  const repository = readTree(fileURLToPath(new URL('..', import.meta.url)))

  it('is read whole: every folder has sources, and every source its tokens', () => {
    for (const folder of ['protocols/', 'policies/', 'node/', 'node/adapters/', 'cli/', 'test-network/'])
      expect(repository.sources.filter(({ path }) => path.startsWith(folder)).length, folder).toBeGreaterThan(3)
    expect(repository.sources.filter(({ code, comments }) => code.length + comments.length === 0).map(({ path }) => path)).toEqual([])
  })

  for (const { name, check } of checks) it(name, () => expect(check(repository)).toEqual([]))
})
