/** The repository, or a made-up one, as files and their texts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Source, sourceOf } from './source.ts'

export interface Tree {
  /** Names at the top, folders without a slash. */
  readonly top: readonly string[]
  /** Every text file that people write: source, documents, settings. */
  readonly files: ReadonlyMap<string, string>
  readonly sources: readonly Source[]
}

/** Of a picture only that it is there. */
const picture = /\.png$/
const written = /\.(?:tsx?|md|json|ya?ml|csv|html|css|js|txt)$|^\.ci\/run$|Dockerfile$/
const rooms = /^(?:protocols|policies|node|cli|test-network)\/.*\.tsx?$|^vitest\.config\.ts$/

export function readTree(root: string): Tree {
  const files: Record<string, string> = {}
  const ignored = ignoredBy(readFileSync(join(root, '.gitignore'), 'utf8'))
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (ignored.test(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else if (picture.test(path)) files[path] = ''
      else if (written.test(path) && path !== 'package-lock.json') files[path] = readFileSync(join(root, path), 'utf8')
    }
  }
  visit('')
  return { ...treeOf(files), top: readdirSync(root).filter((name) => !ignored.test(name)) }
}

/** Names that git does not take in, by the lines of its ignore file: no paths and no exceptions are read. */
function ignoredBy(lines: string): RegExp {
  const names = lines.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const patterns = names.map((name) => name.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '.*'))
  return new RegExp(`^(?:${['\\.git', ...patterns].join('|')})$`)
}

/** A tree out of texts by path: what the checks are tried on. */
export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  const files = new Map(Object.entries(texts).sort(([left], [right]) => (left < right ? -1 : 1)))
  const sources = [...files].filter(([path]) => rooms.test(path)).map(([path, text]) => sourceOf(path, text))
  return { top: [...new Set([...files.keys()].map((path) => path.replace(/\/.*/, '')))], files, sources }
}

/** Files that only tests load; what they hold is never part of a running node. */
export function forTests(path: string): boolean {
  return /\.(?:test|contract|fixture)\.ts$/.test(path) || /-double\.ts$/.test(path)
}
