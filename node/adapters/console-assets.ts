/**
 * The web console as files: read from a folder that `buildConsole` wrote, or, in a checkout, made from its sources when first wanted.
 *
 * esbuild is a development dependency. A shipped package has the folder `console/` beside this file (or beside the bundle this file is part of).
 */
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { ConsoleFile, ConsoleFiles } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}
const listName = 'files.json'

/** Reads or makes nothing before the first file is asked for. */
export function consoleFiles(folder = join(import.meta.dirname, 'console'), sources = join(import.meta.dirname, '..', 'console')): ConsoleFiles {
  let files: Promise<ReadonlyMap<string, ConsoleFile>> | undefined
  const load = async () => (await readBuilt(folder)) ?? (await fromSources(sources))
  return {
    at: async (path) => {
      files ??= load().catch((thrown) => {
        files = undefined
        throw thrown
      })
      return (await files).get(path)
    },
  }
}

/** What esbuild says of a build: which files went into which. */
type Metafile = NonNullable<Awaited<ReturnType<typeof import('esbuild')['build']>>['metafile']>

export interface BuiltConsole {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly brotliBytes: number }[]
  /** What it is made of. */
  readonly metafiles: readonly Metafile[]
}

/** Writes the console into a folder, for a package: each file, the same in brotli and gzip, and `files.json`, which lists them. */
export async function buildConsole(folder: string): Promise<BuiltConsole> {
  const { files, metafiles } = await make(join(import.meta.dirname, '..', 'console'), constants.BROTLI_MAX_QUALITY)
  await mkdir(folder, { recursive: true })
  await Promise.all(
    [...files].flatMap(([path, { body, brotli = body, gzip = body }]) => {
      const file = join(folder, fileOf(path))
      return [writeFile(file, body), writeFile(`${file}.br`, brotli), writeFile(`${file}.gz`, gzip)]
    }),
  )
  await writeFile(join(folder, listName), `${JSON.stringify([...files.keys()])}\n`)
  return { files: [...files].map(([path, { body, brotli = body }]) => ({ path, bytes: body.length, brotliBytes: brotli.length })), metafiles }
}

function fileOf(path: string): string {
  return path === '/' ? 'index.html' : isPage(path) ? `${basename(path)}.html` : basename(path)
}

async function readBuilt(folder: string): Promise<ReadonlyMap<string, ConsoleFile> | undefined> {
  const list = await readFile(join(folder, listName), 'utf8').catch(() => undefined)
  if (list === undefined) return undefined
  const paths = JSON.parse(list) as string[] // Written by `buildConsole`.
  const read = async (path: string) => {
    const file = join(folder, fileOf(path))
    const [body, brotli, gzip] = await Promise.all([readFile(file), readFile(`${file}.br`), readFile(`${file}.gz`)])
    return [path, { type: typeOf(path), body, brotli, gzip, forGood: !isPage(path) }] as const
  }
  return new Map(await Promise.all(paths.map(read)))
}

let made: Promise<ReadonlyMap<string, ConsoleFile>> | undefined

/** Once a process, whoever asks: two builds at once would end each other's helper. */
async function fromSources(sources: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  await access(join(sources, 'main.tsx')).catch((cause) => {
    throw new TrustError('DFFT_NOT_FOUND', 'the files of the web console are not part of this package', {}, { cause })
  })
  made ??= make(sources, 5).then(
    ({ files }) => files,
    (thrown) => {
      made = undefined
      throw thrown
    },
  )
  return made
}

async function make(sources: string, quality: number): Promise<{ readonly files: ReadonlyMap<string, ConsoleFile>; readonly metafiles: readonly Metafile[] }> {
  const { build, stop } = await import('esbuild').catch((cause) => {
    throw new TrustError('DFFT_NOT_FOUND', 'the web console is made with esbuild, which is not installed: run `npm ci`', {}, { cause })
  })
  const common = {
    outdir: sources,
    bundle: true,
    format: 'esm' as const,
    minify: true,
    target: ['chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic' as const,
    jsxImportSource: 'preact',
    charset: 'utf8' as const,
    legalComments: 'none' as const,
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    publicPath: '/assets',
    write: false as const,
    metafile: true as const,
    logLevel: 'silent' as const,
  }
  const { outputFiles, metafile } = await build({ ...common, entryPoints: [join(sources, 'main.tsx'), join(sources, 'style.css')], splitting: true })
  // By itself, so that it names no part of the console: it is served to strangers, and the console is not.
  const alone = await build({ ...common, entryPoints: { verify: join(sources, 'public', 'standalone.tsx') }, splitting: false })
  await stop()
  const assets = [...outputFiles, ...alone.outputFiles].map(({ path, contents }) => [`/assets/${basename(path)}`, contents] as const)
  const named = (start: string, end: string) => assets.map(([path]) => path).find((path) => path.startsWith(`/assets/${start}-`) && path.endsWith(end)) ?? ''
  const style = named('style', '.css')
  const pages = [
    ['/', Buffer.from(pageText(named('main', '.js'), style))],
    ['/verify', Buffer.from(pageText(named('verify', '.js'), style))],
  ] as const
  const files = await Promise.all([...pages, ...assets].map(async ([path, body]) => [path, await packed(path, body, quality)] as const))
  return { files: new Map(files), metafiles: [metafile, alone.metafile] }
}

async function packed(path: string, body: Uint8Array, quality: number): Promise<ConsoleFile> {
  const [small, zipped] = await Promise.all([brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }), zip(body, { level: 9 })])
  return { type: typeOf(path), body, brotli: small, gzip: zipped, forGood: !isPage(path) }
}

function isPage(path: string): boolean {
  return path === '/' || path === '/verify'
}

function typeOf(path: string): string {
  return types[isPage(path) ? 'html' : (path.split('.').at(-1) ?? '')] ?? 'application/octet-stream'
}

/** A sheet with a seal: three arcs that meet in a point. */
const icon = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#0b4a8f'/><g fill='none' stroke='#fff' stroke-width='2.4' stroke-linecap='round'><path d='M7 22C9 12 13 9 16 9s7 3 9 13'/><path d='M16 9v14'/></g><circle cx='16' cy='9' r='3' fill='#fff'/></svg>`

function pageText(script: string, style: string): string {
  const digest = createHash('sha256').update(`${script}${style}`).digest('hex').slice(0, 12)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="dfft ${digest}">
<title>dfft</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body><div id="page"><p class="starting" lang="en">dfft</p></div>
<noscript><p class="starting">This console works in the browser and needs JavaScript. / このコンソールには JavaScript が必要です。</p></noscript>
</body>
</html>
`
}
