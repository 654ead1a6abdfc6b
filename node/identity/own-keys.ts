/** The keys of this node, for its operator: what each is for, since when, and where it lies. */

import type { Identifiers, KeyEra, KeyRef, KeyVault, Network, OwnKey, Store, VaultKind } from '#node/ports.ts'
import { endOf } from '#protocols/did/document.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { multihash } from '#protocols/did/webvh-entry.ts'
import { type Did, type Instant, instant } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import type { DidBook } from './dids.ts'
import { peerKeyRecord } from './peer-key.ts'
import { fingerprint, type Self } from './self.ts'

/**
 * `announced` signs the next entry of the DID's log, and nothing before; `peer` is the process towards the network; `next-peer` will be
 * from the next start on.
 */
export type OwnKeyRole = 'signing' | 'announced' | 'former' | 'compromised' | 'lost' | 'peer' | 'next-peer'

export interface OwnKeyView {
  /** As the DID document names it; of an announced key what the log has of it (`nextKeyHashes`); of a peer key the peer id. */
  readonly keyId: string
  readonly role: OwnKeyRole
  readonly algorithm: string
  /** Null where no document names it, or no history is kept. */
  readonly from: Instant | null
  readonly until: Instant | null
  /** Of a peer key the peer id says it. */
  readonly fingerprint: string | null
  /** Of a peer key where that lies which seals it; null where it was handed over at the start. */
  readonly vault: VaultKind | null
}

interface Needs {
  readonly self: Self
  readonly dids: DidBook
  readonly identifiers: Pick<Identifiers, 'list'>
  readonly vault: KeyVault
  readonly store: Store
  readonly network: Pick<Network, 'peerId'>
}

/** What signs first, then the announced one, then those of before from the newest on, then the peer's. */
export async function ownKeys(needs: Needs, signal: AbortSignal): Promise<readonly OwnKeyView[]> {
  const { self, dids, identifiers, vault } = needs
  const { keys } = await dids.resolve(self.did, signal)
  const identifier = (await identifiers.list()).find(({ did }) => did === self.did)
  if (!identifier) return []
  const { announced, former = [] } = identifier
  const signing = await viewOf(identifier, keys, vault, 'signing')
  const before = await Promise.all(former.map((key) => viewOf(key, keys, vault, 'former')))
  return [signing, ...(announced === undefined ? [] : [await announcedView(announced, vault)]), ...before, ...(await peerViews(needs))]
}

async function viewOf({ keyId, keyRef, lost }: OwnKey, keys: readonly KeyEra[], vault: KeyVault, role: OwnKeyRole): Promise<OwnKeyView> {
  const jwk = lost ?? (await vault.publicKey(keyRef))
  const spans = keys.filter((key) => key.keyId === keyId)
  const fromMs = Math.min(...spans.map((span) => span.fromMs))
  const untilMs = Math.max(...spans.map(endOf))
  return {
    keyId,
    role: spans.some(({ revokedMs }) => revokedMs !== undefined) ? 'compromised' : lost ? 'lost' : role,
    algorithm: algorithmOf(jwk),
    from: Number.isFinite(fromMs) && fromMs > 0 ? instant(fromMs) : null,
    until: Number.isFinite(untilMs) ? instant(untilMs) : null,
    fingerprint: fingerprint(jwk),
    vault: lost ? null : await vault.whereabouts(keyRef),
  }
}

async function announcedView(ref: KeyRef, vault: KeyVault): Promise<OwnKeyView> {
  const none = { from: null, until: null } as const
  const jwk = await vault.publicKey(ref).catch(() => undefined) // It can be lost without the node: the rest of the list is wanted all the more.
  if (!jwk) return { keyId: 'lost', role: 'announced', algorithm: 'EdDSA', ...none, fingerprint: null, vault: null }
  const keyId = multihash(multikeyOf(jwk))
  return { keyId, role: 'announced', algorithm: algorithmOf(jwk), ...none, fingerprint: fingerprint(jwk), vault: await vault.whereabouts(ref) }
}

async function peerViews({ store, vault, network }: Needs): Promise<OwnKeyView[]> {
  const record = await peerKeyRecord(store)
  const kind = record ? await vault.whereabouts(record.ref) : null
  const view = (keyId: string, role: OwnKeyRole): OwnKeyView => ({ keyId, role, algorithm: 'EdDSA', from: null, until: null, fingerprint: null, vault: kind })
  return [view(network.peerId, 'peer'), ...(record?.peerId === undefined || record.peerId === network.peerId ? [] : [view(record.peerId, 'next-peer')])]
}

function algorithmOf({ kty }: PublicJwk): string {
  return kty === 'EC' ? 'ES256' : 'EdDSA'
}

/** A DID that its own log has ended. */
export function ended(identifier: { readonly did: Did; readonly announced?: KeyRef }): boolean {
  return identifier.did.startsWith('did:webvh:') && identifier.announced === undefined
}
