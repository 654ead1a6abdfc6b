/** Whose work is inside the package, and under which terms: NOTICE, made of the licence files that the packages came with. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

export interface Locked {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** What we read of npm's lock file. */
export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>
}

/** The packages of which a bundle holds something, as paths of the lock file, in their order. */
export function packagesOf({ inputs, outputs }: Metafile): readonly string[] {
  const used = new Set(
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs).flatMap(([name, { bytesInOutput }]) => (bytesInOutput > 0 ? name : []))),
  )
  const paths = Object.keys(inputs).flatMap((name) =>
    used.has(name) ? (/(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []) : [],
  )
  return [...new Set(paths)].sort()
}

/** @throws {Error} for a package without a licence that may be passed on */
export async function notice(root: string, { packages }: Lock, inside: readonly string[]): Promise<string> {
  const texts = await Promise.all(inside.map(async (path) => ({ path, text: await licenceText(join(root, path)) })))
  // Many packages come under the very same text, which is then given once.
  const byText = Map.groupBy(texts, ({ text }) => text.replace(/\s+/g, ' ').trim())
  const parts = [...byText.values()].map((group) => {
    const names = group.map(({ path }) => `${nameOf(path)} ${packages[path]?.version} (${licenceOf(path, packages[path])})`)
    return `${names.join('\n')}\n\n${group[0]?.text.trim() || 'Its package has no licence file; the terms are those named above.'}\n`
  })
  return `This program holds the work of others, under these terms.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** Terms under which a package may be passed on inside another. */
const passedOn = new Set(['MIT', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0 OR MIT', '(Apache-2.0 AND MIT)'])

/** What a package's own manifest leaves to a file: read, and found to be these. */
const read: Readonly<Record<string, string>> = { '@digitalbazaar/credentials-context': 'BSD-3-Clause; its contexts W3C Software and Document License' }

function licenceOf(path: string, locked: Locked | undefined): string {
  const known = read[nameOf(path)]
  if (known !== undefined) return known
  const named = locked?.license ?? ''
  if (!passedOn.has(named)) throw new Error(`${path} comes under \`${named}\`: look whether it may be passed on`)
  return named
}

async function licenceText(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name) && !/\.[jt]s$/.test(name)).sort()
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n')
}
