/** How an identifier is made and written down: what the Veramo adapter and its twin in the simulator have in common. */
import { z } from 'zod'
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { nodeDocument } from '#protocols/did/document.ts'
import { didJwkMethod, didJwkOf } from '#protocols/did/jwk.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { parseLocation } from '#protocols/did/web.ts'
import { createLog } from '#protocols/did/webvh-write.ts'
import { Did, DidUrl } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { PublicJwk } from '#protocols/keys.ts'
import type { Identifier, Identifiers, KeyRef, Store } from '../ports.ts'

export type Wish = Parameters<Identifiers['create']>[0]

/** `assert` signs for the DID; `update` signs the entries of its log; `next` is the update key announced for the next entry. */
export type KeyRole = 'assert' | 'update' | 'next'

/** A key made for one DID: its name in the vault, and what may be seen of it. */
export interface FreshKey {
  readonly ref: KeyRef
  readonly publicJwk: PublicJwk
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

const prefix = 'identifier/'

/** What the store keeps of an identifier. Closed: a private key has no member to hide in. */
export const IdentifierRecord = z.strictObject({
  did: Did,
  keyId: DidUrl,
  keys: z
    .array(z.strictObject({ ref: z.string().min(1).max(256), role: z.enum(['assert', 'update', 'next']), publicJwk: PublicJwk }))
    .min(1)
    .max(16),
  /** did:webvh only. */
  didLog: z
    .string()
    .max(1 << 20)
    .optional(),
})
export type IdentifierRecord = z.infer<typeof IdentifierRecord>

/**
 * A new DID over new keys, all Ed25519: ECDSA draws a random number for each signature, so a seed would not replay.
 *
 * @param fresh makes a key
 * @throws {TrustError} DFFT_DID_SYNTAX for a domain that is none, before any key is made
 */
export async function makeIdentifier(wish: Wish, fresh: () => Promise<FreshKey>, nowMs: number): Promise<IdentifierRecord> {
  if (wish.method === 'webvh') return makeWebvh(wish, fresh, nowMs)
  const key = await fresh()
  const did = wish.method === 'key' ? didKeyOf(key.publicJwk) : didJwkOf(key.publicJwk)
  return { did, keyId: wish.method === 'key' ? didKeyMethod(did) : didJwkMethod(did), keys: [named('assert', key)] }
}

async function makeWebvh(wish: Extract<Wish, { method: 'webvh' }>, fresh: () => Promise<FreshKey>, nowMs: number): Promise<IdentifierRecord> {
  parseLocation(wish.domain)
  const assert = await fresh()
  const update = await fresh()
  const next = await fresh()
  const { did, log } = await createLog({
    domain: wish.domain,
    signer: update,
    nextUpdateKeys: [next.publicJwk],
    versionTimeMs: nowMs,
    document: (draft, web) => nodeDocument(draft, { jwk: assert.publicJwk, peerId: wish.peerId, alsoKnownAs: [web] }),
  })
  const keyId = DidUrl.parse(`${did}#${multikeyOf(assert.publicJwk)}`)
  return { did, keyId, keys: [named('assert', assert), named('update', update), named('next', next)], didLog: log }
}

function named(role: KeyRole, { ref, publicJwk }: FreshKey): IdentifierRecord['keys'][number] {
  return { ref, role, publicJwk }
}

/** @throws {TrustError} DFFT_CONFLICT when the DID is there already, DFFT_STORE */
export async function saveIdentifier(store: Store, record: IdentifierRecord): Promise<void> {
  const key = `${prefix}${record.did}`
  await store.batch([{ put: key, value: canonicalBytes(parse(record, IdentifierRecord)) }], { ifAbsent: [key] })
}

/** In the order of the DIDs. */
export async function savedIdentifiers(store: Store): Promise<IdentifierRecord[]> {
  const records: IdentifierRecord[] = []
  for await (const [, bytes] of store.scan({ from: prefix, to: 'identifier0' })) records.push(recordOf(bytes)) // `0` follows `/`.
  return records
}

export async function savedIdentifier(store: Store, did: string): Promise<IdentifierRecord | undefined> {
  const bytes = await store.get(`${prefix}${did}`)
  return bytes && recordOf(bytes)
}

function recordOf(bytes: Uint8Array): IdentifierRecord {
  return parse(parseJson(bytes), IdentifierRecord)
}

/** The port's view of a record. */
export function identifierOf({ did, keyId, keys, didLog }: IdentifierRecord): Identifier {
  const ref = keys.find(({ role }) => role === 'assert')?.ref as KeyRef // `makeIdentifier` puts one in each record.
  return { did, keyId, keyRef: ref, ...(didLog !== undefined && { didLog }) }
}
