/** How an identifier is made, changed and written down: what the Veramo adapter and its twin in the simulator have in common. */
import { z } from 'zod'
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { nodeDocument, rekeyed, withPeers } from '#protocols/did/document.ts'
import { didJwkMethod, didJwkOf } from '#protocols/did/jwk.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { multikeyOf } from '#protocols/did/multikey.ts'
import { parseLocation } from '#protocols/did/web.ts'
import { eras, type VerifiedLog, verifyLog, verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { Proofs, signerOf, VersionId } from '#protocols/did/webvh-entry.ts'
import { type Approval, approvedBy, approversOf, withApprovals } from '#protocols/did/webvh-witness.ts'
import { createLog, updateLog } from '#protocols/did/webvh-write.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, DidUrl, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { PublicJwk } from '#protocols/keys.ts'
import type { Identifier, Identifiers, KeyRef, Store, Write } from '../ports.ts'

export type Wish = Parameters<Identifiers['create']>[0]

type Rotation = { readonly kind: 'rotate' } & NonNullable<Parameters<Identifiers['rotate']>[1]>
type End = { readonly kind: 'deactivate' } & NonNullable<Parameters<Identifiers['deactivate']>[1]>
export type Change = Rotation | End

/**
 * `assert` signs for the DID, and `former` did, as did `lost`, which the vault has no more; `update` signed the first entry of its log; `next` is the update key announced for the
 * next entry. An update key that has signed is spent, and is destroyed: there is nothing it may sign any more but a fork.
 */
const roles = ['assert', 'update', 'next', 'former', 'lost'] as const
export type KeyRole = (typeof roles)[number]

/** A key made for one DID: its name in the vault, and what may be seen of it. */
export interface FreshKey {
  readonly ref: KeyRef
  readonly publicJwk: PublicJwk
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** How the keys of an identifier are made and used. */
export interface Keys {
  fresh(): Promise<FreshKey>
  held(key: { readonly ref: string; readonly publicJwk: PublicJwk }): FreshKey
}

const prefix = 'identifier/'
/** A rotation a month for forty years. */
const keysMax = 512
/** Others refuse a version that is a minute ahead of their clock. */
const aheadMsMax = 30_000

const Held = z
  .array(z.strictObject({ ref: z.string().min(1).max(256), role: z.enum(roles), publicJwk: PublicJwk }))
  .min(1)
  .max(keysMax)

/** What the store keeps of an identifier. Closed: a private key has no member to hide in. */
export const IdentifierRecord = z.strictObject({
  did: Did,
  keyId: DidUrl,
  keys: Held,
  /** did:webvh only. */
  didLog: z
    .string()
    .max(1 << 20)
    .optional(),
  /** did:webvh with witnesses only: did-witness.json. */
  witnessProofs: z
    .string()
    .max(1 << 20)
    .optional(),
  /** did:webvh with witnesses only: what becomes of it when they have approved. */
  pending: z
    .strictObject({ versionId: VersionId, didLog: z.string().max(1 << 20), keyId: DidUrl, keys: Held, approvals: z.union([Proofs, z.tuple([])]) })
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
  const keyId = DidUrl.parse(methodOf(did, assert.publicJwk))
  return { did, keyId, keys: [named('assert', assert), named('update', update), named('next', next)], didLog: log }
}

/**
 * The identifier after a rotation or its end: one more entry of its log, signed by the key that the entry before announced.
 *
 * The entry's time is the next whole second, so that nothing signed up to now seems to come after it.
 *
 * @throws {TrustError} see Identifiers.rotate; nothing is written yet
 */
export async function changedIdentifier(record: IdentifierRecord, change: Change, keys: Keys, nowMs: number): Promise<IdentifierRecord> {
  const { did, didLog, witnessProofs, keyId } = record
  const next = record.keys.find(({ role }) => role === 'next')
  if (didLog === undefined) throw new TrustError('DFFT_KEY_FIXED', `the key of \`${did}\` is the DID itself`, { did })
  if (change.kind === 'rotate' && (change.compromisedSinceMs ?? nowMs) > nowMs)
    throw new TrustError('DFFT_USAGE', 'a key cannot be known to be compromised from an instant to come', { nowMs })
  const before = verifyLog(did, didLog, { nowMs: nowMs + aheadMsMax, witnessProofs })
  if (before.deactivated || !next) throw new TrustError('DFFT_DID_DEACTIVATED', `\`${did}\` was deactivated`, { did })
  if (record.pending) throw new TrustError('DFFT_KEY_WAITING', 'an entry of the DID log waits for its witnesses', { versionId: record.pending.versionId })
  const { log, ...changed } =
    change.kind === 'rotate' ? await rekey(record, change, before, next, keys, nowMs) : await end(record, change, before, next, keys, nowMs)
  const after = verifyUnwitnessed(did, log, nowMs + aheadMsMax)
  const { versionId } = after.versions.at(-1) ?? after.versions[0]
  if (approversOf(after)) return { ...record, pending: { versionId, didLog: log, keyId, ...changed, approvals: [] } }
  verifyLog(did, log, { nowMs: nowMs + aheadMsMax, witnessProofs })
  return { ...record, ...changed, didLog: log }
}

/**
 * The identifier with one more approval of the entry that waits, and published where that makes the threshold.
 *
 * @throws {TrustError} see Identifiers.approve; nothing is written yet
 */
export function approvedIdentifier({ pending, ...record }: IdentifierRecord, approval: Approval, nowMs: number): IdentifierRecord {
  if (!pending) throw new TrustError('DFFT_NOT_FOUND', 'no entry of the DID log waits for witnesses')
  const { versionId, didLog, keyId, keys } = pending
  const list = approversOf(verifyUnwitnessed(record.did, didLog, nowMs + aheadMsMax))
  if (!list) throw new TrustError('DFFT_STORE', 'the entry that waits has no witnesses')
  const given = [...pending.approvals, ...approvedBy(approval, { versionId, list }).values()]
  const approvals = [...new Map(given.map((proof) => [signerOf(proof), proof])).values()]
  if (approvals.length < list.threshold) return { ...record, pending: { ...pending, approvals } }
  const witnessProofs = withApprovals(record.witnessProofs, { versionId, proof: approvals })
  verifyLog(record.did, didLog, { nowMs: nowMs + aheadMsMax, witnessProofs })
  return { ...record, keyId, keys, didLog, witnessProofs }
}

type Held = IdentifierRecord['keys'][number]

async function rekey(
  { did, keyId, keys: held, didLog = '' }: IdentifierRecord,
  { compromisedSinceMs, retireFromMs, peerIds, lost = [], witness }: Rotation,
  before: VerifiedLog,
  next: Held,
  keys: Keys,
  nowMs: number,
) {
  if (held.length >= keysMax) throw new TrustError('DFFT_LIMIT', 'the identifier has had as many keys as one may have', { keysMax })
  const assert = await keys.fresh()
  const announced = await keys.fresh()
  const rekeyedDocument = rekeyed(before.document, { from: keyId, to: assert.publicJwk, revoked: doubted(held, before, compromisedSinceMs) })
  const document = peerIds ? { ...rekeyedDocument, service: withPeers(before.document, peerIds) } : rekeyedDocument
  const versionTimeMs = versionTime(before, nowMs, retireFromMs)
  const { log } = await updateLog({
    did,
    log: didLog,
    signer: keys.held(next),
    nextUpdateKeys: [announced.publicJwk],
    versionTimeMs,
    document,
    ...(witness !== undefined && { witness }),
  })
  const gone = new Set<string>(lost)
  const aged = ['assert', 'former', 'lost'] as const
  const retired = aged.flatMap((was) =>
    held.filter(({ role }) => role === was).map((key) => ({ ...key, role: was === 'lost' || gone.has(key.ref) ? ('lost' as const) : ('former' as const) })),
  )
  return { log, keyId: DidUrl.parse(methodOf(did, assert.publicJwk)), keys: [named('assert', assert), named('next', announced), ...retired] }
}

async function end({ did, keys: held, didLog = '' }: IdentifierRecord, { retireFromMs }: End, before: VerifiedLog, next: Held, keys: Keys, nowMs: number) {
  const versionTimeMs = versionTime(before, nowMs, retireFromMs)
  const { log } = await updateLog({ did, log: didLog, signer: keys.held(next), nextUpdateKeys: [], versionTimeMs, deactivate: true })
  return { log, keys: held.filter(({ role }) => role !== 'next' && role !== 'update') }
}

/** Our keys that were in use at or after the instant; who was doubted from an earlier one stays so. */
function doubted(held: readonly Held[], before: VerifiedLog, sinceMs: number | undefined) {
  if (sinceMs === undefined) return []
  const own = new Set(held.filter(({ role }) => role !== 'next' && role !== 'update').map(({ publicJwk }) => methodOf(before.did, publicJwk)))
  const used = eras(before).filter(({ keyId, untilMs }) => own.has(keyId) && (untilMs === null || untilMs > sinceMs))
  return used.map(({ keyId, jwk, revokedMs = sinceMs }) => ({ keyId, jwk, since: instant(Math.min(sinceMs, revokedMs)) }))
}

/** @throws {TrustError} DFFT_NOT_YET_VALID when our clock is behind the log's own */
function versionTime({ versions }: VerifiedLog, nowMs: number, notBeforeMs = nowMs): number {
  const lastMs = versions.at(-1)?.versionTimeMs ?? 0
  const ms = Math.max(Math.floor(Math.max(nowMs, lastMs) / 1000) * 1000 + 1000, Math.ceil(notBeforeMs / 1000) * 1000)
  if (ms > nowMs + aheadMsMax) throw new TrustError('DFFT_NOT_YET_VALID', 'the last entry of our DID log is of the future', { aheadMs: lastMs - nowMs })
  return ms
}

function methodOf(did: string, jwk: PublicJwk): string {
  return `${did}#${multikeyOf(jwk)}`
}

function named(role: KeyRole, { ref, publicJwk }: FreshKey): IdentifierRecord['keys'][number] {
  return { ref, role, publicJwk }
}

/**
 * Writes a new identifier, or one whose log goes on from the one that is there: an older copy never takes its place.
 *
 * @throws {TrustError} DFFT_CONFLICT when the DID is there already, DFFT_STORE
 */
export async function saveIdentifier(store: Store, record: IdentifierRecord): Promise<void> {
  const key = `${prefix}${record.did}`
  const write: Write = { put: key, value: canonicalBytes(parse(record, IdentifierRecord)) }
  const before = await savedIdentifier(store, record.did)
  if (!before) return store.batch([write], { ifAbsent: [key] })
  if (!goesOn(before, record))
    throw new TrustError('DFFT_CONFLICT', 'the identifier is there already, and this one does not go on from it', { did: record.did })
  await store.batch([write])
}

/** A log that is longer, as was announced where an entry waited; or an entry that waits and waited for more before. */
function goesOn(before: IdentifierRecord, { didLog, pending }: IdentifierRecord): boolean {
  if (before.didLog === undefined || didLog === undefined) return false
  const waited = before.pending
  if (didLog !== before.didLog) return pending === undefined && (waited ? didLog === waited.didLog : didLog.startsWith(before.didLog))
  if (!waited || !pending) return pending !== undefined
  return pending.versionId === waited.versionId && pending.approvals.length >= waited.approvals.length
}

/** Names in the vault that a change has left without a use. */
export function spentKeys(before: IdentifierRecord, after: IdentifierRecord): readonly KeyRef[] {
  const used = new Set([...after.keys, ...(after.pending?.keys ?? [])].map(({ ref }) => ref))
  return before.keys.flatMap(({ ref }) => (used.has(ref) ? [] : [ref as KeyRef])) // The vault named it.
}

/** The record of an identifier of this node. @throws {TrustError} DFFT_NOT_FOUND */
export async function existing(store: Store, did: string): Promise<IdentifierRecord> {
  const record = await savedIdentifier(store, did)
  if (!record) throw new TrustError('DFFT_NOT_FOUND', `\`${did.slice(0, 256)}\` is no identifier of this node`)
  return record
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
export function identifierOf({ did, keyId, keys, didLog, witnessProofs, pending }: IdentifierRecord): Identifier {
  const ref = keys.find(({ role }) => role === 'assert')?.ref as KeyRef // `makeIdentifier` puts one in each record.
  const former = keys.flatMap(({ role, ref, publicJwk }) =>
    role === 'former' || role === 'lost'
      ? [{ keyId: DidUrl.parse(methodOf(did, publicJwk)), keyRef: ref as KeyRef, ...(role === 'lost' && { lost: publicJwk }) }]
      : [],
  )
  const announced = keys.find(({ role }) => role === 'next')?.ref as KeyRef | undefined // As above.
  return {
    did,
    keyId,
    keyRef: ref,
    ...(announced !== undefined && { announced }),
    ...(former.length > 0 && { former }),
    ...(didLog !== undefined && { didLog }),
    ...(witnessProofs !== undefined && { witnessProofs }),
    ...(pending && { pending: { versionId: pending.versionId, didLog: pending.didLog, approved: pending.approvals.map(signerOf) as Did[] } }), // did:key, each.
  }
}
