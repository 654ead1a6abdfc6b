/**
 * `npm run build`: the package as it is published, in `dist/`: compiled, split into lazily loaded parts, with the files it reads.
 *
 * What has a binary stays outside, as a dependency that brings its own prebuilt ones. Every other package is inside, and its licence in NOTICE.
 * The same sources and packages give the same bytes: nothing of the time or the machine goes in.
 */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build as bundle, type Metafile, type Plugin } from 'esbuild'
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

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const

/** The same library as modules, of which a part can be loaded by name and the rest be left out. */
const yamlInParts = { yaml: join(root, 'node_modules/yaml/browser/index.js') }

export interface Built {
  readonly folder: string
  /** Names of the packages that are inside, as paths of the lock file. */
  readonly inside: readonly string[]
}

export async function build(folder = join(root, 'dist')): Promise<Built> {
  await rm(folder, { recursive: true, force: true })
  const files = new Set<string>()
  const { metafile } = await bundle({
    ...common,
    entryPoints: Object.entries(programs).map(([out, file]) => ({ in: file, out })),
    outdir: join(folder, 'app'),
    splitting: true,
    format: 'esm',
    sourcemap: 'external',
    metafile: true,
    external: [...outside, ...unused],
    alias: yamlInParts,
    // Either program is the one that was started; in its parts `import.meta.main` would be false.
    define: { 'import.meta.main': 'true' },
    // Packages in the older module format ask for modules of Node by `require`.
    banner: { js: "import{createRequire as dfftRequire}from'node:module';const require=dfftRequire(import.meta.url);" },
    plugins: [besides(files)],
  })
  refuseNamed(metafile)
  await apart(folder)
  for (const file of files) await copyShipped(file, folder)
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock // npm's own file.
  const { metafiles } = await buildConsole(join(folder, 'app/console'))
  const inside = [...new Set([metafile, ...metafiles].flatMap(packagesOf))].sort()
  await describe(folder, lock, inside)
  await bundleStart(join(folder, 'app/dfft.cjs'))
  await bundleClient(join(folder, 'app'))
  await keepFirstScreen(folder)
  return { folder, inside }
}

/**
 * Of a module in the older format that is loaded lazily only the default is there: one that is asked for by name would be missing at work.
 *
 * @throws {Error} for one that is not known to be taken by its default
 */
function refuseNamed({ inputs }: Metafile): void {
  const byDefault = /\/(?:jsonld|rdf-canonize|data-integrity-context)\//
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const wrong = imports.find(({ path, kind }) => kind === 'dynamic-import' && inputs[path]?.format === 'cjs' && !byDefault.test(path))
    if (wrong) throw new Error(`${importer} loads ${wrong.path}, which is in the older module format: take it by its default, and add it here`)
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
        const contents = text.replace(pattern, (_, name: string) => {
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

/** Source maps are for whoever looks into a fault, and not for whoever installs. */
async function apart(folder: string): Promise<void> {
  await mkdir(join(folder, 'maps'))
  for (const name of await readdir(join(folder, 'app'))) if (name.endsWith('.map')) await rename(join(folder, 'app', name), join(folder, 'maps', name))
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
    plugins: [
      {
        name: 'the program is a file of its own',
        setup: (build) => build.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './cli.js', external: true })),
      },
    ],
  })
  await chmod(outfile, 0o755)
}

/** For programs: one file, and its types in another, which need nothing else. */
async function bundleClient(folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await bundle({ ...common, entryPoints: ['cli/client.ts'], outfile: join(folder, 'client.js'), format: 'esm', alias: yamlInParts })
  await writeFile(join(folder, 'client.d.ts'), declarations(version))
}

/** The parser's own words, which the program then need not make again. */
async function keepFirstScreen(folder: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'app/dfft.cjs'), '--plain', '--help'], { env: {} })
  await writeFile(join(folder, 'app/help.txt'), stdout)
}

async function describe(folder: string, lock: Lock, inside: readonly string[]): Promise<void> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const versionOf = (name: string) => lock.packages[`node_modules/${name}`]?.version
  const needed = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, versionOf(name)]))
  const { name, version, description, license, engines, type } = own
  const optional = outside.filter((one) => one in own.optionalDependencies)
  const manifest = {
    ...{ name, version, description, license, private: own.private, type, engines },
    bin: { dfft: 'app/dfft.cjs' },
    exports: { './client': { types: './app/client.d.ts', default: './app/client.js' }, './package.json': './package.json' },
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
