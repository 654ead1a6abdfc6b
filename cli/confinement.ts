/**
 * Node's permission model for a node that a service manager or a container starts: it reads its code, its packages, its folder and what it is told,
 * writes to its folder, and starts no process and no thread. What it is worth, and what it is not, is in docs/threat-model.md, number 26.
 */
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface Confined {
  /** Folders and files of the program; of a folder all that is below it. */
  readonly code: readonly string[]
  /** Of the node; absolute, as is everything here. */
  readonly dir: string
  /** What it is given besides: secrets, a PIN. */
  readonly reads?: readonly string[]
  /** Its cache of compiled code, where that is not in its folder. */
  readonly cache?: string
}

/** The loader of LevelDB's binary looks which C library there is; monitoring counts open files. */
const system = ['/etc/alpine-release', '/proc/self/fd']

/** LevelDB is a binary of its own, as are the packages for Ed25519 and for hardware modules; Node warns of that at each start. */
const binaries = ['--allow-addons', '--disable-warning=PERM0001']

/** Flags of Node. What is not there grants nothing, so that names of a checkout and of the package can stand together. */
export function confinement({ code, dir, reads = [], cache }: Confined): readonly string[] {
  const kept = cache === undefined ? [dir] : [dir, cache]
  const read = [...code, ...kept.map(below), ...reads, ...system]
  return ['--permission', ...read.map((path) => `--allow-fs-read=${path}`), ...kept.map((path) => `--allow-fs-write=${below(path)}`), ...binaries]
}

/**
 * What a node reads of its program, in a checkout or in the package: never the whole folder, in which nodes may lie.
 *
 * @param program absolute path of `node/main.ts`, or of `app/node.js`
 */
export function codeOf(program: string): readonly string[] {
  const root = dirname(dirname(program))
  // Where the folder of the packages is a link, it is read by both its paths. npm puts those of a package beside it, where somebody else needs them too.
  const beside = basename(dirname(root)) === 'node_modules' ? [below(dirname(root))] : []
  const packages = join(root, 'node_modules')
  const folders = ['app', 'node', 'policies', 'protocols'].map((name) => join(root, name))
  return [join(root, 'package.json'), ...[...folders, ...new Set([packages, truePath(packages)])].map(below), ...beside]
}

function truePath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function below(folder: string): string {
  return `${folder.replace(/\/$/, '')}/*`
}
