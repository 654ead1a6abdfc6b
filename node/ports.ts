/** What a node needs from outside. Each port has a contract suite that its memory twin passes too. */
import type { Channel, Service } from '#protocols/channel.ts'
import type { KeyEra } from '#protocols/did/document.ts'
import type { VerifiedLog } from '#protocols/did/webvh.ts'
import type { Approval } from '#protocols/did/webvh-witness.ts'
import type { WitnessList } from '#protocols/did/webvh-write.ts'
import type { Did, DidUrl, PeerId } from '#protocols/ids.ts'
import type { Algorithm, PublicJwk } from '#protocols/keys.ts'

export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number
  /** Milliseconds that never go backwards: for time-outs. */
  monotonicMs(): number
  /** @throws the signal's reason when it aborts first */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Aborts with a TimeoutError after `ms` of this clock. */
  timeout(ms: number): AbortSignal
  /** Resolves when the event loop has turned: what came in meanwhile is in hand, and what was done is told. */
  turn(): Promise<void>
}

export interface Random {
  bytes(count: number): Uint8Array
}

export type Write = { readonly put: string; readonly value: Uint8Array } | { readonly del: string }

export interface Range {
  /** First key, inclusive. */
  readonly from: string
  /** Last key, exclusive. */
  readonly to: string
  readonly reverse?: boolean
  readonly limit?: number
}

/** Ordered keys (compared as UTF-8 bytes) and bytes. */
export interface Store extends AsyncDisposable {
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * All or nothing, on disk when it resolves, applied in the order of the calls.
   * @param ifAbsent keys that must not exist, checked in the same step
   * @throws {TrustError} DFFT_CONFLICT when one does (nothing is written), DFFT_STORE when the disk refuses
   */
  batch(writes: readonly Write[], options?: { readonly ifAbsent?: readonly string[] }): Promise<void>
  /** A snapshot: what is written during the scan is not seen by it. */
  scan(range: Range): AsyncIterable<readonly [key: string, value: Uint8Array]>
}

/** Names a key in the vault; says nothing about it. */
export type KeyRef = string & { readonly KeyRef: unique symbol }

/** Private keys never cross this port. */
export interface KeyVault extends AsyncDisposable {
  /** The key is durable when this resolves. */
  create(kind: Algorithm | 'A256GCM'): Promise<KeyRef>
  /** @throws {TrustError} DFFT_KEY_UNKNOWN */
  publicKey(ref: KeyRef): Promise<PublicJwk>
  /** Raw signature of 64 bytes (ES256: r‖s). @throws {TrustError} DFFT_KEY_UNKNOWN */
  sign(ref: KeyRef, bytes: Uint8Array): Promise<Uint8Array>
  /** AES-256-GCM under the key, bound to `context`. @throws {TrustError} DFFT_KEY_UNKNOWN */
  seal(ref: KeyRef, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array>
  /** @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_KEYSTORE when the bytes or the context were changed */
  open(ref: KeyRef, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>
  /** After this resolves nothing sealed under the key can be opened, by anybody. */
  destroy(ref: KeyRef): Promise<void>
  /** What kind of vault the key lies in, for an operator. @throws {TrustError} DFFT_KEY_UNKNOWN */
  whereabouts(ref: KeyRef): Promise<VaultKind>
}

export type VaultKind = 'memory' | 'file' | 'pkcs11'

/** Names a data key; no two keys ever have one name, whatever became of the file they were in. */
export type DataKeyId = string & { readonly DataKeyId: unique symbol }

/** Something that a start found wrong with the data keys. */
export interface DataKeyFinding {
  /** `missing`: there was nothing to open. `torn`: a write that a crash cut short. `damaged`: bytes that were changed. */
  readonly what: 'missing' | 'torn' | 'damaged'
  /** Keys that are lost by it; null where that cannot be told. */
  readonly keys: number | null
}

/**
 * Keys of single received data, kept outside the store, so that a copy of the store opens none of it, and a key that is destroyed takes
 * its data with it wherever copies of them lie.
 */
export interface DataKeys extends AsyncDisposable {
  /** What was wrong at the start. With the head of a file damaged, `take` and `destroy` refuse until an operator has mended it. */
  readonly findings: readonly DataKeyFinding[]
  /** A key that nobody has used; durable when this resolves, mostly because it was before. @throws {TrustError} DFFT_DATA_KEYS */
  take(): Promise<DataKeyId>
  /** @throws {TrustError} DFFT_DATA_KEYS when the disk cannot be read */
  has(id: DataKeyId): boolean
  /** AES-256-GCM under the key, bound to `context`. @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_DATA_KEYS */
  seal(id: DataKeyId, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array>
  /** @throws {TrustError} DFFT_KEY_UNKNOWN, DFFT_DATA_KEYS, DFFT_KEYSTORE when the bytes or the context were changed */
  open(id: DataKeyId, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>
  /** After this resolves nothing sealed under these keys can be opened, by anybody. What is gone already may be named. @throws {TrustError} DFFT_DATA_KEYS */
  destroy(ids: readonly DataKeyId[]): Promise<void>
}

/** Names one content; says nothing about it. 64 hex digits. */
export type BlobId = string & { readonly BlobId: unique symbol }

/** Content too long for the Store, as it was handed over: whoever needs it sealed seals it. */
export interface Blobs {
  /**
   * Goes on with what was begun under this name, or begins. One writer at a time.
   * @throws {TrustError} DFFT_CONFLICT when it is whole already, or being written; DFFT_STORE when the disk refuses
   */
  write(id: BlobId): Promise<BlobWriter>
  /** What is whole, to be read. @throws {TrustError} DFFT_NOT_FOUND unless it is; DFFT_STORE */
  open(id: BlobId): Promise<BlobReader>
  /** Whole or begun; nothing happens where there is none. @throws {TrustError} DFFT_STORE */
  delete(id: BlobId): Promise<void>
  /** In no order. @throws {TrustError} DFFT_STORE */
  list(): Promise<readonly { readonly id: BlobId; readonly bytes: number; readonly whole: boolean }[]>
}

export interface BlobReader extends AsyncDisposable {
  /** At most `length` bytes from `offset`, fewer only at the end; they are good until the next call. @throws {TrustError} DFFT_STORE */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Disposing keeps what is begun, to be gone on with; after a crash of the machine some of it may be lost or garbled. */
export interface BlobWriter extends BlobReader {
  /** How much is there, and can be read. */
  readonly bytes: number
  /** Drops all that is behind. */
  truncate(bytes: number): Promise<void>
  append(bytes: Uint8Array): Promise<void>
  /** Whole and durable when this resolves: nothing can be appended any more. */
  finish(): Promise<void>
}

/** Who this node is towards the network; the hello uses it. */
export interface NetworkIdentity {
  readonly did: Did
  readonly keyId: DidUrl
  /** Our did:webvh log as JSON Lines, so that a peer resolves us without DNS. */
  readonly didLog?: string | undefined
  /** The text of did-witness.json, where our log names witnesses. */
  readonly witnessProofs?: string | undefined
  /** By the key that `keyId` names: a handshake takes both at one time, since the key may be rotated in the middle of it. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
  /** The key of a peer's verification method; `didLog` and `witnessProofs` are what the peer sent with it. */
  resolveKey(keyId: DidUrl, didLog: string | undefined, peerId: PeerId, signal: AbortSignal, witnessProofs?: string): Promise<PublicJwk>
}

export interface Peer {
  readonly did: Did
  readonly peerId: PeerId
  /** Multiaddr, or whatever the adapter understands; first what worked last. */
  readonly addresses: readonly string[]
  /** The protocol version that both speak, while it is connected. */
  readonly version?: number
}

export interface Network extends AsyncDisposable {
  readonly peerId: PeerId
  /** What others dial, known once started. */
  readonly addresses: readonly string[]
  /**
   * Listens and answers hellos. `onChannel` serves each channel a bound peer opens; when it rejects, the channel
   * is closed with the code. @throws {TrustError} DFFT_PORT_IN_USE
   */
  start(identity: NetworkIdentity, onChannel: (channel: Channel) => Promise<void>): Promise<void>
  /** Dials, says hello, and keeps the connection. @throws {TrustError} DFFT_UNREACHABLE, DFFT_HELLO, DFFT_PEER_BINDING, DFFT_TIMEOUT */
  connect(address: string, signal: AbortSignal): Promise<Peer>
  /** A channel to a party; uses the connection there is, or dials the addresses given. @throws {TrustError} DFFT_UNREACHABLE, DFFT_BUSY */
  open(peer: { readonly did: Did; readonly addresses: readonly string[] }, service: Service, signal: AbortSignal): Promise<Channel>
  /** Calls a party until it answers, and again whenever it is lost, as long as the node runs. */
  keep(peer: { readonly did: Did; readonly addresses: readonly string[] }): void
  /** Bound peers of this moment. */
  connected(): readonly Peer[]
  /** Counts a fault (a code) against a peer: it is disconnected, then banned, as its score falls. */
  fault(did: Did, code: string): void
  /** Called when a peer's connection is bound, in either direction. */
  onBound(listener: (peer: Peer) => void): void
  /**
   * Tells all bound peers, and through them theirs. Nobody answers, and whoever is away or has only just come may never hear it.
   * @throws {TrustError} DFFT_FRAME_TOO_LONG over 32 KiB, DFFT_NOT_RUNNING
   */
  publish(announcement: Uint8Array): Promise<void>
  /** Who hears what others publish: each content once, whoever repeats it, and never our own. */
  onAnnounced(listener: Announced): void
}

/**
 * @param from who handed it over, which need not be who wrote it
 * @returns whether it is passed on to others. A TrustError: it is not, and its code counts against `from`.
 */
export type Announced = (announcement: Uint8Array, from: Peer) => Promise<boolean>

/** Fetches over https from the public internet, and nothing else. */
export type Fetch = (url: string, options: { readonly bytesMax: number; readonly signal: AbortSignal }) => Promise<Uint8Array>

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>
/** Structured, without personal data: Dids, ids, codes and counts only. */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: LogFields) => void

export type { KeyEra }

export interface ResolvedDid {
  readonly did: Did
  readonly document: Readonly<Record<string, unknown>>
  readonly keys: readonly KeyEra[]
  readonly alsoKnownAs: readonly string[]
  /** Peer ids the document names (an agency's service of type `DfftNode`). */
  readonly peerIds: readonly string[]
  readonly deactivated: boolean
}

export interface Resolver {
  /** @throws {TrustError} DFFT_DID_SYNTAX, DFFT_DID_METHOD, DFFT_DID_NOT_FOUND, DFFT_DID_LOG */
  resolve(did: Did, signal: AbortSignal): Promise<ResolvedDid>
}

/** A did:webvh log as it was handed over, and what it proves. */
export interface HeldLog {
  /** JSON Lines. */
  readonly log: string
  /** The text of did-witness.json, where the log names witnesses. */
  readonly witnessProofs?: string | undefined
  readonly verified: VerifiedLog
}

/** The did:webvh logs this node has seen; none ever gets shorter. */
export interface DidLogs {
  held(did: Did): Promise<HeldLog | undefined>
  /** @throws {TrustError} DFFT_DID_SYNTAX, DFFT_DID_LOG, DFFT_DID_ROLLBACK, DFFT_LIMIT */
  learn(did: Did, log: string, witnessProofs?: string): Promise<HeldLog>
}

export interface Identifier {
  readonly did: Did
  /** The method that signs for this DID today. */
  readonly keyId: DidUrl
  readonly keyRef: KeyRef
  /** did:webvh only: the log as JSON Lines. */
  readonly didLog?: string
  /** The text of did-witness.json, where the log names witnesses. */
  readonly witnessProofs?: string
  /** Keys that signed for this DID before, newest first. They stay in the vault: credentials held here are bound to them. */
  readonly former?: readonly OwnKey[]
  /** did:webvh only: the key whose digest the log has announced, which signs its next entry. None once the DID is deactivated. */
  readonly announced?: KeyRef
  /** did:webvh only: an entry of the log that waits for its witnesses. Until they have approved, all else is as before it. */
  readonly pending?: WaitingEntry
}

export interface WaitingEntry {
  readonly versionId: string
  /** The log with the entry. */
  readonly didLog: string
  /** did:key of each witness whose approval is there. */
  readonly approved: readonly Did[]
}

export interface OwnKey {
  readonly keyId: DidUrl
  readonly keyRef: KeyRef
  /** Of a key that the vault lost: what is left of it. */
  readonly lost?: PublicJwk
}

/** Makes and keeps this node's own identifiers. */
export interface Identifiers {
  /**
   * @param domain for did:webvh: `agency.example` or `agency.example%3A8443`, with optional `:path` segments
   * @param peerId named in the document, so that partners know which peer speaks for the DID
   */
  create(wish: { readonly method: 'key' | 'jwk' } | { readonly method: 'webvh'; readonly domain: string; readonly peerId: PeerId }): Promise<Identifier>
  list(): Promise<readonly Identifier[]>
  /**
   * Puts a new key in the place of the one that signs, by an entry of the DID's log that its announced key signs. Durable, whole, when
   * it resolves; one rotation at a time.
   *
   * @param wish.compromisedSinceMs nothing signed by the keys in use since then counts; to the second
   * @param wish.retireFromMs the old key's end is dated no earlier: after the cosignatures that show the age of what it issued
   * @param wish.lost keys of this identifier that the vault has no more: kept as `lost`
   * Where the log names witnesses, the entry waits for them (`pending`), durable, and nothing else changes.
   *
   * @param wish.witness who has to approve entries from now on; null ends that
   * @param wish.peerIds the peers that speak for the DID from now on; left out, they stay
   * @throws {TrustError} DFFT_KEY_FIXED where the DID is its key, DFFT_NOT_FOUND, DFFT_USAGE for an instant to come, DFFT_DID_DEACTIVATED,
   *   DFFT_KEY_WAITING while an entry waits, DFFT_LIMIT
   */
  rotate(
    did: Did,
    wish: {
      readonly compromisedSinceMs?: number
      readonly retireFromMs?: number
      readonly peerIds?: readonly PeerId[]
      readonly lost?: readonly KeyRef[]
      readonly witness?: WitnessList | null
    },
  ): Promise<Identifier>
  /**
   * Keeps a witness's approval of the entry that waits, and publishes the entry where the threshold is there: durable, whole, when it resolves.
   *
   * @throws {TrustError} DFFT_NOT_FOUND when none waits, DFFT_WITNESS_REFUSED when it is of another entry or by no witness, DFFT_SIGNATURE
   */
  approve(did: Did, approval: Approval): Promise<Identifier>
  /** Ends the DID for good: from then on it names no key. @throws {TrustError} as `rotate` */
  deactivate(did: Did, wish?: { readonly retireFromMs?: number }): Promise<Identifier>
}

/** One file of the web console, and the same in fewer bytes. */
export interface ConsoleFile {
  readonly type: string
  readonly body: Uint8Array
  readonly brotli?: Uint8Array
  readonly gzip?: Uint8Array
  /** Its name says what is in it, so that a browser may keep it for good. */
  readonly forGood: boolean
}

/** The web console as files. */
export interface ConsoleFiles {
  /** By path, `/` for the page itself; undefined where there is none. */
  at(path: string): Promise<ConsoleFile | undefined>
}

/** What opens the web console to one browser, once. */
export interface Invitation {
  readonly host: string
  readonly port: number
  /** Of the machine the node runs on, with the code. */
  readonly url: string
  readonly code: string
  readonly codeSeconds: number
}

/** What the machine says of this process and of the disk that its folder is on. */
export interface Machine {
  now(): {
    readonly cpuS: number
    readonly residentBytes: number
    readonly heapBytes: number
    /** The longest that the event loop was held up since this was asked last. */
    readonly lagS: number
    readonly startedMs: number
    /** Null where the system does not say. */
    readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | null
    readonly openFiles: number | null
  }
}

/** Posts to the public internet over https, or to this very machine over http, and nowhere between. */
export interface Post {
  /** @throws {TrustError} DFFT_FETCH_REFUSED for a URL that nothing is sent to */
  check(url: string): void
  /**
   * @returns the status, whatever it is, and after how long the receiver asks to be tried again
   * @throws {TrustError} DFFT_FETCH_REFUSED, DFFT_TIMEOUT, DFFT_UNREACHABLE
   */
  send(
    url: string,
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array; readonly signal: AbortSignal },
  ): Promise<{ readonly status: number; readonly retryAfterMs: number | null }>
}
