/**
 * The composition root: the one place where adapters meet the core, and the program behind `dfft init` and `dfft up`.
 *
 *     node node/main.ts init --dir DIR                           {"passphrase": …, "config": …} on standard input
 *     node node/main.ts recover --dir DIR                        {"passphrase": …, "compromisedSince": …, "dryRun": …}
 *     node node/main.ts run --dir DIR [--passphrase-file FILE]   else the passphrase is the first line of standard input
 *     node node/main.ts run --dir DIR --sealed                   no passphrase: it waits for `dfft unseal`
 *     node node/main.ts backup|inspect|restore --dir DIR         what main-care.ts does with a folder, told as JSON on standard input
 *
 * One JSON line on standard output says how it went; the log goes to standard error.
 */
import { access, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { AuditLog } from '#node/audit/audit.ts'
import type { Care } from '#node/care/care.ts'
import { type KeyUse, missingKeys, refuseMissing } from '#node/identity/held-keys.ts'
import { makePeerKey, openPeerKey, peerKeyRecord } from '#node/identity/peer-key.ts'
import { type Recovered, recover } from '#node/identity/recovery.ts'
import { selfOf } from '#node/identity/self.ts'
import { NetworkGate } from '#node/network/gate.ts'
import { verifierPath } from '#node/verification/public-verifier.ts'
import { parse } from '#protocols/channel.ts'
import { parseWebvh } from '#protocols/did/webvh.ts'
import { codeOf, codes, TrustError } from '#protocols/errors.ts'
import { type Did, Instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { useEd25519 } from '#protocols/keys.ts'
import { fitCollector, giveBack } from './adapters/collector.ts'
import { FileAnchor } from './adapters/file-anchor.ts'
import { jsonLog } from './adapters/json-log.ts'
import { ScratchFile } from './adapters/scratch-file.ts'
import { sodiumEd25519, sodiumSigner } from './adapters/sodium.ts'
import { systemClock, systemRandom } from './adapters/system.ts'
import { systemMachine } from './adapters/system-machine.ts'
import { serveApi } from './api-http.ts'
import { type Config, loadConfig, mayWriteConfig, readPassphrase, readPin, writeConfig } from './config.ts'
import { type ConsoleDoor, consoleDoor } from './console-http.ts'
import { serveAdmin } from './http.ts'
import { joinedVault } from './joined-vault.ts'
import { careOf, careVerbs, didOfFolder } from './main-care.ts'
import { serveMetrics } from './metrics-http.ts'
import { openParts } from './open-node.ts'
import type { DataKeys, Identifier, Identifiers, Invitation, KeyVault, Log, Machine, Store, VaultKind } from './ports.ts'
import { type PublicServer, servePublic } from './public-http.ts'
import { verifierPage } from './public-pages.ts'
import { type OpenNode, Sealable } from './sealable.ts'
import { type Parts, TrustNode } from './trust-node.ts'

const version = '0.1.0'
/** A passphrase of this length has more entropy than the key it guards; a longer one is the wrong file. */
const passphraseBytesMax = 1024
/** Longer than any operation that is not waiting for a partner. */
const shutdownMs = 5_000

/** What a caller in the same process may exchange: a test that kills the node, or listens on the wire. */
export interface Overrides {
  readonly store?: (store: Store) => Store
  readonly tap?: (direction: 'in' | 'out', remote: string, bytes: Uint8Array) => void
  readonly onStop?: () => void
  readonly parts?: (parts: Parts) => Parts
}

interface Listening {
  readonly host: string
  readonly port: number
}

export interface Running extends AsyncDisposable {
  readonly node: TrustNode
  readonly ready: {
    readonly did: string
    /** It waits for its passphrase: `dfft unseal`. */
    readonly sealed: boolean
    readonly peerId: string
    readonly addresses: readonly string[]
    readonly socket: string
    /** Where the public is served, with the port that was taken. */
    readonly publicHttp: Listening | null
    readonly metrics: Listening | null
    readonly api: Listening | null
    readonly console: Listening | null
  }
}

export interface Initialised {
  readonly did: string
  readonly peerId: string
  readonly dir: string
  /** Where its keys are. */
  readonly vault: VaultKind
}

/** Makes the folder, the keystore, the store and the node's identifier. Nothing is left behind when a step fails before the keystore. */
export async function initialise(dir: string, passphrase: string, wishes: unknown, log = errorLog('warn')): Promise<Initialised> {
  const [{ openLevelStore }, { veramoIdentity }] = await Promise.all([
    import('./adapters/level-store.ts'),
    import('./adapters/veramo-identity.ts'),
    import('./adapters/libp2p-network.ts'),
  ])
  if (passphrase.length === 0) throw new TrustError('DFFT_PASSPHRASE', 'an empty passphrase guards nothing')
  const config = writeConfig(dir, wishes)
  await mkdir(join(dir, 'store'), { recursive: true, mode: 0o700 })
  await using store = await openLevelStore(join(dir, 'store'))
  await using vault = (await openToken(config, passphrase, log)) ?? (await newFileVault(config, passphrase))
  const { peerId, keep } = await makePeerKey({ store, vault, random: systemRandom })
  await keep()
  const identifiers = veramoIdentity({ store, vault, clock: systemClock })
  const identifier = await identifiers.create(config.did.method === 'webvh' ? { method: 'webvh', domain: config.did.domain, peerId } : config.did)
  await beginLog(identifier, config, store, vault)
  const { did } = identifier
  return { did, peerId, dir: config.dir, vault: await vault.whereabouts(identifier.keyRef) }
}

async function newFileVault(config: Config, passphrase: string): Promise<KeyVault> {
  const { createFileKeyVault } = await import('./adapters/file-key-vault.ts')
  return createFileKeyVault(keystoreOf(config), Buffer.from(passphrase))
}

function keystoreOf({ dir }: Config): string {
  return join(dir, 'keystore.json')
}

/** The first entry: from now on a store without any has lost them. */
async function beginLog(identifier: Identifier, config: Config, store: Store, vault: KeyVault): Promise<void> {
  const { did, signer } = await selfOf(identifier, config, vault)
  const audit = await AuditLog.open(store, { did, signer, clock: systemClock })
  await audit.append([{ kind: 'initialised', facts: { did, version } }])
}

/** `dfft key recover`: while the node is stopped. */
async function recoverKeys(dir: string, asked: unknown): Promise<Recovered> {
  const { passphrase, compromisedSince, dryRun } = parse(asked, RecoverAsk)
  const config = loadConfig(dir, { env: process.env })
  await storeThere(config)
  const { openLevelStore } = await import('./adapters/level-store.ts')
  await using undo = new AsyncDisposableStack()
  const store = undo.use(await openLevelStore(join(config.dir, 'store')))
  const keys = await openKeys(config, passphrase, { store, log: errorLog(config.logLevel), undo })
  return await recover({ store, ...keys, random: systemRandom }, { compromisedSince, dryRun })
}

const RecoverAsk = z.strictObject({
  passphrase: z.string().min(1).max(passphraseBytesMax),
  compromisedSince: Instant.optional(),
  dryRun: z.boolean().default(false),
})

/** Starts the node in a folder; without a passphrase it comes up sealed. Disposing stops it. */
export async function run(config: Config, passphrase: string | null, log: Log, overrides: Overrides = {}): Promise<Running> {
  await using undo = new AsyncDisposableStack()
  const did = passphrase === null ? await didOfFolder(config.dir) : undefined
  let doorOpen = false
  const sealable: Sealable<TrustNode, Opened> = undo.use(
    new Sealable<TrustNode, Opened>({
      did: async () => did ?? opened?.did ?? (await didOfFolder(config.dir)),
      open: async (said) => {
        const made = await open(config, said, log, { ...overrides, seal: () => sealable.seal() })
        // At the first start once the operator's door is open, which says whether this folder is another's.
        if (doorOpen) await published(made)
        return made
      },
      clock: systemClock,
      log,
      onStop: overrides.onStop,
    }),
  )
  const opened: Opened | undefined = passphrase === null ? undefined : await sealable.begin(passphrase)
  undo.use(await serveAdmin(sealable.api, { socketPath: config.socket, log }))
  doorOpen = true
  await opened?.publish()
  const metrics =
    config.metrics &&
    undo.use(await serveMetrics({ ...config.metrics, log, text: async () => (await sealable.node.metrics({})).text, health: () => sealable.health() }))
  const held = undo.move()
  const ready = {
    did: (await sealable.health()).did,
    sealed: opened === undefined,
    peerId: opened?.peerId ?? '',
    addresses: opened?.addresses ?? [],
    socket: config.socket,
    ...(opened?.served() ?? nothingServed),
    metrics: addressOf(metrics),
  }
  return {
    get node() {
      return sealable.node
    },
    ready,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Where one of its doors cannot be opened, nothing of it stays open. */
async function published(made: Opened): Promise<void> {
  try {
    await made.publish()
  } catch (thrown) {
    await made[Symbol.asyncDispose]()
    throw thrown
  }
}

/** A node with its keys and its network, and what the public is served by. */
interface Opened extends OpenNode<TrustNode> {
  readonly did: Did
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Once the operator's door is open: that another process has this folder shows there. */
  publish(): Promise<void>
  served(): Served
}

/** Where the public, programs and browsers are served, with the ports that were taken. */
type Served = Pick<Running['ready'], 'publicHttp' | 'api' | 'console'>

const nothingServed: Served = { publicHttp: null, api: null, console: null }

async function open(config: Config, passphrase: string, log: Log, overrides: Overrides & { readonly seal: () => Promise<void> }): Promise<Opened> {
  const [{ openLevelStore }, { journalDamage }] = await Promise.all([import('./adapters/level-store.ts'), import('./adapters/level-journal.ts')])
  await storeThere(config)
  await using undo = new AsyncDisposableStack()
  const dir = join(config.dir, 'store')
  const damage = await journalDamage(dir)
  // The store first: its lock says at once that another process runs here, before the passphrase costs a second.
  const opened = undo.use(await openLevelStore(dir))
  if (damage) log('error', 'journal damaged', { code: 'DFFT_STORE', ...damage })
  const store = overrides.store ? overrides.store(opened) : opened
  const [{ vault, identifiers }, { libp2pNetwork }, sodium] = await Promise.all([
    openKeys(config, passphrase, { store, log, undo }),
    import('./adapters/libp2p-network.ts'),
    sodiumEd25519(),
  ])
  refuseMissing(await missingOf(store, { vault, identifiers }), (event) => log('error', event))
  useEd25519(sodium)
  const gate = new NetworkGate()
  const network = undo.use(await libp2pNetwork({ ...networkOf(config, overrides), peerKey: await openPeerKey(store, vault), gate, log }))
  const dataKeys = undo.use(await openDataKeys(config, vault))
  const anchor = undo.use(new FileAnchor(join(config.dir, 'log-anchor')))
  const noRoom = (cause: unknown) => log('warn', 'log tree stays in memory', { code: 'DFFT_STORE', reason: String(cause).slice(0, 256) })
  const overflow = undo.use(new ScratchFile(join(config.dir, 'log-tree'), noRoom))
  const care = { ...careOf(config.dir, opened, version, dataKeys), seal: overrides.seal }
  const machine = undo.use(systemMachine(config.dir))
  // The door serves the node, and the node is asked for the door.
  const doors: ConsoleDoor[] = []
  const invite = () => invitation(doors)
  const joined = await parts(config, { store, vault, dataKeys, anchor, overflow, identifiers, network, gate, log, machine, care }, overrides, invite)
  const node = undo.use(await TrustNode.start(overrides.parts ? overrides.parts(joined) : joined))
  const door = undo.use(await openConsole(node, config, log))
  doors.push(door)
  const { did } = await node.status({})
  let served = nothingServed
  const held = undo.move()
  return {
    node,
    did,
    peerId: network.peerId,
    addresses: network.addresses,
    publish: async () => {
      const open = config.publicHttp && held.use(await publicHttp(node, config.publicHttp, log, did))
      const api = config.api && held.use(await serveApi(node, { ...config.api, log, tokens: node.tokens }))
      served = { publicHttp: addressOf(open), api: addressOf(api), console: config.console && (await door.open()) }
    },
    served: () => served,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

function networkOf(config: Config, { tap }: Overrides) {
  return {
    networkName: config.network,
    listen: config.listen,
    announce: config.announce,
    relay: config.relay,
    encrypters: config.encrypters,
    clock: systemClock,
    random: systemRandom,
    limits: { opensPerSecond: config.limits.channelsPerSecond, connections: config.limits.connectionsMax, channels: config.limits.channelsMax },
    ...(tap ? { tap } : {}),
  }
}

async function invitation([door]: readonly ConsoleDoor[]): Promise<Invitation> {
  if (!door) throw new TrustError('DFFT_BUSY', 'the node is starting')
  return door.invite()
}

async function openConsole(node: TrustNode, { console: place }: Config, log: Log): Promise<ConsoleDoor> {
  const { consoleFiles } = await import('./adapters/console-assets.ts')
  const { host, port } = place ?? { host: '127.0.0.1' as const, port: 0 }
  return consoleDoor(node, { host, port, clock: systemClock, random: systemRandom, log, files: consoleFiles() })
}

function addressOf(server: Listening | null): Listening | null {
  return server && { host: server.host, port: server.port }
}

async function openDataKeys({ dir }: Config, vault: KeyVault): Promise<DataKeys> {
  const { openFileDataKeys } = await import('./adapters/file-data-keys.ts')
  return openFileDataKeys(join(dir, 'data-keys'), vault)
}

async function storeThere({ dir }: Config): Promise<void> {
  await access(join(dir, 'store')).catch((cause: unknown) => {
    throw new TrustError('DFFT_NOT_FOUND', `\`${dir}\` holds no node; run \`dfft init\``, {}, { cause })
  })
}

interface OpenKeys {
  readonly vault: KeyVault
  readonly identifiers: Identifiers
}

/** The vaults there are, as one: the token that the configuration names first, so that new keys are made there. */
async function openKeys(
  config: Config,
  passphrase: string,
  { store, log, undo }: { readonly store: Store; readonly log: Log; readonly undo: AsyncDisposableStack },
): Promise<OpenKeys> {
  const [{ openFileKeyVault }, { veramoIdentity }] = await Promise.all([import('./adapters/file-key-vault.ts'), import('./adapters/veramo-identity.ts')])
  const token = undo.use(await openToken(config, passphrase, log))
  const path = keystoreOf(config)
  const there = await access(path).then(
    () => true,
    () => false,
  )
  // A node that was made in a token has no file.
  const file = there ? undo.use(await openFileKeyVault(path, Buffer.from(passphrase), await sodiumSigner())) : undefined
  const vault = token && file ? joinedVault(token, file) : (token ?? file)
  if (!vault) throw new TrustError('DFFT_KEYS_ELSEWHERE', `there is no vault: neither \`${path}\` nor a token`, { keystore: path })
  return { vault, identifiers: veramoIdentity({ store, vault, clock: systemClock }) }
}

/** Undefined where the configuration names none, or where none can be had, which is said. */
async function openToken({ dir, keys }: Config, passphrase: string, log: Log): Promise<KeyVault | undefined> {
  if (keys.vault !== 'pkcs11') return undefined
  const pin = readPin({ env: process.env, file: keys.pinFile === undefined ? undefined : resolve(dir, keys.pinFile) }) ?? passphrase
  const { openPkcs11KeyVault } = await import('./adapters/pkcs11-key-vault.ts')
  const found = await openPkcs11KeyVault(keys, pin)
  if ('vault' in found) return found.vault
  log('warn', 'no hardware module here: the file vault is used', { reason: found.absent })
  return undefined
}

async function missingOf(store: Store, { vault, identifiers }: OpenKeys): Promise<readonly KeyUse[]> {
  return missingKeys(await identifiers.list(), (await peerKeyRecord(store))?.ref, vault)
}

async function parts(
  config: Config,
  ports: OpenKeys & {
    store: Store
    dataKeys: DataKeys
    anchor: FileAnchor
    overflow: ScratchFile
    network: Awaited<ReturnType<typeof import('./adapters/libp2p-network.ts').libp2pNetwork>>
    gate: NetworkGate
    log: Log
    care: Care
    machine: Machine
  },
  overrides: Overrides,
  invite: () => Promise<Invitation>,
) {
  const [{ didResolver }, { rdfcCanonicaliser }, { safeFetch, safePost }, { fileBlobs }] = await Promise.all([
    import('./adapters/did-resolver.ts'),
    import('./adapters/rdfc.ts'),
    import('./adapters/safe-fetch.ts'),
    import('./adapters/file-blobs.ts'),
  ])
  const [identifier] = await ports.identifiers.list()
  if (!identifier) throw new TrustError('DFFT_STORE', 'the store holds no identifier; run `dfft init` in a new folder')
  const fetch = safeFetch()
  const settings = {
    identifier,
    name: config.name,
    jurisdiction: config.jurisdiction,
    publicBase: publicBase(identifier.did),
    statusAgeMsMax: config.limits.statusAgeMaxMs,
    networkName: config.network,
    islandAfterMs: config.limits.islandAfterMs,
    attachmentsMaxBytes: config.limits.attachmentsMaxBytes,
    version,
    begun: true,
    anchor: ports.anchor,
    overflow: ports.overflow,
    ...(overrides.onStop ? { onStop: overrides.onStop } : {}),
    care: ports.care,
    invite,
  }
  return openParts(settings, {
    ...ports,
    resolver: (logs) => didResolver({ logs, fetch }),
    clock: systemClock,
    random: systemRandom,
    blobs: await fileBlobs(join(config.dir, 'attachments')),
    rdfc: rdfcCanonicaliser(),
    fetch,
    post: safePost(),
  })
}

/** Status lists are named below the agency's domain; a node without one names them below its DID. */
function publicBase(did: string): string {
  if (!did.startsWith('did:webvh:')) return did
  const { host, port } = parseWebvh(did).location
  return `https://${host}${port === null ? '' : `:${port}`}`
}

/** Served under the name in `base`, and under the one that the DID and the status lists are named by. */
async function publicHttp(
  node: TrustNode,
  { host, port, base, proxies, verifier }: NonNullable<Config['publicHttp']>,
  log: Log,
  did: string,
): Promise<PublicServer> {
  const files = verifier ? (await import('./adapters/console-assets.ts')).consoleFiles() : undefined
  const names = [publicBase(did), base].flatMap((name) => (name?.startsWith('https:') ? [new URL(name).host] : []))
  return servePublic({
    host,
    port,
    hosts: names,
    proxies,
    clock: systemClock,
    log,
    health: () => node.publicHealth(),
    documents: async (path) => (files && (await verifierPage(path, files))) ?? node.publicDocument(path),
    questions: verifier ? new Map([...node.publicQuestions(), [verifierPath, node.publicVerifier()]]) : node.publicQuestions(),
  })
}

// The program.

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: '.dfft' }, 'passphrase-file': { type: 'string' }, sealed: { type: 'boolean', default: false } },
  })
  try {
    if (positionals[0] === 'init') {
      // Each is looked at before it is used.
      const { passphrase, config, dryRun } = parseJson(await standardInput()) as { passphrase?: unknown; config?: unknown; dryRun?: unknown }
      if (dryRun === true) {
        say({ ok: true, result: { did: null, peerId: null, dir: mayWriteConfig(values.dir, config).dir } })
        return 0
      }
      if (typeof passphrase !== 'string') throw new TrustError('DFFT_USAGE', 'standard input lacks the passphrase')
      say({ ok: true, result: await initialise(values.dir, passphrase, config) })
      return 0
    }
    if (positionals[0] === 'recover') {
      say({ ok: true, result: await recoverKeys(values.dir, parseJson(await standardInput())) })
      return 0
    }
    const verb = careVerbs[positionals[0] ?? '']
    if (verb) {
      say({ ok: true, result: await verb(values.dir, parseJson(await standardInput()), version) })
      return 0
    }
    if (positionals[0] === 'run') return await runUntilStopped(values.dir, values.sealed, values['passphrase-file'])
    throw new TrustError('DFFT_USAGE', 'say `init`, `recover` or `run`')
  } catch (thrown) {
    const code = codeOf(thrown)
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    if (code === 'DFFT_INTERNAL') process.stderr.write(`${thrown instanceof Error ? thrown.stack : message}\n`)
    say({ ok: false, error: { code, message, advice: codes[code].advice, facts: thrown instanceof TrustError ? thrown.facts : {} } })
    return codes[code].exit
  }
}

async function runUntilStopped(dir: string, sealed: boolean, passphraseFile: string | undefined): Promise<number> {
  const config = loadConfig(dir, { env: process.env })
  const given = sealed ? null : readPassphrase({ env: process.env, ...(passphraseFile === undefined ? {} : { file: passphraseFile }) })
  const passphrase = given === undefined ? (await standardInput()).split('\n', 1).join('') : given
  const stopped = Promise.withResolvers<void>()
  // `on`, not `once`: a second signal must not end the process in the middle of its shutdown.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve())
  const log = errorLog(config.logLevel)
  fitCollector()
  await using running = await run(config, passphrase, log, { onStop: () => stopped.resolve() })
  say({ ready: running.ready })
  setTimeout(giveBack, loadedMs).unref()
  await stopped.promise
  // An operation that hangs must not keep the process: what is acknowledged is on disk.
  setTimeout(() => process.exit(0), shutdownMs).unref()
  return 0
}

/** After the line that says ready: what follows a start at once is done by then, and a process that is stopped sooner does without. */
const loadedMs = 200

function errorLog(level: Config['logLevel']): Log {
  return jsonLog(process.stderr, { level, clock: systemClock })
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer) // Without an encoding the stream yields buffers.
    length += (chunk as Buffer).length
    if (length > 1 << 20) throw new TrustError('DFFT_LIMIT', 'standard input is too long')
    // A passphrase ends with its line; a terminal never sends the end of the stream.
    if (length <= passphraseBytesMax && (chunk as Buffer).includes(10)) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

// The network library leaves a timer of a second behind; everything is on disk and closed by now.
if (import.meta.main) void main().then((exit) => process.exit(exit))
