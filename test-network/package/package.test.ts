/** What is said about the package before it is built: what is in it, what may run when it is installed, and what the image is made of. */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { confinement } from '#cli/confinement.ts'
import { screenFor, screensOf } from '#cli/first-screen.ts'
import { japanese } from '#cli/help-words.ts'
import { english, helpScreen } from '#cli/main.ts'
import { runtimeFlags } from '#cli/node-process.ts'
import { type Lock, notice } from './licences.ts'
import { billOfMaterials, installed } from './sbom.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const production = [...installed(lock, Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))]
const own = { name: 'dfft', version: '0.1.0', license: 'Apache-2.0' }

test('the packages reached from the manifest are those that npm keeps for production', () => {
  // `dev` alone: npm marks by it what production does not need.
  const kept = Object.entries(lock.packages).flatMap(([path, { dev }]) => (path === '' || dev ? [] : path))
  expect([...production].sort()).toEqual(kept.sort())
  expect(production.length).toBeLessThanOrEqual(250)
})

test('no package may run a script when it is installed, but those that were looked at', () => {
  const scripted = Object.entries(lock.packages).flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? path : []))
  expect(scripted).toEqual(['node_modules/classic-level', 'node_modules/esbuild', 'node_modules/node', 'node_modules/pkcs11js'])
})

test('the bill of materials names each package with the version and the hash of the lock file, once, and is the same each time', () => {
  const bill = billOfMaterials(lock, own, { inside: ['node_modules/zod'], outside: ['level'] })
  expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['zod', 'level', 'classic-level', 'abstract-level', 'node-gyp-build']))
  for (const { name, version, hashes, 'bom-ref': ref } of bill.components) {
    const { integrity, version: locked } = lock.packages[ref.split('|')[1] ?? ''] ?? { version: null }
    expect({ name, version: locked, hash: integrity }).toEqual({
      name,
      version,
      hash: `sha512-${Buffer.from(hashes[0]?.content ?? '', 'hex').toString('base64')}`,
    })
  }
  expect(new Set(bill.components.map((one) => one['bom-ref'])).size).toBe(bill.components.length)
  expect(billOfMaterials(lock, own, { inside: ['node_modules/zod'], outside: ['level'] })).toEqual(bill)
  expect(billOfMaterials(lock, own, { inside: [], outside: ['level'] }).serialNumber).not.toBe(bill.serialNumber)
})

test('a package goes inside with its licence, and not under terms that nobody looked at', async () => {
  expect(await notice(root, lock, ['node_modules/zod'])).toContain(`zod ${lock.packages['node_modules/zod']?.version} (MIT)`)
  await expect(notice(root, { packages: { 'node_modules/zod': { version: '1.0.0', license: 'GPL-3.0' } } }, ['node_modules/zod'])).rejects.toThrow('GPL-3.0')
})

test('the image copies what exists, and starts the node with the flags that `dfft up` gives it, confined to its code, its secrets and its volume', async () => {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, names]) => (names ?? '').split(' '))
  expect(copied).toContain('test-network/package')
  for (const name of copied) await access(join(root, name))
  const start: unknown = JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '')
  const confined = confinement({ code: ['/app/*'], dir: '/data', reads: ['/run/secrets/*'] })
  expect(start).toEqual(['node', ...confined, ...runtimeFlags, 'app/node.js', 'run', '--dir', '/data', '--passphrase-file', '/run/secrets/dfft-passphrase'])
})

test('the first screen is the parser’s on a terminal of any width, in either language', async () => {
  for (const [lang, tongue] of Object.entries({ en: english, ja: japanese })) {
    const screens = screensOf((columns) => helpScreen(tongue, columns))
    const shown = (output: object) =>
      screenFor(
        ['--help'],
        { LANG: lang },
        () => output,
        () => screens,
      )
    for (const columns of [0, 1, 40, 79, 80, 81, 120, 400, 4000]) expect(shown({ isTTY: true, columns })).toBe(helpScreen(tongue, columns))
    // Into a file or a pipe it goes as wide as usual.
    expect(shown({ columns: 120 })).toBe(helpScreen(tongue, 80))
  }
})

test('the first screen is in the language that the environment names, and for no other words', () => {
  const shown = (words: readonly string[], env: Readonly<Record<string, string>>) =>
    screenFor(
      words,
      env,
      () => ({}),
      (lang) => [[0, lang]],
    )
  expect(shown(['-h'], { LANG: 'en_GB.UTF-8' })).toBe('en')
  expect(shown(['-h'], { LANG: 'en_GB.UTF-8', DFFT_LANG: 'ja' })).toBe('ja')
  for (const words of [[], ['peer', '--help'], ['--lang', 'ja', '--help']]) expect(shown(words, {})).toBeUndefined()
})
