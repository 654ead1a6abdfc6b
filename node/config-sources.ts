/** Where a configuration comes from: the YAML file with its lines and columns, and the environment. */
import { readFileSync } from 'node:fs'
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument, visit } from 'yaml'
import { TrustError } from '#protocols/errors.ts'

// Far above any real file, and small enough that nesting cannot cost a second.
const fileBytesMax = 16 << 10

export type Tree = { readonly [key: string]: unknown }
export type Path = readonly PropertyKey[]

/** Where a value came from, for a message that can be acted on. */
export interface Source {
  readonly label: string
  readonly tree: Tree
  /** Line and column, from 1, of the key at `path` in a file. */
  readonly at?: (path: Path) => { readonly line: number; readonly column: number } | undefined
}

/**
 * The file as a source that knows the line and column of each key.
 *
 * @throws {TrustError} DFFT_NOT_FOUND when there is none, DFFT_CONFIG with line and column for what is not YAML, a key twice, or an alias
 */
export function readFile(file: string): Source {
  return readText(file, textOfFile(file))
}

/** As `readFile`, of a text that is not on disk yet. @param file its name in errors */
export function readText(file: string, text: string): Source {
  const lines = new LineCounter()
  const document = parseYaml(file, text, lines)
  const tree: unknown = document.toJS({ maxAliasCount: 0 })
  if (tree !== null && !isTree(tree)) throw new TrustError('DFFT_CONFIG', `${file}:1:1: expected keys and values`, { where: file, line: 1, column: 1 })
  return {
    label: file,
    tree: tree ?? {},
    at: (path) => {
      const offset = offsetOf(document, path)
      if (offset === undefined) return undefined
      const { line, col } = lines.linePos(offset)
      return { line, column: col }
    },
  }
}

/** @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFIG */
export function textOfFile(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') throw new TrustError('DFFT_NOT_FOUND', `there is no node here: \`${file}\` is missing`, { file }, { cause })
    throw new TrustError('DFFT_CONFIG', `\`${file}\` cannot be read`, { where: file }, { cause })
  }
  if (bytes.length > fileBytesMax) throw new TrustError('DFFT_CONFIG', `\`${file}\` is longer than ${fileBytesMax} bytes`, { where: file, bytes: bytes.length })
  return bytes.toString('utf8')
}

function parseYaml(file: string, text: string, lines: LineCounter): Document {
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: true, logLevel: 'error' })
    const wrong = wrongIn(document)
    if (!wrong) return document
    const { line, col } = lines.linePos(wrong.offset)
    throw new TrustError('DFFT_CONFIG', `${file}:${line}:${col}: ${wrong.message}`, { where: file, line, column: col })
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    throw new TrustError('DFFT_CONFIG', `\`${file}\` is not YAML this node reads`, { where: file }, { cause })
  }
}

function wrongIn(document: Document): { readonly offset: number; readonly message: string } | undefined {
  const [error] = document.errors
  if (error) return { offset: error.pos[0], message: error.message.slice(0, 1).toLowerCase() + error.message.slice(1) }
  let alias: number | undefined
  visit(document, {
    Alias: (_key, node) => {
      alias = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return alias === undefined ? undefined : { offset: alias, message: 'an alias is not read here; write the value out' }
}

/** Offset of the key at a path, or of the deepest key on the way that the file has. */
function offsetOf(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === String(key))
      if (!pair) break
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else {
      const at: unknown = isNode(node) && 'items' in node && Array.isArray(node.items) ? node.items[Number(key)] : undefined
      if (!isNode(at)) break
      offset = at.range?.[0] ?? offset
      node = at
    }
  }
  return offset ?? 0
}

/** Each variable: where its value goes, and how its text is read. */
const variables: Readonly<Record<string, { readonly path: readonly string[]; readonly read: (text: string) => unknown }>> = {
  DFFT_NAME: { path: ['name'], read: String },
  DFFT_JURISDICTION: { path: ['jurisdiction'], read: String },
  DFFT_DID_METHOD: { path: ['did', 'method'], read: String },
  DFFT_DID_DOMAIN: { path: ['did', 'domain'], read: String },
  DFFT_LISTEN: { path: ['listen'], read: readList },
  DFFT_ANNOUNCE: { path: ['announce'], read: readList },
  DFFT_RELAY_SERVE: { path: ['relay', 'serve'], read: readBoolean },
  DFFT_RELAY_USE: { path: ['relay', 'use'], read: readList },
  DFFT_NETWORK: { path: ['network'], read: String },
  DFFT_ENCRYPTERS: { path: ['encrypters'], read: readList },
  DFFT_METRICS: { path: ['metrics'], read: readAddress },
  DFFT_API: { path: ['api'], read: readAddress },
  DFFT_CONSOLE: { path: ['console'], read: readAddress },
  DFFT_PUBLIC_HTTP: { path: ['publicHttp'], read: readAddress },
  DFFT_KEYS_VAULT: { path: ['keys', 'vault'], read: String },
  DFFT_KEYS_MODULE: { path: ['keys', 'module'], read: String },
  DFFT_KEYS_TOKEN_LABEL: { path: ['keys', 'tokenLabel'], read: String },
  DFFT_KEYS_PIN_FILE: { path: ['keys', 'pinFile'], read: String },
  DFFT_SOCKET: { path: ['socket'], read: String },
  DFFT_STATUS_AGE_MAX_MS: { path: ['limits', 'statusAgeMaxMs'], read: Number },
  DFFT_CHANNELS_PER_SECOND: { path: ['limits', 'channelsPerSecond'], read: Number },
  DFFT_CHANNELS_MAX: { path: ['limits', 'channelsMax'], read: Number },
  DFFT_CONNECTIONS_MAX: { path: ['limits', 'connectionsMax'], read: Number },
  DFFT_LOG_LEVEL: { path: ['logLevel'], read: String },
}

function readList(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

/** Any other word stays one, and is refused by the schema. */
function readBoolean(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text
}

/** Variables of the CLI. */
const others = ['DFFT_DIR', 'DFFT_CONTEXT', 'DFFT_LANG']

/** @throws {TrustError} DFFT_CONFIG for a secret, and for a variable so like a known one that it must be a mistake */
export function readEnv(env: Readonly<Record<string, string | undefined>>): Tree {
  let tree: Tree = {}
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('DFFT_') || text === undefined || others.includes(name)) continue
    if (/PASS|SECRET|_PIN$/.test(name)) {
      throw new TrustError('DFFT_CONFIG', `\`${name}\`: a secret in the environment is readable by others; use \`--passphrase-file\``, {
        where: 'the environment',
        key: name,
      })
    }
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (variable) tree = merge(tree, nested(variable.path, variable.read(text)))
    else refuseMistake(name)
  }
  return tree
}

/** A container platform adds variables of its own (`DFFT_PORT_4001_TCP`), so not every unknown one can be refused. */
function refuseMistake(name: string): void {
  const near = nearest(name, Object.keys(variables))
  if (!near || edits(name, near) > 2) return
  throw new TrustError('DFFT_CONFIG', `unknown variable \`${name}\`; did you mean \`${near}\`?`, { where: 'the environment', key: name, nearest: near })
}

/** The variable that gives the value at a path, where one is set. */
export function variableFor(env: Readonly<Record<string, string | undefined>>, path: Path): string | undefined {
  return Object.entries(variables).find(([name, { path: to }]) => env[name] !== undefined && to.every((key, index) => path[index] === key))?.[0]
}

function nested(path: readonly string[], value: unknown): Tree {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree // A path is never empty.
}

/** `host:port`, `[::1]:8080`, or `off`. */
function readAddress(text: string): unknown {
  if (text === 'off') return null
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? []
  return host === undefined ? text : { host, port: Number(port) }
}

/** Lists are replaced whole, maps key by key. `fromEntries` makes `__proto__` a key like any other, which the schema then refuses. */
export function merge(under: Tree, over: Tree): Tree {
  const entries = Object.entries(over)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const below = Object.hasOwn(under, key) ? under[key] : undefined
      return [key, isTree(value) && isTree(below) ? merge(below, value) : value] as const
    })
  return Object.fromEntries([...Object.entries(under), ...entries])
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The known word at most two (or a third of its length) edits away. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, edits: edits(word.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best && best.edits <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** Levenshtein distance, of words cut at 64 characters. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: Math.min(b.length, 64) + 1 }, (_, index) => index)
  for (const [i, letter] of [...a.slice(0, 64)].entries()) {
    const next = [i + 1]
    for (let j = 1; j < row.length; j++) {
      const change = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The system's own code of a failure, as in `ENOENT`. */
export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
