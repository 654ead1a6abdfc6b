/**
 * The key by which the network knows this node's process: an Ed25519 seed in the store, sealed by the vault, since the network library
 * wants the key itself.
 *
 * A new one is announced in the DID document before it is used, and used from the next start on; the one of before is named until the
 * rotation after that. So whoever has the newest log meets no stranger, whichever of the two answers.
 */

import type { KeyRef, KeyVault, Random, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'
import { peerIdOf } from '#protocols/peer-id.ts'

export interface PeerKeyRecord {
  /** Of the vault's key. */
  readonly ref: KeyRef
  /** Base64: the seed, sealed. */
  readonly sealed: string
  /** What the seed makes; nodes of before did not write it down. */
  readonly peerId?: PeerId
}

const recordKey = 'node/peer-key'
/** Of a rotation that waits for witnesses, or that never came to be. */
const waitingKey = 'node/peer-key-waiting'
const context = Buffer.from('dfft peer key')
const seedBytes = 32

/** A new one in the place of the one there is, if any. */
export async function makePeerKey({ store, vault, random }: { store: Store; vault: KeyVault; random: Random }): Promise<NewPeerKey> {
  const before = await peerKeyRecord(store)
  const seed = random.bytes(seedBytes)
  const ref = await vault.create('A256GCM')
  const sealed = Buffer.from(await vault.seal(ref, seed, context)).toString('base64')
  const peerId = peerIdOf(seed)
  return {
    peerId,
    async wait() {
      await store.batch([putJson(waitingKey, { ref, sealed, peerId } satisfies PeerKeyRecord)])
    },
    async keep() {
      await store.batch([putJson(recordKey, { ref, sealed, peerId } satisfies PeerKeyRecord), { del: waitingKey }])
      if (before) await vault.destroy(before.ref).catch(() => undefined) // What it sealed is in no store any more.
    },
  }
}

/** Keeps the one that waited, where the document names it now. @returns its peer id */
export async function keepWaiting({ store, vault }: { store: Store; vault: KeyVault }, named: readonly string[]): Promise<PeerId | undefined> {
  const waiting = await getJson<PeerKeyRecord>(store, waitingKey)
  if (waiting?.peerId === undefined || !named.includes(waiting.peerId)) return undefined
  const before = await peerKeyRecord(store)
  await store.batch([putJson(recordKey, waiting), { del: waitingKey }])
  if (before) await vault.destroy(before.ref).catch(() => undefined) // As in `keep`.
  return waiting.peerId
}

export interface NewPeerKey {
  readonly peerId: PeerId
  /** Durable, and not used: the entry of our log that names it may have to wait for witnesses. */
  wait(): Promise<void>
  /** From now on a start uses it. */
  keep(): Promise<void>
}

export function peerKeyRecord(store: Store): Promise<PeerKeyRecord | undefined> {
  return getJson<PeerKeyRecord>(store, recordKey)
}

/** @throws {TrustError} DFFT_STORE when there is none, DFFT_KEY_UNKNOWN, DFFT_KEYSTORE */
export async function openPeerKey(store: Store, vault: KeyVault): Promise<Uint8Array> {
  const record = await peerKeyRecord(store)
  if (!record) throw new TrustError('DFFT_STORE', 'the store holds no peer key; it is not the store of a node')
  return vault.open(record.ref, Buffer.from(record.sealed, 'base64'), context)
}
