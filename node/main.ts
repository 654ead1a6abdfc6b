/**
 * The composition root: the one place where adapters meet the core, and the program behind `dfft init` and `dfft up`.
 *
 *     node node/main.ts init --dir DIR                           {"passphrase": …, "config": …} on standard input
 *     node node/main.ts run --dir DIR [--passphrase-file FILE]   else the passphrase is the first line of standard input
 *
 * One JSON line on standard output says how it went; the log goes to standard error.
 */
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AuditLog } from '#node/audit/audit.ts'
import { selfOf } from '#node/identity/self.ts'
import { parseWebvh } from '#protocols/did/webvh.ts'
import { codeOf, codes, TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { useEd25519 } from '#protocols/keys.ts'
import { peerIdOf } from '#protocols/peer-id.ts'
import { fileAnchor } from './adapters/file-anchor.ts'
import { jsonLog } from './adapters/json-log.ts'
import { sodiumEd25519 } from './adapters/sodium.ts'
import { systemClock, systemRandom } from './adapters/system.ts'
import { type Config, loadConfig, readPassphrase, writeConfig } from './config.ts'
import { serveAdmin, servePublic } from './http.ts'
import { openParts } from './open-node.ts'
import type { Identifier, KeyRef, KeyVault, Log, Store } from './ports.ts'
import { getJson, putJson } from './stored.ts'
import { type Parts, TrustNode } from './trust-node.ts'

const version = '0.1.0'
/** A passphrase of this length has more entropy than the key it guards; a longer one is the wrong file. */
const passphraseBytesMax = 1024
/** Longer than any operation that is not waiting for a partner. */
const shutdownMs = 5_000

interface PeerKeyRecord {
  readonly ref: KeyRef
  /** Base64: the seed of the peer key, sealed by the vault. */
  readonly sealed: string
}

const peerKeyContext = Buffer.from('dfft peer key')

/** What a caller in the same process may exchange: a test that kills the node, or listens on the wire. */
export interface Overrides {
  readonly store?: (store: Store) => Store
  readonly tap?: (direction: 'in' | 'out', remote: string, bytes: Uint8Array) => void
  readonly onStop?: () => void
  readonly parts?: (parts: Parts) => Parts
}

export interface Running extends AsyncDisposable {
  readonly node: TrustNode
  readonly ready: { readonly did: string; readonly peerId: string; readonly addresses: readonly string[]; readonly socket: string }
}

/** Makes the folder, the keystore, the store and the node's identifier. Nothing is left behind when a step fails before the keystore. */
export async function initialise(dir: string, passphrase: string, wishes: unknown): Promise<{ did: string; peerId: string; dir: string }> {
  const [{ createFileKeyVault }, { openLevelStore }, { veramoIdentity }, { newPeerKey }] = await Promise.all([
    import('./adapters/file-key-vault.ts'),
    import('./adapters/level-store.ts'),
    import('./adapters/veramo-identity.ts'),
    import('./adapters/libp2p-network.ts'),
  ])
  if (passphrase.length === 0) throw new TrustError('DFFT_PASSPHRASE', 'an empty passphrase guards nothing')
  const config = writeConfig(dir, wishes)
  await mkdir(join(dir, 'store'), { recursive: true, mode: 0o700 })
  await using store = await openLevelStore(join(dir, 'store'))
  await using vault = await createFileKeyVault(join(dir, 'keystore.json'), Buffer.from(passphrase))
  const seed = newPeerKey()
  const ref = await vault.create('A256GCM')
  const sealed = await vault.seal(ref, seed, peerKeyContext)
  const record: PeerKeyRecord = { ref, sealed: Buffer.from(sealed).toString('base64') }
  await store.batch([putJson('node/peer-key', record)])
  const peerId = peerIdOf(seed)
  const identifiers = veramoIdentity({ store, vault, clock: systemClock })
  const identifier = await identifiers.create(config.did.method === 'webvh' ? { method: 'webvh', domain: config.did.domain, peerId } : config.did)
  await beginLog(identifier, config, store, vault)
  const { did } = identifier
  return { did, peerId, dir: config.dir }
}

/** The first entry: from now on a store without any has lost them. */
async function beginLog(identifier: Identifier, config: Config, store: Store, vault: KeyVault): Promise<void> {
  const { did, signer } = await selfOf(identifier, config, vault)
  const audit = await AuditLog.open(store, { did, signer, clock: systemClock })
  await audit.append([{ kind: 'initialised', facts: { did, version } }])
}

/** Starts the node in a folder. Disposing stops it. */
export async function run(config: Config, passphrase: string, log: Log, overrides: Overrides = {}): Promise<Running> {
  const { openLevelStore } = await import('./adapters/level-store.ts')
  await access(join(config.dir, 'keystore.json')).catch((cause: unknown) => {
    throw new TrustError('DFFT_NOT_FOUND', `\`${config.dir}\` holds no node; run \`dfft init\``, {}, { cause })
  })
  await using undo = new AsyncDisposableStack()
  // The store first: its lock says at once that another process runs here, before the passphrase costs a second.
  const opened = undo.use(await openLevelStore(join(config.dir, 'store')))
  const store = overrides.store ? overrides.store(opened) : opened
  const { openFileKeyVault } = await import('./adapters/file-key-vault.ts')
  const [vault, { libp2pNetwork }, sodium] = await Promise.all([
    openFileKeyVault(join(config.dir, 'keystore.json'), Buffer.from(passphrase)),
    import('./adapters/libp2p-network.ts'),
    sodiumEd25519(),
  ])
  undo.use(vault)
  useEd25519(sodium)
  const network = await libp2pNetwork({
    peerKey: await peerKey(store, vault),
    networkName: config.network,
    listen: config.listen,
    encrypters: config.encrypters,
    clock: systemClock,
    random: systemRandom,
    log,
    limits: { opensPerSecond: config.limits.channelsPerSecond, connections: config.limits.connectionsMax, channels: config.limits.channelsMax },
    ...(overrides.tap ? { tap: overrides.tap } : {}),
  })
  undo.use(network)
  const joined = await parts(config, { store, vault, network, log }, overrides)
  const node = undo.use(await TrustNode.start(overrides.parts ? overrides.parts(joined) : joined))
  undo.use(await serveAdmin(node, { socketPath: config.socket, log }))
  if (config.publicHttp) undo.use(await publicHttp(node, config.publicHttp, log))
  const held = undo.move()
  const { did } = await node.status({})
  return { node, ready: { did, peerId: network.peerId, addresses: network.addresses, socket: config.socket }, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function peerKey(store: Store, vault: KeyVault): Promise<Uint8Array> {
  const record = await getJson<PeerKeyRecord>(store, 'node/peer-key')
  if (!record) throw new TrustError('DFFT_STORE', 'the store holds no peer key; it is not the store of a node')
  return vault.open(record.ref, Buffer.from(record.sealed, 'base64'), peerKeyContext)
}

async function parts(
  config: Config,
  ports: { store: Store; vault: KeyVault; network: Awaited<ReturnType<typeof import('./adapters/libp2p-network.ts').libp2pNetwork>>; log: Log },
  overrides: Overrides,
) {
  const [{ didResolver }, { rdfcCanonicaliser }, { safeFetch }, { veramoIdentity }] = await Promise.all([
    import('./adapters/did-resolver.ts'),
    import('./adapters/rdfc.ts'),
    import('./adapters/safe-fetch.ts'),
    import('./adapters/veramo-identity.ts'),
  ])
  const identifiers = veramoIdentity({ ...ports, clock: systemClock })
  const [identifier] = await identifiers.list()
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
    version,
    begun: true,
    anchor: fileAnchor(join(config.dir, 'log-anchor')),
    ...(overrides.onStop ? { onStop: overrides.onStop } : {}),
  }
  return openParts(settings, {
    ...ports,
    identifiers,
    resolver: (logs) => didResolver({ logs, fetch }),
    clock: systemClock,
    random: systemRandom,
    rdfc: rdfcCanonicaliser(),
    fetch,
  })
}

/** Status lists are named below the agency's domain; a node without one names them below its DID. */
function publicBase(did: string): string {
  if (!did.startsWith('did:webvh:')) return did
  const { host, port } = parseWebvh(did).location
  return `https://${host}${port === null ? '' : `:${port}`}`
}

async function publicHttp(node: TrustNode, { host, port }: { host: string; port: number }, log: Log): Promise<AsyncDisposable> {
  return servePublic({ host, port, log, health: () => node.health(), documents: (path) => node.publicDocument(path) })
}

// The program.

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: '.dfft' }, 'passphrase-file': { type: 'string' } },
  })
  try {
    if (positionals[0] === 'init') {
      const { passphrase, config } = parseJson(await standardInput()) as { passphrase?: unknown; config?: unknown } // Both are looked at before they are used.
      if (typeof passphrase !== 'string') throw new TrustError('DFFT_USAGE', 'standard input lacks the passphrase')
      say({ ok: true, result: await initialise(values.dir, passphrase, config) })
      return 0
    }
    if (positionals[0] === 'run') return await runUntilStopped(values.dir, values['passphrase-file'])
    throw new TrustError('DFFT_USAGE', 'say `init` or `run`')
  } catch (thrown) {
    const code = codeOf(thrown)
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    if (code === 'DFFT_INTERNAL') process.stderr.write(`${thrown instanceof Error ? thrown.stack : message}\n`)
    say({ ok: false, error: { code, message, advice: codes[code].advice, facts: thrown instanceof TrustError ? thrown.facts : {} } })
    return codes[code].exit
  }
}

async function runUntilStopped(dir: string, passphraseFile: string | undefined): Promise<number> {
  const config = loadConfig(dir, { env: process.env })
  const passphrase =
    readPassphrase({ env: process.env, ...(passphraseFile === undefined ? {} : { file: passphraseFile }) }) ?? (await standardInput()).split('\n', 1).join('')
  const stopped = Promise.withResolvers<void>()
  // `on`, not `once`: a second signal must not end the process in the middle of its shutdown.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve())
  const log = jsonLog(process.stderr, { level: config.logLevel, clock: systemClock })
  await using running = await run(config, passphrase, log, { onStop: () => stopped.resolve() })
  say({ ready: running.ready })
  await stopped.promise
  // An operation that hangs must not keep the process: what is acknowledged is on disk.
  setTimeout(() => process.exit(0), shutdownMs).unref()
  return 0
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
if (import.meta.main) process.exit(await main())
