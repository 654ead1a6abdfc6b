/**
 * `npm run build`: the package as it is published, in `dist/`: compiled, split into lazily loaded parts, with the files it reads.
 *
 * What has a binary stays outside, as a dependency that brings its own prebuilt ones. Every other package is inside, and its licence in NOTICE.
 * The same sources and packages give the same bytes: nothing of the time or the machine goes in.
 */
import { chmod, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle, type Metafile, type Plugin, type PluginBuild, transform } from 'esbuild'
import { screensOf } from '#cli/first-screen.ts'
import { japanese } from '#cli/help-words.ts'
import { english, helpScreen } from '#cli/main.ts'
import { buildConsole } from '#node/adapters/console-assets.ts'
import { declarations } from './declarations.ts'
import { type Lock, notice, packagesOf } from './licences.ts'
import { billOfMaterials } from './sbom.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Packages with binaries, or with one below them. Whoever installs gets them from the registry, prebuilt where there is one for his machine. */
export const outside = ['level', 'sodium-native', 'pkcs11js']
/** Makes the console in a checkout; the package has it made. */
const unused = ['esbuild']

/** Programs, by the name of their file in the package. */
const programs = { cli: 'cli/main.ts', node: 'node/main.ts' }

const compiled = { platform: 'node', target: 'node24', minify: true, legalComments: 'none', logLevel: 'warning' } as const
/** What is loaded lazily is in the older module format too: the newer loader need not start for it. */
const supported = { 'dynamic-import': false } as const
const common = { ...compiled, absWorkingDir: root, bundle: true } as const

/** The same library as modules, of which a part can be loaded by name and the rest be left out. */
const yamlInParts = { yaml: join(root, 'node_modules/yaml/browser/index.js') }

export interface Built {
  readonly folder: string
  /** Names of the packages that are inside, as paths of the lock file. */
  readonly inside: readonly string[]
}

export async function build(folder = join(root, 'dist')): Promise<Built> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'maps'), { recursive: true })
  const files = new Set<string>()
  const { metafile } = await bundle({
    ...common,
    entryPoints: Object.entries(programs).map(([out, file]) => ({ in: file, out })),
    outdir: join(folder, 'app'),
    splitting: true,
    format: 'esm',
    sourcemap: 'inline',
    metafile: true,
    external: [...outside, ...unused],
    alias: yamlInParts,
    // Either program is the one that was started; in its parts `import.meta.main` would be false.
    define: { 'import.meta.main': 'true' },
    plugins: [besides(files), withoutPrograms, withoutWebCrypto, pinnedContexts, largePatterns, assertions],
  })
  refuseNamed(metafile)
  for (const output of Object.keys(metafile.outputs)) await asCommonJs(join(root, output), folder)
  for (const file of files) await copyShipped(file, folder)
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock // npm's own file.
  const { metafiles } = await buildConsole(join(folder, 'app/console'))
  const inside = [...new Set([metafile, ...metafiles].flatMap(packagesOf))].sort()
  await describe(folder, lock, inside)
  await bundleStart(join(folder, 'app/dfft.cjs'))
  await bundleClient(join(folder, 'app'))
  await keepFirstScreens(folder)
  return { folder, inside }
}

/**
 * Of a module in the older format that is loaded lazily only the default is there: one that is asked for by name would be missing at work.
 *
 * @throws {Error} for one that a source loads so
 */
function refuseNamed({ inputs }: Metafile): void {
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const wrong = imports.find(({ path, kind }) => kind === 'dynamic-import' && inputs[path]?.format === 'cjs')
    if (wrong) throw new Error(`${importer} loads ${wrong.path}, which is in the older module format: import it in a module that is loaded in its place`)
  }
}

/**
 * Files that sources name by `new URL('…', import.meta.url)`: they go into the package under the same path, and the name is made to lead there.
 * A program of ours is named by its compiled file.
 */
function besides(files: Set<string>): Plugin {
  const pattern = /new URL\('([^']+)', import\.meta\.url\)/g
  return {
    name: 'files beside the sources',
    setup(build) {
      build.onLoad({ filter: /\/(?:cli|node|policies|protocols)\/[^/].*\.ts$/ }, async ({ path }) => {
        if (path.includes('/node_modules/')) return undefined
        const text = await readFile(path, 'utf8')
        refuseMembers(path, text)
        const contents = text.replace("import { z } from 'zod'", "import * as z from 'zod'").replace(pattern, (_, name: string) => {
          const file = posix.join(relative(root, dirname(path)), name)
          const program = Object.entries(programs).find(([, source]) => source === file)
          if (!program) files.add(file)
          return `new URL('${program ? `./${program[0]}.js` : `../${file}`}', import.meta.url)`
        })
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** The parser could start subcommands that are programs of their own. Ours are not, and Node would load its processes and sockets for them each time. */
const withoutPrograms: Plugin = {
  name: 'no programs behind subcommands',
  setup(build) {
    const name = 'no programs'
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /\/node_modules\/commander\//.test(importer) ? { path: name, namespace: name } : null,
    )
    build.onLoad({ filter: /^/, namespace: name }, () => ({ contents: 'export default {}' }))
  },
}

/** Node's own, which takes seven modules to tell what was wrong, is loaded when something is. Ours only ever ask whether a thing holds. */
const assertions: Plugin = {
  name: 'assertions',
  setup(build) {
    const name = 'assertions'
    build.onResolve({ filter: /^node:assert(\/strict)?$/ }, ({ importer }) => (/\/node_modules\//.test(importer) ? null : { path: name, namespace: name }))
    build.onLoad({ filter: /^/, namespace: name }, () => ({
      contents: `export const strict = (held, message) => { if (!held) process.getBuiltinModule('node:assert').strict(held, message) }
export default strict`,
    }))
  },
}

/** Canonical RDF is made with Node's own hashes; the package also asks for the web's, which nobody uses here and which Node loads when it is asked for. */
const withoutWebCrypto: Plugin = {
  name: 'no web cryptography for canonical RDF',
  setup(build) {
    const name = 'no web cryptography'
    build.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      /\/rdf-canonize\/lib\/platform\.js$/.test(importer) ? { path: name, namespace: name } : null,
    )
    build.onLoad({ filter: /^/, namespace: name }, () => ({ contents: 'export default {}' }))
  },
}

/** Of each package of contexts the one that is pinned in `rdfc-contexts.ts`: no other is ever asked for, and a start would make them all. */
const pinnedContexts: Plugin = {
  name: 'contexts that are pinned',
  setup(build) {
    const inPlace = (filter: RegExp, contents: string) => build.onLoad({ filter }, () => ({ contents, loader: 'js' }))
    inPlace(
      /\/credentials-context\/lib\/index\.js$/,
      "import context from './v2.js'\nexport const contexts = new Map([['https://www.w3.org/ns/credentials/v2', context]])",
    )
    inPlace(
      /\/data-integrity-context\/js\/index\.js$/,
      "exports.contexts = new Map([['https://w3id.org/security/data-integrity/v2', require('./data-integrity-v2')]])",
    )
  },
}

/**
 * Patterns of packages that cost a start half a millisecond each. Canonical RDF is only ever written, and what would read it is made when the package is
 * loaded; the parser asks each option for a category of Unicode that the engine looks up in all of it, and few options have dots.
 */
const largePatterns: Plugin = {
  name: 'no large patterns at a start',
  setup(build) {
    replaceIn(build, /\/rdf-canonize\/lib\/NQuads\.js$/, /^\(\(\) => \{\n.*?^\}\)\(\);\n/ms, '')
    replaceIn(build, /\/commander\/lib\/option\.js$/, 'this.variadic = /', "this.variadic = flags.includes('...') && /")
  },
}

/** @throws {Error} in the build, when the package no longer has it */
function replaceIn(build: PluginBuild, filter: RegExp, what: string | RegExp, by: string): void {
  build.onLoad({ filter }, async ({ path }) => {
    const text = await readFile(path, 'utf8')
    const contents = text.replace(what, by)
    if (contents === text) throw new Error(`${path} no longer has what is replaced there`)
    return { contents, loader: 'js' }
  })
}

/** @throws {Error} for a source that takes of Node's assertions more than the stand-in for them has */
function refuseMembers(path: string, text: string): void {
  if (text.includes("from 'node:assert") && /\bassert\.\w/.test(text)) throw new Error(`${path} asks more of \`node:assert\` than whether a thing holds`)
}

/**
 * A part in the older module format, which Node starts in half the time: a module of Node that is imported has all that it exports looked at, and
 * `node:http` alone then loads its WebSocket. Source maps are for whoever looks into a fault, and not for whoever installs.
 */
async function asCommonJs(file: string, folder: string): Promise<void> {
  // A part that is loaded lazily is what it exports; the rules by which the newer format takes older modules are for those of others.
  // Where a part begins as a script, its first line is no code.
  const text = (await readFile(file, 'utf8')).replace(/^#!.*/, '').replace(/\bimport\(("\.\/[^"]+")\)/g, 'Promise.resolve().then(()=>require($1))')
  const { code, map } = await transform(text, {
    ...compiled,
    supported,
    format: 'cjs',
    sourcefile: file.replace(/\.js$/, '.mjs'),
    sourcemap: 'external',
    define: { 'import.meta.url': 'dfftUrl', 'import.meta.dirname': '__dirname' },
    // Modules are strict, and so is what is made of them.
    banner: `'use strict';${text.includes('import.meta.url') ? "const dfftUrl=require('node:url').pathToFileURL(__filename).href;" : ''}`,
  })
  await writeFile(file, withExports(code))
  await writeFile(join(folder, 'maps', `${basename(file)}.map`), map)
}

/**
 * What a part exports are properties that are read late. The compiler defines each by a function that is made for it, and then once more in a copy that
 * says of itself that it was a module; as one literal they take a fraction of the time.
 *
 * @throws {Error} for a part that exports in another way
 */
function withExports(code: string): string {
  const defined = /var ([\w$]+)=\{\};[\w$]+\(\1,\{((?:[\w$]+:\(\)=>[\w$.]+,?)+)\}\);module\.exports=[\w$]+\(\1\);/
  const changed = code.replace(defined, (_, _name, list: string) => `module.exports={${list.replace(/([\w$]+):\(\)=>([\w$.]+)/g, 'get $1(){return $2}')}};`)
  if (changed === code && code.includes('module.exports=')) throw new Error('the compiler no longer writes what a part exports as it did')
  return changed
}

async function copyShipped(file: string, folder: string): Promise<void> {
  const from = join(root, file)
  await stat(from) // Names that lead nowhere end the build.
  await cp(from, join(folder, file), { recursive: true, filter: (path) => !/\.test\.ts$|\.ts$/.test(path) })
}

/** The first file by itself, in the format that Node starts soonest: one small file between Node and the first screen. */
async function bundleStart(outfile: string): Promise<void> {
  await bundle({
    ...common,
    entryPoints: ['cli/packaged.ts'],
    outfile,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    define: { 'import.meta.dirname': '__dirname' },
    supported,
  })
  await chmod(outfile, 0o755)
}

/** For programs: one file, and its types in another, which need nothing else. */
async function bundleClient(folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await bundle({ ...common, entryPoints: ['cli/client.ts'], outfile: join(folder, 'client.mjs'), format: 'esm', alias: yamlInParts })
  await writeFile(join(folder, 'client.d.mts'), declarations(version))
}

/** The parser's own screens, which the program then need not make again. */
async function keepFirstScreens(folder: string): Promise<void> {
  for (const [lang, tongue] of Object.entries({ en: english, ja: japanese }))
    await writeFile(join(folder, `app/help-${lang}.json`), JSON.stringify(screensOf((columns) => helpScreen(tongue, columns))))
}

async function describe(folder: string, lock: Lock, inside: readonly string[]): Promise<void> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const versionOf = (name: string) => lock.packages[`node_modules/${name}`]?.version
  const needed = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, versionOf(name)]))
  const { name, version, description, license, engines } = own
  const optional = outside.filter((one) => one in own.optionalDependencies)
  const manifest = {
    ...{ name, version, description, license, private: own.private, type: 'commonjs', engines },
    bin: { dfft: 'app/dfft.cjs' },
    exports: { './client': { types: './app/client.d.mts', default: './app/client.mjs' }, './package.json': './package.json' },
    files: ['*', '!maps'],
    dependencies: needed(outside.filter((one) => !optional.includes(one))),
    optionalDependencies: needed(optional),
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await writeFile(join(folder, 'NOTICE'), await notice(root, lock, inside))
  await writeFile(join(folder, 'sbom.json'), `${JSON.stringify(billOfMaterials(lock, { name, version, license }, { inside, outside }), null, 1)}\n`)
  for (const file of ['LICENSE', 'README.md']) await cp(join(root, file), join(folder, file))
}

if (import.meta.main) {
  const { inside } = await build()
  process.stdout.write(`dist/: ${inside.length} packages inside, ${outside.length} outside\n`)
}
