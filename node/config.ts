/**
 * What an operator decides about a node, in one file: `dfft.yaml` in the node's folder. With main.ts the only reader of
 * the environment. Flags win over the environment, the environment over the file, the file over the defaults.
 *
 * Nothing here is secret. The passphrase comes from a file, a systemd credential or standard input.
 */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import { Jurisdiction } from '#protocols/ids.ts'
import { codeOf, isTree, merge, nearest, type Path, readEnv, readFile, type Source, type Tree } from './config-sources.ts'

export const configFile = 'dfft.yaml'

const Domain = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:%3A[0-9]{1,5})?(?::[A-Za-z0-9._-]+)*$/,
    'expected a domain as in `agency.example` or `agency.example%3A8443:path`',
  )

const port = z.int().min(0).max(65_535)

/** A host and a TCP port, as multiaddrs write them. */
const host = String.raw`\/(?:ip4|ip6|dns4|dns6|dns)\/[^/\s]+\/tcp\/\d{1,5}`
const peer = String.raw`\/p2p\/[1-9A-HJ-NP-Za-km-z]{20,128}`

const Addresses = z.array(
  z
    .string()
    .max(256)
    .regex(new RegExp(`^${host}$`), 'expected a multiaddr as in `/ip4/127.0.0.1/tcp/0`'),
)

const Relay = z.strictObject({
  /** Whether this node relays for parties that trust says it may relay for. */
  serve: z.boolean().default(false),
  /** Relays that this node is to be reached through. */
  use: z
    .array(
      z
        .string()
        .max(256)
        .regex(new RegExp(`^${host}${peer}$`), 'expected a relay as in `/dns4/relay.example/tcp/4001/p2p/12D3KooW…`'),
    )
    .max(4)
    .default([]),
})

const Limits = z.strictObject({
  /** Five minutes: how long a revocation may go unnoticed. */
  statusAgeMaxMs: z.int().min(1_000).max(604_800_000).default(300_000),
  /** Without a partner for a quarter of an hour: what anchors have suspended may then be as old as they allow for islands. */
  islandAfterMs: z.int().min(60_000).max(86_400_000).default(900_000),
  /** Of one partner. */
  channelsPerSecond: z.int().min(1).max(10_000).default(100),
  /** In flight, of all partners. */
  channelsMax: z.int().min(1).max(10_000).default(512),
  connectionsMax: z.int().min(1).max(10_000).default(1_000),
  /** Of the disk, for attachments of all exchanges: ten gigabytes. */
  attachmentsMaxBytes: z
    .int()
    .min(1_000_000)
    .max(10 ** 15)
    .default(10_000_000_000),
})

const filePath = z.string().min(1).max(1024)

const KeyVaultConfig = z.discriminatedUnion('vault', [
  z.strictObject({ vault: z.literal('file') }),
  z.strictObject({
    vault: z.literal('pkcs11'),
    /** The library of the token's maker. */
    module: filePath.regex(/^\//, 'expected an absolute path, as in `/usr/lib/softhsm/libsofthsm2.so`'),
    /** CKA_LABEL: 32 bytes at most. */
    tokenLabel: z.string().min(1).max(32),
    /** Where the PIN of the token's user is read; left out, it is the passphrase. */
    pinFile: filePath.optional(),
  }),
])

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
  /** None: a node that only dials, and is reached through a relay. */
  listen: Addresses.max(16).default(['/ip4/127.0.0.1/tcp/0']),
  announce: Addresses.max(8).default([]),
  relay: Relay.prefault({}),
  network: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'expected lower-case letters, digits, `.` and `-`')
    .default('dfft-test'),
  /** In order of preference. noise is what every node speaks; TLS costs less under load. */
  encrypters: z
    .array(z.enum(['noise', 'tls']))
    .min(1)
    .max(2)
    .default(['noise']),
  publicHttp: z
    .strictObject({
      host: z.string().min(1).max(253),
      port,
      /** By which others know it: the name in front of a proxy. That of a did:webvh is served besides. */
      base: z
        .string()
        .max(261)
        .regex(/^https:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$/, 'expected an address as in `https://agency.example`')
        .optional(),
      /** Whose X-Forwarded-For is believed. */
      proxies: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .max(16)
        .default([]),
      /** Whether anybody may have a document judged at /verify, by whom this node trusts. */
      verifier: z.boolean().default(false),
    })
    .nullable()
    .default(null),
  /** Where a monitoring system reads counts and times: a loopback address, or one of an inner network. */
  metrics: z
    .strictObject({ host: z.string().min(1).max(253), port })
    .nullable()
    .default(null),
  /** Where programs call the operations with a token: a loopback address. */
  api: z
    .strictObject({ host: z.string().min(1).max(253), port })
    .nullable()
    .default(null),
  /** Where the web console is served from the start: a loopback address only. Null: when `dfft console` asks for it, at a free port. */
  console: z
    .strictObject({ host: z.enum(['127.0.0.1', '::1']), port })
    .nullable()
    .default(null),
  keys: KeyVaultConfig.default({ vault: 'file' }),
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
  const config = wishedFor(dir, tree)
  const path = join(dir, configFile)
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    // The folder may have been there before, open to others.
    chmodSync(dir, 0o700)
    writeFileSync(path, textOf(config, tree), { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw taken(path, cause)
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${path}\` cannot be written`, { file: path }, { cause })
  }
  return config
}

/** As `writeConfig`, of which it refuses the same as far as can be seen; nothing is written. */
export function mayWriteConfig(dir: string, wishes: unknown): Config {
  const config = wishedFor(dir, isTree(wishes) ? wishes : {})
  const path = join(dir, configFile)
  if (existsSync(path)) throw taken(path)
  let there = resolve(dir)
  while (!existsSync(there)) there = dirname(there)
  try {
    accessSync(`${there}/.`, constants.W_OK) // A file is no folder.
  } catch (cause) {
    throw new TrustError('DFFT_NOT_WRITABLE', `\`${path}\` cannot be written`, { file: path }, { cause })
  }
  return config
}

function wishedFor(dir: string, tree: Tree): Config {
  return inForce(dir, [{ label: 'the wishes', tree }])
}

function taken(path: string, cause?: unknown): TrustError {
  return new TrustError('DFFT_ALREADY_INITIALISED', `\`${path}\` exists`, { file: path }, { cause })
}

/** Sources in falling precedence. @throws {TrustError} DFFT_CONFIG as `loadConfig` */
export function inForce(dir: string, sources: readonly Source[]): Config {
  const merged = sources.reduceRight<Tree>((under, { tree }) => merge(under, tree), {})
  const result = FileConfig.safeParse(merged)
  if (!result.success) throw refusal(result.error, sources)
  const { socket = 'dfft.sock', ...rest } = result.data
  return { ...rest, dir: resolve(dir), socket: resolve(dir, socket) }
}

function refusal(error: z.ZodError, sources: readonly Source[]): TrustError {
  const issue = error.issues[0]
  if (!issue) return new TrustError('DFFT_CONFIG', 'the configuration is not valid')
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = unknown === undefined ? issue.path : [...issue.path, unknown]
  const key = path.map(String).join('.')
  // What is missing is missed by who gave the rest.
  const gave = (some: Path) => (some.length > 0 ? sources.find(({ tree }) => has(tree, some)) : undefined)
  const source = gave(path) ?? gave(path.slice(0, -1)) ?? sources.find(({ at }) => at !== undefined)
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

/** Whether a source says something at a path. */
export function has(tree: Tree, path: Path): boolean {
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
  if (path[0] === 'relay') return Object.keys(Relay.shape)
  if (path[0] === 'keys') return ['vault', 'module', 'tokenLabel', 'pinFile']
  if (path[0] === 'metrics' || path[0] === 'api') return ['host', 'port']
  return path[0] === 'did' ? ['method', 'domain'] : ['host', 'port', 'base', 'proxies']
}

export const explanations: Readonly<Record<keyof Wishes, string>> = {
  name: 'How this node calls itself towards partners.',
  jurisdiction: 'ISO 3166-1 alpha-2 code (or `EU`) of the law this node acts under.',
  did: 'method: key | jwk | webvh. webvh keeps a history of keys and needs `domain`.',
  listen: 'Where this node listens: multiaddrs. tcp/0 takes a free port. None, where it is reached through a relay only.',
  announce: 'What partners are told to dial where that is another address: a name, or the outside of a firewall.',
  relay: 'serve: whether this node relays for partners behind a firewall. use: relays that this one is reached through, each with its /p2p/ id.',
  network: 'Nodes of different networks refuse each other’s hello.',
  encrypters: 'noise | tls, in order of preference. Without noise, nodes that speak nothing else cannot connect.',
  publicHttp:
    'host and port for DID documents, status lists, TRQP and health, or null; base: https://… as others know it; proxies: their addresses; verifier: whether anybody may have documents judged at /verify.',
  metrics: 'host and port for GET /metrics in the format of Prometheus, or null. Not for the public: a loopback address, or one of an inner network.',
  api: 'host and port for the operations over TCP with a token (`dfft token create`), or null. A loopback address.',
  console: 'host (127.0.0.1 or ::1) and port for the web console, or null: then `dfft console` opens it when it is wanted, at a free port.',
  keys: 'vault: file | pkcs11. pkcs11 takes module (the library), tokenLabel, and pinFile where the PIN is not the passphrase.',
  socket: 'The operator’s socket, relative to this folder; 107 bytes at most as an absolute path.',
  limits:
    'Times in milliseconds. statusAgeMaxMs: how old a status list may be before its credentials are refused. islandAfterMs: how long without a partner makes an island.',
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
  /** The value of `--passphrase-file`, or of `keys.pinFile`. */
  readonly file?: string | undefined
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
  return readSecret('passphrase', { env, file })
}

/**
 * The PIN of the token: from the file that the configuration names, or systemd's credential `dfft-pin`; undefined when neither is there
 * (then the passphrase is the PIN too).
 *
 * @throws {TrustError} DFFT_CONFIG as `readPassphrase`
 */
export function readPin({ env, file }: PassphraseSources): string | undefined {
  return readSecret('pin', { env, file })
}

function readSecret(name: 'passphrase' | 'pin', { env, file }: { readonly env: Layers['env']; readonly file: string | undefined }): string | undefined {
  const folder = env.CREDENTIALS_DIRECTORY
  const path = file ?? (folder === undefined ? undefined : join(folder, `dfft-${name}`))
  if (path === undefined) return undefined
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    // A unit may carry credentials of others only.
    if (file === undefined && codeOf(cause) === 'ENOENT') return undefined
    throw new TrustError('DFFT_CONFIG', `the ${name} file \`${path}\` cannot be read`, { file: path }, { cause })
  }
  const secret = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (secret === '' || bytes.length > passphraseBytesMax)
    throw new TrustError('DFFT_CONFIG', `the ${name} file \`${path}\` is empty or too long`, { file: path })
  return secret
}
