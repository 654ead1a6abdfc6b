/**
 * What an operator decides about a node, in one file: `dfft.yaml` in the node's folder. With main.ts the only reader of
 * the environment. Flags win over the environment, the environment over the file, the file over the defaults.
 *
 * Nothing here is secret. The passphrase comes from a file, a systemd credential or standard input.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument, stringify } from 'yaml'
import { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import { Jurisdiction } from '#protocols/ids.ts'

export const configFile = 'dfft.yaml'

// Far above any real file, and small enough that nesting cannot cost a second.
const fileBytesMax = 16 << 10

const Domain = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:%3A[0-9]{1,5})?(?::[A-Za-z0-9._-]+)*$/,
    'expected a domain as in `agency.example` or `agency.example%3A8443:path`',
  )

const port = z.int().min(0).max(65_535)

const Limits = z.strictObject({
  /** Five minutes: how long a revocation may go unnoticed. */
  statusAgeMaxMs: z.int().min(1_000).max(604_800_000).default(300_000),
  /** Of one partner. */
  channelsPerSecond: z.int().min(1).max(10_000).default(100),
  /** In flight, of all partners. */
  channelsMax: z.int().min(1).max(10_000).default(512),
  connectionsMax: z.int().min(1).max(10_000).default(1_000),
})

export const FileConfig = z.strictObject({
  name: z.string().min(1).max(128),
  jurisdiction: Jurisdiction,
  did: z
    .discriminatedUnion('method', [
      z.strictObject({ method: z.literal('key') }),
      z.strictObject({ method: z.literal('jwk') }),
      z.strictObject({ method: z.literal('webvh'), domain: Domain }),
    ])
    .default({ method: 'key' }),
  listen: z
    .array(
      z
        .string()
        .max(256)
        .regex(/^\/(?:ip4|ip6|dns4|dns6|dns)\/[^/\s]+\/tcp\/\d{1,5}$/, 'expected a multiaddr as in `/ip4/127.0.0.1/tcp/0`'),
    )
    .min(1)
    .max(16)
    .default(['/ip4/127.0.0.1/tcp/0']),
  network: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected lower-case letters, digits, `.` and `-`')
    .default('dfft-test'),
  publicHttp: z
    .strictObject({ host: z.string().min(1).max(253), port })
    .nullable()
    .default(null),
  socket: z.string().min(1).max(1024).optional(),
  limits: Limits.prefault({}),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** What may be written in the file. */
export type Wishes = z.input<typeof FileConfig>

/** What a node runs with. */
export interface Config extends Omit<z.output<typeof FileConfig>, 'socket'> {
  /** Absolute folder of the node. */
  readonly dir: string
  /** Absolute path of the admin socket. */
  readonly socket: string
}

type Tree = { readonly [key: string]: unknown }
type Path = readonly PropertyKey[]

/** Where a value came from, for a message that can be acted on. */
interface Source {
  readonly label: string
  readonly tree: Tree
  /** Line and column, from 1, of the key at `path` in a file. */
  readonly at?: (path: Path) => { readonly line: number; readonly column: number } | undefined
}

export interface Layers {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The shape of the file, any part of it. */
  readonly flags?: Tree
}

/**
 * The configuration in force.
 *
 * @throws {TrustError} DFFT_CONFIG with file, line, column, what is expected and the nearest known key; DFFT_NOT_FOUND when there is no file
 */
export function loadConfig(dir: string, { env, flags = {} }: Layers): Config {
  return inForce(dir, [{ label: 'the flags', tree: flags }, { label: 'the environment', tree: readEnv(env) }, readFile(join(dir, configFile))])
}

/**
 * Writes the file of a new node, readable by its user only, each key with a line of explanation.
 *
 * @throws {TrustError} DFFT_CONFIG, DFFT_ALREADY_INITIALISED when there is a file, DFFT_NOT_WRITABLE
 */
export function writeConfig(dir: string, wishes: unknown): Config {
  const tree = isTree(wishes) ? wishes : {}
  const config = inForce(dir, [{ label: 'the wishes', tree }])
  const path = join(dir, configFile)
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    // The folder may have been there before, open to others.
    chmodSync(dir, 0o700)
    writeFileSync(path, textOf(config, tree), { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new TrustError('DFFT_ALREADY_INITIALISED', `\`${path}\` exists`, { file: path }, { cause })
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${path}\` cannot be written`, { file: path }, { cause })
  }
  return config
}

/** Sources in falling precedence. */
function inForce(dir: string, sources: readonly Source[]): Config {
  const merged = sources.reduceRight<Tree>((under, { tree }) => merge(under, tree), {})
  const result = FileConfig.safeParse(merged)
  if (!result.success) throw refusal(result.error, sources)
  const { socket = 'dfft.sock', ...rest } = result.data
  return { ...rest, dir: resolve(dir), socket: resolve(dir, socket) }
}

/** Lists are replaced whole, maps key by key. `fromEntries` makes `__proto__` a key like any other, which the schema then refuses. */
function merge(under: Tree, over: Tree): Tree {
  const entries = Object.entries(over)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const below = Object.hasOwn(under, key) ? under[key] : undefined
      return [key, isTree(value) && isTree(below) ? merge(below, value) : value] as const
    })
  return Object.fromEntries([...Object.entries(under), ...entries])
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusal(error: z.ZodError, sources: readonly Source[]): TrustError {
  const issue = error.issues[0]
  if (!issue) return new TrustError('DFFT_CONFIG', 'the configuration is not valid')
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = unknown === undefined ? issue.path : [...issue.path, unknown]
  const key = path.map(String).join('.')
  const source = sources.find(({ tree }) => has(tree, path)) ?? sources.find(({ at }) => at !== undefined)
  const place = source?.at?.(path)
  const where = place ? `${source?.label}:${place.line}:${place.column}` : (source?.label ?? 'the configuration')
  const known = unknown === undefined ? [] : keysAt(issue.path)
  const near = unknown === undefined ? undefined : nearest(unknown, known)
  const what = unknown === undefined ? `\`${key}\`: ${issue.message}` : `unknown key \`${key}\`${near ? `; did you mean \`${near}\`?` : ''}`
  return new TrustError('DFFT_CONFIG', `${where}: ${what}`, {
    where: source?.label ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    key,
    expected: unknown === undefined ? issue.message : `one of ${known.join(', ')}`,
    nearest: near ?? null,
  })
}

function has(tree: Tree, path: Path): boolean {
  let value: unknown = tree
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
    value = (value as Record<PropertyKey, unknown>)[key] // An object, as the line above saw.
  }
  return true
}

/** The keys the schema knows where an unknown one stood. */
function keysAt(path: Path): readonly string[] {
  if (path.length === 0) return Object.keys(FileConfig.shape)
  if (path[0] === 'limits') return Object.keys(Limits.shape)
  return path[0] === 'did' ? ['method', 'domain'] : ['host', 'port']
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

function readFile(file: string): Source {
  const text = textOfFile(file)
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

function textOfFile(file: string): string {
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
    const error = document.errors[0]
    if (!error) return document
    const { line, col } = lines.linePos(error.pos[0])
    throw new TrustError('DFFT_CONFIG', `${file}:${line}:${col}: ${lowerFirst(error.message)}`, { where: file, line, column: col })
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    throw new TrustError('DFFT_CONFIG', `\`${file}\` is not YAML this node reads`, { where: file }, { cause })
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
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
  DFFT_LISTEN: { path: ['listen'], read: (text) => text.split(',').map((part) => part.trim()) },
  DFFT_NETWORK: { path: ['network'], read: String },
  DFFT_PUBLIC_HTTP: { path: ['publicHttp'], read: readAddress },
  DFFT_SOCKET: { path: ['socket'], read: String },
  DFFT_STATUS_AGE_MAX_MS: { path: ['limits', 'statusAgeMaxMs'], read: Number },
  DFFT_CHANNELS_PER_SECOND: { path: ['limits', 'channelsPerSecond'], read: Number },
  DFFT_CHANNELS_MAX: { path: ['limits', 'channelsMax'], read: Number },
  DFFT_CONNECTIONS_MAX: { path: ['limits', 'connectionsMax'], read: Number },
  DFFT_LOG_LEVEL: { path: ['logLevel'], read: String },
}

/** Variables of the CLI. */
const others = ['DFFT_DIR', 'DFFT_LANG']

/** @throws {TrustError} DFFT_CONFIG for a secret, and for a variable so like a known one that it must be a mistake */
function readEnv(env: Layers['env']): Tree {
  let tree: Tree = {}
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('DFFT_') || text === undefined || others.includes(name)) continue
    if (/PASS|SECRET/.test(name)) {
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

function nested(path: readonly string[], value: unknown): Tree {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree // A path is never empty.
}

/** `host:port`, `[::1]:8080`, or `off`. */
function readAddress(text: string): unknown {
  if (text === 'off') return null
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? []
  return host === undefined ? text : { host, port: Number(port) }
}

const explanations: Readonly<Record<keyof Wishes, string>> = {
  name: 'How this node calls itself towards partners.',
  jurisdiction: 'ISO 3166-1 alpha-2 code (or `EU`) of the law this node acts under.',
  did: 'method: key | jwk | webvh. webvh keeps a history of keys and needs `domain`.',
  listen: 'Where partners connect: multiaddrs. tcp/0 takes a free port.',
  network: 'Nodes of different networks refuse each other’s hello.',
  publicHttp: 'host and port for DID documents, status lists and health, or null.',
  socket: 'The operator’s socket, relative to this folder; 107 bytes at most as an absolute path.',
  limits: 'Times in milliseconds. statusAgeMaxMs: how old a status list may be before its credentials are refused.',
  logLevel: 'debug | info | warn | error',
}

function textOf(config: Config, wishes: Tree): string {
  const keys = Object.keys(explanations) as (keyof Wishes)[] // The record has exactly these keys.
  const parts = keys.flatMap((key) => {
    if (key === 'socket')
      return [`# ${explanations.socket}\n${typeof wishes.socket === 'string' ? stringify({ socket: wishes.socket }) : '# socket: dfft.sock\n'}`]
    return [`# ${explanations[key]}\n${stringify({ [key]: config[key] })}`]
  })
  return `# A dfft node. Flags win over DFFT_… variables, these over this file. Unknown keys are errors.\n\n${parts.join('\n')}`
}

export interface PassphraseSources {
  readonly env: Layers['env']
  /** The value of `--passphrase-file`. */
  readonly file?: string
}

// A keystore's key derivation takes any length; a longer file is the wrong file.
const passphraseBytesMax = 1024

/**
 * The passphrase from `--passphrase-file`, or else from systemd's credential `dfft-passphrase`; undefined when neither is
 * given (then it is the first line of standard input). One closing newline is not part of it.
 *
 * @throws {TrustError} DFFT_CONFIG when the file cannot be read, is empty, or is longer than 1,024 bytes
 */
export function readPassphrase({ env, file }: PassphraseSources): string | undefined {
  const folder = env.CREDENTIALS_DIRECTORY
  const path = file ?? (folder === undefined ? undefined : join(folder, 'dfft-passphrase'))
  if (path === undefined) return undefined
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    // A unit may carry credentials of others only.
    if (file === undefined && codeOf(cause) === 'ENOENT') return undefined
    throw new TrustError('DFFT_CONFIG', `the passphrase file \`${path}\` cannot be read`, { file: path }, { cause })
  }
  const passphrase = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (passphrase === '' || bytes.length > passphraseBytesMax)
    throw new TrustError('DFFT_CONFIG', `the passphrase file \`${path}\` is empty or too long`, { file: path })
  return passphrase
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}
