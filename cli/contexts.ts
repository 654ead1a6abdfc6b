/**
 * Names for the nodes that one person works with, kept in his configuration folder: where each node's folder is, and nothing secret. Which of
 * them a command goes to is said by `--context`, by DFFT_CONTEXT, or by the one in use.
 */
import { readFileSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { socketOf } from './client.ts'
import type { Globals, Io } from './command.ts'

export interface Context {
  /** Absolute. */
  readonly dir: string
  /** Absolute; null where it is in the folder, or named in its configuration. */
  readonly socket: string | null
}

export interface Contexts {
  readonly current: string | null
  readonly contexts: Readonly<Record<string, Context>>
}

/** Which node a command goes to, and who said so. */
export interface Place {
  readonly dir: string
  readonly socket: string
  readonly context: string | null
  readonly from: 'flag' | 'environment' | 'in-use' | 'default'
}

type Env = Io['env']

const namePattern = /^[a-z0-9][a-z0-9-]{0,31}$/
/** A person types these. */
const contextsMax = 200
const fileBytesMax = 256 << 10

/**
 * The nearest word wins: flags, then the environment, then the context in use. A folder or a socket named beside a context is refused.
 *
 * @throws {TrustError} DFFT_USAGE, DFFT_NOT_FOUND for a context that there is not, DFFT_CONFIG for a file that does not read
 */
export async function nodePlace({ dir, socket, context }: Pick<Globals, 'dir' | 'socket' | 'context'>, { env, cwd = process.cwd() }: Io): Promise<Place> {
  if (context !== undefined) {
    if (dir !== undefined || socket !== undefined) throw new TrustError('DFFT_USAGE', 'a context names the folder and the socket: give it alone')
    return contextAt(context, 'flag', env)
  }
  const named = dir ?? env.DFFT_DIR
  if (named === undefined && socket === undefined && env.DFFT_SOCKET === undefined) {
    if (env.DFFT_CONTEXT) return contextAt(env.DFFT_CONTEXT, 'environment', env)
    const { current } = await readContexts(env)
    if (current !== null) return contextAt(current, 'in-use', env)
  }
  const folder = resolve(cwd, named ?? '.dfft')
  const said = socket === undefined ? env.DFFT_SOCKET : resolve(cwd, socket)
  const from = dir !== undefined || socket !== undefined ? 'flag' : named !== undefined || said !== undefined ? 'environment' : 'default'
  return { dir: folder, socket: await socketOf(folder, said), context: null, from }
}

async function contextAt(name: string, from: Place['from'], env: Env): Promise<Place> {
  const { contexts } = await readContexts(env)
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (!context) throw new TrustError('DFFT_NOT_FOUND', `there is no context \`${name}\`; \`dfft context list\` shows those there are`, { context: name })
  return { dir: context.dir, socket: await socketOf(context.dir, context.socket ?? undefined), context: name, from }
}

/** Undefined where nobody's folder is known. */
export function contextsFile({ XDG_CONFIG_HOME, HOME }: Env): string | undefined {
  const folder = XDG_CONFIG_HOME || (HOME && `${HOME}/.config`)
  return folder ? join(folder, 'dfft', 'contexts.json') : undefined
}

/** None where there is no file. @throws {TrustError} DFFT_CONFIG */
export async function readContexts(env: Env): Promise<Contexts> {
  const file = contextsFile(env)
  const text = file === undefined ? undefined : textOf(file)
  if (text === undefined || file === undefined) return { current: null, contexts: {} }
  try {
    return contextsIn(text)
  } catch (cause) {
    throw new TrustError('DFFT_CONFIG', `\`${file}\` is no list of contexts; mend it, or remove it`, { file }, { cause })
  }
}

/** At once: each command asks for it, and would load all of Node's promises of files to wait. Undefined where there is none. @throws {TrustError} DFFT_CONFIG */
function textOf(file: string): string | undefined {
  try {
    if (statSync(file).size > fileBytesMax) throw new Error('too long')
    return readFileSync(file, 'utf8')
  } catch (cause) {
    return absent(file, cause)
  }
}

function absent(file: string, cause: unknown): undefined {
  if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return undefined
  throw new TrustError(
    'DFFT_CONFIG',
    `\`${file}\` cannot be read; name the node with --dir, or mend it: its owner reads it, and it has at most ${fileBytesMax} bytes`,
    { file },
    { cause },
  )
}

/** By hand: a command loads neither zod nor a parser of YAML for it. */
function contextsIn(text: string): Contexts {
  const { current, contexts } = JSON.parse(text) as { readonly current?: unknown; readonly contexts?: unknown }
  if (typeof contexts !== 'object' || contexts === null || Array.isArray(contexts)) throw new Error('no contexts')
  const read = Object.entries(contexts).map(([name, value]) => [checkName(name), contextIn(value)] as const)
  if (current !== null && (typeof current !== 'string' || !Object.hasOwn(contexts, current))) throw new Error('no such context is in use')
  return { current, contexts: Object.fromEntries(read) }
}

function contextIn(value: unknown): Context {
  const { dir, socket = null, ...rest } = value as Readonly<Record<string, unknown>>
  const socketReads = socket === null || (typeof socket === 'string' && isAbsolute(socket))
  if (typeof dir !== 'string' || !isAbsolute(dir) || !socketReads || Object.keys(rest).length > 0) throw new Error('no context')
  return { dir, socket: socket as string | null } // Just looked at.
}

/** @throws {TrustError} DFFT_USAGE */
export function checkName(name: string): string {
  if (name === 'none' || !namePattern.test(name))
    throw new TrustError('DFFT_USAGE', `\`${name}\` is no name of a context: small letters, digits and hyphens, 32 at most, and not \`none\``)
  return name
}

/** How long one waits for another who changes the list, which takes milliseconds. */
const waitMs = 2000
const lookMs = 20

/**
 * From the list as it is to the next one, whole or not at all. Of several who change it at once each sees what those before it wrote: the file that
 * becomes the list is made by one at a time.
 *
 * @throws {TrustError} DFFT_NOT_ALLOWED, DFFT_LIMIT, and what `change` throws; DFFT_USAGE where no folder of the user is known
 */
export async function changeContexts(change: (kept: Contexts) => Contexts, env: Env): Promise<Contexts> {
  const file = contextsFile(env)
  if (file === undefined) throw new TrustError('DFFT_USAGE', 'no folder for configuration is known: set HOME or XDG_CONFIG_HOME')
  change(await readContexts(env)) // What it refuses is said before anything is made.
  const { mkdir, rename, rm } = await import('node:fs/promises')
  const refused = (cause: unknown): TrustError => new TrustError('DFFT_NOT_ALLOWED', `\`${file}\` cannot be written`, {}, { cause })
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch((cause) => {
    throw refused(cause)
  })
  const beside = `${file}.new`
  const next = await madeAlone(beside, refused)
  try {
    const contexts = change(await readContexts(env))
    if (Object.keys(contexts.contexts).length > contextsMax) throw new TrustError('DFFT_LIMIT', 'there are as many contexts as may be', { contextsMax })
    await next.writeFile(`${JSON.stringify(contexts, null, 2)}\n`)
    await next.sync()
    await rename(beside, file)
    return contexts
  } catch (thrown) {
    await rm(beside, { force: true })
    throw thrown instanceof TrustError ? thrown : refused(thrown)
  } finally {
    await next.close()
  }
}

async function madeAlone(path: string, refused: (cause: unknown) => TrustError): Promise<FileHandle> {
  const { open } = await import('node:fs/promises')
  for (const untilMs = performance.now() + waitMs; ; await new Promise((resolve) => setTimeout(resolve, lookMs))) {
    try {
      return await open(path, 'wx', 0o600)
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw refused(cause)
      if (performance.now() > untilMs)
        throw new TrustError('DFFT_NOT_ALLOWED', `\`${path}\` is there: another dfft changes the contexts, or one that was killed left it; then remove it`)
    }
  }
}
