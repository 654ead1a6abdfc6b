/** What is said about the package before it is built: what is in it, what may run when it is installed, and what the image is made of. */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { confinement } from '#cli/confinement.ts'
import { firstScreen } from '#cli/first-screen.ts'
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

test.each([
  ['as the package was made', ['--help'], {}, {}, 'help.txt'],
  ['on a screen as wide', ['-h'], {}, { isTTY: true, columns: 80 }, 'help.txt'],
  ['by the parser on another', ['--help'], {}, { isTTY: true, columns: 120 }, undefined],
  ['by the parser for who reads Japanese', ['--help'], { LANG: 'ja_JP.UTF-8' }, {}, undefined],
  ['by the parser of a command', ['peer', '--help'], {}, {}, undefined],
] as const)('the first screen comes %s', (_, words, env, output, file) => {
  expect(firstScreen(words, env, () => output)).toBe(file)
})
