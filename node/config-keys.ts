/** The configuration key by key, for who looks at it or changes it: what each is, whence its value comes, and a file that keeps its comments. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseDocument } from 'yaml'
import { TrustError } from '#protocols/errors.ts'
import { configFile, explanations, has, inForce, type Layers } from './config.ts'
import { isTree, nearest, type Path, readEnv, readFile, readText, type Source, textOfFile, variableFor } from './config-sources.ts'

export interface KeyView {
  /** With dots: `limits.channelsMax`. */
  readonly key: string
  readonly value: unknown
  readonly source: 'environment' | 'file' | 'default'
  /** The variable, or the file with line and column. */
  readonly where: string | null
  readonly line: number | null
  readonly column: number | null
  readonly about: string
}

/**
 * Every value in force, or those at and below a key.
 *
 * @throws {TrustError} DFFT_NOT_FOUND where there is no file; DFFT_CONFIG, also for a key that there is not
 */
export function explainKeys(dir: string, env: Layers['env'], key?: string): readonly KeyView[] {
  const file = readFile(join(dir, configFile))
  const { dir: _, ...config } = inForce(dir, [{ label: 'the environment', tree: readEnv(env) }, file])
  const all = leaves(config, []).map(({ path, value }) => viewOf(path, value, env, file))
  if (key === undefined) return all
  const found = all.filter((one) => one.key === key || one.key.startsWith(`${key}.`))
  if (found.length > 0) return found
  const near = nearest(key, [...all.map((one) => one.key), ...Object.keys(explanations)])
  if (Object.hasOwn(explanations, key.split('.')[0] ?? '')) throw new TrustError('DFFT_NOT_FOUND', `\`${key}\` has no value`, { key })
  throw new TrustError('DFFT_CONFIG', `unknown key \`${key}\`${near ? `; did you mean \`${near}\`?` : ''}`, { key, nearest: near ?? null })
}

function leaves(value: unknown, path: readonly string[]): readonly { readonly path: readonly string[]; readonly value: unknown }[] {
  if (!isTree(value)) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

function viewOf(path: readonly string[], value: unknown, env: Layers['env'], file: Source): KeyView {
  const about = explanations[path[0] as keyof typeof explanations]
  const shared = { key: path.join('.'), value, about }
  const variable = variableFor(env, path)
  if (variable !== undefined) return { ...shared, source: 'environment', where: variable, line: null, column: null }
  if (!has(file.tree, path)) return { ...shared, source: 'default', where: null, line: null, column: null }
  const { line, column } = file.at?.(path) ?? { line: 1, column: 1 }
  return { ...shared, source: 'file', where: `${file.label}:${line}:${column}`, line, column }
}

export interface Change {
  readonly key: string
  readonly before: unknown
  readonly after: unknown
  readonly file: string
  readonly dryRun: boolean
}

/**
 * Writes one value into the file, whose comments and order stay. Whole or not at all; nothing that a start would refuse is written.
 *
 * @param text the value as YAML; of a key that takes text, `5` is one too
 * @throws {TrustError} DFFT_CONFIG with line and column of what the file would then have wrong; DFFT_NOT_FOUND, DFFT_NOT_WRITABLE
 */
export function setKey(dir: string, { key, text, dryRun }: { readonly key: string; readonly text: string; readonly dryRun: boolean }): Change {
  const path = join(dir, configFile)
  const before = readFile(path)
  const keys = key.split('.')
  const list = keys.slice(0, -1).findIndex((_, place) => Array.isArray(at(before.tree, keys.slice(0, place + 1))))
  const whole = keys.slice(0, list + 1).join('.')
  if (list >= 0)
    throw new TrustError('DFFT_CONFIG', `\`${whole}\` is a list, which is set as a whole: \`dfft config set ${whole} "[…]"\``, { key, list: whole })
  const wanted = [yamlValue(text), text].map((value) => ({ value, written: withValue(textOfFile(path), keys, value) }))
  const { value, written } = firstThatHolds(dir, path, wanted)
  if (!dryRun) replace(path, written)
  return { key, before: at(before.tree, keys), after: value, file: path, dryRun }
}

interface Wanted {
  readonly value: unknown
  readonly written: string
}

/** As YAML reads it, else as the text it is; of two refusals the first tells more. */
function firstThatHolds(dir: string, path: string, wanted: readonly Wanted[]): Wanted {
  let refusal: unknown
  for (const one of wanted) {
    try {
      inForce(dir, [readText(`${path} (as it would be)`, one.written)])
      return one
    } catch (error) {
      refusal ??= error
    }
  }
  throw refusal
}

function yamlValue(text: string): unknown {
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 })
  } catch (cause) {
    throw new TrustError('DFFT_CONFIG', `\`${text}\` is no value of YAML`, {}, { cause })
  }
}

function withValue(text: string, path: readonly string[], value: unknown): string {
  const document = parseDocument(text, { stringKeys: true, logLevel: 'error' })
  const parent = path.slice(0, -1)
  // What stands there as `null` holds no keys.
  if (parent.length > 0 && !isTree(document.toJS()?.[parent[0] ?? ''])) document.setIn(parent, document.createNode({}))
  // A plain value takes the place of the one before, whose comment stays.
  document.setIn(path, typeof value === 'object' && value !== null ? document.createNode(value) : value)
  return document.toString({ lineWidth: 0 })
}

function at(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (isTree(value) && Object.hasOwn(value, key) ? value[String(key)] : null), tree) ?? null
}

function replace(path: string, text: string): void {
  const beside = `${path}.part`
  try {
    const file = openSync(beside, 'w', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${path}\` cannot be written`, { file: path }, { cause })
  }
}
